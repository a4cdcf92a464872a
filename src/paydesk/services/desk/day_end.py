"""Day end: the sums of one day's payments by tender, computed from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from paydesk.domain.money import Money, total
from paydesk.domain.payment import GIVEN_BACK, PAID, Payment, State
from paydesk.domain.spreadsheet import Cell, Table
from paydesk.domain.tender import TenderKind
from paydesk.domain.vendors import PROCESSOR
from paydesk.services.ports.payment_words import TENDERS, only_submitted, outcome


@dataclass(frozen=True, slots=True)
class TenderSum:
    """The sums of one tender on a day. ``kind`` is None for all tenders together."""

    kind: TenderKind | None
    count: int
    lines: Money
    fee: Money

    @property
    def total(self) -> Money:
        """Lines and fee together."""
        return self.lines + self.fee


@dataclass(frozen=True, slots=True)
class DaySums:
    """A day's takings, and the number of payments that took nothing or are unresolved."""

    tenders: tuple[TenderSum, ...]
    declined: int
    unknown: int
    not_charged: int
    submitted: int
    """Number of bank debits accepted and not yet cleared. The totals include them."""
    voided: TenderSum
    """Payments taken and voided before they settled. No total includes them."""
    returned: TenderSum
    """Payments whose money went back since, other than by a void. No total includes them."""
    differing: int
    """Number of payments charged another amount than quoted. The sums use the charged amount."""


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day of the agency: its payments, oldest first, and their sums.

    ``anchor`` is the hash of the ledger's newest event when they were read.
    """

    on: date
    payments: tuple[Payment, ...]
    sums: DaySums
    anchor: str = ""


def day_of(on: date, payments: Iterable[Payment], anchor: str = "") -> Day:
    """Return the day with these payments."""
    rows = tuple(payments)
    return Day(on, rows, add_up(rows), anchor)


def add_up(payments: Iterable[Payment]) -> DaySums:
    """Return the sums of a day's payments."""
    rows = list(payments)
    taken = [payment for payment in rows if payment.state in PAID]
    sums = [_sum(kind, [payment for payment in taken if payment.draft.kind is kind]) for kind in TenderKind]
    states = [payment.state for payment in rows]
    return DaySums(
        tenders=(*sums, _sum(None, taken)),
        declined=states.count(State.DECLINED),
        unknown=states.count(State.UNKNOWN) + states.count(State.SUBMITTED),
        not_charged=states.count(State.RELEASED) + states.count(State.NOT_CHARGED),
        submitted=sum(only_submitted(payment) for payment in taken),
        voided=_sum(None, [payment for payment in rows if payment.state is State.VOIDED]),
        returned=_sum(None, [payment for payment in rows if payment.state in _CAME_BACK]),
        differing=sum(payment.charged_otherwise for payment in taken),
    )


_CAME_BACK = GIVEN_BACK - {State.VOIDED}


def _sum(kind: TenderKind | None, payments: Sequence[Payment]) -> TenderSum:
    charged = total(payment.charged or payment.draft.quote.total for payment in payments)
    lines = total(payment.draft.quote.subtotal for payment in payments)
    return TenderSum(kind, len(payments), lines, charged - lines)


def day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the day's first moment and the next day's, in UTC.

    They are 23 or 25 hours apart twice a year.
    """
    start, end = (datetime.combine(on, time(), zone) for on in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


HEADER = (
    "Date", "Status", "Receipt", "Customer number", "Customer", "Invoice/Ref.", "Reference", "Payment method",
    "Brand", "Last four", "Subtotal", "Technology fee", "Total", "Authorization", f"{PROCESSOR.name} ID",
    "Taken by", "Desk",
)  # fmt: skip


def day_table(day: Day, zone: tzinfo) -> Table:
    """Return the day's payments for a spreadsheet program, one a row. Times are in ``zone``."""
    return payments_table(day.payments, zone)


def payments_table(payments: Iterable[Payment], zone: tzinfo) -> Table:
    """Return payments for a spreadsheet program, one a row. Times are in ``zone``."""
    return Table("Payments", HEADER, [_cells(payment, zone) for payment in payments])


def _cells(payment: Payment, zone: tzinfo) -> tuple[Cell, ...]:
    draft = payment.draft
    charged = draft.quote.total if payment.charged is None else payment.charged
    return (
        payment.held_at.astimezone(zone),
        outcome(payment),
        payment.receipt_number,
        draft.payer.customer_number,
        draft.payer.customer_name or draft.payer.name,
        " ".join(draft.invoice_numbers) or draft.reference_value,
        payment.reference,
        TENDERS[draft.kind],
        payment.brand,
        payment.last4,
        draft.quote.subtotal,
        charged - draft.quote.subtotal,
        charged,
        payment.authorization_code,
        payment.processor_ref,
        payment.user,
        payment.desk,
    )
