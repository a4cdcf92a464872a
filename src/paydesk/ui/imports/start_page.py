"""The first page of an import: what a file needs, and the imports so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from paydesk.domain.invoices.importing import ImportRun
from paydesk.ui.imports import words
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.announce import announce
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import be_default, button, card, label, row, stack
from paydesk.ui.lists.empty import EmptyList
from paydesk.ui.lists.model import Column, TableModel
from paydesk.ui.lists.table import Table


class StartPage(QWidget):
    """The page. ``another`` asks for a file, ``undo`` carries the newest run once the person is sure.

    With ``only_searched``, it says that this desk does not take payments by imported invoices.
    """

    another = Signal()
    undo = Signal(object)
    closed = Signal()

    def __init__(self, zone: tzinfo, *, only_searched: bool) -> None:
        super().__init__()
        self._newest: ImportRun | None = None
        self.model = TableModel(_columns(zone), self)
        table = Table("import.runs", words.IMPORTS, self.model)
        table.fit_columns(stretch="file", spare=("who",))
        self._table, self._empty = table, EmptyList("import.empty", icon="inbox")
        self._empty.say(words.NO_IMPORTS, "")
        around = card("import.runs.card")
        stack(around, table, self._empty, margin=1)
        about = label(words.NEEDED, "muted", "import.needed")
        about.setWordWrap(True)
        choose = self._choose = button(words.CHOOSE_FILE, "import.choose", key="Ctrl+O", role="primary")
        choose.clicked.connect(self.another)
        self._undo = button(words.UNDO_NEWEST, "import.undo_newest", icon="undo")
        self._undo.clicked.connect(lambda: self._ask(True))
        close = button(words.CLOSE, "import.leave", key="Esc")
        close.clicked.connect(self.closed)
        foot = row(self._undo)
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(choose)
        be_default(choose, self._undo, close)
        self._question = self._new_question()
        only = label(words.ONLY_SEARCHED, "warning", "import.only_searched")
        only.setWordWrap(True)
        only.setVisible(only_searched)
        body = stack(self, label(words.TITLE, "title"), about, only, spacing=Space.M)
        self._caption = label(words.IMPORTS, "caption", "import.runs.caption")
        body.addWidget(self._caption)
        body.addWidget(around, 1)
        body.addWidget(self._question)
        body.addLayout(foot)
        self.show_runs([])

    def _new_question(self) -> QWidget:
        """Return the question before an undo, hidden. Its buttons are not where **Undo last import** is."""
        question = QWidget()
        self._asked = label("", "warning", "import.undo_question")
        self._asked.setWordWrap(True)
        keep = button(words.KEEP_IMPORT, "import.undo_no")
        keep.clicked.connect(lambda: self._ask(False))
        keep.setAutoDefault(True)
        self._sure = button(words.UNDO, "import.undo_yes", icon="undo")
        self._sure.clicked.connect(lambda: self.undo.emit(self._newest))
        self._sure.setAutoDefault(True)
        line = row()
        line.addWidget(self._asked, 1)
        line.addWidget(keep)
        line.addWidget(self._sure)
        question.setLayout(line)
        return question

    def _ask(self, asked: bool) -> None:
        self._question.setVisible(asked)
        self._undo.setDisabled(asked)
        self._sure.setDefault(asked)
        self._choose.setDefault(not asked)
        if asked and self._newest is not None:
            self._asked.setText(words.undo_sure(self._newest.file_name))
            announce(self._asked)
            self._sure.setFocus()
        else:
            self._choose.setFocus()  # Enter goes on: the list is only to be looked at

    def show_runs(self, runs: Sequence[ImportRun]) -> None:
        """Show the imports so far, newest first."""
        self.model.show(runs)
        for part in (self._caption, self._table):
            part.setVisible(bool(runs))
        self._empty.setVisible(not runs)
        self._newest = next((run for run in runs if run.undone_at is None), None)
        self._undo.setVisible(self._newest is not None)
        self._ask(False)


def _columns(zone: tzinfo) -> list[Column[ImportRun]]:
    def when(run: ImportRun) -> str:
        on = fmt.day(run.started_at.astimezone(zone).date())
        return words.imported_at(on, fmt.time_of_day(run.started_at, zone))

    titles = words.IMPORT_COLUMNS
    return [
        Column("file", titles["file"], lambda run: run.file_name),
        Column("when", titles["when"], when, lambda run: run.started_at, down=True),
        Column("who", titles["who"], lambda run: words.imported_by(run.user, run.desk)),
        Column("count", titles["count"], lambda run: f"{run.accepted:,}", _count, right=True, down=True),
        Column("open", titles["open"], lambda run: fmt.money(run.open_total), _open, right=True, down=True),
        Column("what", titles["what"], _became, tint=lambda run: "muted" if run.undone_at else "good"),
    ]


def _count(run: ImportRun) -> int:
    return run.accepted


def _open(run: ImportRun) -> int:
    return run.open_total.cents


def _became(run: ImportRun) -> str:
    if run.undone_at is not None:
        return words.TAKEN_BACK
    return words.IN_USE if run.finished_at is not None else words.NOT_FINISHED
