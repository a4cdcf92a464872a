"""Migrate a ledger to the current schema, and refuse a database that is not ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from paydesk.store.database import words
from paydesk.store.database.errors import known_errors
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import schema

_LOCK = sa.text("SELECT pg_advisory_xact_lock(7268338650)")
"""Advisory lock, any fixed number: desks that start together on an empty server migrate in turn."""


_SCRIPTS = Path(__file__).parent / "migrations"
MOVED = "moved_to"
"""Key of the ``info`` row that closes a ledger after its move."""

_FINGERPRINTS = "fingerprints"
"""Key of the ``info`` row with random hex digits, one part of the fingerprints' key."""

_VERSION = sa.select(sa.table("alembic_version", sa.column("version_num")).c.version_num)


def prepare(
    engine: sa.Engine, world: str, place: str, before_change: Callable[[], object] = lambda: None
) -> None:
    """Migrate the schema and check that the ledger belongs to this ``world``.

    ``before_change`` runs before a migration of an existing ledger, to back it up.
    Raises KnownError, and changes nothing, for a ledger of a newer version or of the
    other world.
    """
    with known_errors(place):
        with engine.execution_options(**READ).connect() as connection, connection.begin():
            version = _check(connection, world, place)
        if version == schema.HEAD:
            return
        if version is not None:
            before_change()
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(_LOCK)
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            if _check(connection, world, place) != schema.HEAD:  # if equal, another desk was faster
                _upgrade(connection, world)


def require_current(engine: sa.Engine, world: str, place: str) -> None:
    """Raise KnownError unless this is a ledger of this ``world`` and version. Changes nothing."""
    with (
        known_errors(place),
        engine.execution_options(**READ).connect() as connection,
        connection.begin(),
    ):
        if _check(connection, world, place) != schema.HEAD:
            raise (words.outdated if connection.dialect.name == "sqlite" else words.not_prepared)(place)


def _check(connection: sa.Connection, world: str, place: str) -> str | None:
    """Return the version of the schema, or None for an empty database."""
    tables = set(sa.inspect(connection).get_table_names())
    if not tables:
        return None
    if "alembic_version" not in tables or "info" not in tables:
        raise words.foreign(place)
    facts = {row.key: row.value for row in connection.execute(sa.select(schema.info))}
    if facts.get("world") != world:
        raise words.other_world(place, facts.get("world"), world)
    if MOVED in facts:
        raise words.moved(place, facts[MOVED])
    version = version_of(connection)
    if version != schema.HEAD and version not in _known():
        raise words.newer(place)
    return version


def fingerprint_key(engine: sa.Engine, place: str, outside: bytes) -> bytes:
    """Return the key of the fingerprints of cards and accounts, for all desks on the ledger.

    ``outside`` is the other part, which is not in the ledger: the key of the file or the server's password.
    So a copy of the ledger alone undoes no fingerprint.
    """
    query = sa.select(schema.info.c.value).where(schema.info.c.key == _FINGERPRINTS)
    with known_errors(place), engine.execution_options(**READ).begin() as connection:
        inside = connection.execute(query).scalar() or ""
    return hmac.digest(outside, f"PayDesk fingerprints {inside}".encode(), hashlib.sha256)


def version_of(connection: sa.Connection) -> str | None:
    """Return the schema version of a ledger, or None if it has none."""
    found = connection.execute(_VERSION).scalar()
    return None if found is None else str(found)


def check_version(connection: sa.Connection, place: str) -> None:
    """Raise KnownError if a newer PayDesk has migrated the ledger while this desk was running."""
    if version_of(connection) != schema.HEAD:
        raise words.newer(place)


def _known() -> set[str]:
    # Importing Alembic takes a tenth of a second, and only a new or an old ledger needs it.
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}


def _upgrade(connection: sa.Connection, world: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.execute(sa.select(schema.info).where(schema.info.c.key == "world")).first() is None:
        connection.execute(sa.insert(schema.info).values(key="world", value=world))
        connection.execute(sa.insert(schema.info).values(key=_FINGERPRINTS, value=secrets.token_hex(32)))
