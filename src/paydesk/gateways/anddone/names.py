"""AndDone's words in ours: names that the vendor does not publish, and the meaning of its refusals.

The modules beside this one use published names. Names here are deduced (``x-inferred`` in the contract) and
must be confirmed on the vendor's test host. Nothing else depends on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from paydesk.domain.outcome import AchReturned, AchStatus, ChargeStatus, Expiry, Reason, VoidRefused
from paydesk.domain.refund import RefundKind, RefundRefused
from paydesk.domain.tender import Brand, TenderKind
from paydesk.gateways.http.redact import masked

CHANNELS: Final = {
    TenderKind.CREDIT_CARD: "CreditCard",
    TenderKind.DEBIT_CARD: "DebitCard",
    TenderKind.ACH: "ACH",
}

# Fields of a reply. The first one that is present counts, unless noted.
REFERENCES: Final = ("transactionResult.merchantReference", "merchantReference")
"""Echoes of the intent's title. Each one that is present must be ours."""
OTHER_REFERENCE: Final = "referenceNo"
"""Echo of the title if no field of REFERENCES is present. In the vendor's samples the two differ."""
REASON_TEXTS: Final = ("reasonMessage", "errorMessage", "additionResultData", "additionResultData2")
"""Words about a refusal. A public integration reads the bank's reason from ``additionResultData``."""
AMOUNTS: Final = ("subTotalAmount", "tender.amount")
"""Echoes of the amount before the fee. Each one that is present must be ours."""
FEE_KINDS: Final = frozenset({"ConvenienceFee", "Surcharge"})
"""Kinds of ``adjustmentAmount`` that are the technology fee."""
TENDERS: Final = ("tenderInfo", "ccTenderInfo", "debitCardTenderInfo", "achTenderInfo")
INVOICE_FIELDS: Final = ("invoiceId", "orderId", "invoiceNo", "referenceNo", "merchantReference")
ONLY_INVOICES: Final = frozenset({"invoiceId", "invoiceNo"})
FREE_TEXTS: Final = ("additionaFields", "additionalFields")
"""Fields with free pairs as text. The first spelling is the vendor's in list rows."""
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

# Groups of transaction statuses.
TAKEN: Final = frozenset({"Authorized", "Approved", "Posted", "Captured", "Success", "Paid"})
REFUSED: Final = frozenset({"Failed", "Denied"})
GONE: Final = frozenset(
    {"Failed", "Denied", "Cancelled", "Refunded", "PaidRefunded", "Returned", "Chargeback", "PaidChargeback"}
)
"""Statuses without money at the merchant. Every other status, known or new, counts as live."""
CANCELED: Final = frozenset({"Cancelled"})
NO_INFORMATION: Final = frozenset({"", "None", "Unknown", "Created"})
PENDING: Final = frozenset({"PendingForAuthorized"})
"""Accepted and not authorized yet. A bank debit may stand so until its batch runs in the night."""
RESTORED: Final = frozenset(
    {"ChargebackReversed", "RefundedReversed", "PaidChargebackReversed", "PaidRefundedReversed"}
)
"""Statuses of a charge whose money went back, and came again."""
CHARGE_STATUSES: Final = {
    **dict.fromkeys(("Authorized", "Approved"), ChargeStatus.VOIDABLE),
    **dict.fromkeys(CANCELED, ChargeStatus.CANCELED),
    **dict.fromkeys(("Posted", "Captured", "Success", "Paid"), ChargeStatus.SETTLED),
    **dict.fromkeys(
        ("Returned", "Chargeback", "Refunded", "PaidChargeback", "PaidRefunded", *RESTORED),
        ChargeStatus.SETTLED,
    ),
}
"""Meaning of a status for a void. Every other status leaves it open."""
CLEARINGS: Final = {
    **dict.fromkeys(("Authorized", "Approved", "Posted", "Captured"), AchStatus.UNDER_WAY),
    **dict.fromkeys(("Success", "Paid"), AchStatus.CLEARED),
}
"""Meaning of a status for a bank debit. Every other status is for a person to look at."""
RETURNED: Final = frozenset({"Returned"})
REFUNDED: Final = frozenset({"Refunded", "PaidRefunded"})
CHARGED_BACK: Final = frozenset({"Chargeback", "PaidChargeback"})
"""Statuses of a card's charge whose money went back without a void."""
TAKEN_ONCE: Final = TAKEN | REFUNDED | CHARGED_BACK | RETURNED | RESTORED
"""Statuses that say that money was taken, whatever became of it since."""
REFUND_UNDONE: Final = frozenset(
    {"Failed", "Denied", "Cancelled", "Returned", "RefundedReversed", "PaidRefundedReversed"}
)
"""Statuses of a refund that moved no money after all."""
REFUND_DONE: Final = frozenset({"Success", "Captured", "Posted", "Paid", "Refunded", "PaidRefunded"})
"""Statuses of a refund whose money is with the payer. Any other refund is under way, and may still fail."""
REFUND: Final = "refund"
NO_SALES: Final = frozenset({REFUND, "verifyonly", "reverseauth"})
"""Operations that say plainly that a row is no payment. Every other row of the list is one."""

