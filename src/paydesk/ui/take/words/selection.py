"""Words of an answer on the Take payment page: the customer, and the table of invoices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo
from typing import assert_never

from paydesk.domain.invoices.invoice import Due, DueStatus, due_status
from paydesk.domain.invoices.selection import Group, InvoiceStatus, Row
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.payment import OFFERED, State
from paydesk.domain.typed.plain_texts import apart
from paydesk.domain.vendors import AGENCY_SYSTEM
from paydesk.services.ports.payment_words import STATES
from paydesk.ui.kit.format import count, day, dollars
from paydesk.ui.kit.words import ending, moment, short_tender

Pair = tuple[str, str]


def invoices(number: int) -> str:
    return count(number, "invoice")


def credit(amount: Money) -> str:
    """Return ``Credit $125.50`` for a credit of that positive amount. A credit is never called owed."""
    return f"Credit {dollars(amount)}"


# The answer: its head, and the age of the figures.
TICK_ALL = "Select all"
TICK_OVERDUE = "Select overdue"
AGE_CHECKING = f", checking {AGENCY_SYSTEM.name}…"
AGE_NO_ANSWER = f", {AGENCY_SYSTEM.name} didn't answer"


def customer(number: str) -> str:
    """Return the line below the customer's name."""
    return f"Customer {number}"


def tick_all(number: int, *, all_ticked: bool) -> str:
    """Return the button that selects all of a number of invoices, or clears them."""
    return f"{'Clear' if all_ticked else 'Select'} all {number}"


def tick_overdue(number: int) -> str:
    """Return the button that selects the overdue invoices."""
    return f"Select {number} overdue"


CUSTOMER_HISTORY = "This customer's payments"
TOTAL_DUE = "Total due"
TOTAL_OVERDUE = "Overdue"
TOTAL_BEING_PAID = "Being paid"

# The answer: the table of invoices, and the lines above its groups.
GROUPS = {
    Group.OVERDUE: "Overdue",
    Group.DUE: "Due",
    Group.CREDITS: "Credits",
    Group.NOT_PAYABLE: "Paid or being paid",
}


def group(of: Group, number: int) -> str:
    """Return ``Overdue · 3`` for a group of three invoices."""
    return f"{GROUPS[of]} · {number:,}"


def group_sum(of: Group, amount: Money) -> str:
    """Return the sum of a group at its right end. What is paid has none."""
    return "" if of is Group.NOT_PAYABLE else dollars(amount)


INVOICES_SPOKEN = "Invoices"
INVOICE_COLUMNS = {
    "tick": "",
    "invoice": "Invoice",
    "invoiced": "Invoiced",
    "due": "Due",
    "status": "Due status",
    "description": "Description",
    "policy": "Policy",
    "amount": "Amount",
    "balance": "Balance",
    "pay": "Pay",
}
TICKED_SPOKEN = "selected"
NOT_TICKED_SPOKEN = "not selected"
CANNOT_BE_TICKED_SPOKEN = "can't be selected"
NOTHING_OWED = "Nothing owed"
NOT_TICKED_ANY_MORE = "The invoice is no longer selected."


def part_refused(part: Money, row: Row) -> Pair:
    """Return why a partial amount cannot be paid on an invoice."""
    return (
        f"{dollars(part)} can't be paid on invoice {row.invoice.number}.",
        f"Enter an amount from $0.01 to {dollars(row.owed)}.",
    )


def due(status: DueStatus) -> str:
    """Return a text such as ``Overdue 23 days``. It says in words what color and icon say."""
    match status.due:
        case Due.OVERDUE:
            return f"Overdue {count(status.days, 'day')}"
        case Due.TODAY:
            return "Due today"
        case Due.LATER:
            return f"Due in {count(status.days, 'day')}"
        case Due.NO_DATE:
            return "No due date"
        case Due.NOTHING_OWED:
            return NOTHING_OWED
        case Due.CREDIT:
            return "Credit"
        case never:
            assert_never(never)


