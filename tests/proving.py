"""Amount of testing: a taste in ``dev.py test``, everything in ``dev.py prove``.

A test marked ``proof`` runs in ``dev.py prove`` alone. One marked ``tasted`` runs in both, with the number of
cases that ``cases`` and ``seeds`` return. Every other test runs in ``dev.py test`` alone.
"""

from __future__ import annotations

import os
import time
from typing import TypeVar

import pytest

T = TypeVar("T")

PROVING = "PAYDESK_PROVE" in os.environ
"""True in ``dev.py prove``."""

DAY = int(os.environ.get("PAYDESK_PROVE") or 0)
"""Number that moves all seeds. ``dev.py prove`` uses the date's, so that ten runs prove more than one. 0 is
for ``dev.py test``, whose seeds never change."""

_UNTIL = float(os.environ.get("PAYDESK_PROVE_UNTIL") or "inf")
"""Seconds since 1970 from which ``dev.py prove --minutes`` begins no more cases."""

_LATER = 37
"""Tests by which the proofs of each day begin later than those of the day before."""

proof = pytest.mark.proof
tasted = pytest.mark.tasted


def in_order_of_today(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return what has no taste first, then the rest, beginning at another place each day.

    So that what the minutes do not reach is something else each time.
    """
    untasted = [item for item in items if not item.get_closest_marker("tasted")]
    rest = [item for item in items if item.get_closest_marker("tasted")]
    first = DAY * _LATER % max(len(rest), 1)
    return [*untasted, *rest[first:], *rest[:first]]


def skip_when_time_is_over(item: pytest.Item) -> None:
    """Skip a test that ``dev.py test`` has tasted if the minutes of ``dev.py prove --minutes`` are over."""
    if time.time() > _UNTIL and item.get_closest_marker("tasted"):
        pytest.skip("the minutes are over; dev.py test had a taste, and another day begins elsewhere")


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
