"""Texts from elsewhere are no markup and turn nothing around: they open no file, and reorder no amount."""

from __future__ import annotations

import ast
import contextlib
import ctypes
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bidi import get_display
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt
from PySide6.QtGui import QColor, QImage, QTextDocument
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.money import Money
from paydesk.domain.payment import Payer, Payment, ReferenceKind, State
from paydesk.domain.posting import Refused
from paydesk.domain.receipt import Paper
from paydesk.domain.refund import RefundKind, RefundReason, RefundState, ask_for
from paydesk.domain.spreadsheet import file_of
from paydesk.domain.typed.plain_texts import apart
from paydesk.receipts.pdf import render
from paydesk.services.desk.day_end import day_of, day_table
from paydesk.services.payments.reasons import LONGEST_REASON
from paydesk.services.payments.refunds import Refundable
from paydesk.ui.day_end import sheet
from paydesk.ui.imports.dialog import ImportDialog
from paydesk.ui.kit.faults import FaultDialog
from paydesk.ui.kit.notices import NoticeBar
from paydesk.ui.kit.widgets import Elided, tip
from paydesk.ui.kit.words import copy_cell
from paydesk.ui.offer.anytime_link import AnytimeLinkDialog
from paydesk.ui.offer.customer_screen import CustomerScreen
from paydesk.ui.offer.dialog import OfferDialog
from paydesk.ui.offer.words import KINDS
from paydesk.ui.pay import words as pay_words
from paydesk.ui.pay.payment_dialog import PaymentDialog
from paydesk.ui.pay.tender_page import Opening
from paydesk.ui.payments import attention_words
from paydesk.ui.payments import words as payments_words
from paydesk.ui.payments.reversal.reason_dialog import ReasonDialog
from paydesk.ui.payments.reversal.refund_dialog import RefundDialog
from paydesk.ui.payments.reversal.void_dialog import VoidDialog
from paydesk.ui.receipt.print_and_save import file_name
from paydesk.ui.receipt.receipt_page import ReceiptDialog
from paydesk.ui.take.words import selection as selection_words
from tests.fakes import sample
from tests.fakes.office import Office
from tests.sources import together, tree
from tests.ui.front import Front

WIDTH = 1900
"""Pixels. No tip is as wide, unless the picture is in it."""


class Canary:
    """Tells if any code of the process, Python or not, has opened one of these files (Linux: inotify)."""

    _OPENED, _NON_BLOCKING = 0x20, 0o4000

    def __init__(self, *paths: Path) -> None:
        self._watch: int | None = None
        if sys.platform != "linux":
            return
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(self._NON_BLOCKING)
        for path in paths:
            assert libc.inotify_add_watch(self._watch, os.fsencode(path), self._OPENED) >= 0

    @property
    def opened(self) -> bool:
        """True if one was opened since the last question."""
        with contextlib.suppress(BlockingIOError):
            return self._watch is not None and bool(os.read(self._watch, 4096))
        return False

    def close(self) -> None:
        """Watch no more."""
        if self._watch is not None:
            os.close(self._watch)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return a wide picture, and a pipe that would hang whoever reads it."""
    picture = QImage(WIDTH, 4, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    assert picture.save(str(tmp_path / "canary.png"))
    pipe = tmp_path / "canary.fifo"
    if sys.platform != "win32":
        os.mkfifo(pipe)
    return tmp_path / "canary.png", pipe


@pytest.fixture
def canary(files: tuple[Path, Path]) -> Iterator[Canary]:
    """Return a watch over both."""
    made = Canary(*(path for path in files if path.exists()))
    yield made
    made.close()


@pytest.fixture
def name(files: tuple[Path, Path]) -> str:
    """Return a name whose markup would show a wide picture, and hang at the pipe."""
    return _markup(files[0]) + f'<img src="{files[1].as_uri()}">'


def _markup(picture: Path) -> str:
    return f'<img src="{picture.as_uri()}"><a href="https://evil.example">PAID</a> &amp; Co'


def _tip_width(text: str, near: QWidget) -> int:
    QToolTip.showText(QPoint(0, 0), text, near)
    shown = next(one for one in QApplication.topLevelWidgets() if one.inherits("QTipLabel"))
    assert isinstance(shown, QLabel)
    width = shown.sizeHint().width()
    QToolTip.hideText()
    return width


@pytest.mark.qt_log_ignore("does not support raise")
def test_a_tip_shows_the_name_and_no_picture(
    qtbot: QtBot, name: str, files: tuple[Path, Path], canary: Canary
) -> None:
    near = QWidget()
    qtbot.addWidget(near)
    assert _tip_width(_markup(files[0]), near) > WIDTH, "Qt would show it"
    assert canary.opened or sys.platform != "linux", "and the watch sees it"
    assert _tip_width(tip(name), near) < WIDTH
    assert not canary.opened
    assert tip("") == ""


_TIPS = {"setToolTip", "setWhatsThis", "setStatusTip"}


def _bare_tips(source: str) -> list[int]:
    """Return the lines that set a tooltip from a text that ``tip`` has not made plain."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    tips = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in _TIPS]
    return [
        call.lineno
        for call in tips
        if not any(isinstance(part, ast.Name) and part.id == "tip" for part in ast.walk(call.args[0]))
    ]


