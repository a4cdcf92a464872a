"""A training desk says so on its first frame, and in every dialog."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.payment import OfferKind, Payment, State
from paydesk.domain.typed.days import Days
from paydesk.services.desk.desk import Desk
from paydesk.ui.imports.dialog import ImportDialog
from paydesk.ui.kit.faults import FaultDialog
from paydesk.ui.kit.world_banner import WorldBanner
from paydesk.ui.main.about import AboutDialog, KeysDialog, TextSizeDialog
from paydesk.ui.main.window import MainWindow
from paydesk.ui.offer.anytime_link import AnytimeLinkDialog
from paydesk.ui.offer.customer_screen import CustomerScreen
from paydesk.ui.offer.dialog import OfferDialog
from paydesk.ui.pay.tender_page import Opening
from paydesk.ui.payments.days_dialog import DaysDialog
from paydesk.ui.payments.reversal.reason_dialog import ReasonDialog
from paydesk.ui.payments.reversal.refund_dialog import RefundDialog
from paydesk.ui.payments.reversal.void_dialog import VoidDialog
from paydesk.ui.receipt.receipt_page import ReceiptDialog
from tests.fakes.office import Office
from tests.fakes.sample import SETTINGS
from tests.ui.front import Front

UI = Path(__file__).resolve().parents[2] / "src/paydesk/ui"
TEXT = "TRAINING: no money moves"


def banners(widget: QWidget) -> list[str]:
    """Return the banners that can be seen in a window or dialog."""
    return [
        one.text for one in widget.findChildren(WorldBanner) if one.isVisible() and one.window() is widget
    ]


def test_a_training_desk_says_so_before_its_desk_is_open(qtbot: QtBot) -> None:
    ready = threading.Event()

    def factory() -> Desk:
        ready.wait(20)
        raise KnownError("There is no desk in this test.")

    window = MainWindow(factory, training=True)
    qtbot.addWidget(window, before_close_func=lambda _window: ready.set())
    window.show()
    assert banners(window) == [TEXT]
    live = MainWindow(factory)
    qtbot.addWidget(live)
    live.show()
    assert banners(live) == []
    ready.set()


def opened_by(front: Front, payment: Payment) -> list[QDialog]:
    """Open one dialog of each kind over the window."""
    window, desk = front.window, front.office.desk
    front.take.pay_requested.connect(window._pay)
    front.look_up("50177")
    front.take.go_on()
    assert window.checkout is not None
    assert window.checkout.dialog is not None
    opening = Opening(
        Basket(payment.draft.lines, payment.draft.payer, ""),
        {payment.draft.kind: payment.draft.quote},
        payment.draft.kind,
    )
    makers: list[Callable[[], QDialog]] = [
        lambda: ReceiptDialog(desk, window.printers, window.lanes, payment, window),
        lambda: VoidDialog(payment, None, window.tabs),
        lambda: RefundDialog(payment, window.tabs),
        lambda: OfferDialog(desk, window.lanes, opening, [OfferKind.LINK], window.printers, window),
        lambda: AnytimeLinkDialog(desk, window.printers, window.lanes, window),
        lambda: ReasonDialog("reason", "Title", "About", "Note", "Do it", window.tabs),
        lambda: ImportDialog(desk, window.lanes, window),
        lambda: FaultDialog("ABC123", ValueError(), window),
        lambda: DaysDialog(Days(desk.today(), desk.today()), window),
        lambda: AboutDialog(window),
        lambda: KeysDialog(window),
        lambda: TextSizeDialog(125, window),
    ]
    return [window.checkout.dialog, *(make() for make in makers)]


def test_every_dialog_of_a_training_desk_says_so(qtbot: QtBot) -> None:
    office = Office()
    payment = office.took("50123")
    front = Front(qtbot, office)
    front.until(lambda: bool(front.window.recent._model.rows))
    dialogs = opened_by(front, payment)
    for dialog in dialogs:
        dialog.show()
        QApplication.processEvents()
        assert banners(dialog) == [TEXT], type(dialog)
        banner = dialog.findChild(WorldBanner)
        assert isinstance(banner, WorldBanner)
        assert (banner.x(), banner.y(), banner.width()) == (0, 0, dialog.width()), "across the whole head"
        dialog.done(0)
    assert {type(dialog).__name__ for dialog in dialogs} >= dialog_classes()


@pytest.mark.parametrize(("training", "shown"), [(True, [TEXT]), (False, [])])
def test_the_customers_screen_says_so(qtbot: QtBot, training: bool, shown: list[str]) -> None:
    office = Office(replace(SETTINGS, training=training))
    payment = office.took("50123", state=State.OFFERED)
    front = Front(qtbot, office)
    dialog = OfferDialog(
        office.desk, front.window.lanes,
        Opening(Basket(payment.draft.lines, payment.draft.payer), {payment.draft.kind: payment.draft.quote}),
        [OfferKind.LINK], front.window.printers, front.window,
    )  # fmt: skip
    screen = CustomerScreen(dialog, payment, ())
    screen.show()
    assert banners(screen) == shown


def test_no_dialog_of_a_live_desk_has_a_banner(qtbot: QtBot) -> None:
    office = Office(replace(SETTINGS, training=False))
    payment = office.took("50123")
    front = Front(qtbot, office)
    for dialog in opened_by(front, payment):
        dialog.show()
        assert banners(dialog) == [], type(dialog)
        dialog.done(0)


def dialog_classes() -> set[str]:
    """Return the names of all dialogs of the program."""
    return {
        node.name
        for path in UI.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and node.name != "_Dialog"
        and any(getattr(base, "id", "") in ("QDialog", "_Dialog") for base in node.bases)
    }
