"""Amount of testing: a taste in ``dev.py test``, everything in ``dev.py prove``.

A test marked ``proof`` runs in ``dev.py prove`` alone. One marked ``tasted`` runs in both, with the number of
cases that ``cases`` and ``seeds`` return. Every other test runs in ``dev.py test`` alone.
"""

from __future__ import annotations

import os
from typing import TypeVar

import pytest

T = TypeVar("T")

PROVING = "PAYDESK_PROVE" in os.environ
"""True in ``dev.py prove``."""

DAY = int(os.environ.get("PAYDESK_PROVE") or 0)
"""Number that moves all seeds. ``dev.py prove`` uses the date's, so that ten runs prove more than one. 0 is
for ``dev.py test``, whose seeds never change."""

proof = pytest.mark.proof
tasted = pytest.mark.tasted


def together(name: str) -> list[pytest.MarkDecorator]:
    """Return the marks of tests that share something costly: one worker runs them all in ``dev.py test``.

    ``dev.py prove`` spreads them, because there they are the longest part.
    """
    return [] if PROVING else [pytest.mark.xdist_group(name)]


def cases(taste: T, everything: T) -> T:
    """Return the number of cases: ``taste`` in ``dev.py test``, ``everything`` in ``dev.py prove``."""
    return everything if PROVING else taste


def seeds(taste: int, everything: int, first: int = 0) -> range:
    """Return that many seeds. The seeds of another day follow, and no seed occurs twice within a run."""
    count = cases(taste, everything)
    start = first + DAY * everything
    return range(start, start + count)
