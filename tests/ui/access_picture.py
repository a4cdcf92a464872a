"""Contrast as the eye gets it: measured in pictures of a window, by WCAG 2.2."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from PIL import Image, ImageChops
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QTabBar,
    QTableView,
    QTextBrowser,
    QWidget,
)

from paydesk.ui.kit import theme
from paydesk.ui.lists.cells import BAND
from paydesk.ui.lists.model import TableModel

Color = tuple[int, int, int]

TEXT, LARGE, LINE = 4.5, 3.0, 3.0
"""Least contrast of text, of large text, and of the lines of fields (WCAG 1.4.3, 1.4.11)."""
SHARP = 2
"""Pixels of a picture for each of the screen, so that thin strokes have their full color somewhere."""
FEW = 4
"""Pixels of one color below which it is taken for a blend of two."""
MARK = 60
"""Pixels of the least mark of the keyboard: those of a short line, two or three of them wide."""
ARROW = 28
"""Width of the arrow of a list, in device-independent pixels."""


@dataclass(frozen=True)
class Spot:
    """A place with a text: its window's rectangle, and what is written there."""

    rect: QRect
    text: str
    least: float = TEXT


class Picture:
    """A window as it is painted now."""

    def __init__(self, window: QWidget) -> None:
        image = QImage(window.size() * SHARP, QImage.Format.Format_RGBA8888)
        image.setDevicePixelRatio(SHARP)
        window.render(image)
        self._pixels = _pixels(image)

    def colors(self, rect: QRect) -> list[tuple[int, Color]]:
        """Return the colors of a rectangle with how often they occur, the commonest first."""
        corner = rect.topLeft() + QPoint(rect.width(), rect.height())
        left, top, right, bottom = (SHARP * side for side in (rect.x(), rect.y(), corner.x(), corner.y()))
        return _counted(self._pixels.crop((left, top, right, bottom)))

    def contrast(self, rect: QRect) -> float:
        """Return the contrast of the strongest color of a rectangle against its commonest."""
        (_, ground), *others = self.colors(rect)
        return max((contrast(color, ground) for count, color in others if count >= FEW), default=1.0)


def _pixels(image: QImage) -> Image.Image:
    raw, size = bytes(image.constBits()), (image.width(), image.height())
    return Image.frombuffer("RGBA", size, raw, "raw", "RGBA", image.bytesPerLine(), 1).convert("RGB")


def _counted(image: Image.Image) -> list[tuple[int, Color]]:
    """Return the colors of a picture with how often they occur, the commonest first."""
    return sorted(cast(list[tuple[int, Color]], image.getcolors(image.width * image.height)), reverse=True)


