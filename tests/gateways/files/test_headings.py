"""Headings in the words of other programs, in two rows, and named by hand."""

from __future__ import annotations

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.columns import AGING, IGNORED, find_header, guessed_header, recognize
from paydesk.domain.invoices.headings import Field, aging_of


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Invoice", Field.INVOICE_NUMBER),
        ("InvoiceNumber", Field.INVOICE_NUMBER),
        ("INVOICE_NO", Field.INVOICE_NUMBER),
        ("Num", Field.INVOICE_NUMBER),
        ("Doc No", Field.INVOICE_NUMBER),
        ("Doc. #", Field.INVOICE_NUMBER),
        ("Reference", Field.INVOICE_NUMBER),
        ("Ref #", Field.INVOICE_NUMBER),
        ("CustomerID", Field.CUSTOMER_NUMBER),
        ("Cust", Field.CUSTOMER_NUMBER),
        ("Acct#", Field.CUSTOMER_NUMBER),
        ("CustomerName", Field.CUSTOMER_NAME),
        ("Client", Field.CUSTOMER_NAME),
        ("BalanceDue", Field.BALANCE),
        ("Bal", Field.BALANCE),
        ("Unpaid", Field.BALANCE),
        ("A/R Balance", Field.BALANCE),
        ("Open", Field.BALANCE),
        ("Open Balance", Field.BALANCE),
        ("Balance (USD)", Field.BALANCE),
        ("Balance ($)", Field.BALANCE),
        ("DueDate", Field.DUE_DATE),
        ("ZipCode", Field.ZIP),
        ("Status", Field.STATUS),
        ("Unapplied", Field.UNAPPLIED),
    ],
)
def test_words_of_other_programs(heading: str, field: Field) -> None:
    beside = ("Aging", "Current", "1-30") if field is Field.UNAPPLIED else ()
    assert recognize((*beside, heading)).of.get(field) == len(beside) or (
        field is Field.UNAPPLIED and field in recognize((*beside, heading, "Total")).of
    )


@pytest.mark.parametrize(
    "heading",
    [
        "Current", "Not Due", "Not Yet Due", "Future", "Advance", "Advanced", "1-30", "1 - 30", "31 to 60",
        "0-30", "1-30 Past Due", "1-30 (Days) Past Due", "1-30 Days Past Due", "31-60 Days Overdue",
        "Days 31-60", "30 day", "30 Days", "30", "60", "90+", "+90", "> 90", ">90 days", "Over 90",
        "Over 120 Days", "61+ Past Due", "91 and over", "91 & Over", "90 or more", "PastDue1To30",
        "Days31To60", "Over90", "30-Jan", "1–30",
    ],
)  # fmt: skip
def test_ages(heading: str) -> None:
    assert aging_of((heading,)) == (0,)


@pytest.mark.parametrize(
    "heading",
    [
        "Days Past Due",
        "Days Overdue",
        "Age",
        "Days",
        "Due Date",
        "Total",
        "2026",
        "5",
        "Notes",
        "Policy 1",
        "",
    ],
)
def test_what_is_no_age(heading: str) -> None:
    assert aging_of((heading,)) == ()


def test_past_due_is_a_part_only_where_no_finer_ages_stand() -> None:
    assert aging_of(("Current", "Past Due")) == (0, 1)
    assert aging_of(("Current", "Past Due", "1-30", "31-60")) == (0, 2, 3)


def test_a_sure_heading_wins_over_a_weak_one() -> None:
    assert recognize(("Reference", "Num", "Invoice #")).of == {Field.INVOICE_NUMBER: 2}
    of = recognize(("Invoice", "Customer", "Customer Name", "Balance")).of
    assert (of[Field.CUSTOMER_NUMBER], of[Field.CUSTOMER_NAME]) == (1, 2)


