"""Payments are found by what people remember of them, indexed or not, on both engines."""

from __future__ import annotations

from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from paydesk.domain.consent import Channel
from paydesk.domain.events import EventKind
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.payment import Draft, Payer, Payment, PaymentLine, ReferenceKind
from paydesk.domain.quote import Quote
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, TenderKind
from paydesk.domain.typed.days import Days
from paydesk.domain.typed.payment_filter import PaymentFilter, Status
from paydesk.domain.typed.sealed import Sealed
from paydesk.services.invoices.search import Search
from paydesk.services.payments.search import PaymentSearch
from paydesk.services.ports.ledger import Sums
from paydesk.store.ledger import payment_indexer, payment_search
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.tables import schema
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, Counter

ACCOUNT = BankAccount(
    "011000138", Sealed("987654321"), AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes"
)

FOUND = {
    "": "all",
    "dana": "all",
    "dan": "card ach declined voided",
    "front": "all",
    "DANA reyes": "card ach declined voided",
    "reyes": "card ach declined voided",
    "obrien": "anytime",
    "o'brien": "anytime",
    "renée": "anytime",
    "Renee O’Br": "anytime",
    "bakery": "card ach declined voided",
    "bakery 1001": "card ach declined voided",
    "50123": "card",
    "#50123": "card",
    "501": "card ach declined voided",
    "1001": "card ach declined voided",
    "1,035.00": "card",
    "$1,035.00": "card",
    "$1035": "card",
    "1035": "card",
    "1,000.00": "card",
    "$1,000": "card",
    "$203.00": "ach",
    "approved": "card anytime",
    "Approved reyes": "card",
    "submitted": "ach",
    "declined": "declined",
    "voided": "voided",
    "void": "voided",
    "not charged": "",
    "no clear answer": "",
    "ach": "ach",
    "credit card voided": "voided",
    "visa": "card anytime voided",
    "0007": "card anytime voided",
    "4321": "ach",
    "R-000001": "card",
    "r-1": "card",
    "R000001": "card",
    "000001": "card",
    "V-000004": "voided",
    "v-4": "voided",
    "front-1": "all",
    "priya": "",
    "HO-77-1234": "anytime",
    "77-12": "anytime",
    "reyes-bakery": "card ach declined voided",
    "+1 617-555-0142": "anytime",
    "617-555-0142": "anytime",
    "(617) 555-0142": "anytime",
    "5550142": "anytime",
    "today": "all",
    "08/14/2026": "all",
    "8/14/26": "all",
    "Aug 14": "all",
    "August 14, 2026 bakery": "card ach declined voided",
    "aug 2026 declined": "declined",
    "2026-08-14": "all",
    "reyes declined bak": "declined",
    "voided baker": "voided",
    "baker reyes": "card ach declined voided",
    "nobody bakery": "",
    "approved reyes 08/14/2026 000": "card",
    "08/14/2026 reyes declined ba": "declined",
    "08/14/2026 b": "card ach declined voided",
    "yesterday": "",
    "08/13/2026": "",
    "%": "",
    "_": "",
    "\\": "",
    "'": "",
    '"': "",
    "NEAR(": "",
    "a AND b": "",
    "smth nobody": "",
}


@pytest.fixture
def taken(counter: Counter) -> dict[str, Payment]:
    """Return one payment of each kind, by name."""
    for number, cents in (("50123", 1_000_00), ("50140", 200_00), ("50141", 30_00), ("50142", 40_00)):
        counter.source.owe(number, cents)
    card = counter.pay("50123")
    ach = counter.authorize.pay(counter.draft("50140", kind=TenderKind.ACH), ACCOUNT)
    payer = Payer("Renée O’Brien", "+1 (617) 555-0142")
    line = PaymentLine(Money(90_00), "Renewal")
    quote = Quote(TenderKind.CREDIT_CARD, Money(90_00), Money(3_15))
    draft = Draft((line,), payer, quote, Channel.PHONE, ReferenceKind.POLICY, "HO-77-1234")
    anytime = counter.authorize.pay(draft, CARD)
    voided = counter.resolve.voids.void(counter.pay("50142").id, "wrong")
    counter.processor.decline_next("No.")
    declined = counter.pay("50141")
    return {"card": card, "ach": ach, "anytime": anytime, "voided": voided, "declined": declined}


