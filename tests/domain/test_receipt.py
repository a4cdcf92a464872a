"""The receipt value: its figures agree, and its JSON reads back unchanged in every later version."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.consent import Agency, Channel
from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.money import Money, total
from paydesk.domain.receipt import (
    VERSION,
    AnytimeReference,
    ConsentNote,
    Receipt,
    ReceiptKind,
    ReceiptLine,
    void_of,
)
from paydesk.domain.stored import receipt_from, receipt_text
from paydesk.domain.tender import TenderKind
from paydesk.domain.world import LIVE, TEST, TRAINING, World, WorldKind

texts = st.text(max_size=40)
instants = st.integers(1_600_000_000, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
amounts = st.integers(-10_000_00, 99_999_99).map(Money)
lines = st.builds(
    ReceiptLine, st.none() | texts, amounts, texts, texts, texts, texts, texts, st.none() | amounts
)
hosts = st.text(min_size=1, max_size=40)
worlds = st.sampled_from([LIVE, TEST, TRAINING]) | st.builds(World, st.just(WorldKind.OTHER), hosts)
agencies = st.builds(Agency, texts, st.lists(texts, max_size=3).map(tuple), texts, texts, texts)


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    """Draw any receipt whose figures agree."""
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
        tender=draw(st.sampled_from(TenderKind)),
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
        world=draw(worlds),
        anchor=draw(st.just("") | st.from_regex(r"[0-9a-f]{64}", fullmatch=True)),
    )


@given(receipts())
def test_json_round_trip(receipt: Receipt) -> None:
    stored = receipt_text(receipt)
    again = receipt_from(stored)
    assert again == receipt
    assert receipt_text(again) == stored


def test_a_receipt_stored_by_version_1_is_read_for_ever() -> None:
    stored = json.loads((Path(__file__).parent / "receipt-version-1.json").read_text(encoding="utf-8"))
    receipt = receipt_from(json.dumps(stored))
    assert receipt.total == Money(1_237_50)
    assert receipt.version == 1  # and prints as it did then
    assert json.loads(receipt_text(receipt)) == stored
    assert receipt.consent is not None
    assert json.loads(receipt_text(receipt)) == stored


def test_every_field_of_a_receipt_is_stored() -> None:
    stored = json.loads((Path(__file__).parent / "receipt-version-1.json").read_text(encoding="utf-8"))
    in_cents = {"subtotal", "fee", "total"}
    names = {field.name + ("_cents" if field.name in in_cents else "") for field in fields(Receipt)}
    assert names - {"world", "anchor"} == set(stored) - {"training"}, (
        "since version 3 a world, before a flag for training; since version 4 an anchor"
    )
    assert not any("expir" in name for name in names)


@pytest.mark.parametrize(("flag", "world"), [(True, TRAINING), (False, LIVE)])
@pytest.mark.parametrize("version", [1, 2])
def test_a_receipt_of_an_older_version_keeps_its_flag_for_training(
    version: int, flag: bool, world: World
) -> None:
    text = json.dumps({**stored(), "version": version, "training": flag}, sort_keys=True)
    receipt = receipt_from(text)
    assert receipt.world == world
    assert receipt_text(receipt) == text


@pytest.mark.parametrize("world", [LIVE, TRAINING, TEST, World(WorldKind.OTHER, "127.0.0.1:8570")])
def test_a_new_receipt_and_its_void_keep_the_world(world: World) -> None:
    receipt = replace(stored_receipt(), version=VERSION, world=world)
    raw = json.loads(receipt_text(receipt))
    assert (raw["world"], "training" in raw) == (world.name, False)
    assert receipt_from(receipt_text(receipt)) == receipt
    assert void_of(receipt, receipt.taken_at, "Dana", "Front-1").world == world


def test_a_receipt_without_a_world_is_never_taken_for_a_live_one() -> None:
    raw = json.loads(receipt_text(replace(stored_receipt(), version=VERSION, world=TEST)))
    damages: list[dict[str, object]] = [
        {},
        {"world": ""},
        {"world": None},
        {"world": "LIVE"},
        {"training": 1},
        {"training": []},
    ]
    for damage in damages:
        with pytest.raises(BugError):
            receipt_from(json.dumps({name: raw[name] for name in raw if name != "world"} | damage))


def stored_receipt() -> Receipt:
    return receipt_from((Path(__file__).parent / "receipt-version-1.json").read_text(encoding="utf-8"))


def stored() -> dict[str, object]:
    found: dict[str, object] = json.loads(receipt_text(stored_receipt()))
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"subtotal": Money(1)},
        {"total": Money(1)},
        {"fee": Money(-1)},
        {"lines": ()},
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
        receipt_from(json.dumps({**stored(), "version": VERSION + 1}))


def test_a_stored_payment_method_that_is_none_is_a_bug() -> None:
    for version in (1, 2, VERSION):
        with pytest.raises(BugError):
            receipt_from(json.dumps({**stored(), "version": version, "tender": "Cheque"}))


@pytest.mark.parametrize("field", ["number", "lines", "taken_at", "agency", "kind"])
@pytest.mark.parametrize("damage", [None, "x", 7, ["x"]])
def test_a_damaged_receipt_is_a_bug_and_nothing_else(field: str, damage: object) -> None:
    missing = {name: value for name, value in stored().items() if name != field}
    with pytest.raises(BugError):
        receipt_from(json.dumps(missing))
    if field != "number":
        with pytest.raises(BugError):
            receipt_from(json.dumps({**stored(), field: damage}))


ANCHOR = "0123456789abcdef" * 4


def test_a_receipt_keeps_its_anchor_and_an_older_one_has_none() -> None:
    receipt = replace(stored_receipt(), version=VERSION, world=LIVE, anchor=ANCHOR)
    assert json.loads(receipt_text(receipt))["anchor"] == ANCHOR
    assert receipt_from(receipt_text(receipt)) == receipt
    assert void_of(receipt, receipt.taken_at, "Dana", "Front-1").anchor == ""
    for version in (1, 2, 3):
        assert "anchor" not in json.loads(receipt_text(replace(receipt, version=version, anchor="")))


@pytest.mark.parametrize("anchor", [ANCHOR[1:], ANCHOR + "0", ANCHOR.upper(), ANCHOR[:-1] + "\n", "g" * 64])
def test_an_anchor_is_a_whole_hash(anchor: str) -> None:
    with pytest.raises(BugError, match="anchor"):
        replace(stored_receipt(), anchor=anchor)
