"""The training agency: customers and invoices of every kind, the same ones every time.

All are invented. Dates are relative to ``today``, so "overdue 23 days" stays true.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from paydesk.domain.money import ZERO, Money, total
from paydesk.sandbox.ams360.people import PEOPLE, Person

_NAMESPACE: Final = uuid.UUID("5a0d0e5c-0000-4000-8000-000000000360")
_SEED: Final = 360
AGENCY_BILL, DIRECT_BILL, COMMISSION, DIRECT_ENTRY, BEGINNING, ON_ACCOUNT = 1, 2, 3, 4, 17, 101
"""Invoice types of AMS360."""
MAIN_DIVISION: Final = "MAIN"


@dataclass(frozen=True, slots=True)
class Line:
    """One billed line. Category P is premium, F fee, T tax, R a receipt shown as a line."""

    description: str
    amount: Money
    category: str = "P"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as AMS360 knows it."""

    number: int
    person: Person

    @property
    def customer_id(self) -> str:
        return _guid(f"customer-{self.number}")


@dataclass(slots=True)
class Invoice:
    """An invoice header with its lines and the sum applied to it."""

    number: int
    customer_number: int
    lines: tuple[Line, ...]
    invoiced_on: date
    due_on: date | None
    applied: Money = ZERO
    policy_number: str | None = None
    bill_method: str | None = "A"
    kind: int = AGENCY_BILL
    canceled: bool = False
    installment: bool = False
    bare: bool = False
    """True if the header has neither amount nor balance: they follow from the lines alone."""
    division: str = MAIN_DIVISION
    shared_with: tuple[int, ...] = ()
    """Customer numbers of a multi-entity invoice's sub-customers."""

    @property
    def invoice_id(self) -> str:
        return _guid(f"invoice-{self.number}")

    @property
    def policy_id(self) -> str | None:
        return None if self.policy_number is None else _guid(f"policy-{self.policy_number}")

    @property
    def amount(self) -> Money:
        return total(line.amount for line in self.lines)

    @property
    def shown_lines(self) -> tuple[Line, ...]:
        """The lines as EMS shows them. Under a bare header the sum applied is a line, too."""
        if not self.bare or not self.applied:
            return self.lines
        return (*self.lines, Line("Receipts applied", -self.applied, "R"))

    @property
    def balance(self) -> Money:
        return self.amount - self.applied


@dataclass(slots=True)
class Agency:
    """Customers and invoices by number."""

    customers: dict[int, Customer] = field(default_factory=dict)
    invoices: dict[int, Invoice] = field(default_factory=dict)

    def add(self, *invoices: Invoice) -> None:
        for invoice in invoices:
            self.invoices[invoice.number] = invoice

    def invoices_of(self, customer_number: int) -> list[Invoice]:
        return [invoice for invoice in self.invoices.values() if invoice.customer_number == customer_number]


def training_agency(today: date) -> Agency:
    """Return about 40 customers and 300 invoices: a few documented ones, the others of every kind."""
    agency = Agency({number: Customer(number, person) for number, person in PEOPLE.items()})
    agency.add(*_known_invoices(today))
    source = random.Random(_SEED)
    number = 51_000
    for customer_number, count in _counts().items():
        for turn in range(count):
            agency.add(_invoice_of_kind(number, customer_number, turn, today, source))
            number += 1
    return agency


def _known_invoices(today: date) -> list[Invoice]:
    """Return the invoices that docs/sandbox.md and the tests name."""

    def on(days: int) -> date:
        return today + timedelta(days=days)

    premium, late = (Line("Renewal premium", Money(1_200_00)), Line("Policy fee", Money(50_00), "F")), on(-53)
    return [
        Invoice(50_123, 1001, premium, late, on(-23), policy_number="BOP-4471-20"),
        Invoice(50_140, 1001, _line("Workers compensation, installment 2", 150_00), on(-10), on(12),
                policy_number="WC-2210-07", installment=True),
        Invoice(50_099, 1001, _line("Renewal premium, replaced by 50123", 1_180_00), late, on(-23),
                canceled=True),
        Invoice(50_200, 1002, _line("Hull and machinery, annual premium", 18_400_00), on(-20), on(10),
                policy_number="OM-9001-03"),
        Invoice(50_201, 1002, _line("Dock liability", 640_00), on(-20), today, policy_number="OM-9001-04"),
        Invoice(50_300, 1003, _line("Homeowners premium", 912_40), on(-30), today,
                policy_number="HO-3320-11"),
        Invoice(50_301, 1003, _line("Flood endorsement", 288_00), on(-9), None, policy_number="HO-3320-11"),
        Invoice(50_400, 1004, _line("Commercial auto", 2_400_00), on(-40), on(-3), applied=Money(1_650_00),
                policy_number="CA-7781-02"),
        Invoice(50_401, 1004, _line("Commercial auto, prior term", 2_310_00), on(-400), on(-370),
                applied=Money(2_310_00), policy_number="CA-7781-01"),
        Invoice(50_402, 1004, _line("Return premium", -125_50), on(-15), on(15), policy_number="CA-7781-02"),
        Invoice(50_500, 1005, _line("Renters premium", 187_25), on(-14), on(16), policy_number="RN-0412-09"),
        Invoice(50_600, 1006, _line("Umbrella premium", 333_33), on(-25), on(-1), policy_number="UM-1188-05"),
        Invoice(50_700, 1007, _line("Personal auto", 1_046_80), on(-12), on(5), bare=True,
                policy_number="PA-5520-14"),
        Invoice(50_701, 1007, (*_line("Personal auto, second car", 604_20),
                               Line("Receipt 20931", Money(-204_20), "R")), on(-70), on(-40), bare=True),
        Invoice(50_800, 1008, _line("Direct bill: carrier collects", 799_00), on(-11), on(19),
                bill_method="P", kind=DIRECT_BILL, policy_number="HO-8801-01"),
        Invoice(50_801, 1008, _line("On account: premium due", 75_00), on(-11), None, bill_method=None,
                kind=ON_ACCOUNT),
        Invoice(50_900, 1009, _line("Cyber liability", 1_515_15), on(-33), on(-2), policy_number="CY-0100-01",
                shared_with=(1001, 1002)),
        Invoice(50_950, 1010, _line("Inland marine", 420_00), on(-6), on(24), division="WEST",
                policy_number="IM-3141-59"),
    ]  # fmt: skip


