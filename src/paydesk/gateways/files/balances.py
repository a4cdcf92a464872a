"""The balance of a row: one sum that the row proves, or no invoice.

A column of balances, the columns of an aging, an amount on account and one that is paid may stand side by
side, and a row may be cut or merged. What is left open raises Unreadable, in words for a person.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence

from paydesk.domain.invoices.columns import Header
from paydesk.domain.invoices.headings import DATES, Field, Flag, is_what_is_left, overlaps_in, taken_off_in
from paydesk.domain.invoices.reading import Reading
from paydesk.domain.money import Money
from paydesk.gateways.files.left_out import total_in
from paydesk.gateways.files.status import is_word_for_credit, says_no
from paydesk.gateways.files.values import Formula, Spanned, Unreadable, cents_of, quoted

_NO_NUMBERS = (*DATES, Field.ZIP, Field.DESCRIPTION, Field.STATUS, Field.CURRENCY, Field.INSURER)
"""Fields in which three digits are the rest of an amount cut at its comma."""
_OWED = (Field.BALANCE, Field.UNAPPLIED)
CENTS_CELL = re.compile(r"\s*[-($]*\s*[0-9]{1,3}(?:,?[0-9]{3})*\.[0-9]{2}[)-]?\s*")
"""An amount in dollars and cents."""
_CUT_HEAD, _CUT_TAIL = re.compile(r"[-($+ ]*[1-9][0-9]{0,2}"), re.compile(r"[0-9]{3}(?:\.[0-9]{2})?[)*-]?")


class Balances:
    """Reads what the rows of one file owe, and the totals between them."""

    def __init__(self, header: Header, reading: Reading) -> None:
        self._header, self._columns, self._names = header, header.columns, header.names
        self._reading = reading
        named = {at for name, at in header.columns.of.items() if name is not Field.PAID}
        taken_off = {*taken_off_in(header.headings)} - named - {*header.columns.ignored}
        self._taken_off = sorted(taken_off | {*filter(None, [header.columns.of.get(Field.PAID)])})
        self._paid_flags = [at for at, flag in header.flags.items() if flag is Flag.PAID]
        self._overlaps = overlaps_in(header.headings, header.columns.aging)
        of = header.columns.of
        self.places = [*(of[name] for name in _OWED if name in of), *header.columns.aging]
        """The columns of what is owed."""
        self._no_numbers = {of[one] for one in _NO_NUMBERS if one in of}

    def cents(self, cell: object) -> int | None:
        """Return the cents of a cell, or None for a blank one. Raises Unreadable."""
        return cents_of(cell, self._reading.decimal)

    def balance(self, cells: Sequence[object], texts: list[str]) -> int:
        """Return the balance: one proven sum. Raises Unreadable."""
        self._not_cut_at_comma(texts)
        self._of_this_row_alone(cells)
        of, aging = self._columns.of, self._columns.aging
        said = self._money(cells, Field.BALANCE)
        credit = self._money(cells, Field.UNAPPLIED) or 0
        self._same_in_twins(said, cells)
        if not aging:
            if said is None:
                raise Unreadable("no balance")
            if credit:
                raise Unreadable(
                    f"{Money(credit).shown} is on account, and it isn't clear if the balance includes it"
                )
            return said
        parts = [self.cents(cells[at]) for at in aging if at < len(cells)]
        known = [part for part in parts if part is not None]
        if not known and said is None:
            raise Unreadable("no balance")
        summed = sum(known)
        self._not_twice(cells, proven=said is not None)
        if Field.BALANCE not in of and not credit:
            return summed
        if said is None:
            raise Unreadable("the row has no total to check its balance")
        if said not in {summed, summed + credit, summed - credit}:
            raise Unreadable(
                f"the aging columns add up to {Money(summed).shown}, but the total is {Money(said).shown}"
            )
        return said

    def not_before_payment(self, cells: Sequence[object], balance: int, amount: int | None) -> None:
        """Raise Unreadable if a part is paid, and the balance may be that before the payment.

        It is taken off if amount and payments give the balance, or if the balance's heading says so.
        """
        paid = self._paid(cells) if balance else 0
        at = self._columns.of.get(Field.BALANCE)
        told = (at is None or is_what_is_left(self._names[at])) and balance != amount
        if paid and not told and (amount is None or amount - paid != balance):
            raise Unreadable(f"{Money(paid).shown} is paid or credited. It isn't clear if it is taken off")

    def no_credit_beside(self, texts: list[str], stated: int) -> None:
        """Raise Unreadable if CR stands beside a balance above zero, in a column of unknown meaning."""
        texts_beside = (texts[at] for at in self._header.beside_balance if at < len(texts))
        found = next(filter(is_word_for_credit, texts_beside), None)
        if stated > 0 and found is not None:
            raise Unreadable(f"“{found}” is beside a balance above zero")

    def total(self, cells: Sequence[object], places: list[int]) -> int | None:
        """Return the balance of a line with totals: in its column, else its only amount with cents."""
        at = self._columns.of.get(Field.BALANCE)
        with contextlib.suppress(Unreadable):
            if at is not None and at < len(cells) and (cents := self.cents(cells[at])) is not None:
                return cents
            if at is None:
                parts = [self.cents(cells[place]) for place in places]
                known = [part for part in parts if part is not None]
                if len(known) > 1:
                    return sum(known)
        spelled = [cell for cell in cells if isinstance(cell, float) or CENTS_CELL.fullmatch(str(cell or ""))]
        if len(spelled) == 1:
            with contextlib.suppress(Unreadable):
                return self.cents(spelled[0])
        return None if spelled else total_in([str(cell) for cell in cells if cell])

    def _not_cut_at_comma(self, texts: list[str]) -> None:
        """Raise Unreadable if an amount without quotes was cut at its comma: 1,250.00 is not 1.00."""
        if not self._reading.text_only:
            return
        amount = self._columns.of.get(Field.AMOUNT)
        for at in (*self.places, *(() if amount is None else (amount,))):
            head, tail = texts[at], texts[at + 1] if at + 1 < len(texts) else ""
            telling = "." in tail or at + 1 in self._no_numbers or self._reading.always_cents
            if telling and _CUT_HEAD.fullmatch(head) and _CUT_TAIL.fullmatch(tail):
                raise Unreadable(f"“{head},{tail}” looks like one amount cut at its comma")

    def _of_this_row_alone(self, cells: Sequence[object]) -> None:
        """Raise Unreadable if an amount is in a cell merged over several rows, and the number is not."""
        number = self._columns.of[Field.INVOICE_NUMBER]
        if isinstance(cells[number], Spanned):
            return
        for at in self.places:
            if at < len(cells) and isinstance(cells[at], Spanned):
                raise Unreadable(f"{self._names[at]} is one cell for several rows")

    def _same_in_twins(self, said: int | None, cells: Sequence[object]) -> None:
        """Raise Unreadable if another column of balances says something else."""
        for at in self._columns.twins:
            other = self.cents(cells[at]) if at < len(cells) else None
            if other is not None and other != said and not self._is_before_payment(other, said, cells):
                raise Unreadable(
                    f"{self._names[at]} is {Money(other).shown}, but the balance is {Money(said or 0).shown}"
                )

    def _is_before_payment(self, other: int, said: int | None, cells: Sequence[object]) -> bool:
        """Return True for a Total Due beside the Balance, if what is paid is just the difference."""
        at = self._columns.of.get(Field.BALANCE)
        left = at is not None and is_what_is_left(self._names[at])
        return left and said is not None and other - self._paid(cells) == said

    def _not_twice(self, cells: Sequence[object], *, proven: bool) -> None:
        """Raise Unreadable if two ages share days, both have an amount, and no total proves their sum."""
        for one, other in () if proven else self._overlaps:
            if all(at < len(cells) and self.cents(cells[at]) for at in (one, other)):
                raise Unreadable(
                    f"{self._names[other]} may be a part of {self._names[one]}, and the row has no total"
                )

    def _paid(self, cells: Sequence[object]) -> int:
        """Return the cents that are paid or credited, whatever their sign. Raises Unreadable for a word."""
        paid = 0
        for at in self._taken_off:
            cell = cells[at] if at < len(cells) else None
            if not says_no(str(cell or "")):
                paid += abs(self._amount_paid(cell, self._names[at]))
        for at in self._paid_flags:
            with contextlib.suppress(Unreadable):
                paid += abs(self.cents(cells[at]) or 0) if at < len(cells) else 0
        return paid

    def _amount_paid(self, cell: object, heading: str) -> int:
        try:
            return self.cents(cell) or 0
        except Unreadable:
            shown = "a formula without its result" if isinstance(cell, Formula) else quoted(str(cell))
            raise Unreadable(f"{shown} is under {heading}, and isn't an amount") from None

    def _money(self, cells: Sequence[object], name: Field) -> int | None:
        at = self._columns.of.get(name)
        return None if at is None or at >= len(cells) else self.cents(cells[at])
