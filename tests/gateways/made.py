"""Charges, tenders and answers for tests of the gateways."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

from paydesk.domain.consent import Channel
from paydesk.domain.money import Money
from paydesk.domain.payment import Draft, Payer, PaymentLine, ReferenceKind
from paydesk.domain.quote import Quote
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, Card, Tender, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.json_text import to_json
from paydesk.services.ports.processor import ChargeRequest

TODAY = datetime.now(UTC).date()
FROM, TO = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
TITLE = "PD-7K2M-A1"
FEES = {TenderKind.CREDIT_CARD: Money(6_23), TenderKind.DEBIT_CARD: Money(2_67), TenderKind.ACH: Money(3_00)}


STEERING = ["0c1f\u202e.00", "0c1f\n0", "0c1f\x00", "\u05d0\u05d1", "\u0664\u0665"]
"""Texts that would steer a screen, or turn the order of an amount beside them: no number of a vendor."""


def request(
    cents: int = 178_00,
    kind: TenderKind = TenderKind.CREDIT_CARD,
    numbers: tuple[str, ...] = ("50123",),
    title: str = TITLE,
) -> ChargeRequest:
    """Return a charge for invoices, with most of the sum on the first one."""
    amounts = (Money(cents - (len(numbers) - 1)), *(Money(1) for _ in numbers[1:]))
    lines = tuple(
        PaymentLine(amount, "Premium", number) for amount, number in zip(amounts, numbers, strict=True)
    )
    return charge_request(lines, kind, title)


def anytime(kind: ReferenceKind, value: str) -> ChargeRequest:
    """Return a charge without an invoice."""
    line = PaymentLine(Money(178_00), "Down payment")
    return charge_request((line,), TenderKind.CREDIT_CARD, TITLE, kind, value)


def charge_request(
    lines: tuple[PaymentLine, ...],
    kind: TenderKind,
    title: str,
    reference_kind: ReferenceKind | None = None,
    reference_value: str = "",
) -> ChargeRequest:
    payer = Payer("Dana Reyes", "+1 (508) 555-0142", "dana@reyes.example", "1001", "Sample Bakery LLC")
    subtotal = Money(sum(line.amount.cents for line in lines))
    quote = Quote(kind, subtotal, FEES[kind])
    draft = Draft(lines, payer, quote, Channel.PHONE, reference_kind, reference_value)
    return ChargeRequest(title, "PD-7K2M", draft, "Invoice 50123, Sample Bakery LLC")


def card(
    number: str = "4000620000000007", kind: TenderKind = TenderKind.CREDIT_CARD, code: str = "737"
) -> Card:
    year = date.today().year + 4  # noqa: DTZ011 - any future year
    return Card(kind, Sealed(number), 3, year, Sealed(code), "Dana Reyes", "02108")


def bank_account(account: str = "123456789", business: bool = False) -> BankAccount:
    holder_kind = AccountHolder.BUSINESS if business else AccountHolder.PERSONAL
    return BankAccount("011000138", Sealed(account), AccountType.CHECKING, holder_kind, "Dana Reyes")


def tender_for(kind: TenderKind) -> Tender:
    return bank_account() if kind is TenderKind.ACH else card(kind=kind)


DETAIL: dict[str, Any] = {
    "transactionId": "0c1f6c2e-8b0a-4f0f-9b61-0d6a5f6f2a11",
    "transactionCode": "Web",
    "referenceNo": TITLE,
    "transactionStatus": "Authorized",
    "subTotalAmount": 178.00,
    "tenderInfo": {
        "amount": 178.00,
        "captureAmount": 184.23,
        "cardType": "VISA",
        "maskCardNumber": "****0007",
        "currency": "USD",
        "convenienceAmount": None,
        "adjustmentAmount": 6.23,
        "paymentAdjustmentType": "ConvenienceFee",
    },
    "transactionResult": {
        "success": True,
        "processorAuthCode": "555761",
        "merchantReference": TITLE,
        "reasonCode": "00",
        "reasonMessage": "APPROVED",
        "errorCode": None,
        "errorMessage": None,
    },
}
"""The answer to an approved payment of 178.00."""


def detail(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return DETAIL with some fields changed, by dotted path. ``...`` removes a field."""
    made = copy.deepcopy(DETAIL)
    for path, value in (changes or {}).items():
        *outer, name = path.split(".")
        place = made
        for step in outer:
            place = place[step]
        if value is ...:
            del place[name]
        else:
            place[name] = value
    return made


def answered(status: int, value: object) -> Reply:
    return Reply(status, value if isinstance(value, bytes) else to_json(value).encode())


def refused(key: object, status: int = 400) -> Reply:
    return answered(
        status, {"errorCode": key, "message": "No.", "statusCode": status, "isSuccessStatusCode": False}
    )
