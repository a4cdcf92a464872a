"""Due dates, ZIPs, and the numbers in what people type, paste and scan."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.invoice import (
    Due,
    DueStatus,
    Invoice,
    customer_number_in,
    due_status,
    invoice_number_in,
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
    ("typed", "number"),
    [
        ("50123", "50123"),
        (" 050123\r\n", "50123"),
        ("#50123", "50123"),
        ("# 50 123", "50123"),
        ("INV-050123", "50123"),
        ("inv50123", "50123"),
        ("Invoice No. 50123", "50123"),
        ("Invoice #50123 for $1,250.00 due 08/01/2026", "50123"),
        ("\n\n50123\nsecond line", "50123"),
        ("50123-2", "50123-2"),
        ("INV-50123-02", "50123-02"),
        ("please pay 50123 today", "50123"),
        ("50123 50140", "50123"),
        ("4000620000000007", ""),
        ("4000 6200 0000 0007", "4000"),
        ("", ""),
        ("hello", ""),
        ("0000", ""),
    ],
)
def test_invoice_numbers_as_typed(typed: str, number: str) -> None:
    assert invoice_number_in(typed) == number


@given(st.text(max_size=60))
def test_any_text_gives_a_number_or_nothing(typed: str) -> None:
    number = invoice_number_in(typed)
    assert number == "" or number.replace("-", "", 1).isascii()
    assert not number.startswith("0")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1001", "1001"),
        ("# 1001", "1001"),
        ("Customer 001001", "1001"),
        ("cust no. 1001", "1001"),
        ("Bakery", ""),
    ],
)
def test_customer_numbers_as_typed(typed: str, number: str) -> None:
    assert customer_number_in(typed) == number


@pytest.mark.parametrize(
    ("typed", "five"),
    [
        ("02108", "02108"),
        ("02108-1234", "02108"),
        ("021081234", "02108"),
        (" 0 2108 ", "02108"),
        ("2108", ""),
        ("", ""),
    ],
)
def test_zips_are_their_first_five_digits(typed: str, five: str) -> None:
    assert zip5(typed) == five
