"""What the clerk does with every caller, made of keys, looks and waits."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from paydesk.sandbox.faults import FaultKind
from paydesk.sandbox.sandbox import Sandbox
from paydesk.tour.clerk import Clerk
from paydesk.ui.receipt_page import ReceiptView

VISA = "4000620000000007"
"""Approves; docs/sandbox.md has the others."""


def look_up(clerk: Clerk, number: str) -> None:
    """Begin a new call with an invoice number."""
    clerk.press("F12")
    clerk.at("lookup.invoice.number")
    clerk.write(number)
    clerk.press("Return")


def live(clerk: Clerk) -> None:
    """Wait for AMS360's own answer after the one from the cache."""
    clerk.see("status.age", "as of")
    clerk.until(
        lambda: "checking" not in clerk.words_of("status.age"), "AMS360 never answered after the cache did."
    )


def charge_invoice(clerk: Clerk, number: str) -> None:
    """Look an invoice up and charge it to a card."""
    look_up(clerk, number)
    live(clerk)
    clerk.press("F9")
    clerk.at("tender.card.number")
    clerk.write(VISA + "0330" + "123")
    if clerk.focus.objectName() == "tender.card.zip" and not clerk.focus.property("text"):
        clerk.write("02108")
    else:
        clerk.press("Return")
    clerk.at("tender.card.holder")
    clerk.press("Return")


def receipt_is_there(clerk: Clerk) -> None:
    """Wait for the preview, and for the button that ends the call."""
    clerk.see("receipt.preview")
    clerk.ready("receipt.print")
    clerk.at("receipt.next")


def print_it(clerk: Clerk, name: str) -> None:
    """Print the receipt that is shown, on a printer that prints into a file."""
    clerk.printer_into(_view(clerk), name)
    clerk.press("F8")
    clerk.see("receipt.banner", "Printed into the file")


def save_it(clerk: Clerk) -> None:
    """Save the receipt that is shown beside the pictures."""
    clerk.folder_for(_view(clerk))
    clerk.press("Ctrl+S")
    clerk.see("receipt.banner", "Saved")


def next_customer(clerk: Clerk) -> None:
    """End the call."""
    clerk.press("F12")
    clerk.gone("tender.dialog")
    clerk.at("lookup.invoice.number")


def sandbox(clerk: Clerk) -> Sandbox:
    """The emulators behind the desk, for what can go wrong out there."""
    assert clerk.sandbox is not None
    return clerk.sandbox


def lose_answers(clerk: Clerk) -> None:
    """The next charge is made and its answer lost, and AndDone answers no question about it."""
    faults = sandbox(clerk).faults
    faults.next(FaultKind.RESET_AFTER)
    faults.always(FaultKind.GATEWAY_TIMEOUT_BEFORE, on="getPaymentDetails")


def problems(clerk: Clerk) -> str:
    """What the lookup says is wrong."""
    labels = clerk.window.take.lookup.findChildren(QLabel)
    return " ".join(label.text() for label in labels if label.isVisible())


def _view(clerk: Clerk) -> ReceiptView:
    return clerk.one(ReceiptView)
