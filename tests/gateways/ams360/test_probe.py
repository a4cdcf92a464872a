"""The output of ``paydesk doctor --ams360``: everything about an agency's answers except their data."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.errors import KnownError
from paydesk.gateways.ams360.names import NAMES, with_overrides
from paydesk.gateways.ams360.probe import FieldSeen, Section, probe, shape_of
from paydesk.sandbox import Sandbox
from tests.gateways.ams360.test_ems import LOGIN, ROW, rows
from tests.gateways.conftest import ems_config
from tests.gateways.hostile import Act, Hostile, reply

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
CUSTOMER = {"customerId": "c-1", "customerNumber": 1234, "fullName": "Sample Bakery LLC", "zipCode": "02108"}


def seen(section: Section, key: str) -> FieldSeen:
    return next(field for field in section.fields if field.key == key)


def test_a_tenant_that_is_as_expected(contract_checked_sandbox: Sandbox) -> None:
    sections = probe(ems_config(contract_checked_sandbox.ams360_url), 50123, None, lambda: NOW)
    assert [section.rows for section in sections] == [1, 2, 1, 3, 1, None]
    invoices, _lines, customers, owned, named, receipts = sections
    assert named == Section(
        "Customers found by customerName", 1, remarks=("Every row has that name: the filter works.",)
    )
    assert {field.seen for field in receipts.fields} == {"not asked"}
    assert invoices.remarks == ("Every row has that number: the filter works.",)
    assert seen(invoices, "invoice.balance").seen == "present"
    assert seen(invoices, "invoice.balance").kind == "number"
    assert seen(invoices, "invoice.customer_name").shape == "Xxxxxx Xxxxxx XXX"
    assert seen(invoices, "invoice.bill_method").shape == "A"
    assert seen(invoices, "invoice.lines").grade == "observed"
    assert seen(customers, "customer.zip").shape == "99999"
    assert owned.remarks == ("None of another's.",)


def test_nothing_of_what_it_says_is_shown(contract_checked_sandbox: Sandbox) -> None:
    told = str(probe(ems_config(contract_checked_sandbox.ams360_url), 50123, 1001, lambda: NOW))
    for secret in ("Sample", "Bakery", "1250", "1001", "02108", "BOP", "customer1001", "617555"):
        assert secret not in told


def test_a_tenant_with_other_names(contract_checked_sandbox: Sandbox) -> None:
    row = {name: value for name, value in ROW.items() if name != "balance"} | {"openBalance": 400.0}
    with Hostile(*LOGIN, rows(row), rows(CUSTOMER), rows(row)) as server:
        invoices, *_ = probe(
            ems_config(server.url, names={"invoice.insurer": "carrier"}), 50123, None, lambda: NOW
        )
    assert seen(invoices, "invoice.balance").seen == "absent or null"
    assert seen(invoices, "invoice.insurer").grade == "settings"
    assert FieldSeen("", "openbalance", "new", "present", "number", "999.9") in invoices.fields
    known = [field.key for field in invoices.fields if field.key]
    assert known == [key for key in NAMES if key.startswith("invoice.")]


def test_a_filter_that_is_ignored_is_said(contract_checked_sandbox: Sandbox) -> None:
    with Hostile(*LOGIN, rows(ROW, ROW | {"invoiceNumber": 7}), rows(), rows()) as server:
        invoices, *_ = probe(ems_config(server.url), 50123, 1234, lambda: NOW)
    assert invoices.remarks == ("Other numbers came too: AMS360 does not know this filter's name.",)


def test_lines_that_show_receipts_are_said() -> None:
    lines = [{"grossAmount": 1250.0, "chargeCategory": "P"}, {"grossAmount": -850.0, "chargeCategory": "R"}]
    with Hostile(*LOGIN, rows(ROW | {"invoiceTransactions": lines}), rows(CUSTOMER), rows()) as server:
        sections = probe(ems_config(server.url), 50123, None, lambda: NOW)
    assert sections[1].remarks[-1] == (
        "So the lines show receipts: lines_show_receipts = true fits this agency."
    )


def test_no_such_invoice_and_no_answer() -> None:
    with Hostile(*LOGIN, rows()) as server:
        assert probe(ems_config(server.url), 50123, None, lambda: NOW)[0].rows == 0
    with Hostile(*LOGIN, reply(500, {})) as server, pytest.raises(KnownError, match="is having a problem"):
        probe(ems_config(server.url), 50123, None, lambda: NOW)


@given(st.one_of(st.text(), st.integers(), st.decimals(allow_nan=False), st.lists(st.text())))
def test_a_shape_tells_no_letter_and_no_digit(value: object) -> None:
    shape = shape_of(value)
    assert len(shape) <= 33
    if isinstance(value, str | Decimal):
        assert all(letter in "Xx9" for letter in shape if letter.isalnum())


@pytest.mark.parametrize(
    ("answer", "remark"),
    [
        (rows(CUSTOMER, CUSTOMER | {"customerId": "c-2", "fullName": "Another"}), "Other names came too"),
        (rows(CUSTOMER | {"customerId": "c-2", "fullName": "Another"}), "Not even that customer came"),
        (rows(), "Not even that customer came"),
        (reply(400, {"error": "Unknown filter."}), "AMS360 refused: Unknown filter. The search by name"),
    ],
    ids=["ignored", "other", "none", "refused"],
)
def test_a_search_by_name_that_is_not_as_inferred_is_said(answer: Act, remark: str) -> None:
    with Hostile(*LOGIN, rows(ROW), rows(CUSTOMER), rows(), answer) as server:
        sections = probe(ems_config(server.url), 50123, None, lambda: NOW)
    assert sections[-2].remarks[0].startswith(remark)


@pytest.mark.parametrize("spelling", ["invoice.canceled", "invoice.cancelled"])
def test_a_name_may_be_set_in_either_spelling(spelling: str) -> None:
    assert with_overrides({spelling: "isVoid"})["invoice.canceled"] == "isVoid"
