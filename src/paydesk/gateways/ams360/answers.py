"""Read AMS360's answers: pure functions from rows to customers and invoices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from paydesk.domain.errors import CannotBePaid
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import Money, total
from paydesk.domain.typed.plain_texts import is_key, tidied
from paydesk.gateways.ams360.names import OWED_TO_AGENCY, RECEIPT_CATEGORIES
from paydesk.gateways.http.fields import Fields

Names = Mapping[str, str]


def to_customer(row: Fields, names: Names) -> Customer:
    """Return the customer of a row. Raises WrongAnswer if number, id or name is missing."""
    phones = (row.text(names[f"customer.{kind}phone"]) for kind in ("", "business_", "mobile_"))
    return Customer(
        number=_required(row, names["customer.number"]),
        name=_customer_name(row, names),
        source_id=_required(row, names["customer.id"]),
        zip_code=row.text(names["customer.zip"]),
        phones=tuple(dict.fromkeys(phone for phone in phones if phone)),
        email=row.text(names["customer.email"]) or row.text(names["customer.other_email"]),
    )


_NAME_PARTS = ("name", "firm", "first_name", "last_name")


def _customer_name(row: Fields, names: Names) -> str:
    whole, firm, first, last = (tidied(row.text(names[f"customer.{part}"])) for part in _NAME_PARTS)
    name = whole or firm or f"{first} {last}".strip()
    if not name:
        raise row.wrong(names["customer.name"])
    return name


def is_canceled(row: Fields, names: Names) -> bool:
    """Return True if the invoice was voided, or replaced by a correction."""
    name = names["invoice.canceled"]
    word = row.text(name).upper()
    if word not in ("", "Y", "N"):
        raise row.wrong(name)
    return word == "Y"


def is_owed_to_agency(row: Fields, names: Names) -> bool:
    """Return True if the customer owes the agency this money: agency bill or on account.

    Direct bill and commission entries are not owed to the agency. Raises WrongAnswer if the row has neither
    type nor method.
    """
    kind, method = row.whole(names["invoice.type"]), row.text(names["invoice.bill_method"]).upper()
    if kind is None and not method:
        raise row.wrong(names["invoice.type"])
    return method in ("", "A") and (kind is None or kind in OWED_TO_AGENCY)


def to_invoice(
    row: Fields,
    number: str,
    customer: Customer,
    names: Names,
    read_at: datetime,
    *,
    lines_show_receipts: bool,
) -> Invoice:
    """Return the invoice of a row. Raises WrongAnswer, or KnownError if the row has no balance."""
    amount, balance = _amounts(row, number, names, lines_show_receipts=lines_show_receipts)
    return Invoice(
        number=number,
        customer_number=customer.number,
        customer_name=customer.name,
        amount=amount,
        balance=balance,
        read_at=read_at,
        invoice_date=row.day(names["invoice.date"]),
        due_date=row.day(names["invoice.due_date"]),
        description=_description(row, names),
        policy_number=row.text(names["invoice.policy_number"]),
        insurer=row.text(names["invoice.insurer"]),
        source_id=row.text(names["invoice.id"]),
        customer_source_id=customer.source_id,
    )


def _amounts(row: Fields, number: str, names: Names, *, lines_show_receipts: bool) -> tuple[Money, Money]:
    """Return amount and balance, computed from the lines if the header has none.

    The lines give a balance only if this agency's lines are known to show receipts. Without receipts a paid
    invoice would look open.
    """
    amount = row.money(names["invoice.amount"], text_too=True)
    balance = row.money(names["invoice.balance"], text_too=True)
    lines = [_line(line, names) for line in row.rows(names["invoice.lines"])]
    if amount is None and lines:
        amount = total(money for money, receipt in lines if not receipt)
    if balance is None and lines and lines_show_receipts:
        balance = total(money for money, _ in lines)
    if balance is None:
        raise CannotBePaid(
            f"AMS360 doesn't show what is still owed on invoice {number}.",
            "Check it in AMS360 before you take a payment for it.",
        )
    return balance if amount is None else amount, balance


def _line(line: Fields, names: Names) -> tuple[Money, bool]:
    """Return a line's amount, and True if it is money received."""
    amount = line.money(names["line.amount"], text_too=True)
    if amount is None:
        raise line.wrong(names["line.amount"])
    return amount, line.text(names["line.category"]).upper() in RECEIPT_CATEGORIES


def _description(row: Fields, names: Names) -> str:
    """Return the header's description, or those of the lines."""
    of_lines = (line.text(names["line.description"]) for line in row.rows(names["invoice.lines"]))
    return row.text(names["invoice.description"]) or "; ".join(
        dict.fromkeys(text for text in of_lines if text)
    )


def _required(row: Fields, name: str) -> str:
    text = row.text(name)
    if not is_key(text):
        raise row.wrong(name)
    return text
