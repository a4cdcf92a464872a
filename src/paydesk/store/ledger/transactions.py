"""Transactions of one desk on the ledger, the locks they take first, and the events they append."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from paydesk.domain.events import MONEY_MOVED, EventKind
from paydesk.domain.typed.plain_texts import tidied
from paydesk.services.ports.clock import Clock
from paydesk.store.database.errors import known_errors
from paydesk.store.database.maintenance import NoMaintenance
from paydesk.store.database.sqlite import READ
from paydesk.store.ledger.card_data import refuse_card_data
from paydesk.store.tables import events, queries, schema
from paydesk.store.tables.clock import ledger_now

_MONEY = "money_moved"
"""Key of a connection's information: True if its transaction recorded that money moved."""
_PROCESSORS_OWN = frozenset({"charge"})
"""Details that are ids of the processor. One that is all digits may look like a card number by chance."""


class Transactions:
    """Access to the ledger's database for everything a desk reads and writes."""

    def __init__(
        self,
        engine: sa.Engine,
        clock: Clock,
        *,
        who: tuple[str, str],
        place: str,
        maintenance: NoMaintenance | None = None,
    ) -> None:
        """Keep ``who`` (desk and user) for the events and ``place`` (the ledger's name) for sentences."""
        self.engine = engine
        self.who = (tidied(schema.keepable(who[0])), tidied(schema.keepable(who[1])))
        self.place = place
        self.maintenance = maintenance or NoMaintenance()
        self.clock = clock
        self._read = engine.execution_options(**READ)

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a transaction that reads one snapshot. Raises KnownError if the ledger is unreachable."""
        with known_errors(self.place), self._read.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction that commits at the end. Raises KnownError if the ledger is unreachable."""
        with known_errors(self.place):
            with self.engine.begin() as connection:
                connection.info.pop(events.HEAD, None)
                connection.info.pop(_MONEY, None)
                yield connection
                head = connection.info.pop(events.HEAD, None)
                money = connection.info.pop(_MONEY, False)
            if head is not None:
                self.maintenance.committed(head, money=money)

    def now(self, connection: sa.Connection) -> datetime:
        """Return the ledger's time in UTC."""
        return ledger_now(connection, self.clock)

    def lock_payment(self, connection: sa.Connection, payment_id: int) -> None:
        """Lock a payment's invoices, then the payment."""
        if connection.dialect.name != "sqlite":  # BEGIN IMMEDIATE locked all of SQLite
            connection.execute(queries.LOCK_INVOICES_OF, {"wanted": payment_id})
            connection.execute(queries.LOCK_PAYMENT, {"wanted": payment_id})

    def event(
        self, connection: sa.Connection, payment_id: int | None, kind: EventKind, at: datetime, **detail: str
    ) -> None:
        """Append one event in the caller's transaction. ``at`` is UTC."""
        connection.info[events.HEAD] = events.append(connection, payment_id, at, self.who, kind, detail)
        if kind in MONEY_MOVED:
            connection.info[_MONEY] = True

    def anchor(self, connection: sa.Connection) -> str:
        """Return the hash of the newest event of this transaction, which a receipt names."""
        return str(connection.info[events.HEAD])

    def note(self, payment_id: int | None, kind: EventKind, detail: dict[str, str]) -> None:
        """See Ledger.note."""
        refuse_card_data({key: text for key, text in detail.items() if key not in _PROCESSORS_OWN})
        with self.write() as connection:
            self.event(connection, payment_id, kind, self.now(connection), **detail)
