"""A payment from the dialog to the next caller, with every answer there is."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from paydesk.config.settings import FeeSettings
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.money import Money
from paydesk.domain.outcome import AchReturned
from paydesk.domain.payment import Payer, PaymentLine, ReferenceKind, State
from paydesk.domain.receipt import Paper
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, Card, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.services.payments.resolve import EXPIRE_AFTER_S
from paydesk.ui.pay.checkout import announcement
from tests.fakes.office import Office
from tests.fakes.sample import SETTINGS
from tests.ui.paying import DISCOVER, VISA, Counter, basket, full


@pytest.fixture
def pending() -> Office:
    """Return an office whose next charge stays in work at AndDone."""
    made = Office()
    made.processor.leave_next_pending()
    return made


def asked(counter: Counter) -> int:
    """Return how often AndDone was asked what became of a charge, and 0 while it is being asked."""
    return len(counter.office.processor.looked_up) * counter.button("unknown.check").isEnabled()


def text_of(counter: Counter, name: str) -> str:
    label = counter.dialog.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def test_an_approved_payment_ends_with_its_receipt_and_the_next_caller(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None and dialog.receipt.view.pages == 1)
    assert text_of(counter, "receipt.headline") == "Approved  $1,293.75"
    assert text_of(counter, "receipt.facts") == "Receipt R-000001 · Visa ending 1111 · Authorization 123456"
    counter.until(lambda: counter.at == "receipt.next")
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: counter.closed == [True])
    assert counter.office.processor.charges_made == [Money(1_293_75)]
    [payment] = counter.answered
    assert (payment.state, payment.draft.invoice_numbers) == (State.AUTHORIZED, ("50123", "50177"))
    assert payment.draft.kind is TenderKind.CREDIT_CARD


def test_enter_out_of_habit_leaves_no_field_of_the_card_empty(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take()
    counter.type(VISA)
    counter.press(Qt.Key.Key_Return)
    assert counter.at == "tender.card.expiry"
    counter.type("0330")
    counter.press(Qt.Key.Key_Return)
    assert counter.at == "tender.card.code"
    assert not dialog.page.card.code.accessibleDescription()
    counter.press(Qt.Key.Key_Return)
    assert counter.at == "tender.card.code"
    assert dialog.page.card.code.accessibleDescription()
    counter.type("123")
    assert full(dialog.page.card.code) == "123"
    assert dialog.page.card.holder.text() == "Dana Reyes"


def test_the_button_carries_the_amount_of_the_chosen_tender(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.take()
    assert counter.button("tender.charge").text() == "Charge $1,293.75"
    counter.press(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert counter.button("tender.charge").text() == "Charge $1,268.75"
    assert (text_of(counter, "tender.summary.fee"), text_of(counter, "tender.summary.total")) == (
        "$18.75",
        "$1,268.75",
    )
    counter.card()
    counter.charge()
    counter.until(lambda: bool(counter.answered))
    assert counter.answered[0].draft.quote.total == Money(1_268_75)
    assert counter.answered[0].draft.kind is TenderKind.DEBIT_CARD


def test_the_tender_chosen_in_the_basket_is_the_first(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.take(kind=TenderKind.ACH)
    assert counter.at == "tender.bank.routing"


def test_ach_above_its_limit_cannot_be_chosen_and_says_by_how_much(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take(basket("50210"), TenderKind.ACH)
    assert counter.at == "tender.card.number"
    assert not counter.button("tender.choice.ach").isEnabled()
    counter.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert dialog.page.banner.text.startswith(
        "ACH is limited to $15,000.00 per payment; this is $3,400.00 over."
    )
    assert counter.button("tender.charge").text() == "Charge $19,044.00"
    dialog.page.banner.clear()
    QTest.mouseClick(counter.button("tender.choice.ach"), Qt.MouseButton.LeftButton)
    assert dialog.page.banner.text.startswith("ACH is limited to $15,000.00 per payment"), "to a click, too"


def test_double_enter_and_double_click_charge_once(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.office.processor.gate.clear()
    dialog = counter.take()
    counter.card()
    counter.press(Qt.Key.Key_Return, times=3)
    counter.button("tender.charge").click()
    counter.button("tender.charge").click()
    dialog.page.charge()
    counter.office.processor.gate.set()
    counter.until(lambda: dialog.receipt is not None)
    assert len(counter.office.processor.sales) == 1


def test_the_screen_says_nothing_of_approval_before_the_answer(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.office.processor.gate.clear()
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: text_of(counter, "tender.progress.text") == "Processing payment…")
    said = " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())
    assert "pproved" not in said
    assert not counter.button("tender.charge").isVisible()
    counter.office.processor.gate.set()
    counter.until(lambda: dialog.receipt is not None)


def test_the_dialog_stays_open_while_money_is_in_flight_and_says_why(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.office.processor.gate.clear()
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.press(Qt.Key.Key_Escape)
    assert not dialog.close()
    assert dialog.isVisible()
    assert "This window stays open" in dialog.page.banner.text
    counter.office.processor.gate.set()
    counter.until(lambda: dialog.receipt is not None)
    assert not counter.closed


def test_a_decline_keeps_no_number(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.office.processor.decline_next("The bank says the limit or balance is too low.")
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: "limit or balance is too low. Nothing was charged." in dialog.page.banner.text)
    card = dialog.page.card
    assert not any(entry.text() for entry in (card.number, card.expiry, card.code))
    assert (card.holder.text(), card.zip.text()) == ("Dana Reyes", "14414")
    assert counter.at == "tender.card.number"
    assert not card.number.accessibleDescription()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    assert len(counter.office.processor.sales) == 2


def test_a_card_that_was_declined_too_often_is_not_sent(qtbot: QtBot) -> None:
    office = Office()
    for turn in range(5):
        office.took("60013", state=State.DECLINED, minutes_ago=100 - 10 * turn)
    counter = Counter(qtbot, office)
    dialog = counter.take()
    counter.card()
    sent = len(office.processor.sales)
    counter.charge()
    counter.until(lambda: "declined 5 times" in dialog.page.banner.text)
    assert dialog.page.banner.text.startswith("This card was declined 5 times in 24 hours.")
    assert "Nothing was charged. Ask the customer for another card" in dialog.page.banner.text
    assert len(office.processor.sales) == sent
    assert office.ledger.undecided() == []


def test_another_tender_is_one_key_away_after_a_decline(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.office.processor.decline_next("The bank did not approve it.")
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: "The bank did not approve it." in dialog.page.banner.text)
    counter.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert counter.at == "tender.bank.routing"
    assert dialog.page.banner.text == ""


def test_an_accepted_bank_debit_is_submitted_and_not_yet_approved(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take(kind=TenderKind.ACH)
    counter.account()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return)
    counter.type("call-1")
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    assert text_of(counter, "receipt.headline") == "Submitted  $1,253.00"
    assert "Submitted to the bank, not yet cleared" in text_of(counter, "receipt.facts")


def test_a_declined_bank_debit_asks_for_consent_again(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.office.processor.decline_next("The account was closed.")
    dialog = counter.take(kind=TenderKind.ACH)
    counter.account()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return)
    counter.type("call-1")
    counter.charge()
    counter.until(lambda: "The account was closed." in dialog.page.banner.text)
    assert not dialog.page.consent.tick.isChecked()
    bank = dialog.page.bank
    assert not any(entry.text() for entry in (bank.routing, bank.account, bank.again))
    assert "6789" not in dialog.page.consent.script.text()
    assert counter.at == "tender.bank.routing"


def test_what_was_not_sent_can_be_tried_again_with_enter(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.office.processor.refuse_next_connection()
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: "Nothing was charged. AndDone can't be reached." in dialog.page.banner.text)
    assert counter.at == "tender.charge"
    counter.until(lambda: not dialog.guard.active)
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)


def hold_elsewhere(office: Office) -> None:
    """Let another desk begin to take the payment."""
    office.took("50123", state=State.HELD, minutes_ago=1, ledger=office.session("Front-2", "Sam"))


def pay_by_link(office: Office) -> None:
    """Let the customer pay by a link meanwhile."""
    office.processor.pay_outside("50123", 838_00)


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        (
            hold_elsewhere,
            "Invoice 50123 is being paid by Sam at Front-2. Nothing was charged. "
            "Wait until that payment is finished, then look up the invoice again.",
        ),
        (
            pay_by_link,
            "Invoice 50123 was already paid outside PayDesk: $838.00 on Aug 14 by AndDone's clock. "
            "Nothing was charged. Find it in AndDone's portal first: txn-link.",
        ),
    ],
)
def test_a_refusal_says_that_nothing_was_charged_once(
    qtbot: QtBot, meanwhile: Callable[[Office], None], said: str
) -> None:
    counter = Counter(qtbot)
    meanwhile(counter.office)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.page.banner.text == said)


def test_no_clear_answer_is_amber_and_resolves_in_the_same_dialog(qtbot: QtBot, pending: Office) -> None:
    counter = Counter(qtbot, pending)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    assert text_of(counter, "unknown.headline") == "We're confirming this payment with AndDone."
    assert "Do not take this payment again" in text_of(counter, "unknown.sentence")
    assert "Checking again in" in text_of(counter, "unknown.next")
    assert not dialog.page.typed
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: asked(counter) == 1)
    assert dialog.unknown.isVisible()
    assert counter.at == "unknown.check", "Enter checks again, and does not close"
    pending.processor.pending.clear()
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: dialog.receipt is not None)
    assert [payment.state for payment in counter.answered] == [State.UNKNOWN, State.AUTHORIZED]
    assert not counter.resolved
    assert not dialog.unknown._ticks.isActive()


def test_an_unclear_payment_found_not_charged_may_be_tried_again(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.office.processor.lose_next_request()
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    counter.office.clock.move(EXPIRE_AFTER_S)
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: asked(counter) == 1)
    assert dialog.unknown.isVisible(), "its intent is expired, and a charge may still be under way"
    counter.office.clock.move(SETTINGS.anddone.quiet_s)
    counter.press(Qt.Key.Key_F5)
    counter.until(dialog.page.isVisible)
    assert dialog.page.banner.text.startswith(
        "Nothing was charged. AndDone has no charge for this payment, and none can come later. "
        "You can try again"
    )
    counter.until(lambda: not dialog.guard.active)
    assert counter.at == "tender.card.number"
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)


def test_a_question_that_cannot_be_asked_changes_nothing(qtbot: QtBot, pending: Office) -> None:
    counter = Counter(qtbot, pending)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    pending.database.fail()
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: "does not read or write." in text_of(counter, "unknown.next"))
    assert dialog.unknown.isVisible()


def test_an_unclear_payment_is_announced_when_its_dialog_was_closed(qtbot: QtBot, pending: Office) -> None:
    counter = Counter(qtbot, pending)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    watch = dialog.unknown._watch
    assert watch is not None
    assert counter.checkout.asking
    counter.press(Qt.Key.Key_Escape)
    counter.until(lambda: counter.closed == [True])
    assert not counter.checkout.asking
    assert not watch._timer.isActive()
    pending.processor.pending.clear()
    counter.checkout.heard(pending.desk.resolve.check(1))
    counter.until(lambda: bool(counter.resolved))
    sentence, next_step, kind = announcement(counter.resolved[0])
    assert sentence == "The $1,293.75 payment from Sample Bakery was approved: receipt R-000001."
    assert (next_step, kind) == ("Print the receipt from the Payments tab.", "good")


def test_the_schedule_asks_by_itself(qtbot: QtBot, pending: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paydesk.ui.pay.watch.wait_s", lambda age_s: 0.01)
    counter = Counter(qtbot, pending)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: len(pending.processor.looked_up) >= 2)
    pending.processor.pending.clear()
    counter.until(lambda: dialog.receipt is not None)
    assert [payment.id for payment in counter.answered] == [1, 1]


def test_a_row_still_submitted_is_treated_as_unclear(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    office = counter.office
    office.processor.refuse_next_connection()
    office.processor.before_pay = lambda: office.database.fail(lambda sql: sql.startswith("UPDATE payment"))
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    assert office.ledger.payment(1).state is State.SUBMITTED


def test_an_answer_that_could_not_be_saved_forbids_another_charge(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.office.processor.before_pay = counter.office.database.fail
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    counter.office.database.recover()
    reference = counter.office.ledger.payment(1).reference
    said = f"approved, but it couldn't be saved (reference {reference})"
    assert said in text_of(counter, "unknown.headline")
    assert "Do not charge again" in text_of(counter, "unknown.sentence")
    assert not counter.button("unknown.check").isVisible()
    assert not dialog.page.typed
    counter.press(Qt.Key.Key_Escape)
    counter.until(lambda: counter.closed == [True])  # it may have been charged: not to be offered again


def test_a_fault_of_our_own_promises_nothing(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    counter = Counter(qtbot)
    counter.office.processor.refusals.append(RuntimeError("4111111111111111"))
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    assert "This may have been charged" in text_of(counter, "unknown.headline")
    assert "4111" not in caplog.text + text_of(counter, "unknown.sentence")


def test_a_late_answer_after_the_dialog_went_away_is_not_lost(qtbot: QtBot, pending: Office) -> None:
    counter = Counter(qtbot, pending)
    pending.processor.gate.clear()
    dialog = counter.take()
    counter.card()
    counter.charge()
    dialog.page.in_flight = False
    dialog.done(0)
    counter.until(lambda: counter.checkout.dialog is None)
    counter.office.processor.gate.set()
    counter.until(lambda: [payment.state for payment in counter.answered] == [State.UNKNOWN])


def test_escape_forgets_a_typed_card_only_when_pressed_twice(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take()
    counter.type("4111")
    counter.press(Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert full(dialog.page.card.number) == "4111"
    assert "Press Esc again" in dialog.page.banner.text
    counter.press(Qt.Key.Key_Escape)
    counter.until(lambda: counter.closed == [False])


def test_typing_on_takes_the_warning_of_escape_back(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take()
    counter.type("4111")
    counter.press(Qt.Key.Key_Escape)
    counter.type("1")
    assert dialog.page.banner.text == ""
    counter.press(Qt.Key.Key_Escape)
    assert dialog.isVisible()


def test_no_card_is_left_in_memory_after_the_receipt(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take()
    counter.card(DISCOVER)
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    gc.collect()
    cards = [thing for thing in gc.get_objects() if isinstance(thing, Card)]
    assert DISCOVER not in ["".join(card.number) for card in cards]
    assert not dialog.page.typed


def test_escape_leaves_an_untouched_dialog_at_once(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.take()
    counter.press(Qt.Key.Key_Escape)
    counter.until(lambda: counter.closed == [False])


def test_phone_or_counter_is_remembered_for_the_next_caller(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take()
    dialog.page.channel.choose(Channel.COUNTER)
    counter.press(Qt.Key.Key_Escape)
    counter.until(lambda: counter.closed == [False])
    counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: bool(counter.answered))
    assert counter.answered[0].draft.channel is Channel.COUNTER


def test_the_paper_is_remembered_for_the_next_caller(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    assert _paper_of_next(counter, basket("50123"), Paper.ROLL_80MM) is Paper.LETTER
    assert _paper_of_next(counter, basket("50177"), Paper.LETTER) is Paper.ROLL_80MM


def _paper_of_next(counter: Counter, paid: Basket, then: Paper) -> Paper:
    """Take a payment; the paper its receipt is offered on, before another is chosen."""
    dialog = counter.take(paid)
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    assert dialog.receipt is not None
    offered = dialog.receipt.view.paper.value
    dialog.receipt.view.paper.choose(then)
    dialog.accept()
    counter.until(lambda: counter.checkout.dialog is None)
    return offered


def test_a_desk_without_fees_cannot_charge(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    office = Office(replace(SETTINGS, fees=FeeSettings()))
    with pytest.raises(KnownError, match="technology fees and ACH limit are not set"):
        counter.checkout.take(office.desk, basket())
    assert counter.checkout.dialog is None


def test_only_one_dialog_opens(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    first = counter.take()
    counter.checkout.take(counter.office.desk, basket())
    assert counter.dialog is first


def test_an_account_whose_debit_came_back_is_charged_after_a_warning(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    office = counter.office
    with office.ago(3 * 24 * 60):
        earlier = office.desk.authorize.pay(office.draft("50181", kind=TenderKind.ACH), typed_account())
    office.ledger.returned(earlier.id, AchReturned("The bank says: not enough money in the account (R01)."))
    dialog = counter.take(kind=TenderKind.ACH)
    counter.account()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return)
    counter.type("call-1")
    counter.charge()
    counter.until(lambda: "came back on" in dialog.page.banner.text)
    assert "press Charge again" in dialog.page.banner.text
    assert len(office.ledger.payments(limit=9)) == 1, "nothing was recorded"
    counter.until(lambda: not dialog.guard.active)
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    assert len(office.ledger.payments(limit=9)) == 2


def test_the_same_anytime_payment_is_charged_again_only_after_a_warning(qtbot: QtBot) -> None:
    """Unconfirmed, then entered again: the first was approved meanwhile, and Enter charged the second."""
    counter = Counter(qtbot)
    line = PaymentLine(Money(80_00), "Policy HO-204417")
    anytime = Basket((line,), Payer("Cy Young"), "02108", ReferenceKind.POLICY, "HO-204417")
    counter.office.processor.lose_next_reply()
    first = counter.take(anytime)
    counter.card()
    counter.charge()
    counter.until(lambda: counter.answered != [])
    first.reject()
    counter.until(lambda: counter.checkout.dialog is None)
    dialog = counter.take(anytime)
    counter.card()
    counter.charge()
    counter.until(lambda: "is already taking the same" in dialog.page.banner.text)
    counter.office.desk.resolve.all()
    counter.until(lambda: not dialog.guard.active)
    counter.charge()
    counter.until(lambda: "already took the same $80.00 payment from Cy Young" in dialog.page.banner.text)
    assert "press Charge again" in dialog.page.banner.text
    assert len(counter.office.processor.charges_made) == 1
    counter.charge()
    counter.lanes.money.wait(5)
    assert len(counter.office.processor.charges_made) == 1, "a double Enter is no yes"


def typed_account() -> BankAccount:
    """Return the account that the counter types."""
    return BankAccount(
        "021000021", Sealed("123456789"), AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes"
    )
