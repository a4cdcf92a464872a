"""Evidence of single rows about the whole file: date order, decimal sign, and columns of amounts."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from paydesk.domain.invoices.columns import Columns, Header
from paydesk.domain.invoices.headings import AMOUNTS, DATES, Field
from paydesk.domain.invoices.reading import Proofs
from paydesk.gateways.files.csv_lines import Row
from paydesk.gateways.files.dates import date_proof
from paydesk.gateways.files.left_out import is_amount, is_number
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
    named = {*columns.of.values(), *columns.aging, *columns.ignored}
    places = [at for at, heading in enumerate(header.headings) if heading and at not in named]
    beside = range(min(columns.aging) - 1, max(columns.aging) + 2)
    return tuple(
        at for at in places if _holds_amounts([row[at] for row in rows if at < len(row)], whole=at in beside)
    )


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
