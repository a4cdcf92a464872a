"""Requests to AndDone: pure builders, from a charge to the JSON of the contract."""

from __future__ import annotations

from typing import assert_never

from paydesk.domain.payment import Draft, ReferenceKind
from paydesk.domain.tender import AccountHolder, BankAccount, Card, Tender, TenderKind
from paydesk.gateways.anddone import names as words
from paydesk.gateways.anddone.contacts import contact, phone_code
from paydesk.services.ports.processor import ChargeRequest

INTENT_LIFE_S = 900
LONGEST_LINK_DESCRIPTION = 200
LONGEST_TITLE = 40
LONGEST_SHORT = 50
LONGEST_DESCRIPTION = 200


def to_intent(
    request: ChargeRequest, *, send_fee: bool = False, life_s: int = INTENT_LIFE_S
) -> dict[str, object]:
    """Return the PaymentIntentRequest: the amount before the fee, one tender, and the purpose.

    ``send_fee`` pins the technology fee to the quoted one. Every side offer of AndDone is switched off.
    """
    draft = request.draft
    assert len(request.title) <= LONGEST_TITLE
    invoice = {"invoiceNumber": draft.invoice_numbers[0]} if draft.invoice_numbers else {}
    fee = {"overrideTechnologyFee": draft.quote.fee.dollars} if send_fee else {}
    return {
        "title": request.title,
        "amount": draft.quote.subtotal.dollars,
        **invoice,
        **fee,
        "expiresIn": str(life_s),
        "shortDescription": _cut(request.description, LONGEST_SHORT),
        "paymentDescription": _cut(request.description, LONGEST_DESCRIPTION),
        "intent": {"paymentTypes": [words.CHANNELS[draft.kind]]},
        "saveForFuture": False,
        "enablePremiumFinance": False,
        "additionalDetailsPreference": "NoAdditionalDetails",
        "referenceDataList": _references(draft),
    }


def to_link(
    request: ChargeRequest, life_s: int, merchant_id: str, *, send_fee: bool = False
) -> dict[str, object]:
    """Return the PaymentLinkRequest: as an intent, for a payer on another device.

    It names no customer, so that AndDone has nobody to write to: PayDesk hands out the address itself.
    """
    draft = request.draft
    references = _references(draft) or [{"referenceType": "Other", "referenceNumber": request.reference}]
    first = references[0]
    invoice = {"invoiceNumber": draft.invoice_numbers[0]} if draft.invoice_numbers else {}
    fee = {"overrideTechnologyFee": draft.quote.fee.dollars} if send_fee else {}
    return {
        "merchantId": merchant_id,
        "title": request.title,
        "amount": draft.quote.subtotal.dollars,
        **invoice,
        **fee,
        "paymentDescription": _cut(request.description, LONGEST_LINK_DESCRIPTION),
        "shortDescription": _cut(request.description, LONGEST_SHORT),
        "expireIn": life_s // 60,
        "expireInUnit": "Minutes",
        "responseType": "OnScreen",
        "referenceType": words.REFERENCE_TYPES[first["referenceType"]],
        "referenceNumber": first["referenceNumber"],
        "referenceDataList": references,
        "settings": {
            "additionalDetailsPreference": "NoAdditionalDetails",
            "intent": {"paymentTypes": [words.CHANNELS[draft.kind]]},
        },
        "saveForFuture": False,
        "enablePremiumFinance": False,
    }


def _references(draft: Draft) -> list[dict[str, str]]:
    """Return the references of the payment.

    QuoteId and AccountNumber mark premium finance, so never use them.
    """
    kinds = {ReferenceKind.POLICY: "PolicyNumber", ReferenceKind.INVOICE: "InvoiceNumber"}
    references = [("InvoiceNumber", number) for number in draft.invoice_numbers]
    if draft.reference_kind is not None and draft.reference_value:
        references.append((kinds.get(draft.reference_kind, "Other"), draft.reference_value))
    return [{"referenceType": kind, "referenceNumber": number} for kind, number in references]


def to_payment(token: str, request: ChargeRequest, tender: Tender, desk: str = "") -> dict[str, object]:
    """Return the PaymentRequest that pays the intent."""
    return {
        "type": "PaymentIntent",
        "token": token,
        "transactionCode": "Web",
        "channelType": words.CHANNELS[tender.kind],
        "processMethod": "ACH" if tender.kind is TenderKind.ACH else "CardNotPresent",
        "tenderInfo": {"amount": request.draft.quote.subtotal.dollars, **_tender_fields(tender)},
        "billingContact": contact(request.draft.payer, tender),
        **phone_code(request.draft.payer),
        "additionalFields": _free_fields(request, desk),
    }


def _tender_fields(tender: Tender) -> dict[str, object]:
    match tender:
        case Card():
            brand = {"cardType": words.BRANDS_OUT[tender.brand]} if tender.brand else {}
            return {
                "cardHolderName": tender.holder,
                **brand,
                "cardNumber": tender.number,
                "cardExpiry": f"{tender.expiry_month:02d}{tender.expiry_year % 100:02d}",
                "cvv": tender.code,
                "cvDataStatus": "AV",
                "removeDiscounting": False,
            }
        case BankAccount():
            business = tender.holder_kind is AccountHolder.BUSINESS
            return {
                "accountHolderName": tender.holder,
                "routingNumber": tender.routing,
                "accountNumber": tender.account,
                "accountType": tender.account_type.value,
                "accountCategory": "Business" if business else "Personal",
            }
        case never:
            assert_never(never)


def _free_fields(request: ChargeRequest, desk: str) -> dict[str, str]:
    """Return free pairs that come back with the transaction. AndDone has no channel of its own for them."""
    draft = request.draft
    pairs = {
        "takenBy": draft.channel.value,
        "desk": desk,
        "reference": request.reference,
        "invoices": ",".join(draft.named_invoices),
    }
    return {name: text for name, text in pairs.items() if text}


def _cut(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
