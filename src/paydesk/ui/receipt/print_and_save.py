"""Print a PDF or save it to a file. Nothing here can change a payment."""

from __future__ import annotations

import re
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QMarginsF,
    QObject,
    QRectF,
    QSizeF,
    QStandardPaths,
)
from PySide6.QtGui import QPageLayout, QPainter
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from paydesk.config.files import reason, write_whole
from paydesk.domain.errors import KnownError
from paydesk.domain.typed.plain_texts import one_line
from paydesk.ui.receipt import paper, words

if TYPE_CHECKING:
    from PySide6.QtPdf import QPdfDocument
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo

LETTER_PT = QSizeF(612, 792)
"""Size of a Letter page in points."""

MOST_DPI = 300
"""Maximum resolution of a rendered page in dots per inch. Prints are sharp, and a Letter page takes 34 MB."""


def open_pdf(pdf: bytes, parent: QObject | None = None) -> QPdfDocument:
    """Return the document. Raises KnownError."""
    from PySide6.QtPdf import QPdfDocument  # only now: a window that never prints need not load it

    document = QPdfDocument(parent) if parent else QPdfDocument()
    buffer = QBuffer(document)
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    if document.status() is not QPdfDocument.Status.Ready or not document.pageCount():
        raise KnownError(words.NOT_SHOWN, words.SHOW_LATER)
    return document


class PrinterAway(KnownError):
    """The printer is not installed any more, or says that it cannot print."""

    def __init__(self, printer: str) -> None:
        super().__init__(words.printer_away(printer), words.CHOOSE_ANOTHER)
        self.printer = printer


def new_printer(page: QSizeF, name: str = "", info: QPrinterInfo | None = None) -> QPrinter:
    """Return that printer, or the system's default one, set to pages of that size in points, without margins.

    Takes one of the driver's forms if one fits. ``name`` is the document's: the system suggests it if the
    clerk prints into a file.
    """
    from PySide6.QtPrintSupport import QPrinter  # as above

    mode = QPrinter.PrinterMode.HighResolution
    printer = QPrinter(info, mode) if info else QPrinter(mode)
    size = paper.page_size(page, info.supportedPageSizes() if info else [])
    printer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    printer.setFullPage(True)
    printer.setDocName(name or words.PRINT_JOB)
    return printer


def printer_named(printer: str, page: QSizeF, name: str) -> QPrinter:
    """Return the printer of that name. Raises PrinterAway if it is not there or reports an error.

    Asking for it can take seconds if it is away, so this runs on a worker thread.
    """
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo  # as above

    info = QPrinterInfo.printerInfo(printer)
    if info.isNull() or info.state() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted):
        raise PrinterAway(printer)
    return new_printer(page, name, info)


def ask_for_printer(
    parent: QWidget, page: QSizeF, name: str, what: str = words.THE_RECEIPT, remembered: str = ""
) -> QPrinter | None:
    """Return the printer chosen in the system's dialog, for pages of that size, or None if canceled.

    The dialog begins with the ``remembered`` one.
    """
    from PySide6.QtPrintSupport import QPrinterInfo  # as above

    info = QPrinterInfo.printerInfo(remembered) if remembered else None
    printer = new_printer(page, name, info if info and not info.isNull() else None)
    dialog = printer_dialog(printer, parent)
    dialog.setWindowTitle(words.print_title(what))
    if not dialog.exec():
        return None
    if paper.wrong_paper(printer, page):  # another printer was chosen, and with it that one's usual paper
        printer.setPageSize(paper.page_size(page, QPrinterInfo(printer).supportedPageSizes()))
    return printer


def printer_dialog(printer: QPrinter, parent: QWidget) -> QPrintDialog:
    """Return the system's dialog. Where it is Qt's own, a PDF gets the document's name, which no file has."""
    from PySide6.QtPrintSupport import QPrintDialog  # as above

    dialog = QPrintDialog(printer, parent)
    file = dialog.findChild(QLineEdit, "filename")  # Qt itself names the file only under X11
    if isinstance(file, QLineEdit):
        file.setText(free_path(printer.docName()))
    return dialog


def makes_pictures(printer: QPrinter) -> bool:
    """Return True for a printer that would turn our PDF into a PDF of pictures, without text."""
    return printer.printerName() in ("Microsoft Print to PDF", "Microsoft XPS Document Writer")


