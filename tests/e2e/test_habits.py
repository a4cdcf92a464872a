"""The same counter story with every habit of AndDone: the books on both sides agree afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from paydesk.domain.consent import Channel
from paydesk.domain.invoices.selection import select
from paydesk.domain.payment import Draft, Payer, Payment, State
from paydesk.domain.quote import Quote, quotes
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, Card, Tender, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.gateways.anddone.processor import AndDone, AndDoneConfig
from paydesk.sandbox import FaultKind, Habit, Sandbox
from paydesk.sandbox.anddone.habits import HABITS_OF_PAYMENTS
from paydesk.sandbox.server import keys
from paydesk.services.invoices.lookup import Lookup
from paydesk.services.payments.authorize import Authorize
from paydesk.services.payments.resolve import Resolve
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, FEES, LETTERHEAD, START, FakeSource, StillClock
from tests.proving import cases, tasted

DECLINED = Card(
    TenderKind.CREDIT_CARD, Sealed("4000000000009995"), 3, 2030, Sealed("737"), "Dana Reyes", "02108"
)
ACCOUNT = BankAccount(
    "011000138", Sealed("123456789"), AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes"
)
LATER = {Habit.PENDING_ACH: frozenset({"5003"})}
"""Invoices whose payment has its outcome only after the batch of the night."""


@dataclass
class Desk:
    """A desk's services over a real ledger and the real gateway, with time that tests move."""

    sandbox: Sandbox
    ledger_of: LedgerMaker
    source: FakeSource
    habit: Habit | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ledger, cache = self.ledger_of("Front-1")
        self.clock = self.ledger_of.clock
        config = AndDoneConfig(
            self.sandbox.anddone_url, keys.ANDDONE_API_KEY, keys.ANDDONE_APP_KEY, keys.ANDDONE_ORIGIN
        )
        self.processor = processor = AndDone(replace(config, **self.settings))
        final = self.habit is Habit.DECLINE_CLOSES_INTENT
        receipt_for = LETTERHEAD.receipt_for
        self.lookup = Lookup(self.source, cache, self.ledger, self.clock)
        self.authorize = Authorize(
            self.ledger, self.source, processor, self.clock, receipt_for, declined_is_final=final
        )
        self.resolve = Resolve(
            self.ledger, processor, self.clock, receipt_for, quiet_s=300.0, declined_is_final=final
        )

    def pay(self, number: str, cents: int, tender: Tender) -> Payment:
        """Take the payment of one invoice."""
        self.source.owe(number, cents)
        found = self.lookup.by_invoice(number)
        selection = select(found.rows, [number])
        quote = quotes(FEES, selection.subtotal)[tender.kind]
        assert isinstance(quote, Quote)
        draft = Draft(selection.lines, Payer("Dana Reyes", "617-555-0101"), quote, Channel.COUNTER)
        self.payments[number] = self.authorize.pay(draft, tender)
        return self.payments[number]

    def wait(self, seconds: float) -> None:
        """Let time pass on both sides, and do what a desk does in the background."""
        self.clock.move(seconds)
        self.sandbox.advance(timedelta(seconds=seconds))
        self.resolve.due()

    def now(self) -> dict[str, Payment]:
        """Return each payment as it is now, by its invoice."""
        return {number: self.ledger.payment(held.id) for number, held in self.payments.items()}


@pytest.fixture(params=[None, *HABITS_OF_PAYMENTS][:: cases(4, 1)], ids=str)
def desk(
    request: pytest.FixtureRequest, new_ledger: LedgerMaker, source: FakeSource, clock: StillClock
) -> Iterator[Desk]:
    habits = [request.param] if request.param else []
    with Sandbox(seed=1, now=START, habits=habits) as sandbox:
        yield Desk(sandbox, new_ledger, source, request.param)
    assert sandbox.crashes == []


@tasted
def test_the_counter_story(desk: Desk) -> None:
    """Take a card, a decline, a bank account, a lost answer and a lost request."""
    desk.pay("5001", 103_00, CARD)
    desk.pay("5002", 50_00, DECLINED)
    desk.pay("5003", 40_00, ACCOUNT)
    desk.sandbox.faults.next(FaultKind.RESET_AFTER)
    lost_answer = desk.pay("5004", 300_00, CARD)
    desk.sandbox.faults.next(FaultKind.RESET_BEFORE)
    lost_request = desk.pay("5005", 60_00, CARD)
    assert {lost_answer.state, lost_request.state} == {State.UNKNOWN}

    taken = {
        "5001": State.AUTHORIZED,
        "5002": State.DECLINED,
        "5003": State.AUTHORIZED,
        "5004": State.AUTHORIZED,
    }
    later = LATER.get(desk.habit, frozenset()) if desk.habit else frozenset()
    for _ in range(15):  # ten minutes
        desk.wait(40)
    states = {number: payment.state for number, payment in desk.now().items()}
    assert {number: states[number] for number in taken if number not in later} == {
        number: state for number, state in taken.items() if number not in later
    }
    for hours in (1, 1, 1, 9, 12, 12):
        desk.wait(hours * 3600)
    states = {number: payment.state for number, payment in desk.now().items()}
    assert states == taken | {"5005": State.NOT_CHARGED}
    _compare_books(desk)


@pytest.mark.parametrize(
    ("habit", "setting"),
    [
        (Habit.FEE_IN_ADJUSTMENT, "fee_in_adjustment"),
        (Habit.FEE_IN_CONVENIENCE, "fee_in_adjustment"),
        (Habit.FEE_NOT_TOLD, "send_fee"),
        (Habit.HALF_EVEN_ROUNDING, "send_fee"),
    ],
)
def test_the_setting_that_doctor_names_makes_the_books_equal(
    habit: Habit, setting: str, new_ledger: LedgerMaker, source: FakeSource
) -> None:
    with Sandbox(seed=1, now=START, habits=[habit]) as sandbox:
        desk = Desk(sandbox, new_ledger, source, habit, {setting: True})
        payment = desk.pay("5001", 103_00, CARD)  # 3.5 % of it end in half a cent
        (charge,) = sandbox.charges()
    assert (payment.state, payment.charged) == (State.AUTHORIZED, charge.total)
    assert payment.charged == payment.draft.quote.total
    assert payment.charged_fee == (None if habit is Habit.FEE_NOT_TOLD else charge.fee)


def _compare_books(desk: Desk) -> None:
    """Every charge there is a paid row here, to the cent where AndDone tells the fee, and the other way."""
    there = {charge.reference: charge for charge in desk.sandbox.charges() if charge.outcome.approved}
    paid = [payment for payment in desk.now().values() if payment.state in (State.AUTHORIZED, State.SETTLED)]
    assert {payment.intent_title for payment in paid} == there.keys()
    assert desk.resolve.strangers == ()
    for payment in paid:
        charge = there[payment.intent_title]
        assert payment.processor_ref == charge.transaction_id
        assert payment.draft.quote.subtotal == charge.amount
        told = payment.charged_fee is not None
        assert payment.charged == (charge.total if told else payment.draft.quote.total)
