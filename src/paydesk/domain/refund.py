"""A refund of a payment: its kinds, its states, and the table of legal moves between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from paydesk.domain.errors import BugError
from paydesk.domain.money import ZERO, Money, total
from paydesk.domain.outcome import ChargeStatus, NotSent, Unclear
from paydesk.domain.payment import Payment, State
from paydesk.domain.typed.plain_texts import straighten, tidy
from paydesk.domain.vendors import PROCESSOR

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class RefundKind(StrEnum):
    """The part of a payment that goes back."""

    TOTAL = "total"
    """All that is left of it, with the technology fee."""
    SUBTOTAL = "subtotal"
    """All of it but the technology fee."""
    PARTIAL = "partial"


class RefundState(StrEnum):
    """The state of a refund. ``paydesk verify`` and the ledger's CHECK use the same words."""

    WISHED = "wished"
    """A person will ask for it once the processor allows it. PayDesk reminds, and never sends it."""
    DROPPED = "dropped"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    """Sent, and there is no clear answer."""
    ACCEPTED = "accepted"
    """The processor has it. The money is not with the payer yet, and it may still fail."""
    DONE = "done"
    FAILED = "failed"
    """The processor accepted it and did not carry it out, or took it back."""
    REFUSED = "refused"
    NOT_MADE = "not_made"
    """Proven: the processor has no such refund."""


_S = RefundState
NEXT_REFUND: Mapping[RefundState, frozenset[RefundState]] = {
    _S.WISHED: frozenset({_S.DROPPED}),
    _S.DROPPED: frozenset(),
    _S.SUBMITTED: frozenset({_S.ACCEPTED, _S.DONE, _S.FAILED, _S.REFUSED, _S.NOT_MADE, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.ACCEPTED, _S.DONE, _S.FAILED, _S.REFUSED, _S.NOT_MADE}),
    _S.ACCEPTED: frozenset({_S.DONE, _S.FAILED}),
    _S.DONE: frozenset({_S.FAILED}),
    # Money that moves after all is never dropped.
    _S.FAILED: frozenset({_S.DONE}),
    _S.REFUSED: frozenset({_S.ACCEPTED, _S.DONE, _S.FAILED}),
    _S.NOT_MADE: frozenset({_S.ACCEPTED, _S.DONE, _S.FAILED}),
}

UNDECIDED = frozenset({_S.SUBMITTED, _S.UNKNOWN})
"""Nobody knows if the processor has it. A payment has at most one such refund."""

FOLLOWED = frozenset({*UNDECIDED, _S.ACCEPTED})
"""The processor still has something to say about it."""

LIVE = frozenset({*FOLLOWED, _S.DONE})
"""The money went to the payer, or may go."""

REFUNDABLE = frozenset({State.AUTHORIZED, State.LATE, State.SETTLED, State.PARTLY_REFUNDED})
"""States of a payment that may be refunded. Only the processor knows if it has collected the money."""


class RefundOrigin(StrEnum):
    """The place where a refund was asked for."""

    DESK = "desk"
    PORTAL = "portal"
    """The processor's own portal, or another program."""


