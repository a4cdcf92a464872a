"""Processes that start in one new folder at the same instant, and processes that die in a first start."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from paydesk.config import keys
from paydesk.config.clock import SystemClock
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.world import LIVE
from paydesk.store.database import migrate, opening, sqlite
from paydesk.store.database.opening import open_file
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.keychain import keychain_of
from tests.proofs.races.racer import WAIT_S


class Place(StrEnum):
    """The place of the keys."""

    FILE = "file"
    KEYCHAIN = "keychain"


class FolderKeychain(KeyringBackend):
    """A keychain that all processes share. It takes a moment, as real ones do."""

    priority = 1

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(0.002)
        with contextlib.suppress(FileNotFoundError):
            return (self._folder / username).read_text() or None
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(0.002)
        fresh = self._folder / f"{username}.{os.getpid()}"
        fresh.write_text(password)
        fresh.replace(self._folder / username)

    def delete_password(self, service: str, username: str) -> None:
        if not (self._folder / username).exists():
            raise PasswordDeleteError
        (self._folder / username).unlink()


def prepared(base: Path, place: Place) -> Paths:
    """Make the folder of a desk that was never started. Its people have chosen where keys are."""
    base.mkdir(parents=True)
    paths = Paths(base)
    if place is Place.FILE:
        KeyStore.of(paths).set("ams360-app-key", "chosen", in_file=True)
    return paths


@contextlib.contextmanager
def keychain_in(paths: Paths) -> Any:
    """Let the folder's own keychain be this computer's."""
    with keychain_of(FolderKeychain(paths.base.with_name(f"{paths.base.name}-chain"))):
        yield


def start(paths: Paths, name: str) -> str:
    """Start a desk as the program does, write one event, and close it. Returns "" or what was said."""
    try:
        store = open_file(paths.ledger_of(LIVE), LIVE.name, KeyStore.of(paths).ledger_key)
        ledger = SqlLedger(
            store.engine,
            SystemClock(),
            desk=name,
            user="Dana",
            host="test",
            path=store.place,
            maintenance=store.maintenance,
        )
        ledger.note(None, EventKind.IDENTIFIED, {"customer": "1001", "by": name})
        store.maintenance.before_hold()
        ledger.close()
    except KnownError as error:
        return f"{error.sentence} {error.next_step}"
    return ""


def set_keys(paths: Paths, name: str) -> str:
    """Set five keys, as ``paydesk set-key`` does. Returns "" or what was said."""
    try:
        for turn in range(5):
            KeyStore.of(paths).set(f"{name}-{turn}", name, in_file=True)
    except KnownError as error:
        return f"{error.sentence} {error.next_step}"
    return ""


def runner(
    act: Callable[[Paths, str], str], name: str, folders: list[Paths], together: threading.Barrier, said: Any
) -> None:
    """Act in each folder, at the same instant as the other processes."""
    for paths in folders:
        with keychain_in(paths):
            together.wait(WAIT_S)
            try:
                answer = act(paths, name)
            except Exception as error:
                answer = f"crash: {error!r}"
            said.put((paths.base.name, name, answer))


def _dies(*_: object, **__: object) -> None:
    os._exit(9)


def _after(owner: Any, name: str) -> None:
    real = getattr(owner, name)

    def dying(*given: Any, **named: Any) -> None:
        real(*given, **named)
        os._exit(9)

    setattr(owner, name, dying)


def _empty_id(_path: Path, _data: bytes) -> None:
    _path.touch()
    os._exit(9)


POINTS: dict[str, Callable[[], None]] = {
    "locked": lambda: setattr(opening, "_require_there", _dies),
    "id being written": lambda: setattr(keys, "write_new", _empty_id),
    "id written": lambda: _after(keys, "write_new"),
    "key being stored": lambda: setattr(KeyStore, "_set", _dies),
    "key stored": lambda: _after(KeyStore, "_set"),
    "ledger opened": lambda: _after(sqlite, "_set_pragmas"),
    "tables being made": lambda: _after(migrate, "_upgrade"),
    "tables made": lambda: _after(opening, "prepare"),
}
"""Moments of a first start, each with what makes the process die there."""


def doomed(paths: Paths, point: str) -> None:
    """Start a desk and die at that point."""
    POINTS[point]()
    with keychain_in(paths):
        start(paths, "Doomed")
