"""Open a ledger on a PostgreSQL server; refuse one that could lose what it has confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.store.trouble import trouble_in_words

DRIVER = "postgresql+psycopg"
LOOPBACK = ("127.0.0.1", "::1", "localhost")

_URL_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey"}
_CONNECT_TIMEOUT_S = 5
_STATEMENT_TIMEOUT_MS = 15_000
_LOCK_TIMEOUT_MS = 5_000

# A cut network shows within these, also while a COMMIT waits for its answer (tcp_user_timeout: Linux only;
# elsewhere the system's own limit for unanswered packets holds).
_CONNECT: Mapping[str, Any] = {
    "connect_timeout": _CONNECT_TIMEOUT_S,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "client_encoding": "UTF8",
    "target_session_attrs": "any",
    # A desk that dies inside a transaction must not hold the others' invoices.
    "options": f"-c statement_timeout={_STATEMENT_TIMEOUT_MS} -c lock_timeout={_LOCK_TIMEOUT_MS}"
    f" -c idle_in_transaction_session_timeout={_STATEMENT_TIMEOUT_MS}",
}

_ASKED = {
    "in_recovery": "pg_is_in_recovery()",
    "fsync": "current_setting('fsync')",
    "full_page_writes": "current_setting('full_page_writes')",
    "synchronous_commit": "current_setting('synchronous_commit')",
    "standbys": "current_setting('synchronous_standby_names')",
    "encoding": "current_setting('server_encoding')",
}
"""What ``unsafe`` wants to know of a server."""


def ledger_url(text: str, password: str | None) -> sa.URL:
    """The address in ``ledger_url`` of the settings; TLS proves the server unless it is this computer.

    Raises KnownError for an address that is malformed, carries a password, or gives the TLS check away.
    """
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise _refused("it is not an address") from None
    if url.drivername != DRIVER:
        raise _refused(f"it must begin with {DRIVER}://")
    if url.password is not None:
        raise _refused("a password does not belong there; keep it with `paydesk set-key ledger-password`")
    if not url.host or not url.database or not url.username:
        raise _refused("it must name a user, a server and a database")
    unknown = sorted(set(url.query) - _URL_OPTIONS)
    if unknown:
        raise _refused(f"{unknown[0]} is not an option PayDesk knows")
    if url.host not in LOOPBACK:
        if url.query.get("sslmode") != "verify-full":
            raise _refused("it must say sslmode=verify-full: the server is not this computer")
        if not url.query.get("sslrootcert"):
            raise _refused("it must say sslrootcert=FILE, with the certificate of the server's authority")
    return url.set(password=password)


def _refused(why: str) -> KnownError:
    return KnownError(
        f"ledger_url in the settings cannot be used: {why}.",
        f"Write it like {DRIVER}://paydesk@ledger.example.com/paydesk?sslmode=verify-full&sslrootcert=FILE",
    )


def place_of(url: sa.URL) -> str:
    """How sentences name the ledger: its server and database, never its password."""
    port = f":{url.port}" if url.port else ""
    return f"{url.host}{port}/{url.database}"


def open_postgres(url: sa.URL, application: str = "PayDesk") -> sa.Engine:
    """An engine on the server; each new connection is refused unless the server is durable.

    Connects only when first used. Two connections at rest and five at most: fifty desks fit
    into a server of common size.
    """
    engine = sa.create_engine(
        url,
        isolation_level="READ COMMITTED",  # with the invoice rows locked first, always
        pool_size=2,
        max_overflow=3,
        pool_timeout=10,
        pool_use_lifo=True,  # the one that has its statements prepared
        pool_pre_ping=True,  # a connection that died at rest is replaced before a payment rests on it
        connect_args=dict(_CONNECT) | {"application_name": application[:63]},
    )

    def check_new(connection: Any, _record: object) -> None:
        """Each new connection: after a failover the server may be another one."""
        reason = unsafe(_ask(connection))
        if reason:
            connection.close()
            raise KnownError(
                f"The ledger {place_of(url)} cannot be used safely: {reason}.",
                "Tell your administrator. No payment is started without a safe ledger.",
            )

    sa.event.listen(engine, "connect", check_new)
    return engine


def _ask(connection: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(_ASKED.values())}")
        said = cursor.fetchone()
    connection.rollback()
    return dict(zip(_ASKED, said, strict=True))


def unsafe(server: Mapping[str, Any]) -> str:
    """Why this server could lose what it has confirmed, or ``""``."""
    commit = server["synchronous_commit"]
    if server["in_recovery"]:
        return "the server is a standby that only follows another"
    if server["fsync"] != "on":
        return "fsync is off"
    if server["full_page_writes"] != "on":
        return "full_page_writes is off"
    if commit == "off":
        return "synchronous_commit is off"
    if commit == "local" and server["standbys"]:
        return "synchronous_commit is local although the server has standbys"
    if server["encoding"] != "UTF8":
        return f"the database is in {server['encoding']}, not UTF8"
    return ""


def advice(engine: sa.Engine) -> list[str]:
    """What an administrator should better about the server, in sentences. Raises LedgerTrouble."""
    with trouble_in_words(place_of(engine.url)), engine.begin() as connection:
        checksums = connection.execute(sa.text("SELECT current_setting('data_checksums')")).scalar()
    if checksums == "on":
        return []
    return [
        f"The ledger's server {place_of(engine.url)} keeps no data checksums: a failing disk would not be "
        "noticed. Turn them on with pg_checksums."
    ]
