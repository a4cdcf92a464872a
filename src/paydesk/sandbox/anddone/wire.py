"""Intents, charges and refunds as AndDone's replies."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from paydesk.domain.money import Money
from paydesk.sandbox.anddone.books import Charge, Intent, Refund
from paydesk.sandbox.anddone.merchant import ACH, CREDIT, DEBIT
from paydesk.sandbox.anddone.outcomes import words_of
from paydesk.sandbox.server.clock import vendor_text
from paydesk.sandbox.server.keys import ANDDONE_APP_KEY, ANDDONE_VERSION

PROCESSOR = "Dummy"
_TENDER_FIELDS = {ACH: "achTenderInfo", CREDIT: "ccTenderInfo", DEBIT: "debitCardTenderInfo"}
_INTENT_ECHO = (
    "shortDescription", "paymentDescription", "invoiceNumber", "intent", "saveForFuture",
    "enablePremiumFinance", "suppressTechnologyFee", "additionalDetailsPreference", "referenceDataList",
)  # fmt: skip


def dollars(money: Money) -> float:
    """Return dollars for JSON. A double prints every amount of cents exactly."""
    return money.cents / 100


def intent_reply(intent: Intent) -> dict[str, Any]:
    """Return a PaymentIntent: the token and an echo of the request."""
    override = intent.wire.get("overrideTechnologyFee")
    return {name: intent.wire[name] for name in _INTENT_ECHO if name in intent.wire} | {
        "paymentToken": intent.token,
        "title": intent.title,
        "amount": dollars(intent.amount),
        "expiresOn": vendor_text(intent.expires_at),
        "overrideTechnologyFee": None if override is None else float(override),
    }


def payment_reply(charge: Charge) -> dict[str, Any]:
    """Return a TransactionDetail, the answer to a payment."""
    return _common(charge) | {
        "batchId": None,
        "operationType": "Sale",
        "tenderInfo": _tender(charge) | {"currency": "USD"},
        "previousTransactionStatus": charge.previous_status,
        "referenceTransactionId": None,
        "subTotalAmount": dollars(charge.amount),
        "totalRefundAmount": dollars(charge.refunded),
        "remainingAmount": dollars(charge.total - charge.refunded),
        "apiVersion": ANDDONE_VERSION,
    }


def details_reply(charge: Charge, with_refunds: bool) -> dict[str, Any]:
    """Return PaymentDetails: the payment read back, with its tender in a field by channel, no currency."""
    tenders = dict.fromkeys(_TENDER_FIELDS.values()) | {_TENDER_FIELDS[charge.tender]: _tender(charge)}
    refunds = [refund_row(charge, refund) for refund in charge.refunds]
    page = {"totalRowCount": len(refunds), "data": refunds}
    return (
        _common(charge)
        | tenders
        | {
            "transactionOrigin": _details_origin(charge),
            "refundOrigin": 0,  # a number, as in the published sample
            "refundTransactions": page if with_refunds else None,
        }
    )


def under_way_reply(charge: Charge) -> dict[str, Any]:
    """Return PaymentDetails of a payment that is not made yet: Created, and without a result."""
    created = replace(charge, status="Created", previous_status=None, auth_code=None)
    told = details_reply(created, with_refunds=False)
    field = _TENDER_FIELDS[charge.tender]
    return told | {"transactionResult": None, field: told[field] | {"captureAmount": 0.0}}


def row(charge: Charge) -> dict[str, Any]:
    """Return one flat row of a search."""
    result = _result(charge)
    return {
        "transactionId": charge.transaction_id,
        "merchantId": ANDDONE_APP_KEY,
        "transactionDate": vendor_text(charge.made_at),
        "operationType": "Sale",
        "channelType": charge.tender,
        "processMethod": charge.process_method,
        "isDebit": True,
        "transactionStatus": charge.status,
        "previousTransactionStatus": charge.previous_status,
        "settlementDate": vendor_text(charge.settled_at),
        "authCode": charge.auth_code,
        "cardNumber": None if charge.tender == ACH else charge.instrument.mask,
        "accountNumber": charge.instrument.mask if charge.tender == ACH else None,
        "binNumber": charge.instrument.bin_number,
        "cardType": None if charge.tender == ACH else charge.instrument.kind,
        "customerName": charge.instrument.holder,
        "amount": dollars(charge.amount),
        "captureAmount": _captured(charge),
        "convenienceAmount": None,
        "adjustmentAmount": dollars(charge.fee),
        "paymentAdjustmentType": "ConvenienceFee" if charge.fee else "None",
        "invoiceId": charge.invoice_no,
        "paymentLinkId": charge.link_id,
        "referenceNo": charge.reference,
        "merchantReference": charge.reference,
        "additionaFields": _free_fields(charge),
        "traceNumber": charge.trace_number,
        "transactionOrigin": charge.origin,
        "processorName": PROCESSOR,
        "verification2Code": result["verification2Code"],
        "paymentType": charge.payment_type,
        "paymentCategory": "MerchantPayment",
        "suppressTechnologyFee": bool(charge.wire.get("suppressTechnologyFee", False)),
    }


def refund_row(charge: Charge, refund: Refund) -> dict[str, Any]:
    """Return a refund as a row of a list."""
    return {
        "transactionId": refund.transaction_id,
        "referenceTransactionId": charge.transaction_id,
        "operationType": "Refund",
        "merchantId": ANDDONE_APP_KEY,
        "transactionStatus": refund.status,
        "transactionDate": vendor_text(refund.made_at),
        "settlementDate": vendor_text(refund.settled_at),
        "isDebit": False,
        "channelType": charge.tender,
        "processMethod": charge.process_method,
        "transactionOrigin": "VirtualTerminal" if refund.in_portal else "API",
        "cardNumber": None if charge.tender == ACH else charge.instrument.mask,
        "accountNumber": charge.instrument.mask if charge.tender == ACH else None,
        "customerName": charge.instrument.holder,
        "invoiceId": charge.invoice_no,
        "paymentLinkId": charge.link_id,
        "amount": dollars(refund.amount),
        "captureAmount": dollars(refund.amount),
        "refundType": refund.kind,
        "refundReason": refund.reason,
        "refundDetail": refund.detail,
        "referenceNo": charge.reference,
        "merchantReference": charge.reference,
        "paymentType": charge.payment_type,
        "paymentCategory": "MerchantPayment",
    }


def refund_reply(charge: Charge, refund: Refund) -> dict[str, Any]:
    """Return a RefundTransaction: the refund as a separate transaction."""
    return {
        "transactionId": refund.transaction_id,
        "referenceTransactionId": charge.transaction_id,
        "operationType": "Refund",
        "transactionStatus": refund.status,
        "transactionDate": vendor_text(refund.made_at),
        "remarks": refund.remarks,
        "paymentLinkId": charge.link_id,
        "merchantId": ANDDONE_APP_KEY,
        "channelType": charge.tender,
        "processMethod": charge.process_method,
        "processorName": PROCESSOR,
        "tenderInfo": {"amount": dollars(refund.amount), "captureAmount": dollars(refund.amount)},
        "referenceNo": charge.reference,
        "paymentReference": charge.reference,
        "refundReference": refund.transaction_id[:8],
        "invoiceNo": charge.invoice_no,
        "allowDuplicates": False,
    }


def _common(charge: Charge) -> dict[str, Any]:
    """Return the fields that a payment's reply and its details share."""
    taken_back = charge.status in ("Returned", "Chargeback")
    return {
        "transactionId": charge.transaction_id,
        "transactionCode": str(charge.wire.get("transactionCode") or "Web"),
        "transactionOrigin": charge.origin,
        "billingContact": charge.wire.get("billingContact"),
        "transactionDate": vendor_text(charge.made_at),
        "merchantId": ANDDONE_APP_KEY,
        "channelType": charge.tender,
        "processMethod": charge.process_method,
        "paymentType": charge.payment_type,
        "paymentCategory": "MerchantPayment",
        "processorName": PROCESSOR,
        "invoiceNo": charge.invoice_no,
        "invoiceId": charge.invoice_no,
        "referenceNo": charge.reference,
        "remarks": charge.wire.get("remarks"),
        "transactionStatus": charge.status,
        "transactionResult": _result(charge),
        "additionalFields": _free_fields(charge),
        "settlementDate": vendor_text(charge.settled_at),
        "paymentLinkId": charge.link_id,
        "chargeBackAmount": dollars(charge.charged_back) if taken_back else None,
        "suppressTechnologyFee": bool(charge.wire.get("suppressTechnologyFee", False)),
    }


