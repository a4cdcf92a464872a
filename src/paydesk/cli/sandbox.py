"""``paydesk sandbox``: the emulators of AndDone and AMS360 on their own."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from paydesk import COMMAND
from paydesk.cli.command import Commands, add_command
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR

if TYPE_CHECKING:
    from paydesk.sandbox.anddone.habits import Habits


def register(commands: Commands) -> None:
    """Add the command."""
    systems = f"{PROCESSOR.name} and {AGENCY_SYSTEM.name}"
    parser = add_command(commands, "sandbox", _sandbox, f"run the emulators of {systems} on their own")
    for service in ("anddone", "ams360", "wsapi"):
        parser.add_argument(f"--{service}-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--habit",
        action="append",
        default=[],
        metavar="NAME",
        help=f"let {PROCESSOR.name} answer in another way; may be repeated; “list” shows them all",
    )


def _sandbox(options: argparse.Namespace, _paths: Paths) -> int:
    from paydesk.sandbox.anddone.habits import listed
    from paydesk.sandbox.serve import serve

    if "list" in options.habit:
        print(listed())
        return 0
    serve(options.anddone_port, options.ams360_port, options.wsapi_port, habits=_habits(options.habit))
    return 0


def _habits(names: list[str]) -> Habits:
    from paydesk.sandbox.anddone.habits import Habits, habit_named

    try:
        return Habits(habit_named(name) for name in names)
    except ValueError as error:
        raise KnownError(f"{error}.", f"See: {COMMAND} sandbox --habit list") from None
