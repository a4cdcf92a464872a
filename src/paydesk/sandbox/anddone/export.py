"""The export of payments as CSV, in the form of the one published sample."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from paydesk.domain.money import Money
from paydesk.sandbox.anddone.books import Charge
from paydesk.sandbox.anddone.merchant import ACH

COLUMNS: Final = (
    "ShopperName", "PaymentMethod", "AccountNumber", "MerchantReference", "RefID", "RefValue",
    "TransactionId", "Date", "Status", "ShopperCompanyName", "SubTotal", "TechnologyFee", "TotalAmount",
)  # fmt: skip
ENTRY_CLASSES: Final = {"Business": "CCD", "Personal": "PPD"}
"""PaymentMethod of a bank account. The sample has CCD alone, and nobody says how AndDone chooses it."""


def exported(charges: Iterable[Charge]) -> str:
    """Return the payments as CSV, a heading first. Refunds have no line, because no sample shows one."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    lines.writerows(_line(charge) for charge in charges)
    return text.getvalue()


def _line(charge: Charge) -> list[str]:
    contact = charge.wire.get("billingContact") or {}
    return [
        charge.instrument.holder or "",
        _method(charge),
        charge.instrument.mask,
        charge.reference,
        "InvoiceNumber" if charge.invoice_no else "",
        charge.invoice_no or "",
        charge.transaction_id,
        _date(charge),
        charge.status,
        str(contact.get("companyName") or ""),
        _amount(charge.amount),
        _amount(charge.fee),
        _amount(charge.total),
    ]


def _method(charge: Charge) -> str:
    if charge.tender == ACH:
        return ENTRY_CLASSES.get(charge.instrument.category or "", "WEB")
    return charge.instrument.kind


def _date(charge: Charge) -> str:
    """Return the time as the sample has it: ``5/18/2026 4:10:02 PM``."""
    at = charge.made_at
    half = "AM" if at.hour < 12 else "PM"
    return f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S} {half}"


def _amount(money: Money) -> str:
    """Return dollars without trailing zeros, as the sample has ``5`` and ``55.29``."""
    return f"{money.dollars.normalize():f}"
