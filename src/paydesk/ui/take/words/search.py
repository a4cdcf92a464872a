"""Words of the search on the Take payment page, and of its results."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import TYPE_CHECKING

from paydesk.domain.invoices.search_terms import MatchedBy
from paydesk.domain.invoices.selection import Row
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import OFFERED, State
from paydesk.domain.typed.plain_texts import apart
from paydesk.domain.vendors import AGENCY_SYSTEM
from paydesk.services.ports.payment_words import STATES
from paydesk.ui.kit.format import count
from paydesk.ui.kit.words import moment
from paydesk.ui.take.words.selection import NOTHING_OWED, credit, invoices, row_status

if TYPE_CHECKING:
    from paydesk.services.ports.cache import OpenSums


# Search.
SEARCH_LABEL = "Name, policy, phone, number or am&ount"
SEARCH_SPOKEN = "Search by name, policy, phone, number or amount"
SEARCH_SAMPLE = "Enter any part"
SEARCH_HINT = (
    f"Searches customers loaded here and names in {AGENCY_SYSTEM.name}. Press Enter to open the first match."
)

INTO_RESULTS = "Go from the search into its results"

NOT_SEARCHED = ("Search customers and invoices", "Results appear as you type.")


def nothing_fits(text: str) -> tuple[str, str]:
    """Return the empty state after a search without a hit."""
    return (
        f"No matches for “{text}”",
        f"To search {AGENCY_SYSTEM.name}, use F2 (invoice) or F3 (customer + ZIP).",
    )


# Search: the answer of the agency system itself.
ASKING_BY_NAME = f"Searching {AGENCY_SYSTEM.name} for this name…"
FROM_AGENCY_SYSTEM = f"In {AGENCY_SYSTEM.name}, new to this desk"
NAME_SEARCH_FAILED = f"The search by name in {AGENCY_SYSTEM.name} failed."


def found_by_name(number: int, more: bool, doubtful: bool) -> str:
    """Return how the agency system answered a search by name."""
    system = AGENCY_SYSTEM.name
    if doubtful:
        return (
            f"{system} also sent other names, which aren't shown. A customer may be missing here: "
            "look up by number and ZIP (F3)."
        )
    if more:
        return f"{system} has more customers with that name. Enter more of the name."
    return f"{system} has {count(number, 'customer')} with that name."


def not_found_by_name(why: str) -> str:
    """Return the line after the agency system gave no answer. The desk's own hits stay."""
    return f"{why} Showing what this desk has loaded."


def invoice_hit(row: Row, zone: tzinfo, today: date) -> str:
    """Return the status cell of an invoice, such as ``Paid today 9:41 AM · R-000123``."""
    status = row.status
    if row.payable or status is None or row.invoice.balance < ZERO:
        return row_status(row, zone, today)
    if status.being_paid and status.state in OFFERED:
        return WAITING_BY_LINK
    if status.being_paid:
        return NO_CLEAR_ANSWER if status.state is State.UNKNOWN else f"Being paid at {apart(status.desk)}"
    if status.reversed:
        return row_status(row, zone, today)
    if status.to_reverse:
        event = STATES[status.state].removesuffix(" by bank")
        return f"{event} · reverse {status.receipt_number}"
    return f"Paid {moment(status.at, zone, today)} · {status.receipt_number}"


NO_CLEAR_ANSWER = "Not confirmed yet"
WAITING_BY_LINK = "Waiting for payment by link"
HITS_SPOKEN = "What was found"
HIT_COLUMNS = {
    "name": "Customer",
    "number": "Number",
    "invoice": "Invoice",
    "status": "Status",
    "balance": "Balance",
    "fits": "Matches",
}
MATCHED_BY = {
    MatchedBy.CUSTOMER_NUMBER: "Customer number",
    MatchedBy.INVOICE_NUMBER: "Invoice number",
    MatchedBy.NAME: "Name",
    MatchedBy.SIMILAR_NAME: "Similar name",
    MatchedBy.PHONE: "Phone",
    MatchedBy.POLICY: "Policy number",
    MatchedBy.AMOUNT: "Amount",
}


def balance(amount: Money) -> str:
    """Return the balance cell: ``1,250.00``, or ``Credit $125.50`` for one below zero."""
    return credit(-amount) if amount < ZERO else str(amount)


def customer_sums(sums: OpenSums, being_paid: int) -> str:
    """Return the status cell of a customer, such as ``2 invoices · 1 being paid · Credit $125.50``."""
    said = [invoices(sums.count)] if sums.count else []
    if being_paid:
        said.append(f"{being_paid} being paid")
    if sums.credits:
        said.append(credit(sums.credit) if sums.count else count(sums.credits, "credit"))
    return " · ".join(said) or NOTHING_OWED
