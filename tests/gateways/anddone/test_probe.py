"""The probe against the emulator: in each habit, with each fault, and what it leaves behind."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from paydesk.domain.fee_schedule import FeeRule
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Declined, NoCharge, NotSent, Unclear, VoidRefused
from paydesk.gateways.anddone import probe_lines
from paydesk.gateways.anddone.probe import CARD, Probe, is_test_host
from paydesk.gateways.anddone.probe_lines import Line, Mark
from paydesk.gateways.http.call import Reply
from paydesk.sandbox import FaultKind, Habit, Sandbox
from paydesk.sandbox.anddone.habits import HABITS_OF_PAYMENTS
from paydesk.services.ports.processor import ChargeRequest
from tests.contracts.validator import ContractChecker
from tests.gateways.conftest import anddone_config

CREDIT = FeeRule(percent=Decimal("3.5"))
COPES, STOP = probe_lines.COPES, probe_lines.STOP
ALSO = f"{COPES} PayDesk then also needs the expiry and the list to be sure."
SURE = f"{COPES} PayDesk asks again to be sure."
TOKEN = f"{COPES} PayDesk goes by the token."
ADJUSTMENT = "anddone.fee_in_adjustment = true, if the portal shows that fee"
AGAIN = "Key_PaymentIntentAlreadyExpired"

DIFFERENCES: Mapping[Habit, tuple[tuple[str, str, str], ...]] = {
    Habit.FEE_IN_ADJUSTMENT: (("Fee", "0.11 beside captureAmount", ADJUSTMENT),),
    Habit.FEE_IN_CONVENIENCE: (("Fee", "0.11 beside captureAmount", ADJUSTMENT),),
    Habit.FEE_NOT_TOLD: (("Fee", "not told", "anddone.send_fee = true"),),
    Habit.HALF_EVEN_ROUNDING: (("Fee as quoted", "0.10", "anddone.send_fee = true (rounding)"),),
    Habit.ENUMS_AS_INTEGERS: (("Names", "6 as numbers", COPES),),
    Habit.STATUS_AS_INTEGER: (("Names", "1 as numbers", COPES),),
    Habit.INTENT_WITHOUT_ECHO: (("Its title", "absent", TOKEN), ("Its amount", "absent", TOKEN)),
    Habit.OWN_REFERENCE_NUMBER: (("Our title", "merchantReference", COPES),),
    Habit.NO_MERCHANT_REFERENCE: (("Our title", "referenceNo", COPES),),
    Habit.NOT_FOUND_EMPTY_404: (("Unpaid intent", "404 no body", ALSO),),
    Habit.NOT_FOUND_BARE_404: (("Unpaid intent", "404 Not Found", ALSO),),
    Habit.NOT_FOUND_400: (("Unpaid intent", "400 Key_TransactionNotFound", ALSO),),
    Habit.NOT_FOUND_NULLS_200: (("Unpaid intent", "200 all null", ALSO),),
    Habit.NOT_FOUND_CREATED_200: (("Unpaid intent", "200 Created", ALSO),),
    Habit.EXPIRY_REFUSED_404: (("Second expiry", f"404 {AGAIN}", COPES),),
    Habit.EXPIRY_REFUSED_500: (("Second expiry", f"500 {AGAIN}", COPES),),
    Habit.EXPIRY_KEY_IN_MESSAGE: (("Second expiry", f"400 {AGAIN}", COPES),),
    Habit.EXPIRED_AGAIN_200: (("Second expiry", "200 PaymentIntent is already expired", COPES),),
    Habit.EXPIRY_OTHER_WORDS: (("Expiry", "200 The intent was set to expired", SURE),),
    Habit.EXPIRY_WITHOUT_WORDS: (("Expiry", "200 all null", SURE),),
    Habit.LIST_PAGES_OF_10: (("List", "10 of 12 rows, pages of 10", f"{COPES} PayDesk reads more pages."),),
    Habit.LIST_NEWEST_FIRST: (("Its order", "newest first", COPES),),
    Habit.STRANGE_ROWS: (
        ("Its rows", "4 not readable", f"{COPES} Such a row stops only payments that it may be about."),
    ),
}
"""Lines that differ, by habit: the subject, what is seen, and the next step. The others show none."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=1) as sandbox:
        yield sandbox
    assert sandbox.crashes == []


