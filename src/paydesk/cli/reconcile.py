"""``paydesk reconcile``: ask AndDone about open payments until they are decided."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from paydesk.cli.command import Commands, add_command, open_desk
from paydesk.config.paths import Paths
from paydesk.domain.payment import Payment, State
from paydesk.domain.vendors import PROCESSOR

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk

WAIT_S = 900.0
"""Seconds to keep asking. Ruling out a charge is shorter: its intent is expired, and looked up again after a
quiet time."""

_PAUSE_S = 5.0


def register(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "reconcile", _reconcile, f"ask {PROCESSOR.name} what became of every open payment, now"
    )
    parser.add_argument(
        "--wait", type=float, default=WAIT_S, metavar="SECONDS", help="how long to go on asking (900)"
    )


def _reconcile(options: argparse.Namespace, paths: Paths) -> int:
    with open_desk(paths) as desk:
        return resolve_all(desk, options.wait, time.sleep)


def resolve_all(desk: Desk, wait_s: float, sleep: Callable[[float], None]) -> int:
    """Ask until no charge is unclear, or until the time is over. Returns 1 if a payment stays open."""
    _tell(desk.resolve.all())
    until_s = desk.clock.elapsed_s() + wait_s
    told = False
    while _unclear(desk) and desk.clock.elapsed_s() < until_s:
        if not told:
            print(f"{PROCESSOR.name} is asked again until every charge is clear. Ctrl-C ends that.")
            told = True
        sleep(_PAUSE_S)
        _tell(desk.resolve.due())
    for charge in desk.resolve.strangers:
        print(
            f"Needs attention: {PROCESSOR.name} has {charge.charged} as {charge.reference}, "
            "which is no payment here."
        )
    still_open = len(desk.ledger.undecided())
    print(f"{still_open} open: see Needs attention." if still_open else "No payment is open.")
    return int(still_open > 0)


def _unclear(desk: Desk) -> bool:
    unclear = (State.UNKNOWN, State.VOIDING)
    return any(found.payment.state in unclear for found in desk.ledger.undecided())


def _tell(payments: Sequence[Payment]) -> None:
    for payment in payments:
        state = payment.state.value.replace("_", " ")
        print(f"{payment.reference}: {state} {payment.receipt_number}".strip())
