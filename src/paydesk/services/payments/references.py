"""References of payments: the titles of their intents and links, and the payment that a charge belongs to."""

from __future__ import annotations

import re
import secrets

from paydesk.domain.outcome import Charge
from paydesk.domain.payment import Draft, Payment
from paydesk.services.ports.ledger import Ledger
from paydesk.services.ports.processor import ChargeRequest

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TITLE = re.compile(f"(PD[{_ALPHABET}]{{18}})-[0-9]+")


def new_reference() -> str:
    """Return a payment reference never used before: PD and 90 random bits, without any clock."""
    return "PD" + "".join(_ALPHABET[byte % 32] for byte in secrets.token_bytes(18))


def reference_in(title: str) -> str:
    """Return the payment reference in an intent's title, or ``""`` if the intent is not ours."""
    found = _TITLE.fullmatch(title)
    return found[1] if found else ""


def payment_of(ledger: Ledger, charge: Charge) -> Payment | None:
    """Return the payment whose title or payment link a listed charge carries, or None."""
    reference = reference_in(charge.reference)
    found = ledger.find(reference) if reference else None
    if found is None and charge.link_id:
        return ledger.find_offered(charge.link_id)
    return found


def charge_request(payment: Payment, title: str = "") -> ChargeRequest:
    """Return the charge request of a payment. Charging needs a new ``title``, later questions use its own."""
    return ChargeRequest(
        title or payment.intent_title,
        payment.reference,
        payment.draft,
        _description(payment.draft),
        payment.offer_kind,
    )


def _description(draft: Draft) -> str:
    if draft.invoice_numbers:
        word = "Invoice" if len(draft.invoice_numbers) == 1 else "Invoices"
        return f"{word} {', '.join(draft.invoice_numbers)}"
    return f"Payment {draft.reference_value}".strip()
