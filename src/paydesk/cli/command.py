"""Shared by all commands: adding a parser, and opening a desk while the command runs."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from paydesk.config.files import reason
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""The return type of ``add_subparsers``, for which argparse has no public name."""


def add_command(
    commands: Commands, name: str, does: Callable[[argparse.Namespace, Paths], int], help_: str
) -> argparse.ArgumentParser:
    """Add the command ``name``, and return its parser for its own arguments."""
    parser = commands.add_parser(name, help=help_, allow_abbrev=False)
    parser.set_defaults(command=does)
    return parser


OWNER = "paydesk_owner"
"""Usual name of the role that owns a ledger on a server."""


def add_owner(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the owner of a ledger on a server."""
    parser.add_argument("--owner", metavar="ROLE", default=OWNER, help=f"the ledger's owner, if not {OWNER}")


def asked_secret(prompt: str) -> str:
    """Return a secret that a person enters unseen, or a program on the standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    try:
        return getpass.getpass(prompt).strip()
    except EOFError:
        return ""


def not_written(file: Path, error: OSError) -> KnownError:
    """Return the error for a file that a command could not write."""
    return KnownError(
        f"{file} could not be written: {reason(error)}.",
        "Close it in other programs, or choose another file.",
    )


def add_force(parser: argparse.ArgumentParser) -> None:
    """Add the option by which a command may replace a file that is there."""
    parser.add_argument("--force", action="store_true", help="replace a file of that name")


def require_new(file: Path, options: argparse.Namespace) -> None:
    """Raise KnownError if the command would replace a file, and nobody said that it may."""
    if file.is_file() and not options.force:
        raise KnownError(f"{file} is there already.", "Name another file, or add --force to replace it.")


@contextlib.contextmanager
def open_desk(paths: Paths) -> Iterator[Desk]:
    """Open the desk under ``paths`` while the command runs. Raises KnownError."""
    from paydesk.wiring import desk

    running = desk.open_desk(paths)
    try:
        yield running.desk
    finally:
        running.close()
