"""The rights of the person at the desk. The services ask for each before they begin."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

from paydesk.domain.payment import Draft


class Right(StrEnum):
    """One permission. The words complete "You may not ..."."""

    TAKE_PAYMENT = "take payments"
    PART_PAYMENT = "take a part of an invoice"
    ANYTIME_PAYMENT = "take payments without an invoice"
    CACHED_PAYMENT = "take payments on stored balances"
    OFFER = "offer payments by link or page"
    VOID = "void payments"
    REFUND = "refund payments"
    ACKNOWLEDGE = "acknowledge differences"
    POST = "say what is entered in the agency system"
    DEPOSIT = "write or confirm deposit files"
    IMPORT = "import invoices"
    FORGET = "remove a customer's stored data"


def needed_for(draft: Draft) -> Iterator[Right]:
    """Yield the rights that taking this payment needs."""
    yield Right.TAKE_PAYMENT
    if not draft.invoice_numbers:
        yield Right.ANYTIME_PAYMENT
    if any(line.owed is not None and line.amount < line.owed for line in draft.lines):
        yield Right.PART_PAYMENT
    if draft.from_cache:
        yield Right.CACHED_PAYMENT


class Rights(Protocol):
    """Knows who is at the desk, and what that person may do."""

    def require(self, right: Right) -> None:
        """Raise KnownError if the person lacks the right."""
        ...


class Everyone:
    """Grants every right. Nobody signs in at this desk yet, so it cannot tell one person from another."""

    def require(self, right: Right) -> None:
        """Grant it."""


EVERYONE = Everyone()
