"""The last ten payments, always in view: did the last one go through?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from PySide6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

from paydesk.domain.payment import Payment
from paydesk.ui import format as words
from paydesk.ui import icons, theme
from paydesk.ui.models import Column, Index, Role, TableModel
from paydesk.ui.payment_table import paid, sign
from paydesk.ui.theme import Space

SHOWN = 10
"""How many payments are in view."""
HEIGHT = 46
"""Device-independent pixels."""


class RecentStrip(QListView):
    """``opened`` carries the payment that was clicked or entered."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("recent")
        self.setAccessibleName("The last ten payments")
        self._zone: tzinfo = UTC
        self._model = TableModel([Column("payment", "", self._spoken)], self)
        self.setModel(self._model)
        self._chips = ChipDelegate(self)
        self.setItemDelegate(self._chips)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setFixedHeight(HEIGHT + 2)
        self.setMouseTracking(True)
        self.clicked.connect(self._open)
        self.activated.connect(self._open)

    def be_compact(self, compact: bool) -> None:
        """Give way in a small window; the Payments tab has them all."""
        self.setVisible(not compact)

    def set_zone(self, zone: tzinfo) -> None:
        """The agency's zone, for the times."""
        self._zone = self._chips.zone = zone

    def show_payments(self, payments: Sequence[Payment]) -> None:
        """Show these, the newest first."""
        self._model.show(payments[:SHOWN])

    def paintEvent(self, event: QPaintEvent) -> None:
        """The payments, or that there are none yet."""
        super().paintEvent(event)
        if not self._model.rows:
            painter = QPainter(self.viewport())
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color("muted"))
            area = self.viewport().rect().adjusted(Space.L, 0, 0, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, "The last ten payments are shown here.")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """All ten share the width."""
        super().resizeEvent(event)
        self._chips.width = max(self.viewport().width() // SHOWN, 96)
        self.scheduleDelayedItemsLayout()

    def changeEvent(self, event: QEvent) -> None:
        """Colours follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.viewport().update()

    def _open(self, index: QModelIndex) -> None:
        payment = self._model.value(index)
        if payment is not None:
            self.opened.emit(payment)

    def _spoken(self, payment: Payment) -> str:
        at = words.time_of_day(payment.claimed_at, self._zone)
        return f"{words.outcome(payment)}, {paid(payment)}, {words.payer(payment)}, {at}, {payment.desk}"


class ChipDelegate(QStyledItemDelegate):
    """Two lines: outcome, amount and time; the customer below."""

    width = 132
    zone: tzinfo = UTC

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A tenth of the strip."""
        return QSize(self.width, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one payment."""
        from PySide6.QtWidgets import QStyle  # takes long to load, and is not needed before the first row

        payment: Payment = index.data(Role.VALUE)
        box = option.rect
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, theme.color("raised"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.color("accent"))
            painter.drawRect(box.adjusted(1, 1, -2, -2))
        painter.fillRect(box.right(), box.top() + Space.S, 1, box.height() - 2 * Space.S, theme.color("line"))
        inner = box.adjusted(Space.S, Space.XS, -Space.S, -Space.XS)
        painter.drawPixmap(inner.left(), inner.top() + 2, icons.pixmap(*sign(payment), 16))
        top = QRect(inner.left() + 20, inner.top(), inner.width() - 20, inner.height() // 2)
        below = QRect(inner.left(), inner.center().y() + 1, inner.width(), inner.height() // 2)
        self._text(painter, top, words.money(paid(payment)), "ink", QFont.Weight.DemiBold)
        time = words.time_of_day(payment.claimed_at, self.zone)
        self._text(
            painter, below, f"{time.removesuffix(' AM').removesuffix(' PM')}  {words.payer(payment)}", "muted"
        )

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
