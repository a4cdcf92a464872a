"""A file closes an invoice only if it is proven complete. Otherwise nothing closes, and the result says
why.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.importing import Scope
from paydesk.domain.invoices.reading import Unproven, is_usual
from paydesk.domain.money import Money
from paydesk.services.invoices.import_preview import Age, Answers
from paydesk.services.invoices.import_words import not_closed
from tests.fakes.files import Files
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import START

HEAD = "Invoice,Customer #,Customer,ZIP,Balance,Due Date\n"
ALL, CUSTOMERS, UNKNOWN = Scope.WHOLE, Scope.CUSTOMERS, Scope.UNKNOWN
Put = Callable[..., Path]


@pytest.fixture
def files(new_ledger: LedgerMaker) -> Files:
    return Files(new_ledger)


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(text: str | bytes, days_ago: float = 0, name: str = "open.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        at = (START - timedelta(days=days_ago)).timestamp()
        os.utime(path, (at, at))
        return path

    return write


def rows(*numbers: int, customer: int = 1001) -> str:
    return "".join(f"{number},{customer},Customer {customer},02108,10.00,9/20/2026\n" for number in numbers)


TEN = range(50_001, 50_011)


@pytest.fixture
def ten(files: Files, put: Put) -> Files:
    """Ten open invoices, of a file of the day before."""
    files.take(put(HEAD + rows(*TEN), days_ago=1))
    return files


def test_a_complete_newer_file_closes_what_it_lacks(ten: Files, put: Put) -> None:
    report = ten.take(put(HEAD + rows(*TEN[1:])))
    assert (report.run.closed, report.run.missing, report.run.unproven) == (1, 1, ())
    assert ten.balances("50001", "50002") == [0, 10_00]


OTHERS = HEAD + rows(*TEN[2:])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (OTHERS + "50002,1001,Sample,02108,€5.00,\n", Unproven.REFUSED),
        (OTHERS + "50002,1001,Sample,02108,5.00\n", Unproven.REFUSED),
        (OTHERS + '50002,1001,"Sample,02108,5.00,\n', Unproven.REFUSED),
        (OTHERS + "50002,,Sample,02108,5.00,\n", Unproven.REFUSED),
        (OTHERS + "what is this 7,,,,,\n", Unproven.REFUSED),
        (OTHERS + "Total,,,,81.00,\n", Unproven.FIGURES),
        (OTHERS + 'Grand Total:,,,,"1,000.00",\n', Unproven.FIGURES),
        (OTHERS + "9 invoices,,,,,\n", Unproven.FIGURES),
        ("Number of invoices: 10\n" + OTHERS, Unproven.FIGURES),
        (OTHERS + "Total A/R Balance: $99.00,,,,,\n", Unproven.FIGURES),
        ("Total open: $99.00\n" + OTHERS, Unproven.FIGURES),
        ("Partial results\n" + OTHERS, Unproven.REFUSED),
        ("*** TRUNCATED AT 5000 CHARACTERS ***\n" + OTHERS, Unproven.REFUSED),
        (OTHERS + "*** Output truncated ***,,,,,\n", Unproven.REFUSED),
        (OTHERS + "Export limit reached,,,,,\n", Unproven.REFUSED),
        (OTHERS + "Some records were not exported,,,,,\n", Unproven.REFUSED),
        (OTHERS + "-- More --,,,,,\n", Unproven.REFUSED),
        (OTHERS + "Query timed out,,,,,\n", Unproven.REFUSED),
        (OTHERS + "Page 1 of 3,,,,,\n", Unproven.FIGURES),
        (OTHERS + "Page: 2/3,,,,,\n", Unproven.FIGURES),
        ("Page 1 of 3\n" + OTHERS, Unproven.FIGURES),
        (
            HEAD + "Page 1 of 3,,,,,\n" + rows(*TEN[2:6]) + "Page 2 of 3,,,,,\n" + rows(*TEN[6:]),
            Unproven.FIGURES,
        ),
        (OTHERS + "X50002,1001,Total,02108,80.00,\n", Unproven.REFUSED),
        (OTHERS + "Count,9,,,,\n", Unproven.FIGURES),
        ("As of 8/1/2026\n" + OTHERS, Unproven.OLDER),
        ("Printed on July 30, 2026\n" + OTHERS, Unproven.OLDER),
    ],
)
def test_a_file_that_is_not_proven_complete_closes_nothing(
    text: str, reason: Unproven, ten: Files, put: Put
) -> None:
    """C02: a refused row closed its invoice, and the desk said "Nothing owed"."""
    report = ten.take(put(text), close=2)
    assert report.run.closed == 0
    assert reason in report.run.unproven or report.run.missing == 0
    assert ten.balances("50001", "50002") == [10_00, 10_00]


@pytest.mark.parametrize(
    "line",
    [
        "Filter: Balance over $100", "Filtered by: Division = North", "Selection criteria: Due before 9/1/26",
        "Overdue Invoices", "Past Due Accounts Report", "Open items, overdue only", "Selected customers",
        "Minimum balance: $50.00", "Balances greater than 100", "Top 9 invoices", "Last 9 invoices",
        "Invoice Date from 8/1/2026 to 8/31/2026", "Due dates 8/1/2026 - 8/31/2026",
        "Division: North", "Producer: Jane Doe", "Customer: 1001", "Customer #1001 Sample Bakery",
        "Account Executive = JD", "Customers A - M",
    ],
)  # fmt: skip
def test_a_file_that_says_it_is_a_part_of_the_list_closes_only_a_number_that_was_confirmed(
    line: str, ten: Files, put: Put
) -> None:
    """A list of what is over $100.00 closed the others, as its headings were those of a whole one."""
    report = ten.take(put(f"{line}\n{HEAD}{rows(*TEN[1:])}"))
    assert (report.run.unproven, report.run.asks) == ((Unproven.FILTERED,), True)
    assert "the file says that it is only a part of the list" in not_closed(report.run)
    assert ten.balances("50001") == [10_00]
    with pytest.raises(KnownError, match="would close 1, not 2"):
        ten.importing.close(2)
    assert ten.importing.close(1).closed == 1


@pytest.mark.parametrize(
    "line",
    [
        "Filter: none", "Filters: All", "Criteria: (All)", "Division: All", "Producer: ALL", "Balance > 0",
        "Balances greater than $0.00", "Minimum balance: 0", "Customer Aged Accounts", "Account Current",
        "Customers A - Z", "Where families come first", "Selection Insurance Agency", "Customer Number: All",
        "Aging by Due Date", "Invoice Dates", "Showing 1 - 9 of 9", "Elm Street Insurance, Branch Office",
    ],
)  # fmt: skip
def test_other_titles_do_not_make_it_a_part(line: str, ten: Files, put: Put) -> None:
    report = ten.take(put(f"{line}\n{HEAD}{rows(*TEN[1:])}"))
    assert (report.run.closed, report.run.unproven) == (1, ())


def test_a_file_of_one_customer_may_name_it(ten: Files, put: Put) -> None:
    one = HEAD + rows(*TEN[1:])
    assert ten.take(put(f"Customer: 1001\n{one}"), CUSTOMERS).run.closed == 1


def test_a_filter_of_amounts_counts_for_one_customer_too(ten: Files, put: Put) -> None:
    report = ten.take(put(f"Customer: 1001, balances over $5.00\n{HEAD}{rows(*TEN[1:])}"), CUSTOMERS)
    assert report.run.unproven == (Unproven.FILTERED,)


@pytest.mark.parametrize(
    ("last", "reasons"),
    [
        ("(continued),,,,,", (Unproven.FILTERED,)),
        ("Continued on next page,,,,,", (Unproven.FILTERED,)),
        ("...,,,,,", (Unproven.FILTERED,)),
        ("Load more,,,,,\n,,,,,", (Unproven.FILTERED,)),
        ("Criteria: Overdue only,,,,,", (Unproven.FILTERED,)),
        ("* Invoices on hold are not shown,,,,,", (Unproven.FILTERED,)),
        ("* Credits and invoices below $25 are not included,,,,,", (Unproven.FILTERED,)),
        ("* Accounts not paid in 90 days are omitted,,,,,", (Unproven.FILTERED,)),
        ("Showing 1 to 9 of 10 entries,,,,,", (Unproven.FIGURES,)),
        ("Exception: connection reset,,,,,", (Unproven.REFUSED,)),
        ("Showing 1 to 9 of 9 entries,,,,,", ()),
        ("Continued on next page,,,,,\n50010,1001,Customer 1001,02108,10.00,9/20/2026", ()),
    ],
)
def test_a_last_line_may_say_that_there_is_more(
    last: str, reasons: tuple[Unproven, ...], ten: Files, put: Put
) -> None:
    numbers = TEN[1:-1] if "50010" in last else TEN[1:]
    assert ten.take(put(f"{HEAD}{rows(*numbers)}{last}\n")).run.unproven == reasons


def test_its_own_total_and_count_prove_a_file(ten: Files, put: Put) -> None:
    text = (
        HEAD
        + rows(*TEN[1:5])
        + "Subtotal,,,,40.00,\n"
        + rows(*TEN[5:])
        + "Total,,,,50.00,\nGrand Total,,,,90.00,\n9 invoices,,,,,\n"
    )
    report = ten.take(put("Number of invoices: 9\n" + text))
    assert [figure.proven for figure in report.figures] == [True] * 5
    assert (report.run.closed, report.run.unproven) == (1, ())


@pytest.mark.parametrize(
    "text",
    [
        "Page 1 of 2\n" + HEAD + rows(*TEN[1:5]) + "Page 2 of 2,,,,,\n" + HEAD + rows(*TEN[5:]),
        HEAD + rows(*TEN[1:5]) + "Page 1 of 2,,,,,\n" + rows(*TEN[5:]) + "Page 2 of 2,,,,,\n",
        HEAD + rows(*TEN[1:]) + "Customers: 1,,,,,\n* Direct bill is not included,,,,,\n",
        HEAD + rows(*TEN[1:]) + '"Friday, August 14, 2026 09:15 AM GMT-05:00 - Accrual Basis",,,,,\n',
        "Total open: $90.00\n" + HEAD + rows(*TEN[1:]) + "Total A/R = 90.00,,,,,\n",
        HEAD
        + "1 - 30 days past due,,,,,\n"
        + rows(*TEN[1:4])
        + "Total for 1 - 30 days past due,,,,30.00,\nCurrent,,,,,\n"
        + rows(*TEN[4:]),
        HEAD
        + rows(*TEN[1:])
        + "Copyright (c) 2000-2026 Sample Inc.,,,,,\nGenerated By:  Dana Example  8/14/2026\n",
        HEAD + "number,number,name,,($),\n" + rows(*TEN[1:]),
        HEAD + "-----,-----,------,---,------,-----\n" + rows(*TEN[1:]),
    ],
)
def test_lines_around_the_rows_are_no_doubt(text: str, ten: Files, put: Put) -> None:
    """QuickBooks' last line, a second line of headings: nothing ever closed."""
    report = ten.take(put(text))
    assert report.rejects == ()
    assert (report.run.closed, report.run.unproven) == (1, ())


