"""Every page of the program as a clerk comes to it, for rules that hold on all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.outcome import ChargeStatus
from paydesk.domain.payment import State
from paydesk.domain.posting import Refused
from paydesk.domain.tender import TenderKind
from paydesk.receipts.pdf import render_anytime_card
from paydesk.services.desk.desk import Desk
from paydesk.services.desk.doctor import Finding, Level
from paydesk.services.payments.refunds import Refundable
from paydesk.ui.imports.dialog import ImportDialog
from paydesk.ui.kit.faults import FaultDialog
from paydesk.ui.main.about import AboutDialog, KeysDialog, TextSizeDialog
from paydesk.ui.main.set_up import SetUp
from paydesk.ui.main.window import ATTENTION, DAY_END, PAYMENTS, MainWindow
from paydesk.ui.offer.anytime_link import AnytimeLinkDialog
from paydesk.ui.offer.checkout import OfferCheckout
from paydesk.ui.offer.dialog import OfferDialog
from paydesk.ui.pay.payment_dialog import PaymentDialog
from paydesk.ui.payments.days_dialog import DaysDialog
from paydesk.ui.payments.filter_bar import this_week
from paydesk.ui.payments.reversal.reason_dialog import ReasonDialog
from paydesk.ui.payments.reversal.refund_dialog import RefundDialog
from paydesk.ui.payments.reversal.void_dialog import VoidDialog
from paydesk.ui.receipt.receipt_page import ReceiptDialog
from tests.fakes.office import Office
from tests.fakes.sample import SETTINGS, TODAY
from tests.fakes.world import START
from tests.ui.front import Front, hold
from tests.ui.paying import Counter, basket

Opener = Callable[[QtBot, Path], QWidget]
"""Opens a page, and returns its window."""

REPORT = "Invoice,Customer #,Customer,Balance\n50123,1001,Sample Bakery,400.00\n50124,1001,Sample Bakery,x\n"
NO_REPORT = "Bill,Customer #,Customer,What they owe\n50123,1001,Sample Bakery,400.00\n"


def _busy_office() -> Office:
    """Return a desk with a morning behind it, and something of every kind that needs attention."""
    made = Office()
    refused = made.took("60010", minutes_ago=200)
    made.took("60011", minutes_ago=180, kind=TenderKind.ACH)
    made.took("60012", minutes_ago=150, state=State.DECLINED)
    made.took("50303", minutes_ago=60, state=State.UNKNOWN)
    made.took("50200", minutes_ago=40, otherwise=250)
    made.took("50123", "50177", minutes_ago=12)
    made.sent(refused, Refused("Invoice 60010 belongs to another division."), minutes_ago=30)
    own = next(one for one in made.processor.charges(START.date(), START.date()))
    made.processor.outside.append(replace(own, processor_ref="t-78"))
    made.processor.statuses["t-78"] = ChargeStatus.VOIDABLE
    return made


# ---- the window ----------------------------------------------------------------------------


def _ready(qtbot: QtBot, _folder: Path) -> Front:
    office = Office()
    office.took("60010")
    front = Front(qtbot, office)
    front.until(lambda: front.find(QWidget, "take.last").isVisible())
    return front


def _invoices(qtbot: QtBot, _folder: Path) -> Front:
    front = Front(qtbot, Office().seen())
    front.look_up("50123")
    front.press(Qt.Key.Key_F6)
    front.press(Qt.Key.Key_2)
    return front


def _over_limit(qtbot: QtBot, _folder: Path) -> Front:
    front = Front(qtbot)
    front.look_up("50210")
    return front


def _offline(qtbot: QtBot, _folder: Path) -> Front:
    office = Office().seen()
    office.source.away = True
    front = Front(qtbot, office)
    front.look_up("50210")
    return front


def _wrong(qtbot: QtBot, _folder: Path) -> Front:
    front = Front(qtbot)
    front.look_up_customer("1001", "99999")
    return front


def _search(qtbot: QtBot, _folder: Path) -> Front:
    front = Front(qtbot, Office().seen())
    front.press(Qt.Key.Key_F5)
    front.keys("bakery")
    front.until(lambda: front.find(QWidget, "hits.table").isVisible())
    return front


def _anytime(qtbot: QtBot, _folder: Path) -> Front:
    front = Front(qtbot)
    front.press(Qt.Key.Key_F4)
    front.keys("250")
    return front


def _tab(index: int, qtbot: QtBot, _folder: Path) -> Front:
    front = Front(qtbot, _busy_office())
    front.window.tabs.setCurrentIndex(index)
    last = {
        PAYMENTS: ("payments.details.facts",),
        ATTENTION: ("attention.details.facts", "attention.strangers"),
        DAY_END: ("day_end.rest",),
    }
    for name in last[index]:  # what comes last from a worker
        front.until(front.find(QWidget, name).isVisible)
    return front


def _window(opens: Callable[[QtBot, Path], Front]) -> Opener:
    return lambda qtbot, folder: opens(qtbot, folder).window


def _first_start(qtbot: QtBot, folder: Path, *, checked: bool) -> QWidget:
    from paydesk.domain.errors import NoSettings

    def refuse() -> Desk:
        raise NoSettings("There are no settings yet.", "Write them.")

    findings = [
        Finding("Keys", Level.DO, "The key is not set.", "Set it."),
        Finding("Clock", Level.WELL, "fine."),
        Finding("Ledger", Level.NOTE, "It is old.", "Look at it."),
    ]
    settings = folder / "settings.toml"
    set_up = SetUp(settings, settings.touch, lambda: iter(findings), lambda: None)
    window = MainWindow(refuse, set_up=set_up)
    qtbot.addWidget(window)
    hold(qtbot, window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: window.first is not None and window.first.isVisible(), timeout=20_000)
    assert window.first is not None
    page = window.first
    page.open_folder = lambda _folder: None
    (page.begin if checked else page.read).click()
    if checked:
        lines = page.findChild(QScrollArea)
        assert lines is not None
        qtbot.waitUntil(lambda: len(lines.findChildren(QLabel)) >= len(findings), timeout=20_000)
    return window


# ---- the payment dialog --------------------------------------------------------------------


def _card(qtbot: QtBot, _folder: Path) -> PaymentDialog:
    counter = Counter(qtbot)
    counter.take()
    counter.type("41111111111111120130")
    return counter.dialog


def _bank(qtbot: QtBot, _folder: Path) -> PaymentDialog:
    counter = Counter(qtbot)
    counter.take(kind=TenderKind.ACH)
    counter.account()
    return counter.dialog


def _declined(qtbot: QtBot, _folder: Path) -> PaymentDialog:
    counter = Counter(qtbot)
    counter.office.processor.decline_next("Not enough money on the card.")
    counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: "Not enough money" in counter.dialog.page.banner.text)
    return counter.dialog


def _unknown(qtbot: QtBot, _folder: Path) -> PaymentDialog:
    counter = Counter(qtbot)
    counter.office.processor.lose_next_reply()
    counter.take()
    counter.card()
    counter.charge()
    counter.until(counter.dialog.unknown.isVisible)
    return counter.dialog


def _link(qtbot: QtBot, _folder: Path, *, made: bool) -> OfferDialog:
    anddone = replace(SETTINGS.anddone, card_entry=("typed", "link", "hosted"))
    counter = Counter(qtbot, Office(replace(SETTINGS, anddone=anddone)))
    offers = OfferCheckout(counter.window, counter.lanes, counter.printers)
    wanted = basket()
    counter.look_up(wanted)
    offers.take(counter.office.desk, wanted)
    dialog = offers.dialog
    assert dialog is not None
    dialog.activateWindow()
    counter.until(lambda: counter.at == "offer.make")
    if made:
        dialog.order.make()
        counter.until(lambda: counter.at == "offer.copy")
    return dialog


def _approved(qtbot: QtBot, _folder: Path) -> PaymentDialog:
    counter = Counter(qtbot)
    counter.take()
    counter.card()
    counter.charge()
    counter.until(lambda: counter.dialog.receipt is not None and bool(counter.dialog.receipt.view.pages))
    receipt = counter.dialog.receipt
    assert receipt is not None
    counter.until(receipt.next_button.isEnabled)
    return counter.dialog


# ---- other dialogs -------------------------------------------------------------------------


def _over(opens: Callable[[Front], QDialog], qtbot: QtBot, folder: Path) -> QWidget:
    front = Front(qtbot, _busy_office())
    dialog = opens(front)
    dialog.open()
    dialog.activateWindow()
    hold(qtbot, dialog)
    front.until(dialog.isVisible)
    return dialog


def _newest(front: Front) -> ReceiptDialog:
    [payment] = front.office.ledger.payments(limit=1)
    front.take.selection.last.reprint.emit(payment)
    dialog = front.find(ReceiptDialog, "receipt.dialog")
    front.until(lambda: bool(dialog.view.pages))
    return dialog


def _anytime_link(front: Front) -> AnytimeLinkDialog:
    office = front.office
    card = render_anytime_card(
        office.settings.agency, "https://pay.anddone.com/harbor", office.settings.world
    )
    desk, window = replace(office.desk, anytime_card=lambda: card), front.window
    dialog = AnytimeLinkDialog(desk, window.printers, window.lanes, window)
    front.until(lambda: bool(dialog.view.pages))
    return dialog


def _void(front: Front) -> VoidDialog:
    [payment] = front.office.ledger.payments(limit=1)
    return VoidDialog(payment, front.office.outbox.posting(payment.id), front.window)


def _refund(front: Front, *, refusal: str = "") -> RefundDialog:
    [payment] = front.office.ledger.payments(limit=1)
    dialog = RefundDialog(payment, front.window)
    opens = TODAY if refusal else None
    until = None if refusal else TODAY
    dialog.show_refundable(Refundable(payment, (), refusal, bool(refusal), opens, until))
    return dialog


def _reason(front: Front) -> ReasonDialog:
    return ReasonDialog(
        "extra", "Void", "$12.00 of Sample Bakery", "It cancels the charge.", "Void", front.window
    )


def _keys(front: Front) -> KeysDialog:
    front.window.menu._make_pages()
    return KeysDialog(front.window)


def _import(text: str, qtbot: QtBot, folder: Path) -> QWidget:
    front = Front(qtbot, Office())
    dialog = ImportDialog(front.office.desk, front.window.lanes, front.window)
    dialog.open()
    dialog.activateWindow()
    if text:
        path = folder / "open.csv"
        path.write_text(text, encoding="utf-8")
        dialog.choose_file = lambda _parent: str(path)
        dialog.findChild(QWidget, "import.choose").click()  # type: ignore[union-attr]
        front.until(lambda: front.says("import.file") == "open.csv")
    return dialog


PAGES: dict[str, Opener] = {
    "ready": _window(_ready),
    "invoices": _window(_invoices),
    "above the ACH limit": _window(_over_limit),
    "AMS360 away": _window(_offline),
    "wrong ZIP": _window(_wrong),
    "search": _window(_search),
    "Anytime Payment": _window(_anytime),
    "payments": _window(partial(_tab, PAYMENTS)),
    "needs attention": _window(partial(_tab, ATTENTION)),
    "day end": _window(partial(_tab, DAY_END)),
    "first start": partial(_first_start, checked=False),
    "set-up": partial(_first_start, checked=True),
    "card": _card,
    "bank account": _bank,
    "declined": _declined,
    "no answer": _unknown,
    "approved": _approved,
    "link": partial(_link, made=False),
    "link, waiting": partial(_link, made=True),
    "anytime link": partial(_over, _anytime_link),
    "receipt": partial(_over, _newest),
    "void": partial(_over, _void),
    "refund": partial(_over, _refund),
    "no refund yet": partial(_over, partial(_refund, refusal="It has not settled yet.")),
    "dates": partial(_over, lambda front: DaysDialog(this_week(TODAY), front.window)),
    "reason": partial(_over, _reason),
    "text size": partial(_over, lambda front: TextSizeDialog(125, front.window)),
    "keys": partial(_over, _keys),
    "about": partial(_over, lambda front: AboutDialog(front.window)),
    "bug": partial(_over, lambda front: FaultDialog("a1b2", ValueError("x"), front.window)),
    "import": partial(_import, ""),
    "columns": partial(_import, REPORT),
    "unknown columns": partial(_import, NO_REPORT),
}
