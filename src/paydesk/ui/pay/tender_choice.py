"""Credit, debit and ACH side by side, each with its total and its fee."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QPushButton, QSizePolicy, QWidget

from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import icons
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import be_one_of, label, row, set_role, shortcut, stack, when_disabled
from paydesk.ui.pay import words

_ICONS = {TenderKind.CREDIT_CARD: "card", TenderKind.DEBIT_CARD: "debit", TenderKind.ACH: "bank"}

BESIDE = 19
"""Most characters of total and fee that fit side by side. More are put one below the other."""


class TenderTile(QPushButton):
    """One tender: its name and key, its total and fee, or why it cannot be used.

    A narrow one has no key, which F1 names. With ``below`` the fee is below the total.
    """

    def __init__(
        self,
        kind: TenderKind,
        offer: Quote | OverLimit,
        key: str,
        *,
        narrow: bool = False,
        below: bool = False,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.setObjectName(f"tender.choice.{kind.value}")
        self.setProperty("role", "tile" if isinstance(offer, Quote) else "tile-off")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        name = label(kit_words.short_tender(kind), "strong")
        self._sign, hint = label(), label(key, "key")
        if narrow:
            hint.hide()
        first, second = _said(offer)
        total = label(first, "title" if isinstance(offer, Quote) else "warning")
        fee = label(second, "muted" if isinstance(offer, Quote) else "small")
        head = row(self._sign, name, spacing=Space.S)
        head.addStretch()
        head.addWidget(hint)
        price = row(total, fee, spacing=Space.S)
        if below:
            price.setDirection(QBoxLayout.Direction.TopToBottom)
            price.setSpacing(0)
        price.addStretch()
        stack(self, head, price, spacing=Space.XS, margin=Space.M)
        for child in (self._sign, name, hint, total, fee):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(words.spoken_tender(kit_words.tender(kind), first, second))
        self.setEnabled(isinstance(offer, Quote))
        self.mark(chosen=False)

    def mark(self, *, chosen: bool) -> None:
        """Show by border and icon if this is the chosen tender."""
        self.setChecked(chosen)
        icons.put(self._sign, "check-circle" if chosen else _ICONS[self.kind], "link" if chosen else "muted")
        if self.isEnabled():
            set_role(self, "tile-on" if chosen else "tile")

    def sizeHint(self) -> QSize:
        """Return the size of the labels, because a plain button counts only its empty text."""
        layout = self.layout()
        return layout.sizeHint() if layout else super().sizeHint()


class TenderChoice(QWidget):
    """The choice of a tender. Alt+1, Alt+2 and Alt+3 work anywhere in the dialog.

    ``chosen`` carries the clerk's choice, ``refused`` the reason why a tender cannot be used.
    """

    chosen = Signal(object)
    refused = Signal(str)

    def __init__(self, offers: Mapping[TenderKind, Quote | OverLimit], *, narrow: bool = False) -> None:
        super().__init__()
        self.setObjectName("tender.choice")
        self.setAccessibleName(words.TENDERS)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._offers = offers
        self._group = QButtonGroup(self)
        # The dialog has one width for all amounts, and the tiles look alike.
        below = narrow or any(sum(map(len, _said(offer))) > BESIDE for offer in offers.values())
        self.tiles = [
            TenderTile(kind, offer, f"Alt+{place}", narrow=narrow, below=below)
            for place, (kind, offer) in enumerate(offers.items(), 1)
        ]
        for place, tile in enumerate(self.tiles, 1):
            self._group.addButton(tile)
            shortcut(self, f"Alt+{place}", partial(self.press, tile.kind), kit_words.tender(tile.kind))
            tile.clicked.connect(lambda _on, kind=tile.kind: self.press(kind))
        be_one_of(self.tiles)
        stack(self, row(*self.tiles, spacing=Space.M))
        for tile in self.tiles:
            when_disabled(tile, partial(self.press, tile.kind))

    def press(self, kind: TenderKind) -> None:
        """Choose a tender as a click or its key does."""
        offer = self._offers[kind]
        if isinstance(offer, OverLimit):
            self.refused.emit(words.over_ach_limit(fmt.dollars(offer.limit), fmt.dollars(offer.excess)))
            return
        self.show_choice(kind)
        self.chosen.emit(kind)

    def show_choice(self, kind: TenderKind) -> None:
        """Mark the tender without a signal."""
        for tile in self.tiles:
            tile.mark(chosen=tile.kind is kind)


def _said(offer: Quote | OverLimit) -> tuple[str, str]:
    if isinstance(offer, Quote):
        return fmt.dollars(offer.total), kit_words.fee(offer)
    return words.above_limit(fmt.dollars(offer.excess), fmt.dollars(offer.limit))
