"""Evidence of single rows about the whole file: date order, decimal sign, and columns of amounts."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from paydesk.domain.invoices.columns import Columns, Header
from paydesk.domain.invoices.headings import (
    AMOUNTS,
    DATES,
    Field,
    is_harmless,
    may_be_balance,
    plain,
    taken_off_in,
)
from paydesk.domain.invoices.reading import Proofs
from paydesk.gateways.files.csv_lines import Row
from paydesk.gateways.files.dates import date_proof
from paydesk.gateways.files.left_out import is_amount, is_number
from paydesk.gateways.files.status import is_telling, is_word_for_credit
from paydesk.gateways.files.values import Unreadable, cents_of, decimal_proof, style_of, text_of


def is_invoice_row(cells: Sequence[object], columns: Columns) -> bool:
    """Return True if cells stand as those of an invoice would: its number, and a balance."""
    number, balance = columns.of.get(Field.INVOICE_NUMBER), columns.of.get(Field.BALANCE, *columns.aging[:1])
    if number is None or balance is None or max(number, balance) >= len(cells):
        return False
    return is_number(text_of(cells[number])) and is_amount(cells[balance])


def add_proofs(proofs: Proofs, columns: Columns, line: int, cells: Sequence[object]) -> None:
    """Add what the dates, the amounts and the number of cells of one row prove."""
    if len(cells) > 1:
        proofs.cells[len(cells)] += 1
    for name in DATES:
        at = columns.of.get(name)
        if at is not None and at < len(cells) and (order := date_proof(cells[at])):
            proofs.add(order, line, str(cells[at]).strip())
    places = [columns.of[name] for name in AMOUNTS if name in columns.of]
    for at in (*places, *columns.aging):
        if at < len(cells) and (sign := decimal_proof(cells[at])):
            proofs.add(sign, line, str(cells[at]).strip())
        if at < len(cells) and (style := style_of(cells[at])):
            proofs.counts[style] += 1
    _add_balance(proofs, columns, line, cells)


def _add_balance(proofs: Proofs, columns: Columns, line: int, cells: Sequence[object]) -> None:
    """Look for the difference to the balance of the row before among the other amounts of the row."""
    at = columns.of.get(Field.BALANCE)
    if at is None or at >= len(cells) or columns.aging or proofs.balances.has_seen_enough:
        return
    balance = _cents(cells[at])
    _add_account(proofs, columns, cells, balance)
    if balance is None or not (step := proofs.balances.step_to(balance)):
        return
    told = {place for field, place in columns.of.items() if field not in AMOUNTS}
    others = (cell for place, cell in enumerate(cells) if place not in told and place not in columns.ignored)
    dollars = abs(step) // 100
    maybe = [cell for cell in others if _may_be(cell, f"{dollars}", f"{dollars:,}")]
    explained = abs(step) != abs(balance) and any(abs(_cents(cell) or 0) == abs(step) for cell in maybe)
    proofs.balances.count(line, str(cells[at]).strip(), explained=explained)


def _may_be(cell: object, *spellings: str) -> bool:
    """Return False, quickly, for nearly every text that is another amount."""
    return not isinstance(cell, str) or any(one in cell for one in spellings)


def _add_account(proofs: Proofs, columns: Columns, cells: Sequence[object], balance: int | None) -> None:
    """Add the amount of a row to those of its customer."""
    amount, customer = columns.of.get(Field.AMOUNT), columns.of.get(Field.CUSTOMER_NUMBER)
    if amount is None or customer is None or max(amount, customer) >= len(cells):
        return
    cents = _cents(cells[amount])
    if cents is not None and (number := text_of(cells[customer])):
        proofs.accounts.add(number, cents, balance)


def _cents(cell: object) -> int | None:
    with contextlib.suppress(Unreadable):
        return cents_of(cell)
    return None


def unknown_parts(header: Header, rows: Sequence[Row]) -> tuple[int, ...]:
    """Return the columns without a meaning that hold only amounts, beside aging columns without a total."""
    columns = header.columns
    if not columns.aging or Field.BALANCE in columns.of:
        return ()
    beside = range(min(columns.aging) - 1, max(columns.aging) + 2)
    return tuple(
        at
        for at in _without_meaning(header)
        if _holds_amounts([row[at] for row in rows if at < len(row)], whole=at in beside)
    )


_FEW = 12
"""Most different words of a column that says of what kind each row is."""
_LONGEST_WORD = 40
_OTHER_THINGS = frozenset(
    ("policy", "pol", "account", "acct", "customer", "client", "insured", "producer", "agent")
)


def telling_columns(header: Header, rows: Sequence[Row], *, width: int) -> tuple[tuple[int, str], ...]:
    """Return the columns without a meaning that may say what is owed, each with a value that does.

    Such a value is an amount that is not the balance, below a heading that names no part of a premium, or a
    word by which a row is paid, void, a credit, or not in dollars. No table of headings is ever complete: a
    column Pmts or Stat was ignored, and what it told was charged. Columns from ``width`` on refuse their rows
    already.
    """
    owed = [row for row in rows if is_invoice_row(row, header.columns)]
    found = []
    for at in _without_meaning(header):
        cells = [row[at] for row in owed if at < len(row)] if at < width else []
        told = _amount_in(cells, header, owed, at) or _word_in(cells, header.headings[at])
        if told and not (at in header.beside_balance and is_word_for_credit(told)):
            found.append((at, told))
    return tuple(found)


def counts_rows(header: Header, rows: Sequence[Row]) -> bool:
    """Return True if the column of invoice numbers, called # or No., is 1, 2, 3: it counts the rows."""
    at = header.columns.of.get(Field.INVOICE_NUMBER)
    if at is None or plain(header.headings[at]) not in ("number", "no"):
        return False
    owed = [row for row in rows if is_invoice_row(row, header.columns)]
    numbers = [text_of(row[at]) for row in owed[:50]]
    return len(numbers) > 1 and numbers == [str(count) for count in range(1, len(numbers) + 1)]


