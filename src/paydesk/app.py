"""Wiring: the one module that knows all others."""

from __future__ import annotations

import contextlib
import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from paydesk.domain.errors import KnownError

# All else is imported where it is used: the window is shown before the desk behind it is made.
if TYPE_CHECKING:
    from paydesk.domain.receipt import Paper, Receipt
    from paydesk.gateways.ams360_ems import Ams360Ems
    from paydesk.gateways.ams360_wsapi import Ams360Wsapi
    from paydesk.paths import Paths
    from paydesk.sandbox.sandbox import Sandbox
    from paydesk.services.desk import Desk
    from paydesk.services.ports import (
        Cache,
        Clock,
        InvoiceSource,
        Ledger,
        ReceiptSink,
        ReversingProcessor,
    )
    from paydesk.settings import Settings
    from paydesk.store.cache import InvoiceCache
    from paydesk.store.imports import SqlImports
    from paydesk.store.ledger import SqlLedger
    from paydesk.store.postings import SqlOutbox
    from paydesk.store.shelf import Shelf

BEAT_S = 30.0
"""How often a desk says that it is alive; a lease is twenty times as long."""

POST_S = 5.0
"""How often the outbox is looked through for receipts to post, in seconds."""

REFRESH_S = 4.0
"""How often a customer is read again in the background: two calls each, thirty in a minute."""

UPKEEP_S = 1.0
"""How often the cache's chores are looked after, in seconds."""

