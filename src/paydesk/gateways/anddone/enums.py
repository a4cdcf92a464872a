"""AndDone's enums in their published order. A reply may hold a name or its number, counted from 0."""

from __future__ import annotations

from typing import Final

STATUSES: Final = (
    "Created", "PendingForAuthorized", "Authorized", "Posted", "Captured", "Failed", "Returned", "Chargeback",
    "Cancelled", "Refunded", "Approved", "CancelAttempt", "RefundAttempt", "Hold", "Denied", "SettlementHold",
    "Success", "Retried", "ReprocessAttempt", "Reprocessed", "ChargebackReversed", "RefundedReversed", "Paid",
    "PaidChargeback", "PaidChargebackReversed", "PaidRefunded", "PaidRefundedReversed", "None", "Unknown",
)  # fmt: skip
OPERATIONS: Final = (
    "Sale", "VerifyOnly", "ForceSale", "Adjust", "Activate", "Deactivate", "Reload", "Refund", "Inquire",
    "ReverseAuth",
)  # fmt: skip
ADJUSTMENTS: Final = ("None", "CashIncentive", "Surcharge", "ConvenienceFee", "CashDiscount")
REFUND_TYPES: Final = ("NA", "Total", "Subtotal", "Remaining", "Partial")
ORIGINS: Final = ("Terminal", "VirtualTerminal", "WebForm", "API", "Schedule", "Batch", "PaymentIntent")


def named(text: str, order: tuple[str, ...]) -> str:
    """Return the name of a number in that order. Any other text stays unchanged."""
    known = text.isdecimal() and text.isascii() and len(text) <= 2 and int(text) < len(order)
    return order[int(text)] if known else text
