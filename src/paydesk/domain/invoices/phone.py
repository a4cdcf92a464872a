"""Telephone numbers in groups, as people read them aloud."""

from __future__ import annotations

import re

_NORTH_AMERICAN = re.compile(r"\+?1?([0-9]{3})([0-9]{3})([0-9]{4})")


def in_groups(phone: str) -> str:
    """Format ten bare digits as ``(617) 555-0142``. Any other text stays unchanged."""
    found = _NORTH_AMERICAN.fullmatch(phone.strip())
    return "({}) {}-{}".format(*found.groups()) if found else phone
