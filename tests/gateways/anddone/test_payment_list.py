"""AndDone's list as it is kept and extended: with few requests, and never without a payment."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Charge
from paydesk.gateways.anddone import payment_list
from paydesk.gateways.anddone.payment_list import PaymentList, is_page_or_refusal
from paydesk.gateways.anddone.processor import AndDone
from paydesk.gateways.http.call import Reply
from tests.gateways import made
from tests.gateways.conftest import anddone_config
from tests.gateways.hostile import Act, Hostile, reply

DAYS = (date(2026, 8, 11), date(2026, 8, 17))


def never(_charge: Charge) -> bool:
    return False


class Merchant:
    """The merchant's rows, oldest first, and the searches that were made."""

    def __init__(self, count: int, *, largest_page: int = 1000, knows_ids: bool = True) -> None:
        self.rows: list[Any] = [row(number) for number in range(count)]
        self.searches: list[Mapping[str, str]] = []
        self._largest_page, self._knows_ids = largest_page, knows_ids

    def ask(self, criteria: Mapping[str, str]) -> Reply:
        self.searches.append(criteria)
        ids = criteria.get("transactionIds", "").split(",")
        found = [
            one for one in self.rows if ids == [""] or not self._knows_ids or one["transactionId"] in ids
        ]
        found = found if criteria["asc"] == "true" else found[::-1]
        start, size = int(criteria["startRow"]), min(int(criteria["pageSize"]), self._largest_page)
        body = {"totalRowCount": len(found), "data": found[start : start + size]}
        return Reply(200, json.dumps(body).encode())

    def pay(self, **changes: Any) -> None:
        self.rows.append(row(len(self.rows), **changes))


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "transactionId": f"t-{number}",
        "transactionStatus": "Authorized",
        "amount": 100,
        "invoiceId": str(60_000 + number),
    } | changes


def ids(charges: Any) -> set[str]:
    return {charge.processor_ref for charge in charges}


@pytest.fixture
def merchant() -> Merchant:
    return Merchant(1000)


@pytest.fixture
def kept(merchant: Merchant) -> PaymentList:
    """Return a list that was read once: ten searches for a thousand payments."""
    made_of = PaymentList(merchant.ask, 100)
    assert len(made_of.whole(*DAYS)) == 1000
    assert len(merchant.searches) == 10
    merchant.searches.clear()
    return made_of


def test_with_a_thousand_payments_a_charge_costs_one_search(merchant: Merchant, kept: PaymentList) -> None:
    for _ in range(50):
        merchant.pay()
        assert ids(kept.recent(*DAYS, never)) == ids_of(merchant)
    assert len(merchant.searches) == 50


def ids_of(merchant: Merchant) -> set[str]:
    return {one["transactionId"] for one in merchant.rows}


@pytest.mark.parametrize("new", [0, 1, 99, 100])
def test_a_payment_between_two_looks_is_seen(merchant: Merchant, kept: PaymentList, new: int) -> None:
    for _ in range(new):
        merchant.pay()
    assert ids(kept.recent(*DAYS, never)) == ids_of(merchant)
    assert len(merchant.searches) == 1


