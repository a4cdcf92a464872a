"""A whole payment without the mouse: every key from the invoice number to the printed receipt is counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSizeF, Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.payment import State
from paydesk.ui import handing_out
from paydesk.ui.window import MainWindow
from tests.fakes.desk import BAKERY, FakeDesk
from tests.ui.paying import AMEX, VISA

MOST_BESIDE_THE_CARD = 25
"""DESIGN section 8: card digits + 25."""


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
        """Wait until that widget has the focus; waiting costs no key."""
        self._qtbot.waitUntil(lambda: self.at == name, timeout=5000)

    def type(self, text: str) -> None:
        """Type, one key for each sign."""
        for sign in text:
            focus = QApplication.focusWidget()
            assert focus is not None
            QTest.keyClicks(focus, sign)
            self.count += 1

    def press(self, key: Qt.Key) -> None:
        """Press one key."""
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key)
        self.count += 1


@pytest.mark.parametrize(
    ("card", "code", "zip_on_file"), [(VISA, "123", True), (VISA, "123", False), (AMEX, "1234", False)]
)
def test_invoice_number_to_printed_receipt(
    qtbot: QtBot, tmp_path: Path, card: str, code: str, zip_on_file: bool
) -> None:
    fake = FakeDesk()
    if not zip_on_file:
        fake.lookup.customers[BAKERY.number] = replace(BAKERY, zip_code="")
    window = MainWindow(lambda: fake.desk)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.attached):
        window.show()
    window.activateWindow()
    keys = Keyboard(qtbot)
    keys.wait_for("lookup.invoice.number")

    keys.type("50123")
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.take.basket.ready, timeout=5000)
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
    qtbot.waitUntil(lambda: dialog.receipt is not None and dialog.receipt.view.pages == 1, timeout=5000)
    assert dialog.receipt is not None
    view = dialog.receipt.view

    def choose(_parent: QWidget, page: QSizeF) -> QPrinter:
        keys.count += 1  # Enter in the system's dialog
        printer = handing_out.new_printer(page)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "printed.pdf"))
        return printer

    view.choose_printer = choose
    keys.press(Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: view.banner.text.startswith("Printed into the file"), timeout=5000)
    assert fake.ledger.payment(1).state is State.AUTHORIZED
    assert keys.count - len(card) <= MOST_BESIDE_THE_CARD

    keys.press(Qt.Key.Key_F12)
    keys.wait_for("lookup.invoice.number")
