"""The search index of customers and open invoices: FTS5 in SQLite, GIN in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.invoices.search_terms import (
    customer_terms,
    invoice_terms,
    invoice_terms_of,
    is_vocabulary,
    pieces_of,
    words_in,
)
from paydesk.domain.money import ZERO, Money
from paydesk.services.ports.cache import OpenSums
from paydesk.store.cache.job_positions import Progress
from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import rows, schema
from paydesk.store.tables.locking import lock_in_order
from paydesk.store.tables.upsert import insert_for

CUSTOMER, INVOICE = "c", "i"

_MATCH = {
    "sqlite": "search_index JOIN search_doc AS d ON d.id = search_index.rowid"
    " JOIN {table} AS t ON t.number = substr(d.key, 2) WHERE search_index MATCH :query",
    "postgresql": "search_doc AS d JOIN {table} AS t ON t.number = substr(d.key, 2)"
    " WHERE array_to_tsvector(string_to_array(d.terms, ' ')) @@ CAST(:query AS tsquery)",
}
_MOST_WORDS = 4000
_i = schema.invoice.c
_NAMED_BY_A_PAYMENT = sa.exists().where(schema.payment_line.c.invoice_number == _i.number)


class SearchIndex:
    """Search for customers and open invoices by terms. Raises KnownError if the database is unreachable."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path
        dialect = engine.dialect.name
        self._customers = _query(dialect, schema.customer)
        self._invoices = _query(dialect, schema.invoice, " AND t.balance_cents <> 0")

    # ---- search ---------------------------------------------------------------------------

    def customers(self, terms: Sequence[Sequence[str]], limit: int, *, whole: bool = False) -> list[Customer]:
        """Return customers with one of each group of terms. Its first may be a prefix unless ``whole``."""
        return [rows.customer_from(row) for row in self._found(self._customers, terms, limit, whole)]

    def invoices(self, terms: Sequence[Sequence[str]], limit: int, *, whole: bool = False) -> list[Invoice]:
        """Return open invoices with one of each group of terms, as ``customers`` does."""
        return [rows.invoice_from(row) for row in self._found(self._invoices, terms, limit, whole)]

    def similar(self, word: str, longest: int | None) -> list[str]:
        """Return words of names that share a piece with this one and have about as many letters, or more."""
        table = schema.search_word
        query = (
            sa.select(table.c.word)
            .distinct()
            .where(table.c.piece.in_(pieces_of(word)), sa.func.length(table.c.word) >= len(word) - 2)
            .limit(_MOST_WORDS)
        )
        if longest is not None:
            query = query.where(sa.func.length(table.c.word) <= longest)
        with known_errors(self._path), self._read.connect() as connection:
            return list(connection.execute(query).scalars())

    def sums(self, numbers: Sequence[str]) -> Mapping[str, OpenSums]:
        """See SearchIndex.sums."""
        is_credit = _i.balance_cents < 0
        query = (
            sa.select(_i.customer_number, is_credit, sa.func.count(), sa.func.sum(_i.balance_cents))
            .where(_i.customer_number.in_(numbers), _i.balance_cents != 0)
            .group_by(_i.customer_number, is_credit)
        )
        found = dict.fromkeys(numbers, OpenSums())
        with known_errors(self._path), self._read.connect() as connection:
            for number, credit, count, cents in connection.execute(query):
                sums = found[number]
                found[number] = (
                    replace(sums, credits=count, credit=Money(-int(cents)))
                    if credit
                    else replace(sums, count=count, owed=Money(int(cents)))
                )
        return found

    def with_payments(self, numbers: Sequence[str]) -> list[Invoice]:
        """See SearchIndex.with_payments."""
        ours = _i.customer_number.in_(numbers)
        return self._invoices_where(sa.and_(ours, _i.balance_cents != 0, _NAMED_BY_A_PAYMENT))

    def numbered(self, number: str) -> Invoice | None:
        """See SearchIndex.numbered."""
        found = self._invoices_where(_i.number == number)
        return found[0] if found else None

    def paid(self, beginning: str, limit: int) -> list[Invoice]:
        """See SearchIndex.paid. Reads a range of the index of payment lines."""
        line, end = schema.payment_line.c.invoice_number, _after_all(beginning)
        within = sa.and_(line >= beginning, line < end) if end else line >= beginning
        numbers = sa.select(line).distinct().where(within).order_by(line).limit(limit)
        found = self._invoices_where(_i.number.in_(numbers))
        return [one for one in found if one.number.startswith(beginning)]

    def _invoices_where(self, condition: sa.ColumnElement[bool]) -> list[Invoice]:
        query = sa.select(schema.invoice).where(condition).order_by(_i.number)
        with known_errors(self._path), self._read.connect() as connection:
            return [rows.invoice_from(row) for row in connection.execute(query).mappings()]

    def _found(
        self, query: sa.TextualSelect, terms: Sequence[Sequence[str]], limit: int, whole: bool
    ) -> Sequence[sa.RowMapping]:
        if not terms or not all(terms):
            return []
        words = (_fts5 if self._engine.dialect.name == "sqlite" else _tsquery)(terms, whole)
        with known_errors(self._path), self._read.connect() as connection:
            return connection.execute(query, {"query": words, "limit": limit}).mappings().all()


