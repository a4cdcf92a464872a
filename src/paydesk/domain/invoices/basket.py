"""The lines and the payer of a payment, before a tender is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from paydesk.domain.consent import Channel, Consent
from paydesk.domain.money import Money, total
from paydesk.domain.payment import Draft, Payer, PaymentLine, ReferenceKind
from paydesk.domain.quote import Quote


@dataclass(frozen=True, slots=True)
class Basket:
    """The lines and the payer of one payment. A quote and a channel make it a draft.

    ``zip_code`` is the customer's own, offered as the card's billing ZIP.
    """

    lines: tuple[PaymentLine, ...]
    payer: Payer
    zip_code: str = ""
    reference_kind: ReferenceKind | None = None
    reference_value: str = ""
    from_cache: bool = False
    """True if the balances come from the cache and the clerk agreed to charge them."""

    @property
    def subtotal(self) -> Money:
        """The sum, before any fee."""
        return total(line.amount for line in self.lines)

    def draft(self, quote: Quote, channel: Channel, consent: Consent | None = None) -> Draft:
        """Return the payment as it will be held. Raises BugError if the quote is for another sum."""
        return Draft(
            lines=self.lines,
            payer=self.payer,
            quote=quote,
            channel=channel,
            reference_kind=self.reference_kind,
            reference_value=self.reference_value,
            consent=consent,
            from_cache=self.from_cache,
        )
