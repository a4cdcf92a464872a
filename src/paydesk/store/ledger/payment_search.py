"""Search payments: by a full-text index of their terms, and by reading what is not indexed yet.

The index is filled beside the payments, never by them: nothing about it can delay a payment or make it fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from paydesk.domain.money import Money
from paydesk.domain.payment import PAID, Payment
from paydesk.domain.posting import PostingState
from paydesk.domain.typed.payment_search import VERSION, Wanted, payment_terms
from paydesk.services.ports.ledger import Sums
from paydesk.store.ledger.reading import payments_in
from paydesk.store.tables import positions, queries, schema

JOB = "payment search"
MOST_UNREAD = 300
"""Most payments without an index entry that a search reads. Usually there are a few, of the last second."""
_MOST_EVENTS = 10 * MOST_UNREAD
ANY_ID = 2**62
_NEAREST = (1_000, 30_000)
"""Numbers of the nearest payments among which PostgreSQL looks first, and only then among all. Among all, it
reads and sorts every payment that fits: for a first name, thousands of a million."""
_FEW = 400
"""A word that fewer payments have is rare."""
_LONG_SPAN = 3_000
"""Payments of some days that are compared one by one in less time than an index needs."""
_LONG_BEGINNING = 5
"""Characters of a beginning, its kind included, from which few terms share it. FTS5 reads all that do."""
_p, _e, _v, _d, _o = (
    schema.payment.c,
    schema.event.c,
    schema.void.c,
    schema.payment_doc.c,
    schema.posting.c,
)


@dataclass(frozen=True, slots=True)
class Indexed:
    """Position of the index: the last event, and the last payment of the first pass, or None after it."""

    event: int
    payment: int | None

    @classmethod
    def read(cls, connection: sa.Connection) -> Indexed:
        """Return the place as the indexer has left it. Without one, nothing is indexed."""
        held = positions.get(connection, JOB)
        if held.get("version") != VERSION:
            return cls(0, 0)
        return cls(int(held["event"]), int(held["payment"]) if held["payment"] else None)


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the payments to read: so many of them, newest or oldest first, between two ids."""

    limit: int
    above: int = 0
    below: int = ANY_ID
    oldest_first: bool = False

    @property
    def order(self) -> sa.ColumnElement[int]:
        """The order of the payments in a query."""
        return _p.id.asc() if self.oldest_first else _p.id.desc()

    def first(self, ids: Iterable[int]) -> list[int]:
        """Return the first of these ids in this order."""
        inside = [one for one in ids if self.above < one < self.below]
        return sorted(inside, reverse=not self.oldest_first)[: self.limit]


def matching(connection: sa.Connection, wanted: Wanted, part: Part) -> list[Payment]:
    """Return the first payments that fit: from the index, and from those that it does not have yet."""
    unread = _unread(connection, ANY_ID if part.oldest_first else part.below)
    more = replace(part, limit=part.limit + len(unread))
    indexed = set(_indexed(connection, wanted, more)) - set(unread)
    fresh = {payment.id: payment for payment in _fitting(connection, wanted, unread)}
    ids = part.first({*indexed, *fresh})
    read = payments_by_id(connection, [one for one in ids if one not in fresh])
    found = {payment.id: payment for payment in read} | fresh
    return [found[one] for one in ids if one in found]


def _fitting(connection: sa.Connection, wanted: Wanted, ids: Sequence[int]) -> list[Payment]:
    """Return those of these payments that fit, whatever the index has of them."""
    voids, postings = void_numbers(connection, ids), posting_states(connection, ids)
    return [
        payment
        for payment in payments_by_id(connection, ids)
        if wanted.fits(
            set(payment_terms(payment, voids.get(payment.id, ""), postings.get(payment.id)).split()),
            payment.held_at,
        )
    ]


def sums(connection: sa.Connection, wanted: Wanted) -> Sums:
    """Return the sums of all payments that fit in the wanted time, which must be set."""
    unread = _unread(connection, ANY_ID) if wanted.groups else []
    charged = sa.func.coalesce(_p.charged_cents, _p.total_cents)
    took = sa.case((_p.state.in_(queries.PAID_STATES), charged))
    all_of = sa.select(sa.func.count(), sa.func.count(took), sa.func.sum(took)).where(_taken_in(wanted))
    query = _with_terms(all_of, wanted)
    count, taken, cents = connection.execute(query.where(_p.id.not_in(unread)) if unread else query).one()
    fresh = _fitting(connection, wanted, unread)
    paid = [payment for payment in fresh if payment.state in PAID]
    more = sum((payment.charged or payment.draft.quote.total).cents for payment in paid)
    return Sums(count + len(fresh), taken + len(paid), Money(int(cents or 0) + more))