class RefundReason(StrEnum):
    """The reasons that a person chooses from."""

    DUPLICATE = "duplicate"
    WRONG_AMOUNT = "wrong_amount"
    POLICY_CANCELED = "policy_canceled"
    ASKED = "asked"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RefundAsk:
    """A refund as a person asks for it. ``shares`` are the sums for each line of the payment, in order.

    ``fee`` is the part of the technology fee that goes back, too. ``still_returnable`` is True if the person
    was told that the bank can still return this debit, and refunds it all the same.
    """

    kind: RefundKind
    shares: tuple[Money, ...]
    fee: Money
    reason: RefundReason
    note: str = ""
    still_returnable: bool = False

    def __post_init__(self) -> None:
        straighten(self)
        if any(share.cents < 0 for share in (*self.shares, self.fee)) or not self.amount:
            raise BugError("a refund is above zero")

    @property
    def amount(self) -> Money:
        """The whole sum that goes back."""
        return total(self.shares) + self.fee


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund in the ledger. One made in the processor's portal tells no ``shares``. Times are UTC."""

    id: int
    payment_id: int
    origin: RefundOrigin
    kind: RefundKind
    state: RefundState
    reference: str
    """Our own name for it, which travels with it. ``""`` for one of the portal."""
    amount: Money
    fee: Money
    shares: tuple[Money, ...]
    reason: str
    why: str
    """Sentence that explains the state."""
    desk: str
    user: str
    asked_at: datetime
    processor_ref: str = ""
    accepted_at: datetime | None = None
    """Time when the ledger learned that the processor has it. It counts in the sums of that day."""
    ended_at: datetime | None = None
    """Time when the ledger learned that it is done, or that it failed."""
    attention_since: datetime | None = None
    """Time since when a person has something to do about it."""
    number: str = ""
    """Number of its document."""


def refund_reference(payment: Payment, earlier: int) -> str:
    """Return our name for the next refund of a payment that has had ``earlier`` ones."""
    return f"{payment.reference}-R{earlier + 1}"


def charged(payment: Payment) -> Money:
    """Return the whole sum that a payment took."""
    return payment.draft.quote.total if payment.charged is None else payment.charged


def left_of(payment: Payment, refunds: Iterable[Refund]) -> Money:
    """Return the sum of a payment that neither went back nor is about to."""
    return charged(payment) - total(one.amount for one in refunds if one.state in LIVE)


def left_of_lines(payment: Payment, refunds: Iterable[Refund]) -> list[Money]:
    """Return the sum left of each line of a payment. Refunds that name no lines take nothing off."""
    named = [one.shares for one in refunds if one.state in LIVE and one.shares]
    return [
        line.amount - total(shares[place] for shares in named)
        for place, line in enumerate(payment.draft.lines)
    ]


def ask_for(
    payment: Payment, refunds: Iterable[Refund], kind: RefundKind, reason: RefundReason, note: str = ""
) -> RefundAsk:
    """Return the ask for all that is left, or for all but the fee."""
    before = list(refunds)
    lines = left_of_lines(payment, before)
    left = left_of(payment, before)
    unnamed = total(one.amount for one in before if one.state in LIVE and not one.shares)
    if unnamed:  # refunds of the portal tell no lines: the first lines bear them
        lines = _less(lines, unnamed)
    fee = max(left - total(lines), ZERO) if kind is RefundKind.TOTAL else ZERO
    return RefundAsk(kind, tuple(lines), fee, reason, note)


def _less(lines: list[Money], amount: Money) -> list[Money]:
    left = []
    for line in lines:
        taken = min(line, amount)
        amount -= taken
        left.append(line - taken)
    return left


def gave_all_back(payment: Payment, refunds: Iterable[Refund]) -> bool:
    """Return True if refunds that are done gave back all that paid the invoices, with or without the fee."""
    done = [one for one in refunds if one.state is RefundState.DONE]
    if total(one.amount for one in done) >= charged(payment):
        return True
    if any(one.kind is RefundKind.SUBTOTAL for one in done):
        return True
    return total(total(one.shares) for one in done) >= payment.draft.quote.subtotal


# ---- the processor's answers ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """A refund as the processor is asked for it, once. ``rest`` is True if something went back before."""

    processor_ref: str
    """The processor's number of the charge."""
    reference: str
    kind: RefundKind
    amount: Money
    reason: str
    detail: str
    rest: bool = False


@dataclass(frozen=True, slots=True)
class RefundTaken:
    """The processor has the refund. ``state`` is ACCEPTED, or DONE or FAILED at once."""

    processor_ref: str
    state: RefundState

    def __post_init__(self) -> None:
        """Words of another system: see ``plain_texts``."""
        tidy(self, "processor_ref")


