"""What customers and open invoices are found by, kept beside the cache: FTS5 in SQLite, GIN in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money
from paydesk.domain.searching import customer_terms, invoice_terms, is_vocabulary, pieces_of, words_in
from paydesk.store import rows, schema
from paydesk.store.engine import READ
from paydesk.store.locking import lock_in_order
from paydesk.store.progress import Progress
from paydesk.store.trouble import trouble_in_words
from paydesk.store.upsert import insert_for

CUSTOMER, INVOICE = "c", "i"

_MATCH = {
    "sqlite": "search_index JOIN search_doc AS d ON d.id = search_index.rowid"
    " JOIN {table} AS t ON t.number = substr(d.key, 2) WHERE search_index MATCH :query",
    "postgresql": "search_doc AS d JOIN {table} AS t ON t.number = substr(d.key, 2)"
    " WHERE array_to_tsvector(string_to_array(d.terms, ' ')) @@ CAST(:query AS tsquery)",
}
_MOST_WORDS = 4000


class SearchIndex:
    """Finds customers and open invoices by terms. Raises KnownError when the ledger database is away."""

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path
        dialect = engine.dialect.name
        self._customers = _query(dialect, schema.customer)
        self._invoices = _query(dialect, schema.invoice, " AND t.balance_cents <> 0")

    # ---- finding --------------------------------------------------------------------------

    def customers(self, terms: Sequence[Sequence[str]], limit: int, *, whole: bool = False) -> list[Customer]:
        """Customers that have one of each group of terms; its first may be a beginning unless ``whole``."""
        return [rows.customer_from(row) for row in self._found(self._customers, terms, limit, whole)]

    def invoices(self, terms: Sequence[Sequence[str]], limit: int, *, whole: bool = False) -> list[Invoice]:
        """Open invoices likewise."""
        return [rows.invoice_from(row) for row in self._found(self._invoices, terms, limit, whole)]

    def similar(self, word: str, longest: int | None) -> list[str]:
        """Words of names that share a part with this one and have about as many letters, or more."""
        table = schema.search_word
        query = (
            sa.select(table.c.word)
            .distinct()
            .where(table.c.piece.in_(pieces_of(word)), sa.func.length(table.c.word) >= len(word) - 2)
            .limit(_MOST_WORDS)
        )
        if longest is not None:
            query = query.where(sa.func.length(table.c.word) <= longest)
        with trouble_in_words(self._path), self._read.connect() as connection:
            return list(connection.execute(query).scalars())

    def owed(self, numbers: Sequence[str]) -> Mapping[str, tuple[int, Money]]:
        """How many open invoices these customers have, and their sum."""
        table = schema.invoice
        query = (
            sa.select(table.c.customer_number, sa.func.count(), sa.func.sum(table.c.balance_cents))
            .where(table.c.customer_number.in_(numbers), table.c.balance_cents != 0)
            .group_by(table.c.customer_number)
        )
        with trouble_in_words(self._path), self._read.connect() as connection:
            found = {row[0]: (row[1], Money(int(row[2]))) for row in connection.execute(query)}
        return {number: found.get(number, (0, ZERO)) for number in numbers}

    def _found(
        self, query: sa.TextualSelect, terms: Sequence[Sequence[str]], limit: int, whole: bool
    ) -> Sequence[sa.RowMapping]:
        if not terms or not all(terms):
            return []
        words = (_fts5 if self._engine.dialect.name == "sqlite" else _tsquery)(terms, whole)
        with trouble_in_words(self._path), self._read.connect() as connection:
            return connection.execute(query, {"query": words, "limit": limit}).mappings().all()


def _query(dialect: str, table: sa.Table, more: str = "") -> sa.TextualSelect:
    columns = ", ".join(f"t.{column.name}" for column in table.columns)
    sql = f"SELECT {columns} FROM {_MATCH[dialect].format(table=table.name)}{more} LIMIT :limit"  # noqa: S608 - all names are of our own tables
    return sa.text(sql).columns(*table.columns)


def _fts5(terms: Sequence[Sequence[str]], whole: bool) -> str:
    """A query of SQLite's FTS5; terms are letters and digits, and stand in quotes all the same."""
    return " AND ".join(_group(group, '"', "" if whole else "*", " OR ") for group in terms)


def _tsquery(terms: Sequence[Sequence[str]], whole: bool) -> str:
    """A query of PostgreSQL."""
    return " & ".join(_group(group, "'", "" if whole else ":*", " | ") for group in terms)


def _group(group: Sequence[str], quote: str, star: str, either: str) -> str:
    """The first term of a group may be a beginning; the others are other spellings of it, and whole."""
    first, *others = (quote + term + quote for term in group)
    return "(" + either.join([first + star, *others]) + ")"


