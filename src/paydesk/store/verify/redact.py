"""``paydesk verify --redact``: take card data out of an old ledger, so that the rest stays proven.

PayDesk refuses such texts today, but an older ledger may hold some. No desk may be open meanwhile.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.typed.card_numbers import REMOVED, without_card_data
from paydesk.store.database.desk_locks import DeskLocks
from paydesk.store.database.errors import known_errors
from paydesk.store.database.head_file import HeadFile
from paydesk.store.tables import commitments, events, queries, rows, schema
from paydesk.store.tables.rows import Row
from paydesk.store.verify import redacted, texts
from paydesk.store.verify.card_shapes import looks_like_card

LEASE_S = 600
"""Seconds after its last heartbeat in which a desk of another computer counts as open."""

_DRAFT = {schema.payment.name, schema.payment_line.name}
_INDEXES = ("search_index", "payment_index")
_DOCS = {schema.search_doc.name, schema.payment_doc.name}
Who = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Redaction:
    """The places that were cleaned, as ``table row: columns``, and those that could not be."""

    cleaned: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with card data in some of its columns."""

    table: sa.Table
    key: tuple[Any, ...]
    row: str
    columns: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.table.name} {self.row}"

    @property
    def where(self) -> sa.ColumnElement[bool]:
        return sa.and_(
            *(column == part for column, part in zip(self.table.primary_key, self.key, strict=True))
        )


def redact(
    engine: sa.Engine, place: str, head_file: HeadFile | None, who: Who, locks: DeskLocks
) -> Redaction:
    """Replace each text with card data, in one transaction, and write an event for each row.

    ``head_file`` is this desk's, if it has one. Raises KnownError, and changes nothing, while a desk is open
    on the ledger, or if it is not the ledger that this desk knows.
    """
    with known_errors(place), engine.begin() as connection:
        if head_file is not None:
            head_file.require(connection, place)
        _require_no_desk(connection, locks)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = 1")
        with _unguarded(connection):
            work = _Work(connection, who)
            for row in _rows(connection):
                work.clean(row)
        _rebuild_indexes(connection)
        head = events.head(connection)
    if head is not None and head_file is not None:
        head_file.write(head)
        head_file.close()
    return Redaction(tuple(work.cleaned), tuple(work.left))


def scrub(engine: sa.Engine, place: str) -> None:
    """Write the database anew: no freed page and no log of it keeps an old text. Raises KnownError."""
    with known_errors(place):
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in schema.metadata.sorted_tables:
                    connection.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
            return
        with contextlib.closing(engine.raw_connection()) as raw:
            for statement in ("PRAGMA secure_delete = 1", _EMPTY_LOG, "VACUUM", _EMPTY_LOG):
                raw.driver_connection.execute(statement).fetchall()  # type: ignore[union-attr]


_EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"


def _require_no_desk(connection: sa.Connection, locks: DeskLocks) -> None:
    session = schema.desk_session
    for row in connection.execute(sa.select(session).where(session.c.ended_at.is_(None))).mappings():
        held = locks.held(row["host"], row["lock"])
        fresh = (datetime.now(UTC) - row["seen_at"]).total_seconds() < LEASE_S
        if held or (held is None and fresh):
            raise KnownError(
                f"Desk {row['desk']} is open on this ledger.",
                "Close PayDesk on every computer, wait ten minutes if one has crashed, and start again.",
            )


@contextlib.contextmanager
def _unguarded(connection: sa.Connection) -> Iterator[None]:
    """Take the guard off the events, and put it back in the same transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER USER")
        yield
        connection.exec_driver_sql("ALTER TABLE event ENABLE TRIGGER USER")
        return
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'"
    guards = connection.exec_driver_sql(query).all()
    for name, _ in guards:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, made in guards:
        connection.exec_driver_sql(made)


def _rebuild_indexes(connection: sa.Connection) -> None:
    """Make the full-text indexes anew. PostgreSQL's are of the tables themselves."""
    if connection.dialect.name == "sqlite":
        for name in _INDEXES:
            connection.exec_driver_sql(f"INSERT INTO {name}({name}) VALUES ('rebuild')")  # noqa: S608 - ours


