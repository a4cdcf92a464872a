"""The words of the Day end page and of its printed sheet."""

from __future__ import annotations

from typing import assert_never

from paydesk.domain.vendors import AGENCY_SYSTEM
from paydesk.domain.world import World, WorldKind
from paydesk.ui.kit.format import count

# The head of the page.
DAY = "&Date"
DAY_SPOKEN = "Date"
TODAY = "Today"
READ_AGAIN = "Refresh"
SAVE = "Save…"
PRINT = "Print"

# The notice above the totals.
PRINTING = "Printing…"
SAVING = "Saving…"
DAY_INCOMPLETE = "See Needs attention. The day isn't complete until everything is resolved."


def saved_as(name: str) -> str:
    return f"Saved as {name}."


def without_answer(payments: int) -> str:
    return f"{count(payments, 'unconfirmed payment')}: not in these totals."


# The total of the day.
TAKEN = "Total collected (incl. fees)"


def payments_taken(number: int) -> str:
    return f"{count(number, 'payment')} taken"


def payments_taken_and_submitted(number: int, submitted: int) -> str:
    return f"{payments_taken(number)}, {submitted} ACH not yet cleared"


# The totals by tender, on the page and on the sheet.
TOTALS = "Totals by payment method"
COLUMNS = {
    "tender": "Payment method",
    "count": "Payments",
    "lines": "Subtotal",
    "fee": "Technology fee",
    "total": "Total",
}
ALL_TENDERS = "All methods"


# The counts below the table.
def declined(number: int) -> str:
    return f"Declined: {number}"


def not_charged(number: int) -> str:
    return f"Not charged: {number}"


def no_clear_answer(number: int) -> str:
    return f"Unconfirmed: {number}"


def voided(number: int, total: str) -> str:
    return f"Voided (not included): {number}, {total}"


def went_back(number: int, total: str) -> str:
    return f"Went back on this day (not subtracted): {number}, {total}"


def charged_otherwise(number: int) -> str:
    return f"Amount mismatch: {number}"


# Ordinary work that is left: receipts that PayDesk cannot post.
SHOW_BY_HAND = "Show receipts"
NONE_BY_HAND = "There are no receipts to enter by hand."


def to_enter(number: int, sum_of: str) -> str:
    return f"Enter in {AGENCY_SYSTEM.name} by hand: {count(number, 'receipt')}, {sum_of} before fees."


# The foot of the page.
IMPORT = "Import invoices from a file…"

# The system's dialogs for a printer and for a file.
THE_DAY = "the day"
THE_PAYMENTS = "the day's payments"


def suggested_file(day: str) -> str:
    return f"Day end {day}.xlsx"


def sheet_file(day: str) -> str:
    """Return the name of the printed sheet in the printer's queue, and of a PDF made of it."""
    return f"Day end {day}.pdf"


# The printed sheet.
EACH_PAYMENT = "Each payment"
PAYMENT_COLUMNS = ("Time", "Status", "Receipt", "Customer", "Invoice/Ref.", "Method", "Total")
VOIDED = "Voided (not included)"
WENT_BACK = "Went back on this day (not subtracted)"
EACH_BACK = "Money that went back on this day"
BACK_COLUMNS = ("Time", "What", "Document", "Customer", "Invoice/Ref.", "Amount")
NO_AMOUNT = "–"
KEEP_THIS_SHEET = "Keep this sheet. If anyone changes an older payment later, this number proves it."
PRINTER_FAILED = "The printer reported an error."
PRINT_ELSEWHERE = "Choose another printer, or save the day as a file."


def world_mark(world: World) -> str:
    """Return what the day's payments mean in a world, or ``""`` if they are real."""
    match world.kind:
        case WorldKind.LIVE:
            return ""
        case WorldKind.TRAINING:
            return "TRAINING: no money moved"
        case WorldKind.TEST:
            return "TEST HOST: no money moved"
        case WorldKind.OTHER:
            return f"NOT LIVE: {world.host} – payments may not be real"
        case never:
            assert_never(never)


def payments_of(day: str) -> str:
    return f"Payments on {day}"


def anchor(digits: str) -> str:
    return f"Ledger anchor: {digits}"


def agency_and_count(agency: str, payments: int) -> str:
    return f"{agency}, {count(payments, 'payment')}"
