"""The checks of ``paydesk doctor``, from the settings to the printer. They change nothing."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import sqlalchemy as sa

from paydesk import COMMAND
from paydesk.config import keychain
from paydesk.config.clock import SystemClock
from paydesk.config.keychain import KeychainError, KeychainState
from paydesk.config.keys import IN_FILE, NAMES, KeyStore
from paydesk.config.paths import Paths
from paydesk.config.settings import user_name
from paydesk.domain.errors import KnownError
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.domain.world import WorldKind
from paydesk.services.desk.doctor import (
    Check,
    Finding,
    Level,
    backup_finding,
    card_entry_finding,
    clock_finding,
    examine,
    fees_finding,
    host_finding,
    posting_finding,
    printer_finding,
    well,
    world_finding,
)
from paydesk.store.database import cloud_folders, disk, migrate, postgres, roles, sqlite, words
from paydesk.store.database.backup import KEPT, Backups
from paydesk.store.database.errors import known_errors
from paydesk.store.database.head_file import HeadFile, Seat
from paydesk.store.database.opening import head_file_of
from paydesk.store.tables import schema
from paydesk.wiring import gateways, known_ledgers
from paydesk.wiring.environment import Environment, environment


def check_up(paths: Paths) -> Iterator[Finding]:
    """Yield each finding of this desk as soon as it is known."""
    try:
        with environment(paths) as found:
            yield well(
                "Settings",
                "training desk: its settings are built in." if paths.training else f"{paths.settings}",
            )
            yield from examine(_checks(found))
    except KnownError as error:
        yield Finding("Settings", Level.DO, error.sentence, error.for_admin)


def _card_entry(around: Environment) -> Finding:
    anddone = around.settings.anddone
    return card_entry_finding(anddone.typed, anddone.offer_kinds)


def _checks(around: Environment) -> list[tuple[str, Check]]:
    return [
        ("Keys", lambda: _keys(around)),
        ("Fees", lambda: [fees_finding(around.settings.fee_schedule)]),
        ("Card entry", lambda: [_card_entry(around)]),
        ("Ledger", lambda: _with_keys(around, "Ledger", _ledger)),
        ("Account", lambda: _account(around)),
        ("Backups", lambda: _backups(around)),
        ("Clock", lambda: _clock(around)),
        (AGENCY_SYSTEM.name, lambda: _with_keys(around, AGENCY_SYSTEM.name, _agency_system)),
        ("WSAPI", lambda: _with_keys(around, "WSAPI", _wsapi)),
        (PROCESSOR.name, lambda: _with_keys(around, PROCESSOR.name, _processor)),
        ("Printer", _printer),
        ("World", lambda: _world(around)),  # last, just above the summary, where nobody overlooks it
    ]


# ---- keys ----------------------------------------------------------------------------------


def _with_keys(
    around: Environment, about: str, check: Callable[[Environment], Iterable[Finding]]
) -> Iterator[Finding]:
    """Run a check that may need keys. The check of the keys has named a keychain that is shut."""
    try:
        yield from check(around)
    except KeychainError as error:
        if around.keys.error is None:
            raise
        yield Finding(about, Level.NOTE, f"Not checked. {error.said}.", "See Keys.")


def _keys(around: Environment) -> Iterator[Finding]:
    password = ["ledger-password"] if around.settings.ledger_url else []
    missing = [name for name in [*around.needed_keys, *password] if not around.keys.get(name)]
    for name in missing:
        yield Finding("Keys", Level.DO, f"{name} is not set.", f"{COMMAND} set-key {name}   ({NAMES[name]})")
    if missing and _without_keychain(missing[0]):
        yield Finding(
            "Keys",
            Level.NOTE,
            "This computer has no keychain now.",
            f"To keep keys in clear text in {around.paths.keys}, add {IN_FILE} to {COMMAND} set-key.",
        )
    if not missing:
        yield well("Keys", "all are set.")
    if not around.paths.training:
        yield from _key_file(around.paths)


def _key_file(paths: Paths) -> Iterator[Finding]:
    """Check the key file. Anyone who can read this user's files can read keys in it."""
    if not paths.keys.exists():
        return
    if os.name == "posix" and paths.keys.stat().st_mode & 0o077:
        yield Finding("Keys", Level.DO, f"Others can read {paths.keys}.", f"chmod 600 {paths.keys}")
    service = cloud_folders.service_of(paths.base)
    if service is not None:
        yield Finding(
            "Keys",
            Level.DO,
            f"{service} copies the keys in {paths.keys} to its servers.",
            "Move PayDesk's folder to a place that is not synchronized, and start with --basedir.",
        )
    names = KeyStore.of(paths).in_file()
    yield Finding(
        "Keys",
        Level.NOTE,
        f"{', '.join(names)}: in clear text in {paths.keys}, as someone chose.",
        "Keep the disk encrypted, and copy that file with the backups: without it no backup opens.",
    )
    older = [name for name in names if _in_keychain(name)]
    if older:
        yield Finding(
            "Keys",
            Level.NOTE,
            f"The keychain also has {', '.join(older)}. The file's count, because they are newer.",
            f"Remove those of PayDesk from the keychain, or run {COMMAND} set-key again.",
        )


