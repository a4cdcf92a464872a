"""Convert the rows of a report to invoices and customers, and check each value.

Rows that are not taken are reported with their lines. There are two ways with the same result: whole columns
at once while every value is plain (``plain_columns``), which makes a million rows bearable, and else row by
row.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from paydesk.domain.invoices.columns import Header, is_heading
from paydesk.domain.invoices.headings import AMOUNTS, Field, Flag, plain
from paydesk.domain.invoices.importing import Converted, InvoiceRow, Reject
from paydesk.domain.invoices.reading import LeftOut, OwnFigure, Part, Proof, Reading
from paydesk.domain.money import Money
from paydesk.gateways.files.balances import CENTS_CELL, Balances
from paydesk.gateways.files.csv_lines import Broken
from paydesk.gateways.files.dates import OtherOrder, day_of
from paydesk.gateways.files.left_out import (
    TOTAL,
    LeftOuts,
    is_amount,
    is_number,
    is_partial,
    is_word_for_total,
    total_in,
)
from paydesk.gateways.files.own_figures import OwnFigures
from paydesk.gateways.files.plain_columns import PlainColumns
from paydesk.gateways.files.sections import Sections
from paydesk.gateways.files.status import (
    check_currency,
    check_description,
    check_kind,
    is_closed,
    is_direct_bill,
    is_flagged_closed,
    is_flagged_direct,
    says_credit,
)
from paydesk.gateways.files.titles import count_in, goes_on, is_part_by_title, page_in, parts_in
from paydesk.gateways.files.values import (
    DASHES,
    ERRORS,
    LONGEST,
    Formula,
    Unreadable,
    customer_number,
    cut,
    free_text,
    invoice_number,
    name_of,
    quoted,
    text_of,
    zip_of,
)

T = TypeVar("T")

_DECIDING = (
    Field.INVOICE_NUMBER,
    Field.CUSTOMER_NUMBER,
    Field.CUSTOMER_NAME,
    Field.STATUS,
    Field.KIND,
    Field.BILL_METHOD,
    Field.CURRENCY,
)
"""Fields that decide whose invoice it is, and if it is one that is owed."""
_SPOKEN = (Field.CUSTOMER_NAME, Field.INSURER, Field.DESCRIPTION)
"""Fields whose text may have any word."""
_LONGEST_COUNT = 7
"""Most digits of the number of rows."""
_OF_CUSTOMER = (Field.CUSTOMER_NUMBER, Field.CUSTOMER_NAME, Field.ZIP, Field.PHONE, Field.EMAIL)


_MOST_NAMES = 20_000
"""Most customers whose names are compared: few agencies have more, and memory stays bounded."""
_SHOWN_OF_A_ROW = 20_000
"""Most characters of a row that is kept to be shown."""


def _reject(line: int, reason: str, texts: Sequence[str]) -> Reject:
    """Return a row that is not taken. Of one larger than any invoice, the beginning is kept."""
    if sum(map(len, texts)) > _SHOWN_OF_A_ROW:
        texts = [text[:100] for text in texts[: _SHOWN_OF_A_ROW // 100]]
    return Reject(line, reason[:LONGEST], tuple(map(str, texts)))


class _Memo(dict[object, T]):
    """Meanings of single values, each computed once, for up to 50,000 values."""

    def __init__(self, meaning: Callable[[object], T]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, value: object) -> T:
        found = self._meaning(value)
        if len(self) < 50_000:
            self[value] = found
        return found


class Converter:
    """Converts the rows of one file, chunk by chunk.

    Keeps the customer of the group it is in, and the sums.
    """

    def __init__(self, header: Header, reading: Reading | None = None) -> None:
        self._header = header
        self._columns, self._names = header.columns, header.names
        self._reading = reading or Reading()
        self._dates = _Memo(self._day)
        self._balances = Balances(header, self._reading)
        self._group: dict[Field, str] | None = None
        self._last = ("", "")
        self._left_outs = LeftOuts(header)
        self._own = OwnFigures()
        amounts = [
            *self._balances.places,
            *(self._columns.of[name] for name in AMOUNTS if name in self._columns.of),
        ]
        self._sections = Sections([self._names[at] for at in amounts])
        self._name_of: dict[str, str] = {}
        """The first name of each customer number."""
        beside = {Flag.CREDIT, Flag.DIRECT}
        self._flags = {at: flag for at, flag in header.flags.items() if flag not in beside}
        self._signs = [at for at, flag in header.flags.items() if flag is Flag.CREDIT]
        self._direct = [at for at, flag in header.flags.items() if flag is Flag.DIRECT]
        self._other_table = 0
        self._parts: set[Part] = set()
        self._goes_on = False
        self._same = {
            name: self._columns_like(name) for name in (Field.INVOICE_NUMBER, Field.CUSTOMER_NUMBER)
        }
        self._plain = PlainColumns(header, self._reading, self._dates) if self._can_be_plain() else None

    def _can_be_plain(self) -> bool:
        deciding = {Field.STATUS, Field.UNAPPLIED, Field.PAID, Field.CURRENCY, Field.KIND}
        odd = bool(deciding & set(self._columns.of))
        odd = odd or bool(self._columns.twins or self._flags or self._signs or self._direct)
        whole = {Field.BALANCE, Field.CUSTOMER_NUMBER, Field.CUSTOMER_NAME} <= set(self._columns.of)
        odd = odd or any(self._same.values())
        return (
            self._reading.text_only
            and whole
            and not (odd or self._columns.aging or self._columns.customers_only or self._reading.customer)
        )

    def _columns_like(self, name: Field) -> list[int]:
        """Return the other columns with the very heading of a field's column."""
        at, headings = self._columns.of.get(name), self._header.headings
        ignored = {*self._columns.of.values(), *self._columns.ignored}
        return [
            other
            for other, held in enumerate(headings)
            if at is not None and held == headings[at] and held and other not in ignored
        ]

    def _day(self, value: object) -> str | None:
        return day_of(value, self._reading.date_order, epoch_1904=self._reading.epoch_1904)

    def convert(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        """Convert the rows of one chunk. Lines up to that of the headings only tell titles."""
        below = next((at for at, line in enumerate(lines) if line > self._header.line), len(rows))
        headings = self._header.line - (1 if self._header.below else 0)
        above = [
            (line, [text_of(cell) for cell in cells])
            for line, cells in zip(lines[:below], rows[:below], strict=True)
            if line < headings
        ]
        for line, texts in above:
            self._title(line, texts)
        refused = [
            _reject(line, "the file says that it isn't whole", texts)
            for line, texts in above
            if is_partial(texts)
        ]
        made = self._below(lines[below:], rows[below:])
        made.rejects[:0] = refused
        return made

    def _below(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        """Convert rows that stand below the headings."""
        if not rows:
            return Converted()
        if self._plain is not None and not self._sections.hold:
            with contextlib.suppress(Unreadable):
                return self._at_once(lines, rows)
        return self._one_by_one(lines, rows)

    def parts(self) -> set[Part]:
        """Return what the file is only a part of, by its own words. Call it at the end."""
        return self._parts | ({Part.INVOICES} if self._goes_on else set())

    def figures(self) -> list[OwnFigure]:
        """Return the totals and counts that the file printed, compared with its rows. Call it at the end."""
        return self._own.compared()

    def _title(self, line: int, texts: list[str]) -> None:
        self._left_outs.remember(texts)
        self._sections.title(texts, above=True)
        self._parts |= parts_in(texts) | ({Part.INVOICES} if is_part_by_title(texts) else set())
        self._claim_counts(line, texts)
        cents = total_in(texts)
        if cents is not None:
            self._own.claim_total(line, cents)

    def _claim_counts(self, line: int, texts: list[str]) -> None:
        count, page = count_in(texts), page_in(texts)
        if count is not None:
            self._own.claim_count(line, count)
        if page is not None:
            self._own.claim_page(line, *page)

    def _at_once(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        assert self._plain is not None
        made = self._plain.convert(lines, rows)
        known = self._name_of
        for number, row in made.customers.items():
            if known.get(number) != row[1]:  # spares a million calls
                self._require_same_customer(number, row[1])
        self._group, self._goes_on = None, False
        self._last = made.invoices[-1][1:3]
        cents = sum([row[4] for row in made.invoices])
        self._own.add(cents, cents, rows=len(rows), stated_rows=len(rows))
        return made

    # ---- a row at a time --------------------------------------------------------------------

    def _one_by_one(self, lines: Sequence[int], rows: list[Sequence[object]]) -> Converted:
        made, taken = Converted(), []
        for line, cells in zip(lines, rows, strict=True):
            texts = [text_of(cell) for cell in cells]
            try:
                if isinstance(cells, Broken):
                    raise Unreadable(cells.reason)
                kind = self._left_out(line, cells, texts)
                self._of_this_table(kind, line, texts)
                if kind is not None:
                    made.left_out[kind] += 1
                elif self._columns.customers_only:
                    self._shaped(cells, texts)
                    self._customer(line, texts, made)
                elif self._is_direct_bill(cells, texts):
                    made.left_out[LeftOut.DIRECT_BILL] += 1
                else:
                    made.invoices.append(self._invoice(line, cells, texts, made))
                    taken.append(line)
            except Unreadable as odd:
                made.rejects.append(_reject(line, str(odd), texts))
                self._own.refuse()
                with contextlib.suppress(Unreadable):
                    made.refused.add(invoice_number(self._cell(texts, Field.INVOICE_NUMBER)))
                if isinstance(cells, Broken) or not self._is_member(texts):
                    self._group = None
        made.lines = taken
        return made

    def _of_this_table(self, kind: LeftOut | None, line: int, texts: list[str]) -> None:
        """Raise Unreadable for other headings, and for each row below them until ours are repeated."""
        if kind is LeftOut.HEADING:
            self._other_table = 0
        if kind is None and is_heading(texts):
            self._other_table, self._plain = line, None
        if kind is None and self._other_table:
            raise Unreadable(f"line {self._other_table} has other headings")

    def _is_member(self, texts: list[str]) -> bool:
        """Return True for a row of the group, which has an invoice and names no customer."""
        of_customer = self._cell(texts, Field.CUSTOMER_NUMBER) + self._cell(texts, Field.CUSTOMER_NAME)
        return not of_customer and is_number(self._cell(texts, Field.INVOICE_NUMBER))

    def _cell(self, texts: list[str], name: Field) -> str:
        at = self._columns.of.get(name)
        return texts[at] if at is not None and at < len(texts) else ""

    def _left_out(self, line: int, cells: Sequence[object], texts: list[str]) -> LeftOut | None:
        """Return the kind of a line without an invoice, after taking what it tells. None for a row."""
        number = self._cell(texts, Field.INVOICE_NUMBER)
        places = [at for at in self._balances.places if at < len(cells)]
        if self._columns.customers_only:
            number = self._cell(texts, Field.CUSTOMER_NUMBER)
        has_amount = any(texts[at] for at in places)
        second = line == self._header.line + 1
        kind = self._left_outs.kind(texts, number, has_amount=has_amount, second=second)
        if kind is None and not number and not self._columns.customers_only:
            kind = self._head_or_sum(cells, texts, places, has_amount=has_amount)
        if kind is None and number and has_amount:
            kind = self._counted_total(number, cells, texts, places)
        if kind is not LeftOut.BLANK:
            self._goes_on = kind is LeftOut.TITLE and goes_on(texts)
        if kind is LeftOut.HEADING and second:
            self._sections.title(texts, above=True)
        if kind is LeftOut.TITLE:
            self._parts |= parts_in(texts) & {Part.INVOICES}
            self._sections.title(texts)
        if kind in (LeftOut.TITLE, LeftOut.TOTAL):
            self._claim(line, kind, cells, texts, places)
        if kind not in (None, LeftOut.BLANK, LeftOut.CUSTOMER):
            self._group = None
        return kind

    def _head_or_sum(
        self, cells: Sequence[object], texts: list[str], places: list[int], *, has_amount: bool
    ) -> LeftOut | None:
        """Return CUSTOMER for the heading of a customer's group, TOTAL for a sum without a word."""
        of_customer = {self._columns.of[name] for name in _OF_CUSTOMER if name in self._columns.of}
        filled = {at for at, text in enumerate(texts) if text}
        if self._cell(texts, Field.CUSTOMER_NUMBER) and filled <= of_customer:
            self._group = {name: self._cell(texts, name) for name in _OF_CUSTOMER}
            self._own.begin_group()
            return LeftOut.CUSTOMER
        worded = any(text and not is_amount(cells[at]) for at, text in enumerate(texts))
        if has_amount and not worded and not self._cell(texts, Field.CUSTOMER_NUMBER):
            cents = self._balances.total(cells, places)
            if cents is not None and self._own.is_total(cents):
                return LeftOut.TOTAL
        return None

    def _counted_total(
        self, number: str, cells: Sequence[object], texts: list[str], places: list[int]
    ) -> LeftOut | None:
        """Return TOTAL for a total with the count of its rows where an invoice has its number.

        Raises Unreadable for a row that looks like one, and is not proven to be.
        """
        spoken = {self._columns.of[name] for name in _SPOKEN if name in self._columns.of}
        worded = [text for at, text in enumerate(texts) if at not in spoken and is_word_for_total(text)]
        self._not_of_customer(number, cells, texts, places)
        count = int(number) if number.isdecimal() and len(number) <= _LONGEST_COUNT else 0
        cents = self._balances.total(cells, places) if count else None
        nobodys = not self._cell(texts, Field.CUSTOMER_NUMBER)
        if count and cents is not None and self._own.is_counted_total(count, cents):
            if count > 1 or worded or nobodys:
                return LeftOut.TOTAL
            raise Unreadable(f"it may be the total of the row above: 1 invoice, {Money(cents).shown}")
        if worded:
            raise Unreadable(f"{quoted(worded[0])} is no part of an invoice")
        if count and nobodys and self._own.may_be_count(count):
            raise Unreadable("it may be the total of the rows above, some of which are refused")
        return None

    def _not_of_customer(
        self, number: str, cells: Sequence[object], texts: list[str], places: list[int]
    ) -> None:
        """Raise Unreadable for a customer's subtotal in the place of an invoice."""
        named = self._cell(texts, Field.CUSTOMER_NUMBER) or (self._group or {}).get(Field.CUSTOMER_NUMBER, "")
        words = [self._cell(texts, name) for name in _SPOKEN]
        if number.lstrip("0") != named.lstrip("0") and not any(map(TOTAL.match, words)):
            return
        if self._last[0] != named.lstrip("0"):
            return  # the row above is another customer's
        cents = self._balances.total(cells, places)
        if cents and self._own.is_total(cents):
            raise Unreadable(f"it may be the total of the rows above: {Money(cents).shown}")

    def _claim(
        self, line: int, kind: LeftOut, cells: Sequence[object], texts: list[str], places: list[int]
    ) -> None:
        self._claim_counts(line, texts)
        cents = self._balances.total(cells, places) if kind is LeftOut.TOTAL else None
        if cents is not None:
            self._own.claim_total(line, cents)

    def _shaped(self, cells: Sequence[object], texts: list[str]) -> None:
        """Raise Unreadable for a row of another shape than the headings.

        In a workbook each cell has its place.
        """
        self._not_a_formula(cells, texts)
        for name, others in self._same.items():
            for at in others:
                if at < len(texts) and texts[at] not in ("", self._cell(texts, name)):
                    raise Unreadable(f"two columns are {self._names[at]}, and they differ")
        if not self._reading.text_only:
            beyond = cells[len(self._header.headings) :]
            if self._columns.aging and Field.BALANCE not in self._columns.of and any(map(is_amount, beyond)):
                raise Unreadable("an amount is to the right of the headings, and the row has no total")
            return
        if len(cells) not in (len(self._header.headings), self._reading.cells) or any(
            texts[self._header.width :]
        ):
            raise Unreadable(f"{len(cells)} cells, but {self._header.width} headings")

    def _not_a_formula(self, cells: Sequence[object], texts: list[str]) -> None:
        """Raise Unreadable if a cell that decides is a formula without its result, or an error of Excel."""
        of = self._columns.of
        for at in (*(of[name] for name in _DECIDING if name in of), *self._flags, *self._direct):
            if at < len(cells) and isinstance(texts[at], Formula):
                raise Unreadable(f"{self._names[at]} is a formula without its result")
            if at < len(cells) and at != of.get(Field.CUSTOMER_NAME) and str(cells[at]).strip() in ERRORS:
                raise Unreadable(f"{self._names[at]} is {cells[at]}, an error of Excel")

    def _is_direct_bill(self, cells: Sequence[object], texts: list[str]) -> bool:
        self._shaped(cells, texts)
        flagged = [is_flagged_direct(texts[at]) for at in self._direct if at < len(texts)]
        direct = is_direct_bill(self._cell(texts, Field.BILL_METHOD)) or any(flagged)
        if not direct and not self._sections.direct:
            return False
        with contextlib.suppress(Unreadable):
            self._own.add(0, self._balances.balance(cells, texts), rows=0)
        return True

    def _customer(self, line: int, texts: list[str], made: Converted) -> None:
        number = customer_number(self._cell(texts, Field.CUSTOMER_NUMBER))
        made.customers[number] = (
            number,
            name_of(self._cell(texts, Field.CUSTOMER_NAME)),
            self._zip(line, self._cell(texts, Field.ZIP), texts, made),
            self._text(line, Field.PHONE, texts, made),
            self._text(line, Field.EMAIL, texts, made),
        )

    def _invoice(self, line: int, cells: Sequence[object], texts: list[str], made: Converted) -> InvoiceRow:
        number = invoice_number(self._cell(texts, Field.INVOICE_NUMBER))
        self._sections.check()
        check_currency(self._cell(texts, Field.CURRENCY))
        customer, name, told = self._whose(texts)
        stated = self._balances.balance(cells, texts)
        self._require_same_customer(customer, name)
        if any(says_credit(self._names[at], texts[at]) for at in self._signs if at < len(texts)):
            stated = -abs(stated)
        check_kind(self._cell(texts, Field.KIND), stated)
        check_description(self._cell(texts, Field.DESCRIPTION))
        self._balances.no_credit_beside(texts, stated)
        balance = 0 if self._is_closed(texts, owed=stated != 0) else stated
        amount = self._amount(line, cells, texts, made)
        self._balances.not_before_payment(cells, balance, amount)
        invoiced = self._date(line, cells, texts, Field.INVOICE_DATE, made)
        effective = self._date(line, cells, texts, Field.EFFECTIVE_DATE, made)
        due = self._date(line, cells, texts, Field.DUE_DATE, made)
        self._own.add(balance, stated)
        self._last = (customer, name)
        known = made.customers.get(customer, ("",) * 5)
        made.customers[customer] = (
            customer,
            name,
            self._zip(line, told[Field.ZIP], texts, made) or known[2],
            free_text(told[Field.PHONE]) or known[3],
            free_text(told[Field.EMAIL]) or known[4],
        )
        return (
            number,
            customer,
            name,
            stated if amount is None else amount,
            balance,
            invoiced or effective,
            due,
            self._text(line, Field.DESCRIPTION, texts, made),
            self._text(line, Field.POLICY, texts, made),
            self._text(line, Field.INSURER, texts, made),
        )

    def _is_closed(self, texts: list[str], *, owed: bool) -> bool:
        """Return True if the status, or a column such as Void, says so. Raises Unreadable."""
        status = self._columns.of.get(Field.STATUS)
        told = status is not None and status not in self._flags and is_closed(self._cell(texts, Field.STATUS))
        flagged = [
            is_flagged_closed(flag, self._names[at], texts[at], owed=owed)
            for at, flag in self._flags.items()
            if at < len(texts)
        ]
        return told or any(flagged)

    def _whose(self, texts: list[str]) -> tuple[str, str, dict[Field, str]]:
        """Return number and name of the row's customer, and what is told of it. Raises Unreadable."""
        told = {name: self._cell(texts, name) for name in _OF_CUSTOMER}
        group = self._group
        name = name_of(told[Field.CUSTOMER_NAME])
        if not told[Field.CUSTOMER_NUMBER]:
            if self._reading.customer is not None:
                number, only = self._reading.customer
                return number, name or only, told
            if group is None:
                raise Unreadable("no customer number")
            if name and name.casefold() != name_of(group[Field.CUSTOMER_NAME]).casefold():
                self._group = None
                raise Unreadable("no customer number, and the name isn't the group's")
            told = {field: held or group[field] for field, held in told.items()}
        elif group is not None and told[Field.CUSTOMER_NUMBER] != group[Field.CUSTOMER_NUMBER]:
            self._group = None
        elif group is not None:
            told = {field: held or group[field] for field, held in told.items()}
        number = customer_number(told[Field.CUSTOMER_NUMBER])
        if self._reading.customer is not None and number != self._reading.customer[0]:
            raise Unreadable(f"customer {number}, not {self._reading.customer[0]}")
        name = name_of(told[Field.CUSTOMER_NAME]) or (self._last[1] if self._last[0] == number else "")
        if not name:
            raise Unreadable("no customer name")
        return number, name, told

    def _require_same_customer(self, number: str, name: str) -> None:
        """Raise Unreadable for a second name of a customer number, without a word of the first.

        A column of ledger accounts once showed everybody's invoices to everybody.
        """
        if len(self._name_of) < _MOST_NAMES:
            self._name_of.setdefault(number, name)
        known = self._name_of.get(number, name)
        if known != name and set(words := plain(known).split()).isdisjoint(plain(name).split()) and words:
            raise Unreadable(f"customer {number} has another name above: {quoted(known)}")

    # ---- values -----------------------------------------------------------------------------

    def _amount(self, line: int, cells: Sequence[object], texts: list[str], made: Converted) -> int | None:
        at = self._columns.of.get(Field.AMOUNT)
        if at is None or at >= len(cells) or str(cells[at] or "").strip(" $") in DASHES:
            return None
        try:
            return self._balances.cents(cells[at])
        except Unreadable as odd:
            made.lost.append(_reject(line, str(odd), texts))
            return None

    def _date(
        self, line: int, cells: Sequence[object], texts: list[str], name: Field, made: Converted
    ) -> str | None:
        at = self._columns.of.get(name)
        if at is None or at >= len(cells):
            return None
        value = cells[at]
        value = value.strip() if isinstance(value, str) and not isinstance(value, Formula) else value
        try:
            return self._dates[value]
        except OtherOrder as odd:
            if not self._reading.said and made.other_order is None:
                made.other_order = Proof(line, str(value))
            made.lost.append(_reject(line, str(odd), texts))
        except (Unreadable, TypeError) as odd:
            if self._reading.text_only and CENTS_CELL.fullmatch(str(value)):
                raise Unreadable(f"“{value}” is under {self._names[at]}") from None
            made.lost.append(_reject(line, str(odd), texts))
        return None

    def _zip(self, line: int, text: str, texts: list[str], made: Converted) -> str:
        try:
            return zip_of(text)
        except Unreadable as odd:
            made.lost.append(_reject(line, str(odd), texts))
            return ""

    def _text(self, line: int, name: Field, texts: list[str], made: Converted) -> str:
        text = self._cell(texts, name)
        if isinstance(text, Formula):
            made.lost.append(_reject(line, f"the {name.value} is a formula without its result", texts))
            return ""
        kept = free_text(text)
        if kept != cut(text):
            made.lost.append(_reject(line, f"the {name.value} looks like it has a card number", texts))
        return kept
