"""Receipts on the screen, on paper and in files. What fails there touches no payment."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import QEvent, QSizeF, QStandardPaths, Qt, QTimer
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.domain.receipt import Paper
from paydesk.ui.kit.preferences import Switch
from paydesk.ui.receipt import print_and_save
from paydesk.ui.receipt.document_view import DocumentView
from paydesk.ui.receipt.paper import page_size
from paydesk.ui.receipt.printing import Job, Told
from paydesk.ui.receipt.receipt_page import ReceiptDialog, ReceiptPage
from tests.ui.paying import Counter, basket


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    return Counter(qtbot)


def paid(counter: Counter) -> DocumentView:
    """Take a payment and wait for its preview."""
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None and dialog.receipt.view.print_button.isEnabled())
    assert dialog.receipt is not None
    return dialog.receipt.view


def to_file(path: Path) -> Callable[[QWidget, Job, str], QPrinter]:
    """A chooser that prints into a PDF file, as the system's dialog does."""

    def choose(_parent: QWidget, job: Job, _remembered: str) -> QPrinter:
        printer = print_and_save.new_printer(job.page, job.name)
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(path))
        return printer

    return choose


def into(path: Path) -> Callable[[QWidget, str], str]:
    """A chooser that takes this file."""
    return lambda _parent, _name: str(path)


def said(counter: Counter) -> str:
    """Return what the receipt page says."""
    receipt = counter.dialog.receipt
    return receipt.view.banner.text if receipt is not None else ""


def text_in(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_printing_into_a_pdf_keeps_the_text(counter: Counter, tmp_path: Path) -> None:
    paid(counter)
    counter.printers.choose = to_file(tmp_path / "printed.pdf")
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: said(counter) == "Saved as printed.pdf.")
    printed = (tmp_path / "printed.pdf").read_bytes()
    assert "R-000001" in text_in(printed)
    box = pypdf.PdfReader(io.BytesIO(printed)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (612, 792)


@pytest.mark.parametrize("paper", list(Paper))
def test_a_printer_draws_the_receipt_in_its_real_size(counter: Counter, tmp_path: Path, paper: Paper) -> None:
    view = paid(counter)
    view.paper.choose(paper)
    counter.until(view.print_button.isEnabled)
    pdf = counter.office.desk.receipts.pdf(1, paper, reprint=False)
    page = print_and_save.open_pdf(pdf).pagePointSize(0)
    printer = print_and_save.new_printer(page)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "drawn.pdf"))
    print_and_save.draw_pages(pdf, printer)
    drawn = pypdf.PdfReader(tmp_path / "drawn.pdf").pages
    assert len(drawn) == 1
    box = drawn[0].mediabox
    assert (round(box.width), round(box.height)) == (round(page.width()), round(page.height()))
    assert round(page.width()) == {Paper.LETTER: 612, Paper.ROLL_80MM: 227}[paper]


# ---- the printers of the desk --------------------------------------------------------------


class Named:
    """Printers that have names and print into files. ``away`` are those that cannot be reached."""

    def __init__(self, counter: Counter, folder: Path) -> None:
        self._folder = folder
        self.away: set[str] = set()
        self.asked: list[str] = []
        """The printer that each dialog began with."""
        self.answer = "Front HP"
        self.gate = threading.Event()
        self.gate.set()
        counter.printers.choose = self._choose
        counter.printers.open = self._open

    def printed(self) -> list[str]:
        """Return the names of what was printed, with the printer of each."""
        return sorted(path.stem for path in self._folder.glob("*.pdf"))

    def _choose(self, _parent: QWidget, job: Job, remembered: str) -> QPrinter:
        self.asked.append(remembered)
        return self._into_file(job, self.answer)

    def _open(self, job: Job, name: str) -> QPrinter:
        assert threading.current_thread() is not threading.main_thread(), "it may take seconds"
        self.gate.wait(20)
        if name in self.away:
            raise print_and_save.PrinterAway(name)
        return self._into_file(job, name)

    def _into_file(self, job: Job, name: str) -> QPrinter:
        printer = NamedPrinter(name, str(self._folder / f"{name}, {Path(job.name).stem}.pdf"))
        printer.setPageSize(page_size(job.page, []))
        return printer


