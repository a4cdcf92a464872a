"""AndDone's list of payments: read in pages, kept, and extended by what is new.

A charge must not wait for all pages of a week. So the last whole reading is kept, and a look reads the newest
rows only. It is complete for these reasons:

- AndDone counts all rows of the days asked for with each page. If that count equals the rows kept and the
  rows read now, no row is missing, wherever it appeared: a payment from the portal, or one that the list
  shows late. If the counts differ, everything is read again.
- A row that the caller decides by, or that may still get an invoice number, is asked for by its id, if it is
  not among the newest rows. So its state is never an old one.
- Other days, a row that vanished, or a reading older than ``KEPT_S`` lead to a whole reading, too.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Charge
from paydesk.gateways.anddone import names
from paydesk.gateways.anddone.answers import refund_of, to_charge
from paydesk.gateways.anddone.rows import payments_in, refunded_in
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import Fields, WrongAnswer
from paydesk.services.ports.processor import Concerns

_MOST_ROWS = 20_000
_PAGING_S = 120.0
_MOST_IDS = 50
"""Ids in one request, so that its address stays short."""
_ID: Final = re.compile(r"[\w-]{1,64}")
_MOST_KEPT: Final = 4
"""Readings to keep, each of other days."""
KEPT_S: Final = 2 * 3600.0
"""Seconds for which a whole reading is extended. Each hour's comparison reads everything anew."""
_ODD_PAGES: Final = frozenset({200, 429, 500, 502, 503, 504})

Ask = Callable[[Mapping[str, str]], Reply]


@dataclass(frozen=True, slots=True)
class _Kept:
    days: tuple[date, date]
    rows: Mapping[str, Charge | None]
    """By id. None for a row that is neither a payment nor a refund."""
    read_s: float


class PaymentList:
    """The list of one merchant. Threads may share it."""

    def __init__(self, ask: Ask, page_size: int) -> None:
        self._ask = ask
        self._page_size = page_size
        self._lock = threading.Lock()
        self._kept: dict[tuple[date, date], _Kept] = {}

    def whole(self, first: date, last: date) -> Sequence[Charge]:
        """Read every page. Raises KnownError, or WrongAnswer for a page that breaks the contract."""
        started_s = time.monotonic()
        rows = {key: charge for page in self._pages(first, last) for key, charge in page.items()}
        self._keep(_Kept((first, last), rows, started_s), instead_of=None)
        return _charges(rows)

    def recent(self, first: date, last: date, concerns: Concerns) -> Sequence[Charge]:
        """Read what is new, and what ``concerns``. Raises as ``whole`` does."""
        with self._lock:
            kept = self._kept.get((first, last))
        if kept is None or time.monotonic() - kept.read_s > KEPT_S:
            return self.whole(first, last)
        total, newest = self._newest(first, last, kept)
        rows = {**kept.rows, **newest}
        asked = self._of_now(first, last, _changeable(rows, newest, concerns))
        if len(rows) != total or asked is None:
            return self.whole(first, last)
        rows |= asked
        self._keep(_Kept(kept.days, rows, kept.read_s), instead_of=kept)
        return _charges(rows)

    def _keep(self, read: _Kept, instead_of: _Kept | None) -> None:
        """Keep a reading, unless another thread has read everything since ``instead_of``."""
        with self._lock:
            if instead_of is not None and self._kept.get(read.days) is not instead_of:
                return
            self._kept.pop(read.days, None)
            self._kept[read.days] = read
            for days in [*self._kept][:-_MOST_KEPT]:
                del self._kept[days]

    def _newest(self, first: date, last: date, kept: _Kept) -> tuple[int, Mapping[str, Charge | None]]:
        """Return the number of all rows, and as many of the newest as complete the kept ones."""
        newest: dict[str, Charge | None] = {}
        while True:
            total, page = self._page(first, last, {"startRow": str(len(newest)), "asc": "false"})
            more = page.keys() - newest.keys()
            newest |= page
            if not more or len(kept.rows.keys() | newest.keys()) >= total:
                return total, newest

    def _of_now(self, first: date, last: date, ids: Sequence[str]) -> Mapping[str, Charge | None] | None:
        """Return these rows as they are now, or None if the list cannot be asked for them."""
        if not ids:
            return {}
        if len(ids) > min(_MOST_IDS, self._page_size) or not all(map(_ID.fullmatch, ids)):
            return None
        criteria = {"transactionIds": ",".join(ids), "startRow": "0", "asc": "false"}
        _, rows = self._page(first, last, criteria)
        return {key: rows[key] for key in ids} if rows.keys() >= set(ids) else None

    def _pages(self, first: date, last: date) -> Iterator[Mapping[str, Charge | None]]:
        """Yield the new rows of each page until every row was seen, even if the list grows meanwhile."""
        seen: set[str] = set()
        stalled = 0
        until = time.monotonic() + _PAGING_S
        while True:
            start = 0 if stalled else len(seen)  # a list that comes newest first grows at its head
            total, page = self._page(first, last, {"startRow": str(start), "asc": "true"})
            fresh = {key: charge for key, charge in page.items() if key not in seen}
            seen |= fresh.keys()
            stalled = 0 if fresh else stalled + 1
            yield fresh
            if len(seen) >= total:
                return
            if stalled > 1 or len(seen) > _MOST_ROWS or time.monotonic() > until:
                raise KnownError("AndDone's list of payments does not end.", "Try again in a minute.")

    def _page(
        self, first: date, last: date, criteria: Mapping[str, str]
    ) -> tuple[int, dict[str, Charge | None]]:
        """Return the number of all rows, and the rows of one page by id."""
        days = {"startDate": f"{first:%m-%d-%Y}", "endDate": f"{last:%m-%d-%Y}"}
        fields = self._ask({**days, **criteria, "pageSize": str(self._page_size)}).fields()
        rows = enumerate(fields.rows("data", of_any_kind=True), int(criteria["startRow"]))
        return _total(fields), {_key(row) or f"empty row {at}": _charge(row) for at, row in rows}


