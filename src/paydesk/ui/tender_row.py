"""One tender in the basket: its total and fee before it is chosen, or why it cannot be used."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.ui import format as words
from paydesk.ui import icons
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label, set_role

ICONS = {TenderKind.CREDIT_CARD: "card", TenderKind.DEBIT_CARD: "debit", TenderKind.ACH: "bank"}


class TenderRow(QPushButton):
    """A wide button; checked when the tender is chosen."""

    def __init__(self, kind: TenderKind, key: int) -> None:
        super().__init__()
        self.kind = kind
        self.setObjectName(f"basket.tender.{kind.value}")
        self.setProperty("role", "tender")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._offer: Quote | OverLimit | None = None
        self._prefix = "ACH, " if kind is TenderKind.ACH else ""
        self._icon = label()
        self._name = label(words.tender(kind).removesuffix(" (ACH)"), "strong")
        self._fee = label("", "small", f"{self.objectName()}.fee")
        self._total = label("", "title", f"{self.objectName()}.total")
        self._key = label(str(key), "key")
        self._body = QWidget(self)
        self._lay_out()
        self._show(None)

    def _lay_out(self) -> None:
        """The parts are in a body, so that the window is not laid out anew when one of them comes or goes."""
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(self._name)
        text.addWidget(self._fee)
        line = QHBoxLayout(self._body)
        line.setContentsMargins(Space.M, Space.XS, Space.M, Space.XS)
        line.setSpacing(Space.S)
        line.addWidget(self._icon)
        line.addLayout(text, 1)
        line.addWidget(self._total)
        line.addWidget(self._key, 0, Qt.AlignmentFlag.AlignVCenter)
        self._body.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The body fills the button."""
        super().resizeEvent(event)
        self._body.setGeometry(self.rect())

    def be_compact(self, compact: bool) -> None:
        """Take less room, in a small window."""
        set_role(self, "tender-low" if compact else "tender")
        self.updateGeometry()

    def show_offer(self, offer: Quote | OverLimit | None) -> None:
        """The total and fee, the limit that is in the way, or nothing yet."""
        if offer == self._offer:
            return
        self._offer = offer
        self._show(offer)

    def _show(self, offer: Quote | OverLimit | None) -> None:
        usable = isinstance(offer, Quote)
        self.setEnabled(usable)
        if not usable:
            self.setChecked(False)
        total, fee = "", ""
        if isinstance(offer, Quote):
            total, fee = words.money(offer.total), f"{self._prefix}{words.fee(offer)}"
        elif isinstance(offer, OverLimit):
            fee = words.over_limit(offer)
        self._total.setText(total)
        self._fee.setText(fee)
        self._fee.setVisible(bool(fee))
        set_role(self._fee, "small-warning" if isinstance(offer, OverLimit) else "small")
        icons.put(self._icon, ICONS[self.kind], "ink" if usable else "faint", 20)
        self._key.setVisible(not isinstance(offer, OverLimit))  # its words need the room
        self.setAccessibleName(f"{words.tender(self.kind)} {total} {fee}".strip())
