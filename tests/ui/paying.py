"""A counter with a dialog on it: types like a person, on a real desk in memory."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.invoices.basket import Basket
from paydesk.domain.invoices.selection import Row, Selection
from paydesk.domain.payment import Payer, Payment
from paydesk.domain.tender import TenderKind
from paydesk.ui.kit import theme
from paydesk.ui.kit.preferences import Preferences
from paydesk.ui.pay.checkout import Checkout
from paydesk.ui.pay.payment_dialog import PaymentDialog
from paydesk.ui.pay.sealed_entry import SealedEntry
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt.printing import Printers
from tests.fakes.office import Office
from tests.fakes.sample import BAKERY, CAFE, invoices
from tests.ui.front import hold

VISA, AMEX, DISCOVER = "4111111111111111", "378282246310005", "6011111111111117"


def basket(*numbers: str) -> Basket:
    """The basket of these sample invoices."""
    wanted = {invoice.number: Row(invoice) for invoice in invoices()}
    rows = tuple(wanted[number] for number in numbers or ("50123", "50177"))
    customer = CAFE if rows[0].invoice.customer_number == CAFE.number else BAKERY
    payer = Payer("Dana Reyes", customer.phones[0], customer.email, customer.number, customer.name)
    return Basket(Selection(rows).lines, payer, customer.zip_code)


def full(entry: SealedEntry) -> str:
    """The digits of a field, in the groups that it shows them in."""
    digits = iter(entry.digits)
    return "".join(sign if sign == " " else next(digits) for sign in entry.text())


class Counter:
    """A window, its lanes and its checkout."""

    def __init__(self, qtbot: QtBot, office: Office | None = None) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.install(app)
        self.qtbot = qtbot
        self.office = office or Office()
        self.window = QWidget()
        qtbot.addWidget(self.window, before_close_func=lambda _window: self._shut())
        hold(qtbot, self)
        self.window.show()
        self.lanes = Lanes(self.window)
        self.preferences = Preferences()
        self.printers = Printers(self.lanes, self.preferences, self.window)
        self.checkout = Checkout(self.window, self.lanes, self.printers)
        self.answered: list[Payment] = []
        self.resolved: list[Payment] = []
        self.closed: list[bool] = []
        self.checkout.answered.connect(self.answered.append)
        self.checkout.resolved.connect(self.resolved.append)
        self.checkout.closed.connect(self.closed.append)

    @property
    def dialog(self) -> PaymentDialog:
        """The open dialog."""
        assert self.checkout.dialog is not None
        return self.checkout.dialog

    def take(self, of: Basket | None = None, kind: TenderKind | None = None) -> PaymentDialog:
        """Open the dialog and wait until it can be typed in."""
        wanted = of or basket()
        self.look_up(wanted)
        self.checkout.take(self.office.desk, wanted, kind)
        self.dialog.activateWindow()
        self.until(lambda: isinstance(self.focus, QLineEdit) and self.dialog.isAncestorOf(self.focus))
        return self.dialog

    def look_up(self, wanted: Basket) -> None:
        """Keep the invoices, as the lookup before the dialog does: the ledger pays no others."""
        for number in {line.invoice_number for line in wanted.lines}:
            if number is not None:
                self.office.cache.keep(self.office.source.invoices[number])

    @property
    def focus(self) -> QWidget | None:
        """The widget that gets what is typed."""
        return QApplication.focusWidget()

    @property
    def at(self) -> str:
        """The name of the widget that has the focus."""
        return self.focus.objectName() if self.focus else ""

    def type(self, text: str) -> None:
        """Type into what has the focus, key by key."""
        for sign in text:
            assert self.focus is not None
            QTest.keyClicks(self.focus, sign)

    def press(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, times: int = 1
    ) -> None:
        """Press a key where the focus is."""
        for _ in range(times):
            QTest.keyClick(self.focus or self.dialog, key, modifier)

    def card(self, number: str = VISA, code: str = "123") -> None:
        """Type a whole card up to the last field."""
        self.type(f"{number}0330{code}")
        assert self.at == "tender.card.zip"
        self.press(Qt.Key.Key_Return)
        assert self.at == "tender.card.holder"

    def account(self) -> None:
        """Type a bank account and stop at the tick of the consent."""
        self.type("021000021")
        for _ in range(2):
            self.type("123456789")
            self.press(Qt.Key.Key_Return)
        assert self.at == "tender.consent.given"

    def charge(self) -> None:
        """Press Enter in the last field."""
        self.press(Qt.Key.Key_Return)

    def button(self, name: str) -> QPushButton:
        """A button of the dialog."""
        found = self.dialog.findChild(QPushButton, name)
        assert isinstance(found, QPushButton)
        return found

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        self.qtbot.waitUntil(true, timeout=20_000)

    def _shut(self) -> None:
        """End the test with nothing open: a modal dialog would catch the next test's keys."""
        self.office.processor.gate.set()
        self.lanes.money.wait(5)
        if self.checkout.dialog is not None:
            self.dialog.page.in_flight = False
            self.dialog.done(0)
