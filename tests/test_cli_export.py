"""``paydesk export``: what was paid, as cells no spreadsheet program runs."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from paydesk import app
from paydesk.cli import run
from paydesk.domain.consent import Channel
from paydesk.domain.money import Money
from paydesk.domain.payment import Draft, Payer, PaymentLine, ReferenceKind
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.paths import Paths
from tests.fakes.world import CARD

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A training desk that took one payment of somebody whose name is a formula."""
    running = app.open_desk(Paths(tmp_path / "desk", training=True))
    try:
        line = PaymentLine(Money(10_00), "Down payment")
        quote = running.desk.offers(Money(10_00))[TenderKind.CREDIT_CARD]
        assert isinstance(quote, Quote)
        payer = Payer("=cmd|' /C calc'!A0", customer_name="+Holding")
        draft = Draft((line,), payer, quote, Channel.PHONE, ReferenceKind.POLICY, "@SUM(A1)")
        running.desk.authorize.pay(draft, CARD)
    finally:
        running.close()
    return tmp_path / "desk"


def test_the_payments_of_today_are_written(base: Path, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "today.csv"
    assert run(["--training", "--basedir", str(base), "export", "--out", str(file)]) == 0
    assert capsys.readouterr().out == f"1 payment in {file}.\n"
    assert file.read_bytes().startswith(b"\xef\xbb\xbf"), "the mark that tells Excel the encoding"
    (row,) = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    assert row["Customer"] == "'+Holding"
    assert (row["Amount"], row["Receipt"]) == ("10.00", "R-000001")
    assert not any(cell.startswith(("=", "+", "@")) for cell in row.values())


def test_days_without_a_payment_and_days_that_are_none(base: Path, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "old.csv"
    desk = ["--training", "--basedir", str(base), "export", "--out", str(file)]
    assert run([*desk, "--from", "2020-01-01", "--to", "2020-01-31"]) == 0
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 1
    assert run([*desk, "--from", "2020-01-31", "--to", "2020-01-01"]) == 1
    assert "2020-01-01 is before 2020-01-31." in capsys.readouterr().err
    assert run(["--training", "--basedir", str(base), "export", "--out", str(tmp_path / "no" / "x.csv")]) == 1
    with pytest.raises(SystemExit):
        run([*desk, "--from", "yesterday"])
