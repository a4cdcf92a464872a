"""A desk in memory for tests of the window: made-up customers, and outcomes scripted one by one."""

from __future__ import annotations

import io
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from reportlab.pdfgen.canvas import Canvas

from paydesk.domain.errors import KnownError
from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.domain.outcome import Charge
from paydesk.domain.payment import OPEN, PAID, Draft, Payment, State
from paydesk.domain.posting import Posting, PostingChannel, PostingRules, PostingState
from paydesk.domain.quote import FeeRule, OverLimit, Quote, Tariff, quotes
from paydesk.domain.receipt import Agency, Paper, ReceiptKind
from paydesk.domain.refreshing import RefreshState
from paydesk.domain.selection import Mark, Row
from paydesk.domain.tender import Tender, TenderKind
from paydesk.services.authorize import Step
from paydesk.services.lookup import Found
from paydesk.services.ports import Happening
from paydesk.services.search import Hit, Why
from paydesk.settings import AndDoneSettings

NOW = datetime(2026, 8, 14, 20, 51, tzinfo=UTC)
ZONE = "America/New_York"
TODAY = date(2026, 8, 14)

TARIFF = Tariff(
    fees={
        TenderKind.CREDIT_CARD: FeeRule(percent=Decimal("3.5")),
        TenderKind.DEBIT_CARD: FeeRule(percent=Decimal("1.5")),
        TenderKind.ACH: FeeRule(fixed=Money(3_00)),
    },
    ach_limit=Money(15_000_00),
)

AGENCY = Agency(
    name="Harbor Mutual Insurance Agency",
    address_lines=("12 Elm Street", "Avon, NY 14414"),
    phone="(585) 555-0142",
    email="office@harbor.example",
)

BAKERY = Customer("1001", "Sample Bakery", "c-1001", "14414", ("(585) 555-0101",), "bakery@example.com")
CAFE = Customer("1002", "Zoë’s Café & Crêperie", "c-1002", "14534", ("(585) 555-0102",))


def invoice(number: str, cents: int, due_in: int | None, customer: Customer = BAKERY, **more: Any) -> Invoice:
    """An open invoice, due ``due_in`` days after today."""
    return Invoice(
        number=number,
        customer_number=customer.number,
        customer_name=customer.name,
        amount=Money(cents),
        balance=Money(cents),
        read_at=NOW,
        invoice_date=TODAY - timedelta(days=40),
        due_date=None if due_in is None else TODAY + timedelta(days=due_in),
        customer_source_id=customer.source_id,
        **more,
    )


def sample_invoices() -> list[Invoice]:
    """Three of the bakery, one of them overdue; one of the café; one above the ACH limit."""
    return [
        invoice(
            "50123",
            838_00,
            -23,
            description="Business owners policy, installment 3 of 4",
            policy_number="BOP-7781204",
            insurer="Harbor Mutual",
        ),
        invoice("50177", 412_00, 9, description="Commercial auto renewal", policy_number="CA-220918"),
        invoice("50181", 96_40, 0, description="Workers compensation audit", policy_number="WC-10017"),
        invoice("50200", 240_00, None, CAFE, description="Liquor liability"),
        invoice("50210", 18_400_00, 20, CAFE, description="Commercial package, annual premium"),
    ]


class FakeClock:
    """Stands still until told to move."""

    def __init__(self) -> None:
        self.at, self.s = NOW, 100.0

    def now(self) -> datetime:
        return self.at

    def elapsed_s(self) -> float:
        return self.s

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.s += seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """What the next charge does: the payment's fields, or an error."""

    state: State = State.AUTHORIZED
    reason: str = ""
    error: Exception | None = None


APPROVE = Answer()
UNKNOWN = Answer(State.UNKNOWN, "AndDone did not answer in time.")


def decline(reason: str) -> Answer:
    """The processor says no."""
    return Answer(State.DECLINED, reason)


def released(reason: str) -> Answer:
    """Surely not sent."""
    return Answer(State.RELEASED, reason)


def refuse(sentence: str, next_step: str = "") -> Answer:
    """A KnownError before anything is sent."""
    return Answer(error=KnownError(sentence, next_step))