def is_behind(connection: sa.Connection) -> bool:
    """Return True if there may be more payments without an index entry than a search reads."""
    return len(_unread(connection, ANY_ID)) == MOST_UNREAD


def payments_by_id(connection: sa.Connection, ids: Sequence[int]) -> Sequence[Payment]:
    """Return these payments."""
    return payments_in(connection, queries.PAYMENTS.where(_p.id.in_(ids))) if ids else ()


def void_numbers(connection: sa.Connection, ids: Sequence[int]) -> Mapping[int, str]:
    """Return the numbers of the void receipts of these payments, by payment."""
    if not ids:
        return {}
    query = sa.select(_v.payment_id, _v.number).where(_v.payment_id.in_(ids), _v.number.is_not(None))
    return {row.payment_id: row.number for row in connection.execute(query)}


def posting_states(connection: sa.Connection, ids: Sequence[int]) -> Mapping[int, PostingState]:
    """Return the states of the postings of these payments, by payment."""
    if not ids:
        return {}
    query = sa.select(_o.payment_id, _o.state).where(_o.payment_id.in_(ids))
    return {row.payment_id: PostingState(row.state) for row in connection.execute(query)}


def _unread(connection: sa.Connection, below: int) -> list[int]:
    """Return the newest payments that changed since they were indexed, or were never."""
    place = Indexed.read(connection)
    found: set[int] = set()
    if place.event or place.payment is None:
        # Without a condition on the payment, or SQLite would read the index of all payments' events.
        newest = sa.select(_e.payment_id).where(_e.seq > place.event).order_by(_e.seq.desc())
        events = connection.execute(newest.limit(_MOST_EVENTS)).scalars()
        found |= {changed for changed in events if changed is not None and changed < below}
    if place.payment is not None:
        walk = sa.select(_p.id).where(_p.id > place.payment, _p.id < below)
        found |= set(connection.execute(walk.order_by(_p.id.desc()).limit(MOST_UNREAD)).scalars())
    return sorted(found, reverse=True)[:MOST_UNREAD]


def _indexed(connection: sa.Connection, wanted: Wanted, part: Part) -> list[int]:
    """Return the first indexed payments that fit."""
    span = None if wanted.nothing else _span(connection, wanted, part)
    if span is None:
        return []
    if wanted.since is not None:
        return _in_time(connection, wanted, span, part)
    if connection.dialect.name == "sqlite":
        return _in_sqlite(connection, wanted, span, part)
    query_text = _tsquery(wanted.groups)
    for count in _NEAREST:
        found = _matching(connection, _SERVER, query_text, _nearest(span, count, part), part)
        if len(found) >= part.limit:
            return found
    return _matching(connection, _SERVER, query_text, span, part)


def _span(connection: sa.Connection, wanted: Wanted, part: Part) -> tuple[int, int] | None:
    """Return the first and last id of the wanted time and part, or None if no payment is in them."""
    if wanted.since is None or wanted.until is None:
        # Only the last: asked for both ends at once, SQLite reads every payment between them.
        last = connection.execute(sa.select(sa.func.max(_p.id)).where(_p.id < part.below)).scalar()
        return None if last is None or last <= part.above else (part.above + 1, last)
    ids = sa.select(sa.func.min(_p.id), sa.func.max(_p.id))
    first, last = connection.execute(ids.where(_p.held_at >= wanted.since, _p.held_at < wanted.until)).one()
    if first is None or first >= part.below or last <= part.above:
        return None
    return max(first, part.above + 1), min(last, part.below - 1)


def _nearest(span: tuple[int, int], count: int, part: Part) -> tuple[int, int]:
    """Return the end of the span where the list begins."""
    first, last = span
    return (first, min(last, first + count)) if part.oldest_first else (max(first, last - count), last)


def _in_sqlite(connection: sa.Connection, wanted: Wanted, span: tuple[int, int], part: Part) -> list[int]:
    """Search by a rare word, if there is one, and compare the few payments that have it.

    Most words are beginnings. FTS5 reads all that has such a beginning, even if another word is rare.
    """
    rare = replace(part, limit=_FEW)
    for group in wanted.groups[:-1]:  # the last word is still being typed
        whole = [term.removesuffix("*") for term in group]
        had = len(_matching(connection, _SQLITE, _fts5([whole]), span, rare))
        if had < _FEW and (had or _is_narrow([group])):
            few = _matching(connection, _SQLITE, _fts5([group]), span, rare)
            if len(few) < _FEW:
                return _compared(connection, wanted, _d.payment_id.in_(few), part)
    return _matching(connection, _SQLITE, _fts5(wanted.groups), span, part)


