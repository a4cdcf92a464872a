"""The agency's anytime link: in the menu, shown, copied, and saved as often as wanted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from paydesk.ui.offer.anytime_link import AnytimeLinkDialog
from paydesk.ui.receipt import words
from tests.fakes.office import Office
from tests.fakes.sample import SETTINGS
from tests.ui.front import Front
from tests.ui.main.test_menu import open_menu

LINK = "https://pay.anddone.com/harbor"


def front_with(qtbot: QtBot, link: str) -> Front:
    """Open the window of an agency with this link."""
    return Front(qtbot, Office(replace(SETTINGS, anddone=replace(SETTINGS.anddone, anytime_link=link))))


def test_without_a_link_the_menu_has_no_entry(qtbot: QtBot) -> None:
    assert "Anytime link…" not in open_menu(front_with(qtbot, ""))


def test_the_link_is_shown_copied_and_saved_as_often_as_wanted(qtbot: QtBot, tmp_path: Path) -> None:
    front = front_with(qtbot, LINK)
    open_menu(front)["Anytime link…"].trigger()
    dialog = front.window.findChild(QDialog, "anytime")
    assert isinstance(dialog, AnytimeLinkDialog)
    front.until(lambda: dialog.view.pages == 1)
    front.press(Qt.Key.Key_F6)
    assert QApplication.clipboard().text() == LINK
    first, second = (saved(front, dialog, tmp_path / name) for name in ("first.pdf", "second.pdf"))
    assert first == second, "none is a copy"
    front.press(Qt.Key.Key_Escape)
    front.until(lambda: front.window.findChild(QWidget, "anytime") is None)


def saved(front: Front, dialog: AnytimeLinkDialog, path: Path) -> bytes:
    """Save the card, and return it."""
    dialog.view.choose_file = lambda _parent, _name: str(path)
    dialog.view.save_button.click()
    front.until(lambda: path.exists() and dialog.view.save_button.isEnabled())
    assert words.marked_as_copy("").strip() not in dialog.view.banner.text
    return path.read_bytes()
