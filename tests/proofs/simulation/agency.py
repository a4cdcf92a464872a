"""AMS360 with a lag: what is owed, less the amounts posted or entered there by now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from paydesk.domain.errors import NoAnswer, System
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money
from paydesk.domain.posting import AgencyReceipt, MayHaveArrived, NotReceived, Posted, PostOutcome, Refused

if TYPE_CHECKING:
    from tests.proofs.simulation.desk import Desk

CUSTOMER = Customer("1001", "Sample Bakery LLC", "c-1001", "02108", ("(617) 555-0101",))


@dataclass(slots=True)
class Debt:
    """One invoice, and the amounts entered as paid with their times (seconds, cents)."""

    number: str
    cents: int
    entered: list[tuple[float, int]] = field(default_factory=list)

    def balance(self, seen_until_s: float) -> Money:
        """Return the balance for a reader who sees entries up to that time."""
        return Money(self.cents - sum(cents for at_s, cents in self.entered if at_s <= seen_until_s))


LATEST_S = 500.0
"""Maximum delay of a posting in seconds. The outbox waits longer before it allows a repeat."""


class AgencyView:
    """The invoice source as one desk reaches it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def invoice(self, number: str) -> Invoice | None:
        """Return the invoice as AMS360 shows it."""
        read_at = self._desk.clock.now()
        self._travel()
        debt = self._desk.world.debts.get(number)
        return None if debt is None else self._shown(debt, read_at)

    def customer(self, number: str) -> Customer | None:
        """Return the only customer, if asked for by number."""
        self._travel()
        return CUSTOMER if number == CUSTOMER.number else None

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """Return the invoices with a balance."""
        read_at = self._desk.clock.now()
        self._travel()
        shown = [self._shown(debt, read_at) for debt in self._desk.world.debts.values()]
        return [invoice for invoice in shown if invoice.balance != ZERO]

    def _shown(self, debt: Debt, read_at: datetime) -> Invoice:
        world = self._desk.world
        return Invoice(
            number=debt.number,
            customer_number=CUSTOMER.number,
            customer_name=CUSTOMER.name,
            amount=Money(debt.cents),
            balance=debt.balance(world.schedule.now_s - world.profile.agency_lag_s),
            read_at=read_at,
            customer_source_id=CUSTOMER.source_id,
        )

    def _travel(self) -> None:
        desk, world = self._desk, self._desk.world
        desk.step("agency.sent")
        if desk.cut_off() or world.agency_outage() or world.strikes("agency_away", "agency"):
            desk.sleep(world.chance.between(0.1, 30, "agency away"))
            raise NoAnswer(
                System.AGENCY_SYSTEM,
                "AMS360 can't be reached.",
                "Check the internet connection.",
                connected=False,
            )
        desk.sleep(world.chance.between(0.02, 0.5, "agency"))
        desk.step("agency.answered")


class AgencySink:
    """The receipt sink as one desk reaches it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def post(self, receipt: AgencyReceipt) -> PostOutcome:
        """Post the receipt once. Its answer may be lost, and it may arrive late."""
        desk, world = self._desk, self._desk.world
        desk.step("post.sent")
        if desk.cut_off() or world.agency_outage() or world.strikes("agency_away", "agency"):
            return NotReceived("no connection")
        now_s = world.schedule.now_s
        if world.strikes("late", "post"):
            late_s = world.chance.between(30, LATEST_S, "late posting")
            world.schedule.at(now_s + late_s, lambda: self._arrive(receipt))
            desk.sleep(30)
            return MayHaveArrived("silence")
        desk.sleep(world.chance.between(0.05, 1, "posting"))
        outcome = self._carry_out(receipt)
        lost = world.strikes("lose_reply", "post")
        desk.step("post.answered")
        return MayHaveArrived("the answer was lost") if lost else outcome

    def note(self, receipt: AgencyReceipt) -> PostOutcome:
        """Refuse: the simulation posts no notes."""
        return Refused("no notes")

    def _arrive(self, receipt: AgencyReceipt) -> None:
        self._carry_out(receipt)

    def _carry_out(self, receipt: AgencyReceipt) -> PostOutcome:
        world = self._desk.world
        now_s = world.schedule.now_s
        short = [
            number
            for number, money in receipt.by_invoice.items()
            if money > world.debts[number].balance(now_s)
        ]
        if short:
            return Refused(f"{short[0]} owes less than that.")
        for number, money in receipt.by_invoice.items():
            world.debts[number].entered.append((now_s, money.cents))
        world.posted[receipt.reference] += 1
        world.log(f"posted {receipt.receipt_number}")
        if world.posted[receipt.reference] > 1:
            world.violate("one payment was posted twice")
        return Posted(f"ams-{receipt.receipt_number}")
