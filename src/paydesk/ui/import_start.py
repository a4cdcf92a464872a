"""Where an import begins: what a file needs, and the imports so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from paydesk.domain.importing import ImportRun
from paydesk.ui import format as words
from paydesk.ui.models import Column, TableModel
from paydesk.ui.tables import Table
from paydesk.ui.theme import Space
from paydesk.ui.widgets import button, card, label, row, stack

_NEEDED = (
    "A CSV or Excel report of open receivables, with at least the invoice number, the customer's number "
    "and name, and the balance. Nothing is imported before you have seen what its columns mean."
)


class StartPage(QWidget):
    """``another`` asks for a file, ``undo`` carries the newest run."""

    another = Signal()
    undo = Signal(object)

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._newest: ImportRun | None = None
        self.model = TableModel(_columns(zone), self)
        table = Table("import.runs", "Imports so far", self.model)
        table.set_widths({"when": 170, "who": 150, "count": 110, "open": 130, "what": 150}, stretch="file")
        around = card("import.runs.card")
        stack(around, table, margin=1)
        about = label(_NEEDED, "muted", "import.needed")
        about.setWordWrap(True)
        choose = button("Choose a file…", "import.choose", key="Ctrl+O", role="primary")
        choose.clicked.connect(self.another)
        self._undo = button("Undo the newest", "import.undo_newest", icon="undo")
        self._undo.clicked.connect(lambda: self.undo.emit(self._newest))
        foot = row(self._undo)
        foot.addStretch(1)
        foot.addWidget(choose)
        body = stack(self, label("Import open invoices", "title"), about, spacing=Space.M)
        self._caption = label("", "caption", "import.runs.caption")
        body.addWidget(self._caption)
        body.addWidget(around, 1)
        body.addLayout(foot)
        self.show_runs([])

    def show_runs(self, runs: Sequence[ImportRun]) -> None:
        """Show what was imported so far, the newest first."""
        self.model.show(runs)
        self._caption.setText("Imports so far" if runs else "Nothing was imported so far.")
        self._newest = next((run for run in runs if run.undone_at is None), None)
        self._undo.setVisible(self._newest is not None)


def _columns(zone: tzinfo) -> list[Column[ImportRun]]:
    def when(run: ImportRun) -> str:
        on = words.day(run.started_at.astimezone(zone).date())
        return f"{on} {words.time_of_day(run.started_at, zone)}"

    return [
        Column("file", "File", lambda run: run.file_name),
        Column("when", "Imported", when),
        Column("who", "By", lambda run: f"{run.user} at {run.desk}"),
        Column("count", "Invoices", lambda run: f"{run.accepted:,}", right=True),
        Column("open", "Open", lambda run: words.money(run.open_total), right=True),
        Column("what", "", _became, tint=lambda run: "muted" if run.undone_at else "good"),
    ]


def _became(run: ImportRun) -> str:
    if run.undone_at is not None:
        return "Taken back"
    return "In use" if run.finished_at is not None else "Not finished"
