"""The same kills with the ledger on a server: its desks die, and what they held there is let go of."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import points
from tests.crash.cycles import RANDOM, Figures, Victims, make_template, run_cycles, stage
from tests.crash.headless import SERVER_CLOCK
from tests.fakes.postgres import PostgresServer

SEEDS = range(4)
TEMPLATE = "crash_template"
HOLDING_NOTHING = [
    point
    for point in (*points.PAYING, *points.VOIDING)
    if points.is_kill(point) and not point.endswith((".inside", ".commit"))
]
"""Not within a transaction, where the other desk would wait for its locks in vain."""


@pytest.fixture(scope="module")
def victims() -> Iterator[Victims]:
    """The server that forks desks."""
    with Victims() as server:
        yield server


@pytest.fixture(scope="module")
def template(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A database without payments, to be copied, and the files of its desk."""
    with postgres_server.admin("postgres") as admin:
        admin.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        admin.execute(f"ALTER DATABASE {TEMPLATE} SET search_path = public, pg_catalog")
    with postgres_server.admin(TEMPLATE) as admin:
        admin.execute(SERVER_CLOCK)
    url = postgres_server.url(TEMPLATE).render_as_string()
    yield make_template(tmp_path_factory.mktemp("template"), url)
    with postgres_server.admin("postgres") as admin:
        admin.execute(f"DROP DATABASE {TEMPLATE}")


def killed(
    server: PostgresServer, template: Path, base: Path, victims: Victims, work: list[tuple[str, int]]
) -> Figures:
    """The cycles of ``work`` on a database of their own; the books agree."""
    with server.database(TEMPLATE) as database:
        url = database.url.render_as_string()
        figures = run_cycles(template, base, victims, work, ledger_url=url)
    assert not figures.wrong, "\n".join(figures.wrong)
    assert not figures.unsprung
    return figures


@pytest.mark.parametrize("point", [*points.PAYING, *points.RECOVERING, *points.POSTING, *points.VOIDING])
def test_a_desk_killed_at_a_point(
    point: str, postgres_server: PostgresServer, template: Path, victims: Victims, tmp_path: Path
) -> None:
    work = [(point, seed) for seed in SEEDS]
    figures = killed(postgres_server, template, tmp_path / "desk", victims, work)
    assert figures.kills >= (len(work) if points.is_kill(point) else 0)


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_a_desk_killed_at_random_instants(
    first: int, postgres_server: PostgresServer, template: Path, victims: Victims, tmp_path: Path
) -> None:
    work = [(RANDOM, seed) for seed in range(first, first + 40)]
    assert killed(postgres_server, template, tmp_path / "desk", victims, work).kills >= 10


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop a process and let it go on")
@pytest.mark.parametrize("point", HOLDING_NOTHING)
def test_a_desk_that_sleeps_for_two_hours_while_another_settles_and_pays(
    point: str, postgres_server: PostgresServer, template: Path, victims: Victims, tmp_path: Path
) -> None:
    with postgres_server.database(TEMPLATE) as database:
        url = database.url.render_as_string()
        with stage(template, tmp_path / "desk", victims, seed=0, ledger_url=url) as on:
            for seed in SEEDS:
                on.sleep(point, seed)
            figures = on.finish()
    assert not figures.wrong, "\n".join(figures.wrong)
    assert not figures.unsprung
