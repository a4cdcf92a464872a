"""Layout of lines, columns and blocks, before any PDF is written. All lengths are in points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from paydesk.receipts.fonts import Weight
from paydesk.receipts.shaping import Line, clean, set_line, sticks

Align = Literal["left", "right", "centre"]
Ink = tuple[float, float, float]

MOST_LINES = 18
"""Most lines of one text: 300 wide characters in the narrowest column. A longer text ends in “…”."""

BELOW_BASELINE = 0.3
"""Share of a line's height below its baseline, equal for all sizes so that neighbors align."""


@dataclass(frozen=True, slots=True)
class Style:
    """The look of a text. ``figures`` gives all digits one width."""

    size: float
    leading: float
    ink: Ink
    weight: Weight = Weight.REGULAR
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A line with its baseline ``down`` points below the top of its block."""

    line: Line
    size: float
    ink: Ink
    x: float
    down: float


@dataclass(frozen=True, slots=True)
class Box:
    """A frame, or a rule if it has no height. Its top is ``down`` points below the top of its block."""

    x: float
    down: float
    width: float
    height: float
    ink: Ink
    thickness: float = 0.6


Mark = Text | Box


@dataclass(frozen=True, slots=True)
class Block:
    """Marks that stay together on one page."""

    height: float
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class Column:
    """Texts one below the other between ``x`` and ``x + width``."""

    x: float
    width: float
    align: Align = "left"
    height: float = 0.0
    marks: list[Mark] = field(default_factory=list)

    def say(self, text: str, style: Style, before: float = 0.0, most: int = MOST_LINES) -> Column:
        """Add a text in as many lines as it needs. Adds nothing for a blank one."""
        for index, line in enumerate(wrap(text, style, self.width, most)):
            self.height += style.leading + (0 if index else before)
            self.marks.append(self._place(line, style))
        return self

    def amount(self, text: str, style: Style) -> Column:
        """Add an amount. It is never broken: one too long for the column gets a smaller size."""
        self.height += style.leading
        self.marks.append(self._place(_set(text, style), style))
        return self

    def whole(self, text: str, style: Style) -> Column:
        """Add a text on one line, in a smaller size if it is too long. Adds nothing for a blank one."""
        shown = clean(text)
        return self.amount(shown, style) if shown else self

    def space(self, height: float) -> Column:
        """Add empty space."""
        self.height += height
        return self

    def rule(self, ink: Ink, thickness: float = 0.6) -> Column:
        """Draw a line across the column."""
        self.marks.append(Box(self.x, self.height, self.width, 0, ink, thickness))
        return self

    def _place(self, line: Line, style: Style) -> Text:
        room = self.width * 1000 / style.size
        size = style.size if line.width <= room else style.size * room / line.width
        slack = self.width - line.width * size / 1000
        share = {"left": 0.0, "centre": 0.5, "right": 1.0}[self.align]
        down = self.height - BELOW_BASELINE * style.leading
        return Text(line, size, style.ink, self.x + slack * share, down)


def beside(*parts: Column | Block, after: float = 0.0) -> Block:
    """Return columns side by side as one block, with space ``after`` them."""
    marks = tuple(mark for part in parts for mark in part.marks)
    return Block(max(part.height for part in parts) + after, marks)


def wrap(text: str, style: Style, width: float, most: int = MOST_LINES) -> list[Line]:
    """Break a text into lines that fit. A word that is too long is broken between characters."""
    room = width * 1000 / style.size
    rest = clean(text[: most * 400])
    lines: list[Line] = []
    while rest:
        taken = _how_much(rest, style, room)
        if taken < len(rest) and len(lines) == most - 1:
            shorter = _how_much(rest, style, room - 1000)
            return [*lines, _set(rest[:shorter].rstrip() + "…", style)]
        lines.append(_set(rest[:taken].rstrip(), style))
        rest = rest[taken:].lstrip()
    return lines


def _set(text: str, style: Style) -> Line:
    return set_line(text, style.weight, figures=style.figures)


def _how_much(text: str, style: Style, room: float) -> int:
    """Return how many characters fit: all, up to a space, or as many as possible, but at least one."""
    if _set(text, style).width <= room:
        return len(text)
    breaks = [index for index in range(1, len(text)) if _may_break(text, index)]
    low, high = 0, len(breaks)
    while low < high:
        middle = (low + high) // 2
        if _set(text[: breaks[middle]], style).width <= room:
            low = middle + 1
        else:
            high = middle
    fits = breaks[low - 1] if low else (breaks[0] if breaks else len(text))
    space = text.rfind(" ", 0, fits + 1)
    return space if space > 0 else fits


def _may_break(text: str, index: int) -> bool:
    """Return True if a line may end before this character without splitting a letter or an emoji."""
    return text[index - 1] != "\u200d" and not sticks(text[index])


def stack(blocks: Iterable[Block]) -> Block:
    """Return blocks one below the other as one block."""
    height, marks = 0.0, list[Mark]()
    for block in blocks:
        marks += (_lower(mark, height) for mark in block.marks)
        height += block.height
    return Block(height, tuple(marks))


def _lower(mark: Mark, by: float) -> Mark:
    if isinstance(mark, Text):
        return Text(mark.line, mark.size, mark.ink, mark.x, mark.down + by)
    return Box(mark.x, mark.down + by, mark.width, mark.height, mark.ink, mark.thickness)