def _without_keychain(name: str) -> bool:
    try:
        keychain.read(name)
    except KeychainError as error:
        return error.state is KeychainState.ABSENT
    return False


def _in_keychain(name: str) -> bool:
    try:
        return keychain.read(name) is not None
    except KeychainError:
        return False


# ---- ledger --------------------------------------------------------------------------------


def _ledger(around: Environment) -> Iterator[Finding]:
    if around.settings.ledger_url:
        yield from _server(around)
        return
    disk.refuse_shared(around.paths.base)
    path = around.paths.ledger_of(around.settings.world)
    if not path.exists():
        yield Finding(
            "Ledger", Level.NOTE, f"{path} doesn't exist yet.", "PayDesk creates it at its first start."
        )
        return
    if around.keys.error is not None:
        raise around.keys.error  # the keychain would only ask the person again
    opened = sqlite.open_sqlite(path, KeyStore.of(around.paths).ledger_key(path))
    try:
        with known_errors(str(path)), opened.execution_options(**sqlite.READ).connect() as held:
            yield from _schema(held, around, str(path))
            yield from _head(held, HeadFile(head_file_of(path)), str(path))
            mode = held.exec_driver_sql("PRAGMA journal_mode").scalar()
            sync = held.exec_driver_sql("PRAGMA synchronous").scalar()
    finally:
        opened.dispose()
    version = ".".join(str(part) for part in sqlite.driver().sqlite_version_info)
    durable = {2: "FULL", 3: "EXTRA"}.get(int(sync or 0), str(sync))
    yield well("Ledger", f"{path}: SQLite {version}, journal {mode}, synchronous {durable}, local disk.")
    if sqlite.is_plain(path) or sqlite.driver().__name__.startswith("sqlite3"):
        yield Finding(
            "Ledger", Level.NOTE, "It is not encrypted.", "Keep the disk of this computer encrypted."
        )
    else:
        yield well("Ledger", "encrypted; its key is kept with the other keys.")


def _server(around: Environment) -> Iterator[Finding]:
    address = postgres.ledger_url(around.settings.ledger_url, around.keys.get("ledger-password") or None)
    opened, place = postgres.open_postgres(address), postgres.place_of(address)
    try:
        with known_errors(place):
            with opened.connect() as held:
                yield from _schema(held, around, place)
                yield from _head(held, _head_file(around), place)
                yield from _rights(held, place)
            yield well("Ledger", f"{place}: PostgreSQL, durable.")
            for sentence in postgres.advice(opened):
                yield Finding("Ledger", Level.NOTE, sentence, "Tell your administrator.")
    finally:
        opened.dispose()


def _rights(connection: sa.Connection, place: str) -> Iterator[Finding]:
    """Check that this role has exactly the rights of a desk."""
    role = str(connection.exec_driver_sql("SELECT session_user").scalar())
    reason = roles.forbidden(connection, role)
    if reason:
        error = words.role_too_wide(place, role, reason)
        yield Finding("Ledger", Level.DO, error.sentence, error.for_admin)
        return
    if "info" not in sa.inspect(connection).get_table_names():
        return
    wide, lacking = roles.differences(connection, role)
    for verb, rights in (("has rights that no desk needs", wide), ("lacks rights of a desk", lacking)):
        if rights:
            said = f"{role} {verb}: {', '.join(rights)}."
            yield Finding("Ledger", Level.DO, said, words.OWNER_PREPARES)
    if not wide and not lacking:
        yield well("Ledger", f"{role} can neither change events nor alter tables.")


def _head_file(around: Environment) -> HeadFile:
    settings = around.settings
    seat = Seat(settings.desk, settings.user, platform.node())
    return HeadFile(head_file_of(around.paths.ledger_of(settings.world)), seat)


def _head(connection: sa.Connection, head_file: HeadFile, place: str) -> Iterator[Finding]:
    """Check that the ledger has the last event that was recorded outside it."""
    if "event" not in sa.inspect(connection).get_table_names():
        return
    fault = head_file.fault_in(connection)
    if fault is not None:
        error = head_file.error(fault, place)
        yield Finding("Ledger", Level.DO, error.sentence, error.for_admin)


def _schema(connection: sa.Connection, around: Environment, place: str) -> Iterator[Finding]:
    if "info" not in sa.inspect(connection).get_table_names():
        server = connection.dialect.name == "postgresql"
        step = words.OWNER_PREPARES if server else "PayDesk fills it at its first start."
        yield Finding("Ledger", Level.NOTE, f"{place} is empty.", step)
        return
    world = connection.execute(sa.select(schema.info.c.value).where(schema.info.c.key == "world")).scalar()
    version = migrate.version_of(connection)
    if world != around.settings.world.name:
        error = words.other_world(place, world, around.settings.world.name)
        yield Finding("Ledger", Level.DO, error.sentence, error.for_admin)
    if version != schema.HEAD:
        server = connection.dialect.name == "postgresql"
        step = words.OWNER_PREPARES if server else "The next start updates it."
        yield Finding("Ledger", Level.NOTE, f"It has version {version} of {schema.HEAD}.", step)


