"""Compare the customer number that a payer gave with the account, without revealing the account's name."""

from __future__ import annotations

from enum import Enum, auto

from paydesk.domain.invoices.invoice import Customer
from paydesk.domain.invoices.search_terms import words_in


class CustomerCheck(Enum):
    """The answer about the customer number of a payment without an invoice."""

    KNOWN = auto()
    OTHER_NAME = auto()
    """The account's name and the payer's have no word in common."""
    UNKNOWN = auto()
    """There is no such customer."""


def compare(customer: Customer | None, payer: str) -> CustomerCheck:
    """Compare the account with the payer's name. One common word of two letters is enough."""
    if customer is None:
        return CustomerCheck.UNKNOWN
    common = {word for word in words_in(payer) if len(word) > 1} & set(words_in(customer.name))
    return CustomerCheck.KNOWN if common else CustomerCheck.OTHER_NAME
