"""The file channel out: receipts as a CSV for AMS360's Import Deposit screen.

The screen takes any layout by a template (vendor help, paymentimport); payer, invoice, check number and
check amount are the fields its EMS sibling names. The rest helps the person who matches the lines.
"""

from __future__ import annotations

from collections.abc import Iterable

from paydesk.domain.posting import AgencyReceipt
from paydesk.domain.spreadsheet import csv_file
from paydesk.gateways.ams360_posting import CHECK_TYPES

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


def deposit_csv(receipts: Iterable[AgencyReceipt]) -> bytes:
    """One line for each invoice paid, net of the fee; the receipt number is the check number of them all."""
    return csv_file(
        HEADER,
        (
            (
                receipt.payer_name,
                item.invoice_number or "",
                receipt.receipt_number,
                f"{item.amount.dollars:.2f}",
                f"{receipt.received_on:%m/%d/%Y}",
                CHECK_TYPES[receipt.tender],
                receipt.customer_number,
                receipt.description,
            )
            for receipt in receipts
            for item in receipt.items
        ),
    )
