"""What ``paydesk doctor`` looks at, from the settings to the printer; it changes nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from paydesk.clock import SystemClock
from paydesk.domain.errors import KnownError
from paydesk.gateways.ams360_session import EmsConfig
from paydesk.keys import NAMES, KeyStore
from paydesk.paths import Paths
from paydesk.services.doctor import (
    Check,
    Finding,
    Level,
    backup_finding,
    clock_finding,
    examine,
    fees_finding,
    printer_finding,
    well,
)
from paydesk.settings import Settings, training_settings
from paydesk.settings_file import load, with_choices
from paydesk.store import disk, engine, migrate, postgres, schema
from paydesk.store.backup import KEPT, Backups
from paydesk.store.trouble import trouble_in_words

_ANDDONE_KEYS = ("anddone-api-key", "anddone-app-key")
_AMS360_KEYS = ("ams360-app-key", "ams360-access-key")


@dataclass(frozen=True, slots=True)
class Patient:
    """A desk as it is installed: nothing of it has been opened."""

    paths: Paths
    settings: Settings
    keys: dict[str, str]


@contextlib.contextmanager
def installed(paths: Paths) -> Iterator[Patient]:
    """The desk under ``paths``; a training desk gets emulators of its own. Raises KnownError."""
    if not paths.training:
        store = KeyStore(paths.keys)
        yield Patient(paths, load(paths.settings), {name: store.get(name) or "" for name in NAMES})
        return
    from paydesk.sandbox import keys
    from paydesk.sandbox.sandbox import Sandbox

    with Sandbox(today=datetime.now(UTC).date()) as sandbox:
        usual = training_settings(
            sandbox.anddone_url,
            sandbox.ams360_url,
            keys.ANDDONE_ORIGIN,
            keys.AMS360_AGENCY_NO,
            keys.AMS360_BANK,
        )
        yield Patient(
            paths,
            with_choices(usual, paths.training_choices, sandbox.wsapi_url, keys.WSAPI_LOGIN_ID),
            {
                "anddone-api-key": keys.ANDDONE_API_KEY,
                "anddone-app-key": keys.ANDDONE_APP_KEY,
                "ams360-app-key": keys.AMS360_APP_KEY,
                "ams360-access-key": keys.AMS360_ACCESS_KEY,
                "wsapi-password": keys.WSAPI_PASSWORD,
            },
        )


def check_up(paths: Paths) -> Iterator[Finding]:
    """Every finding of this desk, as soon as it is known."""
    try:
        with installed(paths) as patient:
            yield well(
                "Settings",
                "training desk: its settings are built in." if paths.training else f"{paths.settings}",
            )
            yield from examine(_checks(patient))
    except KnownError as error:
        yield Finding("Settings", Level.DO, error.sentence, error.next_step)


def _checks(patient: Patient) -> list[tuple[str, Check]]:
    return [
        ("Keys", lambda: _keys(patient)),
        ("Fees", lambda: [fees_finding(patient.settings.tariff)]),
        ("Ledger", lambda: _ledger(patient)),
        ("Backups", lambda: _backups(patient)),
        ("Clock", lambda: _clock(patient)),
        ("AMS360", lambda: _ams360(patient)),
        ("WSAPI", lambda: _wsapi(patient)),
        ("AndDone", lambda: _anddone(patient)),
        ("Printer", _printer),
    ]


# ---- keys ----------------------------------------------------------------------------------


def _keys(patient: Patient) -> Iterator[Finding]:
    missing = [name for name in _wanted(patient.settings) if not patient.keys.get(name)]
    for name in missing:
        yield Finding("Keys", Level.DO, f"{name} is not set.", f"paydesk set-key {name}   ({NAMES[name]})")
    if not missing:
        yield well("Keys", "all are set.")
    yield from _key_file(patient.paths)


def _wanted(settings: Settings) -> list[str]:
    """The keys this desk cannot do without."""
    return [
        *_ANDDONE_KEYS,
        *(_AMS360_KEYS if settings.needs_ems else ()),
        *(["wsapi-password"] if settings.wsapi.login_id else []),
        *(["ledger-password"] if settings.ledger_url else []),
    ]


def _key_file(paths: Paths) -> Iterator[Finding]:
    """Keys in a file are readable for whoever gets at this user's files: worth knowing."""
    if not paths.keys.exists():
        return
    if os.name == "posix" and paths.keys.stat().st_mode & 0o077:
        yield Finding("Keys", Level.DO, f"Others can read {paths.keys}.", f"chmod 600 {paths.keys}")
    yield Finding(
        "Keys",
        Level.NOTE,
        f"They are in the file {paths.keys}: this system had no keychain.",
        "Keep the disk encrypted, and copy that file with the backups: without it no backup opens.",
    )


