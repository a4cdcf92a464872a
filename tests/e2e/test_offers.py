"""Payment links and hosted pages on the emulator, whatever form AndDone's answers have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.selection import select
from paydesk.domain.payment import Draft, OfferKind, Payer, Payment, State
from paydesk.domain.quote import Quote, quotes
from paydesk.domain.tender import TenderKind
from paydesk.gateways.anddone.processor import AndDone, AndDoneConfig
from paydesk.sandbox import FaultKind, Sandbox
from paydesk.sandbox.anddone.books import Refusal
from paydesk.sandbox.anddone.habits import Habit
from paydesk.sandbox.server import keys
from paydesk.services.invoices.lookup import Lookup
from paydesk.services.payments.offers import Offers
from paydesk.services.payments.resolve import Resolve
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import FEES, LETTERHEAD, START, FakeSource, MemoryJournal, StillClock
from tests.proving import cases, tasted

GOOD, DECLINED = "4000620000000007", "4000000000009995"


@dataclass
class Desk:
    """A desk's services over a real ledger and the real gateway, with time that tests move."""

    sandbox: Sandbox
    ledger_of: LedgerMaker
    source: FakeSource

    def __post_init__(self) -> None:
        self.ledger, cache = self.ledger_of("Front-1")
        self.clock = self.ledger_of.clock
        config = AndDoneConfig(
            self.sandbox.anddone_url, keys.ANDDONE_API_KEY, keys.ANDDONE_APP_KEY, keys.ANDDONE_ORIGIN
        )
        processor = AndDone(config)
        self.lookup = Lookup(self.source, cache, self.ledger, self.clock)
        self.offers = Offers(self.ledger, self.source, processor, self.clock, MemoryJournal())
        self.resolve = Resolve(self.ledger, processor, self.clock, LETTERHEAD.receipt_for, quiet_s=300.0)

    def offer(
        self, kind: OfferKind, tender: TenderKind = TenderKind.CREDIT_CARD, life_s: int = 3600
    ) -> Payment:
        """Offer one invoice of 300.00."""
        self.source.owe("50123", 300_00)
        found = self.lookup.by_invoice("50123")
        selection = select(found.rows, ["50123"])
        quote = quotes(FEES, selection.subtotal)[tender]
        assert isinstance(quote, Quote)
        draft = Draft(selection.lines, Payer("Dana Reyes"), quote, Channel.PHONE)
        return self.offers.offer(draft, kind, life_s)

    def wait(self, seconds: float) -> None:
        """Let time pass on both sides, and do what a desk does in the background."""
        self.clock.move(seconds)
        self.sandbox.advance(timedelta(seconds=seconds))
        self.resolve.due()

    def now(self, payment: Payment) -> Payment:
        """Return the payment as it is now."""
        return self.ledger.payment(payment.id)


def habits_of(habit: Habit | None) -> list[Habit]:
    return [habit] if habit else []


@pytest.fixture(params=[None, *Habit][:: cases(12, 1)], ids=str)
def habit(request: pytest.FixtureRequest) -> Habit | None:
    return request.param  # type: ignore[no-any-return]  # a parameter


@pytest.fixture(params=[OfferKind.LINK, OfferKind.HOSTED], ids=str)
def kind(request: pytest.FixtureRequest) -> OfferKind:
    return request.param  # type: ignore[no-any-return]  # a parameter


@pytest.fixture
def desk(habit: Habit | None, new_ledger: LedgerMaker, source: FakeSource) -> Iterator[Desk]:
    with Sandbox(seed=1, now=START, habits=habits_of(habit)) as sandbox:
        yield Desk(sandbox, new_ledger, source)
    assert sandbox.crashes == []


@tasted
def test_somebody_pays_at_the_first_try(desk: Desk, kind: OfferKind) -> None:
    offered = desk.offer(kind)
    desk.wait(30)
    assert desk.now(offered).state is State.OFFERED
    desk.sandbox.pay_page(offered.offer_address, card=GOOD)
    desk.wait(30)
    paid = desk.now(offered)
    assert paid.state is State.AUTHORIZED
    assert paid.charged is not None
    (charge,) = desk.sandbox.charges()
    assert charge.transaction_id == paid.processor_ref
    told = paid.charged_fee is not None
    assert paid.charged == (charge.total if told else paid.draft.quote.total)
    for _ in range(3):
        desk.wait(3600)
    assert desk.resolve.strangers == ()


@tasted
def test_somebody_pays_after_a_failed_try(desk: Desk, kind: OfferKind, habit: Habit | None) -> None:
    offered = desk.offer(kind)
    desk.sandbox.pay_page(offered.offer_address, card=DECLINED)
    desk.wait(30)
    assert desk.now(offered).state is State.OFFERED
    if habit is Habit.DECLINE_CLOSES_INTENT and kind is OfferKind.HOSTED:
        return
    desk.sandbox.pay_page(offered.offer_address, card=GOOD)
    desk.wait(90)
    assert desk.now(offered).state is State.AUTHORIZED


