"""Charging what was owed at the last reading, while the agency system is away."""

from __future__ import annotations

from collections.abc import Sequence

from paydesk.domain.cached import CachedRule
from paydesk.domain.errors import KnownError
from paydesk.domain.invoice import Invoice
from paydesk.domain.payment import Draft
from paydesk.services.ports import Cache, Clock, InvoiceTaken


class CachedCharges:
    """The readings a charge rests on when there is no live answer."""

    def __init__(self, rule: CachedRule, cache: Cache, clock: Clock) -> None:
        self._rule = rule
        self._cache = cache
        self._clock = clock

    def readings(self, numbers: Sequence[str]) -> Sequence[Invoice]:
        """The newest kept reading of each of these invoices.

        Raises KnownError where the agency forbids it or a reading is too old, and InvoiceTaken
        for an invoice that is no longer kept; nothing was charged then.
        """
        readings = [self._reading(number) for number in numbers]
        now = self._clock.now()
        for reading in readings:
            why = self._rule.refusal(reading.read_at, now)
            if why:
                raise KnownError(why, "Nothing was charged. Wait until AMS360 answers, or use AMS360 itself.")
        return readings

    def _reading(self, number: str) -> Invoice:
        found = self._cache.invoice(number)
        if found is None:
            raise InvoiceTaken(f"Invoice {number} is not kept any more.", "Nothing was charged.")
        return found


def agreement(draft: Draft, readings: Sequence[Invoice]) -> dict[str, str]:
    """The desk's yes, as the ledger keeps it: every amount, and the reading it rests on."""
    lines = {line.invoice_number: line.amount for line in draft.lines}
    return {
        f"invoice {reading.number}": f"{lines[reading.number]} of {reading.balance} as of "
        f"{reading.read_at:%Y-%m-%d %H:%M:%S} UTC"
        for reading in readings
    }