def _rows(connection: sa.Connection) -> list[_Row]:
    """Return the rows with card data. A payment's lines count as columns of the payment."""
    found = list(texts.places(connection))
    grouped = itertools.groupby(found, lambda one: (one.table.name, one.key))
    made = []
    for _, group in grouped:
        same = list(group)
        first = same[0]
        made.append(_Row(first.table, first.key, first.row, {one.column: one.stored for one in same}))
    drafts = dict.fromkeys(one.key[0] for one in made if one.table.name in _DRAFT)
    others = [one for one in made if one.table.name not in _DRAFT]
    return [*(_Row(schema.payment, (key,), str(key), {}) for key in drafts), *others]


class _Work:
    """Cleans rows in one transaction."""

    def __init__(self, connection: sa.Connection, who: Who) -> None:
        self._connection = connection
        self._who = who
        self.cleaned: list[str] = []
        self.left: list[str] = []

    def clean(self, row: _Row) -> None:
        """Clean one row, or list it as left."""
        match row.table.name:
            case schema.payment.name:
                self._payment(row)
            case schema.event.name:
                self._event(row)
            case _:
                self._any(row)

    def _any(self, row: _Row) -> None:
        keys = {column for column in row.columns if _is_key(row.table.c[column])}
        self.left += [f"{row.name}: {column} is a key" for column in sorted(keys)]
        made = {name: _made(row.table, text) for name, text in row.columns.items() if name not in keys}
        if made:
            self._connection.execute(sa.update(row.table).where(row.where).values(made))
            self._done(row, made, self._payment_of(row))

    def _event(self, row: _Row) -> None:
        found = self._connection.execute(sa.select(row.table).where(row.where)).mappings().one()
        if found["hash"] != events.hash_of(found):
            self.left.append(f"{row.name}: it was changed after it was written")
            return
        body, committed = _redacted_event(found)
        if not committed or set(row.columns) != {"body"} or texts.is_found("body", body):
            self.left.append(f"{row.name}: its hash covers the text itself")
            return
        values = {"body": body, "salt": "", "commitments": committed}
        self._connection.execute(sa.update(row.table).where(row.where).values(values))
        self._done(row, {"body": body}, found["payment_id"], now=redacted.event_digest(body))

    def _payment(self, row: _Row) -> None:
        """Clean the texts of a payment and its lines, and keep commitments to those that its hold covers."""
        connection, payment_id = self._connection, row.key[0]
        before = connection.execute(queries.PAYMENTS.where(row.where)).mappings().one()
        lines = connection.execute(queries.LINES, {"wanted": [payment_id]}).mappings().all()
        free = rows.draft_free_texts(before, lines)
        changed = _masked_columns(schema.payment, before)
        of_lines = [_masked_columns(schema.payment_line, line) for line in lines]
        all_changed = changed | {
            f"{at}.{name}": text for at, made in enumerate(of_lines) for name, text in made.items()
        }
        if all_changed.keys() & free.keys():
            committed = _committed(before, free)
            if not committed:
                self.left.append(f"{row.name}: its hash covers the texts themselves")
                return
            changed |= {"salt": "", "commitments": committed}
        after = dict(before) | changed
        if changed:
            connection.execute(sa.update(schema.payment).where(row.where).values(changed))
        for line, made in zip(lines, of_lines, strict=True):
            if made:
                self._put_line(line, made)
        cleaned = [dict(line) | made for line, made in zip(lines, of_lines, strict=True)]
        now = redacted.draft_digest(after, cleaned) if after["commitments"] else ""
        if all_changed:
            self._done(row, all_changed, payment_id, now=now)
        self._left_of(row.name, after, cleaned)

    def _left_of(self, name: str, payment: Row, lines: Sequence[Row]) -> None:
        for table, found in ((schema.payment, payment), *((schema.payment_line, line) for line in lines)):
            held = {
                column: found[column] for column in map(str, table.c.keys()) if isinstance(found[column], str)
            }
            self.left += [
                f"{name}: {column} is a key" for column, text in held.items() if texts.is_found(column, text)
            ]

    def _put_line(self, line: Row, values: Mapping[str, str]) -> None:
        of = schema.payment_line.c
        where = sa.and_(of.payment_id == line["payment_id"], of.position == line["position"])
        self._connection.execute(sa.update(schema.payment_line).where(where).values(**values))

    def _payment_of(self, row: _Row) -> int | None:
        if "payment_id" not in row.table.c:
            return None
        query = sa.select(row.table.c.payment_id).where(row.where)
        return self._connection.execute(query).scalar()

    def _done(self, row: _Row, made: Mapping[str, str], payment_id: int | None, now: str = "") -> None:
        columns = ", ".join(sorted(made))
        detail = {"table": row.table.name, "row": row.row, "columns": columns, redacted.NOW: now}
        events.append(self._connection, payment_id, datetime.now(UTC), self._who, EventKind.REDACTED, detail)
        self.cleaned.append(f"{row.name}: {columns}")


