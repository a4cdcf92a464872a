"""The pages for payers, opened and sent as a browser does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paydesk.sandbox import FaultKind, Habit, Merchant, Sandbox
from tests.proving import cases, tasted
from tests.sandbox.clients import AndDoneClient
from tests.sandbox.payer import ACCOUNT, CARD, Payer, attempt, hosted

HOSTILE = (
    "</p><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{7*7}} ${7*7} %s \\ &lt;b&gt;",
    "\u202eesrever \u2066isolated",
    "x" * 400,
    "half a pair \ud83c",
    "名前 العربية עברית 🏠\u0301",
)
DECLINED = CARD | {"Card number": "4000000000009995"}


@pytest.fixture(params=["hosted", "link"])
def address(request: pytest.FixtureRequest, anddone: AndDoneClient) -> str:
    """The address of a page that takes $178.00 by any method."""
    if request.param == "link":
        return str(anddone.link(178.0)["paymentLink"])
    return hosted(anddone.url, anddone.intent(178.0, enablePremiumFinance=False, saveForFuture=False))


@pytest.fixture
def payer(address: str) -> Iterator[Payer]:
    with Payer(address) as payer:
        yield payer


def _statuses(sandbox: Sandbox) -> list[str]:
    return [charge.status for charge in sandbox.charges()]


# One payer


def test_the_page_shows_what_is_paid_for_and_the_fee_of_each_card(payer: Payer) -> None:
    seen = payer.open()
    assert payer.status == 200
    for words in ("Sample Insurance Agency", "TRAINING: no money moves", "Credit card", "Debit card"):
        assert words in seen.words
    assert "Amount $178.00 $178.00 Technology fee $6.23 $2.67 Total $184.23 $180.67" in seen.words
    assert "img" not in seen.tags
    bank = payer.choose("bank")
    assert "Technology fee $3.00 Total $181.00" in bank.words
    assert "Submit Payment $181.00" in bank.words
    assert set(bank.names) == set(ACCOUNT)


def test_a_card_is_charged_once_and_a_reload_shows_the_same(
    payer: Payer, contract_checked_sandbox: Sandbox
) -> None:
    payer.open()
    seen = payer.send(CARD)
    assert "Thank you for your payment!" in seen.words
    assert "$184.23 paid by credit card ****0007." in seen.words
    (charge,) = contract_checked_sandbox.charges()
    assert attempt(payer.url) == charge.transaction_id
    assert (charge.instrument.holder, charge.total.cents) == ("Dana Example", 184_23)
    assert charge.wire["billingContact"]["address"] == {
        "addressLine1": "12 Elm St", "city": "Avon", "state": "NY", "country": 1, "postalCode": "14414",
    }  # fmt: skip
    assert "Thank you for your payment!" in payer.open().words
    assert _statuses(contract_checked_sandbox) == ["Authorized"]


def test_a_debit_card_is_told_by_its_number(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    payer.open()
    assert "$180.67 paid by debit card" in payer.send(CARD | {"Card number": "4000056655665556"}).words
    assert contract_checked_sandbox.charges()[0].tender == "DebitCard"


def test_a_bank_account_pays(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    payer.open()
    payer.choose("bank")
    assert "$181.00 paid by bank account ****6789." in payer.send(ACCOUNT).words
    assert contract_checked_sandbox.charges()[0].tender == "ACH"


def test_a_failed_try_says_why_and_may_be_repeated(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    payer.open()
    seen = payer.send(DECLINED)
    assert "The payment failed: Not enough balance. You were not charged. Try again" in seen.words
    assert 'role="alert"' in payer.html
    assert "9995" not in payer.html
    kept = seen.values
    assert (kept["cardAccountHolder"], kept["validThrough"], kept["city"]) == (
        "Dana Example",
        "03/30",
        "Avon",
    )
    assert seen.words.count("Enter it again.") == 2
    assert re.findall(r'id="(\w+)"[^>]* autofocus', payer.html) == ["cardNumber"]
    assert "Thank you for your payment!" in payer.send(CARD).words
    assert _statuses(contract_checked_sandbox) == ["Denied", "Authorized"]


def test_a_paid_page_says_so_to_whoever_opens_it_next(
    payer: Payer, address: str, contract_checked_sandbox: Sandbox
) -> None:
    payer.open()
    payer.send(CARD)
    with Payer(address) as other:
        seen = other.open()
        assert "is already processed." in seen.words
        assert "form" not in seen.tags


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Name on card", " "), ("Card number", "4111"), ("Card number", "４０００６２０００００００００７"),
        ("Card number", ""), ("Valid through (MM/YY)", "13/30"), ("Valid through (MM/YY)", "3/30"),
        ("Security code", "12"), ("ZIP code", "none"), ("City", ""), ("Country", "99"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_marked_and_nothing_is_charged(
    payer: Payer, contract_checked_sandbox: Sandbox, label: str, value: str
) -> None:
    payer.open()
    seen = payer.send(CARD | {label: value})
    assert "Check the marked fields. You were not charged." in seen.words
    name = seen.names[label]
    assert re.search(rf'id="{name}"[^>]* aria-describedby="{name}-note" aria-invalid="true"', payer.html)
    assert f'id="{name}-note"' in payer.html
    assert contract_checked_sandbox.charges() == []
    kept = seen.values
    assert (kept["cardNumber"], kept["securityCode"]) == ("", ""), "no number goes back to the browser"
    if label != "City":
        assert kept["city"] == "Avon"


def test_account_numbers_must_agree(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    payer.open()
    payer.choose("bank")
    assert "not the same" in payer.send(ACCOUNT | {"Account number again": "123456780"}).words
    wrong = payer.send(ACCOUNT | {"Routing number": "011000139"})
    assert "The payment failed: Invalid ACH routing number." in wrong.words
    assert _statuses(contract_checked_sandbox) == ["Failed"]


def test_an_address_that_leads_nowhere(anddone: AndDoneClient) -> None:
    for path in ("/?token=nowhere1", "/", "/link/nowhere1", "/link/a%2Fb", "/link/nowhere1/"):
        with Payer(anddone.url + path) as payer:
            assert "This payment does not exist." in payer.open().words
            assert payer.status == 404


def test_a_links_own_address_is_read_by_a_script(anddone: AndDoneClient) -> None:
    with Payer(anddone.url + "/link/") as payer:
        seen = payer.open()
        assert "This page needs JavaScript" in seen.words
        assert 'location.replace("/link/"' in payer.html


# Expiry


def test_it_expires_while_the_form_is_open(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    payer.open()
    contract_checked_sandbox.advance(timedelta(days=8))
    seen = payer.send(CARD)
    assert "is expired. You were not charged." in seen.words
    assert "form" not in payer.open().tags
    assert contract_checked_sandbox.charges() == []


def test_it_is_taken_back_while_the_form_is_open(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    made = anddone.link()
    with Payer(made["paymentLink"]) as payer:
        payer.open()
        anddone.expire_link(made["id"])
        assert "is expired. You were not charged." in payer.send(CARD).words
    assert contract_checked_sandbox.charges() == []


# Under way


def test_a_slow_payment_shows_that_it_is_under_way(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.take_time(timedelta(minutes=5))
    payer.open()
    assert "Your payment is being processed." in payer.send(CARD).words
    assert '<meta http-equiv="refresh" content="1">' in payer.html
    assert contract_checked_sandbox.charges() == []
    contract_checked_sandbox.advance(timedelta(minutes=5))
    assert "Thank you for your payment!" in payer.open().words


def test_a_second_payer_waits_while_the_first_pays(
    payer: Payer, address: str, contract_checked_sandbox: Sandbox
) -> None:
    contract_checked_sandbox.take_time(timedelta(minutes=5))
    with Payer(address) as other:
        payer.open()
        other.open()
        payer.send(DECLINED)
        assert "being processed" in other.send(CARD).words
        contract_checked_sandbox.advance(timedelta(minutes=5))
        assert "form" in other.open().tags
    assert _statuses(contract_checked_sandbox) == ["Denied"]


# Two at once


def _at_once(address: str, count: int) -> list[str]:
    """Open the page in that many browsers, then send all forms at once. Return the words of each answer."""
    payers = [Payer(address) for _ in range(count)]
    for payer in payers:
        payer.open()
    with ThreadPoolExecutor(count) as pool:
        words = list(pool.map(lambda payer: payer.send(CARD).words, payers))
    for payer in payers:
        payer.session.close()
    return words


def test_of_many_browsers_one_pays(address: str, contract_checked_sandbox: Sandbox) -> None:
    words = _at_once(address, 8)
    assert sum("Thank you" in said for said in words) == 1
    assert sum("is already processed." in said for said in words) == 7
    assert _statuses(contract_checked_sandbox) == ["Authorized"]


def test_all_of_them_pay_by_habit(address: str, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.habits.set([Habit.PAID_AGAIN])
    assert all("Thank you" in said for said in _at_once(address, 3))
    assert _statuses(contract_checked_sandbox) == ["Authorized"] * 3


def test_a_form_that_is_sent_twice_pays_once(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    form = payer.open()
    payer.send(CARD)
    payer.seen = form
    assert "is already processed. You do not need to pay again." in payer.send(CARD).words
    assert _statuses(contract_checked_sandbox) == ["Authorized"]


# What an order allows


@pytest.mark.parametrize(
    ("tenders", "tabs", "words"),
    [
        (["CreditCard"], ["card"], "Technology fee $6.23 Total $184.23"),
        (["DebitCard"], ["card"], "Technology fee $2.67 Total $180.67"),
        (["ACH"], ["bank"], "Technology fee $3.00 Total $181.00"),
        (["DebitCard", "ACH"], ["card", "bank"], "Debit card Amount $178.00"),
    ],
)
def test_only_the_allowed_methods_have_a_tab(
    anddone: AndDoneClient, tenders: list[str], tabs: list[str], words: str
) -> None:
    token = anddone.intent(178.0, intent={"paymentTypes": tenders})
    with Payer(hosted(anddone.url, token)) as payer:
        seen = payer.open()
        assert [link.rpartition("=")[2] for link in seen.links] == tabs
        assert words in seen.words
        payer.url += "&tab=bank"
        assert (payer.open().action.endswith("tab=bank")) == ("bank" in tabs)


def test_a_debit_card_where_only_credit_is_allowed(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    token = anddone.intent(178.0, intent={"paymentTypes": ["CreditCard"]})
    debit = CARD | {"Card number": "4000056655665556"}
    with Payer(hosted(anddone.url, token)) as payer:
        payer.open()
        assert "This payment does not take debit cards. You were not charged." in payer.send(debit).words
        assert contract_checked_sandbox.charges() == []
        contract_checked_sandbox.habits.set([Habit.DEBIT_AS_CREDIT])
        assert "$184.23 paid by credit card" in payer.send(debit).words


def test_an_override_is_the_fee_of_every_method(anddone: AndDoneClient) -> None:
    with Payer(anddone.link(178.0, overrideTechnologyFee=1.5)["paymentLink"]) as payer:
        assert "Technology fee $1.50 $1.50 Total $179.50 $179.50" in payer.open().words
        assert "Submit Payment $179.50" in payer.seen.words


def test_contact_fields_are_asked_for_where_the_order_says_so(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    asking: dict[str, Any] = {
        "intent": {"paymentTypes": ["ACH"]},
        "additionalDetailsPreference": "AskShopper",
        "selectedCustomerFields": "FirstName, email,unheardOf",
    }
    with Payer(anddone.link(settings=asking)["paymentLink"]) as payer:
        payer.open()
        payer.send(ACCOUNT | {"First name": "Dana", "Email": "dana@example.com"})
    (charge,) = contract_checked_sandbox.charges()
    assert charge.wire["billingContact"] == {"name": {"firstName": "Dana"}, "email": "dana@example.com"}


def test_the_name_that_the_merchant_entered_is_filled_in(anddone: AndDoneClient) -> None:
    payer = {"firstName": "Dana", "lastName": "Reyes", "email": "d@example.com", "phone": "5085550142"}
    known: dict[str, Any] = {
        "intent": {"paymentTypes": ["CreditCard", "ACH"]},
        "additionalDetailsPreference": "ManualEnter",
    }
    with Payer(anddone.link(settings=known, customers=[payer])["paymentLink"]) as visit:
        assert visit.open().values["cardAccountHolder"] == "Dana Reyes"
        assert re.search(r'id="cardNumber"[^>]* autofocus', visit.html)
        assert visit.choose("bank").values["accountHolderName"] == "Dana Reyes"
    with Payer(anddone.link(customers=[payer])["paymentLink"]) as visit:
        assert visit.open().values["cardAccountHolder"] == ""


def test_the_keyboard_starts_where_something_is_missing_or_wrong(payer: Payer) -> None:
    payer.open()
    assert re.findall(r'id="(\w+)"[^>]* autofocus', payer.html) == ["cardAccountHolder"]
    payer.send(CARD | {"City": "", "State": ""})
    assert re.findall(r'id="(\w+)"[^>]* autofocus', payer.html) == ["city"]


@pytest.mark.parametrize(
    ("address", "kind", "shown"),
    [
        ("https://example.com/thanks?a=1&b=2", "CallBack", True),
        ("https://example.com/", "OnScreen", False),
        ("javascript:alert(1)", "CallBack", False),
        ("data:text/html,x", "CallBack", False),
        ("", "CallBack", False),
    ],
)
def test_the_way_back_to_the_merchant(anddone: AndDoneClient, address: str, kind: str, shown: bool) -> None:
    back = {"callbackSuccessUrl": address, "callbackMessage": "Back to <us>"}
    with Payer(anddone.link(responseType=kind, callbackParameters=back)["paymentLink"]) as payer:
        payer.open()
        seen = payer.send(CARD)
        assert (seen.links == [address]) == shown
        assert ("Back to <us>" in seen.words) == shown


def test_a_disabled_link_is_not_available(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    made = anddone.link()
    contract_checked_sandbox.act("link-disablements", link_id=made["id"])
    with Payer(made["paymentLink"]) as payer:
        assert "This payment link is not available. You were not charged." in payer.open().words


# Side offers


def test_side_offers_show_unless_they_are_switched_off(anddone: AndDoneClient) -> None:
    orders: tuple[tuple[dict[str, Any], list[str]], ...] = (
        ({"enablePremiumFinance": False, "saveForFuture": False}, []),
        ({"enablePremiumFinance": False}, ["Save this card"]),
        ({}, ["monthly installments", "Save this card"]),
    )
    for more, shown in orders:
        with Payer(hosted(anddone.url, anddone.intent(178.0, **more))) as payer:
            words = payer.open().words
            assert [extra for extra in ("monthly installments", "Save this card") if extra in words] == shown


def test_a_merchant_without_extras_offers_none() -> None:
    with Sandbox(merchant=Merchant(extras=False)) as sandbox, AndDoneClient(sandbox.anddone_url) as client:
        with Payer(hosted(client.url, client.intent(178.0))) as payer:
            assert "installments" not in payer.open().words
        client.link(customers=[{"email": "dana@example.com"}])
        assert sandbox.anddone.processor.books.notices == []


# Texts of others


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_others_stay_texts(anddone: AndDoneClient, text: str) -> None:
    addresses = (
        anddone.link(title=f"T {text}", paymentDescription=text, invoiceNumber=f"9{text}")["paymentLink"],
        hosted(anddone.url, anddone.intent(178.0, paymentDescription=text, invoiceNumber=f"9{text}")),
    )
    for address in addresses:
        with Payer(address) as payer:
            payer.open()
            name = text[:200].replace("\ud83c", "?")
            payer.send(CARD | {"Card number": "1", "Name on card": name})
            assert payer.html.count("<script") == payer.html.count("<img") == 0
            assert payer.seen.values["cardAccountHolder"] == name.strip()
            shown = re.findall(r'<bdi dir="auto">(.*?)</bdi>', payer.html, re.DOTALL)
            assert unescape(shown[1]) == text.replace("\ud83c", "?")
            assert "Thank you" in payer.send(CARD | {"Name on card": name}).words


def test_no_page_may_frame_or_script_it(payer: Payer) -> None:
    payer.open()
    policy = payer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (payer.headers["Cache-Control"], payer.headers["X-Frame-Options"]) == ("no-store", "DENY")


def test_every_field_has_a_label_and_its_own_id(payer: Payer) -> None:
    for tab in ("card", "bank"):
        payer.open()
        payer.choose(tab)
        ids = re.findall(r' id="([^"]+)"', payer.html)
        assert len(ids) == len(set(ids))
        fields = re.findall(r'<(?:input|select) id="([^"]+)"', payer.html)
        assert fields == re.findall(r'<label for="([^"]+)"', payer.html)


# Who may use it


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
    ],
)
def test_another_page_cannot_pay(
    payer: Payer, contract_checked_sandbox: Sandbox, headers: dict[str, str], status: int
) -> None:
    payer.open()
    payer.send(CARD, **headers)
    assert payer.status == status
    assert contract_checked_sandbox.charges() == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Host": "evil.example"}, 421),
    ],
)
def test_who_may_open_it(payer: Payer, headers: dict[str, str], status: int) -> None:
    """A click in a webmail opens the page as a whole. A part of another page does not."""
    assert requests.get(payer.url, headers=headers, timeout=5).status_code == status


@tasted
@given(
    body=st.binary(max_size=300), query=st.text(max_size=60), tab=st.sampled_from(["card", "bank", "", "x"])
)
@settings(
    max_examples=cases(20, 150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_page_takes_any_bytes(
    payer: Payer, contract_checked_sandbox: Sandbox, body: bytes, query: str, tab: str
) -> None:
    base = payer.url.partition("&tab")[0].partition("?tab")[0]
    address = f"{base}{'&' if '?' in base else '?'}tab={tab}&attempt={quote(query, errors='replace')}"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = payer.session.post(address, body, headers=kind, timeout=5)
    opened = payer.session.get(address, timeout=5)
    for reply in (sent, opened):
        assert (reply.status_code, "Submit Payment" in reply.text) == (200, True)
    assert contract_checked_sandbox.charges() == []
    assert contract_checked_sandbox.crashes == []


# Faults


def test_a_lost_answer_to_a_payer_has_charged(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    payer.open()
    for operation in ("payHostedPage", "payLinkPage"):
        contract_checked_sandbox.faults.next(FaultKind.RESET_AFTER, on=operation)
    with pytest.raises(requests.ConnectionError):
        payer.send(CARD)
    assert _statuses(contract_checked_sandbox) == ["Authorized"]
    assert "is already processed." in payer.open().words


def test_a_page_that_never_loads(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    contract_checked_sandbox.faults.always(FaultKind.HANG_BEFORE, on="anddone")
    with pytest.raises(requests.ReadTimeout):
        requests.get(payer.url, timeout=0.3)


def test_faults_of_json_leave_a_page_whole(payer: Payer, contract_checked_sandbox: Sandbox) -> None:
    for kind in (FaultKind.WRONG_AMOUNT, FaultKind.WRONG_TYPES, FaultKind.UNKNOWN_STATUS):
        contract_checked_sandbox.faults.next(kind, on="anddone")
        assert "$178.00" in payer.open().words


def test_an_amount_asks_for_a_fault_here_too(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    with Payer(anddone.link(7777.03)["paymentLink"]) as payer:
        payer.open()
        with pytest.raises(requests.ConnectionError):
            payer.send(CARD)
    assert _statuses(contract_checked_sandbox) == ["Authorized"]
