"""Every world has a ledger file of its own, named so that each system accepts it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from paydesk.config.paths import Paths
from paydesk.domain.world import LIVE, TEST, TRAINING, World, WorldKind, world_of


@pytest.mark.parametrize(
    ("world", "name"),
    [
        (LIVE, "live.ledger"),
        (TRAINING, "training.ledger"),
        (TEST, "test.ledger"),
        (world_of("http://127.0.0.1:8570"), "host-127.0.0.1-8570.ledger"),
        (world_of("https://[::1]:8443"), "host-1-8443.ledger"),
        (world_of("https://con.example"), "host-con.example.ledger"),
        (world_of("https://live"), "host-live.ledger"),
        (world_of("https://api.anddone.com."), "host-api.anddone.com..ledger"),
    ],
)
def test_each_world_has_its_own_ledger(world: World, name: str) -> None:
    assert Paths(Path("desk")).ledger_of(world) == Path("desk") / name


def test_a_host_never_leaves_the_folder_nor_makes_a_name_too_long() -> None:
    names = set()
    for host in ("../../evil", "C:\\evil", "a" * 253, "a" * 252 + "b", "x/y", "evil*?"):
        path = Paths(Path("desk")).ledger_of(World(WorldKind.OTHER, host))
        assert path.parent == Path("desk")
        assert re.fullmatch(r"host-[a-z0-9._-]{1,90}\.ledger", path.name)
        names.add(path.name)
    assert len(names) == 6
