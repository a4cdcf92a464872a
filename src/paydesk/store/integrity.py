"""Whether a ledger file is whole: every page authentic, every table and index sound."""

from __future__ import annotations

import sqlalchemy as sa

from paydesk.store.engine import READ
from paydesk.store.trouble import LedgerDamaged, trouble_in_words


def require_whole(engine: sa.Engine, place: str, *, thorough: bool = False) -> None:
    """Raise LedgerDamaged for a file that is not as it was written; takes about a second for 100 MB.

    ``thorough`` also compares every index with its table.
    """
    if engine.dialect.name != "sqlite":  # PostgreSQL checks each page as it is read
        return
    with trouble_in_words(place):
        # Another PayDesk may just be writing pages back: if so once more, with the file to ourselves.
        if _faults(engine.execution_options(**READ), thorough) and _faults(engine, thorough):
            raise LedgerDamaged(
                f"The ledger {place} is damaged.",
                "Do not take payments on this desk. Restore the newest backup (docs/ledger.md), "
                "or ask your administrator.",
            )


def _faults(engine: sa.Engine, thorough: bool) -> list[str]:
    with engine.connect() as connection:
        # SQLCipher checks the seal of every page; the standard library's SQLite has no answer to that.
        seals = connection.exec_driver_sql("PRAGMA cipher_integrity_check")
        pages = seals.scalars().all() if seals.returns_rows else []
        check = "integrity_check" if thorough else "quick_check"
        tables = connection.exec_driver_sql(f"PRAGMA {check}").scalars().all()
    return [str(fault) for fault in (*pages, *tables) if fault != "ok"]
