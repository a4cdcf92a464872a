"""A processor and an agency system in memory, and a counter that takes payments at them."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from paydesk.domain.consent import Agency, Channel
from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.domain.fee_schedule import FeeRule, FeeSchedule
from paydesk.domain.invoices.freshness import CachedRule
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.invoices.selection import select
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.outcome import (
    AchReturned,
    AchStatus,
    Approved,
    Canceled,
    Charge,
    ChargeStatus,
    Declined,
    Expiry,
    Finding,
    NoCharge,
    NotSent,
    Outcome,
    Reason,
    Unclear,
    Voided,
    VoidOutcome,
    VoidRefused,
)
from paydesk.domain.payment import Draft, OfferKind, Payer, Payment
from paydesk.domain.quote import Quote, quotes
from paydesk.domain.refund import (
    MoneyBack,
    RefundOrder,
    RefundOutcome,
    RefundRefused,
    RefundState,
    RefundTaken,
    SeenRefund,
)
from paydesk.domain.tender import Card, Tender, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.domain.world import TRAINING
from paydesk.services.invoices.lookup import Lookup
from paydesk.services.invoices.offline_charge import CachedCharges
from paydesk.services.payments.attempts import Attempts
from paydesk.services.payments.authorize import Authorize
from paydesk.services.payments.offers import Offers
from paydesk.services.payments.receipts import Letterhead
from paydesk.services.payments.references import new_reference
from paydesk.services.payments.resolve import Resolve
from paydesk.services.ports.agency import CannotSearch, NamesFound
from paydesk.services.ports.processor import Address, ChargeRequest, Concerns
from paydesk.store.cache.cache import SqlCache
from paydesk.store.ledger.ledger import SqlLedger

START = datetime(2026, 8, 14, 14, 0, tzinfo=UTC)
BAKERY = Customer("1001", "Sample Bakery LLC", "c-1001", "02108-1234", ("(617) 555-0101",))
NO_ZIP = Customer("1002", "Renée O’Brien", "c-1002", "", ("617-555-0199",))
FEES = FeeSchedule(
    {
        TenderKind.CREDIT_CARD: FeeRule(percent=Decimal("3.5")),
        TenderKind.DEBIT_CARD: FeeRule(percent=Decimal("1.5")),
        TenderKind.ACH: FeeRule(fixed=Money(3_00)),
    },
    ach_limit=Money(15_000_00),
)
TIME_ZONE = "America/New_York"
LETTERHEAD = Letterhead(Agency("Harbor Street Insurance"), TIME_ZONE, "Questions: call us.", TRAINING)
FINGERPRINT_KEY = bytes(range(32, 64))
CARD = Card(TenderKind.CREDIT_CARD, Sealed("4000620000000007"), 3, 2030, Sealed("737"), "Dana Reyes", "02108")
AWAY = NoAnswer(
    System.AGENCY_SYSTEM, "AMS360 can't be reached.", "Check the internet connection.", connected=False
)
_UNCLEAR = ChargeStatus.UNCLEAR
SILENCE = Unclear("AndDone gave no clear answer: no complete answer within 60 seconds.", Reason.NO_ANSWER)
PENDING = Unclear("AndDone says “Pending”, which is neither yes nor no.")

_HELD_BACK_S = 20.0
"""Longest wait at a closed gate, in seconds: a test that forgets to open it must end."""


def open_gate() -> threading.Event:
    """Return a gate that lets everybody through until it is cleared."""
    gate = threading.Event()
    gate.set()
    return gate


class Died(BaseException):
    """The desk's process ends here."""


