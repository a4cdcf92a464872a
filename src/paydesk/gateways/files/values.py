"""Single values of a report in all their spellings: numbers, amounts, ZIPs, texts."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from paydesk.domain.invoices.reading import AmountStyle, DecimalSign
from paydesk.domain.money import LARGEST_CENTS
from paydesk.domain.typed.card_numbers import without_card_data

MOST_COLUMNS = 1_000
"""Most columns with values. A report has some dozens."""
LONGEST = 300
"""Maximum number of characters of a text. Longer ones are cut."""
_QUOTED = 40
"""Characters of a value that a reason shows."""
_LONGEST_CELL = 10_000
"""Characters of a cell that are looked at. Of no value more are kept."""


class Unreadable(Exception):
    """A value that cannot be taken. Its text is the reason, or "" if cells must be read one by one."""


class Formula(str):
    """A cell of a workbook whose formula has no stored result."""

    __slots__ = ()


class Spanned:
    """Marks the value of a cell that spans several rows of a workbook."""

    __slots__ = ()


class _SpannedInt(int, Spanned):
    __slots__ = ()


class _SpannedFloat(float, Spanned):
    __slots__ = ()


class _SpannedText(str, Spanned):
    __slots__ = ()


def spanned(value: object) -> object:
    """Return the same value, with the mark if it may be an amount or a number."""
    match value:
        case bool() | Formula():
            return value
        case int():
            return _SpannedInt(value)
        case float():
            return _SpannedFloat(value)
        case str():
            return _SpannedText(value)
        case _:
            return value


NUMBER = re.compile(r"0*([1-9][0-9]{0,9}(?:-[0-9]{1,2})?)")
_INVOICE_PREFIX = re.compile(
    r"(?i)inv(?:oice)?(?![a-z])\.?\s*(?:no\.?|number|num\.?)?\s*[:#._ -]*(?=\d)|#+\s*"
)
ERRORS = frozenset(
    ("#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#N/A", "#SPILL!", "#CALC!", "#GETTING_DATA")
)
_NOTHING = "NULL"
"""A cell without a value, as databases write it."""
DASHES = frozenset("-–—−‐‑‒")
_SPACED = re.compile(r"[0-9]{1,3}(?: [0-9]{3})+")
"""A number in groups of three. Other blanks stand between two numbers."""
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_QUOTED_FORMULA = re.compile(r'="(.*)"|=([0-9.,-]+)')


def bare(text: str) -> str:
    """Return the text without what spreadsheets put around a value: ``="50123"``, invisible marks."""
    if not text.isascii():
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip()
    if text.startswith("=") and (found := _QUOTED_FORMULA.fullmatch(text)):
        return (found[1] or found[2] or "").strip()
    return text


def text_of(cell: object) -> str:
    """Return a cell as text: whole numbers without a point, dates as ISO, one line, no errors of Excel."""
    match cell:
        case None:
            return ""
        case Formula():
            return cell
        case str():
            text = cell[:_LONGEST_CELL].strip() if cell.isprintable() else _one_line(cell[:_LONGEST_CELL])
            return "" if text in ERRORS or text == _NOTHING else bare(text)
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.date().isoformat()
        case _:
            return str(cell)


def _one_line(text: str) -> str:
    return " ".join("".join(map(_visible, text.strip("\0\x1a"))).split())


def _visible(letter: str) -> str:
    """Return a letter. A control character inside a text is damage, and nothing stays a number with it."""
    if letter.isprintable() or letter.isspace():
        return letter
    return "\ufffd" if unicodedata.category(letter) == "Cc" else ""


def cut(text: str) -> str:
    """Return the printable part of a text, up to ``LONGEST`` characters."""
    if text.isprintable() and len(text) <= LONGEST:
        return text
    letters = (letter for letter in text[: 2 * _LONGEST_CELL] if letter.isprintable())
    return "".join(letters)[:LONGEST].strip()


def free_text(text: str) -> str:
    """Return what ``cut`` returns, without card data that somebody noted there.

    It goes before the text is cut: the first 15 of 16 digits are no card number to anybody.
    """
    if text.isprintable() and len(text) <= LONGEST:
        return without_card_data(text)
    return cut(without_card_data("".join(filter(str.isprintable, text[: 2 * _LONGEST_CELL]))))


def quoted(text: str) -> str:
    """Return the beginning of a value in quotation marks, for a reason. It has no card data."""
    return f"“{without_card_data(text[:_LONGEST_CELL])[:_QUOTED]}”"


def name_of(text: str) -> str:
    """Return a name, "" for what Excel wrote in place of one. Raises Unreadable for a formula's text."""
    if isinstance(text, Formula):
        raise Unreadable("the customer name is a formula without its result")
    return "" if text in ("TRUE", "FALSE") else free_text(text)


