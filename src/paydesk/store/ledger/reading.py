"""Read payments, their receipts and events, and the status of invoices."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import BugError
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.balance_due import PriorPayment, not_contained
from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.invoices.selection import InvoiceStatus
from paydesk.domain.money import ZERO
from paydesk.domain.payment import GIVEN_BACK, Payment, State
from paydesk.domain.posting import PostingState
from paydesk.domain.receipt import Receipt, ReceiptKind
from paydesk.domain.stored import receipt_from
from paydesk.domain.tender import TenderKind
from paydesk.services.ports.ledger import LedgerEvent
from paydesk.store.ledger import words
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import events, queries, rows, schema

_p, _e = schema.payment.c, schema.event.c


def payment_in(connection: sa.Connection, payment_id: int) -> Payment:
    """Return the payment's row in this transaction. Raises BugError for an unknown id."""
    lines = connection.execute(queries.PAYMENT, {"wanted": payment_id}).mappings().all()
    if not lines:
        raise BugError(f"there is no payment {payment_id}")
    return rows.payment_from(lines[0], lines, lines[0]["receipt_number"] or "")


def payments_in(connection: sa.Connection, query: sa.Select[Any]) -> Sequence[Payment]:
    """Return the payments that a selection of ``queries.PAYMENTS`` finds."""
    found = connection.execute(query).mappings().all()
    lines = lines_in(connection, [row["id"] for row in found])
    return [rows.payment_from(row, lines.get(row["id"], []), row["receipt_number"] or "") for row in found]


def lines_in(connection: sa.Connection, payment_ids: list[int]) -> dict[int, list[sa.RowMapping]]:
    """Return the lines of these payments, by payment."""
    by_payment: dict[int, list[sa.RowMapping]] = {}
    for line in connection.execute(queries.LINES, {"wanted": payment_ids}).mappings():
        by_payment.setdefault(line["payment_id"], []).append(line)
    return by_payment


def by_invoice(
    connection: sa.Connection, query: sa.Select[Any], wanted: Mapping[str, Any]
) -> Mapping[str, Sequence[sa.RowMapping]]:
    """Return the rows of payments on each invoice, oldest first. ``open`` is that of the hold."""
    found: dict[str, list[sa.RowMapping]] = defaultdict(list)
    for row in connection.execute(query, wanted).mappings():
        found[row["invoice_number"]].append(row)
    return found


class PaymentReads:
    """Reads of payments. Each method reads one snapshot of the ledger."""

    def __init__(self, on: Transactions) -> None:
        self._on = on

    def payment(self, payment_id: int) -> Payment:
        """See Ledger.payment."""
        with self._on.read() as connection:
            return payment_in(connection, payment_id)

    def find(self, reference: str) -> Payment | None:
        """See Ledger.find."""
        with self._on.read() as connection:
            found = payments_in(connection, queries.PAYMENTS.where(_p.reference == reference))
        return found[0] if found else None

    def find_charged(self, processor_ref: str) -> Payment | None:
        """See Ledger.find_charged."""
        with self._on.read() as connection:
            found = payments_in(connection, queries.PAYMENTS.where(_p.processor_ref == processor_ref))
        return found[0] if found else None

    def find_offered(self, token: str) -> Payment | None:
        """See Ledger.find_offered."""
        query = queries.PAYMENTS.where(schema.offered, _p.intent_token == token)
        with self._on.read() as connection:
            found = payments_in(connection, query)
        return found[0] if found else None

    def statuses(self, balances: Iterable[Invoice]) -> Mapping[str, InvoiceStatus]:
        """See Ledger.statuses."""
        readings = {invoice.number: invoice for invoice in balances}
        with self._on.read() as connection:
            found = by_invoice(connection, queries.ON_INVOICES, {"numbers": list(readings)})
        statuses = {number: _status(readings[number], payments) for number, payments in found.items()}
        return {number: status for number, status in statuses.items() if status is not None}

    def receipt(self, payment_id: int, kind: ReceiptKind = ReceiptKind.PAYMENT) -> Receipt:
        """See Ledger.receipt."""
        query = queries.VOID_RECEIPT if kind is ReceiptKind.VOID else queries.RECEIPT
        with self._on.read() as connection:
            body = connection.execute(query, {"wanted": payment_id}).scalar()
        if body is None and kind is ReceiptKind.VOID:
            raise words.no_void_receipt()
        if body is None:
            raise words.no_receipt()
        return receipt_from(body)

    def head(self) -> str:
        """See Ledger.head."""
        with self._on.read() as connection:
            return events.head(connection) or events.GENESIS

    def events(self, payment_id: int) -> Sequence[LedgerEvent]:
        """See Ledger.events."""
        with self._on.read() as connection:
            return [
                LedgerEvent(
                    row["at"], row["desk"], row["user"], EventKind(row["kind"]), json.loads(row["body"])
                )
                for row in connection.execute(queries.EVENTS, {"wanted": payment_id}).mappings()
            ]


def _status(reading: Invoice, payments: Sequence[sa.RowMapping]) -> InvoiceStatus | None:
    """Return the status of an invoice by its payments, or None if they leave none."""
    status: InvoiceStatus | None = None
    taken: list[PriorPayment] = []
    for row in payments:
        if row["state"] in queries.PAID_STATES:
            taken.append(rows.prior_payment_from(row))
        being_paid = bool(row["open"])
        missing = reading.balance == ZERO and row["state"] in GIVEN_BACK  # what went back is not owed again
        reversed_ = missing and not _is_to_reverse(row) and (status is None or status.reversed)
        if being_paid or row["state"] in queries.PAID_STATES or _is_to_reverse(row) or reversed_:
            status = InvoiceStatus(
                state=State(row["state"]),
                desk=row["desk"],
                user=row["user"],
                at=row["decided_at"] or row["held_at"],
                paid=not_contained(taken, reading.balance, reading.read_at),
                receipt_number=row["receipt_number"] or "",
                being_paid=being_paid,
                tender=TenderKind(row["tender"]),
                brand=row["brand"],
                last4=row["last4"],
                reference=row["reference"],
                until=_offered_until(row),
                reversed=reversed_,
            )
    return status


def _offered_until(row: sa.RowMapping) -> datetime | None:
    if not row["offer_life_s"] or row["submitted_at"] is None:
        return None
    return row["submitted_at"] + timedelta(seconds=row["offer_life_s"])  # type: ignore[no-any-return]  # a row's time


def _is_to_reverse(row: sa.RowMapping) -> bool:
    """Return True if the money went back and the agency system may still have the receipt."""
    return row["state"] in GIVEN_BACK and row["posting_state"] != PostingState.WITHDRAWN
