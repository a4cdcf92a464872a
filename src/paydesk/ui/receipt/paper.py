"""The paper in a printer: which of its driver's forms fits, and what the driver made of the wish.

A printer driver of Windows knows its own forms, such as "80 x 297 mm". Asked for another size, it may take
its default paper without a word: Wine's printed an 80 mm receipt in the corner of an A4 page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QPageSize

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

ROLL_PT = 300.0
"""Pages narrower than these points are for a roll. They may go on, on the next piece of paper."""

_NARROWEST, _WIDEST = 0.88, 1.04
"""Width of a form, in relation to a roll's 80 mm: drivers name its printed 72 mm, or its 83 mm of paper."""

_SAME = 0.02
"""Difference of a sheet's sides that does not matter, in relation to them. A4 differs from Letter by 0.03."""


def page_size(wanted: QSizeF, forms: Iterable[QPageSize]) -> QPageSize:
    """Return the driver's form for pages of that size in points, or a size of our own if none fits.

    The best form of a roll is the shortest that is long enough.
    """
    fitting = [form for form in forms if fits(_points(form), wanted)]
    long_enough = [form for form in fitting if _points(form).height() >= wanted.height() * (1 - _SAME)]
    if long_enough:
        return min(long_enough, key=lambda form: _points(form).height())
    return QPageSize(wanted, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch)


def fits(paper: QSizeF, wanted: QSizeF) -> bool:
    """Return True if a page of the wanted size comes out on that paper as it should."""
    wide, high = paper.width() / wanted.width(), paper.height() / wanted.height()
    if wanted.width() < ROLL_PT:
        return _NARROWEST <= wide <= _WIDEST
    return abs(wide - 1) <= _SAME and abs(high - 1) <= _SAME


def wrong_paper(printer: QPrinter, wanted: QSizeF) -> str:
    """Return the name of the paper that the printer took, or "" if pages of the wanted size fit on it."""
    granted = printer.pageLayout().pageSize()
    return "" if fits(_points(granted), wanted) else granted.name()


def pieces(page: QSizeF, paper: QSizeF, *, roll: bool) -> Iterator[tuple[QRectF, QRectF]]:
    """Yield the parts of a page, and each one's place on a piece of paper.

    All are in the paper's units. A page keeps its real size, or becomes as small as the paper. Of a roll,
    only the width counts: what is too long goes on.
    """
    wide, high = min(1.0, paper.width() / page.width()), min(1.0, paper.height() / page.height())
    scale = wide if roll else min(wide, high)
    step = min(page.height(), paper.height() / scale)
    top = 0.0
    while top < page.height() - 1:
        height = min(step, page.height() - top)
        yield QRectF(0, top, page.width(), height), QRectF(0, 0, page.width() * scale, height * scale)
        top += height


def _points(form: QPageSize) -> QSizeF:
    return form.size(QPageSize.Unit.Point)
