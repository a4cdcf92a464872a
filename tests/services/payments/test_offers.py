"""Offers: an address is shown only once it is on the disk, and its invoices are free only once it is dead."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.money import Money
from paydesk.domain.outcome import Expiry, NoCharge, Reason, Unclear
from paydesk.domain.payment import OfferKind, Payment, ReferenceKind, State
from paydesk.domain.posting import PostingState
from paydesk.domain.quote import Quote, quotes
from paydesk.services.ports.ledger import InvoiceTaken
from paydesk.store.database.errors import LedgerError
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.tables import schema
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, FEES, Counter, FakeProcessor, FakeSource

KINDS = [OfferKind.LINK, OfferKind.HOSTED]


@pytest.fixture
def owing(counter: Counter) -> Counter:
    counter.source.owe("50123", 1_250_00)
    counter.source.owe("50140", 150_00)
    return counter


def later(counter: Counter, payment: Payment, seconds: float) -> Payment:
    counter.clock.move(seconds)
    return counter.resolve.check(payment.id)


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_is_on_the_disk_and_in_the_journal_before_it_is_shown(
    owing: Counter, kind: OfferKind
) -> None:
    offered = owing.offer("50123", kind=kind)
    assert offered.state is State.OFFERED
    assert offered.offer_address == owing.processor.addresses[0]
    assert offered.offer_kind is kind
    assert owing.ledger.payment(offered.id) == offered
    assert [entry.reference for entry in owing.journal.entries] == [offered.reference]
    assert owing.ledger.find_offered(offered.intent_token) == offered


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_paid_at_the_address_becomes_a_payment_like_any_other(
    owing: Counter, kind: OfferKind
) -> None:
    offered = owing.offer("50123", "50140", kind=kind)
    owing.processor.pay_at_address(offered.intent_token)
    paid = later(owing, offered, 2)
    assert (paid.state, paid.charged, paid.receipt_number) == (
        State.AUTHORIZED,
        offered.draft.quote.total,
        "R-000001",
    )
    assert paid.last4 == "0007"
    assert owing.ledger.receipt(paid.id).total == offered.draft.quote.total
    assert SqlOutbox(owing.ledger.transactions).of([paid.id])[paid.id].state is PostingState.WAITING


def test_its_invoices_are_held_for_every_desk(owing: Counter, new_ledger: LedgerMaker) -> None:
    ledger, cache = new_ledger("Front-2")
    other = Counter(ledger, cache, owing.source, owing.processor, owing.clock)
    draft = other.draft("50123")
    owing.offer("50123")
    found = other.lookup.by_invoice("50123")
    row = next(row for row in found.rows if row.invoice.number == "50123")
    assert not row.payable
    assert row.status is not None
    assert row.status.until is not None
    with pytest.raises(InvoiceTaken, match="waiting for a payment by link"):
        other.authorize.pay(draft, CARD)


def test_a_failed_try_is_not_final(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.processor.pay_at_address(offered.intent_token, declined=True)
    assert later(owing, offered, 5).state is State.OFFERED
    owing.processor.pay_at_address(offered.intent_token)
    assert later(owing, offered, 5).state is State.AUTHORIZED


def test_taken_back_it_is_free_only_after_the_quiet_time(owing: Counter) -> None:
    offered = owing.offer("50123")
    assert owing.offers.take_back(offered.id).state is State.CLOSING
    closing = later(owing, offered, 1)
    assert closing.expired_at is not None
    assert later(owing, offered, 200).state is State.CLOSING
    ended = later(owing, offered, 101)
    assert (ended.state, ended.reason_code) == (State.NOT_CHARGED, Reason.NEVER_CHARGED)
    assert owing.pay("50123").state is State.AUTHORIZED


@pytest.mark.parametrize("minutes", [0, 1, 4])
def test_somebody_may_be_faster_than_the_taking_back(owing: Counter, minutes: int) -> None:
    offered = owing.offer("50123")
    owing.processor.pay_at_address(offered.intent_token)
    owing.offers.take_back(offered.id)
    assert later(owing, offered, 60 * minutes).state is State.AUTHORIZED


def test_taking_it_back_twice_is_once(owing: Counter) -> None:
    offered = owing.offer("50123")
    first, second = (owing.offers.take_back(offered.id) for _ in range(2))
    assert first == second
    kinds = [event.kind for event in owing.ledger.events(offered.id)]
    assert kinds.count(owing.ledger.events(offered.id)[-1].kind) == 1


def test_a_paid_one_cannot_be_taken_back(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.processor.pay_at_address(offered.intent_token)
    later(owing, offered, 1)
    assert owing.offers.take_back(offered.id).state is State.AUTHORIZED


def test_a_life_that_is_over_by_our_clock_only_begins_the_end(owing: Counter) -> None:
    offered = owing.offer("50123", life_s=3600)
    assert later(owing, offered, 3599).state is State.OFFERED
    closing = later(owing, offered, 2)
    assert (closing.state, closing.reason_code) == (State.CLOSING, Reason.LIFE_OVER)
    assert later(owing, offered, 301).state is State.NOT_CHARGED


@pytest.mark.parametrize("answer", [Expiry.REFUSED, KnownError("AndDone can't be reached.")])
def test_without_a_confirmed_expiry_nothing_is_free(
    owing: Counter, monkeypatch: pytest.MonkeyPatch, answer: Expiry | KnownError
) -> None:
    offered = owing.offer("50123")
    owing.offers.take_back(offered.id)

    def expire(*_: object) -> Expiry:
        if isinstance(answer, KnownError):
            raise answer
        return answer

    monkeypatch.setattr(owing.processor, "expire", expire)
    for _ in range(5):
        assert later(owing, offered, 1000).state is State.CLOSING


def test_a_payment_under_way_begins_the_wait_anew(owing: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = owing.offer("50123")
    owing.offers.take_back(offered.id)
    later(owing, offered, 1)
    look_up = owing.processor.look_up
    monkeypatch.setattr(owing.processor, "look_up", lambda *_: Unclear("AndDone says “PaymentInitiated”."))
    later(owing, offered, 290)
    monkeypatch.setattr(owing.processor, "look_up", look_up)
    assert later(owing, offered, 20).state is State.CLOSING, "310 s after the expiry, 20 s after the sighting"
    assert later(owing, offered, 301).state is State.NOT_CHARGED


def test_a_processor_that_is_away_begins_no_wait_anew(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.offers.take_back(offered.id)
    assert later(owing, offered, 1).expired_at is not None
    owing.processor.away = True
    assert later(owing, offered, 400).state is State.CLOSING
    owing.processor.away = False
    assert later(owing, offered, 1).state is State.NOT_CHARGED


def test_a_failed_try_at_an_address_that_is_taken_back_leaves_it_free_in_the_end(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.processor.pay_at_address(offered.intent_token, declined=True)
    owing.offers.take_back(offered.id)
    assert later(owing, offered, 1).state is State.CLOSING
    assert later(owing, offered, 301).state is State.NOT_CHARGED
    assert owing.pay("50123").state is State.AUTHORIZED


def test_a_second_try_that_a_look_up_hides_is_found_in_the_list(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = owing.offer("50123")
    owing.processor.pay_at_address(offered.intent_token, declined=True)
    failed = owing.processor.look_up(offered.intent_token, None)  # type: ignore[arg-type]  # the fake needs none
    owing.processor.pay_at_address(offered.intent_token)
    monkeypatch.setattr(owing.processor, "look_up", lambda *_: failed)
    assert later(owing, offered, 61).state is State.AUTHORIZED


@pytest.mark.parametrize("hiding", ["a failed try", "nothing"])
@pytest.mark.parametrize("closing", [False, True])
def test_a_second_try_that_was_canceled_in_the_portal_is_voided(
    owing: Counter, monkeypatch: pytest.MonkeyPatch, hiding: str, closing: bool
) -> None:
    offered = owing.offer("50123")
    owing.processor.pay_at_address(offered.intent_token, declined=True)
    failed = owing.processor.look_up(offered.intent_token, None)  # type: ignore[arg-type]  # the fake needs none
    owing.processor.pay_at_address(offered.intent_token)
    owing.processor.carry_out_void(f"txn-{offered.intent_token}")
    said = failed if hiding == "a failed try" else NoCharge()
    monkeypatch.setattr(owing.processor, "look_up", lambda *_: said)
    if closing:
        owing.offers.take_back(offered.id)
    after = later(owing, offered, 61)
    assert (after.state, after.processor_ref) == (State.VOIDED, f"txn-{offered.intent_token}")
    assert owing.pay("50123").state is State.AUTHORIZED


def test_a_payment_that_was_ruled_out_is_late(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.offers.take_back(offered.id)
    later(owing, offered, 1)
    assert later(owing, offered, 301).state is State.NOT_CHARGED
    owing.processor.intents[offered.intent_token].expired = False  # the processor breaks its word
    owing.processor.pay_at_address(offered.intent_token)
    (late,) = owing.resolve.all()
    assert (late.state, late.id) == (State.LATE, offered.id)


def test_less_is_owed_and_the_offer_is_taken_back(owing: Counter) -> None:
    offered = owing.offer("50123", "50140")
    assert owing.offers.due() == []
    owing.source.owe("50140", 0)
    owing.clock.move(3599)
    assert owing.offers.due() == []
    owing.clock.move(2)
    (closing,) = owing.offers.due()
    assert (closing.state, closing.reason_code) == (State.CLOSING, Reason.OWED_LESS)
    assert closing.id == offered.id


def test_paid_another_way_and_the_offer_is_taken_back(owing: Counter) -> None:
    owing.offer("50123")
    owing.processor.pay_outside("50123", 1_250_00)
    (closing,) = owing.offers.due()
    assert closing.reason_code is Reason.OWED_LESS


def test_what_was_paid_here_before_takes_nothing_back(owing: Counter) -> None:
    draft = owing.draft("50123")
    part = replace(draft.lines[0], amount=Money(250_00))
    quote = quotes(FEES, part.amount)[draft.kind]
    assert isinstance(quote, Quote)
    owing.authorize.pay(replace(draft, lines=(part,), quote=quote), CARD)
    owing.source.owe("50123", 1_000_00)
    owing.clock.move(60)
    owing.offer("50123")
    assert owing.offers.due() == []


def test_an_offer_that_is_over_is_looked_at_no_more(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.offers.due()
    owing.offers.take_back(offered.id)
    owing.source.owe("50123", 0)
    owing.clock.move(3601)
    assert owing.offers.due() == []
    assert not owing.offers._next_s


def test_paid_while_it_is_looked_at_it_is_not_taken_back(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = owing.offer("50123")
    owing.processor.pay_at_address(offered.intent_token)

    def paid_meanwhile(_: str) -> None:
        later(owing, offered, 2)

    monkeypatch.setattr(owing.offers._source, "invoice", paid_meanwhile)
    assert owing.offers.due() == []
    assert owing.ledger.payment(offered.id).state is State.AUTHORIZED


def test_its_own_payment_takes_nothing_back(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.processor.pay_at_address(offered.intent_token)
    assert owing.offers.due() == []
    assert owing.offers.still_owed(offered)


def test_its_own_payment_is_known_by_its_link_alone(owing: Counter) -> None:
    """The list may show a link's payment without the title."""
    offered = owing.offer("50123")
    owing.processor.pay_outside("50123", 1_250_00)
    [charge] = owing.processor.outside
    owing.processor.outside[:] = [replace(charge, reference="", link_id=offered.intent_token)]
    assert owing.offers.still_owed(offered)


