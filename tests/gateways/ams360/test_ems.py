"""AMS360 over real HTTP: the emulator, its faults, and a hostile server."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from paydesk.domain.errors import CannotBePaid, KnownError
from paydesk.domain.invoices.invoice import Customer
from paydesk.domain.money import Money
from paydesk.gateways.ams360.ems import Ams360Ems, EmsConfig
from paydesk.gateways.ams360.names import NAMES
from paydesk.gateways.ams360.session import end_of
from paydesk.sandbox import Exchange, FaultKind, Sandbox
from paydesk.sandbox.server.http import Line
from tests.gateways.conftest import ems_config
from tests.gateways.hostile import BROKEN, Act, Hostile, reply

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
LOGIN = (reply(200, {"loginKey": "k"}), reply(200, {"accessJwt": "t"}))
ROW: dict[str, Any] = {
    "invoiceId": "i-1",
    "invoiceNumber": 50123,
    "customerId": "c-1",
    "customerNumber": 1234,
    "customerName": "Sample Bakery LLC",
    "invoiceType": 1,
    "billMethod": "A",
    "isCancelled": "N",
    "invoiceAmount": 1250.0,
    "balance": 400.0,
}


def rows(*found: dict[str, Any], **envelope: Any) -> Act:
    """Return one page of a search."""
    return reply(200, {"response": list(found), "totalCount": len(found)} | envelope)


def source(server: Hostile, **changes: Any) -> Ams360Ems:
    return Ams360Ems(ems_config(server.url, **changes), lambda: NOW)


# The training agency


def test_an_invoice_by_number(ams360: Ams360Ems, contract_checked_sandbox: Sandbox) -> None:
    before = datetime.now(UTC)
    invoice = ams360.invoice("50123")
    assert invoice is not None
    assert (invoice.number, invoice.customer_number) == ("50123", "1001")
    assert invoice.customer_name == "Sample Bakery LLC"
    assert (invoice.amount, invoice.balance) == (Money(1_250_00), Money(1_250_00))
    assert invoice.due_date == contract_checked_sandbox.today - timedelta(days=23)
    assert invoice.invoice_date == contract_checked_sandbox.today - timedelta(days=53)
    assert (invoice.description, invoice.policy_number) == ("Renewal premium", "BOP-4471-20")
    assert before <= invoice.read_at <= datetime.now(UTC)


@pytest.mark.parametrize("number", ["99999", "0", "99999999999", "", "ABC", "50123-2-1", "-50123"])
def test_no_such_invoice(number: str, ams360: Ams360Ems) -> None:
    assert ams360.invoice(number) is None


def test_a_suffix_is_not_searched_for(ams360: Ams360Ems) -> None:
    invoice = ams360.invoice("50123-2")
    assert invoice is not None
    assert invoice.number == "50123"


def test_a_paid_invoice_and_a_credit_are_shown(ams360: Ams360Ems) -> None:
    paid, credit = ams360.invoice("50401"), ams360.invoice("50402")
    assert paid is not None
    assert credit is not None
    assert (paid.balance, credit.balance) == (Money(0), Money(-125_50))


def test_a_header_without_money_is_added_up_from_its_lines(ams360: Ams360Ems) -> None:
    unpaid, partly = ams360.invoice("50700"), ams360.invoice("50701")
    assert unpaid is not None
    assert partly is not None
    assert (unpaid.amount, unpaid.balance) == (Money(1_046_80), Money(1_046_80))
    assert (partly.amount, partly.balance) == (Money(604_20), Money(400_00))


def test_lines_that_may_hide_receipts_are_not_added_up(contract_checked_sandbox: Sandbox) -> None:
    """If they were, a paid invoice would look open."""
    ems = Ams360Ems(ems_config(contract_checked_sandbox.ams360_url, lines_show_receipts=False))
    with pytest.raises(KnownError, match="still owed on invoice 50700"):
        ems.invoice("50700")


@pytest.mark.parametrize(("number", "words"), [("50099", "canceled or replaced"), ("50800", "direct bill")])
def test_what_cannot_be_paid_says_why(number: str, words: str, ams360: Ams360Ems) -> None:
    with pytest.raises(CannotBePaid, match=words):
        ams360.invoice(number)


def test_a_customer_by_number(ams360: Ams360Ems) -> None:
    customer = ams360.customer("1001")
    assert customer is not None
    assert (customer.number, customer.name, customer.zip_code) == ("1001", "Sample Bakery LLC", "02108")
    assert customer.phones == ("6175551001",)
    assert customer.email == "customer1001@people.example"


def test_a_customer_we_may_not_see_is_none(ams360: Ams360Ems, contract_checked_sandbox: Sandbox) -> None:
    people = contract_checked_sandbox.ams360.agency.customers.values()
    hidden = next(customer.number for customer in people if customer.person.hidden)
    assert ams360.customer(str(hidden)) is None
    assert ams360.customer("987654") is None


def test_open_invoices_are_what_the_agency_is_owed(
    ams360: Ams360Ems, contract_checked_sandbox: Sandbox
) -> None:
    """Every customer of the training agency is compared with the agency's own books."""
    agency = contract_checked_sandbox.ams360.agency
    for theirs in agency.customers.values():
        if theirs.person.hidden:
            continue
        customer = ams360.customer(str(theirs.number))
        assert customer is not None
        found = {invoice.number: invoice.balance for invoice in ams360.open_invoices(customer)}
        assert found == {
            str(invoice.number): invoice.balance
            for invoice in agency.invoices_of(theirs.number)
            if not invoice.canceled and invoice.bill_method != "P" and invoice.balance
        }


