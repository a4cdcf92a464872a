"""A processor and an agency system in memory, and a counter that takes payments at them."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from paydesk.domain.cached import CachedRule
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.outcome import (
    Approved,
    Cancelled,
    Charge,
    Declined,
    Expiry,
    Finding,
    NoCharge,
    NotSent,
    Outcome,
    Standing,
    Unclear,
    Voided,
    VoidOutcome,
    VoidRefused,
)
from paydesk.domain.payment import Draft, Payer, Payment
from paydesk.domain.quote import FeeRule, Quote, Tariff, quotes
from paydesk.domain.receipt import Agency
from paydesk.domain.selection import select
from paydesk.domain.tender import Card, Tender, TenderKind
from paydesk.services.authorize import Authorize, new_reference
from paydesk.services.cached import CachedCharges
from paydesk.services.lookup import Lookup
from paydesk.services.ports import ChargeRequest
from paydesk.services.receipts import Letterhead
from paydesk.services.reconcile import Reconcile
from paydesk.store.cache import InvoiceCache
from paydesk.store.ledger import SqlLedger

START = datetime(2026, 8, 14, 14, 0, tzinfo=UTC)
BAKERY = Customer("1001", "Sample Bakery LLC", "c-1001", "02108-1234", ("(617) 555-0101",))
NO_ZIP = Customer("1002", "Renée O’Brien", "c-1002", "", ("617-555-0199",))
TARIFF = Tariff(
    {
        TenderKind.CREDIT_CARD: FeeRule(percent=Decimal("3.5")),
        TenderKind.DEBIT_CARD: FeeRule(percent=Decimal("1.5")),
        TenderKind.ACH: FeeRule(fixed=Money(3_00)),
    },
    ach_limit=Money(15_000_00),
)
LETTERHEAD = Letterhead(
    Agency("Harbor Street Insurance"), "America/New_York", "Questions: call us.", training=True
)
CARD = Card(TenderKind.CREDIT_CARD, "4000620000000007", 3, 2030, "737", "Dana Reyes", "02108")


class StillClock:
    """Both clocks stand until told to move."""

    def __init__(self) -> None:
        self.at, self.s = START, 0.0

    def now(self) -> datetime:
        """The wall clock."""
        return self.at

    def elapsed_s(self) -> float:
        """The clock that only moves forward."""
        return self.s

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        self.s += seconds


class FakeSource:
    """An agency system whose balances tests set."""

    def __init__(self, clock: StillClock) -> None:
        self._clock = clock
        self.customers = {customer.number: customer for customer in (BAKERY, NO_ZIP)}
        self.invoices: dict[str, Invoice] = {}
        self.away = False

    def owe(self, number: str, cents: int, customer: Customer = BAKERY, due: date | None = None) -> None:
        """Let a customer owe that much on an invoice."""
        self.invoices[number] = Invoice(
            number=number,
            customer_number=customer.number,
            customer_name=customer.name,
            amount=Money(cents),
            balance=Money(cents),
            read_at=START,
            due_date=due,
            description=f"Premium {number}",
            customer_source_id=customer.source_id,
        )

    def invoice(self, number: str) -> Invoice | None:
        """The invoice as it stands."""
        self._answer()
        found = self.invoices.get(number)
        return replace(found, read_at=self._clock.now()) if found else None

    def customer(self, number: str) -> Customer | None:
        """The customer."""
        self._answer()
        return self.customers.get(number)

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """What the customer owes."""
        self._answer()
        return [
            replace(invoice, read_at=self._clock.now())
            for invoice in self.invoices.values()
            if invoice.customer_number == customer.number and invoice.balance != ZERO
        ]

    def _answer(self) -> None:
        if self.away:
            raise NoAnswer(
                System.AMS360, "AMS360 cannot be reached.", "Check the internet connection.", connected=False
            )


@dataclass(slots=True)
class _Intent:
    request: ChargeRequest
    outcome: Approved | Declined | None = None
    expired: bool = False


Reply = Callable[[Outcome], Outcome]


@dataclass
class FakeProcessor:
    """A processor that charges an intent at most once, and whose answers can get lost."""

    intents: dict[str, _Intent] = field(default_factory=dict)
    outside: list[Charge] = field(default_factory=list)
    sales: list[str] = field(default_factory=list)
    """The tokens of the charge requests that arrived, in order."""
    _next: deque[tuple[bool, Outcome | Exception | None]] = field(default_factory=deque)
    _declines: deque[str] = field(default_factory=deque)
    away: bool = False
    before_pay: Callable[[], None] = lambda: None
    standings: dict[str, Standing] = field(default_factory=dict)
    """Of each approved charge, by its number."""
    voids: list[str] = field(default_factory=list)
    """The voids that were asked for, in order."""
    void_script: deque[tuple[bool, VoidOutcome | Exception | None]] = field(default_factory=deque)
    """Of the next voids: whether each arrives, and what is answered instead of the outcome."""
    before_void: Callable[[], None] = lambda: None
    batch_is_about_to_run: bool = False
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def lose_next_reply(self) -> None:
        """The next charge is made, and its answer never comes."""
        self._next.append((True, Unclear("AndDone did not answer in time.")))

    def lose_next_request(self) -> None:
        """The next charge never arrives, and nobody can tell."""
        self._next.append((False, Unclear("The connection broke.")))

    def refuse_next_connection(self) -> None:
        """The next charge surely is not sent."""
        self._next.append((False, NotSent("AndDone cannot be reached.")))

    def crash_next_answer(self, made: bool = True) -> None:
        """Our own code fails while the answer is read."""
        self._next.append((made, RuntimeError("a bug of ours")))

    def decline_next(self, reason: str) -> None:
        """The next charge is refused by the bank."""
        self._declines.append(reason)

    @property
    def charges_made(self) -> list[Money]:
        """Every approved charge, fee included."""
        return [
            intent.outcome.charged for intent in self.intents.values() if isinstance(intent.outcome, Approved)
        ]

    def create_intent(self, request: ChargeRequest) -> str:
        """A new intent."""
        self._answer()
        assert all(intent.request.title != request.title for intent in self.intents.values())
        token = f"tok{next(self._ids):05d}"
        self.intents[token] = _Intent(request)
        return token

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Charge the intent, and answer as scripted."""
        self.before_pay()
        arrives, answer = self._next.popleft() if self._next else (True, None)
        outcome = self._charge(token, tender) if arrives else Unclear("lost")
        if isinstance(answer, Exception):
            raise answer
        return outcome if answer is None else answer

    def _charge(self, token: str, tender: Tender) -> Outcome:
        self.sales.append(token)
        intent = self.intents[token]
        if intent.expired or isinstance(intent.outcome, Approved):
            return Unclear("The intent cannot be paid.")
        quote = intent.request.draft.quote
        if self._declines:
            intent.outcome = Declined("D", self._declines.popleft(), f"txn-{token}")
        else:
            intent.outcome = Approved(f"txn-{token}", quote.total, quote.fee, "123456", "Visa", tender.last4)
            self.standings[f"txn-{token}"] = Standing.VOIDABLE
        return intent.outcome

    def arrive_late(self, token: str) -> None:
        """The lost request arrives after all."""
        self._charge(token, CARD)

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """What became of the intent."""
        if self.away:
            return Unclear("AndDone cannot be reached.")
        outcome = self.intents[token].outcome
        if isinstance(outcome, Approved) and self._cancelled(outcome):
            return Cancelled(outcome)
        return outcome or NoCharge()

    def _cancelled(self, approved: Approved) -> bool:
        return self.standings[approved.processor_ref] is Standing.CANCELLED

    def void(self, processor_ref: str, why: str) -> VoidOutcome:
        """Cancel the charge, and answer as scripted."""
        self.before_void()
        self.voids.append(processor_ref)
        arrives, answer = self.void_script.popleft() if self.void_script else (True, None)
        outcome = self.carry_out_void(processor_ref) if arrives else Unclear("lost")
        if isinstance(answer, Exception):
            raise answer
        return outcome if answer is None else answer

    def carry_out_void(self, processor_ref: str) -> VoidOutcome:
        """The request has arrived."""
        if self.standings[processor_ref] is not Standing.VOIDABLE:
            return VoidRefused("It is authorized no more.", final=False)
        if self.batch_is_about_to_run:
            return VoidRefused("The batch is about to run.")
        self.standings[processor_ref] = Standing.CANCELLED
        return Voided()

    def standing(self, processor_ref: str, request: ChargeRequest) -> Standing:
        """Where the charge stands."""
        return Standing.UNCLEAR if self.away else self.standings[processor_ref]

    def expire(self, token: str) -> Expiry:
        """Make the intent unpayable."""
        self._answer()
        intent = self.intents[token]
        if isinstance(intent.outcome, Approved):
            return Expiry.REFUSED
        before, intent.expired = intent.expired, True
        return Expiry.BEFORE if before else Expiry.EXPIRED

    def charges(self, first: date, last: date) -> Sequence[Charge]:
        """The list of the day."""
        self._answer()
        ours = [
            Charge(
                processor_ref=intent.outcome.processor_ref,
                reference=intent.request.title,
                subtotal=intent.request.draft.quote.subtotal,
                charged=intent.outcome.charged,
                live=not self._cancelled(intent.outcome),
                taken=not self._cancelled(intent.outcome),
                at=START,
                status="Cancelled" if self._cancelled(intent.outcome) else "Authorized",
                origin="PaymentIntent",
                invoice_numbers=frozenset(intent.request.draft.named_invoices),
                cancelled=self._cancelled(intent.outcome),
            )
            for intent in self.intents.values()
            if isinstance(intent.outcome, Approved)
        ]
        return [*self.outside, *ours]

    def pay_outside(self, invoice_number: str, cents: int) -> None:
        """Somebody pays by link."""
        self.outside.append(
            Charge(
                processor_ref="txn-link",
                reference="link-1",
                subtotal=Money(cents),
                charged=Money(cents),
                live=True,
                taken=True,
                at=START,
                status="Authorized",
                origin="PaymentLink",
                invoice_numbers=frozenset({invoice_number}),
            )
        )

    def _answer(self) -> None:
        if self.away:
            raise KnownError("AndDone cannot be reached.", "Nothing was charged.")


