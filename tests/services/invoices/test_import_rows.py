"""Rows of files as agencies send them: each with the right value, or refused with a reason. Never guessed."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.importing import ImportReport
from paydesk.domain.invoices.reading import DateOrder, DecimalSign, LeftOut
from paydesk.services.invoices.import_preview import Answers
from tests.fakes.files import Files
from tests.fakes.ledger import LedgerMaker

HEAD = "Invoice,Customer #,Customer,ZIP,Balance,Due Date\n"
AGED = "Invoice,Customer #,Customer,Current,31-60,61-90,Over 90"
GOOD = "60000,1009,Dana Example,02139,1.00,9/20/2026\n"


@pytest.fixture
def files(new_ledger: LedgerMaker) -> Files:
    return Files(new_ledger)


Take = Callable[..., ImportReport]


@pytest.fixture
def take(files: Files, tmp_path: Path) -> Take:
    def taken(text: str | bytes, name: str = "r.csv", **answers: object) -> ImportReport:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return files.take(path, None, answers=Answers(**answers))  # type: ignore[arg-type]  # by name

    return taken


def why(report: ImportReport) -> dict[int, str]:
    return {reject.line: reject.reason for reject in report.rejects}


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Invoice,Customer #,Customer,ZIP,Balance", "50123,1001,Sample Bakery,02108,1,250.00"),
        ("Invoice,Customer #,Customer,ZIP,Balance", "50123,1001,Sample Bakery,02108,$18,400.00"),
        ("Invoice,Customer #,Customer,ZIP,Balance", "50123,1001,Sample Bakery,02108,1,250.00,"),
        ("Invoice,Customer #,Customer,ZIP,Balance,", "50123,1001,Sample Bakery,02108,1,250.00"),
        ("Invoice,Customer #,Customer,ZIP,Balance,,", "50123,1001,Sample Bakery,02108,1,250.00,"),
        ("Invoice,Customer #,Customer,Balance,ZIP", "50123,1001,Sample Bakery,1,250.00,02108"),
        ("Invoice,Customer #,Customer,ZIP,Balance,Due Date", "50123,1001,Sample Bakery,02108,1,250.00"),
        ("Invoice,Customer #,Customer,ZIP,Balance,Description", "50123,1001,Sample Bakery,02108,1,250.00"),
        ("Invoice,Customer #,Customer,ZIP,Balance,Amount", "50123,1001,Sample Bakery,02108,1,250.00"),
        ("Invoice,Customer #,Customer,Amount,Balance,ZIP", "50123,1001,Sample Bakery,1,250.00,02108"),
        ("Invoice,Customer #,Customer,Balance", "50123,1001,Bakery, Sample,1250.00"),
        ("Invoice,Customer #,Customer,ZIP,Balance", "50123,1001,Sample Bakery,1250.00"),
        ("Invoice,Customer #,Customer,ZIP,Balance", "50123,1001,1250.00"),
        (AGED, "50123,1001,Sample Bakery,1,250.00,0.00,0.00,0.00"),
        (AGED, "50123,1001,Sample Bakery,1,250.00,0.00,0.00"),
        (AGED, "50123,1001,Sample Bakery,0.00,0.00,0.00,1,250.00"),
        (AGED + ",Total", "50123,1001,Sample Bakery,1,250.00,0.00,0.00,0.00,1250.00"),
    ],
)
def test_a_row_of_another_shape_is_refused(head: str, row: str, take: Take, files: Files) -> None:
    """C01: 1,250.00 without quotes was payable as 1.00."""
    with pytest.raises(KnownError, match=r"no row that can be imported. Line 2: .*(cells|cut at its comma)"):
        take(f"{head}\n{row}\n")
    assert files.balances("50123") == [None]


@pytest.mark.parametrize(
    ("head", "row", "good"),
    [
        ("Balance,Policy #,Insurer", "1,234,567.00", "5.00,P9,Sample"),
        ("Balance,Days Past Due", "1,250", "5.00,120"),
        ("Balance,Policy #", "1,250", "5.00,P9"),
        ("Balance,Producer", "($18,400)", "5.00,JD"),
        ("Current,1-30", "1,250", "5.00,0.00"),
        ("Amount,Balance,Producer", "5.00,1,250", "5.00,5.00,JD"),
    ],
)
def test_an_amount_without_cents_is_cut_where_all_others_have_them(
    head: str, row: str, good: str, take: Take, files: Files
) -> None:
    """C01: 1,250 without quotes was payable as 1.00 where the row had lost another cell."""
    report = take(f"Invoice,Customer #,Customer,{head}\n1,1001,A,{row}\n2,1001,A,{good}\n3,1001,A,{good}\n")
    assert list(why(report)) == [2]
    assert files.balances("1", "2") == [None, 5_00]


@pytest.mark.parametrize("good", ["5,120", "1250,120", "0,120", "12.5,120"])
def test_whole_dollars_elsewhere_prove_no_cut(good: str, take: Take, files: Files) -> None:
    report = take(f"Invoice,Customer #,Customer,Balance,Days Past Due\n1,1001,A,7,130\n2,1001,A,{good}\n")
    assert why(report) == {}
    assert files.balances("1") == [7_00]


@pytest.mark.parametrize(("head", "tail"), [("", ","), ("", ",,,"), (",", ""), (",,", ","), (",", ",,")])
def test_blank_cells_at_the_end_are_no_other_shape(head: str, tail: str, take: Take, files: Files) -> None:
    """A program that ends each row, or only the headings, with a comma had every row refused."""
    rows = "".join(f"{at},1001,A,5.00{tail}\n" for at in range(1, 4))
    text = f"Invoice,Customer #,Customer,Balance{head}\n{rows}"
    report = take(text + f"4,1001,Bakery, Sample{tail}\n5,1001,A,1,250.00{tail}\n")
    assert list(why(report)) == [5, 6]
    assert files.balances("1", "3", "4", "5") == [5_00, 5_00, None, None]


def test_quotes_after_a_blank_are_quotes(take: Take, files: Files) -> None:
    head = '"Invoice", "Customer #", "Customer", "Balance"\n'
    take(head + '"1", "1001", "Bakery, Sample", "1,250.00"\n2, 1002, 6" Pipe, "5.00"\n')
    assert files.balances("1", "2") == [1_250_00, 5_00]


@pytest.mark.parametrize("end", ["1", "125", "1250", "1250.", "1250.5", "$1", "-12", "($7"])
def test_an_amount_at_which_the_file_ends_is_not_its_whole(end: str, take: Take, files: Files) -> None:
    """A broken download had 1,250.00 payable as 125.00."""
    text = f"Invoice,Customer #,Customer,Balance\n1,1001,A,7.00\n2,1001,A,{end}"
    report = take(text)
    assert why(report) == {3: "the file ends in the middle of this amount"}
    assert files.balances("1", "2") == [7_00, None]


@pytest.mark.parametrize("text", ["1,1001,A,7.00\n2,1001,A,5.00", "1,1001,A,7\n2,1001,A,5", "2,1001,A,5"])
def test_a_file_without_a_last_line_break_is_whole(text: str, take: Take, files: Files) -> None:
    assert why(take(f"Invoice,Customer #,Customer,Balance\n{text}")) == {}
    assert files.balances("2") == [5_00]


def test_zero_bytes_are_damage_inside_a_number_and_nothing_at_the_end(take: Take, files: Files) -> None:
    rows = "501\0" + "23,1001,A,02108,5.00,\n50124,10\0" + "01,A,02108,5.00,\n50125\0,1001,A,02108,5.00,\n"
    report = take(HEAD + rows + GOOD + "\0" * 900)
    assert list(why(report)) == [2, 3]
    assert files.balances("50123", "50124", "50125", "60000") == [None, None, 5_00, 1_00]


@pytest.mark.parametrize(
    "rows",
    [
        "50123,1001,Sample Bakery,02108,1250.00,9/1/2026\n50124,,Harborview Marine,02110,640.00,9/1/2026\n",
        "50123,1001,Sample Bakery,02108,1250.00,9/1/2026\n50124,,,,640.00,9/1/2026\n",
        "50123,1001,Sample Bakery,02108,1250.00,9/1/2026\n50124,,Sample Bakery,02108,640.00,9/1/2026\n",
        ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\nTotal for Sample Bakery,,,,1250.00,\n"
        ",,Harborview,02110,,\n50124,,,,640.00,9/1/2026\n",
        ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\nPage 1 of 2,,,,,\n50124,,,,640.00,\n",
        ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\nSubtotal,,,,1250.00,\n50124,,,,640.00,\n",
        ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\n50124,,Harborview,,640.00,\n",
        ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\n,1002,Harborview,02110,640.00,\n50124,,,,640.00,\n",
        ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\nHarborview Marine,,,,,\n50124,,,,640.00,\n",
        ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\n,x1002,Harborview,02110,,\n50124,,,,640.00,\n",
        ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\n,7,,,,9/1/2026,640.00\n50124,,,,640.00,\n",
        ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\n" + HEAD + "50124,,,,640.00,\n",
    ],
)
def test_a_blank_customer_is_never_that_of_the_row_before(rows: str, take: Take, files: Files) -> None:
    """C03: the ZIP gate showed one customer the invoice of another."""
    report = take(HEAD + rows)
    assert files.balances("50123", "50124") == [1_250_00, None]
    assert any("customer" in reason or "invoice number" in reason for reason in why(report).values())


def test_a_group_of_one_customer_is_read(take: Take, files: Files) -> None:
    report = take(
        HEAD + ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\n50124,,sample bakery,,640.00,\n"
        "Total,,,,1890.00,\n,1002,Harborview,02110,,\n\n50125,1002,,,5.00,\n"
        "Total,,,,5.00,\nGrand Total,,,,1895.00,\n"
    )
    assert files.balances("50123", "50124", "50125") == [1_250_00, 640_00, 5_00]
    assert report.rejects == ()
    assert all(figure.proven for figure in report.figures)
    assert len(report.figures) == 3
    found = files.cache.customer("1002")
    assert found is not None
    assert (found.name, found.zip_code) == ("Harborview", "02110")


@pytest.mark.parametrize(
    ("total", "left_out"),
    [
        ("2,,,Total,1890.00,", True),
        ("2,,,,1890.00,Total", True),
        ("2,,,,1890.00,", True),
        ("2,Total,,,1890.00,", True),
        ("2,,Sample Bakery,,1890.00,", True),
        ("2,1001,Sample Bakery,02108,1890.00,", True),
        ("3,,,Grand Total,1890.00,", False),
        ("2,,,Sub-total,1889.00,", False),
    ],
)
def test_a_total_with_the_count_of_its_rows_is_no_invoice(
    total: str, left_out: bool, take: Take, files: Files
) -> None:
    """A subtotal of two invoices was payable as invoice 2, on top of both."""
    group = ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,9/1/2026\n50140,,,,640.00,9/1/2026\n"
    report = take(f"{HEAD}{group}{total}\n,1002,Harborview,02110,,\n50201,,,,5.00,\n1,,,,5.00,\n")
    assert list(why(report)) == ([] if left_out else [5])
    assert files.balances("50123", "50140", "50201", "1", "2", "3") == [1_250_00, 640_00, 5_00, *[None] * 3]


def test_a_total_below_a_refused_row_is_no_invoice_either(take: Take, files: Files) -> None:
    group = ",1001,Sample Bakery,02108,,\n50123,,,,1250.00,\n50140,,,,640.00 ?,\n2,,,,1890.00,\n"
    assert list(why(take(HEAD + group))) == [4, 5]
    assert files.balances("50123", "2") == [1_250_00, None]


def test_a_row_that_repeats_the_one_above_with_the_number_1_is_refused(take: Take, files: Files) -> None:
    rows = "50123,1001,Sample Bakery,02108,1250.00,\n1,1001,Sample Bakery,,1250.00,\n"
    assert list(why(take(HEAD + rows + GOOD))) == [3]
    assert files.balances("50123", "1", "60000") == [1_250_00, None, 1_00]


@pytest.mark.parametrize(
    ("head", "row", "cents"),
    [
        ("Amount,Paid,Balance", "100.00,40.00,60.00", 60_00),
        ("Amount,Paid,Balance", "100.00,0.00,100.00", 100_00),
        ("Amount,Paid,Balance", "100.00,40.00,100.00", None),
        ("Amount,Payments,Balance", "100.00,-40.00,100.00", None),
        ("Invoice Total,Amount Paid,Amount Due", "100.00,40.00,60.00", 60_00),
        ("Invoice Total,Amount Paid,Amount Due", "100.00,100.00,100.00", None),
        ("Amount Due,Amount Paid", "100.00,100.00", None),
        ("Amount,Payments,Adjustments,Balance", "100.00,,-100.00,100.00", None),
        ("Amount,Write-offs,Balance", "100.00,100.00,100.00", None),
        ("Amount,Adj.,Balance", "100.00,5.00,105.00", 105_00),
        ("Amount Due,Total Paid", "100.00,", 100_00),
        ("Total Due,Payments Received", "100.00,0.01", None),
        ("Open Balance,Amount Paid", "100.00,40.00", 100_00),
        ("AmountRemaining,AmtPaid", "100.00,40.00", 100_00),
        ("Current,1-30,Payments", "100.00,0.00,40.00", 100_00),
        ("Amount,Amount Paid,Balance,Status", "100.00,100.00,100.00,Paid", 0),
    ],
)
def test_what_is_paid_is_taken_off_or_the_row_is_refused(
    head: str, row: str, cents: int | None, take: Take, files: Files
) -> None:
    """An invoice of 100.00 of which 100.00 is paid was payable as 100.00."""
    if cents is None:
        with pytest.raises(KnownError, match="isn't clear if it is taken off"):
            take(f"Invoice,Customer #,Customer,{head}\n50123,1001,A,{row}\n")
    else:
        take(f"Invoice,Customer #,Customer,{head}\n50123,1001,A,{row}\n")
    assert files.balances("50123") == [cents]


@pytest.mark.parametrize(
    ("head", "row", "cents"),
    [
        (
            "Current,1-30 Past Due,31-60 Past Due,61+ Past Due,Total",
            "0.00,1250.00,0.00,0.00,1250.00",
            1_250_00,
        ),
        ("Not Yet Due,1-30 (Days) Past Due,31-60 Days Overdue,+90", "1.00,2.00,3.00,4.00", 10_00),
        ("Current,Past Due,Total", "100.00,50.00,150.00", 150_00),
        ("Current,1-30,On Account,Total", "1250.00,0.00,-250.00,1000.00", 1_000_00),
        ("Current,1-30,Unapplied,Total", "1250.00,0.00,250.00,1000.00", 1_000_00),
        ("Current,1-30,Unapplied,Total", "1250.00,0.00,-250.00,1250.00", 1_250_00),
        ("Current,1-30,Balance", " $ -   ,$1250.00,1250.00", 1_250_00),
        (
            "Current,1-30,Total",
            "1250.00,0.00,1000.00",
            r"the aging columns add up to \$1,250.00, but the total is",
        ),
        ("Current,Bucket 2,Total,1-30", "0.00,1250.00,1250.00,0.00", r"the aging columns add up to \$0.00"),
        ("Current,1-30,On Account", "1250.00,0.00,-250.00", "no total to check"),
        ("Current,1-30,Total", "1250.00,0.00,", "no total to check"),
        ("Current,1-30,Total", ",,", "no balance"),
        ("Balance,Unapplied Credits", "1250.00,250.00", "250.00 is on account"),
        ("Current,1-30,Total", "1250.00,#REF!,1250.00", "is not an amount"),
        ("Current,61-90,Over 90,Over 120", "0.00,0.00,100.00,100.00", "Over 120 may be a part of Over 90"),
        ("Over 30,Over 60,Over 90", "50.00,50.00,0.00", "Over 60 may be a part of Over 30"),
        ("Current,0-60,31-60", "0.00,100.00,100.00", "31-60 may be a part of 0-60"),
        ("Current,90+,121+", "0.00,100.00,100.00", r"121\+ may be a part of 90\+"),
        ("Over 30,Over 60,Over 90", "0.00,50.00,0.00", 50_00),
        ("Over 30,Over 60,Over 90,Total", "25.00,50.00,0.00,75.00", 75_00),
        ("0-30,30-60,60-90", "5.00,5.00,5.00", 15_00),
        ("Balance,Side", "100.00,Cr", "“Cr” is beside a balance above zero"),
        ("Side,Balance", "CR.,100.00", "“CR.” is beside a balance above zero"),
        ("Balance,Side", "-100.00,CR", -100_00),
    ],
)
def test_a_balance_is_one_proven_sum(head: str, row: str, cents: int | str, take: Take, files: Files) -> None:
    """C05, C06: "Nothing owed" for 1,250.00, and 1,250.00 for 1,000.00."""
    text = f"Invoice,Customer #,Customer,{head}\n50123,1001,Sample Bakery,{row}\n"
    if isinstance(cents, str):
        with pytest.raises(KnownError, match=cents):
            take(text)
    else:
        take(text)
        assert files.balances("50123") == [cents]


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Debit,Credit,Balance", ["100.00,,100.00", "50.00,,150.00", ",30.00,120.00"]),
        ("Charges,Payments,Balance", ["$100.00,,$100.00", "$50.00,,$150.00", '"$1,150.00",,"$1,300.00"']),
        ("Amount,Balance", ["100.00,100.00", "50.00,150.00", "20.00,170.00"]),
        ("Amount,Balance", ["100,100", "50,150", "-20,130"]),
        ("Previous Balance,New Charges,Balance", ["100.00,50.00,150.00", "150.00,25.00,175.00"]),
        ("Premium,Tax,Amount,Balance", ["90.00,10.00,100.00,100.00", "40.00,10.00,50.00,150.00"] * 2),
    ],
)
def test_a_running_balance_is_asked_about(
    head: str, rows: list[str], take: Take, files: Files, tmp_path: Path
) -> None:
    """The second invoice of a statement, of 50.00, was payable as 150.00."""
    lines = "".join(f"{50123 + at},1001,A,{row}\n" for at, row in enumerate(rows))
    with pytest.raises(KnownError, match=r"“Balance” is the account's balance after each row.*line 3: "):
        take(f"Invoice,Customer #,Customer,{head}\n{lines}")
    preview = files.importing.preview(tmp_path / "r.csv")
    header = preview.header
    for heading in head.split(",")[:-1]:
        header = header.with_column("ignore", heading)
    assert files.importing.look_again(preview, header).questions == ()


@pytest.mark.parametrize("second", ["400.00", ""])
@pytest.mark.parametrize("balance", ["Balance", "Total Due", "Amount Due"])
def test_what_a_customer_owes_in_all_is_no_invoices_balance(
    balance: str, second: str, take: Take, files: Files, tmp_path: Path
) -> None:
    """An invoice of 100.00 was payable as 400.00, and so was the other one."""
    head = f"Invoice,Customer #,Customer,Amount,{balance}\n"
    rows = f"50123,1001,A,100.00,400.00\n50124,1001,A,300.00,{second}\n50125,1002,B,50.00,50.00\n"
    with pytest.raises(KnownError, match=f"“{balance}” is what each customer owes in all.*for 1 customer"):
        take(head + rows)
    preview = files.importing.preview(tmp_path / "r.csv")
    by_amount = preview.header.with_column("balance", "Amount")
    assert files.importing.look_again(preview, by_amount).survey.open_total.cents == 450_00
    ignored = preview.header.with_column("ignore", "Amount")
    assert files.importing.look_again(preview, ignored).questions == ()


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Amount,Balance", ["0.00,0.00", "0.00,0.00"]),
        ("Amount,Balance", ["100.00,40.00", "300.00,300.00"]),
        ("Previous Balance,Balance", ["0.00,150.00", "0.00,175.00"]),
        ("Amount,Balance", ["400.00,400.00", "200.00,200.00", "100.00,100.00"]),
        ("Amount,Balance", ["50.00,50.00", "100.00,100.00", "150.00,150.00"]),
        ("Amount,Paid,Balance", ["100.00,60.00,40.00", "140.00,40.00,100.00", "70.00,7.00,63.00"]),
        ("Amount,Balance,Days", ["100,100,5", "110,110,10", "90,90,7"]),
    ],
)
def test_balances_that_differ_by_an_amount_now_and_then_are_no_running_ones(
    head: str, rows: list[str], take: Take
) -> None:
    lines = "".join(f"{50123 + at},1001,A,{row}\n" for at, row in enumerate(rows))
    assert take(f"Invoice,Customer #,Customer,{head}\n{lines}").run.accepted == len(rows)


def test_an_unknown_column_among_the_ages_is_asked_about(take: Take, files: Files, tmp_path: Path) -> None:
    text = "Invoice,Customer #,Customer,Current,Bucket 2,61-90\n50123,1001,Sample Bakery,0.00,1250.00,0.00\n"
    with pytest.raises(
        KnownError, match=r"“Bucket 2” may be one of them. Say so with --column aging=HEADING"
    ):
        take(text)
    preview = files.importing.preview(tmp_path / "r.csv")
    for name, cents in (("aging", 1_250_00), ("ignore", 0)):
        better = files.importing.look_again(preview, preview.header.with_column(name, "Bucket 2"))
        assert better.questions == ()
        assert better.survey.open_total.cents == cents


CLOSED = (
    "Void", "Voided", "PAID", "Paid in full", "Closed", "Cancelled", "Canceled", "Written off",
    "Paid 9/1/2026",
)  # fmt: skip
OPEN = ("Open", "", "Partially Paid", "Overdue", "Overdue 30 days", "Unpaid", "Paid in part")


def test_a_paid_or_void_row_is_not_payable(take: Take, files: Files) -> None:
    """C10."""
    rows = [f"{at},1001,A,5.00,{status}\n" for at, status in enumerate((*CLOSED, *OPEN), 1)]
    take("Invoice,Customer #,Customer,Balance,Status\n" + "".join(rows))
    assert files.balances(*map(str, range(1, len(rows) + 1))) == [0] * len(CLOSED) + [5_00] * len(OPEN)


@pytest.mark.parametrize(
    ("heading", "closed", "still_open", "unclear"),
    [
        ("Void", ("Yes", "Y", "x", "TRUE", "1", "9/1/2026", "VOID (JD)"), ("No", "", "0", "-"),
         ("maybe", "5.00")),
        ("Void?", ("Y", "Void"), ("N", "FALSE"), ("see note",)),
        ("Void Date", ("9/1/2026", "2026-09-01"), ("",), ("soon",)),
        ("Paid?", ("Yes", "T", "Paid in full"), ("No", "Partial"), ("1", "9/1/2026")),
        ("Paid", ("Y",), ("0.00", "40.00", "$1,250.00"), ("check 77",)),
        ("Date Paid", (), ("",), ("9/1/2026", "01-SEP-2026")),
        ("Is Open", ("No", "False"), ("Yes", "", "1", "5.00"), ("0",)),
        ("Unpaid", ("N",), ("Y",), ()),
        ("VoidFlag", ("Y",), ("N", "0.00"), ()),
        ("Void Ind.", ("Y",), ("N",), ()),
        ("Pd", ("Y",), ("N",), ()),
        ("Invoice Paid In Full", ("Y",), ("N",), ()),
        ("Written Off", ("Y",), ("", "0.00"), ("2.00",)),
        ("Paid/Unpaid", ("Paid",), ("Unpaid",), ()),
        ("Open/Closed", ("Closed",), ("Open",), ()),
        ("Invoice State", ("Void",), ("Open",), ()),
        ("Policy Status", (), ("Cancelled", "Active"), ()),
        ("Paid To Date", (), ("1", "9/1/2026"), ()),
        ("Status", ("Void - duplicate", "Paid by check", "Closed 9/1/2026", "Paid 01-Sep-2026"),
         ("Un-paid", "Not void", "NSF", "Due in 5 days"),
         ("Yes", "Closed - Unpaid", "Paid $50 of $100", "Paid 0.00", "Void pending", "Paid to carrier")),
    ],
)  # fmt: skip
def test_a_column_that_says_closed_is_believed(
    heading: str,
    closed: tuple[str, ...],
    still_open: tuple[str, ...],
    unclear: tuple[str, ...],
    take: Take,
    files: Files,
) -> None:
    """C10: "Paid? Y" and a void date were payable, and "Closed - Unpaid" was not."""
    words = [*closed, *still_open, *unclear]
    rows = [f"{at},1001,A,5.00,{cell(word)}\n" for at, word in enumerate(words, 1)]
    report = take(f"Invoice,Customer #,Customer,Balance,{heading}\n" + "".join(rows) + "999,1001,A,5.00,\n")
    owed = [0] * len(closed) + [5_00] * len(still_open) + [None] * len(unclear)
    assert files.balances(*map(str, range(1, len(words) + 1))) == owed
    assert len(report.rejects) == len(unclear)


def test_what_a_database_writes_for_nothing_is_blank(take: Take, files: Files) -> None:
    text = "Invoice,CustNo,CustName,Zip,Balance,Status,Policy\n1,1001,A,NULL,5.00,NULL,NULL\n"
    report = take(
        text + "2,NULL,B,02108,5.00,Open,P\n3,1003,NULL,02108,5.00,Open,P\n4,1004,A,02108,NULL,Open,P\n"
    )
    assert list(why(report)) == [3, 4, 5]
    found = files.cache.invoice("1")
    assert found is not None
    assert (found.balance.cents, found.policy_number) == (5_00, "")
    report = take(
        "Invoice,CustNo,CustName,Zip,Balance\n5,1005,NULL,02108,5.00\n6,1006,A,NULL,6.00\n", "b.csv"
    )
    assert list(why(report)) == [2]


def test_a_void_column_counts_beside_a_status(take: Take, files: Files) -> None:
    rows = "1,1001,A,5.00,Open,Yes\n2,1001,A,5.00,Open,\n3,1001,A,5.00,Paid,No\n4,1001,A,0.00,Open,\n"
    take("Invoice,Customer #,Customer,Balance,Status,Voided\n" + rows)
    assert files.balances("1", "2", "3", "4") == [0, 5_00, 0, 0]
    take("Invoice,Customer #,Customer,Balance,Date Paid\n5,1001,A,0.00,9/1/2026\n", "b.csv")
    assert files.balances("5") == [0]


def test_an_unknown_status_or_another_currency_is_refused(take: Take, files: Files) -> None:
    report = take(
        "Invoice,Customer #,Customer,Balance,Status,Currency\n"
        "1,1001,A,5.00,Zebra,USD\n2,1001,A,5.00,Open,CAD\n"
        "3,1001,A,5.00,Open,US$\n"
    )
    assert why(report) == {2: "“Zebra” isn't a status PayDesk knows", 3: "“CAD” is not US dollars"}
    assert files.balances("3") == [5_00]


AMOUNTS = [
    "1\u00a0250.00", "1\u202f250.00", "1'250.00", "1’250.00",
    "+1,250.00", "US$1,250.00", "USD 1,250.00", "1,250.00 DR",
    "1250.000", "1,250.00\u200e", "\u200e$1,250.00", "1250.00*",
    "$ 1,250.00 ", "1 250.00", '="1250.00"', "'1250.00",
    "１,２５０.００", "1250.", "1,250", "$1,250.00 USD",
]  # fmt: skip
CREDITS = [
    "1,250.00 Cr.", "CR 1,250.00", "CR 1,250", "-($1,250.00)",
    "(1,250.00)", "($1,250.00)", "$(1,250.00)", "1,250.00-",
    "-1,250.00", "- 1,250.00", "\u22121,250.00", "-$1,250.00", "$-1,250.00", "–1,250.00", "1250.00CR",
    "<1,250.00>", "$<1,250.00>",
]  # fmt: skip


def cell(text: str) -> str:
    """Return a text as a cell of a CSV file."""
    return '"' + text.replace('"', '""') + '"'


def test_dashes_alone_are_zero(take: Take, files: Files) -> None:
    dashes = ("-", "--", "- -", "---", "$ -", "$--", "-$-", "—", "–")
    take(HEAD + "".join(f"{at},1001,A,02108,{one},\n" for at, one in enumerate(dashes, 1)))
    assert files.balances(*map(str, range(1, len(dashes) + 1))) == [0] * len(dashes)


def test_clear_spellings_of_an_amount_are_read(take: Take, files: Files) -> None:
    """C13, C14, C15."""
    spelled = [*AMOUNTS, *CREDITS]
    report = take(HEAD + "".join(f"{at},1001,A,02108,{cell(one)},\n" for at, one in enumerate(spelled, 1)))
    assert why(report) == {}
    owed = [1_250_00] * len(AMOUNTS) + [-1_250_00] * len(CREDITS)
    assert files.balances(*map(str, range(1, len(spelled) + 1))) == owed


UNCLEAR = (
    "€640.00", "£5.00", "CAD 5.00", "1,25.00", "1.25.00", "12.345", "1,250.00 or so", "TRUE",
    "#N/A", "1e3", "--5",
    "1.250", "<5.00", "$5.00 $", "USD 5.00 USD", "(5.00>",
)  # fmt: skip


def test_an_unclear_amount_is_refused(take: Take, files: Files) -> None:
    rows = [f"{at},1001,A,02108,{cell(one)},\n" for at, one in enumerate(UNCLEAR, 1)]
    report = take(HEAD + "".join(rows) + GOOD)
    assert list(why(report)) == list(range(2, len(UNCLEAR) + 2))
    assert files.balances("1", "12", "60000") == [None, None, 1_00]


def test_a_decimal_comma_is_decided_from_the_whole_column(take: Take, files: Files) -> None:
    """C17: never a hundred times too much."""
    head = "Invoice;Customer #;Customer;Balance\n"
    take(head + "1;1001;A;1.250,00\n2;1001;A;12,50\n3;1001;A;7\n")
    assert files.balances("1", "2", "3") == [1_250_00, 12_50, 7_00]
    report = take(head + "4;1001;A;1.250,00\n5;1001;A;12.50\n", "mixed.csv")
    assert list(why(report)) == [2]
    assert files.balances("4", "5") == [None, 12_50]
    with pytest.raises(KnownError, match="is not an amount"):
        take(head + "6;1001;A;1,250.00\n", "forced.csv", decimal=DecimalSign.COMMA)


DATES = [
    "2026/09/01", "2026.09.01", "2026-09-01", "20260901",
    "01SEP2026", "Tue Sep 1 2026", "Sep 1, 2026", "1-Sep-26",
    "September 1, 2026", "9/1/26", "09/01/2026 12:00:00 AM",
    "46266", "46266.0", "2026-09-01T00:00:00", "Sept. 1, 2026",
    "1 September 2026",
]  # fmt: skip


def dues(take: Take, files: Files, texts: Sequence[str]) -> tuple[list[date | None], int]:
    """Import an invoice for each due date. Return what was read, and the number of cells left blank."""
    report = take(HEAD + "".join(f"{at},1001,A,02108,5.00,{cell(one)}\n" for at, one in enumerate(texts, 1)))
    found = [files.cache.invoice(str(at)) for at in range(1, len(texts) + 1)]
    assert all(one is not None and one.balance.cents == 5_00 for one in found)
    return [one.due_date for one in found if one], report.lost_count


def test_clear_spellings_of_a_date_are_read(take: Take, files: Files) -> None:
    """C21."""
    assert dues(take, files, DATES) == ([date(2026, 9, 1)] * len(DATES), 0)


def test_an_unreadable_date_costs_its_cell_and_not_the_row(take: Take, files: Files) -> None:
    """C19."""
    lost = ("Due on receipt", "TBD", "N/A", "-", "13/45/2026", "2/30/2026", "7", "Net 30")
    none = ("12/31/9999", "00/00/0000", "", "1/1/1900")
    assert dues(take, files, (*lost, *none)) == ([None] * 12, len(lost))


def test_two_digits_of_a_year_from_69_are_of_the_last_century(take: Take, files: Files) -> None:
    take(HEAD + "50123,1001,Sample Bakery,02108,5.00,9/1/99\n")
    found = files.cache.invoice("50123")
    assert found is not None
    assert found.due_date == date(1999, 9, 1)


DAY_FIRST = (
    "50123,1001,A,02108,10.00,5/3/2026\n50124,1001,A,02108,10.00,23/3/2026\n"
    "50125,1001,A,02108,10.00,9/3/2026\n"
)


def test_one_date_decides_the_order_for_the_whole_file(take: Take, files: Files) -> None:
    """C20: 887 dates had day and month changed, and 1,579 rows were refused."""
    take(HEAD + DAY_FIRST)
    found = [files.cache.invoice(number) for number in ("50123", "50124", "50125")]
    assert [str(one.due_date) for one in found if one] == ["2026-03-05", "2026-03-23", "2026-03-09"]


@pytest.mark.parametrize(
    ("balance", "dates", "read"),
    [
        ("1.250,00", ["1.9.2026", "2.10.2026"], ["2026-09-01", "2026-10-02"]),
        ("1.250,00", ["1/9/2026", "2/10/2026"], ["2026-09-01", "2026-10-02"]),
        ("12,50", ["1.9.2026", "9.20.2026"], ["2026-01-09", "2026-09-20"]),
        ("12.50", ["1.9.2026", "2.10.2026"], ["2026-01-09", "2026-02-10"]),
        ("12.50", ["1.9.2026", "20.9.2026"], ["2026-09-01", "2026-09-20"]),
        ("12", ["1.9.2026", "2.10.2026"], ["2026-01-09", "2026-02-10"]),
    ],
)
def test_where_amounts_have_a_decimal_comma_the_day_is_first_unless_a_date_proves_otherwise(
    take: Take, files: Files, balance: str, dates: list[str], read: list[str]
) -> None:
    head = "Invoice;Customer #;Customer;Balance;Due Date\n"
    take(head + "".join(f"{at};1001;A;{balance};{due}\n" for at, due in enumerate(dates, 1)))
    found = [files.cache.invoice(str(at)) for at, _ in enumerate(dates, 1)]
    assert [str(one.due_date) for one in found if one] == read


@pytest.mark.parametrize(
    ("decimal", "due"),
    [(DecimalSign.COMMA, "2026-09-01"), (DecimalSign.POINT, "2026-01-09"), (None, "2026-01-09")],
)
def test_a_decimal_sign_that_a_person_chose_decides_the_order_of_dates_too(
    take: Take, files: Files, decimal: DecimalSign | None, due: str
) -> None:
    take("Invoice;Customer #;Customer;Balance;Due Date\n1;1001;A;12;1.9.2026\n", decimal=decimal)
    found = files.cache.invoice("1")
    assert found is not None
    assert str(found.due_date) == due


def test_two_orders_in_one_file_are_asked_about(take: Take, files: Files) -> None:
    text = HEAD + DAY_FIRST + GOOD
    with pytest.raises(
        KnownError, match=r"1 with the month first \(line 5: 9/20/2026\), 1 with the day first"
    ):
        take(text)
    assert files.balances("50123") == [None]
    report = take(text, date_order=DateOrder.DAY_FIRST)
    assert (report.run.accepted, report.lost_count) == (4, 1)


def test_a_date_deep_in_the_file_that_contradicts_stops_the_import(
    take: Take, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.services.invoices.import_preview.SURVEYED", 8)
    rows = "".join(f"{at},1001,A,02108,10.00,5/3/2026\n" for at in range(1, 30))
    with pytest.raises(KnownError, match="Line 31 has a date in another order of day and month: 23/3/2026"):
        take(HEAD + rows + DAY_FIRST.split("\n")[1] + "\n")
    assert files.balances("1") == [None]


NUMBERS = (
    "INV-{}", "INV{}", "Inv. #{}", '"50,{}"', "'{}", '"=""{}"""', "{}*", "{}.0", "#{}", "00{}", "{} ",
    "Invoice No. {}", "{}.00", "inv_{}",
)  # fmt: skip


