"""One payment, with every failure possible around its one charge."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from paydesk.domain.consent import Channel, Consent, Proof
from paydesk.domain.errors import BugError, Charged, KnownError
from paydesk.domain.money import ZERO, Money
from paydesk.domain.outcome import Approved
from paydesk.domain.payment import Draft, Payer, PaymentLine, ReferenceKind, State
from paydesk.domain.quote import Quote, quotes
from paydesk.domain.tender import AccountHolder, Tender, TenderKind
from paydesk.services.payments.authorize import NotRecorded, Step
from paydesk.services.ports.ledger import InvoiceTaken, TakenBefore
from paydesk.services.ports.processor import ChargeRequest
from paydesk.store.database.errors import LedgerError
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, FEES, Counter


def test_two_invoices_are_paid_with_one_charge_and_one_fee(counter: Counter) -> None:
    counter.source.owe("50123", 1_250_00)
    counter.source.owe("50140", 150_00)
    payment = counter.pay("50123", "50140")
    assert payment.state is State.AUTHORIZED
    assert counter.processor.charges_made == [Money(1_449_00)]
    assert (payment.receipt_number, payment.authorization_code, payment.last4) == (
        "R-000001",
        "123456",
        "0007",
    )
    receipt = counter.ledger.receipt(payment.id)
    assert (receipt.subtotal, receipt.fee, receipt.total) == (Money(1_400_00), Money(49_00), Money(1_449_00))


def test_steps_are_told_in_order(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    steps: list[Step] = []
    counter.authorize.pay(counter.draft("50123"), CARD, steps.append)
    assert steps == [Step.HOLDING, Step.ASKING, Step.CHARGING, Step.RECORDING]


def test_a_paid_invoice_is_not_paid_again_though_ams360_still_shows_it_owed(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    counter.authorize.pay(draft, CARD)
    with pytest.raises(InvoiceTaken, match=r"already paid by Dana at Front-1, receipt R-000001"):
        counter.authorize.pay(draft, CARD)
    row = counter.lookup.by_invoice("50123").rows[0]
    assert not row.payable
    assert row.status is not None
    assert row.status.receipt_number == "R-000001"
    assert len(counter.processor.charges_made) == 1


def test_the_rest_of_a_part_payment_can_be_paid_and_no_more(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    whole = counter.draft("50123")

    def part(cents: int) -> State:
        line = replace(whole.lines[0], amount=Money(cents))
        quote = Quote(TenderKind.CREDIT_CARD, Money(cents), Money(0))
        return counter.authorize.pay(replace(whole, lines=(line,), quote=quote), CARD).state

    assert part(40_00) is State.AUTHORIZED
    with pytest.raises(InvoiceTaken):
        part(60_01)
    assert part(60_00) is State.AUTHORIZED


def test_a_decline_frees_the_invoice(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.decline_next("The bank declined the card: insufficient funds.")
    payment = counter.pay("50123")
    assert (payment.state, payment.reason) == (
        State.DECLINED,
        "The bank declined the card: insufficient funds.",
    )
    assert counter.pay("50123").state is State.AUTHORIZED


def test_lost_reply_is_unknown_and_charged_once(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_reply()
    draft = counter.draft("50123")
    payment = counter.authorize.pay(draft, CARD)
    assert payment.state is State.UNKNOWN
    with pytest.raises(InvoiceTaken, match="being paid by Dana at Front-1"):
        counter.authorize.pay(draft, CARD)
    assert [found.state for found in counter.resolve.all()] == [State.AUTHORIZED]
    assert counter.charged() == payment.draft.quote.total


def test_a_bug_of_ours_after_sending_is_unknown_too(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.crash_next_answer()
    assert counter.pay("50123").state is State.UNKNOWN
    assert [found.state for found in counter.resolve.all()] == [State.AUTHORIZED]


def test_surely_not_sent_is_given_back_at_once(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.refuse_next_connection()
    assert counter.pay("50123").state is State.RELEASED
    assert counter.pay("50123").state is State.AUTHORIZED


def test_a_lost_request_is_released_only_after_expiry_and_quiet(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_request()
    payment = counter.pay("50123")
    assert counter.resolve.check(payment.id).state is State.UNKNOWN
    assert not counter.processor.intents[payment.intent_token].expired, (
        "too early: the charge may be on its way"
    )
    counter.clock.move(61)
    assert counter.resolve.check(payment.id).state is State.UNKNOWN
    assert counter.processor.intents[payment.intent_token].expired
    counter.resolve.check(payment.id)
    counter.clock.move(299)
    assert counter.resolve.check(payment.id).state is State.UNKNOWN
    counter.clock.move(2)
    assert counter.resolve.check(payment.id).state is State.NOT_CHARGED
    counter.processor.arrive_late(payment.intent_token)
    assert counter.charged() == Money(0), "an expired intent cannot be paid"
    assert counter.pay("50123").state is State.AUTHORIZED


def test_unknown_stays_unknown_while_the_processor_is_away(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_request()
    payment = counter.pay("50123")
    counter.processor.away = True
    for _ in range(50):
        counter.clock.move(3600)
        assert counter.resolve.check(payment.id).state is State.UNKNOWN


def test_paid_by_link_meanwhile_stops_the_charge(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    counter.processor.pay_outside("50123", 100_00)
    with pytest.raises(InvoiceTaken, match="paid outside PayDesk"):
        counter.authorize.pay(draft, CARD)
    assert counter.processor.sales == []
    assert counter.ledger.payments(limit=1)[0].state is State.RELEASED


def test_our_own_late_charge_stops_the_next_one(counter: Counter) -> None:
    """AndDone declined it and then broke its word: its list shows a charge that the ledger does not count."""
    counter.source.owe("50123", 100_00)
    counter.processor.decline_next("Declined.")
    payment = counter.pay("50123")
    intent = counter.processor.intents[payment.intent_token]
    intent.expired, intent.outcome = False, None
    counter.processor.arrive_late(payment.intent_token)
    with pytest.raises(InvoiceTaken, match="already paid by PayDesk"):
        counter.pay("50123")


def test_a_smaller_balance_stops_the_charge(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    counter.source.owe("50123", 99_99)
    with pytest.raises(InvoiceTaken, match=r"now has a balance of \$99\.99, less than the \$100\.00"):
        counter.authorize.pay(draft, CARD)
    assert counter.processor.sales == []


def test_ams360_or_anddone_away_stops_before_any_charge(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    counter.source.away = True
    with pytest.raises(KnownError, match="AMS360 can't be reached"):
        counter.authorize.pay(draft, CARD)
    counter.source.away, counter.processor.away = False, True
    with pytest.raises(KnownError, match="AndDone can't be reached"):
        counter.authorize.pay(draft, CARD)
    counter.processor.away = False
    assert counter.authorize.pay(draft, CARD).state is State.AUTHORIZED
    assert len(counter.processor.sales) == 1


def test_a_laptop_closed_before_sending_sends_nothing(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.source.owe("50123", 100_00)
    submit = counter.ledger.submit

    def submit_and_sleep(*args: object) -> object:
        payment = submit(*args)  # type: ignore[arg-type]  # passed on unchanged
        counter.clock.move(7200)
        return payment

    monkeypatch.setattr(counter.ledger, "submit", submit_and_sleep)
    assert counter.pay("50123").state is State.RELEASED
    assert counter.processor.sales == []


@pytest.mark.parametrize("step", ["hold", "submit"])
def test_a_commit_error_before_the_charge_sends_nothing(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """COMMIT happened and raised an error: PayDesk must not send after that."""
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    real = getattr(counter.ledger, step)

    def committed_and_raised(*args: object, **more: object) -> None:
        real(*args, **more)
        raise LedgerError("The disk is full: the ledger could not be saved.")

    monkeypatch.setattr(counter.ledger, step, committed_and_raised)
    with pytest.raises(LedgerError):
        counter.authorize.pay(draft, CARD)
    monkeypatch.undo()
    assert counter.processor.sales == []
    counter.clock.move(601)
    counter.resolve.all()
    assert counter.pay("50123").state is State.AUTHORIZED


def test_a_commit_error_after_the_charge_is_read_back(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.source.owe("50123", 100_00)
    real = counter.ledger.record

    def committed_and_raised(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]  # passed on unchanged
        raise LedgerError("The disk is full: the ledger could not be saved.")

    monkeypatch.setattr(counter.ledger, "record", committed_and_raised)
    assert counter.pay("50123").state is State.AUTHORIZED


@pytest.mark.parametrize(
    "error",
    [LedgerError("The disk is full: the ledger could not be saved."), BugError("no receipt"), KeyError()],
    ids=lambda error: type(error).__name__,
)
def test_an_approval_that_cannot_be_saved_is_said_plainly_and_found_later(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    counter.source.owe("50123", 100_00)

    def fails(*args: object) -> None:
        raise error

    monkeypatch.setattr(counter.ledger, "record", fails)
    draft = counter.draft("50123")
    with pytest.raises(NotRecorded, match="approved, but it couldn't be saved"):
        counter.authorize.pay(draft, CARD)
    monkeypatch.undo()
    with pytest.raises(InvoiceTaken):
        counter.authorize.pay(draft, CARD)
    counter.clock.move(121)
    assert [payment.state for payment in counter.resolve.all()] == [State.AUTHORIZED]


@pytest.mark.parametrize(
    ("outcome", "charged", "said"),
    [("decline", Charged.NO, "was declined"), ("silence", Charged.UNKNOWN, "sent without a clear answer")],
)
def test_another_outcome_that_cannot_be_saved_is_said_as_plainly(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, outcome: str, charged: Charged, said: str
) -> None:
    counter.source.owe("50123", 100_00)
    if outcome == "decline":
        counter.processor.decline_next("insufficient funds")
    else:
        counter.processor.lose_next_reply()

    def fails(*args: object) -> None:
        raise LedgerError("The disk is full: the ledger could not be saved.")

    monkeypatch.setattr(counter.ledger, "record", fails)
    with pytest.raises(NotRecorded, match=said) as raised:
        counter.pay("50123")
    assert raised.value.charged is charged


def test_what_was_surely_not_sent_and_could_not_be_given_back_is_free_in_the_end(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.refuse_next_connection()

    def fails(*_: object) -> None:
        raise LedgerError("The disk is full: the ledger could not be saved.")

    monkeypatch.setattr(counter.ledger, "release", fails)
    assert counter.pay("50123").state is State.SUBMITTED
    monkeypatch.undo()
    for pause_s in (121, 61, 301):
        counter.clock.move(pause_s)
        counter.resolve.all()
    assert counter.charged() == ZERO
    assert counter.pay("50123").state is State.AUTHORIZED


def test_a_card_is_never_charged_by_the_quote_of_another_payment_method(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    with pytest.raises(BugError, match="not the one that was quoted"):
        counter.authorize.pay(counter.draft("50123", kind=TenderKind.DEBIT_CARD), CARD)
    assert counter.processor.intents == {}


def test_two_desks_at_the_same_moment_charge_once(counter: Counter, new_ledger: LedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    other = Counter(*new_ledger("Front-2"), counter.source, counter.processor, counter.clock)
    draft = counter.draft("50123")
    together = threading.Barrier(2)
    states: list[object] = []

    def pay(desk: Counter) -> None:
        together.wait()
        try:
            states.append(desk.authorize.pay(draft, CARD).state)
        except InvoiceTaken:
            states.append("taken")

    threads = [threading.Thread(target=pay, args=(desk,)) for desk in (counter, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, states)) == ["authorized", "taken"]
    assert counter.processor.charges_made == [draft.quote.total]


def test_what_was_charged_otherwise_stands_on_the_receipt_and_is_flagged(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.source.owe("50123", 100_00)
    real = counter.processor.pay

    def charge_more(token: str, request: ChargeRequest, tender: Tender) -> Approved:
        approved = real(token, request, tender)
        assert isinstance(approved, Approved)
        return replace(approved, charged=Money(104_00), fee=Money(4_00))

    monkeypatch.setattr(counter.processor, "pay", charge_more)
    payment = counter.pay("50123")
    assert payment.charged_otherwise
    assert counter.ledger.charged_otherwise() == [payment]
    assert counter.ledger.receipt(payment.id).total == Money(104_00)


def anytime(
    counter: Counter, payer: str = "Pat Walker", reference: str = "HO-204417", customer: str = ""
) -> Draft:
    quote = quotes(FEES, Money(80_00))[TenderKind.CREDIT_CARD]
    assert isinstance(quote, Quote)
    return Draft(
        (PaymentLine(Money(80_00), "Policy HO-204417"),),
        Payer(payer, customer_number=customer),
        quote,
        Channel.PHONE,
        ReferenceKind.POLICY,
        reference,
    )


@pytest.mark.parametrize("customer", ["", "1001"], ids=["no customer number", "of a customer"])
@pytest.mark.parametrize(
    ("payer", "reference"), [("Pat Walker", "HO-204417"), ("Pat Walker", ""), ("P. Walker", "HO-204417")]
)
def test_the_same_anytime_payment_waits_for_the_first_ones_outcome(
    counter: Counter, payer: str, reference: str, customer: str
) -> None:
    counter.processor.lose_next_reply()
    first = anytime(counter, customer=customer)
    assert counter.authorize.pay(first, CARD).state is State.UNKNOWN
    with pytest.raises(InvoiceTaken, match=r"Dana at Front-1 is already taking the same \$80\.00 payment"):
        counter.authorize.pay(anytime(counter, payer, reference), CARD)
    counter.resolve.all()
    with pytest.raises(
        TakenBefore, match=r"already took the same \$80\.00 payment from Pat Walker: receipt R-"
    ):
        counter.authorize.pay(anytime(counter, payer, reference), CARD)
    assert len(counter.processor.charges_made) == 1


def test_the_same_anytime_payment_again_is_warned_about_once(counter: Counter) -> None:
    """Unconfirmed, then entered again: once the first was approved, Enter charged the second."""
    first = counter.authorize.pay(anytime(counter), CARD)
    with pytest.raises(TakenBefore, match="press Charge again") as error:
        counter.authorize.pay(anytime(counter, "PAT WALKER", "other words"), CARD)
    assert error.value.about == first.reference
    second = counter.authorize.pay(anytime(counter), CARD, warned={first.reference})
    assert (second.state, len(counter.processor.charges_made)) == (State.AUTHORIZED, 2)
    with pytest.raises(TakenBefore, match=f"receipt {second.receipt_number}"):
        counter.authorize.pay(anytime(counter), CARD, warned={first.reference})
    assert counter.ledger.undecided() == []


def test_only_a_like_payment_of_the_last_days_that_was_taken_is_warned_about(counter: Counter) -> None:
    counter.processor.decline_next("Card declined.")
    assert counter.authorize.pay(anytime(counter), CARD).state is State.DECLINED
    counter.authorize.pay(anytime(counter), CARD)
    quote = quotes(FEES, Money(81_00))[TenderKind.CREDIT_CARD]
    assert isinstance(quote, Quote)
    more = replace(anytime(counter), lines=(PaymentLine(Money(81_00), "Deposit"),), quote=quote)
    assert counter.authorize.pay(more, CARD).state is State.AUTHORIZED
    counter.source.owe("50123", 80_00)
    assert counter.pay("50123").state is State.AUTHORIZED
    counter.clock.move(4 * 24 * 3600)
    assert counter.authorize.pay(anytime(counter), CARD).state is State.AUTHORIZED


def test_a_payment_for_an_invoice_that_the_processor_forgot_is_warned_about(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clock may be days off: the ledger knows of the payment, too."""
    counter.source.owe("50123", 500_00)
    counter.pay("50123")
    monkeypatch.setattr(counter.processor, "charges_about", lambda *_: [])
    named = replace(anytime(counter), reference_kind=ReferenceKind.INVOICE, reference_value="50123")
    with pytest.raises(TakenBefore, match="already took a payment for invoice 50123: receipt R-000001"):
        counter.authorize.pay(named, CARD)


