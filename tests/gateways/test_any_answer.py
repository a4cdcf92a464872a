"""Thousands of answers of any shape to each reader, in the vendors' own fields: a value, or a refusal.

The answers come from plain random numbers. Hypothesis takes ten milliseconds for an example of this kind.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.invoice import Customer
from paydesk.domain.outcome import AchStatus, ChargeStatus, Unclear, Voided, VoidRefused
from paydesk.gateways.ams360.answers import is_canceled, is_owed_to_agency, to_customer, to_invoice
from paydesk.gateways.ams360.names import NAMES
from paydesk.gateways.anddone.answers import to_ach_status, to_charge, to_charge_status, to_void_outcome
from paydesk.gateways.anddone.rows import Row
from paydesk.gateways.http.fields import Fields, WrongAnswer
from tests.gateways import made
from tests.proving import cases, tasted

pytestmark = tasted
MANY = cases(1_000, 10_000)
CUSTOMER = Customer("1001", "Sample Bakery LLC", "c-1001")
READ_AT = datetime(2026, 8, 14, tzinfo=UTC)
WORDS = (
    "", " ", "Y", "N", "A", "D", "1001", "50123", "txn-1", "Approved", "Authorized", "Cancelled", "Voided",
    "Settled", "USD", "CreditCard", "ACH", "2026-08-14", "2026-08-14T10:00:00Z", "2026-13-41", "12.50",
    "-1.005", "1e9", "NaN", "\x00", "\ud800", "\u202e7", "9" * 40, "x" * 5_000,
)  # fmt: skip
VALUES: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 200, 10**30, Decimal("0.1"), Decimal("-1e30"), Decimal("1e-30"), *WORDS,
)  # fmt: skip
OF_THE_LIST = (
    *made.DETAIL, "merchantReference", "transactionOrigin", "amount", "captureAmount", "invoiceId",
    "operationType", "transactionDate",
)  # fmt: skip


def anything(chance: Random, depth: int = 2) -> object:
    """Return a value that JSON may hold: mostly a plain one, or a list or an object."""
    shape = chance.random()
    if depth and shape < 0.1:
        return [anything(chance, depth - 1) for _ in range(chance.randrange(3))]
    if depth and shape < 0.2:
        return row(chance, (*made.DETAIL, *WORDS), depth - 1)
    return chance.choice(VALUES)


def row(chance: Random, names: Sequence[str], depth: int = 2) -> dict[str, Any]:
    """Return some of these fields, or all, with anything in them."""
    share = chance.choice((0.3, 0.8, 1.0))
    return {name: anything(chance, depth) for name in names if chance.random() < share}


def rows(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield many rows, the same ones each time."""
    chance = Random(1)
    return (row(chance, names) for _ in range(MANY))


def bodies() -> Iterator[tuple[int, Any]]:
    """Yield many answers about a charge: a real one with anything in some fields, or anything at all."""
    chance = Random(2)
    for _ in range(MANY):
        real = made.DETAIL | row(chance, chance.sample(list(made.DETAIL), chance.randrange(4)))
        yield (
            chance.choice((200, 200, 201, 204, 302, 400, 404, 409, 422, 500)),
            chance.choice((real, real, row(chance, list(made.DETAIL)), anything(chance))),
        )


def theirs(names: Mapping[str, str], kind: str) -> list[str]:
    """Return AMS360's own names of the fields of one kind."""
    return [name for ours, name in names.items() if ours.startswith(kind)]


def test_any_customer() -> None:
    for fields in rows(theirs(NAMES, "customer.")):
        with contextlib.suppress(KnownError, WrongAnswer):
            found = to_customer(Fields(fields), NAMES)
            assert found.number
            assert found.name
            assert found.source_id


def test_any_invoice() -> None:
    for number, fields in enumerate(rows(theirs(NAMES, "invoice."))):
        for judge in (is_canceled, is_owed_to_agency):
            with contextlib.suppress(KnownError, WrongAnswer):
                assert judge(Fields(fields), NAMES) in (True, False)
        with contextlib.suppress(KnownError, WrongAnswer):
            shown = number % 2 == 0
            found = to_invoice(Fields(fields), "50123", CUSTOMER, NAMES, READ_AT, lines_show_receipts=shown)
            assert abs(found.balance.cents) <= 10**12


def test_any_row_of_the_list() -> None:
    for fields in rows(OF_THE_LIST):
        with contextlib.suppress(KnownError, WrongAnswer):
            charge = to_charge(Row.of(Fields(fields)))
            assert not (charge.live and charge.canceled)


def test_any_answer_to_a_void() -> None:
    for status, body in bodies():
        outcome = to_void_outcome(made.answered(status, body), "txn-1")
        assert isinstance(outcome, Voided | VoidRefused | Unclear)
        if isinstance(outcome, Voided):
            assert status in (200, 201)
            assert body["transactionId"] == "txn-1"


def test_any_answer_to_where_a_charge_stands() -> None:
    for status, body in bodies():
        reply = made.answered(status, body)
        charge_status, ach_status = (
            read(reply, made.request(), "txn-1") for read in (to_charge_status, to_ach_status)
        )
        if (charge_status, ach_status) != (ChargeStatus.UNCLEAR, AchStatus.UNCLEAR):
            assert body["transactionId"] == "txn-1"