def print_pdf(pdf: bytes, printer: QPrinter) -> None:
    """Send every page to the printer. Raises KnownError if the printer does not take them.

    A printer that prints into a PDF file gets our own PDF, so that its text stays text.
    """
    if printer.outputFileName() and printer.outputFormat() is printer.OutputFormat.PdfFormat:
        save(pdf, printer.outputFileName())
    else:
        draw_pages(pdf, printer)


def draw_pages(pdf: bytes, printer: QPrinter) -> None:
    """Draw every page on the printer. Raises KnownError if the printer does not take them."""
    document = open_pdf(pdf)
    painter = QPainter()
    if not painter.begin(printer):
        raise KnownError(words.PRINTER_REFUSED, words.PRINT_ELSEWHERE)
    try:
        for page in range(document.pageCount()):
            if page:
                _next_page(printer)
            _draw(document, page, painter, printer)
    finally:
        ended = painter.end()
    if not ended or printer.printerState() is printer.PrinterState.Error:
        raise KnownError(words.PRINTER_FAILED, words.PRINT_ELSEWHERE)


def _next_page(printer: QPrinter) -> None:
    if not printer.newPage():
        raise KnownError(words.PRINTER_STOPPED, words.PRINT_ELSEWHERE)


def printed_words(printer: QPrinter, page: QSizeF) -> str:
    """Return where pages of that size went: to a printer, or into a file, and if its paper is another."""
    if printer.outputFileName():
        return words.saved_as(Path(printer.outputFileName()).name)
    sent = words.sent_to_printer(printer.printerName())
    other = paper.wrong_paper(printer, page)
    return f"{sent} {words.other_paper(other)}" if other else sent


def _draw(document: QPdfDocument, page: int, painter: QPainter, printer: QPrinter) -> None:
    """Draw one page in its real size, or smaller if the paper is. A long roll goes on."""
    points = document.pagePointSize(page)
    fine = min(printer.resolution(), MOST_DPI) / 72
    image = document.render(page, (points * fine).toSize())
    real = points * (printer.resolution() / 72)
    sheet = printer.paperRect(printer.Unit.DevicePixel).size()
    drawn = image.height() / real.height()
    roll = points.width() < paper.ROLL_PT
    for number, (part, place) in enumerate(paper.pieces(real, sheet, roll=roll)):
        if number:
            _next_page(printer)
        top, height = part.top() * drawn, part.height() * drawn
        painter.drawImage(place, image, QRectF(0, top, image.width(), height))


def documents() -> str:
    """Return the user's folder for documents, or the home folder if there is none on this computer."""
    named = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return named if Path(named).is_dir() else str(Path.home())


def free_path(name: str, folder: str = "") -> str:
    """Return a path that no file has yet: ``Name.xlsx``, or ``Name (2).xlsx``.

    Without ``folder`` it is in the folder for documents.
    """
    wanted = Path(folder or documents()) / name
    paths = (wanted.with_stem(f"{wanted.stem} ({number})") for number in count(2))
    return str(next(path for path in chain([wanted], paths) if not path.exists()))


def ask_for_file(parent: QWidget, suggested: str, what: str = words.THE_RECEIPT, suffix: str = "pdf") -> str:
    """Return the path chosen for saving, or ``""``. A workbook may be saved as CSV instead."""
    kinds = words.KINDS.get(suffix, f"{suffix.upper()} (*.{suffix})")
    dialog = QFileDialog(parent, words.save_title(what), suggested, kinds)
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(kind.rpartition(".")[2].rstrip(")")))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    return dialog.selectedFiles()[0] if dialog.exec() else ""


def save(data: bytes, path: str) -> None:
    """Write the whole file or nothing. Raises KnownError."""
    try:
        write_whole(Path(path), data)
    except OSError as error:
        raise KnownError(words.not_saved(Path(path).name, reason(error)), words.SAVE_ELSEWHERE) from None


def file_name(receipt_number: str, payer: str) -> str:
    """Return ``Receipt R-000123 Sample Bakery.pdf``, without characters that file systems reject."""
    return safe_name(words.suggested_file(receipt_number, payer))


def safe_name(name: str) -> str:
    """Return a name for a PDF without characters that file systems reject."""
    plain = re.sub(r'[<>:"/\\|?*\x00-\x1f]', " ", one_line(name))
    return f"{' '.join(plain.split())[:80].strip(' .')}.pdf"
