"""Verify a real ledger against the invariants of docs/safety.md. Reads only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.balance_due import not_contained
from paydesk.store.database import integrity
from paydesk.store.database.errors import known_errors
from paydesk.store.database.head_file import HeadFault, HeadFile
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import events, queries, rows, schema
from paydesk.store.verify import payments as verify_payment
from paydesk.store.verify import redacted, refunds, texts, voids
from paydesk.store.verify.payments import Recorded

_p, _l, _c, _e = schema.payment.c, schema.payment_line.c, schema.hold.c, schema.event.c
_STREAM = {"yield_per": 1000}
_HEAD_FAULTS = {
    HeadFault.CUT_SHORT: (
        "The ledger lacks the last event that this desk has recorded: it was cut short or replaced."
    ),
    HeadFault.NO_RECORD: (
        "The ledger has events, but this desk has no record of the last one: its file is missing or damaged."
    ),
}


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a check. ``still_open`` are no faults: these payments wait for an answer or a person."""

    payments: int
    events: int
    wrong: tuple[str, ...]
    still_open: tuple[str, ...]
    short: bool
    """True if nothing here shows that the ledger still has its last events."""

    @property
    def summary(self) -> str:
        """The result in one line."""
        verdict = {0: "nothing wrong", 1: "1 thing wrong"}.get(
            len(self.wrong), f"{len(self.wrong)} things wrong"
        )
        return f"{self.payments:,} payments, {self.events:,} events: {verdict}"


def verify(engine: sa.Engine, place: str, head_file: HeadFile | None) -> Report:
    """Check all that a ledger can prove by itself, and that it has what the head file names.

    Raises LedgerError if the ledger or the file cannot be read.
    """
    wrong = list(_file(engine, place))
    with known_errors(place), engine.execution_options(**READ).connect() as connection:
        wrong += events.faults(connection)
        fault = head_file.fault_in(connection) if head_file is not None else None
        if fault is not None:
            wrong.append(_HEAD_FAULTS[fault])
        for check in _CHECKS:
            wrong += check(connection)
        counts = [
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (schema.payment, schema.event)
        ]
        still_open = tuple(_still_open(connection))
    return Report(counts[0], counts[1], tuple(wrong), still_open, fault is not None)


def accept(engine: sa.Engine, place: str, head_file: HeadFile, who: tuple[str, str]) -> None:
    """Accept a ledger that does not fit its head file, and append an event that says so.

    Raises KnownError if the file cannot be written.
    """
    with known_errors(place), engine.begin() as connection:
        detail = {"missing": head_file.read() or ""}
        head = events.append(connection, None, datetime.now(UTC), who, EventKind.ACCEPTED, detail)
    head_file.accept(head)


def _file(engine: sa.Engine, place: str) -> Iterator[str]:
    try:
        integrity.require_whole(engine, place, thorough=True)
    except KnownError as error:
        yield error.sentence


def _guards(connection: sa.Connection) -> Iterator[str]:
    """Check the triggers that protect events from changes."""
    if connection.dialect.name == "sqlite":
        query, wanted = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'", 2
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            yield "A row refers to another that is not there."
    else:
        query, wanted = (
            (
                "SELECT tgname FROM pg_trigger WHERE tgrelid = 'event'::regclass AND NOT tgisinternal"
                " AND tgenabled <> 'D'"
            ),
            1,
        )
    if len(connection.exec_driver_sql(query).all()) != wanted:
        yield "The guard that keeps events from being changed or deleted is missing."


def _payments(connection: sa.Connection) -> Iterator[str]:
    query = (
        queries.PAYMENTS.add_columns(
            schema.receipt.c.body.label("receipt_body"),
            schema.posting.c.state.label("posting_state"),
            schema.attempt.c.started_at.label("attempted_at"),
        )
        .outerjoin(schema.posting, schema.posting.c.payment_id == _p.id)
        .outerjoin(schema.attempt, schema.attempt.c.payment_id == _p.id)
        .order_by(_p.id)
    )
    lines = _Grouped(connection, sa.select(schema.payment_line).order_by(_l.payment_id, _l.position))
    happened = _Grouped(
        connection, sa.select(schema.event).where(_e.payment_id.is_not(None)).order_by(_e.payment_id, _e.seq)
    )
    for row in connection.execute(query.execution_options(**_STREAM)).mappings():
        yield from verify_payment.faults(Recorded(row, lines.of(row["id"]), happened.of(row["id"])))


class _Grouped:
    """Rows ordered by payment, returned payment by payment."""

    def __init__(self, connection: sa.Connection, query: sa.Select[Any]) -> None:
        found = connection.execute(query.execution_options(**_STREAM)).mappings()
        grouped = itertools.groupby(found, lambda row: int(row["payment_id"]))
        self._groups = ((payment_id, list(rows)) for payment_id, rows in grouped)
        self._next = next(self._groups, None)

    def of(self, payment_id: int) -> list[sa.RowMapping]:
        while self._next is not None and self._next[0] < payment_id:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != payment_id:
            return []
        rows = self._next[1]
        self._next = next(self._groups, None)
        return rows