def _probe(sandbox: Sandbox, rule: FeeRule | None = CREDIT, **more: Any) -> Probe:
    config = anddone_config(sandbox.anddone_url, **more)
    return Probe(config, datetime.now(UTC).date(), rule, lambda _seconds: None)


def _differences(lines: list[Line]) -> tuple[tuple[str, str, str], ...]:
    return tuple((line.about, line.seen, line.change) for line in lines if line.mark is Mark.DIFFERS)


def _left_open(sandbox: Sandbox) -> list[str]:
    processor = sandbox.anddone.processor
    return [token for token in processor.books.intents if processor.intent(token).status == "pending"]


@pytest.mark.parametrize("habit", [None, *HABITS_OF_PAYMENTS], ids=str)
def test_each_habit_is_seen_and_its_remedy_named(habit: Habit | None) -> None:
    checker = ContractChecker()
    with Sandbox(seed=1, habits=[habit] if habit else [], on_exchange=checker) as sandbox:
        for at in range(12):
            sandbox.pay_outside(f"7{at:03}", Money(10_00 + at))
            sandbox.advance(timedelta(seconds=1))
        probe = _probe(sandbox)
        lines = [*probe.without_payment(), *probe.with_test_card()]
        assert _differences(lines) == (DIFFERENCES.get(habit, ()) if habit else ())
        assert [line.about for line in lines if line.mark is Mark.NOT_FOUND_OUT][-2:] == [
            "Decline", "Bank account",
        ]  # fmt: skip
        assert _left_open(sandbox) == []
        assert [charge.status for charge in sandbox.charges() if charge.token] == ["Cancelled"]
        assert ("Expired intent", f"400 {AGAIN}") in [(line.about, line.seen) for line in lines]
        assert sandbox.crashes == []
    if habit is not Habit.STRANGE_ROWS:
        checker.verify()


@pytest.mark.parametrize(
    ("habit", "setting", "fee"),
    [
        (Habit.FEE_IN_ADJUSTMENT, {"fee_in_adjustment": True}, 11),
        (Habit.FEE_IN_CONVENIENCE, {"fee_in_adjustment": True}, 11),
        (Habit.HALF_EVEN_ROUNDING, {"send_fee": True}, 11),
        (None, {"fee_in_adjustment": True, "send_fee": True}, 11),
    ],
)
def test_the_setting_it_names_ends_the_difference(
    habit: Habit | None, setting: Mapping[str, Any], fee: int
) -> None:
    checker = ContractChecker()
    with Sandbox(seed=1, habits=[habit] if habit else [], on_exchange=checker) as sandbox:
        assert _differences(_probe(sandbox, **setting).with_test_card()) == ()
        assert sandbox.charges()[0].fee == Money(fee)
    checker.verify()


def test_without_fees_no_fee_is_sent(sandbox: Sandbox) -> None:
    assert _differences(_probe(sandbox, None, send_fee=True).with_test_card()) == ()
    assert sandbox.charges()[0].fee == Money(4)


def test_without_the_card_nothing_is_paid(sandbox: Sandbox) -> None:
    lines = _probe(sandbox, None).without_payment()
    assert {line.mark for line in lines} == {Mark.ASSUMED}
    assert [line.about for line in lines] == [
        "New intent", "Its title", "Its amount", "Unpaid intent", "Expiry", "Second expiry",
        "List", "Its order", "Its rows",
    ]  # fmt: skip
    assert sandbox.charges() == []
    (intent,) = sandbox.anddone.processor.books.intents.values()
    assert (intent.amount, intent.status, intent.wire["expiresIn"]) == (Money(1_00), "expired", "300")