def _in_time(connection: sa.Connection, wanted: Wanted, span: tuple[int, int], part: Part) -> list[int]:
    """Search in the payments of some days."""
    within = sa.and_(_p.id.between(*span), _taken_in(wanted))
    if not wanted.groups:
        query = sa.select(_p.id).where(within).order_by(part.order).limit(part.limit)
        return list(connection.execute(query).scalars())
    if connection.dialect.name == "sqlite" and span[1] - span[0] > _LONG_SPAN and _is_narrow(wanted.groups):
        values = {"since": wanted.since, "until": wanted.until}
        return _matching(connection, _SQLITE_IN_TIME, _fts5(wanted.groups), span, part, values)
    return _compared(connection, wanted, within, part)


def _taken_in(wanted: Wanted) -> sa.ColumnElement[bool]:
    """Return the condition that a payment was taken in the wanted time."""
    return sa.and_(_p.held_at >= wanted.since, _p.held_at < wanted.until)


def _compared(
    connection: sa.Connection, wanted: Wanted, within: sa.ColumnElement[bool], part: Part
) -> list[int]:
    """Compare the terms of these payments one by one. An index would go through all that ever fitted."""
    query = _with_terms(sa.select(_p.id).where(within), wanted)
    return list(connection.execute(query.order_by(part.order).limit(part.limit)).scalars())


def _with_terms(query: Any, wanted: Wanted) -> Any:
    """Narrow a query of payments to those whose terms fit."""
    if wanted.groups:
        query = query.join_from(schema.payment, schema.payment_doc, _d.payment_id == _p.id)
    for group in wanted.groups:
        query = query.where(sa.or_(*(_TERMS.like(_pattern(term)) for term in group)))
    return query


def _is_narrow(groups: Sequence[Sequence[str]]) -> bool:
    """Return True if no beginning of a word is so short that many words have it."""
    begun = (term for group in groups for term in group if term.endswith("*"))
    return all(len(term) > _LONG_BEGINNING for term in begun)


_TERMS: sa.ColumnElement[str] = sa.literal_column("' ' || payment_doc.terms || ' '")


def _pattern(term: str) -> str:
    """Return the LIKE pattern of a term, which has only letters and digits."""
    return f"% {term[:-1]}%" if term.endswith("*") else f"% {term} %"


_SQLITE = (
    "SELECT rowid FROM payment_index WHERE payment_index MATCH :query"
    " AND rowid BETWEEN :first AND :last ORDER BY rowid {order} LIMIT :limit"
)
_SQLITE_IN_TIME = (
    "SELECT payment_index.rowid FROM payment_index JOIN payment ON payment.id = payment_index.rowid"
    " WHERE payment_index MATCH :query AND payment_index.rowid BETWEEN :first AND :last"
    " AND payment.held_at >= :since AND payment.held_at < :until"
    " ORDER BY payment_index.rowid {order} LIMIT :limit"
)
_SERVER = (
    "SELECT payment_id FROM (SELECT payment_id FROM payment_doc"
    " WHERE array_to_tsvector(string_to_array(terms, ' ')) @@ CAST(:query AS tsquery)"
    # Kept apart by OFFSET: for the order and the LIMIT alone, PostgreSQL would read every row from the end.
    " AND payment_id BETWEEN :first AND :last OFFSET 0) AS fitting ORDER BY payment_id {order} LIMIT :limit"
)


def _matching(
    connection: sa.Connection,
    statement: str,
    query: str,
    span: tuple[int, int],
    part: Part,
    more: Mapping[str, object] = MappingProxyType({}),
) -> list[int]:
    ordered = sa.text(statement.format(order="ASC" if part.oldest_first else "DESC"))
    ordered = ordered.bindparams(*(sa.bindparam(name, type_=_p.held_at.type) for name in more))
    values = {"query": query, "first": span[0], "last": span[1], "limit": part.limit, **more}
    return [int(found) for found in connection.execute(ordered, values).scalars()]


def _fts5(groups: Sequence[Sequence[str]]) -> str:
    """Return a query of SQLite's FTS5. The terms are letters and digits, and quoted nevertheless."""
    return " AND ".join(_either(group, '"', "*", " OR ") for group in groups)


def _tsquery(groups: Sequence[Sequence[str]]) -> str:
    """Return a PostgreSQL tsquery."""
    return " & ".join(_either(group, "'", ":*", " | ") for group in groups)


def _either(group: Sequence[str], quote: str, star: str, either: str) -> str:
    return "(" + either.join(_term(term, quote, star) for term in group) + ")"


def _term(term: str, quote: str, star: str) -> str:
    bare = term.removesuffix("*")
    return f"{quote}{bare}{quote}" + (star if bare != term else "")
