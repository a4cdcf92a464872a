"""The fields of a request to pay, read into values. Raises Refusal for what AndDone would not accept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from paydesk.domain.money import ZERO, AmountError, Money
from paydesk.sandbox.anddone.books import Instrument, Offer, Refusal
from paydesk.sandbox.anddone.merchant import ACH, CREDIT, DEBIT

TENDERS = (CREDIT, DEBIT, ACH)
_BRANDS = {"3": "AMEX", "4": "VISA", "5": "MASTERCARD", "2": "MASTERCARD", "6": "DISCOVER"}
Wire = Mapping[str, Any]


def money_of(value: object, zero_allowed: bool = False) -> Money:
    """Return a JSON number as money. Raises Refusal Key_InvalidAmount if it is no amount of cents."""
    try:
        money = Money.from_dollars(Decimal(str(value)))
    except (AmountError, ArithmeticError):
        raise Refusal("Key_InvalidAmount", "The amount is not valid.") from None
    if money < ZERO or not (money or zero_allowed):
        raise Refusal("Key_InvalidAmount", "The amount must be greater than zero.")
    return money


def refuse_wrong_fee(wire: Wire) -> None:
    """Refuse an order whose own technology fee is no amount."""
    if wire.get("overrideTechnologyFee") is not None:
        money_of(wire["overrideTechnologyFee"], zero_allowed=True)


def tender_info(wire: Wire) -> dict[str, Any]:
    info = wire.get("tenderInfo")
    if not isinstance(info, dict):
        raise Refusal("Key_InvalidRequest", "tenderInfo is missing.")
    return info


def tenders_of(allowed: object) -> tuple[str, ...]:
    """Return the tenders in an ``intent`` object. Raises Refusal."""
    if not isinstance(allowed, dict):
        raise Refusal("Key_IntentCannotBeNullOrEmpty", "The intent is missing.")
    names = allowed.get("paymentTypes")
    tenders = tuple(map(str, names)) if isinstance(names, list) else ()
    if not tenders:
        raise Refusal("Key_PaymentTypesCannotBeNullOrEmpty", "The payment types are missing.")
    if not set(tenders) <= set(TENDERS):
        raise Refusal("Key_InvalidRequest", "There is an unknown payment type.")
    return tenders


def instrument_of(tender: str, info: Wire) -> Instrument:
    if tender == ACH:
        return Instrument(
            kind=str(info.get("accountType") or "checking"),
            last_four=str(info.get("accountNumber"))[-4:],
            holder=text_of(info.get("accountHolderName")),
            bank=text_of(info.get("bankName")),
            routing=text_of(info.get("routingNumber")),
            category=text_of(info.get("accountCategory")),
        )
    number = str(info.get("cardNumber"))
    return Instrument(
        kind=_BRANDS.get(number[:1], "UNKNOWN"),
        last_four=number[-4:],
        bin_number=number[:6],
        holder=text_of(info.get("cardHolderName")),
    )


def invoice_numbers_of(
    invoice_no: str | None, offer: Offer | None, extra: Mapping[str, str]
) -> tuple[str, ...]:
    """Return every invoice number of the payment: in its number field, references or free fields."""
    texts = [invoice_no or "", *(offer.references if offer else ())]
    texts += [value for name, value in extra.items() if name.lower().startswith("invoice")]
    numbers = (number for text in texts for number in text.replace(",", " ").split())
    return tuple(dict.fromkeys(numbers))


def suppression(wire: Wire, offer: Offer | None) -> dict[str, bool]:
    """Return the flag that stops the fee, if the payment or its offer has it."""
    suppressed = any(fields.get("suppressTechnologyFee") for fields in (wire, offer.wire if offer else {}))
    return {"suppressTechnologyFee": True} if suppressed else {}


def text_of(value: object) -> str | None:
    return None if value is None else str(value)


def whole(value: object, default: int) -> int:
    text = str(value) if value is not None else str(default)
    if not text.isdecimal():
        raise Refusal("Key_InvalidRequest", "expiresIn is not a number of seconds.")
    return int(text)


def later(moment: datetime, unit: str, count: int) -> datetime:
    """Return the moment so many ``seconds``, ``days`` or other units later. Raises Refusal if too far."""
    try:
        return moment + timedelta(**{unit: count})
    except OverflowError:
        raise Refusal("Key_InvalidRequest", "The life is too long.") from None


def objects_in(value: object) -> list[Wire]:
    """Return a list of objects, empty if there is none. Raises Refusal for anything else."""
    held = value or []
    if not isinstance(held, list) or not all(isinstance(one, dict) for one in held):
        raise Refusal("Key_InvalidRequest", "A list of objects is expected.")
    return held


def object_in(value: object) -> Wire:
    """Return an object, empty if there is none. Raises Refusal for anything else."""
    held = value or {}
    if not isinstance(held, dict):
        raise Refusal("Key_InvalidRequest", "An object is expected.")
    return held
