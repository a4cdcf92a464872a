"""Imported files in the cache: written in short transactions, so that a payment never waits for long.

An import is whole because it can be undone: what it overwrites is kept beside it until the next one is done.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.domain.importing import Columns, CustomerRow, ImportRun, InvoiceRow, Scope
from paydesk.domain.money import Money
from paydesk.services.ports import Clock
from paydesk.store import schema
from paydesk.store.engine import READ
from paydesk.store.locking import lock_in_order
from paydesk.store.trouble import trouble_in_words
from paydesk.store.upsert import insert_for

STEP = 5_000
"""Rows written or taken back in one transaction."""

_r, _i, _l = schema.import_run.c, schema.invoice.c, schema.payment_line.c
_BEFORE = {schema.invoice: schema.invoice_before, schema.customer: schema.customer_before}
_INVOICE_COLUMNS = (
    "number", "customer_number", "customer_name", "amount_cents", "balance_cents", "invoice_date", "due_date",
    "description", "policy_number", "insurer",
)  # fmt: skip
_STAMPS = ("read_at", "import_id")
_CUSTOMER_TEXTS = ("name", "zip_code", "phones", "email")


class SqlImports:
    """Imports on the ledger's database; ``who`` is desk and user."""

    def __init__(self, engine: sa.Engine, clock: Clock, *, who: tuple[str, str], path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._clock = clock
        self._who = who
        self._path = path
        self._full: set[sa.Table] = set(_BEFORE)

    # ---- what is remembered -----------------------------------------------------------------

    def columns(self, shape: str) -> Columns | None:
        """The columns that a person confirmed for files of this shape."""
        table = schema.import_mapping
        with self._reading() as connection:
            body = connection.execute(sa.select(table.c.body).where(table.c.shape == shape)).scalar()
        return None if body is None else Columns.from_json(json.loads(body))

    def keep_columns(self, shape: str, columns: Columns) -> None:
        """Remember what a person confirmed."""
        table = schema.import_mapping
        with self._write() as connection:
            values = {"shape": shape, "body": json.dumps(columns.to_json()), "kept_at": self._clock.now()}
            statement = insert_for(connection, table)
            new = {name: statement.excluded[name] for name in ("body", "kept_at")}
            connection.execute(statement.on_conflict_do_update(index_elements=["shape"], set_=new), [values])

    def runs(self, limit: int = 50) -> Sequence[ImportRun]:
        """The newest imports first."""
        query = sa.select(schema.import_run).order_by(_r.id.desc()).limit(limit)
        with self._reading() as connection:
            return [_run_from(row) for row in connection.execute(query).mappings()]

    # ---- one import -------------------------------------------------------------------------

    def begin(self, file_name: str, digest: str, shape: str, scope: Scope, as_of: datetime) -> ImportRun:
        """Start an import. Raises KnownError while another one is not finished."""
        with self._write() as connection:
            if connection.dialect.name != "sqlite":  # BEGIN IMMEDIATE locked all of SQLite
                connection.exec_driver_sql("LOCK TABLE import_run IN SHARE ROW EXCLUSIVE MODE")
            open_run = sa.select(schema.import_run).where(_r.finished_at.is_(None), _r.undone_at.is_(None))
            found = connection.execute(open_run).mappings().first()
            if found is not None:
                raise KnownError(
                    f"An import of {found['file_name']} at desk {found['desk']} is not finished.",
                    "Wait for it; if it was broken off, undo it: paydesk import --undo.",
                )
            values = {
                "file_name": file_name,
                "digest": digest,
                "shape": shape,
                "scope": scope.value,
                "as_of": as_of,
                "desk": self._who[0],
                "user": self._who[1],
                "started_at": self._clock.now(),
            }
            # Rows that come later are newer than the file: they are never overwritten, nor kept.
            self._full = {table for table in _BEFORE if _has_rows(connection, table)}
            key = connection.execute(sa.insert(schema.import_run), values).inserted_primary_key
            assert key is not None
            return self._run(connection, int(key[0]))

    def add(
        self, run: ImportRun, invoices: Sequence[InvoiceRow], customers: Sequence[CustomerRow]
    ) -> tuple[set[str], set[str]] | None:
        """Write one chunk; None when all of it was written.

        Else the numbers that stood in an earlier chunk, and those PayDesk read later than the file:
        these were left out, and of a number that is twice in this chunk the first was written.
        """
        try:
            with self._write() as connection:
                if self._put_invoices(connection, run, invoices) != len(invoices):
                    raise _InTheWay
                self._put_customers(connection, run, customers)
            return None
        except _InTheWay:  # nothing was written: find out what is in the way, and write the others
            pass
        with self._write() as connection:
            before, newer = self._in_the_way(connection, run, [row[0] for row in invoices])
            first = {row[0]: row for row in reversed(invoices)}
            fresh = [row for number, row in first.items() if number not in before | newer]
            self._put_invoices(connection, run, fresh)
            self._put_customers(connection, run, customers)
        return before, newer

    def finish(self, run: ImportRun, accepted: int, rejected: int, open_total: Money) -> ImportRun:
        """End an import: close what the file no longer names, and count."""
        closed = sum(self._close(run, numbers) for numbers in self._missing(run))
        self._drop_kept(but=run.id)  # the import before can no longer be undone
        values = {
            "accepted": accepted,
            "rejected": rejected,
            "closed": closed,
            "open_cents": open_total.cents,
            "finished_at": self._clock.now(),
        }
        with self._write() as connection:
            connection.execute(sa.update(schema.import_run).where(_r.id == run.id).values(**values))
            return self._run(connection, run.id)

    def undo(self, run_id: int) -> ImportRun:
        """Put back what the newest import wrote; a row that was read live since stays as it is.

        Raises KnownError for any import but the newest that still stands.
        """
        later = sa.select(_r.id).where(_r.id > run_id, _r.finished_at.is_not(None)).limit(1)
        with self._reading() as connection:
            run = self._run(connection, run_id)
            if run.undone_at is not None or connection.execute(later).first() is not None:
                raise KnownError("Only the newest import can be undone.", "Import the right file instead.")
        for table in _BEFORE:
            for numbers in self._numbers(table, table.c.import_id == run_id):
                with self._write() as connection:
                    self._put_back(connection, run, table, numbers)
        self._drop_kept(of=run_id)
        with self._write() as connection:
            now = self._clock.now()
            connection.execute(sa.update(schema.import_run).where(_r.id == run_id).values(undone_at=now))
            return self._run(connection, run_id)

    # ---- writing ----------------------------------------------------------------------------

    def _put_invoices(self, connection: sa.Connection, run: ImportRun, rows: Sequence[InvoiceRow]) -> int:
        """How many were written: fewer than all when one is newer, or stood in this file before."""
        if not rows:
            return 0
        self._lock_and_keep(connection, run, schema.invoice, rows)
        sql = _put_sql(
            connection,
            schema.invoice,
            _INVOICE_COLUMNS,
            run.as_of,
            run.id,
            {name: f"excluded.{name}" for name in _INVOICE_COLUMNS[1:]},
            "invoice.read_at <= excluded.read_at"
            f" AND (invoice.import_id IS NULL OR invoice.import_id <> {run.id})",
        )
        return connection.exec_driver_sql(sql, _in_order(connection, rows)).rowcount

    def _put_customers(self, connection: sa.Connection, run: ImportRun, rows: Sequence[CustomerRow]) -> None:
        """Customers as the file has them; what it does not tell stays as it was."""
        if not rows:
            return
        self._lock_and_keep(connection, run, schema.customer, rows)
        told = {
            name: f"CASE WHEN excluded.{name} = '' THEN customer.{name} ELSE excluded.{name} END"
            for name in _CUSTOMER_TEXTS
        }
        columns = ("number", *_CUSTOMER_TEXTS)
        sql = _put_sql(connection, schema.customer, columns, run.started_at, run.id, told, "1 = 1")
        connection.exec_driver_sql(sql, _in_order(connection, rows))

    def _lock_and_keep(
        self, connection: sa.Connection, run: ImportRun, table: sa.Table, rows: Sequence[Sequence[Any]]
    ) -> None:
        """Where the table was empty nothing is there to keep, and rows that come are locked as written."""
        if table in self._full:
            numbers = [row[0] for row in rows]
            lock_in_order(connection, table.c.number, numbers)
            self._keep(connection, run, table, numbers)

    def _keep(
        self, connection: sa.Connection, run: ImportRun, table: sa.Table, numbers: Sequence[str]
    ) -> None:
        """Keep what these rows are before this import touches them, once."""
        before = _BEFORE[table]
        old = sa.and_(
            table.c.number.in_(numbers), sa.or_(table.c.import_id.is_(None), table.c.import_id != run.id)
        )
        copied = sa.select(sa.literal(run.id), *table.columns).where(old)
        connection.execute(sa.insert(before).from_select([column.name for column in before.columns], copied))

    def _drop_kept(self, *, of: int | None = None, but: int | None = None) -> None:
        """Let go of what the rows were before one import, or before all others."""
        for before in _BEFORE.values():
            which = before.c.run_id == of if but is None else before.c.run_id != but
            with self._reading() as connection:
                runs = list(connection.execute(sa.select(before.c.run_id).where(which).distinct()).scalars())
            for run_id in runs:
                for numbers in self._numbers(before, before.c.run_id == run_id):
                    mine = sa.and_(before.c.run_id == run_id, before.c.number.in_(numbers))
                    with self._write() as connection:
                        connection.execute(sa.delete(before).where(mine))

    def _in_the_way(
        self, connection: sa.Connection, run: ImportRun, numbers: Sequence[str]
    ) -> tuple[set[str], set[str]]:
        query = sa.select(_i.number, _i.import_id, _i.read_at).where(_i.number.in_(numbers))
        before, newer = set(), set()
        for number, import_id, read_at in connection.execute(query):
            if import_id == run.id:
                before.add(number)
            elif read_at > run.as_of:
                newer.add(number)
        return before, newer

    def _missing(self, run: ImportRun) -> Iterator[list[str]]:
        """Open invoices of earlier files that this one lacks, some at a time."""
        if schema.invoice not in self._full:
            return iter(())
        where = [_i.import_id != run.id, _i.balance_cents != 0, _i.read_at <= run.as_of]
        if run.scope is Scope.CUSTOMERS:
            named = schema.invoice.alias("named")
            mine = sa.select(named.c.customer_number).where(named.c.import_id == run.id)
            where.append(_i.customer_number.in_(mine))
        return self._numbers(schema.invoice, *where)

    def _close(self, run: ImportRun, numbers: Sequence[str]) -> int:
        with self._write() as connection:
            lock_in_order(connection, _i.number, numbers)
            self._keep(connection, run, schema.invoice, numbers)
            values = {"balance_cents": 0, "read_at": run.as_of, "import_id": run.id}
            closing = sa.update(schema.invoice).where(_i.number.in_(numbers), _i.read_at <= run.as_of)
            return connection.execute(closing.values(**values)).rowcount

    def _put_back(
        self, connection: sa.Connection, run: ImportRun, table: sa.Table, numbers: Sequence[str]
    ) -> None:
        before, n = _BEFORE[table], table.c.number
        lock_in_order(connection, n, numbers)
        mine = [n.in_(numbers), table.c.import_id == run.id]
        written_at = run.as_of if table is schema.invoice else run.started_at
        connection.execute(
            sa.update(table).where(*mine, table.c.read_at != written_at).values(import_id=None)
        )
        names = [column.name for column in table.columns]
        kept = sa.select(*(before.c[name] for name in names)).where(
            before.c.run_id == run.id, before.c.number.in_(numbers)
        )
        put = insert_for(connection, table).from_select(names, kept)
        connection.execute(
            put.on_conflict_do_update(
                index_elements=["number"],
                set_={name: put.excluded[name] for name in names[1:]},
                where=table.c.import_id == run.id,
            )
        )
        if table is schema.invoice:
            paid = sa.exists().where(_l.invoice_number == n)  # a payment names it: the row must stay
            closed = sa.update(table).where(*mine, paid).values(balance_cents=0, import_id=None)
            connection.execute(closed)
        connection.execute(sa.delete(table).where(*mine))

    # ---- parts ------------------------------------------------------------------------------

    def _numbers(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> Iterator[list[str]]:
        """The numbers of the rows, some at a time, in order."""
        last = ""
        while True:
            query = sa.select(table.c.number).where(*where, table.c.number > last)
            with self._reading() as connection:
                found = list(connection.execute(query.order_by(table.c.number).limit(STEP)).scalars())
            if not found:
                return
            yield found
            last = found[-1]

    @contextlib.contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with trouble_in_words(self._path), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with trouble_in_words(self._path), self._read.begin() as connection:
            yield connection

    def _run(self, connection: sa.Connection, run_id: int) -> ImportRun:
        query = sa.select(schema.import_run).where(_r.id == run_id)
        return _run_from(connection.execute(query).mappings().one())


class _InTheWay(Exception):
    pass


def _put_sql(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    read_at: datetime,
    run_id: int,
    told: Mapping[str, str],
    where: str,
) -> str:
    """An upsert for the driver itself: a million rows leave no time to look at each."""
    if connection.dialect.name == "sqlite":
        mark, moment = "?", f"{read_at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    else:
        mark, moment = "%s", read_at.astimezone(UTC).isoformat()
    names = ", ".join((*columns, *_STAMPS))
    values = ", ".join([*[mark] * len(columns), f"'{moment}'", str(run_id)])
    sets = ", ".join(
        [*(f"{name} = {value}" for name, value in told.items()), *(f"{n} = excluded.{n}" for n in _STAMPS)]
    )
    conflict = f"ON CONFLICT (number) DO UPDATE SET {sets} WHERE {where}"
    return f"INSERT INTO {table.name} ({names}) VALUES ({values}) {conflict}"  # noqa: S608 - names of ours only


def _in_order(connection: sa.Connection, rows: Sequence[Any]) -> list[Any]:
    """In a fixed order where rows are locked one by one, so that two desks cannot block one another."""
    return list(rows) if connection.dialect.name == "sqlite" else sorted(rows, key=lambda row: str(row[0]))


def _has_rows(connection: sa.Connection, table: sa.Table) -> bool:
    return connection.execute(sa.select(table.c.number).limit(1)).first() is not None


def _run_from(row: sa.RowMapping) -> ImportRun:
    return ImportRun(
        id=row["id"],
        file_name=row["file_name"],
        digest=row["digest"],
        scope=Scope(row["scope"]),
        as_of=row["as_of"],
        desk=row["desk"],
        user=row["user"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        undone_at=row["undone_at"],
        accepted=row["accepted"],
        rejected=row["rejected"],
        closed=row["closed"],
        open_total=Money(row["open_cents"]),
    )
