"""``paydesk export``: the payments, in cells that no spreadsheet program runs as formulas."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from paydesk.cli.main import run
from paydesk.config.paths import Paths
from paydesk.domain.consent import Channel
from paydesk.domain.money import Money
from paydesk.domain.payment import Draft, Payer, PaymentLine, ReferenceKind
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.wiring.desk import open_desk
from tests.fakes.world import CARD

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a training desk with one payment, by a payer whose name is a formula."""
    running = open_desk(Paths(tmp_path / "desk", training=True))
    try:
        line = PaymentLine(Money(10_00), "Down payment")
        quote = running.desk.quotes(Money(10_00))[TenderKind.CREDIT_CARD]
        assert isinstance(quote, Quote)
        payer = Payer("=cmd|' /C calc'!A0", customer_number="00123", customer_name="+Holding")
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
    assert (row["Subtotal"], row["Receipt"]) == ("10.00", "R-000001")
    assert not any(re.match(r'=[^"]|[+@]', cell) for cell in row.values())


def test_the_workbook_keeps_numbers_as_they_are(
    base: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["--training", "--basedir", str(base), "export"]) == 0
    (file,) = tmp_path.glob("PayDesk *.xlsx")
    assert capsys.readouterr().out == f"1 payment in {file.name}.\n"
    names, cells = load_workbook(file).worksheets[0].iter_rows()
    row = {str(name.value): cell for name, cell in zip(names, cells, strict=True)}
    assert row["Customer number"].value == "00123", "in a CSV file Excel would show 123"
    assert row["Customer"].value == "+Holding"
    assert row["Invoice/Ref."].value == "@SUM(A1)"
    assert (row["Status"].value, row["Payment method"].value) == ("Approved", "Credit card")
    assert row["Last four"].value == CARD.last4 == "0007"
    assert (row["Subtotal"].value, row["Subtotal"].number_format) == (10, "#,##0.00")
    assert isinstance(row["Date"].value, datetime)
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} == {"s"}


def test_a_csv_file_keeps_them_too(base: Path, tmp_path: Path) -> None:
    file = tmp_path / "today.csv"
    run(["--training", "--basedir", str(base), "export", "--out", str(file)])
    (row,) = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    assert row["Customer number"] == '="00123"'


def test_a_file_that_is_there_is_replaced_only_with_force(
    base: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "today.csv"
    file.write_text("mine")
    desk = ["--training", "--basedir", str(base), "export"]
    assert run([*desk, "--out", str(file)]) == 1
    assert capsys.readouterr().err == (
        f"{file} is there already. Name another file, or add --force to replace it.\n"
    )
    assert file.read_text() == "mine"
    assert run([*desk, "--out", str(file), "--force"]) == 0
    assert "R-000001" in file.read_text(encoding="utf-8-sig")
    monkeypatch.chdir(tmp_path)
    assert run(desk) == 0
    assert run(desk) == 1, "the name that PayDesk gives it is no excuse"


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
