"""The words of the dialog for payment links and the processor's page, in the order of the screen."""

from __future__ import annotations

from paydesk.domain.payment import OfferKind, Payment
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.domain.world import World
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.words import banner

TITLE = "Payment link"
HOW = "How the customer pays"
KINDS = {OfferKind.LINK: "Payment &link", OfferKind.HOSTED: f"{PROCESSOR.name} pa&ge"}
HOW_LONG = "The link works for"
LIVES = {
    900: "15 min",
    3600: "1 hour",
    86_400: "1 day",
    3 * 86_400: "3 days",
    7 * 86_400: "7 days",
    30 * 86_400: "30 days",
}
"""Lives in seconds, and their words."""
ABOUT = {
    OfferKind.LINK: (
        "The customer pays on their own phone or computer. Show the code, copy the link, or email it. "
        "The invoices stay locked until it is paid or taken back."
    ),
    OfferKind.HOSTED: (
        f"{PROCESSOR.name}'s page opens in your browser. Enter the card or account there, not in PayDesk. "
        "The page works for 15 minutes."
    ),
}
BACK = "Back"
MAKING = {
    OfferKind.LINK: "Rechecking balances and making the link…",
    OfferKind.HOSTED: "Rechecking balances and asking for the page…",
}


def make(kind: OfferKind, amount: str) -> str:
    return f"Make link for {amount}" if kind is OfferKind.LINK else f"Open page for {amount}"


NO_LINK = "Something went wrong in PayDesk. The customer got no link, and nothing was charged."

# Waiting.
WAITING = "Waiting for payment"
SCAN = {
    OfferKind.LINK: "Have the customer scan this code, or send them the link.",
    OfferKind.HOSTED: f"Enter the card or account on {PROCESSOR.name}'s page in your browser.",
}
QR_CODE = "QR code of the link"
COPY = "Copy link"
COPIED = "The link is on the clipboard."
EMAIL = "Email…"
OPEN = "Open page"
OTHER_SCREEN = "Show on other screen"
NO_BROWSER = "No browser opened."
NO_MAIL = "No mail program opened."
COPY_INSTEAD = "Copy the link instead (F6)."
NOT_PAID_YET = f"Not paid yet. PayDesk keeps checking with {PROCESSOR.name}."
STILL_OPEN = "Something went wrong in PayDesk. The customer may still be able to pay."
TAKE_BACK = "Take back"
CLOSE = "Close (keeps waiting)"
TAKING_BACK = {OfferKind.LINK: "Taking the link back", OfferKind.HOSTED: "Taking the page back"}
WAIT_FOR_PROOF = (
    "Wait until PayDesk is certain that nothing was paid: this takes a few minutes. "
    "You can close this window. The invoices unlock by themselves."
)
ENDED = "Nothing was paid"
FREE_AGAIN = {
    OfferKind.LINK: "The link no longer works. The invoices can be paid again.",
    OfferKind.HOSTED: "The page no longer works. The invoices can be paid again.",
}
CLOSE_ENDED = "Close"


# The anytime link.
ANYTIME_LINK = "Anytime link"
ABOUT_ANYTIME = (
    "The customer scans the code and enters the amount. PayDesk doesn't see these payments: "
    f"look for them in {PROCESSOR.portal}, and enter their receipts in {AGENCY_SYSTEM.name} by hand."
)
THE_CARD = "the card"


def anytime_file(agency: str) -> str:
    return f"Anytime link {agency}"


def works_until(time: str, day: str) -> str:
    """Return ``Works until 3:40 PM``, with ``Mar 5`` unless it is today."""
    return f"Works until {day}, {time}." if day else f"Works until {time}."


def mail_subject(agency: str, world: World) -> str:
    """Return the subject. The email of a desk that is not live begins with what payments mean there."""
    meaning = banner(world)
    return f"{meaning}: your payment to {agency}" if meaning else f"Your payment to {agency}"


def mail_body(payment: Payment, agency: str, world: World) -> str:
    """Return the text of the email. It asks for nothing but a look at the link."""
    meaning = banner(world)
    first = f"{meaning}\n\n" if meaning else ""
    total = fmt.dollars(payment.draft.quote.total)
    numbers = payment.draft.invoice_numbers
    about = f" for invoice {', '.join(numbers)}" if numbers else ""
    return (
        f"{first}Hello,\n\nYou can pay {total}{about} here:\n\n{payment.offer_address}\n\n"
        f"The amount includes the technology fee. Questions? Call us.\n\n{agency}\n"
    )
