"""Parse the command line and run one command. Without a command, open the window."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from paydesk import COMMAND, __version__
from paydesk.config.paths import Paths, default_base
from paydesk.domain.errors import KnownError

MODULES = (
    "reconcile", "doctor", "post", "import_", "deposit", "export", "verify", "move_ledger", "prepare_ledger",
    "set_key", "forget", "sandbox", "tour",
)  # fmt: skip
"""The modules of this package with one command each, in the order of the help.

``register(commands)`` adds the command to the parser. Its ``command`` takes the options and the paths, and
returns the exit code.
"""


def run(arguments: Sequence[str]) -> int:
    """Run the command line. Returns 0 if it worked, or 1 after a message."""
    options, rest = _options().parse_known_args(arguments)
    if rest and sys.stdout is None:
        return _say(f"Commands run in a terminal. Enter there: {COMMAND} {' '.join(arguments)}")
    if rest:  # a command, so import the modules of all commands now
        options = _parser().parse_args(arguments)
    base: Path = options.basedir or default_base()
    paths = Paths(base.absolute(), training=options.training)
    try:
        if rest:  # the window does it itself, where it can show what is wrong
            from paydesk.config import base_folder  # slow to import, and a start of the window needs it later

            base_folder.keep_private(paths.base)
        if rest or options.debug:
            from paydesk.config import log  # slow to import, and the window starts its own log

            log.start(paths.log, debug=options.debug)
        return int(options.command(options, paths))
    except KnownError as error:
        return _say(f"{error.sentence} {error.for_admin}".strip())
    except Exception as error:  # a bug: a reference for the report, and never a traceback with values
        return _say(_bug(error, paths))


def _say(message: str) -> int:
    """Print a message, or show it where the program has a window and no console. Returns 1."""
    if sys.stderr is None:
        from paydesk.app import show_message

        show_message(message)
    else:
        print(message, file=sys.stderr)
    return 1


def _bug(error: Exception, paths: Paths) -> str:
    """Log a bug, and return the sentence with its reference."""
    from paydesk.config import faults, log

    log.start(paths.log)
    reference, place = faults.log_fault(error), log.place()
    where = f" Log file: {place}." if place else ""
    return f"PayDesk itself failed. Report this to your administrator with reference {reference}.{where}"


def _options() -> argparse.ArgumentParser:
    """Return the options before a command. Alone they open the window."""
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    options.add_argument("--version", action="version", version=f"PayDesk {__version__}")
    options.add_argument("--basedir", type=Path, help="keep settings, ledger, keys and logs in this folder")
    options.add_argument("--training", action="store_true", help="a training desk: no money moves")
    options.add_argument("--debug", action="store_true", help="write more to the log; card data never")
    options.set_defaults(command=_window)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=COMMAND,
        description="The payment desk of an insurance agency.",
        parents=[_options()],
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", metavar="")
    for name in MODULES:
        import_module(f"paydesk.cli.{name}").register(commands)
    return parser


def _window(_options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.app import run_window

    return run_window(paths)
