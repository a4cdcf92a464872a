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
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from paydesk.config.settings import AndDoneSettings
from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.domain.invoices.freshness import RefreshState
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import Payment, State
from paydesk.domain.tender import TenderKind
from paydesk.services.desk.desk import Desk
from paydesk.ui.kit import faults, theme
from paydesk.ui.kit.faults import FaultDialog
from paydesk.ui.kit.preferences import Preferences
from paydesk.ui.kit.scrolling import ScrollingPage
from paydesk.ui.kit.widgets import Elided
from paydesk.ui.main.background import Round
from paydesk.ui.main.window import ATTENTION, DAY_END, PAYMENTS, TAKE, MainWindow
from paydesk.ui.pay.checkout import Checkout
from tests.fakes.office import Office
from tests.fakes.sample import SETTINGS
from tests.ui.front import Front


def says(box: FaultDialog) -> str:
    return " ".join(text.text() for text in box.findChildren(QLabel))


def test_a_training_desk_says_so_in_a_banner_and_a_live_one_does_not(qtbot: QtBot) -> None:
    front = Front(qtbot)
    assert front.window.banner.isVisible()
    assert front.says("training.text") == "TRAINING: no money moves"
    assert front.window.windowTitle() == "PayDesk – Front-1 (training)"
    live = Office(replace(SETTINGS, training=False))
    front = Front(qtbot, live)
    assert not front.window.banner.isVisible()
    assert front.window.windowTitle() == "PayDesk – Front-1"


@pytest.mark.parametrize(
    ("url", "banner", "title", "host"),
    [
        ("https://api.uat.anddone.com", "TEST HOST: no money moves", "test host", "api.uat.anddone.com"),
        *[
            (url, f"NOT LIVE: {host} – payments may not be real", host, host)
            for url, host in (
                ("http://127.0.0.1:8570", "127.0.0.1:8570"),
                ("https://api2.anddone.com", "api2.anddone.com"),
                ("https://api.anddone.com:8443", "api.anddone.com:8443"),
                ("https://api.anddone.com.", "api.anddone.com."),
                ("https://api.anddone.com.evil.example", "api.anddone.com.evil.example"),
            )
        ],
    ],
)
def test_every_host_but_the_live_one_is_in_banner_title_and_status_bar(
    qtbot: QtBot, url: str, banner: str, title: str, host: str
) -> None:
    office = Office(replace(SETTINGS, training=False, anddone=AndDoneSettings(base_url=url)))
    front = Front(qtbot, office)
    assert front.window.banner.isVisible()
    assert front.says("training.text") == banner
    assert front.window.windowTitle() == f"PayDesk – Front-1 ({title})"
    assert front.says("status.desk").startswith(f"{host} · Front-1 · Dana")


def test_a_very_long_host_does_not_widen_the_window(qtbot: QtBot) -> None:
    usual = Front(qtbot).window.minimumSizeHint()
    settings = AndDoneSettings(base_url=f"https://{'.'.join(['a' * 60] * 4)}")
    front = Front(qtbot, Office(replace(SETTINGS, training=False, anddone=settings)))
    assert front.says("training.text").startswith("NOT LIVE: aaa")
    assert front.window.minimumSizeHint() == usual


def test_the_status_bar_names_desk_user_and_agency(qtbot: QtBot) -> None:
    front = Front(qtbot)
    assert front.says("status.desk") == "Front-1 · Dana · Harbor Mutual Insurance Agency"
    assert front.says("status.ams360") == "AMS360: not checked yet"
    front.look_up("50123")
    assert front.says("status.age") == "Invoices as of 4:51 PM"
    assert front.says("status.ams360") == "AMS360: connected"


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


