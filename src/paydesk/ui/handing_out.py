"""From the bytes of a PDF to paper or a file; nothing here can touch a payment."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QMarginsF,
    QObject,
    QRectF,
    QSaveFile,
    QSizeF,
    QStandardPaths,
)
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from paydesk.domain.errors import KnownError

if TYPE_CHECKING:
    from PySide6.QtPdf import QPdfDocument
    from PySide6.QtPrintSupport import QPrinter

MOST_DPI = 300
"""Pages are drawn at most this fine: sharp print, 34 MB a Letter page."""

_NOT_PRINTED = "The payment stands. Choose another printer, or save the receipt as a PDF."


def open_pdf(pdf: bytes, parent: QObject | None = None) -> QPdfDocument:
    """The document. Raises KnownError."""
    from PySide6.QtPdf import QPdfDocument  # only now: a window that never prints never loads it

    document = QPdfDocument(parent) if parent else QPdfDocument()
    buffer = QBuffer(document)
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    if document.status() is not QPdfDocument.Status.Ready or not document.pageCount():
        raise KnownError(
            "The receipt cannot be shown.", "The payment stands; try again from the Payments tab."
        )
    return document


def new_printer(page: QSizeF) -> QPrinter:
    """The system's default printer, set to pages of that size in points, printed to their edges."""
    from PySide6.QtPrintSupport import QPrinter  # as above

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    size = QPageSize(page, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
    printer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    printer.setFullPage(True)
    printer.setDocName("Receipt")
    return printer


def ask_for_printer(parent: QWidget, page: QSizeF, what: str = "the receipt") -> QPrinter | None:
    """The printer chosen in the system's dialog, for pages of that size; None when cancelled."""
    from PySide6.QtPrintSupport import QPrintDialog  # as above

    printer = new_printer(page)
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(f"Print {what}")
    return printer if dialog.exec() else None


def print_pdf(pdf: bytes, printer: QPrinter) -> None:
    """Send every page to the printer. Raises KnownError when it does not take them."""
    document = open_pdf(pdf)
    painter = QPainter()
    if not painter.begin(printer):
        raise KnownError("The printer did not take the receipt.", _NOT_PRINTED)
    try:
        for page in range(document.pageCount()):
            if page and not printer.newPage():
                raise KnownError("The printer stopped in the middle of the receipt.", _NOT_PRINTED)
            _draw(document, page, painter, printer)
    finally:
        ended = painter.end()
    if not ended or printer.printerState() is printer.PrinterState.Error:
        raise KnownError("The printer reported an error.", _NOT_PRINTED)


def printed_words(printer: QPrinter) -> str:
    """Where the pages went: to a printer, or into a file."""
    if printer.outputFileName():
        return f"Printed into the file {Path(printer.outputFileName()).name}."
    return f"Sent to {printer.printerName() or 'the printer'}."


def _draw(document: QPdfDocument, page: int, painter: QPainter, printer: QPrinter) -> None:
    """One page in its real size, smaller only where the paper is."""
    points = document.pagePointSize(page)
    fine = min(printer.resolution(), MOST_DPI) / 72
    image = document.render(page, (points * fine).toSize())
    paper = printer.paperRect(printer.Unit.DevicePixel)
    real = points * (printer.resolution() / 72)
    scale = min(1.0, paper.width() / real.width(), paper.height() / real.height())
    painter.drawImage(QRectF(0, 0, real.width() * scale, real.height() * scale), image)


def documents() -> str:
    """The folder this person keeps documents in."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)


def ask_for_file(parent: QWidget, suggested: str, what: str = "the receipt", suffix: str = "pdf") -> str:
    """The file chosen to save into, or ``""``."""
    dialog = QFileDialog(parent, f"Save {what}", suggested, f"{suffix.upper()} (*.{suffix})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    return dialog.selectedFiles()[0] if dialog.exec() else ""


def save(data: bytes, path: str) -> None:
    """Write the file whole or not at all. Raises KnownError."""
    file = QSaveFile(path)
    written = file.open(QIODevice.OpenModeFlag.WriteOnly) and file.write(QByteArray(data)) == len(data)
    if not written or not file.commit():
        raise KnownError(
            f"{Path(path).name} could not be saved: {file.errorString()}.",
            "No payment is touched by that. Choose another folder.",
        )


def file_name(receipt_number: str, payer: str) -> str:
    """``Receipt R-000123 Sample Bakery.pdf``, with what no file system takes left out."""
    plain = re.sub(r'[<>:"/\\|?*\x00-\x1f]', " ", f"Receipt {receipt_number} {payer}")
    return f"{' '.join(plain.split())[:80].strip(' .')}.pdf"
