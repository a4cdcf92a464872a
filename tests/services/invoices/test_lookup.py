"""Lookup: from what people type to what is owed, and the message if nothing is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paydesk.domain.errors import KnownError
from paydesk.services.invoices.lookup import NotFound, SecondIdentifierNeeded
from tests.fakes.world import BAKERY, NO_ZIP, Counter


@pytest.mark.parametrize("typed", ["50123", " 050123\n", "# 50 123", "INV-50123", "Invoice #50123, due 8/1"])
def test_an_invoice_number_is_found_as_typed_and_the_others_offered(counter: Counter, typed: str) -> None:
    counter.source.owe("50123", 100_00)
    counter.source.owe("50140", 25_00)
    counter.source.owe("50999", 25_00, NO_ZIP)
    found = counter.lookup.by_invoice(typed)
    assert [row.invoice.number for row in found.rows] == ["50123"]
    assert [row.invoice.number for row in found.others] == ["50140"]
    assert found.customer == BAKERY


def test_what_was_seen_is_answered_without_ams360(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.source.owe("50140", 25_00)
    assert counter.lookup.cached_by_invoice("50123") is None
    live = counter.lookup.by_invoice("50123")
    counter.source.away = True
    cached = counter.lookup.cached_by_invoice("50123")
    assert cached is not None
    assert cached.cached
    assert (cached.rows, cached.others) == (live.rows, live.others)
    by_customer = counter.lookup.cached_by_customer("1001", "02108")
    assert by_customer is not None
    assert len(by_customer.rows) == 2


def test_an_invoice_closed_at_the_source_leaves_the_cached_list(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    counter.source.owe("50140", 25_00)
    counter.lookup.by_customer("1001", "02108")
    del counter.source.invoices["50140"]
    counter.clock.move(60)
    counter.lookup.by_customer("1001", "02108")
    cached = counter.lookup.cached_by_customer("1001", "02108")
    assert cached is not None
    assert [row.invoice.number for row in cached.rows] == ["50123"]


@pytest.mark.parametrize("zip_code", ["02108", "02108-1234", "021089999", " 02108 "])
def test_zips_compare_on_five_digits(counter: Counter, zip_code: str) -> None:
    counter.source.owe("50123", 100_00)
    assert len(counter.lookup.by_customer("#1001", zip_code).rows) == 1


@pytest.mark.parametrize("number", ["1001", "7777"])
def test_without_a_zip_it_is_asked_for_whether_or_not_there_is_such_a_customer(
    counter: Counter, number: str
) -> None:
    counter.source.owe("50123", 100_00)
    with pytest.raises(NotFound, match="Enter the customer's ZIP"):
        counter.lookup.by_customer(number, " ")


@pytest.mark.parametrize(("number", "zip_code"), [("1001", "02109"), ("1001", "x"), ("7777", "02108")])
def test_a_wrong_pair_tells_nothing_of_the_customer(counter: Counter, number: str, zip_code: str) -> None:
    counter.source.owe("50123", 100_00)
    with pytest.raises(KnownError) as error:
        counter.lookup.by_customer(number, zip_code)
    assert error.value.sentence == "Customer number and ZIP don't match."


def test_without_a_zip_on_file_a_name_or_phone_has_to_match_and_that_is_recorded(counter: Counter) -> None:
    counter.source.owe("50999", 25_00, NO_ZIP)
    with pytest.raises(SecondIdentifierNeeded):
        counter.lookup.by_customer("1002", "02108")
    with pytest.raises(KnownError, match="doesn't match"):
        counter.lookup.by_customer("1002", "", "somebody")
    assert len(counter.lookup.by_customer("1002", "", "renee o'brien").rows) == 1
    assert len(counter.lookup.by_customer("1002", "", "(617) 555 0199").rows) == 1


@pytest.mark.parametrize(
    ("on_file", "said", "known"),
    [
        ("(617) 555-0199 ext. 4", "617 555 0199", True),
        ("6175550199", "1-617-555-0199 x7", True),
        ("617-555-0199 cell / 617-555-0100", "it is 617.555.0100", True),
        ("6175550199", "６１７５５５０１９９", True),
        ("617-555-0199", "508-555-0199", False),
        ("000-000-0000", "000-000-0000", False),
        ("0", "0", False),
        ("111-111-1111", "111-111-1111", False),
        ("123-456-7890", "123-456-7890", False),
        ("617-555-1212", "617-555-1212", False),
        ("555-0199", "555-0199", False),
        ("+44 20 7946 0000", "+44 20 7946 0000", False),
    ],
)
def test_a_phone_number_identifies_only_if_it_is_a_possible_one(
    counter: Counter, on_file: str, said: str, known: bool
) -> None:
    """A filler on file was an identifier that anybody could say."""
    counter.source.owe("50999", 25_00, NO_ZIP)
    counter.source.customers[NO_ZIP.number] = replace(NO_ZIP, phones=(on_file,))
    if known:
        assert len(counter.lookup.by_customer(NO_ZIP.number, "", said).rows) == 1
    else:
        with pytest.raises(KnownError, match="doesn't match"):
            counter.lookup.by_customer(NO_ZIP.number, "", said)


def test_an_anytime_reference_that_is_an_open_invoice_is_offered(counter: Counter) -> None:
    counter.source.owe("50123", 100_00)
    row = counter.lookup.invoice_for("Invoice 50123")
    assert row is not None
    assert row.invoice.number == "50123"
    assert counter.lookup.invoice_for("POL-77") is None


def test_not_found_says_the_next_step(counter: Counter) -> None:
    with pytest.raises(KnownError, match="There is no invoice 77777 in AMS360"):
        counter.lookup.by_invoice("77777")
    with pytest.raises(KnownError, match="isn't an invoice number"):
        counter.lookup.by_invoice("hello")


@pytest.mark.parametrize("typed", ["4000620000000007", "4000 6200 0000 0007", "3782-822463-10005"])
def test_a_card_number_in_the_wrong_field_goes_nowhere(counter: Counter, typed: str) -> None:
    for look_up in (counter.lookup.by_invoice, counter.lookup.cached_by_invoice):
        with pytest.raises(KnownError) as error:
            look_up(typed)
        assert error.value.sentence == "That looks like a card number."
    with pytest.raises(KnownError):
        counter.lookup.by_customer(typed, "02108")
