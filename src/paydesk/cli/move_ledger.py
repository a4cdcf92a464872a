"""``paydesk move-ledger``: move the ledger's file to the server in ledger_url."""

from __future__ import annotations

import argparse
import platform

from paydesk.cli.command import Commands, add_command, add_owner, asked_secret
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.config.settings_file import settings_of
from paydesk.domain.errors import KnownError


def register(commands: Commands) -> None:
    """Add the command."""
    add_owner(
        add_command(commands, "move-ledger", _move, "move the ledger's file to the server in ledger_url")
    )


def _move(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.store.database import move, postgres
    from paydesk.store.database.desk_locks import DeskLocks
    from paydesk.store.database.head_file import HeadFile
    from paydesk.store.database.opening import as_owner, head_file_of, reading_file
    from paydesk.store.verify import verify

    keys = KeyStore.of(paths)
    settings = settings_of(paths)
    ledger, world = paths.ledger_of(settings.world), settings.world.name
    if not settings.ledger_url:
        raise KnownError(
            "The settings do not say where to: ledger_url is not set.",
            "Set it to an empty PostgreSQL database (docs/ledger.md), and start the move again.",
        )
    url = postgres.ledger_url(settings.ledger_url, None)
    place = postgres.place_of(url)
    with reading_file(ledger, world, keys.ledger_key) as source:
        password = asked_secret(f"Password of {options.owner}: ") or None
        with as_owner(url, options.owner, password, world) as target:
            counts = move.move(
                move.Place(source, str(ledger)),
                move.Place(target, place),
                DeskLocks(paths.desks, platform.node()),
            )
            report = verify.verify(target, place, HeadFile(head_file_of(ledger)))
    print(f"Moved to {place}: {counts['payment']:,} payments, {counts['invoice']:,} invoices.")
    for sentence in report.wrong:
        print(sentence)
    print(report.summary)
    return 1 if report.wrong else 0
