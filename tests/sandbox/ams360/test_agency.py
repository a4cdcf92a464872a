"""The training agency contains every case that a desk meets, on every day the same ones."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from paydesk.domain.money import ZERO, Money
from paydesk.sandbox.ams360.agency import (
    BEGINNING,
    COMMISSION,
    DIRECT_BILL,
    DIRECT_ENTRY,
    ON_ACCOUNT,
    training_agency,
)

TODAY = date(2026, 5, 20)
AGENCY = training_agency(TODAY)
INVOICES = AGENCY.invoices.values()


def test_its_size() -> None:
    assert 38 <= len(AGENCY.customers) <= 45
    assert 290 <= len(INVOICES) <= 310
    assert max(len(AGENCY.invoices_of(number)) for number in AGENCY.customers) > 100


def test_it_is_the_same_every_time() -> None:
    assert training_agency(TODAY) == AGENCY


def test_days_move_with_today() -> None:
    later = training_agency(TODAY + timedelta(days=100))
    for number, invoice in AGENCY.invoices.items():
        other = later.invoices[number].due_on
        assert (invoice.due_on is None) == (other is None)
        if invoice.due_on is not None and other is not None:
            assert (other - invoice.due_on).days == 100


def test_the_invoices_of_the_readme() -> None:
    first, second = AGENCY.invoices[50_123], AGENCY.invoices[50_140]
    assert (first.customer_number, first.balance) == (1001, Money(1_250_00))
    assert first.due_on == TODAY - timedelta(days=23)
    assert (second.customer_number, second.balance) == (1001, Money(150_00))
    assert AGENCY.invoices[50_200].balance == Money(18_400_00)


def test_every_kind_of_invoice_is_there() -> None:
    kinds = {
        "overdue": [one for one in INVOICES if one.due_on and one.due_on < TODAY and one.balance > ZERO],
        "due today": [one for one in INVOICES if one.due_on == TODAY],
        "due later": [one for one in INVOICES if one.due_on and one.due_on > TODAY],
        "no due date": [one for one in INVOICES if one.due_on is None],
        "part-paid": [one for one in INVOICES if ZERO < one.balance < one.amount],
        "paid": [one for one in INVOICES if one.amount > ZERO and one.balance == ZERO],
        "credit": [one for one in INVOICES if one.balance < ZERO],
        "canceled": [one for one in INVOICES if one.canceled],
        "installment": [one for one in INVOICES if one.installment],
        "bare": [one for one in INVOICES if one.bare],
        "no policy": [one for one in INVOICES if one.policy_number is None],
        "above the ACH limit": [one for one in INVOICES if one.balance > Money(15_000_00)],
        "shared": [one for one in INVOICES if one.shared_with],
    }
    for type_number in (DIRECT_BILL, DIRECT_ENTRY, COMMISSION, BEGINNING, ON_ACCOUNT):
        kinds[f"type {type_number}"] = [one for one in INVOICES if one.kind == type_number]
    assert [name for name, found in kinds.items() if not found] == []


def test_every_kind_of_customer_is_there() -> None:
    people = [customer.person for customer in AGENCY.customers.values()]
    zips = [person.zip_code for person in people]
    assert {None, "", "00501", "02110-1234", "021141234"} <= set(zips)
    names = " ".join(person.full_name for person in people)
    for script in ("陳", "خ", "ש", "さ", "é", "Ø", "И", "Π", "🍳", "=SUM", "<b>", "Nguyễn"):
        assert script.casefold() in names.casefold(), script
    assert {len(person.full_name) for person in people if len(person.full_name) > 100} == {300}


def test_nothing_in_it_asks_for_an_outcome_or_a_fault() -> None:
    for invoice in INVOICES:
        assert invoice.balance.cents // 100 not in (6_666, 7_777)


def test_the_manual_names_what_there_is() -> None:
    manual = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    numbers = {int(number) for number in re.findall(r"\b50[0-9]{3}\b", manual)} - {50_309}
    assert {50_123, 50_140, 50_200} <= numbers <= set(AGENCY.invoices)
    assert set(map(int, re.findall(r"\b10[0-9]{2}\b", manual))) <= set(AGENCY.customers)