class NamedPrinter(QPrinter):
    """A printer with a name, as an installed one has."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(QPrinter.PrinterMode.HighResolution)
        self.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        self.setOutputFileName(path)
        self._name = name

    def printerName(self) -> str:  # noqa: N802 - Qt's name
        """Its name."""
        return self._name

    def outputFileName(self) -> str:  # noqa: N802 - Qt's name
        """Nothing: it prints on paper."""
        return ""


@pytest.fixture
def named(counter: Counter, tmp_path: Path) -> Named:
    return Named(counter, tmp_path)


def test_each_paper_remembers_its_printer(counter: Counter, named: Named) -> None:
    view = paid(counter)
    view.print_button.click()
    counter.until(lambda: said(counter) == "Sent to printer Front HP.")
    view.paper.choose(Paper.ROLL_80MM)
    counter.until(view.print_button.isEnabled)
    named.answer = "Roll"
    view.print_button.click()
    counter.until(lambda: said(counter).startswith("Sent to printer Roll."))
    view.print_button.click()
    counter.until(lambda: len(named.asked) == 3 and view.print_button.isEnabled())
    assert named.asked == ["", "", "Roll"], "the dialog begins with it"
    assert counter.preferences.printer(Paper.LETTER) == "Front HP"
    assert not view.other_button.isVisible()


def test_a_file_is_not_remembered_as_a_printer(counter: Counter, tmp_path: Path) -> None:
    paid(counter)
    counter.printers.choose = to_file(tmp_path / "printed.pdf")
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: said(counter).startswith("Saved as"))
    assert counter.preferences.printer(Paper.LETTER) == ""


def test_print_without_asking_uses_the_remembered_printer(counter: Counter, named: Named) -> None:
    counter.preferences.turn(Switch.PRINT_WITHOUT_ASKING, on=True)
    view = paid(counter)
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: said(counter) == "Sent to printer Front HP.")
    assert named.asked == [""], "the first time, there is none to remember"
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: said(counter) == "Sent to printer Front HP. It is marked as a copy.")
    assert len(named.asked) == 1
    named.answer = "Back office"
    assert view.other_button.isVisible()
    counter.press(Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    counter.until(lambda: said(counter).startswith("Sent to printer Back office."))
    assert named.asked == ["", "Front HP"]
    assert counter.preferences.printer(Paper.LETTER) == "Back office"


def test_a_receipt_prints_by_itself_after_an_approval(counter: Counter, named: Named) -> None:
    counter.preferences.turn(Switch.PRINT_AFTER_APPROVAL, on=True)
    counter.preferences.keep_printer(Paper.LETTER, "Front HP")
    view = paid(counter)
    counter.until(lambda: said(counter) == "Sent to printer Front HP.")
    view.paper.choose(Paper.ROLL_80MM)
    counter.until(view.print_button.isEnabled)
    assert named.printed() == ["Front HP, Receipt R-000001 Sample Bakery"]
    assert named.asked == []
    assert counter.office.happened(EventKind.REPRINTED) == [], "it was the original, and only once"


def test_without_a_printer_an_approval_asks_nobody_and_says_so(counter: Counter, named: Named) -> None:
    counter.preferences.turn(Switch.PRINT_AFTER_APPROVAL, on=True)
    paid(counter)
    counter.until(
        lambda: said(counter).startswith("Not printed: this desk has no printer for this paper yet.")
    )
    assert named.asked == []
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: said(counter) == "Sent to printer Front HP.")


def test_a_printer_that_is_away_is_said_and_the_next_time_asked_for(counter: Counter, named: Named) -> None:
    counter.preferences.turn(Switch.PRINT_AFTER_APPROVAL, on=True)
    counter.preferences.turn(Switch.PRINT_WITHOUT_ASKING, on=True)
    counter.preferences.keep_printer(Paper.LETTER, "Front HP")
    named.away.add("Front HP")
    paid(counter)
    counter.until(
        lambda: said(counter) == "Not printed: Front HP isn't available. Press F8 to choose another printer."
    )
    named.answer = "Back office"
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: said(counter) == "Sent to printer Back office.")
    assert named.asked == ["Front HP"]
    assert counter.office.happened(EventKind.REPRINTED) == []
    named.answer = "Front HP"
    heard: list[str] = []
    told = Told(counter.window, heard.append, lambda error: pytest.fail(str(error)))
    counter.printers.print(job_of(counter), told, ask=True)
    counter.until(lambda: heard == ["Sent to printer Front HP."])
    assert not counter.printers.asks(Paper.LETTER), "it is there again"


def test_a_printer_that_does_not_answer_blocks_nothing_and_is_said_later(
    counter: Counter, named: Named
) -> None:
    counter.preferences.turn(Switch.PRINT_AFTER_APPROVAL, on=True)
    counter.preferences.keep_printer(Paper.LETTER, "Front HP")
    named.away.add("Front HP")
    named.gate.clear()
    missed: list[str] = []
    counter.printers.missed.connect(lambda job, error: missed.append(f"{job.name}: {error}"))
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None and dialog.receipt.next_button.isEnabled())
    counter.until(lambda: said(counter) == "Printing…")
    counter.press(Qt.Key.Key_F12)
    counter.until(lambda: counter.closed == [True])
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    named.gate.set()
    counter.until(lambda: bool(missed))
    assert missed[0].startswith("Receipt R-000001 Sample Bakery.pdf: Not printed: Front HP isn't available.")


def test_a_receipt_printed_after_its_page_is_closed_is_printed(counter: Counter, named: Named) -> None:
    counter.preferences.turn(Switch.PRINT_AFTER_APPROVAL, on=True)
    counter.preferences.keep_printer(Paper.LETTER, "Front HP")
    named.gate.clear()
    paid(counter)
    counter.dialog.accept()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    named.gate.set()
    counter.until(lambda: named.printed() == ["Front HP, Receipt R-000001 Sample Bakery"])
    assert counter.lanes.lookup.wait(20)


def test_a_printer_that_is_not_installed_is_away() -> None:
    with pytest.raises(print_and_save.PrinterAway, match="Nobody's isn't available"):
        print_and_save.printer_named("Nobody's", QSizeF(612, 792), "Receipt")


def test_a_driver_that_makes_pictures_saves_our_own_pdf_instead(
    counter: Counter, named: Named, tmp_path: Path
) -> None:
    named.answer = "Microsoft Print to PDF"
    view = paid(counter)
    view.choose_file = into(tmp_path / "saved.pdf")
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: said(counter) == "Saved as saved.pdf.")
    assert "R-000001" in text_in((tmp_path / "saved.pdf").read_bytes())
    assert counter.preferences.printer(Paper.LETTER) == ""


def job_of(counter: Counter) -> Job:
    """Return a job that prints the first receipt."""
    pdf = counter.office.desk.receipts.pdf(1, Paper.LETTER, reprint=False)
    page = print_and_save.open_pdf(pdf).pagePointSize(0)
    return Job("again.pdf", "", Paper.LETTER, page, lambda printer: print_and_save.draw_pages(pdf, printer))


# ---- the original and its copies -----------------------------------------------------------


def test_the_first_is_the_original_and_every_later_one_a_copy(counter: Counter, tmp_path: Path) -> None:
    view = paid(counter)
    texts = []
    for place in range(3):
        path = tmp_path / f"{place}.pdf"
        view.choose_file = into(path)
        counter.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        counter.until(path.exists)
        counter.until(view.save_button.isEnabled)
        texts.append(text_in(path.read_bytes()))
    assert ["COPY" in text for text in texts] == [False, True, True]
    assert "COPY 2" in texts[2]
    assert view.banner.text == "Saved as 2.pdf. It is marked as a copy."


def test_the_next_receipt_is_offered_the_same_folder(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DocumentView, "folder", "")
    view = paid(counter)
    offered: list[Path] = []

    def choose(_parent: QWidget, suggested: str) -> str:
        offered.append(Path(suggested))
        return str(tmp_path / "mine.pdf")

    view.choose_file = choose
    for _ in range(2):
        view.save_button.click()
        counter.until(view.save_button.isEnabled)
    assert [path.name for path in offered] == ["Receipt R-000001 Sample Bakery.pdf"] * 2
    assert offered[1].parent == tmp_path


def test_the_suggested_name_is_one_that_no_file_has(tmp_path: Path) -> None:
    wanted = tmp_path / "Receipt R-000001 Sample Bakery.pdf"
    assert print_and_save.free_path(wanted.name, str(tmp_path)) == str(wanted)
    wanted.write_text("another")
    assert print_and_save.free_path(wanted.name, str(tmp_path)) == str(wanted.with_stem(f"{wanted.stem} (2)"))


def test_a_computer_without_a_folder_for_documents_saves_into_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "Documents"
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _which: str(named))
    assert print_and_save.documents() == str(Path.home())
    named.mkdir()
    assert print_and_save.documents() == str(named)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the dialog is the system's own")
def test_a_pdf_of_the_print_dialog_has_the_receipts_name_and_no_other_files(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_and_save, "documents", lambda: str(tmp_path))
    (tmp_path / "Receipt R-000001 A. Baker.pdf").write_text("another")
    printer = print_and_save.new_printer(QSizeF(612, 792), "Receipt R-000001 A. Baker.pdf")
    file = print_and_save.printer_dialog(printer, counter.window).findChild(QLineEdit, "filename")
    assert isinstance(file, QLineEdit)
    assert file.text() == str(tmp_path / "Receipt R-000001 A. Baker (2).pdf")


def test_the_systems_file_dialog_answers_with_a_pdf(counter: Counter, tmp_path: Path) -> None:
    paid(counter)

    def press_enter() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        dialog.accept()

    QTimer.singleShot(200, press_enter)
    chosen = print_and_save.ask_for_file(counter.dialog, str(tmp_path / "Receipt"))
    assert Path(chosen).name == "Receipt.pdf"


def test_a_file_that_is_there_is_replaced_only_after_a_yes(counter: Counter, tmp_path: Path) -> None:
    """The name is typed without its ending, which the dialog adds before it looks."""
    paid(counter)
    (tmp_path / "Receipt.pdf").write_text("another receipt")
    asked = []

    def press_enter() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        QTimer.singleShot(100, answer)
        dialog.accept()
        dialog.reject()

    def answer() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        box.button(QMessageBox.StandardButton.No).click()

    QTimer.singleShot(100, press_enter)
    assert print_and_save.ask_for_file(counter.dialog, str(tmp_path / "Receipt")) == ""
    assert len(asked) == 1
    assert "Receipt.pdf" in asked[0]


def test_looking_at_both_papers_counts_no_copy(counter: Counter) -> None:
    view = paid(counter)
    view.paper.choose(Paper.ROLL_80MM)
    counter.until(view.print_button.isEnabled)
    assert counter.office.happened(EventKind.REPRINTED) == []


def test_cancelling_prints_and_counts_nothing(counter: Counter) -> None:
    view = paid(counter)
    counter.printers.choose = lambda _parent, _job, _remembered: None
    view.choose_file = lambda _parent, _name: ""
    view.print_button.click()
    view.save_button.click()
    assert view.banner.text == ""
    assert view.print_button.isEnabled()


def refusing(_parent: QWidget, job: Job, _remembered: str) -> QPrinter:
    """Choose a printer that takes nothing."""
    return NamedPrinter("Broken", str(Path("no such folder") / job.name))


@pytest.mark.qt_log_ignore("QPainter::begin", extend=True)
def test_a_failing_printer_is_said_and_the_payment_stands(counter: Counter, tmp_path: Path) -> None:
    view = paid(counter)
    counter.printers.choose = refusing
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: "did not accept this document" in view.banner.text)
    assert "Payments are not affected." in view.banner.text
    assert counter.office.ledger.payment(1).state is State.AUTHORIZED
    counter.printers.choose = to_file(tmp_path / "no such folder" / "printed.pdf")
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: "printed.pdf couldn't be saved" in view.banner.text)
    counter.printers.choose = to_file(tmp_path / "printed.pdf")
    counter.press(Qt.Key.Key_F8)
    counter.until(lambda: view.banner.text.startswith("Saved as"))
    assert counter.office.happened(EventKind.REPRINTED) == []


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(counter: Counter, tmp_path: Path) -> None:
    view = paid(counter)
    view.choose_file = into(tmp_path / "no such folder" / "receipt.pdf")
    view.save_button.click()
    counter.until(lambda: "receipt.pdf couldn't be saved" in view.banner.text)
    assert list(tmp_path.glob("**/*.pdf")) == []


def test_a_receipt_that_cannot_be_made_does_not_hide_the_approval(counter: Counter) -> None:
    counter.office.database.fail(lambda sql: sql.startswith("SELECT receipt.body"))
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(
        lambda: dialog.receipt is not None and "does not read or write" in dialog.receipt.view.banner.text
    )
    assert not counter.button("receipt.print").isEnabled()
    counter.until(lambda: counter.at == "receipt.next")
    counter.press(Qt.Key.Key_F12)
    counter.until(lambda: counter.closed == [True])


def test_a_second_enter_does_not_send_the_receipt_away_unseen(counter: Counter) -> None:
    dialog = counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: dialog.receipt is not None)
    counter.press(Qt.Key.Key_Return, times=2)
    assert dialog.isVisible()
    assert not counter.closed


def test_another_amount_than_quoted_is_said(counter: Counter, qtbot: QtBot) -> None:
    paid(counter)
    payment = counter.answered[0]
    other = replace(payment, charged=Money(1_300_00))
    page = ReceiptPage(counter.office.desk, counter.printers, counter.lanes, other)
    qtbot.addWidget(page)
    banner = page.findChild(QWidget, "receipt.otherwise")
    assert isinstance(banner, QWidget)
    assert banner.accessibleName().startswith("AndDone charged $1,300.00 instead of the quoted $1,293.75")


def test_from_the_payments_tab_everything_is_a_copy(counter: Counter, qtbot: QtBot, tmp_path: Path) -> None:
    paid(counter)
    counter.dialog.accept()
    payment = counter.answered[0]
    dialog = ReceiptDialog(counter.office.desk, counter.printers, counter.lanes, payment, counter.window)
    dialog.open()
    counter.until(dialog.view.print_button.isEnabled)
    path = tmp_path / "again.pdf"
    dialog.view.choose_file = into(path)
    dialog.view.save_button.click()
    counter.until(path.exists)
    assert "COPY 1" in text_in(path.read_bytes())
    dialog.close()


@pytest.mark.parametrize(
    ("payer", "name"),
    [
        ("Sample Bakery", "Receipt R-000001 Sample Bakery.pdf"),
        ("A/B: “C” <D>?*", "Receipt R-000001 A B “C” D.pdf"),
        ("x" * 300, f"Receipt R-000001 {'x' * 63}.pdf"),
        ("名前", "Receipt R-000001 名前.pdf"),
    ],
)
def test_the_file_has_a_name_every_system_takes(payer: str, name: str) -> None:
    assert print_and_save.file_name("R-000001", payer) == name


def test_bytes_that_are_no_pdf_are_refused_in_words() -> None:
    with pytest.raises(KnownError, match="Couldn't open this document"):
        print_and_save.open_pdf(b"no pdf")


def test_the_bill_of_many_lines_keeps_its_sums_in_view(counter: Counter) -> None:
    many = basket("50123", "50177", "50181")
    long = type(many)(many.lines * 8, many.payer)
    dialog = counter.take(long)
    total = dialog.summary._total
    assert total.isVisible()
    assert total.mapTo(dialog, total.rect().bottomLeft()).y() < dialog.height()
