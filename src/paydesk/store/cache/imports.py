"""Imported files in the cache, written in short transactions, so that no payment waits long.

An import is all or nothing because it can be undone: copies of the rows it overwrote stay until the next
import is done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from paydesk import COMMAND
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.importing import CustomerRow, ImportRun, InvoiceRow, Remembered, Scope
from paydesk.domain.invoices.reading import Unproven
from paydesk.domain.money import Money
from paydesk.domain.stored import remembered_from, remembered_text
from paydesk.domain.typed.plain_texts import tidied
from paydesk.services.ports.clock import Clock
from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import schema
from paydesk.store.tables.locking import lock_in_order
from paydesk.store.tables.upsert import insert_for

STEP = 5_000
"""Rows written or restored in one transaction."""

_r, _i, _l = schema.import_run.c, schema.invoice.c, schema.payment_line.c
_BEFORE = {schema.invoice: schema.invoice_before, schema.customer: schema.customer_before}
_INVOICE_COLUMNS = (
    "number", "customer_number", "customer_name", "amount_cents", "balance_cents", "invoice_date", "due_date",
    "description", "policy_number", "insurer",
)  # fmt: skip
_STAMPS = ("read_at", "import_id")
_CUSTOMER_TEXTS = ("name", "zip_code", "phones", "email")


class SqlImports:
    """Imports in the ledger's database. ``who`` is desk and user."""

    def __init__(self, engine: sa.Engine, clock: Clock, *, who: tuple[str, str], path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._clock = clock
        self._who = who
        self._path = path
        self._full: set[sa.Table] = set(_BEFORE)
        self._newer = _Newer()

    # ---- confirmed columns and past imports -------------------------------------------------

    def remembered(self, shape: str) -> Remembered | None:
        """See Imports.remembered."""
        table = schema.import_mapping
        with self._reading() as connection:
            body = connection.execute(sa.select(table.c.body).where(table.c.shape == shape)).scalar()
        return None if body is None else remembered_from(body)

    def remember(self, shape: str, remembered: Remembered) -> None:
        """See Imports.remember."""
        table = schema.import_mapping
        with self._write() as connection:
            values = {"shape": shape, "body": remembered_text(remembered), "kept_at": self._clock.now()}
            statement = insert_for(connection, table)
            new = {name: statement.excluded[name] for name in ("body", "kept_at")}
            connection.execute(statement.on_conflict_do_update(index_elements=["shape"], set_=new), [values])

    def customer_name(self, number: str) -> str:
        """See Imports.customer_name."""
        with self._reading() as connection:
            query = sa.select(schema.customer.c.name).where(schema.customer.c.number == number)
            return connection.execute(query).scalar() or ""

    def runs(self, limit: int = 50) -> Sequence[ImportRun]:
        """See Imports.runs."""
        query = sa.select(schema.import_run).order_by(_r.id.desc()).limit(limit)
        with self._reading() as connection:
            return [_run_from(row) for row in connection.execute(query).mappings()]

    # ---- one import -------------------------------------------------------------------------

    def begin(self, file_name: str, digest: str, shape: str, scope: Scope, as_of: datetime) -> ImportRun:
        """See Imports.begin."""
        with self._write() as connection:
            if connection.dialect.name != "sqlite":  # BEGIN IMMEDIATE locked all of SQLite
                connection.exec_driver_sql("LOCK TABLE import_run IN SHARE ROW EXCLUSIVE MODE")
            open_run = sa.select(schema.import_run).where(_r.finished_at.is_(None), _r.undone_at.is_(None))
            found = connection.execute(open_run).mappings().first()
            if found is not None:
                raise KnownError(
                    f"An import of {found['file_name']} at desk {found['desk']} is not finished.",
                    "Wait for it. If it was interrupted, press Undo last import.",
                    f"Wait for it. If it was interrupted, undo it: {COMMAND} import --undo.",
                )
            values = {
                "file_name": tidied(file_name),
                "digest": digest,
                "shape": shape,
                "scope": scope.value,
                "as_of": as_of,
                "desk": self._who[0],
                "user": self._who[1],
                "started_at": self._clock.now(),
            }
            # A table that is empty now gets only rows newer than the file. The import never overwrites
            # them, so it needs no copies.
            self._full = {table for table in _BEFORE if _has_rows(connection, table)}
            self._newer = _newer_than(connection, as_of)
            key = connection.execute(sa.insert(schema.import_run), values).inserted_primary_key
            assert key is not None
            return self._run(connection, int(key[0]))

    def add(
        self, run: ImportRun, invoices: Sequence[InvoiceRow], customers: Sequence[CustomerRow]
    ) -> tuple[set[str], set[str]] | None:
        """Write one chunk. Returns None if all of it was written.

        Otherwise it returns the numbers that an earlier chunk had, and those PayDesk read later than the
        file. It left out both. Of a number that is twice in this chunk it wrote the first.
        """
        barred: set[str] = set()
        if self._newer.runs and invoices:
            with self._reading() as connection:
                barred = self._barred(connection, invoices)
            invoices = [row for row in invoices if row[0] not in barred]
        found = self._add(run, invoices, customers)
        if found is None:
            return (set(), barred) if barred else None
        return found[0], found[1] | barred

    def _add(
        self, run: ImportRun, invoices: Sequence[InvoiceRow], customers: Sequence[CustomerRow]
    ) -> tuple[set[str], set[str]] | None:
        try:
            with self._write() as connection:
                if self._put_invoices(connection, run, invoices) != len(invoices):
                    raise _InTheWay
                self._put_customers(connection, run, customers)
            return None
        except _InTheWay:  # nothing was written: find the rows in the way, and write the others
            pass
        with self._write() as connection:
            before, newer = self._in_the_way(connection, run, [row[0] for row in invoices])
            first = {row[0]: row for row in reversed(invoices)}
            fresh = [row for number, row in first.items() if number not in before | newer]
            self._put_invoices(connection, run, fresh)
            self._put_customers(connection, run, customers)
        return before, newer

    def withdraw(self, run: ImportRun, numbers: Sequence[str]) -> Mapping[str, Money]:
        """See Imports.withdraw."""
        found: dict[str, Money] = {}
        for at in range(0, len(numbers), STEP):
            part = sorted(numbers[at : at + STEP])
            with self._write() as connection:
                mine = sa.select(_i.number, _i.balance_cents).where(
                    _i.number.in_(part), _i.import_id == run.id
                )
                found |= {row.number: Money(row.balance_cents) for row in connection.execute(mine)}
                self._put_back(connection, run, schema.invoice, part)
                b = schema.invoice_before.c  # as if the file had not had them: they may be closed yet
                kept = sa.and_(b.run_id == run.id, b.number.in_(part))
                connection.execute(sa.delete(schema.invoice_before).where(kept))
        return found

    def customers(self, run: ImportRun) -> int:
        """See Imports.customers."""
        c = schema.customer.c
        with self._reading() as connection:
            query = sa.select(sa.func.count()).select_from(schema.customer).where(c.import_id == run.id)
            return connection.execute(query).scalar_one()

    def newest(self, run: ImportRun) -> ImportRun | None:
        """See Imports.newest."""
        where = (*_COUNTS, _r.as_of >= run.as_of, _r.digest != run.digest)
        query = sa.select(schema.import_run).where(*where).order_by(_r.as_of.desc()).limit(1)
        with self._reading() as connection:
            found = connection.execute(query).mappings().first()
        return _run_from(found) if found is not None else None

    def zeroed(self, run: ImportRun) -> Sequence[str]:
        """See Imports.zeroed."""
        if schema.invoice not in self._full:
            return []
        b = schema.invoice_before.c
        were_open = [b.run_id == run.id, b.balance_cents != 0, b.import_id.is_not(None)]
        closed = [_i.number == b.number, _i.import_id == run.id, _i.balance_cents == 0]
        with self._reading() as connection:
            return list(connection.execute(sa.select(b.number).where(*were_open, *closed)).scalars())

    def missing(self, run: ImportRun) -> tuple[int, int]:
        """See Imports.missing."""
        if schema.invoice not in self._full:
            return 0, 0
        b = schema.invoice_before.c
        were_open = [b.run_id == run.id, b.balance_cents != 0, b.import_id.is_not(None)]
        with self._reading() as connection:
            lacking = connection.execute(sa.select(sa.func.count()).where(*self._lacking(run))).scalar_one()
            named = connection.execute(sa.select(sa.func.count()).where(*were_open)).scalar_one()
        return lacking, lacking + named

    def finish(self, run: ImportRun) -> ImportRun:
        """See Imports.finish."""
        closed = 0
        if not run.unproven:
            closed = sum(self._close(run, numbers) for numbers in self._missing(run))
        self._drop_kept(but=run.id)  # so the import before can no longer be undone
        values = {
            "accepted": run.accepted,
            "rejected": run.rejected,
            "closed": closed,
            "open_cents": run.open_total.cents,
            "missing": run.missing,
            "compared": run.compared,
            "unproven": " ".join(run.unproven),
            "finished_at": self._clock.now(),
        }
        with self._write() as connection:
            connection.execute(sa.update(schema.import_run).where(_r.id == run.id).values(**values))
            return self._run(connection, run.id)

    def close(self, run: ImportRun, count: int) -> ImportRun:
        """See Imports.close."""
        later = sa.select(_r.id).where(_r.id > run.id, _r.undone_at.is_(None)).limit(1)
        with self._reading() as connection:
            kept = self._run(connection, run.id)
            if kept.undone_at is not None or connection.execute(later).first() is not None:
                raise KnownError("A later import has begun since.", "Import the newest complete list again.")
        found = [number for numbers in self._missing(run) for number in numbers]
        if len(found) != count:
            raise KnownError(
                f"This import would close {len(found):,}, not {count:,}. Nothing was closed.",
                "Check the figures, and confirm the number.",
            )
        closed = sum(self._close(run, found[at : at + STEP]) for at in range(0, len(found), STEP))
        with self._write() as connection:
            values = {"closed": kept.closed + closed, "unproven": ""}
            connection.execute(sa.update(schema.import_run).where(_r.id == run.id).values(**values))
            return self._run(connection, run.id)

    def undo(self, run_id: int) -> ImportRun:
        """Restore the rows that the newest import overwrote. A row read live since then stays unchanged.

        Raises KnownError for any other import, and for one undone already.
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
        """Write invoices and return their number. It is lower if one is newer or was in the file before."""
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
        """Write customers as in the file.

        Fields it leaves empty stay unchanged, and so do those a newer file told.
        """
        if not rows:
            return
        self._lock_and_keep(connection, run, schema.customer, rows)
        first, second = ("customer", "excluded") if self._newer.runs else ("excluded", "customer")
        told = {
            name: f"CASE WHEN {first}.{name} = '' THEN {second}.{name} ELSE {first}.{name} END"
            for name in _CUSTOMER_TEXTS
        }
        columns = ("number", *_CUSTOMER_TEXTS)
        sql = _put_sql(connection, schema.customer, columns, run.started_at, run.id, told, "1 = 1")
        connection.exec_driver_sql(sql, _in_order(connection, rows))

    def _lock_and_keep(
        self, connection: sa.Connection, run: ImportRun, table: sa.Table, rows: Sequence[Sequence[Any]]
    ) -> None:
        """Lock the rows and copy them. A table empty at the start has no rows to copy or lock."""
        if table in self._full:
            numbers = [row[0] for row in rows]
            lock_in_order(connection, table.c.number, numbers)
            self._keep(connection, run, table, numbers)

    def _keep(
        self, connection: sa.Connection, run: ImportRun, table: sa.Table, numbers: Sequence[str]
    ) -> None:
        """Copy these rows once, before this import changes them."""
        before = _BEFORE[table]
        old = sa.and_(
            table.c.number.in_(numbers), sa.or_(table.c.import_id.is_(None), table.c.import_id != run.id)
        )
        copied = sa.select(sa.literal(run.id), *table.columns).where(old)
        connection.execute(sa.insert(before).from_select([column.name for column in before.columns], copied))

    def _drop_kept(self, *, of: int | None = None, but: int | None = None) -> None:
        """Delete the copies made by one import, or by all imports but one."""
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

    def _barred(self, connection: sa.Connection, rows: Sequence[InvoiceRow]) -> set[str]:
        """Return the invoices that a newer file lacked: an older one does not open them."""
        numbers = [row[0] for row in rows]
        known = set(connection.execute(sa.select(_i.number).where(_i.number.in_(numbers))).scalars())
        new = {row[0]: row[1] for row in rows if row[0] not in known}
        if self._newer.all_customers:
            return set(new)
        theirs = sa.select(_i.customer_number).where(
            _i.import_id.in_(self._newer.runs), _i.customer_number.in_(set(new.values()))
        )
        customers = set(connection.execute(theirs).scalars())
        return {number for number, customer in new.items() if customer in customers}

    def _missing(self, run: ImportRun) -> Iterator[list[str]]:
        """Yield, in batches, open invoices of earlier files that this one lacks."""
        if schema.invoice not in self._full:
            return iter(())
        return self._numbers(schema.invoice, *self._lacking(run))

    def _lacking(self, run: ImportRun) -> list[sa.ColumnElement[bool]]:
        where = [_i.import_id != run.id, _i.balance_cents != 0, _i.read_at <= run.as_of]
        if run.scope is Scope.CUSTOMERS:
            named = schema.invoice.alias("named")
            mine = sa.select(named.c.customer_number).where(named.c.import_id == run.id)
            where.append(_i.customer_number.in_(mine))
        return where

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
            paid = sa.exists().where(_l.invoice_number == n)  # a payment's foreign key needs the row
            closed = sa.update(table).where(*mine, paid).values(balance_cents=0, import_id=None)
            connection.execute(closed)
        connection.execute(sa.delete(table).where(*mine))

    # ---- parts ------------------------------------------------------------------------------

    def _numbers(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> Iterator[list[str]]:
        """Yield the numbers of the rows in order, in batches."""
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
        with known_errors(self._path), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with known_errors(self._path), self._read.begin() as connection:
            yield connection

    def _run(self, connection: sa.Connection, run_id: int) -> ImportRun:
        query = sa.select(schema.import_run).where(_r.id == run_id)
        return _run_from(connection.execute(query).mappings().one())


class _InTheWay(Exception):
    pass


_COUNTS = (_r.finished_at.is_not(None), _r.undone_at.is_(None), _r.accepted > 0)
"""Condition of an import whose invoices are in use."""


@dataclass(frozen=True, slots=True)
class _Newer:
    """Imports that are newer than the file.

    ``all_customers`` is True if one may have listed every invoice.
    """

    runs: tuple[int, ...] = ()
    all_customers: bool = False


def _newer_than(connection: sa.Connection, as_of: datetime) -> _Newer:
    query = sa.select(_r.id, _r.scope).where(*_COUNTS, _r.as_of > as_of)
    found = connection.execute(query).all()
    return _Newer(tuple(row.id for row in found), any(row.scope != Scope.CUSTOMERS.value for row in found))


def _put_sql(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    read_at: datetime,
    run_id: int,
    told: Mapping[str, str],
    where: str,
) -> str:
    """Return an upsert for the driver itself: SQLAlchemy would be too slow for a million rows."""
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
    """Sort the rows where they are locked one by one, so that desks cannot deadlock."""
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
        how=row["shape"],
        missing=row["missing"],
        compared=row["compared"],
        unproven=tuple(map(Unproven, row["unproven"].split())),
    )
