"""The payment methods: credit card, debit card and bank account. Secrets print as ``****``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from paydesk.domain.typed.card_numbers import has_check_digit, holds_card_data, network_of
from paydesk.domain.typed.digits import digits_in
from paydesk.domain.typed.post_codes import is_foreign_post_code, is_us_zip
from paydesk.domain.typed.sealed import Sealed, Secret


class TenderKind(StrEnum):
    """The three tenders of AndDone. The caller of its API states credit or debit."""

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
    """The first digits and the lengths of a brand's numbers (ISO/IEC 7812 issuer ranges)."""

    brand: Brand
    prefixes: tuple[tuple[int, int], ...]
    lengths: tuple[int, ...]
    groups: tuple[int, ...]
    code_length: int

    @property
    def usual_length(self) -> int:
        """Number of digits on nearly every card of the brand. The entry field advances after them."""
        return sum(self.groups)


_FOURS = (4, 4, 4, 4)
BRAND_RULES = (
    BrandRule(Brand.VISA, ((4, 4),), (13, 16, 19), _FOURS, 3),
    BrandRule(Brand.MASTERCARD, ((51, 55), (2221, 2720)), (16,), _FOURS, 3),
    BrandRule(Brand.AMEX, ((34, 34), (37, 37)), (15,), (4, 6, 5), 4),
    BrandRule(Brand.DISCOVER, ((6011, 6011), (644, 649), (65, 65)), (16, 17, 18, 19), _FOURS, 3),
)


def brand_rule(number: Sequence[str]) -> BrandRule | None:
    """Return the rule of the brand whose numbers begin as ``number`` does, or None."""
    for rule in BRAND_RULES:
        for low, high in rule.prefixes:
            width = len(str(low))
            if len(number) >= width and low <= int("".join(number[:width])) <= high:
                return rule
    return None


def card_groups(number: Sequence[str]) -> tuple[int, ...]:
    """Return the sizes of the groups printed on the card."""
    rule = brand_rule(number)
    return rule.groups if rule else _FOURS


def card_number_problem(number: Sequence[str]) -> str:
    """Return the reason why this is no complete card number, in words to say aloud, or ``""``."""
    if not number:
        return "Enter the card number."
    rule = brand_rule(number)
    if rule is None:
        return _no_brand(number)
    if len(number) < min(rule.lengths) or (
        len(number) < rule.usual_length and len(number) not in rule.lengths
    ):
        return f"{rule.brand} numbers have {rule.usual_length} digits. This one has {len(number)}."
    if len(number) not in rule.lengths:
        return f"{rule.brand} numbers have {rule.usual_length} digits. This one has {len(number)}."
    return "" if has_check_digit(number) else "That card number isn't valid. Ask the customer to repeat it."


def _no_brand(number: Sequence[str]) -> str:
    """Return the sentence about a card for which the processor publishes no brand."""
    network = network_of(number)
    takes = "PayDesk takes Visa, Mastercard, American Express and Discover."
    return f"This is a {network} card. {takes}" if network else takes


def expiry_problem(month: int, year: int, today: date) -> str:
    """Return the reason why a card with this expiry is unusable on ``today``, or ``""``.

    ``year`` has four digits.
    """
    if not 1 <= month <= 12:
        return "Month must be 01–12."
    if (year, month) < (today.year, today.month):
        return "Check the date: this card has expired. If it is right, ask for another card."
    if year > today.year + 20:
        return "Check the expiration year."
    return ""


def code_problem(code: Sequence[str], number: Sequence[str]) -> str:
    """Return the reason why this is not the security code of that card, or ``""``."""
    rule = brand_rule(number)
    length = rule.code_length if rule else 3
    if len(code) == length and all(sign in "0123456789" for sign in code):
        return ""
    where = "four digits on the front" if length == 4 else "three digits on the back"
    return f"The security code is the {where}."


