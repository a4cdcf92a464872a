"""The window remembers preferences from one start to the next."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from paydesk.domain.consent import Channel
from paydesk.domain.receipt import Paper
from paydesk.ui.kit.preferences import Preferences
from paydesk.ui.main.window import MainWindow
from tests.fakes.office import Office


def test_choices_come_back_at_the_next_start(tmp_path: Path) -> None:
    first = Preferences(tmp_path / "window.ini")
    assert first.word("paper", Paper.LETTER) is Paper.LETTER
    first.keep_word("paper", Paper.ROLL_80MM)
    first.keep_word("channel", Channel.COUNTER)
    del first
    again = Preferences(tmp_path / "window.ini")
    assert again.word("paper", Paper.LETTER) is Paper.ROLL_80MM
    assert again.word("channel", Channel.PHONE) is Channel.COUNTER


def test_a_choice_that_no_longer_exists_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_text("[General]\npaper=vellum\n", encoding="utf-8")
    assert Preferences(tmp_path / "window.ini").word("paper", Paper.LETTER) is Paper.LETTER


def test_a_file_of_rubbish_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_bytes(bytes(range(256)))
    preferences = Preferences(tmp_path / "window.ini")
    assert preferences.word("paper", Paper.LETTER) is Paper.LETTER
    assert preferences.geometry.isEmpty()


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    preferences = Preferences(tmp_path / "file" / "window.ini")
    preferences.keep_word("paper", Paper.ROLL_80MM)


def test_the_window_opens_as_large_as_it_was_closed(qtbot: QtBot, tmp_path: Path) -> None:
    office = Office()
    sizes = []
    for _start in range(2):
        window = MainWindow(lambda: office.desk, tmp_path / "window.ini")
        qtbot.addWidget(window)
        window.show()
        sizes.append((window.width(), window.height()))
        window.resize(790, 640)
        window.close()
    assert sizes[1] == (800, 640), "as small as a window can be made"
    assert sizes[0][1] == 728
