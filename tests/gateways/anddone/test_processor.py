"""AndDone over real HTTP: the emulator, its faults, and a hostile server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from paydesk.domain.errors import Charged, KnownError
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Declined, Expiry, NoCharge, NotSent, Unclear
from paydesk.domain.tender import Tender, TenderKind
from paydesk.gateways.anddone.processor import AndDone, AndDoneConfig
from paydesk.sandbox import FaultKind, Sandbox
from tests.gateways import made
from tests.gateways.conftest import FALSE_ANSWERS, LINE_FAULTS, anddone_config, anddone_under
from tests.gateways.hostile import BROKEN, Act, Hostile, reply
from tests.sandbox.clients import until


@pytest.mark.parametrize("kind", TenderKind)
def test_an_intent_is_paid_and_found_again(
    kind: TenderKind, anddone: AndDone, contract_checked_sandbox: Sandbox
) -> None:
    request = made.request(kind=kind)
    token = anddone.create_intent(request)
    outcome = anddone.pay(token, request, made.tender_for(kind))
    assert isinstance(outcome, Approved)
    assert anddone.look_up(token, request) == outcome
    [charge] = contract_checked_sandbox.charges()
    assert (outcome.charged, outcome.fee) == (charge.total, charge.fee)
    assert outcome.authorization_code == charge.auth_code
    assert outcome.last4 == made.tender_for(kind).last4


@pytest.mark.parametrize(
    ("tender", "kind", "said"),
    [
        (made.card("4000000000009995"), TenderKind.CREDIT_CARD, "insufficient funds"),
        (made.card("4000000000000069"), TenderKind.CREDIT_CARD, "the card has expired"),
        (made.card(code="999"), TenderKind.CREDIT_CARD, "the security code is wrong"),
        (made.card("4000000000009979"), TenderKind.CREDIT_CARD, "use another card"),
        (made.bank_account("900000002"), TenderKind.ACH, "the account is closed"),
    ],
)
def test_a_decline_has_words(tender: Tender, kind: TenderKind, said: str, anddone: AndDone) -> None:
    request = made.request(kind=kind)
    token = anddone.create_intent(request)
    outcome = anddone.pay(token, request, tender)
    assert isinstance(outcome, Declined)
    assert said in outcome.reason
    assert anddone.look_up(token, request) == outcome


def test_an_intent_that_was_not_paid_has_no_charge_and_expires(anddone: AndDone) -> None:
    """It expires a second time as well, because the answer to the first may have been lost."""
    request = made.request()
    token = anddone.create_intent(request)
    assert anddone.look_up(token, request) == NoCharge()
    assert anddone.expire(token) is Expiry.EXPIRED
    assert anddone.expire(token) is Expiry.BEFORE
    assert isinstance(anddone.pay(token, request, made.card()), Unclear)
    assert anddone.look_up(token, request) == NoCharge()


def test_a_paid_intent_cannot_be_expired_and_a_second_payment_is_unclear(
    anddone: AndDone, contract_checked_sandbox: Sandbox
) -> None:
    request = made.request()
    token = anddone.create_intent(request)
    anddone.pay(token, request, made.card())
    assert anddone.expire(token) is Expiry.REFUSED
    assert isinstance(anddone.pay(token, request, made.card()), Unclear)
    assert len(contract_checked_sandbox.charges()) == 1


def test_a_title_is_used_once(anddone: AndDone) -> None:
    anddone.create_intent(made.request())
    with pytest.raises(KnownError) as refused:
        anddone.create_intent(made.request())
    assert refused.value.charged is Charged.NO


def test_ach_above_the_limit_is_refused_before_the_charge(anddone: AndDone) -> None:
    with pytest.raises(KnownError, match="does not accept this amount"):
        anddone.create_intent(made.request(15_000_01, TenderKind.ACH))


# Faults of the connection: every outcome is true


@pytest.mark.parametrize("kind", LINE_FAULTS)
def test_what_is_said_of_a_charge_is_true(kind: FaultKind) -> None:
    """Approved means one charge for our sum, and declined means none. A later look finds the truth."""
    with Sandbox(seed=1) as sandbox:
        anddone = AndDone(anddone_config(sandbox.anddone_url))
        request = made.request()
        token = anddone.create_intent(request)
        sandbox.faults.next(kind, "createPayment", seconds=0.1)
        outcome = anddone_under(kind, sandbox.anddone_url).pay(token, request, made.card())
        until(lambda: bool(sandbox.charges()) == kind.carried_out)
        charges = sandbox.charges()
        if isinstance(outcome, Approved):
            assert [charge.total for charge in charges] == [outcome.charged]
        else:
            assert isinstance(outcome, Unclear)
        found = anddone.look_up(token, request)
        if charges:
            assert isinstance(found, Approved)
            assert found.processor_ref == charges[0].transaction_id
        else:
            assert found == NoCharge()
        assert len(charges) <= 1
        assert not sandbox.crashes


@pytest.mark.parametrize("kind", FALSE_ANSWERS)
def test_a_look_that_fails_is_unclear_and_never_no_charge(kind: FaultKind) -> None:
    with Sandbox(seed=1) as sandbox:
        anddone = AndDone(anddone_config(sandbox.anddone_url))
        request = made.request()
        token = anddone.create_intent(request)
        anddone.pay(token, request, made.card())
        sandbox.faults.always(kind, "getPaymentDetails")
        found = anddone_under(kind, sandbox.anddone_url).look_up(token, request)
        assert isinstance(found, Unclear) or kind is FaultKind.DUPLICATE_DELIVERY


@pytest.mark.parametrize("kind", sorted({*FALSE_ANSWERS} - {FaultKind.UNKNOWN_STATUS}))
def test_an_intent_that_fails_is_a_sentence(kind: FaultKind) -> None:
    with Sandbox(seed=1) as sandbox:
        anddone = anddone_under(kind, sandbox.anddone_url)
        sandbox.faults.next(kind, "createPaymentIntent")
        with pytest.raises(KnownError) as caught:
            anddone.create_intent(made.request())
        assert caught.value.next_step


def test_nothing_was_sent_when_nobody_listens(contract_checked_sandbox: Sandbox, anddone: AndDone) -> None:
    request = made.request()
    token = anddone.create_intent(request)
    contract_checked_sandbox.refuse_connections()
    assert isinstance(anddone.pay(token, request, made.card()), NotSent)
    assert isinstance(anddone.look_up(token, request), Unclear)
    with pytest.raises(KnownError, match=r"AndDone can't be reached\. Check the internet connection\."):
        anddone.expire(token)
    with pytest.raises(KnownError) as refused:
        anddone.create_intent(made.request(title="PD-7K2M-A2"))
    assert refused.value.charged is Charged.NO
    contract_checked_sandbox.accept_connections()
    assert anddone.look_up(token, request) == NoCharge()


@pytest.mark.parametrize("kind", BROKEN)
def test_no_broken_answer_is_a_clear_one(kind: FaultKind) -> None:
    with Hostile(kind) as server:
        anddone = AndDone(anddone_config(server.url, read_timeout_s=0.2, total_timeout_s=0.4))
        assert isinstance(anddone.pay("T", made.request(), made.card()), Unclear)
        assert len(server.requests) == 1
        assert isinstance(anddone.look_up("T", made.request()), Unclear)
        with pytest.raises(KnownError):
            anddone.expire("T")


def test_an_expiry_needs_its_own_words() -> None:
    """A page of the network proves nothing, even if it were JSON."""
    with Hostile(reply(200, {"message": "Welcome"})) as server, pytest.raises(KnownError):
        AndDone(anddone_config(server.url)).expire("T")


# Lists


def test_all_pages_of_a_list_are_read(contract_checked_sandbox: Sandbox) -> None:
    for number in range(50_001, 50_012):
        contract_checked_sandbox.pay_outside(number, Money(10_00))
    anddone = AndDone(anddone_config(contract_checked_sandbox.anddone_url, search_page_size=4))
    charges = anddone.charges(made.FROM, made.TO)
    assert {number for charge in charges for number in charge.invoice_numbers} == {
        str(number) for number in range(50_001, 50_012)
    }
    assert all(charge.live and charge.subtotal == Money(10_00) for charge in charges)
    assert not anddone.charges(made.FROM - timedelta(days=9), made.FROM - timedelta(days=2))


def test_our_own_charge_is_listed_with_its_invoices(anddone: AndDone) -> None:
    request = made.request(numbers=("50123", "50140"))
    anddone.pay(anddone.create_intent(request), request, made.card())
    [charge] = anddone.charges(made.FROM, made.TO)
    assert charge.reference == made.TITLE
    assert charge.invoice_numbers == {"50123", "50140"}
    assert (charge.subtotal, charge.charged, charge.fee) == (Money(178_00), Money(184_23), Money(6_23))


def _page(total: int, *ids: str) -> Act:
    return reply(200, {"totalRowCount": total, "data": [{"transactionId": ref, "amount": 1} for ref in ids]})


@pytest.mark.parametrize(
    "pages",
    [
        (_page(9, "a", "b"), _page(9, "a", "b")),
        (_page(9, "a"), _page(9)),
        (reply(200, {"data": []}),),
        (reply(200, {"totalRowCount": "2", "data": []}),),
        (reply(200, b"<html>"),),
        (reply(500, {}),),
        (reply(302, b"", "Location: http://127.0.0.1:9/\r\n"),),
    ],
)
def test_a_list_is_whole_or_an_error(pages: tuple[Act, ...]) -> None:
    with Hostile(*pages) as server, pytest.raises(KnownError):
        AndDone(anddone_config(server.url)).charges(made.FROM, made.TO)


def test_a_list_that_grows_while_it_is_read_is_whole() -> None:
    with Hostile(_page(2, "a"), _page(3, "b"), _page(3, "c")) as server:
        charges = AndDone(anddone_config(server.url)).charges(made.FROM, made.TO)
        assert [charge.processor_ref for charge in charges] == ["a", "b", "c"]


def test_endless_paging_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paydesk.gateways.anddone.payment_list._MOST_ROWS", 50)
    with Sandbox(seed=1) as sandbox:
        sandbox.pay_outside(50_123, Money(1_00))
        sandbox.faults.always(FaultKind.ENDLESS_PAGING, "searchPayments")
        for number in range(120):
            sandbox.pay_outside(number + 1, Money(1_00))
        with pytest.raises(KnownError, match="does not end"):
            AndDone(anddone_config(sandbox.anddone_url, search_page_size=10)).charges(made.FROM, made.TO)


# Keys and settings


@pytest.mark.parametrize("field", ["api_key", "app_key", "origin"])
def test_wrong_keys_are_named(field: str, contract_checked_sandbox: Sandbox) -> None:
    config = anddone_config(contract_checked_sandbox.anddone_url, **{field: "wrong"})
    with pytest.raises(KnownError, match="Ask your administrator") as caught:
        AndDone(config).create_intent(made.request())
    assert "paydesk set-key" in caught.value.for_admin
    with pytest.raises(KnownError, match="Ask your administrator"):
        AndDone(config).charges(made.FROM, made.TO)


@pytest.mark.parametrize("key", ["", "  ", "two\nlines", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(KnownError) as caught:
        AndDone(anddone_config("https://api.anddone.com", api_key=key))
    assert "set-key" in caught.value.admin
    assert not key.strip() or key not in str(caught.value)


@pytest.mark.parametrize("url", ["http://api.anddone.com", "api.anddone.com", "ftp://x", "https://", ""])
def test_only_safe_addresses_are_used(url: str) -> None:
    with pytest.raises(KnownError, match="https://"):
        AndDone(anddone_config(url))


def test_keys_are_not_printed() -> None:
    config = AndDoneConfig("https://api.anddone.com", "sesame", "SBXPAY01", "https://desk.example")
    assert "sesame" not in repr(config)
    assert "SBXPAY01" not in repr(config)
    assert "sesame" not in repr(AndDone(config))