class FakeLedger:
    """Payments in a list."""

    def __init__(self) -> None:
        self.rows: dict[int, Payment] = {}
        self.notes: list[tuple[int | None, str]] = []

    def put(self, payment: Payment) -> Payment:
        self.rows[payment.id] = payment
        return payment

    def payment(self, payment_id: int) -> Payment:
        return self.rows[payment_id]

    def find(self, reference: str) -> Payment | None:
        return next((payment for payment in self.rows.values() if payment.reference == reference), None)

    def payments(self, *, limit: int, matching: str = "", states: Iterable[State] = ()) -> Sequence[Payment]:
        wanted = frozenset(states)
        newest = sorted(self.rows.values(), key=lambda payment: -payment.id)
        found = [
            payment
            for payment in newest
            if (not wanted or payment.state in wanted) and matching.casefold() in repr(payment).casefold()
        ]
        return found[:limit]

    def payments_between(self, start: datetime, end: datetime) -> Sequence[Payment]:
        return [payment for payment in self.rows.values() if start <= payment.claimed_at < end]

    def came_back(self, since: datetime) -> Sequence[Payment]:
        return [payment for payment in self.rows.values() if payment.state is State.RETURNED]

    def charged_otherwise(self) -> Sequence[Payment]:
        return [payment for payment in self.rows.values() if payment.charged_otherwise]

    def marks(self, balances: Iterable[Invoice]) -> dict[str, Mark]:
        found = {}
        for one in balances:
            for payment in self.rows.values():
                if one.number in payment.draft.invoice_numbers and payment.state in OPEN | PAID:
                    found[one.number] = _mark(payment, one.number)
        return found

    def events(self, payment_id: int) -> Sequence[Happening]:
        payment = self.rows[payment_id]
        noted = [kind for number, kind in self.notes if number == payment_id]
        kinds = ["claimed", "submitted", payment.state.value, *noted]
        return [Happening(payment.claimed_at, payment.desk, payment.user, kind, {}) for kind in kinds]

    def note(self, payment_id: int | None, kind: str, detail: object) -> None:
        self.notes.append((payment_id, kind))


def _mark(payment: Payment, number: str) -> Mark:
    paid = payment.state in PAID
    amount = next(line.amount for line in payment.draft.lines if line.invoice_number == number)
    return Mark(
        state=payment.state,
        desk=payment.desk,
        user=payment.user,
        at=payment.claimed_at,
        paid=amount if paid else Money(0),
        receipt_number=payment.receipt_number,
        being_paid=not paid,
    )


class FakeLookup:
    """Finds in a list of invoices."""

    def __init__(
        self, ledger: FakeLedger, invoices: Sequence[Invoice], customers: Sequence[Customer]
    ) -> None:
        self.ledger, self.invoices = ledger, list(invoices)
        self.customers = {customer.number: customer for customer in customers}
        self.fault: KnownError | None = None

    def cached_by_invoice(self, text: str) -> Found | None:
        return None

    def by_invoice(self, text: str) -> Found:
        self._fail()
        number = text.strip().lstrip("#")
        named = [one for one in self.invoices if one.number == number]
        if not named:
            raise KnownError(f"There is no invoice {number} in AMS360.", "Check the number.")
        customer = self.customers[named[0].customer_number]
        others = [one for one in self.invoices if one.customer_number == customer.number and one not in named]
        return Found(self._rows(named), self._rows(others), customer, NOW)

    def cached_by_customer(self, number: str, zip_code: str, second: str = "") -> Found | None:
        return None

    def by_customer(self, number: str, zip_code: str, second: str = "") -> Found:
        self._fail()
        customer = self.customers.get(number)
        if customer is None or customer.zip_code[:5] != zip_code[:5]:
            raise KnownError("Customer number and ZIP do not match.", "Ask for both again.")
        owed = [one for one in self.invoices if one.customer_number == number]
        return Found(self._rows(owed), (), customer, NOW)

    def remark(self, found: Found) -> Found:
        return replace(
            found,
            rows=self._rows([row.invoice for row in found.rows]),
            others=self._rows([row.invoice for row in found.others]),
        )

    def invoice_for(self, reference: str) -> Row | None:
        named = [one for one in self.invoices if one.number == reference.strip()]
        return self._rows(named)[0] if named else None

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault

    def _rows(self, invoices: Sequence[Invoice]) -> tuple[Row, ...]:
        marks = self.ledger.marks(invoices)
        return tuple(Row(one, marks.get(one.number)) for one in invoices)


class FakeRefresh:
    """A refresh that stands still."""

    def __init__(self) -> None:
        self.state = RefreshState()


