"""The clerk of the tour: types, presses keys, waits for what should appear, and takes pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QAbstractItemModel, QPoint, QRect, Qt
from PySide6.QtGui import QImage, QKeySequence, QPainter, QPixmap
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QLineEdit, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.receipt import Paper
from paydesk.ui.kit import theme
from paydesk.ui.kit.widgets import Elided
from paydesk.ui.main.window import MainWindow
from paydesk.ui.pay.gesture_guard import DEAD_MS
from paydesk.ui.qt.application import wait
from paydesk.ui.receipt import print_and_save

if TYPE_CHECKING:
    from paydesk.sandbox.sandbox import Sandbox
    from paydesk.services.desk.desk import Desk
    from paydesk.services.ports.clock import Clock
    from paydesk.ui.receipt.document_view import DocumentView
    from paydesk.ui.receipt.printing import Job

PATIENCE_S = 20.0
"""Seconds for a step to show what it should, enough for a slow machine."""

RECEIPT_DPI = 110


Shown = TypeVar("Shown", bound=QWidget)


class TourFailed(KnownError):
    """A step did not show what it should."""


class AheadClock:
    """The desk's clock, which a chapter may set ahead. Only what is due by now follows it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead = timedelta()

    def now(self) -> datetime:
        """Return the clock's time in UTC, as far ahead as was set."""
        return self._clock.now() + self.ahead

    def elapsed_s(self) -> float:
        """See Clock."""
        return self._clock.elapsed_s()


class Clerk:
    """Uses the window only through keys, the mouse and what is on the screen."""

    def __init__(self, window: MainWindow, out: Path) -> None:
        self.window = window
        self.desk: Desk | None = None
        self.sandbox: Sandbox | None = None
        self.clock: AheadClock | None = None
        self.pictures = self.receipts = 0
        self._out = out
        (out / "tour.txt").write_text("", encoding="utf-8")

    # ---- input ----------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Type into the focused widget, one key for each character. A full field moves the focus on."""
        for sign in text:
            QTest.keyClicks(self.focus, sign)

    def press(self, *keys: str) -> None:
        """Press keys named as on the buttons: ``F9``, ``Return``, ``Alt+3``."""
        for key in keys:
            pressed = QKeySequence(key)[0]  # type: ignore[index]  # PySide6 leaves __getitem__ out of its stubs
            QTest.keyClick(self.focus, pressed.key(), pressed.keyboardModifiers())

    def open_tab(self, place: int) -> None:
        """Click a tab of the window. Directly after a payment that does nothing, and is repeated later."""
        tabs = self.window.tabs
        bar = tabs.tabBar()

        def opened() -> bool:
            QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())
            if tabs.currentIndex() != place:
                wait(2 * DEAD_MS)
            return tabs.currentIndex() == place

        self.until(opened, "The tab did not open.")

    # ---- checks ---------------------------------------------------------------------------

    def until(self, true: Callable[[], bool], else_say: str) -> None:
        """Wait until ``true`` returns True. Raises TourFailed with the sentence if it never does.

        Raises TourFailed as well if the window shows a fault dialog.
        """
        end = monotonic() + PATIENCE_S
        while not true():
            wait(10)
            if self._shown("fault"):
                raise TourFailed(
                    "PayDesk itself failed during the tour.", "The picture `failed` shows where."
                )
            if monotonic() > end:
                raise TourFailed(else_say, f"The focus is in {self.focus.objectName()!r}.")

    def at(self, name: str) -> None:
        """Wait until the widget of this name has the focus."""
        self.until(lambda: self.focus.objectName() == name, f"The keyboard did not come to {name}.")

    def see(self, name: str, *words: str) -> None:
        """Wait until the widget of this name is visible and shows all these words."""
        self.until(
            lambda: any(all(word in said(widget) for word in words) for widget in self._shown(name)),
            f"{name} does not say {' … '.join(words)}, but {self.words_of(name)!r}.",
        )

    def gone(self, name: str) -> None:
        """Wait until nothing of this name is visible, and a window takes keys again."""
        self.until(lambda: not self._shown(name), f"{name} is still on the screen.")
        if QApplication.activeWindow() is None:  # as every window system does after a dialog closes
            self.window.activateWindow()
        self.until(lambda: QApplication.activeWindow() is not None, "No window takes keys.")

    def ready(self, name: str) -> None:
        """Wait until the button of this name is enabled."""
        self.until(
            lambda: any(widget.isEnabled() for widget in self._shown(name)), f"{name} cannot be pressed."
        )

    def painted(self, name: str) -> None:
        """Wait until the page in the preview of this name is painted. Qt draws it beside."""
        self.until(lambda: any(map(_has_ink, self._shown(name))), f"{name} stays empty.")

    def words_of(self, name: str) -> str:
        """Return the present text of the widgets of this name."""
        return " ".join(map(said, self._shown(name)))

    def chosen(self, name: str) -> None:
        """Wait until the choice of this name is on."""
        self.until(
            lambda: any(isinstance(one, QAbstractButton) and one.isChecked() for one in self._shown(name)),
            f"{name} is not chosen.",
        )

    # ---- pictures and receipts ------------------------------------------------------------

    def picture(self, name: str) -> None:
        """Save the window with its dialog as a numbered picture, and its texts in ``tour.txt``."""
        self._let_it_settle()
        self.pictures += 1
        title = f"{self.pictures:02d}-{name}"
        if not _screenshot(self.window).save(str(self._out / f"{title}.png")):
            raise TourFailed(f"The picture {title}.png cannot be saved.", "Check the folder and its disk.")
        top = QApplication.activeModalWidget() or self.window
        shown = [widget for widget in top.findChildren(QWidget) if widget.isVisible()]
        words = [" ".join(text.split()) for text in map(said, shown) if text]
        with (self._out / "tour.txt").open("a", encoding="utf-8") as file:
            file.write("\n".join([title, *(f"    {text}" for text in words)]) + "\n")

    def _let_it_settle(self) -> None:
        """Wait until the newest text is laid out and painted, which takes a slow computer several rounds."""
        places: list[QRect] = []
        end = monotonic() + PATIENCE_S
        while monotonic() < end:
            wait(40)
            before, places = places, [one.geometry() for one in self.window.findChildren(QWidget)]
            if places == before:
                return

    def printer_into(self, view: DocumentView, name: str) -> None:
        """Give the receipt page a printer that prints into a file."""

        def choose(_parent: QWidget, job: Job, _remembered: str) -> QPrinter:
            printer = print_and_save.new_printer(job.page, job.name)
            printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
            printer.setOutputFileName(str(self._out / f"{name}.pdf"))
            return printer

        view.printers.choose = choose

    def folder_for(self, view: DocumentView) -> None:
        """Let ``Save as PDF`` save beside the pictures, under the suggested name."""
        view.choose_file = lambda _parent, suggested: str(self._out / Path(suggested).name)

    def keep_receipt(self, payment_id: int, paper: Paper = Paper.LETTER) -> None:
        """Save a receipt as PDF, and its pages as pictures."""
        assert self.desk is not None
        pdf = self.desk.receipts.pdf(payment_id, paper, reprint=False)
        number = self.desk.ledger.payment(payment_id).receipt_number
        name = f"receipt-{number}" + ("" if paper is Paper.LETTER else "-roll")
        (self._out / f"{name}.pdf").write_bytes(pdf)
        document = print_and_save.open_pdf(pdf)
        for page in range(document.pageCount()):
            size = (document.pagePointSize(page) * (RECEIPT_DPI / 72)).toSize()
            drawn = document.render(page, size)
            sheet = QPixmap(size)
            sheet.fill(Qt.GlobalColor.white)
            painter = QPainter(sheet)
            painter.drawImage(0, 0, drawn)
            painter.end()
            sheet.save(str(self._out / f"{name}-page-{page + 1}.png"))
        self.receipts += 1

    # ---- widgets --------------------------------------------------------------------------

    @property
    def focus(self) -> QWidget:
        """The widget that has the keyboard."""
        return QApplication.focusWidget() or QApplication.activeModalWidget() or self.window

    def _shown(self, name: str) -> list[QWidget]:
        tops = (top for top in QApplication.topLevelWidgets() if top.isVisible())
        found = {id(widget): widget for top in tops for widget in _named(top, name)}
        return [widget for widget in found.values() if widget.isVisible()]

    def one(self, kind: type[Shown]) -> Shown:
        """Return the one visible widget of this kind."""
        tops = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
        found = [widget for top in tops for widget in top.findChildren(kind) if widget.isVisible()]
        if not found:
            raise TourFailed(f"There is no {kind.__name__} on the screen.")
        return found[0]


