"""The dialogs of the window's menu: all keys, the program itself, and a new text size."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QGridLayout,
    QMainWindow,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from paydesk import __version__
from paydesk.ui.kit.scrolling import Prose, room_for, scrolled
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import WHAT, be_default, button, label, row, stack, without_key
from paydesk.ui.kit.words import PROGRAM
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.main import words

KEYS_SIZE, ABOUT_SIZE, QUESTION_WIDTH = QSize(620, 620), QSize(620, 520), 440
"""Sizes in device-independent pixels."""


class _Dialog(QDialog):
    """A dialog with a column, and a button that closes it."""

    def __init__(self, name: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column: QVBoxLayout = stack(self, spacing=Space.M, margin=Space.XL)

    def end(self, *others: QPushButton) -> None:
        """Add the last line."""
        close = button(words.CLOSE, f"{self.objectName()}.close", key="Esc", role="primary")
        close.clicked.connect(self.accept)
        be_default(close, *others)
        foot = row(*others)
        foot.addStretch(1)
        foot.addWidget(close)
        self.column.addLayout(foot)
        mark_world(self)
        close.setFocus()


class KeysDialog(_Dialog):
    """Every key of a window, from the shortcuts themselves, and those of tables and fields."""

    def __init__(self, window: QWidget) -> None:
        super().__init__("keys", words.KEYS, window)
        self.resize(KEYS_SIZE.boundedTo(room_for(self)))
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(Space.L)
        for title, keys in keys_of(window).items():
            grid.addWidget(label(title, "strong"), grid.rowCount(), 0, 1, 2)
            for key, what in keys:
                place = grid.rowCount()
                grid.addWidget(label(key, "key"), place, 0, Qt.AlignmentFlag.AlignLeft)
                grid.addWidget(label(what), place, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        area = scrolled(inner, words.KEYS)
        area.setObjectName("keys.list")
        self.column.addWidget(area, 1)
        self.end()
        area.setFocus()  # its arrow keys and Page Down scroll, and Enter still closes


def keys_of(window: QWidget) -> dict[str, list[tuple[str, str]]]:
    """Return the keys of a window or dialog by the title of their page, each with what it does.

    A dialog has no tabs and no lists, and only the keys of what it shows now.
    """
    whole = isinstance(window, QMainWindow)
    found: dict[str, dict[str, str]] = {words.EVERYWHERE: dict(words.COMMON_KEYS)}
    found |= {title: {} for title in words.PAGE_TITLES.values()}
    for one in window.findChildren(QShortcut):
        parent = one.parent()
        if not whole and isinstance(parent, QWidget) and not parent.isVisible():
            continue
        page = words.PAGE_TITLES.get(_page_of(one), words.EVERYWHERE)
        key = one.key().toString(QKeySequence.SequenceFormat.NativeText)
        found.setdefault(page, {}).setdefault(key, _what(one))
    found[words.LISTS] = dict(words.LIST_KEYS) if whole else {}
    return {page: list(keys.items()) for page, keys in found.items() if keys}


def _page_of(one: QShortcut) -> str:
    """Return the name of the page that a key belongs to."""
    return next((name for name in _names_above(one) if name in words.PAGE_TITLES), "")


def _names_above(one: QShortcut) -> Iterator[str]:
    above = one.parent()
    while above is not None:
        yield above.objectName()
        above = above.parent()


def _what(one: QShortcut) -> str:
    """Return what a key does: the text of its button, or what was said when it was made."""
    parent = one.parent()
    if one.property(WHAT):
        return str(one.property(WHAT))
    return without_key(parent.text()).replace("&", "") if isinstance(parent, QAbstractButton) else ""


class AboutDialog(_Dialog):
    """Version, licenses and log. Tests replace ``open_folder``, which shows a folder of the system."""

    def __init__(self, window: QWidget) -> None:
        super().__init__("about", words.ABOUT, window)
        self.resize(ABOUT_SIZE.boundedTo(room_for(self)))
        self.open_folder: Callable[[Path], object] = _open_folder
        self._facts = facts()
        said = Prose("body", "about.facts")
        said.setText(self._facts)
        said.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        notices = QTextBrowser()
        notices.setPlainText(licenses())
        notices.setObjectName("about.licenses")
        notices.setAccessibleName(words.LICENSES)
        notices.setTabChangesFocus(True)
        notices.document().setDocumentMargin(Space.M)
        caption = label(words.LICENSES, "caption")
        caption.setBuddy(notices)
        self.column.addWidget(label(PROGRAM, "title"))
        self.column.addWidget(said)
        self.column.addWidget(caption)
        self.column.addWidget(notices, 1)
        copy = button(words.COPY_DETAILS, "about.copy", role="quiet")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self._facts))
        show_log = button(words.SHOW_LOG, "about.log", role="quiet")
        show_log.setEnabled(bool(_log_place()))
        show_log.clicked.connect(lambda: self.open_folder(Path(_log_place()).parent))
        self.end(copy, show_log)


def facts() -> str:
    """Return the versions and the log's place, as a support call asks for them."""
    from PySide6 import __version__ as qt

    python = ".".join(map(str, sys.version_info[:3]))
    return words.about(__version__, python, qt, sys.platform, _log_place())


def _log_place() -> str:
    from paydesk.config import log  # imported only in the rare case

    return str(log.place() or "")


def licenses() -> str:
    """Return the notices of a built program, or the names and licenses of what is installed."""
    shipped = Path(sys.executable).parent / "NOTICES.txt"
    if getattr(sys, "frozen", False) and shipped.is_file():
        return shipped.read_text("utf-8")
    from importlib.metadata import distributions

    lines = set()
    for one in distributions():
        about = one.metadata
        stated = next((about[key] for key in ("License-Expression", "License") if key in about), "")
        stated = stated.partition("\n")[0]
        lines.add(f"{about['Name']} {one.version}" + (f" – {stated}" if stated else ""))
    return "\n".join(sorted(lines, key=str.lower))


class TextSizeDialog(_Dialog):
    """Says when a new text size is used."""

    def __init__(self, percent: int, window: QWidget) -> None:
        super().__init__("text_size", words.TEXT_SIZE, window)
        self.setFixedWidth(min(QUESTION_WIDTH, room_for(window).width()))
        said = Prose("body", "text_size.said")
        said.setText(words.text_size_later(percent))
        self.column.addWidget(said)
        self.end()


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