NO_SUCH_CHARGE: Final = re.compile(r"Key_\w+")
"""Error key of a 404 that comes from AndDone itself and not from a proxy in between."""
EXPIRIES: Final = {
    "Key_PaymentIntentAlreadyExpired": Expiry.BEFORE,
    "Key_InvalidPaymentIntentStatus": Expiry.REFUSED,
    "Key_PaymentLinkAlreadyExpired": Expiry.BEFORE,
    "Key_InvalidPaymentLinkStatus": Expiry.REFUSED,
}
"""Refusals to expire. Their sentences are in ``expiries``. Keys of links are formed like those of intents."""

TITLE_USED: Final = "Key_TitleAlreadyExists"
LINK_UNPAID: Final = frozenset({"Created", "Enabled", "Disabled", "Expired"})
"""Statuses of a payment link of which nothing is paid, and for which no payment is under way."""
LINK_EXPIRED: Final = "Expired"
REFERENCE_TYPES: Final = {
    "PolicyNumber": "PolicyNumber", "InvoiceNumber": "InvoiceNumber", "Other": "OtherNumber",
}  # fmt: skip
"""Names of a link's single reference, by those of the list."""
LINK_HOST, PAGE_HOST, API_HOST = "link", "paymentwidget", "api"
"""First parts of AndDone's hosts: ``link.anddone.com`` beside ``api.anddone.com``. That of the hosted page in
production is deduced from the published one of the test system.
"""

KEY_REFUSALS: Final = frozenset({"Key_Unauthorized", "Key_Forbidden"})

INTENT_REFUSALS: Final = {
    "Key_InvalidAmount": "AndDone does not accept this amount with this payment method.",
    "Key_InvalidMerchant": "AndDone does not know this merchant.",
    "Key_MerchantInActive": "AndDone has turned this merchant off.",
}
PAYMENT_REFUSALS: Final = INTENT_REFUSALS
"""Refusals by a rule checked before a transaction exists. All other keys leave the outcome open."""

VOID_REFUSALS: Final = {
    "Key_VoidsNotAllowed": VoidRefused(
        "AndDone does not let this merchant void payments. Refund it after it settles."
    ),
    "Key_OnlySaleTransactionCanBeVoided": VoidRefused("AndDone does not treat this as a sale."),
    "Key_TokenLinkTransactionCanNotBeVoided": VoidRefused(
        "AndDone does not void payments of this kind. Refund it after it settles."
    ),
    "Key_TransactionCanNotBeVoidedNachaExecutionTimeIsLessThan15Mins": VoidRefused(
        "AndDone settles it within minutes: too late to void. Refund it after it settles."
    ),
    "Key_OnlyAuthorizedTransactionCanBeVoided": VoidRefused(
        "AndDone only voids authorized payments, and this one no longer is.", final=False
    ),
}
"""Rules that forbid a void. All other keys leave the outcome open."""

