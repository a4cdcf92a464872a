"""Import open receivables from a file: choose it, look at its columns, import, undo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QStackedWidget, QWidget
from shiboken6 import isValid

from paydesk.domain.importing import ImportReport, ImportRun, Reject
from paydesk.services.desk import Desk
from paydesk.services.importing import Cancelled, Preview, Progress, rejects_csv
from paydesk.ui import format as words
from paydesk.ui import handing_out, notify
from paydesk.ui.import_pages import ColumnsPage, ResultPage, RunningPage
from paydesk.ui.import_start import StartPage
from paydesk.ui.room import room_for
from paydesk.ui.tasks import Lanes
from paydesk.ui.theme import Space
from paydesk.ui.widgets import stack

SIZE = QSize(1000, 640)
"""Fits a screen of 1366 × 768 with its taskbar, in device-independent pixels."""


class ImportDialog(QDialog):
    """One window for all of it; the choosers can be replaced, and ask the person for a file.

    ``imported`` follows every import and every undoing: what is owed may be known otherwise now.
    """

    imported = Signal()

    def __init__(self, desk: Desk, lanes: Lanes, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("import.dialog")
        self.setWindowTitle("Import open invoices")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.resize(SIZE.boundedTo(room_for(self)))
        self._desk, self._lanes = desk, lanes
        self._zone = words.zone_of(desk.settings.time_zone)
        self._stopping: threading.Event | None = None
        self.choose_file: Callable[[QWidget], str] = ask_for_report
        self.choose_target: Callable[[QWidget, str, str, str], str] = handing_out.ask_for_file
        self.notice = notify.NoticeBar("import.notice")
        self.start_page, self.columns = StartPage(self._zone), ColumnsPage()
        self.running, self.result_page = RunningPage(), ResultPage()
        self._pages = QStackedWidget()
        for page in (self.start_page, self.columns, self.running, self.result_page):
            self._pages.addWidget(page)
        stack(self, self.notice, self._pages, spacing=Space.M, margin=Space.XL).setStretch(1, 1)
        self._connect()
        self._read_runs()

    def _connect(self) -> None:
        for page in (self.start_page, self.columns, self.result_page):
            page.another.connect(self.choose)
        self.start_page.undo.connect(self._undo)
        self.columns.wanted.connect(self._import)
        self.running.stop.connect(self._stop)
        self.result_page.save.connect(self._save)
        self.result_page.undo.connect(self._undo)
        self.result_page.closed.connect(self.reject)

    # ---- the file -------------------------------------------------------------------------

    def choose(self) -> None:
        """Ask for a file and look at it."""
        path = self.choose_file(self)
        if path:
            self.notice.say("Reading the file…")
            preview = self._desk.importing.preview
            self._lanes.lookup(lambda: preview(Path(path)), self._show_preview, self._fail, self)

    def _show_preview(self, preview: Preview) -> None:
        self.notice.clear()
        self.columns.show_preview(preview, self._zone)
        self._pages.setCurrentWidget(self.columns)

    # ---- the import -----------------------------------------------------------------------

    def _import(self) -> None:
        preview = self.columns.preview
        if preview is None:
            return
        self._stopping = stopping = threading.Event()
        scope, run = self.columns.scope.value, self._desk.importing.run

        def work() -> ImportReport:
            return run(preview, scope=scope, on_progress=self._tell, cancelled=stopping.is_set)

        self.notice.clear()
        self.running.show_stopping(False)
        self.running.show_progress(Progress(0.0, 0, 0))
        self._pages.setCurrentWidget(self.running)
        self._lanes.lookup(work, self._imported, self._stopped, self)

    def _tell(self, progress: Progress) -> None:
        self._lanes.post(lambda: self.running.show_progress(progress) if isValid(self) else None)

    def _imported(self, report: ImportReport) -> None:
        self._stopping = None
        self.result_page.show_report(report)
        self._pages.setCurrentWidget(self.result_page)
        self.imported.emit()

    def _stop(self) -> None:
        if self._stopping is not None:
            self._stopping.set()
            self.running.show_stopping(True)

    def _stopped(self, error: Exception) -> None:
        self._stopping = None
        self._pages.setCurrentWidget(self.columns)
        if isinstance(error, Cancelled):
            self.notice.say(error.sentence, error.next_step)
        else:
            notify.report(error, self.notice)

    def reject(self) -> None:
        """Close; a running import is stopped first, and closes only what is left of it."""
        if self._stopping is not None:
            self._stop()
        else:
            super().reject()

    # ---- afterwards -----------------------------------------------------------------------

    def _read_runs(self) -> None:
        runs = self._desk.importing.runs
        self._lanes.read(runs, self.start_page.show_runs, self._fail, self)

    def _undo(self, run: ImportRun) -> None:
        undo, wanted = self._desk.importing.undo, run.id
        self.notice.say("Taking it back…")
        self._lanes.lookup(lambda: undo(wanted), self._undone, self._fail, self)

    def _undone(self, run: ImportRun) -> None:
        self.notice.clear()
        self.result_page.show_undone(run)
        self._pages.setCurrentWidget(self.result_page)
        self.imported.emit()

    def _save(self, rejects: Sequence[Reject]) -> None:
        suggested = str(Path(handing_out.documents()) / "Rows not imported.csv")
        path = self.choose_target(self, suggested, "the rows that were not taken", "csv")
        if path:
            self._lanes.lookup(
                lambda: handing_out.save(rejects_csv(rejects), path),
                lambda _none: self.notice.say(f"Saved as {Path(path).name}.", kind="good"),
                self._fail,
                self,
            )

    def _fail(self, error: Exception) -> None:
        notify.report(error, self.notice)


def ask_for_report(parent: QWidget) -> str:
    """The file chosen to import, or ``""``."""
    kinds = "Reports (*.csv *.txt *.tsv *.xlsx)"
    path, _kind = QFileDialog.getOpenFileName(parent, "Import open invoices", handing_out.documents(), kinds)
    return path
