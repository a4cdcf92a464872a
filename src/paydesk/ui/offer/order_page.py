"""The first page: payment method, link or page, and how long the link works."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from paydesk.domain.consent import Channel
from paydesk.domain.errors import BugError
from paydesk.domain.payment import HOSTED_LIFE_S, Draft, OfferKind
from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.banner import Banner
from paydesk.ui.kit.form import Choice
from paydesk.ui.kit.scrolling import scrolled
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, stack, with_key
from paydesk.ui.offer import words
from paydesk.ui.offer.life import Life
from paydesk.ui.pay import words as pay_words
from paydesk.ui.pay.tender_choice import TenderChoice
from paydesk.ui.pay.tender_page import Opening


class OrderPage(QWidget):
    """The page. ``wanted`` carries the draft, the kind of address, and its life in seconds."""

    wanted = Signal(object, object, int)
    quote_changed = Signal(object)
    leaving = Signal()

    def __init__(self, opening: Opening, kinds: Sequence[OfferKind], *, narrow: bool = False) -> None:
        super().__init__()
        self.setObjectName("offer.order")
        self._opening = opening
        self._tender = opening.first
        self.in_flight = False
        """True while the link is being made."""
        self.banner = Banner("offer.banner")
        self.choice = TenderChoice(opening.offers, narrow=narrow)
        self.channel = Choice("offer.channel", pay_words.WHERE_CUSTOMER_IS, pay_words.CHANNELS.items())
        self.channel.choose(opening.channel)
        room = self.channel.sizePolicy()
        room.setRetainSizeWhenHidden(True)  # so that nothing below moves
        self.channel.setSizePolicy(room)
        self.kind = Choice("offer.kind", words.HOW, [(kind, words.KINDS[kind]) for kind in kinds])
        self.kind.setVisible(len(kinds) > 1)
        self.life = Choice("offer.life", words.HOW_LONG, [(life, life.words) for life in Life])
        self.life.choose(Life.DAY)
        self._about = label("", "muted", "offer.about")
        self._about.setWordWrap(True)
        self._progress = label("", "strong", "offer.progress")
        self._progress.hide()
        self._leave = button(words.BACK, "offer.leave", key="Esc", role="quiet")
        self._make = button("", "offer.make", role="primary")
        self._make.setMinimumWidth(240)
        self._lay_out()
        self.choice.chosen.connect(self._use)
        self.choice.refused.connect(lambda sentence: self.banner.say(sentence, pay_words.TAKE_CARD_OR_PART))
        self.kind.changed.connect(self._say)
        self._make.clicked.connect(self.make)
        self._leave.clicked.connect(self.leaving)
        self._use(self._tender)

    @property
    def quote(self) -> Quote:
        """The price with the chosen payment method."""
        offer = self._opening.offers[self._tender]
        if isinstance(offer, OverLimit):
            raise BugError("a tender above its limit was chosen")
        return offer

    @property
    def draft(self) -> Draft:
        """The payment as it will be offered."""
        channel = Channel.LINK if self.kind.value is OfferKind.LINK else self.channel.value
        return self._opening.basket.draft(self.quote, channel)

    def start(self) -> None:
        """Let Enter make the link."""
        self._make.setFocus()

    def make(self) -> None:
        """Ask for the address, once."""
        if self.in_flight:
            return
        kind = self.kind.value
        self._lock(True)
        self.wanted.emit(
            self.draft, kind, HOSTED_LIFE_S if kind is OfferKind.HOSTED else self.life.value.seconds
        )

    def show_refusal(self, sentence: str, next_step: str) -> None:
        """Show that there is no link, and that nobody has seen one."""
        self._lock(False)
        self.banner.say(sentence, next_step, "warning")
        self.start()

    def _lay_out(self) -> None:
        body = stack(self, spacing=Space.M, margin=Space.XL)
        form = QWidget()
        inside = stack(form, spacing=Space.M)
        head = row(label(pay_words.HOW_PAID, "title"))
        head.addStretch()
        head.addWidget(self.channel)
        body.addLayout(head)
        body.addWidget(self.choice)
        body.addWidget(self.banner)
        self._how_long = label(words.HOW_LONG, "caption")
        for part in (self.kind, self._how_long, self.life, self._about):
            inside.addWidget(part)
        inside.addStretch()
        body.addWidget(scrolled(form, words.HOW), 1)
        body.addWidget(self._progress)
        foot = row(self._leave)
        foot.addStretch()
        foot.addWidget(self._make)
        body.addLayout(foot)

    def _use(self, tender: TenderKind) -> None:
        self._tender = tender
        self.choice.show_choice(tender)
        self.banner.clear()
        self.quote_changed.emit(self.quote)
        self._say()

    def _say(self) -> None:
        kind = self.kind.value
        by_link = kind is OfferKind.LINK
        self._how_long.setVisible(by_link)
        self.life.setVisible(by_link)
        self.channel.setVisible(not by_link)
        self._about.setText(words.ABOUT[kind])
        self._progress.setText(words.MAKING[kind])
        self._make.setText(with_key(words.make(kind, fmt.dollars(self.quote.total)), "Enter"))

    def _lock(self, locked: bool) -> None:
        self.in_flight = locked
        self.banner.clear()
        self._progress.setVisible(locked)
        for part in (self.choice, self.channel, self.kind, self.life, self._make, self._leave):
            part.setEnabled(not locked)
