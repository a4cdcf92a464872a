"""The sentences about postings and deposit files that screens show.

An error is ready to raise. A plain text is the reason of a posting's state, which the outbox keeps.
"""

from __future__ import annotations

from pathlib import Path

from paydesk import COMMAND
from paydesk.config.files import reason
from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.services.ports.payment_words import STATES

# ---- reasons --------------------------------------------------------------------------------

NO_CUSTOMER = f"There is no {AGENCY_SYSTEM.name} customer on this payment."
PARTLY_REFUNDED = "Part of this payment was refunded before it was posted. Only the rest must be entered."
STOPPED_BEFORE_THE_ANSWER = f"The desk that posted this stopped before {AGENCY_SYSTEM.name} answered."


def failed_waiting(error: Exception) -> str:
    """Return the reason of a posting that a bug of ours left without its answer."""
    return f"PayDesk failed while waiting for the answer ({type(error).__name__})."


def nothing_to_post(state: State) -> str:
    """Return the reason to withdraw the posting of a payment in this state."""
    return f"The payment is {STATES[state].lower()}: there is nothing to post."


def charged_less(charged: Money, subtotal: Money) -> str:
    """Return the reason against a receipt of more than was charged."""
    return (
        f"{PROCESSOR.name} charged {charged.shown}, less than the invoices' {subtotal.shown}: "
        "enter what was actually paid."
    )


def owes_less(number: str, owed: Money, paid: Money) -> str:
    """Return the reason against a receipt that pays more than its invoice owes."""
    return (
        f"{AGENCY_SYSTEM.name} shows {owed.shown} owed on invoice {number}, less than the {paid.shown} paid. "
        "This receipt may have been entered by hand."
    )


# ---- errors of postings ---------------------------------------------------------------------


def not_there(number: str) -> KnownError:
    """Return the error for an invoice that the agency system does not know."""
    system = AGENCY_SYSTEM.name
    return KnownError(f"Invoice {number} is not in {system}.", f"Check {system} to see what happened to it.")


def not_again_now() -> KnownError:
    """Return the error for a posting that must not be sent again."""
    system = AGENCY_SYSTEM.name
    return KnownError(
        "This receipt can't be posted again now.",
        f"Check {system}. If the receipt is there, press Mark as entered.",
    )


def balances_changed() -> KnownError:
    """Return the error for balances that prove neither that a posting arrived nor that it did not."""
    system = AGENCY_SYSTEM.name
    return KnownError(
        "The balances have changed, but not by this payment.",
        f"Check {system}. If the receipt is there, press Mark as entered.",
    )


# ---- errors of deposit files ----------------------------------------------------------------


def not_by_file() -> KnownError:
    """Return the error for a deposit file at an agency that posts by another channel."""
    return KnownError(
        "This agency does not use deposit files.",
        "Ask your administrator.",
        'Set channel = "file" under [posting] in the settings if they should.',
    )


def none_waits() -> KnownError:
    """Return the error for a deposit file without receipts."""
    return KnownError("No receipt is waiting for a deposit file.", "There is nothing to write.")


def just_written() -> KnownError:
    """Return the error for receipts that another desk has put into its file meanwhile."""
    return KnownError("Another desk just wrote these receipts.", "Look for its file.")


def not_written(path: Path, deposit: str, error: OSError) -> KnownError:
    """Return the error for a deposit file that cannot be written."""
    return KnownError(
        f"The deposit file {path} couldn't be written: {reason(error)}.",
        "Its receipts are saved. Close the file in other programs, "
        f"or write {deposit} again into another folder.",
    )


def other_deposit(path: Path, deposit: str) -> KnownError:
    """Return the error for a file of that name with other receipts, such as another ledger's deposit."""
    return KnownError(
        f"The file {path} is there already, with other receipts.",
        "Ask your administrator to import it or move it away.",
        f"Import it or move it away. Then write {deposit} again: {COMMAND} deposit --again {deposit}",
    )


def no_deposit(deposit: str) -> KnownError:
    """Return the error for an unknown deposit number."""
    return KnownError(f"There is no deposit {deposit}.", "Its number looks like D-0001.")
