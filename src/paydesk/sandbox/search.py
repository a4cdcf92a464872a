"""The criteria of AndDone's payment search, and its paging."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from paydesk.sandbox.books import Charge, Refusal

DEFAULT_PAGE = 10
LARGEST_PAGE = 200
Test = Callable[[Charge], bool]


def search(charges: Iterable[Charge], query: Mapping[str, str], seen_until: datetime) -> list[Charge]:
    """Charges that meet every criterion, newest first unless ``asc``; unknown criteria are ignored.

    Charges made after ``seen_until`` are not found yet: a search may lag behind.
    """
    lowered = {name.lower(): value for name, value in query.items() if value}
    tests = [make(lowered[name]) for name, make in _CRITERIA.items() if name in lowered]
    found = [
        charge for charge in charges if charge.made_at <= seen_until and all(test(charge) for test in tests)
    ]
    return found if lowered.get("asc", "").lower() == "true" else found[::-1]


def page_of(found: list[Charge], query: Mapping[str, str]) -> list[Charge]:
    """One page of what was found: ``startRow`` from 0, ``pageSize`` at most LARGEST_PAGE."""
    start = _number(query.get("startRow") or "0")
    size = min(_number(query.get("pageSize") or str(DEFAULT_PAGE)), LARGEST_PAGE)
    return found[start : start + size]


def _from_day(text: str) -> Test:
    first = _day(text)
    return lambda charge: charge.made_at.date() >= first


def _to_day(text: str) -> Test:
    after = _day(text) + timedelta(days=1)
    return lambda charge: charge.made_at.date() < after


def _amount(text: str) -> Test:
    """By the amount before the fee or by the total: the vendor does not say which it means."""
    cents = _cents(text)
    return lambda charge: cents in (charge.amount.cents, charge.total.cents)


def _at_least(text: str) -> Test:
    cents = _cents(text)
    return lambda charge: charge.total.cents >= cents


def _at_most(text: str) -> Test:
    cents = _cents(text)
    return lambda charge: charge.total.cents <= cents


def _among(value_of: Callable[[Charge], str | None]) -> Callable[[str], Test]:
    """A criterion that takes one value or several separated by commas."""

    def make(text: str) -> Test:
        wanted = {part.strip() for part in text.split(",")}
        return lambda charge: value_of(charge) in wanted

    return make


_CRITERIA: dict[str, Callable[[str], Test]] = {
    "startdate": _from_day,
    "enddate": _to_day,
    "amount": _amount,
    "fromamount": _at_least,
    "toamount": _at_most,
    "transactionids": _among(lambda charge: charge.transaction_id),
    "transactionstatuses": _among(lambda charge: charge.status),
    "channeltypes": _among(lambda charge: charge.tender),
    "paymenttypes": _among(lambda charge: charge.payment_type),
    "referenceno": _among(lambda charge: charge.reference),
    "merchantreference": _among(lambda charge: charge.reference),
    "authcode": _among(lambda charge: charge.auth_code),
    "tracenumbers": _among(lambda charge: charge.trace_number),
    "customername": _among(lambda charge: charge.instrument.holder),
    "cardholdername": _among(lambda charge: charge.instrument.holder),
    "maskaccount": _among(lambda charge: charge.instrument.mask),
    "additionalfieldvalue": lambda text: lambda charge: text in charge.extra.values(),
    "searchtext": lambda text: lambda charge: charge.carries(text),
}


def _day(text: str) -> date:
    """MM-DD-YYYY."""
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
