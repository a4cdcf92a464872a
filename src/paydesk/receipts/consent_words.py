"""The words of the papers that prove a consent: the form to sign, and the letter that confirms."""

from __future__ import annotations

from paydesk.domain.consent import Consent, ConsentPaper
from paydesk.domain.dates import long_date
from paydesk.receipts import words

FORM, LETTER = "ACH authorization", "ACH confirmation"
HOLDER, ACCOUNT, DEBIT_ON, PAID_FOR = "Account holder", "Account", "Debit on or after", "For"
TOTAL = "Total of the debit"
AGREED = "You agreed to these words"
SIGNATURE, PRINTED_NAME, SIGNED_ON = "Signature", "Printed name", "Date"
KEEP = (
    "Agency: keep the signed form for two years after the debit (Nacha Operating Rules), and give the "
    "account holder a copy."
)


def account(paper: ConsentPaper) -> str:
    return f"ending in {paper.terms.account_last4}"


def made(paper: ConsentPaper) -> str:
    """Return the time at which the paper was made."""
    return words.when(paper.made_at, paper.time_zone)


def opening(consent: Consent, paper: ConsentPaper) -> str:
    """Return the first sentence of the letter."""
    terms = paper.terms
    fee = f", which includes a technology fee of {terms.fee.shown}," if terms.fee else ""
    given, on = words.when(consent.given_at, paper.time_zone), long_date(terms.debit_on)
    return (
        f"On {given}, by telephone, you authorized {terms.agency} to make a single electronic debit of "
        f"{terms.total.shown}{fee} on or after {on} from your account ending in {terms.account_last4}. "
        "This letter confirms it."
    )


def question(paper: ConsentPaper) -> str:
    """Return what the account holder can do about it."""
    reach = f"call {paper.terms.agency_phone}" if paper.terms.agency_phone else "come to our office"
    return f"If anything here is not what you agreed to, or to revoke the debit before it is sent, {reach}."


def foot(agency: str, receipt_number: str) -> str:
    return " · ".join(
        part for part in (agency, f"receipt {receipt_number}" if receipt_number else "") if part
    )
