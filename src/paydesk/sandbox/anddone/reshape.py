"""Answers changed by the habits that are on. What is charged was decided before."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from paydesk.sandbox.anddone.habits import Habit, Habits
from paydesk.sandbox.server.clock import VENDOR_TEXT
from paydesk.sandbox.server.http import Reply

Part = dict[str, Any]
"""An answer, or an object inside of one."""
Reshape = Callable[[Reply], Reply]

EXPIRED: Final = "PaymentIntent is expired successfully"
LINK_EXPIRED: Final = "PaymentLink is expired successfully"
"""The published sentences about a successful expiry."""
_EXPIRED_KEY: Final = re.compile("Key_(Payment(?:Intent|Link))AlreadyExpired")
_COMPUTED: Final = frozenset({"captureAmount", "adjustmentAmount", "convenienceAmount", "remainingAmount"})
"""Amounts that AndDone computes. All others repeat what was sent."""
_DATES: Final = frozenset(
    {"transactionDate", "settlementDate", "expiresOn", "expireOn", "createdOn", "modifiedOn"}
)
STATUSES: Final = (
    "Created", "PendingForAuthorized", "Authorized", "Posted", "Captured", "Failed", "Returned", "Chargeback",
    "Cancelled", "Refunded", "Approved", "CancelAttempt", "RefundAttempt", "Hold", "Denied", "SettlementHold",
    "Success", "Retried", "ReprocessAttempt", "Reprocessed", "ChargebackReversed", "RefundedReversed", "Paid",
    "PaidChargeback", "PaidChargebackReversed", "PaidRefunded", "PaidRefundedReversed", "None", "Unknown",
)  # fmt: skip
_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "operationType": (
        "Sale", "VerifyOnly", "ForceSale", "Adjust", "Activate", "Deactivate", "Reload", "Refund",
    ),
    "channelType": ("NotDefined", "ACH", "CreditCard", "DebitCard"),
    "processMethod": ("NotDefined", "ACH", "CardNotPresent"),
    "paymentType": (
        "None", "AnytimePayment", "SubDomain", "PaymentIntent", "PaymentLink", "OpenPayment", "TokenLink",
    ),
    "paymentCategory": ("None", "MerchantPayment"),
    "transactionOrigin": (
        "Terminal", "VirtualTerminal", "WebForm", "API", "Schedule", "Batch", "PaymentIntent",
    ),
    "paymentAdjustmentType": ("None", "CashIncentive", "Surcharge", "ConvenienceFee", "CashDiscount"),
}  # fmt: skip
"""Published orders of the names, as far as the emulator uses them."""
_NAMES_ONLY: Final = frozenset({"createPaymentLink", "updatePaymentLink", "getPaymentLink"})
"""Operations whose names come as names in every publication."""


def reshaped(habits: Habits, operation: str, reply: Reply) -> Reply:
    """Return the answer to an operation as the habits make it."""
    for habit in habits:
        if habit is Habit.ENUMS_AS_INTEGERS and operation in _NAMES_ONLY:
            continue
        reshape = _ANYWHERE.get(habit) or _AT.get((habit, operation))
        if reshape is not None:
            reply = reshape(reply)
    return reply


# ---- tools -------------------------------------------------------------------------------------


def _parts(change: Callable[[Part], Part]) -> Reshape:
    """Return a reshape that changes every object of an answer, the outer ones first."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(held) for name, held in change(value).items()}
        return [walk(item) for item in value] if isinstance(value, list) else value

    return lambda reply: Reply.of(reply.status, walk(json.loads(reply.body))) if reply.body else reply


def _fields(names: frozenset[str], kind: type, change: Callable[[str, Any], Any]) -> Reshape:
    """Return a reshape that changes the fields of these names and this kind, wherever they are."""
    return _parts(
        lambda part: {
            name: change(name, held) if name in names and isinstance(held, kind) else held
            for name, held in part.items()
        }
    )


def _whole(at: int, change: Callable[[Part], Part], to: int) -> Reshape:
    """Return a reshape of answers with the status ``at``. They get the status ``to``."""
    return lambda reply: Reply.of(to, change(json.loads(reply.body))) if reply.status == at else reply


# ---- what the habits change --------------------------------------------------------------------


def _with_fee(told: Callable[[Part], Part]) -> Reshape:
    """Return a reshape of every tender or row that captured something."""

    def change(part: Part) -> Part:
        if part.get("remainingAmount") is not None:  # a sum of amount and fee, which would tell it, too
            part = part | {"remainingAmount": None}
        return part | told(part) if part.get("captureAmount") and "adjustmentAmount" in part else part

    return _parts(change)


_NO_ADJUSTMENT: Final = {"adjustmentAmount": None, "paymentAdjustmentType": "None"}


def _as_number(name: str, held: str) -> str | int:
    order = _ORDERS.get(name, STATUSES)
    return order.index(held) if held in order else held