def test_all_pages_are_read(contract_checked_sandbox: Sandbox) -> None:
    ems = Ams360Ems(ems_config(contract_checked_sandbox.ams360_url, page_size=7))
    customer = ems.customer("1020")
    assert customer is not None
    assert len(ems.open_invoices(customer)) == 97


def test_a_cached_customer_has_no_id_and_is_looked_up(ams360: Ams360Ems) -> None:
    assert len(ams360.open_invoices(Customer("1001", "Sample Bakery LLC"))) == 2
    assert ams360.open_invoices(Customer("987654", "Nobody")) == ()


# Login


def exchanges(sandbox_of: Callable[[Callable[[Exchange], None]], Sandbox]) -> tuple[Sandbox, list[str]]:
    seen: list[str] = []
    return sandbox_of(lambda exchange: seen.append(exchange.operation)), seen


def test_one_login_serves_many_calls() -> None:
    sandbox, seen = exchanges(lambda watch: Sandbox(seed=1, on_exchange=watch))
    with sandbox:
        ems = Ams360Ems(ems_config(sandbox.ams360_url))
        for _ in range(3):
            ems.invoice("50123")
        assert seen.count("loginApplication") == 1


def test_a_revoked_token_is_renewed_once() -> None:
    sandbox, seen = exchanges(lambda watch: Sandbox(seed=1, on_exchange=watch))
    with sandbox:
        ems = Ams360Ems(ems_config(sandbox.ams360_url))
        ems.invoice("50123")
        sandbox.ams360.tokens.revoke_all()
        assert ems.invoice("50123") is not None
        assert seen.count("loginApplication") == 2
        sandbox.faults.always(FaultKind.UNAUTHORIZED, "searchInvoices")
        with pytest.raises(KnownError, match="Ask your administrator"):
            ems.invoice("50123")
        assert seen.count("loginApplication") == 3


def test_a_token_is_renewed_before_its_end() -> None:
    sandbox, seen = exchanges(lambda watch: Sandbox(seed=1, on_exchange=watch, token_life_s=600))
    with sandbox:
        hour = [datetime.now(UTC)]
        ems = Ams360Ems(ems_config(sandbox.ams360_url), lambda: hour[0])
        ems.invoice("50123")
        hour[0] += timedelta(seconds=560)
        ems.invoice("50123")
        assert seen.count("loginApplication") == 2


def test_a_refusal_that_speaks_of_the_login_renews_it() -> None:
    expired = reply(403, {"error": "Authorization has expired."})
    with Hostile(*LOGIN, expired, *LOGIN, rows(ROW)) as server:
        assert source(server).invoice("50123") is not None
    forbidden = reply(403, {"error": "Forbidden"})
    with Hostile(*LOGIN, forbidden) as server:
        with pytest.raises(KnownError, match="AMS360 did not accept"):
            source(server).invoice("50123")
        assert len(server.requests) == 3


@pytest.mark.parametrize("field", ["app_key", "agency_no", "access_key"])
def test_wrong_keys_are_named(field: str, contract_checked_sandbox: Sandbox) -> None:
    wrong = {field: "00000000-0000-4000-8000-00000000ffff"}
    with pytest.raises(KnownError, match="Ask your administrator"):
        Ams360Ems(ems_config(contract_checked_sandbox.ams360_url, **wrong)).invoice("50123")


