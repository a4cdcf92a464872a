"""The number in what people type, paste and scan: the right one, or a question, never a guess."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.typed.numbers import customer_number_in, invoice_number_in, read_invoice_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("50123", "50123"),
        (" 050123\r\n", "50123"),
        ("#50123", "50123"),
        ("# 50 123", "50123"),
        ("INV-050123", "50123"),
        ("inv50123", "50123"),
        ("Invoice No. 50123", "50123"),
        ("Invoice #50123 for $1,250.00 due 08/01/2026", "50123"),
        ("\n\n50123\nsecond line", "50123"),
        ("50123-2", "50123-2"),
        ("INV-50123-02", "50123-02"),
        ("please pay 50123 today", "50123"),
        ("50123 50140", "50123"),
        ("4000620000000007", ""),
        # It was 4000, a piece of a card number.
        ("4000 6200 0000 0007", ""),
        ("", ""),
        ("hello", ""),
        ("0000", ""),
    ],
)
def test_invoice_numbers_as_typed(typed: str, number: str) -> None:
    assert invoice_number_in(typed) == number


@pytest.mark.parametrize(
    "scanned",
    [
        "]C150123",
        "]C050123",
        "]Q350123",
        "]d250123",
        "]E0050123",
        "]A0*50123*",
        "]d2INV50123",
        "]C1INV-50123",
        "\x0250123\x03",
        "\x1d50123\x1d",
        "\x0250123\x1e\x04",
        "]d2\x1d50123",
        "50123\t",
        "50123\t\r\n",
        "\ufeff50123",
        "50123\x00",
        "５０１２３",
        "٥٠١٢٣",
        "5\u200b0123",
        "*50123*",
        "'50123",
        "“50123”",
    ],
)
def test_a_scanner_may_frame_the_number(scanned: str) -> None:
    assert invoice_number_in(scanned) == "50123"


@pytest.mark.parametrize(
    "line",
    [
        "08/14/2026 50123",
        "8/14/26 50123",
        "2026-08-14 50123",
        "Aug 14, 2026 50123",
        "14 August 2026: 50123",
        "Invoice date August 14 2026, 50123",
        "Invoice due 9/1/2026 #50123",
        "Invoice no 50123 dated 8/14",
        "Invoice 50123 due 9/1",
        "9/1 50123",
        "10:15 AM 50123",
        "617-555-0142 50123",
        "(617) 555-0142 re 50123",
        "1-617-555-0142 50123",
        "617 555 0142 50123",
        "Invoice 50123 $1,250.00",
        "Invoice 50123 1250.00",
        "Invoice 50123 1,250",
        "50123 1,250.00",
        "$1,250.00 50123",
        "Inv# 50123 Cust# 1001",
        "Customer 1001 invoice 50123",
        "Check 1045 for 50123",
        "Policy 204417, invoice 50123",
        "HO-204417 50123",
        "receipt R-000123 50123",
        "Invoice 3 of 12: 50123",
        "Boston MA 02108 50123",
        "1250 Elm St 50123",
        "Invoice_50123",
        "Invoice ID 50123",
        "INVOICE NO 50123",
        "Inv.50123",
        "Invoice: 50123 (Sample Bakery)",
        "Hello,\n\nplease charge invoice #50123\nThank you, 617-555-0142",
        "Statement 08/14/2026\nInvoice 50123\n$1,250.00",
    ],
)
def test_what_stands_beside_the_number_is_no_invoice(line: str) -> None:
    assert invoice_number_in(line) == "50123"


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("INV-2026-50123", ("2026", "50123")),
        ("INV2026-50123", ("2026", "50123")),
        ("Invoice 2026-50123", ("2026", "50123")),
        ("50123/2026", ("50123", "2026")),
        ("2026/50123", ("2026", "50123")),
        ("2026.50123", ("2026", "50123")),
        ("2026-50123", ("2026", "50123")),
        ("2026 renewal 50123", ("2026", "50123")),
        ("Sample Bakery 50123 1001", ("50123", "1001")),
        ("02108 50123", ("2108", "50123")),
        ("50123 2", ("50123", "2")),
        ("50123 - 2", ("50123-2", "50123")),
        ("INV 050123_02", ("50123-02", "50123")),
        ("50123/2", ("50123-2", "50123")),
        ("50123- 2", ("50123-2", "50123")),
        ("HO-204417", ("204417",)),
        ("50123x2", ("50123",)),
        ("617-555-0142", ()),
        ("617 555 0142", ()),
        ("(617) 555-0142", ()),
        ("6175550142", ()),
        ("+1 617-555-0142", ()),
        ("08/14/2026", ()),
        ("2026-08-14", ()),
        ("$1,250.00", ()),
        ("1,250.00", ()),
        ("02108-1234", ()),
        ("Policy 204417", ()),
        ("customer 1001", ()),
        ("Boston MA 02108", ()),
        ("12345678901", ()),
    ],
)
def test_without_a_clear_number_none_is_guessed(line: str, numbers: tuple[str, ...]) -> None:
    read = read_invoice_number(line)
    assert (read.number, read.others) == ("", numbers)
    assert read.every == numbers


@pytest.mark.parametrize(
    "line", ["50123 50124", "50123, 50124", "50123 and 50124", "invoice 50123, 50124", "invoices 50123 50124"]
)
def test_of_several_invoices_the_first_counts_and_the_others_are_told(line: str) -> None:
    read = read_invoice_number(line)
    assert (read.number, read.others) == ("50123", ("50124",))
    assert read.every == ("50123", "50124")


@given(st.text(max_size=60))
def test_any_text_gives_a_number_or_nothing(typed: str) -> None:
    number = invoice_number_in(typed)
    assert number == "" or number.replace("-", "", 1).isascii()
    assert not number.startswith("0")


_BESIDE = st.sampled_from(
    [
        "08/14/2026",
        "9/1",
        "2026-08-14",
        "Aug 14, 2026",
        "617-555-0142",
        "(617) 555-0142",
        "$1,250.00",
        "1,250.00",
        "10:15 AM",
        "MA 02108-1234",
        "due",
        "Sample Bakery",
        "Policy 204417",
        "check 1045",
        "HO-204417",
    ]
)


@given(st.integers(1000, 9_999_999), st.lists(_BESIDE, max_size=3), st.lists(_BESIDE, max_size=3))
def test_a_named_invoice_is_never_mistaken(number: int, before: list[str], behind: list[str]) -> None:
    line = " ".join([*before, f"invoice #{number}", *behind])
    assert invoice_number_in(line) == str(number)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1001", "1001"),
        ("# 1001", "1001"),
        ("Customer 001001", "1001"),
        ("cust no. 1001", "1001"),
        ("]C11001", "1001"),
        ("１００１", "1001"),
        ("10 01", "1001"),
        ("\x021001\x03", "1001"),
        ("Bakery", ""),
        ("617 555 0142", ""),
        ("1001 02108", ""),
    ],
)
def test_customer_numbers_as_typed(typed: str, number: str) -> None:
    assert customer_number_in(typed) == number


@pytest.mark.parametrize(
    "text", ["9" * 5_000, f"Invoice {'9' * 5_000}", f"50123, {'1' * 100_000}", "٩" * 5_000]
)
def test_thousands_of_digits_are_no_number(text: str) -> None:
    """Python refuses to read such a number (4,300 digits), and a pasted one was a crash."""
    assert all(len(one) < 20 for one in read_invoice_number(text).every)
    assert len(customer_number_in(text)) < 20


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("Ticket #88231 50123", ("88231", "50123")),
        ("Ref #99887 50123", ("99887", "50123")),
        ("Confirmation #445566 for 50123", ("445566", "50123")),
        ("Location #12345 50123", ("12345", "50123")),
        ("Confirmation # 445566", ("445566",)),
        ("Ref#99887", ("99887",)),
        ("#210 Main St 50123", ("210", "50123")),
        ("Invoice total 125000", ()),
        ("Balance 1250", ()),
    ],
)
def test_a_number_sign_behind_another_word_is_a_question(line: str, numbers: tuple[str, ...]) -> None:
    """Each was taken for the invoice."""
    read = read_invoice_number(line)
    assert (read.number, read.others) == ("", numbers)


@pytest.mark.parametrize(
    ("line", "number", "others"),
    [
        ("Producer #10234 inv 50123", "50123", ("10234",)),
        ("REF#99887 INV#50123", "50123", ("99887",)),
        ("Ck #1045, 50123", "50123", ()),
        ("please pay #50123 and #50124", "50123", ("50124",)),
        ("Re: #50123", "50123", ()),
        ("Invoice%2050123", "50123", ()),
        ("invoice%3A%2050123", "50123", ()),
        ("50123\u20112", "50123-2", ()),
        ("INV\u201350123\u20132", "50123-2", ()),
        ("617\u2013555\u20130142 50123", "50123", ()),
    ],
)
def test_the_invoice_is_found_beside_signs_and_other_hyphens(
    line: str, number: str, others: tuple[str, ...]
) -> None:
    """``50123\u20132`` was 50123: another entity's invoice. ``%20`` became a part of the number."""
    read = read_invoice_number(line)
    assert (read.number, read.others) == (number, others)


@pytest.mark.parametrize("piece", ["x", "a ", "# ", "a#", " ", "inv ", "a.", "main st "])
def test_a_long_text_costs_no_more_than_its_length(piece: str) -> None:
    """One word of 100,000 letters took 92 seconds."""
    started_s = time.process_time()
    assert read_invoice_number((piece * 100_000)[:100_000]).number == ""
    assert time.process_time() - started_s < 5