def test_a_sum_without_a_word_is_a_total_only_if_it_is_one(ten: Files, put: Put) -> None:
    assert ten.take(put(HEAD + rows(*TEN[1:]) + ",,,,90.00,\n")).run.closed == 1
    report = ten.take(put(HEAD + rows(*TEN[2:]) + ",,,,90.00,\n", name="b.csv"))
    assert [reject.reason for reject in report.rejects] == ["no invoice number"]


def test_a_file_of_which_every_row_is_refused_is_an_error_and_changes_nothing(ten: Files, put: Put) -> None:
    """C02b: status 0, and all open invoices were closed."""
    with pytest.raises(KnownError, match=r"no row that can be imported. Line 2: .* Nothing changed."):
        ten.take(put(HEAD + "50001,1001,A,02108,€1.00,\n50002,1001,A,02108,£2.00,\n"))
    assert ten.balances("50001", "50010") == [10_00, 10_00]
    with pytest.raises(KnownError, match="headings but no rows"):
        ten.take(put(HEAD))
    assert ten.balances("50001") == [10_00]


def test_nobody_said_that_it_is_complete(ten: Files, put: Put) -> None:
    """C37: one customer's export closed the invoices of all others."""
    ten.importing.run(ten.importing.preview(put(HEAD + rows(50_001), days_ago=0.5)), scope=UNKNOWN)
    again = ten.take(put(HEAD + rows(50_001, 50_002), name="b.csv"), None)
    assert (again.run.closed, again.run.missing, again.run.compared) == (0, 8, 10)
    assert Unproven.SCOPE in again.run.unproven
    assert not again.run.asks
    assert not_closed(again.run) == (
        "8 of 10 open invoices from earlier files are missing or zero here. They stay open, because no one "
        "said that this is the complete list, and that is more than usual."
    )


