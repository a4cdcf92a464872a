"""The payer's consent to a bank debit, as the Nacha rules require it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from paydesk.domain.dates import long_date
from paydesk.domain.money import Money
from paydesk.domain.tender import AccountHolder
from paydesk.domain.typed.plain_texts import straighten
from paydesk.domain.world import World


class Channel(StrEnum):
    """The customer's place during the payment: on the phone, at the counter, or alone with a payment link."""

    PHONE = "phone"
    COUNTER = "counter"
    LINK = "link"


class Proof(StrEnum):
    """The evidence of a consent (Nacha, TEL entries: a recording or a written notice)."""

    RECORDING = "recording"
    WRITTEN_NOTICE = "written_notice"
    SIGNED_FORM = "signed_form"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Agency:
    """The agency at the head of receipts and consents (Visa and WAC 284-12 ask for name and address)."""

    name: str
    address_lines: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    license: str = ""


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

    def __post_init__(self) -> None:
        """The holder is typed."""
        straighten(self)


@dataclass(frozen=True, slots=True)
class ConsentPaper:
    """The paper that proves a consent, as it prints: a form to sign, or a letter that confirms spoken words.

    ``paid_for`` names invoices or the reference. ``made_at`` is in UTC, ``time_zone`` an IANA name.
    """

    agency: Agency
    terms: DebitTerms
    paid_for: tuple[str, ...]
    made_at: datetime
    time_zone: str
    world: World


@dataclass(frozen=True, slots=True)
class Consent:
    """The payer's agreement to one debit, and its proof.

    ``proof_detail`` is the recording's reference or the address of the written notice.
    ``agreement_on`` is the date of a business payer's written agreement. A signed form and a written notice
    have their ``paper``, which is kept with the payment and printed again from there.
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
    paper: ConsentPaper | None = None

    def __post_init__(self) -> None:
        """The detail is typed, and the sentence names the account holder."""
        straighten(self)


def script(terms: DebitTerms, channel: Channel, holder_kind: AccountHolder) -> str:
    """Return the words to read aloud, or to have signed at the counter.

    Nacha requires of a single TEL entry: date, amount, name, account, that it is one debit,
    a telephone number for questions, and how to revoke it.
    """
    on = long_date(terms.debit_on)
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
    """Return the reason why this consent does not allow the debit, or ``""``."""
    if consent.holder_kind is AccountHolder.BUSINESS:
        if consent.agreement_on is None:
            return "A business account needs a written agreement on file. Select it, and enter its date."
        return ""
    if consent.channel is Channel.COUNTER:
        signed = consent.proof is Proof.SIGNED_FORM and consent.paper is not None
        return "" if signed else "Print the form and have the customer sign it first."
    if not consent.customer_called and not consent.existing_customer:
        return "We placed the call and have no agreement on file, so ACH isn't allowed. Use a card."
    if consent.proof is Proof.RECORDING and not consent.proof_detail.strip():
        return "Enter the recording ID."
    if consent.proof is Proof.WRITTEN_NOTICE and not consent.proof_detail.strip():
        return "Enter the email or mailing address for the confirmation letter."
    if consent.proof is Proof.WRITTEN_NOTICE and consent.paper is None:
        return "The confirmation letter is missing. Go back (Esc) and start over."
    return ""