def test_a_number_that_the_lookup_takes_is_taken_from_a_file(take: Take, files: Files) -> None:
    """C34."""
    rows = [form.format(100 + at) + ",1001,A,02108,5.00,\n" for at, form in enumerate(NUMBERS)]
    report = take(HEAD + "".join(rows))
    assert why(report) == {}
    numbers = [str(100 + at) if "," not in form else f"50{100 + at}" for at, form in enumerate(NUMBERS)]
    assert files.balances(*numbers) == [5_00] * len(NUMBERS)


def test_what_is_no_number_is_refused(take: Take) -> None:
    texts = ("1.23E+11", "INV-A", "0", "12345678901", "50123-123", "INV-2026-50123", "A50123B", "50123.5")
    report = take(HEAD + "".join(f"{text},1001,A,02108,5.00,\n" for text in texts) + GOOD)
    assert [reason for reason in why(report).values() if "is not an invoice number" in reason] == list(
        why(report).values()
    )
    assert list(why(report)) == list(range(2, len(texts) + 2))


def test_full_width_digits_are_digits(take: Take, files: Files) -> None:
    """C77: the lookup takes them."""
    take(HEAD + "５０１２３,１００１,A,02108,5.00,\n")
    found = files.cache.invoice("50123")
    assert found is not None
    assert found.customer_number == "1001"


