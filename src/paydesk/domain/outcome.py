"""What became of a charge, as far as the processor's answer proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from paydesk.domain.money import Money


@dataclass(frozen=True, slots=True)
class Approved:
    """The processor took the money (or accepted the ACH entry).

    ``charged`` is everything taken, fee included; ``fee`` the part that is the technology
    fee, None when the reply does not tell; ``entry_class`` the ACH class it reports.
    """

    processor_ref: str
    charged: Money
    fee: Money | None = None
    authorization_code: str = ""
    brand: str = ""
    last4: str = ""
    entry_class: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """The processor said no, for good: nothing was taken. ``reason`` can be said aloud."""

    code: str
    reason: str
    processor_ref: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Sent, and no clear answer: the money may or may not have moved."""

    why: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely not sent: name resolution or connect failed on a fresh connection."""

    why: str


@dataclass(frozen=True, slots=True)
class NoCharge:
    """A complete answer that knows of no charge for the intent, at this moment."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The processor took the money and has cancelled that since: none will be collected."""

    approved: Approved


Outcome = Approved | Declined | Unclear | NotSent
Finding = Approved | Declined | Unclear | NoCharge | Cancelled


@dataclass(frozen=True, slots=True)
class Voided:
    """The processor says that it cancelled the charge."""


@dataclass(frozen=True, slots=True)
class VoidRefused:
    """A rule of the processor forbids the void; ``reason`` can be said aloud.

    Not ``final`` when the rule is also broken by a charge that is cancelled already.
    """

    reason: str
    final: bool = True


VoidOutcome = Voided | VoidRefused | Unclear


class Standing(Enum):
    """Where a charge that was approved stands at the processor now."""

    VOIDABLE = auto()
    """Authorized, and its batch has not run."""
    CANCELLED = auto()
    SETTLED = auto()
    """Collected, or given back since in another way: it can no longer be voided."""
    UNCLEAR = auto()


class Clearing(Enum):
    """What became of a bank debit that the processor accepted."""

    UNDER_WAY = auto()
    CLEARED = auto()
    """The bank has paid it; within its time limits it can still come back."""
    RETURNED = auto()
    UNCLEAR = auto()


class Expiry(Enum):
    """The answer to expiring an intent."""

    EXPIRED = auto()
    """By this call: it was pending until now, and can no longer be paid."""
    BEFORE = auto()
    """Already, by its time or by an earlier call: it can no longer be paid, but a charge that
    began before may still be under way."""
    REFUSED = auto()
    """It is not pending: paid or being paid."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One row of the processor's own list of payments, whoever took it."""

    processor_ref: str
    reference: str
    subtotal: Money
    charged: Money
    live: bool
    """Money may be with the merchant: nothing says that it was not taken, or was given back."""
    taken: bool
    """Its status says plainly that money was taken, and not given back."""
    at: datetime | None
    status: str
    origin: str
    invoice_numbers: frozenset[str]
    cancelled: bool = False
    """Its status says plainly that it was voided, by whomever."""