def test_what_was_said_is_remembered_for_files_with_these_headings(ten: Files, put: Put) -> None:
    assert ten.importing.preview(put(HEAD + rows(*TEN[1:]))).scope is ALL
    assert ten.take(put(HEAD + rows(*TEN[1:])), None).run.closed == 1
    other = put("Invoice,Customer #,Customer,Balance\n50002,1001,A,5.00\n", name="b.csv")
    assert ten.importing.preview(other).scope is UNKNOWN


def test_more_than_usual_is_closed_only_after_a_yes_to_that_number(ten: Files, put: Put) -> None:
    path = put(HEAD + rows(*TEN[3:]))
    report = ten.take(path)
    assert (report.run.closed, report.run.missing, report.run.unproven) == (0, 3, (Unproven.UNUSUAL,))
    assert report.run.asks
    assert ten.balances("50001", "50004") == [10_00, 10_00]
    for wrong in (2, 4):
        with pytest.raises(KnownError, match=f"would close 3, not {wrong}. Nothing was closed"):
            ten.importing.close(wrong)
    closed = ten.importing.close(3, report.run.id)
    assert (closed.closed, closed.unproven) == (3, ())
    assert ten.balances("50001", "50003", "50004") == [0, 0, 10_00]
    with pytest.raises(KnownError, match="closes nothing more"):
        ten.importing.close(3)
    ten.importing.undo()
    assert ten.balances("50001", "50003") == [10_00, 10_00]


