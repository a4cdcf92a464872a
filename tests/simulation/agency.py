"""AMS360 with a lag: what is owed, less what was paid from outside and has been entered there by now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from paydesk.domain.errors import NoAnswer
from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money

if TYPE_CHECKING:
    from tests.simulation.desk import Desk

CUSTOMER = Customer("1001", "Sample Bakery LLC", "c-1001", "02108", ("(617) 555-0101",))


@dataclass(slots=True)
class Bill:
    """One invoice, and when how much of it was entered as paid (seconds, cents)."""

    number: str
    cents: int
    entered: list[tuple[float, int]] = field(default_factory=list)

    def balance(self, seen_until_s: float) -> Money:
        """What a reader sees who sees entries up to that time."""
        return Money(self.cents - sum(cents for at_s, cents in self.entered if at_s <= seen_until_s))


class AgencyView:
    """The invoice source as one desk reaches it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def invoice(self, number: str) -> Invoice | None:
        """The invoice as AMS360 shows it."""
        read_at = self._desk.clock.now()
        self._travel()
        bill = self._desk.world.bills.get(number)
        return None if bill is None else self._shown(bill, read_at)

    def customer(self, number: str) -> Customer | None:
        """The one customer there is."""
        self._travel()
        return CUSTOMER if number == CUSTOMER.number else None

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """What is owed."""
        read_at = self._desk.clock.now()
        self._travel()
        shown = [self._shown(bill, read_at) for bill in self._desk.world.bills.values()]
        return [invoice for invoice in shown if invoice.balance != ZERO]

    def _shown(self, bill: Bill, read_at: datetime) -> Invoice:
        world = self._desk.world
        return Invoice(
            number=bill.number,
            customer_number=CUSTOMER.number,
            customer_name=CUSTOMER.name,
            amount=Money(bill.cents),
            balance=bill.balance(world.schedule.now_s - world.profile.agency_lag_s),
            read_at=read_at,
            customer_source_id=CUSTOMER.source_id,
        )

    def _travel(self) -> None:
        desk, world = self._desk, self._desk.world
        desk.step("agency.sent")
        if desk.cut_off() or world.agency_outage() or world.strikes("agency_away", "agency"):
            desk.sleep(world.chance.between(0.1, 30, "agency away"))
            raise NoAnswer("AMS360 cannot be reached.", "Check the internet connection.")
        desk.sleep(world.chance.between(0.02, 0.5, "agency"))
        desk.step("agency.answered")
