"""Receipts on the screen, on paper and in files; nothing that fails there touches a payment."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import QSizeF, Qt, QTimer
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.domain.receipt import Paper
from paydesk.ui import handing_out
from paydesk.ui.receipt_page import ReceiptDialog, ReceiptPage, ReceiptView
from tests.ui.paying import Counter, bill


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    return Counter(qtbot)


def paid(counter: Counter) -> ReceiptView:
    """Take a payment and wait for its preview."""
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None and dialog.receipt.view.print_button.isEnabled())
    assert dialog.receipt is not None
    return dialog.receipt.view


def to_file(path: Path, sizes: list[QSizeF] | None = None) -> Callable[[QWidget, QSizeF], QPrinter]:
    """A chooser that prints into a file, through Qt's own PDF driver."""

    def choose(_parent: QWidget, page: QSizeF) -> QPrinter:
        if sizes is not None:
            sizes.append(page)
        printer = handing_out.new_printer(page)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(path))
        return printer

    return choose


def into(path: Path) -> Callable[[QWidget, str], str]:
    """A chooser that takes this file."""
    return lambda _parent, _name: str(path)


def text_in(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_the_receipt_prints_in_its_real_size(counter: Counter, tmp_path: Path) -> None:
    view = paid(counter)
    view.choose_printer = to_file(tmp_path / "printed.pdf")
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: view.banner.text.startswith("Printed into the file"))
    box = pypdf.PdfReader(tmp_path / "printed.pdf").pages[0].mediabox
    assert (round(box.width), round(box.height)) == (612, 792)


def test_the_roll_prints_as_long_as_it_is(counter: Counter, tmp_path: Path) -> None:
    view = paid(counter)
    view.paper.choose(Paper.ROLL_80MM)
    counter.until(view.print_button.isEnabled)
    sizes: list[QSizeF] = []
    view.choose_printer = to_file(tmp_path / "roll.pdf", sizes)
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: view.banner.text.startswith("Printed into the file"))
    assert round(sizes[0].width()) == 227
    box = pypdf.PdfReader(tmp_path / "roll.pdf").pages[0].mediabox
    assert (round(box.width), round(box.height)) == (227, 400)


def test_the_first_is_the_original_and_every_later_one_a_copy(counter: Counter, tmp_path: Path) -> None:
    view = paid(counter)
    texts = []
    for place in range(3):
        path = tmp_path / f"{place}.pdf"
        view.choose_file = into(path)
        counter.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        counter.until(path.exists)
        counter.until(view.save_button.isEnabled)
        texts.append(text_in(path.read_bytes()))
    assert ["COPY" in text for text in texts] == [False, True, True]
    assert "COPY 2" in texts[2]
    assert view.banner.text == "Saved. It is marked as a copy."


def test_the_next_receipt_is_offered_the_same_folder(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReceiptView, "folder", "")
    view = paid(counter)
    offered: list[Path] = []

    def choose(_parent: QWidget, suggested: str) -> str:
        offered.append(Path(suggested))
        return str(tmp_path / "mine.pdf")

    view.choose_file = choose
    for _ in range(2):
        view.save_button.click()
        counter.until(view.save_button.isEnabled)
    assert [path.name for path in offered] == ["Receipt R-000001 Sample Bakery.pdf"] * 2
    assert offered[1].parent == tmp_path


def test_the_systems_file_dialog_answers_with_a_pdf(counter: Counter, tmp_path: Path) -> None:
    paid(counter)

    def press_enter() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        dialog.accept()

    QTimer.singleShot(200, press_enter)
    chosen = handing_out.ask_for_file(counter.dialog, str(tmp_path / "Receipt"))
    assert Path(chosen).name == "Receipt.pdf"


def test_looking_at_both_papers_counts_no_copy(counter: Counter) -> None:
    view = paid(counter)
    view.paper.choose(Paper.ROLL_80MM)
    counter.until(view.print_button.isEnabled)
    assert counter.fake.receipts.copies == {}


def test_cancelling_prints_and_counts_nothing(counter: Counter) -> None:
    view = paid(counter)
    view.choose_printer = lambda _parent, _page: None
    view.choose_file = lambda _parent, _name: ""
    view.print_button.click()
    view.save_button.click()
    assert view.banner.text == ""
    assert view.print_button.isEnabled()


