"""Deposit files: receipts as CSV for AMS360's Import Deposit screen.

The screen takes any layout by a template (vendor help, paymentimport). Payer, invoice, check number and check
amount are the fields that EMS names, too. The other columns help the person who matches the lines.
"""

from __future__ import annotations

from collections.abc import Iterable

from paydesk.domain.posting import AgencyReceipt
from paydesk.domain.spreadsheet import csv_file
from paydesk.domain.tender import TenderKind

HEADER = (
    "payer_name",
    "invoice_number",
    "check_number",
    "check_amount",
    "payment_date",
    "payment_type",
    "customer_number",
    "description",
)

PAYMENT_TYPES = {
    TenderKind.CREDIT_CARD: "CreditCard",
    TenderKind.DEBIT_CARD: "DebitCard",
    TenderKind.ACH: "EFT",
}


def deposit_csv(receipts: Iterable[AgencyReceipt]) -> bytes:
    """Return one line for each invoice paid, net of the fee. The check number is the receipt number."""
    return csv_file(
        HEADER,
        (
            (
                receipt.payer_name,
                item.invoice_number or "",
                receipt.receipt_number,
                f"{item.amount.dollars:.2f}",
                f"{receipt.received_on:%m/%d/%Y}",
                PAYMENT_TYPES[receipt.tender],
                receipt.customer_number,
                receipt.description,
            )
            for receipt in receipts
            for item in receipt.items
        ),
    )
