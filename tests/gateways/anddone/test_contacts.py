"""The payer's contact as AndDone takes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paydesk.domain.payment import Payer
from paydesk.domain.tender import TenderKind
from paydesk.gateways.anddone.contacts import contact, phone_code
from paydesk.gateways.anddone.requests import to_payment
from tests.gateways import made

DANA = Payer("Dana Reyes", "508-555-0142", "dana@reyes.example")


@pytest.mark.parametrize(
    ("typed", "sent", "code"),
    [
        ("508-555-0142 x12", "5085550142", ""),
        ("(508) 555-0142 ext. 7", "5085550142", ""),
        ("508.555.0142 extension 3", "5085550142", ""),
        ("5085550142#12", "5085550142", ""),
        ("508 555 0142, 12", "5085550142", ""),
        ("+1 508 555 0142;ext=12", "5085550142", ""),
        ("1-508-555-0142 EXT12", "5085550142", ""),
        ("508-555-0142 or 617-555-0101", "5085550142", ""),
        ("508-555-0142 / 0143", "5085550142", ""),
        ("cell: 508 555 0142", "5085550142", ""),
        ("555-0142", "5550142", ""),
        ("+1 (416) 555-0142", "4165550142", ""),
        ("+44 20 7946 0958", "2079460958", "+44"),
        ("+44 (0)20 7946 0958 ext 9", "2079460958", "+44"),
        ("011 52 55 1234 5678", "5512345678", "+52"),
        ("+353 1 234 5678", "12345678", "+353"),
        ("+7 495 123-45-67", "4951234567", "+7"),
        ("+81 3-1234-5678", "312345678", "+81"),
        ("no phone", None, ""),
        ("x12", None, ""),
        ("", None, ""),
    ],
)
def test_a_telephone_goes_without_its_extension_and_with_its_country(
    typed: str, sent: str | None, code: str
) -> None:
    payer = replace(DANA, phone=typed)
    assert contact(payer, made.card()).get("phone") == sent
    assert phone_code(payer) == ({"phoneCountryCode": code} if code else {})


@pytest.mark.parametrize(
    ("post_code", "home"),
    [
        ("02108", True),
        ("02108-1234", True),
        ("021081234", True),
        ("02108 1234", True),
        ("K1A 0B1", False),
        ("k1a0b1", False),
        ("SW1A 1AA", False),
        ("D02 X285", False),
        ("1012 AB", False),
        ("2000", False),
        ("100-0001", False),
    ],
)
def test_only_a_zip_code_is_american(post_code: str, home: bool) -> None:
    """The vendor publishes the number of one country only, so others are not named."""
    sent = contact(DANA, replace(made.card(), zip_code=post_code))["address"]
    assert sent == ({"country": 1} if home else {}) | {"postalCode": post_code}


@pytest.mark.parametrize(
    ("holder", "name"),
    [
        ("Dana Reyes", {"firstName": "Dana", "lastName": "Reyes"}),
        ("Dana van der Berg", {"firstName": "Dana van der", "lastName": "Berg"}),
        ("Cher", {"firstName": "Cher"}),
        ("  Cher ", {"firstName": "Cher"}),
        ("山田 太郎", {"firstName": "山田", "lastName": "太郎"}),
        ("王小明", {"firstName": "王小明"}),
        ("", {"firstName": "Dana", "lastName": "Reyes"}),
    ],
)
def test_no_part_of_a_name_is_empty(holder: str, name: dict[str, str]) -> None:
    assert contact(DANA, replace(made.card(), holder=holder))["name"] == name


@pytest.mark.parametrize(
    ("holder", "payer", "sent"),
    [
        ("Sample Bakery LLC", "Sample Bakery LLC", {"companyName": "Sample Bakery LLC"}),
        ("Sample Bakery LLC", "sample bakery llc ", {"companyName": "Sample Bakery LLC"}),
        ("Sample Bakery LLC", "Dana Reyes",
         {"companyName": "Sample Bakery LLC", "name": {"firstName": "Dana", "lastName": "Reyes"}}),
        ("", "Sample Bakery LLC", {"companyName": "Sample Bakery LLC"}),
        ("Bakery", "", {"companyName": "Bakery"}),
    ],
)  # fmt: skip
def test_the_holder_of_a_business_account_is_a_company(
    holder: str, payer: str, sent: dict[str, object]
) -> None:
    account = replace(made.bank_account(business=True), holder=holder)
    made_of = contact(Payer(payer), account)
    assert made_of == sent


def test_a_personal_account_and_a_payment_name_no_company() -> None:
    payment = to_payment("T", made.request(kind=TenderKind.ACH), made.bank_account())
    assert "phoneCountryCode" not in payment
    assert payment["billingContact"] == {
        "name": {"firstName": "Dana", "lastName": "Reyes"},
        "phone": "5085550142",
        "email": "dana@reyes.example",
    }
