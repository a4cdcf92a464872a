"""A window's desk over an agency in memory: the real lookup, and answers that can be held back."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from paydesk.domain.bill import Bill
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import Payer, Payment, State
from paydesk.domain.quote import Quote, quotes
from paydesk.domain.selection import Row, Selection
from paydesk.domain.tender import TenderKind
from paydesk.services.lookup import Lookup
from tests.fakes.desk import (
    BAKERY,
    CAFE,
    NOW,
    TARIFF,
    Answer,
    FakeDesk,
    approved,
    invoice,
    sample_invoices,
)

NO_ZIP = Customer("1003", "Renée O’Brien", "c-1003", "", ("617-555-0199",))
BUILDER = Customer(
    "1004", "Northgate Builders, Inc.", "c-1004", "02139", ("(617) 555-0177",), "ap@northgate.example"
)
TEAHOUSE = Customer("1005", "金龍茶莊有限公司", "c-1005", "02111")
PHARMACY = Customer("1006", "صيدلية النور للأدوية", "c-1006", "02121")
TRUST = Customer(
    "1007",
    "The Honourable Bartholomew Featherstonehaugh-Cholmondeley Family Trust for the Benefit of Minors",
    "c-1007",
    "02138",
)


def all_invoices() -> list[Invoice]:
    """The bakery's and café's, twelve of a builder, names of every script, a credit and a paid one."""
    made = [
        invoice(
            str(60010 + place),
            (317 + 211 * place) * 100 + 17 * place,
            -40 + 9 * place,
            BUILDER,
            description=f"Builders risk, site {place + 1}: Northgate Commons phase {place % 3 + 1}",
            policy_number=f"BR-{44010 + place}",
            insurer="Harbor Mutual",
        )
        for place in range(12)
    ]
    made += [
        invoice(
            "50301", 1_120_00, -3, TEAHOUSE, description="商業綜合保險 年度保費", policy_number="CPP-88012"
        ),
        invoice(
            "50302", 640_50, 12, PHARMACY, description="تأمين المسؤولية المهنية", policy_number="PL-3301"
        ),
        invoice("50303", 9_999_99, -120, TRUST, description="Personal umbrella, excess liability " * 6),
        invoice("50304", 75_00, 5, NO_ZIP, description="Renters", policy_number="HO-204417"),
        replace(invoice("50305", -50_00, None, BAKERY, description="Return premium"), amount=Money(-50_00)),
        replace(invoice("50306", 300_00, -60, BAKERY, description="Installment 1 of 4"), balance=ZERO),
    ]
    return [*sample_invoices(), *made]


class MemoryCache:
    """What was seen of the source; counts nothing, forgets nothing."""

    def __init__(self) -> None:
        self.invoices: dict[str, Invoice] = {}
        self.customers: dict[str, Customer] = {}

    def invoice(self, number: str) -> Invoice | None:
        """As last seen."""
        return self.invoices.get(number)

    def customer(self, number: str) -> Customer | None:
        """As last seen."""
        return self.customers.get(number)

    def open_invoices(self, customer_number: str) -> Sequence[Invoice]:
        """With a balance, as last seen."""
        owed = [one for one in self.invoices.values() if one.customer_number == customer_number]
        return [one for one in owed if one.balance != ZERO]

    def keep(self, invoice: Invoice) -> None:
        """Remember one."""
        self.invoices[invoice.number] = invoice

    def keep_all(self, customer: Customer, invoices: Sequence[Invoice], read_at: datetime) -> None:
        """Remember a customer and all of theirs."""
        self.customers[customer.number] = customer
        self.invoices.update({one.number: one for one in invoices})


class MemorySource:
    """AMS360 in memory. While ``gate`` is closed no answer comes; ``away`` is raised instead of one."""

    def __init__(self) -> None:
        self.customers = {
            one.number: one for one in (BAKERY, CAFE, NO_ZIP, BUILDER, TEAHOUSE, PHARMACY, TRUST)
        }
        self.invoices = {one.number: one for one in all_invoices()}
        self.away: KnownError | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[str] = []

    def invoice(self, number: str) -> Invoice | None:
        """The invoice as it stands."""
        self._answer(number)
        return self.invoices.get(number)

    def customer(self, number: str) -> Customer | None:
        """The customer."""
        self._answer(number)
        return self.customers.get(number)

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """What the customer owes."""
        self._answer(customer.number)
        owed = [one for one in self.invoices.values() if one.customer_number == customer.number]
        return [one for one in owed if one.balance != ZERO]

    def owe(self, number: str, cents: int) -> None:
        """Let an invoice have another balance from now on."""
        self.invoices[number] = replace(self.invoices[number], balance=Money(cents))

    def _answer(self, asked: str) -> None:
        self.asked.append(asked)
        self.gate.wait(20)
        if self.away is not None:
            raise self.away


AWAY = NoAnswer(
    System.AMS360,
    "AMS360 cannot be reached.",
    "Check the internet connection, then look it up again.",
    connected=False,
)


class Office(FakeDesk):
    """A FakeDesk whose lookup is the real one over ``source`` and ``cache``."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.source, self.cache = MemorySource(), MemoryCache()
        self.lookup: Any = Lookup(self.source, self.cache, self.ledger_port, self.clock)

    @property
    def ledger_port(self) -> Any:
        """The ledger, where the whole port is asked for."""
        return self.ledger

    def seen(self, minutes_ago: int = 70) -> None:
        """Fill the cache with everything, as read some time ago."""
        read_at = NOW - timedelta(minutes=minutes_ago)
        for one in self.source.invoices.values():
            self.cache.keep(replace(one, read_at=read_at))
        self.cache.customers.update(self.source.customers)

    def took(
        self,
        *numbers: str,
        state: State = State.AUTHORIZED,
        minutes_ago: int = 12,
        kind: TenderKind = TenderKind.CREDIT_CARD,
        otherwise: int = 0,
    ) -> Payment:
        """A payment in the ledger already; ``otherwise`` cents more were charged than quoted."""
        rows = tuple(Row(self.source.invoices[number]) for number in numbers)
        first = rows[0].invoice
        payer = Payer(
            first.customer_name,
            "(617) 555-0101",
            "ap@customer.example",
            customer_number=first.customer_number,
            customer_name=first.customer_name,
        )
        bill = Bill(Selection(rows).lines, payer)
        quote = quotes(TARIFF, bill.subtotal)[kind]
        assert isinstance(quote, Quote)
        number = len(self.ledger.rows) + 1
        answer = Answer(
            state,
            {
                State.UNKNOWN: "AndDone did not answer in time.",
                State.DECLINED: "Not enough money on the card.",
            }.get(state, ""),
        )
        payment = Payment(
            id=number,
            reference=f"PD{number:018d}",
            state=answer.state,
            draft=bill.draft(quote, Channel.PHONE),
            desk="Front-1",
            user="Dana",
            claimed_at=NOW - timedelta(minutes=minutes_ago),
            submitted_at=NOW - timedelta(minutes=minutes_ago),
            reason=answer.reason,
            brand="" if kind is TenderKind.ACH else "Visa",
            last4="6789" if kind is TenderKind.ACH else "1111",
        )
        if state is State.AUTHORIZED:
            payment = approved(payment)
            payment = replace(payment, charged=quote.total + Money(otherwise))
        return self.ledger.put(payment)
