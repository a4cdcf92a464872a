"""Habits of pages, links, refunds and disputes: each shows in one story, and keeps the contract."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from paydesk.sandbox import Habit, Sandbox
from paydesk.sandbox.anddone.books import Refusal
from paydesk.sandbox.anddone.habits import HABITS_OF_PAYMENTS
from tests.contracts.validator import ContractChecker
from tests.sandbox.clients import AndDoneClient

TUESDAY = datetime(2026, 8, 11, 16, tzinfo=UTC)
VISA, DEBIT, DECLINED = "4000620000000007", "4000056655665556", "4000000000009995"
CREDIT_ALONE = {
    "intent": {"paymentTypes": ["CreditCard"]},
    "additionalDetailsPreference": "NoAdditionalDetails",
}
_CHANGES = re.compile(r"127\.0\.0\.1:\d+|\d\d:\d\d:\d\d")
"""Ports and seconds, which differ from one telling to the next."""


class Story:
    """A story of links, refunds and disputes, and everything that its people were answered."""

    def __init__(self, sandbox: Sandbox, client: AndDoneClient) -> None:
        self.sandbox, self.client = sandbox, client
        self.heard: list[str] = []

    def note(self, answer: requests.Response) -> Any:
        self.heard.append(f"{answer.status_code} {_CHANGES.sub('…', answer.text)}")
        return answer.json()

    def link(self, title: str, **more: Any) -> dict[str, Any]:
        made = self.note(self.client.create_link(100.0, title, **more))
        return dict(self.client.link_details(made["id"]).json())

    def pay(self, page: str, **paid_with: str) -> None:
        try:
            self.sandbox.pay_page(page, **paid_with)
        except Refusal as error:
            self.heard.append(f"payer: {error.key}")

    def look(self, link: dict[str, Any]) -> None:
        self.note(self.client.link_details(link["id"]))

    def tell(self) -> None:
        """Tell it from first to last."""
        token = self.client.intent(100.0, "I-1")
        for card in (DECLINED, VISA, VISA):
            self.pay(token, card=card)
        self.note(self.client.details(token))
        self.links()
        self.under_way()
        bank = self.link("L-4", expireIn=30)
        self.pay(bank["id"], account="910000001")
        paid = self.client.paid(100.0, "I-2")["transactionId"]
        self.note(self.client.post("/secure/refunds/eligibility", {"transactionId": paid}))
        self.sandbox.advance(timedelta(days=8))
        self.look(bank)
        self.refunds(paid)
        self.note(self.client.post("/secure/payments/search", None, pageSize=100, asc="true"))

    def links(self) -> None:
        """Pay links: in two tries, twice, with a debit card, and not at all."""
        one = self.link("L-1", overrideTechnologyFee=1.0)
        self.pay(one["id"], card=DECLINED)
        self.look(one)
        self.pay(one["id"], card=VISA)
        self.pay(one["id"], card=VISA)
        self.look(one)
        two = self.link("L-2", settings=CREDIT_ALONE)
        self.pay(two["id"], card=DEBIT)
        tried = self.link("L-3")
        self.pay(tried["id"], card=DECLINED)
        self.note(self.client.expire_link(tried["id"]))
        address = f"{self.client.url}/secure/paymentlinks/{tried['id']}"
        self.note(self.client.session.put(address, json={"amount": 9.0}, timeout=5))

    def under_way(self) -> None:
        """Expire a link while its payment is under way."""
        slow = self.link("L-5")
        self.sandbox.take_time(timedelta(minutes=5))
        self.pay(slow["id"], card=VISA)
        self.look(slow)
        self.sandbox.take_time(timedelta(0))
        self.note(self.client.expire_link(slow["id"]))
        self.sandbox.advance(timedelta(minutes=6))
        self.look(slow)

    def refunds(self, paid: str) -> None:
        """Refund two parts, then a whole payment, whose refund fails later."""
        for amount in (10.0, 20.0):
            self.note(self.client.refund(paid, amount, "Partial"))
            self.sandbox.advance(timedelta(hours=25))
        body = {"id": paid, "type": "PaymentIntent", "includeRefundTransactions": True}
        self.note(self.client.post("/secure/paymentsdetails", body))
        whole = self.client.paid(100.0, "I-3")["transactionId"]
        self.sandbox.advance(timedelta(days=8))
        made = self.note(self.client.refund(whole, 103.5, "Total"))
        self.sandbox.act("refund-failures", refund_id=made["transactionId"])


def _told(habits: list[Habit], checker: ContractChecker | None = None) -> list[str]:
    """Tell the story, and return what was heard."""
    with (
        Sandbox(seed=1, now=TUESDAY, habits=habits, on_exchange=checker) as sandbox,
        AndDoneClient(sandbox.anddone_url) as client,
    ):
        story = Story(sandbox, client)
        story.tell()
        assert not sandbox.crashes, sandbox.crashes
        taken = {charge.reference: charge.taken.cents for charge in sandbox.charges()}
    assert (taken["I-2"], taken["I-3"]) == (73_50, 103_50), "the money is the same with every habit"
    return story.heard


@pytest.fixture(scope="module")
def without_habits() -> list[str]:
    return _told([])


@pytest.mark.parametrize("habit", [habit for habit in Habit if habit not in HABITS_OF_PAYMENTS])
def test_each_habit_shows_and_speaks_the_contract(habit: Habit, without_habits: list[str]) -> None:
    checker = ContractChecker()
    assert _told([habit], checker) != without_habits
    checker.verify()


def test_the_story_is_the_same_twice(without_habits: list[str]) -> None:
    assert _told([]) == without_habits


@pytest.mark.parametrize("seed", range(6))
def test_habits_about_different_things_go_together(seed: int) -> None:
    by_subject: dict[str, list[Habit]] = {}
    for habit in Habit:
        by_subject.setdefault(habit.about, []).append(habit)
    together = [choices[seed % len(choices)] for choices in by_subject.values()]
    with (
        Sandbox(seed=1, now=TUESDAY, habits=together[::-1] if seed % 2 else together) as sandbox,
        AndDoneClient(sandbox.anddone_url) as client,
    ):
        made = client.create_link(100.0, "L-1").json()
        sandbox.pay_page(made["id"], card=DECLINED)
        sandbox.pay_page(made["id"], card=VISA)
        sandbox.advance(timedelta(days=8))
        (charge,) = [one for one in sandbox.charges() if one.outcome.approved]
        client.refund(charge.transaction_id, 10.0, "Partial")
        sandbox.act("chargebacks", transaction_id=charge.transaction_id)
        for reply in (client.link_details(made["id"]), client.post("/secure/payments/search")):
            assert reply.status_code == 200
        assert sandbox.crashes == []
