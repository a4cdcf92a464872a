"""The strip of the last ten payments, always in view. It answers: did the last one go through?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QListView, QStyledItemDelegate

from paydesk.domain.payment import Payment
from paydesk.domain.typed.plain_texts import apart
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import icons, theme
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.scrolling import make_viewport
from paydesk.ui.kit.theme import Space
from paydesk.ui.lists.cells import frame_if_focused
from paydesk.ui.lists.model import Column, Index, Role, TableModel
from paydesk.ui.lists.payment_columns import paid, sign
from paydesk.ui.main import words

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionViewItem

SHOWN = 10
"""Number of payments in view."""
HEIGHT = 46
"""Height of one payment in device-independent pixels."""
MOST = 320
"""Most width of one payment in device-independent pixels."""
_SIGN = 20
"""Width of the icon with the gap after it."""


class RecentStrip(QListView):
    """The list of recent payments. ``opened`` carries the payment that the clerk clicked or entered."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        make_viewport(self)
        self.setObjectName("recent")
        self.setAccessibleName(words.RECENT_SPOKEN)
        self._zone: tzinfo = UTC
        self._model = TableModel([Column("payment", "", self._spoken)], self)
        self.setModel(self._model)
        self._chips = ChipDelegate(self)
        self.setItemDelegate(self._chips)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setFixedHeight(HEIGHT + 2)
        self.setViewportMargins(Space.S, 0, Space.S, 0)  # the first payment begins below the cards' edge
        self.setMouseTracking(True)
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def be_compact(self, compact: bool) -> None:
        """Hide in a small window. The Payments tab shows the same payments."""
        self.setVisible(not compact)

    def set_zone(self, zone: tzinfo) -> None:
        """Set the agency's time zone for the times."""
        self._zone = self._chips.zone = zone

    def show_payments(self, payments: Sequence[Payment]) -> None:
        """Show these payments, newest first."""
        self._model.show(payments[:SHOWN])
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the payments, or a hint that there are none yet."""
        super().paintEvent(event)
        if not self._model.rows:
            painter = QPainter(self.viewport())
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color("muted"))
            area = self.viewport().rect().adjusted(Space.S, 0, 0, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words.RECENT_EMPTY)
            painter.end()
            frame_if_focused(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the new theme's colors."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()

    def _fit(self) -> None:
        """Give each payment the width that it needs, as far as there is room for all."""
        needed = [self._chips.needed(payment) for payment in self._model.rows]
        self._chips.widths = shares(needed, self.viewport().width())
        self.scheduleDelayedItemsLayout()

    def _open(self, index: QModelIndex) -> None:
        payment = self._model.value(index)
        if payment is not None:
            self.opened.emit(payment)

    def _spoken(self, payment: Payment) -> str:
        at = fmt.time_of_day(payment.held_at, self._zone)
        outcome, who, desk = kit_words.outcome(payment), fmt.named(payment), apart(payment.desk)
        return f"{outcome}, {fmt.dollars(paid(payment))}, {who}, {at}, {desk}"


class ChipDelegate(QStyledItemDelegate):
    """Paints a payment in two lines: outcome, amount and time above, the payer below.

    ``widths`` are those of the payments, in their order.
    """

    widths: Sequence[int] = ()
    zone: tzinfo = UTC

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the payment's share of the strip."""
        return QSize(self.widths[index.row()], HEIGHT)

    def needed(self, payment: Payment) -> int:
        """Return the width at which nothing of a payment is cut, or the most that it gets."""
        amount, time = fmt.dollars(paid(payment)), self._time(payment)
        above = _SIGN + _width(amount, QFont.Weight.DemiBold) + Space.S + _width(time)
        return min(max(above, _width(fmt.named(payment))) + 2 * Space.S + 1, MOST)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one payment."""
        from PySide6.QtWidgets import QStyle  # slow to load, and not needed before the first row

        payment: Payment = index.data(Role.VALUE)
        box = option.rect
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, theme.color("raised"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRect(box.adjusted(1, 1, -2, -1))
        painter.fillRect(box.right(), box.top() + Space.S, 1, box.height() - 2 * Space.S, theme.color("hair"))
        inner = box.adjusted(Space.S, Space.XS, -Space.S, -Space.XS)
        painter.drawPixmap(inner.left(), inner.top() + 2, icons.pixmap(*sign(payment), 16))
        top = QRect(inner.left() + _SIGN, inner.top(), inner.width() - _SIGN, inner.height() // 2)
        below = QRect(inner.left(), inner.center().y() + 1, inner.width(), inner.height() // 2)
        amount, time = fmt.dollars(paid(payment)), self._time(payment)
        self._text(painter, top, amount, "ink", QFont.Weight.DemiBold)
        top.setLeft(top.left() + _width(amount, QFont.Weight.DemiBold) + Space.S)
        if _width(time) <= top.width():  # half a time says nothing
            self._text(painter, top, time, "muted")
        self._text(painter, below, fmt.named(payment), "muted")

    def _time(self, payment: Payment) -> str:
        return fmt.time_of_day(payment.held_at, self.zone).removesuffix(" AM").removesuffix(" PM")

    def _text(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        tint: str,
        weight: QFont.Weight = QFont.Weight.Normal,
    ) -> None:
        painter.setFont(theme.font("small", weight))
        painter.setPen(theme.color(tint))
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, cut)


def shares(needed: Sequence[int], room: int) -> list[int]:
    """Return widths that fit into the room together: each as needed, the widest ones cut to one width."""
    widths = [0] * len(needed)
    for given, place in enumerate(sorted(range(len(needed)), key=needed.__getitem__)):
        widths[place] = min(needed[place], room // (len(needed) - given))
        room -= widths[place]
    return widths


def _width(text: str, weight: QFont.Weight = QFont.Weight.Normal) -> int:
    return QFontMetrics(theme.font("small", weight)).horizontalAdvance(text)
