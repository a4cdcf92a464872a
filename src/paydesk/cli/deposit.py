"""``paydesk deposit``: write waiting receipts into a deposit file for AMS360."""

from __future__ import annotations

import argparse
from pathlib import Path

from paydesk import COMMAND
from paydesk.cli.command import Commands, add_command, open_desk
from paydesk.config.paths import Paths
from paydesk.domain.vendors import AGENCY_SYSTEM


def register(commands: Commands) -> None:
    """Add the command."""
    system = AGENCY_SYSTEM.name
    parser = add_command(
        commands, "deposit", _deposit, f"write waiting receipts into a deposit file for {system}"
    )
    parser.add_argument("--out", type=Path, default=Path(), help="the folder of the file")
    parser.add_argument("--again", metavar="D-0001", help="write this deposit file once more")
    parser.add_argument("--imported", metavar="D-0001", help=f"this file was imported into {system}")


def _deposit(options: argparse.Namespace, paths: Paths) -> int:
    with open_desk(paths) as desk:
        if options.imported:
            done = desk.deposits.confirm(options.imported)
            print(f"{len(done)} receipts of {options.imported} now count as posted.")
        elif options.again:
            print(desk.deposits.again(options.again, options.out.absolute()))
        else:
            print(desk.deposits.write(options.out.absolute()))
        for name, postings in desk.deposits.open_deposits().items():
            print(
                f"{name}: {len(postings)} receipts, not confirmed yet ({COMMAND} deposit --imported {name})"
            )
    return 0
