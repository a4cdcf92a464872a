"""Open the ledger a desk's settings name: a file of this computer, or a server for several desks."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.store import disk, engine, postgres
from paydesk.store.backup import KEPT, Backups
from paydesk.store.care import Care, FileCare
from paydesk.store.events import GENESIS
from paydesk.store.migrate import prepare, require_current
from paydesk.store.trouble import LedgerDamaged
from paydesk.store.witness import Witness

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Store:
    """An open ledger database; ``place`` is how sentences name it."""

    engine: sa.Engine
    place: str
    care: Care


def open_file(path: Path, world: str, key: Callable[[Path], bytes], backups: int = KEPT) -> Store:
    """The ledger in that file, made if there never was one; ``key`` finds or makes what encrypts it.

    ``backups`` is how many are kept. Raises KnownError, leaving every file as it was, when
    it cannot be used. The file is checked while the desk starts, and before its first claim.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            f"The folder {path.parent} cannot be written ({error.strerror}).",
            "Check that you may write there, or choose another with --basedir.",
        ) from None
    disk.refuse_network(path.parent)
    witness = Witness(witness_file(path))
    _require_there(path, witness)
    secret = key(path)
    opened = engine.open_sqlite(path, secret)
    kept = Backups(path, secret, backups)
    prepare(opened, world, str(path), before_change=lambda: kept.make(opened))
    engine.make_private(path)
    ballast = disk.Ballast(path.with_name(path.name + ".ballast"))
    return Store(opened, str(path), FileCare(opened, path, witness, ballast, kept))


def open_server(url: str, password: str | None, world: str, desk: str, witness: Path) -> Store:
    """The ledger on that server, made if its database is empty; ``witness`` is a file of this computer.

    Raises KnownError when it cannot be used.
    """
    address = postgres.ledger_url(url, password)
    opened = postgres.open_postgres(address, f"PayDesk {desk}")
    place = postgres.place_of(address)
    prepare(opened, world, place)
    for sentence in postgres.advice(opened):
        log.warning("%s", sentence)
    return Store(opened, place, Care(opened, place, Witness(witness)))


@contextlib.contextmanager
def reading_file(path: Path, world: str, key: Callable[[Path], bytes]) -> Iterator[sa.Engine]:
    """The ledger in that file, as it is: not made, not upgraded, not joined by a desk. Raises KnownError."""
    _require_there(path, Witness(witness_file(path)))
    if not path.exists():
        raise KnownError(f"There is no ledger {path} yet.", "It is made when PayDesk is first started.")
    opened = engine.open_sqlite(path, key(path))
    try:
        require_current(opened, world, str(path))
        yield opened
    finally:
        opened.dispose()


@contextlib.contextmanager
def reading_server(url: sa.URL, world: str) -> Iterator[sa.Engine]:
    """The ledger on that server, as it is. Raises KnownError."""
    opened = postgres.open_postgres(url)
    try:
        require_current(opened, world, postgres.place_of(url))
        yield opened
    finally:
        opened.dispose()


def witness_file(ledger: Path) -> Path:
    """The file beside the ledger that knows its last event."""
    return ledger.with_name(ledger.name + ".head")


def _require_there(path: Path, witness: Witness) -> None:
    """A ledger that is gone must not be begun anew in silence: its payments would be forgotten."""
    head = witness.read()
    if head in (None, GENESIS) or (path.exists() and path.stat().st_size > 0):
        return
    raise LedgerDamaged(
        f"The ledger {path} is gone or empty, although payments were recorded in it.",
        "Restore the newest backup (docs/ledger.md, Restoring). To begin a new ledger all the same, "
        f"remove {witness_file(path).name} beside it.",
    )
