"""The two roles of a ledger on PostgreSQL: its owner alters tables, and a desk only adds what it must.

The owner's role runs ``paydesk prepare-ledger``. Every desk connects with the other one, which can neither
change nor delete an event, nor alter a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from paydesk.store.database import words
from paydesk.store.database.errors import known_errors

VERSION_TABLE = "alembic_version"

_ADDED = ("SELECT", "INSERT")
_SET = ("SELECT", "UPDATE")
_CHANGED = (*_ADDED, "UPDATE")
_FORGOTTEN = (*_CHANGED, "DELETE")
RIGHTS: Mapping[str, Sequence[str]] = {
    VERSION_TABLE: ("SELECT",),
    "event": _ADDED,
    "attempt": _ADDED,
    "payment_line": _ADDED,
    "info": _SET,
    "counter": _CHANGED,
    "desk_session": _CHANGED,
    "payment": _CHANGED,
    "hold": _CHANGED,
    "receipt": _CHANGED,
    "void": _CHANGED,
    "refund": _CHANGED,
    "posting": _CHANGED,
    "progress": _CHANGED,
    "payment_doc": _CHANGED,
    "import_run": _CHANGED,
    "import_mapping": _CHANGED,
    # The cache of invoices and customers: closed ones are forgotten after a time.
    "customer": _FORGOTTEN,
    "invoice": _FORGOTTEN,
    "search_doc": _FORGOTTEN,
    "search_word": _FORGOTTEN,
    "customer_before": _FORGOTTEN,
    "invoice_before": _FORGOTTEN,
}
"""The rights of a desk's role on each table. It has no others."""

_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")

_ROLE = "CAST(:role AS name)"
_MEMBER = f"pg_has_role({_ROLE}, {{}}, 'MEMBER')"
_SELF = f"(SELECT bool_or({{}}) FROM pg_roles WHERE {_MEMBER.format('oid')})"  # noqa: S608 - ours, as all below
_HOME = "(SELECT relnamespace FROM pg_class WHERE oid = to_regclass('event'))"
_HOME_NAME = sa.text(f"SELECT nspname FROM pg_namespace WHERE oid = {_HOME}")  # noqa: S608 - texts of this module
_OWNS_DATABASE = f"SELECT {_MEMBER.format('datdba')} FROM pg_database WHERE datname = current_database()"  # noqa: S608 - texts of this module
_OWNS_SCHEMA = f"SELECT {_MEMBER.format('nspowner')} FROM pg_namespace WHERE oid = {_HOME}"  # noqa: S608 - texts of this module
_OWNS_TABLE = f"SELECT bool_or({_MEMBER.format('relowner')}) FROM pg_class WHERE relnamespace = {_HOME}"  # noqa: S608 - texts of this module
_FORBIDDEN: Mapping[str, str] = {
    "it is a superuser, or may become one": _SELF.format("rolsuper"),
    "it may bypass the server's row security (BYPASSRLS)": _SELF.format("rolbypassrls"),
    "it may take the rights of other roles (CREATEROLE)": _SELF.format("rolcreaterole"),
    "it may run programs or write files on the server": " OR ".join(
        _MEMBER.format(f"'{role}'") for role in ("pg_execute_server_program", "pg_write_server_files")
    ),
    "it owns the database": f"({_OWNS_DATABASE})",
    "it owns the tables, or the schema that holds them": f"({_OWNS_TABLE}) OR ({_OWNS_SCHEMA})",
    "it may change or delete events": (
        f"has_any_column_privilege({_ROLE}, to_regclass('event'), 'UPDATE')"
        f" OR has_table_privilege({_ROLE}, to_regclass('event'), 'DELETE, TRUNCATE, TRIGGER')"
    ),
}
"""Reasons to refuse a desk's role, each with the condition that finds it. A member of a role has its rights.

The first one that holds is said: a superuser has every right.
"""


def forbidden(connection: sa.Connection, role: str) -> str:
    """Return the reason why no desk may connect with this role, or ``""``."""
    conditions = ", ".join(f"coalesce({condition}, false)" for condition in _FORBIDDEN.values())
    found = connection.execute(sa.text(f"SELECT {conditions}"), {"role": role}).one()
    return next((reason for reason, holds in zip(_FORBIDDEN, found, strict=True) if holds), "")


def require_desk_role(engine: sa.Engine, place: str) -> None:
    """Raise KnownError if the role of this connection can alter the ledger's history or tables."""
    with known_errors(place), engine.connect() as connection:
        role = str(connection.exec_driver_sql("SELECT session_user").scalar())
        reason = forbidden(connection, role)
    if reason:
        raise words.role_too_wide(place, role, reason)


def differences(connection: sa.Connection, role: str) -> tuple[list[str], list[str]]:
    """Return the rights that a desk's role has too many, and those that it lacks, in words."""
    asked = [
        f"('{table}', '{right}', has_table_privilege({_ROLE}, to_regclass('{table}'), '{right}'))"
        for table in RIGHTS
        for right in _ALL
    ]
    query = f"SELECT * FROM (VALUES {', '.join(asked)}) AS asked (name, kind, held)"  # noqa: S608 - ours
    wide, lacking = [], []
    for table, right, held in connection.execute(sa.text(query), {"role": role}):
        if held and right not in RIGHTS[table]:
            wide.append(f"{right} on {table}")
        elif not held and right in RIGHTS[table]:
            lacking.append(f"{right} on {table}")
    create = f"SELECT has_schema_privilege({_ROLE}, {_HOME}, 'CREATE')"
    if connection.execute(sa.text(create), {"role": role}).scalar():
        wide.append("CREATE on the schema")
    return wide, lacking


def grant(owner: sa.Engine, place: str, role: str) -> None:
    """Give a desk's role exactly its rights, over a connection of the owner.

    Raises KnownError if there is no such role, or if it could alter the ledger all the same.
    """
    with known_errors(place), owner.begin() as connection:
        if connection.execute(_EXISTS, {"role": role}).first() is None:
            raise words.no_role(place, role)
        home = connection.execute(_HOME_NAME).scalar()
        quote = owner.dialect.identifier_preparer.quote
        for statement in _grants(quote(str(home)), quote(role)):
            connection.exec_driver_sql(statement)
        reason = forbidden(connection, role)
        if reason:
            raise words.role_too_wide(place, role, reason)


_EXISTS = sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role")


def _grants(home: str, role: str) -> Iterator[str]:
    for what in ("TABLES", "SEQUENCES"):
        yield f"REVOKE ALL ON ALL {what} IN SCHEMA {home} FROM PUBLIC, {role}"
    yield f"REVOKE CREATE ON SCHEMA {home} FROM PUBLIC, {role}"
    yield f"GRANT USAGE ON SCHEMA {home} TO {role}"
    for table, rights in RIGHTS.items():
        yield f"GRANT {', '.join(rights)} ON {home}.{table} TO {role}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {home} TO {role}"
