"""Day end: what one day's ledger rows add up to, by tender; computed from the ledger and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from paydesk.domain.money import Money, total
from paydesk.domain.payment import PAID, Payment, State
from paydesk.domain.spreadsheet import csv_file
from paydesk.domain.tender import TenderKind


@dataclass(frozen=True, slots=True)
class TenderSum:
    """What one tender took on a day; ``kind`` None for all together."""

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
    """A day's takings, and how many payments took nothing, or nobody knows yet."""

    tenders: tuple[TenderSum, ...]
    declined: int
    unknown: int
    not_charged: int
    submitted: int
    """Taken from a bank account, and not yet cleared: in the totals all the same."""
    voided: TenderSum
    """Taken, and cancelled before it settled: in no total."""
    returned: TenderSum
    """Taken from a bank account, and sent back by the bank: in no total."""
    differing: int
    """Charged otherwise than quoted: their figures here are what was charged."""


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day of the agency: its payments, oldest first, and what they add up to."""

    on: date
    payments: tuple[Payment, ...]
    sums: DaySums


def day_of(on: date, payments: Iterable[Payment]) -> Day:
    """The day with these payments."""
    rows = tuple(payments)
    return Day(on, rows, add_up(rows))


def add_up(payments: Iterable[Payment]) -> DaySums:
    """The sums of a day's payments."""
    rows = list(payments)
    taken = [payment for payment in rows if payment.state in PAID]
    sums = [_sum(kind, [payment for payment in taken if payment.draft.kind is kind]) for kind in TenderKind]
    states = [payment.state for payment in rows]
    return DaySums(
        tenders=(*sums, _sum(None, taken)),
        declined=states.count(State.DECLINED),
        unknown=states.count(State.UNKNOWN) + states.count(State.SUBMITTED),
        not_charged=states.count(State.RELEASED) + states.count(State.NOT_CHARGED),
        submitted=sum(_only_submitted(payment) for payment in taken),
        voided=_sum(None, [payment for payment in rows if payment.state is State.VOIDED]),
        returned=_sum(None, [payment for payment in rows if payment.state is State.RETURNED]),
        differing=sum(payment.charged_otherwise for payment in taken),
    )


def _only_submitted(payment: Payment) -> bool:
    return payment.state is State.AUTHORIZED and payment.draft.kind is TenderKind.ACH


def _sum(kind: TenderKind | None, payments: Sequence[Payment]) -> TenderSum:
    charged = total(payment.charged or payment.draft.quote.total for payment in payments)
    lines = total(payment.draft.quote.subtotal for payment in payments)
    return TenderSum(kind, len(payments), lines, charged - lines)


def day_bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The day's first moment and the next day's, in UTC; 23 or 25 hours apart twice a year."""
    start, end = (datetime.combine(on, time(), zone) for on in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


HEADER = (
    "Taken", "State", "Receipt", "Customer number", "Customer", "Invoices", "Reference", "Tender", "Brand",
    "Last four", "Amount", "Technology fee", "Total", "Authorization", "AndDone number", "Taken by", "Desk",
)  # fmt: skip


def day_csv(day: Day, zone: tzinfo) -> bytes:
    """The day's payments, one a row, for a spreadsheet; times in ``zone``, dollars as plain figures."""
    return csv_file(HEADER, [_cells(payment, zone) for payment in day.payments])


def _cells(payment: Payment, zone: tzinfo) -> tuple[object, ...]:
    draft = payment.draft
    charged = draft.quote.total if payment.charged is None else payment.charged
    return (
        f"{payment.claimed_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        payment.state.value,
        payment.receipt_number,
        draft.payer.customer_number,
        draft.payer.customer_name or draft.payer.name,
        " ".join(draft.invoice_numbers) or draft.reference_value,
        payment.reference,
        draft.kind.value,
        payment.brand,
        payment.last4,
        *(f"{one.dollars:.2f}" for one in (draft.quote.subtotal, charged - draft.quote.subtotal, charged)),
        payment.authorization_code,
        payment.processor_ref,
        payment.user,
        payment.desk,
    )