@pytest.fixture
def search(counter: Counter) -> PaymentSearch:
    """Return the search as a desk in New York has it."""
    words = Search(counter.cache.search, counter.ledger)
    return PaymentSearch(
        counter.ledger, partial(words.spellings, typing=True), counter.clock, ZoneInfo("America/New_York")
    )


def index_all(counter: Counter) -> None:
    while counter.ledger.index_payments():
        pass


def wrong(search: PaymentSearch, taken: dict[str, Payment]) -> list[tuple[str, list[str], list[str]]]:
    """Return each text that finds other payments than it should."""
    names = {payment.id: name for name, payment in taken.items()}
    found = []
    for typed, words in FOUND.items():
        wanted = sorted(taken if words == "all" else words.split())
        payments = search.find(typed).payments
        assert [payment.id for payment in payments] == sorted((one.id for one in payments), reverse=True)
        got = sorted(names[payment.id] for payment in payments)
        if got != wanted:
            found.append((typed, got, wanted))
    return found


def test_everything_is_found_before_it_is_indexed(taken: dict[str, Payment], search: PaymentSearch) -> None:
    assert wrong(search, taken) == []


@pytest.mark.parametrize(("few", "long_span"), [(400, 3_000), (1, 3_000), (3, -1), (1, -1)])
def test_everything_is_found_by_the_index(
    counter: Counter,
    taken: dict[str, Payment],
    search: PaymentSearch,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    long_span: int,
) -> None:
    """Every way to search leads to the same payments, however rare a word and however long a time."""
    monkeypatch.setattr(payment_search, "_FEW", few)
    monkeypatch.setattr(payment_search, "_LONG_SPAN", long_span)
    index_all(counter)
    assert wrong(search, taken) == []
    with counter.ledger.transactions.read() as connection:
        assert payment_search._unread(connection, 2**62) == []


FILTERED = {
    PaymentFilter(): "all",
    PaymentFilter(status=Status.APPROVED): "card anytime",
    PaymentFilter(status=Status.SUBMITTED): "ach",
    PaymentFilter(status=Status.DECLINED): "declined",
    PaymentFilter(status=Status.VOIDED): "voided",
    PaymentFilter(status=Status.LATE): "",
    PaymentFilter(method=TenderKind.ACH): "ach",
    PaymentFilter(method=TenderKind.CREDIT_CARD): "card anytime voided declined",
    PaymentFilter(method=TenderKind.DEBIT_CARD): "",
    PaymentFilter(person="Dana"): "all",
    PaymentFilter(person="Dan"): "",
    PaymentFilter(person="dana"): "",
    PaymentFilter(customer="1001"): "card ach voided declined",
    PaymentFilter(customer="100"): "",
    PaymentFilter(posted=False): "card ach anytime",
    PaymentFilter(posted=True): "",
    PaymentFilter(days=Days(date(2026, 8, 14), date(2026, 8, 14))): "all",
    PaymentFilter(days=Days(date(2026, 8, 1), date(2026, 8, 13))): "",
    PaymentFilter(status=Status.APPROVED, customer="1001", person="Dana", posted=False): "card",
    PaymentFilter(days=Days(date(2026, 8, 10), date(2026, 8, 16)), method=TenderKind.ACH): "ach",
}
"""Each filter with the payments that pass it."""


Passed = list[tuple[PaymentFilter, str]]


def passing(search: PaymentSearch, taken: dict[str, Payment], text: str = "") -> Passed:
    """Return each filter that lets others pass than it should, newest or oldest first."""
    names = {payment.id: name for name, payment in taken.items()}
    wrong: Passed = []
    for only, words in FILTERED.items():
        passed = taken if words == "all" else words.split()
        wanted = sorted((taken[name].id for name in passed), reverse=True)
        newest = [one.id for one in search.find(text, only).payments]
        oldest = [one.id for one in search.find(text, only, after=0).payments]
        if newest != wanted or oldest[::-1] != wanted:
            wrong += [(only, " ".join(names[one] for one in newest))]
    return wrong