class FakeSearch:
    """Finds customers by a part of their name, and invoices by their number."""

    def __init__(self) -> None:
        self.customers: list[Customer] = [BAKERY, CAFE]
        self.invoices: list[Invoice] = sample_invoices()
        self.asked: list[str] = []

    def find(self, text: str, limit: int = 20) -> tuple[Hit, ...]:
        self.asked.append(text)
        named = [one for one in self.customers if text.casefold() in one.name.casefold()]
        hits = [Hit(Why.NAME, 1.0, one.number, one.name, None, 3, Money(1_346_40)) for one in named]
        numbered = [one for one in self.invoices if one.number.startswith(text)]
        hits += [
            Hit(Why.INVOICE_NUMBER, 1.0, one.customer_number, one.customer_name, one) for one in numbered
        ]
        return tuple(hits[:limit])


class FakeAuthorize:
    """Answers charges from ``script``, approves when it is empty; an unset ``gate`` holds the charge back."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger
        self.script: deque[Answer] = deque()
        self.gate = threading.Event()
        self.gate.set()
        self.charged: list[tuple[Draft, Tender]] = []

    def pay(
        self, draft: Draft, tender: Tender, on_step: Callable[[Step], None] = lambda step: None
    ) -> Payment:
        self.charged.append((draft, tender))
        answer = self.script.popleft() if self.script else APPROVE
        on_step(Step.CLAIMING)
        on_step(Step.ASKING)
        if answer.error is not None and not isinstance(answer.error, KnownError):
            raise answer.error
        on_step(Step.CHARGING)
        self.gate.wait(20)
        if answer.error is not None:
            raise answer.error
        on_step(Step.RECORDING)
        return self.ledger.put(_answered(len(self.ledger.rows) + 1, draft, tender, answer))


def _answered(number: int, draft: Draft, tender: Tender, answer: Answer) -> Payment:
    payment = Payment(
        id=number,
        reference=f"PD{number:018d}",
        state=answer.state,
        draft=draft,
        desk="Front-1",
        user="Dana",
        claimed_at=NOW,
        submitted_at=NOW,
        reason=answer.reason,
        brand=tender.brand.value if tender.brand else "",
        last4=tender.last4,
    )
    return approved(payment) if answer.state is State.AUTHORIZED else payment


def approved(payment: Payment) -> Payment:
    """The same payment as an approval leaves it in the ledger."""
    return replace(
        payment,
        state=State.AUTHORIZED,
        reason="",
        decided_at=NOW,
        charged=payment.draft.quote.total,
        charged_fee=payment.draft.quote.fee,
        authorization_code="A51823",
        receipt_number=f"R-{payment.id:06d}",
    )


class FakeReconcile:
    """Decides open payments as ``findings`` says, one per question; UNKNOWN when it is empty."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger
        self.findings: deque[Answer] = deque()
        self.strangers: tuple[Charge, ...] = ()
        self.asked: list[int] = []
        self.returned = 0

    def check(self, payment_id: int) -> Payment:
        self.asked.append(payment_id)
        payment = self.ledger.payment(payment_id)
        finding = self.findings.popleft() if self.findings else UNKNOWN
        if finding.error is not None:
            raise finding.error
        if payment.state not in OPEN:
            return payment
        if finding.state is State.AUTHORIZED:
            return self.ledger.put(approved(payment))
        return self.ledger.put(replace(payment, state=finding.state, reason=finding.reason))

    def due(self) -> list[Payment]:
        return []

    def all(self) -> list[Payment]:
        return []

    def network_returned(self) -> None:
        self.returned += 1


