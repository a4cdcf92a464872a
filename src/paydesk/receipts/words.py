"""What a receipt says, line by line; both papers print these words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from paydesk.domain.consent import Channel
from paydesk.domain.money import Money
from paydesk.domain.receipt import BANK_ACCOUNT, Receipt, ReceiptKind, ReceiptLine

TRAINING = "TRAINING – no money moved"
FEE = "Technology fee"
SUBTOTAL = "Subtotal"

TITLE = {
    ReceiptKind.PAYMENT: "Payment receipt",
    ReceiptKind.VOID: "Void receipt",
    ReceiptKind.REFUND: "Refund receipt",
}
TOTAL = {
    ReceiptKind.PAYMENT: "Total",
    ReceiptKind.VOID: "Total voided",
    ReceiptKind.REFUND: "Total refunded",
}
PAYER = {
    ReceiptKind.PAYMENT: "Paid by",
    ReceiptKind.VOID: "Had been paid by",
    ReceiptKind.REFUND: "Refunded to",
}
TENDER = {
    ReceiptKind.PAYMENT: "Paid with",
    ReceiptKind.VOID: "Had been paid with",
    ReceiptKind.REFUND: "Refunded to",
}
_DONE = {ReceiptKind.PAYMENT: "Taken", ReceiptKind.VOID: "Voided", ReceiptKind.REFUND: "Refunded"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def copy_mark(copy_number: int) -> str:
    """What marks a reprint; nothing on the original."""
    return f"COPY {copy_number}" if copy_number else ""


def dollars(amount: Money) -> str:
    """``$1,234.50``, or ``-$1,234.50`` for a credit."""
    return f"-${-amount}" if amount.cents < 0 else f"${amount}"


def when(instant: datetime, zone_name: str) -> str:
    """``Mar 3, 2026, 2:15 PM CST``; in UTC, and saying so, when the zone is not known here."""
    try:
        zone: ZoneInfo | None = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = None
    local = instant.astimezone(zone or UTC)
    abbreviation = local.tzname() or "UTC"
    if abbreviation.startswith(("+", "-")):
        abbreviation = f"UTC{abbreviation}"
    noon = "AM" if local.hour < 12 else "PM"
    day = f"{_MONTHS[local.month - 1]} {local.day}, {local.year}"
    return f"{day}, {local.hour % 12 or 12}:{local.minute:02d} {noon} {abbreviation}"


def undoes(receipt: Receipt) -> str:
    """Which receipt a void or refund takes back."""
    verb = "Voids" if receipt.kind is ReceiptKind.VOID else "Refunds"
    return f"{verb} receipt {receipt.first_receipt}" if receipt.first_receipt else ""


def agency_lines(receipt: Receipt) -> list[str]:
    """The agency's address and how to reach it, below its name."""
    agency = receipt.agency
    reach = " · ".join(part for part in (agency.phone, agency.email) if part)
    licence = f"License {agency.licence}" if agency.licence else ""
    return [line for line in (*agency.address_lines, reach, licence) if line]


def shared_customer(receipt: Receipt) -> tuple[str, str]:
    """Name and number of the customer when all lines are one customer's, else two blanks."""
    customers = {(line.customer_name, line.customer_number) for line in receipt.lines}
    return customers.pop() if len(customers) == 1 else ("", "")


def customer_number(number: str) -> str:
    """The customer number, said as such."""
    return f"Customer {number}" if number else ""


def contact_lines(receipt: Receipt) -> list[str]:
    """Telephone and e-mail, each whole; version 1 breaks them wherever a line ends."""
    return [receipt.payer_contact] if receipt.version == 1 else receipt.payer_contact.split(" · ")


def line_title(receipt: Receipt) -> str:
    """The head of the column that names what was paid."""
    return "Invoice" if any(line.invoice_number is not None for line in receipt.lines) else "Reference"


def line_name(receipt: Receipt, line: ReceiptLine) -> str:
    """The invoice number, or what an anytime payment refers to."""
    if line.invoice_number is not None:
        return line.invoice_number
    reference = receipt.anytime_reference
    if reference is None:
        return ""
    kind = "" if reference.kind == "other" else reference.kind.capitalize()
    return f"{kind} {reference.value}".strip()


def line_details(receipt: Receipt, line: ReceiptLine) -> list[str]:
    """Description, that it is a part, policy and insurer, then the customer unless named for all lines."""
    policy = f"Policy {line.policy_number}" if line.policy_number else ""
    customer = (line.customer_name, customer_number(line.customer_number))
    whose = () if any(shared_customer(receipt)) else customer
    rows = ((line.description or "Payment",), (part_payment(receipt, line),), (policy, line.insurer), whose)
    return [" · ".join(part for part in row if part) for row in rows if any(row)]


def part_payment(receipt: Receipt, line: ReceiptLine) -> str:
    """``Part payment: $500.00 of $1,250.00 owed``, or ``""`` where all of it was paid."""
    if line.owed is None or receipt.kind is not ReceiptKind.PAYMENT:
        return ""
    return f"Part payment: {dollars(line.amount)} of {dollars(line.owed)} owed"


def instrument(receipt: Receipt) -> str:
    """``Visa ending 0007 · authorization 123456``."""
    name = receipt.brand or ("Account" if receipt.tender == BANK_ACCOUNT else "Card")
    ending = f"{name} ending {receipt.last4}" if receipt.last4 else receipt.brand
    approval = f"authorization {receipt.authorization_code}" if receipt.authorization_code else ""
    return " · ".join(part for part in (ending, approval) if part)


def taken(receipt: Receipt) -> str:
    """``Taken by Dana at desk Front-1, by phone``."""
    where = ", by phone" if receipt.channel is Channel.PHONE else ", at the counter"
    where = where if receipt.kind is ReceiptKind.PAYMENT else ""  # the channel is that of the payment
    by = f" by {receipt.taken_by}" if receipt.taken_by else ""
    desk = f" at desk {receipt.desk}" if receipt.desk else ""
    return f"{_DONE[receipt.kind]}{by}{desk}{where}"


def notice(receipt: Receipt) -> tuple[str, str]:
    """A title and a sentence the customer must not miss, or two blanks."""
    first = receipt.first_receipt
    if receipt.kind is ReceiptKind.VOID:
        return "Payment voided", f"The charge on receipt {first} was canceled before it settled."
    if receipt.kind is ReceiptKind.REFUND:
        return "Payment refunded", f"The money paid on receipt {first} goes back the way it came."
    if not receipt.cleared:
        return "Submitted, not yet cleared", "The bank can still return this payment."
    return "", ""


def consent(receipt: Receipt) -> tuple[str, str]:
    """When a bank debit was authorized, and the words it was authorized with, or two blanks."""
    if receipt.consent is None:
        return "", ""
    return f"Authorized {when(receipt.consent.given_at, receipt.time_zone)}", receipt.consent.sentence
