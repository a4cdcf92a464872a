"""Look-ups that name no charge, in any form: AndDone does not publish its answer about an unpaid intent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from paydesk.gateways.anddone import enums, names
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import Fields, WrongAnswer
from paydesk.gateways.http.json_text import from_json

_NOT_ABOUT_IT: Final = frozenset({401, 403, 407, 408, 429})
"""Refusals to answer at all. They say nothing about the intent."""
_SUCCESS: Final = frozenset({200, 201, 204})


def names_no_charge(reply: Reply) -> bool:
    """Return True if a whole answer about the intent names no charge. It proves nothing by itself."""
    try:
        value = from_json(reply.body) if reply.body.strip() else None
    except WrongAnswer:
        return reply.status == 404 and not _is_ours(reply.body)
    if _has_id(value) or _claims_a_charge(value):
        return False
    if reply.status in _SUCCESS:
        return bool(reply.body.strip()) or reply.status == 204
    if reply.status == 500:
        return isinstance(value, dict) and bool(value)
    return 400 <= reply.status < 500 and reply.status not in _NOT_ABOUT_IT


def _is_ours(body: bytes) -> bool:
    """Return True if a body that is no JSON may still be a cut answer about a charge."""
    return b"transactionid" in body.lower()


def _has_id(value: object) -> bool:
    """Return True if a transaction id stands anywhere in the answer."""
    match value:
        case Mapping():
            return any(
                (str(name).lower() == "transactionid" and held not in (None, "")) or _has_id(held)
                for name, held in value.items()
            )
        case list():
            return any(map(_has_id, value))
        case _:
            return False


def _claims_a_charge(value: object) -> bool:
    """Return True if the answer says something of a charge without its id, or refuses our keys."""
    if not isinstance(value, dict):
        return value not in (None, [])
    return any(_says_charge(Fields(one)) for one in _objects_in(value))


def _objects_in(value: object) -> Iterator[Mapping[str, object]]:
    """Yield each object at any depth, the outermost first."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _objects_in(one)


def _says_charge(fields: Fields) -> bool:
    try:
        status = enums.named(fields.text("transactionStatus"), enums.STATUSES)
        result = fields.inner("transactionResult")
        succeeded = result.flag("success") or result.text("processorAuthCode")
        refused = fields.text("errorCode") in names.KEY_REFUSALS
    except WrongAnswer:
        return True
    return refused or bool(succeeded) or status not in names.NO_INFORMATION
