"""Rows of AndDone's list, each judged alone: an odd one stops only payments that it may be about."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pytest

from paydesk.domain.money import Money
from paydesk.domain.outcome import Charge
from paydesk.gateways.anddone.answers import to_charge
from paydesk.gateways.anddone.processor import AndDone
from paydesk.gateways.anddone.rows import Row, payments_in
from paydesk.gateways.http.fields import Fields
from paydesk.gateways.http.json_text import from_json, to_json
from tests.gateways import made
from tests.gateways.conftest import anddone_config
from tests.gateways.hostile import Hostile, reply

ROW: dict[str, Any] = {
    "transactionId": "0c1f6c2e-8b0a-4f0f-9b61-0d6a5f6f2a11",
    "transactionDate": "05-18-2026 16:10:02",
    "operationType": "Sale",
    "transactionStatus": "Captured",
    "amount": Decimal("178.00"),
    "captureAmount": Decimal("184.23"),
    "merchantReference": "link-7",
    "invoiceId": "50123",
}


def fields(changes: dict[str, Any]) -> Fields:
    held = from_json(to_json(ROW | changes).encode())
    assert isinstance(held, dict)
    return Fields(held)


def charge(changes: dict[str, Any]) -> Charge:
    return to_charge(Row.of(fields(changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"captureAmount": Decimal("184.235")},
        {"amount": Decimal("178.005")},
        {"amount": "one hundred"},
        {"amount": "$178.00"},
        {"amount": True},
        {"amount": [178]},
        {"amount": Decimal("1e12")},
        {"captureAmount": {"value": 184.23}},
        {"adjustmentAmount": "n/a"},
        {"transactionId": ""},
        {"transactionId": None},
        {"transactionId": {"$": "x"}},
        *({"transactionId": text} for text in made.STEERING),
        {"transactionStatus": ["Captured"]},
        {"transactionStatus": "Denied", "amount": "?"},
        {"transactionStatus": "Cancelled", "amount": "?"},
        {"merchantReference": {"value": "link-7"}},
        {"invoiceId": 1.5, "remarks": "Invoice 50123"},
        {"invoiceId": ["50123"]},
        {"additionaFields": 7},
        {"invoiceId": "x" * 5000 + " 50123"},
        {"paymentAdjustmentType": 1.5},
    ],
)
def test_an_unreadable_row_is_live_with_an_unknown_amount_and_every_number_in_it(
    changes: dict[str, Any],
) -> None:
    found = charge(changes)
    assert (found.live, found.taken, found.canceled) == (True, False, False)
    assert (found.subtotal, found.charged, found.fee) == (None, None, None)
    assert "50123" in found.invoice_numbers
    assert found.texts
    assert found.processor_ref in ("", ROW["transactionId"])
    assert "texts" not in repr(found), "they may hold what must not be logged"


@pytest.mark.parametrize(
    "text",
    [
        "50123", "#50123", "INV-50123", "INV50123", "invoice no. 50123", "50123-2", "00050123", "a,50123;b",
        "Pay 50123/50140", "50123: Dana", "№50123", "Rechnung=50123", "(50123)", "x50123x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["invoiceId", "remarks", "customerName", "whatever"])
def test_an_unreadable_row_is_searched_in_every_text(name: str, text: str) -> None:
    found = charge({"invoiceId": None, "amount": "?", name: text})
    assert "50123" in found.invoice_numbers


@pytest.mark.parametrize("deep", [{"a": {"b": ["50123"]}}, [{"c": 50123}], {"d": "e 50123"}])
def test_an_unreadable_row_is_searched_at_any_depth(deep: object) -> None:
    assert "50123" in charge({"invoiceId": None, "amount": "?", "extra": deep}).invoice_numbers


def test_the_digits_of_an_id_are_no_invoice_numbers() -> None:
    row = {"invoiceId": None, "amount": "?", "transactionId": "50123000-5012-4f0f-9b61-000000050123"}
    assert "50123" not in charge(row).invoice_numbers


def test_an_unreadable_row_may_be_about_a_title_it_mentions() -> None:
    assert charge({"amount": "?", "remarks": f"for {made.TITLE}"}).is_about(made.TITLE)
    assert charge({"amount": "?", "merchantReference": {"value": made.TITLE}}).is_about(made.TITLE)
    assert not charge({"amount": "?"}).is_about(made.TITLE)
    assert not charge({"remarks": f"for {made.TITLE}"}).is_about(made.TITLE), "a readable row says so itself"


@pytest.mark.parametrize(
    ("changes", "cents", "rounded"),
    [
        ({}, 184_23, ""),
        ({"captureAmount": Decimal("183.6782")}, 183_68, "183.6782"),
        ({"captureAmount": Decimal("184.23000000000002")}, 184_23, "184.23000000000002"),
        ({"amount": Decimal("178.0000000001"), "captureAmount": None}, 178_00, "178.0000000001"),
        ({"captureAmount": "184.23"}, 184_23, ""),
        ({"captureAmount": "183.6782"}, 183_68, "183.6782"),
        ({"amount": "178"}, 184_23, ""),
    ],
)
def test_an_amount_a_hair_off_a_cent_is_rounded_and_remembered(
    changes: dict[str, Any], cents: int, rounded: str
) -> None:
    found = charge(changes)
    assert (found.charged, found.rounded, found.texts) == (Money(cents), rounded, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"transactionDate": "Mon, 18 May 2026 16:10:02 GMT"},
        {"transactionDate": "/Date(1779120602000)/"},
        {"transactionDate": "5/18/2026 4:10:02 PM +00:00"},
        {"transactionDate": 1779120602000},
        {"transactionDate": ["x"]},
        {"transactionOrigin": {"id": 1}},
        {"additionaFields": {"invoices": "50123"}},
        {"additionaFields": "note=" + "y" * 5000},
    ],
)
def test_what_decides_nothing_makes_no_row_unreadable(changes: dict[str, Any]) -> None:
    found = charge(changes)
    assert (found.charged, found.texts) == (Money(184_23), ())
    assert found.invoice_numbers == {"50123"}


@pytest.mark.parametrize(
    ("operation", "listed"),
    [
        ("Sale", True), ("ForceSale", True), ("", True), (None, True), ("Adjust", True), ("Activate", True),
        ("Inquire", True), ("sale", True), ("SALE", True), ("Purchase", True), (0, True), (2, True),
        ("0", True), (3, True), (8, True), (10, True), (99, True), (1.5, True), (["Refund"], True),
        (True, True), ("Refund", False), ("refund", False), ("VerifyOnly", False), ("ReverseAuth", False),
        ("REVERSEAUTH", False), (7, False), ("7", False), (1, False), (9, False),
    ],
)  # fmt: skip
def test_only_rows_that_plainly_are_no_payments_are_left_out(operation: object, listed: bool) -> None:
    assert bool([*payments_in([fields({"operationType": operation})])]) is listed


@pytest.mark.parametrize(
    ("number", "name", "live"),
    [
        (0, "Created", True), (1, "PendingForAuthorized", True), (2, "Authorized", True),
        (4, "Captured", True), (5, "Failed", False), (8, "Cancelled", False), (14, "Denied", False),
        (16, "Success", True), (22, "Paid", True), (28, "Unknown", True), (29, "29", True),
    ],
)  # fmt: skip
def test_numbers_of_statuses_are_read_in_the_published_order(number: int, name: str, live: bool) -> None:
    found = charge({"transactionStatus": number})
    assert (found.status, found.live) == (name, live)


def _list(*rows: object) -> bytes:
    return json.dumps({"totalRowCount": len(rows), "data": rows}).encode()


def test_one_odd_row_leaves_the_list_readable() -> None:
    row = {name: str(value) if isinstance(value, Decimal) else value for name, value in ROW.items()}
    rows = (row, row | {"transactionId": "", "amount": "?"}, row | {"transactionId": "t-3", "amount": 1.005})
    with Hostile(reply(200, _list(*rows))) as server:
        charges = AndDone(anddone_config(server.url)).charges(made.FROM, made.TO)
    assert [found.charged for found in charges] == [Money(184_23), None, None]


@pytest.mark.parametrize("text", ["x" * 200_000, " " * 200_000, "a " * 100_000, "=" * 200_000, "0" * 200_000])
@pytest.mark.parametrize("changes", [{}, {"amount": "?"}])
def test_a_long_text_costs_no_more_than_its_length(text: str, changes: dict[str, Any]) -> None:
    """It took 25 million steps for 5,000 letters."""
    started_s = time.monotonic()
    charge({"additionaFields": text} | changes)
    assert time.monotonic() - started_s < 2


@pytest.mark.parametrize(
    "text",
    [
        "(50123)", "Invoice#50123", "Invoice #50123", "INV_50123", "№50123", "50123.", "50123!",
        "50140|50123", "50140&50123", "50140/50123", "５０１２３", "٥٠١٢٣", "\u200b50123", "[50123]",
        "“50123”", "invoice: 50123", "Invoice-50123", "inv.50123", "50123\u00a0", "50140\n50123",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["invoiceId", "invoiceNo", "orderId"])
def test_an_invoice_is_noticed_however_somebody_typed_it(name: str, text: str) -> None:
    """A payment from the portal for ``(50123)`` did not stop a second one."""
    assert "50123" in charge({"invoiceId": None, name: text}).invoice_numbers


@pytest.mark.parametrize(
    "text", ["INVOICE-NO:50123", "50123-premium", "50123A", "inv no.50123", "50123\u201350140", "pmt50123"]
)
@pytest.mark.parametrize("name", ["invoiceId", "invoiceNo"])
def test_a_field_for_invoices_gives_its_number_from_any_word(name: str, text: str) -> None:
    assert "50123" in charge({"invoiceId": None, name: text}).invoice_numbers
    assert not charge({"invoiceId": None, name: "unit A1"}).invoice_numbers


def test_an_entitys_suffix_is_read_behind_any_hyphen() -> None:
    assert charge({"invoiceId": "50123\u20112"}).invoice_numbers == {"50123-2"}
    assert charge({"invoiceId": "INV\u201350123\u20132"}).invoice_numbers == {"50123-2"}


@pytest.mark.parametrize(
    "text", ["REF123456", "link-7", "PD-7K2M-A1", "05-18-2026 16:10", "HO-204417", "x50123x"]
)
def test_a_reference_of_another_kind_is_no_invoice(text: str) -> None:
    assert "123456" not in charge({"invoiceId": None, "referenceNo": text}).invoice_numbers
    assert not {"50123", "204417", "2026"} & charge({"invoiceId": None, "referenceNo": text}).invoice_numbers


@pytest.mark.parametrize("name", ["additionaFields", "additionalFields"])
@pytest.mark.parametrize(
    "held",
    [
        "Invoice Number=50123;x=1",
        "x=1|Invoice no: 50123",
        '[{"name":"Invoice","value":"50123"}]',
        [{"name": "InvoiceNumber", "value": "50123"}, {"name": "Amount", "value": "5"}],
        [{"referenceType": "InvoiceNumber", "value": 50123}],
        ["Invoice 50123"],
        '{"Invoice":{"no":"50123"}}',
        {"Invoice": {"no": ["50123"]}},
    ],
)
def test_free_pairs_of_any_shape_name_the_invoice(name: str, held: object) -> None:
    found = charge({"invoiceId": None, name: held})
    assert found.invoice_numbers == {"50123"}
    assert not found.texts


def test_a_whole_number_with_a_fraction_of_zero_names_the_invoice() -> None:
    found = charge({"invoiceId": Decimal("50123.0")})
    assert found.texts
    assert "50123" in found.invoice_numbers


def test_a_fee_below_zero_is_not_told() -> None:
    """It was subtracted: 171.77 for 178.00."""
    found = charge(
        {"captureAmount": None, "adjustmentAmount": Decimal("-6.23"), "paymentAdjustmentType": "Surcharge"}
    )
    assert (found.charged, found.fee, found.named_fee) == (Money(178_00), None, None)


@pytest.mark.parametrize(
    ("amount", "captured", "subtotal"),
    [
        ("178.00", "40.00", 40_00),
        ("178.00", "0.00", 178_00),
        ("178.00", "184.23", 178_00),
        ("0.00", "5.00", 5_00),
    ],
)
def test_a_part_that_the_bank_approved_is_another_amount(amount: str, captured: str, subtotal: int) -> None:
    """A payment of 184.23 was recorded for a row that took 40.00."""
    found = charge({"amount": Decimal(amount), "captureAmount": Decimal(captured)})
    assert found.subtotal == Money(subtotal)
    assert found.live
