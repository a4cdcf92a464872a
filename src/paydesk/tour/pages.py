"""Chapters about what the story passes by: questions, searches, dialogs, and the page of a first start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from paydesk.domain.errors import NoSettings
from paydesk.services.desk.desk import Desk
from paydesk.services.desk.doctor import Finding, Level
from paydesk.tour.clerk import Clerk
from paydesk.tour.habits import ACCOUNT, ROUTING, live, sandbox, set_ahead
from paydesk.ui.main.set_up import SetUp
from paydesk.ui.main.window import DAY_END, PAYMENTS, TAKE, MainWindow


def question_before_clearing(clerk: Clerk) -> None:
    """Select many invoices: F12 asks, clears, and offers to undo it."""
    clerk.open_tab(TAKE)
    clerk.press("F12", "F3")
    clerk.at("lookup.customer.number")
    clerk.write("1020")
    clerk.press("Return")
    clerk.write("50309")
    clerk.press("Return")
    clerk.see("selection.customer", "Prairie Grain Cooperative")
    live(clerk)
    clerk.press("Ctrl+O")
    clerk.see("basket.count", "37 invoices")
    clerk.press("F12")
    clerk.see("take.clear.text", "Clear the 37 selected invoices?")
    clerk.picture("f12-asks-before-it-clears-much")
    clerk.press("F12")
    clerk.see("take.undo.text", "Cleared: 37 selected invoices.")
    clerk.picture("what-f12-cleared-can-come-back")


def search(clerk: Clerk) -> None:
    """Search by a part of a name, and for what nobody is called."""
    clerk.press("F12", "F5")
    clerk.at("lookup.search.text")
    clerk.write("bakery")
    clerk.see("hits.table", "Sample Bakery LLC")
    clerk.picture("search")
    clerk.press("Ctrl+A")
    clerk.write("zzqx")
    clerk.see("hits.empty.sentence", "No matches for “zzqx”")
    clerk.picture("no-matches")


def errors_below_their_fields(clerk: Clerk) -> None:
    """Leave a form incomplete: each error stands below its own field."""
    clerk.press("F12", "F4")
    clerk.at("lookup.anytime.amount")
    clerk.write("20")
    clerk.press("Return", "Return")
    clerk.write("HO-204417")
    clerk.press("Return")
    clerk.write("Pat Walker")
    clerk.press("Return")
    clerk.write("617")
    clerk.press("Return")
    clerk.picture("an-error-below-its-field")
    clerk.press("Ctrl+A", "Backspace")


def form_to_sign(clerk: Clerk) -> None:
    """Take a bank account at the counter: the form is printed and signed."""
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.press("Alt+O", "Alt+3")
    clerk.at("tender.bank.routing")
    clerk.write(ROUTING + ACCOUNT)
    clerk.press("Return")
    clerk.write(ACCOUNT)
    clerk.press("Return")
    clerk.see("tender.consent.print", "Print form")
    clerk.picture("a-form-to-sign")
    clerk.press("Esc", "Esc")
    clerk.gone("tender.dialog")
    clerk.press("F12", "F12")


def dialogs_of_payments(clerk: Clerk) -> None:
    """Begin a void, look for a payment that is not there, and open the import of files."""
    _find(clerk, "bakery", "Sample Bakery LLC")
    clerk.press("F10")
    clerk.see("void.dialog")
    clerk.picture("void")
    clerk.press("Esc")
    clerk.gone("void.dialog")
    clerk.open_tab(DAY_END)
    clerk.press("Ctrl+I")
    clerk.see("import.dialog")
    clerk.picture("import")
    clerk.press("Esc")
    clerk.gone("import.dialog")
    clerk.press("F1")
    clerk.see("keys.list")
    clerk.picture("all-keys")
    clerk.press("Esc")
    clerk.gone("keys.list")


def _find(clerk: Clerk, name: str, customer: str) -> None:
    """Search the payments for a customer's only one."""
    clerk.open_tab(TAKE)
    clerk.open_tab(PAYMENTS)
    clerk.at("payments.search")
    clerk.press("Ctrl+A")
    clerk.write(name)
    clerk.see("payments.details.facts", customer)
    clerk.press("Return")


def refund(clerk: Clerk) -> None:
    """Let the payment settle, and begin a refund."""
    sandbox(clerk).advance(timedelta(days=6))
    set_ahead(clerk, timedelta(days=6))
    _find(clerk, "dana", "Dana Example")
    _find(clerk, "bakery", "Sample Bakery LLC")
    clerk.press("F10")
    clerk.see("refund.sum", "$1,449.00, with the $49.00 fee")
    clerk.picture("refund")
    clerk.press("Right", "Right")
    clerk.see("refund.share.0")
    clerk.picture("refund-of-a-part")
    clerk.press("Esc")
    clerk.gone("refund.dialog")
    clerk.open_tab(TAKE)
    clerk.open_tab(PAYMENTS)
    clerk.at("payments.search")
    clerk.press("Ctrl+A")
    clerk.write("nobody at all")
    clerk.see("payments.empty", "No payments match")
    clerk.picture("no-payments-match")


def first_start(clerk: Clerk) -> None:
    """Start without settings: a choice, and how to go live."""

    def refuse() -> Desk:
        raise NoSettings("There are no settings yet.", "Write them.")

    settings = Path("settings.toml").absolute()
    findings = [
        Finding("Agency", Level.DO, "The agency's name is missing.", "Write it into the settings."),
        Finding("Clock", Level.WELL, "The clock is right."),
    ]
    set_up = SetUp(settings, settings.touch, lambda: iter(findings), lambda: None)
    usual = clerk.window
    clerk.window = MainWindow(refuse, set_up=set_up)
    clerk.window.resize(usual.size())
    usual.hide()
    clerk.window.show()
    clerk.window.activateWindow()
    clerk.at("first.train")
    clerk.picture("first-start")
    assert clerk.window.first is not None
    clerk.window.first.open_folder = lambda _folder: None
    clerk.window.first.begin.click()
    clerk.see("first.sum", "1 thing to do")
    clerk.picture("what-the-settings-still-miss")
    clerk.window.close()
    clerk.window = usual
    usual.show()
    usual.activateWindow()


PAGES: tuple[Callable[[Clerk], None], ...] = (
    question_before_clearing, search, errors_below_their_fields, form_to_sign, dialogs_of_payments, refund,
    first_start,
)  # fmt: skip
