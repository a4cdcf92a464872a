"""The state file: the emulators' books survive the end of their process, however it ended."""

from __future__ import annotations

import json
import os
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from paydesk.domain.money import Money
from paydesk.sandbox import Sandbox
from paydesk.sandbox.state import StateFile
from tests.sandbox.clients import Ams360Client, AndDoneClient, account, card


def test_books_and_balances_outlive_a_run(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.state"
    with Sandbox(state=state) as first:
        with AndDoneClient(first.anddone_url) as client:
            paid, open_one = client.intent(10.0, "T-1"), client.intent(20.0, "T-2")
            client.pay(paid, card(10.0))
            client.pay_open("R-1", account(5.0), "ACH")
        with Ams360Client(first.ams360_url) as ams360:
            ams360.log_in()
            ams360.receipt(1001, (50_123, 250.0))
        books = first.charges()
    with Sandbox(state=state) as second:
        assert second.charges() == books
        assert second.balance(50_123) == Money(1_000_00)
        assert len(second.ams360.posted.receipts) == 1
        with AndDoneClient(second.anddone_url) as client:
            assert client.details(paid).status_code == 200
            assert client.create_intent(10.0, "T-1").status_code == 400
            assert client.pay(paid, card(10.0)).status_code == 400
            assert client.pay(open_one, card(20.0)).status_code == 201


def test_links_messages_and_payments_under_way_outlive_a_run(tmp_path: Path) -> None:
    state, now = tmp_path / "sandbox.state", datetime(2026, 8, 14, 16, tzinfo=UTC)
    with Sandbox(state=state, now=now) as first, AndDoneClient(first.anddone_url) as client:
        order = {"customers": [{"email": "dana@example.com"}], "lineItems": [{"rate": 1.25}]}
        paid, slow = client.link(10.0, "L-1", **order), client.link(20.0, "L-2")
        first.pay_page(paid["id"], card="4000620000000007")
        first.take_time(timedelta(minutes=5))
        first.pay_page(slow["id"], account="123456789")
        books = first.anddone.processor.books
    with Sandbox(state=state, now=now) as second, AndDoneClient(second.anddone_url) as client:
        assert second.anddone.processor.books == books
        told = client.link_details(paid["id"]).json()
        assert (told["linkStatus"], told["lineItems"], told["totalPaidAmount"]) == (
            "Paid",
            [{"rate": 1.25}],
            10.0,
        )
        assert client.create_link(10.0, "L-1").status_code == 400
        assert client.link_details(slow["id"]).json()["linkStatus"] == "PaymentInitiated"
        second.advance(timedelta(minutes=6))
        assert [charge.link_id for charge in second.charges()] == [paid["id"], slow["id"]]
    assert b"4000620000000007" not in state.read_bytes()
    assert b"123456789" not in state.read_bytes()


def test_the_clock_goes_on_where_it_was(tmp_path: Path) -> None:
    """Without that, charges of an earlier run would be in the future, and nobody would be shown them."""
    state = tmp_path / "sandbox.state"
    with Sandbox(state=state) as first, AndDoneClient(first.anddone_url) as client:
        first.advance(timedelta(days=3))
        paid = client.paid_token(10.0)
        then = first.clock.now()
    with Sandbox(state=state) as second, AndDoneClient(second.anddone_url) as client:
        assert timedelta(0) <= second.clock.now() - then < timedelta(minutes=5)
        assert client.details(paid).status_code == 200
    now = datetime(2026, 8, 14, 16, tzinfo=UTC)
    with Sandbox(state=state, now=now) as third:
        assert third.clock.now() - now < timedelta(minutes=5)


def test_a_file_of_an_earlier_version_is_still_read(tmp_path: Path) -> None:
    state, now = tmp_path / "sandbox.state", datetime(2026, 8, 11, 16, tzinfo=UTC)
    with Sandbox(state=state, now=now) as first, AndDoneClient(first.anddone_url) as client:
        paid = client.paid(10.0)["transactionId"]
        client.pay(client.intent(10.0), account(10.0, "910000001"), "ACH")
        first.advance(timedelta(days=8))
        client.search()
        client.refund(paid, 1.0, "Partial")
        books = first.anddone.processor.books
    kept = json.loads(state.read_bytes())
    for name in ("links", "notices", "clock_shift_s"):
        del kept[name]
    for intent in kept["intents"]:
        del intent["under_way"]
    for charge in kept["charges"]:
        del charge["charged_back"], charge["back_code"]
    (refund,) = [refund for charge in kept["charges"] for refund in charge["refunds"]]
    del refund["status"], refund["in_portal"], refund["remarks"], refund["settled_at"]
    state.write_text(json.dumps(kept))
    with Sandbox(state=state) as second:
        assert second.anddone.processor.books == books


def test_it_is_written_before_the_answer_leaves(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.state"
    with Sandbox(state=state) as running, AndDoneClient(running.anddone_url) as client:
        client.pay_open("R-1", card(5.0))
        with Sandbox(state=state) as copy:
            assert copy.charges() == running.charges()


def test_no_card_or_account_number_is_in_it(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.state"
    with Sandbox(state=state) as sandbox, AndDoneClient(sandbox.anddone_url) as client:
        client.pay(client.intent(5.0), card(5.0))
        client.pay(client.intent(5.0), account(5.0), "ACH")
    kept = state.read_bytes()
    assert b"4000620000000007" not in kept
    assert b"123456789" not in kept
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["sandbox.state"]


class _Mischief:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("mischief",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"{}",
        b"[]",
        b'{"agency": {}, "intents": [], "charges": [7], "posted": {}}',
        b'{"agency": {"$decimal": "x"}}',
        b"[" * 100_000,
        pickle.dumps({"a": 1}),
        pickle.dumps(_Mischief()),
    ],
)
def test_a_file_that_is_none_of_ours_starts_a_new_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    state = tmp_path / "sandbox.state"
    state.write_bytes(content)
    with Sandbox(state=state) as sandbox:
        assert sandbox.charges() == []
        assert sandbox.balance(50_123) == Money(1_250_00)
    assert not (tmp_path / "mischief").exists()


def test_everything_that_was_kept_comes_back_the_same(tmp_path: Path) -> None:
    state = tmp_path / "sandbox.state"
    with Sandbox(state=state) as sandbox:
        with AndDoneClient(sandbox.anddone_url) as client:
            client.pay(client.intent(10.5, "T-1"), card(10.5))
            client.pay_open("R-1", account(5.0), "ACH")
        with Ams360Client(sandbox.ams360_url) as ams360:
            ams360.log_in()
            ams360.receipt(1001, (50_123, 250.0))
        books, posted = sandbox.anddone.processor.books, sandbox.ams360.posted
        found = StateFile(state).read()
        assert found is not None
        assert found.books == books
        assert found.posted == posted
        assert found.agency == sandbox.ams360.agency
        (intent,) = books.intents.values()
        assert (
            found.books.by_token[intent.token]
            is found.books.charges[books.by_token[intent.token].transaction_id]
        )


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    """``sandbox.new`` was the name of the fresh file once, and ``sandbox.state`` is that of the old one."""
    victim, state = tmp_path / "victim", tmp_path / "sandbox.state"
    victim.write_text("do not touch")
    for name in ("sandbox.new", "sandbox.state", "sandbox.state.new"):
        (tmp_path / name).symlink_to(victim)
    with Sandbox(state=state) as sandbox, AndDoneClient(sandbox.anddone_url) as client:
        client.pay_open("R-1", card(5.0))
    assert victim.read_text() == "do not touch"
    assert not state.is_symlink()
    assert [path.name for path in tmp_path.glob("sandbox.state.*.new")] == []
