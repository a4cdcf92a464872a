"""The payer's contact as AndDone takes it: name or company, telephone, country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from paydesk.domain.payment import Payer
from paydesk.domain.tender import AccountHolder, BankAccount, Card, Tender

UNITED_STATES: Final = 1
"""The only country number that the vendor publishes."""
_NUMBER: Final = re.compile(r"\+?[\s(]*\d[\d\s().\u2010-\u2015-]*")
"""One number. It ends at a letter, a comma, a # or another sign before an extension or a second number."""
_FEWEST_DIGITS: Final = 7
_TWO_DIGITS: Final = re.compile(
    r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
)  # of the calling codes of ITU-T E.164; 1 and 7 have one digit, all others three
_US_ZIP: Final = re.compile(r"\d{5}(?:[- ]?\d{4})?")


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number without its extension. ``code`` is the calling code of another country, if any."""

    code: str
    digits: str

    @classmethod
    def of(cls, typed: str) -> Phone:
        """Read the first number in a typed text. Only a leading + or 011 makes it a foreign one."""
        found = _NUMBER.search(typed)
        number = found[0] if found else ""
        digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
        if len(digits) < _FEWEST_DIGITS:
            return cls("", "")
        if number.startswith("+") or digits.startswith("011"):
            return cls._international(digits.removeprefix("011"))
        return cls("", digits[1:] if len(digits) == 11 and digits[0] == "1" else digits)

    @classmethod
    def _international(cls, digits: str) -> Phone:
        if digits.startswith("1"):
            return cls("", digits[1:])
        length = 1 if digits.startswith("7") else 2 if _TWO_DIGITS.match(digits) else 3
        national = digits[length:].removeprefix("0")  # the trunk 0 of “+44 (0)20”
        return cls(f"+{digits[:length]}" if national else "", national)


def contact(payer: Payer, tender: Tender) -> dict[str, object]:
    """Return the Contact: the holder of the card or account, and how to reach the payer."""
    made = _company(payer, tender) or {"name": _name(tender.holder.strip() or payer.name)}
    phone = Phone.of(payer.phone)
    if phone.digits:
        made["phone"] = phone.digits
    if payer.email:
        made["email"] = payer.email
    if isinstance(tender, Card) and tender.zip_code:
        made["address"] = _address(tender.zip_code)
    return made


def phone_code(payer: Payer) -> dict[str, object]:
    """Return ``phoneCountryCode`` for a foreign number. Nothing for others, as in the vendor's samples."""
    code = Phone.of(payer.phone).code
    return {"phoneCountryCode": code} if code else {}


def _company(payer: Payer, tender: Tender) -> dict[str, object]:
    """Return the company of a business account, with the payer's own name if that is another."""
    if not isinstance(tender, BankAccount) or tender.holder_kind is not AccountHolder.BUSINESS:
        return {}
    company = tender.holder.strip() or payer.name
    person = payer.name if payer.name.strip().casefold() != company.casefold() else ""
    return {"companyName": company} | ({"name": _name(person)} if person.strip() else {})


def _name(full: str) -> dict[str, object]:
    """Return first and last name. A single word is the first name, for neither may be empty."""
    first, _, last = full.strip().rpartition(" ")
    return {"firstName": first.strip(), "lastName": last} if first else {"firstName": last}


def _address(post_code: str) -> dict[str, object]:
    """Return the address. Only a ZIP code tells a country that has a published number."""
    home = _US_ZIP.fullmatch(post_code.strip())
    return ({"country": UNITED_STATES} if home else {}) | {"postalCode": post_code}
