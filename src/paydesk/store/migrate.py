"""Bring a ledger's schema up to date, and refuse one that is not ours, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.store import schema
from paydesk.store.engine import READ
from paydesk.store.prepared import Prepared
from paydesk.store.trouble import trouble_in_words

_LOCK = sa.text("SELECT pg_advisory_xact_lock(7268338650)")
"""Any fixed number: desks that start at the same moment on an empty server migrate one after the other."""


_SCRIPTS = Path(__file__).parent / "migrations"
MOVED = "moved_to"
"""The row of ``info`` that closes a ledger once all of it is elsewhere."""

_VERSION = Prepared(sa.select(sa.table("alembic_version", sa.column("version_num")).c.version_num))


def prepare(
    engine: sa.Engine, world: str, place: str, before_change: Callable[[], object] = lambda: None
) -> None:
    """Make the schema current and check that the ledger belongs to this ``world``.

    ``before_change`` runs before a ledger that has a schema gets a newer one: a backup.
    Raises KnownError, and changes nothing, for a ledger of a newer version or of the
    other world.
    """
    with trouble_in_words(place):
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
            if _check(connection, world, place) != schema.HEAD:  # else another desk was faster
                _upgrade(connection, world)


def require_current(engine: sa.Engine, world: str, place: str) -> None:
    """Raise KnownError unless this is a ledger of this ``world`` and version; change nothing."""
    with (
        trouble_in_words(place),
        engine.execution_options(**READ).connect() as connection,
        connection.begin(),
    ):
        if _check(connection, world, place) != schema.HEAD:
            raise KnownError(
                f"The ledger {place} is empty or was written by an older PayDesk.",
                "Start PayDesk once: it brings the ledger up to date.",
            )


def _check(connection: sa.Connection, world: str, place: str) -> str | None:
    """The version of the schema, None for an empty database."""
    tables = set(sa.inspect(connection).get_table_names())
    if not tables:
        return None
    if "alembic_version" not in tables or "info" not in tables:
        raise KnownError(f"{place} is not a PayDesk ledger; it was left as it is.", "Choose another one.")
    facts = {row.key: row.value for row in connection.execute(sa.select(schema.info))}
    if facts.get("world") != world:
        raise KnownError(
            f"The ledger {place} belongs to the {facts.get('world')} desk; this is the {world} desk.",
            "Choose the other ledger in the settings. Training and live money never share one.",
        )
    if MOVED in facts:
        raise KnownError(
            f"The ledger {place} was moved to {facts[MOVED]}.",
            "Set ledger_url in the settings to use it there.",
        )
    version = version_of(connection)
    if version != schema.HEAD and version not in _known():
        raise _newer(place)
    return version


def version_of(connection: sa.Connection) -> str | None:
    """The version of the schema that a ledger has; None where it says none."""
    return next((str(version) for (version,) in _VERSION.rows(connection, {})), None)


def check_version(connection: sa.Connection, place: str) -> None:
    """Refuse to go on once a newer PayDesk has brought the ledger up to date under a running desk."""
    if version_of(connection) != schema.HEAD:
        raise _newer(place)


def _newer(place: str) -> KnownError:
    return KnownError(
        f"The ledger {place} was written by a newer PayDesk; it was left as it is.",
        "Install the newest PayDesk on this computer.",
    )


def _known() -> set[str]:
    # Alembic costs a tenth of a second to import: only a new or an old ledger needs it.
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
