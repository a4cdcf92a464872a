"""Check a real ledger against the invariants of DESIGN section 3; reads only, and says all in words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.domain.owed import not_contained
from paydesk.store import events, integrity, queries, rows, schema, verify_payment, verify_text, verify_voids
from paydesk.store.engine import READ
from paydesk.store.trouble import trouble_in_words
from paydesk.store.verify_payment import Recorded
from paydesk.store.witness import Witness

_p, _l, _c, _e = schema.payment.c, schema.payment_line.c, schema.claim.c, schema.event.c
_STREAM = {"yield_per": 1000}


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. ``still_open`` is nothing wrong: these payments wait for an answer or a person."""

    payments: int
    events: int
    wrong: tuple[str, ...]
    still_open: tuple[str, ...]
    short: bool
    """The ledger lacks what this desk has recorded in it."""

    @property
    def summary(self) -> str:
        """One line for all of it."""
        verdict = {0: "nothing wrong", 1: "1 thing wrong"}.get(
            len(self.wrong), f"{len(self.wrong)} things wrong"
        )
        return f"{self.payments:,} payments, {self.events:,} events: {verdict}"


def verify(engine: sa.Engine, place: str, witness: Witness) -> Report:
    """Check everything a ledger can show by itself. Raises LedgerTrouble when it cannot be read."""
    wrong = list(_file(engine, place))
    with trouble_in_words(place), engine.execution_options(**READ).connect() as connection:
        if connection.dialect.name == "postgresql":  # one moment for all queries; SQLite has that anyway
            connection.execution_options(isolation_level="REPEATABLE READ")
        wrong += events.faults(connection)
        short = witness.missing_in(connection)
        if short:
            wrong.append(
                "The ledger lacks the last event that this desk has recorded: it was cut short or replaced."
            )
        for check in _CHECKS:
            wrong += check(connection)
        counts = [
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (schema.payment, schema.event)
        ]
        still_open = tuple(_still_open(connection))
    return Report(counts[0], counts[1], tuple(wrong), still_open, short)


def accept(engine: sa.Engine, place: str, witness: Witness, who: tuple[str, str]) -> None:
    """Take the ledger for complete although it lacks what this desk had recorded; that is recorded too."""
    with trouble_in_words(place), engine.begin() as connection:
        detail = {"missing": witness.read() or ""}
        head = events.append(connection, None, datetime.now(UTC), who, "accepted", detail)
    witness.write(head)
    witness.close()


def _file(engine: sa.Engine, place: str) -> Iterator[str]:
    try:
        integrity.require_whole(engine, place, thorough=True)
    except KnownError as error:
        yield error.sentence


def _guards(connection: sa.Connection) -> Iterator[str]:
    """The triggers that keep events from being changed."""
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
    """Rows in the order of their payment, handed out payment by payment."""

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
    """Invariant 1: what was paid on an invoice is never above what was owed when it was claimed."""
    paid_at = (
        sa.select(_e.payment_id, sa.func.min(_e.seq).label("seq"))
        .where(_e.kind.in_(["authorized", "late"]))
        .group_by(_e.payment_id)
        .subquery()
    )
    query = (
        sa.select(
            _l.invoice_number, _l.amount_cents, _l.owed_cents, _l.read_at, _p.reference, _p.claimed_at,
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
            took = rows.took_from(row)
            missing = not_contained([rows.took_from(one) for one in before], took.owed, took.read_at)
            before.append(row)
            if took.amount > took.owed - missing:
                names = ", ".join(one["reference"] for one in before)
                yield (
                    f"Invoice {number}: {took.amount + missing} was taken, more than the {took.owed} owed "
                    f"at the claim: {names}."
                )


def _claims(connection: sa.Connection) -> Iterator[str]:
    """At most one open payment an invoice; a claim is open just as long as its payment."""
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
        yield f"Payment {row['reference']} never claimed invoice {row['invoice_number']}."


def _numbers(connection: sa.Connection) -> Iterator[str]:
    """The next receipt number is one that was never given."""
    counted = connection.execute(sa.select(schema.counter.c.value).where(schema.counter.c.name == "receipt"))
    given = connection.execute(sa.select(sa.func.max(schema.receipt.c.number)))
    last, newest = counted.scalar() or 0, given.scalar()
    if newest is not None and newest > f"R-{last:06d}" and len(newest) >= len(f"R-{last:06d}"):
        yield f"Receipt {newest} is above the counter of receipts, which stands at {last}."


def _still_open(connection: sa.Connection) -> Iterator[str]:
    query = sa.select(_p.reference, _p.state, _p.desk, _p.claimed_at).where(
        _p.state.in_(queries.UNSETTLED_STATES)
    )
    for row in connection.execute(query.order_by(_p.id)).mappings():
        since = f"{row['claimed_at']:%Y-%m-%d %H:%M} UTC"
        yield f"Payment {row['reference']} of desk {row['desk']} is {row['state']} since {since}."


_CHECKS = (_guards, _payments, _invoices, _claims, _numbers, verify_voids.faults, verify_text.card_numbers)