@pytest.mark.parametrize("status", ["", "Paid"])
def test_a_file_by_which_nothing_is_owed_is_asked_about(status: str, ten: Files, put: Put) -> None:
    """A wrong column for the balance, full of zeros, closed every invoice without a question."""
    text = (HEAD + rows(*TEN)).replace("Due Date", "Status").replace("9/20/2026", status)
    report = ten.take(put(text if status else text.replace("10.00", "0.00")))
    assert (report.run.missing, report.run.unproven, report.run.asks) == (10, (Unproven.UNUSUAL,), True)
    assert ten.balances("50001", "50010") == [10_00, 10_00]
    assert ten.importing.close(10).closed == 10
    assert ten.balances("50001", "50010") == [0, 0]


def test_a_large_part_of_zeros_is_asked_about_and_a_usual_one_is_not(files: Files, put: Put) -> None:
    many = range(60_001, 60_301)
    files.take(put(HEAD + rows(*many), days_ago=3))
    usual, more = rows(*many[:40]).replace("10.00", "0.00"), rows(*many[40:120]).replace("10.00", "0.00")
    assert files.take(put(HEAD + usual + rows(*many[40:]), days_ago=2)).run.unproven == ()
    report = files.take(put(HEAD + usual + more + rows(*many[120:]), days_ago=1))
    assert (report.run.missing, report.run.asks) == (80, True)
    assert files.balances("60001", "60041", "60121") == [0, 10_00, 10_00]
    again = put(HEAD + usual + more + rows(*many[120:]) + "\n", days_ago=0)
    assert files.take(again, close=80).run.closed == 80


def test_the_number_can_be_said_with_the_file_or_with_the_file_again(ten: Files, put: Put) -> None:
    path = put(HEAD + rows(*TEN[3:]))
    assert ten.take(path, close=4).run.closed == 0
    again = ten.take(path, None)
    assert again.same
    assert again.run.asks
    assert ten.take(path, None, close=3).run.closed == 3
    assert ten.balances("50001") == [0]


def test_the_same_file_said_to_be_complete_is_imported_again(ten: Files, put: Put) -> None:
    path = put(HEAD + rows(*TEN[1:]))
    assert ten.take(path, UNKNOWN).run.closed == 0
    assert ten.take(path, ALL).run.closed == 1


def test_a_number_said_beforehand_has_to_be_the_number(ten: Files, put: Put) -> None:
    report = ten.take(put(HEAD + rows(*TEN[1:])), close=2)
    assert (report.run.closed, report.run.asks) == (0, True)


def test_after_a_later_import_nothing_of_the_older_one_is_closed(ten: Files, put: Put) -> None:
    report = ten.take(put(HEAD + rows(*TEN[3:]), days_ago=0.5))
    ten.take(put(HEAD + rows(*TEN[4:]), name="b.csv"), UNKNOWN)
    with pytest.raises(KnownError, match="closes nothing more"):
        ten.importing.close(3, report.run.id)
    with pytest.raises(KnownError, match="A later import has begun"):
        ten.imports.close(report.run, 3)


@pytest.mark.parametrize(
    ("closing", "compared", "usual"),
    [
        (0, 0, True),
        (1, 2, False),
        (1, 5, True),
        (20, 100, True),
        (21, 100, False),
        (50, 1000, True),
        (51, 1000, False),
    ],
)
def test_what_is_usual(closing: int, compared: int, usual: bool) -> None:
    assert is_usual(closing, compared) is usual


