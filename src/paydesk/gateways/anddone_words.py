"""AndDone's words in ours: every name that the vendor does not publish, and what refusals mean.

The published names stand in ``anddone.py``; what stands here is deduced (``x-inferred`` in the
contract) and has to be confirmed on the vendor's test host. Nothing else depends on it.
"""

from __future__ import annotations

import re
from typing import Final

from paydesk.domain.outcome import Clearing, Expiry, Standing, VoidRefused
from paydesk.domain.tender import Brand, TenderKind
from paydesk.gateways.redact import masked

CHANNELS: Final = {
    TenderKind.CREDIT_CARD: "CreditCard",
    TenderKind.DEBIT_CARD: "DebitCard",
    TenderKind.ACH: "ACH",
}

# Where things stand in a reply; the first name that is there counts, unless said otherwise.
REFERENCES: Final = ("referenceNo", "transactionResult.merchantReference")
"""Echoes of the intent's title: each one that is there must be ours."""
AMOUNTS: Final = ("subTotalAmount", "tender.amount")
"""Echoes of the amount before the fee: each one that is there must be ours."""
FEE_KINDS: Final = frozenset({"ConvenienceFee", "Surcharge"})
"""The kinds of ``adjustmentAmount`` that are the technology fee."""
TENDERS: Final = ("tenderInfo", "ccTenderInfo", "debitCardTenderInfo", "achTenderInfo")
INVOICE_FIELDS: Final = ("invoiceId", "orderId", "invoiceNo", "referenceNo", "merchantReference")
FREE_TEXTS: Final = ("additionaFields", "additionalFields")
"""Free pairs as text; the first spelling is the vendor's in list rows."""
ENTRY_CLASSES: Final = frozenset({"WEB", "TEL", "PPD", "CCD", "POP", "ARC", "BOC"})
ROW_TOTALS: Final = ("totalRowCount", "totalRowCounts")

BRANDS_OUT: Final = {
    Brand.VISA: "VISA",
    Brand.MASTERCARD: "MASTERCARD",
    Brand.AMEX: "AMEX",
    Brand.DISCOVER: "DISCOVER",
}
_BRANDS_IN: Final = {
    "VISA": Brand.VISA,
    "MASTERCARD": Brand.MASTERCARD,
    "MC": Brand.MASTERCARD,
    "AMEX": Brand.AMEX,
    "AMERICANEXPRESS": Brand.AMEX,
    "DISCOVER": Brand.DISCOVER,
}

# Status groups (reference/anddone.md 4.4).
TAKEN: Final = frozenset({"Authorized", "Approved", "Posted", "Captured", "Success", "Paid"})
REFUSED: Final = frozenset({"Failed", "Denied"})
GONE: Final = frozenset(
    {"Failed", "Denied", "Cancelled", "Refunded", "PaidRefunded", "Returned", "Chargeback", "PaidChargeback"}
)
"""No money is with the merchant. Every other status, known or new, counts as live."""
CANCELLED: Final = frozenset({"Cancelled"})
STANDINGS: Final = {
    **dict.fromkeys(("Authorized", "Approved"), Standing.VOIDABLE),
    **dict.fromkeys(CANCELLED, Standing.CANCELLED),
    **dict.fromkeys(("Posted", "Captured", "Success", "Paid"), Standing.SETTLED),
    **dict.fromkeys(
        ("Returned", "Chargeback", "Refunded", "PaidChargeback", "PaidRefunded"), Standing.SETTLED
    ),
}
"""What a status says about a void; every other one leaves it open."""
CLEARINGS: Final = {
    **dict.fromkeys(("Authorized", "Approved", "Posted", "Captured"), Clearing.UNDER_WAY),
    **dict.fromkeys(("Success", "Paid"), Clearing.CLEARED),
    "Returned": Clearing.RETURNED,
}
"""What a status says about a bank debit; every other one is for a person to look at."""
SALES: Final = frozenset({"", "Sale", "ForceSale"})

NO_SUCH_CHARGE: Final = re.compile(r"Key_\w+")
"""The error key of a 404 that comes from AndDone itself and not from something in between."""
EXPIRED: Final = re.compile(r"expired", re.IGNORECASE)
"""What the message of a successful expiry says."""
EXPIRIES: Final = {
    "Key_PaymentIntentAlreadyExpired": Expiry.BEFORE,
    "Key_InvalidPaymentIntentStatus": Expiry.REFUSED,
}
"""Refusals to expire."""

