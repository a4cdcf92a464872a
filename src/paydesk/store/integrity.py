"""Whether a ledger file is whole: every page authentic, every table and index sound."""

from __future__ import annotations

import sqlalchemy as sa

from paydesk.store.engine import READ
from paydesk.store.trouble import LedgerDamaged, trouble_in_words


def require_whole(engine: sa.Engine, place: str, *, thorough: bool = False) -> None:
    """Raise LedgerDamaged for a file that is not as it was written; takes about a second for 100 MB.

    ``thorough`` also compares every index with its table.
    """
    with trouble_in_words(place), engine.connect() as connection:
        if engine.dialect.name != "sqlite":  # PostgreSQL checks each page as it is read
            return
        if _faults(connection.execution_options(**READ), thorough):
            # Another PayDesk may just be writing pages back: once more, with the file to ourselves.
            connection.rollback()
            connection.execution_options(paydesk_read=False)
            if _faults(connection, thorough):
                raise LedgerDamaged(
                    f"The ledger {place} is damaged.",
                    "Do not take payments on this desk. Restore the newest backup (docs/ledger.md), "
                    "or ask your administrator.",
                )


def _faults(connection: sa.Connection, thorough: bool) -> list[str]:
    # SQLCipher checks the seal of every page; the standard library's SQLite does not know the word.
    pages = connection.exec_driver_sql("PRAGMA cipher_integrity_check").scalars().all()
    check = "integrity_check" if thorough else "quick_check"
    tables = connection.exec_driver_sql(f"PRAGMA {check}").scalars().all()
    return [str(fault) for fault in (*pages, *tables) if fault != "ok"]
