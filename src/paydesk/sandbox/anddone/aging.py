"""The life of a charge and of its refunds after they were made: batch, settlement, return."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from paydesk.sandbox.anddone.books import Books, Charge, Refund
from paydesk.sandbox.anddone.habits import Habit, Habits
from paydesk.sandbox.server.clock import business_days_later, next_batch

SETTLES_AFTER_DAYS: Final = 2
"""Business days from the batch to Success, or to the return of an ACH entry that comes back."""


def aged(books: Books, habits: Habits, charge: Charge, now: datetime) -> Charge:
    """Apply the effects of the batch and of the days since."""
    if charge.status in ("Authorized", "PendingForAuthorized", "Reprocessed") and now >= charge.batch_at:
        charge.move("Captured")
        charge.settled_at = charge.batch_at
    final = business_days_later(charge.batch_at, SETTLES_AFTER_DAYS)
    if charge.status == "Captured" and now >= final:
        code = charge.outcome.returns_later
        if code and charge.back_code is None:
            send_back(books, habits, charge, code, final)
        else:
            charge.move("Success")
    for refund in charge.refunds:
        _age_refund(charge, refund, now)
    return charge


def send_back(books: Books, habits: Habits, charge: Charge, code: str, at: datetime) -> None:
    """Return an ACH entry. By a habit, its link can then be paid again."""
    charge.move("Chargeback" if Habit.RETURN_AS_CHARGEBACK in habits else "Returned")
    charge.closed_at, charge.back_code, charge.charged_back = at, code, charge.total
    link = books.links.get(charge.link_id or "")
    if link is not None and link.status == "paid" and Habit.RETURN_REOPENS_LINK in habits:
        link.status = "pending"


def _age_refund(charge: Charge, refund: Refund, now: datetime) -> None:
    batch_at = next_batch(refund.made_at)
    if refund.status == "PendingForAuthorized" and now >= batch_at:
        refund.status = "Authorized"
    final = business_days_later(batch_at, SETTLES_AFTER_DAYS)
    if refund.status == "Authorized" and now >= final:
        refund.status, refund.settled_at = "Success", final
        if charge.status == "RefundAttempt":
            charge.move("Refunded")
