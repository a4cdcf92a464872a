"""Receipts of every kind, for the tests and to look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from paydesk.domain.consent import Agency, Channel
from paydesk.domain.money import Money, total
from paydesk.domain.receipt import (
    AnytimeReference,
    ConsentNote,
    Receipt,
    ReceiptKind,
    ReceiptLine,
)
from paydesk.domain.tender import TenderKind
from paydesk.domain.world import LIVE, TRAINING

AGENCY = Agency(
    name="Prairie Lakes Insurance Agency",
    address_lines=("1200 Main Street, Suite 4", "Springfield, IL 62701"),
    phone="(217) 555-0100",
    email="payments@prairielakes.example",
    license="IL 100200300",
)
REFUNDS = (
    "Refunds go back the way the payment was made. Questions about this payment: "
    "(217) 555-0100, Monday to Friday 8:30 to 5:00, or payments@prairielakes.example."
)


def line(number: int = 10023, cents: int = 123450, **fields: str) -> ReceiptLine:
    """Return an invoice of Sample Bakery."""
    texts: dict[str, Any] = {
        "customer_name": "Sample Bakery LLC",
        "customer_number": "SAMPBAK-1",
        "policy_number": "BOP-1234567",
        "insurer": "Acme Mutual Insurance Company",
        "description": "Businessowners policy, renewal 2026",
    }
    return ReceiptLine(str(number), Money(cents), **{**texts, **fields})


def payment(*lines: ReceiptLine, fee_cents: int = 4321) -> Receipt:
    """Return a credit card payment by phone of these lines."""
    paid = lines or (line(),)
    subtotal = total(each.amount for each in paid)
    return Receipt(
        number="R-000123",
        kind=ReceiptKind.PAYMENT,
        reference="PD-7F3K-2M9Q",
        taken_at=datetime(2026, 3, 3, 20, 15, tzinfo=UTC),
        time_zone="America/Chicago",
        agency=AGENCY,
        payer_name="Jordan Sample",
        payer_contact="(217) 555-0111",
        lines=paid,
        subtotal=subtotal,
        fee=Money(fee_cents),
        total=subtotal + Money(fee_cents),
        tender=TenderKind.CREDIT_CARD,
        brand="Visa",
        last4="0007",
        authorization_code="123456",
        taken_by="Dana",
        desk="Front-1",
        channel=Channel.PHONE,
        refund_line=REFUNDS,
        world=LIVE,
    )


def many(count: int) -> Receipt:
    """Return a payment of that many invoices, with rows of different heights."""
    descriptions = (
        "Businessowners policy, renewal 2026",
        "Commercial auto, three vehicles added in the middle of the term, pro rata to the anniversary date",
        "",
    )
    return payment(
        *(
            line(10000 + index, 10011 + 997 * index, description=descriptions[index % 3])
            for index in range(count)
        )
    )


def bank_debit() -> Receipt:
    """Return an ACH payment with spoken consent."""
    said = (
        "Today is March 3, 2026. Do you, Jordan Sample, authorize Prairie Lakes Insurance Agency to make a "
        "single electronic debit of $1,237.50, which includes a technology fee of $3.00, on or after "
        "March 3, 2026 from your account ending in 6789? For questions, or to revoke this before it is "
        "sent, you can call (217) 555-0100."
    )
    given = ConsentNote(said, datetime(2026, 3, 3, 20, 13, tzinfo=UTC))
    account = replace(payment(fee_cents=300), tender=TenderKind.ACH, brand="Checking", last4="6789")
    return replace(account, authorization_code="", consent=given)


def anytime() -> Receipt:
    """Return a payment without an invoice, at the counter."""
    paid = ReceiptLine(None, Money(25000), description="Down payment for a new homeowners policy")
    receipt = payment(paid, fee_cents=875)
    reference = AnytimeReference("policy", "HO-99-4410")
    return replace(receipt, anytime_reference=reference, channel=Channel.COUNTER, brand="American Express")


def void() -> Receipt:
    """Return the document that voids the first receipt."""
    return replace(payment(), number="R-000124", kind=ReceiptKind.VOID, first_receipt="R-000123")


def refund() -> Receipt:
    """Return a refund of the subtotal. The fee is not refunded."""
    receipt = payment(fee_cents=0)
    return replace(receipt, number="R-000131", kind=ReceiptKind.REFUND, first_receipt="R-000123")


def training() -> Receipt:
    """Return a payment at a training desk."""
    return replace(payment(), world=TRAINING)


NAMES = {
    "accents": "Žluťoučký Kůň & Søn, Nguyễn Thị Hương",
    "greek": "Αναστάσιος Παπαδόπουλος",
    "cyrillic": "Екатерина Щербакова-Їжакевич",
    "chinese": "張偉 保险代理有限公司",
    "japanese": "𠮷田 すずき カタカナ株式会社",
    "korean": "김철수 보험 대리점",
    "hebrew": "דנה כהן (Dana Cohen) 12",
    "arabic": "محمد بن عبد الله للتأمين ٤٥٦",
    "hindi": "श्रीमती प्रिया क्षत्रिय",
    "thai": "สมชาย ใจดี",
    "emoji": "Pizza 🍕 & Café ☕ 👩‍👩‍👧 🇺🇸 👍🏽",
}


def long_name(length: int = 300) -> str:
    """Return a name of that many characters, with short words and one very long one."""
    name = "The Incorporated Brotherhood of " + "Sesquipedalian" * 6 + " Bakers and Confectioners" * 20
    return name[:length]


def named(name: str) -> Receipt:
    """Return a payment whose payer, customer and description have this name."""
    return replace(payment(line(customer_name=name, description=name)), payer_name=name, taken_by=name[:30])


def unlike() -> Receipt:
    """Return a payment for two customers."""
    return payment(line(), line(20417, 41200, customer_name="Sample Bistro Inc", customer_number="SAMPBIS-2"))
