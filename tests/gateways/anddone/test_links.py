"""Payment links: what AndDone answers is compared with the order before anybody sees an address."""

from __future__ import annotations

import json
from typing import Any

import pytest

from paydesk.domain.money import Money
from paydesk.gateways.anddone.links import LinkDiffers, is_of_vendor, link_state, made_link
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import WrongAnswer
from tests.gateways import made

HOST = "https://api.anddone.com"
LINK: dict[str, Any] = {
    "id": "abc",
    "title": made.TITLE,
    "amount": 178.0,
    "paymentLink": "https://link.anddone.com/#/x",
}


def answer(**fields: Any) -> Reply:
    return Reply(200, json.dumps(LINK | fields).encode())


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


@pytest.mark.parametrize("told", [{"id": "other"}, {"title": "another"}])
def test_the_state_of_another_link_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(WrongAnswer):
        link_state(answer(**told).fields(), "abc", made.TITLE)
