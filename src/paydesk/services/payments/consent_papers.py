"""Print the papers that prove a consent: the form before a debit, and what is kept with the payment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paydesk.domain.consent import Consent, Proof
from paydesk.domain.events import EventKind
from paydesk.domain.payment import Payment
from paydesk.services.payments import words
from paydesk.services.ports.ledger import Ledger

RenderConsent = Callable[[Consent, str, int], bytes]
"""Draws the paper of a consent, with a receipt's number or ``""``, and the number of the copy."""


@dataclass(frozen=True, slots=True)
class ConsentPapers:
    """Prints consents. The ledger keeps each with its payment, and a reprint is a marked copy."""

    ledger: Ledger
    render: RenderConsent

    def form(self, consent: Consent) -> bytes:
        """Return the form to sign, before there is a payment."""
        return self.render(consent, "", 0)

    def pdf(self, payment: Payment, *, reprint: bool) -> bytes:
        """Return the paper kept with a payment: as it first printed, or with ``reprint`` the next copy.

        Raises KnownError if the payment has none.
        """
        consent = payment.draft.consent
        if consent is None or consent.paper is None:
            raise words.no_consent_paper()
        signed = consent.proof is Proof.SIGNED_FORM
        copy_number = self._printed(payment) + signed if reprint else 0
        return self.render(consent, "" if signed else payment.receipt_number, copy_number)

    def was_printed(self, payment: Payment) -> bool:
        """Return True if the paper was printed: a form always was, before its payment."""
        consent = payment.draft.consent
        return consent is not None and (consent.proof is Proof.SIGNED_FORM or self._printed(payment) > 0)

    def note_printed(self, payment: Payment) -> None:
        """Record that the paper was printed or saved."""
        self.ledger.note(payment.id, EventKind.CONSENT_PRINTED, {})

    def _printed(self, payment: Payment) -> int:
        events = self.ledger.events(payment.id)
        return sum(event.kind is EventKind.CONSENT_PRINTED for event in events)


def paper_of(payment: Payment) -> Proof | None:
    """Return the kind of proof whose paper a payment keeps, or None."""
    consent = payment.draft.consent
    return consent.proof if consent is not None and consent.paper is not None else None
