"""The outcome of a charge, as far as the processor's answer proves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto

from paydesk.domain.money import Money
from paydesk.domain.typed.plain_texts import tidy


class Reason(StrEnum):
    """The reason for a payment's state, for decisions. The sentence beside it is only for people."""

    NONE = ""
    GIVEN_UP = "given_up"
    """An obstacle came up before PayDesk sent the charge."""
    SLEPT = "slept"
    """The computer slept between the commit and the charge, and PayDesk did not send the charge."""
    NO_CONNECTION = "no_connection"
    """No connection was established, so the charge was surely not sent."""
    NO_ANSWER = "no_answer"
    """PayDesk sent the charge and got no complete answer."""
    UNCLEAR_ANSWER = "unclear_answer"
    """The processor's answer is neither yes nor no."""
    PENDING = "pending"
    """The processor has accepted a bank debit and has not authorized it yet."""
    NAMES_NO_CHARGE = "names_no_charge"
    """The answer has no published form, and names no charge. It proves nothing by itself."""
    OTHER_AMOUNT = "other_amount"
    """The processor charged our intent with another amount than PayDesk sent."""
    OTHER_AMOUNT_GONE = "other_amount_gone"
    """The processor charged another amount, and that charge was canceled or given back."""
    OTHER_AMOUNT_DECLINED = "other_amount_declined"
    """The processor declined another amount, so our intent may not be used up."""
    NOT_FINAL = "not_final"
    """The processor declined the charge and has not confirmed that this is final."""
    FAULT = "fault"
    """PayDesk failed while it waited for the answer."""
    DESK_GONE = "desk_gone"
    """The desk stopped before it had recorded the answer."""
    DECLINED = "declined"
    NEVER_CHARGED = "never_charged"
    """Proven: no charge exists, and none can be made any more."""
    VOID_ASKED = "void_asked"
    """A clerk asked for a void, and the sentence is the clerk's own."""
    VOID_TOO_LATE = "void_too_late"
    VOID_REFUSED = "void_refused"
    TAKEN_BACK = "taken_back"
    """A person took the payment link or page back."""
    LIFE_OVER = "life_over"
    """The life of the payment link or page is over."""
    OWED_LESS = "owed_less"
    """An invoice of the payment link owes less than the link asks for, or was paid in another way."""
    PAID_BY_BANK = "paid_by_bank"
    REFUNDED = "refunded"
    """A person at a desk refunded it."""
    REFUNDED_ELSEWHERE = "refunded_elsewhere"
    """Somebody refunded it in the processor's portal."""
    DISPUTED = "disputed"
    """The payer disputed it, and the card's issuer took the money back."""
    SENT_BACK = "sent_back"
    """The bank returned the debit, for a reason that PayDesk does not know."""
    SENT_BACK_FUNDS = "sent_back_funds"
    """The bank returned the debit because money was missing. It may be tried again."""
    SENT_BACK_ACCOUNT = "sent_back_account"
    """The bank returned the debit because this account can't be debited."""
    SENT_BACK_FORBIDDEN = "sent_back_forbidden"
    """The bank returned the debit because its holder stopped it, or never allowed it."""


@dataclass(frozen=True, slots=True)
class Approved:
    """Success: the processor took the money, or accepted the ACH entry.

    ``charged`` is the whole amount taken, fee included. ``fee`` is the technology fee in it, None if the
    reply does not tell it consistently: ``charged`` is then the quoted total, and ``named_fee`` the fee that
    the reply names, if any. ``rounded`` is an amount of the reply that was not exact to the cent, as it was
    sent. ``entry_class`` is the ACH class the processor reports.
    """

    processor_ref: str
    charged: Money
    fee: Money | None = None
    authorization_code: str = ""
    brand: str = ""
    last4: str = ""
    entry_class: str = ""
    named_fee: Money | None = None
    rounded: str = ""

    def __post_init__(self) -> None:
        """Words of another system: see ``plain_texts``. The ledger keeps four digits of ``last4``."""
        tidy(self, "processor_ref", "last4")


@dataclass(frozen=True, slots=True)
class Declined:
    """A final refusal: nothing was taken. ``reason`` can be read to the customer."""

    code: str
    reason: str
    processor_ref: str = ""

    def __post_init__(self) -> None:
        """See Approved."""
        tidy(self, "processor_ref")