def test_every_tooltip_is_made_plain() -> None:
    """A page that no other test fills with hostile texts is held to it, too."""
    assert _bare_tips("one.setToolTip(name)\ntwo.setToolTip(tip(name) if long else '')") == [1]
    modules = (Path(__file__).parents[2] / "src/paydesk/ui").rglob("*.py")
    assert {path.name: lines for path in modules if (lines := _bare_tips(path.read_text("utf-8")))} == {}


def _texts(widget: QWidget) -> Iterator[str]:
    """Yield the texts of a widget that Qt would show as markup."""
    markup = GuiQt.mightBeRichText
    if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText:
        yield widget.text()
    yield from (text for text in (widget.toolTip(), widget.whatsThis()) if markup(text))
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from filter(markup, _tips_of(widget.model()))


def _tips_of(model: QAbstractItemModel, parent: QModelIndex | None = None) -> Iterator[str]:
    above = parent or QModelIndex()
    for row in range(model.rowCount(above)):
        for column in range(model.columnCount(above)):
            for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.WhatsThisRole):
                yield str(model.index(row, column, above).data(role) or "")


def _office(name: str) -> Office:
    office = Office()
    for number, customer in office.source.customers.items():
        office.source.customers[number] = replace(customer, name=name)
    for number, invoice in office.source.invoices.items():
        office.source.invoices[number] = replace(
            invoice, customer_name=name, description=name, policy_number=name, insurer=name
        )
    office.took("60010", minutes_ago=200)
    office.took("50301", minutes_ago=120, state=State.UNKNOWN)
    office.sent(office.took("60011", minutes_ago=20), Refused(name))
    office.took("50200", minutes_ago=15, state=State.OFFERED)
    office.took("50302", minutes_ago=10, state=State.CHARGED_BACK)
    _refunded(office, name)
    return office.seen()


def _refunded(office: Office, name: str) -> None:
    """Take a payment whose refund was refused with that reason, and that is to be refunded later."""
    paid = office.took("50304", minutes_ago=5 * 24 * 60)
    ask = ask_for(paid, (), RefundKind.TOTAL, RefundReason.OTHER, name[:LONGEST_REASON])
    office.ledger.record_refund(office.ledger.begin_refund(paid.id, ask).id, RefundState.REFUSED, name)
    office.ledger.wish_refund(paid.id, ask)


@pytest.mark.qt_log_ignore("does not support raise")
def test_no_widget_of_any_page_shows_a_name_as_markup(qtbot: QtBot, name: str, canary: Canary) -> None:
    front = Front(qtbot, _office(name))
    front.look_up("50123")
    seen = 0
    for tab in range(front.window.tabs.count()):
        front.window.tabs.setCurrentIndex(tab)
        qtbot.waitUntil(lambda: not front.take.search.busy)
        qtbot.wait(100)  # the pages read in the background
        for view in front.window.findChildren(QAbstractItemView):
            view.setCurrentIndex(view.model().index(0, 0)) if view.model() is not None else None
        qtbot.wait(50)
        for widget in front.window.findChildren(QWidget):
            for text in _texts(widget):
                seen += "PAID" in text
                assert "<img" not in text, widget.objectName()
                assert "<a " not in text, widget.objectName()
                QToolTip.showText(QPoint(0, 0), text, widget)
    QToolTip.hideText()
    assert seen > 10, "the name was looked at"
    assert not canary.opened


