"""The menu, its dialogs, and the finish of the window: icon, first size, Alt keys, edges."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QSize, QSizeF, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QScrollArea, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from paydesk import __version__
from paydesk.config.paths import resources
from paydesk.domain.receipt import Paper
from paydesk.ui.kit import icons, theme
from paydesk.ui.kit.preferences import TEXT_SIZES, Preferences, Switch
from paydesk.ui.main import about
from paydesk.ui.main.about import AboutDialog, KeysDialog, TextSizeDialog, keys_of
from paydesk.ui.main.window import ATTENTION, DAY_END, FRAME, PAYMENTS, SMALLEST, TAKE, USUAL, first_size
from paydesk.ui.qt import application
from paydesk.ui.receipt.print_and_save import PrinterAway
from paydesk.ui.receipt.printing import Job
from paydesk.ui.take.lookup_page import Mode
from paydesk.ui.take.words import basket as words
from tests.ui.front import Front
from tests.ui.paying import basket


def open_menu(front: Front) -> dict[str, QAction]:
    """Return the entries of the menu, those of its submenus too, by their texts."""
    menu = front.window.menu
    menu.fill()
    return {
        one.text(): one for under in (menu.menu, *menu.menu.findChildren(QMenu)) for one in under.actions()
    }


# ---- appearance and text size --------------------------------------------------------------


def test_the_appearance_is_chosen_in_the_menu_and_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    state = tmp_path / "window.ini"
    front = Front(qtbot, state=state)
    look = theme.Theme.current
    assert look is not None
    try:
        entries = open_menu(front)
        assert entries["Same as this computer"].isChecked()
        entries["Dark"].trigger()
        assert look.dark
        Front(qtbot, state=state)
        assert look.dark, "remembered"
        open_menu(front)["Light"].trigger()
        assert not look.dark
        open_menu(front)["Same as this computer"].trigger()
        assert not look.dark
        assert Preferences(state).word("appearance", theme.Appearance.DARK) is theme.Appearance.SYSTEM
        look._system_changed(Qt.ColorScheme.Dark)
        assert look.dark, "it follows the computer again"
    finally:
        look.choose(theme.Appearance.SYSTEM)
        look.show_dark(False)


def test_a_window_starts_in_the_remembered_appearance(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    state = tmp_path / "window.ini"
    Preferences(state).keep_word("appearance", theme.Appearance.DARK)
    look = theme.prepare(qapp)
    try:
        with qtbot.capture_exceptions() as raised:
            Front(qtbot, state=state)
        assert not raised
        assert look.dark
    finally:
        look.choose(theme.Appearance.SYSTEM)
        look.show_dark(False)


def test_both_switches_of_printing_are_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    state = tmp_path / "window.ini"
    entries = open_menu(Front(qtbot, state=state))
    texts = ("Print without asking for the printer", "Print the receipt after each approval")
    assert [entries[text].isChecked() for text in texts] == [False, False]
    entries[texts[0]].trigger()
    preferences = Preferences(state)
    assert [preferences.is_on(switch) for switch in Switch] == [True, False]
    preferences.keep_printer(Paper.ROLL_80MM, "Roll, at the counter")
    del preferences
    entries = open_menu(Front(qtbot, state=state))
    assert [entries[text].isChecked() for text in texts] == [True, False]
    entries[texts[0]].trigger()
    entries[texts[1]].trigger()
    preferences = Preferences(state)
    assert [preferences.is_on(switch) for switch in Switch] == [False, True]
    assert [preferences.printer(paper) for paper in Paper] == ["", "Roll, at the counter"]


def test_what_was_not_printed_is_said_in_the_window(qtbot: QtBot) -> None:
    front = Front(qtbot)
    job = Job("Receipt R-000001 Sample Bakery.pdf", "", Paper.LETTER, QSizeF(), lambda _printer: None)
    front.window.printers.missed.emit(job, PrinterAway("Front HP"))
    assert front.take.notice.text == (
        "Receipt R-000001 Sample Bakery. Not printed: Front HP isn't available. "
        "Press F8 to choose another printer."
    )


@pytest.mark.parametrize("size", TEXT_SIZES)
def test_a_text_size_is_used_from_the_next_start(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    state = tmp_path / "window.ini"
    preferences = Preferences(state)
    assert preferences.text_size == 100
    preferences.keep_text_size(size)
    del preferences
    found = Preferences(state).text_size
    assert found == size
    monkeypatch.setenv("QT_SCALE_FACTOR", "2")
    monkeypatch.setattr(application, "QApplication", _NoApplication)
    with pytest.raises(_Started):
        application.new_application(found)
    assert float(os.environ["QT_SCALE_FACTOR"]) == pytest.approx(2 * size / 100)


class _Started(Exception):
    """Qt would start now."""


class _NoApplication:
    def __init__(self, _arguments: list[str]) -> None:
        raise _Started


@pytest.mark.parametrize("broken", ["", "12", "1000", "abc", "-90", "110.5"])
def test_a_text_size_that_is_no_choice_is_the_usual_one(tmp_path: Path, broken: str) -> None:
    preferences = Preferences(tmp_path / "window.ini")
    preferences._keep("text_size", broken)
    assert preferences.text_size == 100


def test_a_new_text_size_says_when_it_is_used(qtbot: QtBot) -> None:
    front = Front(qtbot)
    open_menu(front)["100%"].trigger()
    assert front.window.findChild(TextSizeDialog) is None, "it is the present one"
    open_menu(front)["125%"].trigger()
    dialog = front.find(TextSizeDialog, "text_size")
    assert front.says("text_size.said") == (
        "Text will be 125% of its usual size the next time you open PayDesk."
    )
    dialog.accept()
    assert front.window.preferences.text_size == 125


# ---- keys ----------------------------------------------------------------------------------


def test_f1_lists_every_key_of_every_page(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.press(Qt.Key.Key_F1)
    sheet = front.find(KeysDialog, "keys")
    shown = " | ".join(one.text() for one in sheet.findChildren(QLabel))
    pages = keys_of(front.window)
    assert {"Everywhere", "Take payment", "Payments", "Needs attention", "Day end", "In a list"} <= set(pages)
    wanted = {
        "F9": "Take payment",
        "F12": "Next customer",
        "F2": "Look up an invoice",
        "F1": "Keyboard shortcuts",
    }
    listed = {key: what for keys in pages.values() for key, what in keys}
    assert wanted.items() <= listed.items()
    for keys in pages.values():
        for key, what in keys:
            assert what, f"nothing says what {key} does"
            assert what in shown
    for one in front.window.findChildren(QShortcut):
        assert one.key().toString(QKeySequence.SequenceFormat.NativeText) in listed
    bar = front.find(QScrollArea, "keys.list").verticalScrollBar()
    front.until(lambda: front.at == "keys.list" and bar.maximum() > 0)
    front.press(Qt.Key.Key_PageDown)
    assert bar.value() > 0, "the keys scroll at once"
    front.enter()
    assert not sheet.isVisible()


def test_f1_lists_the_keys_of_a_payment_inside_its_dialog(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    checkout = front.window.checkout
    assert checkout is not None
    checkout.take(front.office.desk, basket(), None)
    front.until(lambda: front.at == "tender.card.number")
    dialog = checkout.dialog
    assert dialog is not None
    front.press(Qt.Key.Key_F1)
    front.until(lambda: front.at == "keys.list")
    pages = {title: dict(keys) for title, keys in keys_of(dialog).items()}
    assert set(pages) == {"Everywhere", "In this payment"}
    assert "Ctrl+Tab" not in pages["Everywhere"]
    listed = pages["In this payment"]
    assert (listed["Alt+3"], listed["F6"]) == ("Bank account (ACH)", "Use another card")
    assert listed["Esc"] == "Back", "and not that of a page behind"
    assert all(listed.values())
    front.press(Qt.Key.Key_Escape)
    dialog.activateWindow()  # as every window system does after a dialog closes
    front.until(lambda: front.at == "tender.card.number")
    assert checkout.dialog is dialog, "Esc closed the sheet alone"
    dialog.done(0)


def mnemonics(page: QWidget) -> list[str]:
    """Return the Alt keys of what can be seen, as letters."""
    said = [one.text() for one in page.findChildren(QAbstractButton) if one.isVisible()]
    said += [one.text() for one in page.findChildren(QLabel) if one.isVisible() and one.buddy() is not None]
    keys = [QKeySequence.mnemonic(text).toString() for text in said]
    return [key for key in keys if key]


@pytest.mark.parametrize("mode", Mode)
def test_alt_keys_are_unique_on_the_take_payment_page(qtbot: QtBot, mode: Mode) -> None:
    front = Front(qtbot)
    front.window.look_up(mode)
    front.take.basket_panel.ask_agreement(words.agreement("as of 9:41 AM"))
    front.take.lookup.customer.need_second(mode is Mode.CUSTOMER)
    used = mnemonics(front.window)
    assert "Alt+M" in used
    assert {key: count for key, count in Counter(used).items() if count > 1} == {}


@pytest.mark.parametrize("tab", [PAYMENTS, ATTENTION, DAY_END])
def test_alt_keys_are_unique_on_the_other_pages(qtbot: QtBot, tab: int) -> None:
    front = Front(qtbot)
    front.window.tabs.setCurrentIndex(tab)
    assert {key: count for key, count in Counter(mnemonics(front.window)).items() if count > 1} == {}


def test_alt_keys_are_unique_in_the_payment_dialog(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.take.pay_requested.connect(front.window._pay)
    front.look_up("50123")
    front.take.go_on()
    assert front.window.checkout is not None
    dialog = front.window.checkout.dialog
    assert dialog is not None
    for _ in range(2):
        assert {key: count for key, count in Counter(mnemonics(dialog)).items() if count > 1} == {}
        front.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    dialog.done(0)


# ---- about ---------------------------------------------------------------------------------


def test_about_says_version_licenses_and_log(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(about, "_log_place", lambda: str(tmp_path / "paydesk.log"))
    front = Front(qtbot)
    open_menu(front)["About PayDesk"].trigger()
    dialog = front.find(AboutDialog, "about")
    opened: list[Path] = []
    dialog.open_folder = opened.append
    said = front.says("about.facts")
    assert f"Version {__version__}" in said
    assert f"Log: {tmp_path / 'paydesk.log'}" in said
    parts = front.find(QTextBrowser, "about.licenses").toPlainText()
    assert "SQLAlchemy" in parts
    assert "PySide6" in parts
    front.button("about.log").click()
    assert opened == [tmp_path]
    front.button("about.copy").click()
    assert QApplication.clipboard().text() == said
    QApplication.clipboard().clear()
    dialog.accept()


def test_a_built_program_shows_its_own_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "NOTICES.txt").write_text("The parts of this program", "utf-8")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "paydesk"))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert about.licenses() == "The parts of this program"


# ---- window --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height"), [(1366, 768), (1366, 728), (1920, 1040), (960, 516), (1280, 680), (3840, 2100)]
)
def test_the_first_window_fits_the_screen_with_its_frame(width: int, height: int) -> None:
    screen = QSize(width, height)
    outer = first_size(screen) + FRAME
    assert outer.width() <= width
    assert outer.height() <= height
    assert first_size(screen).width() <= USUAL.width()


def test_a_first_window_on_a_tiny_screen_keeps_its_smallest_size() -> None:
    assert first_size(QSize(640, 400)) == SMALLEST


def test_the_program_has_an_icon_in_every_size(qtbot: QtBot) -> None:
    front = Front(qtbot)
    assert not front.window.windowIcon().isNull()
    folder = resources() / "app"
    for size in icons.APPLICATION_SIZES:
        with Image.open(folder / f"paydesk-{size}.png") as picture:
            assert picture.size == (size, size)
            colors = picture.convert("RGBA").getcolors(100_000) or []
            assert len(colors) > 2
        assert front.window.windowIcon().pixmap(QSize(size, size), 1.0).width() == size
    with Image.open(folder / "paydesk.ico") as ico:
        assert {16, 32, 48, 256} <= {width for width, _ in ico.info["sizes"]}
    with Image.open(folder / "paydesk.icns") as icns:
        assert max(width for width, *_ in icns.info["sizes"]) >= 256
    spec = (Path(__file__).resolve().parents[3] / "build.spec").read_text("utf-8")
    assert "paydesk.icns" in spec
    assert "paydesk.ico" in spec


def test_cards_the_tabs_and_the_strip_share_one_left_edge(qtbot: QtBot) -> None:
    front = Front(qtbot)
    window = front.window

    def left(widget: QWidget, x: int = 0) -> int:
        return widget.mapTo(window, widget.rect().topLeft()).x() + x

    bar = window.tabs.tabBar()
    edges = {
        "lookup": left(front.take.lookup),
        "answer": left(front.take.selection),
        "tabs": left(bar, bar.tabRect(TAKE).left()),
        "strip": left(window.recent.viewport(), theme.Space.S),
        "status": left(front.find(QLabel, "status.desk")),
    }
    assert set(edges.values()) == {theme.Space.L}, edges
