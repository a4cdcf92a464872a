"""Rows of a report to invoices and customers, each value checked; what is not taken is said with its line.

A row is read one of two ways with the same result: a whole column at a time while every value of it is
plain, which is what makes a million rows bearable, and else cell by cell.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from paydesk.domain.importing import Converted, CustomerRow, Field, Header, InvoiceRow, Reject, plain
from paydesk.gateways.ams_values import (
    LONGEST,
    NUMBER,
    TOTAL,
    Odd,
    cents_of,
    customer_number,
    cut,
    day_of,
    invoice_number,
    text_of,
    zip_of,
)

T = TypeVar("T")

_TOLD = (Field.ZIP, Field.PHONE, Field.EMAIL)
_OF_CUSTOMER = (Field.CUSTOMER_NUMBER, Field.CUSTOMER_NAME, Field.ZIP, Field.PHONE, Field.EMAIL)


class _Memo(dict[object, T]):
    """What single values mean; each one is understood once, as long as there are not too many."""

    def __init__(self, meaning: Callable[[object], T]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, value: object) -> T:
        found = self._meaning(value)
        if len(self) < 50_000:
            self[value] = found
        return found


class Converter:
    """Reads the rows below a header. Keeps the customer of the row before, for reports that group."""

    def __init__(self, header: Header, *, text_only: bool) -> None:
        """``text_only``: every cell is a text, as in CSV."""
        self._header = header
        self._columns = header.columns
        self._text_only = text_only and not header.columns.aging and not header.columns.customers_only
        self._dates = _Memo(day_of)
        self._zips = _Memo(lambda text: zip_of(str(text).strip()))
        self._group: dict[Field, str] = {}
        self._again = tuple(plain(cell) for cell in header.headings)

    def convert(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        """The rows of one chunk."""
        if self._text_only:
            with contextlib.suppress(Odd):
                return self._at_once(lines, rows)
        return self._one_by_one(lines, rows)

    # ---- a column at a time -----------------------------------------------------------------

    def _at_once(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        """Raises Odd where a single value is not plain: then nothing is taken this way."""
        width = len(self._header.headings)
        if set(map(len, rows)) != {width}:
            raise Odd
        table: list[tuple[str, ...]] = list(zip(*rows, strict=True))
        of = self._columns.of

        def column(name: Field) -> tuple[str, ...] | None:
            return table[of[name]] if name in of else None

        numbers, customers = column(Field.INVOICE_NUMBER), column(Field.CUSTOMER_NUMBER)
        balances, names = column(Field.BALANCE), column(Field.CUSTOMER_NAME)
        if numbers is None or customers is None or balances is None or names is None:
            raise Odd
        _all(_PLAIN_NUMBERS, numbers)
        _all(_PLAIN_CUSTOMERS, customers)
        methods = column(Field.BILL_METHOD)
        if methods is not None and not {method.strip().upper() for method in set(methods)} <= _AGENCY:
            raise Odd
        plain_names = _texts(names)
        if "" in plain_names:
            raise Odd
        cents = _cents_of(balances)
        amounts = column(Field.AMOUNT)
        count = len(rows)

        def days(name: Field) -> list[str | None]:
            found = column(name)
            return [None] * count if found is None else list(map(self._dates.__getitem__, found))

        def texts(name: Field) -> Sequence[str]:
            found = column(name)
            return ("",) * count if found is None else _texts(found)

        invoiced = days(Field.INVOICE_DATE)
        if Field.EFFECTIVE_DATE in of and None in invoiced:
            effective = days(Field.EFFECTIVE_DATE)
            invoiced = [first or second for first, second in zip(invoiced, effective, strict=True)]
        made = Converted(lines=lines)
        made.invoices = list(
            zip(
                numbers,
                customers,
                plain_names,
                cents if amounts is None else _cents_of(amounts),
                cents,
                invoiced,
                days(Field.DUE_DATE),
                *map(texts, (Field.DESCRIPTION, Field.POLICY, Field.INSURER)),
                strict=True,
            )
        )
        made.customers = self._customers_of(customers, plain_names, [column(name) for name in _TOLD])
        self._group = {
            name: self._cell([cell.strip() for cell in map(str, rows[-1])], name) for name in _OF_CUSTOMER
        }
        return made

    def _customers_of(
        self, numbers: tuple[str, ...], names: Sequence[str], told: list[tuple[str, ...] | None]
    ) -> dict[str, CustomerRow]:
        """The customers of a chunk: the name of the last row, and of the rest what any row tells last."""
        zips, phones, emails = ({} if held is None else _last_told(numbers, _texts(held)) for held in told)
        if not _PLAIN_ZIPS.fullmatch(_joined(list(zips.values()))):
            assert told[0] is not None
            zips = _last_told(numbers, [self._zips[code] for code in told[0]])
        return {
            number: (number, name, zips.get(number, ""), phones.get(number, ""), emails.get(number, ""))
            for number, name in dict(zip(numbers, names, strict=True)).items()
        }

    # ---- a row at a time --------------------------------------------------------------------

    def _one_by_one(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        made, taken = Converted(), []
        for line, cells in zip(lines, rows, strict=True):
            texts = [text_of(cell) for cell in cells]
            if self._is_beside(texts):
                made.skipped += 1
                continue
            try:
                if self._columns.customers_only:
                    self._customer(texts, made)
                elif self._is_direct_bill(texts):
                    made.skipped += 1
                else:
                    made.invoices.append(self._invoice(cells, texts, made))
                    taken.append(line)
            except Odd as odd:
                made.rejects.append(Reject(line, str(odd), tuple(texts)))
        made.lines = taken
        return made

    def _cell(self, texts: list[str], name: Field) -> str:
        at = self._columns.of.get(name)
        return texts[at] if at is not None and at < len(texts) else ""

    def _is_beside(self, texts: list[str]) -> bool:
        """Blank rows, titles, page headers, the header again, totals; and the head of a customer's group."""
        filled = [text for text in texts if text]
        if not filled or tuple(plain(text) for text in texts) == self._again:
            return True
        if TOTAL.match(filled[0]) and not NUMBER.fullmatch(self._cell(texts, Field.INVOICE_NUMBER)):
            return True
        if self._columns.customers_only or self._cell(texts, Field.INVOICE_NUMBER):
            return False
        if self._remember_group(texts):
            return True
        return len(filled) <= 2 and not self._cell(texts, Field.BALANCE)

    def _remember_group(self, texts: list[str]) -> bool:
        """A line that names a customer and no invoice stands above that customer's invoices."""
        if not self._cell(texts, Field.CUSTOMER_NUMBER) or self._cell(texts, Field.BALANCE):
            return False
        self._group = {name: self._cell(texts, name) for name in _OF_CUSTOMER}
        return True

    def _is_direct_bill(self, texts: list[str]) -> bool:
        method = self._cell(texts, Field.BILL_METHOD)
        if method.upper() in _AGENCY | _DIRECT:
            return method.upper() in _DIRECT
        raise Odd(f"“{method[:40]}” is no bill method PayDesk knows")

    def _customer(self, texts: list[str], made: Converted) -> None:
        number = customer_number(self._cell(texts, Field.CUSTOMER_NUMBER))
        made.customers[number] = (
            number,
            cut(self._cell(texts, Field.CUSTOMER_NAME)),
            zip_of(self._cell(texts, Field.ZIP)),
            cut(self._cell(texts, Field.PHONE)),
            cut(self._cell(texts, Field.EMAIL)),
        )

    def _invoice(self, cells: Sequence[object], texts: list[str], made: Converted) -> InvoiceRow:
        number = invoice_number(self._cell(texts, Field.INVOICE_NUMBER))
        if self._cell(texts, Field.CUSTOMER_NUMBER):
            before, self._group = self._group, {name: self._cell(texts, name) for name in _OF_CUSTOMER}
            if before.get(Field.CUSTOMER_NUMBER) == self._group[Field.CUSTOMER_NUMBER]:
                self._group = {name: held or before[name] for name, held in self._group.items()}
        elif not self._group:
            raise Odd("no customer number")
        customer = customer_number(self._group[Field.CUSTOMER_NUMBER])
        name = cut(self._cell(texts, Field.CUSTOMER_NAME) or self._group[Field.CUSTOMER_NAME])
        if not name:
            raise Odd("no customer name")
        balance = self._balance(cells)
        amount = self._money(cells, Field.AMOUNT)
        invoiced = self._date(cells, Field.INVOICE_DATE) or self._date(cells, Field.EFFECTIVE_DATE)
        known = made.customers.get(customer, ("",) * 5)
        group = self._group
        made.customers[customer] = (
            customer,
            name,
            zip_of(group[Field.ZIP]) or known[2],
            cut(group[Field.PHONE]) or known[3],
            cut(group[Field.EMAIL]) or known[4],
        )
        return (
            number,
            customer,
            name,
            balance if amount is None else amount,
            balance,
            invoiced,
            self._date(cells, Field.DUE_DATE),
            cut(self._cell(texts, Field.DESCRIPTION)),
            cut(self._cell(texts, Field.POLICY)),
            cut(self._cell(texts, Field.INSURER)),
        )

    def _balance(self, cells: Sequence[object]) -> int:
        if self._columns.aging:
            parts = [cents_of(cells[at]) for at in self._columns.aging if at < len(cells)]
            known = [part for part in parts if part is not None]
            if not known:
                raise Odd("no balance")
            return sum(known)
        cents = self._money(cells, Field.BALANCE)
        if cents is None:
            raise Odd("no balance")
        return cents

    def _money(self, cells: Sequence[object], name: Field) -> int | None:
        at = self._columns.of.get(name)
        return None if at is None or at >= len(cells) else cents_of(cells[at])

    def _date(self, cells: Sequence[object], name: Field) -> str | None:
        at = self._columns.of.get(name)
        if at is None or at >= len(cells):
            return None
        value = cells[at]
        return self._dates[value.strip() if isinstance(value, str) else value]


