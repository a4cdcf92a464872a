"""The driver's forms, the paper it granted, and a roll that is longer than its paper."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pypdf
import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QPageSize
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from paydesk.ui.receipt import print_and_save
from paydesk.ui.receipt.paper import page_size, pieces, wrong_paper

ROLL = QSizeF(226.8, 523.8)
LETTER = QSizeF(612, 792)


def form(wide_mm: float, high_mm: float, name: str) -> QPageSize:
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    return QPageSize(QSizeF(wide_mm, high_mm), QPageSize.Unit.Millimeter, name, exact)


A4, US_LETTER = QPageSize(QPageSize.PageSizeId.A4), QPageSize(QPageSize.PageSizeId.Letter)
CUSTOM = "Custom (226.8pt x 523.8pt)"
SHORT, LONG, ENDLESS = form(80, 100, "80 short"), form(80, 297, "80 x 297"), form(72, 3276, "72 x 3276")


@pytest.mark.parametrize(
    ("wanted", "forms", "name"),
    [
        (ROLL, [A4, US_LETTER, ENDLESS, LONG, SHORT], "80 x 297"),
        (ROLL, [A4, ENDLESS, SHORT], "72 x 3276"),
        (ROLL, [form(58, 3276, "58 mm"), form(104, 3276, "labels")], CUSTOM),
        (ROLL, [SHORT], CUSTOM),
        (LETTER, [A4, US_LETTER, LONG], US_LETTER.name()),
        (LETTER, [A4], US_LETTER.name()),
        (LETTER, [], US_LETTER.name()),
    ],
)
def test_the_driver_s_form_is_taken(wanted: QSizeF, forms: list[QPageSize], name: str) -> None:
    assert page_size(wanted, forms).name() == name


class Info:
    """A printer whose driver has only these forms."""

    def supportedPageSizes(self) -> list[QPageSize]:  # noqa: N802 - Qt's name
        return [A4, LONG]


def test_a_printer_is_set_to_the_driver_s_form(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    made = QPrinter

    def plain(_info: object, mode: QPrinter.PrinterMode) -> QPrinter:
        return made(mode)

    plain.PrinterMode = QPrinter.PrinterMode  # type: ignore[attr-defined]
    monkeypatch.setattr("PySide6.QtPrintSupport.QPrinter", plain)
    printer = print_and_save.new_printer(ROLL, "", cast(QPrinterInfo, Info()))
    size = printer.pageLayout().pageSize().size(QPageSize.Unit.Millimeter)
    assert (round(size.width()), round(size.height())) == (80, 297)


def test_another_paper_is_said(qtbot: QtBot) -> None:
    printer = print_and_save.new_printer(ROLL)
    assert wrong_paper(printer, ROLL) == ""
    assert print_and_save.printed_words(printer, ROLL) == "Sent to the printer."
    printer.setPageSize(A4)
    assert wrong_paper(printer, ROLL) == "A4"
    assert print_and_save.printed_words(printer, ROLL) == (
        "Sent to the printer. It printed on A4 paper. Choose the receipt's paper in the printer's settings."
    )
    assert wrong_paper(printer, LETTER) == "A4"


def test_a_roll_longer_than_its_paper_goes_on(tmp_path: Path, qtbot: QtBot) -> None:
    source = tmp_path / "roll.pdf"
    canvas = Canvas(str(source), pagesize=(226.8, 523.8))
    canvas.rect(10, 10, 200, 500)
    canvas.save()
    printer = print_and_save.new_printer(ROLL)
    printer.setPageSize(form(80, 100, "80 short"))
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "drawn.pdf"))
    print_and_save.draw_pages(source.read_bytes(), printer)
    assert len(pypdf.PdfReader(tmp_path / "drawn.pdf").pages) == 2


def test_pieces_are_the_whole_page() -> None:
    parts = list(pieces(QSizeF(200, 500), QSizeF(100, 100), roll=True))
    assert [part.top() for part, _ in parts] == [0, 200, 400]
    assert sum(part.height() for part, _ in parts) == 500
    assert [(place.width(), place.height()) for _, place in parts] == [(100, 100), (100, 100), (100, 50)]
    ((part, place),) = pieces(QSizeF(200, 500), QSizeF(100, 100), roll=False)
    assert (part.height(), place.height(), place.width()) == (500, 100, 40)
    ((part, place),) = pieces(QSizeF(50, 60), QSizeF(100, 100), roll=True)
    assert (place.width(), place.height()) == (50, 60)


def test_a_printer_chosen_in_the_dialog_takes_a_form_that_fits(
    monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """The system's dialog sets the printer to its usual paper."""

    class Dialog:
        def __init__(self, printer: QPrinter, _parent: QWidget) -> None:
            self._printer = printer

        def setWindowTitle(self, _title: str) -> None:  # noqa: N802 - Qt's name
            pass

        def exec(self) -> int:
            self._printer.setPageSize(A4)
            return 1

    monkeypatch.setattr(print_and_save, "printer_dialog", Dialog)
    parent = QWidget()
    qtbot.addWidget(parent)
    printer = print_and_save.ask_for_printer(parent, ROLL, "Receipt.pdf")
    assert printer is not None
    assert wrong_paper(printer, ROLL) == ""