def test_spellings_of_a_customer_number(take: Take, files: Files) -> None:
    texts = ("1001", "1001.0", "'1001", '"1,001"', "01001", "#1001", '"=""1001"""')
    take(HEAD + "".join(f"{at},{text},A,02108,5.00,\n" for at, text in enumerate(texts, 1)))
    found = [files.cache.invoice(str(at)) for at in range(1, len(texts) + 1)]
    assert {one.customer_number for one in found if one} == {"1001"}


def book(rows: list[list[object]], change: Callable[[openpyxl.Workbook], None] = lambda _book: None) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(HEAD.strip().split(","))
    for row in rows:
        sheet.append(row)
    change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


ROWS: list[list[object]] = [
    [50123, 1001, "Sample Bakery", 2108, 1250.0, datetime.fromisoformat("2026-09-01")],
    [50124, 1002, "Harborview Marine", 2110, 640.0, datetime.fromisoformat("2026-09-02")],
]


@pytest.mark.parametrize("name", ["r.xlsx", "r.xls", "r.csv", "r.txt", "R.XLSM"])
def test_a_workbook_is_one_whatever_its_name(name: str, take: Take, files: Files) -> None:
    """C27."""
    take(book(ROWS), name)
    assert files.balances("50123", "50124") == [1_250_00, 640_00]


