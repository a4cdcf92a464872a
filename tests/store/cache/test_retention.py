"""Removal from the cache: what goes, what never goes, and what stays of a forgotten customer."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.services.invoices.cache_upkeep import LOOK_FOR_CLOSED_S, Upkeep
from paydesk.services.invoices.search import Search
from paydesk.services.ports.cache import Forgotten
from paydesk.store.cache.cache import SqlCache
from paydesk.store.cache.retention import Retention
from paydesk.store.cache.search import SearchIndex
from paydesk.store.tables import schema
from tests.fakes.every_field import filled
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import BAKERY, CARD, START, Counter

YEARS_AFTER = START + timedelta(days=800)
OLD = Customer("7001", "Quixotic Quarry", "c-7")


def invoice(number: str, cents: int, customer: Customer = OLD) -> Invoice:
    return Invoice(number, customer.number, customer.name, Money(100_00), Money(cents), START)


@pytest.fixture
def retention(counter: Counter, new_ledger: LedgerMaker) -> Retention:
    """Return the retention of a ledger with one payment, which has seen one open and two closed invoices."""
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    counter.cache.keep_all(
        OLD, [invoice("60001", 5_00), invoice("60002", 7_00), invoice("60003", 9_00)], START
    )
    later = [replace(invoice("60001", 5_00), read_at=START + timedelta(days=1))]
    counter.cache.keep_all(OLD, later, START + timedelta(days=1))
    return Retention(new_ledger.engine(), "test")


def numbers(new_ledger: LedgerMaker) -> set[str]:
    with new_ledger.engine().connect() as connection:
        return set(connection.execute(sa.select(schema.invoice.c.number)).scalars())


def test_closed_invoices_go_and_open_or_paid_ones_stay(
    counter: Counter, retention: Retention, new_ledger: LedgerMaker
) -> None:
    counter.cache.keep_all(BAKERY, [], START + timedelta(days=2))  # the paid one is closed in AMS360 too
    assert retention.drop_closed(START) == 0, "nothing is that old"
    assert retention.drop_closed(YEARS_AFTER) == 2
    assert retention.drop_closed(YEARS_AFTER) == 0
    assert numbers(new_ledger) == {"50123", "60001"}
    payment = counter.ledger.payments(limit=1)[0]
    assert counter.ledger.receipt(payment.id).total == payment.charged


def test_a_customer_without_invoices_goes_too(counter: Counter, retention: Retention) -> None:
    counter.cache.keep_all(OLD, [], START + timedelta(days=2))
    assert [retention.drop_closed(YEARS_AFTER) for _ in range(3)] == [3, 1, 0]
    assert counter.cache.customer(OLD.number) is None
    assert counter.cache.customer(BAKERY.number) is not None


def test_a_forgotten_customer_is_in_no_row_and_found_by_nothing(
    counter: Counter, retention: Retention, new_ledger: LedgerMaker
) -> None:
    search = Search(SearchIndex(new_ledger.engine(), "test"), counter.ledger)
    assert search.find("quixotic")
    assert retention.forget(OLD.number) == Forgotten(customers=1, invoices=3, kept=0)
    assert retention.forget(OLD.number) == Forgotten(0, 0, 0)
    assert not search.find("quixotic")
    assert not search.find("quixotik")
    with new_ledger.engine().connect() as connection:
        for table in schema.metadata.sorted_tables:
            assert "uixotic" not in repr(connection.execute(sa.select(table)).all()).lower(), table.name


def test_the_ledger_of_a_forgotten_customer_stays(counter: Counter, retention: Retention) -> None:
    payment = counter.ledger.payments(limit=1)[0]
    before = counter.ledger.receipt(payment.id)
    assert retention.forget(BAKERY.number) == Forgotten(customers=1, invoices=0, kept=1)
    assert counter.ledger.receipt(payment.id) == before
    assert counter.ledger.payment(payment.id) == payment
    left = counter.cache.invoice("50123")
    assert left is not None
    assert (left.customer_name, left.description, left.amount) == ("", "", Money(100_00))
    row = counter.lookup.by_invoice("50123").rows[0]
    assert not row.payable, "the next lookup sees it again, and that it is paid"


def test_nothing_of_a_forgotten_invoice_is_kept_but_its_number_dates_and_sums(
    counter: Counter, retention: Retention
) -> None:
    read_at = START + timedelta(days=1)
    counter.cache.keep(filled(Invoice, number="50123", customer_number=BAKERY.number, read_at=read_at))
    retention.forget(BAKERY.number)
    left = counter.cache.invoice("50123")
    assert left is not None
    texts = {name: value for name, value in asdict(left).items() if isinstance(value, str)}
    assert {name for name, value in texts.items() if value} == {"number"}


def test_a_draft_of_a_forgotten_invoice_is_refused_and_not_charged(
    counter: Counter, retention: Retention
) -> None:
    counter.source.owe("50999", 40_00)
    draft = counter.draft("50999")
    retention.forget(BAKERY.number)
    with pytest.raises(KnownError):
        counter.authorize.pay(draft, CARD)
    assert len(counter.processor.charges_made) == 1


@pytest.mark.usefixtures("retention")
def test_upkeep_is_done_in_pieces(counter: Counter, new_ledger: LedgerMaker) -> None:
    cache = SqlCache(new_ledger.engine(), "test")
    upkeep = Upkeep(cache, counter.clock, timedelta(days=400))
    upkeep.tick()
    assert not cache.index_next(), "the search knows everything"
    stopped = Upkeep(cache, counter.clock, timedelta(days=400), lambda: pytest.fail("it goes on"))
    stopped.stop()
    stopped.tick()
    counter.clock.move(timedelta(days=500).total_seconds())
    upkeep.tick()
    assert numbers(new_ledger) == {"50123", "60001"}
    upkeep.tick()
    counter.cache.keep_all(OLD, [], START + timedelta(days=3))
    upkeep.tick()
    assert "60001" in numbers(new_ledger), "it looks again in some hours"
    counter.clock.move(LOOK_FOR_CLOSED_S)
    upkeep.tick()
    assert numbers(new_ledger) == {"50123"}