def test_another_anytime_payment_of_the_same_sum_does_not_wait(counter: Counter) -> None:
    counter.processor.lose_next_reply()
    counter.authorize.pay(anytime(counter), CARD)
    assert counter.authorize.pay(anytime(counter, "Kim Other", "CA-1"), CARD).state is State.AUTHORIZED


def test_an_invoice_named_by_an_anytime_payment_is_not_paid_again_as_an_invoice(counter: Counter) -> None:
    """The ledger does not subtract such a payment from the invoice: AndDone's list must stop the second."""
    counter.source.owe("50123", 80_00)
    named = replace(anytime(counter), reference_kind=ReferenceKind.INVOICE, reference_value="INV-050123")
    assert counter.authorize.pay(named, CARD).state is State.AUTHORIZED
    for again in (counter.draft("50123"), named):
        with pytest.raises(InvoiceTaken, match="Invoice 50123 was already paid by PayDesk"):
            counter.authorize.pay(again, CARD)


def test_a_paid_invoice_is_not_paid_again_by_an_anytime_payment_that_names_it(counter: Counter) -> None:
    counter.source.owe("50123", 80_00)
    counter.pay("50123")
    named = replace(anytime(counter), reference_kind=ReferenceKind.INVOICE, reference_value="50123")
    with pytest.raises(InvoiceTaken, match="Invoice 50123 was already paid by PayDesk"):
        counter.authorize.pay(named, CARD)
    other = replace(named, reference_kind=ReferenceKind.OTHER)
    assert counter.authorize.pay(other, CARD).state is State.AUTHORIZED


