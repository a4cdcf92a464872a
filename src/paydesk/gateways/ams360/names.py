"""AMS360's names that no public document confirms. Settings may override each of them.

The contract marks them ``x-inferred``. ``paydesk doctor --ams360`` shows a real agency's answers. No other
module knows a name of the EMS service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from paydesk.domain.errors import KnownError

NAMES: Final[Mapping[str, str]] = {
    "filter.invoice_number": "invoiceNumber",
    "filter.customer_number": "customerNumber",
    "filter.customer_id": "customerId",
    "filter.customer_name": "customerName",
    "filter.changed_since": "changedSince",
    "invoice.id": "invoiceId",
    "invoice.number": "invoiceNumber",
    "invoice.customer_id": "customerId",
    "invoice.customer_number": "customerNumber",
    "invoice.customer_name": "customerName",
    "invoice.policy_number": "policyNumber",
    "invoice.insurer": "",  # the contract has none; an agency whose answers carry it may name it
    "invoice.date": "invoiceDate",
    "invoice.due_date": "dueDate",
    "invoice.bill_method": "billMethod",
    "invoice.type": "invoiceType",
    "invoice.canceled": "isCancelled",
    "invoice.amount": "invoiceAmount",
    "invoice.balance": "balance",
    "invoice.description": "description",
    "invoice.lines": "invoiceTransactions",
    "line.description": "description",
    "line.amount": "grossAmount",
    "line.category": "chargeCategory",
    "customer.id": "customerId",
    "customer.number": "customerNumber",
    "customer.name": "fullName",
    "customer.firm": "firmName",
    "customer.first_name": "firstName",
    "customer.last_name": "lastName",
    "customer.zip": "zipCode",
    "customer.email": "primaryEmail",
    "customer.other_email": "secondaryEmail",
    "customer.phone": "residencePhone",
    "customer.business_phone": "businessPhone",
    "customer.mobile_phone": "mobilePhone",
    "receipt.item_number": "invoiceNumber",
    "receipt.item_amount": "amount",
    "receipt.id": "receiptId",
}

OWED_TO_AGENCY: Final = frozenset({1, 17, *range(101, 109)})
"""Invoice types the customer owes the agency: agency bill, beginning balance, on account."""
RECEIPT_CATEGORIES: Final = frozenset({"R"})
"""Charge categories of lines that are money received, if an agency's lines show receipts at all."""


WINDOWS_ZONES: Final[Mapping[str, str]] = {
    "America/New_York": "Eastern Standard Time",
    "America/Detroit": "Eastern Standard Time",
    "America/Indiana/Indianapolis": "US Eastern Standard Time",
    "America/Chicago": "Central Standard Time",
    "America/Denver": "Mountain Standard Time",
    "America/Boise": "Mountain Standard Time",
    "America/Phoenix": "US Mountain Standard Time",
    "America/Los_Angeles": "Pacific Standard Time",
    "America/Anchorage": "Alaskan Standard Time",
    "Pacific/Honolulu": "Hawaiian Standard Time",
    "America/Puerto_Rico": "SA Western Standard Time",
}
"""Windows names of the time zones of US agencies (Unicode CLDR, windowsZones)."""


_NEVER_EMPTY: Final = frozenset({"invoice.id", "invoice.number", "customer.id", "customer.number"})


_SPELLINGS: Final = {"invoice.cancelled": "invoice.canceled"}
"""British spellings that a setting may have."""


def with_overrides(overrides: Mapping[str, str]) -> Mapping[str, str]:
    """Return the table with an agency's own names. ``""`` means that its answers have no such field.

    Raises KnownError for an unknown key, or for a required name that is missing.
    """
    overrides = {_SPELLINGS.get(key, key): name for key, name in overrides.items()}
    unknown = sorted(set(overrides) - set(NAMES))
    if unknown:
        raise KnownError(
            f"[ams360] names in the settings has an entry that PayDesk does not use: {', '.join(unknown)}.",
            f"It uses: {', '.join(NAMES)}.",
        )
    for key, name in overrides.items():
        if name != name.strip() or (not name and (key in _NEVER_EMPTY or key.startswith("filter."))):
            raise KnownError(
                f"[ams360] names in the settings has no usable name for {key}.",
                f'Write the name as AMS360 spells it, or leave the entry out to use "{NAMES[key]}".',
            )
    return {**NAMES, **overrides}
