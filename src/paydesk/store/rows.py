"""Rows to domain values and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from paydesk.domain.consent import Channel, Consent, Proof
from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.domain.owed import Took
from paydesk.domain.payment import Draft, Payer, Payment, PaymentLine, ReferenceKind, State
from paydesk.domain.quote import Quote
from paydesk.domain.tender import AccountHolder, TenderKind
from paydesk.store.schema import keepable

Values = dict[str, Any]
Row = Mapping[str, Any] | sa.RowMapping
"""By the names of the columns: what was read, or what is about to be written."""


def payment_values(draft: Draft) -> Values:
    """The columns of a draft, its texts as the ledger keeps them."""
    values = {
        "channel": draft.channel.value,
        "tender": draft.kind.value,
        "subtotal_cents": draft.quote.subtotal.cents,
        "fee_cents": draft.quote.fee.cents,
        "total_cents": draft.quote.total.cents,
        "payer_name": draft.payer.name,
        "payer_phone": draft.payer.phone,
        "payer_email": draft.payer.email,
        "customer_number": draft.payer.customer_number,
        "customer_name": draft.payer.customer_name,
        "reference_kind": draft.reference_kind.value if draft.reference_kind else "",
        "reference_value": draft.reference_value,
        "consent": consent_text(draft.consent),
        "from_cache": draft.from_cache,
    }
    return _kept(values)


def line_values(draft: Draft) -> list[Values]:
    """The columns of its lines, likewise."""
    return [
        _kept(
            {
                "position": position,
                "invoice_number": line.invoice_number,
                "amount_cents": line.amount.cents,
                "owed_cents": None if line.owed is None else line.owed.cents,
                "read_at": line.read_at,
                "description": line.description,
                "policy_number": line.policy_number,
                "insurer": line.insurer,
            }
        )
        for position, line in enumerate(draft.lines)
    ]


def _kept(values: Mapping[str, Any]) -> Values:
    return {name: keepable(value) if isinstance(value, str) else value for name, value in values.items()}


def draft_digest(payment: Row, lines: Sequence[Row]) -> str:
    """A digest of everything a draft says; the claim's event holds it, so no figure can be changed later."""
    said = [[_plain(payment[name]) for name in _DIGESTED]]
    said += [[_plain(line[name]) for name in _DIGESTED_OF_LINES] for line in lines]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


# Fixed for ever: a column that is added later is no part of the digests that were written before.
_DIGESTED = (
    "channel", "tender", "subtotal_cents", "fee_cents", "total_cents", "payer_name", "payer_phone",
    "payer_email", "customer_number", "customer_name", "reference_kind", "reference_value", "consent",
    "from_cache",
)  # fmt: skip
_DIGESTED_OF_LINES = (
    "invoice_number", "amount_cents", "owed_cents", "read_at", "description", "policy_number", "insurer",
)  # fmt: skip


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def payment_from(row: Row, lines: Sequence[Row], receipt_number: str) -> Payment:
    """The payment of a row and its lines."""
    return Payment(
        id=row["id"],
        reference=row["reference"],
        state=State(row["state"]),
        draft=draft_from(row, lines),
        desk=row["desk"],
        user=row["user"],
        claimed_at=row["claimed_at"],
        intent_title=row["intent_title"],
        intent_token=row["intent_token"],
        submitted_at=row["submitted_at"],
        decided_at=row["decided_at"],
        expired_at=row["expired_at"],
        processor_ref=row["processor_ref"] or "",
        charged=_money(row["charged_cents"]),
        charged_fee=_money(row["charged_fee_cents"]),
        authorization_code=row["authorization_code"],
        brand=row["brand"],
        last4=row["last4"],
        entry_class=row["entry_class"],
        reason=row["reason"],
        receipt_number=receipt_number,
    )


def draft_from(row: Row, lines: Sequence[Row]) -> Draft:
    """The draft of a payment's row and its lines."""
    return Draft(
        lines=tuple(
            PaymentLine(
                amount=Money(line["amount_cents"]),
                description=line["description"],
                invoice_number=line["invoice_number"],
                owed=_money(line["owed_cents"]),
                read_at=line["read_at"],
                policy_number=line["policy_number"],
                insurer=line["insurer"],
            )
            for line in lines
        ),
        payer=Payer(
            name=row["payer_name"],
            phone=row["payer_phone"],
            email=row["payer_email"],
            customer_number=row["customer_number"],
            customer_name=row["customer_name"],
        ),
        quote=Quote(TenderKind(row["tender"]), Money(row["subtotal_cents"]), Money(row["fee_cents"])),
        channel=Channel(row["channel"]),
        reference_kind=ReferenceKind(row["reference_kind"]) if row["reference_kind"] else None,
        reference_value=row["reference_value"],
        consent=consent_from(row["consent"]),
        from_cache=row["from_cache"],
    )


