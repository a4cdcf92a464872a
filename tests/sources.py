"""The parsed modules of the project, for the tests that read its code."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

together = pytest.mark.xdist_group("sources")
"""Marks a test that reads many modules. All are on one worker, so that each module is parsed once (3 s)."""


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed module. Nobody may change it."""
    return ast.parse(path.read_text(encoding="utf-8"))
