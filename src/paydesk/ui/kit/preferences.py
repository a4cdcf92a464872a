"""Preferences of the window from one start to the next. Losing them does no harm."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QByteArray, QSettings

Word = TypeVar("Word", bound=StrEnum)


TEXT_SIZES = (90, 100, 110, 125, 150)
"""Text sizes to choose from, in percent of the usual one."""


class Switch(StrEnum):
    """A switch of this desk that a person turns on."""

    PRINT_WITHOUT_ASKING = "print_without_asking"
    PRINT_AFTER_APPROVAL = "print_after_approval"


class Preferences:
    """Geometry, appearance, text size, paper, printers, switches and undecided payments.

    Without ``path`` nothing is saved.

    A file that cannot be read or written is ignored: nothing in it is worth a message.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file = QSettings(str(path), QSettings.Format.IniFormat) if path else None
        self._here: dict[str, object] = {}

    def word(self, name: str, otherwise: Word) -> Word:
        """Return the saved choice of that name, or ``otherwise`` if there is none that still exists."""
        found = self._get(name)
        try:
            return type(otherwise)(str(found))
        except ValueError:
            return otherwise

    def keep_word(self, name: str, word: StrEnum) -> None:
        """Save a choice."""
        self._keep(name, word.value)

    @property
    def geometry(self) -> QByteArray:
        """Position and size of the window when it closed, empty if unknown."""
        found = self._get("window/geometry")
        return found if isinstance(found, QByteArray) else QByteArray()

    def keep_geometry(self, geometry: QByteArray) -> None:
        """Save position and size."""
        self._keep("window/geometry", geometry)

    @property
    def text_size(self) -> int:
        """The chosen text size in percent."""
        found = str(self._get("text_size") or "")
        return int(found) if found in map(str, TEXT_SIZES) else 100

    def keep_text_size(self, percent: int) -> None:
        """Save the text size."""
        self._keep("text_size", percent)

    @property
    def undecided(self) -> frozenset[str]:
        """References of this desk's payments that were undecided when it closed."""
        return frozenset(str(self._get("payments/undecided") or "").split())

    def keep_undecided(self, references: frozenset[str]) -> None:
        """Save the references of undecided payments."""
        self._keep("payments/undecided", " ".join(sorted(references)))

    def printer(self, paper: StrEnum) -> str:
        """Return the name of the printer last used for that paper, or ``""``."""
        return str(self._get(f"printer/{paper.value}") or "")

    def keep_printer(self, paper: StrEnum, printer: str) -> None:
        """Save the printer of a paper."""
        self._keep(f"printer/{paper.value}", printer)

    def is_on(self, switch: Switch) -> bool:
        """Return True if a person turned that on."""
        return self._get(f"switch/{switch.value}") == "on"

    def turn(self, switch: Switch, *, on: bool) -> None:
        """Save a switch."""
        self._keep(f"switch/{switch.value}", "on" if on else "off")

    def _get(self, name: str) -> object:
        return self._here.get(name) if self._file is None else self._file.value(name)

    def _keep(self, name: str, value: object) -> None:
        if self._file is None:
            self._here[name] = value
        else:
            self._file.setValue(name, value)
