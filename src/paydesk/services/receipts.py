"""From an approved payment to its receipt, and from the ledger's receipt to paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paydesk.domain.errors import BugError
from paydesk.domain.money import ZERO
from paydesk.domain.payment import Payment
from paydesk.domain.phone import in_groups
from paydesk.domain.receipt import (
    BANK_ACCOUNT,
    CREDIT_CARD,
    DEBIT_CARD,
    Agency,
    AnytimeReference,
    ConsentNote,
    Paper,
    Receipt,
    ReceiptKind,
    ReceiptLine,
)
from paydesk.domain.tender import TenderKind
from paydesk.services.ports import Ledger

Render = Callable[[Receipt, Paper, int], bytes]

TENDER_WORDS = {
    TenderKind.CREDIT_CARD: CREDIT_CARD,
    TenderKind.DEBIT_CARD: DEBIT_CARD,
    TenderKind.ACH: BANK_ACCOUNT,
}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every receipt of this agency carries; ``time_zone`` an IANA name."""

    agency: Agency
    time_zone: str
    refund_line: str
    training: bool

    def receipt_for(self, payment: Payment) -> Receipt:
        """The receipt of an approved payment: what was really charged, not what was quoted."""
        if payment.charged is None or payment.decided_at is None or not payment.receipt_number:
            raise BugError(f"payment {payment.id} is not approved")
        draft = payment.draft
        fee = max(payment.charged - draft.quote.subtotal, ZERO)
        contact = " · ".join(part for part in (in_groups(draft.payer.phone), draft.payer.email) if part)
        return Receipt(
            number=payment.receipt_number,
            kind=ReceiptKind.PAYMENT,
            reference=payment.reference,
            taken_at=payment.decided_at,
            time_zone=self.time_zone,
            agency=self.agency,
            payer_name=draft.payer.name,
            payer_contact=contact,
            lines=tuple(
                ReceiptLine(
                    invoice_number=line.invoice_number,
                    amount=line.amount,
                    customer_name=draft.payer.customer_name,
                    customer_number=draft.payer.customer_number,
                    policy_number=line.policy_number,
                    insurer=line.insurer,
                    description=line.description,
                    owed=line.owed if line.owed is not None and line.amount < line.owed else None,
                )
                for line in draft.lines
            ),
            subtotal=draft.quote.subtotal,
            fee=fee,
            total=draft.quote.subtotal + fee,
            tender=TENDER_WORDS[draft.kind],
            brand=payment.brand,
            last4=payment.last4,
            authorization_code=payment.authorization_code,
            taken_by=payment.user,
            desk=payment.desk,
            channel=draft.channel,
            refund_line=self.refund_line,
            anytime_reference=AnytimeReference(draft.reference_kind.value, draft.reference_value)
            if draft.reference_kind
            else None,
            consent=ConsentNote(draft.consent.sentence, draft.consent.given_at) if draft.consent else None,
            training=self.training,
        )


class Receipts:
    """Prints what the ledger holds; a reprint is a marked and counted copy."""

    def __init__(self, ledger: Ledger, render: Render) -> None:
        self._ledger = ledger
        self._render = render

    def pdf(
        self, payment_id: int, paper: Paper, *, reprint: bool, kind: ReceiptKind = ReceiptKind.PAYMENT
    ) -> bytes:
        """The receipt as PDF, or that of the void: the original, or with ``reprint`` the next COPY.

        Raises KnownError for a payment without one.
        """
        receipt = self._ledger.receipt(payment_id, kind)
        copy_number = self._ledger.count_copy(payment_id, kind) if reprint else 0
        return self._render(receipt, paper, copy_number)