KEY_REFUSALS: Final = frozenset({"Key_Unauthorized", "Key_Forbidden"})

INTENT_REFUSALS: Final = {
    "Key_InvalidAmount": "AndDone does not take this amount by this tender.",
    "Key_InvalidMerchant": "AndDone does not know this merchant.",
    "Key_MerchantInActive": "AndDone has this merchant switched off.",
}
PAYMENT_REFUSALS: Final = {key: f"{said} Nothing was charged." for key, said in INTENT_REFUSALS.items()}
"""Refusals by a rule checked before a transaction exists; all other keys leave the outcome open."""

VOID_REFUSALS: Final = {
    "Key_VoidsNotAllowed": VoidRefused(
        "AndDone does not let this merchant void payments. Refund it once it has settled."
    ),
    "Key_OnlySaleTransactionCanBeVoided": VoidRefused("AndDone does not take this for a sale."),
    "Key_TokenLinkTransactionCanNotBeVoided": VoidRefused(
        "AndDone does not void payments of this kind. Refund it once it has settled."
    ),
    "Key_TransactionCanNotBeVoidedNachaExecutionTimeIsLessThan15Mins": VoidRefused(
        "AndDone settles it within minutes: too late to void. Refund it once it has settled."
    ),
    "Key_OnlyAuthorizedTransactionCanBeVoided": VoidRefused(
        "AndDone voids authorized payments only, and this is none any more.", final=False
    ),
}
"""Rules that forbid a void; all other keys leave the outcome open."""

_CARD_REASONS: Final = (
    ("51", r"insufficient|not enough|\bnsf\b", "insufficient funds."),
    ("54 33", r"expired", "the card has expired."),
    ("N7 82", r"\bcv[vc]|security code", "the security code is wrong. Ask for it again."),
    ("14 15", r"invalid card|no such", "it does not know this card number. Ask for it again."),
    ("61 65", r"exceeds|limit", "the amount is above the card's limit."),
    (
        "04 07 41 43",
        r"pick ?up|lost|stolen",
        "please use another card, or call the number on its back.",
    ),
    ("59 34", r"fraud", "please call the number on the back of the card, then try again."),
    ("57 58 62", r"not permitted|not allowed|restricted", "the card may not be used for this payment."),
    ("", r"\bavs\b|address|postal|\bzip\b", "the billing ZIP code does not match. Ask for it again."),
    (
        "91 96",
        r"unavailable|malfunction|system error",
        "its system does not answer at the moment. Try again later.",
    ),
    ("05", r"do not hono|refused|declined", "no reason given. The customer can call the bank."),
)
"""ISO 8583 response codes (N7: Visa's), words that processors use, and what can be said."""
_BANK_REASONS: Final = (
    ("R01 R09", r"insufficient|uncollected", "insufficient funds."),
    ("R02", r"closed", "the account is closed."),
    ("R03 R04", r"no account|unable to locate|invalid account", "there is no such account. Read it back."),
    ("R05 R07 R10 R29", r"not authorized|revoked", "the account does not allow this debit."),
    ("R08", r"stopped", "the customer has stopped this payment."),
    ("R13", r"routing", "the routing number is not known. Ask for it again."),
    ("R16", r"frozen|blocked", "the account is frozen."),
    ("R20", r"non.?transaction", "this kind of account cannot be debited."),
)
"""Nacha return codes (Operating Rules, appendix four)."""


def said_aloud(kind: TenderKind, code: str, words: str) -> str:
    """One sentence for the customer, from the vendor's reason code and words."""
    ach = kind is TenderKind.ACH
    opening = "The bank refused the account" if ach else "The bank declined the card"
    table = _BANK_REASONS if ach else _CARD_REASONS
    by_code = (reason for codes, _, reason in table if code.upper() in codes.split())
    by_words = (reason for _, phrase, reason in table if re.search(phrase, words, re.IGNORECASE))
    reason = next(by_code, None) or next(by_words, None)
    if reason:
        return f"{opening}: {reason}"
    clean = cleaned(words)
    return f"{opening}: {clean}." if clean else f"{opening} without giving a reason."


def cleaned(words: str, longest: int = 120) -> str:
    """The vendor's words as they may be shown: one line, no long numbers, not too long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in masked(words)).split())
    return line[:longest].strip(" .:;")


def brand_in(word: str) -> str:
    """The brand as we call it; the vendor's word when we do not know it."""
    known = _BRANDS_IN.get(re.sub(r"[^A-Z]", "", word.upper()))
    return known.value if known else cleaned(word, 20)
