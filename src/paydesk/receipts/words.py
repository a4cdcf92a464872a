"""The words of a receipt, line by line, for both papers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from paydesk.domain.consent import Agency, Channel
from paydesk.domain.money import Money
from paydesk.domain.receipt import Receipt, ReceiptKind, ReceiptLine
from paydesk.domain.tender import TenderKind
from paydesk.domain.world import World, WorldKind

ANCHOR = "PayDesk ledger anchor"
"""In the keywords of the PDF, before the hash."""
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
_PAYER = {
    ReceiptKind.PAYMENT: "Paid by",
    ReceiptKind.VOID: "Originally paid by",
    ReceiptKind.REFUND: "Refunded to",
}
TENDERS = {
    TenderKind.CREDIT_CARD: "Credit card",
    TenderKind.DEBIT_CARD: "Debit card",
    TenderKind.ACH: "Bank account (ACH)",
}
_TENDER = {
    ReceiptKind.PAYMENT: "Paid with",
    ReceiptKind.VOID: "Original payment method",
    ReceiptKind.REFUND: "Goes back to",
}
_WHERE = {Channel.PHONE: "by phone", Channel.COUNTER: "at the counter", Channel.LINK: "by payment link"}
_DONE = {ReceiptKind.PAYMENT: "Taken", ReceiptKind.VOID: "Voided", ReceiptKind.REFUND: "Refund submitted"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def world_mark(world: World) -> str:
    """Return the mark of a payment that is not real, or may not be.

    A live one has ``""``.
    """
    match world.kind:
        case WorldKind.LIVE:
            return ""
        case WorldKind.TRAINING:
            return "TRAINING – no money moved"
        case WorldKind.TEST:
            return "TEST HOST – no money moved"
        case WorldKind.OTHER:
            return f"NOT LIVE – {world.host}"
        case never:
            assert_never(never)


def payer(receipt: Receipt) -> str:
    """Return the title above the payer's name."""
    return "Had been paid by" if _is_older_void(receipt) else _PAYER[receipt.kind]


def tender(receipt: Receipt) -> str:
    """Return the title above the payment method."""
    return "Had been paid with" if _is_older_void(receipt) else _TENDER[receipt.kind]


def _is_older_void(receipt: Receipt) -> bool:
    return receipt.kind is ReceiptKind.VOID and receipt.version <= 4


def copy_mark(copy_number: int) -> str:
    """Return the mark of a reprint, or ``""`` for the original."""
    return f"COPY {copy_number}" if copy_number else ""


def dollars(amount: Money) -> str:
    """Return ``$1,234.50``, or ``-$1,234.50`` for a credit."""
    return amount.shown


def when(instant: datetime, zone_name: str) -> str:
    """Return ``Mar 3, 2026, 2:15 PM CST``, or the time in UTC, marked so, if the zone is unknown here."""
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
    """Return the line that names the receipt a void or refund reverses."""
    verb = "Voids" if receipt.kind is ReceiptKind.VOID else "Refunds"
    return f"{verb} receipt {receipt.first_receipt}" if receipt.first_receipt else ""


def agency_lines(agency: Agency) -> list[str]:
    """Return the agency's address, phone, email and license, for below its name."""
    reach = " · ".join(part for part in (agency.phone, agency.email) if part)
    license_ = f"License {agency.license}" if agency.license else ""
    return [line for line in (*agency.address_lines, reach, license_) if line]


def shared_customer(receipt: Receipt) -> tuple[str, str]:
    """Return name and number of the customer if all lines are one customer's, otherwise two blanks."""
    customers = {(line.customer_name, line.customer_number) for line in receipt.lines}
    return customers.pop() if len(customers) == 1 else ("", "")


def customer_number(number: str) -> str:
    """Return the customer number with its label."""
    return f"Customer {number}" if number else ""


def contact_lines(receipt: Receipt) -> list[str]:
    """Return telephone and email, each whole. Version 1 breaks them at any line end."""
    return [receipt.payer_contact] if receipt.version == 1 else receipt.payer_contact.split(" · ")


def line_title(receipt: Receipt) -> str:
    """Return the title of the column that names what was paid."""
    return "Invoice" if any(line.invoice_number is not None for line in receipt.lines) else "Reference"


def line_name(receipt: Receipt, line: ReceiptLine) -> str:
    """Return the invoice number, or the reference of an anytime payment."""
    if line.invoice_number is not None:
        return line.invoice_number
    reference = receipt.anytime_reference
    if reference is None:
        return ""
    kind = "" if reference.kind == "other" else reference.kind.capitalize()
    return f"{kind} {reference.value}".strip()


ONE_TIME = "One-time payment"


def line_details(receipt: Receipt, line: ReceiptLine) -> list[str]:
    """Return description, part payment, policy and insurer, then the customer unless all lines share it."""
    policy = f"Policy {line.policy_number}" if line.policy_number else ""
    description = line.description or "Payment"
    if receipt.version >= 5 and receipt.anytime_reference is not None:
        policy = ""  # it is the reference
        description = ONE_TIME if description == line_name(receipt, line) else description
    customer = (line.customer_name, customer_number(line.customer_number))
    whose = () if any(shared_customer(receipt)) else customer
    rows = ((description,), (part_payment(receipt, line),), (policy, line.insurer), whose)
    return [" · ".join(part for part in row if part) for row in rows if any(row)]


def part_payment(receipt: Receipt, line: ReceiptLine) -> str:
    """Return ``Partial payment: $500.00 of $1,250.00 owed``, or ``""`` if all of it was paid."""
    if line.owed is None or receipt.kind is not ReceiptKind.PAYMENT:
        return ""
    title = "Part payment" if receipt.version <= 4 else "Partial payment"
    return f"{title}: {dollars(line.amount)} of {dollars(line.owed)} owed"


def instrument(receipt: Receipt) -> str:
    """Return ``Visa ending 0007 · authorization 123456``."""
    name = receipt.brand or ("Account" if receipt.tender is TenderKind.ACH else "Card")
    ending = f"{name} ending {receipt.last4}" if receipt.last4 else receipt.brand
    approval = f"authorization {receipt.authorization_code}" if receipt.authorization_code else ""
    return " · ".join(part for part in (ending, approval) if part)


def taken(receipt: Receipt) -> str:
    """Return ``Taken by Dana at desk Front-1, by phone``."""
    where = f", {_WHERE[receipt.channel]}"
    where = where if receipt.kind is ReceiptKind.PAYMENT else ""  # the channel belongs to the payment alone
    by = f" by {receipt.taken_by}" if receipt.taken_by else ""
    desk = f" at desk {receipt.desk}" if receipt.desk else ""
    return f"{_DONE[receipt.kind]}{by}{desk}{where}"


def notice(receipt: Receipt) -> tuple[str, str]:
    """Return a title and a sentence the customer must not miss, or two blanks."""
    first = receipt.first_receipt
    if receipt.kind is ReceiptKind.VOID:
        return "Payment voided", f"The charge on receipt {first} was canceled before it settled."
    if receipt.kind is ReceiptKind.REFUND:
        return "Refund submitted", (
            f"The money paid on receipt {first} goes back the way it came. "
            "This usually takes a few business days."
        )
    if not receipt.cleared:
        return "Submitted, not yet cleared", "The bank can still return this payment."
    return "", ""


def consent(receipt: Receipt) -> tuple[str, str]:
    """Return when and with which words a bank debit was authorized, or two blanks."""
    if receipt.consent is None:
        return "", ""
    return f"Authorized {when(receipt.consent.given_at, receipt.time_zone)}", receipt.consent.sentence
