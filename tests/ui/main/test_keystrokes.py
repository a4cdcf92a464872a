"""A whole payment without the mouse: every key from the invoice number to the printed receipt is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.payment import State
from paydesk.domain.receipt import Paper
from paydesk.ui.kit.preferences import Switch
from paydesk.ui.main.window import MainWindow
from paydesk.ui.receipt import print_and_save
from paydesk.ui.receipt.printing import Job
from tests.fakes.office import Office
from tests.fakes.sample import BAKERY
from tests.ui.paying import AMEX, VISA

MOST_BESIDE_THE_CARD = 16
"""Most keys of a payment beside the digits of the card, at a desk that prints by itself after an approval.

Asked to print, the clerk presses F8, and Enter in the system's dialog.
"""

MOST_BESIDE_THE_ACCOUNT = 24
"""Most keys of a bank debit with consent beside the digits of routing number and account, typed twice."""


class Keyboard:
    """Counts every key it sends to whatever has the focus."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.count = 0

    @property
    def at(self) -> str:
        """The name of the widget that has the focus."""
        focus = QApplication.focusWidget()
        return focus.objectName() if focus else ""

    def wait_for(self, name: str) -> None:
        """Wait until that widget has the focus. Waiting costs no key."""
        self._qtbot.waitUntil(lambda: self.at == name, timeout=20_000)

    def type(self, text: str) -> None:
        """Type, one key for each sign."""
        for sign in text:
            focus = QApplication.focusWidget()
            assert focus is not None
            QTest.keyClicks(focus, sign)
            self.count += 1

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press one key."""
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key, modifier)
        self.count += 1


@pytest.mark.parametrize("by_itself", [True, False])
@pytest.mark.parametrize(
    ("card", "code", "zip_on_file", "more"),
    [(VISA, "123", True, 0), (VISA, "123", False, 4), (AMEX, "1234", False, 5)],
)
def test_invoice_number_to_printed_receipt(
    qtbot: QtBot, tmp_path: Path, card: str, code: str, zip_on_file: bool, more: int, by_itself: bool
) -> None:
    """``more`` are the keys for what this customer or card has more than others."""
    office = Office()
    if not zip_on_file:
        office.source.customers[BAKERY.number] = replace(BAKERY, zip_code="")
    window = MainWindow(lambda: office.desk)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.attached):
        window.show()
    window.activateWindow()
    keys = Keyboard(qtbot)
    keys.wait_for("lookup.invoice.number")

    def choose(_parent: QWidget, job: Job, _remembered: str) -> QPrinter:
        keys.count += 1  # Enter in the system's dialog
        return find(job, "")

    def find(job: Job, _name: str) -> QPrinter:
        printer = print_and_save.new_printer(job.page, job.name)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "printed.pdf"))
        return printer

    window.printers.choose, window.printers.open = choose, find
    window.preferences.turn(Switch.PRINT_AFTER_APPROVAL, on=by_itself)
    window.preferences.keep_printer(Paper.LETTER, "Front HP")
    keys.type("50123")
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.take.basket_panel.ready, timeout=20_000)
    keys.press(Qt.Key.Key_F9)
    keys.wait_for("tender.card.number")
    keys.type(f"{card}0330{code}")
    if zip_on_file:
        keys.press(Qt.Key.Key_Return)
    else:
        keys.type("14414")
    assert keys.at == "tender.card.holder"
    keys.press(Qt.Key.Key_Return)

    checkout = window.checkout
    assert checkout is not None
    dialog = checkout.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.receipt is not None and dialog.receipt.view.pages == 1, timeout=20_000)
    assert dialog.receipt is not None
    view = dialog.receipt.view
    if not by_itself:
        keys.press(Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: view.banner.text.startswith("Saved as"), timeout=20_000)
    assert office.ledger.payment(1).state is State.AUTHORIZED
    assert keys.count - len(card) <= MOST_BESIDE_THE_CARD + more + (0 if by_itself else 2)

    keys.wait_for("receipt.next")  # dead for a moment, so that no gesture that charges can close
    keys.press(Qt.Key.Key_F12)
    keys.wait_for("lookup.invoice.number")


def test_bank_debit_with_consent_to_printed_receipt(qtbot: QtBot, tmp_path: Path) -> None:
    office = Office()
    window = MainWindow(lambda: office.desk)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.attached):
        window.show()
    window.activateWindow()
    keys = Keyboard(qtbot)
    keys.wait_for("lookup.invoice.number")
    window.preferences.turn(Switch.PRINT_WITHOUT_ASKING, on=True)
    window.preferences.keep_printer(Paper.LETTER, "Front HP")

    def find(job: Job, _name: str) -> QPrinter:
        printer = print_and_save.new_printer(job.page, job.name)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / job.name))
        return printer

    window.printers.open = find

    keys.type("50304")
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.take.basket_panel.ready, timeout=20_000)
    keys.press(Qt.Key.Key_F9)
    keys.wait_for("tender.card.number")
    keys.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    keys.wait_for("tender.bank.routing")
    keys.type("021000021")
    for _ in range(2):
        keys.type("123456789")
        keys.press(Qt.Key.Key_Return)
    assert keys.at == "tender.consent.given"
    keys.press(Qt.Key.Key_Space)
    keys.press(Qt.Key.Key_Return)
    assert keys.at == "tender.consent.detail"
    keys.type("call 123")
    keys.press(Qt.Key.Key_Return)
    checkout = window.checkout
    assert checkout is not None
    dialog = checkout.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.receipt is not None and dialog.receipt.view.pages == 1, timeout=20_000)
    assert dialog.receipt is not None
    view = dialog.receipt.view
    keys.press(Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: view.banner.text.startswith("Saved as"), timeout=20_000)
    assert office.ledger.payment(1).state is State.AUTHORIZED
    assert keys.count - len("021000021" + 2 * "123456789") <= MOST_BESIDE_THE_ACCOUNT
