"""The chapters of the tour: what the clerk does, and what each step must show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from paydesk.domain.receipt import Paper
from paydesk.sandbox.server.faults import FaultKind
from paydesk.tour.clerk import Clerk
from paydesk.tour.habits import (
    ACCOUNT,
    ROUTING,
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
    set_ahead,
)
from paydesk.tour.pages import PAGES
from paydesk.ui.main.window import ATTENTION, DAY_END, PAYMENTS, TAKE

DEBIT, AMEX = "5200828282828210", "378282246310005"
NOT_ENOUGH = "4000000000009995"
"""Test cards of docs/sandbox.md."""


def both_invoices_by_card(clerk: Clerk) -> None:
    """Pay an overdue invoice and the customer's other one by credit card."""
    clerk.at("lookup.invoice.number")
    clerk.see("training.text", "no money moves")
    clerk.picture("empty-window")
    look_up(clerk, "50123")
    clerk.see("selection.customer", "Sample Bakery LLC")
    clerk.see("selection.table", "50123", "Overdue 23 days", "1,250.00", "BOP-4471-20")
    clerk.see("selection.others.text", "Sample Bakery LLC has 1 more open invoice ($150.00)")
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
    clerk.see("tender.card.number", "•••• •••• 00")
    clerk.see("tender.card.brand", "Visa")
    clerk.picture("card-number-as-typed")
    clerk.write(VISA[10:] + "0330" + "123")
    clerk.at("tender.card.zip")
    clerk.press("Return")
    clerk.at("tender.card.holder")
    clerk.picture("card-ready-to-charge")
    sandbox(clerk).faults.next(FaultKind.SLOW, seconds=1.5)
    clerk.press("Return")
    clerk.see("tender.progress.text", "Processing payment")
    clerk.picture("asking-anddone")
    clerk.see("receipt.headline", "Approved", "$1,449.00")
    clerk.see("receipt.facts", "R-000001", "Visa ending 0007")
    receipt_is_there(clerk)
    clerk.picture("approved")
    print_it(clerk, "printed-receipt-R-000001")
    clerk.picture("receipt-printed")
    next_customer(clerk)


def paid_once_only(clerk: Clerk) -> None:
    """Look the same invoice up again: it cannot be selected, and the table says why."""
    look_up(clerk, "50123")
    clerk.see("selection.table", "50123", "Paid today", "by jamie at Front-1", "receipt R-000001")
    live(clerk)
    clerk.press("F9")
    clerk.gone("tender.dialog")
    clerk.see("basket.payer", "Nothing selected yet")
    clerk.picture("paid-already-refused")


def ach_by_phone(clerk: Clerk) -> None:
    """Take the next caller by customer number and ZIP. Both invoices are paid from a bank account."""
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
    clerk.press("Return")
    clerk.at("tender.consent.given")
    clerk.see("tender.consent.script", "Dana Example", "1,203.40", "6789", "(617) 555-0100")
    clerk.press("Space", "Return")
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
    """Try 18,400.00 by bank debit, which is above the limit."""
    look_up(clerk, "50200")
    live(clerk)
    clerk.see("basket.tender.ach.fee", "$3,400.00 over the $15,000.00 limit")
    clerk.picture("above-the-ach-limit")
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.press("Alt+3")
    clerk.see("tender.banner", "ACH is limited to $15,000.00 per payment; this is $3,400.00 over.")
    clerk.picture("ach-refused-with-the-reason")
    clerk.press("Esc")
    clerk.at("selection.table")


def many_invoices(clerk: Clerk) -> None:
    """Look up a customer with 89 invoices, go down among the overdue ones, and pay a part of one."""
    clerk.press("F12", "F3")
    clerk.at("lookup.customer.number")
    clerk.write("1020")
    clerk.press("Return")
    clerk.write("50309")
    clerk.press("Return")
    clerk.see("selection.customer", "Prairie Grain Cooperative")
    live(clerk)
    clerk.see("selection.phone", "(617) 555-1020")
    clerk.at("selection.table")
    clerk.press("Down", "Down", "Down")
    clerk.picture("many-overdue-in-a-group")
    clerk.press("F7")
    clerk.write("100")
    clerk.press("Return")
    clerk.see("basket.subtotal", "$100.00")
    clerk.picture("a-part-of-one-invoice")


