"""The ledger's time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from paydesk.services.ports.clock import Clock
from paydesk.store.tables.schema import Utc

_NOW = sa.select(sa.func.clock_timestamp(type_=Utc))


def ledger_now(connection: sa.Connection, clock: Clock) -> datetime:
    """Return the time in UTC by one clock for all desks.

    This is the server's clock or, for a file, this computer's ``clock``.
    """
    if connection.dialect.name != "postgresql":
        return clock.now()
    now = connection.execute(_NOW).scalar_one()
    assert isinstance(now, datetime)
    return now
