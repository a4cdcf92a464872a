"""``paydesk export``: write the payments of some days for a spreadsheet program."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from paydesk.cli.command import Commands, add_command, add_force, not_written, open_desk, require_new
from paydesk.config.files import write_whole
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.spreadsheet import WORKBOOK, file_of


def register(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "export", _export, "write the payments of some days as a table for a spreadsheet"
    )
    parser.add_argument("--from", dest="first", type=_day, metavar="YYYY-MM-DD", help="today without it")
    parser.add_argument("--to", dest="last", type=_day, metavar="YYYY-MM-DD", help="the same day without it")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="its name, with .xlsx or .csv at the end",
    )
    add_force(parser)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day like 2026-08-14") from None


def _export(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.services.desk.day_end import day_bounds, day_from, day_table

    with open_desk(paths) as desk:
        zone = ZoneInfo(desk.settings.time_zone)
        first = options.first or options.last or datetime.now(zone).date()
        last = options.last or first
        if last < first:
            raise KnownError(f"{last} is before {first}.", "Name the earlier day with --from.")
        start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
        day = day_from(desk.ledger, first, start, end)
    file: Path = options.out or Path(f"PayDesk {first}{f' to {last}' if last > first else ''}{WORKBOOK}")
    require_new(file, options)
    try:
        write_whole(file, file_of(day_table(day, zone), file.suffix))
    except OSError as error:
        raise not_written(file, error) from None
    count = len(day.payments)
    print(f"{count} payment{'' if count == 1 else 's'} in {file}.")
    return 0