def _tender(charge: Charge) -> dict[str, Any]:
    """Return a TenderOut: masks only. ``captureAmount`` includes the technology fee."""
    instrument = charge.instrument
    common = {
        "amount": dollars(charge.amount),
        "captureAmount": _captured(charge),
        "convenienceAmount": None,
        "adjustmentAmount": dollars(charge.fee),
        "adjustmentDisplayName": "Technology Fee",
        "paymentAdjustmentType": "ConvenienceFee" if charge.fee else "None",
        "accountToken": None,
    }
    if charge.tender == ACH:
        return common | {
            "bankName": instrument.bank,
            "routingNumber": instrument.routing,
            "accountType": instrument.kind,
            "accountCategory": instrument.category,
            "accountHolderName": instrument.holder,
            "maskAccount": instrument.mask,
        }
    return common | {
        "cardHolderName": instrument.holder,
        "cardType": instrument.kind,
        "maskCardNumber": instrument.mask,
        "binNumber": instrument.bin_number,
    }


def _result(charge: Charge) -> dict[str, Any]:
    """Return a TransactionResult: the answer of the issuer or bank, in its own words."""
    approved = charge.outcome.approved
    back = charge.back_code if charge.status in ("Returned", "Chargeback") else None
    code_matched = "N" if charge.outcome.code == "N7" else "M"
    return {
        "success": approved,
        "processorAuthCode": charge.auth_code,
        "traceNumber": charge.trace_number,
        "reasonCode": back or charge.outcome.code,
        "reasonMessage": words_of(back) if back else charge.outcome.words,
        "verificationStatus": approved,
        "verification1Code": None if charge.tender == ACH else "Y",
        "verification2Code": None if charge.tender == ACH else code_matched,
        "errorCode": None if approved else charge.outcome.code,
        "errorMessage": None if approved else charge.outcome.words,
        "merchantReference": charge.reference,
    }


def _free_fields(charge: Charge) -> str | None:
    """Return the free fields as text. The references' invoice numbers are among them."""
    fields = dict(charge.extra)
    if charge.invoice_numbers:
        fields["invoiceNumbers"] = ",".join(charge.invoice_numbers)
    return json.dumps(fields, ensure_ascii=False) if fields else None


def _captured(charge: Charge) -> float:
    return dollars(charge.total) if charge.outcome.approved else 0.0


def _details_origin(charge: Charge) -> str:
    """Return one of the two origins that details publish."""
    return "PaymentIntent" if charge.payment_type == "PaymentIntent" else "WebForm"