@cache
def _luminance(color: Color) -> float:
    red, green, blue = (_linear(part / 255) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colors, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def faint(window: QWidget) -> list[str]:
    """Return the texts and the lines of fields that are too hard to see. Disabled parts may be."""
    picture = Picture(window)
    found = []
    parts = [window, *window.findChildren(QWidget)]
    for widget in [one for one in parts if one.isVisible() and one.isEnabled()]:
        for spot in _spots(widget):
            seen = widget.visibleRegion().boundingRect() & spot.rect
            place = QRect(widget.mapTo(window, seen.topLeft()), seen.size())
            if seen.width() < 4 or seen.height() < spot.rect.height():
                continue
            ratio = picture.contrast(place)
            if ratio < spot.least:
                found.append(f"{ratio:.2f} {spot.text!r} in {type(widget).__name__} {widget.objectName()}")
        found += _faint_line(picture, widget, window)
    return found


def unseen_focus(window: QWidget, stops: Sequence[QWidget]) -> list[str]:
    """Return the stops of the Tab key that look almost the same with and without the keyboard."""
    found = []
    for stop, other in zip(stops, [*stops[1:], stops[0]], strict=True):
        around = QRect(stop.mapTo(window, QPoint(-3, -3)), stop.size() + QSize(6, 6))
        other.setFocus(Qt.FocusReason.TabFocusReason)
        before = _grabbed(window, around)
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        if stop.visibleRegion().boundingRect() != stop.rect():
            continue  # the Tab key would have scrolled to it
        if stop is not other and _marked(before, _grabbed(window, around)) < MARK:
            found.append(f"{type(stop).__name__} {stop.objectName()}")
    return found


def _grabbed(window: QWidget, rect: QRect) -> Image.Image:
    return _pixels(window.grab(rect).toImage().convertToFormat(QImage.Format.Format_RGBA8888))


def _marked(before: Image.Image, after: Image.Image) -> int:
    """Return the number of pixels that have changed into a color of 3:1 against what is, or was, there."""
    ground = _counted(after)[0][1]
    changed = ImageChops.difference(before, after).convert("L").point([0] * 9 + [255] * 247)
    shown = Image.composite(after, Image.new("RGB", after.size, ground), changed)
    plain = sum(count for count, color in _counted(shown) if contrast(color, ground) >= LINE)
    return plain if plain >= MARK else _marked_singly(before, after)


def _marked_singly(before: Image.Image, after: Image.Image) -> int:
    """Return the same, each pixel compared with what it was: slow, and right beside any other color."""
    pairs = Counter(zip(_colors_of(before), _colors_of(after), strict=True))
    return sum(count for (old, new), count in pairs.items() if contrast(old, new) >= LINE)


def _colors_of(image: Image.Image) -> list[Color]:
    raw = image.tobytes()
    return list(zip(raw[::3], raw[1::3], raw[2::3], strict=True))


def _faint_line(picture: Picture, widget: QWidget, window: QWidget) -> list[str]:
    """Return the field if its line is hard to see against what is around it."""
    field = isinstance(widget, QLineEdit | QComboBox | QAbstractSpinBox)
    whole = widget.visibleRegion().boundingRect() == widget.rect()
    if not field or not whole or isinstance(widget.parentWidget(), QAbstractSpinBox):
        return []
    left = widget.mapTo(window, QPoint(0, widget.height() // 2))
    [(_, around), *_rest] = picture.colors(QRect(left - QPoint(2, 1), left - QPoint(1, 0)))
    line = picture.colors(QRect(left, left + QPoint(1, 2)))
    ratio = max(contrast(color, around) for _count, color in line)
    return [f"{ratio:.2f} line of {type(widget).__name__} {widget.objectName()}"] if ratio < LINE else []


def _spots(widget: QWidget) -> Iterator[Spot]:
    """Yield the texts of one widget, in its own coordinates."""
    inner = widget.rect().adjusted(4, 4, -4, -4)
    match widget:
        case QLabel() if widget.text():
            room = widget.contentsRect().adjusted(2, 2, -2, -2) if widget.property("role") == "key" else None
            yield Spot(room or widget.contentsRect(), widget.text(), _least(widget.font()))
        case QAbstractButton() if widget.text():
            yield Spot(inner, widget.text(), _least(widget.font()))
        case QLineEdit() if widget.text() or widget.placeholderText():
            yield Spot(inner, widget.text() or widget.placeholderText())
        case QComboBox():
            yield Spot(inner.adjusted(0, 0, -ARROW, 0), widget.currentText())
        case QTabBar():
            for place in range(widget.count()):
                yield Spot(widget.tabRect(place).adjusted(8, 4, -8, -4), widget.tabText(place))
        case QMenu():
            for action in [one for one in widget.actions() if one.text() and one.isEnabled()]:
                yield Spot(widget.actionGeometry(action).adjusted(8, 2, -8, -2), action.text())
        case QTextBrowser():
            yield Spot(inner, "its text")
        case _ if isinstance(widget.parentWidget(), QTableView):
            table = widget.parentWidget()
            assert isinstance(table, QTableView)
            if widget is table.viewport():
                yield from _cells(table)
            elif widget is table.horizontalHeader():
                yield from _titles(table)
        case _ if isinstance(widget.parentWidget(), QListView):
            strip = widget.parentWidget()
            assert isinstance(strip, QListView)
            yield from _items(strip)


def _least(font: QFont) -> float:
    """Return the least contrast of a text: less for 24 pixels, or bold ones of 18.7."""
    large = font.pixelSize() >= 24 or (font.pixelSize() >= 18.7 and font.bold())
    return LARGE if large else TEXT


def _cells(table: QTableView) -> Iterator[Spot]:
    model = table.model()
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            index = model.index(row, column)
            rect, text = table.visualRect(index), str(index.data() or "")
            if isinstance(model, TableModel) and row in model.bands:
                band = model.bands[row]
                rect = rect.adjusted(0, BAND, 0, 0)
                yield Spot(QRect(0, rect.top() - BAND, table.viewport().width(), BAND), band.text)
            if index.data(Qt.ItemDataRole.DecorationRole) is not None:
                rect.setLeft(rect.left() + theme.ICON.width() + 14)
            if text and not table.isColumnHidden(column):
                yield Spot(rect.adjusted(4, 2, -2, -2), text)


def _titles(table: QTableView) -> Iterator[Spot]:
    titles = table.horizontalHeader()
    for place in range(titles.count()):
        text = str(table.model().headerData(place, Qt.Orientation.Horizontal) or "")
        if text and not titles.isSectionHidden(place):
            yield Spot(QRect(titles.sectionViewportPosition(place), 4, titles.sectionSize(place), 20), text)


def _items(strip: QListView) -> Iterator[Spot]:
    for row in range(strip.model().rowCount()):
        rect = strip.visualRect(strip.model().index(row, 0))
        yield Spot(rect.adjusted(8, rect.height() // 2 + 2, -8, -4), "payer of a recent payment")


def both_schemes() -> Iterator[str]:
    """Show everything in the present scheme, then in the other, and stay there: a switch takes its time."""
    look = theme.Theme.current
    assert look is not None
    for dark in (look.dark, not look.dark):
        look.show_dark(dark)
        QApplication.processEvents()
        yield "dark" if dark else "light"
