"""``paydesk prepare-ledger``: build or upgrade the ledger on a server, and give desks their rights."""

from __future__ import annotations

import argparse

from paydesk.cli.command import Commands, add_command, add_owner, asked_secret
from paydesk.config.paths import Paths
from paydesk.config.settings_file import settings_of
from paydesk.domain.errors import KnownError


def register(commands: Commands) -> None:
    """Add the command."""
    add_owner(
        add_command(
            commands, "prepare-ledger", _prepare, "build or upgrade the ledger on the server in ledger_url"
        )
    )


def _prepare(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.store.database import postgres
    from paydesk.store.database.opening import as_owner

    settings = settings_of(paths)
    if not settings.ledger_url:
        raise KnownError(
            "The settings name no server: ledger_url is not set.",
            "A ledger file needs no preparation: PayDesk makes it at its first start.",
        )
    url = postgres.ledger_url(settings.ledger_url, None)
    password = asked_secret(f"Password of {options.owner}: ") or None
    with as_owner(url, options.owner, password, settings.world.name):
        pass
    print(f"The ledger {postgres.place_of(url)} is ready for this version of PayDesk.")
    print(f"{url.username} has the rights of a desk: it can neither change events nor alter tables.")
    return 0
