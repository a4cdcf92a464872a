"""Habits of AndDone's answers: each changes something, keeps the contract, and moves no other money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from paydesk.domain.money import Money
from paydesk.sandbox import Habit, Sandbox
from paydesk.sandbox.anddone.habits import HABITS_OF_PAYMENTS
from tests.contracts.validator import ContractChecker
from tests.sandbox.clients import AndDoneClient, account, card

NOON = datetime(2026, 8, 14, 16, 10, 2, tzinfo=UTC)
DECLINED = "4000000000009995"


def _story(sandbox: Sandbox) -> list[requests.Response]:
    """Return the answers to one payment of each kind, and to what is asked about them afterwards."""
    with AndDoneClient(sandbox.anddone_url) as client:
        answers = [made := client.create_intent(103.0, "T-paid")]
        paid = made.json()["paymentToken"]
        answers += [client.pay(paid, card(103.0)), client.details(paid), client.expire(paid)]
        answers += [made := client.create_intent(50.0, "T-declined")]
        refused = made.json()["paymentToken"]
        answers += [client.pay(refused, card(50.0, DECLINED)), client.details(refused)]
        answers += [client.expire(refused)]
        answers += [made := client.create_intent(40.0, "T-ach")]
        answers += [client.pay(made.json()["paymentToken"], account(40.0), "ACH")]
        answers += [made := client.create_intent(1.0, "T-unpaid")]
        unpaid = made.json()["paymentToken"]
        answers += [client.details(unpaid), client.expire(unpaid), client.expire(unpaid)]
        for at in range(8):
            sandbox.pay_outside(f"5{at:04}", Money(100_00 + at))
        answers += [
            client.post("/secure/payments/search", None, startRow=start, pageSize=100, asc="true")
            for start in (0, 10, 20)
        ]
    return answers


def _told(habits: list[Habit], checker: ContractChecker | None = None) -> list[tuple[int, bytes]]:
    with Sandbox(seed=1, now=NOON, habits=habits, on_exchange=checker) as sandbox:
        answers = [(answer.status_code, answer.content) for answer in _story(sandbox)]
        charges = [
            (charge.reference, charge.amount, charge.total, charge.outcome.approved)
            for charge in sandbox.charges()
            if charge.token
        ]
    assert not sandbox.crashes, sandbox.crashes
    assert [charge[0::3] for charge in charges] == [("T-paid", True), ("T-declined", False), ("T-ach", True)]
    if Habit.HALF_EVEN_ROUNDING not in habits:
        assert [charge[2] for charge in charges] == [Money(106_61), Money(51_75), Money(43_00)]
    return answers


@pytest.fixture(scope="module")
def without_habits() -> list[tuple[int, bytes]]:
    return _told([])


@pytest.mark.parametrize("habit", HABITS_OF_PAYMENTS)
def test_each_habit_shows_and_speaks_the_contract(
    habit: Habit, without_habits: list[tuple[int, bytes]]
) -> None:
    checker = ContractChecker()
    assert _told([habit], checker) != without_habits
    if habit is not Habit.STRANGE_ROWS:  # its rows are strange because they break the contract
        checker.verify()


@pytest.mark.parametrize("seed", range(6))
def test_habits_about_different_things_go_together(seed: int) -> None:
    by_subject: dict[str, list[Habit]] = {}
    for habit in Habit:
        by_subject.setdefault(habit.about, []).append(habit)
    together = [choices[seed % len(choices)] for choices in by_subject.values()]
    with Sandbox(seed=1, now=NOON, habits=together[::-1] if seed % 2 else together) as sandbox:
        assert len(_story(sandbox)) == 17
        assert sandbox.crashes == []


def test_every_habit_has_one_sentence_and_no_namesake() -> None:
    assert len({habit.value for habit in Habit}) == len({habit.sentence for habit in Habit}) == len(Habit)
    for habit in Habit:
        assert habit.sentence.endswith(".")
        assert len(habit.sentence) <= 100


def test_the_guide_lists_every_habit() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert [habit for habit in Habit if f"| `{habit}` | {habit.sentence} |\n" not in guide] == []


def test_two_habits_about_one_thing_exclude_each_other(contract_checked_sandbox: Sandbox) -> None:
    habits = contract_checked_sandbox.habits
    habits.set([Habit.FEE_IN_CAPTURE, Habit.CREATED_201, Habit.FEE_IN_CAPTURE])
    assert list(habits) == [Habit.FEE_IN_CAPTURE, Habit.CREATED_201]
    with pytest.raises(ValueError, match="fee-in-capture and fee-not-told exclude each other"):
        habits.set([Habit.FEE_IN_CAPTURE, Habit.FEE_NOT_TOLD])
    assert list(habits) == [Habit.FEE_IN_CAPTURE, Habit.CREATED_201]


def test_habits_are_switched_from_another_process(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient
) -> None:
    url = f"{contract_checked_sandbox.anddone_url}/_sandbox/habits"
    on = requests.post(url, json={"on": ["created-201", "own-reference-number"]}, timeout=5)
    assert on.json() == ["created-201", "own-reference-number"]
    assert requests.get(url, timeout=5).json() == on.json()
    assert anddone.create_intent(10.0).status_code == 201
    wrong = requests.post(url, json={"on": ["no-such-habit"]}, timeout=5)
    assert (wrong.status_code, wrong.json()) == (400, {"error": "There is no habit no-such-habit"})
    requests.post(url, json={"on": []}, timeout=5)
    assert anddone.create_intent(10.0).status_code == 200


# What single habits change


def _on(sandbox: Sandbox, *habits: Habit) -> None:
    sandbox.habits.set(habits)


FEES = (
    (None, (103.61, None, 3.61, "ConvenienceFee")),
    (Habit.FEE_IN_ADJUSTMENT, (100.0, None, 3.61, "ConvenienceFee")),
    (Habit.FEE_IN_CAPTURE, (103.61, None, None, "None")),
    (Habit.FEE_IN_CONVENIENCE, (100.0, 3.61, 0.0, "None")),
    (Habit.FEE_NOT_TOLD, (None, None, None, "None")),
    (Habit.FEE_UNROUNDED, (103.6118, None, 3.6118, "ConvenienceFee")),
)


@pytest.mark.parametrize(("habit", "fields"), FEES)
def test_carriers_of_the_fee(
    habit: Habit | None, fields: tuple[Any, ...], contract_checked_sandbox: Sandbox, anddone: AndDoneClient
) -> None:
    _on(contract_checked_sandbox, *([habit] if habit else []))
    token = anddone.intent(100.0, overrideTechnologyFee=3.61)
    paid, details = anddone.pay(token, card(100.0)).json(), anddone.details(token).json()
    (row,) = anddone.search()
    for told in (paid["tenderInfo"], details["ccTenderInfo"], row):
        names = ("captureAmount", "convenienceAmount", "adjustmentAmount", "paymentAdjustmentType")
        assert tuple(told[name] for name in names) == fields
        assert told["amount"] == 100.0
    assert contract_checked_sandbox.charges()[0].total == Money(103_61)


def test_noise_of_doubles(contract_checked_sandbox: Sandbox, anddone: AndDoneClient) -> None:
    _on(contract_checked_sandbox, Habit.NOISY_AMOUNTS)
    tender = anddone.paid(178.1)["tenderInfo"]
    assert tender["amount"] == 178.1
    assert repr(tender["captureAmount"]) == "184.33000000000004"
    assert repr(tender["adjustmentAmount"]) == "6.230000000000001"


def test_numbers_for_names(contract_checked_sandbox: Sandbox, anddone: AndDoneClient) -> None:
    _on(contract_checked_sandbox, Habit.ENUMS_AS_INTEGERS)
    paid = anddone.paid(10.0)
    names = ("operationType", "channelType", "processMethod", "paymentType", "transactionOrigin")
    assert [paid[name] for name in names] == [0, 2, 2, 3, 6]
    assert paid["transactionStatus"] == "Authorized"
    _on(contract_checked_sandbox, Habit.ENUMS_AS_INTEGERS, Habit.STATUS_AS_INTEGER)
    assert anddone.paid(10.0)["transactionStatus"] == 2


def test_references(contract_checked_sandbox: Sandbox, anddone: AndDoneClient) -> None:
    _on(contract_checked_sandbox, Habit.OWN_REFERENCE_NUMBER)
    paid = anddone.paid(10.0, "T-one")
    (row,) = anddone.search()
    assert paid["referenceNo"] == row["referenceNo"] != "T-one"
    assert paid["transactionResult"]["merchantReference"] == row["merchantReference"] == "T-one"
    _on(contract_checked_sandbox, Habit.NO_MERCHANT_REFERENCE)
    paid = anddone.paid(10.0, "T-two")
    assert (paid["referenceNo"], paid["transactionResult"]["merchantReference"]) == ("T-two", None)


NOTHING = (
    (Habit.NOT_FOUND_EMPTY_404, 404, ""),
    (Habit.NOT_FOUND_BARE_404, 404, '{"message": "Not Found"}'),
    (Habit.NOT_FOUND_400, 400, "Key_TransactionNotFound"),
    (Habit.NOT_FOUND_NULLS_200, 200, '"transactionStatus": null'),
    (Habit.NOT_FOUND_CREATED_200, 200, '"transactionStatus": "Created"'),
)


@pytest.mark.parametrize(("habit", "status", "words"), NOTHING)
def test_shapes_of_nothing(
    habit: Habit, status: int, words: str, contract_checked_sandbox: Sandbox, anddone: AndDoneClient
) -> None:
    _on(contract_checked_sandbox, habit)
    answer = anddone.details(anddone.intent(10.0))
    assert (answer.status_code, words in answer.text) == (status, True)
    assert anddone.details(anddone.paid_token(10.0)).json()["transactionStatus"] == "Authorized"


AGAIN = (
    (None, 400, "Key_PaymentIntentAlreadyExpired", "The payment intent is already expired."),
    (
        Habit.EXPIRY_REFUSED_404,
        404,
        "Key_PaymentIntentAlreadyExpired",
        "The payment intent is already expired.",
    ),
    (
        Habit.EXPIRY_REFUSED_500,
        500,
        "Key_PaymentIntentAlreadyExpired",
        "The payment intent is already expired.",
    ),
    (Habit.EXPIRY_KEY_IN_MESSAGE, 400, None, "Key_PaymentIntentAlreadyExpired"),
    (Habit.EXPIRED_AGAIN_200, 200, None, "PaymentIntent is already expired"),
)


@pytest.mark.parametrize(("habit", "status", "key", "message"), AGAIN)
def test_a_second_expiry(
    habit: Habit | None,
    status: int,
    key: str | None,
    message: str,
    contract_checked_sandbox: Sandbox,
    anddone: AndDoneClient,
) -> None:
    _on(contract_checked_sandbox, *([habit] if habit else []))
    token = anddone.intent(10.0)
    assert anddone.expire(token).json() == {"message": "PaymentIntent is expired successfully"}
    again = anddone.expire(token)
    assert (again.status_code, again.json().get("errorCode"), again.json()["message"]) == (
        status, key, message,
    )  # fmt: skip


def test_declines(contract_checked_sandbox: Sandbox, anddone: AndDoneClient) -> None:
    _on(contract_checked_sandbox, Habit.DECLINE_IN_ADDITION_DATA, Habit.DECLINE_CLOSES_INTENT)
    token = anddone.intent(10.0)
    refused = anddone.pay(token, card(10.0, DECLINED)).json()
    result = refused["transactionResult"]
    assert (refused["transactionStatus"], result["success"]) == ("Failed", False)
    assert (result["additionResultData"], result["reasonMessage"]) == ("Not enough balance", None)
    for answer in (anddone.expire(token), anddone.pay(token, card(10.0))):
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "Key_InvalidPaymentIntentStatus")


def test_a_bank_payment_is_pending_until_the_batch(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient
) -> None:
    _on(contract_checked_sandbox, Habit.PENDING_ACH)
    token = anddone.intent(10.0)
    assert anddone.pay(token, account(10.0), "ACH").json()["transactionStatus"] == "PendingForAuthorized"
    contract_checked_sandbox.advance(timedelta(days=1, hours=1))
    assert anddone.details(token).json()["transactionStatus"] == "Captured"


def test_half_even_rounding_differs_by_a_cent(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient
) -> None:
    anddone.paid(3.0)
    _on(contract_checked_sandbox, Habit.HALF_EVEN_ROUNDING)
    anddone.paid(3.0)  # 3.5 % are 10.5 cents
    assert [charge.fee.cents for charge in contract_checked_sandbox.charges()] == [11, 10]


def test_the_list(contract_checked_sandbox: Sandbox, anddone: AndDoneClient) -> None:
    for at in range(12):
        contract_checked_sandbox.pay_outside(f"{at}", Money(100 + at))
    _on(contract_checked_sandbox, Habit.LIST_PAGES_OF_10, Habit.LIST_NEWEST_FIRST)
    rows = [
        row["invoiceId"]
        for start in (0, 10)
        for row in anddone.search(asc="true", pageSize=100, startRow=start)
    ]
    assert rows == [f"{at}" for at in reversed(range(12))]
    _on(contract_checked_sandbox, Habit.OLDER_ROW_COUNT)
    assert anddone.post("/secure/payments/search").json()["totalRowCounts"] == 12


@pytest.mark.parametrize(
    ("habit", "written"), [(Habit.DATES_ISO, "2026-08-14T16:10:0"), (Habit.DATES_US, "8/14/2026 4:10:0")]
)
def test_dates(habit: Habit, written: str) -> None:
    with Sandbox(seed=1, now=NOON, habits=[habit]) as sandbox, AndDoneClient(sandbox.anddone_url) as client:
        assert client.paid(10.0)["transactionDate"].startswith(written)
