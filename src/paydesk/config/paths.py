"""The places of PayDesk's files. One base folder moves them all."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from paydesk.domain.world import World

LONGEST_STEM = 80
"""Longest name of a ledger before its endings. A host may have 253 characters."""


@cache
def resources() -> Path:
    """Return the folder of fonts, icons and other files that ship with the program.

    In a checkout it is beside ``src``, in an installed package inside it, and in a
    PyInstaller program in the folder where PyInstaller unpacks.
    """
    unpacked = getattr(sys, "_MEIPASS", None)
    if unpacked:
        return Path(unpacked) / "resources"
    package = Path(__file__).resolve().parents[1]
    installed = package / "resources"
    return installed if installed.is_dir() else package.parents[1] / "resources"


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one desk, all under ``base``. Every world has its own ledger."""

    base: Path
    training: bool = False

    @property
    def settings(self) -> Path:
        """The settings of the live desk."""
        return self.base / "settings.toml"

    @property
    def training_choices(self) -> Path:
        """Optional overrides for the training desk."""
        return self.base / "training.toml"

    def ledger_of(self, world: World) -> Path:
        """Return the ledger database of a world, if it is a file, like ``host-127.0.0.1-8570.ledger``.

        The name is valid on every system (Windows forbids ``:``) and below 255 characters with its endings.
        """
        stem = re.sub(r"[^a-z0-9._-]+", "-", world.name)
        if len(stem) > LONGEST_STEM:
            from hashlib import sha256  # slow to import, and needed for a long host only

            stem = f"{stem[:LONGEST_STEM]}-{sha256(world.name.encode()).hexdigest()[:12]}"
        return self.base / f"{stem}.ledger"

    @property
    def desks(self) -> Path:
        """The lock files of the desks that run."""
        return self.base / "desks"

    @property
    def sandbox(self) -> Path:
        """Saved state of the training desk's emulators."""
        return self.base / "sandbox.state"

    @property
    def sandbox_lock(self) -> Path:
        """The lock of the training window that runs the emulators."""
        return self.base / "sandbox.lock"

    @property
    def sandbox_addresses(self) -> Path:
        """The addresses of the emulators, and the process that runs them."""
        return self.base / "sandbox.json"

    @property
    def keys(self) -> Path:
        """Keys in clear text: of a training ledger, or of a live desk whose people chose a file."""
        return self.base / ("training.keys.json" if self.training else "keys.json")

    @property
    def log(self) -> Path:
        """The newest log. Older ones are in the same folder."""
        return self.base / "logs" / ("training.log" if self.training else "paydesk.log")

    @property
    def window_state(self) -> Path:
        """Window position and other preferences that may be lost."""
        return self.base / "window.ini"


def default_base() -> Path:
    """Return the folder the system gives this user's programs for their data."""
    import platformdirs  # a late import: only a start without --basedir needs it

    return Path(platformdirs.user_data_dir("PayDesk", appauthor=False))
