"""The agency of the window's tests: who its customers are, what they owe, and how its desk is set up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from paydesk.config.settings import (
    AgencySettings,
    Ams360Settings,
    FeeSettings,
    PostingSettings,
    Settings,
)
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money
from paydesk.domain.posting import PostingChannel
from paydesk.domain.tender import TenderKind
from tests.fakes.world import FEES

NOW = datetime(2026, 8, 14, 20, 51, tzinfo=UTC)
"""4:51 PM at the agency."""
TODAY = date(2026, 8, 14)

SETTINGS = Settings(
    training=True,
    desk="Front-1",
    user="Dana",
    time_zone="America/New_York",
    letterhead=AgencySettings(
        "Harbor Mutual Insurance Agency",
        ("12 Elm Street", "Avon, NY 14414"),
        "(585) 555-0142",
        "office@harbor.example",
    ),
    fees=FeeSettings(
        FEES.ach_limit,
        FEES.fees[TenderKind.CREDIT_CARD],
        FEES.fees[TenderKind.DEBIT_CARD],
        FEES.fees[TenderKind.ACH],
    ),
    ams360=Ams360Settings(charge_from_cache=True),
    posting=PostingSettings(channel=PostingChannel.EMS),
)

BAKERY = Customer("1001", "Sample Bakery", "c-1001", "14414", ("(585) 555-0101",), "bakery@example.com")
CAFE = Customer("1002", "Zoë’s Café & Crêperie", "c-1002", "14534", ("(585) 555-0102",))
NO_ZIP = Customer("1003", "Renée O’Brien", "c-1003", "", ("617-555-0199",))
BUILDER = Customer(
    "1004", "Northgate Builders, Inc.", "c-1004", "02139", ("(617) 555-0177",), "ap@northgate.example"
)
TEAHOUSE = Customer("1005", "金龍茶莊有限公司", "c-1005", "02111")
PHARMACY = Customer("1006", "صيدلية النور للأدوية", "c-1006", "02121")
TRUST = Customer(
    "1007",
    "The Honourable Bartholomew Featherstonehaugh-Cholmondeley Family Trust for the Benefit of Minors",
    "c-1007",
    "02138",
)
CUSTOMERS = (BAKERY, CAFE, NO_ZIP, BUILDER, TEAHOUSE, PHARMACY, TRUST)


def invoice(number: str, cents: int, due_in: int | None, customer: Customer = BAKERY, **more: Any) -> Invoice:
    """Return an open invoice, due ``due_in`` days after today."""
    return Invoice(
        number=number,
        customer_number=customer.number,
        customer_name=customer.name,
        amount=Money(cents),
        balance=Money(cents),
        read_at=NOW,
        invoice_date=TODAY - timedelta(days=40),
        due_date=None if due_in is None else TODAY + timedelta(days=due_in),
        customer_source_id=customer.source_id,
        **more,
    )


def invoices() -> list[Invoice]:
    """Return the invoices of all customers."""
    return [*_of_bakery_and_cafe(), *_of_builder(), *_of_others()]


def _of_bakery_and_cafe() -> list[Invoice]:
    """Return five invoices of the bakery (a credit, a paid one) and two of the café (one above the limit)."""
    return [
        invoice(
            "50123",
            838_00,
            -23,
            description="Business owners policy, installment 3 of 4",
            policy_number="BOP-7781204",
            insurer="Harbor Mutual",
        ),
        invoice("50177", 412_00, 9, description="Commercial auto renewal", policy_number="CA-220918"),
        invoice("50181", 96_40, 0, description="Workers compensation audit", policy_number="WC-10017"),
        replace(invoice("50305", -50_00, None, description="Return premium"), amount=Money(-50_00)),
        replace(invoice("50306", 300_00, -60, description="Installment 1 of 4"), balance=ZERO),
        invoice("50200", 240_00, None, CAFE, description="Liquor liability"),
        invoice("50210", 18_400_00, 20, CAFE, description="Commercial package, annual premium"),
    ]


def _of_builder() -> list[Invoice]:
    """Return twelve, five of them overdue."""
    return [
        invoice(
            str(60010 + place),
            (317 + 211 * place) * 100 + 17 * place,
            -40 + 9 * place,
            BUILDER,
            description=f"Builders risk, site {place + 1}: Northgate Commons phase {place % 3 + 1}",
            policy_number=f"BR-{44010 + place}",
            insurer="Harbor Mutual",
        )
        for place in range(12)
    ]


def _of_others() -> list[Invoice]:
    """Return one of each customer whose name is in another script, or very long, or without a ZIP."""
    return [
        invoice(
            "50301", 1_120_00, -3, TEAHOUSE, description="商業綜合保險 年度保費", policy_number="CPP-88012"
        ),
        invoice(
            "50302", 640_50, 12, PHARMACY, description="تأمين المسؤولية المهنية", policy_number="PL-3301"
        ),
        invoice("50303", 9_999_99, -120, TRUST, description="Personal umbrella, excess liability " * 6),
        invoice("50304", 75_00, 5, NO_ZIP, description="Renters", policy_number="HO-204417"),
    ]