@pytest.mark.qt_log_ignore("QPainter::begin", extend=True)
def test_a_failing_printer_is_said_and_the_payment_stands(counter: Counter, tmp_path: Path) -> None:
    view = paid(counter)
    view.choose_printer = to_file(tmp_path / "no such folder" / "printed.pdf")
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: "did not take the receipt" in view.banner.text)
    assert "The payment stands." in view.banner.text
    assert counter.fake.ledger.payment(1).state is State.AUTHORIZED
    view.choose_printer = to_file(tmp_path / "printed.pdf")
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: view.banner.text.startswith("Printed into the file"))
    assert counter.fake.receipts.copies == {}


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(counter: Counter, tmp_path: Path) -> None:
    view = paid(counter)
    view.choose_file = into(tmp_path / "no such folder" / "receipt.pdf")
    view.save_button.click()
    counter.until(lambda: "receipt.pdf could not be saved" in view.banner.text)
    assert list(tmp_path.glob("**/*.pdf")) == []


def test_a_receipt_that_cannot_be_made_does_not_hide_the_approval(counter: Counter) -> None:
    counter.fake.receipts.fault = KnownError("The ledger cannot be read.", "Free disk space.")
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None and "cannot be read" in dialog.receipt.view.banner.text)
    assert not counter.button("receipt.print").isEnabled()
    counter.until(lambda: counter.at == "receipt.next")
    counter.press(Qt.Key.Key_F12)
    counter.until(lambda: counter.closed == [True])


def test_a_second_enter_does_not_send_the_receipt_away_unseen(counter: Counter) -> None:
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    counter.press(Qt.Key.Key_Return, times=2)
    assert dialog.isVisible()
    assert not counter.closed


def test_another_amount_than_quoted_is_said(counter: Counter, qtbot: QtBot) -> None:
    paid(counter)
    payment = counter.answered[0]
    other = replace(payment, charged=Money(1_300_00))
    page = ReceiptPage(counter.fake.desk, counter.lanes, other, Paper.LETTER)
    qtbot.addWidget(page)
    banner = page.findChild(QWidget, "receipt.otherwise")
    assert isinstance(banner, QWidget)
    assert banner.accessibleName().startswith("AndDone charged $1,300.00, not the $1,293.75")


def test_from_the_payments_tab_everything_is_a_copy(counter: Counter, qtbot: QtBot, tmp_path: Path) -> None:
    paid(counter)
    counter.dialog.accept()
    dialog = ReceiptDialog(
        counter.fake.desk, counter.lanes, counter.answered[0], Paper.LETTER, counter.window
    )
    dialog.open()
    counter.until(dialog.view.print_button.isEnabled)
    path = tmp_path / "again.pdf"
    dialog.view.choose_file = into(path)
    dialog.view.save_button.click()
    counter.until(path.exists)
    assert "COPY 1" in text_in(path.read_bytes())
    dialog.close()


@pytest.mark.parametrize(
    ("payer", "name"),
    [
        ("Sample Bakery", "Receipt R-000001 Sample Bakery.pdf"),
        ("A/B: “C” <D>?*", "Receipt R-000001 A B “C” D.pdf"),
        ("x" * 300, f"Receipt R-000001 {'x' * 63}.pdf"),
        ("名前", "Receipt R-000001 名前.pdf"),
    ],
)
def test_the_file_has_a_name_every_system_takes(payer: str, name: str) -> None:
    assert handing_out.file_name("R-000001", payer) == name


def test_bytes_that_are_no_pdf_are_refused_in_words() -> None:
    with pytest.raises(KnownError, match="cannot be shown"):
        handing_out.open_pdf(b"no pdf")


def test_the_bill_of_many_lines_keeps_its_sums_in_view(counter: Counter) -> None:
    many = bill("50123", "50177", "50181")
    long = type(many)(many.lines * 8, many.payer)
    dialog = counter.take(long)
    total = dialog.bill._total
    assert total.isVisible()
    assert total.mapTo(dialog, total.rect().bottomLeft()).y() < dialog.height()
