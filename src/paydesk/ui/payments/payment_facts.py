"""The figures and events of one payment, as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from paydesk.domain.consent import Proof
from paydesk.domain.dates import near_date
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.phone import in_groups
from paydesk.domain.payment import PAID, VOIDABLE, Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.domain.receipt import void_number
from paydesk.domain.refund import (
    REFUNDABLE,
    Refund,
    RefundOrigin,
    RefundState,
    refund_opens_on,
    void_closes_at,
)
from paydesk.domain.tender import TenderKind
from paydesk.services.ports.ledger import LedgerEvent
from paydesk.services.ports.payment_words import REFUND_STATES
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import postings
from paydesk.ui.kit import words as kit_words
from paydesk.ui.lists.model import Column
from paydesk.ui.payments import words


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the details."""

    caption: str
    text: str


FACTS: list[Column[Fact]] = [
    Column("caption", "", lambda fact: fact.caption, tint=lambda _fact: "muted"),
    Column("text", "", lambda fact: fact.text),
]


def facts(
    payment: Payment,
    posting: Posting | None,
    zone: tzinfo,
    events: Sequence[LedgerEvent] = (),
    refunds: Sequence[Refund] = (),
    now: datetime | None = None,
) -> list[Fact]:
    """Return the figures of a payment, in the order in which people ask for them.

    A letter is said to be missing once its ``events`` are known. ``now`` (UTC) tells how long it can be
    voided.
    """
    draft, missing = payment.draft, letter_missing(payment, events)
    fee_caption = words.FEE_QUOTED if payment.fee_not_told else words.TECHNOLOGY_FEE
    void_receipt = void_number(payment.receipt_number) if payment.state is State.VOIDED else ""
    until = payment.offered_until if payment.state is State.OFFERED else None
    found = [
        Fact(words.CUSTOMER, fmt.payer(payment)),
        Fact(words.CUSTOMER_NUMBER, draft.payer.customer_number),
        Fact(words.PAID_FOR, kit_words.paid_for(payment)),
        Fact(words.AMOUNT, fmt.dollars(draft.quote.subtotal)),
        Fact(fee_caption, fmt.dollars(draft.quote.fee)),
        Fact(words.TOTAL_QUOTED, fmt.dollars(draft.quote.total) if payment.charged_otherwise else ""),
        *(Fact(words.REFUND_OF, _refund(one, zone)) for one in refunds),
        *_reversible(payment, zone, now),
        Fact(words.PAID_WITH, kit_words.paid_with(payment)),
        Fact(words.WORKS_UNTIL, with_year(until, zone) if until else ""),
        Fact(words.RECEIPT, payment.receipt_number),
        Fact(words.VOID_RECEIPT, void_receipt),
        Fact(words.IN_AGENCY_SYSTEM, _posting(posting, zone) if posting else ""),
        Fact(words.AUTHORIZATION, payment.authorization_code),
        Fact(words.CONSENT, words.consent(draft.consent, missing=missing) if draft.consent else ""),
        Fact(words.TAKEN, with_year(payment.held_at, zone)),
        Fact(words.TAKEN_BY, words.taken_by(payment.user, payment.desk)),
        Fact(words.PHONE, in_groups(draft.payer.phone)),
        Fact(words.EMAIL, draft.payer.email),
        Fact(words.REFERENCE, payment.reference),
        Fact(words.PROCESSOR_NUMBER, payment.processor_ref),
    ]
    return [fact for fact in found if fact.text]


def _refund(refund: Refund, zone: tzinfo) -> str:
    """Return a refund in a line: ``$40.00, Refund submitted Nov 30, 2026, RF-000012-1``."""
    at = refund.ended_at or refund.accepted_at or refund.asked_at
    said = (
        f"{refund.amount.shown}, {REFUND_STATES[refund.state].lower()} {fmt.day(at.astimezone(zone).date())}"
    )
    where = words.IN_PORTAL if refund.origin is RefundOrigin.PORTAL else ""
    why = refund.why if refund.state in (RefundState.REFUSED, RefundState.UNKNOWN) else ""
    return ", ".join(part for part in (said, where, refund.number, why) if part)


def _reversible(payment: Payment, zone: tzinfo, now: datetime | None) -> list[Fact]:
    """Return until when a payment can be voided, or from when it can be refunded."""
    closes, opens = void_closes_at(payment), refund_opens_on(payment)
    if now is None or closes is None or opens is None or payment.state not in REFUNDABLE:
        return []
    if now < closes:
        if payment.state not in VOIDABLE:
            return []
        return [Fact(words.VOID_UNTIL, words.void_until(fmt.time_of_day(closes, zone), closes - now))]
    return [Fact(words.REFUND_FROM, fmt.day(opens))] if now.astimezone(zone).date() < opens else []


def letter_missing(payment: Payment, events: Sequence[LedgerEvent]) -> bool:
    """Return True if a payment needs a letter that none of its ``events`` says was printed."""
    consent = payment.draft.consent
    needed = consent is not None and consent.proof is Proof.WRITTEN_NOTICE and payment.state in PAID
    return needed and bool(events) and all(one.kind is not EventKind.CONSENT_PRINTED for one in events)


def _posting(posting: Posting, zone: tzinfo) -> str:
    said = postings.word(posting)
    done = posting.state is PostingState.POSTED and posting.posted_at is not None
    said = f"{said} {with_year(posting.posted_at, zone)}" if done and posting.posted_at else said
    return f"{said}, {postings.TO_REVERSE.lower()}" if postings.is_to_reverse(posting) else said


def happened(event: LedgerEvent, payment: Payment | None) -> str:
    """Return an event in words. A bank debit is submitted where a card is approved."""
    if event.kind is EventKind.HELD and payment is not None and not payment.draft.invoice_numbers:
        return words.BEGUN_WITHOUT_INVOICES
    if event.kind is EventKind.POSTING and "deposit" in event.detail:
        return words.put_into_file(event.detail["deposit"])
    by_bank = payment is not None and payment.draft.kind is TenderKind.ACH
    if by_bank and event.kind is EventKind.AUTHORIZED:
        return words.SUBMITTED_TO_BANK
    return words.EVENTS[event.kind]


def with_year(at: datetime, zone: tzinfo) -> str:
    """Return a text such as ``Aug 14, 2026, 4:51 PM``: a payment may be years old."""
    return f"{fmt.day(at.astimezone(zone).date())}, {fmt.time_of_day(at, zone)}"


def moment(at: datetime, zone: tzinfo, today: date) -> str:
    """Return a text such as ``Aug 14, 4:51 PM``, with the year if that is not today's."""
    return f"{near_date(at.astimezone(zone).date(), today)}, {fmt.time_of_day(at, zone)}"
