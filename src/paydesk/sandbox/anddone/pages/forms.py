"""The form that a payer submits, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from paydesk.sandbox.anddone.books import Offer
from paydesk.sandbox.anddone.merchant import ACH, CREDIT, DEBIT
from paydesk.sandbox.anddone.outcomes import is_debit

CARD, BANK = "card", "bank"
LONGEST_VALUE: Final = 200
CONTACT_FIELDS: Final = {
    "firstName": "First name",
    "lastName": "Last name",
    "email": "Email",
    "phone": "Phone",
    "companyName": "Company name",
}
"""Contact fields that an order may ask the payer for, with their labels."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. ``name`` is also its id, which is AndDone's own where one is known."""

    name: str
    label: str
    pattern: str = r".*\S.*"
    wrong: str = "Enter this field."
    autocomplete: str = "off"
    secret: bool = False
    """True if its value is never sent back to the browser."""
    digits: bool = False
    choices: tuple[tuple[str, str], ...] = ()


CARD_FIELDS: Final = (
    Field("cardAccountHolder", "Name on card", autocomplete="cc-name"),
    Field("cardNumber", "Card number", r"\d{12,19}", "Enter the card number.", "cc-number", True, True),
    Field(
        "validThrough", "Valid through (MM/YY)", r"(0[1-9]|1[0-2])\d\d",
        "Enter month and year, such as 03/30.", "cc-exp", digits=True,
    ),
    Field("securityCode", "Security code", r"\d{3,4}", "Enter the 3 or 4 digits.", "cc-csc", True, True),
    Field("streetNumber", "Street number"),
    Field("streetName", "Street name", autocomplete="address-line1"),
    Field("city", "City", autocomplete="address-level2"),
    Field("selectState", "State", autocomplete="address-level1"),
    Field("postalCode", "ZIP code", r".*\d.*", "Enter the ZIP code.", "postal-code"),
    Field("selectCountry", "Country", choices=(("1", "United States"), ("2", "Another country"))),
)  # fmt: skip
BANK_FIELDS: Final = (
    Field("accountHolderName", "Account holder", autocomplete="name"),
    Field("verifyBankRoutingNumberInput", "Routing number", r"\d{9}", "Enter the 9 digits.", digits=True),
    Field("bankName", "Bank name"),
    Field(
        "bankAccountNumberInput", "Account number", r"\d{4,17}", "Enter 4 to 17 digits.", secret=True,
        digits=True,
    ),
    Field(
        "verifyBankAccountNumberInput", "Account number again", r"\d{4,17}", "Enter the number again.",
        secret=True, digits=True,
    ),
    Field("accountType", "Account type", choices=(("checking", "Checking"), ("savings", "Savings"))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Submitted:
    """Values that a payer entered, and the errors by field."""

    tab: str
    values: Mapping[str, str]
    errors: Mapping[str, str]

    @property
    def tender(self) -> str:
        """The payment method. The page tells debit from credit by the card's number."""
        if self.tab == BANK:
            return ACH
        return DEBIT if is_debit(_digits(self.values["cardNumber"])) else CREDIT

    def payment(self, offer: Offer) -> dict[str, Any]:
        """Return the body of a payment. Call it only if there are no errors."""
        info = self._bank() if self.tab == BANK else self._card()
        return {
            "transactionCode": "Web",
            "channelType": self.tender,
            "tenderInfo": info | {"amount": offer.amount.dollars},
            "billingContact": self._contact(),
        }

    def _card(self) -> dict[str, Any]:
        return {
            "cardHolderName": self.values["cardAccountHolder"],
            "cardNumber": _digits(self.values["cardNumber"]),
            "cardExpiry": _digits(self.values["validThrough"]),
            "cvv": self.values["securityCode"],
        }

    def _bank(self) -> dict[str, Any]:
        return {
            "accountHolderName": self.values["accountHolderName"],
            "routingNumber": self.values["verifyBankRoutingNumberInput"],
            "accountNumber": _digits(self.values["bankAccountNumberInput"]),
            "accountType": self.values["accountType"],
            "bankName": self.values["bankName"],
        }

    def _contact(self) -> dict[str, Any]:
        """Return the payer's contact as far as this form asks for it."""
        held = self.values
        name = {key: held[key] for key in ("firstName", "lastName") if key in held}
        contact: dict[str, Any] = {key: held[key] for key in ("email", "phone", "companyName") if key in held}
        if name:
            contact["name"] = name
        if self.tab == CARD:
            contact["address"] = {
                "addressLine1": f"{held['streetNumber']} {held['streetName']}",
                "city": held["city"],
                "state": held["selectState"],
                "country": int(held["selectCountry"]),
                "postalCode": held["postalCode"],
            }
        return contact


def fields_of(offer: Offer, tab: str) -> tuple[Field, ...]:
    """Return the fields of a tab. An order that asks the payer for contact fields adds them."""
    return (*(BANK_FIELDS if tab == BANK else CARD_FIELDS), *_contact_fields(offer))


def known_values(offer: Offer, tab: str) -> dict[str, str]:
    """Return what the order knows of its payer already: the name, where the merchant entered it."""
    settings = offer.wire.get("settings") or offer.wire
    customers = offer.wire.get("customers")
    if settings.get("additionalDetailsPreference") not in ("ManualEnter", "ManualEnterEditNotAllowed"):
        return {}
    if not isinstance(customers, list) or not customers or not isinstance(customers[0], dict):
        return {}
    name = " ".join(str(customers[0].get(part) or "") for part in ("firstName", "lastName")).strip()
    return {"accountHolderName" if tab == BANK else "cardAccountHolder": name[:LONGEST_VALUE]}


def tabs_of(offer: Offer) -> list[str]:
    """Return the tabs of the allowed payment methods. One tab takes both kinds of card."""
    return [tab for tab, tenders in ((CARD, {CREDIT, DEBIT}), (BANK, {ACH})) if tenders & set(offer.tenders)]


def submitted(offer: Offer, tab: str, body: bytes) -> Submitted:
    """Read a form. Anything that is no form reads as an empty one."""
    sent = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    fields = fields_of(offer, tab)
    values = {field.name: sent.get(field.name, "").strip()[:LONGEST_VALUE] for field in fields}
    return Submitted(tab, values, dict(_errors(fields, values)))


def _errors(fields: tuple[Field, ...], values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for field in fields:
        value = _digits(values[field.name]) if field.digits else values[field.name]
        fits = value in dict(field.choices) if field.choices else re.fullmatch(field.pattern, value, re.ASCII)
        if not fits:
            yield field.name, field.wrong
    first = values.get("bankAccountNumberInput", "")
    if _digits(first) != _digits(values.get("verifyBankAccountNumberInput", "")):
        yield "verifyBankAccountNumberInput", "The account numbers are not the same."


def _contact_fields(offer: Offer) -> Iterator[Field]:
    settings = offer.wire.get("settings") or offer.wire
    if settings.get("additionalDetailsPreference") != "AskShopper":
        return
    asked = str(settings.get("selectedCustomerFields") or "").split(",")
    for name, label in CONTACT_FIELDS.items():
        if any(name.lower() == one.strip().lower() for one in asked):
            yield Field(name, label)


def _digits(text: str) -> str:
    """Return the text without the signs that people put between digits."""
    return re.sub(r"[\s/-]", "", text)