def invoice_status(of: InvoiceStatus, zone: tzinfo, today: date) -> str:
    """Return ``Paid today 9:41 AM by Dana at Front-1, receipt R-000123``, or who is paying it now."""
    at = moment(of.at, zone, today)
    if of.being_paid and of.state is State.UNKNOWN:
        return f"Sent {at} by {apart(of.user)} at {apart(of.desk)}, not confirmed yet"
    if of.being_paid and of.state in OFFERED:
        return waiting_at_address(of, zone, today)
    if of.being_paid:
        return f"Being paid at {apart(of.desk)}"
    if of.reversed:
        return f"{STATES[of.state]}, but {AGENCY_SYSTEM.name} shows nothing owed"
    if of.to_reverse:
        return f"{STATES[of.state]}; reverse receipt {of.receipt_number} in {AGENCY_SYSTEM.name}"
    receipt = f", receipt {of.receipt_number}" if of.receipt_number else ""
    return f"Paid {at}{_with_means(of)} by {apart(of.user)} at {apart(of.desk)}{receipt}"


def waiting_at_address(of: InvoiceStatus, zone: tzinfo, today: date) -> str:
    """Return ``Waiting for payment by link until 3:40 PM, sent by Dana at Front-1``."""
    sender = f"{apart(of.user)} at {apart(of.desk)}"
    if of.state is State.CLOSING:
        return f"The payment link from {sender} is being taken back"
    until = "" if of.until is None else f" until {moment(of.until, zone, today)}"
    return f"Waiting for payment by link{until}, from {sender}"


def _with_means(of: InvoiceStatus) -> str:
    if not of.last4:
        return ""
    means = of.brand or (short_tender(of.tender).lower() if of.tender else "account")
    return f" with {ending(means, of.last4)}"


def why_not_payable(row: Row, zone: tzinfo, today: date) -> str:
    """Return why the row cannot be selected, or ``""``."""
    if row.payable:
        return ""
    if row.status is not None:
        return invoice_status(row.status, zone, today)
    return due(due_status(row.invoice, today))


def row_status(row: Row, zone: tzinfo, today: date) -> str:
    """Return the status cell of an invoice: its due status, or why it cannot be paid."""
    return why_not_payable(row, zone, today) or due(due_status(row.invoice, today))


def cannot_select(row: Row, zone: tzinfo, today: date) -> Pair:
    """Return why an invoice cannot be selected, and what helps."""
    invoice, status = row.invoice, row.status
    if invoice.balance < ZERO:
        return (
            f"Invoice {invoice.number} is a credit of {dollars(-invoice.balance)}.",
            f"It can't be paid. Apply it in {AGENCY_SYSTEM.name}.",
        )
    sentence = f"Invoice {invoice.number} can't be selected. {why_not_payable(row, zone, today)}."
    if status is None:
        return sentence, ""
    if status.reversed:
        return sentence, CHECK_REVERSED
    if status.being_paid and status.state in OFFERED:
        return sentence, TAKE_BACK_FIRST
    if status.being_paid and status.state is not State.UNKNOWN:
        return sentence, "Wait until that payment is finished."
    if status.being_paid or status.to_reverse:
        return sentence, "See Needs attention."
    return sentence, "To open the payment, search for its number (F5)."


WENT_BACK = {
    State.VOIDED: "was voided",
    State.RETURNED: "was returned by the bank",
    State.REFUNDED: "was refunded",
    State.CHARGED_BACK: "was charged back",
}
CHECK_REVERSED = f"Check its receipts in {AGENCY_SYSTEM.name}, then look it up again."
TAKE_BACK_FIRST = "To take it here, open it in Payments and press Take back."

# The answer: nothing in it can be paid.
ENTER_ANOTHER = "Enter another number."


def nothing_to_pay(rows: Sequence[Row], others: int, name: str, *, by_number: bool) -> Pair:
    """Return why none of the rows can be paid, and where it goes on.

    ``others`` is the number of other invoices that F6 adds. ``by_number`` is True if an invoice was
    asked for.
    """
    credits = [row for row in rows if row.invoice.balance < ZERO]
    if not rows:
        sentence, step = f"{apart(name)} has no open invoices.", ENTER_ANOTHER
    elif credits and len(credits) == len(rows) and not by_number:
        credit_sum = total(-row.invoice.balance for row in credits)
        sentence = f"{apart(name)} owes nothing, and has a credit of {dollars(credit_sum)}."
        step = f"Apply it in {AGENCY_SYSTEM.name}, or enter another number."
    elif len(rows) > 1:
        sentence, step = "None of these invoices can be paid now.", ENTER_ANOTHER
    else:
        sentence, step = _not_payable(rows[0])
    if others:
        step = f"F6 adds the customer's {count(others, 'other open invoice')}." if others > 1 else ADD_OTHER
    return sentence, step


