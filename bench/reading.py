"""Reads of the ledger that screens and timers make, with ten thousand payments and with a million.

Both ledgers are read in turn, so that a busy machine disturbs both alike.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

from bench import ledgers, many_payments
from bench.figures import percentile
from bench.search import name_of
from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.domain.posting import PostingChannel, PostingRules, PostingState
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.days import Days
from paydesk.domain.typed.payment_filter import PaymentFilter, Status
from paydesk.services.desk.attention import open_items
from paydesk.services.desk.day_end import add_up
from paydesk.services.invoices.search import Search
from paydesk.services.payments.search import PaymentSearch
from paydesk.services.posting.post import Post
from paydesk.store.cache.cache import SqlCache
from paydesk.store.database.opening import open_file
from paydesk.store.database.sqlite import open_sqlite
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.ledger.outbox import SqlOutbox
from tests.fakes.world import START, FakeSource, StillClock

SMALL, LARGE = 10_000, 1_000_000
ROUNDS, KEYS = 60, 1_500

Read = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of one kind of read: with few payments, and with many."""

    small: Sequence[float]
    large: Sequence[float]

    @property
    def ratio(self) -> float:
        """The median with many payments over that with few."""
        return median(self.large) / median(self.small)

    @property
    def p99_s(self) -> float:
        """The 99th percentile with many payments."""
        return percentile(self.large, 0.99)


@contextmanager
def opened(path: Path) -> Iterator[SqlLedger]:
    """Open a ledger of ``many_payments`` at the end of its last day, without the check of a start."""
    clock = StillClock()
    clock.move(10 * 3600.0)
    engine = open_sqlite(path, ledgers.KEY)
    ledger = SqlLedger(engine, clock, desk="Bench", user="bench", host="bench", path="bench")
    try:
        yield ledger
    finally:
        ledger.close()


def measure(
    folder: Path, sizes: tuple[int, int] = (SMALL, LARGE), rounds: int = ROUNDS, keys: int = KEYS
) -> Mapping[str, Times]:
    """Return the times of each kind of read. The ledgers are made in ``folder``, and stay there."""
    paths = [made(folder, size) for size in sizes]
    with ExitStack() as stack:
        found = [stack.enter_context(opened(path)) for path in paths]
        reads = [_reads(ledger, size) for ledger, size in zip(found, sizes, strict=True)]
        typed = [_typed(ledger, size, keys) for ledger, size in zip(found, sizes, strict=True)]
        times = {name: _in_turn([each[name] for each in reads], rounds) for name in reads[0]}
        small, large = zip(
            *((_seconds(one), _seconds(other)) for one, other in zip(*typed, strict=True)), strict=True
        )
        return {**times, "search": Times(small, large)}


def first_payment_s(path: Path) -> float:
    """Return the seconds for which the first payment waits, begun as soon as the ledger is open."""
    started = perf_counter()
    store = open_file(path, "training", lambda _path: ledgers.KEY)
    store.maintenance.before_hold()
    waited = perf_counter() - started
    store.maintenance.close()
    store.engine.dispose()
    return waited


def made(folder: Path, payments: int) -> Path:
    """Return the ledger with that many payments, all searchable, and make it if there is none yet."""
    path = folder / f"{payments}.ledger"
    if not path.exists():
        many_payments.make(path, payments)
        with opened(path) as ledger:
            while ledger.index_payments():
                pass
    return path


def _in_turn(reads: Sequence[Read], rounds: int) -> Times:
    for read in reads:
        read()  # the first run compiles its statements
    small, large = zip(*((_seconds(reads[0]), _seconds(reads[1])) for _ in range(rounds)), strict=True)
    return Times(small, large)


def _seconds(read: Read) -> float:
    started = perf_counter()
    read()
    return perf_counter() - started


