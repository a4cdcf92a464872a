"""The state file: a world that goes on after the emulators ended, however they ended."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from paydesk.domain.money import Money
from paydesk.sandbox import Sandbox
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


BY_IMPORT = b"\x80\x04\x8c\x15paydesk.sandbox.state\x8c\x08os.mkdir\x93\x8c\x08mischief\x85R."
"""The same through a module of ours that has imported ``os``."""


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", pickle.dumps({"a": 1}), pickle.dumps(_Mischief()), BY_IMPORT]
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
