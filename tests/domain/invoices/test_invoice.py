"""Due dates, ZIPs, and the numbers in what people type, paste and scan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.invoices.invoice import (
    Customer,
    Due,
    DueStatus,
    Invoice,
    due_status,
    zip5,
)
from paydesk.domain.money import Money

TODAY = date(2026, 8, 14)


def an_invoice(cents: int = 100, due: date | None = None) -> Invoice:
    return Invoice(
        number="1",
        customer_number="2",
        customer_name="Ann",
        amount=Money(100),
        balance=Money(cents),
        read_at=datetime(2026, 8, 14, tzinfo=UTC),
        due_date=due,
    )


@given(st.integers(-4000, 4000))
def test_days_are_calendar_days(days: int) -> None:
    status = due_status(an_invoice(due=TODAY + timedelta(days=days)), TODAY)
    if days < 0:
        assert status == DueStatus(Due.OVERDUE, -days)
    elif days == 0:
        assert status == DueStatus(Due.TODAY)
    else:
        assert status == DueStatus(Due.LATER, days)


def test_what_has_no_date_no_balance_or_is_a_credit() -> None:
    assert due_status(an_invoice(), TODAY).due is Due.NO_DATE
    assert due_status(an_invoice(0, TODAY - timedelta(days=9)), TODAY).due is Due.NOTHING_OWED
    assert due_status(an_invoice(-5), TODAY).due is Due.CREDIT


@pytest.mark.parametrize(
    ("typed", "five"),
    [
        ("02108", "02108"),
        ("02108-1234", "02108"),
        ("０２１０８", "02108"),
        ("٠٢١٠٨", "02108"),
        ("021081234", "02108"),
        (" 0 2108 ", "02108"),
        ("2108", ""),
        ("", ""),
    ],
)
def test_zips_are_their_first_five_digits(typed: str, five: str) -> None:
    assert zip5(typed) == five


NOTED = "CC 4111 1111 1111 1111 exp 12/27 cvv 123 per phone call"


def test_a_card_number_noted_in_the_agency_system_is_not_taken_over() -> None:
    noted = replace(
        an_invoice(), description=NOTED, customer_name=f"Ann {NOTED}", policy_number="4111111111111111"
    )
    assert noted.description == "CC [card number removed]"
    assert noted.customer_name == "Ann CC [card number removed]"
    assert noted.policy_number == "[card number removed]", "one in ten as long is a card number"
    customer = Customer("1001", NOTED, email="4111.1111.1111.1111@example.com")
    assert customer.name == "CC [card number removed]"
    assert customer.email == "[card number removed]"


def test_other_texts_are_taken_over_as_they_are() -> None:
    plain = replace(an_invoice(), description="Premium 8/14/2026 - 8/14/2027, call 617-555-0142")
    assert plain.description == "Premium 8/14/2026 - 8/14/2027, call 617-555-0142"
