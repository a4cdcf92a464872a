"""A document of a payment: previewed, printed, saved, and marked as a copy from the second time on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from paydesk.config.faults import log_fault
from paydesk.domain.errors import KnownError
from paydesk.domain.receipt import Paper
from paydesk.ui.kit import theme
from paydesk.ui.kit.banner import Banner
from paydesk.ui.kit.faults import please_report
from paydesk.ui.kit.form import Choice
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, stack
from paydesk.ui.lists.flow import Flow
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt import print_and_save, words
from paydesk.ui.receipt.printing import Job, Printers, Told

if TYPE_CHECKING:
    from PySide6.QtPdf import QPdfDocument
    from PySide6.QtPdfWidgets import QPdfView
    from PySide6.QtPrintSupport import QPrinter

NARROW_PT, ROLL_ZOOM = 300, 1.25
"""Paper narrower than this, in points, gets this zoom factor instead of the view's width."""


@dataclass(frozen=True, slots=True)
class Document:
    """A recorded document. ``read`` returns it as PDF for a paper, and with True as the next counted copy.

    ``was_printed`` returns True if it was printed or saved before. ``note`` records that it was, just now.
    Both run on worker threads. ``what`` names it in the titles of the system's dialogs. ``counted`` is False
    if it may be printed any number of times, and none of them is a copy.
    """

    read: Callable[[Paper, bool], bytes]
    file_name: str
    was_printed: Callable[[], bool]
    note: Callable[[], None] = lambda: None
    what: str = words.THE_RECEIPT
    name: str = "receipt"
    papers: tuple[Paper, ...] = tuple(Paper)
    counted: bool = True


