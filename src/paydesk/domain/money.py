"""Money in integer cents of US dollars. No amount is ever a float."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from paydesk.domain.errors import KnownError

LARGEST_CENTS = 99_999_999_99
"""Largest amount PayDesk handles, in cents. The ledger's CHECK uses the same limit."""

_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?|[0-9]+(\.[0-9]{0,2})?|\.[0-9]{1,2}")


class AmountError(KnownError):
    """A text that is not an amount of dollars and cents."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of US dollars in whole ``cents``, negative for credits."""

    cents: int

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __neg__(self) -> Money:
        return Money(-self.cents)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        """Return dollars with thousands separators and no currency sign, like ``-1,234.50``."""
        whole, cents = divmod(abs(self.cents), 100)
        return f"{'-' if self.cents < 0 else ''}{whole:,}.{cents:02d}"

    @property
    def shown(self) -> str:
        """The amount for a sentence, like ``$1,234.50``, or ``-$1,234.50`` for a credit."""
        return f"-${-self}" if self.cents < 0 else f"${self}"

    @property
    def dollars(self) -> Decimal:
        """The exact amount in dollars, for requests."""
        return Decimal(self.cents) / 100

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read an amount a person typed: ``1,234.50``, ``$ 1234.5``, ``.50``. Never negative.

        Raises AmountError for anything that is not plainly one amount: more than two
        decimals, misplaced commas, signs, exponents, digits of other scripts.
        """
        bare = text.strip().removeprefix("$").strip()
        if not bare or not _GROUPED.fullmatch(bare):
            raise AmountError(
                f"“{text.strip()[:40]}” is not an amount.", "Enter dollars and cents, for example 1,234.50."
            )
        money = cls.from_dollars(Decimal(bare.replace(",", "")))
        if money.cents > LARGEST_CENTS:
            raise AmountError("That amount is too large.", f"The most is {cls(LARGEST_CENTS).shown}.")
        return money

    @classmethod
    def from_dollars(cls, dollars: Decimal) -> Money:
        """Convert exact dollars to cents. Raises AmountError for a fraction of a cent."""
        cents = dollars * 100
        if not cents.is_finite() or cents != cents.to_integral_value():
            raise AmountError(f"{dollars} is not a whole number of cents.", "Enter dollars and cents.")
        return cls(int(cents))

    def percent(self, percent: Decimal) -> Money:
        """Return that percentage of the amount, rounded half up to the cent, once."""
        exact = Decimal(self.cents) * percent / 100
        return Money(int(exact.to_integral_value(rounding=ROUND_HALF_UP)))


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """Return the sum of the amounts, or zero for none."""
    return Money(sum(amount.cents for amount in amounts))