@tasted
@pytest.mark.parametrize("tried", [False, True])
def test_taken_back_it_is_free_in_the_end(desk: Desk, kind: OfferKind, tried: bool) -> None:
    offered = desk.offer(kind)
    if tried:
        desk.sandbox.pay_page(offered.offer_address, card=DECLINED)
    desk.offers.take_back(offered.id)
    for seconds in (1, 301, 301, 3600, 3600):
        desk.wait(seconds)
    assert desk.now(offered).state is State.NOT_CHARGED
    with pytest.raises(Refusal):
        desk.sandbox.pay_page(offered.offer_address, card=GOOD)


@tasted
def test_its_life_ends_by_itself(desk: Desk, kind: OfferKind) -> None:
    offered = desk.offer(kind, life_s=900)
    for seconds in (901, 301, 301, 3700, 3700):
        desk.wait(seconds)
    assert desk.now(offered).state is State.NOT_CHARGED


@tasted
def test_a_payment_under_way_is_waited_for(desk: Desk, kind: OfferKind) -> None:
    offered = desk.offer(kind)
    desk.sandbox.take_time(timedelta(seconds=200))
    desk.sandbox.pay_page(offered.offer_address, card=GOOD)
    desk.wait(5)
    desk.offers.take_back(offered.id)
    for seconds in (60, 60, 60, 60, 301):
        desk.wait(seconds)
    after = desk.now(offered)
    assert after.state is State.AUTHORIZED
    (charge,) = desk.sandbox.charges()
    assert charge.transaction_id == after.processor_ref


@tasted
def test_a_bank_account_pays_by_link(desk: Desk, kind: OfferKind, habit: Habit | None) -> None:
    offered = desk.offer(kind, TenderKind.ACH)
    desk.sandbox.pay_page(offered.offer_address, account="123456789")
    desk.wait(30)
    pending = habit is Habit.PENDING_ACH
    assert desk.now(offered).state is (State.OFFERED if pending else State.AUTHORIZED)
    if pending:
        desk.wait(86_400)
        desk.wait(300)
        assert desk.now(offered).state is State.AUTHORIZED


@pytest.mark.parametrize("kind", [OfferKind.LINK, OfferKind.HOSTED])
@pytest.mark.parametrize("fault", [FaultKind.RESET_AFTER, FaultKind.RESET_BEFORE])
def test_a_lost_answer_to_the_creation(
    kind: OfferKind, fault: FaultKind, new_ledger: LedgerMaker, source: FakeSource
) -> None:
    """A link that was made under our title is never ordered twice, and holds nothing."""
    with Sandbox(seed=1, now=START) as sandbox:
        desk = Desk(sandbox, new_ledger, source)
        on = "createPaymentLink" if kind is OfferKind.LINK else "createPaymentIntent"
        sandbox.faults.next(fault, on=on)
        if kind is OfferKind.LINK and fault is FaultKind.RESET_BEFORE:
            assert desk.offer(kind).state is State.OFFERED, "ordered once more, and only this one exists"
        else:
            with pytest.raises(KnownError):
                desk.offer(kind)
            assert desk.ledger.payments(limit=1)[0].state is State.RELEASED
            assert desk.offer(kind).state is State.OFFERED
        made = [link.title for link in sandbox.anddone.processor.books.links.values()]
        links = len(desk.ledger.payments(limit=9)) if kind is OfferKind.LINK else 0
        assert len(made) == len(set(made)) == links


@pytest.mark.parametrize("kind", [OfferKind.LINK, OfferKind.HOSTED])
def test_a_link_that_is_paid_twice_is_told(
    kind: OfferKind, new_ledger: LedgerMaker, source: FakeSource, clock: StillClock
) -> None:
    with Sandbox(seed=1, now=START, habits=[Habit.PAID_AGAIN]) as sandbox:
        desk = Desk(sandbox, new_ledger, source)
        offered = desk.offer(kind)
        for _ in range(2):
            sandbox.pay_page(offered.offer_address, card=GOOD)
        desk.wait(30)
        paid = desk.now(offered)
        assert paid.state is State.AUTHORIZED
        for _ in range(3):
            desk.wait(3600)
        (extra,) = desk.resolve.strangers
        assert extra.processor_ref != paid.processor_ref
        assert desk.resolve.may_void(extra)


def test_a_charge_after_the_proof_is_late(new_ledger: LedgerMaker, source: FakeSource) -> None:
    """AndDone confirms the expiry and makes the payment all the same, minutes later."""
    with Sandbox(seed=1, now=START, habits=[Habit.EXPIRES_WHILE_PAYING]) as sandbox:
        desk = Desk(sandbox, new_ledger, source)
        offered = desk.offer(OfferKind.LINK)
        sandbox.take_time(timedelta(seconds=1200))
        sandbox.pay_page(offered.offer_address, card=GOOD)
        desk.offers.take_back(offered.id)
        for _ in range(12):
            desk.wait(301)
        for _ in range(3):
            desk.wait(3600)
        assert desk.now(offered).state in (State.LATE, State.AUTHORIZED)
