"""The consents that allow a bank debit, and those that do not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from paydesk.domain.consent import Channel, Consent, Proof, consent_problem, script
from paydesk.domain.tender import AccountHolder
from tests.fakes.consents import a_paper
from tests.fakes.world import START


def a_consent(**changed: Any) -> Consent:
    spoken: dict[str, Any] = {
        "sentence": "Do you authorize this?",
        "given_at": START,
        "channel": Channel.PHONE,
        "holder_kind": AccountHolder.PERSONAL,
        "proof": Proof.RECORDING,
        "proof_detail": "CALL-77",
    }
    return Consent(**spoken | changed)


@pytest.mark.parametrize(
    "enough",
    [
        {},
        {"customer_called": False},
        {"existing_customer": False},
        {"proof": Proof.WRITTEN_NOTICE, "proof_detail": "dana@example.com", "paper": a_paper()},
        {"channel": Channel.COUNTER, "proof": Proof.SIGNED_FORM, "proof_detail": "", "paper": a_paper()},
        {"holder_kind": AccountHolder.BUSINESS, "agreement_on": date(2026, 1, 5)},
    ],
)
def test_a_consent_with_its_proof_allows_the_debit(enough: dict[str, Any]) -> None:
    assert consent_problem(a_consent(**enough)) == ""


def test_a_business_is_named_by_its_agreement_and_pays_from_its_account() -> None:
    words = script(a_paper().terms, Channel.PHONE, AccountHolder.BUSINESS)
    assert words.startswith("Under its written agreement Dana Reyes authorizes Harbor Mutual Insurance")
    assert words.endswith("from its account ending in 6789.")


@pytest.mark.parametrize(
    "missing",
    [
        {"customer_called": False, "existing_customer": False},
        {"proof_detail": " "},
        {"proof": Proof.WRITTEN_NOTICE, "proof_detail": "", "paper": a_paper()},
        {"proof": Proof.WRITTEN_NOTICE, "proof_detail": "dana@example.com"},
        {"channel": Channel.COUNTER},
        {"channel": Channel.COUNTER, "proof": Proof.SIGNED_FORM},
        {"channel": Channel.COUNTER, "paper": a_paper()},
        {"holder_kind": AccountHolder.BUSINESS},
    ],
)
def test_a_consent_without_its_proof_says_what_is_missing(missing: dict[str, Any]) -> None:
    assert consent_problem(a_consent(**missing)) != ""
