"""Receipts and deposits in AMS360: validation, and their effect on balances.

The field rules are those of the 2024 R1 release note. It does not mention overpayment or a
foreign invoice. The emulator refuses both, so that PayDesk meets the strictest server first.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from paydesk.domain.money import ZERO, AmountError, Money, total
from paydesk.sandbox.ams360.agency import Agency, Invoice

CHECK_TYPES: Final = frozenset({"H", "Check", "A", "Cash", "R", "CreditCard", "D", "DebitCard", "E", "EFT"})
_NEEDED: Final = ("receiptDate", "receiptDateTimeZone", "bankShortName", "paymentCheckType")


class EmsRefusal(Exception):
    """A refusal by EMS: HTTP status and words. A bare 400 has none."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank of the agency. Its receipts apply to invoices of its division only."""

    code: str
    name: str
    short_name: str
    division: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A posted receipt with the amount for each invoice. None is money on account."""

    receipt_id: str
    customer_number: int
    amount: Money
    applied: tuple[tuple[int | None, Money], ...]
    date: str
    bank: str
    check_type: str
    description: str


@dataclass(frozen=True, slots=True)
class Activity:
    """A note on a customer."""

    activity_id: str
    customer_number: int
    action: str
    comment: str


@dataclass(slots=True)
class Posted:
    """The receipts, deposits and activities written into AMS360, in order."""

    receipts: list[Receipt] = field(default_factory=list)
    deposits: list[dict[str, Any]] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)


def apply_receipt(agency: Agency, banks: Sequence[Bank], fields: Mapping[str, Any]) -> Receipt:
    """Check a receipt, lower the balances, and return it. All or nothing. Raises EmsRefusal."""
    customer = agency.customers.get(_number(fields.get("customerNumber")))
    if customer is None or customer.person.hidden:
        raise EmsRefusal(403, "No customer found, or no access to the customer.")
    missing = [name for name in _NEEDED if not fields.get(name)]
    if missing:
        raise EmsRefusal(400, f"The field {missing[0]} is required.")
    if fields["paymentCheckType"] not in CHECK_TYPES:
        raise EmsRefusal(400, "Unknown paymentCheckType.")
    bank = _bank(banks, str(fields["bankShortName"]))
    amount = _positive(fields.get("receiptAmount"), "receiptAmount")
    items = _items(fields.get("invoiceInformations"))
    if total(part for _, part in items) != amount:
        raise EmsRefusal(400, "The invoice amounts do not add up to receiptAmount.")
    invoices = [(_payable(agency, number, customer.number, bank), part) for number, part in items]
    _refuse_overpayment(invoices)
    for invoice, part in invoices:
        if invoice is not None:
            invoice.applied += part
    return Receipt(
        receipt_id=str(uuid.uuid4()),
        customer_number=customer.number,
        amount=amount,
        applied=tuple(items),
        date=str(fields["receiptDate"])[:10],
        bank=bank.short_name,
        check_type=str(fields["paymentCheckType"]),
        description=str(fields.get("receiptDescription") or f"Receipt of customer {customer.number}"),
    )


def deposit(agency: Agency, banks: Sequence[Bank], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Import a deposit. Lines match by number and remaining balance, and none is applied yet."""
    if not fields.get("generalLedgerDate"):
        raise EmsRefusal(400, "The field generalLedgerDate is required.")
    if fields.get("bankCode") not in {bank.code for bank in banks}:
        raise EmsRefusal(403, "No access to the bank.")
    lines = fields.get("details") or []
    amounts = [_positive(line.get("checkAmount"), "checkAmount") for line in lines]
    if total(amounts) != _positive(fields.get("totalAmount"), "totalAmount"):
        raise EmsRefusal(400, "The lines do not add up to totalAmount.")
    matched = sum(_matches(agency, line, amount) for line, amount in zip(lines, amounts, strict=True))
    return {"depositId": str(uuid.uuid4()), "matched": matched, "unmatched": len(lines) - matched}


def _matches(agency: Agency, line: Mapping[str, Any], amount: Money) -> bool:
    number = str(line.get("invoiceNumber") or "")
    invoice = agency.invoices.get(int(number)) if number.isdecimal() else None
    return invoice is not None and invoice.balance == amount


def _items(value: object) -> list[tuple[int | None, Money]]:
    if not isinstance(value, list) or not value:
        raise EmsRefusal(400, "At least one item of invoiceInformations is required.")
    return [
        (
            None if item.get("invoiceNumber") is None else _number(item["invoiceNumber"]),
            _positive(item.get("amount"), "amount"),
        )
        for item in value
    ]


def _payable(agency: Agency, number: int | None, customer_number: int, bank: Bank) -> Invoice | None:
    if number is None:
        return None
    invoice = agency.invoices.get(number)
    if invoice is None or invoice.canceled or invoice.customer_number != customer_number:
        raise EmsRefusal(400, f"Invoice {number} is not an open invoice of this customer.")
    if invoice.division != bank.division:
        raise EmsRefusal(403, f"Invoice {number} is in a different division than the bank account.")
    return invoice


def _refuse_overpayment(invoices: Sequence[tuple[Invoice | None, Money]]) -> None:
    wanted: dict[int, Money] = {}
    for invoice, part in invoices:
        if invoice is None:
            continue
        wanted[invoice.number] = wanted.get(invoice.number, ZERO) + part
        if wanted[invoice.number] > invoice.balance:
            raise EmsRefusal(400, f"More than the balance of invoice {invoice.number}.")


def _bank(banks: Sequence[Bank], short_name: str) -> Bank:
    for bank in banks:
        if bank.short_name == short_name:
            return bank
    raise EmsRefusal(403, "No access to the bank.")


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise EmsRefusal(400, "A number is missing or not whole.")
    return value


def _positive(value: object, name: str) -> Money:
    try:
        money = Money.from_dollars(Decimal(str(value)))
    except (AmountError, InvalidOperation):
        raise EmsRefusal(400, f"{name} is not an amount.") from None
    if money <= ZERO:
        raise EmsRefusal(400, f"{name} must be greater than zero.")
    return money
