"""Acknowledge differences between quote and charge. A person accepts them with a reason, which ends them."""

from __future__ import annotations

from collections.abc import Sequence

from paydesk.domain.payment import Difference, Payment
from paydesk.services.payments.reasons import checked_reason
from paydesk.services.ports.ledger import Ledger
from paydesk.services.ports.rights import EVERYONE, Right, Rights


def acknowledge(
    ledger: Ledger, payments: Sequence[Payment], why: str, rights: Rights = EVERYONE
) -> Sequence[Payment]:
    """Record that a person accepts these differences.

    Raises KnownError without the right or a usable reason.
    """
    rights.require(Right.ACKNOWLEDGE)
    return ledger.acknowledge([payment.id for payment in payments], checked_reason(why))


def acknowledged_with(payment: Payment, listed: Sequence[Payment]) -> Sequence[Payment]:
    """Return the listed payments that one acknowledgement covers: all of one cent, or this one alone."""
    if payment.difference is not Difference.ROUNDING:
        return (payment,)
    return [one for one in listed if one.difference is Difference.ROUNDING]
