"""Columns, words and titles of a file beside its balances: read, asked about, or their rows are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.importing import ImportReport
from paydesk.domain.invoices.reading import LeftOut
from tests.fakes.files import Files
from tests.fakes.ledger import LedgerMaker

WHO = "Invoice,Customer #,Customer"
GOOD = "60000,1009,Dana Example"
Take = Callable[[str], ImportReport]


@pytest.fixture
def files(new_ledger: LedgerMaker) -> Files:
    return Files(new_ledger)


@pytest.fixture
def take(files: Files, tmp_path: Path) -> Take:
    def taken(text: str) -> ImportReport:
        path = tmp_path / "r.csv"
        path.write_text(text, encoding="utf-8")
        return files.take(path, None)

    return taken


def table(head: str, row: str, good: str) -> str:
    """Return a file of two invoices: 50123 with a row in doubt, and 60000 with a good one."""
    return f"{WHO},{head}\n50123,1001,Sample Bakery,{row}\n{GOOD},{good}\n"


@pytest.mark.parametrize(
    ("head", "row", "good"),
    [
        ("Balance,Xyz", "100.00,40.00", "5.00,0.00"),
        ("Balance,Paid To Date", "100.00,40.00", "5.00,"),
        ("Amount Due,New Balance", "100.00,0.00", "5.00,5.00"),
        ("Amount Due,Still Due", "100.00,60.00", "5.00,5.00"),
        ("Balance,State", "100.00,Voided", "5.00,Open"),
        ("Balance,Mark", "100.00,PAID 9/1/2026", "5.00,"),
        ("Balance,Far,Money", "100.00,x,EUR", "5.00,x,USD"),
        ("Balance,Policy Kind,Side", "100.00,x,CR", "5.00,x,DR"),
        ("Balance,How", "100.00,Direct bill", "5.00,Agency bill"),
        ("Current,1-30,Policy,", "0.00,0.00,P1,1250.00", "5.00,0.00,P2,0.00"),
        ("Current,1-30,Policy,Very Old", "0,0,P1,1250", "5,0,P2,0"),
    ],
)
def test_a_column_that_may_say_what_is_owed_is_asked_about(
    head: str, row: str, good: str, take: Take, files: Files
) -> None:
    """Each was ignored, and its invoice payable in full."""
    with pytest.raises(KnownError, match=r"may say what is owed|may be one of them|cells"):
        take(table(head, row, good))
    assert files.balances("50123") == [None]


@pytest.mark.parametrize(
    ("head", "row", "good"),
    [
        ("Balance,Commission,Fee,Days", "100.00,15.00,1.50,30", "5.00,1.00,0.00,0"),
        ("Invoice Amount,Discount,Balance", "100.00,40.00,60.00", "5.00,0.00,5.00"),
        ("Balance,Copy of it", "100.00,100.00", "5.00,5.00"),
        ("Balance,Policy Status,Customer Type", "100.00,Cancelled,Paid in full", "5.00,Active,x"),
        ("Balance,Notes", "100.00,will call about the credit on Friday", "5.00,"),
        ("Previous Balance,Balance", "0.00,100.00", "0.00,5.00"),
    ],
)
def test_other_columns_are_no_question(head: str, row: str, good: str, take: Take, files: Files) -> None:
    assert take(table(head, row, good)).rejects == ()
    assert files.balances("60000") == [5_00]


def test_a_skipped_column_is_never_asked_about_again(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(table("Balance,Xyz", "100.00,40.00", "5.00,0.00"), encoding="utf-8")
    preview = files.importing.preview(path)
    assert [one.asks for one in preview.questions] == ["columns"]
    header = preview.header.with_column("ignore", "Xyz")
    files.importing.run(files.importing.look_again(preview, header))
    assert files.importing.preview(path).questions == ()


@pytest.mark.parametrize(
    ("head", "row", "good", "reason"),
    [
        ("Balance,Status", "100.00,Voided payment", "5.00,Open", "isn't a status"),
        ("Balance,Status", "100.00,Void check - owed again", "5.00,Open", "isn't a status"),
        ("Balance,Status", "100.00,Paid by third party", "5.00,Open", "isn't a status"),
        ("Balance,Status", "100.00,Overdue - paid", "5.00,Overdue", "isn't a status"),
        ("Premium,Fee,Total Due,Amount Paid", "90.00,10.00,100.00,100.00", "5.00,0.00,5.00,", "is paid"),
        ("Invoice Amount,Amount Paid,Amount Due", "100.00,40.00,100.01", "5.00,,5.00", "is paid"),
        ("Amount Due,Pmts", "100.00,40.00", "5.00,0.00", "is paid"),
        ("Amount Due,Credits", "100.00,-40.00", "5.00,0.00", "is paid"),
        ("Amount Due,Amount Paid", "100.00,Full", "5.00,", "isn't an amount"),
        ("Amount Due,Payment Received", "100.00,9/1/2026", "5.00,No", "isn't an amount"),
        ("Balance,Type", "100.00,Void", "5.00,Invoice", "isn't an invoice"),
        ("Balance,Trans", "100.00,PMT", "5.00,INV", "isn't an invoice"),
        ("Balance,Type", "100.00,Reversal", "5.00,Invoice", "is a credit"),
        ("Balance,Description", "100.00,Subtotal", "5.00,Renewal", "isn't an invoice"),
        ("Balance,Cur", "100.00,CAD", "5.00,USD", "not US dollars"),
        ("Balance", "1250²", "5.00", "raised digit"),
        ("Balance", "100 200", "5.00", "not an amount"),
        ("Balance", "0000012550", "5.00", "not an amount"),
    ],
)
def test_a_row_in_doubt_is_refused(
    head: str, row: str, good: str, reason: str, take: Take, files: Files
) -> None:
    """Each was payable, most of them too high. "Voided payment" closed an invoice that is owed again."""
    report = take(table(head, row, good))
    assert [reject.line for reject in report.rejects] == [2]
    assert reason in report.rejects[0].reason
    assert files.balances("50123", "60000") == [None, 5_00]


@pytest.mark.parametrize(
    ("head", "row", "good", "cents"),
    [
        ("Balance,Invoice Status,Payment Status", "100.00,Sent,Paid", "5.00,Sent,Unpaid", 0),
        ("Balance,Status", "100.00,Void - wrong party billed", "5.00,Open", 0),
        ("Balance,Status", "100.00,Partially paid", "5.00,Open", 100_00),
        ("Balance,Settled", "100.00,Yes", "5.00,No", 0),
        ("Balance,Invoice Cancelled?", "100.00,Y", "5.00,N", 0),
        ("Balance,D/C Ind", "100.00,CR", "5.00,DR", -100_00),
        ("Balance,Is Credit", "100.00,Y", "5.00,N", -100_00),
        (
            "Invoice Amount,Amount Paid,Total Due,Balance",
            "110.00,40.00,110.00,70.00",
            "5.00,,5.00,5.00",
            70_00,
        ),
    ],
)
def test_a_second_column_counts_too(
    head: str, row: str, good: str, cents: int, take: Take, files: Files
) -> None:
    assert take(table(head, row, good)).rejects == ()
    assert files.balances("50123", "60000") == [cents, 5_00]


@pytest.mark.parametrize("heading", ["Direct Bill?", "DB", "Collected By"])
def test_a_direct_bill_of_another_heading_is_left_out(heading: str, take: Take, files: Files) -> None:
    word = "Carrier" if heading == "Collected By" else "Yes"
    report = take(table(f"Balance,{heading}", f"100.00,{word}", "5.00,"))
    assert report.left_out[LeftOut.DIRECT_BILL] == 1
    assert files.balances("50123", "60000") == [None, 5_00]


@pytest.mark.parametrize(
    "number", ["-", "--", "***50123", "Cont.", "Report 50123", "Page 50123", "(c) 50123", "TBD"]
)
def test_a_row_with_an_amount_is_no_title(number: str, take: Take, files: Files) -> None:
    """A row left out as a title closes its invoice. A refused one does not."""
    report = take(f"{WHO},Balance\n{number},1001,Sample Bakery,100.00\n{GOOD},5.00\n")
    assert [reject.line for reject in report.rejects] == [2]
    assert report.left_out == {}


@pytest.mark.parametrize(
    "title", ["Payments", "Voided Invoices", "Paid invoices", "Written off", "Credits", "Quotes"]
)
def test_rows_below_a_title_of_other_things_are_refused(title: str, take: Take, files: Files) -> None:
    below = "50123,1001,Sample Bakery,100.00\nOpen Invoices,,,\n50140,1002,Harborview,1.00\n"
    report = take(f"{WHO},Balance\n{GOOD},5.00\n{title},,,\n{below}")
    assert {one.line: one.reason for one in report.rejects} == {4: f"it is below “{title}”"}
    assert files.balances("50123", "60000", "50140") == [None, 5_00, 1_00]


@pytest.mark.parametrize(
    "between", ["Page 2", "Elm Street Insurance", "Harborview Marine", "Printed 8/14/2026"]
)
def test_a_page_or_a_name_ends_no_section(between: str, take: Take, files: Files) -> None:
    """Below Paid invoices, the second page was payable."""
    rows = f"{GOOD},5.00\nPaid invoices,,,\n{between},,,\n50123,1001,Sample Bakery,100.00\n"
    report = take(
        f"Elm Street Insurance,,,\n{WHO},Balance\n{rows}31 - 60 days past due,,,\n50140,1002,H,1.00\n"
    )
    assert [one.reason for one in report.rejects] == ["it is below “Paid invoices”"]
    assert files.balances("50123", "50140") == [None, 1_00]


def test_rows_below_direct_bill_are_left_out(take: Take, files: Files) -> None:
    report = take(f"{WHO},Balance\n{GOOD},5.00\nDirect Bill,,,\n50123,1001,Sample Bakery,100.00\n")
    assert (report.rejects, report.left_out[LeftOut.DIRECT_BILL]) == ((), 1)
    assert files.balances("50123", "60000") == [None, 5_00]


@pytest.mark.parametrize(
    ("title", "head"),
    [
        ("", "Balance (€)"), ("", "Balance £"), ("", "Balance (CAD)"), ("", "Balance (in cents)"),
        ("Currency: CAD", "Balance"), ("All amounts in Canadian dollars", "Balance"),
        ("($ in thousands)", "Balance"), ("Amounts in cents", "Balance"),
    ],
)  # fmt: skip
def test_other_money_is_not_dollars(title: str, head: str, take: Take) -> None:
    with pytest.raises(KnownError, match=r"not in US dollars|has no column"):
        take(f"{title},,,\n{WHO},{head}\n{GOOD},5.00\n")


@pytest.mark.parametrize("head", ["A/R$ Balance", "Balance US$", "Balance ($)", "Balance (USD)"])
def test_dollars_are_dollars(head: str, take: Take, files: Files) -> None:
    take(f"{WHO},{head}\n{GOOD},5.00\n")
    assert files.balances("60000") == [5_00]


def test_one_customer_number_has_one_customer(take: Take, files: Files) -> None:
    """A column of ledger accounts gave everybody's invoices to customer 11000."""
    rows = "50123,11000,Sample Bakery,1.00\n50124,11000,Sample Bakery LLC,2.00\n50125,11000,Harborview,3.00\n"
    report = take(f"{WHO},Balance\n{rows}")
    assert {one.line: one.reason for one in report.rejects} == {
        4: "customer 11000 has another name above: “Sample Bakery”"
    }
    assert files.balances("50123", "50124", "50125") == [1_00, 2_00, None]


