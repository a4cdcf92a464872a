"""The figures of one payment and what happened to it, as lines to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from PySide6.QtCore import Qt

from paydesk.domain.payment import Payment, State
from paydesk.domain.phone import in_groups
from paydesk.domain.posting import Posting, PostingState
from paydesk.domain.receipt import void_number
from paydesk.domain.tender import TenderKind
from paydesk.services.ports import Happening
from paydesk.ui import format as words
from paydesk.ui.models import Column


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the details."""

    caption: str
    text: str


FACTS: list[Column[Fact]] = [
    Column("caption", "", lambda fact: fact.caption, tint=lambda _fact: "muted"),
    # The ends of a long number or address tell it from others, so its middle is left out.
    Column("text", "", lambda fact: fact.text, elide=Qt.TextElideMode.ElideMiddle),
]

_EVENTS: Mapping[str, str] = {
    **{state.value: words.state(state) for state in State},
    "claimed": "Invoices locked",
    "submitted": "Sent to AndDone",
    "reprinted": "Receipt printed again",
    "checked": "Asked AndDone",
    "expired": "Can no longer be charged",
    "posting": "Sent to AMS360",
    "posted": "Posted to AMS360",
    "posting unclear": "AMS360 gave no clear answer",
    "posting refused": "Not posted to AMS360",
    "posting withdrawn": "Nothing to post to AMS360",
    "posting again": "To be posted again",
    "voiding": "Void begun",
    "taken back": "Taken back in AMS360",
}


def facts(payment: Payment, posting: Posting | None, zone: tzinfo) -> list[Fact]:
    """The figures of a payment, in the order one asks for them."""
    draft = payment.draft
    found = [
        Fact("Customer", words.payer(payment)),
        Fact("For", words.paid_for(payment)),
        Fact("Amount", words.money(draft.quote.subtotal)),
        Fact("Technology fee", words.money(draft.quote.fee)),
        Fact("Total quoted", words.money(draft.quote.total) if payment.charged_otherwise else ""),
        Fact("Paid with", words.paid_with(payment)),
        Fact("Receipt", payment.receipt_number),
        Fact("Void receipt", void_number(payment.receipt_number) if payment.state is State.VOIDED else ""),
        Fact("In AMS360", _posting(posting, zone) if posting else ""),
        Fact("Authorization", payment.authorization_code),
        Fact("Taken", moment(payment.claimed_at, zone)),
        Fact("Taken by", f"{payment.user} at {payment.desk}"),
        Fact("Phone", in_groups(draft.payer.phone)),
        Fact("E-mail", draft.payer.email),
        Fact("Reference", payment.reference),
        Fact("AndDone number", payment.processor_ref),
    ]
    return [fact for fact in found if fact.text]


def _posting(posting: Posting, zone: tzinfo) -> str:
    said = words.posting(posting)
    done = posting.state is PostingState.POSTED and posting.posted_at is not None
    return f"{said} {moment(posting.posted_at, zone)}" if done and posting.posted_at else said


def happened(event: Happening, payment: Payment | None) -> str:
    """What happened in words; a bank debit is submitted where a card is approved."""
    if event.kind == State.CLAIMED.value and payment is not None and not payment.draft.invoice_numbers:
        return "Begun"
    by_bank = payment is not None and payment.draft.kind is TenderKind.ACH
    if by_bank and event.kind == State.AUTHORIZED.value:
        return "Submitted to the bank"
    return _EVENTS.get(event.kind, event.kind.replace("_", " ").capitalize())


def moment(at: datetime, zone: tzinfo) -> str:
    """``Aug 14, 4:51 PM``."""
    local = at.astimezone(zone)
    return f"{local:%b} {local.day}, {words.time_of_day(at, zone)}"