def test_the_sheet_with_the_invoices_is_chosen(take: Take, files: Files) -> None:
    """C25."""

    def cover(made: openpyxl.Workbook) -> None:
        made.create_sheet("Cover", 0)["A1"] = "Receivables"
        hidden = made.create_sheet("Old", 0)
        hidden.append([*HEAD.strip().split(","), "Invoice Date", "Description"])
        hidden.append([1, 1001, "A", 2108, 5.0])
        hidden.sheet_state = "hidden"

    take(book(ROWS, cover))
    assert files.balances("50123", "1") == [1_250_00, None]
    take(book(ROWS, cover), sheet="old")
    assert files.balances("1") == [5_00]
    with pytest.raises(KnownError, match=r"no sheet “Nope”\. Choose one of its sheets: Old, Cover, Sheet"):
        take(book(ROWS, cover), sheet="Nope")
    with pytest.raises(KnownError, match="Only a workbook has sheets"):
        take(HEAD + GOOD, "x.csv", sheet="Nope")


def test_errors_and_missing_results_of_formulas_are_no_values(take: Take, files: Files) -> None:
    """C30, and keys that a formula did not tell."""
    rows: list[list[object]] = [
        [1, 1001, "#NAME?", 2108, 1.0, None],
        [2, 1001, True, 2108, 1.0, None],
        [3, "=A2+1", "Sample Bakery", 2108, 1.0, None],
        [4, 1001, "Sample Bakery", 2108, "=SUM(E2:E3)", None],
        [5, 1001, "Sample Bakery", "=D2", 5.0, "=TODAY()"],
        ["=A2", 1001, "Sample Bakery", 2108, 1.0, None],
        [7, 1001, "Sample Bakery", 2108, True, None],
    ]
    report = take(book(rows), "r.xlsx")
    assert list(why(report)) == [2, 3, 4, 5, 7, 8]
    assert (files.balances("5"), report.lost_count) == ([5_00], 2)
    found = files.cache.customer("1001")
    assert found is not None
    assert found.name == "Sample Bakery"


