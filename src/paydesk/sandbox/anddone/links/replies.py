"""Payment links as AndDone's replies."""

from __future__ import annotations

from typing import Any

from paydesk.domain.money import Money
from paydesk.sandbox.anddone.books import ACCEPTED, Charge, Link
from paydesk.sandbox.anddone.links.orders import UNITS
from paydesk.sandbox.anddone.wire import dollars
from paydesk.sandbox.server.clock import vendor_text
from paydesk.sandbox.server.keys import ANDDONE_APP_KEY

LINK_PATH = "/link/"
"""Path of the page that the address of a link opens. The token follows behind ``#/``, as at AndDone."""

_ECHO = (
    "paymentDescription", "shortDescription", "invoiceNumber", "expireIn", "responseType",
    "callbackParameters", "customers", "lineItems", "splits", "saveForFuture", "quoteKey", "accountNumber",
    "referenceNumber", "referenceKey", "referenceDataList", "enablePremiumFinance", "isPremiumFinancier",
    "pfr", "suppressTechnologyFee", "overrideTechnologyFee", "isPayInFull",
)  # fmt: skip
_REFERENCE_TYPES = {"QuoteNumber": "QuoteId", "OtherNumber": "Other"}
"""Names of the single reference, which are others in requests than in replies."""


def link_reply(
    link: Link, status: str, charges: list[Charge], host: str, *, with_fee: bool = False
) -> dict[str, Any]:
    """Return a PaymentLink: an echo of the request, its address, and what was paid.

    The sums count what was accepted. No publication says if AndDone adds the fee (``with_fee``).
    """
    wire, accepted = link.wire, [charge for charge in charges if charge.status in ACCEPTED]
    reference, unit = wire.get("referenceType"), wire.get("expireInUnit")
    address = f"http://{host}{LINK_PATH}#/{link.token}"
    return {name: wire[name] for name in _ECHO if name in wire} | {
        "id": link.id,
        "merchantId": ANDDONE_APP_KEY,
        "title": link.title,
        "paymentLink": address,
        "shortLink": address,
        "amount": dollars(link.amount),
        "expireInUnit": UNITS[unit] if isinstance(unit, int) else unit,
        "expireOn": vendor_text(link.expires_at),
        "payments": [_payment(charge, with_fee) for charge in charges],
        "noOfPaymentMade": len(accepted),
        "totalPaidAmount": sum(_paid(charge, with_fee).cents for charge in accepted) / 100,
        "linkStatus": status,
        "createdOn": vendor_text(link.made_at),
        "modifiedOn": vendor_text(link.changed_at),
        "displaySettings": wire.get("settings"),
        "referenceType": _REFERENCE_TYPES.get(str(reference), reference),
        "paymentLinkType": "PaymentLink",
    }


def _paid(charge: Charge, with_fee: bool) -> Money:
    return charge.total if with_fee else charge.amount


def _payment(charge: Charge, with_fee: bool) -> dict[str, Any]:
    return {
        "transactionId": charge.transaction_id,
        "transactionStatus": charge.status,
        "amount": dollars(_paid(charge, with_fee)),
        "authCode": charge.auth_code,
        "channelType": charge.tender,
        "maskedAccount": charge.instrument.mask,
        "createdOn": vendor_text(charge.made_at),
    }
