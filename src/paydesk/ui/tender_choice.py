"""Credit, debit and ACH side by side, each with its total and its fee."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QPushButton, QSizePolicy, QWidget

from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.ui import format as fmt
from paydesk.ui import icons
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label, row, set_role, stack

_ICONS = {TenderKind.CREDIT_CARD: "card", TenderKind.DEBIT_CARD: "debit", TenderKind.ACH: "bank"}

BESIDE = 19
"""So many characters of total and fee stand side by side; more stand one below the other."""


class TenderTile(QPushButton):
    """One tender: its name and key, its total, its fee; or why it cannot be used."""

    def __init__(self, kind: TenderKind, offer: Quote | OverLimit, key: str) -> None:
        super().__init__()
        self.kind = kind
        self.setObjectName(f"tender.choice.{kind.value}")
        self.setProperty("role", "tile" if isinstance(offer, Quote) else "tile-off")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        name = label(fmt.tender(kind).removesuffix(" (ACH)"), "strong")
        self._sign, hint = label(), label(key, "key")
        first, second = _said(offer)
        total = label(first, "title" if isinstance(offer, Quote) else "warning")
        fee = label(second, "muted" if isinstance(offer, Quote) else "small")
        head = row(self._sign, name, spacing=Space.S)
        head.addStretch()
        head.addWidget(hint)
        price = row(total, fee, spacing=Space.S)
        if len(first) + len(second) > BESIDE:  # so that the dialog is as wide for every amount
            price.setDirection(QBoxLayout.Direction.TopToBottom)
            price.setSpacing(0)
        price.addStretch()
        stack(self, head, price, spacing=Space.XS, margin=Space.M)
        for child in (self._sign, name, hint, total, fee):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"{fmt.tender(kind)}: {first}, {second}")
        self.setEnabled(isinstance(offer, Quote))
        self.mark(chosen=False)

    def mark(self, *, chosen: bool) -> None:
        """Show by border and sign whether it is the one."""
        self.setChecked(chosen)
        icons.put(self._sign, "check-circle" if chosen else _ICONS[self.kind], "link" if chosen else "muted")
        if self.isEnabled():
            set_role(self, "tile-on" if chosen else "tile")

    def sizeHint(self) -> QSize:
        """What the labels need; a plain button would count its empty text alone."""
        layout = self.layout()
        return layout.sizeHint() if layout else super().sizeHint()


class TenderChoice(QWidget):
    """Which tender is used; Alt+1, Alt+2 and Alt+3 choose from anywhere in the dialog.

    ``chosen`` tells the person's choice, ``refused`` in words why a tender cannot be had.
    """

    chosen = Signal(object)
    refused = Signal(str)

    def __init__(self, offers: Mapping[TenderKind, Quote | OverLimit]) -> None:
        super().__init__()
        self.setObjectName("tender.choice")
        self.setAccessibleName("How it is paid")
        self._offers = offers
        self._group = QButtonGroup(self)
        self._tiles = [
            TenderTile(kind, offer, f"Alt+{place}") for place, (kind, offer) in enumerate(offers.items(), 1)
        ]
        for place, tile in enumerate(self._tiles, 1):
            self._group.addButton(tile)
            shortcut = QShortcut(QKeySequence(f"Alt+{place}"), self)
            shortcut.activated.connect(lambda kind=tile.kind: self.press(kind))
            tile.clicked.connect(lambda _on, kind=tile.kind: self.press(kind))
        stack(self, row(*self._tiles, spacing=Space.M))

    def press(self, kind: TenderKind) -> None:
        """Choose as a click or the key would."""
        offer = self._offers[kind]
        if isinstance(offer, OverLimit):
            self.refused.emit(
                f"ACH takes at most {fmt.dollars(offer.limit)} a payment; "
                f"this is {fmt.dollars(offer.excess)} more."
            )
            return
        self.show_choice(kind)
        self.chosen.emit(kind)

    def show_choice(self, kind: TenderKind) -> None:
        """Mark the tender without telling anybody."""
        for tile in self._tiles:
            tile.mark(chosen=tile.kind is kind)


def _said(offer: Quote | OverLimit) -> tuple[str, str]:
    if isinstance(offer, Quote):
        return fmt.dollars(offer.total), fmt.fee(offer)
    return f"{offer.excess} above", f"the limit of {offer.limit}"
