"""The command line: the window, and the same services without one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from paydesk import __version__
from paydesk.domain.errors import KnownError
from paydesk.paths import Paths, default_base

ELSEWHERE = {
    "reconcile": ("ask AndDone what became of every open payment, now", "cli_reconcile", "add_reconcile"),
    "doctor": ("look whether this desk is in order, and say what to do", "cli_doctor", "add_doctor"),
    "post": ("post waiting receipts into AMS360 now, and show what hinders", "cli_agency", "add_post"),
    "import": ("import open receivables from a report (CSV or XLSX)", "cli_import", "add_import"),
    "deposit": ("write waiting receipts into a deposit file for AMS360", "cli_agency", "add_deposit"),
    "export": ("write the payments of some days as a table for a spreadsheet", "cli_export", "add_export"),
    "verify": ("check the ledger, and say in words what is wrong with it", "cli_ledger", "add_verify"),
    "move-ledger": ("move the ledger's file to the server in ledger_url", "cli_ledger", "add_move"),
}
"""Commands that a module of their own fills in: what each does, the module, its function."""


class _Command(argparse.ArgumentParser):
    """A command whose arguments are added when it is called: the window starts without them."""

    fill: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, *args: Any, **named: Any) -> Any:
        """As always, after the arguments were added."""
        if self.fill is not None:
            fill, self.fill = self.fill, None
            fill(self)
        return super().parse_known_args(*args, **named)


def run(arguments: Sequence[str]) -> int:
    """Do what the command line says; 0 when it worked, 1 with a sentence on stderr when not."""
    options = _parser().parse_args(arguments)
    try:
        base: Path = options.basedir or default_base()
        return int(options.command(options, Paths(base.absolute(), training=options.training)))
    except KnownError as error:
        print(f"{error.sentence} {error.next_step}".strip(), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="paydesk", description="The payment desk of an insurance agency.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"PayDesk {__version__}")
    parser.add_argument("--basedir", type=Path, help="keep settings, ledger, keys and logs in this folder")
    parser.add_argument("--training", action="store_true", help="a training desk: no money moves")
    parser.set_defaults(command=_window)
    commands = parser.add_subparsers(title="commands", metavar="", parser_class=_Command)

    sandbox = commands.add_parser("sandbox", help="run the emulators of AndDone and AMS360 on their own")
    sandbox.add_argument("--anddone-port", type=int, default=0, help="0 takes a free one")
    sandbox.add_argument("--ams360-port", type=int, default=0, help="0 takes a free one")
    sandbox.add_argument("--wsapi-port", type=int, default=0, help="0 takes a free one")
    sandbox.set_defaults(command=_sandbox)

    set_key = commands.add_parser("set-key", help="put a key of AndDone or AMS360 into the keychain")
    set_key.fill = _fill_set_key

    forget = commands.add_parser("forget", help="remove a customer from the cache; the ledger keeps its own")
    forget.add_argument("customer", metavar="CUSTOMER", help="the customer's number")
    forget.set_defaults(command=_forget)

    for name, (help_, module, add) in ELSEWHERE.items():
        commands.add_parser(name, help=help_).fill = partial(_fill_from, module, add)

    tour = commands.add_parser("tour", help="drive a training desk and save a picture of each step")
    tour.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    tour.add_argument("--theme", choices=("light", "dark"), default="light")
    tour.add_argument("--scale", type=float, default=1.0, help="1.0 to 2.0")
    tour.set_defaults(command=_tour)
    return parser


def _fill_from(module: str, add: str, parser: argparse.ArgumentParser) -> None:
    getattr(import_module(f"paydesk.{module}"), add)(parser)


def _fill_set_key(parser: argparse.ArgumentParser) -> None:
    from paydesk.keys import NAMES

    parser.add_argument("name", choices=list(NAMES))
    parser.set_defaults(command=_set_key)


def _window(_options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.app import run_window

    return run_window(paths)


def _sandbox(options: argparse.Namespace, _paths: Paths) -> int:
    from paydesk.sandbox.serve import serve

    serve(options.anddone_port, options.ams360_port, options.wsapi_port)
    return 0


def _set_key(options: argparse.Namespace, paths: Paths) -> int:
    import getpass

    from paydesk.keys import NAMES, KeyStore

    print(NAMES[options.name])
    asked = getpass.getpass("Key: ") if sys.stdin.isatty() else sys.stdin.readline()
    key = asked.strip()
    if not key:
        raise KnownError("No key was typed.", "Nothing was changed.")
    kept = KeyStore(paths.keys).set(options.name, key)
    print("Kept in the system's keychain." if kept else f"This system has no keychain: kept in {paths.keys}.")
    return 0


def _forget(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.app import open_desk

    running = open_desk(paths)
    try:
        gone = running.desk.forget.customer(options.customer)
    finally:
        running.close()
    if not (gone.customers or gone.invoices or gone.kept):
        print("Nothing was cached of this customer.")
        return 0
    print(f"Forgotten, with {gone.invoices} invoices.")
    if gone.kept:
        print(f"Payments name {gone.kept} more: they stay, without the customer's name.")
    print("If AMS360 still has the customer, the next lookup will see it again.")
    return 0


def _tour(options: argparse.Namespace, _paths: Paths) -> int:
    from paydesk.tour import run_tour

    return run_tour(options.out, theme=options.theme, scale=options.scale)
