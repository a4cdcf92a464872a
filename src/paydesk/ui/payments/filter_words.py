"""The words of the filters above the payments, and of their list when nothing passes."""

from __future__ import annotations

from paydesk.domain.dates import short_date
from paydesk.domain.typed.days import Days
from paydesk.domain.typed.payment_filter import Status
from paydesk.domain.vendors import AGENCY_SYSTEM

FILTERS = "Filters"
TODAY = "Today"
THIS_WEEK = "This week"
DATES = "Dates…"
STATUS = "Status"
METHOD = "Method"
PERSON = "Taken by"
POSTING = AGENCY_SYSTEM.name
CLEAR = "Clear filters"

ANY_STATUS = "Any status"
STATUSES = {
    Status.APPROVED: "Approved",
    Status.SUBMITTED: "Submitted",
    Status.SETTLED: "Settled",
    Status.OFFERED: "Waiting for payment",
    Status.DECLINED: "Declined",
    Status.UNCLEAR: "Unconfirmed",
    Status.NOT_CHARGED: "Not charged",
    Status.LATE: "Late charge",
    Status.VOIDING: "Void pending",
    Status.VOIDED: "Voided",
    Status.REFUNDED: "Refunded",
    Status.RETURNED: "Returned by bank",
    Status.CHARGED_BACK: "Charged back",
}
ANY_METHOD = "Any method"
ANYBODY = "Anyone"
POSTED_OR_NOT = "Posted or not"
POSTED = {True: "Posted", False: "Not posted"}


def between(days: Days) -> str:
    """Return ``Nov 3, 2026`` or ``Nov 3, 2026 – Nov 28, 2026``."""
    first = short_date(days.first)
    return first if days.first == days.last else f"{first} – {short_date(days.last)}"


def only_customer(name: str) -> str:
    """Return the button that shows, and ends, the list of one customer."""
    return f"{name if len(name) <= 32 else name[:31] + '…'}  ✕"


def spoken(text: str, *, on: bool) -> str:
    """Return a filter's name for screen readers."""
    plain = text.removesuffix("  ✕")
    return f"{plain}, filter on" if on else f"{plain}, filter"


# The dialog for other days.
DATES_TITLE = "Show payments from these days"
FROM, TO = "&From", "&To"
FROM_SPOKEN, TO_SPOKEN = "From", "To"
SHOW_DAYS = "Show"
CANCEL = "Cancel"
TO_IS_BEFORE = "The last day is before the first."

# The list without payments.
NO_MATCH = ("No payments match.", "Check the spelling, or clear the search and filters.")
NO_PAYMENTS = ("No payments yet.", "Payments taken at any desk are listed here.")
SHOW_ALL = "Show all payments"
