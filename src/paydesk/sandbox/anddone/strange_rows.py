"""Payments of others in AndDone's list, in forms that no published sample has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from paydesk.sandbox.server.clock import vendor_text


def strange_rows(now: datetime) -> list[dict[str, Any]]:
    """Return a few payments of today, oldest first. None names an invoice of the training agency."""
    usual: dict[str, Any] = {
        "transactionDate": vendor_text(now.replace(hour=0, minute=0, second=0)),
        "operationType": "Sale",
        "channelType": "CreditCard",
        "transactionStatus": "Authorized",
        "amount": 178.0,
        "captureAmount": 178.0,
        "transactionOrigin": "VirtualTerminal",
        "referenceNo": "REF700001",
        "merchantReference": "MR700001",
    }
    strange: tuple[dict[str, Any], ...] = (
        {"captureAmount": 183.6782, "adjustmentAmount": 5.6782},
        {"amount": "178.00", "captureAmount": "$183.68"},
        {"transactionDate": "5/18/2026 4:10:02 PM +00:00"},
        {"additionaFields": {"invoice": "77002", "note": ["a", "b"]}},
        {"additionaFields": "x" * 5000},
        {"amount": 123_456_789_012.0},
        {"transactionId": None},
        {"transactionId": ""},
        {"operationType": None, "transactionStatus": None},
        {"operationType": 0, "transactionStatus": 2},
        {"operationType": "Inquire", "transactionStatus": "Quarantined"},
        {"merchantReference": None, "referenceNo": None, "invoiceId": None},
    )
    return [
        usual | {"transactionId": f"6f0d5c1a-0000-4000-8000-{at:012d}", "invoiceId": f"{77_001 + at}"} | odd
        for at, odd in enumerate(strange)
    ]