class FakeVoids:
    """Answers voids from ``script``, voids when it is empty; an unset ``gate`` holds the void back."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger
        self.script: deque[Answer] = deque()
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[tuple[int, str]] = []

    def void(self, payment_id: int, why: str) -> Payment:
        self.asked.append((payment_id, why))
        self.gate.wait(20)
        answer = self.script.popleft() if self.script else Answer(State.VOIDED, why)
        if answer.error is not None:
            raise answer.error
        return self.ledger.put(
            replace(self.ledger.payment(payment_id), state=answer.state, reason=answer.reason)
        )


class FakeOutbox:
    """Postings by payment."""

    def __init__(self) -> None:
        self.rows: dict[int, Posting] = {}

    def of(self, payment_ids: Iterable[int]) -> dict[int, Posting]:
        return {number: self.rows[number] for number in payment_ids if number in self.rows}


class FakePost:
    """Postings as told; "post again" is safe for what stands in ``again``, and answers ``fault`` or waits."""

    def __init__(self) -> None:
        self.outbox = FakeOutbox()
        self.rules = PostingRules(PostingChannel.EMS)
        self.again: set[int] = set()
        self.entered: list[int] = []
        self.back: list[int] = []
        self.fault: KnownError | None = None

    def put(self, payment: Payment, state: PostingState, reason: str = "") -> Posting:
        """A payment's posting in that state."""
        posted_at = NOW if state is PostingState.POSTED else None
        posting = Posting(payment, state, payment.claimed_at, posted_at=posted_at, reason=reason)
        self.outbox.rows[payment.id] = posting
        return posting

    def attention(self) -> list[Posting]:
        stuck = (PostingState.UNCLEAR, PostingState.REFUSED)
        return [
            posting
            for posting in self.outbox.rows.values()
            if posting.state in stuck
            or (posting.payment.state is State.VOIDED and posting.state is PostingState.POSTED)
        ]

    def may_post_again(self, posting: Posting) -> bool:
        return posting.payment.id in self.again

    def post_again(self, payment_id: int) -> Posting:
        if self.fault is not None:
            raise self.fault
        return self.put(self.outbox.rows[payment_id].payment, PostingState.WAITING)

    def mark_taken_back(self, payment_id: int, note: str = "") -> Posting:
        self.back.append(payment_id)
        return self.put(self.outbox.rows[payment_id].payment, PostingState.WITHDRAWN)

    def mark_entered(self, payment_id: int, note: str = "") -> Posting:
        self.entered.append(payment_id)
        return self.put(self.outbox.rows[payment_id].payment, PostingState.POSTED)


class FakeReceipts:
    """A one-page PDF of the receipt number; every reprint counts a copy."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger
        self.copies: dict[int, int] = {}
        self.fault: KnownError | None = None

    def pdf(
        self, payment_id: int, paper: Paper, *, reprint: bool, kind: ReceiptKind = ReceiptKind.PAYMENT
    ) -> bytes:
        if self.fault is not None:
            raise self.fault
        if reprint:
            self.copies[payment_id] = self.copies.get(payment_id, 0) + 1
        copy = f"COPY {self.copies[payment_id]}" if reprint else ""
        copy = f"VOID {copy}".strip() if kind is ReceiptKind.VOID else copy
        return _page(self.ledger.payment(payment_id), copy, narrow=paper is Paper.ROLL_80MM)


def _page(payment: Payment, copy: str, *, narrow: bool) -> bytes:
    file = io.BytesIO()
    size = (226.77, 400.0) if narrow else (612.0, 792.0)
    canvas = Canvas(file, pagesize=size, invariant=1)
    lines = [AGENCY.name, f"Receipt {payment.receipt_number}", copy, f"Total {payment.draft.quote.total}"]
    for place, line in enumerate(lines):
        canvas.drawString(24, size[1] - 40 - 16 * place, line)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


@dataclass(frozen=True)
class FakeSettings:
    """The settings the window reads."""

    world: str = "training"
    desk: str = "Front-1"
    user: str = "Dana"
    agency: Agency = AGENCY
    time_zone: str = ZONE
    tariff: Tariff | None = TARIFF
    paper: Paper = Paper.LETTER
    anddone: AndDoneSettings = field(default_factory=AndDoneSettings)

    @property
    def training(self) -> bool:
        return self.world == "training"


@dataclass
class FakeDesk:
    """Everything the window needs, in memory; ``desk`` is the same typed as the real one."""

    settings: FakeSettings = field(default_factory=FakeSettings)
    clock: FakeClock = field(default_factory=FakeClock)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    cached_refusal: str = ""

    def __post_init__(self) -> None:
        self.lookup = FakeLookup(self.ledger, sample_invoices(), (BAKERY, CAFE))
        self.authorize = FakeAuthorize(self.ledger)
        self.reconcile = FakeReconcile(self.ledger)
        self.voids = FakeVoids(self.ledger)
        self.receipts = FakeReceipts(self.ledger)
        self.post = FakePost()
        self.search = FakeSearch()
        self.refresh = FakeRefresh()

    def today(self) -> date:
        return self.clock.now().astimezone(ZoneInfo(self.settings.time_zone)).date()

    def refuses_cached(self, read_at: datetime) -> str:
        return self.cached_refusal

    def offers(self, subtotal: Money) -> dict[TenderKind, Quote | OverLimit]:
        if self.settings.tariff is None:
            raise KnownError("No fees are set.", "Set them in the settings.")
        return quotes(self.settings.tariff, subtotal)

    @property
    def desk(self) -> Any:
        """Itself, where the real desk's type is asked for."""
        return cast(Any, self)
