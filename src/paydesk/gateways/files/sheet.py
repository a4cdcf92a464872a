"""The rows of one sheet of a workbook, while its XML streams by. Only cells with a value are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from openpyxl.utils.datetime import from_excel, from_ISO8601

from paydesk.gateways.files.package import NotSound
from paydesk.gateways.files.values import MOST_COLUMNS, Formula
from paydesk.gateways.http.xml_stream import XmlStream, local

LONGEST_TEXT: Final = 100_000
"""Most characters of a cell. Excel itself takes 32,767."""
_LAST_ROW: Final = 1_048_576
_LAST_COLUMN: Final = 16_384
_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,3})?|-?\.[0-9]{1,40}")
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?[0-9]{1,7}")
_NO_TEXT: Final = frozenset(("rPh", "phoneticPr"))
"""Elements beside the text of a cell: how it is spoken in Japanese."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """The parts of a workbook without which its cells mean nothing."""

    strings: list[str]
    dates: frozenset[int]
    """Styles that show a number as a date."""
    durations: frozenset[int]
    """Styles that show a number as hours and minutes."""
    epoch: datetime
    around: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """Words that a style puts before and behind a number: it is shown as a credit, in euros, as PAID."""


class Texts(XmlStream):
    """Collects the text inside some elements, of a bounded length."""

    def __init__(self) -> None:
        super().__init__(local)
        self._pieces: list[str] | None = None
        self._length = self._beside = 0

    def text(self, piece: str) -> None:
        """Keep a piece if it belongs to a cell."""
        if self._pieces is not None and not self._beside:
            self._length += len(piece)
            if self._length > LONGEST_TEXT:
                raise NotSound(f"a cell has more than {LONGEST_TEXT:,} characters")
            self._pieces.append(piece)


class SheetRows(Texts):
    """Turns the XML of a sheet into rows: ``taken`` gives those that are complete."""

    def __init__(self, meanings: Meanings) -> None:
        super().__init__()
        self._with = meanings
        self._rows: list[tuple[int, list[object]]] = []
        self._cells: list[object] = []
        self._line = self._column = self._style = 0
        self._kind = ""
        self._value: list[str] = []
        self._inline: list[str] = []
        self._formula: list[str] = []
        self._has_formula = False

    def taken(self) -> list[tuple[int, list[object]]]:
        """Return the rows since the last time, each with its line."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin a cell, a row, or a text in a cell."""
        if name == "c":
            self._begin_cell(attributes)
        elif name == "v":
            self._pieces = self._value
        elif name == "t":
            self._pieces = self._inline
        elif name == "f":
            self._pieces, self._has_formula = self._formula, True
        elif name == "row":
            self._begin_row(attributes.get("r"))
        elif name in _NO_TEXT:
            self._beside += 1

    def end(self, name: str) -> None:
        """End a cell, a row, or a text in a cell."""
        if name == "c":
            self._keep(self._cell())
        elif name in ("v", "t", "f"):
            self._pieces = None
        elif name == "row":
            self._rows.append((self._line, self._cells))
        elif name in _NO_TEXT:
            self._beside -= 1

    def _begin_row(self, said: str | None) -> None:
        line = self._line + 1 if said is None else _whole(said)
        if not self._line < line <= _LAST_ROW:
            raise NotSound("its rows are out of order")
        self._line, self._column, self._cells = line, 0, []

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r")
        self._column = self._column + 1 if place is None else _column(place)
        if self._column > _LAST_COLUMN:
            raise NotSound("it has more columns than Excel")
        self._kind = attributes.get("t", "n")
        self._style = _whole(attributes.get("s", "0"))
        self._value, self._inline, self._formula = [], [], []
        self._length, self._has_formula = 0, False

    def _cell(self) -> object:
        """Return the value of the cell that ends, or None."""
        if self._kind == "inlineStr":
            value: object = "".join(self._inline)
        else:
            text = "".join(self._value)
            value = self._meaning(text) if text else None
        if value is None and self._has_formula:
            return Formula("=" + "".join(self._formula))
        return value

    def _keep(self, value: object) -> None:
        if value is None:
            return
        at = self._column - 1
        if at >= MOST_COLUMNS:
            raise NotSound(f"line {self._line} has a value beyond column {MOST_COLUMNS:,}")
        if at < len(self._cells):
            if self._cells[at] is not None:
                raise NotSound("a cell is there twice")
            self._cells[at] = value
        else:
            self._cells += [None] * (at - len(self._cells))
            self._cells.append(value)

    def _meaning(self, text: str) -> object:
        match self._kind:
            case "n":
                return self._number(text)
            case "s":
                return self._with.strings[_whole(text)]
            case "b":
                return bool(_whole(text))
            case "d":
                return from_ISO8601(text)  # type: ignore[no-untyped-call]
            case _:
                return text

    def _number(self, text: str) -> object:
        if not _NUMBER.fullmatch(text):
            raise NotSound("a number is none")
        value = int(text) if text.lstrip("-").isdigit() else float(text)
        if self._style in self._with.around and value > 0:
            before, behind = self._with.around[self._style]
            return f"{before}{text}{behind}".strip()
        if self._style not in self._with.dates:
            return value
        try:
            return from_excel(value, self._with.epoch, timedelta=self._style in self._with.durations)
        except (OverflowError, ValueError):
            return "#VALUE!"


def _whole(text: str) -> int:
    """Return a number of a row, a style or a text. Some programs write 5.0."""
    bare = text.removesuffix(".0")
    if not bare.isdecimal() or len(bare) > 9:
        raise NotSound("a number of it is none")
    return int(bare)


def _column(place: str) -> int:
    """Return 28 for AB7."""
    found = _PLACE.fullmatch(place)
    if found is None:
        raise NotSound("a cell has no place")
    number = 0
    for letter in found[1].upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
