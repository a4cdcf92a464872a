"""The form and the letter are kept with their payment, and no payment claims one that does not exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from paydesk.domain.consent import Consent, Proof
from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.payment import Draft, Payment
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.services.payments.consent_papers import ConsentPapers, paper_of
from tests.fakes.consents import a_letter, a_signed_form
from tests.fakes.world import Counter


def drawn(consent: Consent, receipt_number: str, copy_number: int) -> bytes:
    """Draw a paper as a line of text."""
    return f"{consent.proof} {receipt_number} {copy_number}".encode()


@pytest.fixture
def papers(counter: Counter) -> ConsentPapers:
    return ConsentPapers(counter.ledger, drawn)


def account() -> BankAccount:
    """Return a bank account."""
    number = Sealed("123456789")
    return BankAccount("021000021", number, AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes")


def draft(counter: Counter, consent: Consent | None) -> Draft:
    """Return a bank debit with that consent."""
    counter.source.owe("50123", 100_00)
    return replace(counter.draft("50123", kind=TenderKind.ACH), consent=consent)


def paid(counter: Counter, consent: Consent | None) -> Payment:
    """Take a bank debit with that consent."""
    return counter.authorize.pay(draft(counter, consent), account())


def test_a_form_is_a_copy_from_its_first_reprint_on(counter: Counter, papers: ConsentPapers) -> None:
    consent = a_signed_form()
    assert papers.form(consent) == b"signed_form  0"
    payment = paid(counter, consent)
    assert payment.draft.consent == consent, "kept with the payment"
    assert paper_of(payment) is Proof.SIGNED_FORM
    assert papers.was_printed(payment)
    assert papers.pdf(payment, reprint=False) == b"signed_form  0"
    assert papers.pdf(payment, reprint=True) == b"signed_form  1"
    papers.note_printed(payment)
    assert papers.pdf(payment, reprint=True) == b"signed_form  2"


def test_a_letter_is_an_original_until_it_was_printed(counter: Counter, papers: ConsentPapers) -> None:
    payment = paid(counter, a_letter())
    assert paper_of(payment) is Proof.WRITTEN_NOTICE
    assert not papers.was_printed(payment)
    assert papers.pdf(payment, reprint=True) == b"written_notice R-000001 0"
    papers.note_printed(payment)
    assert papers.was_printed(payment)
    assert papers.pdf(payment, reprint=True) == b"written_notice R-000001 1"
    event = counter.ledger.events(payment.id)[-1]
    assert (event.kind, event.at) == (EventKind.CONSENT_PRINTED, counter.clock.now()), "the event says when"


def test_a_letter_is_due_until_it_was_printed(counter: Counter, papers: ConsentPapers) -> None:
    payment = paid(counter, a_letter())
    at, moment = counter.clock.now(), timedelta(seconds=1)

    def due(since: datetime, before: datetime) -> list[int]:
        return [one.id for one in counter.ledger.letters_due(since, before)]

    assert due(at, at + moment) == [payment.id]
    assert due(at - moment, at) == due(at + moment, at + 2 * moment) == [], "it was approved at another time"
    papers.note_printed(payment)
    assert due(at, at + moment) == []


@pytest.mark.parametrize(
    "consent",
    [
        None,
        a_signed_form(),
        replace(a_letter(), proof=Proof.RECORDING, proof_detail='"proof": "written_notice"', paper=None),
    ],
)
def test_another_proof_needs_no_letter(counter: Counter, consent: Consent | None) -> None:
    paid(counter, consent)
    at = counter.clock.now()
    assert list(counter.ledger.letters_due(at, at + timedelta(seconds=1))) == []


@pytest.mark.parametrize("consent", [None, replace(a_letter(), proof=Proof.RECORDING, paper=None)])
def test_another_proof_has_no_paper(counter: Counter, papers: ConsentPapers, consent: Consent | None) -> None:
    payment = paid(counter, consent)
    assert paper_of(payment) is None
    assert not papers.was_printed(payment)
    with pytest.raises(KnownError, match="no authorization form and no letter"):
        papers.pdf(payment, reprint=False)


@pytest.mark.parametrize("consent", [a_signed_form(), a_letter()])
def test_a_payment_cannot_claim_a_proof_that_does_not_exist(counter: Counter, consent: Consent) -> None:
    claimed = draft(counter, replace(consent, paper=None))
    with pytest.raises(KnownError, match="no valid authorization"):
        counter.authorize.pay(claimed, account())
    assert list(counter.ledger.payments(limit=9)) == []
    assert counter.processor.intents == {}
