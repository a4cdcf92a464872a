"""The two roles of a ledger on a server: what a desk can do, and which roles it must not have."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from paydesk.domain.errors import KnownError
from paydesk.store.cache.cache import SqlCache
from paydesk.store.database import migrate, roles
from paydesk.store.database.head_file import Seat
from paydesk.store.database.opening import as_owner, open_server
from paydesk.store.database.postgres import open_postgres
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.tables import schema
from tests.fakes import newer_schema, old_ledger
from tests.fakes.ledger import ServerLedgerMaker
from tests.fakes.postgres import ADMIN, DESK, OWNER, Database, PostgresServer, connect
from tests.fakes.world import Counter, FakeProcessor, FakeSource

NUMBERS = itertools.count(1)
SEAT = Seat("Front-1", "Dana", "test")


@pytest.fixture
def ledger_kind() -> str:
    """Use PostgreSQL, because a file has no roles."""
    return "postgresql"


@pytest.fixture(scope="module")
def shared(postgres_server: PostgresServer) -> Iterator[Database]:
    """Return a ledger for tests that change nothing in it."""
    with postgres_server.database() as database:
        yield database


@pytest.fixture
def role(shared: Database) -> Iterator[str]:
    """Return a new role with exactly the rights of a desk."""
    name = f"desk_{next(NUMBERS)}"
    shared.run(f"CREATE ROLE {name} LOGIN")
    give(shared, name)
    yield name
    shared.run(f"DROP OWNED BY {name}")
    shared.run(f"DROP ROLE {name}")


def give(database: Database, role: str) -> None:
    """Give a role the rights of a desk, as the command does."""
    owner = open_postgres(database.owner_url)
    try:
        roles.grant(owner, database.place, role)
    finally:
        owner.dispose()


def open_as(database: Database, role: str, tmp_path: Path) -> None:
    """Open the ledger as a desk with that role, and close it."""
    address = database.url.set(username=role).render_as_string()
    store = open_server(address, None, "training", SEAT, tmp_path / "head")
    store.maintenance.close()
    store.engine.dispose()


def test_the_rights_name_every_table() -> None:
    assert {*roles.RIGHTS} == {*schema.metadata.tables, roles.VERSION_TABLE}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = '{}'",
        "DELETE FROM event",
        "TRUNCATE event CASCADE",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "DROP TRIGGER event_append_only ON event",
        "ALTER TABLE event ADD COLUMN x int",
        "DROP TABLE event CASCADE",
        "CREATE OR REPLACE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$",
        "CREATE TRIGGER another BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_append_only()",
        "CREATE RULE kept AS ON INSERT TO event DO INSTEAD NOTHING",
        "BEGIN; LOCK TABLE event IN ACCESS EXCLUSIVE MODE",
        "CREATE TABLE public.mine (x int)",
        "SET session_replication_role = replica",
        f"SET ROLE {OWNER}",
        f"ALTER ROLE {DESK} SUPERUSER",
        f"GRANT {OWNER} TO {DESK}",
        "UPDATE payment_line SET amount_cents = 1",
        "UPDATE attempt SET started_at = now()",
        "DELETE FROM payment",
        "DELETE FROM receipt",
        "INSERT INTO info VALUES ('moved_to', 'elsewhere')",
        "DELETE FROM counter",
        "UPDATE alembic_version SET version_num = '0000'",
        "COPY event TO PROGRAM 'true'",
    ],
)
def test_a_desk_can_neither_change_events_nor_alter_tables(shared: Database, statement: str) -> None:
    with connect(shared.url) as desk, pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.execute(statement)


def test_a_new_role_has_the_rights_of_a_desk_and_opens_the_ledger(
    shared: Database, role: str, tmp_path: Path
) -> None:
    open_as(shared, role, tmp_path)
    assert found(shared, role) == ("", [], [])


def found(database: Database, role: str) -> tuple[str, list[str], list[str]]:
    """Return what doctor finds about a role."""
    engine = open_postgres(database.admin_url)
    try:
        with engine.connect() as connection:
            return (roles.forbidden(connection, role), *roles.differences(connection, role))
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("ALTER ROLE {role} SUPERUSER", "it is a superuser"),
        ("ALTER ROLE {role} BYPASSRLS", "it may bypass the server's row security"),
        ("ALTER ROLE {role} CREATEROLE", "it may take the rights of other roles"),
        ("GRANT pg_execute_server_program TO {role}", "it may run programs or write files on the server"),
        ("GRANT pg_write_server_files TO {role}", "it may run programs or write files on the server"),
        (f"GRANT {OWNER} TO {{role}}", "it owns the database"),
        (f"GRANT {OWNER} TO {{role}} WITH INHERIT FALSE", "it owns the database"),
        (f"GRANT {ADMIN} TO {{role}}", "it is a superuser, or may become one"),
        ("GRANT pg_write_all_data TO {role}", "it may change or delete events"),
        ("GRANT UPDATE ON event TO {role}", "it may change or delete events"),
        ("GRANT UPDATE (body) ON event TO {role}", "it may change or delete events"),
        ("GRANT DELETE ON event TO {role}", "it may change or delete events"),
        ("GRANT TRUNCATE ON event TO {role}", "it may change or delete events"),
        ("GRANT TRIGGER ON event TO {role}", "it may change or delete events"),
    ],
)
def test_a_role_that_could_change_the_history_is_refused_at_the_start(
    shared: Database, role: str, tmp_path: Path, change: str, reason: str
) -> None:
    shared.run(change.format(role=role))
    with pytest.raises(KnownError) as refused:
        open_as(shared, role, tmp_path)
    assert f"A desk must not use the ledger {shared.place} as {role}: {reason}" in refused.value.sentence
    assert "Make a role for desks that owns nothing" in refused.value.admin
    assert not (tmp_path / "head").exists()


@pytest.mark.parametrize(
    ("change", "back", "reason"),
    [
        ("GRANT UPDATE ON event TO PUBLIC", "REVOKE UPDATE ON event FROM PUBLIC", "change or delete events"),
        ("ALTER TABLE event OWNER TO {role}", f"ALTER TABLE event OWNER TO {OWNER}", "it owns the tables"),
        ("ALTER TABLE hold OWNER TO {role}", f"ALTER TABLE hold OWNER TO {OWNER}", "it owns the tables"),
        (
            "ALTER SCHEMA public OWNER TO {role}",
            "ALTER SCHEMA public OWNER TO pg_database_owner",
            "it owns the tables, or the schema that holds them",
        ),
    ],
)
def test_a_right_that_came_by_another_way_is_found_too(
    shared: Database, role: str, tmp_path: Path, change: str, back: str, reason: str
) -> None:
    shared.run(change.format(role=role))
    try:
        with pytest.raises(KnownError, match=reason):
            open_as(shared, role, tmp_path)
    finally:
        shared.run(back)


@pytest.mark.parametrize("url", ["owner_url", "admin_url"])
def test_neither_the_owner_nor_a_superuser_opens_a_desk(shared: Database, tmp_path: Path, url: str) -> None:
    name = getattr(shared, url).username
    with pytest.raises(KnownError, match=f"must not use the ledger .* as {name}"):
        open_as(shared, name, tmp_path)


def test_what_is_too_wide_or_lacks_is_named(shared: Database, role: str) -> None:
    shared.run(f"GRANT DELETE, TRUNCATE ON payment TO {role}")
    shared.run(f"GRANT CREATE ON SCHEMA public TO {role}")
    shared.run(f"REVOKE INSERT ON event FROM {role}")
    assert found(shared, role) == (
        "",
        ["DELETE on payment", "TRUNCATE on payment", "CREATE on the schema"],
        ["INSERT on event"],
    )
    give(shared, role)
    assert found(shared, role) == ("", [], []), "the owner's command sets both right"


def test_a_role_that_is_not_there_or_too_mighty_gets_no_rights(shared: Database, role: str) -> None:
    with pytest.raises(KnownError, match="has no role nobody"):
        give(shared, "nobody")
    shared.run(f"REVOKE INSERT ON event FROM {role}")
    shared.run(f"ALTER ROLE {role} CREATEROLE")
    with pytest.raises(KnownError, match="CREATEROLE"):
        give(shared, role)
    assert found(shared, role)[2] == ["INSERT on event"], "nothing was changed"


def test_the_owner_is_not_the_desks_role(shared: Database) -> None:
    with (
        pytest.raises(KnownError, match="cannot be the owner as well"),
        as_owner(shared.url, DESK, None, "training"),
    ):
        pass


def test_a_role_with_a_strange_name_is_quoted(shared: Database) -> None:
    name = 'desk "two"; DROP TABLE event; --'
    quoted = '"' + name.replace('"', '""') + '"'
    shared.run(f"CREATE ROLE {quoted} LOGIN")
    try:
        give(shared, name)
        assert found(shared, name) == ("", [], [])
    finally:
        shared.run(f"DROP OWNED BY {quoted}")
        shared.run(f"DROP ROLE {quoted}")


def test_a_right_that_lacks_is_said_in_words(new_ledger: ServerLedgerMaker) -> None:
    new_ledger("Front-1")
    new_ledger.database.run(f"REVOKE INSERT ON desk_session FROM {DESK}")
    with pytest.raises(KnownError, match=r"denies this desk a permission .* Ask your administrator"):
        new_ledger("Front-2")


def test_only_the_owner_upgrades_and_desks_work_on(
    postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres_server.database("template0") as database:
        owner = open_postgres(database.owner_url)
        old_ledger.build(owner)
        owner.dispose()
        postgres_server.prepare(str(database.url.database))
        open_as(database, DESK, tmp_path)
        newer_schema.install(tmp_path, monkeypatch)
        with pytest.raises(KnownError, match="or from an older PayDesk") as refused:
            open_as(database, DESK, tmp_path)
        assert "paydesk prepare-ledger" in refused.value.admin
        monkeypatch.setattr(roles, "RIGHTS", {**roles.RIGHTS, **newer_schema.RIGHTS})
        postgres_server.prepare(str(database.url.database))
        open_as(database, DESK, tmp_path)
        assert database.run("SELECT version_num FROM alembic_version") == [(newer_schema.VERSION,)]


def test_a_desk_takes_a_payment_on_a_prepared_ledger(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """The template of the other tests has a clock of theirs. This ledger is as the program makes it."""
    with postgres_server.database("template0") as database:
        postgres_server.prepare(str(database.url.database), "live")
        address = database.url.render_as_string()
        store = open_server(address, "a password", "live", SEAT, tmp_path / "head")
        ledger = SqlLedger(
            store.engine, database.clock, desk="Front-1", user="Dana", host="test", path=store.place,
            maintenance=store.maintenance,
        )  # fmt: skip
        source = FakeSource(database.clock)
        source.owe("50123", 100_00)
        cache = SqlCache(store.engine, store.place)
        counter = Counter(ledger, cache, source, FakeProcessor(), database.clock)
        assert counter.pay("50123").receipt_number == "R-000001"
        ledger.close()


def test_the_fingerprints_key_is_of_this_ledger_and_this_password(
    postgres_server: PostgresServer, shared: Database
) -> None:
    def key(database: Database, outside: bytes) -> bytes:
        engine = open_postgres(database.url)
        try:
            return migrate.fingerprint_key(engine, database.place, outside)
        finally:
            engine.dispose()

    with postgres_server.database("template0") as other:
        postgres_server.prepare(str(other.url.database))
        keys = [key(shared, b"one"), key(shared, b"two"), key(shared, b""), key(other, b"one")]
    assert key(shared, b"one") == keys[0]
    assert len(set(keys)) == 4
    assert {len(one) for one in keys} == {32}
