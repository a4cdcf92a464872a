"""The whole story in a real browser: the clerk opens the page, a browser types the card, the window turns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from paydesk.config.paths import Paths
from paydesk.domain.payment import OfferKind, State
from paydesk.wiring.desk import RunningDesk, open_desk
from tests.browser import Browser, needs_browser
from tests.fakes.office import Office
from tests.proving import together
from tests.sandbox.payer import CARD
from tests.ui.front import Front

pytestmark = [needs_browser(), *together("browser")]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningDesk]:
    opened = open_desk(Paths(tmp_path, training=True))
    yield opened
    opened.close()


class _Training(Office):
    """An office whose desk is a real training desk."""

    def __init__(self, running: RunningDesk) -> None:
        super().__init__()
        self.desk = running.desk


@pytest.mark.parametrize("kind", [OfferKind.LINK, OfferKind.HOSTED])
def test_a_browser_pays_and_the_window_shows_the_receipt(
    qtbot: QtBot, running: RunningDesk, monkeypatch: pytest.MonkeyPatch, kind: OfferKind
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    front = Front(qtbot, _Training(running))
    front.look_up("50300")
    basket = front.take.basket
    assert basket is not None
    front.window._pay(basket, None)
    offers = front.window.offers
    assert offers is not None
    front.until(lambda: front.at.startswith("tender."))
    front.press(Qt.Key.Key_F4)
    front.until(lambda: front.at == "offer.make")
    dialog = offers.dialog
    assert dialog is not None
    dialog.order.kind.choose(kind)
    front.enter()
    front.until(dialog.waiting.isVisible)
    with Browser() as browser:
        browser.open(opened[0] if kind is OfferKind.HOSTED else dialog.waiting._address.full_text)
        browser.see("Card number")
        for label, text in (CARD | {"Card number": "4000000000009995"}).items():
            if label != "Country":
                browser.write(label, text)
        browser.press("Submit Payment")
        browser.see("The payment failed")
        assert running.desk.ledger.payments(limit=1)[0].state is State.OFFERED
        for label in ("Card number", "Security code"):
            browser.write(label, CARD[label])
        browser.press("Submit Payment")
        browser.see("Thank you for your payment!" if kind is OfferKind.HOSTED else "paid by")
    front.until(lambda: dialog.receipt is not None)
    (paid,) = running.desk.ledger.payments(limit=1)
    assert (paid.state, paid.receipt_number, paid.last4) == (State.AUTHORIZED, "R-000001", "0007")
