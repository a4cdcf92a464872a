"""Deposit files: every receipt in one of them at most, and posted only when a person says so."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.posting import AgencyReceipt, Item, PostingChannel, PostingRules, PostingState
from paydesk.domain.tender import TenderKind
from paydesk.gateways.ams_deposit import deposit_csv
from paydesk.services.attention import open_matters
from paydesk.services.deposit import Deposits
from paydesk.store.postings import SqlOutbox
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
    outbox = SqlOutbox(new_ledger.engine(), counter.clock, who=(desk, "Dana"), path=new_ledger.place)
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
    with pytest.raises(KnownError, match="No receipt waits"):
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
    outbox = SqlOutbox(new_ledger.engine(), counter.clock, who=("Front-1", "Dana"), path=new_ledger.place)
    post = poster(outbox, FakeSink(counter.source), counter.source, counter.clock, FILE)
    counter.clock.move(23 * 3600)
    assert post.attention() == []
    counter.clock.move(2 * 3600)
    assert [posting.payment.id for posting in post.attention()] == [payment.id]
    (matter,) = open_matters(counter.ledger, post, counter.clock.now(), timedelta(minutes=15))
    (said,) = matter.advice
    assert "R-000001 (100.00 without the fee) stands in deposit file D-0001" in said.known
    assert "paydesk deposit --imported D-0001" in said.do
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


def test_the_other_channels_write_no_file(counter: Counter, new_ledger: LedgerMaker, tmp_path: Path) -> None:
    ems = desk_deposits(counter, new_ledger, "Front-1", PostingRules(PostingChannel.EMS))
    with pytest.raises(KnownError, match="do not go by file"):
        ems.write(tmp_path)
    with pytest.raises(KnownError, match="no deposit D-0009"):
        ems.again("D-0009", tmp_path)