def _shown(name: str, front: Front) -> list[QWidget]:
    """Open every surface beside the pages that can show such a name, and return them."""
    window, payment = front.window, front.office.ledger.payments(limit=1)[0]
    bar = NoticeBar("hostile", window)
    bar.say(name, name, "danger")
    return [
        bar,
        *_paying(name, front),
        *_giving_back(name, payment, window),
        FaultDialog("A1B2C3", ValueError(name), window),
        ReasonDialog("hostile", pay_words.TITLE, name, name, name, window),
        VoidDialog(payment, None, window),
        AnytimeLinkDialog(front.office.desk, window.printers, window.lanes, window),
        ReceiptDialog(front.office.desk, window.printers, window.lanes, payment, window),
    ]


def _paying(name: str, front: Front) -> list[QWidget]:
    """Return the dialogs of a payment and of a link, the link's also while it waits and on another screen."""
    desk, window = front.office.desk, front.window
    draft = front.office.draft("50123")
    lines = tuple(replace(line, description=name, policy_number=name, insurer=name) for line in draft.lines)
    payer = Payer(name, name, name, draft.payer.customer_number, name)
    basket = Basket(lines, payer, name, ReferenceKind.OTHER, name)
    opening = Opening(basket, desk.quotes(basket.subtotal))
    common = window.lanes, opening
    offered = front.office.ledger.payments(limit=1, states=[State.OFFERED])[0]
    waiting = OfferDialog(desk, *common, [*KINDS], window.printers, window)
    waiting.waiting.show_payment(offered)
    waiting._right.setCurrentWidget(waiting.waiting)
    ordering = OfferDialog(desk, *common, [*KINDS], window.printers, window)
    ordering.show_refusal(KnownError(name, name))
    paying = PaymentDialog(desk, *common, window.printers, window)
    paying.page.banner.say(name, name, "danger")
    return [waiting, ordering, CustomerScreen(waiting, offered, ()), paying]


def _giving_back(name: str, payment: Payment, window: QWidget) -> list[QWidget]:
    """Return the dialog of a refund that can be made, one that can't, and one without an answer."""
    may, refused, failed = (RefundDialog(payment, window) for _ in range(3))
    may.show_refundable(Refundable(payment, (), returnable_until=sample.TODAY))
    may.kind.choose(RefundKind.PARTIAL)
    refused.show_refundable(Refundable(payment, (), name, voidable=True, opens_on=sample.TODAY))
    failed.show_error((name, name))
    return [may, refused, failed]


_NO_TEXT_FROM_ELSEWHERE = {"_Dialog", "KeysDialog", "AboutDialog", "TextSizeDialog", "DaysDialog"}


def test_every_dialog_is_looked_at(qtbot: QtBot, name: str) -> None:
    """A new dialog is shown with hostile names here, or said to have none."""
    front = Front(qtbot, _office(name))
    shown = {type(one).__name__ for one in _shown(name, front)} | {ImportDialog.__name__}
    made: set[str] = set()
    for path in (Path(__file__).resolve().parents[2] / "src/paydesk/ui").rglob("*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and {"QDialog", "_Dialog"} & {
                ast.unparse(each) for each in node.bases
            }:
                made.add(node.name)
    assert made - shown - _NO_TEXT_FROM_ELSEWHERE == set()
    assert not _NO_TEXT_FROM_ELSEWHERE - made