def test_cells_merged_downwards_fill_their_rows(take: Take, files: Files) -> None:
    def merged(made: openpyxl.Workbook) -> None:
        sheet = made.active
        assert sheet is not None
        for column in "BCD":
            sheet.merge_cells(f"{column}2:{column}3")

    rows: list[list[object]] = [
        ROWS[0],
        [50124, None, None, None, 640.0, None],
        [50125, None, None, None, 1.0, None],
    ]
    report = take(book(rows, merged), "r.xlsx")
    assert files.balances("50123", "50124", "50125") == [1_250_00, 640_00, None]
    assert why(report) == {4: "no customer number"}


@pytest.mark.parametrize("amount", [1250.0, 1250, "$1,250.00"])
def test_an_amount_merged_over_two_invoices_is_the_balance_of_neither(
    amount: object, take: Take, files: Files
) -> None:
    """One balance of 1,250.00 was payable twice."""

    def merged(made: openpyxl.Workbook) -> None:
        sheet = made.active
        assert sheet is not None
        sheet.merge_cells("E2:E3")

    first: list[object] = [50122, 1001, "Sample Bakery", 2108, amount, None]
    second: list[object] = [50123, 1001, "Sample Bakery", 2108, None, None]
    report = take(book([first, second, ROWS[1]], merged), "r.xlsx")
    assert why(report) == {
        2: "Balance is one cell for several rows",
        3: "Balance is one cell for several rows",
    }
    assert files.balances("50123", "50124") == [None, 640_00]