def test_an_offer_without_an_invoice_owes_what_it_says(owing: Counter) -> None:
    draft = owing.draft("50123")
    line = replace(draft.lines[0], invoice_number=None)
    anytime = replace(draft, lines=(line,), reference_kind=ReferenceKind.OTHER, reference_value="deposit")
    offered = owing.offers.offer(anytime, OfferKind.LINK, 3600)
    assert owing.offers.still_owed(offered)
    assert owing.offers.due() == []


def test_while_nobody_answers_an_offer_stays(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.source.away = True
    assert owing.offers.due() == []
    owing.source.away, owing.processor.away = False, True
    assert owing.offers.still_owed(offered)


@pytest.mark.parametrize("step", ["offer", "payment"])
def test_an_address_that_may_not_be_on_the_disk_is_not_shown(
    owing: Counter, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real = getattr(owing.ledger, step)

    def committed_and_raised(*args: object) -> None:
        real(*args)
        raise LedgerError("The disk is full.")

    draft = owing.draft("50123")
    with monkeypatch.context() as patch:
        patch.setattr(owing.ledger, step, committed_and_raised)
        with pytest.raises(LedgerError):
            owing.offers.offer(draft, OfferKind.LINK, 3600)
    ((token, intent),) = owing.processor.intents.items()
    assert intent.expired
    payment = owing.ledger.find_offered(token)
    assert payment is not None
    if payment.state is State.OFFERED:  # nothing could be read back: its life ends it
        owing.clock.move(3600)
    later(owing, payment, 1)
    assert later(owing, payment, 3901).state is State.NOT_CHARGED


def test_an_address_that_no_journal_keeps_is_not_shown(owing: Counter) -> None:
    owing.journal.fault = KnownError("The disk is full.")
    with pytest.raises(KnownError, match="disk is full"):
        owing.offer("50123")
    (payment,) = owing.ledger.payments(limit=5)
    assert payment.state is State.CLOSING
    assert owing.processor.intents[payment.intent_token].expired


def test_what_is_shown_again_is_still_offered_and_in_the_journal(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.journal.entries.clear()  # the desk died between the commit and the journal
    assert owing.offers.shown_again(offered.id) == offered
    assert owing.journal.entries == [offered]
    owing.journal.fault = KnownError("The disk is full.")
    with pytest.raises(KnownError, match="disk is full"):
        owing.offers.shown_again(offered.id)


@pytest.mark.parametrize("other", ["https://evil.example/pay", "file:///etc/passwd", ""])
def test_an_address_that_somebody_put_into_the_ledger_is_not_shown(
    owing: Counter, new_ledger: LedgerMaker, other: str
) -> None:
    """Every desk of a server may change a payment's row. No desk opens, copies or emails what it says."""
    offered = owing.offer("50123")
    owing.journal.entries.clear()
    with new_ledger.admin_engine().begin() as connection:
        connection.execute(sa.update(schema.payment).values(offer_address=other))
    with pytest.raises(KnownError, match="is not AndDone's"):
        owing.offers.shown_again(offered.id)
    assert owing.journal.entries == []


def test_what_was_taken_back_or_paid_is_not_shown_again(owing: Counter) -> None:
    offered, paid = owing.offer("50123"), owing.offer("50140")
    owing.offers.take_back(offered.id)
    owing.processor.pay_at_address(paid.intent_token)
    later(owing, paid, 2)
    for payment in (offered, paid):
        with pytest.raises(KnownError, match="can no longer be paid"):
            owing.offers.shown_again(payment.id)


@pytest.mark.parametrize(
    ("kind", "life_s"), [(OfferKind.NONE, 3600), (OfferKind.LINK, 59), (OfferKind.LINK, 31 * 86_400)]
)
def test_an_offer_without_a_kind_or_with_a_strange_life_is_a_bug(
    owing: Counter, kind: OfferKind, life_s: int
) -> None:
    with pytest.raises(BugError):
        owing.offers.offer(owing.draft("50123"), kind, life_s)


def test_a_payment_that_was_never_offered_has_no_end_of_life(owing: Counter) -> None:
    assert owing.pay("50123").offered_until is None


def test_expired_once_an_offer_keeps_its_time(owing: Counter) -> None:
    offered = owing.offer("50123")
    owing.offers.take_back(offered.id)
    expired = owing.ledger.mark_expired(offered.id)
    owing.clock.move(60)
    assert owing.ledger.mark_expired(offered.id) == expired


def test_a_lost_creation_holds_nothing(owing: Counter, processor: FakeProcessor) -> None:
    processor.refusals.append(KnownError("AndDone can't be reached."))
    with pytest.raises(KnownError):
        owing.offer("50123")
    (payment,) = owing.ledger.payments(limit=5)
    assert payment.state is State.RELEASED
    assert payment.intent_title, "a charge of a link nobody saw is found by its title"
    assert owing.pay("50123").state is State.AUTHORIZED


def test_a_desk_that_slept_between_hold_and_address_shows_nothing(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = owing.processor.create_offer

    def sleep(*args: object) -> object:
        owing.clock.move(700)
        (payment,) = owing.ledger.payments(limit=1)
        owing.ledger.release(payment.id, "The desk stopped.", Reason.DESK_GONE)
        return create(*args)  # type: ignore[arg-type]  # passed on unchanged

    monkeypatch.setattr(owing.processor, "create_offer", sleep)
    with pytest.raises(KnownError):
        owing.offer("50123")
    assert all(intent.expired for intent in owing.processor.intents.values())
    assert owing.ledger.payments(limit=1)[0].state is State.RELEASED


def test_only_its_own_desk_asks_often(owing: Counter, new_ledger: LedgerMaker) -> None:
    offered = owing.offer("50123")
    ledger, cache = new_ledger("Front-2")
    other = Counter(ledger, cache, owing.source, owing.processor, owing.clock)
    asked = owing.processor.looked_up
    for counter in (owing, other):
        counter.resolve.due()
        asked.clear()
        for _ in range(60):
            owing.clock.move(10)
            counter.resolve.due()
        assert (len(asked) > 30) == (counter is owing)
    owing.processor.pay_at_address(offered.intent_token)
    owing.clock.move(400)
    assert [payment.state for payment in other.resolve.due()] == [State.AUTHORIZED]


def test_the_list_is_read_for_an_old_offer_once_an_hour(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing.offer("50123", life_s=30 * 86_400)
    reads: list[float] = []
    charges = owing.processor.charges_about

    def counted(*args: object) -> object:
        reads.append(owing.clock.elapsed_s())
        return charges(*args)  # type: ignore[arg-type]  # passed on unchanged

    monkeypatch.setattr(owing.processor, "charges_about", counted)
    monkeypatch.setattr(owing.resolve._reconcile, "due", lambda: [])
    owing.clock.move(1)
    owing.resolve.due()
    assert len(reads) == 1
    for minutes, most in ((30, 31), (24 * 60, 60)):
        reads.clear()
        for _ in range(minutes):
            owing.clock.move(60)
            owing.resolve.due()
        assert 20 <= len(reads) <= most


def test_an_address_that_another_desk_took_back_meanwhile_is_not_shown(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = owing.journal.add

    def sleep(payment: Payment) -> None:
        owing.ledger.close_offer(payment.id, "Taken back.", Reason.TAKEN_BACK)
        add(payment)

    monkeypatch.setattr(owing.journal, "add", sleep)
    with pytest.raises(KnownError, match="was taken back before it was shown"):
        owing.offer("50123")
    assert owing.ledger.payments(limit=1)[0].state is State.CLOSING


def test_paid_as_its_life_ends_it_stays_paid(owing: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = owing.offer("50123", life_s=3600)
    open_still = owing.ledger.undecided()
    owing.processor.pay_at_address(offered.intent_token)
    paid = later(owing, offered, 2)
    owing.clock.move(3600)
    monkeypatch.setattr(owing.ledger, "undecided", lambda: open_still)
    assert owing.resolve.check(offered.id) == paid


def test_an_amount_above_what_is_owed_is_not_offered(owing: Counter, source: FakeSource) -> None:
    draft = owing.draft("50123")
    source.owe("50123", 1_00)
    with pytest.raises(InvoiceTaken):
        owing.offers.offer(draft, OfferKind.LINK, 3600)
    assert owing.ledger.payments(limit=1)[0].state is State.RELEASED
    assert owing.charged() == Money(0)
