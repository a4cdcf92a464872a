"""What happens at the desk during the tour, chapter by chapter, and what must be seen at each step."""

from __future__ import annotations

from collections.abc import Callable

from paydesk.domain.receipt import Paper
from paydesk.sandbox.faults import FaultKind
from paydesk.tour.clerk import Clerk
from paydesk.tour.habits import (
    VISA,
    charge_invoice,
    live,
    look_up,
    lose_answers,
    next_customer,
    print_it,
    problems,
    receipt_is_there,
    sandbox,
    save_it,
)
from paydesk.ui.window import ATTENTION, DAY_END, PAYMENTS, TAKE

DEBIT, AMEX = "5200828282828210", "378282246310005"
NOT_ENOUGH = "4000000000009995"
"""Test cards of docs/sandbox.md."""

ROUTING, ACCOUNT = "011000138", "123456789"


def both_invoices_by_card(clerk: Clerk) -> None:
    """An overdue invoice, the customer's other one, both by credit card."""
    clerk.at("lookup.invoice.number")
    clerk.see("training.text", "no money moves")
    clerk.picture("empty-window")
    look_up(clerk, "50123")
    clerk.see("selection.customer", "Sample Bakery LLC")
    clerk.see("selection.table", "50123", "Overdue 23 days", "1,250.00", "BOP-4471-20")
    clerk.see("selection.others.text", "1 more open for Sample Bakery LLC, 150.00")
    clerk.picture("overdue-invoice-and-the-customers-other")
    clerk.press("F6")
    clerk.see("basket.lines", "50123", "50140", "150.00")
    clerk.see("basket.subtotal", "$1,400.00")
    totals = {"credit_card": ("1,449.00", "49.00"), "debit_card": ("1,421.00", "21.00")}
    for kind, (total, fee) in (totals | {"ach": ("1,403.00", "3.00")}).items():
        clerk.see(f"basket.tender.{kind}.total", total)
        clerk.see(f"basket.tender.{kind}.fee", fee)
    clerk.picture("both-ticked-a-total-for-each-tender")
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.see("tender.charge", "Charge $1,449.00")
    clerk.picture("payment-dialog")
    clerk.write(VISA[:10])
    clerk.see("tender.card.number", "4000 6200 00")
    clerk.see("tender.card.brand", "Visa")
    clerk.picture("card-number-as-typed")
    clerk.write(VISA[10:] + "0330" + "123")
    clerk.at("tender.card.zip")
    clerk.press("Return")
    clerk.at("tender.card.holder")
    clerk.picture("card-ready-to-charge")
    sandbox(clerk).faults.next(FaultKind.SLOW, seconds=1.5)
    clerk.press("Return")
    clerk.see("tender.progress.text", "Asking AndDone")
    clerk.picture("asking-anddone")
    clerk.see("receipt.headline", "Approved", "$1,449.00")
    clerk.see("receipt.facts", "R-000001", "Visa ending 0007")
    receipt_is_there(clerk)
    clerk.picture("approved")
    print_it(clerk, "printed-receipt-R-000001")
    clerk.picture("receipt-printed")
    next_customer(clerk)


def paid_once_only(clerk: Clerk) -> None:
    """The same invoice again: it cannot be ticked, and says why."""
    look_up(clerk, "50123")
    clerk.see("selection.table", "50123", "Paid today", "by jamie at Front-1", "receipt R-000001")
    live(clerk)
    clerk.press("F9")
    clerk.gone("tender.dialog")
    clerk.see("basket.payer", "Nothing chosen yet")
    clerk.picture("paid-already-refused")


