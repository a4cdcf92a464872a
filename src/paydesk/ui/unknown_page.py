"""No clear answer yet: what is known, when it is asked again, and that nobody may charge again."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from paydesk.domain.errors import KnownError
from paydesk.ui import format as fmt
from paydesk.ui import icons
from paydesk.ui.theme import Space
from paydesk.ui.watch import Watch
from paydesk.ui.widgets import button, card, label, row, set_role, stack


class UnknownPage(QWidget):
    """Calm and amber; ``leaving`` when the person goes on while PayDesk keeps asking."""

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
        self._facts.setVerticalSpacing(Space.S)
        self._facts.setColumnStretch(1, 1)
        self._next = label("", "muted", "unknown.next")
        self._leave = button("Close, PayDesk keeps asking", "unknown.leave", key="Esc")
        self._check = button("Check now", "unknown.check", key="F5", role="primary", icon="refresh")
        self._leave.clicked.connect(self.leaving)
        self._check.clicked.connect(self._check_now)
        self._ticks = QTimer(self)
        self._ticks.timeout.connect(self._tell_time)
        self._lay_out()

    def show_watch(self, watch: Watch) -> None:
        """Follow a payment that is being asked about."""
        self._watch = watch
        payment = watch.payment
        self._say(
            "We are checking with the processor.",
            "Do not take this payment again: it may have gone through. You can tell the customer "
            "that PayDesk is asking, and that nothing will be charged twice.",
        )
        self._set_facts(
            ("Amount", fmt.dollars(payment.draft.quote.total)),
            ("Paid with", fmt.paid_with(payment)),
            ("For", fmt.paid_for(payment)),
            ("Sent", fmt.time_of_day(payment.submitted_at or payment.claimed_at, self._zone)),
            ("Reference", payment.reference),
            ("What happened", payment.reason or "No answer came."),
        )
        self._check.show()
        self._leave.setText("Close, PayDesk keeps asking  Esc")
        watch.asked.connect(self._asked)
        watch.resolved.connect(self._decided)
        self._ticks.start(1000)
        self._tell_time()
        self._check.setFocus()

    def show_stop(self, error: KnownError) -> None:
        """The answer could not be kept: say it plainly and offer nothing that could charge again."""
        self._watch = None
        self._ticks.stop()
        self._say(error.sentence, error.next_step)
        self._set_facts()
        self._next.setText("")
        self._check.hide()
        self._leave.setText("Close  Esc")
        self._leave.setFocus()

    def _lay_out(self) -> None:
        box = QFrame()
        box.setProperty("role", "notice-warning")
        words = QWidget()
        stack(words, self._headline, self._sentence, spacing=Space.S)
        line = row(self._sign, words, spacing=Space.L, margin=Space.L)
        line.setAlignment(self._sign, Qt.AlignmentFlag.AlignTop)
        line.setStretch(1, 1)
        box.setLayout(line)
        buttons = row(self._leave)
        buttons.addStretch()
        buttons.addWidget(self._check)
        self._known = card("unknown.facts")
        self._known.setLayout(self._facts)
        self._facts.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        body = stack(self, box, self._known, self._next, spacing=Space.L, margin=Space.XL)
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
            value = label(text)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(label(name, "muted"), place, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(value, place, 1)

    def _check_now(self) -> None:
        if self._watch is not None:
            self._watch.check_now()
            self._tell_time()

    def _decided(self) -> None:
        """The watch ends with its answer, and must not be asked for the time any more."""
        self._watch = None
        self._ticks.stop()

    def _asked(self, hindrance: str) -> None:
        set_role(self._next, "warning" if hindrance else "muted")
        self._tell_time(hindrance)

    def _tell_time(self, hindrance: str = "") -> None:
        if self._watch is None:
            return
        self._check.setEnabled(not self._watch.asking)
        waited = f"Waiting for {_span(self._watch.age_s)}."
        coming = "Asking now…" if self._watch.asking else f"Next check in {_span(self._watch.next_s)}."
        self._next.setText(" ".join(part for part in (hindrance, waited, coming) if part))


def _span(seconds: float) -> str:
    """``9 s``, ``4 min 5 s``, ``2 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