@pytest.mark.parametrize("new", [101, 250, 5000])
def test_many_new_payments_cost_as_many_pages(merchant: Merchant, kept: PaymentList, new: int) -> None:
    for _ in range(new):
        merchant.pay()
    assert ids(kept.recent(*DAYS, never)) == ids_of(merchant)
    assert len(merchant.searches) == -(-new // 100)


@pytest.mark.parametrize("place", [0, 3, 500, 899, 905, 999, 1000])
def test_a_row_that_appears_late_is_found_wherever_it_is(
    merchant: Merchant, kept: PaymentList, place: int
) -> None:
    merchant.rows.insert(place, row(7777))
    assert "t-7777" in ids(kept.recent(*DAYS, never))
    merchant.searches.clear()
    assert "t-7777" in ids(kept.recent(*DAYS, never))
    assert len(merchant.searches) == 1


def test_a_row_that_vanished_leads_to_a_whole_reading(merchant: Merchant, kept: PaymentList) -> None:
    del merchant.rows[3]
    assert ids(kept.recent(*DAYS, never)) == ids_of(merchant)
    del merchant.rows[5]
    merchant.rows.insert(2, row(8888))
    assert "t-8888" not in ids(kept.recent(*DAYS, never)), "the counts agree: the next whole reading shows it"
    assert "t-8888" in ids(kept.whole(*DAYS))


@pytest.mark.parametrize("place", [0, 42, 899])
@pytest.mark.parametrize("status", ["Cancelled", "Denied", "Captured", "Quarantined"])
def test_the_status_of_what_is_asked_about_is_of_now(
    merchant: Merchant, kept: PaymentList, place: int, status: str
) -> None:
    number = merchant.rows[place]["invoiceId"]
    merchant.rows[place]["transactionStatus"] = status
    found = kept.recent(*DAYS, lambda charge: number in charge.invoice_numbers)
    [about] = [charge for charge in found if number in charge.invoice_numbers]
    assert about.status == status
    assert len(merchant.searches) == 2


@pytest.mark.parametrize("status", ["Created", "PendingForAuthorized", "Hold", "Unknown", "Quarantined"])
def test_a_row_that_is_not_decided_yet_is_read_again(status: str) -> None:
    """It may get its invoice number only with its decision."""
    merchant = Merchant(300)
    merchant.rows[7] |= {"transactionStatus": status, "invoiceId": None}
    kept = PaymentList(merchant.ask, 100)
    kept.whole(*DAYS)
    merchant.searches.clear()
    merchant.rows[7] |= {"transactionStatus": "Authorized", "invoiceId": "50123"}
    found = kept.recent(*DAYS, lambda charge: "50123" in charge.invoice_numbers)
    assert [charge.processor_ref for charge in found if "50123" in charge.invoice_numbers] == ["t-7"]
    assert len(merchant.searches) == 2


def test_an_unreadable_row_without_an_id_is_read_with_everything() -> None:
    merchant = Merchant(300)
    merchant.rows[7] |= {"transactionId": "", "amount": "?"}
    kept = PaymentList(merchant.ask, 100)
    assert len(kept.whole(*DAYS)) == 300
    merchant.searches.clear()
    assert len(kept.recent(*DAYS, never)) == 300
    assert len(merchant.searches) == 1
    merchant.searches.clear()
    assert len(kept.recent(*DAYS, lambda charge: "60007" in charge.invoice_numbers)) == 300
    assert len(merchant.searches) == 4, "it cannot be asked for alone"


@pytest.mark.parametrize("trouble", ["ids", "many"])
def test_what_cannot_be_asked_by_id_leads_to_a_whole_reading(trouble: str) -> None:
    merchant = Merchant(300, knows_ids=trouble != "ids")
    for one in merchant.rows[: 60 if trouble == "many" else 1]:
        one |= {"transactionStatus": "Hold", "invoiceId": None}
    kept = PaymentList(merchant.ask, 100)
    kept.whole(*DAYS)
    for one in merchant.rows:
        one["transactionStatus"] = "Cancelled"
    assert {charge.status for charge in kept.recent(*DAYS, never)} == {"Cancelled"}


def test_pages_that_the_vendor_caps_at_ten_are_read_as_well() -> None:
    merchant = Merchant(95, largest_page=10)
    kept = PaymentList(merchant.ask, 100)
    kept.whole(*DAYS)
    merchant.searches.clear()
    for _ in range(5):
        merchant.pay()
        assert ids(kept.recent(*DAYS, never)) == ids_of(merchant)
    assert len(merchant.searches) == 5


def test_other_days_and_an_old_reading_are_read_whole(
    merchant: Merchant, kept: PaymentList, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = (date(2026, 8, 12), date(2026, 8, 18))
    kept.recent(*tomorrow, never)
    assert len(merchant.searches) == 10
    merchant.searches.clear()
    kept.recent(*DAYS, never)
    kept.recent(*tomorrow, never)
    assert len(merchant.searches) == 2
    merchant.searches.clear()
    monkeypatch.setattr(payment_list, "KEPT_S", -1.0)
    kept.recent(*DAYS, never)
    assert len(merchant.searches) == 10


def test_only_a_few_readings_are_kept() -> None:
    merchant = Merchant(1)
    kept = PaymentList(merchant.ask, 100)
    for day in range(1, 9):
        kept.recent(date(2026, 8, day), date(2026, 8, day + 6), never)
    kept.recent(date(2026, 8, 8), date(2026, 8, 14), never)
    assert merchant.searches[-1]["asc"] == "false"
    kept.recent(date(2026, 8, 1), date(2026, 8, 7), never)
    assert merchant.searches[-1]["asc"] == "true"


def test_a_whole_reading_of_another_thread_is_not_undone(merchant: Merchant, kept: PaymentList) -> None:
    real = merchant.ask
    statuses: list[str] = []

    def ask(criteria: Mapping[str, str]) -> Reply:
        answer = real(criteria)
        if criteria["asc"] == "false" and not statuses:
            statuses.append("once")
            merchant.rows[0]["transactionStatus"] = "Cancelled"
            kept.whole(*DAYS)
        return answer

    vars(kept)["_ask"] = ask
    kept.recent(*DAYS, never)
    [first] = [charge for charge in kept.recent(*DAYS, never) if charge.processor_ref == "t-0"]
    assert first.status == "Cancelled"


@pytest.mark.parametrize("seed", range(30))
def test_whatever_happens_between_the_looks_nothing_is_missing(seed: int) -> None:
    """Rows come in any place, at any rate, and change. All are found, and asked ones have their status."""
    chance = random.Random(seed)
    merchant = Merchant(chance.randrange(120))
    kept = PaymentList(merchant.ask, chance.choice((3, 10, 50)))
    for number in range(40):
        for _ in range(chance.choice((0, 0, 1, 2, 15))):
            at = chance.choice((len(merchant.rows), chance.randrange(len(merchant.rows) + 1)))
            merchant.rows.insert(at, row(1000 * (number + 1) + at + chance.randrange(10**6) * 10**6))
        wanted = chance.choice(merchant.rows)["invoiceId"] if merchant.rows else "1"
        for one in merchant.rows:
            if one["invoiceId"] == wanted:
                one["transactionStatus"] = chance.choice(("Cancelled", "Captured", "Hold", "Denied"))
        found = kept.recent(*DAYS, lambda charge, wanted=wanted: wanted in charge.invoice_numbers)  # type: ignore[misc]  # the default binds it now
        assert ids(found) == ids_of(merchant)
        told = {charge.processor_ref: charge.status for charge in found if wanted in charge.invoice_numbers}
        true = {one["transactionId"]: one["transactionStatus"] for one in merchant.rows}
        assert told.items() <= true.items()


def test_undecided_payments_of_other_invoices_cost_nothing(merchant: Merchant, kept: PaymentList) -> None:
    """A day's bank debits are all pending until their batch runs."""
    for one in merchant.rows:
        one["transactionStatus"] = "PendingForAuthorized"
    kept.whole(*DAYS)
    merchant.searches.clear()
    assert len(kept.recent(*DAYS, never)) == 1000
    assert len(merchant.searches) == 1


@pytest.mark.parametrize("grows_at", [1, 2])
def test_a_list_that_comes_newest_first_and_grows_meanwhile_is_whole(grows_at: int) -> None:
    merchant = Merchant(250)

    def ask(criteria: Mapping[str, str]) -> Reply:
        if len(merchant.searches) == grows_at:
            merchant.pay()
        return merchant.ask({**criteria, "asc": "false"})

    assert ids(PaymentList(ask, 100).whole(*DAYS)) == ids_of(merchant)
    assert len(merchant.rows) == 251


# Pages that are no pages


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        (made.answered(200, {"totalRowCount": 0, "data": []}), True),
        (made.answered(200, {"totalRowCounts": 0}), True),
        (made.answered(400, {}), True),
        (made.answered(401, {}), True),
        (made.answered(302, b""), True),
        (made.answered(200, b"<html>"), False),
        (made.answered(200, b""), False),
        (made.answered(200, b'{"totalRowCount": 3, "da'), False),
        (made.answered(200, {"data": []}), False),
        (made.answered(200, {"totalRowCount": 1, "data": ["a"]}), True),
        (made.answered(200, {"totalRowCount": 1, "data": {}}), False),
        (made.answered(429, {"message": "Too Many Requests"}), False),
        (made.answered(500, {}), False),
        (made.answered(502, b""), False),
        (made.answered(504, b"<html>"), False),
    ],
)
def test_a_page_is_told_from_a_passing_failure(answer: Reply, good: bool) -> None:
    assert is_page_or_refusal(answer) is good


