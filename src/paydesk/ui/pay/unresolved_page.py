"""The page for a payment without a clear answer: what is known, the next check, and not to charge again."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import Reason
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import icons
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.scrolling import Prose
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, card, label, row, set_role, stack
from paydesk.ui.pay import words
from paydesk.ui.pay.watch import Watch


class UnresolvedPage(QWidget):
    """The page, in amber. ``leaving`` means that the clerk closes it while PayDesk keeps asking."""

    leaving = Signal()

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.setObjectName("unknown.page")
        self._zone = zone
        self._watch: Watch | None = None
        self._sign = label()
        icons.put(self._sign, "clock", "warning", 40)
        self._headline = label("", "title", "unknown.headline")
        self._headline.setWordWrap(True)
        self._sentence = label("", "body", "unknown.sentence")
        self._sentence.setWordWrap(True)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(Space.XL)
        self._facts.setVerticalSpacing(Space.XS)
        self._facts.setColumnStretch(1, 1)
        self._next = label("", "muted", "unknown.next")
        self._leave = button(words.CLOSE_WHILE_ASKING, "unknown.leave", key="Esc")
        self._check = button(words.CHECK_NOW, "unknown.check", key="F5", role="primary", icon="refresh")
        self._leave.clicked.connect(self.leaving)
        self._check.clicked.connect(self._check_now)
        self._gives_back = False
        """True while the button to check has lost the keyboard only because PayDesk is asking."""
        self._ticks = QTimer(self)
        self._ticks.timeout.connect(self._tell_time)
        self._lay_out()

    def show_watch(self, watch: Watch) -> None:
        """Follow the watch of a payment."""
        self._watch = watch
        payment = watch.payment
        pending = payment.reason_code is Reason.PENDING
        headline = words.DEBIT_PENDING if pending else words.CHECKING
        self._say(headline, words.DEBIT_GOES_ON if pending else words.DO_NOT_CHARGE_AGAIN)
        self._set_facts(
            (words.AMOUNT, fmt.dollars(payment.draft.quote.total)),
            (words.PAID_WITH, kit_words.paid_with(payment)),
            (words.PAID_FOR, kit_words.paid_for(payment)),
            (words.SENT, fmt.time_of_day(payment.submitted_at or payment.held_at, self._zone)),
            (words.REFERENCE, payment.reference),
            (words.HAPPENED, payment.reason or words.NO_ANSWER),
        )
        self._check.show()
        self._leave.setText(f"{words.CLOSE_WHILE_ASKING}  Esc")
        watch.asked.connect(self._asked)
        watch.resolved.connect(self._decided)
        self._ticks.start(1000)
        self._tell_time()
        self._check.setFocus()

    def show_stop(self, error: KnownError) -> None:
        """Show that the answer could not be saved. Offer nothing that could charge again."""
        self._watch = None
        self._ticks.stop()
        self._say(error.sentence, error.next_step)
        self._set_facts()
        self._next.setText("")
        self._check.hide()
        self._leave.setText(f"{words.CLOSE}  Esc")
        self._leave.setFocus()

    def _lay_out(self) -> None:
        box = QFrame()
        box.setProperty("role", "notice-warning")
        sentences = QWidget()
        stack(sentences, self._headline, self._sentence, spacing=Space.S)
        line = row(self._sign, sentences, spacing=Space.L, margin=Space.L)
        line.setAlignment(self._sign, Qt.AlignmentFlag.AlignTop)
        line.setStretch(1, 1)
        box.setLayout(line)
        buttons = row(self._leave)
        buttons.addStretch()
        buttons.addWidget(self._check)
        self._known = card("unknown.facts")
        self._known.setLayout(self._facts)
        self._facts.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        body = stack(self, box, self._known, self._next, spacing=Space.M, margin=Space.XL)
        body.addStretch()
        body.addLayout(buttons)

    def _say(self, headline: str, sentence: str) -> None:
        self._headline.setText(headline)
        self._sentence.setText(sentence)
        self.setAccessibleName(f"{headline} {sentence}")

    def _set_facts(self, *facts: tuple[str, str]) -> None:
        while (item := self._facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self._known.setVisible(bool(facts))
        for place, (name, text) in enumerate(facts):
            value = Prose("body", "")
            value.setText(text)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(label(name, "muted"), place, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(value, place, 1)

    def _check_now(self) -> None:
        if self._watch is not None:
            self._watch.check_now()
            self._tell_time()

    def _decided(self) -> None:
        """Drop the watch, which ends with its answer and has no next check."""
        self._watch = None
        self._ticks.stop()

    def _asked(self, hindrance: str) -> None:
        set_role(self._next, "warning" if hindrance else "muted")
        self._tell_time(hindrance)

    def _enable_check(self, on: bool) -> None:
        """Enable the button to check. A disabled one loses the keyboard, so it gets it back."""
        if not on and self._check.hasFocus():
            self._gives_back = True
        self._check.setEnabled(on)
        if on and self._gives_back:
            self._gives_back = False
            self._check.setFocus()

    def _tell_time(self, hindrance: str = "") -> None:
        if self._watch is None:
            return
        self._enable_check(not self._watch.asking)
        waited = words.waiting_for(_span(self._watch.age_s))
        next_check = words.next_check_in(_span(self._watch.next_s))
        coming = words.ASKING_NOW if self._watch.asking else next_check
        self._next.setText(" ".join(part for part in (hindrance, waited, coming) if part))


def _span(seconds: float) -> str:
    """Return ``9 s``, ``4 min 5 s`` or ``2 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return words.seconds(whole)
    if whole < 3600:
        return words.minutes(whole // 60, whole % 60)
    return words.hours(whole // 3600, whole % 3600 // 60)