@pytest.mark.parametrize(
    "answer", [{}, {"loginKey": None}, {"loginKey": 7.5}, {"loginKey": ["k"]}, {"loginKey": "two\nlines"}, []]
)
def test_a_login_that_makes_no_sense_is_a_sentence(answer: object) -> None:
    with Hostile(reply(200, answer)) as server, pytest.raises(KnownError, match="PayDesk can't read"):
        source(server).invoice("50123")


@pytest.mark.parametrize(
    "token",
    ["t", "", "a.b.c", "a.e30.c", "a.eyJleHAiOiAieCJ9.c", "a.eyJleHAiOiAxZTk5OX0.c", "a.W10.c", "a.é.c"],
)
def test_a_token_need_not_tell_its_end(token: str) -> None:
    assert end_of(token) is None


# Answers


def test_numbers_as_text_nulls_and_other_spellings_are_read() -> None:
    row = {name.upper(): value for name, value in ROW.items()} | {
        "INVOICENUMBER": "050123",
        "CUSTOMERNUMBER": "1234",
        "INVOICEAMOUNT": "1250.00",
        "BALANCE": "400.10",
        "DUEDATE": "2026-05-15T00:00:00",
        "INVOICEDATE": "0001-01-01T00:00:00",
        "DESCRIPTION": None,
        "POLICYNUMBER": None,
        "INVOICETRANSACTIONS": [
            {"description": "Renewal premium", "grossAmount": 1200},
            {"description": "Policy fee", "grossAmount": 50},
            {"description": "Policy fee", "grossAmount": 0},
        ],
    }
    with Hostile(*LOGIN, rows(row)) as server:
        invoice = source(server).invoice("50123")
    assert invoice is not None
    assert (invoice.number, invoice.customer_number) == ("50123", "1234")
    assert (invoice.amount, invoice.balance) == (Money(1_250_00), Money(400_10))
    assert (invoice.due_date, invoice.invoice_date) == (date(2026, 5, 15), None)
    assert invoice.description == "Renewal premium; Policy fee"
    assert invoice.read_at == NOW


@pytest.mark.parametrize(
    "changes",
    [
        {"invoiceNumber": None},
        {"invoiceNumber": "fifty"},
        {"invoiceNumber": {"value": 50123}},
        {"balance": "four hundred"},
        {"balance": 400.123},
        {"balance": 1e15},
        {"balance": True},
        {"balance": [400]},
        {"dueDate": "soon"},
        {"dueDate": "2026-02-31"},
        {"isCancelled": "maybe"},
        {"isCancelled": False},
        {"invoiceType": "1"},
        {"invoiceType": None, "billMethod": None},
        {"customerNumber": None, "customerId": None},
        {"customerNumber": "4111 1111 1111 1111"},
        {"customerNumber": "1234\u202e"},
        {"customerName": 5.5},
        {"invoiceTransactions": {}},
        {"invoiceTransactions": [7]},
        {"invoiceTransactions": [{"description": "x"}]},
        {"description": "x" * 5_000},
    ],
)
def test_a_row_that_is_not_understood_is_a_sentence(changes: dict[str, Any]) -> None:
    with (
        Hostile(*LOGIN, rows(ROW | changes)) as server,
        pytest.raises(KnownError, match=r"PayDesk can't read \(field "),
    ):
        source(server).invoice("50123")


@pytest.mark.parametrize("found", [{"balance": None, "invoiceTransactions": []}, {"balance": None}])
def test_an_unknown_balance_is_never_guessed(found: dict[str, Any]) -> None:
    with (
        Hostile(*LOGIN, rows(ROW | found)) as server,
        pytest.raises(KnownError, match="doesn't show what is still owed"),
    ):
        source(server).invoice("50123")


@pytest.mark.parametrize(
    ("changes", "owed"),
    [
        ({"billMethod": None, "invoiceType": 101}, True),
        ({"billMethod": None, "invoiceType": 108}, True),
        ({"billMethod": "", "invoiceType": 17}, True),
        ({"invoiceType": None}, True),
        ({"billMethod": "P"}, False),
        ({"billMethod": "P", "invoiceType": None}, False),
        ({"billMethod": "A", "invoiceType": 2}, False),
        ({"billMethod": None, "invoiceType": 3}, False),
        ({"billMethod": None, "invoiceType": 4}, False),
        ({"billMethod": "X"}, False),
        ({"invoiceType": 55}, False),
        ({"isCancelled": "Y"}, False),
        ({"isCancelled": None}, True),
        ({"balance": 0}, False),
        ({"balance": -5}, True),
    ],
)
def test_the_open_item_rule(changes: dict[str, Any], owed: bool) -> None:
    with Hostile(*LOGIN, rows(ROW | changes)) as server:
        found = source(server).open_invoices(Customer("1234", "Sample Bakery LLC", "c-1"))
    assert [invoice.number for invoice in found] == (["50123"] if owed else [])