def test_one_customers_file_closes_only_that_customers(ten: Files, put: Put) -> None:
    ten.take(put(HEAD + rows(*TEN) + rows(*range(60_001, 60_007), customer=1002), days_ago=0.5))
    report = ten.take(put(HEAD + rows(*range(60_002, 60_007), customer=1002), name="one.csv"), CUSTOMERS)
    assert (report.run.missing, report.run.compared, report.run.closed) == (1, 6, 1)
    assert ten.balances("60001", "50001") == [0, 10_00]


def test_an_invoice_in_several_rows_closes_nothing_and_keeps_its_balance(ten: Files, put: Put) -> None:
    report = ten.take(put(HEAD + rows(*TEN[1:]) + "50002,1001,A,02108,3.00,\n"))
    assert [reject.line for reject in report.rejects] == [2, 11]
    assert ten.balances("50001", "50002") == [10_00, 10_00]
    assert (report.run.accepted, report.run.open_total) == (8, Money(80_00))


# ---- age ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("As of October 31 2026", "2026-08-14"),
        ("As of July 31 2026", "2026-07-31"),
        ("As of 7/31/2026", "2026-07-31"),
        ("AS OF: 07/31/26", "2026-07-31"),
        ("Customer Aged Accounts Receivable as of 7/31/2026 (all divisions)", "2026-07-31"),
        ("Aging as of Friday, July 31, 2026", "2026-07-31"),
        ("As of date,7/31/2026", "2026-07-31"),
        ("As of,2026-07-31", "2026-07-31"),
        ("As at 31 July 2026", "2026-07-31"),
        ("Balances through 7/31/2026", "2026-07-31"),
        ("Report Date: 7/31/2026", "2026-07-31"),
        ("Printed on 7/31/2026 4:05 PM by Dana", "2026-07-31"),
        ("As of 7/31/2026\nPrinted 8/2/2026", "2026-07-31"),
        ("Open receivables", "2026-08-14"),
        ("As of today", "2026-08-14"),
        ("AsOf: 7/31/2026", "2026-07-31"),
        ("As-of 7/31/2026", "2026-07-31"),
        ("All open items as of July 31, 2026 - by due date", "2026-07-31"),
        ("For the period ending 7/31/2026", "2026-07-31"),
        ("Period: 7/1/2026 - 7/31/2026", "2026-07-31"),
        ("From 1/1/2026 to 7/31/2026", "2026-07-31"),
        ("Cut-off date: 7/31/2026", "2026-07-31"),
        ("Balances effective 7/31/2026", "2026-07-31"),
        ("7/31/2026", "2026-07-31"),
        ("Friday, July 31, 2026 09:15 AM GMT-05:00 - Accrual Basis", "2026-07-31"),
        ("Date: 7/31/2026", "2026-07-31"),
        ("Run Date/Time: 7/31/2026 9:15:02AM", "2026-07-31"),
        ("Run by: Dana on 7/31/2026", "2026-07-31"),
        ("Downloaded 7/31/2026", "2026-07-31"),
        ("Assets of 7/31/2026", "2026-08-14"),
        ("46204 Main Street", "2026-08-14"),
        ("Invoices 46204 to 46205", "2026-08-14"),
    ],
)
def test_a_title_tells_the_day(title: str, day: str, files: Files, put: Put) -> None:
    """C07. A day to come is that of the file."""
    preview = files.importing.preview(put(f"Elm Street Insurance\n{title}\n\n{HEAD}{rows(1)}"))
    zone = files.importing._zone
    assert str(preview.as_of.astimezone(zone).date()) == day
    untold = ("Open receivables", "As of today", "Assets of", "46204", "Invoices 46204")
    assert preview.age is (Age.FILE_TIME if title.startswith(untold) else Age.TITLE)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("open.csv", HEAD + rows(1) + "As of 7/31/2026,,,,,\n"),
        ("open.csv", HEAD + rows(1) + '"Friday, July 31, 2026 09:15 AM GMT-05:00 - Accrual Basis",,,,,\n'),
        ("open.csv", HEAD + rows(1) + "Total,,,,10.00,\n,,,Printed:,7/31/2026,\n"),
        ("open.csv", "Invoice,Customer #,Customer,Balance,As Of Date\n1,1001,A,10.00,7/31/2026\n"),
        ("AR aging as of July 31, 2026.csv", HEAD + rows(1)),
        ("aging_07-31-2026 (1).csv", HEAD + rows(1)),
        ("Export 20260731.csv", HEAD + rows(1)),
    ],
)
def test_a_footer_a_column_or_the_name_tells_the_day(name: str, text: str, ten: Files, put: Put) -> None:
    """C07: a download of today with the day below the rows closed invoices of a newer file."""
    path = put(text, name=name)
    preview = ten.importing.preview(path)
    assert (str(preview.as_of.astimezone(ten.importing._zone).date()), preview.age) == (
        "2026-07-31",
        Age.TITLE,
    )
    report = ten.take(path)
    assert Unproven.OLDER in report.run.unproven
    assert ten.balances("50001") == [10_00]


