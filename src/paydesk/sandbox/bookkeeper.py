"""The training agency's bookkeeper, who reverses receipts in AMS360.

At a real agency a person does this after a void. On a training desk there is nobody in AMS360.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from paydesk.sandbox.ams360.agency import Agency
from paydesk.sandbox.ams360.receipts import Posted
from paydesk.sandbox.anddone.books import Charge

_WENT_BACK: Final = frozenset({"Cancelled", "Returned", "Chargeback"})
"""Statuses of a charge that was voided, returned or disputed."""


def reverse_receipts(agency: Agency, posted: Posted, charges: Iterable[Charge]) -> None:
    """Reverse each receipt whose charge went back, so that its invoices are open again.

    A receipt's description has PayDesk's reference. A charge has it with the number of the attempt, as in
    ``PD52K2EHXWWVWTF3QRQ4-1``.
    """
    gone = [charge.reference.partition("-")[0] for charge in charges if _went_back(charge)]
    for receipt in list(posted.receipts):
        if any(reference in receipt.description for reference in gone):
            posted.receipts.remove(receipt)
            for number, part in receipt.applied:
                if number is not None:
                    agency.invoices[number].applied -= part


def _went_back(charge: Charge) -> bool:
    """Return True if nothing of the charge is left. A refund counts once it is done, since it may fail."""
    refunded = charge.status == "Refunded" and all(made.status == "Success" for made in charge.refunds)
    return bool(charge.reference) and (refunded or charge.status in _WENT_BACK)
