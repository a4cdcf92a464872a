"""The same kills with the ledger on a server. When a desk dies there, its locks are released."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.fakes.postgres import PostgresServer
from tests.proofs.crash import points
from tests.proofs.crash.cycles import (
    MOST_CYCLES,
    RANDOM,
    SERVER_TEMPLATE,
    Figures,
    Victims,
    run_cycles,
    stage,
)
from tests.proving import cases, seeds, tasted, together

pytestmark = [tasted, *together("kills")]
SEEDS = seeds(1, 2)
POINTS = (*points.PAYING, *points.RECOVERING, *points.POSTING, *points.VOIDING)
HOLDING_NOTHING = [
    point
    for point in (*points.PAYING, *points.VOIDING)
    if points.is_kill(point) and not point.endswith((".inside", ".commit"))
]
"""Points outside a transaction. Inside one, the other desk would wait for its locks in vain."""


def killed(
    server: PostgresServer, template: Path, base: Path, victims: Victims, work: list[tuple[str, int]]
) -> Figures:
    """Run the cycles of ``work`` on a new database, and check that the books agree."""
    with server.database(SERVER_TEMPLATE) as database:
        url = database.url.render_as_string()
        figures = run_cycles(template, base, victims, work, ledger_url=url)
    assert not figures.wrong, "\n".join(figures.wrong)
    assert not figures.unsprung
    return figures


@pytest.mark.parametrize("point", POINTS[:: cases(30, 1)])
def test_a_desk_killed_at_a_point(
    point: str, postgres_server: PostgresServer, server_template: Path, victims: Victims, tmp_path: Path
) -> None:
    work = [(point, seed) for seed in SEEDS]
    figures = killed(postgres_server, server_template, tmp_path / "desk", victims, work)
    assert figures.kills >= (len(work) if points.is_kill(point) else 0)


def test_a_desk_killed_at_random_instants(
    postgres_server: PostgresServer, server_template: Path, victims: Victims, tmp_path: Path
) -> None:
    work = [(RANDOM, seed) for seed in seeds(4, MOST_CYCLES)]
    assert killed(postgres_server, server_template, tmp_path / "desk", victims, work).kills >= len(work) // 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot stop a process and let it go on")
@pytest.mark.parametrize("point", HOLDING_NOTHING[:: cases(20, 1)])
def test_a_desk_that_sleeps_for_two_hours_while_another_resolves_and_pays(
    point: str, postgres_server: PostgresServer, server_template: Path, victims: Victims, tmp_path: Path
) -> None:
    with postgres_server.database(SERVER_TEMPLATE) as database:
        url = database.url.render_as_string()
        with stage(server_template, tmp_path / "desk", victims, seed=0, ledger_url=url) as on:
            on.sleep(point, seed=0)
            figures = on.finish()
    assert not figures.wrong, "\n".join(figures.wrong)
    assert not figures.unsprung
