"""What PayDesk says to AndDone: pure builders, from a charge to the JSON of the contract."""

from __future__ import annotations

from paydesk.domain.payment import Draft, ReferenceKind
from paydesk.domain.tender import AccountHolder, BankAccount, Card, Tender, TenderKind, digits_in
from paydesk.gateways import anddone_words as words
from paydesk.services.ports import ChargeRequest

INTENT_LIFE_S = 900
LONGEST_TITLE = 40
LONGEST_SHORT = 50
LONGEST_DESCRIPTION = 200


def to_intent(request: ChargeRequest) -> dict[str, object]:
    """PaymentIntentRequest: the amount before the fee, one tender, and what it is for."""
    draft = request.draft
    assert len(request.title) <= LONGEST_TITLE
    invoice = {"invoiceNumber": draft.invoice_numbers[0]} if draft.invoice_numbers else {}
    return {
        "title": request.title,
        "amount": draft.quote.subtotal.dollars,
        **invoice,
        "expiresIn": str(INTENT_LIFE_S),
        "shortDescription": _cut(request.description, LONGEST_SHORT),
        "paymentDescription": _cut(request.description, LONGEST_DESCRIPTION),
        "intent": {"paymentTypes": [words.CHANNELS[draft.kind]]},
        "saveForFuture": False,
        "additionalDetailsPreference": "NoAdditionalDetails",
        "referenceDataList": _references(draft),
    }


def _references(draft: Draft) -> list[dict[str, str]]:
    """What is paid for. QuoteId and AccountNumber are never used: they mark premium finance."""
    kinds = {ReferenceKind.POLICY: "PolicyNumber", ReferenceKind.INVOICE: "InvoiceNumber"}
    references = [("InvoiceNumber", number) for number in draft.invoice_numbers]
    if draft.reference_kind is not None and draft.reference_value:
        references.append((kinds.get(draft.reference_kind, "Other"), draft.reference_value))
    return [{"referenceType": kind, "referenceNumber": number} for kind, number in references]


def to_payment(token: str, request: ChargeRequest, tender: Tender, desk: str = "") -> dict[str, object]:
    """PaymentRequest that settles the intent."""
    return {
        "type": "PaymentIntent",
        "token": token,
        "transactionCode": "Web",
        "channelType": words.CHANNELS[tender.kind],
        "processMethod": "ACH" if tender.kind is TenderKind.ACH else "CardNotPresent",
        "tenderInfo": {"amount": request.draft.quote.subtotal.dollars, **_tender_fields(tender)},
        "billingContact": _contact(request.draft, tender),
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


def _contact(draft: Draft, tender: Tender) -> dict[str, object]:
    """Contact: whose card or account it is, and how to reach the payer."""
    first, _, last = (tender.holder or draft.payer.name).strip().rpartition(" ")
    contact: dict[str, object] = {"name": {"firstName": first, "lastName": last}}
    phone = digits_in(draft.payer.phone)
    phone = phone[1:] if len(phone) == 11 and phone[0] == "1" else phone
    if phone:
        contact["phone"] = phone
    if draft.payer.email:
        contact["email"] = draft.payer.email
    if isinstance(tender, Card) and tender.zip_code:
        contact["address"] = {"country": 1, "postalCode": tender.zip_code}
    return contact


def _free_fields(request: ChargeRequest, desk: str) -> dict[str, str]:
    """Free pairs that come back with the transaction; AndDone has no channel of its own for them."""
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
