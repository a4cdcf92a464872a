"""The pages of an import: progress, and result."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from paydesk.domain.invoices.importing import ImportReport, ImportRun, Reject
from paydesk.services.invoices.import_words import not_closed
from paydesk.services.invoices.importing import Progress
from paydesk.ui.imports import words
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, card, label, row, stack
from paydesk.ui.lists.model import Column, TableModel
from paydesk.ui.lists.table import Table


class RunningPage(QWidget):
    """The progress of the import. ``stop`` asks to stop and undo it."""

    stop = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._bar = QProgressBar()
        self._bar.setMaximum(1000)
        self._bar.setTextVisible(False)
        self._bar.setObjectName("import.progress")
        self._bar.setAccessibleName(words.PROGRESS)
        self._bar.setFixedHeight(8)
        self._said = label("", "body", "import.progress.text")
        self._stop = button(words.STOP, "import.stop", key="Esc")
        self._stop.clicked.connect(self.stop)
        body = stack(self, label(words.IMPORTING, "title"), self._said, self._bar, spacing=Space.M)
        buttons = row(self._stop)
        buttons.addStretch(1)
        body.addLayout(buttons)
        body.addStretch(1)

    def show_progress(self, progress: Progress) -> None:
        """Show the progress."""
        self._bar.setValue(round(progress.done * 1000))
        self._said.setText(words.read_so_far(progress.accepted, progress.rejected))

    def show_stopping(self, stopping: bool) -> None:
        """Show that the import is stopping, which takes a moment."""
        self._stop.setEnabled(not stopping)
        if stopping:
            self._said.setText(words.STOPPING)


class ResultPage(QWidget):
    """The result of an import, with the rejected rows.

    ``save`` carries the rejected rows, ``undo`` the run, ``close_missing`` the run whose invoices to close
    are confirmed. ``another`` asks for another file.
    """

    save = Signal(object)
    close_missing = Signal(object)
    undo = Signal(object)
    another = Signal()
    closed = Signal()

    def __init__(self, *, only_searched: bool) -> None:
        super().__init__()
        self._only_searched = only_searched
        self._run: ImportRun | None = None
        self._rejects: tuple[Reject, ...] = ()
        self._title = label("", "title", "import.result")
        self._facts = label("", "body", "import.facts")
        self._facts.setWordWrap(True)
        self._left_open = label("", "warning", "import.left_open")
        self._left_open.setWordWrap(True)
        self._confirm = button("", "import.close_missing")
        self._confirm.clicked.connect(lambda: self.close_missing.emit(self._run))
        self.model = TableModel(_REJECTS, self)
        self.table = Table("import.rejects", words.REJECTS, self.model)
        self.table.fit_columns(stretch="cells")
        self.table.let_select_several()
        self._card = card("import.rejects.card")
        stack(self._card, self.table, margin=1)
        self._save = button(words.SAVE_REJECTS, "import.save", key="Ctrl+S", icon="save")
        self._undo = button(words.UNDO, "import.undo", icon="undo")
        other = button(words.ANOTHER_FILE, "import.next", key="Ctrl+O")
        close = button(words.CLOSE, "import.close", key="Esc", role="primary")
        self._save.clicked.connect(lambda: self.save.emit(self._rejects))
        self._undo.clicked.connect(lambda: self.undo.emit(self._run))
        other.clicked.connect(self.another)
        close.clicked.connect(self.closed)
        missing = row(self._left_open, self._confirm)
        missing.setStretch(0, 1)
        foot = row(self._undo, self._save)
        foot.addStretch(1)
        foot.addWidget(other)
        foot.addWidget(close)
        body = stack(self, self._title, self._facts, spacing=Space.S)
        body.addLayout(missing)
        body.addWidget(self._card, 1)
        body.addStretch()
        body.addLayout(foot)

    def show_report(self, report: ImportReport) -> None:
        """Show the result of an import."""
        self._run, self._rejects = report.run, report.rejects
        self._title.setText(words.IMPORTED_BEFORE if report.same else words.IMPORTED)
        said = _result(report)
        self._facts.setText(f"{said} {words.ONLY_SEARCHED}" if self._only_searched else said)
        self.model.show(report.rejects)
        self._card.setVisible(bool(report.rejects))
        self._save.setVisible(bool(report.rejects))
        self._undo.setVisible(True)
        self._show_open(report.run)

    def show_closed(self, run: ImportRun) -> None:
        """Show that the invoices which the file lacks are closed."""
        self._run = run
        self._title.setText(words.CLOSED_NOW)
        self._facts.setText(words.invoices_closed(run.closed))
        self._show_open(run)

    def _show_open(self, run: ImportRun) -> None:
        said = not_closed(run)
        self._left_open.setText(said)
        self._left_open.setVisible(bool(said))
        self._confirm.setText(words.close_them(run.missing))
        self._confirm.setVisible(run.asks)

    def show_undone(self, run: ImportRun) -> None:
        """Show that the import was undone."""
        self._title.setText(words.taken_back(run.file_name))
        self._facts.setText(words.KNOWN_AGAIN)
        for gone in (self._undo, self._left_open, self._confirm, self._card, self._save):
            gone.setVisible(False)


def _result(report: ImportReport) -> str:
    """Return an import's result in sentences. Compare the sum with the report's own total."""
    run = report.run
    said = [words.invoices_taken(run.accepted, fmt.dollars(run.open_total))]
    if report.customers and not run.accepted:
        said = [words.customers_taken(report.customers)]
    if run.closed:
        said.append(words.invoices_closed(run.closed))
    if report.newer:
        said.append(words.rows_older(report.newer))
    if report.skipped:
        said.append(words.rows_passed_over(report.skipped))
    if report.lost_count:
        first = report.lost[0]
        said.append(words.cells_lost(report.lost_count, first.line, first.reason))
    said += [words.own_figure(figure) for figure in report.figures[-3:]]
    if report.rejects:
        said.append(words.rows_rejected(len(report.rejects)))
    return " ".join(said)


_MOST_REASON = 520
"""Most width of the reasons, in device-independent pixels. The tip shows all."""


def _line(reject: Reject) -> int:
    return reject.line


_REJECTS: list[Column[Reject]] = [
    Column("line", words.REJECT_COLUMNS["line"], lambda reject: str(reject.line), _line, right=True),
    Column("reason", words.REJECT_COLUMNS["reason"], lambda reject: reject.reason, most=_MOST_REASON),
    Column(
        "cells",
        words.REJECT_COLUMNS["cells"],
        lambda reject: " · ".join(cell for cell in reject.cells if cell),
    ),
]
