"""The real window over an office in memory, used like a person uses it: by keys, and by looking."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.invoices.basket import Basket
from paydesk.domain.tender import TenderKind
from paydesk.services.desk.desk import Desk
from paydesk.ui.kit import theme
from paydesk.ui.main import window as main_window
from paydesk.ui.main.window import USUAL, MainWindow
from paydesk.ui.take.invoice_model import InvoiceTableModel
from tests.fakes.office import Office

W = TypeVar("W", bound=QWidget)
main_window.PAINT_FIRST_MS = 0  # no test waits for its first frame
NONE = Qt.KeyboardModifier.NoModifier


def hold(qtbot: QtBot, window: object) -> None:
    """Keep a window until ``qtbot`` has closed it.

    Otherwise it dies with the test's last line, while its workers are still at it.
    """
    vars(qtbot).setdefault("held", []).append(window)


def undress() -> None:
    """Let the next window be the first of its program. It is created three times as fast so."""
    if theme.Theme.current is not None:
        theme.Theme.current.undress()


class Front:
    """A window with its desk attached. ``baskets`` are those that it wanted to charge."""

    def __init__(
        self,
        qtbot: QtBot,
        office: Office | None = None,
        *,
        attach: bool = True,
        ready: threading.Event | None = None,
        state: Path | None = None,
    ) -> None:
        """``ready`` holds the desk back until it is set. ``state`` is the file of preferences."""
        self.qtbot = qtbot
        self.office = office or Office()
        self._ready = ready
        undress()
        self.window = MainWindow(self._make_desk, state)
        qtbot.addWidget(self.window, before_close_func=lambda _window: self._shut())
        hold(qtbot, self)
        self.baskets: list[tuple[Basket, TenderKind | None]] = []
        self.take = self.window.take
        # The dialog has tests of its own; here it is enough what it would be opened with.
        self.take.pay_requested.disconnect()
        self.take.pay_requested.connect(lambda basket, kind: self.baskets.append((basket, kind)))
        self.window.resize(USUAL)  # the test screen is smaller
        self.window.show()
        self.window.activateWindow()
        self.until(lambda: self.at == "lookup.invoice.number")
        if attach:
            self.until(lambda: self.window.desk is not None)

    def _make_desk(self) -> Desk:
        if self._ready is not None:
            self._ready.wait(20)
        return self.office.desk

    def _shut(self) -> None:
        self.office.source.gate.set()
        self.office.processor.gate.set()
        self.window.lanes.money.wait(5)

    # ---- doing ----------------------------------------------------------------------------

    def keys(self, text: str) -> None:
        """Type into what has the focus, which may move while typing."""
        for sign in text:
            QTest.keyClicks(self.focus, sign)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
        """Press a key where the focus is."""
        for _ in range(times):
            QTest.keyClick(self.focus, key, modifier)

    def enter(self) -> None:
        """Press Enter."""
        self.press(Qt.Key.Key_Return)

    def look_up(self, number: str) -> None:
        """Look an invoice up, and wait for the live answer."""
        self.press(Qt.Key.Key_F2)
        self.keys(number)
        self.enter()
        self.answered()

    def look_up_customer(self, number: str, zip_code: str) -> None:
        """Look a customer up, and wait for the live answer."""
        self.press(Qt.Key.Key_F3)
        self.keys(number)
        self.enter()
        self.keys(zip_code)
        self.enter()
        self.answered()

    def answered(self) -> None:
        """Wait until no lookup runs."""
        self.until(lambda: not self.take.search.busy)

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        self.qtbot.waitUntil(true, timeout=20_000)

    # ---- looking --------------------------------------------------------------------------

    @property
    def focus(self) -> QWidget:
        """The widget that gets what is typed."""
        return QApplication.focusWidget() or self.window

    @property
    def at(self) -> str:
        """The name of what has the focus."""
        return self.focus.objectName()

    @property
    def model(self) -> InvoiceTableModel:
        """The invoices shown."""
        return self.take.selection.model

    @property
    def shown(self) -> list[str]:
        """Their numbers, from top to bottom."""
        return [row.invoice.number for row in self.model.rows]

    @property
    def ticked(self) -> list[str]:
        """The ticked ones."""
        return [row.invoice.number for row in self.model.selection.rows]

    def cell(self, number: str, column: str) -> str:
        """Return the text of a cell of the invoice table."""
        row = next(row for row in self.model.rows if row.invoice.number == number)
        text = self.model.cell(
            row, self.model.columns[self.model.column(column)], Qt.ItemDataRole.DisplayRole
        )
        assert isinstance(text, str)
        return text

    def find(self, kind: type[W], name: str) -> W:
        """The widget with that name."""
        found = self.window.findChild(kind, name)
        assert isinstance(found, kind), name
        return found

    def says(self, name: str) -> str:
        """Return the text of a label."""
        return self.find(QLabel, name).text()

    def button(self, name: str) -> QPushButton:
        """A button."""
        return self.find(QPushButton, name)

    def entry(self, name: str) -> QLineEdit:
        """A field."""
        return self.find(QLineEdit, name)

    def problem(self, name: str) -> str:
        """Return the error of a field, as a screen reader reads it, too."""
        return self.entry(name).accessibleDescription()
