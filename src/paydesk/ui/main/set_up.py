"""The parts of setting up a desk that the page of a first start needs. Every start makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paydesk.services.desk.doctor import Finding


@dataclass(frozen=True, slots=True)
class SetUp:
    """The settings file of this desk, and the ways to make it, to check it, and to do without it."""

    settings: Path
    write: Callable[[], None]
    """Writes a commented settings file, unless there is one. Raises OSError."""
    check: Callable[[], Iterable[Finding]]
    """Returns doctor's findings. It may take seconds, and changes nothing."""
    train: Callable[[], None]
    """Lets the next try open the training desk."""