# ---- plain columns ------------------------------------------------------------------------------

_AGENCY = frozenset({"", "A", "AB", "AGENCY", "AGENCY BILL", "AGENCY BILLED", "ON ACCOUNT"})
_DIRECT = frozenset({"P", "D", "DB", "DIRECT", "DIRECT BILL", "DIRECT BILLED"})
_PLAIN_NUMBERS = re.compile(r"(?:[1-9][0-9]{0,9}(?:-[0-9]{1,2})?\n)*")
_PLAIN_CUSTOMERS = re.compile(r"(?:[1-9][0-9]{0,9}\n)*")
_PLAIN_ZIPS = re.compile(r"(?:[0-9]{5}\n)*\n?")
_PLAIN_MONEY = re.compile(r"(?:-?[0-9]{1,9}\.[0-9]{2}\n)*")
_GROUPED_MONEY = re.compile(r"(?:-?\$?[0-9]{1,3}(?:,?[0-9]{3}){0,2}\.[0-9]{2}\n)*")
_NO_SIGNS = str.maketrans("", "", ".,$")


def _joined(column: Sequence[str]) -> str:
    return "\n".join(column) + "\n"


def _all(pattern: re.Pattern[str], column: Sequence[str]) -> None:
    if pattern.fullmatch(_joined(column)) is None:
        raise Odd


def _cents_of(column: Sequence[str]) -> list[int]:
    joined = _joined(column)
    if _PLAIN_MONEY.fullmatch(joined):
        return list(map(int, joined.replace(".", "").split()))
    if _GROUPED_MONEY.fullmatch(joined):
        return list(map(int, joined.translate(_NO_SIGNS).split()))
    raise Odd


def _last_told(numbers: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    return {number: value for number, value in zip(numbers, values, strict=True) if value}


def _texts(column: Sequence[str]) -> list[str]:
    """Texts as they are kept."""
    if not "".join(column).isprintable() or max(map(len, column)) > LONGEST:
        raise Odd
    return list(map(str.strip, column))