def _is_key(column: sa.Column[Any]) -> bool:
    """Return True for a column that finds rows here or in AMS360. A payment's hash covers it as it is."""
    return bool(
        column.primary_key or column.unique or column.foreign_keys or column.name == "customer_number"
    )


def _masked_columns(table: sa.Table, row: Row) -> dict[str, str]:
    """Return the columns of a row that change, with their texts without card data."""
    names = [column.name for column in table.columns if not _is_key(column)]
    found = {name: row[name] for name in names if isinstance(row[name], str)}
    made = {name: _masked(name, text) for name, text in found.items()}
    return {name: text for name, text in made.items() if text != found[name]}


def _masked(name: str, stored: str) -> str:
    return masked(stored) if texts.is_found(name, stored) else stored


def _committed(row: Row, free: Mapping[str, str]) -> str:
    """Return the commitments to the row's free texts. Returns "" if its hash covers the texts themselves."""
    if row["commitments"] or not row["salt"]:
        return str(row["commitments"])
    return commitments.committed_text(free, row["salt"])


def _made(table: sa.Table, stored: str) -> str:
    if table.name in _DOCS:  # search terms: blanks stand between them
        return " ".join(term for term in stored.split(" ") if not any(map(str.isdigit, term)))
    return masked(stored)


def _redacted_event(row: Row) -> tuple[str, str]:
    """Return an event's body without card data, and its commitments. "" if its hash covers the body."""
    if not row["salt"] and not row["commitments"]:
        return row["body"], ""
    detail = events.details(row["body"])
    free = events.free_texts(detail)
    body = detail | {name: _masked(name, text) for name, text in free.items()}
    return json.dumps(body, sort_keys=True), _committed(row, free)


def masked(stored: str) -> str:
    """Return a text or a stored document without card data. A document stays one, in the same form."""
    for ascii_only in (True, False):
        with contextlib.suppress(ValueError, RecursionError):
            held = json.loads(stored)
            if isinstance(held, dict | list) and _document(held, ascii_only=ascii_only) == stored:
                return _document(_masked_leaves("", held), ascii_only=ascii_only)
    cleaned = without_card_data(stored)
    return REMOVED if looks_like_card(cleaned) else cleaned


def _document(held: Any, *, ascii_only: bool) -> str:
    return json.dumps(held, sort_keys=True, ensure_ascii=ascii_only)


def _masked_leaves(name: str, part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _masked_leaves(key, inner) for key, inner in part.items()}
    if isinstance(part, list):
        return [_masked_leaves(name, inner) for inner in part]
    return _masked(name, part) if isinstance(part, str) else part