def is_page_or_refusal(reply: Reply) -> bool:
    """Return True for a page of the list, and for a refusal that another try would not change."""
    if reply.status != 200:
        return reply.status not in _ODD_PAGES
    try:
        fields = reply.fields()
        return _total(fields) >= 0 and all(True for _ in fields.rows("data", of_any_kind=True))
    except WrongAnswer:
        return False


def _total(fields: Fields) -> int:
    totals = (fields.whole(name) for name in names.ROW_TOTALS)
    total = next((count for count in totals if count is not None), None)
    if total is None:
        raise fields.wrong(names.ROW_TOTALS[0])
    return total


def _key(row: Fields) -> str:
    """Return the row's id, or a text that only an equal row has. Returns ``""`` for an empty row."""
    try:
        number = row.text("transactionId")
    except WrongAnswer:
        number = ""
    return number or (row.fingerprint() if row.has_any() else "")


def _charge(row: Fields) -> Charge | None:
    refunded = refunded_in(row)
    if refunded:
        return refund_of(refunded, _key(row))
    return next((to_charge(found) for found in payments_in((row,))), None)


def _charges(rows: Mapping[str, Charge | None]) -> Sequence[Charge]:
    return tuple(charge for charge in rows.values() if charge is not None)


def _changeable(
    rows: Mapping[str, Charge | None], newest: Iterable[str], concerns: Concerns
) -> Sequence[str]:
    """Return the ids of kept rows whose present state matters.

    These are the rows asked about, and undecided ones that name no invoice yet. A row without an id cannot be
    asked for, so it needs a whole reading, but only if it is asked about.
    """
    now = set(newest)
    kept = ((key, charge) for key, charge in rows.items() if charge is not None and key not in now)
    return [key for key, charge in kept if concerns(charge) or (_is_open(charge) and charge.processor_ref)]


def _is_open(charge: Charge) -> bool:
    """Return True if the row may still get an invoice number: it is not decided yet, and has none."""
    return charge.live and not charge.taken and not charge.invoice_numbers
