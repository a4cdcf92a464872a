"""Many desks on one PostgreSQL ledger: what they do together, and how long one of them waits.

The server, the desks and their clerks share this machine; AndDone and AMS360 are in memory.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.fakes.ledger import ServerLedgerMaker
from tests.fakes.postgres import running_server
from tests.races import desks
from tests.races.desks import Speed

DESKS = 50
EVERY_S = 5.0
"""How often each desk takes a payment on a very busy day, in seconds."""


def measure(count: int = DESKS, payments: int = 10, every_s: float = EVERY_S) -> tuple[Speed, Speed]:
    """Each desk as fast as it can; and each desk a payment ``every_s`` seconds."""
    return _speed(count, payments, 0.0), _speed(count, payments, every_s)


def _speed(count: int, payments: int, every_s: float) -> Speed:
    with ExitStack() as opened:
        server = opened.enter_context(running_server(on_disk=True))
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="paydesk-bench-")))
        database = opened.enter_context(server.database())
        maker = opened.enter_context(ServerLedgerMaker(database, folder / "desks.ledger"))
        maker("Front-0")  # makes the schema
        return desks.measure(maker.address, desks=count, payments=payments, every_s=every_s)