@pytest.mark.parametrize(
    ("headings", "field", "at"),
    [
        (("Invoice ID", "Invoice #", "Customer"), Field.INVOICE_NUMBER, 1),
        (("Item No", "Invoice"), Field.INVOICE_NUMBER, 1),
        (("Document No", "Bill No", "Inv #"), Field.INVOICE_NUMBER, 2),
        (("Customer ID", "Customer #"), Field.CUSTOMER_NUMBER, 1),
        (("Account Number", "Customer Number"), Field.CUSTOMER_NUMBER, 1),
        (("Account ID", "Account #"), Field.CUSTOMER_NUMBER, 1),
        (("Insured", "Customer", "Customer #"), Field.CUSTOMER_NAME, 1),
        (("GL Date", "Invoice Date"), Field.INVOICE_DATE, 1),
        (("Applicant ID", "Applicant Name"), Field.CUSTOMER_NAME, 1),
        (("Cust. Acct #", "FirmName"), Field.CUSTOMER_NUMBER, 0),
    ],
)
def test_of_several_headings_the_plainest_counts(headings: tuple[str, ...], field: Field, at: int) -> None:
    """A program's own key before the number gave an invoice to a stranger."""
    assert recognize(headings).of[field] == at


def test_the_total_beside_ages_is_the_rows_own() -> None:
    columns = recognize(("Invoice", "Current", "1-30", "Total"))
    assert (columns.of[Field.BALANCE], columns.aging) == (3, (1, 2))
    assert recognize(("Invoice", "Balance", "Past Due")).aging == ()
    assert recognize(("Invoice", "On Account")).of == {Field.INVOICE_NUMBER: 0}


def test_headings_in_two_rows() -> None:
    header = find_header(
        [
            (1, ("Elm Street Insurance",)),
            (2, ("Invoice", "Customer", None, None, "Amounts", "Dates")),
            (3, (None, "Number", "Name", "ZIP", "Balance", "Due")),
            (4, (50123, 1001, "Sample Bakery", 2108, 1250.0, None)),
        ]
    )
    assert header is not None
    assert header.line == 3
    assert header.columns.of == {
        Field.INVOICE_NUMBER: 0,
        Field.CUSTOMER_NUMBER: 1,
        Field.CUSTOMER_NAME: 2,
        Field.ZIP: 3,
        Field.BALANCE: 4,
        Field.DUE_DATE: 5,
    }
    assert header.with_column(Field.AMOUNT, "Balance").columns.of[Field.AMOUNT] == 4


@pytest.mark.parametrize(
    "title", [("As of 11/2/2025",), ("Elm Street", "As of 11/2/2025"), ("Receivables", "", "")]
)
def test_a_title_right_above_the_headings_is_no_part_of_them(title: tuple[str, ...]) -> None:
    headings = ("Invoice", "Customer #", "Customer", "Balance")
    header = find_header([(1, title), (2, headings), (3, ("1", "1001", "A", "5.00"))])
    assert header is not None
    assert (header.line, header.headings, header.below) == (2, headings, ())


def test_headings_that_nobody_knows_are_named_by_hand() -> None:
    rows = [
        (1, ("Rechnung", "Kunde", "Wer", "Offen", "Alt")),
        (2, ("50123", "1001", "Bakery", "5.00", "1.00")),
    ]
    assert find_header(rows) is None
    header = guessed_header(rows)
    assert header is not None
    named = header.with_column(Field.INVOICE_NUMBER, "rechnung").with_column(AGING, "Offen")
    named = named.with_column(AGING, "Alt").with_column(IGNORED, "Wer")
    assert (named.columns.of, named.columns.aging, named.columns.ignored) == (
        {Field.INVOICE_NUMBER: 0},
        (3, 4),
        (2,),
    )
    assert named.with_column(AGING, "").columns.aging == ()
    assert named.with_column(IGNORED, "") == named
    assert named.with_column(Field.INVOICE_NUMBER, "").columns.of == {}
    assert named.columns.named(IGNORED, 3).aging == (4,)
    assert named.with_column(Field.BALANCE, "Alt").columns.aging == (3,)
    assert guessed_header([(1, ("Dear Sir",))]) is None
    with pytest.raises(KnownError, match="no heading “Nope”"):
        header.with_column(Field.ZIP, "Nope")