def nothing_owed(clerk: Clerk) -> None:
    """Look up a credit: one sentence says what helps, and the next number can be typed."""
    look_up(clerk, "50402")
    clerk.see("take.notice", "Invoice 50402 is a credit of $125.50.")
    clerk.at("lookup.invoice.number")
    clerk.picture("nothing-owed")


def anytime(clerk: Clerk) -> None:
    """Take a payment without an invoice, at the counter, by debit card."""
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
    """Charge a card that is declined, then another card of the customer."""
    look_up(clerk, "50600")
    live(clerk)
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.write(NOT_ENOUGH + "0330" + "123")
    clerk.press("Return", "Return")
    clerk.see("tender.banner", "The bank declined the card", "Nothing was charged.")
    clerk.at("tender.card.number")
    clerk.picture("declined-and-the-number-forgotten")
    clerk.write(AMEX + "0330" + "1234")
    clerk.at("tender.card.zip")
    clerk.press("Return")
    clerk.at("tender.card.holder")
    clerk.picture("another-card")
    clerk.press("Return")
    clerk.see("receipt.facts", "American Express ending 0005")
    receipt_is_there(clerk)
    next_customer(clerk)


def unknown_then_found(clerk: Clerk) -> None:
    """Lose the answer to a charge. PayDesk asks until it knows the outcome."""
    lose_answers(clerk)
    charge_invoice(clerk, "50500")
    clerk.see("unknown.headline", "We're confirming this payment with AndDone.")
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
    """Find a payment, see its history, and print its receipt again."""
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
    """Leave a payment without an answer to PayDesk, and come back to it later."""
    clerk.open_tab(TAKE)
    lose_answers(clerk)
    charge_invoice(clerk, "50700")
    clerk.see("unknown.headline", "We're confirming this payment with AndDone.")
    clerk.press("Esc")
    clerk.gone("tender.dialog")
    clerk.picture("left-to-paydesk")
    clerk.open_tab(ATTENTION)
    clerk.see("attention.table", "Avery Barelines")
    clerk.see("attention.advice.title", "not confirmed yet")
    clerk.picture("needs-attention")
    sandbox(clerk).faults.clear()
    clerk.at("attention.table")
    clerk.press("F5")
    clerk.see("attention.title", "You're all caught up")
    clerk.picture("nothing-needs-attention")


def day_end(clerk: Clerk) -> None:
    """See the sums of the day."""
    clerk.open_tab(DAY_END)
    clerk.see("day_end.table", "All methods", "1,203.40")
    clerk.see("day_end.rest", "Declined: 1")
    clerk.see("day_end.by_hand", "Enter in AMS360 by hand: 1 receipt, $250.00")
    clerk.picture("day-end")
    clerk.press("F6")
    clerk.see("payments.table", "Pat Walker")
    clerk.see("payments.details.posting.entered", "Mark as entered")
    clerk.picture("a-receipt-to-enter-by-hand")
    clerk.press("F6", "F6")
    clerk.see("payments.notice", "Receipt R-000003 is in AMS360.")


def lookups_that_find_nothing(clerk: Clerk) -> None:
    """See the messages of lookups that find nothing, or may not show what they find."""
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
    clerk.until(lambda: "don't match" in problems(clerk), "Nothing says that number and ZIP do not match.")
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
    """Make AMS360 unreachable: earlier answers are shown with their age, and charged only after a yes."""
    sandbox(clerk).refuse_connections("ams360")
    look_up(clerk, "50201")
    clerk.see("basket.from_cache", "balances as of")
    clerk.see("status.ams360", "can't connect")
    clerk.picture("ams360-away-known-invoice")
    look_up(clerk, "51000")
    clerk.see("take.notice", "AMS360")
    clerk.picture("ams360-away-unknown-invoice")
    sandbox(clerk).accept_connections("ams360")


def letter_not_printed(clerk: Clerk) -> None:
    """Take a bank debit that a letter proves, and print the letter only when it is missed."""
    clerk.press("F2")
    look_up(clerk, "50701")
    live(clerk)
    clerk.press("3", "F9")
    clerk.at("tender.bank.routing")
    clerk.write(ROUTING + ACCOUNT)
    clerk.press("Return")
    clerk.write(ACCOUNT)
    clerk.press("Return")
    clerk.at("tender.consent.given")
    clerk.press("Space", "Return")
    clerk.at("tender.consent.detail")
    clerk.press("Shift+Tab", "Right", "Tab")
    clerk.see("tender.consent.detail", "customer1007@people.example")
    clerk.picture("a-letter-as-proof")
    clerk.press("Return")
    receipt_is_there(clerk)
    clerk.press("F12")
    clerk.see("receipt.letter", "The confirmation letter is not printed yet.")
    clerk.picture("the-letter-is-not-printed")
    next_customer(clerk)
    set_ahead(clerk, timedelta(minutes=20))
    clerk.open_tab(ATTENTION)
    clerk.see("attention.table", "Print the letter", "Avery Barelines")
    clerk.picture("a-letter-to-print")