def _invoices(connection: sa.Connection) -> Iterator[str]:
    """Check invariant 1: the sum paid on an invoice never exceeds what it owed at the hold."""
    paid_at = (
        sa.select(_e.payment_id, sa.func.min(_e.seq).label("seq"))
        .where(_e.kind.in_(["authorized", "late"]))
        .group_by(_e.payment_id)
        .subquery()
    )
    query = (
        sa.select(
            _l.invoice_number, _l.amount_cents, _l.owed_cents, _l.read_at, _p.reference, _p.held_at,
            schema.posting.c.posted_at,
        )
        .select_from(schema.payment_line)
        .join(schema.payment, _p.id == _l.payment_id)
        .join(paid_at, paid_at.c.payment_id == _p.id)
        .outerjoin(schema.posting, schema.posting.c.payment_id == _p.id)
        .where(_p.state.in_(queries.PAID_STATES), _l.invoice_number.is_not(None), _l.owed_cents.is_not(None))
        .order_by(_l.invoice_number, paid_at.c.seq)
    )  # fmt: skip
    found = connection.execute(query.execution_options(**_STREAM)).mappings()
    for number, paid in itertools.groupby(found, lambda row: row["invoice_number"]):
        before: list[sa.RowMapping] = []
        for row in paid:
            took = rows.prior_payment_from(row)
            missing = not_contained([rows.prior_payment_from(one) for one in before], took.owed, took.read_at)
            before.append(row)
            if took.amount > took.owed - missing:
                names = ", ".join(one["reference"] for one in before)
                yield (
                    f"Invoice {number}: {took.amount + missing} was taken, more than the {took.owed} owed "
                    f"at the hold: {names}."
                )


def _holds(connection: sa.Connection) -> Iterator[str]:
    """Check that an invoice has at most one open payment, and that a hold is open only with its payment."""
    is_open = _p.state.in_(queries.OPEN_STATES)
    twice = (
        sa.select(_c.invoice_number).where(_c.open).group_by(_c.invoice_number).having(sa.func.count() > 1)
    )
    for number in connection.execute(twice).scalars():
        yield f"Invoice {number} is held by more than one open payment."
    other = sa.select(_c.invoice_number, _p.reference, _c.open).join(schema.payment, _p.id == _c.payment_id)
    for row in connection.execute(other.where(_c.open != is_open)).mappings():
        wrong = "still holds" if row["open"] else "is open but does not hold"
        yield f"Payment {row['reference']} {wrong} invoice {row['invoice_number']}."
    held = sa.exists().where(_c.payment_id == _l.payment_id, _c.invoice_number == _l.invoice_number)
    without = (
        sa.select(_l.invoice_number, _p.reference)
        .join(schema.payment, _p.id == _l.payment_id)
        .where(_l.invoice_number.is_not(None), ~held)
    )
    for row in connection.execute(without).mappings():
        yield f"Payment {row['reference']} never held invoice {row['invoice_number']}."


def _numbers(connection: sa.Connection) -> Iterator[str]:
    """Check that the next receipt number was never used."""
    counted = connection.execute(sa.select(schema.counter.c.value).where(schema.counter.c.name == "receipt"))
    given = connection.execute(sa.select(sa.func.max(schema.receipt.c.number)))
    last, newest = counted.scalar() or 0, given.scalar()
    if newest is not None and newest > f"R-{last:06d}" and len(newest) >= len(f"R-{last:06d}"):
        yield f"Receipt {newest} is above the counter of receipts, which stands at {last}."


def _still_open(connection: sa.Connection) -> Iterator[str]:
    query = sa.select(_p.reference, _p.state, _p.desk, _p.held_at).where(
        _p.state.in_(queries.UNSETTLED_STATES)
    )
    for row in connection.execute(query.order_by(_p.id)).mappings():
        since = f"{row['held_at']:%Y-%m-%d %H:%M} UTC"
        yield f"Payment {row['reference']} of desk {row['desk']} is {row['state']} since {since}."
    refund = schema.refund.c
    followed = sa.select(refund.reference, refund.state, refund.desk, refund.asked_at).where(
        schema.followed_refund, refund.reference.is_not(None)
    )
    for row in connection.execute(followed.order_by(refund.id)).mappings():
        since = f"{row['asked_at']:%Y-%m-%d %H:%M} UTC"
        yield f"Refund {row['reference']} of desk {row['desk']} is {row['state']} since {since}."


_CHECKS = (
    _guards, redacted.event_faults, _payments, _invoices, _holds, _numbers, voids.faults, refunds.faults,
    texts.card_numbers,
)  # fmt: skip