class StillClock:
    """Both clocks stand until told to move."""

    def __init__(self, at: datetime = START) -> None:
        self.at, self.s = at, 0.0

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
    """An agency system whose balances tests set. No answer comes while ``gate`` is cleared."""

    def __init__(
        self,
        clock: StillClock,
        customers: Sequence[Customer] = (BAKERY, NO_ZIP),
        invoices: Sequence[Invoice] = (),
    ) -> None:
        self._clock = clock
        self.customers = {customer.number: customer for customer in customers}
        self.invoices = {invoice.number: invoice for invoice in invoices}
        self.away = False
        self.fault: KnownError | None = None
        """Raised instead of any answer."""
        self.gate = open_gate()
        self.questions: list[str] = []
        """The numbers of the invoices and customers that were asked for, in order."""
        self.cannot_search: CannotSearch | None = None
        """Raised by every search by name."""
        self.strays: list[Customer] = []
        """Customers of other names that it finds by any name."""
        self.has_more = False
        self.changed: list[Customer] = []
        """The customers it says have changed, whenever it is asked."""

    def owe(self, number: str, cents: int, customer: Customer = BAKERY, due: date | None = None) -> None:
        """Let a customer owe that much on an invoice. Of a known invoice, only the balance changes."""
        if number in self.invoices:
            self.invoices[number] = replace(self.invoices[number], balance=Money(cents))
            return
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
        self._answer(number)
        found = self.invoices.get(number)
        return replace(found, read_at=self._clock.now()) if found else None

    def customer(self, number: str) -> Customer | None:
        """The customer."""
        self._answer(number)
        return self.customers.get(number)

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """Return the invoices that the customer owes."""
        self._answer(customer.number)
        return [
            replace(invoice, read_at=self._clock.now())
            for invoice in self.invoices.values()
            if invoice.customer_number == customer.number and invoice.balance != ZERO
        ]

    def customers_changed(self, since: datetime) -> Sequence[Customer]:
        """The customers it was told to name."""
        self._answer()
        return self.changed

    def customers_named(self, name: str) -> NamesFound:
        """Those whose names contain it."""
        self._answer(name)
        if self.cannot_search is not None:
            raise self.cannot_search
        found = [one for one in self.customers.values() if name.casefold() in one.name.casefold()]
        return NamesFound((*found, *self.strays), more=self.has_more)

    def _answer(self, *asked: str) -> None:
        self.questions += asked
        self.gate.wait(_HELD_BACK_S)
        fault = AWAY if self.away else self.fault
        if fault is not None:
            raise fault


@dataclass(slots=True)
class _Intent:
    request: ChargeRequest
    outcome: Approved | Declined | None = None
    expired: bool = False


Reply = Callable[[Outcome], Outcome]