def _digits(text: str) -> str:
    """Return a number without the marks that Excel and printed reports add: ``50,123``, ``50123.0``,
    ``50123*``.
    """
    if isinstance(text, Formula):
        raise Unreadable("a formula without its result")
    text = text if text.isascii() else _plain_signs(text)
    marked = text.lstrip("'’`").rstrip("*").strip()
    if _GROUPED.fullmatch(marked):
        return marked.replace(",", "")
    whole, point, cents = marked.partition(".")
    return whole if point and whole.isdigit() and not cents.strip("0") else marked


def _together(number: str) -> str:
    """Return a number without the blanks between its groups, or around its dash."""
    return (
        number.replace(" ", "") if _SPACED.fullmatch(number) else number.replace(" -", "-").replace("- ", "-")
    )


def _plain_signs(text: str) -> str:
    """Return full-width digits and signs as usual ones. Raises Unreadable for a footnote: 1250²."""
    if any(letter.isnumeric() and not letter.isdecimal() for letter in text):
        raise Unreadable(f"{quoted(text)} has a raised digit or a fraction")
    return unicodedata.normalize("NFKC", text)


def invoice_number(text: str) -> str:
    """Return the number with its suffix, without leading zeros. Raises Unreadable."""
    if not text:
        raise Unreadable("no invoice number")
    number = _digits(_INVOICE_PREFIX.sub("", text.lstrip("'’`"), count=1)) if text[:1] else text
    found = NUMBER.fullmatch(_together(number))
    if found is None:
        raise Unreadable(f"{quoted(text)} is not an invoice number")
    return found[1]


def customer_number(text: str) -> str:
    """Return the number without leading zeros. Raises Unreadable."""
    found = re.fullmatch(r"0*([1-9][0-9]{0,9})", _together(_digits(text.lstrip("#").strip())))
    if found is None:
        raise Unreadable(f"{quoted(text)} is not a customer number" if text else "no customer number")
    return found[1]


# ---- ZIPs -----------------------------------------------------------------------------------------

_ZIP = re.compile(r"(?:[A-Za-z]{2}[. ]+)?([0-9]{3,5})(?:\.0*)?(?:\s*[-–—]\s*([0-9]{4})?[0-9]{0,3})?")
_LONG_ZIP = re.compile(r"([0-9]{7,9})(?:\.0*)?")
_SPACED_ZIP = re.compile(r"([0-9]{5})\s+([0-9]{4})")


def zip_of(text: str) -> str:
    """Return five digits or more, "" for a blank. Restores the leading zeros that Excel removes.

    Raises Unreadable for a text that surely has no US ZIP, such as six digits.
    """
    text = text.lstrip("'’`").strip()
    if not text:
        return ""
    if found := _ZIP.fullmatch(text):
        code = found[1].zfill(5)
        return f"{code}-{found[2]}" if found[2] else code
    if found := _LONG_ZIP.fullmatch(text):
        return found[1].zfill(9)
    if found := _SPACED_ZIP.fullmatch(text):
        return f"{found[1]}-{found[2]}"
    raise Unreadable(f"{quoted(text)} is not a ZIP")


# ---- amounts --------------------------------------------------------------------------------------

_USUAL = re.compile(r"-?\$?[0-9]{1,3}(?:,?[0-9]{3})*\.[0-9]{2}")
"""Nearly every amount: a quick look, before the slow one."""
_LONGEST_USUAL = 12
_NO_SIGNS = str.maketrans("", "", "$,.")
_AMOUNT = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.([0-9]*))?")
_SPACES = re.compile(r"(?<=[0-9])[ \u00a0\u2009\u202f'’`](?=[0-9]{3}(?![0-9]))")
_TWO_AMOUNTS = re.compile(r"[0-9]+(?: [0-9]+)+")
"""Perhaps 100 and 200: no sign says that it is one amount."""
_PADDED = re.compile(r"0[0-9]*[1-9][0-9]*")
"""Digits of a fixed width, such as a ZIP, or cents without their point."""
_MINUS = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-", "\ufe63": "-"}
)
_DOLLARS = re.compile(r"US\$|USD|\$|U\.S\.\$")
_SIGN_WORDS = re.compile(r"^(CR|DR)\.? ?|\s*(CR|DR)\.?$")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")