def _unrounded(_: str, held: float) -> float:
    return round(held + 0.0018, 4) if held else held


def _noisy(_: str, held: float) -> float:
    return math.nextafter(held, math.inf) if held else held


def _own_reference(part: Part) -> Part:
    if part.get("referenceNo") is None:
        return part
    return part | {"referenceNo": f"REF{zlib.crc32(str(part.get('transactionId')).encode()):010d}"}


def _no_merchant_reference(part: Part) -> Part:
    return part | {"merchantReference": None} if "merchantReference" in part else part


def _decline_in_addition_data(part: Part) -> Part:
    if part.get("transactionStatus") == "Denied":
        part = part | {"transactionStatus": "Failed"}
    if part.get("success") is not False or "reasonMessage" not in part:
        return part
    empty = dict.fromkeys(("reasonCode", "reasonMessage", "errorCode", "errorMessage"))
    return part | empty | {"additionResultData": part["reasonMessage"]}


def _key_in_message(part: Part) -> Part:
    return part | {"errorCode": None, "message": part["errorCode"]}


def _link_payment_without_title(part: Part) -> Part:
    """Take our title off the row of a link's payment, or off its details and their result."""
    if not part.get("paymentLinkId") or "transactionId" not in part:
        return part
    result = part.get("transactionResult")
    if isinstance(result, dict):
        part = part | {"transactionResult": _no_merchant_reference(result)}
    return _no_merchant_reference(_own_reference(part))


def _link_payment_without_id(part: Part) -> Part:
    return part | {"paymentLinkId": None} if "paymentLinkId" in part else part


def _paid_words(part: Part) -> Part:
    """Rename the status of a settled payment. A refund keeps its own."""
    status = part.get("transactionStatus")
    if part.get("referenceTransactionId") or status not in _PAID_WORDS:
        return part
    return part | {"transactionStatus": _PAID_WORDS[status]}


def _refund_without_texts(part: Part) -> Part:
    """Take our texts off a refund, which is the only transaction that names another."""
    return part | dict.fromkeys(_OUR_TEXTS & set(part)) if part.get("referenceTransactionId") else part


def _newest_refund_alone(part: Part) -> Part:
    refunds = part.get("refundTransactions")
    return part | {"refundTransactions": refunds | {"data": refunds["data"][-1:]}} if refunds else part


def _empty_404(reply: Reply) -> Reply:
    return Reply(404) if reply.status == 404 else reply


def _not_eligible_400(reply: Reply) -> Reply:
    told = json.loads(reply.body)
    if reply.status != 200 or told["refundEligible"]:
        return reply
    body = {"errorCode": told["message"], "message": "The transaction cannot be refunded.", "statusCode": 400}
    return Reply.of(400, body | {"isSuccessStatusCode": False})


def _written(form: str) -> Reshape:
    def write(_: str, held: str) -> str:
        try:
            moment = datetime.strptime(held, VENDOR_TEXT)  # noqa: DTZ007 - the vendor names no zone
        except ValueError:  # a strange row's
            return held
        hour = (moment.hour + 11) % 12 + 1
        return moment.strftime(form.format(month=moment.month, day=moment.day, hour=hour))

    return _fields(_DATES, str, write)


def _nulls(_: Part) -> Part:
    return dict.fromkeys(
        ("transactionId", "transactionStatus", "transactionResult", "referenceNo", "ccTenderInfo")
    )


def _expired_with(words: str | None) -> Reshape:
    """Return a reshape of the published sentence. An answer about an earlier expiry keeps its own."""

    def change(part: Part) -> Part:
        return part | {"message": words} if part["message"] in (EXPIRED, LINK_EXPIRED) else part

    return _whole(200, change, 200)


def _already_expired(reply: Reply) -> Reply:
    key = json.loads(reply.body)["errorCode"] if reply.status == 400 else ""
    again = _EXPIRED_KEY.fullmatch(key)
    return Reply.of(200, {"message": f"{again[1]} is already expired"}) if again else reply


