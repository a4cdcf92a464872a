"""Background polling: resolve unclear charges, and pick up other desks' decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from paydesk.domain.payment import OFFERED, OPEN, Payment, State
from paydesk.ui.kit import faults
from paydesk.ui.kit.preferences import Preferences
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.qt.timers import repeating

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk
    from paydesk.ui.offer.checkout import OfferCheckout
from paydesk.ui.pay.checkout import Checkout

ROUND_MS = 5_000
"""Milliseconds between two rounds."""

MOST = 100
"""Maximum number of undecided payments to remember."""


@dataclass(frozen=True, slots=True)
class Round:
    """The result of one round: changed payments, those decided elsewhere, and references still undecided."""

    changed: Sequence[Payment] = ()
    elsewhere: Sequence[Payment] = ()
    undecided: frozenset[str] = frozenset()


class Background(QObject):
    """Rounds of polling. ``changed`` carries a payment, ``decided`` this desk's payments to announce.

    Another desk may decide a payment of this desk, even while this one is closed. So the references of
    undecided payments are remembered, and a missing one means a decision. ``quiet`` follows a round without
    changes.
    """

    changed = Signal(object)
    decided = Signal(object)
    quiet = Signal()

    def __init__(
        self, desk: Desk, lanes: Lanes, checkout: Checkout, offers: OfferCheckout, preferences: Preferences
    ) -> None:
        super().__init__(checkout)
        self._desk, self._lanes, self._preferences = desk, lanes, preferences
        self._checkout, self._offers = checkout, offers
        self._undecided = preferences.undecided
        self._away = False
        """True after the agency system left the last question unanswered."""
        self._timer = repeating(self, ROUND_MS, self.run)
        self._timer.start()

    def stop(self) -> None:
        """Stop the rounds."""
        self._timer.stop()

    def run(self) -> None:
        """Ask about unclear charges that are due.

        Only one round runs at a time, and none while a dialog asks.
        """
        if not self._lanes.background.busy and not self._checkout.asking:
            wanted = self._undecided
            self._lanes.background.run(lambda: self._round(wanted), self.done, faults.log_failure, self)

    def reached(self, answered: bool) -> None:
        """Note if the agency system answered. If the network is back, check open payments now."""
        returned, self._away = answered and self._away, not answered
        if returned:
            self._desk.resolve.network_returned()
            self.run()

    def known(self, payment: Payment) -> None:
        """Note that the person at this desk has seen the outcome of the payment."""
        if payment.state not in OPEN:
            self._remember(self._undecided - {payment.reference})

    def done(self, found: Round) -> None:
        """Report the findings of a round."""
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
        changed, ledger = self._desk.resolve.due(), self._desk.ledger
        rows = ledger.payments(limit=MOST, states=(State.SUBMITTED, State.UNKNOWN, *OFFERED))
        undecided = frozenset(row.reference for row in rows if row.desk == self._desk.settings.desk)
        gone = wanted - undecided - {payment.reference for payment in changed}
        found = (ledger.find(reference) for reference in sorted(gone))
        return Round(changed, [row for row in found if row and row.state not in OPEN], undecided)

    def _is_news(self, payment: Payment) -> bool:
        watched = self._checkout.heard(payment) or self._offers.heard(payment)
        ours = payment.desk == self._desk.settings.desk or payment.state is State.LATE
        return ours and not watched and payment.state not in OPEN

    def _remember(self, undecided: frozenset[str]) -> None:
        if undecided != self._undecided:
            self._undecided = undecided
            self._preferences.keep_undecided(undecided)
