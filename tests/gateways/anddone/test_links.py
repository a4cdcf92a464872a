"""Payment links: what AndDone answers is compared with the order before anybody sees an address.

What was paid at a link is proven by each of its payments, and a link is gone only if AndDone says so.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from paydesk.domain.errors import Charged, KnownError
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Canceled, Declined, Expiry, Finding, NoCharge, Reason, Unclear
from paydesk.domain.payment import OfferKind
from paydesk.gateways.anddone import processor
from paydesk.gateways.anddone.links import LinkDiffers, LinkState, is_of_vendor, link_state, made_link
from paydesk.gateways.anddone.processor import AndDone
from paydesk.gateways.http.call import CallFailed, NeverSent, Reply
from paydesk.gateways.http.fields import WrongAnswer
from paydesk.sandbox import Sandbox
from tests.gateways import made
from tests.gateways.conftest import anddone_config

HOST = "https://api.anddone.com"
LINK: dict[str, Any] = {
    "id": "abc",
    "title": made.TITLE,
    "amount": 178.0,
    "paymentLink": "https://link.anddone.com/#/x",
}


REQUEST = replace(made.request(), offer=OfferKind.LINK)
SILENT = CallFailed("no answer within 30 s")
CREATE = "/secure/paymentlinks"
DETAILS, EXPIRE = f"{CREATE}/details", f"{CREATE}/expirations"


def answer(status: int = 200, /, **fields: Any) -> Reply:
    return Reply(status, json.dumps(LINK | fields).encode())


def refusal(status: int, key: str = "") -> Reply:
    return Reply(status, json.dumps({"errorCode": key, "message": ""}).encode())


class Told:
    """Stands for the wire: it gives each path its answers in turn, and keeps the paths that were asked."""

    def __init__(self, answers: dict[str, list[Reply | CallFailed]]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    def once(self, call: Any, *_: object) -> Reply:
        path = call.url.removeprefix(HOST)
        self.asked.append(path)
        found = self._answers[path].pop(0)
        if isinstance(found, CallFailed):
            raise found
        return found

    read = once


def told_by(**answers: list[Reply | CallFailed]) -> tuple[AndDone, Told]:
    """Return AndDone on a wire that answers a creation, a look at the link, and its expiry like this."""
    wire = Told({globals()[name.upper()]: found for name, found in answers.items()})
    anddone = AndDone(anddone_config(HOST))
    anddone._client = wire  # type: ignore[assignment]  # it has the two methods that are used
    return anddone, wire


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"title": "another"}, "title"),
        ({"amount": 179.0}, "amount"),
        ({"overrideTechnologyFee": 1.0}, "fee"),
        ({"displaySettings": {"intent": {"paymentTypes": ["ACH"]}}}, "payment method"),
        ({"expireIn": 61, "expireInUnit": "Minutes"}, "life"),
        ({"paymentLink": "https://evil.example/#/x"}, "address"),
    ],
)
def test_a_link_that_differs_from_its_order_is_not_shown(told: dict[str, Any], what: str) -> None:
    with pytest.raises(LinkDiffers, match=f"another {what}") as raised:
        made_link(answer(**told), made.request(), 3600, HOST, Money(6_23))
    assert raised.value.link_id == "abc"


@pytest.mark.parametrize("address", ["x" * 301, "https://[broken", "http://link.anddone.com/#/x"])
def test_an_address_elsewhere_is_not_the_vendors(address: str) -> None:
    assert not is_of_vendor(address, HOST)
    assert not AndDone(anddone_config(HOST)).owns(address)


@pytest.mark.parametrize("text", made.STEERING)
def test_a_link_whose_id_or_address_steers_a_screen_is_not_made(text: str) -> None:
    for told in ({"id": text}, {"paymentLink": f"https://link.anddone.com/{text}"}):
        with pytest.raises(WrongAnswer):
            made_link(answer(**told), made.request(), 3600, HOST, None)


@pytest.mark.parametrize("told", [{"id": "other"}, {"title": "another"}])
def test_the_state_of_another_link_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(WrongAnswer):
        link_state(answer(**told).fields(), "abc", made.TITLE)


# Making one


def test_nothing_sent_makes_no_link() -> None:
    anddone, wire = told_by(create=[NeverSent("no connection")])
    with pytest.raises(KnownError, match="AndDone can't be reached") as raised:
        anddone.create_offer(REQUEST, 3600)
    assert raised.value.charged is Charged.NO
    assert wire.asked == [CREATE]


def test_a_lost_answer_is_asked_for_once_more() -> None:
    """With the same title there is only one link."""
    anddone, wire = told_by(create=[SILENT, answer(201)])
    assert anddone.create_offer(REQUEST, 3600).url == LINK["paymentLink"]
    assert wire.asked == [CREATE, CREATE]


def test_a_link_whose_address_is_lost_is_said_to_be_out_of_reach() -> None:
    anddone, _ = told_by(create=[SILENT, refusal(400, "Key_TitleAlreadyExists")])
    with pytest.raises(KnownError, match="No one has the link") as raised:
        anddone.create_offer(REQUEST, 3600)
    assert raised.value.charged is Charged.NO


def test_a_refused_link_is_an_error() -> None:
    anddone, _ = told_by(create=[refusal(422)])
    with pytest.raises(KnownError):
        anddone.create_offer(REQUEST, 3600)


@pytest.mark.parametrize("expired", [answer(message="Expired"), SILENT])
def test_a_link_that_differs_is_expired_at_once(expired: Reply | CallFailed) -> None:
    anddone, wire = told_by(create=[answer(201, title="another")], expire=[expired], details=[answer()])
    with pytest.raises(LinkDiffers):
        anddone.create_offer(REQUEST, 3600)
    assert EXPIRE in wire.asked


# What was paid at it


@pytest.mark.parametrize(
    ("details", "code"),
    [
        (SILENT, Reason.NO_ANSWER),
        (refusal(404), Reason.NAMES_NO_CHARGE),
        (refusal(503), Reason.NO_ANSWER),
        (answer(id="other"), Reason.UNCLEAR_ANSWER),
        (Reply(200, b"no JSON"), Reason.UNCLEAR_ANSWER),
        (answer(linkStatus="Paid"), Reason.UNCLEAR_ANSWER),
        (answer(linkStatus="Expired", noOfPaymentMade=1), Reason.UNCLEAR_ANSWER),
        (answer(linkStatus="Enabled", totalPaidAmount=1.0), Reason.UNCLEAR_ANSWER),
        (answer(), Reason.UNCLEAR_ANSWER),
    ],
)
def test_without_a_plain_answer_nothing_is_known_of_a_link(details: Reply | CallFailed, code: Reason) -> None:
    anddone, _ = told_by(details=[details])
    found = anddone.look_up("abc", REQUEST)
    assert isinstance(found, Unclear)
    assert found.code is code


@pytest.mark.parametrize("status", ["Created", "Enabled", "Disabled", "Expired"])
def test_nothing_is_paid_at_a_link_whose_details_say_so(status: str) -> None:
    anddone, _ = told_by(details=[answer(linkStatus=status, noOfPaymentMade=0, totalPaidAmount=0.0)])
    assert anddone.look_up("abc", REQUEST) == NoCharge()


def test_a_try_that_failed_took_nothing() -> None:
    gone = [{"transactionId": "t1", "transactionStatus": "Failed"}]
    anddone, _ = told_by(details=[answer(linkStatus="Enabled", payments=gone)])
    assert anddone.look_up("abc", REQUEST) == NoCharge()


def test_a_try_that_cannot_be_looked_at_may_have_taken_money(monkeypatch: pytest.MonkeyPatch) -> None:
    live = [{"transactionId": "t1", "transactionStatus": "Authorized"}]
    anddone, _ = told_by(details=[answer(linkStatus="Paid", payments=live)])
    monkeypatch.setattr(AndDone, "_details_of", lambda *_: None)
    found = anddone.look_up("abc", REQUEST)
    assert isinstance(found, Unclear)
    assert found.code is Reason.NO_ANSWER


# Expiring it


@pytest.mark.parametrize(
    ("said", "status", "expiry"),
    [
        (answer(message="Payment link expired successfully."), None, Expiry.EXPIRED),
        (refusal(503), "Expired", Expiry.BEFORE),
        (answer(message="Done?"), "Expired", Expiry.BEFORE),
    ],
)
def test_a_link_is_expired_if_the_answer_or_its_status_says_so(
    said: Reply, status: str | None, expiry: Expiry
) -> None:
    anddone, _ = told_by(expire=[said], details=[answer(linkStatus=status)])
    assert anddone.expire("abc", OfferKind.LINK) is expiry


@pytest.mark.parametrize("details", [answer(linkStatus="Enabled"), refusal(503), answer(id="other"), SILENT])
def test_a_link_that_nobody_calls_expired_may_still_be_paid(details: Reply | CallFailed) -> None:
    anddone, _ = told_by(expire=[refusal(503)], details=[details])
    with pytest.raises(KnownError):
        anddone.expire("abc", OfferKind.LINK)


def test_a_paid_link_refuses_its_expiry() -> None:
    anddone, _ = told_by(
        expire=[refusal(400, "Key_InvalidPaymentLinkStatus")], details=[answer(linkStatus="Paid")]
    )
    assert anddone.expire("abc", OfferKind.LINK) is Expiry.REFUSED


# Of several tries


@pytest.mark.parametrize(
    ("card", "outcome"), [("4000620000000007", Approved), ("4000000000009995", Declined)]
)
def test_details_of_another_payment_prove_nothing_about_a_link(
    card: str,
    outcome: type[Approved | Declined],
    anddone: AndDone,
    contract_checked_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contract_checked_sandbox.pay_page(anddone.create_offer(REQUEST, 3600).url, card=card)
    [listed] = anddone.charges(made.FROM, made.TO)
    assert isinstance(anddone._finding_of(listed.processor_ref, REQUEST), outcome)
    details = anddone._details_of(listed.processor_ref, OfferKind.LINK)
    monkeypatch.setattr(AndDone, "_details_of", lambda *_: details)
    assert isinstance(anddone._finding_of("another", REQUEST), Unclear)


PENDING = Unclear("AndDone says “Pending” of the payment.")
GONE = Declined("51", "The bank declined the card.", "txn-2")
TAKEN = Approved("txn-1", Money(178_00), None, "123456", "Visa", "0007")
NO_SUCH = NoCharge()


@pytest.mark.parametrize(
    ("tries", "counts"),
    [
        ([PENDING, GONE], PENDING), ([GONE, PENDING], PENDING), ([GONE, TAKEN], TAKEN),
        ([PENDING, TAKEN], TAKEN),
        ([Canceled(TAKEN), PENDING], PENDING), ([PENDING, Canceled(TAKEN)], PENDING),
        ([Canceled(TAKEN), GONE], Canceled(TAKEN)), ([GONE, Canceled(TAKEN)], Canceled(TAKEN)),
        ([Canceled(TAKEN), TAKEN], TAKEN), ([NO_SUCH, GONE], GONE), ([GONE, NO_SUCH], GONE),
        ([NO_SUCH, PENDING], PENDING),
    ],
)  # fmt: skip
def test_of_several_tries_at_a_link_the_one_that_may_take_money_counts(
    tries: list[Finding], counts: Finding, anddone: AndDone, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = anddone.create_offer(REQUEST, 3600)
    known = {str(place): one for place, one in enumerate(tries)}
    state = LinkState("Pending", tuple(known), paid=False)
    monkeypatch.setattr(processor, "link_state", lambda *_: state)
    monkeypatch.setattr(AndDone, "_finding_of", lambda _self, one, _request: known[one])
    assert anddone.look_up(link.token, REQUEST) == counts
