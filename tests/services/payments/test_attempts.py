"""Declined attempts are limited, and the limits stand in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from paydesk.domain.attempts import Decline
from paydesk.domain.errors import Charged, KnownError
from paydesk.domain.outcome import Declined
from paydesk.domain.payment import Draft, Payer, PaymentLine, ReferenceKind, State
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, Card, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.store.ledger.declines import declines_before
from paydesk.store.verify.card_shapes import looks_like_card
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import BAKERY, CARD, NO_ZIP, Counter

ACCOUNT = BankAccount(
    "021000021", Sealed("123456789"), AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes"
)


@pytest.fixture
def owing(counter: Counter) -> Counter:
    """Return a desk where two customers owe an invoice each."""
    counter.source.owe("50123", 100_00, BAKERY)
    counter.source.owe("50999", 70_00, NO_ZIP)
    return counter


def decline(counter: Counter, times: int, *, each_s: float = 120.0, card: Card = CARD) -> None:
    """Let an invoice be declined so often, with a pause after each."""
    for _ in range(times):
        counter.processor.decline_next("The bank declined the card.")
        assert counter.authorize.pay(counter.draft("50123"), card).state is State.DECLINED
        counter.clock.move(each_s)


def card(number: int) -> Card:
    """Return a card that nobody used before."""
    return replace(CARD, number=Sealed(f"400062{number:010d}"))


def declines_of(counter: Counter) -> Sequence[Decline]:
    """Return the declines that the ledger shows to an attempt."""
    with counter.ledger.transactions.read() as connection:
        return declines_before(connection, counter.clock.now())


def anytime(draft: Draft) -> Draft:
    """Return the same amount without an invoice, from somebody else."""
    line = PaymentLine(draft.quote.subtotal, "Deposit")
    return replace(
        draft,
        lines=(line,),
        payer=Payer("Sam Walker"),
        reference_kind=ReferenceKind.OTHER,
        reference_value="deposit",
    )


def test_a_card_is_refused_after_five_declines_in_a_day(owing: Counter) -> None:
    decline(owing, 5)
    sent = len(owing.processor.intents)
    with pytest.raises(KnownError) as refused:
        owing.pay("50123")
    assert refused.value.sentence == "This card was declined 5 times in 24 hours."
    assert refused.value.next_step == (
        "Ask the customer for another card or another way to pay. "
        "Try this one again after 10:01 AM on Aug 15."
    )
    assert refused.value.charged is Charged.NO
    assert len(owing.processor.intents) == sent, "nothing may be sent"
    assert not owing.ledger.undecided(), "nothing may be held"
    owing.clock.move(60)
    other = replace(CARD, number=Sealed("4111111111111111"))
    assert owing.authorize.pay(owing.draft("50123"), other).state is State.AUTHORIZED


def test_it_is_taken_again_when_the_first_decline_is_a_day_old(owing: Counter) -> None:
    decline(owing, 5)
    owing.clock.move(24 * 3600 - 5 * 120 - 1)
    with pytest.raises(KnownError, match="declined 5 times"):
        owing.pay("50123")
    owing.clock.move(2)
    assert owing.pay("50123").state is State.AUTHORIZED


def test_a_restart_or_another_desk_resets_nothing(owing: Counter, new_ledger: LedgerMaker) -> None:
    decline(owing, 5)
    owing.ledger.close()
    for desk in ("Front-1", "Front-2"):
        again = Counter(*new_ledger(desk), owing.source, owing.processor, owing.clock)
        with pytest.raises(KnownError, match="This card was declined 5 times"):
            again.pay("50123")


def test_the_card_is_known_by_its_number_and_for_every_customer(owing: Counter) -> None:
    decline(owing, 5)
    renamed = replace(CARD, holder="Somebody Else", expiry_year=2031, code=Sealed("111"))
    for tender in (CARD, renamed):
        with pytest.raises(KnownError, match="declined 5 times"):
            owing.authorize.pay(owing.draft("50999"), tender)


def test_a_bank_account_is_limited_alike(owing: Counter) -> None:
    draft = owing.draft("50123", kind=TenderKind.ACH)
    for _ in range(5):
        owing.processor.decline_next("The account was closed.")
        assert owing.authorize.pay(draft, ACCOUNT).state is State.DECLINED
        owing.clock.move(120)
    with pytest.raises(KnownError, match=r"This bank account was declined 5 times in 24 hours\. .* bank acc"):
        owing.authorize.pay(draft, ACCOUNT)
    assert owing.pay("50123").state is State.AUTHORIZED


@pytest.mark.parametrize("trouble", ["lose_next_reply", "lose_next_request", "refuse_next_connection"])
def test_what_is_unclear_or_was_not_sent_is_no_decline(owing: Counter, trouble: str) -> None:
    decline(owing, 4)
    for _ in range(3):
        getattr(owing.processor, trouble)()
        unclear = owing.pay("50123")
        assert unclear.state in (State.UNKNOWN, State.RELEASED)
        for _ in range(4):
            owing.clock.move(400)
            owing.resolve.all()
        if owing.ledger.payment(unclear.id).state is State.AUTHORIZED:
            return  # it was charged, and another try came through
    assert owing.pay("50123").state is State.AUTHORIZED


def test_a_decline_that_is_found_later_counts_from_its_attempt(owing: Counter) -> None:
    decline(owing, 4)
    owing.processor.decline_next("The bank declined the card.")
    owing.processor.lose_next_reply()
    payment = owing.pay("50123")
    assert payment.state is State.UNKNOWN
    assert [found.state for found in owing.resolve.all()] == [State.DECLINED]
    with pytest.raises(KnownError, match="declined 5 times"):
        owing.pay("50123")


def test_a_desk_waits_after_three_declines_in_a_minute(owing: Counter) -> None:
    for number in range(3):
        decline(owing, 1, each_s=5, card=card(number))
    with pytest.raises(KnownError) as refused:
        owing.authorize.pay(owing.draft("50123"), card(9))
    assert refused.value.sentence == "This desk had 3 declined payments within one minute."
    assert refused.value.next_step == (
        "Take this payment here after 10:02 AM. If you don't recognize these payments, tell your manager now."
    )
    with pytest.raises(KnownError, match="3 declined payments"):
        owing.authorize.pay(anytime(owing.draft("50123")), card(9))
    owing.clock.move(46)
    assert owing.authorize.pay(owing.draft("50123"), card(9)).state is State.AUTHORIZED


def test_a_desk_waits_after_twelve_declines_in_an_hour(owing: Counter, new_ledger: LedgerMaker) -> None:
    for number in range(12):
        decline(owing, 1, each_s=60, card=card(number))
    with pytest.raises(KnownError, match=r"12 declined payments within one hour\. .* after 11:01 AM\."):
        owing.authorize.pay(owing.draft("50123"), card(99))
    other = Counter(*new_ledger("Front-2"), owing.source, owing.processor, owing.clock)
    assert other.authorize.pay(other.draft("50123"), card(99)).state is State.AUTHORIZED


def test_the_first_try_of_another_customer_goes_through(owing: Counter) -> None:
    for number in range(12):
        decline(owing, 1, each_s=1 if number > 8 else 60, card=card(number))
    assert owing.authorize.pay(owing.draft("50999"), card(99)).state is State.AUTHORIZED


def test_the_ledger_keeps_a_fingerprint_and_no_number(owing: Counter) -> None:
    payment = owing.pay("50123")
    said = owing.ledger.events(payment.id)[0].detail
    assert set(said) == {"total", "draft", "fingerprint"}
    assert len(said["fingerprint"]) == 32
    assert not looks_like_card(said["fingerprint"])
    assert "".join(CARD.number[:6]) not in said["fingerprint"]


def test_a_hold_without_a_fingerprint_is_no_card_s(owing: Counter) -> None:
    """Ledgers have such holds, from before there were fingerprints."""
    draft = owing.draft("50123")
    for number in range(6):
        held = owing.ledger.hold(draft, f"PDOLD{number}")
        submitted = owing.ledger.submit(held, f"PDOLD{number}-1", f"tok{number}", ())
        owing.ledger.record(submitted, Declined("D", "no"), lambda _payment: pytest.fail("no receipt"))
        owing.clock.move(120)
    assert [one.fingerprint for one in declines_of(owing)] == [""] * 6
    assert owing.pay("50123").state is State.AUTHORIZED


def test_a_decline_that_was_a_charge_after_all_is_no_decline(owing: Counter) -> None:
    decline(owing, 5)
    token, intent = list(owing.processor.intents.items())[-1]
    intent.expired, intent.outcome = False, None  # AndDone breaks its word
    owing.processor.arrive_late(token)
    owing.resolve.due()
    assert len(declines_of(owing)) == 4
    assert owing.pay("50999").state is State.AUTHORIZED