class Counter:
    """A desk's services over a real ledger and the fakes."""

    def __init__(
        self,
        ledger: SqlLedger,
        cache: InvoiceCache,
        source: FakeSource,
        processor: FakeProcessor,
        clock: StillClock,
    ) -> None:
        self.ledger, self.source, self.processor, self.clock = ledger, source, processor, clock
        self.cache = cache
        self.lookup = Lookup(source, cache, ledger, clock)
        self.allow_cached(True)
        self.reconcile = Reconcile(ledger, processor, clock, LETTERHEAD.receipt_for, quiet_s=300.0)

    def allow_cached(self, allowed: bool, hours: float = 24.0) -> None:
        """Whether the agency lets readings so old be charged while AMS360 is away."""
        rule = CachedRule(allowed, timedelta(hours=hours))
        self.authorize = Authorize(
            self.ledger,
            self.source,
            self.processor,
            self.clock,
            LETTERHEAD.receipt_for,
            new_reference,
            CachedCharges(rule, self.cache, self.clock),
        )

    def draft(self, *numbers: str, kind: TenderKind = TenderKind.CREDIT_CARD) -> Draft:
        """What the clerk sees after looking these invoices up and choosing a tender."""
        found = self.lookup.by_invoice(numbers[0])
        selection = select((*found.rows, *found.others), numbers)
        quote = quotes(TARIFF, selection.subtotal)[kind]
        assert isinstance(quote, Quote)
        assert found.customer is not None
        payer = Payer("Dana Reyes", customer_number=found.customer.number, customer_name=found.customer.name)
        return Draft(selection.lines, payer, quote, Channel.PHONE)

    def pay(self, *numbers: str) -> Payment:
        """Take the payment of these invoices by card."""
        return self.authorize.pay(self.draft(*numbers), CARD)

    def charged(self) -> Money:
        """All the money that moved."""
        return total(self.processor.charges_made)
