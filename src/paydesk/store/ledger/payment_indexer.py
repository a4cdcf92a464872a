"""Fill the search index of payments, in small steps beside the payments themselves.

It follows the chain of events, and indexes again each payment with events since the last step. Before that,
it reads all payments once if the ledger was never indexed, or if an older version did so.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from paydesk.domain.invoices.search_terms import is_vocabulary, words_in
from paydesk.domain.payment import Payment
from paydesk.domain.typed.payment_search import VERSION, payment_terms
from paydesk.store.cache.search import put_words
from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.ledger.payment_search import JOB, Indexed, payments_by_id, posting_states, void_numbers
from paydesk.store.tables import positions, schema
from paydesk.store.tables.upsert import insert_for

_STEP = 400
"""Payments of the first pass, or events, in one transaction: so few that a payment hardly waits for it."""
_MOST_KNOWN = 50_000
_p, _e = schema.payment.c, schema.event.c


class PaymentIndexer:
    """Indexes payments. Raises KnownError if the ledger is unreachable."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path
        self._known: set[str] = set()
        """Words of names that are in the table already."""

    def step(self) -> bool:
        """Index the next payments. Returns False if nothing is left to do."""
        with known_errors(self._path):
            with self._read.begin() as connection:
                found = self._next(connection)
                if found is None:
                    return False
                after, ids = found
                payments = sorted(payments_by_id(connection, ids), key=lambda payment: payment.id)
                voids, postings = void_numbers(connection, ids), posting_states(connection, ids)
            docs = [
                {
                    "payment_id": payment.id,
                    "terms": payment_terms(payment, voids.get(payment.id, ""), postings.get(payment.id)),
                }
                for payment in payments
            ]
            words = _names(payments) - self._known
            with self._engine.begin() as connection:
                _put(connection, docs)
                put_words(connection, words)
                positions.put(connection, JOB, _place(after))
        if len(self._known) < _MOST_KNOWN:
            self._known |= words
        return True

    def _next(self, connection: sa.Connection) -> tuple[Indexed, list[int]] | None:
        """Return the place after the next step, and the payments of the step. None if all is indexed."""
        place = Indexed.read(connection)
        if place.payment is not None:
            return _walked(connection, place)
        query = sa.select(_e.seq, _e.payment_id).where(_e.seq > place.event).order_by(_e.seq).limit(_STEP)
        events = connection.execute(query).all()
        if not events:
            return None
        ids = sorted({event.payment_id for event in events if event.payment_id is not None})
        return Indexed(events[-1].seq, None), ids


def _walked(connection: sa.Connection, place: Indexed) -> tuple[Indexed, list[int]]:
    event = place.event or connection.execute(sa.select(sa.func.max(_e.seq))).scalar() or 0
    query = sa.select(_p.id).where(_p.id > place.payment).order_by(_p.id).limit(_STEP)
    ids = list(connection.execute(query).scalars())
    return Indexed(event, ids[-1] if len(ids) == _STEP else None), ids


def _names(payments: Iterable[Payment]) -> set[str]:
    payers = {payment.draft.payer for payment in payments}
    names = {name for payer in payers for name in (payer.name, payer.customer_name)}
    return {word for name in names for word in words_in(name) if is_vocabulary(word)}


def _put(connection: sa.Connection, docs: list[dict[str, object]]) -> None:
    if not docs:
        return
    table = schema.payment_doc
    insert = insert_for(connection, table)
    statement = insert.on_conflict_do_update(
        index_elements=[table.c.payment_id],
        set_={"terms": insert.excluded.terms},
        where=table.c.terms != insert.excluded.terms,
    )
    connection.execute(statement, docs)


def _place(after: Indexed) -> dict[str, str]:
    walk = "" if after.payment is None else str(after.payment)
    return {"version": VERSION, "event": str(after.event), "payment": walk}