REFUND_TYPES: Final = {
    RefundKind.TOTAL: "Total",
    RefundKind.SUBTOTAL: "Subtotal",
    RefundKind.PARTIAL: "Partial",
}
REFUND_REST: Final = "Remaining"
"""Type of a refund of all that is left, after another."""
REFUND_TEXTS: Final = ("refundDetail", "refundReason", "remarks", "paymentReference", "refundReference")
"""Fields of a refund that may carry our reference back."""

_LATER = "It can be refunded two business days after it settles."
REFUND_REFUSALS: Final = {
    "Key_BatchedTransactionCanNotBeRefund": RefundRefused(f"It has not settled yet. {_LATER}"),
    "Key_SetteledTransactionCanNotBeLessThanTwoBussinessDay": RefundRefused(
        f"It settled less than two business days ago. {_LATER}"
    ),
    "Key_InProgressTransactionCanNotBeRefunded": RefundRefused(
        "AndDone is still working on this payment. Try again tomorrow."
    ),
    "Key_RejectedTransactionCanNotBeRefunded": RefundRefused(
        "AndDone took no money for this payment, so there is nothing to refund."
    ),
    "Key_ChargebackTransactionCanNotBeRefund": RefundRefused(
        "The bank already took this money back. A refund would return it twice."
    ),
    "Key_PlatFormAccountTransactionCanNotBeRefunded": RefundRefused(
        "Refunds are not turned on for this agency. Call AndDone."
    ),
    "Key_IPFSTransactionCanNotBeRefund": RefundRefused(
        "AndDone does not refund premium finance payments. Call AndDone."
    ),
    "Key_CommerceBankTransactionCanNotBeRefund": RefundRefused(
        "AndDone can't refund this payment itself. Call AndDone."
    ),
    "Key_RefundDateCanNotLessThanOneBusinessDay": RefundRefused(
        "AndDone refunds a payment only once in 24 hours. Try again tomorrow.", final=False
    ),
    "Key_RefundAmountCanNotBeGreaterThanCapturedAmount": RefundRefused(
        "That is more than what is left of this payment.", final=False
    ),
    "Key_RefundAmountIsNotValid": RefundRefused(
        "AndDone does not allow this refund: nothing is left, or partial refunds are not turned on.",
        final=False,
    ),
    "Key_RefundAmountAndCaptureAmountShouldBeEqual": RefundRefused(
        "AndDone does not allow this amount. Refund all that is left, or call AndDone.", final=False
    ),
}
"""Rules that forbid a refund. All other keys leave the outcome open."""

_NO_REASON: Final = "no reason given. The customer can call the bank."
_DECLINED: Final = r"do not hono|refused|declined"
_EMPTY_WORDS: Final = frozenset(
    ("a", "approval", "approved", "by", "card", "denied", "error", "failed", "failure", "general", "generic",
     "is", "issuer", "n", "na", "none", "not", "null", "ok", "payment", "status", "success", "successful",
     "the", "transaction", "was")
)  # fmt: skip

_CARD_REASONS: Final = (
    ("51", r"insufficient|not enough|\bnsf\b", "insufficient funds."),
    ("54 33", r"expired", "the card has expired."),
    ("N7 82", r"\bcv[vc]|security code", "the security code is wrong. Ask for it, and enter the card again."),
    (
        "14 15",
        r"invalid (card|acc)|no such",
        "it does not know this card number. Ask for it, and enter it again.",
    ),
    ("61 65", r"exceeds|limit", "the amount is above the card's limit."),
    (
        "04 07 41 43",
        r"pick ?up|lost|stolen",
        "please use another card, or call the number on its back.",
    ),
    ("59 34", r"fraud", "please call the number on the back of the card, then try again."),
    ("57 58 62", r"not permitted|not allowed|restricted", "the card may not be used for this payment."),
    (
        "",
        r"\bavs\b|address|postal|\bzip\b",
        "the billing ZIP code does not match. Ask for it, and enter the card again.",
    ),
    (
        "91 96",
        r"unavailable|malfunction|system error",
        "its system does not answer at the moment. Try again later.",
    ),
    ("05", _DECLINED, _NO_REASON),
)
"""ISO 8583 response codes (N7: Visa's), the words processors use, and the sentence for the customer."""
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