# ---- keeping it up to date -----------------------------------------------------------------


def index_customers(connection: sa.Connection, customers: Iterable[Customer]) -> None:
    """Let these customers be found as they are now, in the transaction that wrote them."""
    _put(connection, _of_customers(customers))


def index_invoices(connection: sa.Connection, invoices: Iterable[Invoice]) -> None:
    """Let these invoices be found as they are now, and the closed ones no more."""
    _put(connection, _of_invoices(invoices))


def forget(connection: sa.Connection, keys: Sequence[str]) -> None:
    """Let what has these keys no longer be found."""
    if keys:
        lock_in_order(connection, schema.search_doc.c.key, keys)
        connection.execute(sa.delete(schema.search_doc).where(schema.search_doc.c.key.in_(keys)))


@dataclass(frozen=True, slots=True)
class _Entries:
    """What is to be written into the index: terms by key, new words of names, keys that go."""

    docs: Sequence[tuple[str, str]] = ()
    words: frozenset[str] = frozenset()
    gone: Sequence[str] = ()


def _of_customers(customers: Iterable[Customer], known: Set[str] = frozenset()) -> _Entries:
    """``known`` words are in the table already."""
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


def _put(connection: sa.Connection, entries: _Entries) -> None:
    lock_in_order(connection, schema.search_doc.c.key, [*(key for key, _ in entries.docs), *entries.gone])
    _put_docs(connection, entries.docs)
    parts = sorted({(piece, word) for word in entries.words for piece in pieces_of(word)})
    if parts:
        values = [{"piece": piece, "word": word} for piece, word in parts]
        connection.execute(insert_for(connection, schema.search_word).on_conflict_do_nothing(), values)
    forget(connection, entries.gone)


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
_STEP = 300
"""Rows in one transaction: a payment that waits for it hardly notices."""
_MOST_KNOWN = 50_000
_ORPHANS, _DONE = "orphans", "done"
_NEXT = {CUSTOMER: INVOICE, INVOICE: _ORPHANS, _ORPHANS: _DONE}


class SearchWalk:
    """Goes once through the whole cache after an import, in small steps, and goes on after a restart.

    Imports write rows by the hundred thousand and leave the index alone: kept up to date
    row by row it would cost them more than the rows themselves. After the rows come the
    entries of rows that an import's undoing took away.
    """

    def __init__(self, engine: sa.Engine, path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._path = path
        self._progress = Progress(engine, path)
        self._known: set[str] = set()

    def step(self) -> bool:
        """Index the next rows; False when there is nothing left to do."""
        imports, kind, after = self._where()
        if kind == _DONE:
            return False
        with trouble_in_words(self._path):
            with self._read.connect() as connection:
                found = connection.execute(_after(kind, after)).mappings().all()
            entries = self._entries(kind, found)  # before the lock that payments wait for
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
            return _of_invoices(map(rows.invoice_from, found))
        return _Entries(gone=[row["number"] for row in found if row["gone"]])

    def _where(self) -> tuple[str, str, str]:
        """Up to which import, through which rows, and after which of them the walk goes on."""
        run = schema.import_run
        count = sa.func.count
        query = sa.select(count(run.c.finished_at), count(run.c.undone_at))
        with trouble_in_words(self._path), self._read.connect() as connection:
            finished, undone = connection.execute(query).one()
        imports, held = f"{finished}, {undone} undone", self._progress.get(_WALK)
        if held.get("imports") != imports or held.get("kind") not in (*_NEXT, _DONE):
            return imports, CUSTOMER, ""
        return imports, held["kind"], held.get("after", "")


def _after(kind: str, after: str) -> sa.Select[Any]:
    """The next rows of a table, or entries of the index, ``gone`` where their row is."""
    if kind == _ORPHANS:
        doc = schema.search_doc.c
        letter, number = sa.func.substr(doc.key, 1, 1), sa.func.substr(doc.key, 2)
        kept = [
            sa.and_(letter == of, sa.exists().where(table.c.number == number))
            for of, table in ((CUSTOMER, schema.customer), (INVOICE, schema.invoice))
        ]
        query = sa.select(doc.key.label("number"), sa.not_(sa.or_(*kept)).label("gone"))
        return query.where(doc.key > after).order_by(doc.key).limit(_STEP)
    table = schema.customer if kind == CUSTOMER else schema.invoice
    return sa.select(table).where(table.c.number > after).order_by(table.c.number).limit(_STEP)


def _place_after(kind: str, found: Sequence[sa.RowMapping]) -> dict[str, str]:
    if len(found) == _STEP:
        return {"kind": kind, "after": found[-1]["number"]}
    return {"kind": _NEXT[kind], "after": ""}
