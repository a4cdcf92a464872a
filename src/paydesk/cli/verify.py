"""``paydesk verify``: check the ledger, and report in words any fault in it."""

from __future__ import annotations

import argparse
import contextlib
import platform
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from paydesk import COMMAND
from paydesk.cli.command import Commands, add_command, add_owner, asked_secret
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.config.settings import Settings, user_name
from paydesk.config.settings_file import settings_of
from paydesk.domain.errors import KnownError
from paydesk.domain.typed.anchors import FEWEST, read_anchor
from paydesk.domain.vendors import PROCESSOR

if TYPE_CHECKING:
    from paydesk.store.database.head_file import HeadFile


def register(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "verify", _verify, "check the ledger, and say in words what is wrong with it"
    )
    parser.add_argument(
        "--accept",
        action="store_true",
        help="a backup was restored, or the ledger moved here: from now on it counts as complete",
    )
    parser.add_argument(
        "--head",
        metavar="HASH",
        help="a ledger anchor from a sheet, a receipt or the system's log: is it still in the ledger?",
    )
    parser.add_argument(
        "--redact",
        action="store_true",
        help="take card numbers out of the texts of an old ledger, for good",
    )
    parser.add_argument("--yes", action="store_true", help="redact without the question")
    add_owner(parser)


def _verify(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.store.database.head_file import HeadFile, Seat
    from paydesk.store.database.opening import head_file_of
    from paydesk.store.verify import verify

    settings = settings_of(paths)
    seat = Seat(settings.desk, settings.user, platform.node()) if settings.ledger_url else None
    head_file = HeadFile(head_file_of(paths.ledger_of(settings.world)), seat)
    anchor = None if options.head is None else _anchor_in(options.head)
    if options.redact and not _redact(options, settings, paths, head_file):
        return 1
    with _ledger(paths, settings) as (engine, place):
        contained = anchor is None or _contains(engine, place, anchor)
        report = verify.verify(engine, place, head_file)
        for sentence in report.still_open:
            print(f"Open: {sentence}")
        if options.accept and report.short and len(report.wrong) == 1:
            verify.accept(engine, place, head_file, (settings.desk, user_name()))
            _take_in_offers(engine, place, settings, paths)
            print(f"From now on this ledger counts as complete. Run `{COMMAND} reconcile`, and compare its")
            print(f"payments with {PROCESSOR.name}'s list before you take another one.")
            report = verify.verify(engine, place, head_file)
        for sentence in report.wrong:
            print(sentence)
        print(report.summary)
        return 1 if report.wrong or not contained else 0


def _take_in_offers(engine: sa.Engine, place: str, settings: Settings, paths: Paths) -> None:
    """Let a restored ledger know the payment links that were made since its backup."""
    from paydesk.config.clock import SystemClock
    from paydesk.store.ledger.ledger import SqlLedger
    from paydesk.store.ledger.offer_journal import journal_of, take_in

    entries = list(journal_of(paths.ledger_of(settings.world)).entries())
    if not entries:
        return
    host = platform.node()
    ledger = SqlLedger(engine, SystemClock(), desk=settings.desk, user=user_name(), host=host, path=place)
    try:
        taken, failed = take_in(ledger, entries)
    finally:
        ledger.close()
    print(f"Payment links taken in from the journal: {taken}.")
    for sentence in failed:
        print(f"Not taken in: {sentence}")


def _redact(options: argparse.Namespace, settings: Settings, paths: Paths, head_file: HeadFile) -> bool:
    """Take card numbers out of the ledger, after a question. Returns False if the person said no."""
    from paydesk.store.database.desk_locks import DeskLocks
    from paydesk.store.verify import redact

    print("Every text with digits like those of a card number is changed, for good. Amounts, states and")
    print("invoices stay, and stay proven. Save nothing before: a copy would keep the numbers.")
    if not options.yes and input("Type “redact” to go on: ").strip().lower() != "redact":
        print("Nothing was changed.")
        return False
    locks = DeskLocks(paths.desks, platform.node())
    with _owned(options, settings, paths) as (engine, place):
        done = redact.redact(engine, place, head_file, (settings.desk, user_name()), locks)
        redact.scrub(engine, place)
        for name in done.cleaned:
            print(f"Cleaned: {name}")
        for name in done.left:
            print(f"Left as it is: {name}")
        _tell_of_copies(engine, settings, paths)
    return True


@contextlib.contextmanager
def _owned(options: argparse.Namespace, settings: Settings, paths: Paths) -> Iterator[tuple[sa.Engine, str]]:
    """Open the ledger for changes that no desk may make. On a server, its owner makes them."""
    from paydesk.store.database import postgres
    from paydesk.store.database.opening import as_owner

    if not settings.ledger_url:
        with _ledger(paths, settings) as opened:
            yield opened
        return
    url = postgres.ledger_url(settings.ledger_url, None)
    password = asked_secret(f"Password of {options.owner}: ") or None
    with as_owner(url, options.owner, password, settings.world.name) as engine:
        yield engine, postgres.place_of(url)


def _tell_of_copies(engine: sa.Engine, settings: Settings, paths: Paths) -> None:
    """Make a new backup of a ledger file, and name the copies that still have the old texts."""
    from paydesk.store.database.backup import KEPT, Backups

    if settings.ledger_url:
        print("The server's own backups and its write-ahead log still have the old texts. Have them deleted.")
        return
    ledger = paths.ledger_of(settings.world)
    backups = Backups(ledger, KeyStore.of(paths).ledger_key(ledger), KEPT)
    old = backups.made()
    fresh = backups.make(engine)
    print(f"A new backup is made: {fresh.name}")
    if kept := [backup for backup in old if backup.exists()]:
        print("These older ones still have the numbers. Delete them, and every other copy of the ledger:")
        for backup in kept:
            print(f"  {backup}")
    print("Receipts and tables that were printed or saved before still have them, too.")


def _anchor_in(text: str) -> str:
    digits = read_anchor(text)
    if not digits:
        raise KnownError(
            f"--head takes at least {FEWEST} hex digits: 0 to 9 and a to f.",
            "Enter them as the sheet shows them, in quotation marks, or without the blanks.",
        )
    return digits


def _contains(engine: sa.Engine, place: str, digits: str) -> bool:
    """Print if the ledger contains that anchor, and up to which event it proves the ledger."""
    from paydesk.store.verify import anchor

    found = anchor.find(engine, place, digits)
    if found is None:
        print(f"The ledger does not contain {digits}: events were changed or removed since then, or")
        print("these digits are wrong or of another ledger. Compare them, then ask your administrator.")
        return False
    print(f"The ledger contains {digits}: event {found.seq:,} of {found.at:%Y-%m-%d %H:%M} UTC.")
    if found.fault:
        print(f"But not everything up to it is as it was written. {found.fault}")
        return False
    print(f"Events up to it, all as they were then: {found.before + 1:,}. Newer events: {found.after:,}.")
    return True


@contextlib.contextmanager
def _ledger(paths: Paths, settings: Settings) -> Iterator[tuple[sa.Engine, str]]:
    """Open the ledger in the settings for reading."""
    from paydesk.store.database import postgres
    from paydesk.store.database.opening import reading_file, reading_server

    keys, world = KeyStore.of(paths), settings.world
    if settings.ledger_url:
        url = postgres.ledger_url(settings.ledger_url, keys.get("ledger-password"))
        with reading_server(url, world.name) as engine:
            yield engine, postgres.place_of(url)
    else:
        with reading_file(paths.ledger_of(world), world.name, keys.ledger_key) as engine:
            yield engine, str(paths.ledger_of(world))
