"""Each fault: its effect on the caller, and on the charge."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest
import requests

from paydesk.domain.money import Money
from paydesk.sandbox import Fault, FaultKind, Faults, Sandbox
from paydesk.sandbox.anddone.outcomes import FAULTS_BY_CENTS
from paydesk.sandbox.server.delivery import deliver
from paydesk.sandbox.server.faults import OF_ONE_REPLY, ON_THE_WAY
from paydesk.sandbox.server.http import Line, LoopbackServer, Reply
from tests.contracts.validator import ContractChecker
from tests.proofs.faults import proxy
from tests.sandbox.clients import Ams360Client, AndDoneClient, card, until

NO_CHARGE = {
    FaultKind.RESET_BEFORE: requests.ConnectionError,
    FaultKind.CLOSED_BEFORE: requests.ConnectionError,
    FaultKind.HANG_BEFORE: requests.ReadTimeout,
    FaultKind.ERROR_500_BEFORE: 500,
    FaultKind.BAD_GATEWAY_BEFORE: 502,
    FaultKind.GATEWAY_TIMEOUT_BEFORE: 504,
    FaultKind.THROTTLED: 429,
    FaultKind.UNAUTHORIZED: 401,
    FaultKind.FORBIDDEN: 403,
    FaultKind.REDIRECT: 302,
}
CHARGE = {
    FaultKind.SLOW: 201,
    FaultKind.SLOW_DRIP: 201,
    FaultKind.LATE: 201,
    FaultKind.RESET_AFTER: requests.ConnectionError,
    FaultKind.CLOSED_AFTER: requests.ConnectionError,
    FaultKind.HANG_AFTER: requests.ReadTimeout,
    FaultKind.ERROR_500_AFTER: 500,
    FaultKind.BAD_GATEWAY_AFTER: 502,
    FaultKind.GATEWAY_TIMEOUT_AFTER: 504,
    FaultKind.TRUNCATED_JSON: 201,
    FaultKind.CUT_BODY: requests.exceptions.ChunkedEncodingError,
    FaultKind.CUT_HEADER: 200,
    FaultKind.CUT_CHUNKS: requests.exceptions.ChunkedEncodingError,
    FaultKind.BAD_CHUNK: requests.exceptions.ChunkedEncodingError,
    FaultKind.HEAD_ONLY: 200,
    FaultKind.LENGTH_NOT_ANNOUNCED: 200,
    FaultKind.TWO_LENGTHS: requests.exceptions.InvalidHeader,
    FaultKind.NOT_HTTP: requests.ConnectionError,
    FaultKind.PACKED: 201,
    FaultKind.EMPTY_BODY: 200,
    FaultKind.GARBAGE: 201,
    FaultKind.WRONG_REFERENCE: 201,
    FaultKind.WRONG_AMOUNT: 201,
    FaultKind.UNKNOWN_STATUS: 201,
    FaultKind.WRONG_TYPES: 201,
    FaultKind.DUPLICATE_NOTICE: 400,
    FaultKind.DUPLICATE_DELIVERY: 400,
    FaultKind.DUPLICATE_LATER: 201,
}
DRIPPED = {
    FaultKind.DRIPPED_HEADER,
    FaultKind.DRIPPED_BODY,
    FaultKind.DRIPPED_LAST_BODY,
    FaultKind.ENDLESS_CONTINUE,
}
OF_THE_DATA = {FaultKind.ENDLESS_PAGING, FaultKind.SEARCH_LAG, FaultKind.DETAILS_LAG}
ELSEWHERE = {FaultKind.HUGE_BODY, FaultKind.ENDLESS_CHUNKS} | OF_THE_DATA | ON_THE_WAY


def test_every_kind_has_a_test() -> None:
    assert set(FaultKind) == set(NO_CHARGE) | set(CHARGE) | DRIPPED | ELSEWHERE


class Nowhere(Line):
    """A line that nobody reads, of a server that stops."""

    def __init__(self) -> None:
        self.closed = False

    def send_raw(self, data: bytes) -> None:
        """Send nothing."""

    def reset(self) -> None:
        """Break nothing."""

    def wait(self, seconds: float) -> bool:
        """Return at once."""
        return True

    def hang(self) -> None:
        """Return at once."""


@pytest.mark.parametrize("kind", FaultKind)
def test_a_kind_is_played_truly_or_refused(kind: FaultKind) -> None:
    works: list[Reply] = []

    def work() -> Reply:
        works.append(Reply.of(200, {}))
        return works[-1]

    if kind in OF_ONE_REPLY:
        deliver(Fault(kind), work, Nowhere())
        assert bool(works) == kind.carried_out
    else:
        with pytest.raises(ValueError, match=kind):
            deliver(Fault(kind), work, Nowhere())


def test_every_kind_is_played_by_an_engine() -> None:
    assert set(FaultKind) == OF_ONE_REPLY | OF_THE_DATA | {*proxy.PLAYED}
    with pytest.raises(ValueError, match="refused"):
        Faults(Fault(FaultKind.REFUSED))
    with proxy.Proxy("http://127.0.0.1:9") as line, pytest.raises(ValueError, match="huge_body"):
        line.arm(proxy.Fault(FaultKind.HUGE_BODY, "/", 1))


def _pay(sandbox: Sandbox, token: str, timeout: float = 0.3) -> int | type[Exception]:
    """Return the status of a payment, or the exception that came instead."""
    with AndDoneClient(sandbox.anddone_url) as client:
        body = {
            "type": "PaymentIntent", "token": token, "transactionCode": "Web", "channelType": "CreditCard",
            "tenderInfo": card(10.0),
        }  # fmt: skip
        try:
            reply = client.session.post(
                f"{client.url}/secure/payments", json=body, timeout=timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            return type(error)
        return reply.status_code


@pytest.mark.parametrize(("kind", "seen"), [*NO_CHARGE.items(), *CHARGE.items()])
def test_a_payment_under_each_fault(
    contract_checked_sandbox: Sandbox,
    anddone: AndDoneClient,
    kind: FaultKind,
    seen: int | type[Exception],
) -> None:
    token = anddone.intent(10.0)
    contract_checked_sandbox.faults.next(kind, seconds=0.05)
    assert _pay(contract_checked_sandbox, token) == seen
    assert len(contract_checked_sandbox.charges()) == (kind in CHARGE) == kind.carried_out
    assert contract_checked_sandbox.faults.listed() == []


@pytest.mark.parametrize(
    "kind",
    [FaultKind.SLOW_DRIP, FaultKind.LATE, FaultKind.DUPLICATE_DELIVERY, FaultKind.DUPLICATE_LATER],
)
def test_the_proxy_answers_as_the_emulator_does(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient, kind: FaultKind
) -> None:
    token = anddone.intent(10.0)
    with proxy.Proxy(contract_checked_sandbox.anddone_url) as line, AndDoneClient(line.url) as client:
        line.arm(proxy.Fault(kind, "/secure/payments", 1))
        assert client.pay(token, card(10.0)).status_code == CHARGE[kind]
        line.quiet()
    assert line.hits == 1
    assert len(contract_checked_sandbox.charges()) == 1


@pytest.mark.parametrize("kind", sorted(DRIPPED))
def test_a_payment_whose_answer_never_ends(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient, kind: FaultKind
) -> None:
    token = anddone.intent(10.0)
    contract_checked_sandbox.faults.next(kind)
    seen: list[int | type[Exception]] = []
    caller = threading.Thread(target=lambda: seen.append(_pay(contract_checked_sandbox, token)))
    caller.start()
    until(lambda: len(contract_checked_sandbox.charges()) == 1)
    contract_checked_sandbox.refuse_connections()
    caller.join()
    assert seen != [201]


def test_the_charge_of_a_lost_answer_is_found_by_its_token(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient
) -> None:
    token = anddone.intent(10.0)
    contract_checked_sandbox.faults.next(FaultKind.RESET_AFTER)
    _pay(contract_checked_sandbox, token)
    assert anddone.details(token).json()["transactionStatus"] == "Authorized"
    assert anddone.expire(token).status_code == 400


def test_a_late_request_charges_after_the_caller_left(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient
) -> None:
    token = anddone.intent(10.0)
    contract_checked_sandbox.faults.next(FaultKind.LATE, seconds=0.3)
    assert _pay(contract_checked_sandbox, token, timeout=0.1) is requests.ReadTimeout
    assert contract_checked_sandbox.charges() == []
    until(lambda: len(contract_checked_sandbox.charges()) == 1)


def test_a_late_request_meets_an_expired_intent(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient
) -> None:
    token = anddone.intent(10.0)
    contract_checked_sandbox.faults.next(FaultKind.LATE, seconds=0.2)
    assert _pay(contract_checked_sandbox, token, timeout=0.1) is requests.ReadTimeout
    assert anddone.expire(token).status_code == 200
    time.sleep(0.3)
    assert contract_checked_sandbox.charges() == []


def test_refused_connections_come_back_on_the_same_port(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient
) -> None:
    token = anddone.intent(10.0)
    contract_checked_sandbox.refuse_connections()
    contract_checked_sandbox.refuse_connections()
    assert _pay(contract_checked_sandbox, token) is requests.ConnectionError
    contract_checked_sandbox.accept_connections()
    contract_checked_sandbox.accept_connections()
    assert _pay(contract_checked_sandbox, token) == 201


def test_search_and_details_can_lag(contract_checked_sandbox: Sandbox, anddone: AndDoneClient) -> None:
    contract_checked_sandbox.faults.always(FaultKind.SEARCH_LAG, seconds=60)
    contract_checked_sandbox.faults.always(FaultKind.DETAILS_LAG, seconds=30)
    token = anddone.intent(10.0)
    anddone.pay(token, card(10.0))
    assert anddone.search() == []
    assert anddone.details(token).status_code == 404
    contract_checked_sandbox.advance(timedelta(seconds=31))
    assert anddone.details(token).status_code == 200
    assert anddone.search() == []
    contract_checked_sandbox.advance(timedelta(seconds=30))
    assert len(anddone.search()) == 1


def test_faults_come_in_order_and_standing_ones_stay() -> None:
    faults = Faults(Fault(FaultKind.SLOW, times=None, on="ams360"))
    faults.next(FaultKind.THROTTLED)
    faults.next(FaultKind.EMPTY_BODY, times=2)
    taken = [faults.take("anddone", "createPayment") for _ in range(4)]
    assert [fault and fault.kind for fault in taken] == [
        FaultKind.THROTTLED,
        FaultKind.EMPTY_BODY,
        FaultKind.EMPTY_BODY,
        None,
    ]
    assert faults.take("anddone", "searchPayments") is None
    for _ in range(2):
        fault = faults.take("ams360", "searchInvoices")
        assert fault is not None
        assert fault.kind is FaultKind.SLOW
    faults.clear()
    assert faults.take("ams360", "searchInvoices") is None


@pytest.mark.parametrize("cents", [2, 3, 5, 12])
def test_amounts_of_7777_dollars_choose_a_fault(
    contract_checked_sandbox: Sandbox, anddone: AndDoneClient, cents: int
) -> None:
    amount = 7777 + cents / 100
    token = anddone.intent(amount)
    kind = FAULTS_BY_CENTS[cents].kind
    seen: int | type[Exception]
    try:
        seen = anddone.pay(token, card(amount)).status_code
    except requests.RequestException as error:
        seen = type(error)
    assert seen == (NO_CHARGE | CHARGE)[kind]
    assert len(contract_checked_sandbox.charges()) == (kind in CHARGE)


# AMS360


def test_one_401_and_then_all_is_well(contract_checked_sandbox: Sandbox, ams360: Ams360Client) -> None:
    contract_checked_sandbox.faults.next(FaultKind.UNAUTHORIZED, on="searchInvoices")
    body = {"model": {"invoiceNumber": 50123}}
    assert ams360.post("/invoices/search", body).status_code == 401
    assert ams360.post("/invoices/search", body).status_code == 200


def test_endless_paging(contract_checked_sandbox: Sandbox, ams360: Ams360Client) -> None:
    contract_checked_sandbox.faults.always(FaultKind.ENDLESS_PAGING)
    customer_id = ams360.customer(1001)["customerId"]
    page = ams360.search("invoices", customerId=customer_id, skip=1_000_000)
    assert page["response"]
    assert page["nextPageRequestBody"]


def test_wrong_types(contract_checked_sandbox: Sandbox, ams360: Ams360Client) -> None:
    contract_checked_sandbox.faults.next(FaultKind.WRONG_TYPES, on="ams360")
    invoice = ams360.search("invoices", invoiceNumber=50123)["response"][0]
    assert invoice["balance"] == "NaN"
    assert isinstance(invoice["description"], dict)


def test_a_huge_body_can_be_left_alone(contract_checked_sandbox: Sandbox, ams360: Ams360Client) -> None:
    contract_checked_sandbox.faults.next(FaultKind.HUGE_BODY, on="searchInvoices")
    with ams360.session.post(
        f"{ams360.url}/invoices/search", json={"model": {"invoiceNumber": 50123}}, stream=True, timeout=5
    ) as reply:
        assert int(reply.headers["Content-Length"]) == 200_000_000
        assert len(next(reply.iter_content(100_000))) == 100_000


def test_the_control_endpoint(contract_checked_sandbox: Sandbox, anddone: AndDoneClient) -> None:
    control = f"{contract_checked_sandbox.anddone_url}/_sandbox"
    session = requests.Session()  # AndDone's own sends an Origin, which no control takes
    fault = {"kind": "reset_after", "on": "createPayment", "times": 2}
    assert session.post(f"{control}/faults", json=fault, timeout=5).json()["times"] == 2
    assert session.post(f"{control}/faults", json={"kind": "flood"}, timeout=5).status_code == 400
    cut = session.post(f"{control}/faults", json={"kind": "cut_request"}, timeout=5)
    assert cut.status_code == 400
    assert cut.json()["error"].startswith("cut_request cannot be played here")
    assert session.post(f"{control}/faults", json={"kind": "slow", "mood": 1}, timeout=5).status_code == 400
    assert session.get(f"{control}/faults", timeout=5).json()[0]["kind"] == "reset_after"
    token = anddone.intent(10.0, "T-control", invoiceNumber="50123")
    with suppress(requests.ConnectionError):
        anddone.pay(token, card(10.0))
    assert session.delete(f"{control}/faults", timeout=5).json() == []
    (charge,) = session.get(f"{control}/charges", timeout=5).json()
    assert (charge["title"], charge["total_cents"], charge["invoice_numbers"]) == (
        "T-control",
        10_35,
        ["50123"],
    )
    (intent,) = session.get(f"{control}/intents", timeout=5).json()
    assert (intent["title"], intent["status"]) == ("T-control", "paid")
    outside = {"invoice_number": "50140", "amount_cents": 150_00}
    assert session.post(f"{control}/payments", json=outside, timeout=5).json()["status"] == "Authorized"
    assert session.post(f"{control}/clock", json={"advance_seconds": 90_000}, timeout=5).ok  # past one batch
    assert session.get(f"{control}/charges", timeout=5).json()[0]["status"] == "Captured"
    assert session.get(f"{control}/balances", timeout=5).json()["50123"] == 1_250_00
    assert session.get(f"{control}/receipts", timeout=5).json() == []
    assert session.get(f"{control}/nothing", timeout=5).status_code == 404


def test_listening_can_be_switched_by_the_control_endpoint(contract_checked_sandbox: Sandbox) -> None:
    url = contract_checked_sandbox.anddone_url
    other = contract_checked_sandbox.ams360_url.removesuffix("/ems")
    off = {"server": "anddone", "listening": False}
    assert requests.post(f"{url}/_sandbox/listening", json=off, timeout=5).ok
    until(lambda: not _answers(url))
    assert requests.post(f"{other}/_sandbox/listening", json=off | {"listening": True}, timeout=5).ok
    until(lambda: _answers(url))
    assert requests.post(f"{url}/_sandbox/listening", json={"server": "x"}, timeout=5).status_code == 400


def test_it_listens_again_although_it_was_still_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    server = LoopbackServer(0, lambda _request, line: line.send(Reply(404)))
    monkeypatch.setattr(server._acceptor, "join", lambda: time.sleep(0.2))
    stopping = threading.Thread(target=server.pause)
    stopping.start()
    until(server._paused.is_set)
    server.resume()
    stopping.join()
    assert requests.get(server.url, timeout=5).status_code == 404
    server.stop()


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/_sandbox/faults", timeout=5).ok
    except requests.ConnectionError:
        return False


def test_the_honest_reply_is_what_the_observer_sees(
    contract_checked_sandbox: Sandbox, contract_checker: ContractChecker, anddone: AndDoneClient
) -> None:
    token = anddone.intent(10.0)
    contract_checked_sandbox.faults.next(FaultKind.UNKNOWN_STATUS)
    assert anddone.pay(token, card(10.0)).json()["transactionStatus"] == "Quarantined"
    contract_checker.verify()
    assert contract_checked_sandbox.charges()[0].status == "Authorized"
    assert contract_checked_sandbox.charges()[0].amount == Money(10_00)
