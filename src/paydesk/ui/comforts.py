"""What the window remembers from one start to the next; all of it may be lost without harm."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QByteArray, QSettings

Word = TypeVar("Word", bound=StrEnum)


class Comforts:
    """Where the window was, which paper and channel were chosen; ``path`` None remembers for this start only.

    A file that cannot be read or written is passed over: nothing here is worth a sentence.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file = QSettings(str(path), QSettings.Format.IniFormat) if path else None
        self._here: dict[str, object] = {}

    def word(self, name: str, otherwise: Word) -> Word:
        """The remembered choice of that name, or ``otherwise`` where there is none that still exists."""
        found = self._get(name)
        try:
            return type(otherwise)(str(found))
        except ValueError:
            return otherwise

    def keep_word(self, name: str, word: StrEnum) -> None:
        """Remember a choice."""
        self._keep(name, word.value)

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the window as it closed, or nothing."""
        found = self._get("window/geometry")
        return found if isinstance(found, QByteArray) else QByteArray()

    def keep_geometry(self, geometry: QByteArray) -> None:
        """Remember place and size."""
        self._keep("window/geometry", geometry)

    @property
    def undecided(self) -> frozenset[str]:
        """References of the payments of this desk that nothing was known of when it was closed."""
        return frozenset(str(self._get("payments/undecided") or "").split())

    def keep_undecided(self, references: frozenset[str]) -> None:
        """Remember them."""
        self._keep("payments/undecided", " ".join(sorted(references)))

    def _get(self, name: str) -> object:
        return self._here.get(name) if self._file is None else self._file.value(name)

    def _keep(self, name: str, value: object) -> None:
        if self._file is None:
            self._here[name] = value
        else:
            self._file.setValue(name, value)
