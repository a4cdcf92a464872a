"""Books and balances in a file, so that a training desk finds them again.

The file is JSON: whatever somebody puts into it is data, and runs nothing.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from cattrs import BaseValidationError
from cattrs.preconf.json import make_converter

from paydesk.domain.money import Money
from paydesk.sandbox.ams360.agency import Agency
from paydesk.sandbox.ams360.receipts import Posted
from paydesk.sandbox.anddone.books import Books, Charge, Intent, Link, Notice

CHANGES: Final = frozenset(
    {
        "createPayment", "createPaymentIntent", "expirePaymentIntent", "createRefund", "voidPayment",
        "createPaymentLink", "updatePaymentLink", "expirePaymentLink", "payHostedPage", "payLinkPage",
        "postCustomerReceipt", "createImportDeposit", "postCustomerActivity",
    }
)  # fmt: skip
"""Operations that change the saved state."""

_UNREADABLE: Final = (
    OSError, ValueError, TypeError, AttributeError, KeyError, ArithmeticError, RecursionError,
    BaseValidationError,
)  # fmt: skip
_DECIMAL: Final = "$decimal"
"""Key of an object that stands for a decimal of an echoed request: a JSON number would lose its zeros."""

_json = make_converter()
_json.register_unstructure_hook(Money, lambda money: money.cents)
_json.register_structure_hook(Money, lambda cents, _: Money(int(cents)))
_json.register_unstructure_hook(Decimal, lambda number: {_DECIMAL: str(number)})


@dataclass(slots=True)
class Kept:
    """State that survives a run. It contains no card or account number."""

    agency: Agency
    books: Books = field(default_factory=Books)
    posted: Posted = field(default_factory=Posted)
    clock_shift: timedelta = timedelta(0)
    """The time by which the clock was moved."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """The state as the file has it: everything once. The books find it by several keys."""

    agency: Agency
    intents: list[Intent]
    charges: list[Charge]
    posted: Posted
    links: list[Link] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    clock_shift_s: float = 0.0


class StateFile:
    """One file, replaced as a whole. Callers hold the locks of the state they save."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Kept | None:
        """Return the saved state, or None if there is none that this version can read."""
        try:
            raw = json.loads(self._path.read_bytes(), object_hook=_decimal)
            saved = _json.structure(raw, _Saved)
        except _UNREADABLE:
            return None
        return Kept(saved.agency, _books(saved), saved.posted, timedelta(seconds=saved.clock_shift_s))

    def write(self, kept: Kept) -> None:
        """Replace the file. A crash leaves the old one or the new one.

        A virus scanner may hold it for a moment. It is tried again for a second, then OSError is raised.
        """
        books = kept.books
        saved = _Saved(
            agency=kept.agency,
            intents=list(books.intents.values()),
            charges=list(books.charges.values()),
            posted=kept.posted,
            links=list(books.links.values()),
            notices=books.notices,
            clock_shift_s=kept.clock_shift.total_seconds(),
        )
        replace(self._path, json.dumps(_json.unstructure(saved)))


def replace(path: Path, text: str) -> None:
    """Replace a whole file. A reader finds the old text or the new one. Raises OSError."""
    fresh = path.with_name(f"{path.name}.{os.urandom(8).hex()}.new")
    try:
        with fresh.open("x", encoding="utf-8") as file:  # nobody made it before, or made it a link
            file.write(text)
        _put(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _put(fresh: Path, path: Path) -> None:
    for last in (*[False] * 9, True):
        try:
            fresh.replace(path)
            return
        except PermissionError:
            if last:
                raise
        time.sleep(0.1)


def _decimal(found: dict[str, Any]) -> Any:
    return Decimal(found[_DECIMAL]) if found.keys() == {_DECIMAL} else found


def _books(saved: _Saved) -> Books:
    books = Books(notices=saved.notices)
    for link in saved.links:
        books.add_link(link)
    for intent in saved.intents:
        books.add_intent(intent)
    for charge in saved.charges:
        if charge.status == "Returned" and charge.back_code is None:  # saved by an earlier version
            charge.back_code, charge.charged_back = charge.outcome.returns_later, charge.total
        books.add_charge(charge)
        books.refunds |= {refund.transaction_id: refund for refund in charge.refunds}
    return books
