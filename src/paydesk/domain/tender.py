"""How it is paid: a credit card, a debit card or a bank account; secrets print as ``****``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NoReturn


class TenderKind(StrEnum):
    """The three tenders of AndDone; the caller states credit or debit."""

    CREDIT_CARD = "credit_card"
    DEBIT_CARD = "debit_card"
    ACH = "ach"


class Brand(StrEnum):
    """The card brands taken at the desk."""

    VISA = "Visa"
    MASTERCARD = "Mastercard"
    AMEX = "American Express"
    DISCOVER = "Discover"


@dataclass(frozen=True, slots=True)
class BrandRule:
    """How a brand's numbers begin and how long they are (ISO/IEC 7812 issuer ranges)."""

    brand: Brand
    prefixes: tuple[tuple[int, int], ...]
    lengths: tuple[int, ...]
    groups: tuple[int, ...]
    code_length: int

    @property
    def usual_length(self) -> int:
        """Digits on nearly every card of the brand; the entry field moves on after them."""
        return sum(self.groups)


_FOURS = (4, 4, 4, 4)
BRAND_RULES = (
    BrandRule(Brand.VISA, ((4, 4),), (13, 16, 19), _FOURS, 3),
    BrandRule(Brand.MASTERCARD, ((51, 55), (2221, 2720)), (16,), _FOURS, 3),
    BrandRule(Brand.AMEX, ((34, 34), (37, 37)), (15,), (4, 6, 5), 4),
    BrandRule(Brand.DISCOVER, ((6011, 6011), (644, 649), (65, 65)), (16, 17, 18, 19), _FOURS, 3),
)


def brand_rule(number: str) -> BrandRule | None:
    """The rule of the brand whose numbers begin as ``number`` does, or None."""
    for rule in BRAND_RULES:
        for low, high in rule.prefixes:
            width = len(str(low))
            if len(number) >= width and low <= int(number[:width]) <= high:
                return rule
    return None


def digits_in(text: str) -> str:
    """The ASCII digits of a text, everything else dropped."""
    return re.sub(r"[^0-9]", "", text)


def spaced(number: str) -> str:
    """A card number in the groups printed on the card."""
    rule = brand_rule(number)
    groups = rule.groups if rule else _FOURS
    parts, at = [], 0
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    parts.append(number[at:])
    return " ".join(part for part in parts if part)


def card_number_problem(number: str) -> str:
    """Why this cannot be a complete card number, in words to say aloud, or ``""``."""
    if not number:
        return "Type the card number."
    rule = brand_rule(number)
    if rule is None:
        return "PayDesk takes Visa, Mastercard, American Express and Discover."
    if len(number) < min(rule.lengths) or (
        len(number) < rule.usual_length and len(number) not in rule.lengths
    ):
        return f"{rule.brand} numbers have {rule.usual_length} digits; this has {len(number)}."
    if len(number) not in rule.lengths:
        return f"{rule.brand} numbers have {rule.usual_length} digits; this has {len(number)}, too many."
    from stdnum import luhn  # takes longer to load than the rest of the domain

    return "" if luhn.is_valid(number) else "One of the digits is wrong. Ask for the number again."


def expiry_problem(month: int, year: int, today: date) -> str:
    """Why a card with this expiry cannot be used on ``today``, or ``""``; ``year`` has four digits."""
    if not 1 <= month <= 12:
        return "The month of the expiry is 01 to 12."
    if (year, month) < (today.year, today.month):
        return "This card has expired. Ask for another card."
    if year > today.year + 20:
        return "That expiry is too far ahead."
    return ""


def expiry_in(text: str) -> tuple[int, int] | None:
    """Month and four-digit year in ``03/30``, ``0330``, ``3/2030``; None when incomplete."""
    found = re.fullmatch(r"\s*(\d{1,2})\s*[/ -]\s*(\d{2}|\d{4})\s*|(\d{2})(\d{2}|\d{4})", text.strip())
    if found is None:
        return None
    month, year = int(found[1] or found[3]), int(found[2] or found[4])
    return month, year if year > 99 else 2000 + year


