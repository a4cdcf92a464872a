"""Single values of a report, in the spellings that reports have: numbers, amounts, dates, texts."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from paydesk.domain.invoice import zip5
from paydesk.domain.money import LARGEST_CENTS

LONGEST = 300
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


class Odd(Exception):
    """A value that cannot be taken; its text is the reason, "" where it only needs a second look."""


NUMBER = re.compile(r"0*([1-9][0-9]{0,9}(?:-[0-9]{1,2})?)")
TOTAL = re.compile(
    r"(?i)\W*((grand|sub|report|page|customer|agency|division|branch)[ -]?)?totals?\b"
    r"|page\b.*\d|\W*(end of|printed|run) "
)
_AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.([0-9]{0,2}))?")
_US_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d\d)(?:[ T]+\d{1,2}:\d\d.*)?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d\d:\d\d.*)?|(\d{4})(\d\d)(\d\d)")
_WORD_DATE = re.compile(r"(?i)(?:(\d{1,2})[- ])?([a-z]{3})[a-z]*\.?[- ](?:(\d{1,2}),? )?(\d{4}|\d\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def text_of(cell: object) -> str:
    """A cell as text: whole numbers without a point, dates as ISO, one line."""
    match cell:
        case None:
            return ""
        case str():
            return cell.strip() if cell.isprintable() else " ".join(cell.split())
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.date().isoformat()
        case _:
            return str(cell)


def cut(text: str) -> str:
    """A text as it is kept: printable, of a sane length."""
    return "".join(letter for letter in text if letter.isprintable())[:LONGEST].strip()


def invoice_number(text: str) -> str:
    """The number with its suffix, without leading zeros. Raises Odd."""
    if not text:
        raise Odd("no invoice number")
    found = NUMBER.fullmatch(text.lstrip("#").replace(" ", ""))
    if found is None:
        raise Odd(f"“{text[:40]}” is not an invoice number")
    return found[1]


def customer_number(text: str) -> str:
    """The number without leading zeros. Raises Odd."""
    found = re.fullmatch(r"0*([1-9][0-9]{0,9})", text.lstrip("#").replace(" ", ""))
    if found is None:
        raise Odd(f"“{text[:40]}” is not a customer number" if text else "no customer number")
    return found[1]


def zip_of(text: str) -> str:
    """Five digits or more, as they stand; Excel takes leading zeros off, they are put back."""
    digits = text if not text.isdecimal() or len(text) in (5, 9) else text.zfill(9 if len(text) > 5 else 5)
    return digits[:20] if zip5(digits) else ""


def cents_of(cell: object) -> int | None:
    """Cents of an amount in any of a report's spellings; None for a blank. Raises Odd."""
    if cell is None or isinstance(cell, bool):
        return None
    if isinstance(cell, int | float | Decimal):
        return _whole_cents(Decimal(str(cell)), str(cell))
    text = str(cell).strip()
    if not text or text in ("-", "–", "—"):
        return None
    bare = text.replace("\u2212", "-").replace("$", "").replace("USD", "").replace(" ", "").upper()
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        bare, negative = bare[1:-1], True
    for sign in ("CR", "-"):
        if bare.endswith(sign) and not negative:
            bare, negative = bare[: -len(sign)], True
    bare = bare.removesuffix("DR")
    if bare.startswith("-") and not negative:
        bare, negative = bare[1:], True
    found = _AMOUNT.fullmatch(bare)
    if found is None or not (found[1] or found[2]):
        raise Odd(f"“{text[:40]}” is not an amount")
    cents = _whole_cents(Decimal(bare.replace(",", "") or "0"), text)
    return -cents if negative else cents


def _whole_cents(dollars: Decimal, text: str) -> int:
    try:
        cents = (dollars * 100).quantize(Decimal(1))
    except InvalidOperation:
        raise Odd(f"“{text[:40]}” is not an amount") from None
    # A sum that Excel made may be off by its binary fraction; a real fraction of a cent is an error.
    if abs(cents - dollars * 100) > Decimal("0.0001") or abs(cents) > LARGEST_CENTS:
        raise Odd(f"“{text[:40]}” is not an amount of dollars and cents")
    return int(cents)


def day_of(value: object) -> str | None:
    """An ISO date; None for a blank or an empty date of a database. Raises Odd."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat() if value.year >= _FIRST_YEAR else None
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    found = _parts(text)
    if found is None:
        raise Odd(f"“{text[:40]}” is not a date")
    year, month, day = found
    if year < _FIRST_YEAR:
        return None
    try:
        if year > _LAST_YEAR:
            raise ValueError
        return date(year, month, day).isoformat()
    except ValueError:
        raise Odd(f"“{text[:40]}” is not a date") from None


def _parts(text: str) -> tuple[int, int, int] | None:
    if found := _US_DATE.fullmatch(text):
        return _year(found[3]), int(found[1]), int(found[2])
    if found := _ISO_DATE.fullmatch(text):
        parts = [int(part) for part in found.groups() if part]
        return parts[0], parts[1], parts[2]
    found = _WORD_DATE.fullmatch(text)
    if found is None or found[2].lower() not in _MONTHS or not (found[1] or found[3]):
        return None
    return _year(found[4]), _MONTHS.index(found[2].lower()) + 1, int(found[1] or found[3])


def _year(digits: str) -> int:
    """Two digits are of this century."""
    return int(digits) + (2000 if len(digits) == 2 else 0)