def test_a_number_in_a_files_name_is_no_day(files: Files, put: Put) -> None:
    for name in ("50123-50999.csv", "report_1722441234.csv", "call 555-555-0100.csv", "2026-07.csv"):
        assert files.importing.preview(put(HEAD + rows(1), name=name)).age is Age.FILE_TIME


def test_the_files_time_counts_in_full(files: Files, put: Put) -> None:
    """C76: a morning's export imported after the noon's won."""
    files.take(put(HEAD + rows(1, 2), days_ago=0.1, name="noon.csv"), UNKNOWN)
    report = files.take(
        put(HEAD + rows(1, 3).replace("10.00", "99.00"), days_ago=0.3, name="morning.csv"), ALL
    )
    assert (report.newer, report.run.accepted) == (2, 0)
    assert files.balances("1", "2", "3") == [10_00, 10_00, None]


def test_a_titles_day_is_refined_by_the_files_time_on_that_day(files: Files, put: Put) -> None:
    title = "As of 8/14/2026\n"
    files.take(put(title + HEAD + rows(1), name="noon.csv"), ALL)
    files.take(put(title + HEAD + rows(1).replace("10.00", "99.00"), days_ago=0.05, name="morning.csv"), ALL)
    assert files.balances("1") == [10_00]


def test_an_older_file_changes_nothing_that_a_newer_one_said(files: Files, put: Put) -> None:
    """C08: an older file opened invoices that the newer lacked, and brought an old ZIP back."""
    files.take(put(HEAD + rows(1, 2).replace("02108", "02139")), UNKNOWN)
    report = files.take(put(HEAD + rows(1, 3), days_ago=2, name="old.csv"), ALL, close=1)
    assert (report.newer, report.run.closed) == (2, 0)
    assert files.balances("1", "2", "3") == [10_00, 10_00, None]
    customer = files.cache.customer("1001")
    assert customer is not None
    assert customer.zip_code == "02139"


def test_an_older_file_of_other_customers_still_opens_theirs(files: Files, put: Put) -> None:
    files.take(put(HEAD + rows(1, 2)), CUSTOMERS)
    report = files.take(put(HEAD + rows(3) + rows(4, customer=1002), days_ago=2, name="old.csv"), CUSTOMERS)
    assert report.newer == 1
    assert files.balances("3", "4") == [None, 10_00]


def test_a_file_whose_time_is_lost_is_asked_about(files: Files, tmp_path: Path) -> None:
    path = tmp_path / "zip.csv"
    path.write_text(HEAD + rows(1))
    os.utime(path, (315_532_800, 315_532_800))
    with pytest.raises(KnownError, match="doesn't say what day its balances are from"):
        files.take(path)
    assert files.take(path, answers=Answers(as_of=START - timedelta(days=1))).run.accepted == 1


# ---- sheets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("headed", [True, False])
def test_a_second_sheet_of_invoices_is_said_and_nothing_closes(headed: bool, ten: Files, put: Put) -> None:
    """C25: the second sheet was left out, and its invoices were closed."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(HEAD.strip().split(","))
    for number in TEN[1:]:
        sheet.append([number, 1001, "A", "02108", 5.0, None])
    second = made.create_sheet("Page 2")
    if headed:
        second.append(HEAD.strip().split(","))
    second.append([TEN[0], 1001, "A", "02108", 5.0, None])
    out = io.BytesIO()
    made.save(out)
    path = put(out.getvalue(), name="two.xlsx")
    assert ten.importing.preview(path).other_sheets == ("Page 2",)
    report = ten.take(path)
    assert (report.run.closed, report.run.unproven) == (0, (Unproven.SHEETS,))
    assert ten.balances("50001") == [10_00]
