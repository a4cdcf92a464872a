"""What AMS360's answers say: pure readers, from rows to customers and invoices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from paydesk.domain.errors import KnownError
from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import Money, total
from paydesk.gateways.ams360_names import OWED_TO_AGENCY, RECEIPT_CATEGORIES
from paydesk.gateways.fields import Fields

Names = Mapping[str, str]


def to_customer(row: Fields, names: Names) -> Customer:
    """A customer row. Raises WrongAnswer when number, id or name are missing."""
    phones = (row.text(names[f"customer.{kind}phone"]) for kind in ("", "business_", "mobile_"))
    return Customer(
        number=_required(row, names["customer.number"]),
        name=_customer_name(row, names),
        source_id=_required(row, names["customer.id"]),
        zip_code=row.text(names["customer.zip"]),
        phones=tuple(dict.fromkeys(phone for phone in phones if phone)),
        email=row.text(names["customer.email"]) or row.text(names["customer.other_email"]),
    )


def _customer_name(row: Fields, names: Names) -> str:
    parts = (row.text(names["customer.first_name"]), row.text(names["customer.last_name"]))
    whole = row.text(names["customer.name"]) or row.text(names["customer.firm"]) or " ".join(parts).strip()
    if not whole:
        raise row.wrong(names["customer.name"])
    return whole


def is_cancelled(row: Fields, names: Names) -> bool:
    """Whether the invoice was voided or replaced by a correction."""
    name = names["invoice.cancelled"]
    word = row.text(name).upper()
    if word not in ("", "Y", "N"):
        raise row.wrong(name)
    return word == "Y"


def is_owed_to_agency(row: Fields, names: Names) -> bool:
    """Whether it is money the customer owes the agency: agency bill or on account.

    Direct bill and commission entries are not; a row that tells neither type nor method cannot
    be judged and raises WrongAnswer.
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
    """An invoice row. Raises WrongAnswer, and KnownError when it does not tell what is owed."""
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
    """Amount and balance; from the lines where the header has none.

    The lines give a balance only where the agency's lines are known to show receipts: else a
    paid invoice would look open.
    """
    amount = row.money(names["invoice.amount"], text_too=True)
    balance = row.money(names["invoice.balance"], text_too=True)
    lines = [_line(line, names) for line in row.rows(names["invoice.lines"])]
    if amount is None and lines:
        amount = total(money for money, receipt in lines if not receipt)
    if balance is None and lines and lines_show_receipts:
        balance = total(money for money, _ in lines)
    if balance is None:
        raise KnownError(
            f"AMS360 does not tell what is still owed on invoice {number}.",
            "Look at it in AMS360 before taking money for it.",
        )
    return balance if amount is None else amount, balance


def _line(line: Fields, names: Names) -> tuple[Money, bool]:
    """A line's amount, and whether it is money received."""
    amount = line.money(names["line.amount"], text_too=True)
    if amount is None:
        raise line.wrong(names["line.amount"])
    return amount, line.text(names["line.category"]).upper() in RECEIPT_CATEGORIES


def _description(row: Fields, names: Names) -> str:
    """The header's description, or those of the lines."""
    of_lines = (line.text(names["line.description"]) for line in row.rows(names["invoice.lines"]))
    return row.text(names["invoice.description"]) or "; ".join(
        dict.fromkeys(text for text in of_lines if text)
    )


def _required(row: Fields, name: str) -> str:
    text = row.text(name)
    if not text:
        raise row.wrong(name)
    return text
