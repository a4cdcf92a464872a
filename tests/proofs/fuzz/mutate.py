"""Changes of a byte string, each by plain random numbers: the same seed gives the same changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

LONGEST = 20_000
"""Most bytes of a changed input."""
ODD: tuple[bytes, ...] = (
    b"",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\r",
    b"\n",
    b"\r\n",
    b'"',
    b"'",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"&#0;",
    b"&#x110000;",
    b"<!--",
    b"<![CDATA[",
    b"]]>",
    b"<?",
    b"%00",
    b"0",
    b"-0",
    b"-1",
    b"1e999",
    b"-1e-999",
    b"NaN",
    b"Infinity",
    b"nan",
    b"inf",
    b"null",
    b"true",
    b"false",
    b"[]",
    b"{}",
    b"9" * 19,
    b"9" * 400,
    b"9" * 5_000,
    b"0." + b"0" * 400 + b"1",
    b"12.345",
    b"4111111111111111",
    b"2026-02-30",
    b"0001-01-01",
    b"9999-12-31T23:59:60Z",
    b"2026-08-14T10:00:00+99:99",
    b"12/31/9999",
    b"[" * 2_000,
    b'{"a":' * 2_000,
    b"<a>" * 2_000,
    b"(" * 500,
    b",",
    b";",
    b"\t",
    b"|",
    b"=",
    b" " * 300,
    "\u202e".encode(),
    "\ufeff".encode(),
    "\u0660\u0661".encode(),
    "\u00b2".encode(),
    "\u2160".encode(),
    "\U0001f4b3".encode(),
    "\ufdfa".encode() * 20,
    "\u0130".encode(),
    "e\u0301".encode() * 40,
)
"""Pieces that readers stumble over."""

Change = Callable[[Random, bytes, Sequence[bytes]], bytes]


def mutated(chance: Random, seeds: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """Return one of the seeds after some changes. ``tokens`` are pieces of the reader's language."""
    body = chance.choice(seeds)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5, 9))):
        body = chance.choice(_CHANGES)(chance, body, tokens if chance.random() < 0.6 else ODD)
        if chance.random() < 0.08:
            body = _spliced(chance, body, chance.choice(seeds))
    return body[:LONGEST]


def _span(chance: Random, body: bytes) -> tuple[int, int]:
    start = chance.randrange(len(body) + 1)
    return start, min(len(body), start + chance.choice((0, 1, 1, 2, 4, 8, 30, 200)))


def _replaced(chance: Random, body: bytes, tokens: Sequence[bytes]) -> bytes:
    start, end = _span(chance, body)
    return body[:start] + chance.choice(tokens) + body[end:]


def _inserted(chance: Random, body: bytes, tokens: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + chance.choice(tokens) + body[at:]


def _word_replaced(chance: Random, body: bytes, tokens: Sequence[bytes]) -> bytes:
    """Put a token in place of a whole word, text or number."""
    start = end = chance.randrange(len(body) + 1)
    while start and body[start - 1 : start] not in _AROUND:
        start -= 1
    while end < len(body) and body[end : end + 1] not in _AROUND:
        end += 1
    return body[:start] + chance.choice(tokens) + body[end:]


def _removed(chance: Random, body: bytes, _tokens: Sequence[bytes]) -> bytes:
    start, end = _span(chance, body)
    return body[:start] + body[end:]


def _repeated(chance: Random, body: bytes, _tokens: Sequence[bytes]) -> bytes:
    start, end = _span(chance, body)
    return body[:end] + body[start:end] * chance.choice((1, 1, 2, 9, 100)) + body[end:]


def _flipped(chance: Random, body: bytes, _tokens: Sequence[bytes]) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.choice((1, 1, 3))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _any_byte(chance: Random, body: bytes, _tokens: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(body) + 1)
    return body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :]


def _moved(chance: Random, body: bytes, _tokens: Sequence[bytes]) -> bytes:
    start, end = _span(chance, body)
    rest = body[:start] + body[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + body[start:end] + rest[at:]


def _cut(chance: Random, body: bytes, _tokens: Sequence[bytes]) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _spliced(chance: Random, body: bytes, other: bytes) -> bytes:
    return body[: chance.randrange(len(body) + 1)] + other[chance.randrange(len(other) + 1) :]


_AROUND = frozenset(bytes([one]) for one in b" \t\r\n,;|\"'<>()[]{}:=/&")
_CHANGES: tuple[Change, ...] = (
    _replaced,
    _inserted,
    _word_replaced,
    _word_replaced,
    _word_replaced,
    _removed,
    _repeated,
    _flipped,
    _any_byte,
    _moved,
    _cut,
)
