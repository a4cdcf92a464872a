"""``paydesk reconcile``: it continues until every charge is clear, and reports what is not."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from paydesk.cli.reconcile import resolve_all
from tests.fakes.world import Counter


def desk(counter: Counter) -> Any:
    """Return the parts of a desk that the command uses."""
    return SimpleNamespace(resolve=counter.resolve, ledger=counter.ledger, clock=counter.clock)


def test_a_lost_charge_is_ruled_out_within_one_run(
    counter: Counter, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_request()
    payment = counter.pay("50123")
    assert resolve_all(desk(counter), 900, counter.clock.move) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [f"{payment.reference}: not charged", "No payment is open."]
    assert counter.clock.elapsed_s() < 500


def test_a_charge_that_is_no_payment_is_said(counter: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    counter.source.owe("50140", 50_00)
    counter.pay("50140")
    made = counter.processor.charges(*2 * (counter.clock.now().date(),))[0]
    stranger = replace(made, processor_ref="txn-9", reference="PD0123456789ABCDEFGH-1")
    counter.processor.outside.append(stranger)
    assert resolve_all(desk(counter), 900, counter.clock.move) == 0
    assert "PD0123456789ABCDEFGH-1, which is no payment here" in capsys.readouterr().out


def test_the_time_ends_it(counter: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.lose_next_request()
    counter.pay("50123")
    counter.processor.away = True
    assert resolve_all(desk(counter), 60, counter.clock.move) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 open: see Needs attention."
    assert 60 <= counter.clock.elapsed_s() <= 70