def moved(payment: Payment, state: State, changes: Mapping[str, Any]) -> Payment:
    """The payment in its new state, with its texts as the ledger keeps them."""
    return replace(payment, state=state, **_kept(changes))


def standing(payment: Payment) -> tuple[Any, ...]:
    """What ``queries.STANDING`` finds of it."""
    charged, fee = _cents_of(payment.charged), _cents_of(payment.charged_fee)
    return (payment.state.value, payment.processor_ref or None, charged, fee, payment.receipt_number or None)


def change_values(payment: Payment, names: Iterable[str]) -> Values:
    """The columns of some fields of a payment."""
    return {_MONEY.get(name, name): _cents_of(getattr(payment, name)) for name in names}


_MONEY = {"charged": "charged_cents", "charged_fee": "charged_fee_cents"}


def _cents_of(value: Any) -> Any:
    return value.cents if isinstance(value, Money) else value


def took_from(row: Row) -> Took:
    """What a live payment took on one invoice."""
    owed, read_at = Money(row["owed_cents"] or 0), row["read_at"] or row["claimed_at"]
    return Took(Money(row["amount_cents"]), owed, read_at, row["posted_at"])


def _money(cents: int | None) -> Money | None:
    return None if cents is None else Money(cents)


def consent_text(consent: Consent | None) -> str:
    """A consent as JSON; ``""`` for none."""
    if consent is None:
        return ""
    return json.dumps(
        asdict(consent), default=lambda value: value.isoformat(), ensure_ascii=False, sort_keys=True
    )


def consent_from(text: str) -> Consent | None:
    """The consent of a JSON text."""
    if not text:
        return None
    raw = json.loads(text)
    return Consent(
        sentence=raw["sentence"],
        given_at=datetime.fromisoformat(raw["given_at"]),
        channel=Channel(raw["channel"]),
        holder_kind=AccountHolder(raw["holder_kind"]),
        proof=Proof(raw["proof"]),
        proof_detail=raw["proof_detail"],
        customer_called=raw["customer_called"],
        existing_customer=raw["existing_customer"],
        agreement_on=date.fromisoformat(raw["agreement_on"]) if raw["agreement_on"] else None,
    )


def invoice_values(invoice: Invoice) -> Values:
    """The columns of an invoice."""
    return {
        "number": invoice.number,
        "customer_number": invoice.customer_number,
        "customer_name": invoice.customer_name,
        "amount_cents": invoice.amount.cents,
        "balance_cents": invoice.balance.cents,
        "read_at": invoice.read_at,
        "invoice_date": invoice.invoice_date,
        "due_date": invoice.due_date,
        "description": invoice.description,
        "policy_number": invoice.policy_number,
        "insurer": invoice.insurer,
        "source_id": invoice.source_id,
        "customer_source_id": invoice.customer_source_id,
    }


def invoice_from(row: Row) -> Invoice:
    """The invoice of a row."""
    return Invoice(
        number=row["number"],
        customer_number=row["customer_number"],
        customer_name=row["customer_name"],
        amount=Money(row["amount_cents"]),
        balance=Money(row["balance_cents"]),
        read_at=row["read_at"],
        invoice_date=row["invoice_date"],
        due_date=row["due_date"],
        description=row["description"],
        policy_number=row["policy_number"],
        insurer=row["insurer"],
        source_id=row["source_id"],
        customer_source_id=row["customer_source_id"],
    )


def customer_values(customer: Customer, read_at: datetime) -> Values:
    """The columns of a customer."""
    return {
        "number": customer.number,
        "name": customer.name,
        "zip_code": customer.zip_code,
        "phones": "\n".join(customer.phones),
        "email": customer.email,
        "source_id": customer.source_id,
        "read_at": read_at,
    }


def customer_from(row: Row) -> Customer:
    """The customer of a row."""
    return Customer(
        number=row["number"],
        name=row["name"],
        source_id=row["source_id"],
        zip_code=row["zip_code"],
        phones=tuple(row["phones"].split("\n")) if row["phones"] else (),
        email=row["email"],
    )
