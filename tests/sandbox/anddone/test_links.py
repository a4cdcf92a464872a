"""Payment links: create, read, change, expire, pay once, and what their habits change."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import requests

from paydesk.sandbox import FaultKind, Habit, Merchant, Sandbox
from paydesk.sandbox.anddone.books import Refusal
from paydesk.sandbox.server.faults import OF_ONE_REPLY
from tests.contracts.validator import ContractChecker
from tests.sandbox.clients import AndDoneClient, link_order, new_title

VISA, DEBIT, DECLINED = "4000620000000007", "4000056655665556", "4000000000009995"


def _refusal(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["errorCode"]


def _told(client: AndDoneClient, link_id: str) -> dict[str, Any]:
    reply = client.link_details(link_id)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def _only(tender: str) -> dict[str, Any]:
    return {"intent": {"paymentTypes": [tender]}, "additionalDetailsPreference": "NoAdditionalDetails"}


# Create


def test_a_link_echoes_its_order_with_an_address_and_the_end_of_its_life(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    title = new_title()
    made = anddone.link(178.5, title, overrideTechnologyFee=4.25, expireIn=90, expireInUnit="Minutes")
    assert (made["title"], made["amount"], made["overrideTechnologyFee"]) == (title, 178.5, 4.25)
    assert (made["enablePremiumFinance"], made["saveForFuture"]) == (False, False)
    assert made["displaySettings"]["intent"]["paymentTypes"] == ["CreditCard", "DebitCard", "ACH"]
    assert (made["linkStatus"], made["payments"], made["noOfPaymentMade"]) == ("Created", [], 0)
    assert made["paymentLink"].startswith(f"{contract_checked_sandbox.anddone_url}/link/#/")
    assert made["id"] not in made["paymentLink"]
    assert _told(anddone, made["id"]) == made
    (link,) = contract_checked_sandbox.anddone.processor.books.links.values()
    assert link.expires_at - link.made_at == timedelta(minutes=90)


def test_every_field_of_the_contract_comes_back(anddone: AndDoneClient) -> None:
    whole: dict[str, Any] = {
        "shortDescription": "Invoice 50123",
        "responseType": "CallBack",
        "callbackParameters": {"callbackSuccessUrl": "https://example.com/", "redirectionTime": 5},
        "customers": [{"firstName": "Dana", "lastName": "Reyes", "companyName": "Sample", "address": None}],
        "lineItems": [{"lineItemType": "External", "description": "Premium", "quantity": 1, "rate": 178.25}],
        "splits": [{"virtualAccount": "OPER", "amount": 10.5}],
        "referenceKey": "k",
        "suppressTechnologyFee": True,
        "isPayInFull": True,
        "isPremiumFinancier": False,
        "quoteKey": None,
        "accountNumber": "A-1",
    }
    told = _told(anddone, anddone.link(**whole)["id"])
    assert {name: told[name] for name in whole} == whole
    other = anddone.link(referenceType="OtherNumber", paymentLinkType="PaymentLink")
    assert (other["referenceType"], other["paymentLinkType"]) == ("Other", "PaymentLink")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"merchantId": "OTHER123"}, "Key_InvalidMerchant"),
        ({"title": " "}, "Key_TitleCanNotbeNullOrEmpty"),
        ({"amount": 0}, "Key_AmountMustBeGreaterThanZero"),
        ({"amount": -5}, "Key_AmountMustBeGreaterThanZero"),
        ({"amount": 1.005}, "Key_InvalidAmount"),
        ({"amount": "ten"}, "Key_InvalidAmount"),
        ({"amount": 15_000.01, "settings": _only("ACH")}, "Key_InvalidAmount"),
        ({"paymentDescription": ""}, "Key_DescriptionIsEmpty"),
        ({"paymentDescription": "x" * 501}, "Key_DescriptionIsTooLarge"),
        ({"expireIn": 0}, "Key_InvalidRequest"),
        ({"expireIn": "7"}, "Key_InvalidRequest"),
        ({"expireIn": 10**8}, "Key_InvalidRequest"),
        ({"expireIn": 10**12}, "Key_InvalidRequest"),
        ({"settings": "none"}, "Key_InvalidRequest"),
        ({"customers": ["Dana"]}, "Key_InvalidRequest"),
        ({"customers": {"firstName": "Dana"}}, "Key_InvalidRequest"),
        ({"referenceDataList": "50123"}, "Key_InvalidRequest"),
        ({"callbackParameters": "https://example.com"}, "Key_InvalidRequest"),
        ({"expireInUnit": "Years"}, "Key_InvalidRequest"),
        ({"expireInUnit": 5}, "Key_InvalidRequest"),
        ({"referenceDataList": []}, "Key_InvalidRequest"),
        ({"referenceDataList": [{"referenceType": "Other"}]}, "Key_InvalidRequest"),
        ({"settings": None}, "Key_IntentCannotBeNullOrEmpty"),
        ({"settings": {"intent": {"paymentTypes": []}}}, "Key_PaymentTypesCannotBeNullOrEmpty"),
        ({"settings": _only("RTP")}, "Key_InvalidRequest"),
        ({"settings": _only("ACH") | {"additionalDetailsPreference": "AskShopper"}}, "Key_InvalidRequest"),
        ({"settings": _only("ACH") | {"additionalDetailsPreference": "ManualEnter"}}, "Key_CustomerRequired"),
        (
            {
                "settings": _only("ACH") | {"additionalDetailsPreference": "ManualEnter"},
                "customers": [{"firstName": "Dana", "lastName": "Reyes", "phone": "5085550142"}],
            },
            "Key_CustomersEmailRequired",
        ),
    ],
)
def test_wrong_links_are_refused(
    anddone: AndDoneClient,
    contract_checked_sandbox: Sandbox,
    contract_checker: ContractChecker,
    change: dict[str, Any],
    key: str,
) -> None:
    contract_checker.forgive_requests = True
    assert _refusal(anddone.post("/secure/paymentlinks", link_order(10.0) | change)) == (400, key)
    assert contract_checked_sandbox.anddone.processor.books.links == {}


def test_a_title_is_good_once_even_after_its_link_expired(anddone: AndDoneClient) -> None:
    title = new_title()
    anddone.expire_link(anddone.link(10.0, title)["id"])
    assert _refusal(anddone.create_link(99.0, title)) == (400, "Key_TitleAlreadyExists")


def test_units_also_come_as_numbers(anddone: AndDoneClient, contract_checker: ContractChecker) -> None:
    contract_checker.forgive_requests = True
    assert anddone.link(expireInUnit=3)["expireInUnit"] == "Days"


def test_a_merchant_without_links_creates_none() -> None:
    with Sandbox(merchant=Merchant(links=False)) as sandbox, AndDoneClient(sandbox.anddone_url) as client:
        assert client.create_link().status_code == 400


def test_an_unknown_link_is_not_found(anddone: AndDoneClient) -> None:
    assert anddone.link_details("nowhere1").status_code == 404
    assert anddone.expire_link("nowhere1").status_code == 404
    assert (
        anddone.session.put(f"{anddone.url}/secure/paymentlinks/nowhere1", json={}, timeout=5).status_code
        == 404
    )


def test_wrong_keys_and_origins_are_refused(anddone: AndDoneClient) -> None:
    link_id = anddone.link()["id"]
    for name in ("x-api-key", "origin"):
        before = anddone.session.headers[name]
        anddone.session.headers[name] = "wrong"
        assert anddone.create_link().status_code == 401
        assert anddone.link_details(link_id).status_code == 401
        assert anddone.expire_link(link_id).status_code == 400
        anddone.session.headers[name] = before
    assert _told(anddone, link_id)["linkStatus"] == "Created"


# Messages that AndDone sends


def test_a_message_is_sent_unless_it_is_switched_off(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    payer = {"firstName": "Dana", "email": "dana@example.com", "phone": "5085550142"}
    anddone.link(customers=[payer | {"notifyViaEmail": False, "notifyViaSMS": False}])
    notices = contract_checked_sandbox.anddone.processor.books.notices
    assert notices == []
    anddone.link(customers=[payer | {"notifyViaEmail": True, "notifyViaSMS": False}])
    anddone.link(customers=[payer])
    assert [(one.how, one.to) for one in notices] == [
        ("email", "dana@example.com"), ("email", "dana@example.com"), ("phone", "5085550142"),
    ]  # fmt: skip


# Change


def _change(client: AndDoneClient, link_id: str, **fields: Any) -> requests.Response:
    return client.session.put(f"{client.url}/secure/paymentlinks/{link_id}", json=fields, timeout=5)


def test_an_unpaid_link_can_be_changed(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    made = anddone.link(100.0)
    changed = _change(anddone, made["id"], amount=120.5, paymentDescription="Two invoices").json()
    assert (changed["amount"], changed["paymentDescription"]) == (120.5, "Two invoices")
    assert (changed["expireOn"], changed["paymentLink"]) == (made["expireOn"], made["paymentLink"])
    assert (
        _change(anddone, made["id"], expireIn=1, expireInUnit="Hours").json()["expireOn"] != made["expireOn"]
    )
    assert contract_checked_sandbox.pay_page(made["id"], card=VISA).amount.cents == 120_50


def test_a_paid_or_expired_link_cannot_be_changed(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    paid, expired = anddone.link()["id"], anddone.link()["id"]
    contract_checked_sandbox.pay_page(paid, card=VISA)
    anddone.expire_link(expired)
    for link_id in (paid, expired):
        key = "Key_CanNotEditPaymentLinkInCurrentStatus"
        assert _refusal(_change(anddone, link_id, amount=1.0)) == (400, key)


def test_a_change_to_a_title_that_was_used_is_refused(anddone: AndDoneClient) -> None:
    first, second = anddone.link(), anddone.link()
    taken = _change(anddone, second["id"], title=first["title"])
    assert _refusal(taken) == (400, "Key_TitleAlreadyExists")


# Pay


def test_a_link_is_paid_once(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    made = anddone.link(178.0)
    charge = contract_checked_sandbox.pay_page(made["paymentLink"], card=VISA)
    told = _told(anddone, made["id"])
    assert (told["linkStatus"], told["noOfPaymentMade"], told["totalPaidAmount"]) == ("Paid", 1, 178.0)
    (payment,) = told["payments"]
    assert (payment["transactionId"], payment["transactionStatus"]) == (charge.transaction_id, "Authorized")
    assert (payment["channelType"], payment["maskedAccount"]) == ("CreditCard", "****0007")
    with pytest.raises(Refusal, match="Key_InvalidPaymentLinkStatus"):
        contract_checked_sandbox.pay_page(made["paymentLink"], card=VISA)
    assert _refusal(anddone.expire_link(made["id"])) == (400, "Key_InvalidPaymentLinkStatus")
    assert len(contract_checked_sandbox.charges()) == 1


def test_its_payment_names_it_in_the_list_and_in_details(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    made = anddone.link(178.0)
    charge = contract_checked_sandbox.pay_page(made["id"], card=DEBIT)
    (row,) = anddone.search()
    read = anddone.post(
        "/secure/paymentsdetails", {"id": charge.transaction_id, "type": "PaymentLink"}
    ).json()
    for told in (row, read):
        assert (told["paymentLinkId"], told["referenceNo"]) == (made["id"], made["title"])
        assert (told["paymentType"], told["channelType"]) == ("PaymentLink", "DebitCard")
        assert told["invoiceId"] == "50123"
    assert (row["merchantReference"], row["captureAmount"]) == (made["title"], 180.67)


def test_a_failed_try_may_be_repeated(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    link_id = anddone.link()["id"]
    contract_checked_sandbox.pay_page(link_id, card=DECLINED)
    told = _told(anddone, link_id)
    assert (told["linkStatus"], told["noOfPaymentMade"], told["totalPaidAmount"]) == ("Created", 0, 0.0)
    assert [one["transactionStatus"] for one in told["payments"]] == ["Denied"]
    contract_checked_sandbox.pay_page(link_id, account="123456789")
    told = _told(anddone, link_id)
    assert [one["transactionStatus"] for one in told["payments"]] == ["Denied", "Authorized"]
    assert told["linkStatus"] == "Paid"


def test_only_its_tenders_pay_it(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    link_id = anddone.link(settings=_only("CreditCard"))["id"]
    for paid_with in ({"account": "123456789"}, {"card": DEBIT}):
        with pytest.raises(Refusal, match="Key_InvalidRequest"):
            contract_checked_sandbox.pay_page(link_id, **paid_with)
    contract_checked_sandbox.habits.set([Habit.DEBIT_AS_CREDIT])
    charge = contract_checked_sandbox.pay_page(link_id, card=DEBIT)
    assert (charge.tender, charge.fee.cents) == ("CreditCard", 6_23)


@pytest.mark.parametrize(
    ("more", "fee"),
    [({}, 6_23), ({"overrideTechnologyFee": 4.25}, 4_25), ({"overrideTechnologyFee": 0}, 0),
     ({"suppressTechnologyFee": True}, 0)],
)  # fmt: skip
def test_the_fee_of_the_order_holds(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox, more: dict[str, Any], fee: int
) -> None:
    charge = contract_checked_sandbox.pay_page(anddone.link(178.0, **more)["id"], card=VISA)
    assert charge.fee.cents == fee


# Expire


def test_an_expired_link_is_dead(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    by_hand, by_time = anddone.link()["id"], anddone.link(expireIn=1, expireInUnit="Hours")["id"]
    assert anddone.expire_link(by_hand).json() == {"message": "PaymentLink is expired successfully"}
    assert _told(anddone, by_time)["linkStatus"] == "Created"
    contract_checked_sandbox.advance(timedelta(hours=1))
    for link_id in (by_hand, by_time):
        assert _told(anddone, link_id)["linkStatus"] == "Expired"
        assert _refusal(anddone.expire_link(link_id)) == (400, "Key_PaymentLinkAlreadyExpired")
        with pytest.raises(Refusal, match="Key_PaymentLinkAlreadyExpired"):
            contract_checked_sandbox.pay_page(link_id, card=VISA)
    assert contract_checked_sandbox.charges() == []


def test_expiry_works_after_a_failed_try(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    link_id = anddone.link()["id"]
    contract_checked_sandbox.pay_page(link_id, card=DECLINED)
    assert anddone.expire_link(link_id).status_code == 200


# Under way


def test_a_payment_under_way_holds_the_link(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    sandbox, link_id = contract_checked_sandbox, anddone.link(expireIn=1, expireInUnit="Minutes")["id"]
    sandbox.take_time(timedelta(minutes=5))
    sandbox.pay_page(link_id, card=VISA)
    assert _told(anddone, link_id)["linkStatus"] == "PaymentInitiated"
    assert _told(anddone, link_id)["payments"] == sandbox.charges() == []
    assert _refusal(anddone.expire_link(link_id)) == (400, "Key_InvalidPaymentLinkStatus")
    assert _refusal(_change(anddone, link_id, amount=1.0))[0] == 400
    with pytest.raises(Refusal, match="Key_InvalidPaymentLinkStatus"):
        sandbox.pay_page(link_id, card=VISA)
    sandbox.advance(timedelta(minutes=2))  # its life is over meanwhile
    assert _told(anddone, link_id)["linkStatus"] == "PaymentInitiated"
    sandbox.advance(timedelta(minutes=3))
    assert _told(anddone, link_id)["linkStatus"] == "Paid"
    (charge,) = sandbox.charges()
    assert charge.made_at > sandbox.anddone.processor.books.links[link_id].expires_at


def test_a_failed_payment_under_way_lets_the_life_end(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    sandbox = contract_checked_sandbox
    short, long = (anddone.link(expireIn=count, expireInUnit="Minutes")["id"] for count in (1, 60))
    sandbox.take_time(timedelta(minutes=5))
    for link_id in (short, long):
        sandbox.pay_page(link_id, card=DECLINED)
    sandbox.advance(timedelta(minutes=5))
    assert [charge.status for charge in sandbox.charges()] == ["Denied", "Denied"]
    assert [_told(anddone, link_id)["linkStatus"] for link_id in (short, long)] == ["Expired", "Created"]


# Habits


def test_a_link_can_be_paid_again_by_habit(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.habits.set([Habit.PAID_AGAIN])
    link_id = anddone.link(100.0)["id"]
    for _ in range(2):
        contract_checked_sandbox.pay_page(link_id, card=VISA)
    told = _told(anddone, link_id)
    assert (told["linkStatus"], told["noOfPaymentMade"], told["totalPaidAmount"]) == ("Paid", 2, 200.0)
    anddone.expire_link(other := anddone.link()["id"])
    with pytest.raises(Refusal, match="AlreadyExpired"):
        contract_checked_sandbox.pay_page(other, card=VISA)


def test_an_expiry_is_confirmed_while_a_payment_is_under_way_by_habit(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    sandbox, link_id = contract_checked_sandbox, anddone.link()["id"]
    sandbox.habits.set([Habit.EXPIRES_WHILE_PAYING])
    sandbox.take_time(timedelta(minutes=5))
    sandbox.pay_page(link_id, card=VISA)
    assert anddone.expire_link(link_id).status_code == 200
    told = _told(anddone, link_id)
    assert (told["linkStatus"], told["noOfPaymentMade"]) == ("Expired", 0)
    sandbox.advance(timedelta(minutes=5))
    told = _told(anddone, link_id)
    assert (told["linkStatus"], told["noOfPaymentMade"]) == ("Expired", 1)


def test_other_shapes_of_a_link(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.habits.set(
        [Habit.LINK_WITHOUT_ECHO, Habit.LINK_ENABLED, Habit.FAILED_TRY_INITIATED, Habit.EXPIRED_AGAIN_200]
    )
    made = anddone.link()
    assert set(made) == {"id", "paymentLink", "shortLink", "linkStatus"}
    assert made["linkStatus"] == "Enabled"
    contract_checked_sandbox.pay_page(made["id"], card=DECLINED)
    assert _told(anddone, made["id"])["linkStatus"] == "PaymentInitiated"
    assert anddone.expire_link(made["id"]).status_code == 200
    again = anddone.expire_link(made["id"])
    assert (again.status_code, again.json()) == (200, {"message": "PaymentLink is already expired"})


def test_a_payment_under_way_is_told_by_habit(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    sandbox, made, token = contract_checked_sandbox, anddone.link(100.0), anddone.intent(100.0)
    sandbox.habits.set([Habit.UNDER_WAY_TOLD])
    assert anddone.details(token).status_code == 404
    sandbox.take_time(timedelta(minutes=5))
    for page in (made["id"], token):
        sandbox.pay_page(page, card=VISA)
    told = _told(anddone, made["id"])
    assert [one["transactionStatus"] for one in told["payments"]] == ["Created"]
    assert (told["linkStatus"], told["noOfPaymentMade"]) == ("PaymentInitiated", 0)
    details = anddone.details(token).json()
    assert (details["transactionStatus"], details["transactionResult"]) == ("Created", None)
    assert (details["ccTenderInfo"]["amount"], details["ccTenderInfo"]["captureAmount"]) == (100.0, 0.0)
    assert anddone.search() == []
    sandbox.advance(timedelta(minutes=5))
    assert anddone.details(token).json()["transactionStatus"] == "Authorized"
    assert _told(anddone, made["id"])["linkStatus"] == "Paid"


def test_a_new_payment_is_hidden_while_details_lag(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    link_id = anddone.link()["id"]
    contract_checked_sandbox.pay_page(link_id, card=VISA)
    contract_checked_sandbox.faults.always(FaultKind.DETAILS_LAG, seconds=60)
    told = _told(anddone, link_id)
    assert (told["linkStatus"], told["payments"], told["noOfPaymentMade"]) == ("Created", [], 0)
    contract_checked_sandbox.advance(timedelta(seconds=61))
    assert _told(anddone, link_id)["linkStatus"] == "Paid"


# Switched off in the portal


def test_a_disabled_link_can_be_expired_but_not_paid(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    by_hand, by_time = anddone.link()["id"], anddone.link(expireIn=1, expireInUnit="Hours")["id"]
    for link_id in (by_hand, by_time):
        assert contract_checked_sandbox.act("link-disablements", link_id=link_id)["status"] == "Disabled"
        assert _told(anddone, link_id)["linkStatus"] == "Disabled"
        contract_checked_sandbox.habits.set([Habit.PAID_AGAIN])
        with pytest.raises(Refusal, match="Key_InvalidPaymentLinkStatus"):
            contract_checked_sandbox.pay_page(link_id, card=VISA)
        assert _refusal(_change(anddone, link_id, amount=1.0))[0] == 400
    assert anddone.expire_link(by_hand).status_code == 200
    contract_checked_sandbox.advance(timedelta(hours=1))
    assert [_told(anddone, link_id)["linkStatus"] for link_id in (by_hand, by_time)] == ["Expired", "Expired"]
    with pytest.raises(Refusal, match="Key_PaymentLinkAlreadyExpired"):
        contract_checked_sandbox.act("link-disablements", link_id=by_hand)


# Faults


_ENDLESS = frozenset(
    {
        FaultKind.HUGE_BODY, FaultKind.ENDLESS_CHUNKS, FaultKind.ENDLESS_CONTINUE, FaultKind.DRIPPED_HEADER,
        FaultKind.DRIPPED_BODY, FaultKind.DRIPPED_LAST_BODY,
    }
)  # fmt: skip
"""Answers without end, which no plain client ever finishes. The tests of the server have them."""


@pytest.mark.parametrize("kind", sorted(OF_ONE_REPLY - _ENDLESS))
def test_every_fault_makes_expires_and_refunds_as_it_says(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox, kind: FaultKind
) -> None:
    """A repeated delivery repeats the title, expires once, and refunds once within a day."""
    sandbox, link_id = contract_checked_sandbox, anddone.link()["id"]
    refund: dict[str, Any] = {"transactionId": anddone.paid(10.0)["transactionId"], "refundAmount": 1.0}
    refund |= {"refundType": "Partial", "refundReason": "r", "refundDetail": "d"}
    sandbox.advance(timedelta(days=6))
    headers = {name: str(value) for name, value in anddone.session.headers.items()}
    for operation, path, body in (
        ("createPaymentLink", "/secure/paymentlinks", link_order(10.0)),
        ("expirePaymentLink", "/secure/paymentlinks/expirations", {"paymentLinkId": link_id}),
        ("createRefund", "/secure/refunds", refund),
    ):
        sandbox.faults.next(kind, on=operation)
        with suppress(requests.RequestException):
            # a connection of its own, because most faults end the one they are played on
            requests.post(anddone.url + path, json=body, headers=headers, timeout=0.3)
    links = sandbox.anddone.processor.books.links
    assert len(links) == 1 + kind.carried_out
    assert links[link_id].status == ("expired" if kind.carried_out else "pending")
    assert sandbox.charges()[0].refunded.cents == (1_00 if kind.carried_out else 0)


def test_a_lost_answer_to_create_leaves_a_link_behind(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    title = new_title()
    contract_checked_sandbox.faults.next(FaultKind.RESET_AFTER, on="createPaymentLink")
    with pytest.raises(requests.ConnectionError):
        anddone.create_link(10.0, title)
    assert _refusal(anddone.create_link(10.0, title)) == (400, "Key_TitleAlreadyExists")
    contract_checked_sandbox.faults.next(FaultKind.RESET_BEFORE, on="createPaymentLink")
    with pytest.raises(requests.ConnectionError):
        anddone.create_link(10.0, other := new_title())
    assert anddone.create_link(10.0, other).status_code == 201


def test_a_lost_answer_to_expire_has_expired_it(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    link_id = anddone.link()["id"]
    contract_checked_sandbox.faults.next(FaultKind.GATEWAY_TIMEOUT_AFTER, on="expirePaymentLink")
    assert anddone.expire_link(link_id).status_code == 504
    assert _told(anddone, link_id)["linkStatus"] == "Expired"


def test_statuses_never_heard_of(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.faults.next(FaultKind.UNKNOWN_STATUS, on="getPaymentLink")
    assert _told(anddone, anddone.link()["id"])["linkStatus"] == "Quarantined"


@pytest.mark.parametrize(
    ("habit", "body"),
    [(Habit.NOT_FOUND_EMPTY_404, ""), (Habit.NOT_FOUND_BARE_404, '{"message": "Not Found"}')],
)
def test_an_unknown_link_in_other_shapes(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox, habit: Habit, body: str
) -> None:
    contract_checked_sandbox.habits.set([habit])
    for reply in (anddone.link_details("nowhere1"), anddone.expire_link("nowhere1")):
        assert (reply.status_code, reply.text) == (404, body)


# Controls


def test_a_payer_pays_over_the_control(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    made, token = anddone.link(178.0), anddone.intent(50.0)
    control = f"{contract_checked_sandbox.anddone_url}/_sandbox"
    paid = [
        requests.post(f"{control}/page-payments", json={"page": page} | paid_with, timeout=5).json()
        for page, paid_with in (
            (made["paymentLink"], {"card": VISA}),
            (f"https://paymentwidget.example/?token={token}", {"account": "123456789"}),
        )
    ]
    assert [(one["link_id"], one["token"], one["total_cents"]) for one in paid] == [
        (made["id"], None, 184_23), (None, token, 53_00),
    ]  # fmt: skip
    again = requests.post(f"{control}/page-payments", json={"page": made["id"], "card": VISA}, timeout=5)
    assert _refusal(again) == (400, "Key_InvalidPaymentLinkStatus")
    nowhere = requests.post(f"{control}/page-payments", json={"page": "nowhere", "card": VISA}, timeout=5)
    assert nowhere.status_code == 404
    (listed,) = requests.get(f"{control}/links", timeout=5).json()
    assert (listed["id"], listed["status"], listed["amount_cents"]) == (made["id"], "Paid", 178_00)
    assert requests.get(f"{control}/notices", timeout=5).json() == []


def test_processing_takes_its_time_over_the_control(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    control = f"{contract_checked_sandbox.anddone_url}/_sandbox/processing"
    assert requests.post(control, json={"seconds": 30}, timeout=5).json() == {"seconds": 30.0}
    link_id = anddone.link()["id"]
    contract_checked_sandbox.pay_page(link_id, card=VISA)
    assert _told(anddone, link_id)["linkStatus"] == "PaymentInitiated"


def test_the_address_has_the_host_that_was_asked(anddone: AndDoneClient) -> None:
    port = anddone.url.rpartition(":")[2]
    body = {"paymentLinkId": anddone.link()["id"]}
    reply = anddone.session.post(f"http://localhost:{port}/secure/paymentlinks/details", json=body, timeout=5)
    assert reply.json()["paymentLink"].startswith(f"http://localhost:{port}/link/#/")
