"""Fixtures of the kill tests: the server that forks desks, and the database that all others copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.postgres import PostgresServer
from tests.proofs.crash.cycles import SERVER_TEMPLATE, Victims, make_template
from tests.proofs.crash.headless import SERVER_CLOCK


@pytest.fixture(scope="session")
def victims() -> Iterator[Victims]:
    """Run the server that forks desks."""
    with Victims() as server:
        yield server


@pytest.fixture(scope="session")
def server_template(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Create the database ``SERVER_TEMPLATE`` without payments. Yields the folder of its desk's files."""
    postgres_server.create(SERVER_TEMPLATE, "template0")
    with postgres_server.admin(SERVER_TEMPLATE) as admin:
        admin.execute(SERVER_CLOCK)
    postgres_server.prepare(SERVER_TEMPLATE)
    url = postgres_server.url(SERVER_TEMPLATE).render_as_string()
    yield make_template(tmp_path_factory.mktemp("template"), url)
    with postgres_server.admin("postgres") as admin:
        admin.execute(f"DROP DATABASE {SERVER_TEMPLATE}")
