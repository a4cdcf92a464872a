"""Import open receivables from a file: choose it, check its columns, import, undo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QStackedWidget, QWidget
from shiboken6 import isValid

from paydesk.config.settings import Source
from paydesk.domain.invoices.columns import Header
from paydesk.domain.invoices.importing import ImportReport, ImportRun, Reject
from paydesk.domain.spreadsheet import file_of
from paydesk.services.desk.desk import Desk
from paydesk.services.invoices.import_preview import Answers, Preview
from paydesk.services.invoices.importing import Cancelled, Progress, rejects_table
from paydesk.ui.imports import words
from paydesk.ui.imports.columns_page import ColumnsPage
from paydesk.ui.imports.pages import ResultPage, RunningPage
from paydesk.ui.imports.start_page import StartPage
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import notices
from paydesk.ui.kit.scrolling import room_for
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import stack
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt import print_and_save

SIZE = QSize(1000, 640)
"""Fits a screen of 1366 × 768 with its taskbar, in device-independent pixels."""


class ImportDialog(QDialog):
    """The import dialog with all its pages. Tests replace ``choose_file`` and ``choose_target``.

    ``imported`` follows every import and every undo, because balances may have changed.
    """

    imported = Signal()

    def __init__(self, desk: Desk, lanes: Lanes, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("import.dialog")
        self.setWindowTitle(words.TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.resize(SIZE.boundedTo(room_for(self)))
        self._desk, self._lanes = desk, lanes
        self._zone = fmt.zone_of(desk.settings.time_zone)
        self._stopping: threading.Event | None = None
        self.choose_file: Callable[[QWidget], str] = ask_for_report
        self.choose_target: Callable[[QWidget, str, str, str], str] = print_and_save.ask_for_file
        self.notice = notices.NoticeBar("import.notice")
        by_files = desk.settings.ams360.source is Source.FILES
        self.start_page, self.columns = StartPage(self._zone, only_searched=not by_files), ColumnsPage()
        self.running, self.result_page = RunningPage(), ResultPage(only_searched=not by_files)
        self._pages = QStackedWidget()
        for page in (self.start_page, self.columns, self.running, self.result_page):
            self._pages.addWidget(page)
        stack(self, self.notice, self._pages, spacing=Space.M, margin=Space.XL).setStretch(1, 1)
        mark_world(self)
        self._connect()
        self._read_runs()

    def _connect(self) -> None:
        for page in (self.start_page, self.columns, self.result_page):
            page.another.connect(self.choose)
        self.start_page.undo.connect(self._undo)
        self.columns.wanted.connect(self._import)
        self.columns.looked.connect(self._look_again)
        self.columns.answered.connect(self._answer)
        self.result_page.close_missing.connect(self._close_missing)
        self.running.stop.connect(self._stop)
        self.result_page.save.connect(self._save)
        self.result_page.undo.connect(self._undo)
        for last in (self.start_page, self.result_page):
            last.closed.connect(self.reject)

    # ---- the file -------------------------------------------------------------------------

    def choose(self) -> None:
        """Ask for a file and preview it."""
        path = self.choose_file(self)
        if path:
            self.notice.say(words.READING)
            preview = self._desk.importing.preview
            self._lanes.lookup.run(lambda: preview(Path(path)), self._show_preview, self._fail, self)

    def _show_preview(self, preview: Preview) -> None:
        self.notice.clear()
        self.columns.show_preview(preview, self._zone)
        self._pages.setCurrentWidget(self.columns)

    def _look_again(self) -> None:
        """Read the file with the columns chosen now. A look that a later choice made stale is dropped."""
        preview, look = self.columns.preview, self._desk.importing.look_again
        if preview is not None:
            header = preview.header
            self._lanes.lookup.run(
                lambda: look(preview, header), lambda made: self._show_look(made, header), self._fail, self
            )

    def _show_look(self, made: Preview, header: Header) -> None:
        now = self.columns.preview
        if now is not None and now.report is made.report and now.header == header:
            self.columns.show_look(made, self._zone)

    def _answer(self, answers: Answers) -> None:
        """Read the file with a person's answers. Another sheet or row of headings is another table."""
        before = self.columns.preview
        if before is None:
            return
        path, header = before.report.path, before.header
        again = (answers.sheet, answers.heading_row) != (before.answers.sheet, before.answers.heading_row)
        preview, look = self._desk.importing.preview, self._desk.importing.look_again
        self.notice.say(words.READING)
        self._lanes.lookup.run(
            lambda: preview(path, answers) if again else look(before, header, answers),
            self._show_answered,
            self._fail,
            self,
        )

    def _show_answered(self, preview: Preview) -> None:
        self.notice.clear()
        self.columns.show_look(preview, self._zone)

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
        self._lanes.lookup.run(work, self._imported, self._stopped, self)

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
            notices.report(error, self.notice)

    def reject(self) -> None:
        """Close the dialog. If an import is running, only stop it."""
        if self._stopping is not None:
            self._stop()
        else:
            super().reject()

    # ---- afterwards -----------------------------------------------------------------------

    def _read_runs(self) -> None:
        runs = self._desk.importing.runs
        self._lanes.read.run(runs, self.start_page.show_runs, self._fail, self)

    def _undo(self, run: ImportRun) -> None:
        undo, wanted = self._desk.importing.undo, run.id
        self.notice.say(words.TAKING_BACK)
        self._lanes.lookup.run(lambda: undo(wanted), self._undone, self._fail, self)

    def _undone(self, run: ImportRun) -> None:
        self.notice.clear()
        self.result_page.show_undone(run)
        self._pages.setCurrentWidget(self.result_page)
        self.imported.emit()

    def _close_missing(self, run: ImportRun) -> None:
        close, count, wanted = self._desk.importing.close, run.missing, run.id
        self.notice.say(words.CLOSING)
        self._lanes.lookup.run(lambda: close(count, wanted), self._closed, self._fail, self)

    def _closed(self, run: ImportRun) -> None:
        self.notice.clear()
        self.result_page.show_closed(run)
        self.imported.emit()

    def _save(self, rejects: Sequence[Reject]) -> None:
        suggested = str(Path(print_and_save.documents()) / words.SUGGESTED_FILE)
        path = self.choose_target(self, suggested, words.THE_ROWS, "xlsx")
        if path:
            self._lanes.lookup.run(
                lambda: print_and_save.save(file_of(rejects_table(rejects), Path(path).suffix), path),
                lambda _none: self.notice.say(words.saved_as(Path(path).name), kind="good"),
                self._fail,
                self,
            )

    def _fail(self, error: Exception) -> None:
        notices.report(error, self.notice)


def ask_for_report(parent: QWidget) -> str:
    """Return the path of the file chosen for import, or ``""``."""
    kinds = f"{words.REPORTS} (*.csv *.txt *.tsv *.xlsx *.xls *.xlsm)"
    path, _kind = QFileDialog.getOpenFileName(parent, words.TITLE, print_and_save.documents(), kinds)
    return path
