"""The receipt value: its figures agree, and its JSON comes back the same for ever."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.consent import Channel
from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.money import Money, total
from paydesk.domain.receipt import (
    TENDERS,
    VERSION,
    Agency,
    AnytimeReference,
    ConsentNote,
    Receipt,
    ReceiptKind,
    ReceiptLine,
)

texts = st.text(max_size=40)
instants = st.integers(1_600_000_000, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
amounts = st.integers(-10_000_00, 99_999_99).map(Money)
lines = st.builds(
    ReceiptLine, st.none() | texts, amounts, texts, texts, texts, texts, texts, st.none() | amounts
)
agencies = st.builds(Agency, texts, st.lists(texts, max_size=3).map(tuple), texts, texts, texts)


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    """Any receipt whose figures agree."""
    paid = tuple(draw(st.lists(lines, min_size=1, max_size=4)))
    kind = draw(st.sampled_from(ReceiptKind))
    subtotal, fee = total(line.amount for line in paid), Money(draw(st.integers(0, 500_00)))
    return Receipt(
        number=draw(texts),
        kind=kind,
        reference=draw(texts),
        taken_at=draw(instants),
        time_zone=draw(st.sampled_from(["America/Chicago", "UTC", "nowhere"])),
        agency=draw(agencies),
        payer_name=draw(texts),
        payer_contact=draw(texts),
        lines=paid,
        subtotal=subtotal,
        fee=fee,
        total=subtotal + fee,
        tender=draw(st.sampled_from(TENDERS)),
        brand=draw(texts),
        last4=draw(st.from_regex(r"[0-9]{0,4}", fullmatch=True)),
        authorization_code=draw(texts),
        taken_by=draw(texts),
        desk=draw(texts),
        channel=draw(st.sampled_from(Channel)),
        refund_line=draw(texts),
        anytime_reference=draw(st.none() | st.builds(AnytimeReference, texts, texts)),
        consent=draw(st.none() | st.builds(ConsentNote, texts, instants)),
        first_receipt="" if kind is ReceiptKind.PAYMENT else "R" + draw(texts),
        training=draw(st.booleans()),
    )


@given(receipts())
def test_json_round_trip(receipt: Receipt) -> None:
    stored = json.dumps(receipt.to_json())
    again = Receipt.from_json(json.loads(stored))
    assert again == receipt
    assert json.dumps(again.to_json()) == stored


def test_a_receipt_stored_by_version_1_is_read_for_ever() -> None:
    stored = json.loads((Path(__file__).parent / "receipt-version-1.json").read_text(encoding="utf-8"))
    receipt = Receipt.from_json(stored)
    assert receipt.total == Money(1_237_50)
    assert receipt.version == 1  # and prints as it did then
    assert receipt.to_json() == stored
    assert receipt.consent is not None
    assert receipt.to_json() == stored


def test_every_field_of_a_receipt_is_stored() -> None:
    stored = json.loads((Path(__file__).parent / "receipt-version-1.json").read_text(encoding="utf-8"))
    in_cents = {"subtotal", "fee", "total"}
    names = {field.name + ("_cents" if field.name in in_cents else "") for field in fields(Receipt)}
    assert names == set(stored)
    assert not any("expir" in name for name in names)


def stored_receipt() -> Receipt:
    return Receipt.from_json(
        json.loads((Path(__file__).parent / "receipt-version-1.json").read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize(
    "change",
    [
        {"subtotal": Money(1)},
        {"total": Money(1)},
        {"fee": Money(-1)},
        {"lines": ()},
        {"tender": "Cheque"},
        {"last4": "12345"},
        {"last4": "12/27"},
        {"first_receipt": "R-1"},
        {"kind": ReceiptKind.VOID},
        {"taken_at": datetime(2026, 3, 3, 14, 15)},  # noqa: DTZ001 - a time without a zone must be refused
    ],
)
def test_figures_that_disagree_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(BugError):
        replace(stored_receipt(), **change)  # type: ignore[arg-type] # any field, deliberately wrong


def test_a_newer_receipt_is_the_worlds_fault() -> None:
    with pytest.raises(KnownError, match="newer PayDesk"):
        Receipt.from_json({**stored_receipt().to_json(), "version": VERSION + 1})


@pytest.mark.parametrize("field", ["number", "lines", "taken_at", "agency", "kind"])
@pytest.mark.parametrize("damage", [None, "x", 7, ["x"]])
def test_a_damaged_receipt_is_a_bug_and_nothing_else(field: str, damage: object) -> None:
    stored = stored_receipt().to_json()
    missing = {name: value for name, value in stored.items() if name != field}
    with pytest.raises(BugError):
        Receipt.from_json(missing)
    if field != "number":
        with pytest.raises(BugError):
            Receipt.from_json({**stored, field: damage})
