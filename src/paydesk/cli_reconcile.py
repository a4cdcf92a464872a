"""The command that asks AndDone what became of open payments, and goes on until they are decided."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from paydesk.domain.payment import Payment, State
from paydesk.paths import Paths

if TYPE_CHECKING:
    from paydesk.services.desk import Desk

WAIT_S = 900.0
"""Longer than ruling a charge out takes: its intent is expired, and looked up again after a quiet time."""

_PAUSE_S = 5.0


def add_reconcile(parser: argparse.ArgumentParser) -> None:
    """``paydesk reconcile``."""
    parser.add_argument(
        "--wait", type=float, default=WAIT_S, metavar="SECONDS", help="how long to go on asking (900)"
    )
    parser.set_defaults(command=_reconcile)


def _reconcile(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.app import open_desk

    running = open_desk(paths)
    try:
        return settle(running.desk, options.wait, time.sleep)
    finally:
        running.close()


def settle(desk: Desk, wait_s: float, sleep: Callable[[float], None]) -> int:
    """Ask until no charge is unclear, or the time is over; 1 when some payment stays open."""
    _tell(desk.reconcile.all())
    until_s = desk.clock.elapsed_s() + wait_s
    told = False
    while _unclear(desk) and desk.clock.elapsed_s() < until_s:
        if not told:
            print("AndDone is asked again until every charge is clear. Ctrl-C ends that.")
            told = True
        sleep(_PAUSE_S)
        _tell(desk.reconcile.due())
    for charge in desk.reconcile.strangers:
        print(
            f"Needs attention: AndDone has {charge.charged} as {charge.reference}, which is no payment here."
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