def test_the_sum_of_a_customer_is_no_invoice(take: Take, files: Files) -> None:
    rows = "50123,1001,A,1.00\n50124,1001,A,2.00\n1001,1001,A,3.00\n50125,1002,B,3.00\n"
    report = take(f"{WHO},Balance\n{rows}")
    assert [one.line for one in report.rejects] == [4]
    assert files.balances("1001", "50125") == [None, 3_00]


@pytest.mark.parametrize("number", ["50123 50125", "50123 1", "INV 2026 50123"])
def test_two_numbers_are_not_joined_to_one(number: str, take: Take) -> None:
    report = take(f"{WHO},Balance\n{number},1001,A,1.00\n{GOOD},5.00\n")
    assert [one.line for one in report.rejects] == [2]


def test_a_column_that_counts_the_rows_is_not_the_invoice(take: Take, files: Files) -> None:
    with pytest.raises(KnownError, match="“#” counts the rows: 1, 2, 3"):
        take("#,Our Key,Customer #,Customer,Balance\n1,50123,1001,A,1.00\n2,50124,1002,B,2.00\n")


@pytest.mark.parametrize(
    "head", ["Gross,Commission,Net Due", "Invoice Total,Past Due", "Invoice Total,Current"]
)
def test_a_part_of_what_is_owed_is_not_the_balance(head: str, take: Take) -> None:
    row = ",".join(["100.00"] * (head.count(",") + 1))
    with pytest.raises(KnownError, match="no column PayDesk recognizes as balance"):
        take(table(head, row, row))


def test_no_part_of_a_card_number_is_kept(take: Take, files: Files) -> None:
    """A text was cut before it was masked, so 15 of 16 digits stayed."""
    card = "4012888888881881"
    report = take(table("Balance,Description", f"x,{'y' * 284} {card}", f"5.00,{'y' * 284} {card}"))
    kept = files.cache.invoice("60000")
    assert kept is not None
    assert "4012" not in kept.description
    assert "4012" not in report.rejects[0].reason
    report = take(table("Balance,Status", f"100.00,please charge her card # {card}", "5.00,Open"))
    assert "4012" not in report.rejects[0].reason


def test_the_newest_sheet_of_open_invoices_is_chosen(files: Files, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, more in (("Paid", ("ZIP", "Due Date")), ("AR 9-30-2026", ()), ("AR 10-31-2026", ())):
        made.create_sheet(name).append([*WHO.split(","), "Balance", *more])
        made[name].append([50123, 1001, "Sample Bakery", 5])
    made.save(tmp_path / "x.xlsx")
    assert files.importing.preview(tmp_path / "x.xlsx").report.sheet == "AR 10-31-2026"