_ANYWHERE: Final[Mapping[Habit, Reshape]] = {
    Habit.FEE_IN_ADJUSTMENT: _with_fee(lambda part: {"captureAmount": part["amount"]}),
    Habit.FEE_IN_CAPTURE: _with_fee(lambda _: _NO_ADJUSTMENT),
    Habit.FEE_IN_CONVENIENCE: _with_fee(
        lambda part: (
            _NO_ADJUSTMENT
            | {
                "captureAmount": part["amount"],
                "convenienceAmount": part["adjustmentAmount"],
                "adjustmentAmount": 0.0,
            }
        )
    ),
    Habit.FEE_NOT_TOLD: _with_fee(lambda _: _NO_ADJUSTMENT | {"captureAmount": None}),
    Habit.FEE_UNROUNDED: _fields(_COMPUTED, float, _unrounded),
    Habit.NOISY_AMOUNTS: _fields(_COMPUTED, float, _noisy),
    Habit.ENUMS_AS_INTEGERS: _fields(frozenset(_ORDERS), str, _as_number),
    Habit.STATUS_AS_INTEGER: _fields(
        frozenset({"transactionStatus", "previousTransactionStatus"}), str, _as_number
    ),
    Habit.OWN_REFERENCE_NUMBER: _parts(_own_reference),
    Habit.NO_MERCHANT_REFERENCE: _parts(_no_merchant_reference),
    Habit.DECLINE_IN_ADDITION_DATA: _parts(_decline_in_addition_data),
    Habit.LINK_PAYMENT_WITHOUT_TITLE: _parts(_link_payment_without_title),
    Habit.LINK_PAYMENT_WITHOUT_ID: _parts(_link_payment_without_id),
    Habit.PAID_WORDS: _parts(_paid_words),
    Habit.REFUND_WITHOUT_TEXTS: _parts(_refund_without_texts),
    Habit.DATES_ISO: _written("%Y-%m-%dT%H:%M:%SZ"),
    Habit.DATES_US: _written("{month}/{day}/%Y {hour}:%M:%S %p"),
}
"""Habits of every answer that has such fields."""

_INTENT, _LOOK_UP, _EXPIRE = "createPaymentIntent", "getPaymentDetails", "expirePaymentIntent"
_LINK_LOOK_UPS: Final = ("getPaymentLink", "expirePaymentLink")
_EXPIRIES: Final[Mapping[Habit, Reshape]] = {
    Habit.EXPIRY_REFUSED_404: _whole(400, lambda answer: answer | {"statusCode": 404}, 404),
    Habit.EXPIRY_REFUSED_500: _whole(400, lambda answer: answer | {"statusCode": 500}, 500),
    Habit.EXPIRY_KEY_IN_MESSAGE: _whole(400, _key_in_message, 400),
    Habit.EXPIRED_AGAIN_200: _already_expired,
    Habit.EXPIRY_OTHER_WORDS: _expired_with("The intent was set to expired."),
    Habit.EXPIRY_WITHOUT_WORDS: _expired_with(None),
}
"""Habits of the answer to an expiry, of an intent or of a link."""
_OUR_TEXTS: Final = frozenset(
    {
        "refundReason", "refundDetail", "remarks", "referenceNo", "merchantReference", "paymentReference",
    }
)  # fmt: skip
_PAID_WORDS: Final = {
    "Success": "Paid",
    "Refunded": "PaidRefunded",
    "RefundedReversed": "PaidRefundedReversed",
    "Chargeback": "PaidChargeback",
    "ChargebackReversed": "PaidChargebackReversed",
}
_ADDRESS: Final = ("id", "paymentLink", "shortLink", "linkStatus")
_AT: Final[Mapping[tuple[Habit, str], Reshape]] = {
    (Habit.CREATED_201, _INTENT): _whole(200, dict, 201),
    (Habit.INTENT_WITHOUT_ECHO, _INTENT): _parts(
        lambda answer: {"paymentToken": answer["paymentToken"]} if "paymentToken" in answer else answer
    ),
    **{(Habit.NOT_FOUND_EMPTY_404, at): _empty_404 for at in (_LOOK_UP, *_LINK_LOOK_UPS)},
    **{
        (Habit.NOT_FOUND_BARE_404, at): _whole(404, lambda _: {"message": "Not Found"}, 404)
        for at in (_LOOK_UP, *_LINK_LOOK_UPS)
    },
    (Habit.NOT_FOUND_400, _LOOK_UP): _whole(404, lambda answer: answer | {"statusCode": 400}, 400),
    (Habit.NOT_FOUND_NULLS_200, _LOOK_UP): _whole(404, _nulls, 200),
    (Habit.NOT_FOUND_CREATED_200, _LOOK_UP): _whole(
        404, lambda answer: _nulls(answer) | {"transactionStatus": "Created"}, 200
    ),
    **{(habit, at): change for habit, change in _EXPIRIES.items() for at in (_EXPIRE, "expirePaymentLink")},
    (Habit.LINK_WITHOUT_ECHO, "createPaymentLink"): _whole(
        201, lambda answer: {name: answer[name] for name in _ADDRESS}, 201
    ),
    (Habit.REFUND_LIST_CUT, _LOOK_UP): _parts(_newest_refund_alone),
    (Habit.NOT_ELIGIBLE_400, "checkRefundEligibility"): _not_eligible_400,
    (Habit.OLDER_ROW_COUNT, "searchPayments"): _whole(
        200, lambda answer: {"totalRowCounts": answer["totalRowCount"], "data": answer["data"]}, 200
    ),
}
"""Habits of one operation's answers."""
