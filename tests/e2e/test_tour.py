"""The tour as a newcomer takes it: the story happened, and the receipts agree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtGui import QImage

pytestmark = pytest.mark.xdist_group("tour")  # all on one worker, so that the tour is taken once

CARDS = ("4000620000000007", "5200828282828210", "378282246310005", "123456789")


def take(out: Path, **options: object) -> str:
    """Take the tour in its own process, since Qt draws on one screen per process. Returns its output."""
    call = f"import pathlib, paydesk.tour; paydesk.tour.run_tour(pathlib.Path({str(out)!r}), **{options!r})"
    env = {name: value for name, value in os.environ.items() if not name.startswith("QT_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", call],
        env=env | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a whole tour."""
    out = tmp_path_factory.mktemp("tour")
    take(out)
    return out


def receipt(tour: Path, name: str) -> str:
    """Return the text of a saved receipt, as one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(tour / f"{name}.pdf").pages).split())


def words(tour: Path, picture: str) -> str:
    """Return the text on the screen when this picture was taken."""
    blocks: dict[str, list[str]] = {}
    for line in (tour / "tour.txt").read_text("utf-8").splitlines():
        if line.startswith(" "):
            blocks[list(blocks)[-1]].append(line.strip())
        else:
            blocks[line.partition("-")[2]] = []
    return "\n".join(blocks[picture])


def test_both_invoices_are_paid_by_card_with_the_fee_on_a_line_of_its_own(tour: Path) -> None:
    text = receipt(tour, "receipt-R-000001")
    for said in ("50123", "$1,250.00", "50140", "$150.00", "Subtotal $1,400.00", "Technology fee $49.00"):
        assert said in text
    for said in ("$1,449.00", "Visa ending 0007", "Sample Bakery LLC", "by phone", "TRAINING"):
        assert said in text
    assert "COPY" not in text


def test_each_tender_has_its_total_before_one_is_chosen(tour: Path) -> None:
    said = words(tour, "both-ticked-a-total-for-each-tender")
    for total in ("$1,449.00", "fee $49.00", "$1,421.00", "fee $21.00", "$1,403.00", "ACH, fee $3.00"):
        assert total in said


def test_a_second_payment_of_the_same_invoice_is_refused_and_says_why(tour: Path) -> None:
    said = words(tour, "paid-already-refused")
    assert "by jamie at Front-1, receipt R-000001" in said
    assert "Nothing selected yet" in said


def test_a_bank_debit_carries_its_consent(tour: Path) -> None:
    text = receipt(tour, "receipt-R-000002")
    for said in ("$1,203.40", "Technology fee $3.00", "Account ending 6789", "Submitted, not yet cleared"):
        assert said in text
    assert "Do you, Dana Example, authorize Harbor Street Insurance" in text
    assert "Read this aloud, word for word" in words(tour, "consent-read-and-given")


def test_ach_is_refused_above_its_limit_in_words(tour: Path) -> None:
    assert "$3,400.00 over the $15,000.00 limit" in words(tour, "above-the-ach-limit")
    assert "this is $3,400.00 over" in words(tour, "ach-refused-with-the-reason")


def test_an_anytime_payment_has_its_reference(tour: Path) -> None:
    text = receipt(tour, "receipt-R-000003")
    for said in ("HO-204417", "Pat Walker", "$250.00", "$3.75", "$253.75", "Debit card", "at the counter"):
        assert said in text


def test_a_declined_card_leaves_no_receipt_and_another_card_pays(tour: Path) -> None:
    assert "Nothing was charged." in words(tour, "declined-and-the-number-forgotten")
    assert "American Express ending 0005" in receipt(tour, "receipt-R-000004")


def test_a_letter_is_missed_and_a_deposit_file_is_marked_as_a_whole(tour: Path) -> None:
    assert "Press Print letter, and send the letter today." in words(tour, "a-letter-to-print")
    assert "Was all of deposit file D-0001 imported" in words(tour, "the-whole-file-is-asked-for")
    assert "Deposit file D-0001: " in words(tour, "the-whole-file-is-marked")


def test_an_unclear_payment_is_never_called_declined_and_is_found(tour: Path) -> None:
    said = words(tour, "no-answer-checking-with-the-processor")
    assert "We're confirming this payment with AndDone." in said
    assert "Declined" not in said
    assert "$193.80" in receipt(tour, "receipt-R-000005")
    assert "You're all caught up" in words(tour, "nothing-needs-attention")
    assert "$1,083.44" in receipt(tour, "receipt-R-000006")


def test_the_day_adds_up(tour: Path) -> None:
    said = words(tour, "day-end")
    assert "$4,528.39" in said
    assert "6 payments taken, 1 ACH not yet cleared" in said


def test_a_reprint_is_the_same_but_for_the_word_copy(tour: Path) -> None:
    again = receipt(tour, "Receipt R-000001 Sample Bakery LLC")
    assert "COPY" in again
    original, saved = tour / "receipt-R-000002.pdf", tour / "Receipt R-000002 Dana Example.pdf"
    assert saved.read_bytes() == original.read_bytes()


def test_what_was_printed_is_a_page_of_letter_paper(tour: Path) -> None:
    page = PdfReader(tour / "printed-receipt-R-000001.pdf").pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (612, 792)


def test_no_receipt_holds_a_card_or_account_number(tour: Path) -> None:
    receipts = " ".join(receipt(tour, path.stem) for path in tour.glob("receipt-*.pdf"))
    for number in CARDS:
        assert number not in receipts
    assert "03/30" not in receipts


def test_what_the_story_passes_by_has_its_pictures(tour: Path) -> None:
    assert "Clear the 37 selected invoices? Esc keeps them." in words(tour, "f12-asks-before-it-clears-much")
    assert "No matches for “zzqx”" in words(tour, "no-matches")
    assert "That phone number is too short." in words(tour, "an-error-below-its-field")
    assert "Print form" in words(tour, "a-form-to-sign")
    assert "Void $1,449.00" in words(tour, "void")
    assert "Refund $1,449.00" in words(tour, "refund")
    assert "Invoice 50140" in words(tour, "refund-of-a-part")
    assert "No payments match" in words(tour, "no-payments-match")
    assert "Welcome to PayDesk" in words(tour, "first-start")
    assert "Write it into the settings." in words(tour, "what-the-settings-still-miss")


def test_every_step_left_its_picture(tour: Path) -> None:
    titles = [
        line for line in (tour / "tour.txt").read_text("utf-8").splitlines() if not line.startswith(" ")
    ]
    assert titles == sorted(path.stem for path in tour.glob("[0-9]*.png"))
    assert len(titles) >= 60
    for title in titles:
        picture = QImage(str(tour / f"{title}.png"))
        assert (picture.width(), picture.height()) == (1366, 728)


def test_a_dark_screen_at_150_percent(tmp_path: Path) -> None:
    assert take(tmp_path, theme="dark", scale=1.5, chapters=1).startswith("9 pictures")
    picture = QImage(str(tmp_path / "01-empty-window.png"))
    assert (picture.width(), picture.height()) == (2049, 1092)
    assert picture.pixelColor(900, 500).lightness() < 60


def test_a_step_that_does_not_show_what_it_should_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "paydesk", "tour", "--out", str(tmp_path / "file" / "below")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be made" in done.stderr
