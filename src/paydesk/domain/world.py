"""The worlds of payments: live, training, the processor's test host, and every other host.

A world has its own ledger, so that payments that are not real never count as real ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from paydesk.domain.vendors import PROCESSOR


class WorldKind(StrEnum):
    """The kind of a world. Money certainly moves only in LIVE, and certainly not in TRAINING and TEST."""

    LIVE = "live"
    TRAINING = "training"
    TEST = "test"
    OTHER = "host"


@dataclass(frozen=True, slots=True)
class World:
    """One world, and the processor's host in it. A training desk's host is blank: it changes each time."""

    kind: WorldKind
    host: str = ""

    @property
    def name(self) -> str:
        """The name in ledgers and receipts: ``live``, ``test``, ``host 127.0.0.1:8570``."""
        return f"{self.kind} {self.host}" if self.kind is WorldKind.OTHER else self.kind.value

    @classmethod
    def named(cls, name: str) -> World:
        """Return the world of that name. Raises ValueError if there is none."""
        for world in (LIVE, TRAINING, TEST):
            if world.name == name:
                return world
        kind, _, host = name.partition(" ")
        if kind != WorldKind.OTHER or not host:
            raise ValueError(f"no world is named {name!r}")
        return cls(WorldKind.OTHER, host)


LIVE = World(WorldKind.LIVE, PROCESSOR.hosts[0])
TRAINING = World(WorldKind.TRAINING)
TEST = World(WorldKind.TEST, PROCESSOR.test_host)


def world_of(url: str) -> World:
    """Return the world of the processor's address. Only its production host itself is live."""
    host = host_of(url)
    known = {LIVE.host: LIVE, TEST.host: TEST}
    return known.get(host) or World(WorldKind.OTHER, host)


def host_of(url: str) -> str:
    """Return the host of an address, with the port unless it is 443.

    Upper case and ``:443`` name the same server (RFC 3986, 6.2.2.1 and 6.2.3). A trailing dot does not count
    as the same host, as in browsers.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, 443) else f"{host}:{parts.port}"