def _account(around: Environment) -> Iterator[Finding]:
    """Say whose ledger this is, and which others this computer knows of."""
    settings = around.settings
    if settings.world.kind is not WorldKind.LIVE or settings.ledger_url:
        return
    path = around.paths.ledger_of(settings.world)
    yield well("Account", f"the ledger belongs to {user_name()} on this computer alone.")
    if os.environ.get("SESSIONNAME", "").upper().startswith(("RDP-", "ICA-")):
        yield Finding(
            "Account",
            Level.NOTE,
            "This is a session on another computer, by Remote Desktop or Citrix.",
            "If several people work there, use one ledger on a server (docs/windows.md).",
        )
    for other in known_ledgers.others(path):
        yield Finding(
            "Account",
            Level.NOTE if settings.own_ledger else Level.DO,
            f"This computer has another ledger: {other}.",
            "Neither knows the other's payments. Use one account, or one ledger on a server "
            "(docs/windows.md).",
        )


def _backups(around: Environment) -> Iterable[Finding]:
    if around.settings.ledger_url:
        return [
            Finding(
                "Backups",
                Level.NOTE,
                "The ledger's server is not backed up by PayDesk.",
                "Ask its administrator.",
            )
        ]
    backups = Backups(around.paths.ledger_of(around.settings.world), None, KEPT)
    made = backups.made()
    newest = datetime.fromtimestamp(made[-1].stat().st_mtime, UTC) if made else None
    return [backup_finding(newest, datetime.now(UTC), str(backups.folder), len(made))]


# ---- the two services ----------------------------------------------------------------------


def _clock(around: Environment) -> Iterator[Finding]:
    if around.paths.training:
        return  # the emulators use this computer's clock
    from paydesk.gateways.http.server_clock import server_time

    settings = around.settings
    servers = [(AGENCY_SYSTEM.name, settings.ams360.base_url)] if settings.needs_ems else []
    for name, url in [*servers, (PROCESSOR.name, settings.anddone.base_url)]:
        try:
            yield clock_finding(name, server_time(url, name), datetime.now(UTC))
        except KnownError as error:
            yield Finding("Clock", Level.NOTE, error.sentence, "Compare this computer's clock by hand.")


def _agency_system(around: Environment) -> Iterable[Finding]:
    ems = gateways.ems(around, SystemClock())
    if ems is None:
        return [
            Finding(
                AGENCY_SYSTEM.name,
                Level.NOTE,
                "Not used: invoices come from imported files.",
                f"Import the open receivables again as often as they change: {COMMAND} import FILE",
            )
        ]
    ems.customer("1")  # any number: only the answer counts
    return [well(AGENCY_SYSTEM.name, f"PayDesk can sign in at {around.settings.ams360.base_url}.")]


def _wsapi(around: Environment) -> Iterator[Finding]:
    """Check, if the agency has such a login, that it works, and that the bank for receipts exists."""
    settings = around.settings
    wsapi = gateways.wsapi(around, SystemClock())
    if wsapi is None:
        return
    with contextlib.closing(wsapi):
        agency, banks = wsapi.check(), {bank.short_name for bank in wsapi.banks()}
    yield well("WSAPI", f"PayDesk can sign in to {agency} at {settings.wsapi.base_url}.")
    bank = settings.posting.bank_short_name
    if bank and bank not in banks:
        known = ", ".join(sorted(banks)) or "none"
        yield Finding(
            "WSAPI",
            Level.DO,
            f"{AGENCY_SYSTEM.name} has no bank {bank} in use.",
            f"Set posting.bank_short_name to one of its banks: {known}.",
        )


def _processor(around: Environment) -> Iterator[Finding]:
    """Check that the processor answers, and that PayDesk can read today's list of payments in full."""
    today = SystemClock().now().date()
    charges = gateways.processor(around).charges(today, today)
    yield well(PROCESSOR.name, f"{around.settings.anddone.base_url} accepts PayDesk's keys.")
    odd = sum(1 for charge in charges if charge.texts)
    if odd:
        yield Finding(
            PROCESSOR.name,
            Level.NOTE,
            f"PayDesk cannot read {odd} of today's {len(charges)} payments in its list in full.",
            f"Such a payment stops only invoices that it may name. Show support: {COMMAND} doctor --anddone",
        )


def _world(around: Environment) -> Iterator[Finding]:
    settings = around.settings
    if not settings.training:
        if settings.needs_ems:
            yield from host_finding(settings.ams360.base_url, "ams360.base_url")
        if settings.wsapi.login_id:
            yield from host_finding(settings.wsapi.base_url, "wsapi.base_url")
    yield from posting_finding(settings.world, settings.posting.channel)
    yield world_finding(settings.world)


def _printer() -> Iterable[Finding]:
    from paydesk.ui.receipt.printers import printer_names

    return [printer_finding(printer_names())]
