"""Values as the ledger keeps them: JSON that every later PayDesk must read.

Names and forms are fixed for ever: money in whole cents (``subtotal_cents``), times in ISO 8601, enums by
their value. A ledger's hashes cover the text, so a value read and written again must give the same text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from cattrs import BaseValidationError, Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from paydesk.domain.consent import Agency, Consent, ConsentPaper, DebitTerms
from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.invoices.importing import Remembered
from paydesk.domain.money import Money
from paydesk.domain.receipt import VERSION, ConsentNote, Receipt, ReceiptLine
from paydesk.domain.tender import TenderKind
from paydesk.domain.world import LIVE, TRAINING, World

T = TypeVar("T")

_DAMAGE = (
    BaseValidationError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip
"""Whatever a damaged value makes cattrs raise."""

_TENDERS_OF_VERSION_2 = {
    "Credit card": TenderKind.CREDIT_CARD,
    "Debit card": TenderKind.DEBIT_CARD,
    "Bank account (ACH)": TenderKind.ACH,
}
"""Payment methods by the words that receipts up to version 2 kept in their place."""

_WORLDS_BY_TRAINING = {True: TRAINING.name, False: LIVE.name}
"""Names of worlds by the flag for training that receipts up to version 2 kept in their place."""


def receipt_text(receipt: Receipt) -> str:
    """Return a receipt as the ledger keeps it."""
    raw = _json.unstructure(receipt)
    if receipt.version <= 2:
        raw["tender"] = next(word for word, kind in _TENDERS_OF_VERSION_2.items() if kind is receipt.tender)
        raw["training"] = World.named(raw.pop("world")) == TRAINING
    return json.dumps(raw, sort_keys=True)


def receipt_from(text: str) -> Receipt:
    """Return the receipt of a stored text.

    Raises KnownError for one written by a newer PayDesk, BugError for a damaged one.
    """
    raw = _object(text)
    version = raw.get("version")
    if isinstance(version, int) and version > VERSION:
        raise KnownError("A newer PayDesk wrote this receipt.", "Update this desk to print it.")
    if isinstance(version, int) and version <= 2:
        raw["tender"] = _TENDERS_OF_VERSION_2.get(raw.get("tender", ""), "")
    if "training" in raw:
        flag = raw.pop("training")
        raw["world"] = _WORLDS_BY_TRAINING[flag] if isinstance(flag, bool) else ""
    return _structured(raw, Receipt)


def consent_text(consent: Consent | None) -> str:
    """Return a consent as the ledger keeps it, or ``""`` for none."""
    if consent is None:
        return ""
    return json.dumps(_json.unstructure(consent), ensure_ascii=False, sort_keys=True)


def consent_from(text: str) -> Consent | None:
    """Return the consent of a stored text. Raises BugError for a damaged one."""
    return _structured(_object(text), Consent) if text else None


def remembered_text(remembered: Remembered) -> str:
    """Return a person's answers for files of one shape as the ledger keeps them."""
    return json.dumps(_json.unstructure(remembered))


def remembered_from(text: str) -> Remembered:
    """Return the answers of a stored text. Raises BugError for damaged ones."""
    return _structured(_object(text), Remembered)


def _object(text: str) -> dict[str, Any]:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BugError("a stored value is no JSON") from error
    if not isinstance(raw, dict):
        raise BugError("a stored value is no JSON object")
    return raw


def _structured(raw: Mapping[str, Any], kind: type[T]) -> T:
    try:
        return _json.structure(raw, kind)
    except _DAMAGE as error:
        raise BugError(f"a stored {kind.__name__} cannot be read: {type(error).__name__}") from error


def _exactly(value: Any, kind: type) -> Any:
    """Return the value if it has exactly this type: cattrs would convert None to the text "None"."""
    if type(value) is not kind:
        raise TypeError(f"not a {kind.__name__}")
    return value


def _made() -> Converter:
    made = Converter(detailed_validation=False)
    made.register_structure_hook_func(lambda kind: kind in (str, int, bool), _exactly)
    made.register_structure_hook(Money, lambda cents, _: Money(_exactly(cents, int)))
    made.register_unstructure_hook(Money, lambda money: money.cents)
    made.register_structure_hook(World, lambda name, _: World.named(_exactly(name, str)))
    made.register_unstructure_hook(World, lambda world: world.name)
    made.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text).astimezone(UTC))
    made.register_unstructure_hook(datetime, lambda instant: instant.isoformat())
    made.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    made.register_unstructure_hook(date, lambda day: day.isoformat())
    for each in (Agency, DebitTerms, ConsentPaper, Consent, ConsentNote, ReceiptLine, Receipt):
        names: dict[str, Any] = {
            one.name: override(rename=f"{one.name}_cents") for one in fields(each) if "Money" in str(one.type)
        }
        if each is Agency:
            names["license"] = override(rename="licence")
        if each is Consent:
            names["paper"] = override(omit_if_default=True)
        if each is Receipt:
            names["anchor"] = override(omit_if_default=True)
        if each is ReceiptLine:
            names["owed"] = override(rename="owed_cents", omit_if_default=True)
        made.register_structure_hook(each, make_dict_structure_fn(each, made, **names))
        made.register_unstructure_hook(each, make_dict_unstructure_fn(each, made, **names))
    return made


_json = _made()
