"""The process whose memory is read: ``python -m tests.proofs.memory.typist BASE ANDDONE_URL AMS360_URL``.

A real desk with a real payment dialog. It reads one JSON order a line, types it by key events, waits for the
outcome on the screen, and answers "shown", with the address that it offered, if any. Digits come as the
letters a to j, so that no number reaches this process but key by key.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from paydesk.domain.invoices.basket import Basket
from paydesk.domain.money import Money
from paydesk.domain.payment import OfferKind, Payer, PaymentLine, ReferenceKind
from paydesk.domain.tender import TenderKind
from paydesk.services.desk.desk import Desk
from paydesk.ui.kit import theme
from paydesk.ui.kit.preferences import Preferences
from paydesk.ui.offer.checkout import OfferCheckout
from paydesk.ui.offer.dialog import OfferDialog
from paydesk.ui.pay.checkout import Checkout
from paydesk.ui.pay.payment_dialog import PaymentDialog
from paydesk.ui.qt.application import new_application, wait
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt.printing import Printers
from tests.proofs.crash.headless import Place, SkippingClock, open_headless

PATIENCE_MS = 60_000
"""Milliseconds for one outcome, on the slowest machine."""

NOT_OWED = "99999"
"""An invoice that the desk has never seen: the ledger refuses it before anything is sent."""


class Typist:
    """One window, which takes one payment after the other."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.window = QWidget()
        self.window.show()
        lanes = Lanes(self.window)
        printers = Printers(lanes, Preferences(), self.window)
        self.checkout = Checkout(self.window, lanes, printers)
        self.offers = OfferCheckout(self.window, lanes, printers)
        self.planted: list[object] = []
        self._paid = 0

    @property
    def dialog(self) -> PaymentDialog:
        """The open dialog."""
        assert self.checkout.dialog is not None
        return self.checkout.dialog

    @property
    def offer(self) -> OfferDialog:
        """The open dialog of a payment link or page."""
        assert self.offers.dialog is not None
        return self.offers.dialog

    def obey(self, order: dict[str, str]) -> str:
        """Do what one order says. Returns the address that is offered now, or ``""``."""
        match order["do"]:
            case "offer":
                return self._offer(order)
            case "paid":
                self._until(lambda: self.offer.receipt is not None)
                wait(100)
                self._until(lambda: self._at == "receipt.next" and not self.offer.guard.active)
                self._press(Qt.Key.Key_Return)
                self._until(lambda: self.offers.dialog is None)
            case "pay":
                self._pay(order)
            case "close":
                self._close()
            case "plant":
                number = "".join(map(_digit, order["number"]))
                self.planted.append(number.encode(order["encoding"]) + b"\0")
        return ""

    def _offer(self, order: dict[str, str]) -> str:
        self._paid += 1
        self.offers.take(self._desk, _basket(12_34, "approved", self._paid), TenderKind(order["kind"]))
        self.offer.activateWindow()
        self._until(lambda: self._at == "offer.make")
        self.offer.order.kind.choose(OfferKind(order["way"]))
        self._press(Qt.Key.Key_Return)
        self._until(self.offer.waiting.isVisible)
        (newest,) = self._desk.ledger.payments(limit=1)
        return newest.offer_address

    def _pay(self, order: dict[str, str]) -> None:
        kind = TenderKind(order["kind"])
        self._paid += 1
        self.checkout.take(self._desk, _basket(int(order["cents"]), order["outcome"], self._paid), kind)
        self.dialog.activateWindow()
        self._until(lambda: self._at in ("tender.card.number", "tender.bank.routing"))
        if kind is TenderKind.ACH:
            self._type_account(order)
        else:
            self._type_card(order)
        if order["outcome"] == "escaped":
            self._close()
            return
        self._press(Qt.Key.Key_Return)
        page = self.dialog.page
        shown = {
            "approved": lambda: self.dialog.receipt is not None,
            "declined": lambda: "The bank " in page.banner.text,
            "refused": lambda: "Nothing was charged." in page.banner.text and not page.in_flight,
            "unclear": self.dialog.unknown.isVisible,
        }[order["outcome"]]
        self._until(shown)
        wait(100)  # the worker's last lines, and what the screen still has to draw

    def _type_card(self, order: dict[str, str]) -> None:
        self._type(order["number"])
        self._until(lambda: self._at == "tender.card.expiry")
        self._type(order["expiry"])
        self._type(order["code"])
        self._type("accde")  # a ZIP
        self._until(lambda: self._at == "tender.card.holder")

    def _type_account(self, order: dict[str, str]) -> None:
        self._type(order["routing"])
        for _ in range(2):
            self._type(order["number"])
            self._press(Qt.Key.Key_Return)
        for _ in range(3):
            self._press(Qt.Key.Key_Return)
        self._until(lambda: self._at == "tender.consent.given")
        self._press(Qt.Key.Key_Space)
        for _ in range(3):
            self._press(Qt.Key.Key_Return)
        QTest.keyClicks(self._focus, "call")

    def _close(self) -> None:
        dialog = self.checkout.dialog
        if dialog is not None:
            self._until(lambda: not dialog.guard.active)
        for _ in range(2):  # the first asks, if a number was typed
            if self.checkout.dialog is not None:
                self._press(Qt.Key.Key_Escape)
        self._until(lambda: self.checkout.dialog is None)

    def _type(self, letters: str) -> None:
        for letter in letters:
            QTest.keyClick(self._focus, Qt.Key(Qt.Key.Key_0 + ord(letter) - ord("a")))

    def _press(self, key: Qt.Key) -> None:
        QTest.keyClick(self._focus, key)

    @property
    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self.checkout.dialog or self.offers.dialog or self.window

    @property
    def _at(self) -> str:
        return self._focus.objectName()

    def _until(self, true: Callable[[], bool]) -> None:
        for _ in range(PATIENCE_MS // 10):
            if true():
                return
            wait(10)
        raise AssertionError(f"it did not happen; the focus is in {self._at}")


def _digit(letter: str) -> str:
    return chr(ord(letter) - ord("a") + 48)


def _basket(cents: int, outcome: str, place: int) -> Basket:
    """Return what is paid, each by another payer: PayDesk refuses the same again while it is unclear."""
    payer = Payer(f"Dana Reyes {place}", "617 555 0142", "dana@example.com")
    if outcome == "refused":
        return Basket((PaymentLine(Money(cents), "Premium", NOT_OWED, Money(cents)),), payer)
    return Basket((PaymentLine(Money(cents), "Premium"),), payer, "", ReferenceKind.POLICY, f"HO-{place}")


def main() -> None:
    """Serve the orders on standard input."""
    base, anddone_url, ams360_url = sys.argv[1:]
    app = new_application()
    theme.install(app)
    setattr(QDesktopServices, "openUrl", lambda _address: True)  # noqa: B010 - the test is the browser
    running = open_headless(Place(Path(base), anddone_url, ams360_url), SkippingClock(0.0))
    typist = Typist(running.desk)
    print("shown", flush=True)
    while line := sys.stdin.readline():
        print(f"shown {typist.obey(json.loads(line))}".strip(), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