def test_the_owner_is_looked_up_when_the_invoice_does_not_name_it() -> None:
    person = {"customerId": "c-1", "customerNumber": 1234, "firstName": "Dana", "lastName": "Reyes"}
    for changes in ({"customerName": None}, {"customerName": None, "customerNumber": None}):
        with Hostile(*LOGIN, rows(ROW | changes), rows(person)) as server:
            invoice = source(server).invoice("50123")
        assert invoice is not None
        assert (invoice.customer_number, invoice.customer_name) == ("1234", "Dana Reyes")
    with (
        Hostile(*LOGIN, rows(ROW | {"customerName": None}), rows()) as server,
        pytest.raises(KnownError, match="whose invoice"),
    ):
        source(server).invoice("50123")


# Multi-entity numbers


def test_the_very_number_is_chosen() -> None:
    one, two = ROW | {"invoiceNumber": "50123-1"}, ROW | {"invoiceNumber": "50123-2", "balance": 5.0}
    other = ROW | {"invoiceNumber": 501}
    for typed, balance in (("50123-1", 400_00), ("50123-2", 5_00)):
        with Hostile(*LOGIN, rows(one, two, other)) as server:
            invoice = source(server).invoice(typed)
            assert invoice is not None
            assert (invoice.number, invoice.balance) == (typed, Money(balance))
            assert b'"invoiceNumber":50123}' in server.requests[-1]
    with Hostile(*LOGIN, rows(one, two)) as server, pytest.raises(KnownError, match="50123-1, 50123-2"):
        source(server).invoice("50123")


def test_a_server_that_ignores_the_filter_fools_nobody() -> None:
    with Hostile(*LOGIN, rows(ROW | {"invoiceNumber": 777}, ROW | {"invoiceNumber": 501231})) as server:
        assert source(server).invoice("50123") is None
    with Hostile(*LOGIN, rows({"customerId": "c-9", "customerNumber": 9, "fullName": "Other"})) as server:
        assert source(server).customer("1234") is None


def test_the_valid_one_of_two_is_chosen() -> None:
    with Hostile(*LOGIN, rows(ROW | {"isCancelled": "Y"}, ROW | {"balance": 7.0})) as server:
        invoice = source(server).invoice("50123")
        assert invoice is not None
        assert invoice.balance == Money(7_00)


# Names


def test_an_agency_may_have_other_names() -> None:
    row = dict(ROW)
    row["openAmount"] = row.pop("balance")
    row["carrier"] = "Acme Mutual"
    names = {"invoice.balance": "openAmount", "invoice.insurer": "carrier", "filter.invoice_number": "invNo"}
    with Hostile(*LOGIN, rows(row)) as server:
        invoice = source(server, names=names).invoice("50123")
        assert invoice is not None
        assert (invoice.balance, invoice.insurer) == (Money(400_00), "Acme Mutual")
        assert b'"invNo":50123' in server.requests[-1]


def test_a_name_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KnownError, match=r"invoice\.blance"):
        Ams360Ems(ems_config("https://www.ams360.com/ems", names={"invoice.blance": "x"}))
    assert "invoice.balance" in NAMES


# Faults


@pytest.mark.parametrize(
    "pages",
    [
        (rows(ROW, totalCount=5), rows(ROW, totalCount=5)),
        (rows(ROW, totalCount=5), rows(totalCount=5)),
        (rows(ROW, totalCount="1"),),
        (reply(200, {"response": "none"}),),
        (reply(200, {"response": ["x"]}),),
        (reply(200, []),),
        (reply(404, {"error": "gone"}),),
        (reply(302, b"", "Location: http://127.0.0.1:9/\r\n"),),
        (reply(503, b"<html>"),),
    ],
)
def test_an_answer_is_whole_or_an_error(pages: tuple[Act, ...]) -> None:
    with Hostile(*LOGIN, *pages) as server, pytest.raises(KnownError):
        source(server).invoice("50123")