def holder_problem(holder: str) -> str:
    """Return the reason why this is no name on a card or an account, or ``""``."""
    if not holder.strip():
        return "Enter the name on the card or account."
    return "That's a card number. Enter the name." if holds_card_data(holder) else ""


def billing_zip_problem(text: str) -> str:
    """Return the reason why this is no billing ZIP, or ``""``. A foreign card has its country's post code."""
    if not text.strip():
        return "Enter the card's billing ZIP."
    if is_us_zip(text) or is_foreign_post_code(text):
        return ""
    digits = digits_in(text)
    count = f". This one has {len(digits)}" if digits == re.sub(r"[ -]", "", text) else ""
    return f"A ZIP has 5 or 9 digits{count}. For a foreign card, enter the country first: AU 2000."


@dataclass(frozen=True, slots=True, repr=False)
class Card(Secret):
    """A card as read over the phone. It exists only in memory and in the one request.

    Its maker wipes it once the outcome is known.
    """

    kind: TenderKind
    number: Sealed
    expiry_month: int
    expiry_year: int
    code: Sealed
    holder: str
    zip_code: str

    @property
    def brand(self) -> Brand | None:
        """The brand of the number, or None."""
        rule = brand_rule(self.number)
        return rule.brand if rule else None

    @property
    def last4(self) -> str:
        """The last four digits: all of the number that may be shown or kept (PCI DSS 3.4.1)."""
        return "".join(self.number[-4:])

    def wipe(self) -> None:
        """Overwrite number and code."""
        self.number.wipe()
        self.code.wipe()


class AccountType(StrEnum):
    """The type of a bank account: checking or savings."""

    CHECKING = "checking"
    SAVINGS = "savings"


class AccountHolder(StrEnum):
    """The holder of a bank account. It decides which consent the Nacha rules require."""

    PERSONAL = "personal"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True, repr=False)
class BankAccount(Secret):
    """A bank account for an ACH debit. It exists only in memory and in the one request.

    Its maker wipes it once the outcome is known. The routing number is its bank's, and public.
    """

    routing: str
    account: Sealed
    account_type: AccountType
    holder_kind: AccountHolder
    holder: str

    @property
    def kind(self) -> TenderKind:
        """ACH: the only tender of a bank account."""
        return TenderKind.ACH

    @property
    def brand(self) -> None:
        """None: a bank account has no brand."""
        return None

    @property
    def last4(self) -> str:
        """The last four digits of the account number."""
        return "".join(self.account[-4:])

    def wipe(self) -> None:
        """Overwrite the account number."""
        self.account.wipe()


Tender = Card | BankAccount


_ISSUED_ROUTING = re.compile(r"0[1-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80")
"""First two digits of routing numbers: 01 to 12 the Federal Reserve districts, 21 to 32 thrifts, 61 to 72
electronic ones, 80 traveler's checks (ABA Routing Number Policy). 00 is the government's own."""


def routing_problem(routing: str) -> str:
    """Return the reason why this is no routing number (ABA check digit), or ``""``."""
    if len(routing) != 9:
        return f"A routing number has 9 digits. This one has {len(routing)}."
    if not _ISSUED_ROUTING.match(routing):
        return f"No routing number starts with {routing[:2]}. Ask for it again."
    from stdnum.us import rtn  # a late import: it loads slower than all the rest of the domain

    return "" if rtn.is_valid(routing) else "That routing number isn't valid. Ask the customer to repeat it."


def account_problem(account: Sequence[str], again: Sequence[str]) -> str:
    """Return the reason why an account number typed twice is unusable, or ``""``.

    Nacha field 13 has 4 to 17 digits.
    """
    if not 4 <= len(account) <= 17:
        return "An account number has 4 to 17 digits."
    if all(digit == "0" for digit in account):
        return "An account number can't be all zeros. Ask for it again."
    return "" if account == again else "Account numbers don't match. Read it back and re-enter it."
