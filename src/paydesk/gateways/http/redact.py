"""Redaction for the log: secrets are removed by the name of their field."""

from __future__ import annotations

import re
from collections.abc import Mapping

from paydesk.domain.typed.card_numbers import without_card_data

STARS = "****"

_SECRET_NAMES = re.compile(
    r"cardnumber|cvv|cvdata|expiry|track|^pan$|accountn(o|um)|routing|micr|binnumber|epb|ksn"
    r"|accounttoken|^token$|paymenttoken|selftoken|apikey|appkey|loginkey|accesskey|agencykey|secretkey"
    r"|authorization|jwt|password|secret|cookie|captcha",
)
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){8,18}")


def is_secret(name: str) -> bool:
    """Return True if a field or header of that name may hold a secret, in any spelling of the name."""
    return _SECRET_NAMES.search(re.sub(r"[^a-z]", "", name.lower())) is not None


def masked(text: str) -> str:
    """Mask numbers as long as a routing, account or card number (9 to 19 digits), and noted card data."""
    return without_card_data(_LONG_NUMBER.sub(STARS, text))


def redacted(value: object) -> object:
    """Return a copy of a JSON value that may be logged."""
    if isinstance(value, Mapping):
        return {name: STARS if is_secret(str(name)) else redacted(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return masked(value) if isinstance(value, str) else value
