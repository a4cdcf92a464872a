"""Open a desk: its environment, gateways, ledger, services and background work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from paydesk.config.clock import SystemClock
from paydesk.config.paths import Paths
from paydesk.config.settings import Settings, Source
from paydesk.domain.consent import Consent
from paydesk.domain.receipt import Paper, Receipt
from paydesk.gateways.ams360.posting import EmsReceipts
from paydesk.gateways.files.deposit import deposit_csv
from paydesk.gateways.files.reports import ReportFile
from paydesk.services.desk.desk import Desk
from paydesk.services.invoices.agency_search import AgencySearch
from paydesk.services.invoices.cache_upkeep import Upkeep
from paydesk.services.invoices.files_source import FilesSource
from paydesk.services.invoices.forget import Forget
from paydesk.services.invoices.importing import Importing
from paydesk.services.invoices.lookup import Lookup
from paydesk.services.invoices.offline_charge import CachedCharges
from paydesk.services.invoices.refresh import Refresh
from paydesk.services.invoices.search import Search
from paydesk.services.payments.ach_returns import AchReturns
from paydesk.services.payments.attempts import Attempts
from paydesk.services.payments.authorize import Authorize
from paydesk.services.payments.consent_papers import ConsentPapers
from paydesk.services.payments.offers import Offers
from paydesk.services.payments.receipts import Letterhead, Receipts
from paydesk.services.payments.resolve import Resolve
from paydesk.services.payments.search import PaymentSearch
from paydesk.services.ports.agency import InvoiceSource
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.rights import EVERYONE, Rights
from paydesk.services.posting.deposit import Deposits
from paydesk.services.posting.post import Post
from paydesk.wiring import gateways
from paydesk.wiring.environment import Environment, environment
from paydesk.wiring.schedule import every
from paydesk.wiring.store import OpenStore, open_store

if TYPE_CHECKING:
    from paydesk.gateways.ams360.ems import Ams360Ems
    from paydesk.gateways.ams360.wsapi import Ams360Wsapi
    from paydesk.gateways.anddone.processor import AndDone
    from paydesk.sandbox.sandbox import Sandbox

HEARTBEAT_S = 30.0
"""Seconds between heartbeats. A lease lasts 20 heartbeats."""

POST_S = 5.0
"""Seconds between two rounds of posting."""

REFRESH_S = 4.0
"""Seconds between two customers that the background refresh reads. That makes two calls each, thirty a
minute."""

OFFERS_S = 20.0
"""Seconds between two looks for open offers whose invoices are to be read again."""

UPKEEP_S = 1.0
"""Seconds between two ticks of the cache's upkeep."""


@dataclass(frozen=True, slots=True)
class RunningDesk:
    """An open desk, with the function that closes it. ``sandbox`` is the emulators that it runs."""

    desk: Desk
    close: Callable[[], None]
    sandbox: Sandbox | None = None


@dataclass(frozen=True, slots=True)
class _Outside:
    """The systems outside this desk."""

    processor: AndDone
    ems: Ams360Ems | None
    wsapi: Ams360Wsapi | None


def open_desk(
    paths: Paths,
    *,
    seat: tuple[str, str] | None = None,
    clock: Clock | None = None,
    rights: Rights = EVERYONE,
) -> RunningDesk:
    """Open the training or the live desk under ``paths``.

    ``seat`` is the desk's name and the user, instead of those in the settings. Raises KnownError, and leaves
    every file unchanged, if settings, keys or ledger cannot be used. Takes time for imports and disk, so do
    not call it on the UI thread.
    """
    with ExitStack() as opened:
        around = opened.enter_context(environment(paths, keep_books=True))
        if seat is not None:
            around = replace(around, settings=replace(around.settings, desk=seat[0], user=seat[1]))
        return open_in(opened, around, clock or SystemClock(), rights)


def open_in(opened: ExitStack, around: Environment, clock: Clock, rights: Rights = EVERYONE) -> RunningDesk:
    """Open the desk of an environment. Moves the callbacks of ``opened`` into the desk's ``close``."""
    for name in around.needed_keys:
        around.key(name)
    store = open_store(around, clock)
    opened.callback(store.ledger.close)
    opened.enter_context(every(HEARTBEAT_S, store.ledger.beat, "heartbeat"))
    wsapi = gateways.wsapi(around, clock)
    if wsapi is not None:
        opened.callback(wsapi.close)
    outside = _Outside(gateways.processor(around), gateways.ems(around, clock), wsapi)
    desk = _services(opened, around, clock, store, outside, rights)
    return RunningDesk(desk, opened.pop_all().close, around.sandbox)


