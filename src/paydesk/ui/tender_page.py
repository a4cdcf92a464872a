"""How it is paid: the tender, its fields, and the button that carries the amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from paydesk.domain.bill import Bill
from paydesk.domain.consent import Channel
from paydesk.domain.errors import BugError
from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import BankAccount, Tender, TenderKind
from paydesk.services.authorize import Step
from paydesk.services.desk import Desk
from paydesk.ui import format as fmt
from paydesk.ui.bank_fields import BankFields
from paydesk.ui.banner import Banner
from paydesk.ui.card_fields import CardFields
from paydesk.ui.consent_fields import ConsentFields, Setting
from paydesk.ui.form import Choice
from paydesk.ui.room import scrolled
from paydesk.ui.tender_choice import TenderChoice
from paydesk.ui.theme import Space
from paydesk.ui.widgets import button, label, row, stack

Offers = Mapping[TenderKind, Quote | OverLimit]

_STEPS = {
    Step.CLAIMING: "Holding the invoices…",
    Step.ASKING: "Checking the invoices once more…",
    Step.CHARGING: "Asking AndDone…",
    Step.RECORDING: "Recording the answer…",
}


@dataclass(frozen=True, slots=True)
class Opening:
    """How the dialog opens: what is paid, at which prices, and what was chosen before."""

    bill: Bill
    offers: Offers
    preferred: TenderKind | None = None
    channel: Channel = Channel.PHONE

    @property
    def first(self) -> TenderKind:
        """The tender to begin with: the preferred one if it can be had, else the first that can."""
        usable = [kind for kind, offer in self.offers.items() if isinstance(offer, Quote)]
        return self.preferred if self.preferred in usable else usable[0]


class TenderPage(QWidget):
    """Takes the tender. ``charge_requested`` carries a draft and a tender, once for each press."""

    charge_requested = Signal(object, object)
    quote_changed = Signal(object)
    channel_changed = Signal(object)
    leaving = Signal()

    def __init__(self, desk: Desk, opening: Opening) -> None:
        super().__init__()
        self.setObjectName("tender.page")
        self._opening = opening
        self._kind = opening.first
        self._step = _STEPS[Step.CLAIMING]
        self._waited, self._ticks = QElapsedTimer(), QTimer(self)
        self.in_flight = False
        """A charge was asked for and has not been answered: nothing may be asked again."""
        self.banner = Banner("tender.banner")
        self.choice = TenderChoice(opening.offers)
        self.channel = Choice(
            "tender.channel",
            "Where the customer is",
            [(Channel.PHONE, "By &phone"), (Channel.COUNTER, "At the c&ounter")],
        )
        self.channel.choose(opening.channel)
        self.card = CardFields(desk.today)
        self.bank = BankFields()
        self.consent = ConsentFields(_setting(desk, opening.bill))
        self._lay_out()
        self._listen()
        self._prefill()
        self._use(self._kind)

    @property
    def quote(self) -> Quote:
        """What the chosen tender costs."""
        offer = self._opening.offers[self._kind]
        if isinstance(offer, OverLimit):
            raise BugError("a tender above its limit was chosen")
        return offer

    def start(self) -> None:
        """Put the focus where the next thing is typed."""
        (self.bank if self._kind is TenderKind.ACH else self.card).start()

    def charge(self) -> None:
        """Ask for the charge if everything is right, else show what is not; deaf while one is running."""
        if self.in_flight or not self._complete():
            return
        tender = self._tender()
        consent = self.consent.consent() if isinstance(tender, BankAccount) else None
        draft = self._opening.bill.draft(self.quote, self.channel.value, consent)
        self._lock(True)
        self.charge_requested.emit(draft, tender)

    def show_step(self, step: Step) -> None:
        """Say how far the charge is."""
        self._step = _STEPS[step]
        self._say_progress()

    def explain_wait(self) -> None:
        """Say why the dialog stays open."""
        self.banner.say(
            "The charge is on its way, so this stays open.",
            "It goes on by itself as soon as AndDone has answered; nothing is charged twice.",
        )

    def show_declined(self, reason: str) -> None:
        """The processor said no: all stays but the code and the consent, which are asked for again."""
        self._lock(False)
        self.card.forget_code()
        self.consent.tick.setChecked(False)
        self.banner.say(
            f"Declined. {reason}", "Nothing was charged. Correct it, or choose another tender.", "danger"
        )
        self.start()

    def show_not_charged(self, headline: str, next_step: str) -> None:
        """Nothing was charged, for sure; everything typed stays, and Enter tries again."""
        self._lock(False)
        self.banner.say(headline, next_step, "warning")
        self._charge.setFocus()

    def wipe(self) -> None:
        """Forget all that is secret."""
        self.card.wipe()
        self.bank.wipe()
        self.consent.wipe()

    @property
    def typed(self) -> bool:
        """A card or account number was begun."""
        return bool(self.card.number.text() or self.bank.routing.text() or self.bank.account.text())

    def _lay_out(self) -> None:
        body = stack(self, spacing=Space.M, margin=Space.XL)
        head = row(label("How is it paid?", "title"))
        head.addStretch()
        head.addWidget(self.channel)
        self._forms = QStackedWidget()
        ach = QWidget()
        stack(ach, self.bank, self.consent, spacing=Space.XS).addStretch()
        card = QWidget()
        stack(card, self.card).addStretch()
        self._forms.addWidget(card)
        self._forms.addWidget(ach)
        body.addLayout(head)
        body.addWidget(self.choice)
        body.addWidget(self.banner)
        body.addWidget(scrolled(self._forms), 1)
        body.addWidget(self._foot())
        QWidget.setTabOrder(self._charge, self._leave)

    def _foot(self) -> QWidget:
        self._leave = button("Back", "tender.leave", key="Esc", role="quiet")
        self._charge = button("Charge", "tender.charge", role="primary")
        self._charge.setMinimumWidth(240)
        buttons = row(self._leave)
        buttons.addStretch()
        buttons.addWidget(self._charge)
        self._progress = QProgressBar()
        self._progress.setObjectName("tender.progress")
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self._progress_text = label("", "strong", "tender.progress.text")
        self._waiting = QWidget()
        stack(self._waiting, self._progress_text, self._progress, spacing=Space.S)
        self._waiting.hide()
        self._buttons = QWidget()
        made = QVBoxLayout(self._buttons)
        made.setContentsMargins(0, 0, 0, 0)
        made.addLayout(buttons)
        foot = QWidget()
        stack(foot, self._waiting, self._buttons, spacing=0)
        return foot

    def _listen(self) -> None:
        self.choice.chosen.connect(self._use)
        self.choice.refused.connect(lambda sentence: self.banner.say(sentence, "Take a card, or pay a part."))
        self.card.submitted.connect(self.charge)
        self.bank.submitted.connect(self.consent.start)
        self.consent.submitted.connect(self.charge)
        self._charge.clicked.connect(self.charge)
        self._leave.clicked.connect(self.leaving)
        self._ticks.timeout.connect(self._say_progress)
        self.channel.changed.connect(self._channel_chosen)
        for form in (self.bank, self.card):
            form.edited.connect(self._suit_consent)

    def _prefill(self) -> None:
        payer = self._opening.bill.payer
        self.card.prefill(payer.name, self._opening.bill.zip_code)
        self.bank.prefill(payer.name, payer.customer_name)

    def _use(self, kind: TenderKind) -> None:
        self._kind = kind
        self.choice.show_choice(kind)
        self._forms.setCurrentIndex(1 if kind is TenderKind.ACH else 0)
        self._charge.setText(f"Charge {fmt.dollars(self.quote.total)}")
        self._charge.setAccessibleName(self._charge.text())
        self.banner.clear()
        self.quote_changed.emit(self.quote)
        self._suit_consent()
        self.start()

    def _channel_chosen(self) -> None:
        self._suit_consent()
        self.channel_changed.emit(self.channel.value)
        self.start()

    def _suit_consent(self) -> None:
        if self._kind is TenderKind.ACH:
            holder, last4 = self.bank.agreed_facts
            self.consent.suit(self.channel.value, self.bank.holder_kind.value, holder, last4, self.quote)

    def _complete(self) -> bool:
        if self._kind is not TenderKind.ACH:
            return self.card.complete()
        agreed = self.consent.complete()
        return self.bank.complete() and agreed  # asked last, so that the upper problem has the focus

    def _tender(self) -> Tender:
        return self.bank.account_of() if self._kind is TenderKind.ACH else self.card.card(self._kind)

    def _say_progress(self) -> None:
        waited_s = self._waited.elapsed() // 1000
        self._progress_text.setText(f"{self._step}  {waited_s} s" if waited_s >= 3 else self._step)

    def _lock(self, locked: bool) -> None:
        """Nothing can be changed or pressed while a charge is running."""
        self.in_flight = locked
        self.banner.clear()
        if locked:
            self._waited.start()
            self._ticks.start(1000)
            self.show_step(Step.CLAIMING)
        else:
            self._ticks.stop()
        for part in (self.choice, self.channel, self._forms, self._buttons):
            part.setEnabled(not locked)
        self._buttons.setVisible(not locked)
        self._waiting.setVisible(locked)


def _setting(desk: Desk, bill: Bill) -> Setting:
    return Setting(
        agency=desk.settings.agency,
        now=desk.clock.now,
        today=desk.today,
        zone=ZoneInfo(desk.settings.time_zone),
        existing_customer=bool(bill.payer.customer_number),
        email=bill.payer.email,
    )
