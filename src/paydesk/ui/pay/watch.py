"""Ask about one payment without a clear answer until its outcome is proven."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from paydesk.config.faults import log_fault
from paydesk.domain.errors import KnownError
from paydesk.domain.payment import OPEN, Payment
from paydesk.services.desk.desk import Desk
from paydesk.services.payments.resolve import wait_s
from paydesk.ui.kit.faults import please_report
from paydesk.ui.pay import words
from paydesk.ui.qt.tasks import Lanes


class Watch(QObject):
    """Questions about one open payment, until it rests.

    ``asked`` follows every question, with its obstacle or ``""``. ``resolved`` follows once, with the decided
    payment.
    """

    asked = Signal(str)
    resolved = Signal(object)

    def __init__(
        self,
        desk: Desk,
        lanes: Lanes,
        payment: Payment,
        parent: QObject,
        pause_s: Callable[[float], float] = wait_s,
    ) -> None:
        """``pause_s`` returns the seconds until the next question, by the age of the watch in seconds."""
        super().__init__(parent)
        self._desk, self._lanes, self._pause_s = desk, lanes, pause_s
        self.payment = payment
        self._since_s = desk.clock.elapsed_s()
        self.asking = False
        """True while a question is under way."""
        self.resting = False
        """True once another part asks. This watch then only passes on the answer."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.check_now)
        self._wait()

    @property
    def age_s(self) -> float:
        """Seconds since the watch began."""
        return self._desk.clock.elapsed_s() - self._since_s

    @property
    def next_s(self) -> float:
        """Seconds until the next question."""
        return max(self._timer.remainingTime(), 0) / 1000

    def check_now(self) -> None:
        """Ask at once, and restart the schedule."""
        if self.asking:
            return
        self.asking = True
        self._timer.stop()
        payment_id, resolve = self.payment.id, self._desk.resolve
        self._lanes.lookup.run(lambda: resolve.check(payment_id), self._answered, self._hindered, self)

    def rest(self) -> None:
        """Stop asking on a schedule. The window's background rounds continue."""
        self.resting = True
        self._timer.stop()

    def told(self, payment: Payment) -> None:
        """Accept what another part of the window has just done with the payment."""
        if payment.state in OPEN:
            self.payment = payment
            self.asked.emit("")
        else:
            self.heard(payment)

    def heard(self, payment: Payment) -> None:
        """Accept a decision that another question brought."""
        if payment.state not in OPEN and self.payment.state in OPEN:
            self._timer.stop()
            self.payment = payment
            self.resolved.emit(payment)

    def _answered(self, payment: Payment) -> None:
        self.asking = False
        if payment.state in OPEN and self.payment.state in OPEN:
            self.payment = payment
            self._wait()
            self.asked.emit("")
        else:
            self.heard(payment)

    def _hindered(self, error: Exception) -> None:
        self.asking = False
        if self.payment.state not in OPEN:
            return
        self._wait()
        if isinstance(error, KnownError):
            self.asked.emit(error.sentence)
        else:
            self.asked.emit(words.could_not_ask(please_report(log_fault(error))))

    def _wait(self) -> None:
        if not self.resting:
            self._timer.start(round(self._pause_s(self.age_s) * 1000))