_RETURN_CODE: Final = re.compile(r"R\d\d")
_RETURNS: Final = (
    ("R01 R09", Reason.SENT_BACK_FUNDS, "not enough money in the account"),
    ("R02", Reason.SENT_BACK_ACCOUNT, "the account is closed"),
    ("R03 R04", Reason.SENT_BACK_ACCOUNT, "there is no such account"),
    ("R12", Reason.SENT_BACK_ACCOUNT, "the account is with another bank now"),
    ("R13", Reason.SENT_BACK_ACCOUNT, "the routing number is wrong"),
    ("R14", Reason.SENT_BACK_ACCOUNT, "the person who acts for the account can't do so any more"),
    ("R15", Reason.SENT_BACK_ACCOUNT, "the account holder has died"),
    ("R16", Reason.SENT_BACK_ACCOUNT, "the account is frozen"),
    ("R20", Reason.SENT_BACK_ACCOUNT, "this kind of account can't be debited"),
    ("R08", Reason.SENT_BACK_FORBIDDEN, "the account holder stopped the payment"),
    ("R07", Reason.SENT_BACK_FORBIDDEN, "the account holder took the permission back"),
    ("R05 R10 R29", Reason.SENT_BACK_FORBIDDEN, "the account holder did not authorize it"),
    ("R11", Reason.SENT_BACK_FORBIDDEN, "it was not as the account holder had authorized it"),
)
"""Return codes by what may follow. A debit may be tried again only if money was missing (R01, R09): at most
twice, within 180 days. A stopped or unauthorized one needs a new authorization first.

Source: Nacha Operating Rules, subsection 2.12.4 and appendix four.
"""


def ach_return(code: str) -> AchReturned:
    """Return a returned debit with the bank's reason, from its Nacha code."""
    for codes, reason, why in _RETURNS:
        if code in codes.split():
            return AchReturned(f"The bank says: {why} ({code}).", reason)
    return AchReturned(f"The bank gave the code {code}." if _RETURN_CODE.fullmatch(code) else "")


def said_aloud(kind: TenderKind, code: str, *words: str) -> str:
    """Return one sentence for the customer, from the vendor's reason code and its texts.

    A code or text that says no more than "declined" counts last.
    """
    ach = kind is TenderKind.ACH
    opening = "The bank refused the account" if ach else "The bank declined the card"
    table = _BANK_REASONS if ach else _CARD_REASONS
    by_code = [reason for codes, _, reason in table if code.upper() in codes.split()]
    by_words = [reason for _, phrase, reason in table if _finds(phrase, words)]
    plain = [reason for reason in (*by_code, *by_words) if reason != _NO_REASON]
    own = [f"{text}." for text in map(cleaned, words) if _says_more(text)]
    said = next(iter((*plain, *own, *by_code, *by_words)), "")
    return f"{opening}: {said}" if said else f"{opening} without giving a reason."


def _finds(phrase: str, words: Iterable[str]) -> bool:
    return any(re.search(phrase, text, re.IGNORECASE) for text in words)


def _says_more(text: str) -> bool:
    """Return True if the text says more than that the payment was refused."""
    words = re.findall(r"\w+", text.lower())
    empty = all(word in _EMPTY_WORDS or word.isdecimal() for word in words)
    return not empty and not re.search(_DECLINED, text, re.IGNORECASE)


def cleaned(words: str, longest: int = 120) -> str:
    """Return the vendor's words in a form for the screen: one line, no long numbers, limited length."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in masked(words)).split())
    return line[:longest].strip(" .:;")


def brand_in(word: str) -> str:
    """Return our word for the brand, or the vendor's word if the brand is unknown."""
    known = _BRANDS_IN.get(re.sub(r"[^A-Z]", "", word.upper()))
    return known.value if known else cleaned(word, 20)