def test_no_page_of_the_import_reads_a_cell_as_markup(
    qtbot: QtBot, name: str, canary: Canary, tmp_path: Path
) -> None:
    cell = name.replace('"', '""')
    lines = [f'Invoice,Customer #,Customer,Balance,"{cell}"']
    lines += [f'{50123 + row},1001,"{cell}",{"x" if row == 2 else "10.00"},"{cell}"' for row in range(4)]
    file = tmp_path / f"{name[:20].replace('/', ' ')}.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    front = Front(qtbot, Office())
    front.press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    dialog = front.find(ImportDialog, "import.dialog")
    dialog.choose_file = lambda _parent: str(file)
    front.until(lambda: front.at == "import.choose")
    front.enter()
    front.until(lambda: front.says("import.file") == file.name)
    _looked_at(dialog)
    front.button("import.go").click()
    front.until(lambda: front.says("import.result") == "Imported")
    assert "PAID" in str(dialog.result_page.model.rows), "the name was looked at"
    _looked_at(dialog)
    assert not canary.opened


def _looked_at(widget: QWidget) -> None:
    for one in [widget, *widget.findChildren(QWidget)]:
        assert not any("<img" in text or "<a " in text for text in _texts(one)), one.objectName()


def test_no_dialog_and_no_notice_reads_a_name_as_markup(qtbot: QtBot, name: str, canary: Canary) -> None:
    front = Front(qtbot, _office(name))
    for widget in _shown(name, front):
        widget.show()
        qtbot.wait(10)
        assert "<" not in widget.windowTitle()
        for one in [widget, *widget.findChildren(QWidget)]:
            assert not any("<img" in text or "<a " in text for text in _texts(one)), one.objectName()
            if isinstance(one, QLabel):
                assert not one.openExternalLinks()
        widget.hide()
    assert not canary.opened


def test_the_days_sheet_reads_no_name_as_markup(qtbot: QtBot, name: str, canary: Canary) -> None:
    office = _office(name)
    day = day_of(sample.TODAY, office.ledger.payments(limit=9))
    settings = replace(office.settings, letterhead=replace(office.settings.letterhead, name=name))
    document = QTextDocument()
    document.setHtml(sheet.html(day, settings, ZoneInfo("America/New_York")))
    document.toPlainText()
    document.adjustSize()
    assert "<img" in document.toPlainText(), "as a text"
    assert not canary.opened


def test_a_receipt_names_no_one_in_its_properties_and_opens_nothing(name: str, canary: Canary) -> None:
    office = _office(name)
    for payment in office.ledger.payments(limit=9):
        if payment.receipt_number:
            pdf = render(office.ledger.receipt(payment.id), Paper.LETTER, 0)
            for mark in (b"/URI", b"/JavaScript", b"/Launch", b"/GoToR", b"/EmbeddedFile"):
                assert mark not in pdf
            assert b"PAID" not in pdf.partition(b"/Title")[2][:200]
    assert not canary.opened


_OTHER_WAYS = {
    "QMessageBox", "QErrorMessage", "QInputDialog", "QSystemTrayIcon", "QTextBrowser", "QTextEdit",
    "QProgressDialog", "QWhatsThis", "setOpenExternalLinks", "openUrl", "AutoText", "MarkdownText",
}  # fmt: skip


_OWN_PAGES = {
    "first_start.py": {"QTextBrowser", "openUrl"},
    "about.py": {"QTextBrowser", "openUrl"},
    "waiting_page.py": {"openUrl"},
}
"""Their pages are files of the program, and their folders the desk's own. None has a text from elsewhere.
The address of a payment link is on the processor's own host: the gateway refuses any other.
"""


@together
def test_no_other_class_of_qt_that_reads_markup_is_used() -> None:
    """Message boxes, tray messages and text browsers guess markup, too. Who needs one extends these tests."""
    used: dict[str, set[str]] = {}
    for path in (Path(__file__).resolve().parents[2] / "src/paydesk").rglob("*.py"):
        names = {node.id if isinstance(node, ast.Name) else node.attr
                 for node in ast.walk(tree(path)) if isinstance(node, ast.Name | ast.Attribute)}  # fmt: skip
        if found := names & _OTHER_WAYS:
            used[path.name] = found
    assert used == _OWN_PAGES


