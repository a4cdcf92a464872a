"""The pages of an import: what the columns mean, how far it is, and what became of each row."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QProgressBar, QVBoxLayout, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.importing import Columns, Field, Header, ImportReport, ImportRun, Reject, Scope
from paydesk.services.importing import Preview, Progress
from paydesk.ui import format as words
from paydesk.ui.form import Choice
from paydesk.ui.import_drag import FieldChoice, TitleDrag
from paydesk.ui.models import Column, TableModel
from paydesk.ui.room import scrolled
from paydesk.ui.tables import Table
from paydesk.ui.theme import Space
from paydesk.ui.widgets import button, card, label, row, stack

SampleRow = tuple[int, tuple[str, ...]]
NOT_THERE = "–"
"""What stands in the choice of a field that the file does not have."""

_ACROSS = 3


class ColumnsPage(QWidget):
    """What each field is read from, to be corrected by choice or drag; the first rows below as they stand.

    ``wanted`` asks for the import, ``another`` for another file.
    """

    wanted = Signal()
    another = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("import.columns")
        self._preview: Preview | None = None
        self._header: Header | None = None
        self._title = label("", "title", "import.file")
        self._about = label("", "muted", "import.about")
        self._problem = label("", "problem", "import.problem")
        self._customers_only = label(
            "Without an invoice number, only customers and ZIPs are taken.", "warning", "import.customers"
        )
        self.choices = {field: self._choice(field) for field in Field}
        self.scope = Choice(
            "import.scope",
            "What the file holds",
            [(Scope.WHOLE, "All that is open"), (Scope.CUSTOMERS, "Only some customers")],
        )
        self._sample = QVBoxLayout()
        self._go = button("Import", "import.go", key="F9", role="primary")
        self._other = button("Another file…", "import.another", key="Ctrl+O")
        self._go.clicked.connect(self.wanted)
        self._other.clicked.connect(self.another)
        self._lay_out()

    def _choice(self, field: Field) -> FieldChoice:
        made = FieldChoice()
        made.setObjectName(f"import.column.{field.value}")
        made.setAccessibleName(field_words(field))
        made.activated.connect(lambda _place, field=field: self._chosen(field))
        return made

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.XS)
        for place, (field, choice) in enumerate(self.choices.items()):
            down, across = divmod(place, _ACROSS)
            caption = label(field_words(field), "caption")
            caption.setBuddy(choice)
            grid.addWidget(caption, 2 * down, across)
            grid.addWidget(choice, 2 * down + 1, across)
        foot = row(self._other, self._problem, self._customers_only)
        foot.addStretch(1)
        foot.addWidget(self._go)
        head = row(self.scope)
        head.addStretch(1)
        body = stack(self, self._title, self._about, head, spacing=Space.S)
        content = QWidget()
        inner = stack(content, spacing=Space.S)
        inner.addLayout(grid)
        inner.addLayout(self._sample, 1)
        body.addWidget(scrolled(content), 1)
        body.addLayout(foot)

    @property
    def preview(self) -> Preview | None:
        """The file with its columns as they are chosen now."""
        if self._preview is None or self._header is None:
            return None
        was = self._preview
        return Preview(was.report, self._header, was.sample, was.as_of, was.confirmed)

    def show_preview(self, preview: Preview, zone: tzinfo) -> None:
        """Show what was recognised."""
        self._preview, self._header = preview, preview.header
        self._title.setText(preview.report.path.name)
        known = (
            "Its columns are as somebody chose them before."
            if preview.confirmed
            else "Look whether each column is what it says; choose, or drag its title onto the field."
        )
        as_of = words.day(preview.as_of.astimezone(zone).date())
        self._about.setText(f"Headings in line {preview.header.line}, balances of {as_of}. {known}")
        for choice in self.choices.values():
            choice.clear()
            choice.addItems([NOT_THERE, *(heading for heading in preview.header.headings if heading)])
        self._show_sample(preview)
        self._show_columns()

    def _show_sample(self, preview: Preview) -> None:
        while (item := self._sample.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        columns = [_cell(at, heading) for at, heading in enumerate(preview.header.headings)]
        model = TableModel(columns, self)
        model.show([line for line in preview.sample if line[0] > preview.header.line])
        table = Table("import.sample", "The first rows of the file", model)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        TitleDrag(table.horizontalHeader(), preview.header.headings)
        self._sample.addWidget(table)

    def _chosen(self, field: Field) -> None:
        if self._header is not None:
            heading = self.choices[field].currentText()
            self._header = self._header.with_column(field, "" if heading == NOT_THERE else heading)
            self._show_columns()

    def _show_columns(self) -> None:
        assert self._header is not None
        columns = self._header.columns
        for field, choice in self.choices.items():
            at = columns.of.get(field)
            choice.setCurrentText(NOT_THERE if at is None else self._header.headings[at])
        self._problem.setText(_missing(columns))
        self._customers_only.setVisible(columns.customers_only and not self._problem.text())
        self._go.setEnabled(not self._problem.text())


class RunningPage(QWidget):
    """How far the import is; ``stop`` asks for it to be taken back."""

    stop = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._bar = QProgressBar(maximum=1000, textVisible=False)
        self._bar.setObjectName("import.progress")
        self._bar.setAccessibleName("How much of the file has been read")
        self._bar.setFixedHeight(8)
        self._said = label("", "body", "import.progress.text")
        self._stop = button("Stop and take it back", "import.stop", key="Esc")
        self._stop.clicked.connect(self.stop)
        body = stack(self, label("Importing…", "title"), self._said, self._bar, spacing=Space.M)
        buttons = row(self._stop)
        buttons.addStretch(1)
        body.addLayout(buttons)
        body.addStretch(1)

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        self._bar.setValue(round(progress.done * 1000))
        rejected = f", {words.count(progress.rejected, 'row')} not taken" if progress.rejected else ""
        self._said.setText(f"{words.count(progress.accepted, 'invoice')} so far{rejected}.")

    def show_stopping(self, stopping: bool) -> None:
        """It was asked to stop, which takes a moment."""
        self._stop.setEnabled(not stopping)
        if stopping:
            self._said.setText("Stopping; nothing of the file is kept.")


class ResultPage(QWidget):
    """What an import did, and the rows it did not take.

    ``save`` carries the rejected rows, ``undo`` the run, ``another`` asks for another file.
    """

    save = Signal(object)
    undo = Signal(object)
    another = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._run: ImportRun | None = None
        self._rejects: tuple[Reject, ...] = ()
        self._title = label("", "title", "import.result")
        self._facts = label("", "body", "import.facts")
        self._facts.setWordWrap(True)
        self.model = TableModel(_REJECTS, self)
        self.table = Table("import.rejects", "Rows that were not taken", self.model)
        self.table.set_widths({"line": 80, "reason": 380}, stretch="cells")
        self._card = card("import.rejects.card")
        stack(self._card, self.table, margin=1)
        self._save = button("Save these rows…", "import.save", key="Ctrl+S", icon="save")
        self._undo = button("Undo this import", "import.undo", icon="undo")
        other = button("Another file…", "import.next", key="Ctrl+O")
        close = button("Close", "import.close", key="Esc", role="primary")
        self._save.clicked.connect(lambda: self.save.emit(self._rejects))
        self._undo.clicked.connect(lambda: self.undo.emit(self._run))
        other.clicked.connect(self.another)
        close.clicked.connect(self.closed)
        foot = row(self._undo, self._save)
        foot.addStretch(1)
        foot.addWidget(other)
        foot.addWidget(close)
        body = stack(self, self._title, self._facts, spacing=Space.S)
        body.addWidget(self._card, 1)
        body.addStretch()
        body.addLayout(foot)

    def show_report(self, report: ImportReport) -> None:
        """Show what became of the file."""
        self._run, self._rejects = report.run, report.rejects
        self._title.setText("This file was imported before: nothing changed" if report.same else "Imported")
        self._facts.setText(report_words(report))
        self.model.show(report.rejects)
        self._card.setVisible(bool(report.rejects))
        self._save.setVisible(bool(report.rejects))
        self._undo.setVisible(True)

    def show_undone(self, run: ImportRun) -> None:
        """The import was taken back."""
        self._title.setText(f"{run.file_name} was taken back")
        self._facts.setText("What was known before it is known again.")
        self._undo.setVisible(False)


def _cell(at: int, heading: str) -> Column[SampleRow]:
    return Column(str(at), heading, lambda line: line[1][at] if at < len(line[1]) else "")


def report_words(report: ImportReport) -> str:
    """What an import did, in sentences; the sum is to be compared with the report's own total."""
    run = report.run
    said = [f"{words.count(run.accepted, 'invoice')} taken, {words.dollars(run.open_total)} open in all."]
    if report.customers and not run.accepted:
        said = [f"{words.count(report.customers, 'customer')} taken."]
    if run.closed:
        said.append(f"{words.count(run.closed, 'invoice')} of an earlier file closed.")
    if report.newer:
        said.append(f"{words.count(report.newer, 'row')} left out: PayDesk has newer figures.")
    if report.skipped:
        said.append(f"{words.count(report.skipped, 'title, total or blank row')} passed over.")
    if report.rejects:
        said.append(f"{words.count(len(report.rejects), 'row')} not taken; each says why.")
    return " ".join(said)


def field_words(field: Field) -> str:
    """A field's name as people say it."""
    return field.value.replace("_", " ").replace("zip", "ZIP").capitalize().replace("Zip", "ZIP")


def _missing(columns: Columns) -> str:
    try:
        columns.check()
    except KnownError:
        named = ", ".join(field_words(field).lower() for field in columns.missing())
        return f"Choose the column of: {named}."
    return ""


_REJECTS: list[Column[Reject]] = [
    Column("line", "Line", lambda reject: str(reject.line), right=True),
    Column("reason", "Why", lambda reject: reject.reason),
    Column("cells", "Row", lambda reject: " · ".join(cell for cell in reject.cells if cell)),
]