@pytest.mark.parametrize("empty", [reply(200, {"response": None, "totalCount": 0}), reply(200, {}), rows()])
def test_nothing_found_comes_in_several_forms(empty: Act) -> None:
    with Hostile(*LOGIN, empty) as server:
        assert source(server).invoice("50123") is None


def test_a_next_page_counts_more_than_the_total() -> None:
    second = ROW | {"invoiceNumber": 50140, "invoiceId": "i-2"}
    with Hostile(*LOGIN, rows(ROW, nextPageLink="more"), rows(second)) as server:
        assert len(source(server).open_invoices(Customer("1234", "Sample Bakery LLC", "c-1"))) == 2


def test_endless_paging_ends() -> None:
    """Each page is new and promises another one."""
    numbers = iter(range(1, 1_000_000))

    def page(line: Line) -> None:
        first = next(numbers) * 100
        found = [{"invoiceId": f"i-{number}", "x": "y"} for number in range(first, first + 100)]
        rows(*found, totalCount=10**9)(line)

    with Hostile(*LOGIN, page) as server, pytest.raises(KnownError, match="does not end"):
        source(server, read_timeout_s=5.0, total_timeout_s=5.0).invoice("50123")


@pytest.mark.parametrize("kind", BROKEN)
def test_every_broken_answer_is_a_sentence(kind: FaultKind) -> None:
    with Hostile(*LOGIN, kind) as server, pytest.raises(KnownError) as caught:
        source(server, read_timeout_s=0.2, total_timeout_s=0.4).invoice("50123")
    assert caught.value.next_step


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.BAD_GATEWAY_BEFORE,
        FaultKind.GATEWAY_TIMEOUT_AFTER, FaultKind.SLOW, FaultKind.UNAUTHORIZED,
    ],
)  # fmt: skip
def test_a_short_fault_is_not_noticed(
    kind: FaultKind, ams360: Ams360Ems, contract_checked_sandbox: Sandbox
) -> None:
    contract_checked_sandbox.faults.next(kind, "searchInvoices", seconds=0.1)
    assert ams360.invoice("50123") is not None


def test_ams360_is_away_and_comes_back(ams360: Ams360Ems, contract_checked_sandbox: Sandbox) -> None:
    assert ams360.invoice("50123") is not None
    contract_checked_sandbox.refuse_connections("ams360")
    with pytest.raises(KnownError, match="AMS360 can't be reached"):
        ams360.invoice("50123")
    contract_checked_sandbox.accept_connections("ams360")
    assert ams360.invoice("50123") is not None


def test_keys_are_not_printed() -> None:
    config = EmsConfig("https://www.ams360.com/ems", "sesame", "9999999-1", "open-up")
    assert "sesame" not in repr(config)
    assert "open-up" not in repr(config)


def test_a_long_answer_of_a_search_is_cut_off() -> None:
    with Hostile(*LOGIN, FaultKind.HUGE_BODY) as server, pytest.raises(KnownError, match="far too long"):
        source(server).invoice("50123")


# Names


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [("sample", ["1001", "1026"]), ("BAKERY LLC", ["1001"]), ("muñoz", ["1011"]), ("nobody at all", [])],
)
def test_customers_by_name(typed: str, numbers: list[str], ams360: Ams360Ems) -> None:
    found = ams360.customers_named(typed)
    assert [customer.number for customer in found.customers] == numbers
    assert not found.more


def test_only_the_first_customers_of_a_common_name_are_read(ams360: Ams360Ems) -> None:
    found = ams360.customers_named("e")
    assert (len(found.customers), found.more) == (25, True)


def test_a_customer_of_a_hidden_division_is_not_found_by_name(ams360: Ams360Ems) -> None:
    with contextlib.suppress(KnownError):
        assert ams360.customers_named("Hidden Division").customers == ()


def test_a_filter_that_ams360_does_not_know_is_an_error(contract_checked_sandbox: Sandbox) -> None:
    config = ems_config(contract_checked_sandbox.ams360_url, names={"filter.customer_name": "nameContains"})
    with pytest.raises(KnownError, match=r"AMS360 refused: Unknown filter\."):
        Ams360Ems(config, lambda: NOW).customers_named("sample")


def test_a_name_that_cannot_be_read_counts_as_more() -> None:
    good = {"customerId": "c-1", "customerNumber": 1001, "fullName": "Sample Bakery LLC"}
    with Hostile(*LOGIN, rows(good, {"customerId": "c-2"})) as server:
        found = source(server).customers_named("sample")
    assert [customer.number for customer in found.customers] == ["1001"]
    assert found.more