# ---- ledger --------------------------------------------------------------------------------


def _ledger(patient: Patient) -> Iterator[Finding]:
    if patient.settings.ledger_url:
        yield from _server(patient)
        return
    disk.refuse_network(patient.paths.base)
    path = patient.paths.ledger
    if not path.exists():
        yield Finding(
            "Ledger", Level.NOTE, f"{path} is not there yet.", "The first start of the desk makes it."
        )
        return
    opened = engine.open_sqlite(path, KeyStore(patient.paths.keys).ledger_key(path))
    try:
        with trouble_in_words(str(path)), opened.execution_options(**engine.READ).connect() as held:
            yield from _schema(held, patient, str(path))
            mode = held.exec_driver_sql("PRAGMA journal_mode").scalar()
            sync = held.exec_driver_sql("PRAGMA synchronous").scalar()
    finally:
        opened.dispose()
    version = ".".join(str(part) for part in engine.driver().sqlite_version_info)
    durable = {2: "FULL", 3: "EXTRA"}.get(int(sync or 0), str(sync))
    yield well("Ledger", f"{path}: SQLite {version}, journal {mode}, synchronous {durable}, local disk.")
    if engine.is_plain(path) or engine.driver().__name__.startswith("sqlite3"):
        yield Finding(
            "Ledger", Level.NOTE, "It is not encrypted.", "Keep the disk of this computer encrypted."
        )
    else:
        yield well("Ledger", "encrypted; its key is kept with the other keys.")


def _server(patient: Patient) -> Iterator[Finding]:
    address = postgres.ledger_url(patient.settings.ledger_url, patient.keys.get("ledger-password") or None)
    opened, place = postgres.open_postgres(address), postgres.place_of(address)
    try:
        with trouble_in_words(place):
            with opened.connect() as held:
                yield from _schema(held, patient, place)
            yield well("Ledger", f"{place}: PostgreSQL, durable.")
            for sentence in postgres.advice(opened):
                yield Finding("Ledger", Level.NOTE, sentence, "Tell your administrator.")
    finally:
        opened.dispose()


def _schema(connection: sa.Connection, patient: Patient, place: str) -> Iterator[Finding]:
    if "info" not in sa.inspect(connection).get_table_names():
        yield Finding("Ledger", Level.NOTE, f"{place} is empty.", "The first start of the desk fills it.")
        return
    world = connection.execute(sa.select(schema.info.c.value).where(schema.info.c.key == "world")).scalar()
    version = migrate.version_of(connection)
    if world != patient.settings.world:
        yield Finding("Ledger", Level.DO, f"{place} belongs to the {world} desk.", "Choose the other ledger.")
    if version != schema.HEAD:
        yield Finding(
            "Ledger", Level.NOTE, f"It has version {version} of {schema.HEAD}.", "The next start updates it."
        )


def _backups(patient: Patient) -> Iterable[Finding]:
    if patient.settings.ledger_url:
        return [
            Finding(
                "Backups",
                Level.NOTE,
                "The ledger's server is not backed up by PayDesk.",
                "Ask its administrator.",
            )
        ]
    backups = Backups(patient.paths.ledger, None, KEPT)
    made = backups.made()
    newest = datetime.fromtimestamp(made[-1].stat().st_mtime, UTC) if made else None
    return [backup_finding(newest, datetime.now(UTC), str(backups.folder), len(made))]