def test_filters_narrow_before_and_after_indexing(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch
) -> None:
    assert passing(search, taken) == []
    index_all(counter)
    assert passing(search, taken) == []
    assert passing(search, taken, "front today") == []


def test_a_filter_narrows_what_a_text_finds(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch
) -> None:
    today, before = date(2026, 8, 14), date(2026, 8, 13)
    for _ in range(2):
        found = search.find("bakery", PaymentFilter(status=Status.VOIDED))
        assert [one.id for one in found.payments] == [taken["voided"].id]
        assert not search.find("o'brien", PaymentFilter(customer="1001")).payments
        assert not search.find("today", PaymentFilter(days=Days(before, before))).payments
        assert len(search.find("today", PaymentFilter(days=Days(before, today))).payments) == 5
        found = search.find("bakrey", PaymentFilter(method=TenderKind.ACH))
        assert found.similar
        assert [one.id for one in found.payments] == [taken["ach"].id]
        assert not search.find("?", PaymentFilter(method=TenderKind.ACH)).payments
        index_all(counter)


def test_a_receipt_that_was_posted_is_found_as_posted(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch
) -> None:
    index_all(counter)
    card = taken["card"].id
    SqlOutbox(counter.ledger.transactions).entered_by_hand(card, "seen there")
    for _ in range(2):
        assert [one.id for one in search.find("", PaymentFilter(posted=True)).payments] == [card]
        assert card not in [one.id for one in search.find("", PaymentFilter(posted=False)).payments]
        index_all(counter)


def test_the_oldest_come_first_page_by_page(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch
) -> None:
    for typed, only in (
        ("", PaymentFilter()),
        ("dana", PaymentFilter()),
        ("today", PaymentFilter()),
        ("", PaymentFilter(person="Dana")),
        ("aug 2026", PaymentFilter(person="Dana")),
    ):
        for _ in range(2):
            first = search.find(typed, only, after=0, limit=2)
            assert first.more
            second = search.find(typed, only, after=first.payments[-1].id, limit=2)
            third = search.find(typed, only, after=second.payments[-1].id, limit=2)
            ids = [one.id for page in (first, second, third) for one in page.payments]
            assert ids == [1, 2, 3, 4, 5]
            assert not third.more
            index_all(counter)


def test_a_day_is_summed_as_day_end_does(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch
) -> None:
    today, money = date(2026, 8, 14), [taken[name] for name in ("card", "ach", "anytime")]
    all_of = total(payment.charged or payment.draft.quote.total for payment in money)
    [ach] = [payment for payment in money if payment.draft.kind is TenderKind.ACH]
    for _ in range(2):
        assert search.sums_of("", PaymentFilter(), today) == Sums(5, 3, all_of)
        only_ach = PaymentFilter(method=TenderKind.ACH)
        assert search.sums_of("dana", only_ach, today) == Sums(1, 1, ach.draft.quote.total)
        assert search.sums_of("voided", PaymentFilter(), today) == Sums(1, 0, ZERO)
        assert search.sums_of("", PaymentFilter(), date(2026, 8, 13)) == Sums(0, 0, ZERO)
        assert search.sums_of("smth nobody", PaymentFilter(), today) == Sums(0, 0, ZERO)
        index_all(counter)


def test_everybody_who_worked_here_can_be_chosen(counter: Counter, new_ledger: LedgerMaker) -> None:
    new_ledger("Front-2")
    new_ledger("Front-3")
    assert counter.ledger.people() == ["Dana"]


def test_what_changed_since_it_was_indexed_is_found_as_it_is_now(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch
) -> None:
    index_all(counter)
    card = taken["card"]
    counter.resolve.voids.void(card.id, "wrong")
    for _ in range(2):
        assert [one.id for one in search.find("V-000001").payments] == [card.id]
        assert card.id not in [one.id for one in search.find("approved").payments]
        assert card.id in [one.id for one in search.find("voided").payments]
        index_all(counter)