@dataclass(frozen=True, slots=True)
class RefundRefused:
    """A refund that a rule of the processor forbids. ``reason`` can be read to the customer.

    ``final`` is False if a copy of the same request, carried out before, breaks the same rule.
    """

    reason: str
    final: bool = True

    def __post_init__(self) -> None:
        """See RefundTaken."""
        tidy(self)


RefundOutcome = RefundTaken | RefundRefused | NotSent | Unclear


@dataclass(frozen=True, slots=True)
class SeenRefund:
    """A refund as the processor's details of its charge show it. ``state`` is ACCEPTED, DONE or FAILED."""

    processor_ref: str
    amount: Money
    state: RefundState
    without_fee: bool = False
    """True if it says that it gives back all but the fee."""
    texts: tuple[str, ...] = field(default=(), repr=False)
    """Every text that may carry our reference."""

    def __post_init__(self) -> None:
        """See RefundTaken. The texts are compared, and never shown or kept."""
        tidy(self, "processor_ref", "texts")

    def carries(self, reference: str) -> bool:
        """Return True if it carries that reference of ours."""
        return any(reference in re.findall(r"PD[0-9A-Z]+-R[0-9]+", text) for text in self.texts)

    @property
    def is_labeled(self) -> bool:
        """True if it carries a reference of PayDesk's, whatever ledger's it is."""
        return any(re.search(r"PD[0-9A-Z]+-R[0-9]+", text) for text in self.texts)


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """The sums of a charge that went back to the payer, fee included, as the processor tells them."""

    refunded: Money = ZERO
    """Sum of the refunds that are done."""
    charged_back: Money = ZERO
    all_refunded: bool = False
    """True if the status says that it was refunded, whatever the sums say."""
    disputed: bool = False
    """True if the status says that the card's issuer took the money back."""
    returned: bool = False
    """True if the status says that the bank returned the debit."""
    refunds: tuple[SeenRefund, ...] = ()
    whole: bool = False
    """True if the processor listed all refunds of the charge."""
    charge_status: ChargeStatus = ChargeStatus.UNCLEAR

    @property
    def under_way(self) -> bool:
        """True if a refund is neither done nor failed: it may still fail."""
        return any(one.state is RefundState.ACCEPTED for one in self.refunds)


# ---- the processor's times ------------------------------------------------------------------

VOID_CLOSES_BEFORE_BATCH = timedelta(minutes=15)
REFUND_OPENS_AFTER = 2
"""Business days from settlement."""
RETURNABLE_DAYS = 60
"""Days in which a consumer's bank may return a debit as unauthorized.

Source: Nacha Operating Rules, subsection 3.12.
"""


def _batch_zone() -> ZoneInfo:
    from zoneinfo import ZoneInfo  # the window starts without it

    return ZoneInfo(PROCESSOR.batch_zone)


def void_closes_at(payment: Payment) -> datetime | None:
    """Return the time (UTC) until which a charge can be voided: a quarter hour before midnight, Central.

    Source: AndDone's help on transaction batching, and its error for voids. It is for people, and to offer
    what is likely: only the processor decides.
    """
    if payment.decided_at is None:
        return None
    zone = _batch_zone()
    day = payment.decided_at.astimezone(zone).date() + timedelta(days=1)
    closes = datetime.combine(day, time(), zone) - VOID_CLOSES_BEFORE_BATCH
    utc = closes.astimezone(UTC)
    return utc if utc > payment.decided_at else utc + timedelta(days=1)


def refund_opens_on(payment: Payment) -> date | None:
    """Return the day from which a charge can be refunded: two business days after its settlement, Central.

    Source: AndDone's documentation of refund eligibility. Bank holidays are not counted, so it may be later.
    """
    closes = void_closes_at(payment)
    if closes is None:
        return None
    day = (closes + VOID_CLOSES_BEFORE_BATCH).astimezone(_batch_zone()).date()
    for _ in range(REFUND_OPENS_AFTER):
        day += timedelta(days=1)
        while day.weekday() >= 5:
            day += timedelta(days=1)
    return day
