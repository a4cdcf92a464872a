"""Charge cached balances while the agency system is unreachable."""

from __future__ import annotations

from collections.abc import Sequence

from paydesk.domain.invoices.freshness import CachedRule
from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.payment import Draft
from paydesk.services.invoices import words
from paydesk.services.ports.cache import Cache
from paydesk.services.ports.clock import Clock


class CachedCharges:
    """The readings for a charge without a live answer."""

    def __init__(self, rule: CachedRule, cache: Cache, clock: Clock) -> None:
        self._rule = rule
        self._cache = cache
        self._clock = clock

    def readings(self, numbers: Sequence[str]) -> Sequence[Invoice]:
        """Return the newest cached reading of each of these invoices.

        Raises KnownError if the agency forbids it or a reading is too old, and InvoiceTaken if an invoice is
        no longer cached. Nothing was charged then.
        """
        readings = [self._reading(number) for number in numbers]
        now = self._clock.now()
        for reading in readings:
            why = self._rule.refusal(reading.read_at, now)
            if why:
                raise words.not_from_cache(why)
        return readings

    def _reading(self, number: str) -> Invoice:
        found = self._cache.invoice(number)
        if found is None:
            raise words.not_cached(number)
        return found


def agreement(draft: Draft, readings: Sequence[Invoice]) -> dict[str, str]:
    """Return the clerk's yes as the ledger keeps it: every amount, and the reading it was based on."""
    lines = {line.invoice_number: line.amount for line in draft.lines}
    return {
        f"invoice {reading.number}": f"{lines[reading.number]} of {reading.balance} as of "
        f"{reading.read_at:%Y-%m-%d %H:%M:%S} UTC"
        for reading in readings
    }