def _without_meaning(header: Header) -> list[int]:
    columns = header.columns
    known = {*columns.of.values(), *columns.aging, *columns.ignored, *columns.twins, *header.flags}
    known |= {*taken_off_in(header.headings)}
    return [at for at in range(len(header.headings)) if at not in known]


def _amount_in(cells: Sequence[object], header: Header, owed: Sequence[Row], at: int) -> str:
    """Return an amount of a column that may be taken off, or be the true balance. "" for another column."""
    owes = may_be_balance(header.headings[at])
    if not owes and (
        is_harmless(header.headings[at]) or not _holds_amounts(cells, whole=any(map(_is_zero, cells)))
    ):
        return ""
    place, amount = header.columns.of.get(Field.BALANCE), header.columns.of.get(Field.AMOUNT)
    for row in owed:
        cents = _cents(row[at]) if at < len(row) else None
        balance = None if place is None else _cents(row[place])
        total = None if amount is None or amount >= len(row) else _cents(row[amount])
        proven = cents == balance or (total is not None and cents is not None and total - cents == balance)
        if (cents or (owes and cents is not None and balance)) and not proven:
            return text_of(row[at])
    return ""


def _is_zero(cell: object) -> bool:
    """Return True for 0 and $ 0.00: a column that has it counts something, and is none of numbers."""
    return isinstance(cell, int | float) or (
        isinstance(cell, str) and "0" in cell and not cell.strip(" $0.-")
    )


def _word_in(cells: Sequence[object], heading: str) -> str:
    """Return a telling word of a column of few short words, or "". A policy may be canceled, and owed."""
    if not _OTHER_THINGS.isdisjoint(plain(heading).split()):
        return ""
    words: set[str] = set()
    for cell in cells:
        if not isinstance(cell, str):
            if cell is None:
                continue
            return ""
        words.add(cell.strip())
        if len(words) > _FEW or len(cell) > _LONGEST_WORD:
            return ""
    return next(filter(is_telling, sorted(words)), "")


def _holds_amounts(cells: Sequence[object], *, whole: bool) -> bool:
    """Return True for a column of amounts, one of them not zero, and in cents too unless ``whole``
    ones count.
    """
    owed = False
    for cell in cells:
        if isinstance(cell, str) and not cell.strip():
            continue
        cents = _cents(cell)
        if cents is None:
            if cell is None:
                continue
            return False
        owed = owed or bool(cents and (whole or isinstance(cell, float) or "." in str(cell)))
    return owed