def test_a_record_of_two_rows_is_one_invoice(take: Take, files: Files) -> None:
    def merged(made: openpyxl.Workbook) -> None:
        sheet = made.active
        assert sheet is not None
        for column in "ABCDEF":
            sheet.merge_cells(f"{column}2:{column}3")

    nothing: list[object] = [None] * 6
    report = take(book([ROWS[0], nothing, ROWS[1]], merged), "r.xlsx")
    assert why(report) == {}
    assert files.balances("50123", "50124") == [1_250_00, 640_00]


@pytest.mark.parametrize("heading", ["Status", "Type", "Bill Method", "Currency", "Void"])
@pytest.mark.parametrize("value", ["#N/A", "#REF!", "=A1", "=VLOOKUP(A2,X:Y,2)"])
def test_a_word_that_decides_is_no_error_and_no_formula(
    heading: str, value: str, take: Take, files: Files
) -> None:
    """An error of Excel under Status counted as open, and one under Bill Method as agency bill."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["Invoice", "Customer #", "Customer", "Balance", heading])
    sheet.append([1, 1001, "A", 5.0, value])
    sheet.append([2, 1001, "A", 5.0, None])
    out = io.BytesIO()
    made.save(out)
    report = take(out.getvalue(), "r.xlsx")
    assert list(why(report)) == [2]
    assert why(report)[2].startswith(f"{heading} is ")
    assert files.balances("1", "2") == [None, 5_00]


def test_a_summary_by_customer_is_not_the_sheet_of_invoices(take: Take, files: Files) -> None:
    def summary(made: openpyxl.Workbook) -> None:
        first = made.create_sheet("Summary", 0)
        first.append(["Customer", "Customer #", "ZIP", "Balance", "Due Date", "Phone", "Email"])
        first.append(["Sample Bakery", 1001, "02108", 1250.0, None, None, None])

    take(book(ROWS, summary))
    assert files.balances("50123", "50124") == [1_250_00, 640_00]


def test_headings_in_two_rows_are_read(take: Take, files: Files, tmp_path: Path) -> None:
    """C23."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["Invoice", "Customer", None, None, "Amounts", "Dates"])
    sheet.append([None, "Number", "Name", "ZIP", "Balance", "Due"])
    for row in ROWS:
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:D1")
    made.save(tmp_path / "two.xlsx")
    take((tmp_path / "two.xlsx").read_bytes(), "two.xlsx")
    assert files.balances("50123", "50124") == [1_250_00, 640_00]
    found = files.cache.customer("1001")
    assert found is not None
    assert found.zip_code == "02108"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><body><table><tr><td>Invoice</td></tr></table></body></html>", "is a web page"),
        (b"  <!DOCTYPE html>\n<html>", "is a web page"),
        (b"<table><tr><td>Invoice</td></tr></table>", "is a web page"),
        (b"<div><table><tr><td>Invoice</td></tr></table></div>", "is a web page"),
        (b"\xef\xbb\xbf<html><table></table></html>", "is a web page"),
        ("\ufeff<html><table></table></html>".encode("utf-16-le"), "is a web page"),
        ("\ufeff<?xml version='1.0'?>".encode("utf-16-be"), "is an XML file"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b'<?xml version="1.0"?><Workbook/>', "is an XML file"),
        (b"%PDF-1.7 whatever", "is a PDF"),
        (b"{\\rtf1 whatever}", "is a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is an old Excel file"),
    ],
)
def test_another_kind_of_file_is_said_plainly(content: bytes, words: str, take: Take) -> None:
    with pytest.raises(KnownError, match=f"r.xls {words}"):
        take(content, "r.xls")


