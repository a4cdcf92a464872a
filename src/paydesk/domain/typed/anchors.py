"""Anchors: hashes of events of the ledger, as printed and as entered again."""

from __future__ import annotations

import re

FEWEST, _SHOWN = 12, 20
"""Hex digits that an entry needs at least, and those that a sheet shows: 48 and 80 bits."""
_HASH = re.compile(rf"[0-9a-f]{{{FEWEST},64}}")


def short_form(head: str) -> str:
    """Return the first 20 hex digits of a hash in groups of four."""
    return " ".join(head[at : at + 4] for at in range(0, _SHOWN, 4))


def read_anchor(text: str) -> str:
    """Return the digits of a hash, or of its beginning, or ``""`` if the text is none."""
    plain = re.sub(r"[\s-]", "", text).lower()
    return plain if _HASH.fullmatch(plain) else ""