@dataclass
class FakeProcessor:
    """A processor that charges an intent at most once, and whose answers can get lost.

    A charge or a void is under way while ``gate`` is cleared.
    """

    intents: dict[str, _Intent] = field(default_factory=dict)
    outside: list[Charge] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    """Every address that was made, in order."""
    sales: list[str] = field(default_factory=list)
    """The tokens of the charge requests that arrived, in order."""
    _next: deque[tuple[bool, Outcome | BaseException | None]] = field(default_factory=deque)
    _declines: deque[str] = field(default_factory=deque)
    refusals: deque[BaseException] = field(default_factory=deque)
    """Raised when the next intents are asked for, one each."""
    surcharge: Money = ZERO
    """Added to the next charge."""
    pending: set[str] = field(default_factory=set)
    """Tokens of charges still in work: it lists none of them, and gives no clear answer about them."""
    looked_up: list[str] = field(default_factory=list)
    """The tokens that were asked about, in order."""
    bank_says: AchStatus | AchReturned = AchStatus.UNDER_WAY
    """The answer about every bank debit."""
    gate: threading.Event = field(default_factory=open_gate)
    away: bool = False
    before_pay: Callable[[], None] = lambda: None
    statuses: dict[str, ChargeStatus] = field(default_factory=dict)
    """Of each approved charge, by its number."""
    backs_untold: bool = False
    """True if the status of a charge in the list does not tell that money went back."""
    backs: dict[str, MoneyBack] = field(default_factory=dict)
    """The money of each charge that went back outside of PayDesk, by its number."""
    refund_orders: list[RefundOrder] = field(default_factory=list)
    """The refunds that were asked for, in order."""
    refund_script: deque[tuple[bool, RefundOutcome | Exception | None]] = field(default_factory=deque)
    """Of the next refunds: whether each arrives, and what is answered instead of the outcome."""
    refund_is_refused: RefundRefused | None = None
    """The answer about eligibility, for every charge."""
    before_refund: Callable[[], None] = lambda: None
    refund_state: RefundState = RefundState.ACCEPTED
    """The state in which it takes refunds."""
    voids: list[str] = field(default_factory=list)
    """The voids that were asked for, in order."""
    void_script: deque[tuple[bool, VoidOutcome | Exception | None]] = field(default_factory=deque)
    """Of the next voids: whether each arrives, and what is answered instead of the outcome."""
    before_void: Callable[[], None] = lambda: None
    batch_is_about_to_run: bool = False
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    """The numbers of its tokens and charges."""

    def lose_next_reply(self) -> None:
        """The next charge is made, and its answer never comes."""
        self._next.append((True, SILENCE))

    def leave_next_pending(self) -> None:
        """The next charge is made, and stays in work."""
        self._next.append((True, PENDING))

    def lose_next_request(self) -> None:
        """The next charge never arrives, and nobody can tell."""
        self._next.append((False, Unclear("The connection was lost.")))

    def refuse_next_connection(self) -> None:
        """The next charge surely is not sent."""
        self._next.append((False, NotSent("AndDone can't be reached. Nothing was sent.")))

    def crash_next_answer(self, made: bool = True) -> None:
        """Our own code fails while the answer is read."""
        self._next.append((made, RuntimeError("a bug of ours")))

    def die_next(self) -> None:
        """The next charge is made, and the desk that sent it ends meanwhile."""
        self._next.append((True, Died()))

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
        if self.refusals:
            raise self.refusals.popleft()
        assert all(intent.request.title != request.title for intent in self.intents.values())
        token = f"tok{next(self.numbers):05d}"
        self.intents[token] = _Intent(request)
        return token

    def create_offer(self, request: ChargeRequest, life_s: int) -> Address:
        """An intent at an address."""
        token = self.create_intent(request)
        self.addresses.append(f"https://pay.example/{token}")
        return Address(request.offer, token, self.addresses[-1])

    def owns(self, address: str) -> bool:
        """True for an address that it could have made."""
        return address.startswith("https://pay.example/")

    def pay_at_address(self, token: str, *, declined: bool = False) -> None:
        """Somebody pays at the address, or tries to."""
        if declined:
            self.decline_next("Insufficient funds.")
        self._charge(token, CARD)

    def pay(self, token: str, request: ChargeRequest, tender: Tender) -> Outcome:
        """Charge the intent, and answer as scripted."""
        self.before_pay()
        self.gate.wait(_HELD_BACK_S)
        arrives, answer = self._next.popleft() if self._next else (True, None)
        outcome = self._charge(token, tender) if arrives else Unclear("lost")
        if answer is PENDING:
            self.pending.add(token)
        if isinstance(answer, BaseException):
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
            charged, brand = quote.total + self.surcharge, tender.brand.value if tender.brand else ""
            fee, self.surcharge = quote.fee + self.surcharge, ZERO
            intent.outcome = Approved(f"txn-{token}", charged, fee, "123456", brand, tender.last4)
            self.statuses[f"txn-{token}"] = ChargeStatus.VOIDABLE
        return intent.outcome

    def arrive_late(self, token: str) -> None:
        """The lost request arrives after all."""
        self._charge(token, CARD)

    def look_up(self, token: str, request: ChargeRequest) -> Finding:
        """Return the outcome of the intent."""
        self.looked_up.append(token)
        if self.away:
            return Unclear("AndDone can't be reached.")
        if token in self.pending:
            return PENDING
        outcome = self.intents[token].outcome
        if isinstance(outcome, Approved) and self._canceled(outcome):
            return Canceled(outcome)
        return outcome or NoCharge()

    def _canceled(self, approved: Approved) -> bool:
        return self.statuses[approved.processor_ref] is ChargeStatus.CANCELED

    def void(self, processor_ref: str, why: str) -> VoidOutcome:
        """Cancel the charge, and answer as scripted."""
        self.before_void()
        self.gate.wait(_HELD_BACK_S)
        self.voids.append(processor_ref)
        arrives, answer = self.void_script.popleft() if self.void_script else (True, None)
        outcome = self.carry_out_void(processor_ref) if arrives else Unclear("lost")
        if isinstance(answer, Exception):
            raise answer
        return outcome if answer is None else answer

    def carry_out_void(self, processor_ref: str) -> VoidOutcome:
        """The request has arrived."""
        if self.statuses[processor_ref] is not ChargeStatus.VOIDABLE:
            return VoidRefused("It is authorized no more.", final=False)
        if self.batch_is_about_to_run:
            return VoidRefused("The batch is about to run.")
        self.statuses[processor_ref] = ChargeStatus.CANCELED
        return Voided()

    def listed_status(self, charge: Charge) -> ChargeStatus:
        """The status of a listed charge."""
        if self.away:
            return ChargeStatus.UNCLEAR
        return self.statuses.get(charge.processor_ref, ChargeStatus.UNCLEAR)

    def money_back(self, processor_ref: str, request: ChargeRequest) -> MoneyBack | None:
        """Return the money of a charge that went back."""
        if self.away:
            return None
        return self.backs.get(
            processor_ref, MoneyBack(whole=True, charge_status=self.statuses.get(processor_ref, _UNCLEAR))
        )

    def refund(self, order: RefundOrder) -> RefundOutcome:
        """Give money back, and answer as scripted."""
        self.before_refund()
        self.refund_orders.append(order)
        arrives, answer = self.refund_script.popleft() if self.refund_script else (True, None)
        outcome = self.carry_out_refund(order) if arrives else Unclear("lost")
        if isinstance(answer, Exception):
            raise answer
        return outcome if answer is None else answer

    def carry_out_refund(self, order: RefundOrder) -> RefundOutcome:
        """The request has arrived."""
        back = self.backs.get(order.processor_ref, MoneyBack(whole=True, charge_status=ChargeStatus.SETTLED))
        made = SeenRefund(
            f"ref-{next(self.numbers)}", order.amount, self.refund_state, texts=(f"({order.reference})",)
        )
        self.backs[order.processor_ref] = replace(back, refunds=(*back.refunds, made))
        return RefundTaken(made.processor_ref, made.state)

    def end_refunds(self, processor_ref: str, state: RefundState) -> None:
        """Let all refunds of a charge end so."""
        back = self.backs[processor_ref]
        ended = tuple(replace(one, state=state) for one in back.refunds)
        done = total(one.amount for one in ended if one.state is RefundState.DONE)
        self.backs[processor_ref] = replace(back, refunds=ended, refunded=done)

    def refund_refusal(self, processor_ref: str) -> RefundRefused | None:
        """Return why a charge can't be refunded now."""
        self._answer()
        return self.refund_is_refused

    def ach_status(self, processor_ref: str, request: ChargeRequest) -> AchStatus | AchReturned:
        """Return the status of an ACH debit."""
        return AchStatus.UNCLEAR if self.away else self.bank_says

    def charge_status(self, processor_ref: str, request: ChargeRequest) -> ChargeStatus:
        """Return the status of the charge."""
        unclear = self.away or processor_ref.removeprefix("txn-") in self.pending
        return ChargeStatus.UNCLEAR if unclear else self.statuses[processor_ref]

    def expire(self, token: str, kind: OfferKind = OfferKind.NONE) -> Expiry:
        """Make the intent unpayable."""
        self._answer()
        intent = self.intents[token]
        if isinstance(intent.outcome, Approved):
            return Expiry.REFUSED
        before, intent.expired = intent.expired, True
        return Expiry.BEFORE if before else Expiry.EXPIRED

    def charges_about(self, first: date, last: date, concerns: Concerns) -> Sequence[Charge]:
        """All charges: this list is short."""
        return self.charges(first, last)

    def charges(self, first: date, last: date) -> Sequence[Charge]:
        """The list of the day."""
        self._answer()
        ours = [
            Charge(
                processor_ref=intent.outcome.processor_ref,
                reference=intent.request.title,
                subtotal=intent.request.draft.quote.subtotal,
                charged=intent.outcome.charged,
                live=not self._canceled(intent.outcome),
                taken=not self._canceled(intent.outcome),
                at=START,
                status="Cancelled" if self._canceled(intent.outcome) else "Authorized",
                origin="PaymentIntent",
                invoice_numbers=frozenset(intent.request.draft.named_invoices),
                canceled=self._canceled(intent.outcome),
                fee=intent.outcome.fee,
                went_back=intent.outcome.processor_ref in self.backs and not self.backs_untold,
            )
            for token, intent in self.intents.items()
            if isinstance(intent.outcome, Approved) and token not in self.pending
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
            raise KnownError("AndDone can't be reached.")


class MemoryJournal:
    """A journal of offers in memory."""

    def __init__(self) -> None:
        self.entries: list[Payment] = []
        self.fault: KnownError | None = None
        """Raised instead of writing."""

    def add(self, payment: Payment) -> None:
        """Remember the offer."""
        if self.fault is not None:
            raise self.fault
        if payment not in self.entries:
            self.entries.append(payment)


class Counter:
    """A desk's services over a real ledger and the fakes."""

    def __init__(
        self,
        ledger: SqlLedger,
        cache: SqlCache,
        source: FakeSource,
        processor: FakeProcessor,
        clock: StillClock,
    ) -> None:
        self.ledger, self.source, self.processor, self.clock = ledger, source, processor, clock
        self.cache, self.desk = cache, ledger.transactions.who[0]
        self.lookup = Lookup(source, cache, ledger, clock)
        self.allow_cached(True)
        self.resolve = Resolve(ledger, processor, clock, LETTERHEAD.receipt_for, quiet_s=300.0)
        self.journal = MemoryJournal()
        self.offers = Offers(ledger, source, processor, clock, self.journal)

    def allow_cached(self, allowed: bool, hours: float = 24.0) -> None:
        """Set if the agency lets readings so old be charged while AMS360 is away."""
        rule = CachedRule(allowed, timedelta(hours=hours))
        self.authorize = Authorize(
            self.ledger,
            self.source,
            self.processor,
            self.clock,
            LETTERHEAD.receipt_for,
            new_reference,
            CachedCharges(rule, self.cache, self.clock),
            attempts=Attempts(self.clock, self.desk, FINGERPRINT_KEY, ZoneInfo(TIME_ZONE)),
        )

    def draft(self, *numbers: str, kind: TenderKind = TenderKind.CREDIT_CARD) -> Draft:
        """Return the draft after a lookup of these invoices and the choice of a tender."""
        found = self.lookup.by_invoice(numbers[0])
        selection = select((*found.rows, *found.others), numbers)
        quote = quotes(FEES, selection.subtotal)[kind]
        assert isinstance(quote, Quote)
        assert found.customer is not None
        payer = Payer("Dana Reyes", customer_number=found.customer.number, customer_name=found.customer.name)
        return Draft(selection.lines, payer, quote, Channel.PHONE)

    def pay(self, *numbers: str) -> Payment:
        """Take the payment of these invoices by card."""
        return self.authorize.pay(self.draft(*numbers), CARD)

    def offer(self, *numbers: str, kind: OfferKind = OfferKind.LINK, life_s: int = 86_400) -> Payment:
        """Offer these invoices at an address."""
        return self.offers.offer(self.draft(*numbers), kind, life_s)

    def charged(self) -> Money:
        """All the money that moved."""
        return total(self.processor.charges_made)
