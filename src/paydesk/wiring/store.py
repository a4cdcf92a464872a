"""Open the ledger database of a desk, and the stores in it."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field

from paydesk.config.keys import KeyStore
from paydesk.domain.world import WorldKind
from paydesk.services.ports.clock import Clock
from paydesk.store.cache.cache import SqlCache
from paydesk.store.cache.imports import SqlImports
from paydesk.store.database.head_file import Seat
from paydesk.store.database.opening import Store, head_file_of, open_file, open_server
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.ledger.offer_journal import FileJournal, journal_of
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.wiring import known_ledgers
from paydesk.wiring.environment import Environment


@dataclass(frozen=True, slots=True)
class OpenStore:
    """The parts of one open ledger database. Closing ``ledger`` closes them all.

    ``fingerprint_key`` is the key of the fingerprints of cards and accounts.
    """

    ledger: SqlLedger
    outbox: SqlOutbox
    cache: SqlCache
    imports: SqlImports
    journal: FileJournal
    fingerprint_key: bytes = field(repr=False)


def open_store(environment: Environment, clock: Clock) -> OpenStore:
    """Open the database in the settings, and this desk's session in it.

    Raises KnownError, and leaves every file unchanged, if it cannot be used.
    """
    settings = environment.settings
    opened = _database(environment)
    who = (settings.desk, settings.user)
    ledger = SqlLedger(
        opened.engine,
        clock,
        desk=settings.desk,
        user=settings.user,
        host=platform.node(),
        path=opened.place,
        locks=environment.paths.desks,
        maintenance=opened.maintenance,
    )
    return OpenStore(
        ledger,
        SqlOutbox(ledger.transactions),
        SqlCache(opened.engine, opened.place),
        SqlImports(opened.engine, clock, who=who, path=opened.place),
        journal_of(environment.paths.ledger_of(settings.world)),
        opened.fingerprint_key,
    )


def _database(environment: Environment) -> Store:
    paths, settings = environment.paths, environment.settings
    ledger = paths.ledger_of(settings.world)
    if settings.ledger_url:
        return open_server(
            settings.ledger_url,
            environment.keys.get("ledger-password"),
            settings.world.name,
            Seat(settings.desk, settings.user, platform.node()),
            head_file_of(ledger),
        )
    live = settings.world.kind is WorldKind.LIVE
    if live and not settings.own_ledger:
        known_ledgers.require_only(ledger)
    key = KeyStore.of(paths).ledger_key
    opened = open_file(ledger, settings.world.name, key, settings.ledger_backups)
    if live:
        known_ledgers.tell(ledger)
    return opened
