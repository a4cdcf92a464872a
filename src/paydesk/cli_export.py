"""``paydesk export``: the payments of some days as a table for a spreadsheet program."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from paydesk.domain.errors import KnownError
from paydesk.paths import Paths


def add_export(parser: argparse.ArgumentParser) -> None:
    """``paydesk export``."""
    parser.add_argument("--from", dest="first", type=_day, metavar="YYYY-MM-DD", help="today without it")
    parser.add_argument("--to", dest="last", type=_day, metavar="YYYY-MM-DD", help="the same day without it")
    parser.add_argument("--out", type=Path, metavar="FILE", help="PayDesk and the days without it")
    parser.set_defaults(command=_export)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day like 2026-08-14") from None


def _export(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.app import open_desk
    from paydesk.services.day_end import day_bounds, day_csv, day_of

    running = open_desk(paths)
    try:
        zone = ZoneInfo(running.desk.settings.time_zone)
        first = options.first or options.last or datetime.now(zone).date()
        last = options.last or first
        if last < first:
            raise KnownError(f"{last} is before {first}.", "Name the earlier day with --from.")
        start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
        day = day_of(first, running.desk.ledger.payments_between(start, end))
    finally:
        running.close()
    file: Path = options.out or Path(f"PayDesk {first}{f' to {last}' if last > first else ''}.csv")
    try:
        file.write_bytes(day_csv(day, zone))
    except OSError as error:
        raise KnownError(f"{file} could not be written ({error.strerror}).", "Choose another file.") from None
    count = len(day.payments)
    print(f"{count} payment{'' if count == 1 else 's'} in {file}.")
    return 0
