"""Payment links in the real window: ordered, shown, paid by somebody else, or taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import OfferKind, Payment, State
from paydesk.domain.tender import TenderKind
from paydesk.domain.world import LIVE, TEST
from paydesk.ui.main.window import PAYMENTS
from paydesk.ui.offer import dialog as offer_dialog
from paydesk.ui.offer import words
from paydesk.ui.offer.dialog import OfferDialog
from paydesk.ui.pay import payment_dialog
from paydesk.ui.pay.payment_dialog import PaymentDialog
from paydesk.ui.payments import words as payment_words
from paydesk.ui.payments.page import HistoryPage
from tests.fakes.office import Office
from tests.fakes.sample import SETTINGS
from tests.ui.front import Front
from tests.ui.main.test_menu import mnemonics

ALL = ("typed", "link", "hosted")


def front_of(qtbot: QtBot, *entries: str) -> Front:
    """Open the window of a desk where cards are entered in these ways."""
    anddone = replace(SETTINGS.anddone, card_entry=entries or ALL)
    return Front(qtbot, Office(replace(SETTINGS, anddone=anddone)))


def order(front: Front, number: str = "50123", kind: TenderKind = TenderKind.CREDIT_CARD) -> OfferDialog:
    """Look an invoice up, and come to the dialog of the link."""
    front.look_up(number)
    basket = front.take.basket
    assert basket is not None
    front.window._pay(basket, kind)
    checkout, offers = front.window.checkout, front.window.offers
    assert checkout is not None
    assert offers is not None
    if checkout.dialog is not None:
        front.until(lambda: front.at.startswith("tender."))
        front.press(Qt.Key.Key_F4)
    front.until(lambda: offers.dialog is not None and front.at == "offer.make")
    assert offers.dialog is not None
    return offers.dialog


def made(front: Front, dialog: OfferDialog) -> Payment:
    """Make the link, and wait until it is shown."""
    front.enter()
    front.until(dialog.waiting.isVisible)
    (payment,) = front.office.ledger.payments(limit=1)
    return payment


@pytest.mark.parametrize("size", [(1366, 728), (911, 485), (800, 440)])
def test_nothing_of_a_link_is_beside_a_small_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    """911 × 485 is a screen of 1366 × 768 with text at 150 %."""
    for module in (offer_dialog, payment_dialog):
        monkeypatch.setattr(module, "room_for", lambda _window: QSize(*size))
    front = front_of(qtbot)
    dialog = order(front)
    assert dialog.width() <= size[0]
    assert dialog.height() <= size[1]
    made(front, dialog)
    assert dialog.minimumSizeHint().width() <= size[0]
    assert dialog.minimumSizeHint().height() <= size[1]


@pytest.mark.parametrize("by_key", [True, False], ids=["Esc", "click"])
def test_back_goes_to_the_fields_of_the_card(qtbot: QtBot, by_key: bool) -> None:
    front = front_of(qtbot)
    dialog = order(front, kind=TenderKind.DEBIT_CARD)
    front.press(Qt.Key.Key_Escape) if by_key else dialog.order._leave.click()
    checkout = front.window.checkout
    assert checkout is not None
    front.until(lambda: front.at == "tender.card.number")
    assert checkout.dialog is not None
    assert checkout.dialog.page.quote.kind is TenderKind.DEBIT_CARD
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: checkout.dialog is None)
    assert front.take.basket is not None, "nothing of the selection is lost"


def test_back_closes_where_no_card_is_typed(qtbot: QtBot) -> None:
    front = front_of(qtbot, "link")
    order(front)
    front.press(Qt.Key.Key_Escape)
    offers, checkout = front.window.offers, front.window.checkout
    assert offers is not None
    assert checkout is not None
    front.until(lambda: offers.dialog is None)
    assert checkout.dialog is None


def test_a_link_is_ordered_shown_and_paid(qtbot: QtBot) -> None:
    front = front_of(qtbot)
    dialog = order(front)
    payment = made(front, dialog)
    assert payment.state is State.OFFERED
    assert dialog.waiting._address.full_text == payment.offer_address
    assert len(dialog.waiting.code.modules) >= 21
    front.office.processor.pay_at_address(payment.intent_token)
    front.until(lambda: dialog.receipt is not None)
    paid = front.office.ledger.payment(payment.id)
    assert (paid.state, paid.receipt_number) == (State.AUTHORIZED, "R-000001")
    assert front.office.ledger.receipt(payment.id).channel is Channel.LINK
    front.until(lambda: front.at == "receipt.next")
    front.enter()
    front.until(lambda: front.at == "lookup.invoice.number")


def test_the_key_in_the_payment_window_keeps_the_payment_method(qtbot: QtBot) -> None:
    front = front_of(qtbot)
    dialog = order(front, kind=TenderKind.DEBIT_CARD)
    assert dialog.order.draft.kind is TenderKind.DEBIT_CARD
    assert not front.office.ledger.payments(limit=1), "nothing is held before the link is made"


def test_without_typed_entry_no_field_for_a_card_or_account_exists(qtbot: QtBot) -> None:
    front = front_of(qtbot, "link", "hosted")
    dialog = order(front)
    made(front, dialog)
    names = [one.objectName() for one in QApplication.allWidgets() if isinstance(one, QLineEdit)]
    assert not [name for name in names if name.startswith(("tender.card", "tender.bank"))]
    assert not [one for one in QApplication.topLevelWidgets() if isinstance(one, PaymentDialog)]


def test_with_typed_entry_alone_no_link_is_offered(qtbot: QtBot) -> None:
    front = front_of(qtbot, "typed")
    front.look_up("50123")
    basket = front.take.basket
    assert basket is not None
    front.window._pay(basket, None)
    front.until(lambda: front.at == "tender.card.number")
    front.press(Qt.Key.Key_F4)
    assert front.window.offers is not None
    assert front.window.offers.dialog is None


def test_closed_the_link_stays_open_and_is_found_and_taken_back_in_payments(qtbot: QtBot) -> None:
    front = front_of(qtbot)
    dialog = order(front)
    payment = made(front, dialog)
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: front.at == "lookup.invoice.number")
    assert front.office.ledger.payment(payment.id).state is State.OFFERED
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.window._page(PAYMENTS)
    assert page is not None
    front.until(lambda: page.details.payment is not None)  # type: ignore[attr-defined]  # this page has details
    front.press(Qt.Key.Key_F8)
    offers = front.window.offers
    assert offers is not None
    front.until(lambda: front.at == "offer.copy")
    again = offers.dialog
    assert again is not None
    assert again.waiting._address.full_text == payment.offer_address
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: offers.dialog is None and front.window.isActiveWindow())
    front.press(Qt.Key.Key_F10)
    front.until(lambda: front.office.ledger.payment(payment.id).state is State.CLOSING)


def test_a_link_that_another_desk_took_back_is_not_shown_again(qtbot: QtBot) -> None:
    front = front_of(qtbot)
    payment = made(front, order(front))
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: front.at == "lookup.invoice.number")
    front.window.tabs.setCurrentIndex(PAYMENTS)
    page = front.window._page(PAYMENTS)
    assert isinstance(page, HistoryPage)
    front.until(lambda: page.details.payment is not None)
    page.model.show([payment])
    front.office.ledger.close_offer(payment.id, "Taken back.", Reason.TAKEN_BACK)
    page.details.link.emit(payment)  # as the list still knows it
    front.until(lambda: "can no longer be paid" in page.notice.text)
    assert front.window.offers is not None
    assert front.window.offers.dialog is None


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [
        (OfferKind.LINK, State.CLOSING, "The payment link is being taken back."),
        (OfferKind.HOSTED, State.CLOSING, "The AndDone page is being taken back."),
        (OfferKind.LINK, State.AUTHORIZED, "The payment link was paid before it was taken back."),
        (OfferKind.HOSTED, State.NOT_CHARGED, "The AndDone page no longer works."),
        (OfferKind.LINK, State.VOIDED, "The payment link no longer works."),
    ],
)
def test_what_became_of_it_is_said(kind: OfferKind, state: State, said: str) -> None:
    payment = replace(Office().took("50123"), offer_kind=kind, state=state)
    assert payment_words.taken_back(payment)[0] == said


def test_taken_back_the_address_is_gone_at_once(qtbot: QtBot) -> None:
    front = front_of(qtbot)
    dialog = order(front)
    payment = made(front, dialog)
    front.press(Qt.Key.Key_F10)
    front.until(lambda: "Taking the link back" in dialog.waiting._headline.text())
    assert front.office.ledger.payment(payment.id).state is State.CLOSING
    assert not dialog.waiting._address.full_text
    assert not dialog.waiting.code.modules
    assert dialog.waiting.copy.isHidden()


def test_the_link_is_copied(qtbot: QtBot) -> None:
    front = front_of(qtbot)
    dialog = order(front)
    payment = made(front, dialog)
    front.press(Qt.Key.Key_F6)
    assert QGuiApplication.clipboard().text() == payment.offer_address


@pytest.mark.parametrize("opens", [True, False])
def test_the_hosted_page_opens_in_the_browser(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toString())
        return opens

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    front = front_of(qtbot)
    dialog = order(front)
    dialog.order.kind.choose(OfferKind.HOSTED)
    assert dialog.order.life.isHidden()
    payment = made(front, dialog)
    assert (payment.offer_kind, payment.draft.channel) == (OfferKind.HOSTED, Channel.PHONE)
    front.until(lambda: opened == [payment.offer_address])
    assert dialog.waiting.banner.isVisible() is not opens
    if not opens:
        assert "Copy the link" in dialog.waiting.banner.text


def test_an_email_has_the_link_and_asks_for_nothing_else(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    front = front_of(qtbot)
    dialog = order(front)
    payment = made(front, dialog)
    front.press(Qt.Key.Key_F7)
    (mail,) = opened
    said = QUrl.fromPercentEncoding(mail.toEncoded())
    assert mail.scheme() == "mailto"
    assert "subject=TRAINING: no money moves: your payment to " in said
    assert "&body=TRAINING: no money moves\n\nHello," in said
    assert payment.offer_address in said
    assert payment.draft.quote.total.shown in said


def test_the_email_of_a_live_desk_begins_with_hello() -> None:
    payment = Office().took("50123", state=State.OFFERED)
    assert words.mail_subject("Sample Agency", LIVE) == "Your payment to Sample Agency"
    assert words.mail_body(payment, "Sample Agency", LIVE).startswith("Hello,\n")
    assert words.mail_subject("Sample Agency", TEST).startswith("TEST HOST: no money moves")
    assert words.mail_body(payment, "Sample Agency", TEST).startswith("TEST HOST: no money moves\n")


@pytest.mark.parametrize("kind", [OfferKind.LINK, OfferKind.HOSTED])
def test_alt_keys_are_unique(qtbot: QtBot, kind: OfferKind) -> None:
    dialog = order(front_of(qtbot))
    dialog.order.kind.choose(kind)
    used = mnemonics(dialog)
    assert len(set(used)) == len(used) >= 2


def test_no_link_can_be_made_and_the_clerk_goes_on(qtbot: QtBot) -> None:
    front = front_of(qtbot)
    dialog = order(front)
    front.office.processor.refusals.append(KnownError("AndDone can't be reached.", "Try again."))
    front.enter()
    front.until(dialog.order.banner.isVisible)
    assert not dialog.spent
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: front.window.offers is not None and front.window.offers.dialog is None)
    assert front.ticked == ["50123"]


def test_a_fault_of_ours_says_whether_the_customer_can_pay(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = front_of(qtbot)
    dialog = order(front)
    front.office.processor.refusals.append(RuntimeError("a fault of ours"))
    front.enter()
    front.until(dialog.order.banner.isVisible)
    assert "The customer got no link, and nothing was charged." in dialog.order.banner.text
    made(front, dialog)

    def fails(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(front.office.ledger, "close_offer", fails)
    front.press(Qt.Key.Key_F10)
    front.until(dialog.waiting.banner.isVisible)
    assert "The customer may still be able to pay." in dialog.waiting.banner.text


def test_a_second_press_makes_no_second_link(qtbot: QtBot) -> None:
    front = front_of(qtbot)
    dialog = order(front)
    for _ in range(3):
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    front.until(dialog.waiting.isVisible)
    assert len(front.office.processor.addresses) == 1


def test_paid_while_nobody_looks_it_is_told(qtbot: QtBot) -> None:
    front = front_of(qtbot)
    dialog = order(front)
    payment = made(front, dialog)
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: front.at == "lookup.invoice.number")
    background = front.window.background
    assert background is not None
    background.run()  # which remembers the open link
    front.until(lambda: payment.reference in background._undecided)
    front.office.processor.pay_at_address(payment.intent_token)
    front.office.clock.move(60)
    background.run()
    front.until(lambda: "R-000001" in front.take.notice.text)
