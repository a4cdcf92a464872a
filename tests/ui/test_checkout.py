"""A payment from the dialog to the next caller, with every answer there is."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved
from paydesk.domain.payment import State
from paydesk.domain.receipt import Paper
from paydesk.domain.tender import Card, TenderKind
from paydesk.services.authorize import NotRecorded
from paydesk.ui import tender_dialog
from paydesk.ui.checkout import announcement
from tests.fakes.desk import APPROVE, UNKNOWN, Answer, FakeDesk, FakeSettings, decline, refuse, released
from tests.ui.paying import DISCOVER, VISA, Counter, bill

NOT_CHARGED = Answer(State.NOT_CHARGED, "AndDone has no charge for it.")


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
    assert text_of(counter, "receipt.facts") == "Receipt R-000001 · Visa ending 1111 · Authorization A51823"
    counter.until(lambda: counter.at == "receipt.next")
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: counter.closed == [True])
    draft, tender = counter.fake.authorize.charged[0]
    assert (draft.quote.total, draft.invoice_numbers) == (Money(1_293_75), ("50123", "50177"))
    assert tender.kind is TenderKind.CREDIT_CARD
    assert [payment.state for payment in counter.answered] == [State.AUTHORIZED]


def test_a_held_enter_does_not_send_the_receipt_away(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: counter.at == "receipt.next")
    dialog._enter_at.start()  # the window system repeats the key without saying so
    counter.press(Qt.Key.Key_Return)
    assert dialog.isVisible()
    qtbot.wait(tender_dialog.HELD_MS + 50)
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: counter.closed == [True])


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
    assert dialog.page.card.code.text() == "123"
    assert dialog.page.card.holder.text() == "Dana Reyes"


def test_the_button_carries_the_amount_of_the_chosen_tender(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.take()
    assert counter.button("tender.charge").text() == "Charge $1,293.75"
    counter.press(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert counter.button("tender.charge").text() == "Charge $1,268.75"
    assert (text_of(counter, "tender.bill.fee"), text_of(counter, "tender.bill.total")) == (
        "18.75",
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
    dialog = counter.take(bill("50210"), TenderKind.ACH)
    assert counter.at == "tender.card.number"
    assert not counter.button("tender.choice.ach").isEnabled()
    counter.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert dialog.page.banner.text.startswith(
        "ACH takes at most $15,000.00 a payment; this is $3,400.00 more."
    )
    assert counter.button("tender.charge").text() == "Charge $19,044.00"


def test_double_enter_and_double_click_charge_once(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.fake.authorize.gate.clear()
    dialog = counter.take()
    counter.card()
    counter.press(Qt.Key.Key_Return, times=3)
    counter.button("tender.charge").click()
    counter.button("tender.charge").click()
    dialog.page.charge()
    counter.fake.authorize.gate.set()
    counter.until(lambda: dialog.receipt is not None)
    assert len(counter.fake.authorize.charged) == 1


def test_the_screen_says_nothing_of_approval_before_the_answer(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.fake.authorize.gate.clear()
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: text_of(counter, "tender.progress.text") == "Asking AndDone…")
    said = " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())
    assert "pproved" not in said
    assert not counter.button("tender.charge").isVisible()
    counter.fake.authorize.gate.set()
    counter.until(lambda: dialog.receipt is not None)


def test_the_dialog_stays_open_while_money_is_in_flight_and_says_why(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    counter.fake.authorize.gate.clear()
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.press(Qt.Key.Key_Escape)
    assert not dialog.close()
    assert dialog.isVisible()
    assert "this stays open" in dialog.page.banner.text
    counter.fake.authorize.gate.set()
    counter.until(lambda: dialog.receipt is not None)
    assert not counter.closed


def test_a_decline_keeps_all_but_the_code(qtbot: QtBot) -> None:
    counter = Counter(qtbot, decline("The bank says the limit or balance is too low."), APPROVE)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: "Declined." in dialog.page.banner.text)
    assert "limit or balance is too low. Nothing was charged." in dialog.page.banner.text
    assert dialog.page.card.number.text() == "4111 1111 1111 1111"
    assert (dialog.page.card.expiry.text(), dialog.page.card.code.text()) == ("03/30", "")
    assert counter.at == "tender.card.code"
    counter.type("321")
    counter.press(Qt.Key.Key_Return, times=2)
    counter.until(lambda: dialog.receipt is not None)
    assert len(counter.fake.authorize.charged) == 2


def test_another_tender_is_one_key_away_after_a_decline(qtbot: QtBot) -> None:
    counter = Counter(qtbot, decline("The bank did not approve it."))
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: "Declined." in dialog.page.banner.text)
    counter.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert counter.at == "tender.bank.routing"
    assert dialog.page.banner.text == ""


def test_an_accepted_bank_debit_is_submitted_and_not_yet_approved(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take(kind=TenderKind.ACH)
    counter.account()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return, times=3)
    counter.type("call-1")
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    assert text_of(counter, "receipt.headline") == "Submitted  $1,253.00"
    assert "Submitted to the bank, not yet cleared" in text_of(counter, "receipt.facts")


def test_a_declined_bank_debit_asks_for_consent_again(qtbot: QtBot) -> None:
    counter = Counter(qtbot, decline("The account was closed."))
    dialog = counter.take(kind=TenderKind.ACH)
    counter.account()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return, times=3)
    counter.type("call-1")
    counter.charge()
    counter.until(lambda: "Declined." in dialog.page.banner.text)
    assert not dialog.page.consent.tick.isChecked()
    assert dialog.page.bank.account.text() == "123456789"


def test_what_was_not_sent_can_be_tried_again_with_enter(qtbot: QtBot) -> None:
    counter = Counter(qtbot, released("AndDone could not be reached."), APPROVE)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: "Nothing was charged. AndDone could not be reached." in dialog.page.banner.text)
    assert counter.at == "tender.charge"
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            refuse("Invoice 50123 is being paid at desk Front-2.", "Wait for it."),
            "Invoice 50123 is being paid at desk Front-2. Nothing was charged. Wait for it.",
        ),
        (
            refuse("Invoice 50123 was paid outside PayDesk.", "Nothing was charged. Check it."),
            "Invoice 50123 was paid outside PayDesk. Nothing was charged. Check it.",
        ),
    ],
)
def test_a_refusal_says_that_nothing_was_charged_once(qtbot: QtBot, answer: Answer, said: str) -> None:
    counter = Counter(qtbot, answer)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.page.banner.text == said)


def test_no_clear_answer_is_amber_and_resolves_in_the_same_dialog(qtbot: QtBot) -> None:
    counter = Counter(qtbot, UNKNOWN)
    counter.fake.reconcile.findings.extend([UNKNOWN, APPROVE])
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    assert text_of(counter, "unknown.headline") == "We are checking with the processor."
    assert "Do not take this payment again" in text_of(counter, "unknown.sentence")
    assert "Next check in" in text_of(counter, "unknown.next")
    assert dialog.page.card.code.text() == ""
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: counter.fake.reconcile.asked == [1] and counter.button("unknown.check").isEnabled())
    assert dialog.unknown.isVisible()
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: dialog.receipt is not None)
    assert [payment.state for payment in counter.answered] == [State.UNKNOWN, State.AUTHORIZED]
    assert not counter.resolved
    assert not dialog.unknown._ticks.isActive()


def test_an_unclear_payment_found_not_charged_may_be_tried_again(qtbot: QtBot) -> None:
    counter = Counter(qtbot, UNKNOWN)
    counter.fake.reconcile.findings.append(NOT_CHARGED)
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    counter.press(Qt.Key.Key_F5)
    counter.until(dialog.page.isVisible)
    assert dialog.page.banner.text.startswith(
        "Nothing was charged. AndDone has no charge for it. You may try again"
    )
    counter.charge()
    assert counter.at == "tender.card.code"


def test_a_question_that_cannot_be_asked_changes_nothing(qtbot: QtBot) -> None:
    counter = Counter(qtbot, UNKNOWN)
    counter.fake.reconcile.findings.append(refuse("AndDone cannot be reached."))
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    counter.press(Qt.Key.Key_F5)
    counter.until(lambda: "AndDone cannot be reached." in text_of(counter, "unknown.next"))
    assert dialog.unknown.isVisible()


def test_an_unclear_payment_is_announced_when_its_dialog_was_closed(qtbot: QtBot) -> None:
    counter = Counter(qtbot, UNKNOWN)
    counter.fake.reconcile.findings.append(APPROVE)
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
    counter.checkout.heard(counter.fake.reconcile.check(1))
    counter.until(lambda: bool(counter.resolved))
    sentence, next_step, kind = announcement(counter.resolved[0])
    assert sentence == "The payment of $1,293.75 by Sample Bakery was approved: receipt R-000001."
    assert (next_step, kind) == ("Print the receipt from the Payments tab.", "good")


def test_the_schedule_asks_by_itself(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paydesk.ui.watch.wait_s", lambda age_s: 0.01)
    counter = Counter(qtbot, UNKNOWN)
    counter.fake.reconcile.findings.extend([UNKNOWN, UNKNOWN, APPROVE])
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    assert counter.fake.reconcile.asked == [1, 1, 1]


def test_a_row_still_submitted_is_treated_as_unclear(qtbot: QtBot) -> None:
    counter = Counter(qtbot, Answer(State.SUBMITTED))
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)


def test_an_answer_that_could_not_be_saved_forbids_another_charge(qtbot: QtBot) -> None:
    lost = NotRecorded("PD1", Approved("tx-1", Money(1_293_75)))
    counter = Counter(qtbot, Answer(error=lost))
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    assert "APPROVED, but it could not be saved (reference PD1)" in text_of(counter, "unknown.headline")
    assert "Do not charge again" in text_of(counter, "unknown.sentence")
    assert not counter.button("unknown.check").isVisible()
    assert not dialog.page.typed
    counter.press(Qt.Key.Key_Escape)
    counter.until(lambda: counter.closed == [True])  # it may have been charged: not to be offered again


def test_a_fault_of_our_own_promises_nothing(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    counter = Counter(qtbot, Answer(error=RuntimeError("4111111111111111")))
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(dialog.unknown.isVisible)
    assert "it is not clear whether this was charged" in text_of(counter, "unknown.headline")
    assert "4111" not in caplog.text + text_of(counter, "unknown.sentence")


def test_a_late_answer_after_the_dialog_went_away_is_not_lost(qtbot: QtBot) -> None:
    counter = Counter(qtbot, UNKNOWN)
    counter.fake.authorize.gate.clear()
    counter.fake.reconcile.findings.append(APPROVE)
    dialog = counter.take()
    counter.card()
    counter.charge()
    dialog.page.in_flight = False
    dialog.done(0)
    counter.until(lambda: counter.checkout.dialog is None)
    counter.fake.authorize.gate.set()
    counter.until(lambda: [payment.state for payment in counter.answered] == [State.UNKNOWN])


def test_escape_forgets_a_typed_card_only_when_pressed_twice(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take()
    counter.type("4111")
    counter.press(Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.page.card.number.text() == "4111"
    assert "Press Esc once more" in dialog.page.banner.text
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
    counter.fake.authorize.charged.clear()
    gc.collect()
    cards = [thing for thing in gc.get_objects() if isinstance(thing, Card)]
    assert DISCOVER not in [card.number for card in cards]
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
    assert _paper_of_next(counter, Paper.ROLL_80MM) is Paper.LETTER
    assert _paper_of_next(counter, Paper.LETTER) is Paper.ROLL_80MM


def _paper_of_next(counter: Counter, then: Paper) -> Paper:
    """Take a payment; the paper its receipt is offered on, before another is chosen."""
    dialog = counter.take()
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
    counter.fake = FakeDesk(settings=FakeSettings(tariff=None))
    with pytest.raises(KnownError, match="No fees are set"):
        counter.checkout.take(counter.fake.desk, bill())
    assert counter.checkout.dialog is None


def test_only_one_dialog_opens(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    first = counter.take()
    counter.checkout.take(counter.fake.desk, bill())
    assert counter.dialog is first
