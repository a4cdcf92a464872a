"""Steps of every call, made of key presses, checks and waits."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtWidgets import QLabel

from paydesk.sandbox.sandbox import Sandbox
from paydesk.sandbox.server.faults import FaultKind
from paydesk.tour import clerk as eyes
from paydesk.tour.clerk import Clerk
from paydesk.ui.receipt.document_view import DocumentView

VISA = "4000620000000007"
"""Test card that is approved. docs/sandbox.md lists the others."""

ROUTING, ACCOUNT = "011000138", "123456789"
"""A test account."""


def look_up(clerk: Clerk, number: str) -> None:
    """Start a new call with an invoice number."""
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
    """Look up an invoice and charge it to a card."""
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
    clerk.painted("receipt.preview")
    clerk.ready("receipt.print")
    clerk.at("receipt.next")


def print_it(clerk: Clerk, name: str) -> None:
    """Print the visible receipt into a file."""
    clerk.printer_into(_view(clerk), name)
    clerk.press("F8")
    clerk.see("receipt.banner", "Saved as")


def save_it(clerk: Clerk) -> None:
    """Save the visible receipt beside the pictures."""
    clerk.folder_for(_view(clerk))
    clerk.press("Ctrl+S")
    clerk.see("receipt.banner", "Saved")


def next_customer(clerk: Clerk) -> None:
    """End the call."""
    clerk.press("F12")
    clerk.gone("tender.dialog")
    clerk.at("lookup.invoice.number")


def sandbox(clerk: Clerk) -> Sandbox:
    """Return the emulators behind the desk, to inject faults."""
    assert clerk.sandbox is not None
    return clerk.sandbox


def set_ahead(clerk: Clerk, by: timedelta) -> None:
    """Let so much time pass on the desk's clock."""
    assert clerk.clock is not None
    clerk.clock.ahead += by


def lose_answers(clerk: Clerk) -> None:
    """Let AndDone make the next charge, lose the answer, and answer no question about it."""
    faults = sandbox(clerk).faults
    faults.next(FaultKind.RESET_AFTER)
    faults.always(FaultKind.GATEWAY_TIMEOUT_BEFORE, on="getPaymentDetails")


def problems(clerk: Clerk) -> str:
    """Return the text of the lookup page, which holds its errors."""
    labels = clerk.window.take.lookup.findChildren(QLabel)
    return " ".join(eyes.said(label) for label in labels if label.isVisible())


def _view(clerk: Clerk) -> DocumentView:
    return clerk.one(DocumentView)
