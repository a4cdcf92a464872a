"""A fee named beside captureAmount counts where the settings say that the tenant tells it there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Canceled, Charge, Finding, NoCharge, Unclear
from paydesk.gateways.anddone.named_fee import in_charge, in_finding
from paydesk.gateways.anddone.processor import AndDone
from paydesk.gateways.anddone.requests import to_intent
from paydesk.sandbox import Habit, Sandbox
from tests.fakes.world import CARD
from tests.gateways.conftest import anddone_config
from tests.gateways.made import request as charge_request

SUBTOTAL = Money(100_00)
NOT_TOLD = Approved("txn-1", Money(103_50), None, named_fee=Money(3_51))
NAMED = Approved("txn-1", Money(103_51), Money(3_51))
ROW = Charge(
    "txn-1", "T", SUBTOTAL, SUBTOTAL, live=True, taken=True, at=None, status="", origin="",
    invoice_numbers=frozenset(), named_fee=Money(3_51),
)  # fmt: skip


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (NOT_TOLD, NAMED),
        (Canceled(NOT_TOLD), Canceled(NAMED)),
        (NAMED, NAMED),
        (replace(NOT_TOLD, named_fee=None), replace(NOT_TOLD, named_fee=None)),
        (replace(NAMED, named_fee=Money(9)), replace(NAMED, named_fee=Money(9))),
        (NoCharge(), NoCharge()),
        (Unclear("?"), Unclear("?")),
    ],
)
def test_findings(found: Finding, expected: Finding) -> None:
    assert in_finding(found, SUBTOTAL) == expected


def test_rows() -> None:
    assert in_charge(ROW) == replace(ROW, fee=Money(3_51), named_fee=None, charged=Money(103_51))
    for row in (
        replace(ROW, fee=Money(0)),
        replace(ROW, named_fee=None),
        replace(ROW, subtotal=None, charged=None),
    ):
        assert in_charge(row) == row


@pytest.mark.parametrize("trusted", [True, False])
def test_payment_look_up_and_list_agree(*, trusted: bool) -> None:
    with Sandbox(seed=1, habits=[Habit.FEE_IN_ADJUSTMENT]) as sandbox:
        anddone = AndDone(anddone_config(sandbox.anddone_url, fee_in_adjustment=trusted))
        request = charge_request()
        token = anddone.create_intent(request)
        paid, found = anddone.pay(token, request, CARD), anddone.look_up(token, request)
        today = datetime.now(UTC).date()
        (row,) = anddone.charges(today - timedelta(days=1), today + timedelta(days=1))
        recent = anddone.charges_about(today - timedelta(days=1), today + timedelta(days=1), lambda _: True)
        (charge,) = sandbox.charges()
    assert isinstance(paid, Approved)
    assert isinstance(found, Approved)
    fee = charge.fee if trusted else None
    assert [paid.fee, found.fee, row.fee, recent[0].fee] == [fee] * 4
    assert paid.charged == found.charged == request.draft.quote.total == charge.total


def test_the_quoted_fee_is_sent_where_it_is_set() -> None:
    request = charge_request()
    assert "overrideTechnologyFee" not in to_intent(request)
    sent = to_intent(request, send_fee=True)
    assert sent["overrideTechnologyFee"] == request.draft.quote.fee.dollars