def code_problem(code: str, number: str) -> str:
    """Why this cannot be the security code of that card, or ``""``."""
    rule = brand_rule(number)
    length = rule.code_length if rule else 3
    if len(code) == length and code == digits_in(code):
        return ""
    where = "four digits on the front" if length == 4 else "three digits on the back"
    return f"The security code is the {where}."


def holds_card_number(text: str) -> bool:
    """Whether a free text carries what looks like a whole card number (it must never be kept)."""
    runs = re.findall(r"[0-9](?:[ -]?[0-9]){12,18}", text)
    return any(card_number_problem(digits_in(run)) == "" for run in runs)


def holder_problem(holder: str) -> str:
    """Why this cannot be the name on a card or an account, or ``""``."""
    if not holder.strip():
        return "Type the name of the holder."
    return "That is a card number, not a name." if holds_card_number(holder) else ""


_POST_CODE = re.compile(r"(?i)[A-Z][0-9][A-Z][0-9][A-Z][0-9]|[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}")
"""Post codes with letters that cards of customers here carry: Canada's and the United Kingdom's."""


def billing_zip_problem(text: str) -> str:
    """Why this cannot be a billing ZIP, or ``""``; letters are left to the post codes of other countries."""
    bare = re.sub(r"[ -]", "", text)
    if not bare:
        return "Type the ZIP of the card's statement address."
    if re.fullmatch(r"[0-9]{5}([0-9]{4})?", bare):
        return ""
    if bare == digits_in(bare):
        return f"A ZIP has 5 or 9 digits; this has {len(bare)}."
    return "" if _POST_CODE.fullmatch(bare) else "A ZIP has 5 or 9 digits."


class _Secret:
    """A value that never prints itself and cannot be pickled to disk."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(****)"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} must not leave memory")


@dataclass(frozen=True, slots=True, repr=False)
class Card(_Secret):
    """A card as read over the phone; exists only in memory and in the one request."""

    kind: TenderKind
    number: str
    expiry_month: int
    expiry_year: int
    code: str
    holder: str
    zip_code: str

    @property
    def brand(self) -> Brand | None:
        """The brand the number belongs to."""
        rule = brand_rule(self.number)
        return rule.brand if rule else None

    @property
    def last4(self) -> str:
        """The last four digits: all of the number that may be shown or kept (PCI DSS 3.4.1)."""
        return self.number[-4:]


class AccountType(StrEnum):
    """Checking or savings."""

    CHECKING = "checking"
    SAVINGS = "savings"


class AccountHolder(StrEnum):
    """Whose account: it decides which consent the Nacha rules ask for."""

    PERSONAL = "personal"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True, repr=False)
class BankAccount(_Secret):
    """A bank account for an ACH debit; exists only in memory and in the one request."""

    routing: str
    account: str
    account_type: AccountType
    holder_kind: AccountHolder
    holder: str

    @property
    def kind(self) -> TenderKind:
        """A bank account is always paid by ACH."""
        return TenderKind.ACH

    @property
    def brand(self) -> None:
        """A bank account has no brand."""
        return None

    @property
    def last4(self) -> str:
        """The last four digits of the account number."""
        return self.account[-4:]


Tender = Card | BankAccount


def routing_problem(routing: str) -> str:
    """Why this cannot be a routing number (ABA check digit), or ``""``."""
    if len(routing) != 9:
        return f"A routing number has 9 digits; this has {len(routing)}."
    from stdnum.us import rtn  # as above

    return "" if rtn.is_valid(routing) else "One of the digits is wrong. Ask for the routing number again."


def account_problem(account: str, again: str) -> str:
    """Why an account number typed twice cannot be used, or ``""`` (4 to 17 digits, Nacha field 13)."""
    if not 4 <= len(account) <= 17:
        return "An account number has 4 to 17 digits."
    return "" if account == again else "The two account numbers differ. Read it back and type it again."
