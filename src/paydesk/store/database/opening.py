"""Open the ledger that a desk's settings name: a file of this computer, or a server for several desks."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from paydesk.config.lock_file import alone_in
from paydesk.config.system_log import SystemLog
from paydesk.domain.world import TRAINING
from paydesk.store.database import disk, postgres, roles, sqlite, words
from paydesk.store.database.backup import KEPT, Backups
from paydesk.store.database.checkpoint import Checkpoint
from paydesk.store.database.head_file import HeadFile, Seat
from paydesk.store.database.maintenance import FileMaintenance, Maintenance
from paydesk.store.database.migrate import fingerprint_key, prepare, require_current
from paydesk.store.tables.events import GENESIS

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Store:
    """An open ledger database. ``place`` is its name in sentences.

    ``fingerprint_key`` is the key of the fingerprints of cards and accounts.
    """

    engine: sa.Engine
    place: str
    maintenance: Maintenance
    fingerprint_key: bytes = field(repr=False)


def open_file(path: Path, world: str, key: Callable[[Path], bytes], backups: int = KEPT) -> Store:
    """Open the ledger in that file, and create it if there never was one.

    ``key`` finds or makes the encryption key. ``backups`` is the number of backups to keep. Raises
    KnownError, and leaves every file as it was, if the ledger cannot be used. The file is checked
    while the desk starts, and before its first hold.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise words.folder_not_writable(path.parent, error) from None
    disk.refuse_shared(path.parent)
    head_file = HeadFile(head_file_of(path))
    with alone_in(path.parent):  # of two first starts, one makes key and ledger, and the other finds both
        _require_there(path, head_file)
        secret = key(path)
        opened = sqlite.open_sqlite(path, secret)
        kept = Backups(path, secret, backups)
        with _closed_if_refused(opened):
            prepare(opened, world, str(path), before_change=lambda: kept.make(opened))
            fingerprints = fingerprint_key(opened, str(path), secret)
            sqlite.make_private(path)
            head_file.begin(opened, str(path))
    checkpoint = Checkpoint(path.with_name(path.name + ".checked"))
    spare = disk.SpareSpace(path.with_name(path.name + ".spare"))
    maintenance = FileMaintenance(opened, path, head_file, checkpoint, _system_log(world), spare, kept)
    return Store(opened, str(path), maintenance, fingerprints)


def open_server(url: str, password: str | None, world: str, seat: Seat, head_path: Path) -> Store:
    """Open the ledger on that server. Its owner has built its tables.

    ``head_path`` is a file of this computer. Raises KnownError if the ledger cannot be used, or if this role
    could change its history.
    """
    address = postgres.ledger_url(url, password)
    opened = postgres.open_postgres(address, f"PayDesk {seat.desk}")
    place = postgres.place_of(address)
    with _closed_if_refused(opened):
        roles.require_desk_role(opened, place)
        require_current(opened, world, place)
        fingerprints = fingerprint_key(opened, place, (password or "").encode())
        for sentence in postgres.advice(opened):
            log.warning("%s", sentence)
        head_file = HeadFile(head_path, seat)
        with alone_in(head_path.parent):
            head_file.begin(opened, place)
    checkpoint = Checkpoint(head_path.with_name(head_path.name + ".checked"))
    maintenance = Maintenance(opened, place, head_file, checkpoint, _system_log(world))
    return Store(opened, place, maintenance, fingerprints)


@contextlib.contextmanager
def as_owner(url: sa.URL, owner: str, password: str | None, world: str) -> Iterator[sa.Engine]:
    """Build or upgrade the tables of the ledger on that server, and give the role in ``url`` its rights.

    Then yields a connection of the owner. Raises KnownError.
    """
    desk, place = str(url.username), postgres.place_of(url)
    if owner == desk:
        raise words.one_role(owner)
    opened = postgres.open_postgres(url.set(username=owner, password=password))
    try:
        prepare(opened, world, place)
        roles.grant(opened, place, desk)
        yield opened
    finally:
        opened.dispose()


def _system_log(world: str) -> SystemLog | None:
    """Return the system's log, or None in training, where no money moves."""
    return None if world == TRAINING.name else SystemLog()


@contextlib.contextmanager
def _closed_if_refused(opened: sa.Engine) -> Iterator[None]:
    """Close the engine on an error: a person may correct the settings and try again in the same process."""
    try:
        yield
    except BaseException:
        opened.dispose()
        raise


@contextlib.contextmanager
def reading_file(path: Path, world: str, key: Callable[[Path], bytes]) -> Iterator[sa.Engine]:
    """Open the ledger in that file for reading, without creation, upgrade or desk session.

    Raises KnownError if it cannot be used.
    """
    _require_there(path, HeadFile(head_file_of(path)))
    if not path.exists():
        raise words.no_ledger(path)
    opened = sqlite.open_sqlite(path, key(path))
    try:
        require_current(opened, world, str(path))
        yield opened
    finally:
        opened.dispose()


@contextlib.contextmanager
def reading_server(url: sa.URL, world: str) -> Iterator[sa.Engine]:
    """Open the ledger on that server for reading. Raises KnownError."""
    opened = postgres.open_postgres(url)
    try:
        require_current(opened, world, postgres.place_of(url))
        yield opened
    finally:
        opened.dispose()


def head_file_of(ledger: Path) -> Path:
    """Return the file beside the ledger that holds the hash of its last event."""
    return ledger.with_name(ledger.name + ".head")


def _require_there(path: Path, head_file: HeadFile) -> None:
    """Raise LedgerDamaged if the ledger is gone: a new one in its place would forget its payments."""
    head = head_file.read()
    if head in (None, GENESIS) or (path.exists() and path.stat().st_size > 0):
        return
    raise words.gone(path, head_file_of(path))