def ach_by_phone(clerk: Clerk) -> None:
    """The next caller, by customer number and ZIP, pays both invoices from a bank account."""
    clerk.press("F12", "F3")
    clerk.at("lookup.customer.number")
    clerk.write("1003")
    clerk.press("Return")
    clerk.write("01002")
    clerk.press("Return")
    clerk.see("selection.customer", "Dana Example")
    clerk.see("selection.table", "50300", "Due today", "50301", "No due date")
    live(clerk)
    clerk.picture("customer-and-zip")
    clerk.at("selection.table")
    clerk.press("Ctrl+A")
    clerk.see("basket.subtotal", "$1,200.40")
    clerk.press("3")
    clerk.see("basket.charge", "$1,203.40")
    clerk.picture("bank-account-chosen")
    clerk.press("F9")
    clerk.at("tender.bank.routing")
    clerk.picture("bank-account-dialog")
    clerk.write(ROUTING)
    clerk.at("tender.bank.account")
    clerk.write(ACCOUNT)
    clerk.press("Return")
    clerk.write(ACCOUNT[:5])
    clerk.picture("bank-account-as-typed")
    clerk.write(ACCOUNT[5:])
    clerk.press("Return", "Return", "Return", "Return")
    clerk.at("tender.consent.given")
    clerk.see("tender.consent.script", "Dana Example", "1,203.40", "6789", "(617) 555-0100")
    clerk.press("Space", "Return")
    clerk.press("Return", "Return")
    clerk.at("tender.consent.detail")
    clerk.write("line 2, call 8841")
    clerk.picture("consent-read-and-given")
    clerk.press("Return")
    clerk.see("receipt.headline", "Submitted", "$1,203.40")
    clerk.see("receipt.facts", "R-000002", "not yet cleared")
    receipt_is_there(clerk)
    clerk.picture("bank-debit-submitted")
    save_it(clerk)
    next_customer(clerk)


def ach_above_its_limit(clerk: Clerk) -> None:
    """18,400.00 is more than a bank debit may be."""
    look_up(clerk, "50200")
    live(clerk)
    clerk.see("basket.tender.ach.fee", "Limit 15,000.00: 3,400.00 too much")
    clerk.picture("above-the-ach-limit")
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.press("Alt+3")
    clerk.see("tender.banner", "ACH takes at most $15,000.00 a payment; this is $3,400.00 more.")
    clerk.picture("ach-refused-with-the-reason")
    clerk.press("Esc")
    clerk.at("selection.table")


def anytime(clerk: Clerk) -> None:
    """A payment without an invoice, at the counter, by debit card."""
    clerk.press("F12", "F4")
    clerk.at("lookup.anytime.amount")
    clerk.picture("anytime-payment")
    clerk.write("250")
    clerk.press("Return", "Return")
    clerk.write("HO-204417")
    clerk.press("Return")
    clerk.write("Pat Walker")
    clerk.press("Return")
    clerk.write("617 555 0188")
    clerk.press("Return")
    clerk.write("pat@walker.example")
    clerk.press("Return")
    clerk.see("basket.subtotal", "$250.00")
    clerk.picture("anytime-ready")
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.press("Alt+2", "Alt+O")
    clerk.chosen("tender.channel.counter")
    clerk.see("tender.charge", "Charge $253.75")
    clerk.write(DEBIT + "1129" + "456" + "02108")
    clerk.at("tender.card.holder")
    clerk.press("Return")
    clerk.see("receipt.headline", "Approved", "$253.75")
    receipt_is_there(clerk)
    clerk.press("Alt+8")
    clerk.picture("anytime-approved")
    next_customer(clerk)


def declined_then_paid(clerk: Clerk) -> None:
    """A card is declined; the customer has another."""
    look_up(clerk, "50600")
    live(clerk)
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.write(NOT_ENOUGH + "0330" + "123")
    clerk.press("Return", "Return")
    clerk.see("tender.banner", "Declined.", "Nothing was charged.")
    clerk.see("tender.card.number", "4000 0000 0000 9995")
    clerk.at("tender.card.code")
    clerk.picture("declined-and-everything-kept")
    clerk.press("Shift+Tab", "Shift+Tab")
    clerk.at("tender.card.number")
    clerk.press("Ctrl+A")
    clerk.write(AMEX)
    clerk.press("Return")
    clerk.write("1234")
    clerk.press("Return")
    clerk.at("tender.card.holder")
    clerk.picture("another-card")
    clerk.press("Return")
    clerk.see("receipt.facts", "American Express ending 0005")
    receipt_is_there(clerk)
    next_customer(clerk)


def unknown_then_found(clerk: Clerk) -> None:
    """The answer is lost on its way; PayDesk asks until it knows."""
    lose_answers(clerk)
    charge_invoice(clerk, "50500")
    clerk.see("unknown.headline", "We are checking with the processor.")
    clerk.see("unknown.sentence", "Do not take this payment again")
    clerk.picture("no-answer-checking-with-the-processor")
    sandbox(clerk).faults.clear()
    clerk.ready("unknown.check")
    clerk.press("F5")
    clerk.see("receipt.headline", "Approved")
    receipt_is_there(clerk)
    clerk.picture("found-approved")
    next_customer(clerk)


