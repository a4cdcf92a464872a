"""``paydesk forget``: remove a customer from the cache."""

from __future__ import annotations

import argparse

from paydesk.cli.command import Commands, add_command, open_desk
from paydesk.config.paths import Paths
from paydesk.domain.vendors import AGENCY_SYSTEM


def register(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "forget", _forget, "remove a customer from the cache; the ledger keeps its own"
    )
    parser.add_argument("customer", metavar="CUSTOMER", help="the customer's number")


def _forget(options: argparse.Namespace, paths: Paths) -> int:
    with open_desk(paths) as desk:
        gone = desk.forget.customer(options.customer)
    if not (gone.customers or gone.invoices or gone.kept):
        print("Nothing was cached of this customer.")
        return 0
    print(f"Forgotten, with {gone.invoices} invoices.")
    if gone.kept:
        print(f"Payments name {gone.kept} more: they stay, without the customer's name.")
    print(f"If {AGENCY_SYSTEM.name} still has the customer, the next lookup will see it again.")
    return 0
