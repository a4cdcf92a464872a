"""The form prints before it can be claimed, the letter is asked for, and both print again later."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.consent import Channel, Proof
from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.receipt import Paper
from paydesk.domain.tender import AccountHolder, TenderKind
from paydesk.ui.kit.preferences import Switch
from paydesk.ui.pay.tender_page import TenderPage
from paydesk.ui.receipt import print_and_save, words
from paydesk.ui.receipt.papers import Which
from paydesk.ui.receipt.printing import Job
from paydesk.ui.receipt.receipt_page import ReceiptDialog, ReceiptPage
from tests.ui.paying import Counter


@pytest.fixture
def counter(qtbot: QtBot, tmp_path: Path) -> Counter:
    made = Counter(qtbot)

    def choose(_parent: QWidget, job: Job, _remembered: str) -> QPrinter:
        return into(job, tmp_path)

    made.printers.choose = choose
    return made


def into(job: Job, folder: Path) -> QPrinter:
    """Return a printer that prints a job into a file of its name."""
    printer = print_and_save.new_printer(job.page, job.name)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(folder / job.name))
    return printer


def text_of(path: Path) -> str:
    """Return the text of a printed file, on one line."""
    pages = pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def to_sign(counter: Counter) -> TenderPage:
    """Type an account at the counter, up to the form."""
    page = counter.take(kind=TenderKind.ACH).page
    counter.press(Qt.Key.Key_O, Qt.KeyboardModifier.AltModifier)
    counter.until(lambda: page.channel.value is Channel.COUNTER and counter.at == "tender.bank.routing")
    counter.type("021000021")
    for _ in range(2):
        counter.type("123456789")
        counter.press(Qt.Key.Key_Return)
    assert counter.at == "tender.consent.print"
    return page


FORM = "ACH authorization 2026-08-14 Dana Reyes.pdf"


def test_the_form_is_printed_signed_and_kept(counter: Counter, tmp_path: Path) -> None:
    page = to_sign(counter)
    assert page.consent._heading.text() == "Have the customer sign this form, and keep it on file"
    assert not page.consent.tick.isEnabled()
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: counter.at == "tender.consent.given")
    form = text_of(tmp_path / FORM)
    for wanted in ("I, Dana Reyes, authorize", "$1,253.00", "$3.00", "August 14, 2026", "6789", "Signature"):
        assert wanted in form
    assert page.banner.text == f"Saved as {FORM}."
    counter.press(Qt.Key.Key_Space)
    counter.charge()
    counter.until(lambda: bool(counter.answered))
    consent = counter.office.ledger.payment(1).draft.consent
    assert consent is not None
    assert (consent.channel, consent.proof) == (Channel.COUNTER, Proof.SIGNED_FORM)
    assert consent.paper is not None
    assert (consent.paper.terms.account_last4, consent.paper.paid_for) == (
        "6789",
        ("Invoice 50123", "Invoice 50177"),
    )
    receipt = received(counter)
    assert receipt.letter.text == "", "nothing is left to send"
    counter.press(Qt.Key.Key_F7)
    print_consent(counter, receipt)
    again = text_of(tmp_path / "ACH authorization R-000001 Sample Bakery.pdf")
    assert again.replace("COPY 1 ", "") == form


def test_a_form_that_was_not_printed_is_no_proof(counter: Counter) -> None:
    page = to_sign(counter)
    asked: list[str] = []
    counter.printers.choose = lambda _parent, job, _remembered: asked.append(job.name)
    counter.press(Qt.Key.Key_F8)
    assert asked == [FORM]
    page.consent.tick.setChecked(True)
    page.charge()
    assert page.consent.print_form.accessibleDescription() == "Print the form and have the customer sign it."
    assert not counter.office.processor.sales
    assert list(counter.office.ledger.payments(limit=9)) == []


def test_a_form_that_no_printer_took_is_said_and_no_proof(counter: Counter) -> None:
    counter.preferences.turn(Switch.PRINT_WITHOUT_ASKING, on=True)
    counter.preferences.keep_printer(Paper.LETTER, "Front HP")

    def away(_job: Job, name: str) -> QPrinter:
        raise print_and_save.PrinterAway(name)

    counter.printers.open = away
    page = to_sign(counter)
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: page.banner.text.startswith("Not printed: Front HP isn't available."))
    assert not page.consent.tick.isEnabled()
    counter.press(Qt.Key.Key_F8)
    counter.until(page.consent.tick.isEnabled)


def test_a_form_that_stops_in_the_printer_never_says_that_money_moved(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_pdf: bytes, _printer: QPrinter) -> None:
        raise KnownError(words.PRINTER_REFUSED, words.PRINT_ELSEWHERE)

    monkeypatch.setattr(print_and_save, "print_pdf", refuse)
    page = to_sign(counter)
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: page.banner.text.startswith("The printer did not accept this document."))
    assert "went through" not in page.banner.text
    assert not page.consent.tick.isEnabled()


def test_other_words_need_another_form(counter: Counter) -> None:
    page = to_sign(counter)
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: counter.at == "tender.consent.given")
    counter.press(Qt.Key.Key_Space)
    page.bank.holder.setFocus()
    counter.press(Qt.Key.Key_End)
    counter.type(" Jr")
    assert not page.consent.tick.isChecked()
    assert not page.consent.tick.isEnabled()
    page.bank.holder_kind.choose(AccountHolder.BUSINESS)
    assert not page.consent.print_form.isVisible(), "a business has its written agreement"
    assert page.consent.tick.isEnabled()


def by_letter(counter: Counter) -> ReceiptPage:
    """Take a debit by phone, confirmed by a letter."""
    page = counter.take(kind=TenderKind.ACH).page
    counter.account()
    counter.press(Qt.Key.Key_Space)
    page.consent.proof.choose(Proof.WRITTEN_NOTICE)
    counter.press(Qt.Key.Key_Return)
    counter.until(lambda: bool(counter.answered))
    return received(counter)


def received(counter: Counter) -> ReceiptPage:
    """Return the receipt page, once its documents are loaded."""
    receipt = counter.dialog.receipt
    assert receipt is not None
    consent = receipt.papers.consent
    assert consent is not None
    counter.until(lambda: bool(receipt.view.pages and consent.pages))
    counter.until(receipt.next_button.isEnabled)
    return receipt


def print_consent(counter: Counter, receipt: ReceiptPage | ReceiptDialog) -> None:
    """Print the form or letter that is in view."""
    consent = receipt.papers.consent
    assert consent is not None
    counter.until(consent.print_button.isVisible)
    counter.until(consent.print_button.isEnabled)
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: consent.banner.text.startswith("Saved as"))


LETTER = "ACH confirmation R-000001 Sample Bakery.pdf"


def test_a_letter_is_asked_for_before_the_next_customer(counter: Counter, tmp_path: Path) -> None:
    receipt = by_letter(counter)
    assert receipt.letter.text.startswith("Send the confirmation letter to bakery@example.com.")
    counter.press(Qt.Key.Key_F12)
    assert counter.closed == []
    assert receipt.letter.text.startswith("The confirmation letter is not printed yet.")
    assert receipt.papers.choice is not None
    assert receipt.papers.choice.value is Which.CONSENT
    print_consent(counter, receipt)
    letter = text_of(tmp_path / LETTER)
    for wanted in ("bakery@example.com", "by telephone, you authorized", "$1,253.00", "6789", "R-000001"):
        assert wanted in letter
    assert "COPY" not in letter
    assert len(counter.office.happened(EventKind.CONSENT_PRINTED)) == 1
    assert receipt.letter.text.startswith("The confirmation letter is printed or saved.")
    counter.press(Qt.Key.Key_F12)
    counter.until(lambda: counter.closed == [True])


def test_a_letter_may_wait_and_prints_from_the_payments_tab(counter: Counter, tmp_path: Path) -> None:
    receipt = by_letter(counter)
    counter.press(Qt.Key.Key_Escape)
    assert receipt.letter.text.startswith("The confirmation letter is not printed yet.")
    counter.press(Qt.Key.Key_Escape)
    counter.until(lambda: counter.closed == [True])
    for copy in ("", "COPY 1"):
        dialog = ReceiptDialog(
            counter.office.desk, counter.printers, counter.lanes, counter.answered[0], counter.window
        )
        dialog.open()
        dialog.papers.show_consent()
        print_consent(counter, dialog)
        letter = text_of(tmp_path / LETTER)
        assert (copy or "COPY") in letter if copy else "COPY" not in letter
        dialog.close()


def test_a_desk_that_prints_without_asking_prints_the_letter(counter: Counter, tmp_path: Path) -> None:
    counter.preferences.turn(Switch.PRINT_WITHOUT_ASKING, on=True)
    counter.preferences.keep_printer(Paper.LETTER, "Front HP")
    counter.printers.open = lambda job, _name: into(job, tmp_path)
    receipt = by_letter(counter)
    counter.until(lambda: receipt.letter.text.startswith("The confirmation letter is printed or saved."))
    assert (tmp_path / LETTER).exists()
    counter.press(Qt.Key.Key_F12)
    counter.until(lambda: counter.closed == [True])


def test_a_payment_without_a_paper_has_its_receipt_alone(counter: Counter) -> None:
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    assert dialog.receipt is not None
    dialog.receipt.papers.show_consent()
    assert dialog.receipt.papers.choice is None
    assert dialog.receipt.letter.text == ""
