"""A first start without settings is a page with three ways to begin, and never an error."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTextBrowser
from pytestqt.qtbot import QtBot

from paydesk.config.declare import declared
from paydesk.config.paths import Paths, resources
from paydesk.config.sample_file import sample, write_sample
from paydesk.config.settings import Settings
from paydesk.config.settings_file import load
from paydesk.domain.errors import KnownError, NoSettings
from paydesk.services.desk.desk import Desk
from paydesk.services.desk.doctor import Finding, Level
from paydesk.ui.main.first_start import FirstStart
from paydesk.ui.main.set_up import SetUp
from paydesk.ui.main.window import SMALLEST, MainWindow
from tests.fakes.office import Office
from tests.ui.front import hold

ROOT = Path(__file__).resolve().parents[3]


class FirstDesk:
    """A window on a folder that may have no settings yet."""

    def __init__(self, qtbot: QtBot, base: Path) -> None:
        self.paths = Paths(base)
        self.trained: list[bool] = []
        self.folders: list[Path] = []
        self.found = [
            Finding("Keys", Level.DO, "The key is not set.", "Set it."),
            Finding("Clock", Level.WELL, "fine."),
        ]
        self.office = Office()
        set_up = SetUp(
            self.paths.settings,
            lambda: write_sample(self.paths.settings),
            self._check,
            lambda: self.trained.append(True),
        )
        self.window = MainWindow(self._make, set_up=set_up)
        qtbot.addWidget(self.window)
        hold(qtbot, self)
        self.until: Callable[[Callable[[], bool]], None] = lambda true: qtbot.waitUntil(true, timeout=20_000)
        self.window.show()
        self.window.activateWindow()
        self.until(lambda: self.window.first is not None and self.window.first.isVisible())
        self.page.open_folder = self.folders.append

    @property
    def page(self) -> FirstStart:
        assert self.window.first is not None
        return self.window.first

    def _make(self) -> Desk:
        if not self.trained:
            load(self.paths.settings)
        return self.office.desk

    def _check(self) -> Iterator[Finding]:
        yield from self.found

    @property
    def said(self) -> str:
        """Everything that can be read on the page."""
        return " | ".join(
            one.text() for one in self.page.findChildren(QLabel) if one.isVisible() and one.text()
        )


@pytest.fixture
def first(qtbot: QtBot, tmp_path: Path) -> FirstDesk:
    return FirstDesk(qtbot, tmp_path / "base")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()


def test_a_first_start_is_a_choice_and_no_error(first: FirstDesk) -> None:
    assert "Welcome to PayDesk" in first.said
    assert first.window.take.notice.text == ""
    assert first.page.notice.text == ""
    assert not first.window.tabs.isVisible()
    assert QApplication.focusWidget() is first.page.train, "Enter opens the desk where nothing can go wrong"
    for word in ("paydesk ", "--training", "README", ".toml"):
        assert word not in first.said, "no command line is named to a clerk"


def test_the_training_desk_is_one_key_away(first: FirstDesk) -> None:
    QTest.keyClick(first.page.train, Qt.Key.Key_Space)
    first.until(lambda: first.window.desk is not None)
    assert first.trained == [True]
    assert first.window.tabs.isVisible()
    assert not first.page.isVisible()
    assert first.window.banner.isVisible()
    first.until(lambda: QApplication.focusWidget() is first.window.take.lookup.invoice.number)


def test_setting_up_writes_a_file_opens_its_folder_and_shows_what_is_missing(first: FirstDesk) -> None:
    first.page.begin.click()
    assert first.paths.settings.read_text("utf-8") == sample()
    assert first.folders == [first.paths.base]
    first.until(lambda: "1 thing to do" in first.said and "Clock: fine." in first.said)
    assert str(first.paths.settings) in first.said
    assert first.said.index("Keys: The key is not set. Set it.") < first.said.index("Clock: fine.")
    first.found = [Finding("Clock", Level.WELL, "fine.")]
    first.page._look()
    assert "1 thing to do" in first.said, "the file is as it was"
    first.paths.settings.write_text(sample() + "\n# saved again\n", "utf-8")
    first.page._look()
    first.until(lambda: "All set. Open PayDesk." in first.said and "The key is not set" not in first.said)


def test_a_file_that_is_there_is_never_overwritten(first: FirstDesk) -> None:
    first.paths.settings.write_text("# mine\n", "utf-8")
    first.page.begin.click()
    assert first.paths.settings.read_text("utf-8") == "# mine\n"


def test_a_folder_that_cannot_be_written_is_said(first: FirstDesk) -> None:
    first.paths.settings.mkdir()
    first.paths.base.joinpath("settings.toml").rmdir()
    first.paths.base.rmdir()
    first.page.begin.click()
    assert first.page.notice.text.startswith("PayDesk couldn't write")
    assert first.folders == []


def test_a_check_that_fails_is_said_and_can_be_repeated(first: FirstDesk) -> None:
    def fail() -> Iterator[Finding]:
        raise KnownError("The ledger cannot be read.", "Restore it.")

    first.page._set_up = SetUp(first.paths.settings, lambda: None, fail, lambda: None)
    first.page.check()
    first.until(lambda: first.page.notice.text == "The ledger cannot be read. Restore it.")

    def break_down() -> Iterator[Finding]:
        raise ValueError("4111" * 4)

    first.page._set_up = SetUp(first.paths.settings, lambda: None, break_down, lambda: None)
    first.page.check()
    first.until(lambda: first.page.notice.text.startswith("PayDesk couldn't check this desk."))
    assert "4111" not in first.page.notice.text


def test_opening_too_early_says_what_is_wrong_on_the_same_page(first: FirstDesk) -> None:
    first.page.begin.click()
    first.page.open.click()
    first.until(lambda: "agency.name must not be empty" in first.page.notice.text)
    assert first.page.isVisible()
    text = sample().replace('name = ""', 'name = "Elm Street Insurance"', 1)
    first.paths.settings.write_text(text, "utf-8")
    first.page.open.click()
    first.until(lambda: first.window.desk is not None)
    assert first.window.tabs.isVisible()


def test_how_to_go_live_is_read_in_the_window(first: FirstDesk) -> None:
    first.page.read.click()
    page = first.page.findChild(QTextBrowser, "first.page")
    assert isinstance(page, QTextBrowser)
    assert page.isVisible()
    assert page.toPlainText().startswith("Going live")
    assert QApplication.focusWidget() is page, "it scrolls by keyboard"


def test_how_to_go_live_is_the_readmes_own_text() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shipped = (resources() / "help" / "going-live.md").read_text("utf-8")
    assert shipped.startswith("## Going live")
    assert shipped.strip() in readme


def test_a_desk_without_a_way_to_set_up_still_says_why(qtbot: QtBot) -> None:
    def factory() -> Desk:
        raise NoSettings("There are no settings yet.", "Write them.")

    window = MainWindow(factory)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(
        lambda: window.take.notice.text == "There are no settings yet. Write them.", timeout=20_000
    )


# ---- the file ----------------------------------------------------------------------------


def test_the_sample_names_every_setting_and_needs_only_the_agencys_name(tmp_path: Path) -> None:
    text = sample()
    for key, _, known in declared(Settings):
        name = key.rpartition(".")[2]
        assert f"\n# {known.help.replace('``', '')}" in text, key
        assert f"\n{name} = " in text or f"\n# {name} = " in text, key
    assert tomllib.loads(text)["agency"] == {"name": ""}
    path = tmp_path / "settings.toml"
    path.write_text(text.replace('name = ""', 'name = "Elm Street Insurance"', 1), "utf-8")
    found = load(path)
    assert found.agency.name == "Elm Street Insurance"
    assert found.fee_schedule is None, "there is no built-in fee"


def test_the_sample_with_every_line_in_use_is_valid(tmp_path: Path) -> None:
    lines = []
    for line in sample().splitlines():
        entry = line.removeprefix("# ")
        used = (
            line.startswith("# ") and entry.partition(" = ")[0].replace("_", "").isalpha() and " = " in entry
        )
        lines.append(entry if used else line)
    text = "\n".join(lines).replace('name = ""', 'name = "Elm Street Insurance"', 1)
    path = tmp_path / "settings.toml"
    path.write_text(text.replace('bank_short_name = ""', 'bank_short_name = "B"'), "utf-8")
    found = load(path)
    for one in fields(Settings):
        assert getattr(found, one.name) is not None, one.name
    assert found.fee_schedule is not None


def test_nothing_of_the_page_is_cut_in_the_smallest_window(first: FirstDesk) -> None:
    """The sentences of the three choices lost their last line. Now the page scrolls."""
    desk = first
    desk.window.resize(SMALLEST)
    desk.page.begin.click()
    desk.until(lambda: "The key is not set." in desk.said)
    texts = [text for text in desk.page.findChildren(QLabel) if text.isVisible() and text.wordWrap()]
    assert len(texts) > 3
    for text in texts:
        desk.until(partial(_whole, text))


def _whole(text: QLabel) -> bool:
    area = text.parentWidget()
    assert area is not None
    return text.height() >= text.heightForWidth(text.width()) and area.rect().contains(text.geometry())
