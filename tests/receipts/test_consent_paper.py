"""The papers that prove a consent: what they say, and that they print the same each time."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdf
import pytest

from paydesk.domain.consent import Consent
from paydesk.domain.errors import BugError
from paydesk.domain.money import ZERO
from paydesk.domain.world import TRAINING
from paydesk.receipts.pdf import render_consent
from tests.fakes.consents import a_letter, a_paper, a_signed_form


def printed(consent: Consent, receipt_number: str = "", copy_number: int = 0) -> str:
    """Return the text of the paper, on one line. It is one page."""
    pages = pypdf.PdfReader(io.BytesIO(render_consent(consent, receipt_number, copy_number))).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def test_the_form_has_the_words_amounts_account_and_lines_to_sign_on() -> None:
    consent = a_signed_form()
    text = printed(consent)
    for wanted in (
        "ACH authorization",
        "Harbor Mutual Insurance Agency",
        "12 Main Street",
        "Dana Reyes",
        "ending in 6789",
        "August 14, 2026",
        "Invoice 50123 · Invoice 50177",
        "Subtotal $1,250.00",
        "Technology fee $3.00",
        "Total of the debit $1,253.00",
        consent.sentence,
        "Signature",
        "Printed name",
        "two years",
    ):
        assert wanted in text
    assert "COPY" not in text


def test_the_letter_names_its_address_the_call_the_words_and_the_receipt() -> None:
    consent = a_letter()
    text = printed(consent, "R-000012", 2)
    for wanted in (
        "ACH confirmation",
        "Dana Reyes dana@example.com",
        "On Aug 14, 2026, 10:00 AM EDT, by telephone, you authorized Harbor Mutual Insurance Agency to "
        "make a single electronic debit of $1,253.00, which includes a technology fee of $3.00, on or after "
        "August 14, 2026 from your account ending in 6789.",
        consent.sentence,
        "call (585) 555-0142.",
        "receipt R-000012",
        "COPY 2",
    ):
        assert wanted in text
    assert "Signature" not in text


def test_without_a_fee_and_a_phone_the_letter_names_none() -> None:
    paper = a_paper()
    terms = replace(paper.terms, fee=ZERO, agency_phone="")
    text = printed(replace(a_letter(), paper=replace(paper, terms=terms)))
    assert "debit of $1,253.00 on or after" in text
    assert "is sent, come to our office." in text


def test_a_training_paper_says_so() -> None:
    consent = a_signed_form()
    assert "TRAINING – no money moved" in printed(replace(consent, paper=a_paper(world=TRAINING)))


def test_the_same_paper_has_the_same_bytes() -> None:
    assert render_consent(a_letter(), "R-000012", 0) == render_consent(a_letter(), "R-000012", 0)


def test_a_consent_without_a_paper_draws_none() -> None:
    with pytest.raises(BugError):
        render_consent(replace(a_letter(), paper=None), "", 0)
