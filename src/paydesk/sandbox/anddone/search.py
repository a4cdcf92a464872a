"""The criteria of AndDone's payment search, and its paging."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from paydesk.domain.money import Money
from paydesk.sandbox.anddone.books import Charge, Refund, Refusal
from paydesk.sandbox.server import keys

DEFAULT_PAGE = 10
LARGEST_PAGE = 200
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to be: a charge, or a refund of it."""

    charge: Charge
    refund: Refund | None = None

    @property
    def id(self) -> str:
        return (self.refund or self.charge).transaction_id

    @property
    def made_at(self) -> datetime:
        return (self.refund or self.charge).made_at

    @property
    def status(self) -> str:
        return (self.refund or self.charge).status

    @property
    def total(self) -> Money:
        return self.refund.amount if self.refund else self.charge.total


Test = Callable[[Entry], bool]


def entries_of(charges: Iterable[Charge], with_refunds: bool) -> list[Entry]:
    """Return the charges, and their refunds if they are asked for, by the time they were made."""
    entries = [
        Entry(charge, refund)
        for charge in charges
        for refund in (None, *(charge.refunds if with_refunds else ()))
    ]
    return sorted(entries, key=lambda entry: entry.made_at)


def search(entries: Iterable[Entry], query: Mapping[str, str], seen_until: datetime) -> list[Entry]:
    """Return the entries that meet every criterion, newest first unless ``asc``.

    It does not find what was made after ``seen_until``, because a search may lag behind. Raises Refusal for a
    criterion that it cannot judge: a list that ignores one would show more than was asked for.
    """
    lowered = {name.lower(): value for name, value in query.items() if value}
    tests = [_criterion(name)(value) for name, value in lowered.items() if name not in _PAGING]
    found = [entry for entry in entries if entry.made_at <= seen_until and all(test(entry) for test in tests)]
    return found if lowered.get("asc", "").lower() == "true" else found[::-1]


def asks_for_days_only(query: Mapping[str, str]) -> bool:
    """Return True if the query has no criteria but days."""
    return {name.lower() for name in query} <= _PAGING | {"startdate", "enddate"}


def _criterion(name: str) -> Callable[[str], Test]:
    if name not in _CRITERIA:
        raise Refusal("Key_InvalidRequest", f"The emulator cannot search by {name}.")
    return _CRITERIA[name]


def page_of(found: list[Found], query: Mapping[str, str], largest: int = LARGEST_PAGE) -> list[Found]:
    """Return one page of the result: ``startRow`` from 0, ``pageSize`` at most ``largest``."""
    start = _number(query.get("startRow") or "0")
    size = min(_number(query.get("pageSize") or str(DEFAULT_PAGE)), largest)
    return found[start : start + size]


def _from_day(text: str) -> Test:
    first = _day(text)
    return lambda entry: entry.made_at.date() >= first


def _to_day(text: str) -> Test:
    after = _day(text) + timedelta(days=1)
    return lambda entry: entry.made_at.date() < after


def _amount(text: str) -> Test:
    """Match the amount before the fee or the total: the vendor does not say which it means."""
    cents = _cents(text)
    return lambda entry: cents in (entry.charge.amount.cents, entry.total.cents)


def _at_least(text: str) -> Test:
    cents = _cents(text)
    return lambda entry: entry.total.cents >= cents


def _at_most(text: str) -> Test:
    cents = _cents(text)
    return lambda entry: entry.total.cents <= cents


def _among(value_of: Callable[[Entry], str | None]) -> Callable[[str], Test]:
    """Return a criterion that takes one value or several separated by commas."""

    def make(text: str) -> Test:
        wanted = {part.strip() for part in text.split(",")}
        return lambda entry: value_of(entry) in wanted

    return make


def _flag(value_of: Callable[[Entry], bool]) -> Callable[[str], Test]:
    """Return a criterion that is true or false."""

    def make(text: str) -> Test:
        if text.lower() not in ("true", "false"):
            raise Refusal("Key_InvalidRequest", "A flag is true or false.")
        return lambda entry: value_of(entry) is (text.lower() == "true")

    return make


_PAGING = frozenset({"startrow", "pagesize", "asc", "transactionscount"})
"""Parameters of the query that choose no rows."""

_CRITERIA: dict[str, Callable[[str], Test]] = {
    "startdate": _from_day,
    "enddate": _to_day,
    "amount": _amount,
    "fromamount": _at_least,
    "toamount": _at_most,
    "transactionids": _among(lambda entry: entry.id),
    "transactionstatuses": _among(lambda entry: entry.status),
    "channeltypes": _among(lambda entry: entry.charge.tender),
    "paymenttypes": _among(lambda entry: entry.charge.payment_type),
    "referenceno": _among(lambda entry: entry.charge.reference),
    "merchantreference": _among(lambda entry: entry.charge.reference),
    "authcode": _among(lambda entry: entry.charge.auth_code),
    "tracenumbers": _among(lambda entry: entry.charge.trace_number),
    "customername": _among(lambda entry: entry.charge.instrument.holder),
    "cardholdername": _among(lambda entry: entry.charge.instrument.holder),
    "shoppername": _among(lambda entry: entry.charge.instrument.holder),
    "binnumber": _among(lambda entry: entry.charge.instrument.bin_number),
    "merchantid": _among(lambda _: keys.ANDDONE_APP_KEY),
    "transactiontype": _among(lambda entry: "Refund" if entry.refund else "Sale"),
    "referencetransactionid": _among(lambda entry: entry.charge.transaction_id if entry.refund else None),
    "paymentcategories": _among(lambda _: "MerchantPayment"),
    "processmethod": _among(lambda entry: entry.charge.process_method),
    "transactionorigins": _among(lambda entry: entry.charge.origin),
    "suppresstechnologyfee": _flag(lambda entry: bool(entry.charge.wire.get("suppressTechnologyFee"))),
    "maskaccount": _among(lambda entry: entry.charge.instrument.mask),
    "additionalfieldvalue": lambda text: lambda entry: text in entry.charge.extra.values(),
    "searchtext": lambda text: lambda entry: entry.charge.carries(text),
}
"""Criteria by their name in lower case, because the vendor's samples mix both."""


def _day(text: str) -> date:
    """Parse MM-DD-YYYY."""
    try:
        month, day, year = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError:
        raise Refusal("Key_InvalidRequest", "A date is not MM-DD-YYYY.") from None


def _cents(text: str) -> int:
    try:
        return int(Decimal(text) * 100)
    except (InvalidOperation, OverflowError, ValueError):
        raise Refusal("Key_InvalidAmount", "An amount is not a number.") from None


def _number(text: str) -> int:
    if not text.isdecimal():
        raise Refusal("Key_InvalidRequest", "startRow and pageSize are whole numbers.")
    return int(text)