PAGE = reply(200, {"totalRowCount": 1, "data": [{"transactionId": "a", "amount": 1}]})


@pytest.mark.parametrize(
    "failures",
    [
        (reply(500, {}),),
        (reply(429, {"message": "Too Many Requests"}),),
        (reply(200, b"<html>"),),
        (reply(200, {"data": []}),),
        (reply(503, b""), reply(500, {})),
        (reply(429, {}), reply(200, b"<html>")),
    ],
)
def test_a_page_that_failed_is_read_again(failures: tuple[Act, ...]) -> None:
    with Hostile(*failures, PAGE) as server:
        [charge] = AndDone(anddone_config(server.url)).charges(made.FROM, made.TO)
        assert charge.processor_ref == "a"
        assert len(server.requests) == len(failures) + 1


@pytest.mark.parametrize("failure", [reply(500, {}), reply(429, {}), reply(200, b"<html>")])
def test_a_page_is_read_again_within_limits(failure: Act) -> None:
    with Hostile(failure) as server, pytest.raises(KnownError):
        AndDone(anddone_config(server.url)).charges(made.FROM, made.TO)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_asked_again(status: int) -> None:
    with Hostile(reply(status, {})) as server, pytest.raises(KnownError) as caught:
        AndDone(anddone_config(server.url)).charges(made.FROM, made.TO)
    assert len(server.requests) == 1
    assert ("IP address" in caught.value.admin) is (status == 403)
    assert ("internet address" in caught.value.sentence) is (status == 403)


@pytest.mark.parametrize("odd", [None, {}, [], 7, "60003 Sample Bakery", True, [{"invoiceId": "60003"}]])
def test_a_row_that_is_no_object_stops_at_most_what_it_names(odd: Any) -> None:
    merchant = Merchant(5, largest_page=2)
    merchant.rows.insert(3, odd)
    found = PaymentList(merchant.ask, 100).whole(*DAYS)
    assert ids(found) == {f"t-{number}" for number in range(5)} | {""}
    (strange,) = [charge for charge in found if not charge.processor_ref]
    assert strange.live
    assert not strange.taken
    assert ("60003" in strange.invoice_numbers) == ("60003" in json.dumps(odd))


def test_two_empty_rows_are_two() -> None:
    merchant = Merchant(5, largest_page=2)
    merchant.rows[2:2] = [{}, {"transactionId": None}, None]
    assert len(PaymentList(merchant.ask, 100).whole(*DAYS)) == 8
