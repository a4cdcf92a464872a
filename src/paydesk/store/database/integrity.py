"""Integrity check of a ledger file: every page authentic, every table and index sound."""

from __future__ import annotations

import sqlalchemy as sa

from paydesk.store.database import words
from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ


def require_whole(engine: sa.Engine, place: str, *, thorough: bool = False) -> None:
    """Raise LedgerDamaged if the file is not as it was written. Takes about a second for 100 MB.

    ``thorough`` also compares every index with its table.
    """
    if engine.dialect.name != "sqlite":  # PostgreSQL checks each page when it reads it
        return
    reading = engine.execution_options(**READ)
    with known_errors(place):
        found = _faults(reading, thorough)
        # A page that is being written may look torn once, but not twice.
        if found and {*found} & {*_faults(reading, thorough)}:
            raise words.damaged(place)


def _faults(engine: sa.Engine, thorough: bool) -> list[str]:
    with engine.connect() as connection:
        # SQLCipher checks the HMAC of every page. The standard library's SQLite returns no rows here.
        seals = connection.exec_driver_sql("PRAGMA cipher_integrity_check")
        pages = seals.scalars().all() if seals.returns_rows else []
        check = "integrity_check" if thorough else "quick_check"
        tables = connection.exec_driver_sql(f"PRAGMA {check}").scalars().all()
    return [str(fault) for fault in (*pages, *tables) if fault != "ok"]