def _after_all(digits: str) -> str:
    """Return the lowest digits above all that begin with these, or "" if they are nines only."""
    kept = digits.rstrip("9")
    return f"{kept[:-1]}{int(kept[-1]) + 1}" if kept else ""


def _query(dialect: str, table: sa.Table, more: str = "") -> sa.TextualSelect:
    columns = ", ".join(f"t.{column.name}" for column in table.columns)
    sql = f"SELECT {columns} FROM {_MATCH[dialect].format(table=table.name)}{more} LIMIT :limit"  # noqa: S608 - all names are of our own tables
    return sa.text(sql).columns(*table.columns)


def _fts5(terms: Sequence[Sequence[str]], whole: bool) -> str:
    """Return a query of SQLite's FTS5. The terms are letters and digits, and quoted nevertheless."""
    return " AND ".join(_group(group, '"', "" if whole else "*", " OR ") for group in terms)


def _tsquery(terms: Sequence[Sequence[str]], whole: bool) -> str:
    """Return a PostgreSQL tsquery."""
    return " & ".join(_group(group, "'", "" if whole else ":*", " | ") for group in terms)


def _group(group: Sequence[str], quote: str, star: str, either: str) -> str:
    """Return one group. Its first term may be a prefix. The others are whole, and other spellings of it."""
    first, *others = (quote + term + quote for term in group)
    return "(" + either.join([first + star, *others]) + ")"


# ---- updates -------------------------------------------------------------------------------


def index_customers(connection: sa.Connection, customers: Iterable[Customer]) -> None:
    """Update the index entries of these customers, in the transaction that wrote them."""
    _put(connection, _of_customers(customers))


def index_invoices(connection: sa.Connection, invoices: Iterable[Invoice]) -> None:
    """Update the index entries of these invoices, and delete those of closed ones."""
    _put(connection, _of_invoices(invoices))


def forget(connection: sa.Connection, keys: Sequence[str]) -> None:
    """Delete the index entries with these keys."""
    if keys:
        lock_in_order(connection, schema.search_doc.c.key, keys)
        connection.execute(sa.delete(schema.search_doc).where(schema.search_doc.c.key.in_(keys)))


@dataclass(frozen=True, slots=True)
class _Entries:
    """Changes to the index: terms by key, new words of names, keys to delete."""

    docs: Sequence[tuple[str, str]] = ()
    words: frozenset[str] = frozenset()
    gone: Sequence[str] = ()


def _of_customers(customers: Iterable[Customer], known: Set[str] = frozenset()) -> _Entries:
    """Return the entries of customers. ``known`` words are in the table already."""
    customers = sorted(customers, key=lambda one: one.number)
    words = {word for one in customers for word in words_in(one.name) if is_vocabulary(word)}
    docs = [(CUSTOMER + one.number, customer_terms(one)) for one in customers]
    return _Entries(docs, frozenset(words - known))


def _of_invoices(invoices: Iterable[Invoice]) -> _Entries:
    invoices = sorted(invoices, key=lambda one: one.number)
    return _Entries(
        [(INVOICE + one.number, invoice_terms(one)) for one in invoices if one.balance != ZERO],
        gone=[INVOICE + one.number for one in invoices if one.balance == ZERO],
    )


def _of_invoice_rows(found: Iterable[sa.RowMapping]) -> _Entries:
    """Return the entries of rows with only what the terms are made of: a million of them are read at once."""
    docs, gone = [], []
    for row in found:
        if row["balance_cents"]:
            cents = (row["amount_cents"], row["balance_cents"])
            terms = invoice_terms_of(row["number"], row["policy_number"], cents)
            docs.append((INVOICE + row["number"], terms))
        else:
            gone.append(INVOICE + row["number"])
    return _Entries(docs, gone=gone)


def _put(connection: sa.Connection, entries: _Entries) -> None:
    lock_in_order(connection, schema.search_doc.c.key, [*(key for key, _ in entries.docs), *entries.gone])
    _put_docs(connection, entries.docs)
    put_words(connection, entries.words)
    forget(connection, entries.gone)


