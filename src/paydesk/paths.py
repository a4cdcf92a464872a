"""Where files live; one base folder moves them all."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@cache
def resources() -> Path:
    """The folder of fonts, icons and other files that ship with the program.

    In a checkout it lies beside ``src``, in an installed package inside it, and in a
    program built by PyInstaller where that unpacks.
    """
    unpacked = getattr(sys, "_MEIPASS", None)
    if unpacked:
        return Path(unpacked) / "resources"
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parents[1] / "resources"


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one desk, all under ``base``; the training desk has its own ledger."""

    base: Path
    training: bool = False

    @property
    def settings(self) -> Path:
        """The settings of the live desk."""
        return self.base / "settings.toml"

    @property
    def training_choices(self) -> Path:
        """What the training desk does otherwise than usual; there need not be such a file."""
        return self.base / "training.toml"

    @property
    def ledger(self) -> Path:
        """The ledger database, when it is a file."""
        return self.base / ("training.ledger" if self.training else "live.ledger")

    @property
    def desks(self) -> Path:
        """The lock files of the desks that run."""
        return self.base / "desks"

    @property
    def sandbox(self) -> Path:
        """What the training desk's emulators remember from one start to the next."""
        return self.base / "sandbox.state"

    @property
    def keys(self) -> Path:
        """Keys, only where the system has no keychain."""
        return self.base / "keys.json"

    @property
    def log(self) -> Path:
        """The newest log; older ones lie beside it."""
        return self.base / "logs" / ("training.log" if self.training else "paydesk.log")

    @property
    def window_state(self) -> Path:
        """Where the window was, and other comforts that may be lost."""
        return self.base / "window.ini"


def default_base() -> Path:
    """The folder the system gives this user's programs for their data."""
    import platformdirs  # an import that only a start without --basedir needs

    return Path(platformdirs.user_data_dir("PayDesk", appauthor=False))
