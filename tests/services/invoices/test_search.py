"""The search field: which hits it finds, in which order, and that no text makes it fail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.invoices.search_terms import MatchedBy
from paydesk.domain.money import Money
from paydesk.services.invoices.search import Search
from paydesk.services.ports.cache import OpenSums
from paydesk.store.cache.search import SearchIndex, SearchIndexer, _after_all
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import START

BAKERY = Customer("1001", "Sample Bakery LLC", "c-1", "02108", ("(617) 555-0101",))
OBRIEN = Customer("1002", "Renée O’Brien", "c-2", "", ("617-555-0199", "1 800 555 7777"))
JOHNSON = Customer("2001", "Johnson & Sons Roofing", "c-3")
TANAKA = Customer("2002", "田中 太郎", "c-4")


def owed(customer: Customer, number: str, cents: int, policy: str = "") -> Invoice:
    """Return one open invoice."""
    amount = Money(cents)
    return Invoice(number, customer.number, customer.name, amount, amount, START, policy_number=policy)


class Found:
    """A search in a ledger that has seen these customers and their invoices."""

    def __init__(self, new_ledger: LedgerMaker) -> None:
        self.ledger, self.cache = new_ledger("Front-1")
        self.engine = new_ledger.admin_engine()
        self.walk = SearchIndexer(self.engine, "test")
        self.search = Search(SearchIndex(self.engine, "test"), self.ledger)
        self.see(BAKERY, owed(BAKERY, "50123", 1_250_00, "BOP-4471-20"), owed(BAKERY, "50140", 412_50))
        self.see(OBRIEN, owed(OBRIEN, "60001", 98_76, "HO 99/12"))
        self.see(JOHNSON, owed(JOHNSON, "70001", 1_250_00))
        self.see(TANAKA)

    def see(self, customer: Customer, *invoices: Invoice) -> None:
        self.cache.keep_all(customer, invoices, START)

    def names(self, text: str) -> list[str]:
        return [hit.customer_name for hit in self.search.find(text)]

    def first(self, text: str) -> tuple[MatchedBy, str, str]:
        hit = self.search.find(text)[0]
        return hit.why, hit.customer_number, hit.row.invoice.number if hit.row else ""


@pytest.fixture
def found(new_ledger: LedgerMaker) -> Found:
    return Found(new_ledger)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50123", (MatchedBy.INVOICE_NUMBER, "1001", "50123")),
        ("#50140", (MatchedBy.INVOICE_NUMBER, "1001", "50140")),
        ("5014", (MatchedBy.INVOICE_NUMBER, "1001", "50140")),
        ("1001", (MatchedBy.CUSTOMER_NUMBER, "1001", "")),
        ("sample b", (MatchedBy.NAME, "1001", "")),
        ("BAKERY SAMPLE", (MatchedBy.NAME, "1001", "")),
        ("renee obrien", (MatchedBy.NAME, "1002", "")),
        ("O'Brien", (MatchedBy.NAME, "1002", "")),
        ("johnson & s", (MatchedBy.NAME, "2001", "")),
        ("田中", (MatchedBy.NAME, "2002", "")),
        ("bakrey", (MatchedBy.SIMILAR_NAME, "1001", "")),
        ("smaple", (MatchedBy.SIMILAR_NAME, "1001", "")),
        ("jonson roofng", (MatchedBy.SIMILAR_NAME, "2001", "")),
        ("ohnson", (MatchedBy.SIMILAR_NAME, "2001", "")),
        ("(617) 555-010", (MatchedBy.PHONE, "1001", "")),
        ("6175550199", (MatchedBy.PHONE, "1002", "")),
        ("555-0199", (MatchedBy.PHONE, "1002", "")),
        ("0199", (MatchedBy.PHONE, "1002", "")),
        ("+1 800 555 7777", (MatchedBy.PHONE, "1002", "")),
        ("bop-44", (MatchedBy.POLICY, "1001", "50123")),
        ("bop447120", (MatchedBy.POLICY, "1001", "50123")),
        ("ho 9912", (MatchedBy.POLICY, "1002", "60001")),
        ("$412.50", (MatchedBy.AMOUNT, "1001", "50140")),
        ("98.76", (MatchedBy.AMOUNT, "1002", "60001")),
        ("$1,250", (MatchedBy.AMOUNT, "2001", "70001")),
    ],
)
def test_what_was_meant_comes_first(found: Found, text: str, expected: tuple[MatchedBy, str, str]) -> None:
    assert found.first(text) == expected


def test_as_typed_every_beginning_of_a_name_finds_it(found: Found) -> None:
    for length in range(1, len("sample bakery llc") + 1):
        assert "Sample Bakery LLC" in found.names("sample bakery llc"[:length])


def test_a_hit_says_what_the_customer_owes(found: Found) -> None:
    hit = found.search.find("sample")[0]
    assert (hit.sums.count, hit.sums.owed, hit.balance) == (2, Money(1_662_50), Money(1_662_50))


def test_credits_are_not_taken_off_what_is_owed(found: Found) -> None:
    found.see(BAKERY, owed(BAKERY, "50123", 100_00), owed(BAKERY, "50402", -125_50))
    (hit,) = found.search.find("sample")
    assert hit.sums == OpenSums(1, Money(100_00), 1, Money(125_50))
    found.see(BAKERY, owed(BAKERY, "50402", -125_50))
    (hit,) = found.search.find("sample")
    assert (hit.balance, hit.sums.count) == (Money(-125_50), 0)


@pytest.mark.parametrize(
    ("digits", "end"), [("5014", "5015"), ("5019", "502"), ("1999", "2"), ("9999", ""), ("0", "1")]
)
def test_numbers_that_begin_alike_are_one_range(digits: str, end: str) -> None:
    assert _after_all(digits) == end


def test_both_of_one_amount_and_no_closed_one(found: Found) -> None:
    assert {hit.customer_number for hit in found.search.find("1250.00")} == {"1001", "2001"}
    found.see(JOHNSON)
    assert {hit.customer_number for hit in found.search.find("1250.00")} == {"1001"}
    (closed,) = found.search.find("70001")
    assert (closed.row is not None and closed.row.payable, closed.balance) == (False, Money(0))
    assert found.search.find("7000") == (), "closed ones only by their whole number, unless we took them"


def test_a_new_name_is_found_and_the_old_one_no_more(found: Found) -> None:
    found.see(replace(BAKERY, name="Corner Cafe"), owed(BAKERY, "50123", 100))
    assert found.names("corner") == ["Corner Cafe"]
    assert found.names("sample bakery") == []


@pytest.mark.parametrize(
    "text", ["%", "_", "%%", "a%", "_ample", "a*", '"', "' OR 1=1 --", "NEAR(a b)", "NOT"]
)
def test_signs_mean_nothing(found: Found, text: str) -> None:
    assert all(hit.why is MatchedBy.SIMILAR_NAME for hit in found.search.find(text))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.one_of(st.text(max_size=60), st.text("0123456789 $.,-()#*'\"%_:&|!\\\0\ud800", max_size=30)))
def test_any_text_has_an_answer(found: Found, text: str) -> None:
    hits = found.search.find(text, 5)
    assert len(hits) <= 5
    assert all(0 < hit.fit <= 1 for hit in hits)
    assert [hit.fit for hit in hits] == sorted((hit.fit for hit in hits), reverse=True)


def test_a_walk_after_an_import_finds_all_and_can_be_broken_off(
    new_ledger: LedgerMaker, found: Found
) -> None:
    engine = found.engine
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM search_doc")
    assert found.names("sample") == []
    assert found.walk.step()
    rest = SearchIndexer(new_ledger.engine(), "test")  # as after a restart of the program
    steps = 0
    while rest.step():
        steps += 1
    assert (steps, found.names("sample")) == (2, ["Sample Bakery LLC"])
    assert found.first("50123") == (MatchedBy.INVOICE_NUMBER, "1001", "50123")
    assert not found.walk.step(), "nothing new to index"


def test_a_walk_lets_go_of_what_an_undone_import_took_away(found: Found) -> None:
    while found.walk.step():
        pass
    with found.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM invoice WHERE number = '50140'")
        connection.exec_driver_sql("DELETE FROM customer WHERE number = '2002'")
        connection.exec_driver_sql("DELETE FROM progress")
    while found.walk.step():
        pass
    with found.engine.connect() as connection:
        keys = set(connection.exec_driver_sql("SELECT key FROM search_doc").scalars())
    assert keys == {"c1001", "c1002", "c2001", "i50123", "i60001", "i70001"}
