"""The tender page: the tender, its fields, and the button with the amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from paydesk.domain.consent import Channel, Consent
from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.receipt import Paper
from paydesk.domain.tender import BankAccount, Tender, TenderKind
from paydesk.services.desk.desk import Desk
from paydesk.services.payments.authorize import Step
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.banner import Banner
from paydesk.ui.kit.faults import show_fault
from paydesk.ui.kit.form import Choice
from paydesk.ui.kit.scrolling import scrolled
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, shortcut, stack, with_key
from paydesk.ui.pay import words
from paydesk.ui.pay.bank_fields import BankFields
from paydesk.ui.pay.card_fields import CardFields
from paydesk.ui.pay.consent_fields import ConsentFields, Setting
from paydesk.ui.pay.tender_choice import TenderChoice
from paydesk.ui.receipt import print_and_save
from paydesk.ui.receipt.printing import Job, Printers, Told

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

Offers = Mapping[TenderKind, Quote | OverLimit]


@dataclass(frozen=True, slots=True)
class Opening:
    """The initial state of the dialog: basket, prices, and earlier choices."""

    basket: Basket
    offers: Offers
    preferred: TenderKind | None = None
    channel: Channel = Channel.PHONE

    @property
    def first(self) -> TenderKind:
        """The tender to start with: the preferred one if it is usable, or the first usable one."""
        usable = [kind for kind, offer in self.offers.items() if isinstance(offer, Quote)]
        return self.preferred if self.preferred in usable else usable[0]


class _Forms(QStackedWidget):
    """The forms, of which one is shown. Only that one says how much room it needs."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda _place: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        """Return that of the form shown."""
        form = self.currentWidget()
        return form.minimumSizeHint() if form else super().minimumSizeHint()


class TenderPage(QWidget):
    """The page. ``charge_requested`` carries a draft and a tender, once for each press."""

    charge_requested = Signal(object, object)
    quote_changed = Signal(object)
    channel_changed = Signal(object)
    leaving = Signal()
    link_wanted = Signal(object)

    def __init__(self, desk: Desk, opening: Opening, printers: Printers, *, narrow: bool = False) -> None:
        super().__init__()
        self.setObjectName("tender.page")
        self._opening, self._printers, self._papers = opening, printers, desk.consent_papers
        self._kind = opening.first
        self._by_link = bool(desk.settings.anddone.offer_kinds)
        self._step = words.STEPS[Step.HOLDING]
        self._waited, self._ticks = QElapsedTimer(), QTimer(self)
        self.in_flight = False
        """True while a charge is unanswered. No other may be requested."""
        self.banner = Banner("tender.banner")
        self._another = button(words.ANOTHER_CARD, "tender.another", bound=False)
        self._another.hide()
        self.choice = TenderChoice(opening.offers, narrow=narrow)
        self.channel = Choice("tender.channel", words.WHERE_CUSTOMER_IS, words.CHANNELS.items())
        self.channel.choose(opening.channel)
        self.card = CardFields(desk.today)
        self.bank = BankFields()
        self.consent = ConsentFields(_setting(desk, opening.basket))
        self._lay_out()
        self._listen()
        self._prefill()
        self._use(self._kind)

    @property
    def quote(self) -> Quote:
        """The price with the chosen tender."""
        offer = self._opening.offers[self._kind]
        if isinstance(offer, OverLimit):
            raise BugError("a tender above its limit was chosen")
        return offer

    def start(self) -> None:
        """Focus the first field to fill in."""
        (self.bank if self._kind is TenderKind.ACH else self.card).start()

    def charge(self) -> None:
        """Request the charge if everything is valid, or show what is not.

        Does nothing while one is running.
        """
        if self.in_flight or not self._complete():
            return
        tender = self._tender()
        consent = self.consent.consent() if isinstance(tender, BankAccount) else None
        draft = self._opening.basket.draft(self.quote, self.channel.value, consent)
        self._lock(True)
        self.charge_requested.emit(draft, tender)

    def show_step(self, step: Step) -> None:
        """Show the progress of the charge."""
        self._step = words.STEPS[step]
        self._say_progress()

    def explain_wait(self) -> None:
        """Show why the dialog stays open."""
        self.banner.say(words.CHARGE_UNDER_WAY, words.GOES_ON_BY_ITSELF)

    def show_declined(self, reason: str) -> None:
        """Show a decline, whose ``reason`` says that it is one. The numbers are asked for again."""
        self._lock(False)
        self.forget_numbers()
        debit = self._kind is TenderKind.ACH
        after = words.AFTER_DEBIT_DECLINE if debit else words.AFTER_DECLINE
        self.banner.say(reason, after, "danger")
        another = words.ANOTHER_ACCOUNT if debit else words.ANOTHER_CARD
        self._another.setText(with_key(another, "F6"))
        self.banner.offer(self._another)
        self.setTabOrder(self.choice.tiles[-1], self._another)
        self.start()

    def use_another(self) -> None:
        """Clear the declined card or account, and start with the number of another one."""
        if self.in_flight or self._another.isHidden():
            return
        self.banner.clear()
        self._another.hide()
        self.consent.wipe()
        (self.bank if self._kind is TenderKind.ACH else self.card).wipe()
        self._prefill()
        self._suit_consent()
        self.start()

    def show_not_charged(self, headline: str, next_step: str) -> None:
        """Show that surely nothing was charged. Entries that are still there stay, and Enter tries again."""
        self._lock(False)
        self.banner.say(headline, next_step, "warning")
        if self.typed:
            self._charge.setFocus()
        else:
            self.start()

    def forget_numbers(self) -> None:
        """Clear the numbers of card and account, and the consent, which names one of them."""
        self.card.forget_numbers()
        self.bank.forget_numbers()
        self._suit_consent()
        self.consent.tick.setChecked(False)

    def blank(self) -> None:
        """Forget the numbers because nobody has touched a key for a while, and say so."""
        if not self.typed:
            return
        self.forget_numbers()
        if not self.in_flight:
            self.banner.say(words.NUMBER_FORGOTTEN, words.ENTER_NUMBER_AGAIN)
            self.start()

    def lock(self) -> None:
        """Put one line in the place of all fields. Enter or a click on it opens them again."""
        if self.in_flight or self.locked:
            return
        self.forget_numbers()
        self.banner.clear()
        self._another.hide()
        self._forms.setCurrentWidget(self._locked_page)
        self._enable(False)
        self._unlock.setFocus()

    @property
    def locked(self) -> bool:
        """True while the fields are locked."""
        return self._forms.currentWidget() is self._locked_page

    def unlock(self) -> None:
        """Open the fields again."""
        self._enable(True)
        self._use(self._kind)

    def wipe(self) -> None:
        """Clear every secret field."""
        self.card.wipe()
        self.bank.wipe()
        self.consent.wipe()

    @property
    def typed(self) -> bool:
        """True if a card or account number was begun."""
        return self.card.typed or self.bank.typed

    def _lay_out(self) -> None:
        body = stack(self, spacing=Space.M, margin=Space.XL)
        head = row(label(words.HOW_PAID, "title"))
        head.addStretch()
        head.addWidget(self.channel)
        self._forms = _Forms()
        ach = QWidget()
        stack(ach, self.bank, self.consent, spacing=Space.XS).addStretch()
        card = QWidget()
        stack(card, self.card).addStretch()
        self._forms.addWidget(card)
        self._forms.addWidget(ach)
        self._forms.addWidget(self._lock_line())
        body.addLayout(head)
        body.addWidget(self.choice)
        body.addWidget(self.banner)
        fields = scrolled(self._forms, words.TITLE)
        fields.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        body.addWidget(fields, 1)
        body.addWidget(self._foot())
        QWidget.setTabOrder(self._charge, self._link)
        QWidget.setTabOrder(self._link, self._leave)

    def _lock_line(self) -> QWidget:
        self._unlock = button(words.LOCKED, "tender.unlock", icon="lock")
        # Its text must not widen the forms, which share their width with it.
        self._unlock.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._locked_page = QWidget()
        stack(self._locked_page, self._unlock).addStretch()
        return self._locked_page

    def _foot(self) -> QWidget:
        self._leave = button(words.BACK, "tender.leave", key="Esc", role="quiet")
        self._charge = button(words.CHARGE, "tender.charge", role="primary")
        self._charge.setMinimumWidth(240)
        self._link = button(words.BY_LINK, "tender.link", key="F4", role="quiet")
        self._link.setVisible(self._by_link)
        buttons = row(self._leave, self._link)
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
        self.choice.refused.connect(lambda sentence: self.banner.say(sentence, words.TAKE_CARD_OR_PART))
        self.card.submitted.connect(self.charge)
        self.bank.submitted.connect(self.consent.start)
        self.consent.submitted.connect(self.charge)
        self._charge.clicked.connect(self.charge)
        self._leave.clicked.connect(self.leaving)
        self._link.clicked.connect(self._want_link)
        self.consent.form_wanted.connect(self._print_form)
        self._another.clicked.connect(self.use_another)
        shortcut(self, "F6", self.use_another, words.ANOTHER_CARD)
        self._unlock.clicked.connect(self.unlock)
        self._ticks.timeout.connect(self._say_progress)
        self.channel.changed.connect(self._channel_chosen)
        for form in (self.bank, self.card):
            form.edited.connect(self._suit_consent)

    def _prefill(self) -> None:
        payer = self._opening.basket.payer
        self.card.prefill(payer.name, self._opening.basket.zip_code)
        self.bank.prefill(payer.name, payer.customer_name)

    def _use(self, kind: TenderKind) -> None:
        self._kind = kind
        self.choice.show_choice(kind)
        self._forms.setCurrentIndex(1 if kind is TenderKind.ACH else 0)
        self._charge.setText(words.charge(fmt.dollars(self.quote.total)))
        self.banner.clear()
        self.quote_changed.emit(self.quote)
        self._suit_consent()
        self.start()

    def _want_link(self) -> None:
        """Let somebody else enter the card or account. What was typed here is dropped."""
        if not self.in_flight:
            self.link_wanted.emit(self._kind)

    def _print_form(self, consent: Consent) -> None:
        """Print the form to sign. It is claimed as proof only once it is printed."""
        form, papers = consent.paper, self._papers
        if form is None:
            return

        def draw(printer: QPrinter) -> None:
            print_and_save.print_pdf(papers.form(consent), printer)

        def printed(said: str) -> None:
            self.banner.say(said, "", "good")
            self.consent.form_printed(form)

        name = words.form_file(form.terms.holder, form.terms.debit_on.isoformat())
        job = Job(
            print_and_save.safe_name(name), words.THE_FORM, Paper.LETTER, print_and_save.LETTER_PT, draw
        )
        self._printers.print(job, Told(self, printed, self._not_printed))

    def _not_printed(self, error: Exception) -> None:
        if isinstance(error, KnownError):
            self.banner.say(error.sentence, error.next_step, "danger")
        else:
            show_fault(error, self)

    def _channel_chosen(self) -> None:
        self._suit_consent()
        self.channel_changed.emit(self.channel.value)
        self.start()

    def _suit_consent(self) -> None:
        if self._kind is TenderKind.ACH:
            holder, last4 = self.bank.agreed_facts
            if last4 and not self._another.isHidden():
                self.banner.clear()  # a next try: the decline gives its room to the words that are read
                self._another.hide()
            self.consent.suit(self.channel.value, self.bank.holder_kind.value, holder, last4, self.quote)

    def _complete(self) -> bool:
        if self._kind is not TenderKind.ACH:
            return self.card.complete()
        agreed = self.consent.complete()
        return self.bank.complete() and agreed  # checked last, so that the upper error gets the focus

    def _tender(self) -> Tender:
        return self.bank.account_of() if self._kind is TenderKind.ACH else self.card.card(self._kind)

    def _say_progress(self) -> None:
        waited_s = self._waited.elapsed() // 1000
        self._progress_text.setText(words.waited(self._step, waited_s) if waited_s >= 3 else self._step)

    def _enable(self, open_: bool) -> None:
        """Enable what chooses and charges. The fields, and the way back, stay as they are."""
        for part in (self.choice, self.channel, self._charge):
            part.setEnabled(open_)

    def _lock(self, locked: bool) -> None:
        """Disable everything while a charge is running."""
        self.in_flight = locked
        self.banner.clear()
        if locked:
            self._waited.start()
            self._ticks.start(1000)
            self.show_step(Step.HOLDING)
        else:
            self._ticks.stop()
        for part in (self.choice, self.channel, self._forms, self._buttons):
            part.setEnabled(not locked)
        self._buttons.setVisible(not locked)
        self._waiting.setVisible(locked)


def _setting(desk: Desk, basket: Basket) -> Setting:
    return Setting(
        agency=desk.settings.agency,
        now=desk.clock.now,
        today=desk.today,
        zone=ZoneInfo(desk.settings.time_zone),
        world=desk.settings.world,
        paid_for=_paid_for(basket),
        # The number that somebody gives for a payment without an invoice proves nothing.
        existing_customer=bool(basket.payer.customer_number) and basket.reference_kind is None,
        email=basket.payer.email,
    )


def _paid_for(basket: Basket) -> tuple[str, ...]:
    """Return the invoices that are paid, or the reference of a payment without any."""
    if basket.reference_kind is not None:
        return (f"{kit_words.REFERENCE_KINDS[basket.reference_kind]} {basket.reference_value}".strip(),)
    return tuple(
        words.invoice(line.invoice_number) for line in basket.lines if line.invoice_number is not None
    )
