"""Words of the main window, from its title to its status bar."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.domain.world import World, WorldKind
from paydesk.ui.kit.format import count
from paydesk.ui.kit.preferences import Switch
from paydesk.ui.kit.theme import Appearance
from paydesk.ui.kit.words import PROGRAM

if TYPE_CHECKING:
    from paydesk.domain.invoices.freshness import RefreshState

# The title.
TITLE = PROGRAM


def title(desk: str, world: World) -> str:
    """Return the window's title with the desk's name and, unless it is live, its world."""
    mark = {WorldKind.TRAINING: "training", WorldKind.TEST: "test host", WorldKind.OTHER: world.host}
    return f"{PROGRAM} – {desk}" + (f" ({mark[world.kind]})" if world.kind in mark else "")


# The page of a first start.
WELCOME = "Welcome to PayDesk"
WELCOME_NEXT = "This desk isn't set up yet. Choose how to start."
TRAINING_CHOICE = (
    "Try it",
    "Practice with made-up customers and invoices. Everything works, and no money moves.",
)
SET_UP_CHOICE = (
    "Set it up",
    "PayDesk creates a settings file for you to fill in, and shows here what's still missing.",
)
READ_CHOICE = (
    "Read first",
    f"What you need from {PROCESSOR.name} and {AGENCY_SYSTEM.name}, and the steps to take real payments.",
)
OPEN_TRAINING = "Open the &training desk"
SET_UP = "&Set up this desk"
READ_HOW = "&Read how to go live"
CHECK_AGAIN = "Check again"
FINDINGS_SPOKEN = "Results of the checks"
OPEN_DESK = "Open PayDesk"
CHECKING = "Checking…"
NOT_CHECKED = "PayDesk couldn't check this desk."


def settings_at(path: Path) -> str:
    """Return the sentence above the findings."""
    return (
        f"The settings file is {path}. Its folder is open. Edit the file in any text editor and save it. "
        "PayDesk checks it each time you save."
    )


def not_written(path: Path, why: str) -> tuple[str, str]:
    """Return why there is no settings file, and the next step."""
    return f"PayDesk couldn't write {path}: {why}.", "Ask your administrator for access to this folder."


def to_do(number: int) -> str:
    """Return the summary of the findings."""
    if not number:
        return "All set. Open PayDesk."
    return f"{number} thing to do" if number == 1 else f"{number} things to do"


# The tabs.
TAKE_PAYMENT = "Take payment"
PAYMENTS = "Payments"
NEEDS_ATTENTION = "Needs attention"
DAY_END = "Day end"


def needs_attention(count: int) -> str:
    """Return the tab's title with the number of items in it."""
    return f"{NEEDS_ATTENTION} ({count})" if count else NEEDS_ATTENTION


# The menu at the right end of the tabs, and its dialogs.
MENU = "&Menu"
APPEARANCE = "Appearance"
APPEARANCES = {
    Appearance.SYSTEM: "Same as this computer",
    Appearance.LIGHT: "Light",
    Appearance.DARK: "Dark",
}
TEXT_SIZE = "Text size"
PRINTING = "Printing"
SWITCHES = {
    Switch.PRINT_WITHOUT_ASKING: "Print without asking for the printer",
    Switch.PRINT_AFTER_APPROVAL: "Print the receipt after each approval",
}
KEYS = "Keyboard shortcuts"
ABOUT = f"About {PROGRAM}"
CLOSE = "Close"
LICENSES = "Open-source licenses"
COPY_DETAILS = "Copy details"
SHOW_LOG = "Show log folder"


def percent(number: int) -> str:
    return f"{number}%"


def text_size_later(number: int) -> str:
    """Return when a new text size is used."""
    return f"Text will be {number}% of its usual size the next time you open {PROGRAM}."


def about(version: str, python: str, qt: str, system: str, log: str) -> str:
    """Return the facts that a support call asks for."""
    return f"Version {version}\nPython {python}, PySide6 {qt}, {system}\nLog: {log or 'not started'}"


def not_printed(document: str, why: str) -> str:
    """Return what was not printed, once its page is closed."""
    return f"{document}. {why}"


# The sheet of all keys: those that no button carries, and the titles of the pages.
EVERYWHERE = "Everywhere"
LISTS = "In a list"
PAGE_TITLES = {
    "take": TAKE_PAYMENT,
    "payments": PAYMENTS,
    "attention": NEEDS_ATTENTION,
    "day_end": DAY_END,
    "tender.dialog": "In this payment",
}
LOOKUP_KEYS = {
    "invoice": ("F2", "Look up an invoice"),
    "customer": ("F3", "Look up a customer"),
    "anytime": ("F4", "Take an anytime payment (no invoice)"),
}
ANYTIME_LINK = "Anytime link…"
IMPORT = "Import open invoices from a file"
HISTORY = "Show this customer's payments"
COMMON_KEYS = {
    "Enter": "Go to the next field, or press the highlighted button",
    "Esc": "Go back one step",
    "Tab": "Go to the next field or button",
}
NEXT_TAB, PREVIOUS_TAB = "Go to the next tab", "Go to the previous tab"
LIST_KEYS = {
    "Space": "Select the invoice, or clear it",
    "1, 2, 3": "Choose a payment method",
    "Shift+Down": "Select several payments",
    "Ctrl+C": "Copy the selected rows",
    "Menu": "Open the list's menu: sort, copy, open, save",
}

# Notices: a sentence and its next step.
CANNOT_OPEN = "PayDesk couldn't start because of an internal error."
STILL_ASKING = (
    "We're still confirming that payment.",
    "Do not take it again. It's listed in Needs attention until it's resolved.",
)
CLOSES_LATER = ("A payment or void is in progress.", "PayDesk closes as soon as the result is saved.")

# A list of payments that is saved.
THE_PAYMENTS = "the payments"
SAVING = "Saving…"


def suggested_file(day: str) -> str:
    return f"Payments {day}.xlsx"


def list_saved(name: str, number: int, more: bool) -> tuple[str, str]:
    """Return what was saved, and what to do if the list has more."""
    said = f"Saved {number:,} payment{'' if number == 1 else 's'} as {name}."
    return said, "The list has more payments. Choose fewer days to save the rest." if more else ""


# All payments of one customer.
NO_CUSTOMER = (
    "No customer is selected.",
    "Look up an invoice or a customer, or select a payment first.",
)

# The strip of recent payments.
TABS_SPOKEN = "Pages"
RECENT_SPOKEN = "The last ten payments"
RECENT_EMPTY = "The last ten payments appear here."

# The status bar.
OPENING = f"Opening {PROGRAM}…"
NOT_READY = "Not ready"

REACHABLE = "connected"
NOT_REACHABLE = "can't connect"
NOT_ASKED_YET = "not checked yet"
NO_CLEAR_ANSWER = "no confirmation"


def reach(system: str, answer: str) -> str:
    """Return a vendor system's name with its last answer."""
    return f"{system}: {answer}"


def invoices_read(age: str) -> str:
    """Return the age of the invoices on the screen."""
    return f"Invoices {age}"


def refresh(state: RefreshState) -> str:
    """Return the progress of the background refresh, or ``""`` if none runs."""
    if not state.running:
        return ""
    if state.why_paused:
        return f"Refresh paused: {state.why_paused}"
    return f"Refreshing invoices: {count(state.left, 'customer')} left"
