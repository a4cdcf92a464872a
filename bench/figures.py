"""A measured figure beside the bar it is held to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One row; ``value`` and ``bar`` in ``unit`` (``x``: times the floor), ``how`` says what was measured."""

    name: str
    value: float
    bar: float
    unit: str
    how: str

    @property
    def verdict(self) -> str:
        """``ok``, or ``short`` of the bar."""
        return "ok" if self.value <= self.bar else "short"


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample that ``share`` of all are not above, such as 0.99."""
    ordered = sorted(samples)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def table(figures: Iterable[Figure]) -> str:
    """The rows as text, one figure a line."""
    rows = [("figure", "value", "bar", "", "how")]
    rows += [(f.name, _said(f.value, f.unit), _said(f.bar, f.unit), f.verdict, f.how) for f in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ("  ".join([*map(str.ljust, row[:4], widths), row[4]]) for row in rows)
    return "\n".join(lines)


def save(figures: Iterable[Figure], file: Path) -> None:
    """Write the rows as JSON."""
    rows = [asdict(figure) | {"verdict": figure.verdict} for figure in figures]
    file.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _said(amount: float, unit: str) -> str:
    return f"{amount:.2f} x" if unit == "x" else f"{amount:.1f} {unit}"
