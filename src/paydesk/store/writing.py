"""What every step that writes the ledger rests on: the desk's session, its transactions, one way to move."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from paydesk.domain.payment import NEXT, Payment, State
from paydesk.services.ports import Clock, StaleMove, Undecided
from paydesk.store import events, queries, rows, schema
from paydesk.store.care import Unattended
from paydesk.store.desk_locks import DeskLocks
from paydesk.store.reading import LedgerReader
from paydesk.store.sessions import DeskSession
from paydesk.store.trouble import LedgerTrouble, trouble_in_words

_p, _s, _v = schema.payment.c, schema.desk_session.c, schema.void.c
_UNDECIDED = (
    queries.PAYMENTS.add_columns(_s.seen_at, _s.ended_at, _s.host, _s.lock)
    .join(schema.desk_session, _s.id == _p.session_id)
    .where(_p.decided_at.is_(None), _p.state.in_(queries.OPEN_STATES))
    .order_by(_p.id)
)
# By itself SQLite would go through all payments: it keeps what stands before a LEFT JOIN in its place.
_BEING_VOIDED = sa.select(_v.payment_id).where(_v.ended_at.is_(None)).correlate(None)
_VOIDING = (
    queries.PAYMENTS.add_columns(
        _s.seen_at, _s.ended_at, _s.host, _s.lock, _s.id.label("asked_by"), _v.asked_at,
        _v.id.label("void_attempt"),
    )
    .join(schema.void, _v.payment_id == _p.id)
    .join(schema.desk_session, _s.id == _v.session_id)
    .where(_v.ended_at.is_(None), _p.id.in_(_BEING_VOIDED))
    .order_by(_p.id)
)  # fmt: skip


class LedgerWriter(LedgerReader):
    """One desk's session on the ledger, and the parts its transactions are made of."""

    def __init__(
        self,
        engine: sa.Engine,
        clock: Clock,
        *,
        desk: str,
        user: str,
        host: str,
        path: str,
        locks: Path | None = None,
        care: Unattended | None = None,
    ) -> None:
        """``path`` names the ledger in sentences; ``locks`` is the folder of this computer's desk locks.

        ``care`` looks after the ledger, and ends with it.
        """
        super().__init__(engine, clock, path)
        self._who = (schema.keepable(desk), schema.keepable(user))
        self._care = care or Unattended()
        self._session = DeskSession(DeskLocks(locks, host))
        try:
            with self._write() as connection:
                self._session.start(connection, self._who, self._now(connection))
        except LedgerTrouble:
            self._session.let_go()
            self._care.before_claim()  # which says so when the ledger is damaged
            raise

    def undecided(self) -> Sequence[Undecided]:
        """Payments that are claimed, submitted or unknown, oldest first; then those being voided."""
        with self._reading() as connection:
            now = self._now(connection)
            found = connection.execute(_UNDECIDED).mappings().all()
            voiding = connection.execute(_VOIDING).mappings().all()
            lines = self._lines(connection, [row["id"] for row in (*found, *voiding)])
            return [
                Undecided(
                    payment=rows.payment_from(row, lines.get(row["id"], []), row["receipt_number"] or ""),
                    mine=owner == self._session.id,
                    owner_alive=self._session.alive(row, now),
                    age_s=(now - began_at).total_seconds(),
                    void_attempt=attempt,
                )
                for row, owner, began_at, attempt in (
                    *((row, row["session_id"], row["submitted_at"] or row["claimed_at"], 0) for row in found),
                    *((row, row["asked_by"], row["asked_at"], row["void_attempt"]) for row in voiding),
                )
            ]

    def beat(self) -> None:
        """Say that this desk is alive; its claims hold as long as it does."""
        with self._write() as connection:
            self._session.beat(connection, self._now(connection))
        self._care.tick()

    def close(self) -> None:
        """End the desk's session and let go of the database; when that is away, lock and lease end it."""
        with contextlib.suppress(LedgerTrouble), self._write() as connection:
            self._session.end(connection, self._now(connection))
        self._session.let_go()
        self._care.close()
        self._engine.dispose()

    def note(self, payment_id: int | None, kind: str, detail: Mapping[str, str]) -> None:
        """Append an event that changes no state."""
        with self._write() as connection:
            self._event(connection, payment_id, kind, self._now(connection), **detail)

    # ---- parts ------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with trouble_in_words(self._path):
            with self._engine.begin() as connection:
                connection.info.pop(events.HEAD, None)
                yield connection
                head = connection.info.pop(events.HEAD, None)
            if head is not None:
                self._care.committed(head)

    def _lock_payment(self, connection: sa.Connection, payment_id: int) -> None:
        """Lock a payment, its invoices first."""
        if connection.dialect.name != "sqlite":
            connection.execute(queries.LOCK_INVOICES_OF, {"wanted": payment_id})
            connection.execute(queries.LOCK_PAYMENT, {"wanted": payment_id})

    def _locked(self, connection: sa.Connection, payment_id: int) -> Payment:
        """The payment as it stands, locked."""
        self._lock_payment(connection, payment_id)
        return self._payment(connection, payment_id)

    def _move(
        self, connection: sa.Connection, payment: Payment, new: State, now: datetime, **changes: Any
    ) -> Payment:
        """The one way a state changes: compare and swap along the table of legal moves, one event.

        ``changes`` are fields of the payment; it is returned as it stands then.
        """
        if new not in NEXT[payment.state]:
            raise StaleMove(
                f"This payment is already {payment.state.value.replace('_', ' ')}.",
                "Look it up in the Payments tab.",
            )
        moved = rows.moved(payment, new, changes)
        values = rows.change_values(moved, changes)
        swapped = {"payment_id": payment.id, "before": payment.state.value, "state": new.value, **values}
        if queries.SWAP.execute(connection, swapped) != 1:
            raise StaleMove("Another desk was faster with this payment.", "Look it up in the Payments tab.")
        said = {key: str(value) for key, value in values.items() if value is not None and key != "decided_at"}
        self._event(connection, payment.id, new, now, **said)
        return moved

    def _event(
        self, connection: sa.Connection, payment_id: int | None, kind: str, at: datetime, **detail: str
    ) -> None:
        head = events.append(connection, payment_id, at, self._who, str(kind), detail)
        connection.info[events.HEAD] = head