def _reads(ledger: SqlLedger, payments: int) -> dict[str, Read]:
    """Return every kind of read, as the screens and timers make it."""
    clock, outbox = ledger.transactions.clock, SqlOutbox(ledger.transactions)
    rules = PostingRules(PostingChannel.EMS)
    post = Post(outbox, None, FakeSource(StillClock()), clock, rules, "America/Chicago")
    chance = random.Random(11)
    day = START.replace(hour=5) - timedelta(days=1)
    return {
        "last ten": lambda: ledger.payments(limit=10),
        "first page": lambda: ledger.payments(limit=100),
        "needs attention": lambda: open_items(ledger, post, clock.now(), timedelta(minutes=15)),
        "one day": lambda: add_up(ledger.payments_between(day, day + timedelta(days=1))),
        "background": lambda: (
            ledger.undecided(), ledger.payments(limit=100, states=(State.SUBMITTED, State.UNKNOWN))
        ),
        "statuses": lambda: ledger.statuses([_invoice(chance.randrange(payments)) for _ in range(5)]),
        "outbox": lambda: (
            outbox.postings((PostingState.WAITING, PostingState.UNCLEAR), limit=2_000),
            outbox.without_note(), outbox.to_take_back(), outbox.handed_over("D-0001"),
        ),
        "bank debits": lambda: ledger.uncleared(START, 0, 5, START - timedelta(days=75)),
        "one payment": lambda: (
            ledger.payment(one := chance.randrange(1, payments)), ledger.events(one), outbox.posting(one)
        ),
        "heartbeat": ledger.beat,
        "people": ledger.people,
        **_filters(ledger, day),
    }  # fmt: skip


def _filters(ledger: SqlLedger, day: datetime) -> dict[str, Read]:
    """Return the reads of a filtered list of payments, and of the sums above a day."""
    first, search = day.date(), _search(ledger)
    ten_days = Days(first - timedelta(days=20), first - timedelta(days=11))
    common, rare = PaymentFilter(status=Status.SETTLED), PaymentFilter(status=Status.RETURNED)
    several = PaymentFilter(status=Status.VOIDED, method=TenderKind.CREDIT_CARD, person="bench", posted=False)
    return {
        "filter, many pass": lambda: search.find("", common),
        "filter, few pass": lambda: search.find("", rare),
        "filters, several": lambda: search.find("", several),
        "filter, posted": lambda: search.find("", PaymentFilter(posted=True)),
        "filter, customer": lambda: search.find("", PaymentFilter(customer="10001")),
        "filter, ten days": lambda: search.find("", replace(rare, days=ten_days)),
        "oldest first": lambda: search.find("", after=0),
        "oldest, filtered": lambda: search.find("", common, after=0),
        "sums of a day": lambda: search.sums_of("", PaymentFilter(), first),
        "sums, filtered": lambda: search.sums_of("", common, first),
    }


def _invoice(place: int) -> Invoice:
    number, amount = str(many_payments.FIRST_INVOICE + place), Money(many_payments.amounts_of(place)[0])
    return Invoice(number, "1", "Somebody", amount, amount, START)


# ---- keys of a search ----------------------------------------------------------------------


def _typed(ledger: SqlLedger, payments: int, keys: int) -> Iterator[Read]:
    search = _search(ledger)
    search.find("warm up 1")
    return (partial(search.find, text) for text in islice(keys_typed(payments), keys))


def _search(ledger: SqlLedger) -> PaymentSearch:
    words = Search(SqlCache(ledger.transactions.engine, "bench").search, ledger)
    return PaymentSearch(
        ledger, partial(words.spellings, typing=True), ledger.transactions.clock, ZoneInfo("America/Chicago")
    )


def keys_typed(payments: int) -> Iterator[str]:
    """Yield the field's text after each key, for all that a payment can be found by."""
    chance = random.Random(7)
    while True:
        place = chance.randrange(payments)
        whole = chance.choice(list(_texts(place, payments, chance)))
        yield from (whole[:length] for length in range(1, len(whole) + 1))


def _texts(place: int, payments: int, chance: random.Random) -> Iterator[str]:
    name, at = name_of(place // many_payments.PER_CUSTOMER), many_payments.moment_of(place, payments)
    total, wrong = Money(many_payments.amounts_of(place)[2]), chance.randrange(1, len(name) - 1)
    yield from (name, name.lower(), name[:wrong] + name[wrong + 1 :], f"declined {name}", f"{name} credit")
    yield from (f"${total}", str(total), f"{total.dollars}", f"R-{place + 1:06d}", f"V-{place + 1:06d}")
    yield from (str(many_payments.FIRST_INVOICE + place), str(10_000 + place // many_payments.PER_CUSTOMER))
    yield from (f"{place * 7919 % 10_000:04d}", f"{at:%m/%d/%Y}", f"{at:%b} {at.day}", "today", "voided")
    yield from (f"dana {at:%m/%d/%Y} approved", f"{at:%b} {at.year} {name.split()[0]}")