@dataclass(frozen=True, slots=True)
class Unclear:
    """No clear answer to a sent charge: the money may or may not have moved."""

    why: str
    code: Reason = Reason.UNCLEAR_ANSWER

    def __post_init__(self) -> None:
        """See Approved."""
        tidy(self)


@dataclass(frozen=True, slots=True)
class NotSent:
    """A charge surely not sent: name resolution or connect failed on a fresh connection."""

    why: str

    def __post_init__(self) -> None:
        """See Approved."""
        tidy(self)


@dataclass(frozen=True, slots=True)
class NoCharge:
    """A complete answer that shows no charge for the intent at this moment."""


@dataclass(frozen=True, slots=True)
class Canceled:
    """A charge the processor took and has canceled since. It will collect no money."""

    approved: Approved


Outcome = Approved | Declined | Unclear | NotSent
Finding = Approved | Declined | Unclear | NoCharge | Canceled


@dataclass(frozen=True, slots=True)
class Voided:
    """The processor's confirmation that it canceled the charge."""


@dataclass(frozen=True, slots=True)
class VoidRefused:
    """A void that a rule of the processor forbids. ``reason`` can be read to the customer.

    ``final`` is False if a charge that is already canceled breaks the same rule.
    """

    reason: str
    final: bool = True

    def __post_init__(self) -> None:
        """See Approved."""
        tidy(self)


VoidOutcome = Voided | VoidRefused | Unclear


class ChargeStatus(Enum):
    """The present status of an approved charge at the processor."""

    VOIDABLE = auto()
    """Authorized, before its batch has run."""
    CANCELED = auto()
    SETTLED = auto()
    """Collected, or given back in another way since: no void is possible any more."""
    UNCLEAR = auto()


class AchStatus(Enum):
    """The status of a bank debit that the processor accepted."""

    UNDER_WAY = auto()
    CLEARED = auto()
    """Paid by the bank. It can still be returned within the bank's time limits."""
    UNCLEAR = auto()


@dataclass(frozen=True, slots=True)
class AchReturned:
    """The bank returned a debit. ``why`` is a sentence, or ``""`` without a known reason."""

    why: str = ""
    code: Reason = Reason.SENT_BACK


class Expiry(Enum):
    """The answer to expiring an intent."""

    EXPIRED = auto()
    """Expired by this call: it was pending until now, and can no longer be paid."""
    BEFORE = auto()
    """Expired earlier, by its time or by another call. It can no longer be paid, but a charge that
    began before may still be in progress.
    """
    REFUSED = auto()
    """Not pending: the intent is paid, or its payment is in progress."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One row of the processor's own list of payments, whoever took it.

    A row that could not be read in full counts as live, with an unknown amount (None).
    """

    processor_ref: str
    reference: str
    subtotal: Money | None
    charged: Money | None
    """The whole amount taken, as far as the row tells it."""
    live: bool
    """True if the merchant may have the money: no status says that it was not taken, or was given back."""
    taken: bool
    """True if the status says plainly that the money was taken and not given back."""
    at: datetime | None
    status: str
    origin: str
    invoice_numbers: frozenset[str]
    canceled: bool = False
    """True if the status says plainly that the charge was voided, by anyone."""
    fee: Money | None = None
    """The technology fee, None if the row does not tell it consistently."""
    named_fee: Money | None = None
    rounded: str = ""
    """An amount of the row that was not exact to the cent, as it was sent."""
    went_back: bool = False
    """True if the status says that it was refunded, or taken back by the card's issuer."""
    refund_of: str = ""
    """The ``processor_ref`` of the charge that this row refunds. The row itself is then no payment."""
    link_id: str = ""
    """Id of the payment link that it was paid by, if the row tells one."""
    texts: tuple[str, ...] = field(default=(), repr=False)
    """Every text of a row that could not be read in full. Empty for a readable row."""

    def __post_init__(self) -> None:
        """See Approved. The texts are compared, and never shown or kept."""
        tidy(self, "processor_ref", "reference", "texts")

    def is_about(self, title: str, link_id: str = "") -> bool:
        """Return True if it is, or may be, the charge of the intent with that title, or of that link."""
        by_link = bool(link_id) and (self.link_id == link_id or any(link_id in text for text in self.texts))
        return self.reference == title or by_link or any(title in text for text in self.texts)
