"""What is well with a desk and what has to be done, each in one line; values, printed by the command line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paydesk.domain.errors import KnownError
from paydesk.domain.quote import Tariff

LARGEST_SKEW_S = 120.0
"""The clock of this computer may differ that much from the servers': receipts carry its time."""

log = logging.getLogger(__name__)


class Level(StrEnum):
    """How a finding stands."""

    WELL = "ok"
    NOTE = "note"
    """Worth knowing; nothing has to be done."""
    DO = "DO"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do about it."""

    about: str
    level: Level
    sentence: str
    next_step: str = ""


Check = Callable[[], Iterable[Finding]]


def examine(checks: Sequence[tuple[str, Check]]) -> Iterator[Finding]:
    """Run the checks one after the other; none of them can keep the others from running."""
    for about, check in checks:
        try:
            yield from check()
        except KnownError as error:
            yield Finding(about, Level.DO, error.sentence, error.next_step)
        except Exception as error:
            log.exception("the check of %s failed", about)
            yield Finding(
                about, Level.DO, f"The check itself failed ({type(error).__name__}).", "See the log."
            )


def well(about: str, sentence: str) -> Finding:
    """Nothing to do."""
    return Finding(about, Level.WELL, sentence)


def clock_finding(name: str, there: datetime, here: datetime) -> Finding:
    """Whether this computer's clock agrees with a server's, both in UTC."""
    skew_s = (here - there).total_seconds()
    if abs(skew_s) <= LARGEST_SKEW_S:
        return well("Clock", f"agrees with {name}'s to {max(abs(skew_s), 1):.0f} s.")
    side = "ahead of" if skew_s > 0 else "behind"
    return Finding(
        "Clock",
        Level.DO,
        f"This computer's clock is {abs(skew_s) / 60:.0f} minutes {side} {name}'s.",
        "Switch on the setting of date and time over the internet.",
    )


def fees_finding(tariff: Tariff | None) -> Finding:
    """Whether the technology fees are set."""
    if tariff is None:
        return Finding(
            "Fees",
            Level.DO,
            "This desk cannot charge: its technology fees and ACH limit are not set.",
            "Set [fees] in the settings file, from the AndDone agreement.",
        )
    return well("Fees", f"set for {len(tariff.fees)} tenders; ACH up to {tariff.ach_limit}.")


def printer_finding(names: Sequence[str]) -> Finding:
    """Whether receipts can be printed."""
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return well("Printer", f"{names[0]}{more}.")
    return Finding(
        "Printer", Level.NOTE, "No printer is installed.", "Receipts can still be saved and sent as PDF."
    )


def backup_finding(newest: datetime | None, now: datetime, folder: str, count: int) -> Finding:
    """Whether there is a backup of the last two days; times in UTC."""
    if newest is None:
        return Finding(
            "Backups",
            Level.NOTE,
            f"There is none in {folder} yet.",
            "A desk that runs makes one a day; look again tomorrow.",
        )
    hours = (now - newest).total_seconds() / 3600
    if hours > 48:
        return Finding(
            "Backups",
            Level.DO,
            f"The newest in {folder} is {hours / 24:.0f} days old.",
            "Start the desk and leave it open for a minute; the log says what hinders.",
        )
    return well("Backups", f"{count} in {folder}, the newest {max(hours, 0):.0f} hours old.")
