"""Conversion of rows to domain values and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from paydesk.domain.consent import Channel
from paydesk.domain.invoices.balance_due import PriorPayment
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import Draft, OfferKind, Payer, Payment, PaymentLine, ReferenceKind, State
from paydesk.domain.quote import Quote
from paydesk.domain.stored import consent_from, consent_text
from paydesk.domain.tender import TenderKind
from paydesk.store.tables import commitments
from paydesk.store.tables.schema import keepable

Values = dict[str, Any]
Row = Mapping[str, Any] | sa.RowMapping
"""A row as read or as to be written, by column names."""


def payment_values(draft: Draft) -> Values:
    """Return the columns of a draft, with texts as the ledger keeps them."""
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
    """Return the columns of the draft's lines, with texts as the ledger keeps them."""
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
    """Return a digest of all content of a draft. The hold's event stores it, so ``verify`` finds changes."""
    return hashlib.sha256(draft_text(payment, lines).encode()).hexdigest()


def draft_text(payment: Row, lines: Sequence[Row]) -> str:
    """Return all content of a draft in one text, with commitments to its free texts.

    Raises CommitmentBroken.
    """
    covered = commitments.covered(
        draft_free_texts(payment, lines), payment.get("salt", ""), payment.get("commitments", "")
    )
    said = [[covered.get(name, _plain(payment[name])) for name in _DIGESTED]]
    said += [
        [covered.get(f"{at}.{name}", _plain(line[name])) for name in _DIGESTED_OF_LINES]
        for at, line in enumerate(lines)
    ]
    return json.dumps(said)


def draft_free_texts(payment: Row, lines: Sequence[Row]) -> dict[str, str]:
    """Return the texts of a draft that a person or another system wrote, by column, or line and column."""
    texts = {name: payment[name] for name in _FREE}
    return texts | {f"{at}.{name}": line[name] for at, line in enumerate(lines) for name in _FREE_OF_LINES}


# Never change these: a column added later is not part of the digests written before.
_DIGESTED = (
    "channel", "tender", "subtotal_cents", "fee_cents", "total_cents", "payer_name", "payer_phone",
    "payer_email", "customer_number", "customer_name", "reference_kind", "reference_value", "consent",
    "from_cache",
)  # fmt: skip
_DIGESTED_OF_LINES = (
    "invoice_number", "amount_cents", "owed_cents", "read_at", "description", "policy_number", "insurer",
)  # fmt: skip

_FREE = (
    "payer_name", "payer_phone", "payer_email", "customer_name", "reference_value", "consent",
)  # fmt: skip
_FREE_OF_LINES = ("description", "policy_number", "insurer")


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def payment_from(row: Row, lines: Sequence[Row], receipt_number: str) -> Payment:
    """Return the payment of a row and its lines."""
    return Payment(
        id=row["id"],
        reference=row["reference"],
        state=State(row["state"]),
        draft=draft_from(row, lines),
        desk=row["desk"],
        user=row["user"],
        held_at=row["held_at"],
        intent_title=row["intent_title"],
        intent_token=row["intent_token"],
        submitted_at=row["submitted_at"],
        offer_kind=OfferKind(row["offer_kind"]),
        offer_address=row["offer_address"],
        offer_life_s=row["offer_life_s"],
        closing_at=row["closing_at"],
        decided_at=row["decided_at"],
        expired_at=row["expired_at"],
        processor_ref=row["processor_ref"] or "",
        charged=_money(row["charged_cents"]),
        charged_fee=_money(row["charged_fee_cents"]),
        named_fee=_money(row["named_fee_cents"]),
        acknowledged_at=row["acknowledged_at"],
        authorization_code=row["authorization_code"],
        brand=row["brand"],
        last4=row["last4"],
        entry_class=row["entry_class"],
        reason=row["reason"],
        reason_code=Reason(row["reason_code"]),
        receipt_number=receipt_number,
    )


def draft_from(row: Row, lines: Sequence[Row]) -> Draft:
    """Return the draft of a payment's row and its lines."""
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
    """Return the payment in its new state, with its texts as the ledger keeps them."""
    return replace(payment, state=state, **_kept(changes))


def change_values(payment: Payment, names: Iterable[str]) -> Values:
    """Return the columns of some fields of a payment."""
    return {_MONEY.get(name, name): _cents_of(getattr(payment, name)) for name in names}


_MONEY = {
    "charged": "charged_cents",
    "charged_fee": "charged_fee_cents",
    "named_fee": "named_fee_cents",
}


def _cents_of(value: Any) -> Any:
    return value.cents if isinstance(value, Money) else value


def prior_payment_from(row: Row) -> PriorPayment:
    """Return the live payment on one invoice that the row describes."""
    owed, read_at = Money(row["owed_cents"] or 0), row["read_at"] or row["held_at"]
    return PriorPayment(Money(row["amount_cents"]), owed, read_at, row["posted_at"])


def _money(cents: int | None) -> Money | None:
    return None if cents is None else Money(cents)


def invoice_values(invoice: Invoice) -> Values:
    """Return the columns of an invoice."""
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
    """Return the invoice of a row."""
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
    """Return the columns of a customer."""
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
    """Return the customer of a row."""
    return Customer(
        number=row["number"],
        name=row["name"],
        source_id=row["source_id"],
        zip_code=row["zip_code"],
        phones=tuple(row["phones"].split("\n")) if row["phones"] else (),
        email=row["email"],
    )