def test_a_desk_that_did_not_open_is_tried_again(qtbot: QtBot) -> None:
    """A person unlocks the keychain, and presses Try again. Until then no key hides the reason."""
    office, locked = Office(), [True]

    def factory() -> Desk:
        if locked[0]:
            raise KnownError("The keychain is locked.", "Unlock it, then try again.")
        return office.desk

    window = MainWindow(factory)
    qtbot.addWidget(window)
    window.show()
    said = "The keychain is locked. Unlock it, then try again."
    for again in (True, False):
        qtbot.waitUntil(lambda: window.take.notice.text == said)
        assert window.take.retry.text == "PayDesk isn't open yet."
        QTest.keyClick(window, Qt.Key.Key_F3)
        assert window.take.notice.text == said
        locked[0] = again
        QTest.keyClick(window.take.retry.button, Qt.Key.Key_F5)
        assert window.take.notice.text == ""
    qtbot.waitUntil(lambda: window.desk is not None)
    assert window.take.lookup.isEnabled()
    assert window.take.retry.text == ""
    assert window.take.notice.text == ""
    window.tabs.setCurrentIndex(PAYMENTS)
    assert not window.take.basket_panel.ready


def test_a_fault_of_ours_shows_a_reference_and_none_of_the_values(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    typed = "4111" * 4

    def factory() -> Desk:
        raise ValueError(typed)

    window = MainWindow(factory)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.findChild(FaultDialog, "fault") is not None)
    box = window.findChild(FaultDialog, "fault")
    assert isinstance(box, FaultDialog)
    shown = says(box)
    reference = caplog.records[0].args[0] if caplog.records[0].args else ""  # type: ignore[index]  # a tuple
    assert str(reference) in shown
    assert typed not in shown + caplog.text
    assert "ValueError" in caplog.text
    box.accept()
    assert window.take.notice.text.startswith("PayDesk couldn't start because of an internal error.")
    assert str(reference) in window.take.notice.text
    assert not window.take.lookup.isEnabled()


