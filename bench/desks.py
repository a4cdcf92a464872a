"""Many desks on one PostgreSQL ledger: their joint rate, and the time of one payment.

The server, the desks and their clerks share this machine. AndDone and AMS360 are in memory.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.fakes.ledger import ServerLedgerMaker
from tests.fakes.postgres import running_server
from tests.proofs.races import desks
from tests.proofs.races.desks import Speed

DESKS = 50
EVERY_S = 5.0
"""Seconds between two payments of a desk on a very busy day."""


def measure(count: int = DESKS, payments: int = 10, every_s: float = EVERY_S) -> tuple[Speed, Speed]:
    """Return the speed of desks at full rate, and of desks with one payment each ``every_s`` seconds."""
    return _speed(count, payments, 0.0), _speed(count, payments, every_s)


def _speed(count: int, payments: int, every_s: float) -> Speed:
    with ExitStack() as opened:
        server = opened.enter_context(running_server(on_disk=True))
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="paydesk-bench-")))
        database = opened.enter_context(server.database())
        maker = opened.enter_context(ServerLedgerMaker(database, folder / "desks.ledger"))
        maker("Front-0")  # creates the schema
        return desks.measure(maker.address, desks=count, payments=payments, every_s=every_s)
