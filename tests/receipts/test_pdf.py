"""The printed receipt, read back from its PDF."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from paydesk.config.paths import resources
from paydesk.domain.consent import Channel
from paydesk.domain.money import LARGEST_CENTS, Money
from paydesk.domain.receipt import Paper, Receipt
from paydesk.domain.world import TEST, TRAINING, World, WorldKind, world_of
from paydesk.receipts import letter, roll
from paydesk.receipts.layout import Text
from paydesk.receipts.pdf import render
from tests.domain.test_receipt import receipts
from tests.proving import cases, tasted
from tests.receipts import samples
from tests.receipts.reading import read, said

HEAD = """\
Prairie Lakes Insurance Agency
1200 Main Street, Suite 4
Springfield, IL 62701
(217) 555-0100 · payments@prairielakes.example
License IL 100200300
"""
CONTACT = (
    "Refunds go back the way the payment was made. "
    "Questions about this payment: (217) 555-0100, Monday to Friday 8:30 to\n"
    "5:00, or payments@prairielakes.example.\n"
)


def test_a_card_payment_on_letter_paper() -> None:
    assert said(samples.payment()) == (
        f"{HEAD}Payment receipt\nNo. R-000123\nMar 3, 2026, 2:15 PM CST\n"
        "Paid by\nJordan Sample\n(217) 555-0111\n"
        "For customer\nSample Bakery LLC\nCustomer SAMPBAK-1\n"
        "Payment reference\nPD-7F3K-2M9Q\n"
        "Invoice Description Amount\n"
        "10023 Businessowners policy, renewal 2026\n"
        "Policy BOP-1234567 · Acme Mutual Insurance Company\n$1,234.50\n"
        "Paid with\nCredit card\nVisa ending 0007 · authorization 123456\n"
        "Taken by Dana at desk Front-1, by phone\n"
        "Subtotal $1,234.50\nTechnology fee $43.21\nTotal $1,277.71\n"
        f"{CONTACT}Prairie Lakes Insurance Agency · receipt R-000123"
    )


def test_a_card_payment_on_a_roll() -> None:
    assert said(samples.payment(), Paper.ROLL_80MM) == (
        f"{HEAD}Payment receipt\nNo. R-000123\nMar 3, 2026, 2:15 PM CST\n"
        "Paid by\nJordan Sample\n(217) 555-0111\n"
        "For customer\nSample Bakery LLC\nCustomer SAMPBAK-1\nReference PD-7F3K-2M9Q\n"
        "Invoice 10023 $1,234.50\n"
        "Businessowners policy, renewal 2026\nPolicy BOP-1234567 · Acme Mutual Insurance Company\n"
        "Subtotal $1,234.50\nTechnology fee $43.21\nTotal $1,277.71\n"
        "Paid with\nCredit card\nVisa ending 0007 · authorization 123456\n"
        "Taken by Dana at desk Front-1, by phone\n"
        "Refunds go back the way the payment was made.\n"
        "Questions about this payment: (217) 555-0100, Monday\n"
        "to Friday 8:30 to 5:00, or\npayments@prairielakes.example."
    )


@pytest.mark.parametrize("paper", Paper)
def test_a_bank_debit_says_it_has_not_cleared_and_how_it_was_agreed(paper: Paper) -> None:
    text = said(samples.bank_debit(), paper)
    assert "Bank account (ACH)\nChecking ending 6789\n" in text
    assert "Submitted, not yet cleared\nThe bank can still return this payment.\n" in text
    assert "Authorized Mar 3, 2026, 2:13 PM CST\nToday is March 3, 2026. Do you, Jordan Sample," in text
    assert "you can call (217) 555-0100." in " ".join(text.split())


@pytest.mark.parametrize("paper", Paper)
def test_an_anytime_payment_names_what_it_is_for(paper: Paper) -> None:
    text = said(samples.anytime(), paper)
    assert "Policy HO-99-4410" in text
    assert "Down payment for a new homeowners policy" in text
    assert "Invoice" not in text
    assert "at the counter" in text


@pytest.mark.parametrize("paper", Paper)
def test_a_payment_by_link_says_so(paper: Paper) -> None:
    text = said(replace(samples.payment(), channel=Channel.LINK), paper)
    assert "Taken by Dana at desk Front-1, by payment link\n" in text


@pytest.mark.parametrize("paper", Paper)
def test_the_policy_of_an_anytime_payment_is_said_once(paper: Paper) -> None:
    """A receipt of an older version prints as it first did."""
    receipt = samples.anytime()
    line = replace(receipt.lines[0], description="Policy HO-99-4410", policy_number="HO-99-4410")
    receipt = replace(receipt, lines=(line,))
    text = said(receipt, paper)
    assert text.count("HO-99-4410") == 1
    assert "One-time payment" in text
    assert said(replace(receipt, version=4), paper).count("HO-99-4410") == 3


@pytest.mark.parametrize("paper", Paper)
def test_a_void_and_a_refund_name_the_first_receipt(paper: Paper) -> None:
    void, refund = said(samples.void(), paper), said(samples.refund(), paper)
    assert "Void receipt\nNo. R-000124\n" in void
    assert "Voids receipt R-000123" in void
    assert "Total voided $1,277.71" in void
    assert "Refund receipt\nNo. R-000131\n" in refund
    assert "Refunds receipt R-000123" in refund
    assert "Technology fee $0.00\nTotal refunded $1,234.50" in refund


@pytest.mark.parametrize("paper", Paper)
def test_training_is_written_across_every_page(paper: Paper) -> None:
    for page in read(replace(samples.many(30), world=TRAINING), paper):
        assert "TRAINING – no money moved" in page
    assert "TRAINING" not in said(samples.payment(), paper)


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize(
    ("world", "mark"),
    [
        (TEST, "TEST HOST – no money moved"),
        (world_of("http://127.0.0.1:8570"), "NOT LIVE – 127.0.0.1:8570"),
        (world_of("https://api2.anddone.com"), "NOT LIVE – api2.anddone.com"),
    ],
)
def test_a_world_that_is_not_live_is_written_across_every_page(paper: Paper, world: World, mark: str) -> None:
    for receipt in (samples.many(30), samples.void(), samples.refund(), samples.bank_debit()):
        for page in read(replace(receipt, world=world), paper):
            assert mark in page
    assert not any(word in said(samples.payment(), paper) for word in ("LIVE", "HOST"))


@pytest.mark.parametrize("paper", Paper)
def test_a_host_of_any_length_is_printed(paper: Paper) -> None:
    long = World(WorldKind.OTHER, ".".join(["a" * 60] * 4))
    assert "NOT LIVE" in said(replace(samples.payment(), world=long), paper)


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("receipt", [samples.payment(), samples.many(50), samples.bank_debit()])
def test_a_copy_differs_in_its_mark_and_nothing_else(receipt: Receipt, paper: Paper) -> None:
    original, copy = read(receipt, paper), read(receipt, paper, copy_number=3)
    assert "COPY" not in "".join(original)
    assert all("COPY 3" in page for page in copy)
    assert [page.replace("COPY 3", "").split() for page in copy] == [page.split() for page in original]
    assert boxes(receipt, paper, 3) == boxes(receipt, paper, 0)


def boxes(receipt: Receipt, paper: Paper, copy_number: int = 0) -> list[tuple[float, float]]:
    pages = PdfReader(BytesIO(render(receipt, paper, copy_number))).pages
    return [(float(page.mediabox.width), float(page.mediabox.height)) for page in pages]


def test_paper_sizes() -> None:
    assert boxes(samples.many(50), Paper.LETTER) == [(612, 792)] * 4
    ((width, short),) = boxes(samples.payment(), Paper.ROLL_80MM)
    ((_, long),) = boxes(samples.many(50), Paper.ROLL_80MM)
    assert width * 25.4 / 72 == pytest.approx(80, abs=0.01)
    assert short < 500 < 1500 < long


def test_fifty_invoices_break_between_rows_and_count_their_pages() -> None:
    receipt = samples.many(50)
    pages = read(receipt)
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Invoice Description Amount" in page
    for line in receipt.lines:
        (whole,) = [page for page in pages if f"{line.invoice_number} " in page]
        assert f"${line.amount}\n" in whole
    assert "Page" not in said(samples.payment())


@given(st.integers(1, 60))
def test_the_total_stands_below_a_row_and_once(count: int) -> None:
    pages = letter.pages(samples.many(count), 0)
    with_total = [page for page in pages if "Total" in texts(page)]
    assert len(with_total) == 1
    assert set(texts(with_total[0])) & {str(10000 + index) for index in range(count)}
    for page in pages:
        assert sum(block.height for block in page.blocks) <= letter.HEIGHT - letter.TOP - letter.BOTTOM


def texts(page: letter.Page) -> list[str]:
    return [mark.line.text for block in page.blocks for mark in block.marks if isinstance(mark, Text)]


@pytest.mark.parametrize("paper", Paper)
def test_the_same_receipt_is_the_same_bytes_in_every_process(paper: Paper) -> None:
    receipt = samples.named(" ".join(samples.NAMES.values()))
    render(samples.named("later, other glyphs: محمد 張偉"), paper)
    here = render(receipt, paper)
    assert render(receipt, paper) == here
    again = (
        "import hashlib, sys\n"
        "from paydesk.domain.receipt import Paper\n"
        "from paydesk.receipts.pdf import render\n"
        "from tests.receipts import samples\n"
        f"pdf = render(samples.named(' '.join(samples.NAMES.values())), Paper.{paper.name})\n"
        "print(hashlib.sha256(pdf).hexdigest())\n"
    )
    root = resources().parent
    ran = subprocess.run(
        [sys.executable, "-c", again],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env={"PYTHONPATH": f"{root / 'src'}{';' if sys.platform == 'win32' else ':'}{root}"},
    )
    assert ran.stdout.strip() == hashlib.sha256(here).hexdigest()


@pytest.mark.parametrize("script", samples.NAMES)
def test_any_name_prints(script: str) -> None:
    name = unicodedata.normalize("NFC", samples.NAMES[script])
    text = said(samples.named(name), Paper.ROLL_80MM).replace("\u200b", "")
    printed = [line for line in text.splitlines() if sorted(line.strip()) == sorted(name)]
    assert len(printed) == 3  # the payer, the customer and the description
    if script not in {"hebrew", "arabic"}:  # these are in visual order, not in reading order
        assert name in printed


@pytest.mark.parametrize("name", [samples.long_name(), "張偉保险代理" * 50, "W" * 300, "👩‍👩‍👧" * 60])
@pytest.mark.parametrize("paper", Paper)
def test_300_characters_print_in_full(name: str, paper: Paper) -> None:
    text = re.sub(r"\s", "", said(samples.named(name), paper))
    assert text.count(re.sub(r"\s", "", name)) == 3


@tasted
@settings(max_examples=cases(15, 60))
@given(receipts(), st.sampled_from(Paper), st.integers(0, 3))
def test_any_receipt_renders_inside_its_margins(receipt: Receipt, paper: Paper, copy_number: int) -> None:
    assert render(receipt, paper, copy_number).startswith(b"%PDF")
    if paper is Paper.LETTER:
        placed = [block for page in letter.pages(receipt, copy_number) for block in (*page.blocks, page.foot)]
        left, right = letter.LEFT, letter.RIGHT
    else:
        placed, left, right = roll.strip(receipt, copy_number), roll.LEFT, roll.RIGHT
    for mark in (mark for block in placed for mark in block.marks):
        width = mark.line.width * mark.size / 1000 if isinstance(mark, Text) else mark.width
        assert left - 0.01 <= mark.x
        assert mark.x + width <= right + 0.01


HOSTILE = [
    "<b>bold</b> <img src='file:///etc/passwd'/> <font color=\"[[[getattr(pow, 'x')]]]\">",
    "(unbalanced \\( <</Type /Catalog>> endstream endobj %%EOF",
    "right\u202eto-left override\u2066 \u0007bell\x00 \ud800 lone",
    "﷽" * 40 + "Z" + "\u0301" * 300,
    "\u0f73\u0344" * 20,
    " \t\r\n ",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("paper", Paper)
def test_untrusted_text_is_only_ever_text(text: str, paper: Paper) -> None:
    receipt = samples.named(text)
    printed = said(receipt, paper)
    assert "\u202e" not in printed
    assert "\x07" not in printed
    assert "$1,277.71" in printed
    if text.startswith(("<", "(")):
        assert re.sub(r"\s", "", text) in re.sub(r"\s", "", printed)


@tasted
@settings(max_examples=cases(20, 100))
@given(st.lists(st.integers(1, 9_999_999), min_size=1, max_size=30), st.integers(0, 99_999))
def test_every_amount_is_printed(cents: list[int], fee_cents: int) -> None:
    paid = [samples.line(index, each) for index, each in enumerate(cents)]
    receipt = samples.payment(*paid, fee_cents=fee_cents)
    for paper in Paper:
        printed = re.findall(r"-?\$[0-9,]+\.[0-9]{2}", said(receipt, paper))
        expected = [*(line.amount for line in receipt.lines), receipt.subtotal, receipt.fee, receipt.total]
        assert sorted(printed) == sorted(f"${amount}" for amount in expected)


def test_the_largest_amounts_stay_on_their_line() -> None:
    receipt = samples.payment(samples.line(1, LARGEST_CENTS), samples.line(2, -500), fee_cents=LARGEST_CENTS)
    for paper in Paper:
        text = said(receipt, paper)
        assert "$99,999,999.99" in text
        assert "-$5.00" in text
        assert f"Total ${Money(2 * LARGEST_CENTS - 500)}" in text


def test_no_card_number_and_no_expiry() -> None:
    for receipt in (samples.payment(), samples.anytime(), samples.bank_debit(), samples.void()):
        for paper in Paper:
            text = said(receipt, paper)
            assert re.findall(r"ending ([0-9]+)", text) == [receipt.last4]
            assert not re.search(r"[0-9]{13,19}", re.sub(r"[ -]", "", text))
            assert not re.search(r"\b(0[1-9]|1[0-2])/([0-9]{2}|20[0-9]{2})\b", text)
            assert "xpir" not in text


def test_the_fee_is_as_large_as_the_subtotal_and_before_the_total() -> None:
    for blocks in (letter.pages(samples.payment(), 0)[0].blocks, roll.strip(samples.payment(), 0)):
        marks = [mark for block in blocks for mark in block.marks if isinstance(mark, Text)]
        size = {mark.line.text: mark.size for mark in marks}
        assert size["Technology fee"] == size["Subtotal"] == size["$43.21"]
        order = [mark.line.text for mark in marks]
        assert order.index("Subtotal") < order.index("Technology fee") < order.index("Total")


def test_the_document_names_itself() -> None:
    information = PdfReader(BytesIO(render(samples.payment()))).metadata
    assert information is not None
    assert information.title == "Payment receipt R-000123"
    assert information.author == "Prairie Lakes Insurance Agency"


def test_two_customers_are_named_row_by_row() -> None:
    text = said(samples.unlike())
    assert "For customer" not in text
    assert "Sample Bakery LLC · Customer SAMPBAK-1" in text
    assert "Sample Bistro Inc · Customer SAMPBIS-2" in text


def test_an_unknown_zone_prints_utc() -> None:
    text = said(replace(samples.payment(), time_zone="Nowhere/Land"))
    assert "Mar 3, 2026, 8:15 PM UTC" in text
    assert "Mar 4, 2026, 1:45 AM IST" in said(replace(samples.payment(), time_zone="Asia/Kolkata"))
    assert "Mar 3, 2026, 5:15 PM UTC-03" in said(replace(samples.payment(), time_zone="America/Sao_Paulo"))


def test_a_part_payment_says_so_and_of_how_much() -> None:
    part = replace(samples.line(cents=500_00), owed=Money(1_250_00))
    for paper in Paper:
        assert "Partial payment: $500.00 of $1,250.00 owed" in said(samples.payment(part), paper)
        assert "Partial payment" not in said(samples.payment(), paper)


@pytest.mark.parametrize("paper", Paper)
def test_a_void_and_a_part_payment_have_the_words_of_their_version(paper: Paper) -> None:
    part = samples.payment(replace(samples.line(cents=500_00), owed=Money(1_250_00)))
    new, old = said(samples.void(), paper), said(replace(samples.void(), version=4), paper)
    assert "Originally paid by" in new
    assert "Original payment method" in new
    assert "Had been paid by" in old
    assert "Had been paid with" in old
    assert "Part payment: $500.00 of" in said(replace(part, version=4), paper)


def test_the_payment_reference_stands_on_one_line_but_for_receipts_that_were_printed_otherwise() -> None:
    receipt = replace(samples.payment(), reference="PDWM7K3QXH9BTR4GNV2EWJ")
    assert "PDWM7K3QXH9BTR4GNV2EWJ" in said(receipt).splitlines()
    assert "PDWM7K3QXH9BTR4GNV2EWJ" not in said(replace(receipt, version=1)).splitlines()


@pytest.mark.parametrize("paper", Paper)
def test_telephone_and_e_mail_stand_on_lines_of_their_own(paper: Paper) -> None:
    receipt = replace(samples.payment(), payer_contact="(217) 555-0111 · jordan.sample@example.com")
    assert "\n(217) 555-0111\njordan.sample@example.com\n" in said(receipt, paper)
    assert "(217) 555-0111 ·" in said(replace(receipt, version=1), paper)


@pytest.mark.parametrize("version", [3, 4])
def test_versions_3_and_4_print_as_version_2(version: int) -> None:
    for receipt in (samples.payment(), samples.bank_debit(), samples.void()):
        for paper in Paper:
            assert render(replace(receipt, version=2), paper, 1) == render(
                replace(receipt, version=version), paper, 1
            )


def test_the_pdf_names_the_anchor_and_the_paper_does_not() -> None:
    plain, anchor = samples.payment(), "0123456789abcdef" * 4
    anchored = replace(plain, anchor=anchor)
    for paper in Paper:
        information = PdfReader(BytesIO(render(anchored, paper))).metadata
        assert information is not None
        assert str(information["/Keywords"]) == f"PayDesk ledger anchor {anchor}"
        assert said(anchored, paper) == said(plain, paper)
        assert render(anchored, paper) == render(replace(anchored), paper)
    older = PdfReader(BytesIO(render(plain))).metadata
    assert older is not None
    assert anchor not in str(older)