def _services(
    opened: ExitStack,
    around: Environment,
    clock: Clock,
    store: OpenStore,
    outside: _Outside,
    rights: Rights,
) -> Desk:
    settings, ledger, cache = around.settings, store.ledger, store.cache
    files = FilesSource(cache, store.imports, outside.wsapi)
    live = outside.ems if settings.ams360.source is Source.EMS else None
    source: InvoiceSource = live or files
    letterhead = Letterhead(settings.agency, settings.time_zone, settings.refund_line, settings.world)
    final = settings.anddone.declined_is_final
    resolve = Resolve(
        ledger,
        outside.processor,
        clock,
        letterhead.receipt_for,
        quiet_s=settings.anddone.quiet_s,
        declined_is_final=final,
        rights=rights,
    )
    authorize = Authorize(
        ledger,
        source,
        outside.processor,
        clock,
        letterhead.receipt_for,
        cached=CachedCharges(settings.ams360.cached_rule, cache, clock),
        attempts=Attempts(clock, settings.desk, store.fingerprint_key, ZoneInfo(settings.time_zone)),
        declined_is_final=final,
        rights=rights,
    )
    offers = Offers(ledger, source, outside.processor, clock, store.journal, rights=rights)
    opened.enter_context(every(OFFERS_S, offers.due, "offers"))
    post = _post(opened, around, clock, store, outside, files, rights)
    search = Search(cache.search, ledger)
    return Desk(
        settings=settings,
        ledger=ledger,
        lookup=Lookup(source, cache, ledger, clock, imported=live is None),
        authorize=authorize,
        resolve=resolve,
        voids=resolve.voids,
        offers=offers,
        receipts=Receipts(ledger, _render),
        consent_papers=ConsentPapers(ledger, _render_consent),
        clock=clock,
        post=post,
        deposits=Deposits(post, deposit_csv, rights),
        agency_search=AgencySearch(live or files),
        search=search,
        payment_search=PaymentSearch(
            ledger, partial(search.spellings, typing=True), clock, ZoneInfo(settings.time_zone)
        ),
        refresh=_refresh(opened, around, clock, store, live or files),
        forget=Forget(cache, ledger, rights),
        importing=Importing(
            store.imports,
            ReportFile,
            clock,
            settings.time_zone,
            rights,
        ),
        code_of=_code_of,
        anytime_card=partial(_render_anytime_card, settings),
        rights=rights,
    )


def _post(
    opened: ExitStack,
    around: Environment,
    clock: Clock,
    store: OpenStore,
    outside: _Outside,
    files: FilesSource,
    rights: Rights,
) -> Post:
    """Return the outbox's worker. Posting and questions about bank debits run in the background."""
    settings = around.settings
    bank, zone = settings.posting.bank_short_name, settings.time_zone
    sink = None if outside.ems is None else EmsReceipts(outside.ems, bank=bank, time_zone=zone, now=clock.now)
    rules = settings.posting.rules
    post = Post(store.outbox, sink, outside.ems or files, clock, rules, zone, outside.wsapi, rights)
    opened.enter_context(every(POST_S, post.due, "posting"))
    debits = AchReturns(store.ledger, outside.processor, clock)
    opened.enter_context(every(POST_S, debits.tick, "bank debits"))
    return post


def _refresh(
    opened: ExitStack, around: Environment, clock: Clock, store: OpenStore, source: Ams360Ems | FilesSource
) -> Refresh:
    """Return the refresh of the cache. It and the cache's upkeep run in the background."""
    settings = around.settings.ams360
    refresh = Refresh(source, source, store.cache, store.cache.refresh_queue, clock, settings.refresh_rule)
    opened.enter_context(every(REFRESH_S, refresh.tick, "refresh", end_s=REFRESH_S))
    opened.callback(refresh.stop)
    upkeep = Upkeep(store.cache, clock, settings.keep_closed, store.ledger.index_payments)
    opened.enter_context(every(UPKEEP_S, upkeep.tick, "upkeep"))
    opened.callback(upkeep.stop)
    return refresh


def _render(receipt: Receipt, paper: Paper, copy_number: int) -> bytes:
    from paydesk.receipts.pdf import render  # reportlab is imported for the first receipt

    return render(receipt, paper, copy_number)


def _code_of(address: str) -> Sequence[Sequence[bool]]:
    from paydesk.receipts.qr_code import modules  # imported for the first link

    return modules(address)


def _render_anytime_card(settings: Settings) -> bytes:
    from paydesk.receipts.pdf import render_anytime_card  # as above

    return render_anytime_card(settings.agency, settings.anddone.anytime_link, settings.world)


def _render_consent(consent: Consent, receipt_number: str, copy_number: int) -> bytes:
    from paydesk.receipts.pdf import render_consent  # see _render

    return render_consent(consent, receipt_number, copy_number)