def _counts() -> dict[int, int]:
    """Return the number of further invoices by customer. One customer fills more than a page."""
    numbers = [number for number in PEOPLE if number > 1_010 and not PEOPLE[number].hidden]
    counts = dict.fromkeys(numbers, 5)
    counts[1_020] = 135
    return counts


def _line(description: str, cents: int) -> tuple[Line, ...]:
    return (Line(description, Money(cents)),)


_KINDS: Final = (
    "overdue", "due_later", "paid", "part_paid", "due_today", "no_due_date", "direct_bill", "overdue",
    "credit", "canceled", "on_account", "bare", "due_later", "commission", "beginning", "long_overdue",
    "direct_entry", "installment",
)  # fmt: skip


def _invoice_of_kind(
    number: int, customer_number: int, turn: int, today: date, source: random.Random
) -> Invoice:
    kind = _KINDS[(turn + customer_number * 5) % len(_KINDS)]
    amount = Money(source.randrange(45_00, 3_900_00))
    fee = Money(source.choice((0, 25_00, 35_50)))
    lines = [Line(source.choice(_COVERS), amount)] + ([Line("Policy fee", fee, "F")] if fee else [])
    due = today + timedelta(days=_due_in(kind, source))
    invoice = Invoice(
        number, customer_number, tuple(lines), due - timedelta(days=30), due,
        policy_number=f"{source.choice(('BOP', 'HO', 'CA', 'WC', 'PA'))}-{source.randrange(1000, 9999)}-"
        f"{source.randrange(1, 30):02d}",
    )  # fmt: skip
    _make(invoice, kind, source)
    return invoice


def _due_in(kind: str, source: random.Random) -> int:
    match kind:
        case "overdue" | "part_paid" | "bare":
            return -source.randrange(1, 60)
        case "long_overdue":
            return -source.randrange(120, 700)
        case "due_today":
            return 0
        case "paid":
            return -source.randrange(30, 300)
        case _:
            return source.randrange(1, 45)


def _make(invoice: Invoice, kind: str, source: random.Random) -> None:
    """Turn an ordinary invoice into one of this kind."""
    match kind:
        case "paid":
            invoice.applied = invoice.amount
        case "part_paid":
            invoice.applied = Money(source.randrange(1_00, invoice.amount.cents - 1_00))
        case "no_due_date":
            invoice.due_on = None
        case "direct_bill":
            invoice.kind, invoice.bill_method = DIRECT_BILL, "P"
        case "direct_entry":
            invoice.kind, invoice.bill_method = DIRECT_ENTRY, "P"
        case "commission":
            invoice.kind, invoice.bill_method = COMMISSION, "P"
        case "beginning":
            invoice.kind, invoice.policy_number = BEGINNING, None
        case "on_account":
            invoice.kind, invoice.bill_method, invoice.policy_number = ON_ACCOUNT, None, None
        case "credit":
            invoice.lines = (Line("Return premium", Money(-source.randrange(10_00, 400_00))),)
        case "canceled":
            invoice.canceled = True
        case "bare":
            invoice.bare = True
        case "installment":
            invoice.installment = True
        case _:
            return


_COVERS: Final = (
    "Businessowners premium", "Homeowners premium", "Commercial auto premium",
    "Workers compensation premium", "Personal auto premium", "General liability premium",
    "Umbrella premium", "Professional liability premium", "Inland marine premium", "Dwelling fire premium",
)  # fmt: skip


def _guid(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))