@pytest.mark.parametrize("field", ["payer", "phone", "email", "reference", "description", "policy", "proof"])
def test_a_card_number_in_a_text_stops_the_payment_before_it_is_stored(counter: Counter, field: str) -> None:
    draft, card = anytime(counter), "4111 1111 1111 1111 03/30 737"
    match field:
        case "payer":
            draft = replace(draft, payer=Payer(card))
        case "phone":
            draft = replace(draft, payer=Payer("Dana", phone=card))
        case "email":
            draft = replace(draft, payer=Payer("Dana", email=card))
        case "reference":
            draft = replace(draft, reference_value=card)
        case "description":
            draft = replace(draft, lines=(replace(draft.lines[0], description=card),))
        case "policy":
            draft = replace(draft, lines=(replace(draft.lines[0], policy_number=card),))
        case _:
            given = Consent(
                sentence="I agree.",
                given_at=counter.clock.now(),
                channel=Channel.PHONE,
                holder_kind=AccountHolder.PERSONAL,
                proof=Proof.RECORDING,
                proof_detail=card,
            )
            draft = replace(draft, consent=given)
    with pytest.raises(KnownError, match="text that looks like a card number"):
        counter.authorize.pay(draft, CARD)
    assert list(counter.ledger.payments(limit=9)) == []
    assert counter.processor.intents == {}


def test_an_invoice_is_paid_whatever_stands_in_its_texts(counter: Counter) -> None:
    """One in ten policy numbers of 16 digits could be a card number. It is masked, and the invoice paid."""
    counter.source.owe("50123", 100_00)
    counter.source.invoices["50123"] = replace(
        counter.source.invoices["50123"],
        policy_number="4111111111111111",
        description="CC 4111.1111.1111.1111 exp 12/27 cvv 123",
    )
    payment = counter.pay("50123")
    assert payment.state is State.AUTHORIZED
    assert payment.draft.lines[0].policy_number == "[card number removed]"
    assert counter.ledger.receipt(payment.id).lines[0].description == "CC [card number removed]"
