"""What the kill tests share: the server that forks desks, and the database that the others are copies of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.cycles import SERVER_TEMPLATE, Victims, make_template
from tests.crash.headless import SERVER_CLOCK
from tests.fakes.postgres import PostgresServer


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    """The server that forks desks."""
    with Victims() as server:
        yield server


@pytest.fixture(scope="session")
def server_template(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A database without payments, ``SERVER_TEMPLATE``; the path of the files of its desk."""
    with postgres_server.admin("postgres") as admin:
        admin.execute(f"CREATE DATABASE {SERVER_TEMPLATE} TEMPLATE template0")
        admin.execute(f"ALTER DATABASE {SERVER_TEMPLATE} SET search_path = public, pg_catalog")
    with postgres_server.admin(SERVER_TEMPLATE) as admin:
        admin.execute(SERVER_CLOCK)
    url = postgres_server.url(SERVER_TEMPLATE).render_as_string()
    yield make_template(tmp_path_factory.mktemp("template"), url)
    with postgres_server.admin("postgres") as admin:
        admin.execute(f"DROP DATABASE {SERVER_TEMPLATE}")
