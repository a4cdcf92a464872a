"""Widths of texts in a list, measured once for each shape of text.

In Inter's tabular figures ``1,293.75`` is as wide as ``8,046.10``. So a list of a thousand amounts and times
has few shapes, and the widths of its columns cost no more than reading the texts.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QFont, QFontMetrics

from paydesk.ui.kit import theme

_DIGITS = "0123456789"


def text_width(text: str, *, strong: bool = False) -> int:
    """Return a cell's least width for a text that is not cut, in device-independent pixels."""
    return _shape_width(text, "body", QFont.Weight.DemiBold if strong else QFont.Weight.Normal)


def title_width(text: str) -> int:
    """Return the same for a column's title."""
    return _shape_width(text, "small", QFont.Weight.Medium)


def _shape_width(text: str, size: str, weight: QFont.Weight) -> int:
    font = theme.font(size, weight)
    shape = text.translate(_widest(size, weight, font.pixelSize()))
    return _measured(shape, size, weight, font.pixelSize())


@lru_cache(maxsize=64)
def _widest(size: str, weight: QFont.Weight, _pixels: int) -> dict[int, int]:
    """Return what turns every digit into the widest one. The size is in the key, because it may change."""
    metrics = QFontMetrics(theme.font(size, weight))
    widest = max(_DIGITS, key=metrics.horizontalAdvance)
    return str.maketrans(_DIGITS, widest * len(_DIGITS))


@lru_cache(maxsize=4096)
def _measured(shape: str, size: str, weight: QFont.Weight, _pixels: int) -> int:
    """Return the wider of both: with digits of equal width, as in amounts, and without."""
    fonts = (theme.font(size, weight, figures=figures) for figures in (False, True))
    return max(QFontMetrics(font).horizontalAdvance(shape) for font in fonts) + 1
