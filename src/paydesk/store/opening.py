"""Open the ledger a desk's settings name: a file of this computer, or a server for several desks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.store import engine, postgres
from paydesk.store.migrate import prepare


@dataclass(frozen=True, slots=True)
class Store:
    """An open ledger database; ``place`` is how sentences name it."""

    engine: sa.Engine
    place: str


def open_file(path: Path, world: str, key: Callable[[Path], bytes]) -> Store:
    """The ledger in that file, made if it is not there; ``key`` finds or makes the key that encrypts it.

    Raises KnownError, leaving every file as it was, when it cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            f"The folder {path.parent} cannot be written ({error.strerror}).",
            "Check that you may write there, or choose another with --basedir.",
        ) from None
    store = Store(engine.open_sqlite(path, key(path)), str(path))
    prepare(store.engine, world, store.place)
    engine.make_private(path)
    return store


def open_server(url: str, password: str | None, world: str, desk: str) -> Store:
    """The ledger on that server, made if its database is empty. Raises KnownError when it cannot be used."""
    address = postgres.ledger_url(url, password)
    store = Store(postgres.open_postgres(address, f"PayDesk {desk}"), postgres.place_of(address))
    prepare(store.engine, world, store.place)
    return store