# ---- the two services ----------------------------------------------------------------------


def _clock(patient: Patient) -> Iterator[Finding]:
    if patient.paths.training:
        return  # the emulators' clock is this computer's
    from paydesk.gateways.server_clock import server_time

    settings = patient.settings
    servers = [("AMS360", settings.ams360.base_url)] if settings.needs_ems else []
    for name, url in [*servers, ("AndDone", settings.anddone.base_url)]:
        try:
            yield clock_finding(name, server_time(url, name), datetime.now(UTC))
        except KnownError as error:
            yield Finding("Clock", Level.NOTE, error.sentence, "Compare this computer's clock by hand.")


def _ams360(patient: Patient) -> Iterable[Finding]:
    if not patient.settings.needs_ems:
        return [
            Finding(
                "AMS360",
                Level.NOTE,
                "It is not asked: invoices come from imported files.",
                "Import the open receivables again as often as they change: paydesk import FILE",
            )
        ]
    from paydesk.gateways.ams360_ems import Ams360Ems

    _need(patient, *_AMS360_KEYS)
    Ams360Ems(ems_config(patient)).customer("1")  # any number: what counts is that it answers
    return [well("AMS360", f"{patient.settings.ams360.base_url} let PayDesk log in and answers.")]


def _wsapi(patient: Patient) -> Iterator[Finding]:
    """Where the agency has such a login: that it works, and that receipts name a bank there is."""
    settings = patient.settings
    if not settings.wsapi.login_id:
        return
    from paydesk.gateways.ams360_wsapi import Ams360Wsapi, WsapiConfig

    _need(patient, "wsapi-password")
    config = WsapiConfig(
        agency_no=settings.ams360.agency_no,
        login_id=settings.wsapi.login_id,
        password=patient.keys["wsapi-password"],
        base_url=settings.wsapi.base_url,
    )
    with contextlib.closing(Ams360Wsapi(config, SystemClock().now)) as wsapi:
        agency, banks = wsapi.check(), {bank.short_name for bank in wsapi.banks()}
    yield well("WSAPI", f"{settings.wsapi.base_url} let PayDesk log in to {agency}.")
    bank = settings.posting.bank_short_name
    if bank and bank not in banks:
        known = ", ".join(sorted(banks)) or "none"
        yield Finding(
            "WSAPI",
            Level.DO,
            f"AMS360 has no bank {bank} in use.",
            f"Set posting.bank_short_name to one of its banks: {known}.",
        )


def _anddone(patient: Patient) -> Iterable[Finding]:
    from paydesk.gateways.anddone import AndDone, AndDoneConfig

    _need(patient, *_ANDDONE_KEYS)
    settings = patient.settings.anddone
    config = AndDoneConfig(
        base_url=settings.base_url,
        api_key=patient.keys["anddone-api-key"],
        app_key=patient.keys["anddone-app-key"],
        origin=settings.origin,
        connect_timeout_s=settings.connect_timeout_s,
        read_timeout_s=settings.read_timeout_s,
        desk=patient.settings.desk,
    )
    today = SystemClock().now().date()
    AndDone(config).charges(today, today)
    return [well("AndDone", f"{settings.base_url} accepts the keys and answers.")]


def ems_config(patient: Patient) -> EmsConfig:
    """How this desk reaches AMS360."""
    settings = patient.settings.ams360
    return EmsConfig(
        base_url=settings.base_url,
        app_key=patient.keys["ams360-app-key"],
        agency_no=settings.agency_no,
        access_key=patient.keys["ams360-access-key"],
        connect_timeout_s=settings.connect_timeout_s,
        read_timeout_s=settings.read_timeout_s,
        names=settings.names,
        lines_show_receipts=settings.lines_show_receipts,
    )


def _need(patient: Patient, *names: str) -> None:
    if not all(patient.keys.get(name) for name in names):
        raise KnownError("It cannot be asked before its keys are set.", f"paydesk set-key {names[0]}")


def _printer() -> Iterable[Finding]:
    from paydesk.ui.printers import printer_names

    return [printer_finding(printer_names())]
