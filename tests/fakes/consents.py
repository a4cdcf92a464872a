"""Consents to a bank debit, and their papers."""

from __future__ import annotations

from datetime import date
from typing import Any

from paydesk.domain.consent import Agency, Channel, Consent, ConsentPaper, DebitTerms, Proof, script
from paydesk.domain.money import Money
from paydesk.domain.tender import AccountHolder
from paydesk.domain.world import LIVE
from tests.fakes.world import START

AGENCY = Agency("Harbor Mutual Insurance Agency", ("12 Main Street", "Rochester, NY 14604"), "(585) 555-0142")


def a_paper(**changed: Any) -> ConsentPaper:
    """Return the form or letter of a debit of $1,253.00."""
    terms = DebitTerms(
        AGENCY.name, AGENCY.phone, "Dana Reyes", Money(1_253_00), Money(3_00), "6789", date(2026, 8, 14)
    )
    wanted: dict[str, Any] = {
        "agency": AGENCY,
        "terms": terms,
        "paid_for": ("Invoice 50123", "Invoice 50177"),
        "made_at": START,
        "time_zone": "America/New_York",
        "world": LIVE,
    }
    return ConsentPaper(**wanted | changed)


def a_signed_form() -> Consent:
    """Return a consent that was signed at the counter."""
    paper = a_paper()
    words = script(paper.terms, Channel.COUNTER, AccountHolder.PERSONAL)
    return Consent(words, START, Channel.COUNTER, AccountHolder.PERSONAL, Proof.SIGNED_FORM, paper=paper)


def a_letter() -> Consent:
    """Return a spoken consent that a letter confirms."""
    paper = a_paper()
    words = script(paper.terms, Channel.PHONE, AccountHolder.PERSONAL)
    to = "dana@example.com"
    return Consent(words, START, Channel.PHONE, AccountHolder.PERSONAL, Proof.WRITTEN_NOTICE, to, paper=paper)