QUIT_WAIT_S = 90.0
"""A charge is answered or given up within this time; what is still open then, any desk takes over."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunningDesk:
    """A desk and what has to end with it; ``sandbox`` are a training desk's emulators."""

    desk: Desk
    close: Callable[[], None]
    sandbox: Sandbox | None = None


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What a desk stands in: its settings, its keys, and on a training desk the emulators."""

    settings: Settings
    anddone_keys: tuple[str, str]
    ams360_keys: tuple[str, str]
    wsapi_password: str
    sandbox: Sandbox | None = None


def open_desk(paths: Paths, *, seat: tuple[str, str] | None = None) -> RunningDesk:
    """Open the training or the live desk under ``paths``; ``seat`` names desk and user otherwise.

    Raises KnownError, leaving every file as it was, when settings, keys or ledger cannot be
    used. Takes a moment (imports, disk): not for the UI thread.
    """
    with contextlib.ExitStack() as opened:
        around = _training(opened, paths) if paths.training else _live(paths)
        if seat is not None:
            around = replace(around, settings=replace(around.settings, desk=seat[0], user=seat[1]))
        desk = _wire(opened, paths, around)
        return RunningDesk(desk, opened.pop_all().close, around.sandbox)


def _training(opened: contextlib.ExitStack, paths: Paths) -> _Surroundings:
    """The sandbox on free ports of this computer, and settings that point at it."""
    from zoneinfo import ZoneInfo

    from paydesk.sandbox import keys
    from paydesk.sandbox.sandbox import Sandbox
    from paydesk.settings import training_settings
    from paydesk.settings_file import with_choices

    zone = ZoneInfo(training_settings("", "", "", "").time_zone)
    sandbox = opened.enter_context(Sandbox(today=datetime.now(zone).date(), state=paths.sandbox))
    usual = training_settings(
        sandbox.anddone_url,
        sandbox.ams360_url,
        keys.ANDDONE_ORIGIN,
        keys.AMS360_AGENCY_NO,
        keys.AMS360_BANK,
    )
    return _Surroundings(
        with_choices(usual, paths.training_choices, sandbox.wsapi_url, keys.WSAPI_LOGIN_ID),
        (keys.ANDDONE_API_KEY, keys.ANDDONE_APP_KEY),
        (keys.AMS360_APP_KEY, keys.AMS360_ACCESS_KEY),
        keys.WSAPI_PASSWORD,
        sandbox,
    )


def _live(paths: Paths) -> _Surroundings:
    from paydesk.keys import KeyStore
    from paydesk.settings_file import load

    settings = load(paths.settings)
    store = KeyStore(paths.keys)
    return _Surroundings(
        settings,
        (store.need("anddone-api-key"), store.need("anddone-app-key")),
        (store.need("ams360-app-key"), store.need("ams360-access-key")) if settings.needs_ems else ("", ""),
        store.need("wsapi-password") if settings.wsapi.login_id else "",
    )


def _wire(
    opened: contextlib.ExitStack,
    paths: Paths,
    around: _Surroundings,
) -> Desk:
    from paydesk.clock import SystemClock
    from paydesk.gateways.ams360_posting import EmsReceipts
    from paydesk.gateways.ams_deposit import deposit_csv
    from paydesk.gateways.ams_files import ReportFile
    from paydesk.gateways.ams_rows import Converter
    from paydesk.gateways.anddone import AndDone, AndDoneConfig
    from paydesk.services.authorize import Authorize
    from paydesk.services.cached import CachedCharges
    from paydesk.services.clearing import BankDebits
    from paydesk.services.deposit import Deposits
    from paydesk.services.desk import Desk
    from paydesk.services.files_source import FilesSource
    from paydesk.services.forget import Forget
    from paydesk.services.importing import Importing
    from paydesk.services.lookup import Lookup
    from paydesk.services.post import Post
    from paydesk.services.receipts import Letterhead, Receipts
    from paydesk.services.reconcile import Reconcile
    from paydesk.services.refresh import Refresh
    from paydesk.services.search import Search
    from paydesk.services.upkeep import Upkeep
    from paydesk.settings import Source

    settings = around.settings
    clock: Clock = SystemClock()
    sql_ledger, cache, outbox, imports, shelf = _open_ledger(paths, settings, clock)
    opened.callback(sql_ledger.close)
    opened.enter_context(_every(BEAT_S, sql_ledger.beat, "heartbeat"))
    ledger: Ledger = sql_ledger
    invoices: Cache = cache
    anddone = AndDone(
        AndDoneConfig(
            base_url=settings.anddone.base_url,
            api_key=around.anddone_keys[0],
            app_key=around.anddone_keys[1],
            origin=settings.anddone.origin,
            connect_timeout_s=settings.anddone.connect_timeout_s,
            read_timeout_s=settings.anddone.read_timeout_s,
            desk=settings.desk,
        )
    )
    processor: ReversingProcessor = anddone
    wsapi = _wsapi(opened, settings, around.wsapi_password, clock)
    files = FilesSource(invoices, imports, wsapi)
    ems = _ems(settings, around.ams360_keys, clock) if settings.needs_ems else None
    live = ems if ems is not None and settings.ams360.source is Source.EMS else None
    source: InvoiceSource = live or files
    bank = settings.posting.bank_short_name
    sink: ReceiptSink | None = None
    if ems is not None:
        sink = EmsReceipts(ems, bank=bank, time_zone=settings.time_zone, now=clock.now)
    rules, zone = settings.posting.rules, settings.time_zone
    post = Post(outbox, sink, ems or files, clock, rules, zone, wsapi)
    opened.enter_context(_every(POST_S, post.due, "posting"))
    debits = BankDebits(sql_ledger, anddone, clock)
    opened.enter_context(_every(POST_S, debits.tick, "bank debits"))
    rule = settings.ams360.refresh_rule
    refresh = Refresh(source, live or files, invoices, shelf.refresh_list, clock, rule)
    opened.enter_context(_every(REFRESH_S, refresh.tick, "refresh", end_s=REFRESH_S))
    opened.callback(refresh.stop)
    upkeep = Upkeep(shelf.walk, shelf.retention, clock, settings.ams360.keep_closed)
    opened.enter_context(_every(UPKEEP_S, upkeep.tick, "upkeep"))
    letterhead = Letterhead(settings.agency, settings.time_zone, settings.refund_line, settings.training)
    reconcile = Reconcile(
        ledger,
        processor,
        clock,
        letterhead.receipt_for,
        quiet_s=settings.anddone.quiet_s,
        declined_is_final=settings.anddone.declined_is_final,
    )
    return Desk(
        settings=settings,
        ledger=ledger,
        lookup=Lookup(source, invoices, ledger, clock),
        authorize=Authorize(
            ledger,
            source,
            processor,
            clock,
            letterhead.receipt_for,
            cached=CachedCharges(settings.ams360.cached_rule, invoices, clock),
            declined_is_final=settings.anddone.declined_is_final,
        ),
        reconcile=reconcile,
        voids=reconcile.voids,
        receipts=Receipts(ledger, _render),
        clock=clock,
        post=post,
        deposits=Deposits(post, deposit_csv),
        search=Search(shelf.index),
        refresh=refresh,
        forget=Forget(shelf.retention, ledger),
        importing=Importing(
            imports,
            ReportFile,
            lambda header, text: Converter(header, text_only=text),
            clock,
            settings.time_zone,
        ),
    )


def _wsapi(
    opened: contextlib.ExitStack, settings: Settings, password: str, clock: Clock
) -> Ams360Wsapi | None:
    """Who the customers are, and where a note goes after a payment; None where there is no such login."""
    if not settings.wsapi.login_id:
        return None
    from paydesk.gateways.ams360_wsapi import Ams360Wsapi, NoteAs, WsapiConfig

    wsapi = Ams360Wsapi(
        WsapiConfig(
            agency_no=settings.ams360.agency_no,
            login_id=settings.wsapi.login_id,
            password=password,
            base_url=settings.wsapi.base_url,
            employee_code=settings.wsapi.employee_code,
            note_as=NoteAs(settings.wsapi.note_as),
            action=settings.wsapi.action,
            time_zone=settings.time_zone,
        ),
        clock.now,
    )
    opened.callback(wsapi.close)
    return wsapi


def _ems(settings: Settings, keys: tuple[str, str], clock: Clock) -> Ams360Ems:
    from paydesk.gateways.ams360_ems import Ams360Ems, EmsConfig

    return Ams360Ems(
        EmsConfig(
            base_url=settings.ams360.base_url,
            app_key=keys[0],
            agency_no=settings.ams360.agency_no,
            access_key=keys[1],
            connect_timeout_s=settings.ams360.connect_timeout_s,
            read_timeout_s=settings.ams360.read_timeout_s,
            names=settings.ams360.names,
            lines_show_receipts=settings.ams360.lines_show_receipts,
        ),
        clock.now,
    )


def _open_ledger(
    paths: Paths, settings: Settings, clock: Clock
) -> tuple[SqlLedger, InvoiceCache, SqlOutbox, SqlImports, Shelf]:
    import platform

    from paydesk.keys import KeyStore
    from paydesk.store.cache import InvoiceCache
    from paydesk.store.imports import SqlImports
    from paydesk.store.ledger import SqlLedger
    from paydesk.store.opening import open_file, open_server, witness_file
    from paydesk.store.postings import SqlOutbox
    from paydesk.store.shelf import shelf_of

    keys = KeyStore(paths.keys)
    if settings.ledger_url:
        store = open_server(
            settings.ledger_url,
            keys.get("ledger-password"),
            settings.world,
            settings.desk,
            witness_file(paths.ledger),
        )
    else:
        store = open_file(paths.ledger, settings.world, keys.ledger_key, settings.ledger_backups)
    ledger = SqlLedger(
        store.engine,
        clock,
        desk=settings.desk,
        user=settings.user,
        host=platform.node(),
        path=store.place,
        locks=paths.desks,
        care=store.care,
    )
    who = (settings.desk, settings.user)
    outbox = SqlOutbox(store.engine, clock, who=who, path=store.place)
    imports = SqlImports(store.engine, clock, who=who, path=store.place)
    cache = InvoiceCache(store.engine, store.place)
    return ledger, cache, outbox, imports, shelf_of(store.engine, store.place)


@contextlib.contextmanager
def _every(
    seconds: float, work: Callable[[], object], name: str, end_s: float | None = None
) -> Iterator[None]:
    """Do this again and again on a thread of its own, until the desk closes; the end waits for it.

    ``end_s`` is how long it waits at most, for work that writes nothing once it was stopped.
    """
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(seconds):
            try:
                work()
            except KnownError as error:  # the ledger is away: the next time may work again
                log.warning("no %s: %s", name, error.sentence)
            except Exception:
                log.exception("no %s", name)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(end_s)


def _render(receipt: Receipt, paper: Paper, copy_number: int) -> bytes:
    from paydesk.receipts.pdf import render  # reportlab: only when a receipt is first drawn

    return render(receipt, paper, copy_number)


def run_window(paths: Paths) -> int:
    """Show the window, open its desk on a worker, and end both when it closes; the exit code."""
    gc.disable()  # nothing of the start is garbage, and looking for it costs a twentieth of it
    from PySide6.QtWidgets import QApplication

    from paydesk.ui import notify
    from paydesk.ui.collector import Collector
    from paydesk.ui.window import MainWindow

    app = QApplication([])
    app.setApplicationName("PayDesk")
    Collector(app)
    running: list[RunningDesk] = []

    def open_now() -> Desk:
        from paydesk import log as logs

        logs.start(paths.log)
        running.append(open_desk(paths))
        return running[0].desk

    window = MainWindow(open_now, paths.window_state)
    notify.catch_bugs(window)
    window.show()
    try:
        return app.exec()
    finally:
        sys.excepthook = sys.__excepthook__
        # The window waits by itself; when the system ends the session, it cannot.
        window.lanes.wait_for_money(QUIT_WAIT_S)
        for desk in running:
            desk.close()