def payments(clerk: Clerk) -> None:
    """Find a payment, see what happened to it, print its receipt again."""
    clerk.open_tab(PAYMENTS)
    clerk.at("payments.search")
    clerk.see("payments.table", "Sample Bakery LLC", "Dana Example", "Pat Walker", "Declined")
    clerk.picture("payments")
    clerk.write("bakery")
    clerk.see("payments.count", "1 payment")
    clerk.press("Return")
    clerk.see("payments.details.facts", "1,400.00", "49.00", "R-000001")
    clerk.see("payments.details.events", "Approved")
    clerk.picture("payment-in-full")
    clerk.press("F8")
    clerk.see("receipt.dialog")
    clerk.ready("receipt.print")
    save_it(clerk)
    clerk.see("receipt.banner", "marked as a copy")
    clerk.picture("receipt-again")
    clerk.press("Esc")
    clerk.gone("receipt.dialog")


def attention(clerk: Clerk) -> None:
    """A payment without an answer is left to PayDesk, and looked after later."""
    clerk.open_tab(TAKE)
    lose_answers(clerk)
    charge_invoice(clerk, "50700")
    clerk.see("unknown.headline", "We are checking with the processor.")
    clerk.press("Esc")
    clerk.gone("tender.dialog")
    clerk.picture("left-to-paydesk")
    clerk.open_tab(ATTENTION)
    clerk.see("attention.table", "Avery Barelines")
    clerk.see("attention.advice.title", "no clear answer")
    clerk.picture("needs-attention")
    sandbox(clerk).faults.clear()
    clerk.at("attention.table")
    clerk.press("F5")
    clerk.see("attention.advice.title", "Receipt R-000003 of Pat Walker is not in AMS360")
    clerk.picture("a-receipt-to-enter-by-hand")
    clerk.press("F6", "F6")
    clerk.see("attention.title", "Nothing needs attention")
    clerk.picture("nothing-needs-attention")


def day_end(clerk: Clerk) -> None:
    """What the day adds up to."""
    clerk.open_tab(DAY_END)
    clerk.see("day_end.table", "All tenders", "1,203.40")
    clerk.see("day_end.rest", "Declined: 1")
    clerk.picture("day-end")


def lookups_that_find_nothing(clerk: Clerk) -> None:
    """What is said when a lookup finds nothing, or may not show it."""
    clerk.press("F2")
    look_up(clerk, "59999")
    clerk.see("lookup.invoice.number")
    clerk.until(lambda: "59999" in problems(clerk), "Nothing says that 59999 is not there.")
    clerk.picture("invoice-not-found")
    clerk.press("F3")
    clerk.write("1003")
    clerk.press("Return")
    clerk.write("99999")
    clerk.press("Return")
    clerk.until(lambda: "do not match" in problems(clerk), "Nothing says that number and ZIP do not match.")
    clerk.picture("number-and-zip-do-not-match")
    clerk.press("F12", "F3")
    clerk.write("1005")
    clerk.press("Return", "Return")
    clerk.at("lookup.customer.second")
    clerk.picture("no-zip-on-file")
    clerk.write("Robin Nozip")
    clerk.press("Return")
    clerk.see("selection.customer", "Robin Nozip")
    clerk.press("F12", "F3")
    clerk.write("1019")
    clerk.press("Return")
    clerk.write("01970")
    clerk.press("Return")
    clerk.see("selection.customer", "The Association of Independent Coastal Bakers")
    live(clerk)
    clerk.picture("a-very-long-name")


def ams360_away(clerk: Clerk) -> None:
    """AMS360 does not answer: what was seen before is shown with its age, and charged only on a yes."""
    sandbox(clerk).refuse_connections("ams360")
    look_up(clerk, "50201")
    clerk.see("basket.from_cache", "Charge what was owed")
    clerk.see("status.ams360", "not reachable")
    clerk.picture("ams360-away-known-invoice")
    look_up(clerk, "51000")
    clerk.see("take.notice", "AMS360")
    clerk.picture("ams360-away-unknown-invoice")
    sandbox(clerk).accept_connections("ams360")


def receipts(clerk: Clerk) -> None:
    """Every receipt of the day as it prints."""
    assert clerk.desk is not None
    for payment in reversed(clerk.desk.ledger.payments(limit=100)):
        if payment.receipt_number:
            clerk.keep_receipt(payment.id)
    clerk.keep_receipt(1, Paper.ROLL_80MM)


CHAPTERS: tuple[Callable[[Clerk], None], ...] = (
    both_invoices_by_card, paid_once_only, ach_by_phone, ach_above_its_limit, anytime, declined_then_paid,
    unknown_then_found, payments, attention, day_end, lookups_that_find_nothing, ams360_away, receipts,
)  # fmt: skip
