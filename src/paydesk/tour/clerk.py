"""The clerk of the tour: types, presses, waits for what should be seen, and takes pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QAbstractItemModel, QPoint, QSizeF, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPixmap
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QLineEdit, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.receipt import Paper
from paydesk.ui import handing_out, theme
from paydesk.ui.widgets import Elided
from paydesk.ui.window import MainWindow

if TYPE_CHECKING:
    from paydesk.sandbox.sandbox import Sandbox
    from paydesk.services.desk import Desk
    from paydesk.ui.receipt_page import ReceiptView

PATIENCE_S = 20.0
"""How long a step may take to show what it should, on a slow machine too."""

RECEIPT_DPI = 110


Shown = TypeVar("Shown", bound=QWidget)


class TourFailed(KnownError):
    """A step did not show what it should."""


class Clerk:
    """Sits at the window; reaches it only by keys, the mouse and what is on the screen."""

    def __init__(self, window: MainWindow, out: Path) -> None:
        self.window = window
        self.desk: Desk | None = None
        self.sandbox: Sandbox | None = None
        self.pictures = self.receipts = 0
        self._out = out
        (out / "tour.txt").write_text("", encoding="utf-8")

    # ---- hands ----------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Type where the focus is, one key for each sign; a field that is full passes it on."""
        for sign in text:
            QTest.keyClicks(self.focus, sign)

    def press(self, *keys: str) -> None:
        """Press keys named as on the buttons: ``F9``, ``Return``, ``Alt+3``."""
        for key in keys:
            pressed = QKeySequence(key)[0]  # type: ignore[index]  # PySide6 leaves __getitem__ out of its stubs
            QTest.keyClick(self.focus, pressed.key(), pressed.keyboardModifiers())

    def open_tab(self, place: int) -> None:
        """Click on a tab of the window."""
        bar = self.window.tabs.tabBar()
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(place).center())

    # ---- eyes -----------------------------------------------------------------------------

    def until(self, true: Callable[[], bool], else_say: str) -> None:
        """Wait until something is true; raise TourFailed with the sentence when it never is.

        So does a crash dialog of the window.
        """
        end = monotonic() + PATIENCE_S
        while not true():
            QTest.qWait(10)
            if self._shown("crash"):
                raise TourFailed(
                    "PayDesk itself failed during the tour.", "The picture `failed` shows where."
                )
            if monotonic() > end:
                raise TourFailed(else_say, f"The focus is in {self.focus.objectName()!r}.")

    def at(self, name: str) -> None:
        """Wait until the keyboard is in the widget of this name."""
        self.until(lambda: self.focus.objectName() == name, f"The keyboard did not come to {name}.")

    def see(self, name: str, *words: str) -> None:
        """Wait until the widget of this name is on the screen and says all these words."""
        self.until(
            lambda: any(all(word in said(widget) for word in words) for widget in self._shown(name)),
            f"{name} does not say {' … '.join(words)}, but {self.words_of(name)!r}.",
        )

    def gone(self, name: str) -> None:
        """Wait until nothing of this name is on the screen, and keys arrive at what is."""
        self.until(lambda: not self._shown(name), f"{name} is still on the screen.")
        if QApplication.activeWindow() is None:  # as every window system does when a dialog closes
            self.window.activateWindow()
        self.until(lambda: QApplication.activeWindow() is not None, "No window takes keys.")

    def ready(self, name: str) -> None:
        """Wait until the button of this name can be pressed."""
        self.until(
            lambda: any(widget.isEnabled() for widget in self._shown(name)), f"{name} cannot be pressed."
        )

    def words_of(self, name: str) -> str:
        """What the widgets of this name say now."""
        return " ".join(map(said, self._shown(name)))

    def chosen(self, name: str) -> None:
        """Wait until the choice of this name is on."""
        self.until(
            lambda: any(isinstance(one, QAbstractButton) and one.isChecked() for one in self._shown(name)),
            f"{name} is not chosen.",
        )

    # ---- paper ----------------------------------------------------------------------------

    def picture(self, name: str) -> None:
        """Save the window, with the dialog above it, as a numbered picture; its words go to ``tour.txt``."""
        QTest.qWait(60)  # what was just said still has to be laid out and painted
        self.pictures += 1
        title = f"{self.pictures:02d}-{name}"
        if not _screenshot(self.window).save(str(self._out / f"{title}.png")):
            raise TourFailed(f"The picture {title}.png cannot be saved.", "Check the folder and its disk.")
        top = QApplication.activeModalWidget() or self.window
        shown = [widget for widget in top.findChildren(QWidget) if widget.isVisible()]
        words = [" ".join(text.split()) for text in map(said, shown) if text]
        with (self._out / "tour.txt").open("a", encoding="utf-8") as file:
            file.write("\n".join([title, *(f"    {text}" for text in words)]) + "\n")

    def printer_into(self, view: ReceiptView, name: str) -> None:
        """Stand a printer beside the desk that prints into a file."""

        def choose(_parent: QWidget, page: QSizeF) -> QPrinter:
            printer = handing_out.new_printer(page)
            printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
            printer.setOutputFileName(str(self._out / f"{name}.pdf"))
            return printer

        view.choose_printer = choose

    def folder_for(self, view: ReceiptView) -> None:
        """Let ``Save as PDF`` save beside the pictures, under the name it offers."""
        view.choose_file = lambda _parent, suggested: str(self._out / Path(suggested).name)

    def keep_receipt(self, payment_id: int, paper: Paper = Paper.LETTER) -> None:
        """Save a receipt as PDF, and its pages as pictures."""
        assert self.desk is not None
        pdf = self.desk.receipts.pdf(payment_id, paper, reprint=False)
        number = self.desk.ledger.payment(payment_id).receipt_number
        name = f"receipt-{number}" + ("" if paper is Paper.LETTER else "-roll")
        (self._out / f"{name}.pdf").write_bytes(pdf)
        document = handing_out.open_pdf(pdf)
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

    # ---- parts ----------------------------------------------------------------------------

    @property
    def focus(self) -> QWidget:
        """Where the keyboard is."""
        return QApplication.focusWidget() or QApplication.activeModalWidget() or self.window

    def _shown(self, name: str) -> list[QWidget]:
        tops = (top for top in QApplication.topLevelWidgets() if top.isVisible())
        found = {id(widget): widget for top in tops for widget in _named(top, name)}
        return [widget for widget in found.values() if widget.isVisible()]

    def one(self, kind: type[Shown]) -> Shown:
        """The one widget of this kind that is on the screen."""
        tops = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
        found = [widget for top in tops for widget in top.findChildren(kind) if widget.isVisible()]
        if not found:
            raise TourFailed(f"There is no {kind.__name__} on the screen.")
        return found[0]


def said(widget: QWidget) -> str:
    """What a widget says to the person in front of it."""
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


def _screenshot(window: QWidget) -> QPixmap:
    """The window as it lies on the screen, dialogs above it."""
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
