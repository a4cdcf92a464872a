"""The events of a payment: every kind has its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from paydesk.domain.consent import Consent, Proof
from paydesk.domain.events import EventKind
from paydesk.domain.payment import Payment, State
from paydesk.services.ports.ledger import LedgerEvent
from paydesk.ui.payments.payment_facts import facts, happened, with_year
from tests.fakes.consents import a_letter, a_signed_form
from tests.fakes.office import Office


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_kind_is_said_in_words(kind: EventKind) -> None:
    said = happened(LedgerEvent(datetime(2026, 8, 14, tzinfo=UTC), "Front-1", "mia", kind, {}), None)
    assert said[0].isupper()
    assert "_" not in said


def test_a_kind_that_a_newer_version_wrote_is_not_shown_raw() -> None:
    kind = EventKind("noted_by_the_bank")
    said = happened(LedgerEvent(datetime(2026, 8, 14, tzinfo=UTC), "Front-1", "mia", kind, {}), None)
    assert said == "Recorded by a newer version of PayDesk"


@pytest.mark.parametrize(
    ("consent", "said"),
    [
        (a_signed_form(), "Signed form"),
        (a_letter(), "Letter to dana@example.com"),
        (replace(a_letter(), proof=Proof.RECORDING, proof_detail="call-1"), "Recording call-1"),
        (
            replace(a_letter(), proof=Proof.AGREEMENT, agreement_on=date(2025, 3, 5)),
            "Written agreement of Mar 5, 2025",
        ),
    ],
)
def test_the_proof_of_a_consent_is_a_fact_of_its_payment(consent: Consent, said: str) -> None:
    payment = Office().took("50123")
    agreed = replace(payment, draft=replace(payment.draft, consent=consent))

    def shown(of: Payment) -> list[str]:
        return [fact.text for fact in facts(of, None, UTC) if fact.caption == "Proof of authorization"]

    assert shown(agreed) == [said]
    assert shown(payment) == [], "a card has none"


def test_a_receipt_in_a_deposit_file_was_not_sent_to_ams360() -> None:
    at, channels = (
        datetime(2026, 8, 14, tzinfo=UTC),
        ({"channel": "ems"}, {"channel": "file", "deposit": "D-0002"}),
    )
    events = [LedgerEvent(at, "Front-1", "mia", EventKind.POSTING, detail) for detail in channels]
    assert [happened(one, None) for one in events] == ["Sent to AMS360", "Put into deposit file D-0002"]


def test_an_open_link_says_until_when_it_works() -> None:
    payment = Office().took("50123", state=State.OFFERED)
    until = with_year(payment.offered_until or payment.held_at, UTC)
    assert ("Works until", until) in [(fact.caption, fact.text) for fact in facts(payment, None, UTC)]
    taken_back = facts(replace(payment, state=State.CLOSING), None, UTC)
    assert "Works until" not in [fact.caption for fact in taken_back]


def test_a_letter_that_was_never_printed_is_said_to_be_missing() -> None:
    payment = Office().took("50123")
    agreed = replace(payment, draft=replace(payment.draft, consent=a_letter()))

    def shown(*kinds: EventKind) -> str:
        events = [
            LedgerEvent(datetime(2026, 8, 14, tzinfo=UTC), "Front-1", "mia", kind, {}) for kind in kinds
        ]
        return next(
            fact.text for fact in facts(agreed, None, UTC, events) if fact.caption == "Proof of authorization"
        )

    missing = "Letter to dana@example.com: not printed yet. Press F8."
    assert shown() == "Letter to dana@example.com", "not known yet"
    assert shown(EventKind.HELD, EventKind.AUTHORIZED) == missing
    assert shown(EventKind.HELD, EventKind.CONSENT_PRINTED) == "Letter to dana@example.com"
    agreed = replace(agreed, state=State.VOIDED)
    assert shown(EventKind.HELD, EventKind.VOIDED) == "Letter to dana@example.com", "nothing is left to prove"
