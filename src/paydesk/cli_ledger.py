"""The commands that look after the ledger itself: check it, move it to a server."""

from __future__ import annotations

import argparse
import contextlib
import platform
from collections.abc import Iterator
from typing import TYPE_CHECKING

from paydesk.domain.errors import KnownError
from paydesk.keys import KeyStore
from paydesk.paths import Paths
from paydesk.settings import TRAINING, Settings, user_name
from paydesk.settings_file import load

if TYPE_CHECKING:
    import sqlalchemy as sa


def add_verify(parser: argparse.ArgumentParser) -> None:
    """``paydesk verify``."""
    parser.add_argument(
        "--accept",
        action="store_true",
        help="a backup was restored: from now on this ledger counts as complete",
    )
    parser.set_defaults(command=_verify)


def add_move(parser: argparse.ArgumentParser) -> None:
    """``paydesk move-ledger``."""
    parser.set_defaults(command=_move)


def _verify(options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.store import verify
    from paydesk.store.opening import witness_file
    from paydesk.store.witness import Witness

    witness = Witness(witness_file(paths.ledger))
    with _ledger(paths) as (engine, place):
        report = verify.verify(engine, place, witness)
        for sentence in report.still_open:
            print(f"Open: {sentence}")
        if options.accept and report.short and len(report.wrong) == 1:
            verify.accept(engine, place, witness, (_settings(paths).desk, user_name()))
            print("From now on this ledger counts as complete. Run `paydesk reconcile`, and compare its")
            print("payments with AndDone's list before you take another one.")
            report = verify.verify(engine, place, witness)
        for sentence in report.wrong:
            print(sentence)
        print(report.summary)
        return 1 if report.wrong else 0


def _move(_options: argparse.Namespace, paths: Paths) -> int:
    from paydesk.store import move, postgres
    from paydesk.store.desk_locks import DeskLocks
    from paydesk.store.migrate import prepare
    from paydesk.store.opening import reading_file, witness_file
    from paydesk.store.verify import verify
    from paydesk.store.witness import Witness

    keys = KeyStore(paths.keys)
    settings = _settings(paths)
    if not settings.ledger_url:
        raise KnownError(
            "The settings do not say where to: ledger_url is not set.",
            "Set it to an empty PostgreSQL database (docs/ledger.md), and start the move again.",
        )
    url = postgres.ledger_url(settings.ledger_url, keys.get("ledger-password"))
    place = postgres.place_of(url)
    with reading_file(paths.ledger, settings.world, keys.ledger_key) as source:
        target = postgres.open_postgres(url)
        try:
            prepare(target, settings.world, place)
            counts = move.move(
                move.Place(source, str(paths.ledger)),
                move.Place(target, place),
                DeskLocks(paths.desks, platform.node()),
            )
            report = verify(target, place, Witness(witness_file(paths.ledger)))
        finally:
            target.dispose()
    print(f"Moved to {place}: {counts['payment']:,} payments, {counts['invoice']:,} invoices.")
    for sentence in report.wrong:
        print(sentence)
    print(report.summary)
    return 1 if report.wrong else 0


@contextlib.contextmanager
def _ledger(paths: Paths) -> Iterator[tuple[sa.Engine, str]]:
    """The ledger the settings name, for reading."""
    from paydesk.store import postgres
    from paydesk.store.opening import reading_file, reading_server

    keys = KeyStore(paths.keys)
    settings = _settings(paths)
    if settings.ledger_url:
        url = postgres.ledger_url(settings.ledger_url, keys.get("ledger-password"))
        with reading_server(url, settings.world) as engine:
            yield engine, postgres.place_of(url)
    else:
        with reading_file(paths.ledger, settings.world, keys.ledger_key) as engine:
            yield engine, str(paths.ledger)


def _settings(paths: Paths) -> Settings:
    return Settings(world=TRAINING) if paths.training else load(paths.settings)
