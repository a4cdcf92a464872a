"""The menu of the window: appearance, text size, printing, keys, and what this program is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from paydesk.ui.kit import theme
from paydesk.ui.kit.preferences import TEXT_SIZES, Preferences, Switch
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, native_key, row, shortcut
from paydesk.ui.main import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Menu(QObject):
    """The button at the right end of the tabs, and its menu. Both dialogs are made when they are wanted."""

    def __init__(
        self,
        window: QWidget,
        look: theme.Theme,
        preferences: Preferences,
        make_pages: Callable[[], None],
    ) -> None:
        """``make_pages`` makes the pages that were not shown yet, so that their keys are known."""
        super().__init__(window)
        self._window, self._look, self._preferences = window, look, preferences
        self._make_pages = make_pages
        self._show_anytime_link: Callable[[], None] | None = None
        self.button = button(words.MENU, "window.menu", role="quiet")
        self.corner = QWidget()
        line = row(self.button)
        line.setContentsMargins(0, 0, Space.L - 2, 0)
        self.corner.setLayout(line)
        self.menu = QMenu(self.button)
        self.menu.setObjectName("menu")
        self.button.clicked.connect(self.open)
        self.offer_keys(window)

    def offer_keys(self, window: QWidget) -> None:
        """Let F1 show the keys of the window, or of a dialog that keeps the window's F1 from working."""
        shortcut(window, "F1", lambda: self.show_keys(window), words.KEYS)

    def open(self) -> None:
        """Show the menu below the button."""
        self.fill()
        self.menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    def offer_anytime_link(self, show: Callable[[], None]) -> None:
        """Have an entry for the agency's anytime link from now on."""
        self._show_anytime_link = show
        self.menu.clear()

    def fill(self) -> None:
        """Make the entries when they are first looked at, so that the window starts sooner."""
        if self.menu.actions():
            return
        looks = [(words.APPEARANCES[one], one) for one in theme.Appearance]
        now = self._preferences.word("appearance", theme.Appearance.SYSTEM)
        self._choices(words.APPEARANCE, looks, now, self.choose_appearance)
        sizes = [(words.percent(one), one) for one in TEXT_SIZES]
        self._choices(words.TEXT_SIZE, sizes, self._preferences.text_size, self.choose_text_size)
        self._switches(words.PRINTING, words.SWITCHES)
        self.menu.addSeparator()
        if self._show_anytime_link is not None:
            self._entry(words.ANYTIME_LINK, self._show_anytime_link)
        self._entry(words.KEYS, lambda: self.show_keys(self._window), "F1")
        self._entry(words.ABOUT, self.show_about)

    def _choices(
        self, title: str, entries: Iterable[tuple[str, Any]], now: Any, act: Callable[[Any], None]
    ) -> None:
        under = self.menu.addMenu(title)
        group = QActionGroup(under)
        for text, value in entries:
            action = QAction(text, group)
            action.setCheckable(True)
            action.setChecked(value == now)
            action.triggered.connect(lambda _on=False, value=value: act(value))
            under.addAction(action)

    def _switches(self, title: str, switches: Mapping[Switch, str]) -> None:
        under = self.menu.addMenu(title)
        for switch, text in switches.items():
            action = under.addAction(text)
            action.setCheckable(True)
            action.setChecked(self._preferences.is_on(switch))
            action.toggled.connect(lambda on, switch=switch: self._preferences.turn(switch, on=on))

    def _entry(self, text: str, act: Callable[[], None], key: str = "") -> None:
        action = self.menu.addAction(f"{text}\t{native_key(key)}" if key else text)
        action.triggered.connect(lambda _on=False: act())

    def choose_appearance(self, appearance: StrEnum) -> None:
        """Use a scheme from now on, and remember it."""
        self._look.choose(theme.Appearance(appearance))
        self._preferences.keep_word("appearance", appearance)

    def choose_text_size(self, percent: int) -> None:
        """Remember a text size. It is used from the next start, because Qt scales a program as a whole."""
        from paydesk.ui.main.about import TextSizeDialog

        if percent != self._preferences.text_size:
            self._preferences.keep_text_size(percent)
            TextSizeDialog(percent, self._window).open()

    def show_keys(self, window: QWidget) -> None:
        """Show every key of the window, or of a dialog."""
        from paydesk.ui.main.about import KeysDialog

        self._make_pages()
        KeysDialog(window).open()

    def show_about(self) -> None:
        """Show version, licenses and the log."""
        from paydesk.ui.main.about import AboutDialog

        AboutDialog(self._window).open()