def test_no_ampersand_of_a_name_becomes_a_key() -> None:
    assert copy_cell("Smith & Sons") == "Copy “Smith && Sons”"
    assert copy_cell("a\tb & c") == "Copy “a b && c”", "a tab would begin the item's key"


BACKWARDS = [
    "Acme \u202eLLC", "Acme \u202e", "\u2067Acme", "Acme\u2069\u202e", "\u202bAcme",
    "A \u2066x\u2069\u202e y",
    "שלום בע״מ", "صيدلية النور 24", "٤٥٦", "Acme ٤٥٦", "۱۲۳ LLC", "אב 12", "\u061c٤", "Acme\n\u202e$0.01",
]  # fmt: skip
AMOUNT = re.compile(r"-?\$?[0-9][0-9,]*\.[0-9][0-9]")


def _in_order(text: str) -> bool:
    """Return True if every amount of the text stands in it as it is read, once it is laid out (UAX 9)."""
    shown = get_display(text)
    return AMOUNT.findall(shown) == AMOUNT.findall(text)


def _visible(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, Elided):
        yield widget.full_text
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    yield widget.accessibleName()
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        model = widget.model()
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                    yield str(model.index(row, column).data(role) or "")


def test_the_order_of_amounts_is_judged() -> None:
    assert not _in_order("1 more open for Acme \u202eLLC, 1,250.00"), "as it was"
    assert not _in_order("שלום, 1,250.00 - 3.50"), "and two amounts behind such a name"


@pytest.mark.parametrize("hostile", BACKWARDS, ids=ascii)
def test_no_name_reorders_an_amount_in_a_sentence(hostile: str) -> None:
    for sentence in (
        selection_words.others_open(1, hostile, Money(1_250_00)),
        payments_words.amount_of("$1,250.00", apart(hostile)),
        attention_words.charged_differently(apart(hostile), "$1,250.00", "$1,249.99"),
        attention_words.no_clear_answer("$1,250.00", apart(hostile)),
        pay_words.turned_out_paid("$1,250.00", apart(hostile), "approved", "R-000001"),
        f"{apart(hostile)}, {apart(hostile)}: $1,250.00 {apart(hostile)} $3.50",
    ):
        assert _in_order(sentence), ascii(sentence)


@pytest.mark.parametrize("hostile", ["Acme \u202eLLC", "صيدلية النور 24", "٤٥٦"], ids=ascii)
def test_no_page_shows_an_amount_in_another_order(qtbot: QtBot, hostile: str) -> None:
    front = Front(qtbot, _office(hostile))
    front.look_up("50123")
    amounts = 0
    for tab in range(front.window.tabs.count()):
        front.window.tabs.setCurrentIndex(tab)
        front.answered()
        qtbot.wait(100)  # the pages read in the background
        for widget in front.window.findChildren(QWidget):
            for text in _visible(widget):
                amounts += len(AMOUNT.findall(text))
                assert _in_order(text), (widget.objectName(), ascii(text))
                assert "\u202e" not in text
    assert amounts > 20


@pytest.mark.parametrize("hostile", BACKWARDS, ids=ascii)
def test_a_file_name_shows_its_ending_at_its_end(hostile: str) -> None:
    made = file_name("R-000123", f"{hostile} gpj")
    assert made.endswith(".pdf")
    assert made.startswith("Receipt R-000123 ")
    assert made.isprintable()


@pytest.mark.parametrize("hostile", BACKWARDS, ids=ascii)
def test_a_receipt_and_a_table_keep_the_amounts(hostile: str) -> None:
    office = _office(hostile)
    paid = office.ledger.payments(limit=9, states=[State.AUTHORIZED])[0]
    for line in office.ledger.receipt(paid.id).lines:
        assert line.customer_name.isprintable()
    table = day_table(day_of(sample.TODAY, office.ledger.payments(limit=9)), ZoneInfo("America/New_York"))
    csv = file_of(table, ".csv").decode("utf-8-sig")
    assert csv.replace("\r\n", "").isprintable()
    assert str(paid.draft.quote.total).replace(",", "") in csv
