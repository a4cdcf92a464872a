"""The groups of a customer's invoices, and what the customer owes in all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paydesk.domain.invoices.selection import Dues, Group, InvoiceStatus, Row, dues, group_of
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import State
from tests.fakes.sample import NOW, TODAY, invoice

BEING_PAID = InvoiceStatus(State.SUBMITTED, "Front-2", "Sam", NOW, ZERO, being_paid=True)
PAID = InvoiceStatus(State.AUTHORIZED, "Front-1", "Dana", NOW, Money(100_00), "R-000001")
PART = replace(PAID, paid=Money(30_00))


@pytest.mark.parametrize(
    ("row", "group"),
    [
        (Row(invoice("1", 100_00, -1)), Group.OVERDUE),
        (Row(invoice("1", 100_00, -1), PART), Group.OVERDUE),
        (Row(invoice("1", 100_00, 0)), Group.DUE),
        (Row(invoice("1", 100_00, None)), Group.DUE),
        (Row(invoice("1", -100_00, -1)), Group.CREDITS),
        (Row(invoice("1", 100_00, -1), PAID), Group.NOT_PAYABLE),
        (Row(invoice("1", 100_00, -1), BEING_PAID), Group.NOT_PAYABLE),
        (Row(invoice("1", 0, -1)), Group.NOT_PAYABLE),
    ],
)
def test_an_invoice_is_overdue_due_a_credit_or_not_payable(row: Row, group: Group) -> None:
    assert group_of(row, TODAY) is group


def test_the_total_is_what_can_be_paid_now_without_credits_and_what_is_being_paid_is_apart() -> None:
    rows = [
        Row(invoice("1", 100_00, -1), PART),
        Row(invoice("2", 50_00, 3)),
        Row(invoice("3", -10_00, None)),
        Row(invoice("4", 100_00, -1), BEING_PAID),
    ]
    assert dues(rows, TODAY) == Dues(Money(120_00), Money(70_00), Money(100_00))
    assert dues([Row(invoice("1", 100_00, -1), PAID)], TODAY) == dues([], TODAY) == Dues(ZERO, ZERO, ZERO)
