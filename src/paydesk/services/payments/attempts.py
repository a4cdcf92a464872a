"""Stop a payment that a limit on declines does not allow, before anything is recorded or sent.

The ledger reads the declines in the transaction of the hold, so no other attempt comes in between.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta, tzinfo

from paydesk.domain.attempts import Decline, fingerprint, reached
from paydesk.domain.payment import Draft
from paydesk.domain.tender import BankAccount, Tender
from paydesk.services.payments import words
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Attempt, Ledger

REMEMBERED = timedelta(days=180)
"""Time for which a returned debit is a warning. Nacha allows a second try within it."""


class Attempts:
    """The limits at one desk. They count what the ledger recorded, so a restart resets nothing."""

    def __init__(self, clock: Clock, desk: str, key: bytes, zone: tzinfo) -> None:
        """``key`` is the key of the fingerprints, the same for all desks on the ledger."""
        self._clock, self._desk, self._key, self._zone = clock, desk, key, zone

    def attempt(self, draft: Draft, tender: Tender) -> Attempt:
        """Return the attempt for the hold.

        Its check raises KnownError if the tender was declined too often, or too many payments of this desk
        were. A payment without a clear answer is no decline.
        """
        wanted = fingerprint(tender, self._key)
        return Attempt(wanted, lambda declines: self._check(declines, wanted, draft))

    def check_returned(self, tender: Tender, ledger: Ledger, warned: Collection[str]) -> None:
        """Raise ReturnedBefore if an earlier debit of this account came back in the last half year.

        ``warned`` are the fingerprints of accounts about which the person was warned, and goes on.
        """
        if not isinstance(tender, BankAccount):
            return
        ours = fingerprint(tender, self._key)
        found = ledger.returned_debits(self._clock.now() - REMEMBERED)
        debits = [one for one in found if one.fingerprint == ours]
        if debits and ours not in warned:
            last = debits[-1]
            raise words.returned_before(last, last.at.astimezone(self._zone), ours)

    def _check(self, declines: Sequence[Decline], wanted: str, draft: Draft) -> None:
        stop = reached(declines, wanted, self._desk, draft)
        if stop is None:
            return
        now = self._clock.now().astimezone(self._zone)
        # The time is shown to the minute, so the next full minute is the first that is surely late enough.
        until = (now + timedelta(seconds=stop.wait_s)).replace(second=0, microsecond=0) + timedelta(minutes=1)
        raise words.declined_too_often(draft.kind, stop, until, now)
