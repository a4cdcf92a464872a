"""What the window does in the background: asking what became of unclear charges, and hearing it of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from paydesk.domain.payment import OPEN, Payment, State
from paydesk.ui import notify
from paydesk.ui.comforts import Comforts
from paydesk.ui.tasks import Lanes

if TYPE_CHECKING:
    from paydesk.services.desk import Desk
    from paydesk.ui.checkout import Checkout

CHORES_MS = 5_000
"""How often what is due in the background is looked for, in milliseconds."""

MOST = 100
"""So many undecided payments are remembered."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round found: payments that changed, those decided elsewhere, references still undecided."""

    changed: Sequence[Payment] = ()
    elsewhere: Sequence[Payment] = ()
    undecided: frozenset[str] = frozenset()


class Chores(QObject):
    """``changed`` carries a payment, ``decided`` the payments of this desk that a person should hear of.

    A payment of this desk may be decided by another one, even while this one is closed: the
    references of the undecided are remembered, and missed when they are decided. ``quiet``
    follows a round in which nothing changed.
    """

    changed = Signal(object)
    decided = Signal(object)
    quiet = Signal()

    def __init__(self, desk: Desk, lanes: Lanes, checkout: Checkout, comforts: Comforts) -> None:
        super().__init__(checkout)
        self._desk, self._lanes, self._checkout, self._comforts = desk, lanes, checkout, comforts
        self._undecided = comforts.undecided
        self._away = False
        """The last question to AMS360 was not answered."""
        self._timer = QTimer(self, interval=CHORES_MS)
        self._timer.timeout.connect(self.run)
        self._timer.start()

    def stop(self) -> None:
        """No further round."""
        self._timer.stop()

    def run(self) -> None:
        """Ask what became of unclear charges, where that is due; one round at a time, and one asker."""
        if not self._lanes.chore_busy and not self._checkout.asking:
            wanted = self._undecided
            self._lanes.chore(lambda: self._round(wanted), self.done, notify.log_failure, self)

    def reached(self, answered: bool) -> None:
        """After a time without, the network is there again: open payments need not wait for their turn."""
        returned, self._away = answered and self._away, not answered
        if returned:
            self._desk.reconcile.network_returned()
            self.run()

    def known(self, payment: Payment) -> None:
        """The person at this desk has seen what became of the payment."""
        if payment.state not in OPEN:
            self._remember(self._undecided - {payment.reference})

    def done(self, found: Round) -> None:
        """A round is over: tell what it found."""
        missed = [payment for payment in found.elsewhere if payment.reference in self._undecided]
        told = [payment for payment in (*found.changed, *missed) if self._is_news(payment)]
        self._remember(found.undecided)
        for payment in (*found.changed, *missed):
            self.changed.emit(payment)
        if told:
            self.decided.emit(told)
        if not found.changed and not missed:
            self.quiet.emit()

    def _round(self, wanted: frozenset[str]) -> Round:
        changed, ledger = self._desk.reconcile.due(), self._desk.ledger
        rows = ledger.payments(limit=MOST, states=(State.SUBMITTED, State.UNKNOWN))
        undecided = frozenset(row.reference for row in rows if row.desk == self._desk.settings.desk)
        gone = wanted - undecided - {payment.reference for payment in changed}
        found = (ledger.find(reference) for reference in sorted(gone))
        return Round(changed, [row for row in found if row and row.state not in OPEN], undecided)

    def _is_news(self, payment: Payment) -> bool:
        watched = self._checkout.heard(payment)
        ours = payment.desk == self._desk.settings.desk or payment.state is State.LATE
        return ours and not watched and payment.state not in OPEN

    def _remember(self, undecided: frozenset[str]) -> None:
        if undecided != self._undecided:
            self._undecided = undecided
            self._comforts.keep_undecided(undecided)
