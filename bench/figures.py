"""A measured figure and the bar it must meet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. ``value`` and ``bar`` are in ``unit`` (``x``: times the floor). ``how`` is the measurement."""

    name: str
    value: float
    bar: float
    unit: str
    how: str

    @property
    def verdict(self) -> str:
        """``ok``, or ``short`` of the bar."""
        return "ok" if self.value <= self.bar else "short"


_COLUMNS = "{:<28}  {:>10}  {:>10}  {:<5}  {}"
HEADING = _COLUMNS.format("figure", "value", "bar", "", "how")


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the sample that a ``share`` of all, such as 0.99, does not exceed."""
    ordered = sorted(samples)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def line(figure: Figure) -> str:
    """Return a row as text, in columns."""
    value, bar = (_said(amount, figure.unit) for amount in (figure.value, figure.bar))
    return _COLUMNS.format(figure.name, value, bar, figure.verdict, figure.how)


def save(figures: Iterable[Figure], file: Path) -> None:
    """Write the rows as JSON."""
    rows = [asdict(figure) | {"verdict": figure.verdict} for figure in figures]
    file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _said(amount: float, unit: str) -> str:
    return f"{amount:.2f} x" if unit == "x" else f"{amount:.1f} {unit}"
