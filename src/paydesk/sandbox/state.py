"""Books and balances kept in a file, so that a training desk finds its world again."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from paydesk.sandbox.agency import Agency
from paydesk.sandbox.ams360_receipts import Posted
from paydesk.sandbox.books import Books

CHANGES: Final = frozenset(
    {
        "createPayment", "createPaymentIntent", "expirePaymentIntent", "createRefund", "voidPayment",
        "postCustomerReceipt", "createImportDeposit", "postCustomerActivity",
    }
)  # fmt: skip
"""The operations that change what is kept."""
_UNREADABLE: Final = (
    OSError, EOFError, AttributeError, ImportError, ValueError, TypeError, pickle.UnpicklingError,
)  # fmt: skip


@dataclass(slots=True)
class Kept:
    """Everything that outlives a run. No card or account number is among it."""

    agency: Agency
    books: Books = field(default_factory=Books)
    posted: Posted = field(default_factory=Posted)


class _Reader(pickle.Unpickler):
    """Reads our own values and no others, so that a foreign file can run nothing."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("datetime", "decimal") or module.startswith("paydesk."):
            found = super().find_class(module, name)
            # Not what a module of ours has merely imported, and nothing that acts when called.
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} does not belong here")


class StateFile:
    """One file, replaced as a whole; callers hold the locks of what they keep."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Kept | None:
        """What was kept, or None when there is nothing that this version can read."""
        try:
            with self._path.open("rb") as file:
                kept = _Reader(file).load()
        except _UNREADABLE:
            return None
        return kept if isinstance(kept, Kept) else None

    def write(self, kept: Kept) -> None:
        """Replace the file; a crash leaves the old one or the new one."""
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(pickle.dumps(kept))
        os.replace(fresh, self._path)
