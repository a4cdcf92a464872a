"""The payer's agreement to a bank debit, as the Nacha rules ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from paydesk.domain.money import Money
from paydesk.domain.tender import AccountHolder


class Channel(StrEnum):
    """Where the customer is while paying."""

    PHONE = "phone"
    COUNTER = "counter"


class Proof(StrEnum):
    """How spoken consent is kept (Nacha, TEL entries: recording or written notice)."""

    RECORDING = "recording"
    WRITTEN_NOTICE = "written_notice"
    SIGNED_FORM = "signed_form"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Consent:
    """What was agreed, when, who called whom, and how it can be proven later.

    ``proof_detail`` is the recording's reference or the address of the written notice;
    ``agreement_on`` the date of a business payer's written agreement.
    """

    sentence: str
    given_at: datetime
    channel: Channel
    holder_kind: AccountHolder
    proof: Proof
    proof_detail: str = ""
    customer_called: bool = True
    existing_customer: bool = True
    agreement_on: date | None = None


@dataclass(frozen=True, slots=True)
class DebitTerms:
    """The figures of one bank debit that the consent sentence has to name."""

    agency: str
    agency_phone: str
    holder: str
    total: Money
    fee: Money
    account_last4: str
    debit_on: date


def script(terms: DebitTerms, channel: Channel, holder_kind: AccountHolder) -> str:
    """The words to read aloud, or to have signed at the counter.

    Content as Nacha asks of a single TEL entry: date, amount, name, account, that it is one
    debit, a telephone number for questions, and how to revoke.
    """
    on = f"{terms.debit_on:%B} {terms.debit_on.day}, {terms.debit_on.year}"
    fee = f", which includes a technology fee of ${terms.fee}," if terms.fee else ""
    debit = f"to make a single electronic debit of ${terms.total}{fee} on or after {on}"
    account = f"account ending in {terms.account_last4}"
    phone = terms.agency_phone or "its office"
    if holder_kind is AccountHolder.BUSINESS:
        who = f"Under its written agreement {terms.holder} authorizes {terms.agency}"
        return f"{who} {debit} from its {account}."
    if channel is Channel.COUNTER:
        return (
            f"I, {terms.holder}, authorize {terms.agency} {debit} from my {account}. "
            f"For questions, or to revoke this before it is sent, I can call {phone}."
        )
    return (
        f"Today is {on}. Do you, {terms.holder}, authorize {terms.agency} {debit} from your {account}? "
        f"For questions, or to revoke this before it is sent, you can call {phone}."
    )


def consent_problem(consent: Consent) -> str:
    """Why this consent does not allow the debit, or ``""``."""
    if consent.holder_kind is AccountHolder.BUSINESS:
        if consent.agreement_on is None:
            return "A business account needs its written agreement: tick it and type its date."
        return ""
    if consent.channel is Channel.COUNTER:
        return "" if consent.proof is Proof.SIGNED_FORM else "Have the customer sign the authorization first."
    if not consent.customer_called and not consent.existing_customer:
        return "We called, and there is no agreement: a phone debit is not allowed. Take a card."
    if consent.proof is Proof.RECORDING and not consent.proof_detail.strip():
        return "Type the reference of the call recording."
    if consent.proof is Proof.WRITTEN_NOTICE and not consent.proof_detail.strip():
        return "Type the e-mail or postal address the written notice goes to."
    return ""
