"""The world of an address: only the processor's production host is live."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import paydesk
from paydesk.domain.world import LIVE, TEST, TRAINING, World, WorldKind, host_of, world_of

PACKAGE = Path(paydesk.__file__).parent


@pytest.mark.parametrize(
    "url",
    [
        "https://api.anddone.com",
        "https://api.anddone.com/",
        "https://api.anddone.com/v2",
        "https://api.anddone.com:443",
        "https://API.AndDone.com",
    ],
)
def test_the_production_host_is_live_however_it_is_written(url: str) -> None:
    assert world_of(url) == LIVE


@pytest.mark.parametrize("url", ["https://api.uat.anddone.com", "https://Api.UAT.anddone.com:443/v1"])
def test_the_test_host_is_a_world(url: str) -> None:
    assert world_of(url) == TEST


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:8570", "127.0.0.1:8570"),
        ("https://127.0.0.1", "127.0.0.1"),
        ("https://localhost:8443", "localhost:8443"),
        ("https://[::1]:8443", "[::1]:8443"),
        ("https://api.anddone.com:8443", "api.anddone.com:8443"),
        ("https://api.anddone.com.", "api.anddone.com."),
        ("https://api2.anddone.com", "api2.anddone.com"),
        ("https://api2.uat.anddone.com", "api2.uat.anddone.com"),
        ("https://api.qat.anddone.com", "api.qat.anddone.com"),
        ("https://anddone.com", "anddone.com"),
        ("https://api.anddone.com.evil.example", "api.anddone.com.evil.example"),
        ("https://evil.example/api.anddone.com", "evil.example"),
        ("https://api-anddone.com", "api-anddone.com"),
        ("https://api.uat.anddone.com:444", "api.uat.anddone.com:444"),
        ("https://live", "live"),
    ],
)
def test_every_other_host_is_a_world_of_its_own(url: str, host: str) -> None:
    world = world_of(url)
    assert (world, host_of(url)) == (World(WorldKind.OTHER, host), host)
    assert World.named(world.name) == world
    assert world.name not in (LIVE.name, TEST.name, TRAINING.name)


def test_a_host_of_a_vendor_is_written_in_one_place() -> None:
    written = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"(anddone|ams360)\.com", path.read_text("utf-8"))
    }
    of_vendors = {name for name in written if name.startswith(("gateways/", "sandbox/"))}
    assert written - of_vendors == {"domain/vendors.py"}


def test_a_world_is_found_by_its_name() -> None:
    for world in (LIVE, TEST, TRAINING):
        assert World.named(world.name) == world
    for name in ("", "host", "host ", "LIVE", "production", "evil.example"):
        with pytest.raises(ValueError, match="no world"):
            World.named(name)