class DocumentView(QWidget):
    """Preview, print and save. ``handed_out`` follows each time that it was printed or saved.

    ``paper`` is that of a desk that has chosen none yet. With ``by_itself`` it prints once it is loaded.
    Tests replace ``choose_file``, which asks the clerk.
    """

    handed_out = Signal()
    folder: ClassVar[str] = ""
    """Folder of the last saved receipt, suggested for the next one."""

    def __init__(
        self,
        printers: Printers,
        lanes: Lanes,
        document: Document,
        paper: Paper,
        *,
        by_itself: bool = False,
    ) -> None:
        super().__init__()
        self.printers, self._lanes, self._of = printers, lanes, document
        self._original, self._by_itself = False, by_itself
        self._pdf = b""
        self._document: QPdfDocument | None = None
        self._preview: QPdfView | None = None
        self.choose_file: Callable[[QWidget, str], str] = print_and_save.ask_for_file
        self.banner = Banner(f"{document.name}.banner")
        self.paper = Choice(
            f"{document.name}.paper", words.PAPER, [(one, words.PAPERS[one]) for one in document.papers]
        )
        wanted = printers.preferences.word("paper", paper)
        self.paper.choose(wanted if wanted in document.papers else document.papers[0])
        self.print_button = button(words.PRINT, f"{document.name}.print", key="F8", icon="print")
        self.other_button = button(
            words.OTHER_PRINTER, f"{document.name}.other_printer", key="Shift+F8", role="quiet"
        )
        self.save_button = button(words.SAVE, f"{document.name}.save", key="Ctrl+S", icon="save")
        self._lay_out()
        self.paper.setVisible(len(document.papers) > 1)
        self.paper.changed.connect(self._paper_chosen)
        self.print_button.clicked.connect(self._print)
        self.other_button.clicked.connect(self._print_elsewhere)
        self.save_button.clicked.connect(self._save)
        self._load()

    @property
    def pages(self) -> int:
        """Number of pages in the preview, 0 until it is loaded."""
        return self._document.pageCount() if self._document is not None else 0

    def _lay_out(self) -> None:
        self._waiting = label(words.PREPARING, "muted")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._space = QVBoxLayout()
        self._space.addWidget(self._waiting, 1)
        ways = QWidget()
        self.ways = Flow(ways, Space.S)
        for way in (self.print_button, self.other_button, self.save_button, self.paper):
            self.ways.addWidget(way)
        # Above the preview: below it is the pointer that has just pressed Charge.
        body = stack(self, ways, self.banner, spacing=Space.M)
        body.addLayout(self._space, 1)
        self._enable(False)

    def _load(self) -> None:
        """Load the preview. A preview is not a print, so it counts no copy."""
        of, paper, begun = self._of, self.paper.value, self._document is not None
        self._lanes.read.run(
            lambda: (of.read(paper, False), begun or of.was_printed()), self._show, self._failed, self
        )

    def _show(self, found: tuple[bytes, bool]) -> None:
        from PySide6.QtPdfWidgets import QPdfView  # only now: a window that shows no receipt need not load it

        pdf, was_printed = found
        if self._document is None:
            self._original = not was_printed
        try:
            document = print_and_save.open_pdf(pdf, self)
        except KnownError as error:
            self._failed(error)
            return
        if self._preview is None:
            self._preview = QPdfView(self)
            self._preview.setObjectName(f"{self._of.name}.preview")
            self._preview.setAccessibleName(words.PREVIEW)
            self._preview.setPageMode(QPdfView.PageMode.MultiPage)
            self._preview.setPalette(_ground(self._preview.palette()))
            self._waiting.hide()
            self._space.addWidget(self._preview, 1)
        narrow = document.pagePointSize(0).width() < NARROW_PT
        self._preview.setZoomFactor(ROLL_ZOOM)
        self._preview.setZoomMode(QPdfView.ZoomMode.Custom if narrow else QPdfView.ZoomMode.FitToWidth)
        self._preview.setDocument(document)
        if self._document is not None:
            self._document.deleteLater()
        self._document, self._pdf = document, pdf
        self._enable(True)
        if self._by_itself:
            self._by_itself = False
            self.banner.say(words.PRINTING)
            self.printers.print_alone(self._job(document), self._told)

    def _paper_chosen(self) -> None:
        self._enable(False)
        self.printers.preferences.keep_word("paper", self.paper.value)
        self._load()

    def _print(self, *, ask: bool = False) -> None:
        if self._document is not None:
            job = self._job(self._document)
            self._enable(False)
            if self.printers.print(job, self._told, ask=ask):
                self.banner.say(words.PRINTING)
            else:
                self._enable(True)

    def _print_elsewhere(self) -> None:
        """Ask for a printer, although this desk prints without asking."""
        self._print(ask=True)

    @property
    def _told(self) -> Told:
        return Told(self, self._handed_out, self._failed)

    def _job(self, document: QPdfDocument) -> Job:
        pdf, note = self._to_hand_out(), self._of.note

        def draw(printer: QPrinter) -> None:
            print_and_save.print_pdf(pdf(), printer)
            note()

        size = document.pagePointSize(0)
        return Job(self._of.file_name, self._of.what, self.paper.value, size, draw, self._save)

    def _save(self) -> None:
        if self._document is None:
            return
        suggested = print_and_save.free_path(self._of.file_name, DocumentView.folder)
        path = self.choose_file(self, suggested)
        if not path:
            self._enable(True)
            return
        DocumentView.folder = str(Path(path).parent)
        pdf, note = self._to_hand_out(), self._of.note

        def work() -> None:
            print_and_save.save(pdf(), path)
            note()

        self._enable(False)
        self.banner.say(words.SAVING)
        self._lanes.lookup.run(
            work,
            lambda _none: self._handed_out(words.saved_as(Path(path).name)),
            self._failed,
            self,
        )

    def _to_hand_out(self) -> Callable[[], bytes]:
        """Return what reads the PDF: the original once, and every later time a counted copy."""
        read, paper = self._of.read, self.paper.value
        original = self._pdf if self._original else b""
        return lambda: original or read(paper, True)

    def _handed_out(self, said: str) -> None:
        self._enable(True)
        self.banner.say(said if self._original else words.marked_as_copy(said), "", "good")
        self._original = not self._of.counted
        self.handed_out.emit()

    def _failed(self, error: Exception) -> None:
        self._enable(self._document is not None)
        self._waiting.setText(words.PRINT_LATER)
        if isinstance(error, KnownError):
            self.banner.say(error.sentence, error.next_step, "danger")
        else:
            self.banner.say(words.NOT_MADE, words.payment_stands(please_report(log_fault(error))), "danger")

    def _enable(self, on: bool) -> None:
        for part in (self.print_button, self.save_button, self.other_button):
            part.setEnabled(on)
        self.other_button.setVisible(not self.printers.asks(self.paper.value))


def _ground(palette: QPalette) -> QPalette:
    """Return a palette with a lighter background around the paper than the view's own dark gray."""
    palette.setColor(QPalette.ColorRole.Dark, theme.color("raised"))
    return palette
