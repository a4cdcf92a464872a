"""Telephone numbers as they are read aloud."""

from __future__ import annotations

import re

_NORTH_AMERICAN = re.compile(r"\+?1?([0-9]{3})([0-9]{3})([0-9]{4})")


def in_groups(phone: str) -> str:
    """Ten bare digits as ``(617) 555-0142``; whatever was written in another way stays as it is."""
    found = _NORTH_AMERICAN.fullmatch(phone.strip())
    return "({}) {}-{}".format(*found.groups()) if found else phone