def said(widget: QWidget) -> str:
    """Return the text of a widget, as the clerk sees or hears it."""
    match widget:
        case Elided():
            return widget.full_text
        case QAbstractItemView():
            return " | ".join(_cells(widget.model()))
        case QLabel() | QLineEdit() | QAbstractButton():
            return widget.text() or widget.accessibleName()
        case _:
            return widget.accessibleName()


def _cells(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            text = model.index(row, column).data()
            if text:
                yield str(text)


def _named(top: QWidget, name: str) -> list[QWidget]:
    found = top.findChildren(QWidget, name)
    return [top, *found] if top.objectName() == name else found


def _has_ink(preview: QWidget) -> bool:
    """Return True if something dark is painted on the page."""
    page = preview.grab(preview.rect().adjusted(40, 40, -40, -40)).toImage()
    grays = page.convertToFormat(QImage.Format.Format_Grayscale8)
    return min(bytes(grays.constBits()), default=255) < 128


def _screenshot(window: QWidget) -> QPixmap:
    """Return the window as it is on the screen, with its dialog."""
    picture = window.grab()
    dialog = QApplication.activeModalWidget()
    if dialog is not None and dialog is not window:
        place = dialog.pos() - window.pos()
        painter = QPainter(picture)
        painter.drawPixmap(place, dialog.grab())
        painter.setPen(theme.color("edge"))
        painter.drawRect(dialog.rect().translated(place - QPoint(1, 1)).adjusted(0, 0, 1, 1))
        painter.end()
    return picture
