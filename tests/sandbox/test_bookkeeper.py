"""The bookkeeper of the training agency reverses the receipts of charges that went back, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from paydesk.domain.money import Money
from paydesk.sandbox.ams360.agency import Agency, Invoice, Line
from paydesk.sandbox.ams360.receipts import Posted, Receipt
from paydesk.sandbox.anddone.books import Charge, Refund
from paydesk.sandbox.bookkeeper import reverse_receipts

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
OWED, PAID, ON_ACCOUNT = Money(125_000), Money(100_000), Money(2_500)
CHARGE = Charge("t1", "PD52K2EHXWWVWTF3QRQ4-1", "CreditCard", "card", PAID, Money(3_500), NOW,
                NOW + timedelta(hours=9))  # fmt: skip
RECEIPT = Receipt(
    "r1", 1001, PAID + ON_ACCOUNT, ((50_123, PAID), (None, ON_ACCOUNT)), "2026-12-01", "TRUST1", "CreditCard",
    "PayDesk R-000001 PD52K2EHXWWVWTF3QRQ4 Visa ending 0007",
)  # fmt: skip


def refund(status: str) -> Refund:
    return Refund("f1", "t1", PAID, "Subtotal", "Other", "", NOW, status)


def agency_that_was_paid() -> Agency:
    agency = Agency()
    agency.add(Invoice(50_123, 1001, (Line("Premium", OWED),), date(2026, 11, 1), None, applied=PAID))
    return agency


@pytest.mark.parametrize("status", ["Cancelled", "Returned", "Chargeback"])
def test_a_receipt_of_money_that_went_back_is_reversed_once(status: str) -> None:
    agency, posted = agency_that_was_paid(), Posted([RECEIPT])
    for _ in range(2):
        reverse_receipts(agency, posted, [replace(CHARGE, status=status)])
        assert agency.invoices[50_123].balance == OWED
        assert posted.receipts == []


@pytest.mark.parametrize("status", ["Authorized", "Captured", "Denied"])
def test_a_receipt_of_money_that_is_here_stays(status: str) -> None:
    agency, posted = agency_that_was_paid(), Posted([RECEIPT])
    reverse_receipts(agency, posted, [replace(CHARGE, status=status)])
    assert agency.invoices[50_123].balance == OWED - PAID
    assert posted.receipts == [RECEIPT]


def test_a_refund_counts_once_it_is_done() -> None:
    agency, posted = agency_that_was_paid(), Posted([RECEIPT])
    for status, balance in (("PendingForAuthorized", OWED - PAID), ("Success", OWED)):
        reverse_receipts(agency, posted, [replace(CHARGE, status="Refunded", refunds=[refund(status)])])
        assert agency.invoices[50_123].balance == balance


@pytest.mark.parametrize("reference", ["", "PD52K2EHXWWVWTF3QRQ5-1"])
def test_a_charge_of_another_payment_reverses_nothing(reference: str) -> None:
    agency, posted = agency_that_was_paid(), Posted([RECEIPT])
    reverse_receipts(agency, posted, [replace(CHARGE, reference=reference, status="Cancelled")])
    assert posted.receipts == [RECEIPT]