def deposit_file(clerk: Clerk) -> None:
    """Confirm the import of a deposit file, as an agency without AMS360's interface does."""
    assert clerk.desk is not None
    deposits, outbox = clerk.desk.deposits, clerk.desk.post.outbox

    def handed_over() -> bool:
        """Hand over what waits. A receipt that is being sent to AMS360 right now waits a moment later."""
        handed = outbox.hand_over([posting.payment.id for posting in deposits.ready()], "D-0001")
        return any("50400" in posting.payment.draft.invoice_numbers for posting in handed)

    clerk.open_tab(TAKE)
    look_up(clerk, "50400")
    live(clerk)
    sandbox(clerk).faults.always(FaultKind.THROTTLED, on="postCustomerReceipt")
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.write(VISA + "0330" + "123")
    clerk.press("Return", "Return")
    receipt_is_there(clerk)
    next_customer(clerk)
    clerk.until(handed_over, "No receipt waits for a deposit file.")
    clerk.open_tab(PAYMENTS)
    clerk.at("payments.search")
    clerk.write("fenway")
    clerk.press("Return")
    clerk.see("payments.details.posting.file", "Mark whole file")
    clerk.picture("a-receipt-in-a-deposit-file")
    clerk.press("Shift+F6")
    clerk.picture("the-whole-file-is-asked-for")
    clerk.press("Shift+F6")
    clerk.see("payments.notice", "Deposit file D-0001")
    clerk.picture("the-whole-file-is-marked")
    sandbox(clerk).faults.clear()


def by_link(clerk: Clerk) -> None:
    """Offer a payment by link: one is paid by the customer, another is taken back."""
    clerk.open_tab(TAKE)
    look_up(clerk, "50201")
    live(clerk)
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.press("F4")
    clerk.at("offer.make")
    clerk.see("offer.about", "own phone")
    clerk.picture("a-payment-link-is-ordered")
    clerk.press("Return")
    clerk.see("offer.headline", "Waiting for payment", "$662.40")
    clerk.picture("waiting-for-the-payment-of-a-link")
    sandbox(clerk).pay_page(clerk.words_of("offer.address"), card=VISA)
    receipt_is_there(clerk)
    clerk.see("receipt.facts", "Visa ending 0007")
    clerk.picture("paid-by-the-customer")
    next_customer(clerk)
    look_up(clerk, "50200")
    live(clerk)
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.press("F4")
    clerk.at("offer.make")
    clerk.press("Return")
    clerk.at("offer.copy")
    clerk.press("Esc")
    clerk.at("lookup.invoice.number")
    look_up(clerk, "50200")
    clerk.see("selection.table", "Waiting for payment by link")
    clerk.picture("an-invoice-that-waits-for-a-link")
    clerk.open_tab(PAYMENTS)
    clerk.at("payments.search")
    clerk.write("harborview")
    clerk.press("Return")
    clerk.see("payments.details.state", "Waiting for payment")
    clerk.picture("an-open-link-in-payments")
    clerk.press("F10")
    clerk.see("payments.details.state", "Being taken back")
    clerk.picture("a-link-that-is-taken-back")


def receipts(clerk: Clerk) -> None:
    """Save every receipt of the day as it prints."""
    assert clerk.desk is not None
    for payment in reversed(clerk.desk.ledger.payments(limit=100)):
        if payment.receipt_number:
            clerk.keep_receipt(payment.id)
    clerk.keep_receipt(1, Paper.ROLL_80MM)


CHAPTERS: tuple[Callable[[Clerk], None], ...] = (
    both_invoices_by_card, paid_once_only, ach_by_phone, ach_above_its_limit, many_invoices, nothing_owed,
    anytime, declined_then_paid, unknown_then_found, payments, attention, day_end,
    lookups_that_find_nothing, ams360_away, letter_not_printed, deposit_file, by_link, *PAGES, receipts,
)  # fmt: skip
