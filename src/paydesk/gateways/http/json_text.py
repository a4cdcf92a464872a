"""JSON with exact decimal numbers in both directions, and of bounded depth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from paydesk.domain.typed.sealed import Sealed
from paydesk.gateways.http.fields import WrongAnswer

MOST_DEPTH = 64
"""Most objects and lists inside each other. AndDone and AMS360 write about six."""
_LONGEST_WHOLE = 60
"""Most characters of a whole number. Reading one takes the square of its length."""
_MAYBE_HALF = re.compile(r"(?i)\\ud[89a-f]|[\ud800-\udfff]")
"""Half of a surrogate pair, perhaps without the other half."""
_SANE_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,30})?([eE][+-]?\d{1,2})?")


def to_json(value: object) -> str:
    """Return JSON with exact decimals. No amount passes through a float.

    Raises TypeError for sealed digits: they go into no text.
    """
    match value:
        case Decimal():
            return f"{value:f}"
        case Mapping():
            pairs = (f"{json.dumps(str(name))}:{to_json(held)}" for name, held in value.items())
            return "{" + ",".join(pairs) + "}"
        case list() | tuple():
            return "[" + ",".join(to_json(item) for item in value) + "]"
        case _:
            return json.dumps(value)


def to_body(value: Mapping[str, object]) -> bytearray:
    """Return the same JSON as bytes that the caller can overwrite.

    Sealed digits are written into it one by one, as a string, so that no other copy of them is made. It has
    its size from the beginning, because a buffer that grows leaves copies behind.
    """
    parts = list(_parts(value))
    body, at = bytearray(sum(map(len, parts))), 0
    for part in parts:
        if isinstance(part, bytes):
            body[at : at + len(part)] = part
        else:
            for place, digit in enumerate(part, at):
                body[place] = ord(digit)
        at += len(part)
    return body


def _parts(value: object) -> Iterator[bytes | Sealed]:
    match value:
        case Sealed():
            yield b'"'
            yield value
            yield b'"'
        case Mapping():
            yield b"{"
            for place, (name, held) in enumerate(value.items()):
                yield f"{',' if place else ''}{json.dumps(str(name))}:".encode()
                yield from _parts(held)
            yield b"}"
        case _:
            yield to_json(value).encode()


def from_json(body: bytes | str) -> object:
    """Return the JSON value with exact numbers. Raises WrongAnswer."""
    try:
        text = body if isinstance(body, str) else body.decode(json.detect_encoding(body), "surrogatepass")
        value: object = json.loads(text, parse_int=_whole, parse_float=_decimal, parse_constant=_decimal)
    except (ValueError, RecursionError):
        pass
    else:
        if _is_flat(value):
            return _storable(value) if _MAYBE_HALF.search(text) else value
    # Raised here, not in the handler, so that no chained exception contains the body.
    raise WrongAnswer("body")


def _storable(value: object) -> object:
    """Return the value with a question mark for each half of a surrogate pair, which no database takes."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_storable(name): _storable(held) for name, held in value.items()}
        case list():
            return [_storable(item) for item in value]
        case _:
            return value


def _is_flat(value: object) -> bool:
    """Return True if the value is not too deep: whoever walks through it may call itself."""
    level = [value]
    for _ in range(MOST_DEPTH):
        deeper: list[object] = []
        for one in level:
            if isinstance(one, dict):
                deeper += one.values()
            elif isinstance(one, list):
                deeper += one
        if not deeper:
            return True
        level = deeper
    return False


def _whole(text: str) -> int:
    if len(text) > _LONGEST_WHOLE:
        raise ValueError("not a number we read")
    return int(text)


def _decimal(text: str) -> Decimal:
    """Return a JSON number of a sane size. 1e999999 must never become an integer, and NaN is no number."""
    if _SANE_NUMBER.fullmatch(text):
        return Decimal(text)
    raise ValueError("not a number we read")