ADD_OTHER = "F6 adds the customer's other open invoice."


def _not_payable(row: Row) -> Pair:
    number, status = row.invoice.number, row.status
    if row.invoice.balance < ZERO:
        return f"Invoice {number} is a credit of {dollars(-row.invoice.balance)}.", (
            f"Apply it in {AGENCY_SYSTEM.name}, or enter another number."
        )
    if status is None:
        return f"Nothing is owed on invoice {number}.", ENTER_ANOTHER
    if status.being_paid and status.state is State.UNKNOWN:
        return f"The payment of invoice {number} isn't confirmed yet.", (
            "Do not take it again. See Needs attention."
        )
    if status.being_paid and status.state in OFFERED:
        return f"Invoice {number} is waiting for payment by link.", TAKE_BACK_FIRST
    if status.being_paid:
        return f"Invoice {number} is being paid at {apart(status.desk)}.", "Wait until it is finished."
    if status.reversed:
        event = WENT_BACK[status.state]
        return (
            f"The payment of invoice {number} {event}, but {AGENCY_SYSTEM.name} shows nothing owed.",
            CHECK_REVERSED,
        )
    if status.to_reverse:
        event = WENT_BACK[status.state]
        return f"The payment of invoice {number} {event}.", (
            f"Reverse receipt {status.receipt_number} in {AGENCY_SYSTEM.name} first: see Needs attention."
        )
    return f"Invoice {number} is already paid.", "Enter another number, or open its payment in Search (F5)."


# The answer: below the table.
NO_OPEN_INVOICES = "No open invoices."
PAY_PART = "Pay part"
ADD_IT = "Add it"
ADD_THEM = "Add them"


def facts(row: Row) -> str:
    """Return what is known about the current invoice, in one line."""
    invoice = row.invoice
    found = [f"Invoice {invoice.number}"]
    if invoice.invoice_date:
        found.append(f"invoiced {day(invoice.invoice_date)}")
    if invoice.due_date:
        found.append(f"due {day(invoice.due_date)}")
    if invoice.policy_number:
        found.append(f"policy {apart(invoice.policy_number)}")
    if invoice.insurer:
        found.append(apart(invoice.insurer))
    return "  ·  ".join(found)


def others_open(number: int, customer_name: str, owed: Money) -> str:
    """Return the offer to add the customer's other open invoices."""
    return f"{apart(customer_name)} has {count(number, 'more open invoice')} ({dollars(owed)})"


# Notices: the figures of an answer.
def newer_figures(corrections: Sequence[str]) -> Pair:
    """Return the notice after the live answer changed what was selected."""
    return (
        f"{AGENCY_SYSTEM.name} sent updated balances. {' '.join(corrections)}",
        "Tell the customer the new total before you charge.",
    )


def no_more_to_pay(number: str) -> str:
    """Return the correction of an invoice that cannot be paid any more."""
    return f"Invoice {number} is no longer payable."


def other_amount(number: str, now: Money, before: Money) -> str:
    """Return the correction of a changed amount."""
    return f"Invoice {number} is now {dollars(now)} instead of {dollars(before)}."


def ticked_now(number: str, amount: Money) -> str:
    """Return the correction that adds an invoice."""
    return f"Invoice {number}, {dollars(amount)}, is now selected."


# Notices: nothing to select or to add.
NOTHING_TICKED = ("No invoice is selected.", "Press Space to select the highlighted one.")
ONE_PAYABLE = ("Only one invoice can be selected here.", "Press Space to select or clear it.")
NOTHING_OVERDUE = ("No invoice here is overdue.", "")
NOTHING_TO_ADD = ("This customer has no other open invoice to add.", "")
NO_INVOICE_INSTEAD = (
    "The reference isn't an open invoice.",
    "Enter the invoice number there, then press F6.",
)
