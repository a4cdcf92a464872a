"""The ledger's time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from paydesk.services.ports import Clock
from paydesk.store.schema import Utc

_NOW = sa.select(sa.func.clock_timestamp(type_=Utc))


def ledger_now(connection: sa.Connection, clock: Clock) -> datetime:
    """Now, in UTC, by one clock for all desks: the server's, or for a file that of its machine, ``clock``."""
    if connection.dialect.name != "postgresql":
        return clock.now()
    now = connection.execute(_NOW).scalar_one()
    assert isinstance(now, datetime)
    return now
