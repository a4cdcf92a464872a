"""The sentences about lookups, imports and the cache that screens show.

A pair is a sentence and its next step, for an error whose class belongs to one use case.
"""

from __future__ import annotations

from paydesk.domain.errors import KnownError
from paydesk.domain.vendors import AGENCY_SYSTEM
from paydesk.services.ports.agency import CannotSearch
from paydesk.services.ports.ledger import InvoiceTaken

# ---- lookup ---------------------------------------------------------------------------------

NOT_AN_INVOICE_NUMBER = ("That isn't an invoice number.", "Enter its digits, for example 50123.")
NOT_A_CUSTOMER_NUMBER = ("That isn't a customer number.", "Enter its digits, for example 1001.")
# The words are the same if the number is wrong or the ZIP: nothing about the customer is revealed.
NO_MATCH = (
    "Customer number and ZIP don't match.",
    "Ask for both again, or look up an invoice number (F2).",
)
ZIP_NEEDED = ("Enter the customer's ZIP, too.", "Ask the customer for it.")
"""Said of an unknown number, too, so that it reveals nothing."""
NO_ZIP = (
    "This customer has no ZIP on file.",
    "Ask for the name or phone number on the account, and enter it.",
)
NO_SECOND_MATCH = (
    "That doesn't match this customer.",
    "Ask for the phone number, or for the name exactly as it is on the account.",
)


def no_invoice(number: str) -> tuple[str, str]:
    """Return the pair for an invoice that the agency system does not know."""
    return (
        f"There is no invoice {number} in {AGENCY_SYSTEM.name}.",
        "Check the number, or look up the customer by number and ZIP (F3).",
    )


def not_imported(number: str) -> tuple[str, str]:
    """Return the pair for an invoice that the imported list lacks, or of which it had no readable row."""
    return (
        f"Invoice {number} isn't in the imported list.",
        "Check the number, or import the newest list (Ctrl+I).",
    )


def card_number() -> KnownError:
    """Return the error for a card number in a field for another number."""
    return KnownError(
        "That looks like a card number.",
        "It was not searched or saved. Enter card numbers only in the payment window (F9).",
    )


# ---- search ---------------------------------------------------------------------------------


def no_name_search() -> CannotSearch:
    """Return the error of a source that has no search by name: files, and the WSAPI beside them."""
    return CannotSearch(
        f"{AGENCY_SYSTEM.name} can't be searched by name here: this agency imports its invoices from files.",
        "Search finds what the last file has.",
    )


# ---- the cache ------------------------------------------------------------------------------


def not_from_cache(why: str) -> KnownError:
    """Return the error for cached readings that may not be charged. ``why`` is the rule's sentence."""
    system = AGENCY_SYSTEM.name
    return KnownError(why, f"Wait until {system} answers, or use {system} itself.")


def not_cached(number: str) -> InvoiceTaken:
    """Return the error for an invoice that has left the cache."""
    return InvoiceTaken(f"Invoice {number} is no longer saved here.", "Start the lookup again.")


# ---- refresh --------------------------------------------------------------------------------

CLOSING = "PayDesk is closing."


def customer_gone() -> KnownError:
    """Return the error for a customer that the agency system has removed."""
    return KnownError(f"{AGENCY_SYSTEM.name} no longer shows this customer.", "Look the customer up again.")


def contradiction() -> KnownError:
    """Return the error for two answers of the agency system that exclude each other."""
    return KnownError(
        f"{AGENCY_SYSTEM.name} shows an invoice as open, but its customer as owing nothing.",
        "Look the customer up again.",
    )
