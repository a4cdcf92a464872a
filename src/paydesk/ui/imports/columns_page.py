"""The columns of a file before its import: their meaning, and the evidence of its rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from paydesk.domain.invoices.columns import AGING, IGNORED, Columns, Header
from paydesk.domain.invoices.headings import Field
from paydesk.services.invoices.import_preview import Preview
from paydesk.ui.imports import words
from paydesk.ui.imports.answers import AnswersRow
from paydesk.ui.imports.column_choice import FieldChoice, TitleDrag
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import theme
from paydesk.ui.kit.form import Choice
from paydesk.ui.kit.scrolling import scrolled
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, stack
from paydesk.ui.lists.model import Column, TableModel
from paydesk.ui.lists.table import Table

SampleRow = tuple[int, tuple[str, ...]]
_ACROSS = 4
_MOST = 240
"""Most width of a sample's column, in device-independent pixels. The tip shows all."""
_SEEN = 4
"""Most rows of the sample that are seen without scrolling it."""


class ColumnsPage(QWidget):
    """The column of each field, to correct by choice or drag. The file's first rows are above, unchanged.

    ``wanted`` asks for the import, ``another`` for another file, ``looked`` for a look at other columns, and
    ``answered`` carries a person's Answers.
    """

    wanted = Signal()
    looked = Signal()
    answered = Signal(object)
    another = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("import.columns")
        self._preview: Preview | None = None
        self._header: Header | None = None
        self._title = label("", "title", "import.file")
        self._about = label("", "muted", "import.about")
        self._problem = label("", "problem", "import.problem")
        self._customers_only = label(words.CUSTOMERS_ONLY, "warning", "import.customers")
        self._evidence = label("", "body", "import.evidence")
        for text in (self._about, self._evidence, self._problem, self._customers_only):
            text.setWordWrap(True)
        self.answers = AnswersRow()
        self.answers.changed.connect(self.answered)
        self.choices = {field: self._choice(field, words.FIELDS[field]) for field in Field}
        self.lists = {name: self._choice(name, words.LISTS[name]) for name in (AGING, IGNORED)}
        self.scope = Choice("import.scope", words.SCOPE, words.SCOPES.items())
        self._sample = QVBoxLayout()
        self._go = button(words.IMPORT, "import.go", key="F9", role="primary")
        self._other = button(words.ANOTHER_FILE, "import.another", key="Ctrl+O")
        self._go.clicked.connect(self.wanted)
        self._other.clicked.connect(self.another)
        self._lay_out()

    def _choice(self, name: Field | str, spoken: str) -> FieldChoice:
        made = FieldChoice()
        made.setObjectName(f"import.column.{name}")
        made.setAccessibleName(spoken)
        made.activated.connect(lambda place: self._chosen(name, place))
        return made

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.XS)
        captioned = [(words.FIELDS[field], choice) for field, choice in self.choices.items()]
        captioned += [(words.LISTS[name], choice) for name, choice in self.lists.items()]
        for place, (text, choice) in enumerate(captioned):
            down, across = divmod(place, _ACROSS)
            caption = label(text, "caption")
            caption.setBuddy(choice)
            grid.addWidget(caption, 2 * down, across)
            grid.addWidget(choice, 2 * down + 1, across)
        foot = row(self._other, self._problem, self._customers_only)
        for said in (self._problem, self._customers_only):
            foot.setStretchFactor(said, 1)
        foot.addWidget(self._go)
        head = row(label(words.SCOPE, "caption"), self.scope)
        head.addStretch(1)
        body = stack(self, self._title, self._about, self._evidence, self.answers, head, spacing=Space.S)
        content = QWidget()
        inner = stack(content, spacing=Space.S)
        inner.addLayout(self._sample)
        inner.addLayout(grid)
        inner.addStretch(1)
        body.addWidget(scrolled(content, words.COLUMNS_SPOKEN), 1)
        body.addLayout(foot)

    @property
    def preview(self) -> Preview | None:
        """The file with the columns chosen now."""
        if self._preview is None or self._header is None:
            return None
        return replace(self._preview, header=self._header)

    def show_preview(self, preview: Preview, zone: tzinfo) -> None:
        """Show a file with its recognized columns."""
        self._preview, self._header = preview, preview.header
        self._title.setText(preview.report.path.name)
        as_of = preview.as_of.astimezone(zone)
        self._about.setText(
            words.about_file(
                preview.header.line, fmt.day(as_of.date()), preview.age, confirmed=preview.confirmed
            )
        )
        self.scope.choose(preview.scope)
        names = preview.header.names
        for choice in (*self.choices.values(), *self.lists.values()):
            choice.clear()
            choice.addItem(words.NOT_THERE, None)
            for at, name in enumerate(names):
                choice.addItem(name, at)
        self.answers.show_preview(preview, zone)
        self._show_sample(preview)
        self._show_columns()

    def show_look(self, preview: Preview, zone: tzinfo) -> None:
        """Show what other columns make of the file. The scope that was chosen stays."""
        scope = self.scope.value
        self.show_preview(preview, zone)
        self.scope.choose(scope)

    def _show_sample(self, preview: Preview) -> None:
        while (item := self._sample.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        columns = [_cell(at, heading) for at, heading in enumerate(preview.header.names)]
        model = TableModel(columns, self)
        model.show([line for line in preview.sample if line[0] > preview.header.line])
        table = Table("import.sample", words.SAMPLE, model)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        table.be_unsorted()
        if columns:
            table.fit_columns(stretch=columns[-1].name)
        TitleDrag(table.horizontalHeader(), preview.header.names)
        rows = min(len(model.rows), _SEEN)
        table.setFixedHeight(table.horizontalHeader().height() + rows * theme.ROW_HEIGHT)
        self._sample.addWidget(table)
        self.setTabOrder(self.scope.findChildren(QPushButton)[-1], table)

    def _chosen(self, name: Field | str, place: int) -> None:
        if self._header is None:
            return
        choice = self.choices[name] if isinstance(name, Field) else self.lists[name]
        self._header = self._header.with_columns(_renamed(self._header.columns, name, choice.itemData(place)))
        self._show_columns()
        self.looked.emit()

    def _show_columns(self) -> None:
        assert self._header is not None
        assert self._preview is not None
        columns, names = self._header.columns, self._header.names
        for field, choice in self.choices.items():
            at = columns.of.get(field)
            choice.setCurrentIndex(0 if at is None else at + 1)
        for name, parts in ((AGING, columns.aging), (IGNORED, columns.ignored)):
            self.lists[name].setItemText(0, ", ".join(names[at] for at in parts) or words.NOT_THERE)
            self.lists[name].setCurrentIndex(0)
        current = self._preview.survey.header == self._header
        self._evidence.setText(words.evidence(self._preview) if current else "")
        self._problem.setText(self._doubt(columns, current=current))
        self._customers_only.setVisible(columns.customers_only and not self._problem.text())
        self._go.setEnabled(not self._problem.text())

    def _doubt(self, columns: Columns, *, current: bool) -> str:
        """Return what stands in the way of an import, or ""."""
        assert self._preview is not None
        missing = columns.missing(customer_told=self._preview.answers.customer is not None)
        if missing:
            return words.columns_missing(", ".join(words.FIELDS[field].lower() for field in missing))
        questions = self._preview.questions if current else ()
        return words.question(questions[0]) if questions else ""


def _renamed(columns: Columns, name: Field | str, at: int | None) -> Columns:
    """Return the columns after a choice. A part that is chosen again is none any more."""
    if at is None:
        if isinstance(name, Field):
            return columns.without(name)
        return replace(columns, aging=()) if name == AGING else replace(columns, ignored=())
    if (name == AGING and at in columns.aging) or (name == IGNORED and at in columns.ignored):
        return columns.unnamed(at)
    return columns.named(name, at)


def _cell(at: int, heading: str) -> Column[SampleRow]:
    return Column(str(at), heading, lambda line: line[1][at] if at < len(line[1]) else "", most=_MOST)