@pytest.mark.parametrize("length", [99_000, 101_000, 131_072, 140_000, 400_000])
def test_a_very_long_cell_is_no_crash(length: int, take: Take, files: Files) -> None:
    """C78: the second import in one process ended in a raw error."""
    for quote in ("", '"'):
        text = f"Invoice,Customer #,Customer,Balance,Memo\n50123,1001,A,5.00,{quote}{'x' * length}{quote}\n"
        take(text + f"50124,1001,A,6.00,{quote and 1}\n", f"r{len(quote)}.csv")
        assert files.balances("50123", "50124") == [5_00, 6_00]


def test_a_file_of_one_customer_that_names_none(take: Take, files: Files) -> None:
    """C37: AMS360's own export of a customer's invoices has no customer column."""
    text = "Invoice #,Invoice Date,Due Date,Balance\n50123,9/1/2026,9/30/2026,5.00\n"
    with pytest.raises(KnownError, match="Choose a column for each") as told:
        take(text)
    assert told.value.for_admin.endswith("If all of it is of one customer: --customer NUMBER.")
    with pytest.raises(KnownError, match="doesn't know the name of customer 1001"):
        take(text, customer=("1001", ""))
    take(text, customer=("1001", "Sample Bakery"))
    found = files.cache.invoice("50123")
    assert found is not None
    assert (found.customer_number, found.customer_name) == ("1001", "Sample Bakery")
    take(text.replace("50123", "50124"), "next.csv", customer=("1001", ""))
    assert files.balances("50124") == [5_00]
    report = take(
        HEAD + "50125,1002,B,02108,5.00,\n50126,1001,A,02108,5.00,\n", "b.csv", customer=("1001", "A")
    )
    assert why(report) == {2: "customer 1002, not 1001"}


