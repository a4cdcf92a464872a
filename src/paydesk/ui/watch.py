"""Keeps asking what became of one payment without a clear answer, until it is proven."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import OPEN, Payment
from paydesk.services.desk import Desk
from paydesk.services.reconcile import wait_s
from paydesk.ui.notify import log_bug
from paydesk.ui.tasks import Lanes


class Watch(QObject):
    """One open payment, asked about by this watch until it rests.

    ``asked`` follows every question, with what hindered it or ``""``; ``resolved`` comes once,
    with the decided payment.
    """

    asked = Signal(str)
    resolved = Signal(object)

    def __init__(self, desk: Desk, lanes: Lanes, payment: Payment, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._lanes = desk, lanes
        self.payment = payment
        self._since_s = desk.clock.elapsed_s()
        self.asking = False
        """A question is under way."""
        self.resting = False
        """Somebody else asks by now; this watch only hears of the answer."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.check_now)
        self._wait()

    @property
    def age_s(self) -> float:
        """Seconds since the answer was missed."""
        return self._desk.clock.elapsed_s() - self._since_s

    @property
    def next_s(self) -> float:
        """Seconds until the next question."""
        return max(self._timer.remainingTime(), 0) / 1000

    def check_now(self) -> None:
        """Ask at once; the schedule goes on from there."""
        if self.asking:
            return
        self.asking = True
        self._timer.stop()
        payment_id, reconcile = self.payment.id, self._desk.reconcile
        self._lanes.lookup(lambda: reconcile.check(payment_id), self._answered, self._hindered, self)

    def rest(self) -> None:
        """Ask no more by the clock: the window's own round goes on with it."""
        self.resting = True
        self._timer.stop()

    def heard(self, payment: Payment) -> None:
        """The payment was decided by somebody else's question."""
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
            self.asked.emit(f"PayDesk could not ask (reference {log_bug(error)} in the log).")

    def _wait(self) -> None:
        if not self.resting:
            self._timer.start(round(wait_s(self.age_s) * 1000))
