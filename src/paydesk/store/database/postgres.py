"""Open a ledger on a PostgreSQL server, and refuse a server that could lose a confirmed commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from paydesk import COMMAND
from paydesk.domain.errors import KnownError
from paydesk.store.database import words
from paydesk.store.database.errors import known_errors

DRIVER = "postgresql+psycopg"
LOOPBACK = ("127.0.0.1", "::1", "localhost")

_URL_OPTIONS = {"sslmode", "sslrootcert", "sslcert", "sslkey"}
_CONNECT_TIMEOUT_S = 5
_STATEMENT_TIMEOUT_MS = 15_000
_LOCK_TIMEOUT_MS = 5_000

# These limits detect a cut network, even while a COMMIT waits for its answer. tcp_user_timeout exists
# on Linux only: other systems use their own limit for unacknowledged packets.
_CONNECT: Mapping[str, Any] = {
    "connect_timeout": _CONNECT_TIMEOUT_S,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "client_encoding": "UTF8",
    "target_session_attrs": "any",
    # A desk that crashes inside a transaction must not hold the others' invoices.
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
"""The facts about a server that ``unsafe`` checks."""


def ledger_url(text: str, password: str | None) -> sa.URL:
    """Return the address in ``ledger_url`` of the settings. TLS must verify any server but this computer.

    Raises KnownError for an address that is malformed, contains a password, or weakens the TLS check.
    """
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise _refused("it is not an address") from None
    if url.drivername != DRIVER:
        raise _refused(f"it must begin with {DRIVER}://")
    if url.password is not None:
        raise _refused(f"a password does not belong there; keep it with `{COMMAND} set-key ledger-password`")
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
        f"ledger_url in the settings can't be used: {why}.",
        "Ask your administrator to correct it.",
        f"Write it like {DRIVER}://paydesk_desk@ledger.example.com/paydesk?sslmode=verify-full&sslrootcert=FILE",
    )


def place_of(url: sa.URL) -> str:
    """Return the ledger's name for sentences: server and database, never the password."""
    port = f":{url.port}" if url.port else ""
    return f"{url.host}{port}/{url.database}"


def open_postgres(url: sa.URL, application: str = "PayDesk") -> sa.Engine:
    """Return an engine on the server. It refuses each new connection unless the server is durable.

    It connects only when first used. Two idle connections and five at most: fifty desks fit
    into a server of common size.
    """
    engine = sa.create_engine(
        url,
        isolation_level="READ COMMITTED",  # safe because each transaction locks the invoice rows first
        pool_size=2,
        max_overflow=3,
        pool_timeout=10,
        pool_use_lifo=True,  # the last used connection has its statements prepared
        pool_pre_ping=True,  # replaces a connection that broke while idle, before a payment uses it
        connect_args=dict(_CONNECT) | {"application_name": application[:63]},
    )

    def check_new(connection: Any, _record: object) -> None:
        """Check each new connection: after a failover the server may be another one."""
        reason = unsafe(_ask(connection))
        if reason:
            connection.close()
            raise words.unsafe_server(place_of(url), reason)

    sa.event.listen(engine, "connect", check_new)
    sa.event.listen(engine, "set_engine_execution_options", _read_one_state)
    return engine


def _read_one_state(_engine: sa.Engine, options: dict[str, Any]) -> None:
    """Let each transaction that only reads see one state of the ledger, as on SQLite.

    Each statement of READ COMMITTED sees a newer one. A payment of another desk between two of them looked
    like a changed history.
    """
    if options.get("paydesk_read"):
        options["isolation_level"] = "REPEATABLE READ"


def _ask(connection: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(_ASKED.values())}")
        said = cursor.fetchone()
    connection.rollback()
    return dict(zip(_ASKED, said, strict=True))


def unsafe(server: Mapping[str, Any]) -> str:
    """Return the reason why this server could lose a confirmed commit, or ``""``."""
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
    """Return sentences on what an administrator should improve on the server. Raises LedgerError."""
    with known_errors(place_of(engine.url)), engine.begin() as connection:
        checksums = connection.execute(sa.text("SELECT current_setting('data_checksums')")).scalar()
    if checksums == "on":
        return []
    return [
        f"The ledger's server {place_of(engine.url)} keeps no data checksums: a failing disk would not be "
        "noticed. Turn them on with pg_checksums."
    ]
