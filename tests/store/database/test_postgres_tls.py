"""The connection to the ledger's server: only to that server, and never unencrypted."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from paydesk.domain.payment import State
from paydesk.store.cache.cache import SqlCache
from paydesk.store.database import postgres
from paydesk.store.database.errors import LedgerError
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.ledger import ServerLedgerMaker
from tests.fakes.tls_front import TlsFront
from tests.fakes.world import Counter, FakeProcessor, FakeSource

CERTIFICATES = Path(__file__).parents[2] / "gateways"
OURS = CERTIFICATES / "loopback.pem"


@pytest.fixture
def ledger_kind() -> str:
    """Use PostgreSQL, because these tests are about the server."""
    return "postgresql"


def open_ledger(made: ServerLedgerMaker, front: TlsFront, host: str, trusted: Path) -> SqlLedger:
    """Open a desk whose settings name the server behind the front."""
    query = f"sslmode=verify-full&sslrootcert={quote(trusted.as_posix())}"
    text = f"postgresql+psycopg://paydesk@{host}:{front.port}/{made.database.url.database}?{query}"
    engine = postgres.open_postgres(postgres.ledger_url(text, None))
    return SqlLedger(engine, made.clock, desk="Front-1", user="Dana", host="test", path=text)


def test_a_payment_goes_over_a_sealed_line(new_ledger: ServerLedgerMaker) -> None:
    source = FakeSource(new_ledger.clock)
    source.owe("50123", 100_00)
    with TlsFront(new_ledger.database.url.port or 0, OURS) as front:
        ledger = open_ledger(new_ledger, front, "localhost", OURS)
        cache = SqlCache(new_ledger.engine(), new_ledger.place)
        counter = Counter(ledger, cache, source, FakeProcessor(), new_ledger.clock)
        assert counter.pay("50123").state is State.AUTHORIZED
        ledger.close()
        assert new_ledger.database.run("SELECT state FROM payment") == [("authorized",)]
        assert front.let_through >= 1
        assert front.in_the_clear == 0


@pytest.mark.parametrize(
    ("held", "trusted", "host"),
    [
        (OURS, CERTIFICATES / "expired.pem", "localhost"),
        (OURS, OURS, "127.0.0.1"),
        (CERTIFICATES / "expired.pem", CERTIFICATES / "expired.pem", "localhost"),
        (None, OURS, "localhost"),
    ],
    ids=["unknown", "another host's", "expired", "no TLS"],
)
def test_a_server_that_cannot_prove_itself_is_not_spoken_to(
    new_ledger: ServerLedgerMaker, held: Path | None, trusted: Path, host: str
) -> None:
    with TlsFront(new_ledger.database.url.port or 0, held) as front:
        with pytest.raises(LedgerError, match="could not prove that it is the ledger's"):
            open_ledger(new_ledger, front, host, trusted)
        assert (front.let_through, front.in_the_clear) == (0, 0)
