"""Deposit files: every receipt is in one at most, and is posted only after a person's confirmation."""

from __future__ import annotations

import csv
import io
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from paydesk.config import files
from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.posting import AgencyReceipt, Item, PostingChannel, PostingRules, PostingState
from paydesk.domain.tender import TenderKind
from paydesk.gateways.files.deposit import deposit_csv
from paydesk.services.desk.attention import open_items
from paydesk.services.posting.deposit import Deposits
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.ledger.transactions import Transactions
from tests.fakes.ledger import LedgerMaker
from tests.fakes.posting import FakeSink, poster
from tests.fakes.world import Counter

FILE = PostingRules(PostingChannel.FILE)


@pytest.fixture
def deposits(counter: Counter, new_ledger: LedgerMaker) -> Deposits:
    return desk_deposits(counter, new_ledger, "Front-1")


def desk_deposits(
    counter: Counter, new_ledger: LedgerMaker, desk: str, rules: PostingRules = FILE
) -> Deposits:
    outbox = SqlOutbox(
        Transactions(new_ledger.engine(), counter.clock, who=(desk, "Dana"), place=new_ledger.place)
    )
    post = poster(outbox, FakeSink(counter.source), counter.source, counter.clock, rules)
    return Deposits(post, deposit_csv)


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_a_deposit_file_has_a_line_for_every_invoice(
    counter: Counter, deposits: Deposits, tmp_path: Path
) -> None:
    counter.source.owe("50123", 1_250_00)
    counter.source.owe("50140", 150_00)
    payment = counter.pay("50123", "50140")
    path = deposits.write(tmp_path)
    assert path.name == "paydesk-deposit-D-0001.csv"
    assert read(path) == [
        {
            "payer_name": "Sample Bakery LLC",
            "invoice_number": number,
            "check_number": "R-000001",
            "check_amount": amount,
            "payment_date": "08/14/2026",
            "payment_type": "CreditCard",
            "customer_number": "1001",
            "description": f"PayDesk R-000001 {payment.reference} Visa ending 0007",
        }
        for number, amount in (("50123", "1250.00"), ("50140", "150.00"))
    ]


def test_no_name_becomes_a_formula_of_the_deposit_file() -> None:
    named = AgencyReceipt(
        receipt_number="R-000001",
        reference="PD1",
        customer_number="1001",
        payer_name="=HYPERLINK(1)",
        items=(Item(Money(100_00), "50123"),),
        tender=TenderKind.ACH,
        received_on=date(2026, 8, 14),
        description="@SUM(A1)",
    )
    made = deposit_csv([named])
    assert made.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(made.decode("utf-8-sig")))
    assert (row["payer_name"], row["description"]) == ("'=HYPERLINK(1)", "'@SUM(A1)")


def test_no_receipt_is_in_two_files(
    counter: Counter, deposits: Deposits, new_ledger: LedgerMaker, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    counter.source.owe("50140", 20_00)
    counter.pay("50123")
    deposits.write(tmp_path)
    with pytest.raises(KnownError, match="No receipt is waiting"):
        desk_deposits(counter, new_ledger, "Front-2").write(tmp_path)
    counter.pay("50140")
    second = deposits.write(tmp_path)
    assert [line["invoice_number"] for line in read(second)] == ["50140"]
    assert list(deposits.open_deposits()) == ["D-0001", "D-0002"]


def test_a_file_counts_as_posted_once_a_person_says_it_was_imported(
    counter: Counter, deposits: Deposits, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    deposits.write(tmp_path)
    counter.clock.move(60)
    assert counter.lookup.by_invoice("50123").rows[0].owed == Money(0)
    assert [one.state for one in deposits.confirm("D-0001")] == [PostingState.POSTED]
    assert deposits.open_deposits() == {}
    assert deposits.confirm("D-0001") == []


def test_a_file_nobody_confirmed_for_a_day_needs_attention(
    counter: Counter, deposits: Deposits, new_ledger: LedgerMaker, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    deposits.write(tmp_path)
    outbox = SqlOutbox(
        Transactions(new_ledger.engine(), counter.clock, who=("Front-1", "Dana"), place=new_ledger.place)
    )
    post = poster(outbox, FakeSink(counter.source), counter.source, counter.clock, FILE)
    counter.clock.move(23 * 3600)
    assert post.attention() == []
    counter.clock.move(2 * 3600)
    assert [posting.payment.id for posting in post.attention()] == [payment.id]
    (matter,) = open_items(counter.ledger, post, counter.clock.now(), timedelta(minutes=15))
    said = matter.advice
    assert "R-000001 ($100.00 without the fee) is in deposit file D-0001" in said.known
    assert "if D-0001 was imported. If so, press Mark whole file, or press Mark as entered" in said.do
    assert said.never.startswith("Do not import the file twice")
    deposits.confirm("D-0001")
    assert post.attention() == []


def test_a_file_that_could_not_be_written_is_written_again(
    counter: Counter, deposits: Deposits, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    with pytest.raises(KnownError, match="write D-0001 again"):
        deposits.write(tmp_path / "missing")
    path = deposits.again("D-0001", tmp_path)
    before = path.read_bytes()
    assert deposits.again("D-0001", tmp_path).read_bytes() == before
    assert [file.name for file in tmp_path.glob("*.new")] == []


def test_a_deposit_of_another_ledger_is_never_replaced(
    counter: Counter, deposits: Deposits, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    other = tmp_path / "paydesk-deposit-D-0001.csv"
    other.write_bytes(b"another desk's receipts")
    with pytest.raises(KnownError, match="is there already, with other receipts") as said:
        deposits.write(tmp_path)
    assert said.value.admin.endswith("paydesk deposit --again D-0001")
    assert other.read_bytes() == b"another desk's receipts"
    other.rename(tmp_path / "away.csv")
    assert b"50123" in deposits.again("D-0001", tmp_path).read_bytes()


def test_the_other_channels_write_no_file(counter: Counter, new_ledger: LedgerMaker, tmp_path: Path) -> None:
    ems = desk_deposits(counter, new_ledger, "Front-1", PostingRules(PostingChannel.EMS))
    with pytest.raises(KnownError, match="does not use deposit files"):
        ems.write(tmp_path)
    with pytest.raises(KnownError, match="no deposit D-0009"):
        ems.again("D-0009", tmp_path)


@pytest.mark.parametrize("times", [2, 10_000])
def test_a_file_that_a_virus_scanner_holds(
    times: int, counter: Counter, deposits: Deposits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written as soon as it is free, or stays as it was and is written again later."""
    counter.source.owe("50123", 100_00)
    counter.pay("50123")
    file = deposits.write(tmp_path)
    before, real, left = file.read_bytes(), os.replace, [times]

    def held(source: Path, target: Path) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise PermissionError(13, "used by another process")
        real(source, target)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(files, "PATIENCE_S", 0.2)
    if times > 2:
        with pytest.raises(KnownError, match="another program is using it") as said:
            deposits.again("D-0001", tmp_path)
        assert "write D-0001 again" in said.value.next_step
    else:
        deposits.again("D-0001", tmp_path)
    assert file.read_bytes() == before
    assert list(tmp_path.glob("*.new")) == []
