"""Hits, as the Take payment page says them."""

from __future__ import annotations

from datetime import UTC

import pytest

from paydesk.domain.invoices.search_terms import MatchedBy
from paydesk.domain.invoices.selection import InvoiceStatus, Row
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import State
from paydesk.services.ports.cache import OpenSums
from paydesk.ui.take.words import search as words
from tests.fakes import sample


def test_every_way_to_match_has_words() -> None:
    assert set(words.MATCHED_BY) == set(MatchedBy)


@pytest.mark.parametrize(
    ("state", "said"),
    [(State.SUBMITTED, "Being paid at Front-2"), (State.UNKNOWN, "Not confirmed yet")],
)
def test_an_invoice_that_another_desk_charges_is_found_with_a_word_about_it(state: State, said: str) -> None:
    status = InvoiceStatus(state, "Front-2", "Dana", sample.NOW, ZERO, being_paid=True)
    row = Row(sample.invoice("50123", 100_00, 1), status)
    assert words.invoice_hit(row, UTC, sample.TODAY) == said


@pytest.mark.parametrize(
    ("sums", "being_paid", "said"),
    [
        (OpenSums(), 0, "Nothing owed"),
        (OpenSums(1, Money(100)), 0, "1 invoice"),
        (OpenSums(2, Money(100), 1, Money(12_50)), 1, "2 invoices · 1 being paid · Credit $12.50"),
        (OpenSums(credits=2, credit=Money(12_50)), 0, "2 credits"),
    ],
)
def test_a_customers_sums_never_call_a_credit_owed(sums: OpenSums, being_paid: int, said: str) -> None:
    assert words.customer_sums(sums, being_paid) == said


@pytest.mark.parametrize(
    ("cents", "said"),
    [(-125_50, "Credit $125.50"), (0, "0.00"), (1_250_00, "1,250.00"), (-1, "Credit $0.01")],
)
def test_a_balance_below_zero_is_a_credit(cents: int, said: str) -> None:
    assert words.balance(Money(cents)) == said