def cents_of(cell: object, decimal: DecimalSign = DecimalSign.POINT) -> int | None:
    """Return the cents of an amount in any of a report's spellings, None for a blank. Raises Unreadable."""
    if cell is None:
        return None
    if isinstance(cell, bool | datetime | date | time):
        raise Unreadable(f"“{cell}” is not an amount")
    if isinstance(cell, int | float | Decimal):
        return _whole_cents(Decimal(str(cell)), str(cell))
    if isinstance(cell, Formula):
        raise Unreadable("an amount is a formula without its result")
    text = str(cell).strip()
    if decimal is DecimalSign.POINT and len(text) < _LONGEST_USUAL and _USUAL.fullmatch(text):
        return int(text.translate(_NO_SIGNS))
    if not text or not (visible := bare(text).lstrip("'’`")):
        return None
    number, negative = _unsigned(visible)
    if not number:
        return 0  # Excel's accounting zero is a dash
    if decimal is DecimalSign.COMMA:
        number = number.translate(str.maketrans(",.", ".,"))
    found = _AMOUNT.fullmatch(number)
    unclear = _AMBIGUOUS.fullmatch(number) or _PADDED.fullmatch(number)
    if found is None or not (found[1] or found[2]) or unclear:
        raise Unreadable(f"{quoted(text)} is not an amount")
    cents = _whole_cents(Decimal(number.replace(",", "") or "0"), text)
    return -cents if negative else cents


def _unsigned(text: str) -> tuple[str, bool]:
    """Return the digits with their commas and point, and True for a credit. "" stands for a lone dash.

    Raises Unreadable for signs that contradict each other.
    """
    text = text if text.isascii() else _plain_signs(text)
    number = text.translate(_MINUS).upper().strip().removesuffix("*").strip()
    words = [word for found in _SIGN_WORDS.finditer(number) for word in found.groups() if word]
    number = _SIGN_WORDS.sub("", number)
    twice = number.count("$") > 1 or number.count("USD") > 1
    number = _DOLLARS.sub("", number).strip()
    if number and not words and not number.strip("- "):
        return "", False
    signs = 0
    if number.startswith("+"):
        number = number[1:].strip()
    elif number.startswith("-"):
        number, signs = number[1:].strip(), 1
    if number and number[0] + number[-1] in ("()", "<>"):
        number = number[1:-1].strip()
        signs = 2  # -(5.00) and (-5.00) are credits of 5.00
        number = number.removeprefix("-").strip()
    elif number.endswith("-"):
        number, signs = number[:-1].strip(), signs + 1
        if signs == 2:
            raise Unreadable(f"{quoted(text)} is not an amount")
    if len(words) > 1 or twice or (words == ["DR"] and signs):
        raise Unreadable(f"{quoted(text)} is not an amount")
    if not number and signs == 1 and not words:
        return "", False
    if not number or _TWO_AMOUNTS.fullmatch(number):
        raise Unreadable(f"{quoted(text)} is not an amount")
    return _SPACES.sub("", number), bool(signs) or words == ["CR"]


def _whole_cents(dollars: Decimal, text: str) -> int:
    try:
        cents = (dollars * 100).quantize(Decimal(1))
    except InvalidOperation:
        raise Unreadable(f"{quoted(text)} is not an amount") from None
    # A sum from Excel may be off by its binary fraction. A real fraction of a cent is an error.
    if abs(cents - dollars * 100) > Decimal("0.0001") or abs(cents) > LARGEST_CENTS:
        raise Unreadable(f"{quoted(text)} is not an amount of dollars and cents")
    return int(cents)


_POINT_PROOF = re.compile(r"[0-9,]*\.[0-9]{1,2}|[0-9]{1,3}(?:,[0-9]{3}){2,}|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*")
_COMMA_PROOF = re.compile(r"[0-9.]*,[0-9]{1,2}|[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*")


_CENTS_END = re.compile(r".*[0-9][.,][0-9]{2}\W*")
_MAY_BE_CUT = re.compile(r"\D*[1-9][0-9]{0,2}\W*")


def style_of(cell: object) -> AmountStyle | None:
    """Return how an amount is written. None for a blank, and for one that may be cut at its comma."""
    if not isinstance(cell, str) or _MAY_BE_CUT.fullmatch(cell) or not any(map(str.isdigit, cell)):
        return None
    return AmountStyle.CENTS if _CENTS_END.fullmatch(cell) else AmountStyle.OTHER


def decimal_proof(cell: object) -> DecimalSign | None:
    """Return the decimal sign that an amount proves, or None."""
    if not isinstance(cell, str) or not cell.strip():
        return None
    if _USUAL.fullmatch(cell):
        return DecimalSign.POINT
    try:
        number, _negative = _unsigned(bare(cell.strip()))
    except Unreadable:
        return None
    if _POINT_PROOF.fullmatch(number):
        return DecimalSign.POINT
    return DecimalSign.COMMA if _COMMA_PROOF.fullmatch(number) else None
