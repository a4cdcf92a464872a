"""The second page: the code and the link, and that nobody has paid yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import quote
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from paydesk.domain.dates import near_date
from paydesk.domain.payment import OfferKind, Payment, State
from paydesk.domain.world import World
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.banner import Banner
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import Elided, button, label, row, stack
from paydesk.ui.offer import words
from paydesk.ui.offer.qr_code import Modules, QrCode
from paydesk.ui.pay.watch import Watch

SIDE = 260
"""Width of the code in device-independent pixels."""


class WaitingPage(QWidget):
    """The page. ``taken_back`` asks for the end of the link, ``leaving`` for that of the dialog."""

    taken_back = Signal()
    leaving = Signal()
    screen_wanted = Signal()

    def __init__(
        self,
        zone: ZoneInfo,
        agency: str,
        world: World,
        code_of: Callable[[str], Modules],
        today: Callable[[], date],
    ) -> None:
        super().__init__()
        self.setObjectName("offer.waiting")
        self._zone, self._agency, self._world = zone, agency, world
        self._code_of, self._today = code_of, today
        self._payment: Payment | None = None
        self._watch: Watch | None = None
        self._headline = label("", "title", "offer.headline")
        self._sentence = label("", "body", "offer.sentence")
        self._sentence.setWordWrap(True)
        self.code = QrCode("offer.code", words.QR_CODE, SIDE)
        self._address = Elided("", "body", "offer.address")
        self._address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.banner = Banner("offer.said")
        self._ends = label("", "muted", "offer.ends")
        self._state = label("", "muted", "offer.state")
        self._state.setWordWrap(True)
        self.copy = button(words.COPY, "offer.copy", key="F6")
        self.email = button(words.EMAIL, "offer.email", key="F7")
        self.open = button(words.OPEN, "offer.open", key="F8")
        self.other = button(words.OTHER_SCREEN, "offer.other", key="F4")
        self.back = button(words.TAKE_BACK, "offer.back", key="F10", icon="undo")
        self._leave = button(words.CLOSE, "offer.close", key="Esc", role="primary")
        self._lay_out()
        self.copy.clicked.connect(self._copy)
        self.email.clicked.connect(self._email)
        self.open.clicked.connect(self.open_page)
        self.other.clicked.connect(self.screen_wanted)
        self.back.clicked.connect(self.taken_back)
        self._leave.clicked.connect(self.leaving)

    def follow(self, watch: Watch) -> None:
        """Show the payment of a watch, and what it finds."""
        self._watch = watch
        watch.asked.connect(self._asked)
        self.show_payment(watch.payment)
        self._state.setText(words.NOT_PAID_YET)

    def show_payment(self, payment: Payment) -> None:
        """Show an offered payment, one that is being taken back, or one that nobody has paid."""
        self._payment = payment
        offered = payment.state is State.OFFERED
        amount = fmt.dollars(payment.draft.quote.total)
        if offered:
            self._headline.setText(f"{words.WAITING}  ·  {amount}")
            self._ends.setText(self._until(payment))
            self._sentence.setText(words.SCAN[payment.offer_kind])
        elif payment.state is State.CLOSING:
            self._headline.setText(f"{words.TAKING_BACK[payment.offer_kind]}  ·  {amount}")
            self._sentence.setText(words.WAIT_FOR_PROOF)
        else:
            self._headline.setText(words.ENDED)
            self._sentence.setText(words.FREE_AGAIN[payment.offer_kind])
            self._state.clear()
        by_link = payment.offer_kind is OfferKind.LINK
        address = payment.offer_address if offered else ""  # from closing on, nobody shows it
        self.code.show_code(self._code_of(address) if address and by_link else ())
        self._address.set_text(address)
        for part, shown in (
            (self.code, offered and by_link),
            (self._address, offered),
            (self._ends, offered),
            (self.copy, offered),
            (self.email, offered and by_link),
            (self.open, offered and not by_link),
            (self.other, offered and by_link and len(QGuiApplication.screens()) > 1),
            (self.back, offered),
        ):
            part.setVisible(shown)
        self._leave.setText(f"{words.CLOSE if payment.state in _OPEN else words.CLOSE_ENDED}  Esc")
        self.setAccessibleName(f"{self._headline.text()}. {self._sentence.text()}")

    def _until(self, payment: Payment) -> str:
        if payment.offered_until is None:
            return ""
        ends = payment.offered_until.astimezone(self._zone)
        day = "" if ends.date() == self._today() else near_date(ends, self._today())
        return words.works_until(fmt.time_of_day(ends, self._zone), day)

    def open_page(self) -> None:
        """Open the address in the system's browser."""
        if self._payment is not None and self._payment.state is State.OFFERED:
            self._open(self._payment.offer_address, words.NO_BROWSER)

    def start(self) -> None:
        """Give the keyboard to a button that does no harm."""
        (self.copy if not self.copy.isHidden() else self._leave).setFocus()

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(Space.S)
        for part in (self._sentence, self._address, self._ends, self._state):
            texts.addWidget(part)
        for hidden in (self.open, self.other):  # so that the window is no wider than it needs
            hidden.hide()
        for buttons in (row(self.copy, self.email, self.open), row(self.other)):
            buttons.addStretch()
            texts.addLayout(buttons)
        texts.addWidget(self.banner)
        texts.addStretch()
        middle = row(self.code, spacing=Space.L)
        middle.setAlignment(self.code, Qt.AlignmentFlag.AlignTop)
        middle.addLayout(texts, 1)
        foot = row(self._leave)
        foot.addStretch()
        foot.addWidget(self.back)
        body = stack(self, self._headline, spacing=Space.M, margin=Space.XL)
        body.addLayout(middle, 1)
        body.addLayout(foot)

    def _asked(self, hindrance: str) -> None:
        if self._watch is not None:
            if self._payment is None or self._watch.payment.state is not self._payment.state:
                self.show_payment(self._watch.payment)
            self._state.setText(hindrance or words.NOT_PAID_YET)

    def _copy(self) -> None:
        if self._payment is not None and self._payment.state is State.OFFERED:
            QGuiApplication.clipboard().setText(self._payment.offer_address)
            self.banner.say(words.COPIED, "", "good")

    def _email(self) -> None:
        payment = self._payment
        if payment is None or payment.state is not State.OFFERED:
            return
        subject = quote(words.mail_subject(self._agency, self._world))
        body = quote(words.mail_body(payment, self._agency, self._world))
        to = quote(payment.draft.payer.email, safe="@")
        self._open(f"mailto:{to}?subject={subject}&body={body}", words.NO_MAIL)

    def _open(self, address: str, failed: str) -> None:
        if QDesktopServices.openUrl(QUrl(address)):
            self.banner.clear()
        else:
            self.banner.say(failed, words.COPY_INSTEAD, "warning")


_OPEN = (State.OFFERED, State.CLOSING)