def test_no_card_number_is_shown_or_logged(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    lines = _probe(sandbox).with_test_card()
    said = repr(lines) + caplog.text
    code = "".join(CARD.code)  # only as a value: any token may have these three digits in it
    for secret in ("".join(CARD.number), "".join(CARD.number[-10:]), f"'{code}'", f'"{code}"'):
        assert secret not in said


OPERATIONS = (
    "createPaymentIntent", "getPaymentDetails", "expirePaymentIntent", "searchPayments", "createPayment",
    "voidPayment",
)  # fmt: skip
KINDS = (
    FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.HANG_AFTER, FaultKind.ERROR_500_AFTER,
    FaultKind.GATEWAY_TIMEOUT_AFTER, FaultKind.UNAUTHORIZED, FaultKind.TRUNCATED_JSON, FaultKind.EMPTY_BODY,
    FaultKind.WRONG_TYPES, FaultKind.WRONG_REFERENCE, FaultKind.WRONG_AMOUNT, FaultKind.UNKNOWN_STATUS,
    FaultKind.DUPLICATE_DELIVERY,
)  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_ends_in_a_line_and_leaves_nothing_open(
    sandbox: Sandbox, kind: FaultKind, operation: str
) -> None:
    sandbox.faults.next(kind, on=operation)
    probe = _probe(sandbox, read_timeout_s=0.5, total_timeout_s=1.0)
    lines = [*probe.without_payment(), *probe.with_test_card()]
    assert lines
    if _left_open(sandbox):  # its token never arrived
        assert any(probe_lines.ENDS_ALONE in line.change for line in lines)
    if any(charge.status == "Authorized" for charge in sandbox.charges()):
        assert any("portal" in line.change for line in lines)


def test_nobody_there(sandbox: Sandbox) -> None:
    sandbox.refuse_connections()
    probe = _probe(sandbox)
    assert [(line.about, line.seen) for line in probe.without_payment()] == [
        ("New intent", "AndDone can't be reached."),
        ("List", "AndDone can't be reached."),
    ]
    line, too_late, *_ = probe.with_test_card()
    assert line == too_late
    assert (line.seen, line.change) == (
        "AndDone can't be reached.", f"Check the internet connection. {probe_lines.ENDS_ALONE}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "seen", "step"),
    [
        (
            {"api_key": "other"},
            "401 Key_Unauthorized",
            "AndDone did not accept PayDesk's keys. Set them again",
        ),
        (
            {"origin": "https://elsewhere.example"},
            "401 Key_Forbidden",
            "AndDone did not accept PayDesk's keys.",
        ),
    ],
)
def test_wrong_keys_are_named(sandbox: Sandbox, changes: Mapping[str, Any], seen: str, step: str) -> None:
    intent, page = _probe(sandbox, **changes).without_payment()
    assert (intent.seen, page.seen) == (seen, "AndDone did not accept PayDesk's keys.")
    assert intent.change.startswith(step)


def test_an_answer_without_a_token_stops(sandbox: Sandbox) -> None:
    sandbox.faults.next(FaultKind.EMPTY_BODY, on="createPaymentIntent", times=2)
    probe = _probe(sandbox)
    assert ("New intent", "200 no body", f"{STOP} {probe_lines.ENDS_ALONE}") in _differences(
        probe.without_payment()
    )
    assert probe.with_test_card()[0].change == probe_lines.ENDS_ALONE


def test_an_intent_that_cannot_be_expired_ends_alone(sandbox: Sandbox) -> None:
    sandbox.faults.next(FaultKind.RESET_BEFORE, on="expirePaymentIntent", times=6)
    lines = _probe(sandbox).without_payment()
    assert _differences(lines) == (
        ("Expiry", "no answer", f"{STOP} {probe_lines.ENDS_ALONE}"),
        ("Second expiry", "no answer", STOP),
    )


@pytest.mark.parametrize(
    ("rule", "amount"),
    [
        (None, 1_00),
        (CREDIT, 3_00),
        (FeeRule(percent=Decimal(3)), 1_00),
        (FeeRule(percent=Decimal("0.25")), 2_00),
        (FeeRule(percent=Decimal("2.5"), minimum=Money(1_00)), 1_00),
    ],
)
def test_the_amount_shows_how_half_a_cent_is_rounded(
    sandbox: Sandbox, rule: FeeRule | None, amount: int
) -> None:
    lines = _probe(sandbox, rule).with_test_card()
    assert sandbox.charges()[0].amount == Money(amount)
    (quoted,) = (line for line in lines if line.about == "Fee as quoted")
    match rule:
        case None:
            assert (quoted.mark, quoted.change) == (Mark.NOT_FOUND_OUT, "Set the fees first.")
        case FeeRule(percent=percent) if percent == CREDIT.percent:
            assert quoted.mark is Mark.ASSUMED
        case _:
            assert (quoted.mark, quoted.change) == (Mark.DIFFERS, "fees.credit_card")


def test_a_row_that_lags_behind_is_not_found_out(sandbox: Sandbox) -> None:
    sandbox.faults.always(FaultKind.SEARCH_LAG, seconds=60)
    (row,) = (line for line in _probe(sandbox).with_test_card() if line.about == "Row in the list")
    assert (row.mark, row.change) == (Mark.NOT_FOUND_OUT, "Run it again: the list may lag.")


def test_a_lost_answer_is_looked_up_and_voided(sandbox: Sandbox) -> None:
    sandbox.faults.next(FaultKind.RESET_AFTER)
    lines = _probe(sandbox).with_test_card()
    assert _differences(lines) == (
        ("Payment", "no answer, then approved", f"{COPES} PayDesk asks again and then knows."),
    )
    assert [charge.status for charge in sandbox.charges()] == ["Cancelled"]


def test_an_expired_intent_that_takes_the_card_stops(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lie(token: str) -> None:
        """Report an expiry that has none."""

    monkeypatch.setattr(sandbox.anddone.processor, "expire_intent", lie)
    lines = _probe(sandbox).with_test_card()
    assert ("Expired intent", "201 Authorized", STOP) in _differences(lines)
    assert {charge.status for charge in sandbox.charges()} == {"Cancelled"}


def test_odd_fields_of_a_new_intent_leave_none_open(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = {"title": {"text": "T"}}
    probe = _probe(sandbox)
    made = probe._make

    def odd(request: ChargeRequest) -> Reply | Line:
        reply = made(request)
        assert isinstance(reply, Reply)
        return Reply(reply.status, json.dumps(json.loads(reply.body) | title).encode())

    monkeypatch.setattr(probe, "_make", odd)
    lines = probe.without_payment()
    assert ("New intent", "title is not", STOP) in _differences(lines)
    assert _left_open(sandbox) == []


def test_a_merchant_without_voids(sandbox: Sandbox) -> None:
    sandbox.anddone.processor.merchant = replace(sandbox.anddone.processor.merchant, batching=False)
    lines = _probe(sandbox).with_test_card()
    void, after = (line for line in lines if line.about in ("Void", "After the void"))
    assert void.seen.startswith("AndDone does not let this merchant void payments.")
    assert void.change == f"Void it in AndDone's portal: {sandbox.charges()[0].transaction_id}"
    assert (after.mark, after.seen) == (Mark.DIFFERS, "otherwise")


@pytest.mark.parametrize(
    ("url", "test"),
    [
        ("https://api.uat.anddone.com", True),
        ("https://api2.uat.anddone.com/", True),
        ("https://api.qat.anddone.com", True),
        ("http://127.0.0.1:8370", True),
        ("https://api.anddone.com", False),
        ("https://api2.anddone.com", False),
        ("https://uat.anddone.com.example", False),
        ("https://relay.elmstreet.example", False),
        ("https://evil-uat.anddone.com", False),
    ],
)
def test_hosts_for_the_test_card(url: str, *, test: bool) -> None:
    assert is_test_host(url) is test


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Declined("05", "The bank declined the card.", "id"), "declined"),
        (Unclear("AndDone answered with error 500."), "AndDone answered with error 500."),
        (
            NotSent("AndDone can't be reached. Nothing was sent."),
            "AndDone can't be reached. Nothing was sent.",
        ),
    ],
)
def test_a_payment_that_is_not_approved_stops(outcome: Declined | Unclear | NotSent, words: str) -> None:
    line = probe_lines.paid(outcome, outcome)
    assert (line.mark, line.seen, line.change) == (Mark.DIFFERS, words, STOP)
    line = probe_lines.paid(outcome, NoCharge())
    assert (line.seen, line.change) == (f"{words}, then no charge", STOP)


def test_what_cannot_be_voided_names_its_charge() -> None:
    for outcome, words in ((VoidRefused("Too late."), "Too late."), (Unclear("No answer."), "No answer.")):
        line = probe_lines.voided(outcome, "txn-1")
        assert (line.seen, line.change) == (words, "Void it in AndDone's portal: txn-1")


def test_a_look_up_that_disagrees_stops() -> None:
    approved = Approved("txn-1", Money(3_11), Money(11))
    assert probe_lines.agrees("Details", approved, approved).mark is Mark.ASSUMED
    for other in (
        Unclear("?"),
        replace(approved, charged=Money(3_10)),
        replace(approved, processor_ref="txn-2"),
    ):
        assert probe_lines.agrees("Details", approved, other).change == STOP
