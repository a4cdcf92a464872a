"""One tender in the basket: its total and fee before it is chosen, or why it cannot be used."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import icons, theme
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import label, set_role
from paydesk.ui.take.words import basket as words

ICONS = {TenderKind.CREDIT_CARD: "card", TenderKind.DEBIT_CARD: "debit", TenderKind.ACH: "bank"}


class TenderRow(QPushButton):
    """A wide button, checked if the tender is chosen."""

    def __init__(self, kind: TenderKind, key: int) -> None:
        super().__init__()
        self.kind = kind
        self.setObjectName(f"basket.tender.{kind.value}")
        self.setProperty("role", "tender")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        alone = QButtonGroup(self)  # or Qt would not let a second press leave none chosen
        alone.setExclusive(False)
        alone.addButton(self)
        self._offer: Quote | OverLimit | None = None
        self._prefix = words.ACH_FEE_PREFIX if kind is TenderKind.ACH else ""
        self._icon = label()
        self._name = label(kit_words.short_tender(kind), "strong")
        self._fee = label("", "small", f"{self.objectName()}.fee")
        self._total = label("", "title", f"{self.objectName()}.total")
        self._total.setFont(theme.font("body", figures=True))
        self._key = label(str(key), "key")
        self._body = QWidget(self)
        self._lay_out()
        self._show(None)

    def _lay_out(self) -> None:
        """Put the parts into a body, so that the window is not laid out again when one of them is hidden."""
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the arrow keys move to the next one."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the body fill the button."""
        super().resizeEvent(event)
        self._body.setGeometry(self.rect())

    def be_compact(self, compact: bool) -> None:
        """Take less room in a small window."""
        set_role(self, "tender-low" if compact else "tender")
        self.updateGeometry()

    def show_offer(self, offer: Quote | OverLimit | None) -> None:
        """Show the total and fee, the limit that prevents it, or nothing yet."""
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
            total, fee = fmt.dollars(offer.total), f"{self._prefix}{kit_words.fee(offer)}"
        elif isinstance(offer, OverLimit):
            fee = words.over_limit(offer)
        self._total.setText(total)
        self._fee.setText(fee)
        self._fee.setVisible(bool(fee))
        set_role(self._fee, "small-warning" if isinstance(offer, OverLimit) else "small")
        icons.put(self._icon, ICONS[self.kind], "ink" if usable else "faint", 20)
        self._key.setVisible(not isinstance(offer, OverLimit))  # its words need the room
        self.setAccessibleName(f"{kit_words.tender(self.kind)} {total} {fee}".strip())
