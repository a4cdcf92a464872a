"""Reading the ledger: payments, their receipts and events, and what is known of an invoice."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.invoice import Invoice
from paydesk.domain.owed import Took, not_contained
from paydesk.domain.payment import GIVEN_BACK, Payment, State
from paydesk.domain.posting import PostingState
from paydesk.domain.receipt import Receipt, ReceiptKind
from paydesk.domain.selection import Mark
from paydesk.domain.tender import TenderKind
from paydesk.services.ports import Clock, Happening
from paydesk.store import queries, rows, schema
from paydesk.store.clock import ledger_now
from paydesk.store.engine import READ
from paydesk.store.trouble import trouble_in_words

_p, _e = schema.payment.c, schema.event.c


class LedgerReader:
    """What a desk reads of the ledger; each method sees one moment of it."""

    def __init__(self, engine: sa.Engine, clock: Clock, path: str) -> None:
        """``path`` names the ledger in sentences."""
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._clock = clock
        self._path = path

    def payment(self, payment_id: int) -> Payment:
        """The row as it stands."""
        with self._reading() as connection:
            return self._payment(connection, payment_id)

    def find(self, reference: str) -> Payment | None:
        """The payment with that reference of ours."""
        with self._reading() as connection:
            found = self._payments(connection, queries.PAYMENTS.where(_p.reference == reference))
        return found[0] if found else None

    def payments(self, *, limit: int, matching: str = "", states: Iterable[State] = ()) -> Sequence[Payment]:
        """The newest payments first; ``matching`` a part of a name, number, receipt or last four."""
        query = queries.PAYMENTS.order_by(_p.id.desc()).limit(limit)
        wanted = [state.value for state in states]
        if wanted:
            query = query.where(_p.state.in_(wanted))
        for word in matching.split():
            query = query.where(queries.matches(word))
        with self._reading() as connection:
            return self._payments(connection, query)

    def payments_between(self, start: datetime, end: datetime) -> Sequence[Payment]:
        """All payments claimed from ``start`` to just before ``end``, oldest first."""
        query = queries.PAYMENTS.where(_p.claimed_at >= start, _p.claimed_at < end).order_by(_p.id)
        with self._reading() as connection:
            return self._payments(connection, query)

    def came_back(self, since: datetime) -> Sequence[Payment]:
        """Payments that the bank sent back from ``since`` on, oldest first."""
        sent_back = sa.exists().where(_e.payment_id == _p.id, _e.kind == State.RETURNED.value, _e.at >= since)
        query = queries.PAYMENTS.where(schema.given_back, sent_back).order_by(_p.id)
        with self._reading() as connection:
            return self._payments(connection, query)

    def charged_otherwise(self) -> Sequence[Payment]:
        """Payments that count as paid and took another amount than was quoted, oldest first."""
        otherwise = sa.and_(_p.charged_cents != _p.total_cents, _p.state.in_(queries.PAID_STATES))
        query = queries.PAYMENTS.where(otherwise).order_by(_p.id)
        with self._reading() as connection:
            return self._payments(connection, query)

    def marks(self, balances: Iterable[Invoice]) -> Mapping[str, Mark]:
        """What the ledger knows of these invoices, by number."""
        readings = {invoice.number: invoice for invoice in balances}
        marks: dict[str, Mark] = {}
        with self._reading() as connection:
            found = self._by_invoice(connection, queries.ON_INVOICES, {"numbers": list(readings)})
        for number, payments in found.items():
            taken: list[Took] = []
            for row in payments:
                if row["state"] in queries.PAID_STATES:
                    taken.append(rows.took_from(row))
                reading = readings[number]
                open_now = bool(row["open"])
                if open_now or row["state"] in queries.PAID_STATES or _is_to_reverse(row):
                    marks[number] = Mark(
                        state=State(row["state"]),
                        desk=row["desk"],
                        user=row["user"],
                        at=row["decided_at"] or row["claimed_at"],
                        paid=not_contained(taken, reading.balance, reading.read_at),
                        receipt_number=row["receipt_number"] or "",
                        being_paid=open_now,
                        tender=TenderKind(row["tender"]),
                        brand=row["brand"],
                        last4=row["last4"],
                    )
        return marks

    def receipt(self, payment_id: int, kind: ReceiptKind = ReceiptKind.PAYMENT) -> Receipt:
        """The receipt as recorded, or that of the void."""
        query = queries.VOID_RECEIPT if kind is ReceiptKind.VOID else queries.RECEIPT
        with self._reading() as connection:
            body = connection.execute(query, {"wanted": payment_id}).scalar()
        if body is None and kind is ReceiptKind.VOID:
            raise KnownError("This payment has no void receipt: it was not voided.")
        if body is None:
            raise KnownError("This payment has no receipt: it was not approved.")
        return Receipt.from_json(json.loads(body))

    def events(self, payment_id: int) -> Sequence[Happening]:
        """What happened to a payment, oldest first."""
        with self._reading() as connection:
            return [
                Happening(row["at"], row["desk"], row["user"], row["kind"], json.loads(row["body"]))
                for row in connection.execute(queries.EVENTS, {"wanted": payment_id}).mappings()
            ]

    # ---- parts ------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with trouble_in_words(self._path), self._read.begin() as connection:
            yield connection

    def _now(self, connection: sa.Connection) -> datetime:
        return ledger_now(connection, self._clock)

    def _payment(self, connection: sa.Connection, payment_id: int) -> Payment:
        lines = connection.execute(queries.PAYMENT, {"wanted": payment_id}).mappings().all()
        if not lines:
            raise BugError(f"there is no payment {payment_id}")
        return rows.payment_from(lines[0], lines, lines[0]["receipt_number"] or "")

    def _payments(self, connection: sa.Connection, query: sa.Select[Any]) -> Sequence[Payment]:
        found = connection.execute(query).mappings().all()
        lines = self._lines(connection, [row["id"] for row in found])
        return [
            rows.payment_from(row, lines.get(row["id"], []), row["receipt_number"] or "") for row in found
        ]

    def _lines(self, connection: sa.Connection, payment_ids: list[int]) -> dict[int, list[sa.RowMapping]]:
        by_payment: dict[int, list[sa.RowMapping]] = {}
        for line in connection.execute(queries.LINES, {"wanted": payment_ids}).mappings():
            by_payment.setdefault(line["payment_id"], []).append(line)
        return by_payment

    def _by_invoice(
        self, connection: sa.Connection, query: sa.Select[Any], wanted: Mapping[str, Any]
    ) -> Mapping[str, Sequence[sa.RowMapping]]:
        """What payments have to do with each invoice, oldest first; ``open`` is that of the claim."""
        by_invoice: dict[str, list[sa.RowMapping]] = defaultdict(list)
        for row in connection.execute(query, wanted).mappings():
            by_invoice[row["invoice_number"]].append(row)
        return by_invoice


def _is_to_reverse(row: sa.RowMapping) -> bool:
    """Whether the money went back, and the agency system has, or may have, the receipt of it all the same."""
    return row["state"] in GIVEN_BACK and row["posting_state"] != PostingState.WITHDRAWN
