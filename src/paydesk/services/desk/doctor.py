"""Findings about a desk: what is well and what has to be done, one line each.

The command line prints them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from paydesk import COMMAND
from paydesk.domain.errors import KnownError
from paydesk.domain.fee_schedule import FeeSchedule
from paydesk.domain.payment import OfferKind
from paydesk.domain.posting import PostingChannel
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.domain.world import LIVE, World, WorldKind, host_of
from paydesk.services.desk import words

LARGEST_SKEW_S = 120.0
"""Seconds by which this computer's clock may differ from a server's. Receipts carry its time."""

log = logging.getLogger(__name__)


class Level(StrEnum):
    """The level of a finding."""

    WELL = "ok"
    NOTE = "note"
    """Worth knowing. Nothing has to be done."""
    DO = "DO"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: the subject, its level, the finding, and the next step."""

    about: str
    level: Level
    sentence: str
    next_step: str = ""


Check = Callable[[], Iterable[Finding]]


def examine(checks: Sequence[tuple[str, Check]]) -> Iterator[Finding]:
    """Run the checks one after the other. If one fails, the others still run."""
    for about, check in checks:
        try:
            yield from check()
        except KnownError as error:
            yield Finding(about, Level.DO, error.sentence, error.for_admin)
        except Exception as error:
            log.exception("the check of %s failed", about)
            yield Finding(
                about,
                Level.DO,
                f"The check itself failed ({type(error).__name__}).",
                f"Run “{COMMAND} --debug doctor”. The log then says where.",
            )


def well(about: str, sentence: str) -> Finding:
    """Return a finding with nothing to do."""
    return Finding(about, Level.WELL, sentence)


def clock_finding(name: str, there: datetime, here: datetime) -> Finding:
    """Compare this computer's clock with a server's. Both times are UTC."""
    skew_s = (here - there).total_seconds()
    if abs(skew_s) <= LARGEST_SKEW_S:
        return well("Clock", f"within {max(abs(skew_s), 1):.0f} s of {name}'s.")
    side = "ahead of" if skew_s > 0 else "behind"
    return Finding(
        "Clock",
        Level.DO,
        f"This computer's clock is {abs(skew_s) / 60:.0f} minutes {side} {name}'s.",
        "Turn on automatic date and time in this computer's settings.",
    )


def world_finding(world: World) -> Finding:
    """Say if payments are real, and which host of the processor takes them."""
    go_live = f"To take real payments, set anddone.base_url to https://{LIVE.host}."
    match world.kind:
        case WorldKind.LIVE:
            return well("World", f"live: payments at {world.host} are real.")
        case WorldKind.TRAINING:
            return Finding("World", Level.NOTE, "TRAINING: no money moves.")
        case WorldKind.TEST:
            return Finding("World", Level.NOTE, f"TEST HOST {world.host}: no money moves.", go_live)
        case WorldKind.OTHER:
            sentence = f"NOT LIVE: {PROCESSOR.name}'s address is {world.host}. Payments may not be real."
            return Finding("World", Level.NOTE, sentence, go_live)
        case never:
            assert_never(never)


def posting_finding(world: World, channel: PostingChannel) -> Iterator[Finding]:
    """Warn of receipts that reach the real agency system for payments that are not real."""
    if world.kind in (WorldKind.TEST, WorldKind.OTHER) and channel is PostingChannel.EMS:
        yield Finding(
            "World",
            Level.NOTE,
            f"Receipts are posted to {AGENCY_SYSTEM.name} even if no money moves.",
            'Until the desk is live, set posting.channel to "none".',
        )


def host_finding(url: str, setting: str) -> Iterator[Finding]:
    """Name a host of the agency system that is not one of the vendor's."""
    host = host_of(url)
    if host not in AGENCY_SYSTEM.hosts:
        yield Finding(
            "World",
            Level.NOTE,
            f"{host} is not a host of {AGENCY_SYSTEM.name} that PayDesk knows.",
            f"If you did not choose it, remove {setting} from the settings.",
        )


def fees_finding(fee_schedule: FeeSchedule | None) -> Finding:
    """Check that the technology fees are set."""
    if fee_schedule is None:
        return Finding(
            "Fees",
            Level.DO,
            words.CANNOT_CHARGE,
            f"Set [fees] in the settings file, from the {PROCESSOR.name} agreement.",
        )
    return well(
        "Fees", f"set for {len(fee_schedule.fees)} payment methods; ACH up to {fee_schedule.ach_limit.shown}."
    )


def card_entry_finding(typed: bool, kinds: Sequence[OfferKind]) -> Finding:
    """Say how cards are entered, and what that means for PCI DSS. The acquirer names the questionnaire."""
    ways = [CARD_ENTRY[kind] for kind in ((OfferKind.NONE,) if typed else ()) + tuple(kinds)]
    said = f"{', '.join(ways)}."
    if not typed:
        return well("Card entry", f"{said} PayDesk has no field for a card or account.")
    return Finding(
        "Card entry",
        Level.NOTE,
        f"{said} Card numbers pass through this computer, which brings it into the scope of PCI DSS.",
        f"{PROCESSOR.name} allows this only to merchants that are PCI compliant for it. Ask if you are one; "
        'if not, set anddone.card_entry to ["hosted", "link"].',
    )


CARD_ENTRY = {
    OfferKind.NONE: "typed into PayDesk",
    OfferKind.LINK: "payment links",
    OfferKind.HOSTED: f"{PROCESSOR.name}'s page",
}


def printer_finding(names: Sequence[str]) -> Finding:
    """Check that receipts can be printed."""
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return well("Printer", f"{names[0]}{more}.")
    return Finding("Printer", Level.NOTE, "No printer is installed.", "Receipts can still be saved as PDF.")


def backup_finding(newest: datetime | None, now: datetime, folder: str, count: int) -> Finding:
    """Check that there is a backup of the last two days. Times are UTC."""
    if newest is None:
        return Finding(
            "Backups",
            Level.NOTE,
            f"There are none in {folder} yet.",
            "PayDesk makes one each day it is open. Check again tomorrow.",
        )
    hours = (now - newest).total_seconds() / 3600
    if hours > 48:
        return Finding(
            "Backups",
            Level.DO,
            f"The newest in {folder} is {hours / 24:.0f} days old.",
            "Start PayDesk and leave it open for a minute. If no backup appears, the log says why.",
        )
    return well("Backups", f"{count} in {folder}, the newest from the last {max(hours, 1):.0f} hours.")
