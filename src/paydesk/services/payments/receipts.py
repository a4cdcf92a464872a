"""Make the receipt of an approved payment, and print recorded receipts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paydesk.domain.consent import Agency
from paydesk.domain.errors import BugError
from paydesk.domain.invoices.phone import in_groups
from paydesk.domain.money import ZERO
from paydesk.domain.payment import Payment
from paydesk.domain.receipt import (
    AnytimeReference,
    ConsentNote,
    Paper,
    Receipt,
    ReceiptKind,
    ReceiptLine,
)
from paydesk.domain.world import World
from paydesk.services.ports.ledger import Ledger

Render = Callable[[Receipt, Paper, int], bytes]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The part that all receipts of this agency share. ``time_zone`` is an IANA name."""

    agency: Agency
    time_zone: str
    refund_line: str
    world: World

    def receipt_for(self, payment: Payment) -> Receipt:
        """Return the receipt of an approved payment. It shows the charged amount, not the quoted one."""
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
            tender=draft.kind,
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
            world=self.world,
        )


class Receipts:
    """Prints recorded receipts. A reprint is a marked and counted copy."""

    def __init__(self, ledger: Ledger, render: Render) -> None:
        self._ledger = ledger
        self._render = render

    def pdf(
        self, payment_id: int, paper: Paper, *, reprint: bool, kind: ReceiptKind = ReceiptKind.PAYMENT
    ) -> bytes:
        """Return the receipt, or that of the void, as PDF: the original, or with ``reprint`` the next COPY.

        Raises KnownError if the payment has none.
        """
        receipt = self._ledger.receipt(payment_id, kind)
        copy_number = self._ledger.count_copy(payment_id, kind) if reprint else 0
        return self._render(receipt, paper, copy_number)

    def refund_pdf(self, refund_id: int, paper: Paper, *, reprint: bool) -> bytes:
        """Return the receipt of a refund as PDF, as ``pdf`` does. Raises KnownError if it has none."""
        receipt = self._ledger.refund_receipt(refund_id)
        copy_number = self._ledger.count_refund_copy(refund_id) if reprint else 0
        return self._render(receipt, paper, copy_number)
