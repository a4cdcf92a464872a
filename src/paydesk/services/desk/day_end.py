"""Day end: the sums of one day's payments by tender, computed from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from paydesk.domain.money import Money, total
from paydesk.domain.payment import GIVEN_BACK, PAID, Payment, State
from paydesk.domain.refund import RefundState
from paydesk.domain.spreadsheet import Cell, Table
from paydesk.domain.tender import TenderKind
from paydesk.domain.vendors import PROCESSOR
from paydesk.services.ports.ledger import Ledger
from paydesk.services.ports.payment_words import REFUND_STATES, STATES, TENDERS, only_submitted, outcome


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
    went_back: TenderSum
    """Money that went back on this day, of payments of any day: refunds that the processor took, less those
    that failed, and what banks and issuers took back. The totals never change, so it is not taken off them.
    """
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
    backs: tuple[Back, ...] = ()


@dataclass(frozen=True, slots=True)
class Back:
    """Money of a payment that went back on a day. It is below zero for a refund that failed on it."""

    payment: Payment
    what: str
    number: str
    """Number of its document, or ``""``."""
    lines: Money
    fee: Money
    at: datetime
    user: str = ""
    desk: str = ""

    @property
    def amount(self) -> Money:
        """The whole sum."""
        return self.lines + self.fee


def day_from(ledger: Ledger, on: date, start: datetime, end: datetime) -> Day:
    """Read from ``start`` to just before ``end``, both UTC, as the day ``on``."""
    payments = ledger.payments_between(start, end)
    return day_of(on, payments, ledger.head(), backs_between(ledger, start, end))


def backs_between(ledger: Ledger, start: datetime, end: datetime) -> list[Back]:
    """Return the money that went back from ``start`` to just before ``end``, oldest first."""
    found = []
    for refund in ledger.refunded_between(start, end):
        payment = ledger.payment(refund.payment_id)
        lines = refund.amount - refund.fee
        who = {"user": refund.user, "desk": refund.desk}
        accepted, ended = refund.accepted_at, refund.ended_at
        if accepted is not None and start <= accepted < end:
            what = REFUND_STATES[RefundState.DONE]
            found.append(Back(payment, what, refund.number, lines, refund.fee, accepted, **who))
        if refund.state is RefundState.FAILED and ended is not None and start <= ended < end:
            what = REFUND_STATES[RefundState.FAILED]
            found.append(Back(payment, what, refund.number, -lines, -refund.fee, ended, **who))
    for one in ledger.went_back_between(start, end):
        lines = min(one.amount, one.payment.draft.quote.subtotal)
        what = STATES[State.CHARGED_BACK if one.state is State.PARTLY_REFUNDED else one.state]
        found.append(Back(one.payment, what, "", lines, one.amount - lines, one.at))
    return sorted(found, key=lambda back: back.at)


def day_of(on: date, payments: Iterable[Payment], anchor: str = "", backs: Iterable[Back] = ()) -> Day:
    """Return the day with these payments, and with what went back on it."""
    rows, back = tuple(payments), tuple(backs)
    return Day(on, rows, add_up(rows, back), anchor, back)


def add_up(payments: Iterable[Payment], backs: Sequence[Back] = ()) -> DaySums:
    """Return the sums of a day's payments.

    What was taken on a day stays in its sums whatever becomes of it. Only a void takes it out: that money was
    never collected.
    """
    rows = list(payments)
    taken = [payment for payment in rows if payment.state in TAKEN]
    sums = [_sum(kind, [payment for payment in taken if payment.draft.kind is kind]) for kind in TenderKind]
    states = [payment.state for payment in rows]
    return DaySums(
        tenders=(*sums, _sum(None, taken)),
        declined=states.count(State.DECLINED),
        unknown=states.count(State.UNKNOWN) + states.count(State.SUBMITTED),
        not_charged=states.count(State.RELEASED) + states.count(State.NOT_CHARGED),
        submitted=sum(only_submitted(payment) for payment in taken),
        voided=_sum(None, [payment for payment in rows if payment.state is State.VOIDED]),
        went_back=TenderSum(
            None, len(backs), total(back.lines for back in backs), total(back.fee for back in backs)
        ),
        differing=sum(payment.charged_otherwise for payment in taken),
    )


TAKEN = PAID | (GIVEN_BACK - {State.VOIDED})
"""States of payments that the sums of their day include."""


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
    return payments_table(day.payments, zone, day.backs)


def payments_table(payments: Iterable[Payment], zone: tzinfo, backs: Iterable[Back] = ()) -> Table:
    """Return payments for a spreadsheet program, one a row, and then what went back, below zero.

    Times are in ``zone``.
    """
    rows = [_cells(payment, zone) for payment in payments]
    return Table("Payments", HEADER, [*rows, *(_cells_of_back(back, zone) for back in backs)])


def _cells_of_back(back: Back, zone: tzinfo) -> tuple[Cell, ...]:
    cells = list(_cells(back.payment, zone))
    cells[0], cells[1], cells[2] = back.at.astimezone(zone), back.what, back.number or cells[2]
    cells[10], cells[11], cells[12] = -back.lines, -back.fee, -back.amount
    cells[15], cells[16] = back.user or cells[15], back.desk or cells[16]
    return tuple(cells)


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