def test_a_fault_in_a_slot_is_shown_too(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    front = Front(qtbot)
    faults.catch_faults(front.window)
    error = ValueError("4111" * 4)
    sys.excepthook(ValueError, error, None)
    box = front.window.findChild(FaultDialog, "fault")
    assert isinstance(box, FaultDialog)
    assert box.isVisible()
    assert "4111" not in says(box)
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
    while walked[-1] != "basket.charge" and len(walked) < 24:
        front.press(Qt.Key.Key_Tab)
        walked.append(front.at)
    inside = [name for name in walked if name.startswith(("selection.", "basket."))]
    assert inside == [
        "selection.overdue",
        "selection.all",
        "selection.table",
        "selection.part",
        "basket.tender.credit_card",
        "basket.tender.debit_card",
        "basket.tender.ach",
        "basket.charge",
    ]


def test_arrow_keys_move_between_the_tenders(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    front.take.basket_panel.tenders[TenderKind.CREDIT_CARD].setFocus()
    front.press(Qt.Key.Key_Down)
    assert front.at == "basket.tender.debit_card"
    assert front.take.basket_panel.chosen is None, "to look at a total chooses nothing"
    front.press(Qt.Key.Key_Space)
    assert front.take.basket_panel.chosen is TenderKind.DEBIT_CARD
    front.press(Qt.Key.Key_Up)
    assert front.at == "basket.tender.credit_card"


def test_ctrl_tab_goes_on_from_every_tab(qtbot: QtBot) -> None:
    """The day's field of Day end kept it, and the recent payments are outside of Qt's tabs."""
    office = Office()
    office.took("50123", minutes_ago=40, otherwise=5)
    front = Front(qtbot, office)
    front.look_up("50123")
    seen = set()
    back = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    for tab in (TAKE, PAYMENTS, ATTENTION, DAY_END):
        front.window.tabs.setCurrentIndex(tab)
        qtbot.wait(50)  # a page is made when its tab is first opened
        parts = front.window.findChildren(QWidget)
        stops = [part for part in parts if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.isVisible()]
        for stop in stops:
            front.window.tabs.setCurrentIndex(tab)
            if stop.isVisible() and stop.isEnabled() and stop.focusProxy() is None:
                stop.setFocus()
                front.press(Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
                assert front.window.tabs.currentIndex() == (tab + 1) % 4, stop.objectName()
                front.press(Qt.Key.Key_Backtab, back)
                assert front.window.tabs.currentIndex() == tab, stop.objectName()
                seen.add(stop.objectName())
    assert "day_end.day" in seen
    assert len(seen) > 20


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
    front.window.lanes.money.run(lambda: gate.wait(10), done.append, lambda error: None)
    front.window.close()
    assert front.window.isVisible()
    assert front.take.notice.text.startswith("A payment or void is in progress.")
    gate.set()
    front.until(lambda: not front.window.isVisible())
    assert done == [True]


def test_what_became_of_an_unclear_charge_is_told_wherever_payments_are_shown(qtbot: QtBot) -> None:
    office = Office()
    payment = office.took("50123", state=State.UNKNOWN)
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (1)")
    front.look_up("50123")
    office.processor.pending.clear()
    front.window.payment_changed(office.desk.resolve.check(payment.id))
    front.until(lambda: front.cell("50123", "status").startswith("Paid today"))
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention")
    assert front.says("status.anddone") == "AndDone: connected"


def test_a_charge_that_a_dead_desk_left_behind_is_asked_about(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123", state=State.SUBMITTED)
    front = Front(qtbot, office)
    front.until(lambda: front.window.tabs.tabText(ATTENTION) == "Needs attention (1)")
    left = office.ledger.payment(1)
    assert (left.state, left.reason_code) == (State.UNKNOWN, Reason.DESK_GONE)


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
    really_due = office.desk.resolve.due

    def due() -> list[Payment]:
        rounds.append(1)
        return really_due()

    monkeypatch.setattr(office.desk.resolve, "due", due)
    front.take.pay_requested.connect(window._pay)
    front.look_up("50177")
    front.enter()
    checkout = window.checkout
    assert isinstance(checkout, Checkout)
    assert window.background is not None
    dialog = checkout.dialog
    assert dialog is not None
    checkout._answered(office.desk, dialog, payment)
    assert dialog.unknown.isVisible()
    window.background.run()
    assert not window.lanes.background.busy
    dialog.reject()
    front.until(lambda: checkout.dialog is None)
    assert front.take.notice.text.startswith("We're still confirming that payment.")
    assert front.shown == [], "what may have been charged is not offered again"
    window.background.run()
    front.until(lambda: bool(rounds))


def _round(front: Front, *changed: Payment) -> None:
    """A round in the background found this."""
    assert front.window.background is not None
    front.window.background.done(Round(changed))


def test_what_became_of_an_older_charge_is_told_in_the_window(qtbot: QtBot) -> None:
    front = Front(qtbot)
    office, elsewhere = front.office, front.office.session("Front-2")
    _round(front, office.took("50123"))
    assert front.take.notice.text.startswith("The $867.33 payment from Sample Bakery was approved")
    theirs = office.took("50177", ledger=elsewhere)
    _round(front, theirs)
    front.take.notice.clear()
    _round(front, theirs)
    assert front.take.notice.text == ""
    late = office.took("50181", state=State.LATE, ledger=elsewhere)
    _round(front, late)
    assert front.take.notice.text == (
        "$99.77 from Sample Bakery was charged after all. See Needs attention for what to do. "
        f"AndDone ID: {late.processor_ref}."
    )


def test_open_payments_are_asked_about_when_the_network_is_there_again(qtbot: QtBot) -> None:
    office = Office()
    token = office.took("50123", state=State.UNKNOWN).intent_token
    front = Front(qtbot, office)
    background = front.window.lanes.background
    asked = office.processor.looked_up
    front.until(lambda: asked == [token] and not background.busy)
    tell = front.window.take.answers.source_answered.emit
    tell(True)
    assert not background.busy
    for answered in (False, False, True, True):
        tell(answered)
    front.until(lambda: not background.busy)
    assert asked == [token, token], "it was not its turn"


def test_the_status_bar_says_only_what_is_known(qtbot: QtBot) -> None:
    front = Front(qtbot)
    unclear = front.office.took("50177", state=State.UNKNOWN)
    not_sent = front.office.took("50181", state=State.RELEASED)
    front.office.source.fault = KnownError("Invoice 50123 is billed by the insurer.", "Nothing to take here.")
    front.look_up("50123")
    assert front.says("status.ams360") == "AMS360: not checked yet"
    status = front.window.status
    status.show_processor(unclear)
    assert front.says("status.anddone") == "AndDone: no confirmation"
    status.show_processor(not_sent)
    assert front.says("status.anddone") == "AndDone: can't connect"
    status.show_no_answer(NoAnswer(System.PROCESSOR, "Busy.", connected=True))
    assert front.says("status.anddone") == "AndDone: no confirmation"
    status.show_no_answer(NoAnswer(System.AGENCY_SYSTEM, "Away.", connected=False))
    assert front.says("status.ams360") == "AMS360: can't connect"
    front.office.source.fault = NoAnswer(System.AGENCY_SYSTEM, "AMS360 is busy.", connected=True)
    front.look_up("50123")
    assert front.says("status.ams360") == "AMS360: no confirmation"


def test_what_another_desk_decided_while_this_one_was_closed_is_told_at_start(
    qtbot: QtBot, tmp_path: Path
) -> None:
    office, state = Office(), tmp_path / "window.ini"
    elsewhere = office.session("Front-2")
    left = office.took("50123", state=State.UNKNOWN)
    office.took("50177", state=State.UNKNOWN, ledger=elsewhere)
    before = Preferences(state)
    before.keep_undecided(frozenset({left.reference, "PDNOTHINGOFTHISLEDGER"}))
    office.processor.pending.remove(left.intent_token)
    assert office.services(elsewhere).resolve.check(left.id).state is State.AUTHORIZED
    front = Front(qtbot, office, state=state)
    front.until(lambda: "was approved" in front.take.notice.text)
    assert front.take.notice.text.startswith("The $867.33 payment from Sample Bakery was approved")
    front.until(lambda: not front.window.preferences.undecided)
    front.take.notice.clear()
    assert front.window.background is not None
    front.window.background.run()
    front.until(lambda: not front.window.lanes.background.busy)
    assert front.take.notice.text == "", "nobody is told twice"


def test_several_that_were_decided_are_told_together(qtbot: QtBot) -> None:
    front = Front(qtbot)
    good = front.office.took("50123")
    gone = front.office.took("50177", state=State.NOT_CHARGED)
    _round(front, good, gone)
    assert front.take.notice.text.endswith("See the Payments tab.")
    assert "was approved" in front.take.notice.text
    assert "was not charged" in front.take.notice.text


def test_a_refresh_in_the_background_is_seen(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    refresh = front.office.desk.refresh
    refresh.now()
    refresh.tick()
    _round(front)
    said = front.find(Elided, "status.refresh")
    assert said.full_text == f"Refreshing invoices: {refresh.state.left} customers left"
    assert refresh.state.left > 3
    front.window.status.show_refresh(RefreshState(running=True, done=3, left=1_200))
    assert said.full_text == "Refreshing invoices: 1,200 customers left"
    front.window.status.show_refresh(RefreshState(running=True, done=1_202, left=1))
    assert said.full_text == "Refreshing invoices: 1 customer left"
    front.window.status.show_refresh(RefreshState(running=True, why_paused="AMS360 can't be reached."))
    assert said.full_text == "Refresh paused: AMS360 can't be reached."
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
    assert isinstance(area, ScrollingPage)
    assert area.viewport().size() == front.take.size()
    charge = front.button("basket.charge")
    assert charge.visibleRegion().boundingRect() == charge.rect()


def test_starting_the_window_loads_nothing_heavy() -> None:
    heavy = [
        "sqlalchemy", "alembic", "requests", "reportlab", "keyring", "stdnum", "zoneinfo",
        "PySide6.QtPdf", "PySide6.QtPdfWidgets", "PySide6.QtPrintSupport", "PySide6.QtNetwork",
        "paydesk.ui.pay.checkout", "paydesk.ui.payments.page", "paydesk.ui.day_end.page",
        "paydesk.services.invoices.lookup", "paydesk.services.desk.desk", "paydesk.config.settings",
        "logging.handlers",
    ]  # fmt: skip
    program = "import sys, paydesk.cli.main, paydesk.app, paydesk.ui.main.window"
    script = f"{program}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
