"""The advice about payments that need a person: one for each, and never two that contradict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product

import pytest

from paydesk.domain.money import Money, total
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import Payment, PaymentLine, State
from paydesk.domain.posting import Posting, PostingChannel, PostingState
from paydesk.domain.refund import Refund, RefundKind, RefundOrigin, RefundState, SeenRefund
from paydesk.services.desk.advice import OPPOSITES, Action, Case, advice, needs_attention
from paydesk.ui.kit.words import outcome
from tests.fakes.world import START, Counter

AFTER = timedelta(minutes=15)


@pytest.fixture
def payment(counter: Counter) -> Payment:
    """Return a payment without a clear answer."""
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_request()
    return counter.pay("50123")


def test_an_unknown_payment_is_never_to_be_taken_again(payment: Payment) -> None:
    said = advice(payment)
    assert "$103.50" in said.known
    assert "no clear answer" in said.known
    assert payment.intent_title in said.do
    assert said.never.startswith("Do not take this payment again")
    assert "can no longer be charged" in advice(replace(payment, expired_at=START)).known


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_advice_and_no_card_number(payment: Payment, state: State) -> None:
    said = advice(replace(payment, state=state))
    assert said.known
    assert said.do
    assert "4000620000000007" not in str(said)


@pytest.mark.parametrize("state", [State.AUTHORIZED, State.DECLINED, State.NOT_CHARGED, State.REFUNDED])
def test_a_final_payment_is_not_named_by_a_value_of_ours(payment: Payment, state: State) -> None:
    """It said "This payment is final: authorized." where every list says Approved."""
    said = advice(replace(payment, state=state))
    assert (said.case, said.known) == (Case.DECIDED, "This payment is final.")


def test_a_letter_is_due_only_once_the_money_and_its_receipt_are_clear(payment: Payment) -> None:
    taken = replace(payment, state=State.AUTHORIZED, receipt_number="R-000007")
    assert advice(taken, letter_due=True).case is Case.LETTER_DUE
    refused = Posting(taken, PostingState.REFUSED, START, reason="The period is closed.", sent_at=START)
    assert advice(taken, refused, letter_due=True).case is Case.POSTING_REFUSED
    for state in (State.UNKNOWN, State.LATE, State.VOIDING, State.VOIDED, State.RETURNED, State.DECLINED):
        assert advice(replace(taken, state=state), letter_due=True).case is not Case.LETTER_DUE


def test_a_late_charge_and_one_of_another_amount_say_so(payment: Payment) -> None:
    late = replace(payment, state=State.LATE, processor_ref="txn-9", receipt_number="R-000007")
    assert "txn-9" in advice(late).known
    otherwise = replace(payment, state=State.AUTHORIZED, charged=Money(104_00))
    assert "$103.50 was quoted, but AndDone charged $104.00" in advice(otherwise).known
    assert needs_attention(late, START, AFTER)
    assert needs_attention(otherwise, START, AFTER)


@pytest.mark.parametrize(
    ("numbers", "again", "never"),
    [
        ([None], "returned by the bank.", "This is not paid."),
        (["50123"], "returned by the bank. Its invoice is open again.", "This invoice is not paid."),
        (
            ["50123", "9"],
            "returned by the bank. Its invoices are open again.",
            "These invoices are not paid.",
        ),
    ],
)
def test_a_returned_payment_counts_its_invoices(
    payment: Payment, numbers: list[str | None], again: str, never: str
) -> None:
    parts = [Money(1_00)] * (len(numbers) - 1)
    amounts = [payment.draft.quote.subtotal - total(parts), *parts]
    lines = tuple(
        PaymentLine(amount, "Premium", number) for amount, number in zip(amounts, numbers, strict=True)
    )
    said = advice(replace(payment, state=State.RETURNED, draft=replace(payment.draft, lines=lines)))
    assert said.known.endswith(again)
    assert said.never == never


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (Reason.SENT_BACK_FUNDS, "may be tried again, at most twice, once the money is there."),
        (Reason.SENT_BACK_ACCOUNT, "take a card or another account."),
        (Reason.SENT_BACK_FORBIDDEN, "Do not debit this account again unless"),
        (Reason.SENT_BACK, "Tell the customer, and take another payment. Receipt"),
    ],
)
def test_a_return_says_if_the_account_may_be_tried_again(payment: Payment, code: Reason, says: str) -> None:
    back = replace(payment, state=State.RETURNED, reason="The bank says: no (R01).", reason_code=code)
    assert says in advice(back).do
    assert ("The bank says: no (R01)." in advice(back).known) == (code is not Reason.SENT_BACK)


def test_an_open_payment_needs_attention_after_a_while(payment: Payment) -> None:
    assert payment.submitted_at is not None
    assert not needs_attention(payment, payment.submitted_at + AFTER / 2, AFTER)
    assert needs_attention(payment, payment.submitted_at + AFTER, AFTER)
    assert needs_attention(payment, payment.submitted_at - timedelta(days=1), AFTER), "the clock was set back"
    assert not needs_attention(replace(payment, state=State.DECLINED), START + timedelta(days=1), AFTER)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("AndDone gave no clear answer: the connection was lost.", Reason.NO_ANSWER),
        ("Error 500.", Reason.UNCLEAR_ANSWER),
        ("", Reason.NONE),
    ],
)
def test_that_there_is_no_clear_answer_is_said_once(payment: Payment, reason: str, code: Reason) -> None:
    known = advice(replace(payment, reason=reason, reason_code=code)).known
    assert known.count("AndDone gave no clear answer") == 1
    assert reason in known


def test_a_bank_debit_in_authorization_is_not_called_unclear(payment: Payment) -> None:
    said = "AndDone has accepted the bank debit and has not authorized it yet."
    pending = replace(payment, reason=said, reason_code=Reason.PENDING)
    advised = advice(pending)
    assert said in advised.known
    assert "no clear answer" not in f"{advised.known} {advised.do}"
    assert "submitted but not confirmed yet" in advised.do
    assert advised.never.startswith("Do not take this payment again")
    assert outcome(pending) == "Authorization pending"
    assert outcome(payment) == "Unconfirmed"


# ---- the whole product of states ----------------------------------------------------------------


def _postings(payment: Payment) -> Iterator[Posting | None]:
    """Yield every posting that a payment can have: its state, sent or not, by which channel, and why."""
    yield None
    for state, sent, channel, reason in product(
        PostingState, (None, START), PostingChannel, ("", "The period is closed.")
    ):
        yield Posting(
            payment, state, START, reason=reason, channel=channel.value, sent_at=sent, sink_ref="D-0001"
        )


def _payments(payment: Payment) -> Iterator[Payment]:
    """Yield the payment in every state, charged as quoted and otherwise, expired or not."""
    quoted = payment.draft.quote.total
    for state, charged, expired in product(State, (quoted, Money(1), None), (None, START)):
        yield replace(
            payment, state=state, charged=charged, expired_at=expired, receipt_number="R-000007",
            reason="Wrong invoice",
        )  # fmt: skip


def _refunds(payment: Payment) -> Iterator[Refund]:
    """Yield a refund in every state that Needs attention can show."""
    shown = (RefundState.UNKNOWN, RefundState.FAILED, RefundState.WISHED, RefundState.DONE)
    for state, shares in product(shown, ((), (Money(40_00),))):
        yield Refund(
            1, payment.id, RefundOrigin.DESK, RefundKind.PARTIAL, state, f"{payment.reference}-R1",
            Money(40_00), Money(0), shares, "Wrong amount", "", "Front-1", "Dana", START,
        )  # fmt: skip


DOUBTFUL = SeenRefund("ref-1", Money(40_00), RefundState.ACCEPTED)


def test_of_all_combinations_of_states_none_has_two_advices_that_contradict(payment: Payment) -> None:
    seen: set[Case] = set()
    for one in _payments(payment):
        for posting, again, letter in product(_postings(one), (False, True), (False, True)):
            said = advice(one, posting, may_post_again=again, letter_due=letter)
            pairs = {frozenset(pair) for pair in combinations(said.actions, 2)}
            assert not pairs & OPPOSITES, said
            assert said.known, said
            assert said.do, said
            # The sentences ask for a button exactly where the advice offers it.
            assert ("Retry posting" in said.do) == (Action.POST_AGAIN in said.actions), said
            assert ("press Mark as entered" in said.do) == (Action.SAY_POSTED in said.actions), said
            assert ("press Mark whole file" in said.do) == (Action.SAY_FILE_POSTED in said.actions), said
            assert ("press Mark as reversed" in said.do) == (Action.SAY_REVERSED in said.actions), said
            assert ("Check now" in said.do) == (Action.CHECK_NOW in said.actions), said
            assert ("Print letter" in said.do) == (Action.PRINT_LETTER in said.actions), said
            by_hand = " by hand, then press" in said.do or "enter it there by hand" in said.do
            assert by_hand <= (Action.ENTER_BY_HAND in said.actions), said
            assert not (Action.POST_AGAIN in said.actions and "by hand" in said.do), said
            seen.add(said.case)
    for one, refund, doubtful in product(_payments(payment), _refunds(payment), (None, DOUBTFUL)):
        said = advice(one, refund=refund, doubtful=doubtful)
        assert said.known, said
        assert said.do, said
        entered = said.actions & {Action.SAY_REFUND_ENTERED, Action.REFUND}
        assert ("ress Mark as done" in said.do) == bool(entered), said
        assert ("Press Refund" in said.do) == (Action.REFUND in said.actions), said
        seen.add(said.case)
    assert seen == set(Case)


@pytest.mark.parametrize("state", [PostingState.REFUSED, PostingState.UNCLEAR, PostingState.BY_HAND])
def test_while_a_void_is_not_confirmed_nothing_is_said_about_its_receipt(
    payment: Payment, state: PostingState
) -> None:
    """It said both "enter it in AMS360 by hand" and "do not take these invoices again"."""
    voiding = replace(payment, state=State.VOIDING, receipt_number="R-000007")
    said = advice(voiding, Posting(voiding, state, START, reason="No bank.", sent_at=START))
    assert said.case is Case.VOIDING
    assert "by hand" not in f"{said.known} {said.do}"


def test_a_refused_receipt_has_one_way_on(payment: Payment) -> None:
    """It offered "press Retry posting, or enter it by hand", of which both together post it twice."""
    taken = replace(payment, state=State.AUTHORIZED, receipt_number="R-000007")
    posting = Posting(taken, PostingState.REFUSED, START, reason="The period is closed.", sent_at=START)
    again = advice(taken, posting, may_post_again=True)
    assert "Retry posting" in again.do
    assert "by hand" not in again.do
    by_hand = advice(taken, posting)
    assert "by hand" in by_hand.do
    assert "Retry posting" not in by_hand.do


def test_money_charged_otherwise_is_decided_before_its_receipt(payment: Payment) -> None:
    otherwise = replace(payment, state=State.AUTHORIZED, charged=Money(104_00), receipt_number="R-000007")
    said = advice(otherwise, Posting(otherwise, PostingState.REFUSED, START, sent_at=START))
    assert said.case is Case.CHARGED_OTHERWISE
    assert "Leave receipt R-000007 alone until this is acknowledged." in said.never
    assert "Leave receipt" not in advice(otherwise).never


def test_a_receipt_held_back_may_have_been_entered_and_is_not_called_missing(payment: Payment) -> None:
    taken = replace(payment, state=State.AUTHORIZED, receipt_number="R-000007")
    said = advice(taken, Posting(taken, PostingState.REFUSED, START, reason="0.00 is owed."))
    assert "was not posted. 0.00 is owed." in said.known
    assert "is not in AMS360" not in said.known
    assert "to see if someone entered it" in said.do
