"""The window itself: start, keys, tabs, closing, and what it says of this desk."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.domain.payment import Payment, State
from paydesk.domain.refreshing import RefreshState
from paydesk.services.desk import Desk
from paydesk.ui import notify, theme
from paydesk.ui.checkout import Checkout
from paydesk.ui.chores import Round
from paydesk.ui.comforts import Comforts
from paydesk.ui.room import Roomy
from paydesk.ui.widgets import Elided
from paydesk.ui.window import ATTENTION, DAY_END, PAYMENTS, TAKE, MainWindow
from tests.fakes.agency import Office
from tests.fakes.desk import APPROVE, FakeSettings, approved
from tests.ui.front import Front


def test_a_training_desk_says_so_in_a_banner_and_a_live_one_does_not(qtbot: QtBot) -> None:
    front = Front(qtbot)
    assert front.window.banner.isVisible()
    assert front.says("training.text") == "TRAINING: no money moves"
    assert front.window.windowTitle() == "PayDesk – Front-1 (training)"
    live = Office(settings=FakeSettings(world="live"))
    front = Front(qtbot, live)
    assert not front.window.banner.isVisible()
    assert front.window.windowTitle() == "PayDesk – Front-1"


def test_the_status_bar_names_desk_user_and_agency(qtbot: QtBot) -> None:
    front = Front(qtbot)
    assert front.says("status.desk") == "Front-1 · Dana · Harbor Mutual Insurance Agency"
    assert front.says("status.ams360") == "AMS360 not asked yet"
    front.look_up("50123")
    assert front.says("status.age") == "Invoices as of 4:51 PM"
    assert front.says("status.ams360") == "AMS360 reachable"


def test_a_ledger_that_cannot_be_used_is_said_and_nothing_can_be_asked(qtbot: QtBot) -> None:
    def factory() -> Desk:
        raise KnownError("The ledger cannot be read.", "Restore it from the backup.")

    window = MainWindow(factory)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(
        lambda: window.take.notice.text == "The ledger cannot be read. Restore it from the backup."
    )
    assert not window.take.lookup.isEnabled()
    window.tabs.setCurrentIndex(PAYMENTS)
    assert not window.take.basket.ready


def test_a_fault_of_ours_shows_a_reference_and_none_of_the_values(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    typed = "4111" * 4

    def factory() -> Desk:
        raise ValueError(typed)

    window = MainWindow(factory)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "crash") is not None)
    box = window.findChild(QMessageBox, "crash")
    assert isinstance(box, QMessageBox)
    shown = box.text() + box.informativeText()
    reference = caplog.records[0].args[0] if caplog.records[0].args else ""  # type: ignore[index]  # a tuple
    assert str(reference) in shown
    assert typed not in shown + caplog.text
    assert "ValueError" in caplog.text
    box.accept()
    assert window.take.notice.text.startswith("PayDesk cannot open because of a fault of its own.")
    assert str(reference) in window.take.notice.text
    assert not window.take.lookup.isEnabled()


def test_a_fault_in_a_slot_is_shown_too(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    front = Front(qtbot)
    notify.catch_bugs(front.window)
    error = ValueError("4111" * 4)
    sys.excepthook(ValueError, error, None)
    box = front.window.findChild(QMessageBox, "crash")
    assert isinstance(box, QMessageBox)
    assert box.isVisible()
    assert "4111" not in box.text() + box.informativeText()
    box.accept()


def test_f_keys_reach_the_lookups_from_every_tab(qtbot: QtBot) -> None:
    front = Front(qtbot)
    wanted = {
        Qt.Key.Key_F2: "lookup.invoice.number",
        Qt.Key.Key_F3: "lookup.customer.number",
        Qt.Key.Key_F4: "lookup.anytime.amount",
    }
    for tab in (TAKE, PAYMENTS, ATTENTION, DAY_END):
        for key, name in wanted.items():
            front.window.tabs.setCurrentIndex(tab)
            front.press(key)
            assert front.at == name
            assert front.window.tabs.currentIndex() == TAKE


def test_tab_walks_from_the_number_to_the_charge(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1001", "14414")
    front.press(Qt.Key.Key_Space)
    front.entry("lookup.customer.zip").setFocus()
    walked = [front.at]
    while walked[-1] != "basket.charge" and len(walked) < 20:
        front.press(Qt.Key.Key_Tab)
        walked.append(front.at)
    inside = [name for name in walked if name.startswith(("selection.", "basket."))]
    assert inside == [
        "selection.overdue",
        "selection.all",
        "selection.table",
        "basket.tender.credit_card",
        "basket.tender.debit_card",
        "basket.tender.ach",
        "basket.charge",
    ]


def test_everything_to_use_has_a_name_for_tests_and_for_screen_readers(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123")
    front = Front(qtbot, office)
    front.look_up_customer("1004", "02139")
    for tab in (PAYMENTS, ATTENTION, DAY_END, TAKE):
        front.window.tabs.setCurrentIndex(tab)
    kinds = (QAbstractButton, QLineEdit, QAbstractItemView, QComboBox)
    used = [w for w in front.window.findChildren(QWidget) if isinstance(w, kinds) and _is_ours(w)]
    assert len(used) > 30
    for widget in used:
        assert widget.objectName(), widget
        spoken = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
        assert spoken, widget.objectName()


def _is_ours(widget: QWidget) -> bool:
    """Not one of the parts Qt makes its own widgets of."""
    parent = widget.parentWidget()
    inside = isinstance(parent, QTabBar | QAbstractItemView | QAbstractSpinBox | QLineEdit)
    return not inside and not widget.objectName().startswith(("qt_", "_q_"))


def test_a_payment_that_is_running_is_waited_for_before_the_window_closes(qtbot: QtBot) -> None:
    front = Front(qtbot)
    gate = threading.Event()
    done: list[bool] = []
    front.window.lanes.money(lambda: gate.wait(10), done.append, lambda error: None)
    front.window.close()
    assert front.window.isVisible()
    assert front.take.notice.text.startswith("A payment is being charged or voided.")
    gate.set()
    front.until(lambda: not front.window.isVisible())
    assert done == [True]


def test_what_became_of_an_unclear_charge_is_told_wherever_payments_are_shown(qtbot: QtBot) -> None:
    office = Office()
    payment = office.took("50123", state=State.UNKNOWN)
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (1)")
    front.look_up("50123")
    office.reconcile.findings.append(APPROVE)
    front.window.payment_changed(office.reconcile.check(payment.id))
    front.until(lambda: front.cell("50123", "status").startswith("Paid today"))
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention")
    assert front.says("status.anddone") == "AndDone reachable"


def test_the_window_opens_the_payment_dialog_with_the_bill(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.take.pay_requested.connect(front.window._pay)
    front.look_up("50123")
    front.enter()
    checkout = front.window.checkout
    assert isinstance(checkout, Checkout)
    assert checkout.dialog is not None
    checkout.dialog.reject()
    front.until(lambda: checkout.dialog is None)
    front.until(lambda: front.at == "selection.table")
    assert front.ticked == ["50123"]


def test_only_one_of_dialog_and_window_asks_about_an_unclear_charge(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = Front(qtbot)
    office, window = front.office, front.window
    payment = office.took("50123", state=State.UNKNOWN)
    rounds: list[int] = []

    def due() -> list[Payment]:
        rounds.append(1)
        return []

    monkeypatch.setattr(office.reconcile, "due", due)
    front.take.pay_requested.connect(window._pay)
    front.look_up("50177")
    front.enter()
    checkout = window.checkout
    assert isinstance(checkout, Checkout)
    assert window.chores is not None
    dialog = checkout.dialog
    assert dialog is not None
    checkout._answered(office.desk, dialog, payment)
    assert dialog.unknown.isVisible()
    window.chores.run()
    assert not window.lanes.chore_busy
    dialog.reject()
    front.until(lambda: checkout.dialog is None)
    assert front.take.notice.text.startswith("PayDesk keeps asking what became of that payment.")
    assert front.shown == [], "what may have been charged is not offered again"
    window.chores.run()
    front.until(lambda: bool(rounds))


def _round(front: Front, *changed: Payment) -> None:
    """A round in the background found this."""
    assert front.window.chores is not None
    front.window.chores.done(Round(changed))


def test_what_became_of_an_older_charge_is_told_in_the_window(qtbot: QtBot) -> None:
    front = Front(qtbot)
    payment = approved(front.office.took("50123", state=State.UNKNOWN))
    _round(front, payment)
    assert front.take.notice.text.startswith("The payment of $867.33 by Sample Bakery was approved")
    _round(front, replace(payment, desk="Front-2"))
    front.take.notice.clear()
    _round(front, replace(payment, desk="Front-2"))
    assert front.take.notice.text == ""
    late = replace(payment, desk="Front-2", state=State.LATE, processor_ref="t-9")
    _round(front, late)
    assert front.take.notice.text == (
        "$867.33 of Sample Bakery was charged after all. Call AndDone with its number t-9, "
        "and see Needs attention."
    )


def test_open_payments_are_asked_about_when_the_network_is_there_again(qtbot: QtBot) -> None:
    front = Front(qtbot)
    tell = front.window.take.answers.source_answered.emit
    tell(True)
    assert front.office.reconcile.returned == 0
    for answered in (False, False, True, True):
        tell(answered)
    assert front.office.reconcile.returned == 1


def test_the_status_bar_says_only_what_is_known(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.source.away = KnownError("Invoice 50123 is billed by the insurer.", "Nothing to take here.")
    front.look_up("50123")
    assert front.says("status.ams360") == "AMS360 not asked yet"
    status = front.window.status
    payment = front.office.took("50177", state=State.UNKNOWN)
    status.show_anddone(payment)
    assert front.says("status.anddone") == "AndDone gave no clear answer"
    status.show_anddone(replace(payment, state=State.RELEASED, reason="AndDone cannot be reached."))
    assert front.says("status.anddone") == "AndDone not reachable"
    status.show_no_answer(NoAnswer(System.ANDDONE, "Busy.", connected=True))
    assert front.says("status.anddone") == "AndDone gave no clear answer"
    status.show_no_answer(NoAnswer(System.AMS360, "Away.", connected=False))
    assert front.says("status.ams360") == "AMS360 not reachable"
    front.office.source.away = NoAnswer(System.AMS360, "AMS360 is busy.", connected=True)
    front.look_up("50123")
    assert front.says("status.ams360") == "AMS360 gave no clear answer"


def test_what_another_desk_decided_while_this_one_was_closed_is_told_at_start(
    qtbot: QtBot, tmp_path: Path
) -> None:
    office, state = Office(), tmp_path / "window.ini"
    left = office.took("50123", state=State.UNKNOWN)
    other = office.took("50177", state=State.UNKNOWN)
    office.ledger.put(replace(other, desk="Front-2"))
    before = Comforts(state)
    before.keep_undecided(frozenset({left.reference, "PDNOTHINGOFTHISLEDGER"}))
    office.ledger.put(approved(left))
    front = Front(qtbot, office, state=state)
    front.until(lambda: "was approved" in front.take.notice.text)
    assert front.take.notice.text.startswith("The payment of $867.33 by Sample Bakery was approved")
    front.until(lambda: not front.window.comforts.undecided)
    front.take.notice.clear()
    assert front.window.chores is not None
    front.window.chores.run()
    front.until(lambda: not front.window.lanes.chore_busy)
    assert front.take.notice.text == "", "nobody is told twice"


def test_several_that_were_decided_are_told_together(qtbot: QtBot) -> None:
    front = Front(qtbot)
    good = approved(front.office.took("50123", state=State.UNKNOWN))
    gone = replace(front.office.took("50177", state=State.UNKNOWN), state=State.NOT_CHARGED)
    _round(front, good, gone)
    assert front.take.notice.text.endswith("The Payments tab shows them.")
    assert "was approved" in front.take.notice.text
    assert "was not charged" in front.take.notice.text


def test_a_refresh_in_the_background_is_seen(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.office.refresh.state = RefreshState(running=True, done=3, left=1_200)
    _round(front)
    said = front.find(Elided, "status.refresh")
    assert said.full_text == "Refreshing invoices, 1,200 customers to go"
    front.window.status.show_refresh(RefreshState(running=True, trouble="AMS360 cannot be reached."))
    assert said.full_text == "Refresh waits: AMS360 cannot be reached."
    front.window.status.show_refresh(RefreshState())
    assert said.full_text == ""


def test_the_scheme_switches_while_the_window_is_open(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    look = theme.Theme.current
    assert look is not None
    icon = front.find(QLabel, "status.ams360").parentWidget()
    assert icon is not None
    try:
        light = front.window.grab().toImage().pixelColor(5, 400)
        look.show_dark(True)
        QApplication.processEvents()
        dark = front.window.grab().toImage().pixelColor(5, 400)
        assert (light, dark) == (QColor(theme.LIGHT.ground), QColor(theme.DARK.ground))
    finally:
        look.show_dark(False)


def test_everything_fits_a_small_screen(qtbot: QtBot) -> None:
    front = Front(qtbot)
    # 1366 x 768 less a task bar of 40 and a title bar of 30.
    front.window.resize(1366, 698)
    front.look_up_customer("1004", "02139")
    assert front.window.minimumSizeHint().height() <= 698
    assert front.window.minimumSizeHint().width() <= 1366
    table = front.take.selection.table
    assert table.viewport().height() >= 6 * theme.ROW_HEIGHT
    charge = front.button("basket.charge")
    assert charge.visibleRegion().boundingRect() == charge.rect()


def test_nothing_is_cut_on_a_screen_of_1280_by_720(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.window.resize(1280, 650)  # less a task bar of 40 and a title bar of 30
    front.take.lookup._show_progress(True)
    front.qtbot.wait(50)
    area = front.window.tabs.widget(TAKE)
    assert isinstance(area, Roomy)
    assert area.viewport().size() == front.take.size()
    charge = front.button("basket.charge")
    assert charge.visibleRegion().boundingRect() == charge.rect()


def test_starting_the_window_loads_nothing_heavy() -> None:
    heavy = [
        "sqlalchemy", "alembic", "requests", "reportlab", "keyring", "stdnum", "zoneinfo",
        "PySide6.QtPdf", "PySide6.QtPdfWidgets", "PySide6.QtPrintSupport", "PySide6.QtNetwork",
        "paydesk.ui.checkout", "paydesk.ui.history_page", "paydesk.ui.day_end_page",
        "paydesk.services.lookup", "paydesk.services.desk", "paydesk.settings", "logging.handlers",
    ]  # fmt: skip
    program = "import sys, paydesk.cli, paydesk.app, paydesk.ui.window"
    script = f"{program}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
