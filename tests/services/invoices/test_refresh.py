"""The background refresh: which customers it reads, how it resumes, and what it never loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.freshness import RefreshRule
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.services.invoices.refresh import FIRST_PAUSE_S, Refresh
from paydesk.store.cache.cache import SqlCache
from paydesk.store.cache.refresh_list import RefreshQueue
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import BAKERY, NO_ZIP, START, FakeSource, StillClock

RULE = RefreshRule(timedelta(minutes=30), timedelta(days=60))
FAR = Customer("3001", "Far Away Farms", "c-3001")


class Agency(FakeSource):
    """An agency system that counts its calls, and breaks some answers."""

    def __init__(self, clock: StillClock) -> None:
        super().__init__(clock)
        self.customers[FAR.number] = FAR
        self.asked: list[str] = []
        self.since: list[datetime] = []
        self.broken: set[str] = set()

    def customers_changed(self, since: datetime) -> Sequence[Customer]:
        changed = super().customers_changed(since)
        assert since < self._clock.now()
        self.since.append(since)
        return changed

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        self.asked.append(customer.number)
        if customer.number in self.broken:
            raise KnownError("AMS360 sent an answer PayDesk does not understand (field balance).")
        return super().open_invoices(customer)


class World:
    """A cache of three customers seen an hour ago, and the agency system behind it."""

    def __init__(self, new_ledger: LedgerMaker) -> None:
        self.clock = new_ledger.clock
        _ledger, self.cache = new_ledger("Front-1")
        self.source = Agency(self.clock)
        self.engine = new_ledger.engine()
        today = START.date()
        self.source.owe("50123", 100_00, BAKERY, today)
        self.source.owe("60001", 50_00, NO_ZIP)
        self.source.owe("70001", 70_00, FAR, today + timedelta(days=300))
        for customer in (BAKERY, NO_ZIP, FAR):
            self.cache.keep_all(customer, self.source.open_invoices(customer), START)
        self.source.asked.clear()
        self.clock.move(3600)
        self.refresh = self.start()

    def start(self, rule: RefreshRule = RULE) -> Refresh:
        """Start as the program does."""
        return Refresh(
            self.source, self.source, self.cache, RefreshQueue(self.engine, "test"), self.clock, rule
        )

    def owed(self, number: str) -> Money:
        found = self.cache.invoice(number)
        assert found is not None
        return found.balance

    def run(self, ticks: int) -> None:
        for _ in range(ticks):
            self.refresh.tick()
            self.clock.move(2)


@pytest.fixture
def world(new_ledger: LedgerMaker) -> World:
    return World(new_ledger)


def test_a_round_reads_the_window_once_and_then_rests(world: World) -> None:
    world.source.invoices["50123"] = replace(world.source.invoices["50123"], balance=Money(25_00))
    world.run(5)
    assert world.source.asked == ["1001", "1002"], "what is due in 300 days can wait"
    assert world.owed("50123") == Money(25_00)
    state = world.refresh.state
    assert (state.running, state.done, state.left, state.why_paused) == (False, 2, 0, "")
    assert state.finished_at is not None
    world.clock.move(1800)
    world.run(1)
    assert world.source.asked == ["1001", "1002", "1001"], "the next round begins half an hour later"


def test_one_customer_at_a_tick_with_progress(world: World) -> None:
    world.refresh.tick()
    assert (world.refresh.state.done, world.refresh.state.left) == (1, 1)
    assert world.source.asked == ["1001"]


def test_a_restart_goes_on_where_it_was(world: World) -> None:
    world.run(1)
    world.refresh = world.start()
    world.refresh.tick()
    assert (world.refresh.state.running, world.refresh.state.left) == (True, 0)
    world.run(3)
    assert world.source.asked == ["1001", "1002"]


def test_customers_that_changed_are_read_though_never_seen(world: World) -> None:
    new = Customer("4001", "Newcomer Nursery", "c-4001")
    world.source.customers["4001"] = new
    world.source.changed = [new, FAR]
    world.source.owe("80001", 80_00, new)
    world.run(6)
    assert world.source.asked == ["4001", "3001", "1001", "1002"]
    assert world.owed("80001") == Money(80_00)


def test_away_it_waits_longer_and_longer_and_keeps_what_it_had(world: World) -> None:
    world.source.away = True
    world.refresh.tick()
    assert world.refresh.state.why_paused == "AMS360 can't be reached."
    world.source.away = False
    world.run(3)
    assert world.source.asked == [], "it does not ask again at once"
    world.clock.move(FIRST_PAUSE_S)
    world.run(3)
    assert world.source.asked == ["1001", "1002"]
    assert world.refresh.state.why_paused == ""


def test_changes_are_asked_for_since_they_were_last_told(world: World) -> None:
    world.source.away = True
    world.run(1)
    world.source.away = False
    world.clock.move(3600)
    world.run(4)
    world.clock.move(3600)
    world.run(1)
    first, second = world.source.since
    assert second - first == RULE.window, "nothing that changed in between is missed"


def test_refused_keys_are_not_tried_at_every_tick(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_number: str) -> Customer:
        world.source.asked.append("?")
        raise KnownError("AMS360 did not accept PayDesk's keys.", "Set them again.")

    world.source.changed = [BAKERY, NO_ZIP, FAR]
    monkeypatch.setattr(world.source, "customer", refuse)
    world.run(10)
    assert len(world.source.asked) == 3
    assert world.refresh.state.why_paused == "AMS360 did not accept PayDesk's keys."
    world.clock.move(FIRST_PAUSE_S)
    world.run(5)
    assert len(world.source.asked) == 4, "then less and less often"


def test_one_wrong_answer_costs_one_customer(world: World) -> None:
    world.source.broken = {"1001"}
    world.run(4)
    assert world.source.asked == ["1001", "1002"]
    assert world.refresh.state.skipped == 1
    assert world.owed("50123") == Money(100_00), "the last good reading stays"


def test_nothing_owed_all_at_once_is_doubted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.source, "open_invoices", lambda _customer: [])
    world.run(4)
    assert world.owed("50123") == Money(100_00)
    assert world.refresh.state.skipped == 2
    world.source.invoices["50123"] = replace(world.source.invoices["50123"], balance=Money(0))
    world.refresh.now()
    world.run(4)
    assert world.owed("50123") == Money(0), "the invoice itself says so too"


def test_it_can_be_canceled_asked_for_and_switched_off(world: World) -> None:
    world.run(1)
    world.refresh.cancel()
    world.run(3)
    assert world.source.asked == ["1001"]
    assert not world.refresh.state.running
    world.refresh.now()
    world.run(3)
    assert world.source.asked == ["1001", "1001", "1002"], "a round of its own, from the beginning"
    world.refresh = world.start(RefreshRule(timedelta(0), timedelta(days=60)))
    world.clock.move(90_000)
    world.run(3)
    assert len(world.source.asked) == 3, "no round begins on its own"
    world.refresh.now()
    world.run(3)
    assert world.source.asked[3:] == ["1001", "1002"]


def test_once_stopped_it_writes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def closing(_customer: Customer) -> Sequence[Invoice]:
        world.refresh.stop()
        return [replace(world.source.invoices["50123"], balance=Money(1))]

    monkeypatch.setattr(world.source, "open_invoices", closing)
    world.run(3)
    assert world.owed("50123") == Money(100_00)
    assert world.refresh.state.done == 0


def test_the_ledger_of_another_desk_shares_the_round(world: World, new_ledger: LedgerMaker) -> None:
    engine = new_ledger.engine()
    cache = SqlCache(engine, "test")
    other = Refresh(world.source, world.source, cache, RefreshQueue(engine, "test"), world.clock, RULE)
    world.run(1)
    other.tick()
    assert world.source.asked == ["1001", "1002"]


def test_nonsense_in_the_position_starts_a_new_round(world: World) -> None:
    RefreshQueue(world.engine, "test").save("refresh round", {"began": "soon"})
    world.run(3)
    assert world.source.asked == ["1001", "1002"]
