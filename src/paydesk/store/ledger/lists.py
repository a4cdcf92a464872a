"""Lists of payments: the newest, those that a search text finds, those of a day, those to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from paydesk.domain.consent import Proof
from paydesk.domain.events import EventKind
from paydesk.domain.payment import Payment, State
from paydesk.domain.typed.payment_search import Wanted, wanted_in
from paydesk.services.ports.ledger import Sums
from paydesk.store.ledger import payment_search
from paydesk.store.ledger.payment_search import ANY_ID, Part
from paydesk.store.ledger.reading import payments_in
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import queries, schema

_p, _e = schema.payment.c, schema.event.c


class PaymentLists:
    """Reads of many payments. Each method reads one snapshot of the ledger."""

    def __init__(self, on: Transactions) -> None:
        self._on = on

    def payments(
        self,
        *,
        limit: int,
        matching: str | Wanted = "",
        states: Iterable[State] = (),
        before: int | None = None,
        after: int | None = None,
    ) -> Sequence[Payment]:
        """See Ledger.payments."""
        part = Part(limit, above=after or 0, below=before or ANY_ID, oldest_first=after is not None)
        wanted = wanted_in(matching) if isinstance(matching, str) else matching
        with self._on.read() as connection:
            if not wanted.anything:
                return payment_search.matching(connection, wanted, part)
            return payments_in(connection, _first(part, frozenset(states)))

    def sums(self, wanted: Wanted) -> Sums:
        """See Ledger.sums."""
        with self._on.read() as connection:
            return payment_search.sums(connection, wanted)

    def people(self) -> Sequence[str]:
        """See Ledger.people."""
        query = sa.select(schema.desk_session.c.user).distinct()
        with self._on.read() as connection:
            return sorted(connection.execute(query).scalars(), key=str.casefold)

    def indexing(self) -> bool:
        """See Ledger.indexing."""
        with self._on.read() as connection:
            return payment_search.is_behind(connection)

    def payments_between(self, start: datetime, end: datetime) -> Sequence[Payment]:
        """See Ledger.payments_between."""
        query = queries.PAYMENTS.where(_p.held_at >= start, _p.held_at < end).order_by(_p.id)
        with self._on.read() as connection:
            return payments_in(connection, query)

    def came_back(self, since: datetime) -> Sequence[Payment]:
        """See Ledger.came_back."""
        sent_back = sa.select(_e.payment_id).where(schema.went_back, _e.at >= since)
        gone = [*queries.GIVEN_BACK_STATES, State.PARTLY_REFUNDED.value]
        query = queries.PAYMENTS.where(_p.id.in_(sent_back), _p.state.in_(gone))
        query = query.order_by(_p.id)
        with self._on.read() as connection:
            return payments_in(connection, query)

    def charged_otherwise(self) -> Sequence[Payment]:
        """See Ledger.charged_otherwise."""
        differing = sa.select(_p.id).where(schema.differs, _p.state.in_(queries.PAID_STATES))
        with self._on.read() as connection:
            if connection.dialect.name == "postgresql":
                # It takes two columns for different in nearly all rows, and would read the whole table.
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            ids = list(connection.execute(differing).scalars())
            found = payments_in(connection, queries.PAYMENTS.where(_p.id.in_(ids)).order_by(_p.id))
            return [*found, *(one for one in _to_compare(connection) if one not in found)]

    def letters_due(self, since: datetime, before: datetime) -> Sequence[Payment]:
        """See Ledger.letters_due."""
        printed = sa.select(sa.func.count()).where(
            _e.payment_id == _p.id, _e.kind == EventKind.CONSENT_PRINTED.value
        )
        query = queries.PAYMENTS.where(
            schema.by_bank,
            _p.state.in_(queries.PAID_STATES),
            _p.decided_at >= since,
            _p.decided_at < before,
            _p.consent.like(_BY_LETTER),
            # A scalar, because PostgreSQL would read every event into a hash for an EXISTS.
            printed.scalar_subquery() == 0,
        )
        with self._on.read() as connection:
            return payments_in(connection, query.order_by(_p.id))


_BY_LETTER = f'%"proof": "{Proof.WRITTEN_NOTICE.value}"%'
"""The part of a stored consent that only one with a letter has. Quotes inside its texts are escaped."""


def _to_compare(connection: sa.Connection) -> Sequence[Payment]:
    """Return the first payment whose fee the processor has not told, until one has been compared."""
    compared = sa.select(_p.id).where(schema.fee_not_told, _p.acknowledged_at.is_not(None)).limit(1)
    if connection.execute(compared).first() is not None:
        return ()
    not_told = queries.PAYMENTS.where(schema.fee_not_told, _p.acknowledged_at.is_(None))
    first = not_told.where(_p.state.in_(queries.PAID_STATES)).order_by(_p.acknowledged_at, _p.id).limit(1)
    return payments_in(connection, first)


def _first(part: Part, states: frozenset[State]) -> sa.Select[Any]:
    query = queries.PAYMENTS.order_by(_p.id if part.oldest_first else _p.id.desc()).limit(part.limit)
    if part.above:
        query = query.where(_p.id > part.above)
    if part.below < ANY_ID:
        query = query.where(_p.id < part.below)
    if states:
        query = query.where(_p.state.in_([state.value for state in states]))
    return query.where(schema.pending) if states and states <= schema.PENDING else query