def test_customers_are_counted_once(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    """C35."""
    monkeypatch.setattr("paydesk.services.invoices.importing.CHUNK", 100)
    report = take(
        HEAD + "".join(f"{1000 + at},{1000 + at % 50},C{at % 50},02108,10.00,\n" for at in range(500))
    )
    assert (report.run.accepted, report.customers) == (500, 50)


def test_two_columns_of_balances_must_agree(take: Take, files: Files) -> None:
    report = take("Invoice,Customer #,Customer,Balance,Amount Due\n1,1001,A,5.00,2.00\n2,1001,A,5.00,5.00\n")
    assert why(report) == {2: "Amount Due is $2.00, but the balance is $5.00"}
    assert files.balances("2") == [5_00]


@pytest.mark.parametrize("heading", ["Invoice", "Customer #"])
def test_two_columns_of_one_heading_must_agree(heading: str, take: Take, files: Files) -> None:
    """Two tables side by side, or a column pasted twice: the first was believed."""
    text = f"Invoice,Customer #,Customer,Balance,{heading}\n1,1001,A,5.00,77\n"
    same = {"Invoice": "2", "Customer #": "1001"}[heading]
    report = take(text + f"2,1001,A,5.00,{same}\n3,1001,A,5.00,\n")
    assert why(report) == {2: f"two columns are {heading}, and they differ"}
    assert files.balances("1", "2", "3") == [None, 5_00, 5_00]


def test_a_payment_is_no_invoice(take: Take, files: Files) -> None:
    report = take(
        "Type,Num,Customer #,Customer,Balance\nInvoice,1,1001,A,5.00\nPayment,2,1001,A,-3.00\n"
        "Credit Memo,3,1001,A,-2.00\n"
    )
    assert why(report) == {3: "“Payment” isn't an invoice"}
    assert files.balances("1", "2", "3") == [5_00, None, -2_00]


@pytest.mark.parametrize(
    "other",
    [
        "50123,1001,A,-2.00,Payment",
        "INV-50123,1001,A,€2.00,Invoice",
        "050123,,A,2.00,Invoice",
        "50123,1001,A,,",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_refused_row_takes_the_other_rows_of_its_invoice_with_it(
    other: str, first: bool, take: Take, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invoice of 5.00 with a refused payment of 2.00 was payable as 5.00."""
    for chunk in (100, 1):
        monkeypatch.setattr("paydesk.services.invoices.importing.CHUNK", chunk)
        rows = [other, "50123,1001,A,5.00,Invoice"] if first else ["50123,1001,A,5.00,Invoice", other]
        text = "Invoice,Customer #,Customer,Balance,Type\n" + "\n".join(
            [*rows, "50124,1001,A,6.00,Invoice\n"]
        )
        report = take(text, f"{chunk}.csv")
        assert list(why(report)) == [2, 3]
        assert (report.run.accepted, report.run.open_total.cents) == (1, 6_00)
        assert files.balances("50123", "50124") == [None, 6_00]
        files.importing.undo()


@pytest.mark.parametrize("heading", ["Type", "Tran Type", "Trx Type", "Transaction Code"])
def test_a_payment_in_other_words_is_no_invoice(heading: str, take: Take, files: Files) -> None:
    words = (
        "Payment - Thank You", "Payment Received", "RCPT", "Cash Receipt", "Unapplied Payment", "Pymt",
        "On-account payment", "Direct Bill Invoice",
    )  # fmt: skip
    rows = "".join(f"{at},1001,A,5.00,{word}\n" for at, word in enumerate(words, 1))
    good = "".join(
        f"{at},1001,A,5.00,{word}\n" for at, word in enumerate(("INV", "Down Payment", "Renewal"), 50)
    )
    report = take(f"Invoice,Customer #,Customer,Balance,{heading}\n{rows}{good}")
    assert list(why(report)) == list(range(2, len(words) + 2))
    assert files.balances("1", "50", "51", "52") == [None, 5_00, 5_00, 5_00]


@pytest.mark.parametrize("heading", ["D/C", "Dr/Cr", "DC", "Debit/Credit", "Sign", "+/-"])
def test_a_column_of_signs_makes_credits(heading: str, take: Take, files: Files) -> None:
    """A credit of 3.00 with its C in another column was payable."""
    words = ("C", "Cr.", "-", "credit", "D", "DR", "+", "", "maybe")
    rows = "".join(f"{at},1001,A,3.00,{word}\n" for at, word in enumerate(words, 1))
    report = take(f"Invoice,Customer #,Customer,Balance,{heading}\n{rows}20,1001,A,-3.00,C\n")
    assert list(why(report)) == [10]
    assert files.balances(*map(str, range(1, 10)), "20") == [-3_00] * 4 + [3_00] * 4 + [None, -3_00]


def test_a_credit_that_would_be_owed_is_refused(take: Take, files: Files) -> None:
    words = ("Credit Memo", "CM", "Credit", "Return Premium", "RP")
    rows = "".join(f"{at},1001,A,3.00,{word}\n" for at, word in enumerate(words, 1))
    rows += "".join(f"{at},1001,A,-3.00,{word}\n" for at, word in enumerate(words, 21))
    report = take(f"Invoice,Customer #,Customer,Balance,Type\n{rows}30,1001,A,3.00,Credit card fee\n")
    assert list(why(report)) == [2, 3, 4, 5, 6]
    assert files.balances("1", "21", "30") == [None, -3_00, 3_00]


@pytest.mark.parametrize(
    ("other", "row"),
    [
        ("Invoice,Customer #,Customer,Paid,Balance", "2,1001,A,3.00,9.00"),
        ("Customer #,Invoice,Customer,Balance,Paid", "1001,2,A,9.00,0.00"),
        ("Customer #,Customer,Credit,,", "1001,A,40.00,,"),
    ],
)
def test_a_second_table_is_not_read_by_the_headings_of_the_first(
    other: str, row: str, take: Take, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invoice of 9.00 was payable as 3.00, and one stood under another number."""
    ours = "Invoice,Customer #,Customer,Balance,Paid"
    for chunk in (100, 1):
        monkeypatch.setattr("paydesk.services.invoices.importing.CHUNK", chunk)
        report = take(f"{ours}\n1,1001,A,5.00,2.00\n\n{other}\n{row}\n{row}\n{ours}\n4,1001,A,7.00,0.00\n")
        assert set(why(report).values()) == {"line 4 has other headings"}
        assert list(why(report)) == [4, 5, 6]
        assert files.balances("1", "2", "4", "1001") == [5_00, None, 7_00, None]
        files.importing.undo()


@pytest.mark.parametrize("heading", ["Bill Method", "Bill Mode", "Billed By", "AB/DB"])
def test_a_direct_bill_is_left_out_whatever_its_heading(heading: str, take: Take, files: Files) -> None:
    words = ("DB", "Direct", "Direct-Bill", "Carrier", "Company Bill", "AB", "Agcy", "Agency Bill")
    rows = "".join(f"{at},1001,A,5.00,{word}\n" for at, word in enumerate(words, 1))
    report = take(f"Invoice,Customer #,Customer,Balance,{heading}\n{rows}")
    assert report.left_out == {LeftOut.DIRECT_BILL: 5}
    plans = ("Monthly", "Semi-Annual", "Pay in full", "Installments")
    rows = "".join(f"{at},1001,A,5.00,{word}\n" for at, word in enumerate(plans, 50))
    assert why(take(f"Invoice,Customer #,Customer,Balance,{heading}\n{rows}", "plans.csv")) == {}
    assert files.balances("1", "5", "6", "8") == [None, None, 5_00, 5_00]


def test_a_file_of_two_encodings_keeps_its_letters(take: Take, files: Files) -> None:
    """C31."""
    first, second = "1,1001,Renée,02108,5.00,\n".encode(), "2,1002,Zoë,02108,5.00,\n".encode("cp1252")
    take(HEAD.encode() + first + second)
    found = [files.cache.invoice(number) for number in ("1", "2")]
    assert [one.customer_name for one in found if one] == ["Renée", "Zoë"]


def test_whole_dollars_are_no_cut_amounts(take: Take, files: Files) -> None:
    take("Invoice,Customer #,Customer,Balance,Premium,Days\n1,1001,A,50,600,120\n2,1001,A,5,600,130\n")
    assert files.balances("1", "2") == [50_00, 5_00]


def test_a_label_of_a_total_stands_anywhere(take: Take) -> None:
    report = take(
        "Current,31-60,Total,Memo,Invoice,Customer #,Customer\n1.00,2.00,3.00,x,1,1001,A\n"
        "1.00,2.00,3.00,,Grand Total,,\n"
    )
    assert [figure.proven for figure in report.figures] == [True]
    assert report.rejects == ()
