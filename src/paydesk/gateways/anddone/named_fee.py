"""The fee that an answer names beside ``captureAmount``, for a tenant that is known to tell it there.

AndDone does not publish if ``captureAmount`` includes the fee. ``paydesk doctor --anddone`` finds it out, and
the setting ``anddone.fee_in_adjustment`` says so. Without the setting such a fee counts as not told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Canceled, Charge, Declined, NoCharge, NotSent, Unclear

Found = TypeVar("Found", bound=Approved | Declined | Unclear | NotSent | NoCharge | Canceled)


def in_finding(found: Found, subtotal: Money) -> Found:
    """Return an approval with the fee that it names. Every other finding stays as it is."""
    match found:
        case Approved(fee=None, named_fee=Money() as named):
            return replace(found, fee=named, named_fee=None, charged=subtotal + named)
        case Canceled(approved=approved):
            return replace(found, approved=in_finding(approved, subtotal))
        case _:
            return found


def in_charge(charge: Charge) -> Charge:
    """Return a row of the list with the fee that it names."""
    if charge.fee is not None or charge.named_fee is None or charge.subtotal is None:
        return charge
    total = charge.subtotal + charge.named_fee
    return replace(charge, fee=charge.named_fee, named_fee=None, charged=total)
