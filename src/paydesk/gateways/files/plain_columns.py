"""Whole columns of a report at once, while every value in them is plain."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from paydesk.domain.invoices.columns import Header
from paydesk.domain.invoices.headings import Field
from paydesk.domain.invoices.importing import Converted, CustomerRow
from paydesk.domain.invoices.reading import DecimalSign, Reading
from paydesk.domain.typed.card_numbers import any_holds_card_data
from paydesk.gateways.files.status import AGENCY_BILL, check_description, is_word_for_credit
from paydesk.gateways.files.values import LONGEST, Unreadable

_SHORTEST = 5
"""Fewest digits of a plain invoice number. A shorter one may be the count of the rows above it."""
_TOLD = (Field.ZIP, Field.PHONE, Field.EMAIL)
_PLAIN_NUMBERS = re.compile(r"(?:[1-9][0-9]{0,9}(?:-[0-9]{1,2})?\n)*")
_PLAIN_CUSTOMERS = re.compile(r"(?:[1-9][0-9]{0,9}\n)*")
_PLAIN_ZIPS = re.compile(r"(?:(?:[0-9]{5}(?:-[0-9]{4})?)?\n)*")
_PLAIN_MONEY = re.compile(r"(?:-?[0-9]{1,9}\.[0-9]{2}\n)*")
_GROUPED_MONEY = re.compile(r"(?:-?\$?[0-9]{1,3}(?:,[0-9]{3}){0,2}\.[0-9]{2}\n)*")
_NO_SIGNS = str.maketrans("", "", ".,$")
_ODD_DETAIL = ("\n#", "\n=", "\nNULL\n")
"""Cells that Excel writes for an error or a formula, and databases for no value."""
_ODD_TEXT = (*_ODD_DETAIL, "\n\n", "\n ", "\nTRUE\n", "\nFALSE\n")
"""The same, and cells that are no name."""


class PlainColumns:
    """Converts chunks whose rows all have the shape of the headings, and only plain values."""

    def __init__(self, header: Header, reading: Reading, dates: Mapping[object, str | None]) -> None:
        self._width = reading.cells or len(header.headings)
        self._blank_from = header.width
        self._beside_balance = header.beside_balance
        self._of = header.columns.of
        self._dates = dates
        self._reading = reading

    def convert(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        """Convert whole columns. Raises Unreadable, and takes nothing, if a single value is not plain."""
        if set(map(len, rows)) != {self._width} or self._reading.decimal is DecimalSign.COMMA:
            raise Unreadable
        table: list[tuple[str, ...]] = list(zip(*rows, strict=True))
        if any(any(column) for column in table[self._blank_from :]):
            raise Unreadable

        def column(name: Field) -> tuple[str, ...] | None:
            return table[self._of[name]] if name in self._of else None

        numbers, customers = table[self._of[Field.INVOICE_NUMBER]], table[self._of[Field.CUSTOMER_NUMBER]]
        _all(_PLAIN_NUMBERS, numbers)
        if min(map(len, numbers)) < _SHORTEST:
            raise Unreadable  # a count of rows may stand among them
        _all(_PLAIN_CUSTOMERS, customers)
        for at in self._beside_balance:
            if any(map(is_word_for_credit, set(table[at]))):
                raise Unreadable
        methods = column(Field.BILL_METHOD)
        if methods is not None and not {method.strip().upper() for method in set(methods)} <= AGENCY_BILL:
            raise Unreadable
        names = _texts(table[self._of[Field.CUSTOMER_NAME]], _ODD_TEXT)
        _no_card_data(names)
        cents = _cents_of(table[self._of[Field.BALANCE]])
        amounts = column(Field.AMOUNT)

        def days(name: Field) -> list[str | None]:
            found = column(name)
            return [None] * len(rows) if found is None else list(map(self._dates.__getitem__, found))

        def texts(name: Field) -> Sequence[str]:
            found = column(name)
            if name is Field.DESCRIPTION and found is not None:
                for text in set(found):
                    check_description(text)
            _no_card_data(found or ())
            return ("",) * len(rows) if found is None else _texts(found, _ODD_DETAIL)

        invoiced = days(Field.INVOICE_DATE)
        if Field.EFFECTIVE_DATE in self._of:
            effective = days(Field.EFFECTIVE_DATE)
            invoiced = [first or second for first, second in zip(invoiced, effective, strict=True)]
        made = Converted(lines=lines)
        made.invoices = list(
            zip(
                numbers,
                customers,
                names,
                cents if amounts is None else _cents_of(amounts),
                cents,
                invoiced,
                days(Field.DUE_DATE),
                *map(texts, (Field.DESCRIPTION, Field.POLICY, Field.INSURER)),
                strict=True,
            )
        )
        made.customers = _customers_of(customers, names, [column(name) for name in _TOLD])
        return made


def _customers_of(
    numbers: tuple[str, ...], names: Sequence[str], told: list[tuple[str, ...] | None]
) -> dict[str, CustomerRow]:
    """Return the customers of a chunk: their last name, and the last value of every other field."""
    if told[0] is not None:
        _all(_PLAIN_ZIPS, list(set(told[0])))
    if len(set(zip(numbers, names, strict=True))) > len(set(numbers)):
        raise Unreadable  # two names of one number
    for held in told[1:]:
        _no_card_data(held or ())
    zips, phones, emails = (
        {} if held is None else _last_told(numbers, _texts(held, _ODD_DETAIL)) for held in told
    )
    return {
        number: (number, name, zips.get(number, ""), phones.get(number, ""), emails.get(number, ""))
        for number, name in dict(zip(numbers, names, strict=True)).items()
    }


def _joined(column: Sequence[str]) -> str:
    return "\n".join(column) + "\n"


def _all(pattern: re.Pattern[str], column: Sequence[str]) -> None:
    if pattern.fullmatch(_joined(column)) is None:
        raise Unreadable


def _no_card_data(column: Sequence[str]) -> None:
    if any_holds_card_data(column):
        raise Unreadable


def _cents_of(column: Sequence[str]) -> list[int]:
    joined = _joined(column)
    if _PLAIN_MONEY.fullmatch(joined):
        return list(map(int, joined.replace(".", "").split()))
    if _GROUPED_MONEY.fullmatch(joined):
        return list(map(int, joined.translate(_NO_SIGNS).split()))
    raise Unreadable


def _last_told(numbers: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    return {number: value for number, value in zip(numbers, values, strict=True) if value}


def _texts(column: Sequence[str], odd: Sequence[str]) -> list[str]:
    """Strip texts. Raises Unreadable if one is not printable, too long, or what Excel writes for an error."""
    if not "".join(column).isprintable() or max(map(len, column)) > LONGEST:
        raise Unreadable
    joined = f"\n{_joined(column)}"
    if any(mark in joined for mark in odd):
        raise Unreadable
    return list(map(str.strip, column))