def test_a_misspelled_name_is_found(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch
) -> None:
    found = search.find("bakrey")
    assert found.similar
    assert {one.id for one in found.payments} == {
        taken[name].id for name in ("card", "ach", "voided", "declined")
    }
    index_all(counter)
    assert [one.id for one in search.find("o'brein").payments] == [taken["anytime"].id]
    assert not search.find("bakery").similar


def test_pages_follow_each_other(counter: Counter, taken: dict[str, Payment], search: PaymentSearch) -> None:
    for typed in ("", "dana", "today", "08/14/2026 dana"):
        for _ in range(2):
            first = search.find(typed, limit=2)
            assert first.more
            second = search.find(typed, before=first.payments[-1].id, limit=2)
            third = search.find(typed, before=second.payments[-1].id, limit=2)
            ids = [one.id for page in (first, second, third) for one in page.payments]
            assert ids == [5, 4, 3, 2, 1]
            assert not third.more
            index_all(counter)


def test_a_day_ends_at_the_agencys_midnight(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch
) -> None:
    counter.clock.move(14 * 3600)  # 4 AM in UTC, midnight in New York
    counter.source.owe("50150", 10_00)
    late = counter.pay("50150")
    assert [one.id for one in search.find("today").payments] == [late.id]
    assert [one.id for one in search.find("yesterday bakery approved").payments] == [taken["card"].id]
    index_all(counter)
    assert [one.id for one in search.find("today approved").payments] == [late.id]
    assert [one.id for one in search.find("8/14 bakery approved").payments] == [taken["card"].id]


def test_a_ledger_is_walked_once_and_then_followed(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_indexer, "_STEP", 2)
    assert counter.ledger.index_payments()
    counter.resolve.voids.void(taken["card"].id, "wrong")  # after the walk has passed it
    assert [one.id for one in search.find("V-000001").payments] == [taken["card"].id]
    assert [one.id for one in search.find("declined").payments] == [taken["declined"].id]
    index_all(counter)
    assert [one.id for one in search.find("V-000001").payments] == [taken["card"].id]
    assert not counter.ledger.index_payments()


def test_a_search_says_that_it_does_not_see_older_payments_yet(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_search, "MOST_UNREAD", 2)
    found = search.find("dana")
    assert found.incomplete
    assert [one.id for one in found.payments] == [5, 4]
    assert not search.find("").incomplete
    index_all(counter)
    found = search.find("dana")
    assert not found.incomplete
    assert len(found.payments) == 5


def test_other_terms_are_made_anew(
    counter: Counter, taken: dict[str, Payment], new_ledger: LedgerMaker
) -> None:
    index_all(counter)
    with new_ledger.engine().begin() as connection:
        connection.execute(sa.update(schema.payment_doc).values(terms="wold"))
        connection.execute(sa.update(schema.progress).values(value='{"version": "0"}'))
    index_all(counter)
    assert len(counter.ledger.payments(limit=9, matching="reyes")) == 4


def test_events_without_a_payment_are_passed(
    counter: Counter, taken: dict[str, Payment], search: PaymentSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_indexer, "_MOST_KNOWN", 0)
    index_all(counter)
    counter.ledger.note(None, EventKind.IDENTIFIED, {"customer": "1001", "by": "phone"})
    assert [one.id for one in search.find("o'brein").payments] == [taken["anytime"].id]
    assert counter.ledger.index_payments()
    assert not counter.ledger.index_payments()


def test_the_terms_hold_no_card_number(counter: Counter, taken: dict[str, Payment]) -> None:
    index_all(counter)
    with counter.ledger.transactions.read() as connection:
        docs = connection.execute(sa.select(schema.payment_doc.c.terms)).scalars().all()
    assert len(docs) == len(taken)
    assert not any("4000620000000007" in terms for terms in docs)