def put_words(connection: sa.Connection, words: Set[str]) -> None:
    """Add words of names, so that misspellings of them are found."""
    parts = sorted({(piece, word) for word in words for piece in pieces_of(word)})
    if parts:
        values = [{"piece": piece, "word": word} for piece, word in parts]
        connection.execute(insert_for(connection, schema.search_word).on_conflict_do_nothing(), values)


def _put_docs(connection: sa.Connection, docs: Sequence[tuple[str, str]]) -> None:
    if not docs:
        return
    table = schema.search_doc
    insert = insert_for(connection, table)
    statement = insert.on_conflict_do_update(
        index_elements=[table.c.key],
        set_={"terms": insert.excluded.terms},
        where=table.c.terms != insert.excluded.terms,
    )
    connection.execute(statement, [{"key": key, "terms": terms} for key, terms in docs])


# ---- after an import -----------------------------------------------------------------------

_WALK = "search walk"
_STEP = 500
"""Rows in one transaction, few enough that a waiting payment hardly notices."""
_ORPHANS_STEP = 3_000
"""Entries to look for rows of at once. Few are ever deleted, and only deleting them needs the write lock."""
_MOST_KNOWN = 50_000
_ORPHANS, _DONE = "orphans", "done"
_TERMS_OF_INVOICE = [
    schema.invoice.c[name] for name in ("number", "policy_number", "amount_cents", "balance_cents")
]
_NEXT = {CUSTOMER: INVOICE, INVOICE: _ORPHANS, _ORPHANS: _DONE}


class SearchIndexer:
    """Indexes the whole cache once after an import, in small steps, and resumes after a restart.

    Imports write rows by the hundred thousand and leave the index alone: to update it row by
    row would cost them more than the rows themselves. After the rows the indexer deletes
    entries of rows that an undone import removed.
    """

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path
        self._progress = Progress(engine, path)
        self._known: set[str] = set()

    def step(self) -> bool:
        """Index the next rows. Returns False if nothing is left to do."""
        imports, kind, after = self._where()
        if kind == _DONE:
            return False
        with known_errors(self._path):
            with self._read.connect() as connection:
                found = connection.execute(_after(kind, after)).mappings().all()
            entries = self._entries(kind, found)  # before the write lock, so that no payment waits
            with self._engine.begin() as connection:
                _put(connection, entries)
                self._progress.put(connection, _WALK, {"imports": imports} | _place_after(kind, found))
            if len(self._known) < _MOST_KNOWN:
                self._known |= entries.words
        return True

    def _entries(self, kind: str, found: Sequence[sa.RowMapping]) -> _Entries:
        if kind == CUSTOMER:
            return _of_customers(map(rows.customer_from, found), self._known)
        if kind == INVOICE:
            return _of_invoice_rows(found)
        return _Entries(gone=[row["number"] for row in found if row["gone"]])

    def _where(self) -> tuple[str, str, str]:
        """Return the imports to index, the table to continue with, and the last key done in it."""
        run = schema.import_run
        count = sa.func.count
        query = sa.select(count(run.c.finished_at), count(run.c.undone_at))
        with known_errors(self._path), self._read.connect() as connection:
            finished, undone = connection.execute(query).one()
        imports, held = f"{finished}, {undone} undone", self._progress.get(_WALK)
        if held.get("imports") != imports or held.get("kind") not in (*_NEXT, _DONE):
            return imports, CUSTOMER, ""
        return imports, held["kind"], held.get("after", "")


def _after(kind: str, after: str) -> sa.Select[Any]:
    """Return a query for the next rows of a table, or for index entries, ``gone`` if their row is."""
    if kind == _ORPHANS:
        doc = schema.search_doc.c
        letter, number = sa.func.substr(doc.key, 1, 1), sa.func.substr(doc.key, 2)
        kept = [
            sa.and_(letter == of, sa.exists().where(table.c.number == number))
            for of, table in ((CUSTOMER, schema.customer), (INVOICE, schema.invoice))
        ]
        query = sa.select(doc.key.label("number"), sa.not_(sa.or_(*kept)).label("gone"))
        return query.where(doc.key > after).order_by(doc.key).limit(_ORPHANS_STEP)
    table = schema.customer if kind == CUSTOMER else schema.invoice
    columns = table.columns if kind == CUSTOMER else _TERMS_OF_INVOICE
    return sa.select(*columns).where(table.c.number > after).order_by(table.c.number).limit(_STEP)


def _place_after(kind: str, found: Sequence[sa.RowMapping]) -> dict[str, str]:
    if len(found) == (_ORPHANS_STEP if kind == _ORPHANS else _STEP):
        return {"kind": kind, "after": found[-1]["number"]}
    return {"kind": _NEXT[kind], "after": ""}
