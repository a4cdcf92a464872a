"""The ledger: one method, one transaction, the invoices locked first in each that writes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from paydesk.domain.errors import BugError
from paydesk.domain.invoice import Invoice
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Declined, Unclear
from paydesk.domain.owed import not_contained
from paydesk.domain.payment import NOT_TAKEN, PAID, Draft, Payment, State
from paydesk.domain.receipt import ReceiptKind
from paydesk.services.ports import InvoiceTaken, ReceiptFor, StaleMove
from paydesk.store import events, queries, rows, schema
from paydesk.store.cache import store_invoices
from paydesk.store.clearing import ClearingLedger
from paydesk.store.migrate import check_version
from paydesk.store.trouble import LedgerTrouble
from paydesk.store.voids import VoidLedger

_p = schema.payment.c


class SqlLedger(VoidLedger, ClearingLedger):
    """PayDesk's own database through SQLAlchemy, for one desk session."""

    # ---- the payment protocol, steps A to C -------------------------------------------------

    def claim(self, draft: Draft, reference: str) -> Payment:
        """Step A: record the payment and lock its invoices."""
        self._care.before_claim()
        values, lines = rows.payment_values(draft), rows.line_values(draft)
        draft = rows.draft_from(values, lines)  # as it will be read back
        with self._write() as connection:
            check_version(connection, self._path)
            self._lock_invoices(connection, draft)
            if not draft.invoice_numbers:
                self._check_not_undecided(connection, draft, values)
            now = self._now(connection)
            claimed = {
                "reference": reference,
                "state": State.CLAIMED.value,
                "session_id": self._session.id,
                "desk": self._who[0],
                "user": self._who[1],
                "claimed_at": now,
            }
            payment_id = queries.INSERT_PAYMENT.value(connection, values | claimed)
            queries.INSERT_LINES.execute_many(
                connection, [{"payment_id": payment_id} | line for line in lines]
            )
            if draft.invoice_numbers:
                self._claim_invoices(connection, payment_id, draft)
            said = {"total": str(draft.quote.total), "draft": rows.draft_digest(values, lines)}
            self._event(connection, payment_id, State.CLAIMED, now, **said)
        desk, user = self._who
        return Payment(payment_id, reference, State.CLAIMED, draft, desk, user, now)

    def _claim_invoices(self, connection: sa.Connection, payment_id: int, draft: Draft) -> None:
        beside = self._beside(connection, payment_id)
        for line in draft.lines:
            if line.invoice_number is not None and line.owed is not None and line.read_at is not None:
                payments = beside.get(line.invoice_number, ())
                _check_free(line.invoice_number, payments)
                _check_owed(line.invoice_number, line.amount, line.owed, line.read_at, payments)
        queries.INSERT_CLAIMS.execute_many(
            connection,
            [
                {"payment_id": payment_id, "invoice_number": number, "open": True}
                for number in draft.invoice_numbers
            ],
        )

    def submit(self, payment: Payment, title: str, token: str, fresh: Sequence[Invoice]) -> Payment:
        """Step B: the one charge attempt, after what is owed was checked again under the lock."""
        with self._write() as connection:
            self._lock_payment(connection, payment.id)
            store_invoices(connection, fresh)
            readings = {invoice.number: invoice for invoice in fresh}
            beside = self._beside(connection, payment.id)
            for line in payment.draft.lines:
                if line.invoice_number is None or line.owed is None or line.read_at is None:
                    continue
                reading = readings.get(line.invoice_number)
                owed, read_at = (reading.balance, reading.read_at) if reading else (line.owed, line.read_at)
                payments = beside.get(line.invoice_number, ())
                _check_owed(line.invoice_number, line.amount, owed, read_at, payments)
            now = self._now(connection)
            submitted = self._move(
                connection,
                payment,
                State.SUBMITTED,
                now,
                intent_title=title,
                intent_token=token,
                submitted_at=now,
            )
            queries.INSERT_ATTEMPT.execute(connection, {"payment_id": payment.id, "started_at": now})
        return submitted

    def record(
        self, payment: Payment, outcome: Approved | Declined | Unclear, receipt_for: ReceiptFor
    ) -> Payment:
        """Step C: the outcome, its receipt and its posting in one transaction, then read back."""
        try:
            recorded = self._record(payment, outcome, receipt_for)
        except LedgerTrouble:
            # The charge is made: once more, on a new connection, with the room that was kept back.
            # What did happen already is not done again.
            self._care.make_room()
            recorded = self._record(payment, outcome, receipt_for)
        return self._read_back(recorded)

    def _record(
        self, payment: Payment, outcome: Approved | Declined | Unclear, receipt_for: ReceiptFor
    ) -> Payment:
        with self._write() as connection:
            self._lock_payment(connection, payment.id)
            now = self._now(connection)
            if payment.state is State.SUBMITTED:  # as its sender knows it: most often it still is
                with contextlib.suppress(StaleMove):  # else nothing is written yet
                    return self._decide(connection, payment, outcome, now, receipt_for)
            payment = self._payment(connection, payment.id)
            return self._decide(connection, payment, outcome, now, receipt_for)

    def _decide(
        self,
        connection: sa.Connection,
        payment: Payment,
        outcome: Approved | Declined | Unclear,
        now: datetime,
        receipt_for: ReceiptFor,
    ) -> Payment:
        """The payment with that outcome; as it is when it has that already, or more."""
        match outcome:
            case Approved():
                return self._approve(connection, payment, outcome, now, receipt_for)
            case Declined() if payment.state is not State.DECLINED:
                declined = self._move(
                    connection, payment, State.DECLINED, now, decided_at=now, reason=outcome.reason
                )
                self._close_claims(connection, payment.id)
                return declined
            case Unclear() if payment.state is State.SUBMITTED:
                return self._move(connection, payment, State.UNKNOWN, now, reason=outcome.why)
        return payment

    def _read_back(self, recorded: Payment) -> Payment:
        """The payment if the ledger, read anew, says of it what was recorded; else as it stands there."""
        with self._reading() as connection:
            found = queries.STANDING.rows(connection, {"wanted": recorded.id})
            said = [tuple(row) for row in found] == [rows.standing(recorded)]
            return recorded if said else self._payment(connection, recorded.id)

    def release(self, payment_id: int, why: str, *, unless_submitted: bool = False) -> Payment:
        """Give the invoices back; only while nothing can have been sent."""
        with self._write() as connection:
            payment = self._locked(connection, payment_id)
            if unless_submitted and payment.state is State.SUBMITTED:
                raise StaleMove(
                    "Its desk has just submitted this payment.", "Look it up in the Payments tab."
                )
            if payment.state is not State.RELEASED:
                now = self._now(connection)
                self._move(connection, payment, State.RELEASED, now, decided_at=now, reason=why)
                self._close_claims(connection, payment_id)
        return self.payment(payment_id)

    def mark_expired(self, payment_id: int) -> Payment:
        """The processor confirmed that the intent of an unknown payment can no longer be paid."""
        with self._write() as connection:
            payment = self._locked(connection, payment_id)
            if payment.state is State.UNKNOWN and payment.expired_at is None:
                now = self._now(connection)
                connection.execute(
                    sa.update(schema.payment).where(_p.id == payment_id).values(expired_at=now)
                )
                self._event(connection, payment_id, "expired", now)
        return self.payment(payment_id)

    def not_charged(self, payment_id: int, why: str) -> Payment:
        """Unknown to not charged, after the intent was expired and looked up again."""
        with self._write() as connection:
            payment = self._locked(connection, payment_id)
            if payment.state is not State.NOT_CHARGED:
                now = self._now(connection)
                self._move(connection, payment, State.NOT_CHARGED, now, decided_at=now, reason=why)
                self._close_claims(connection, payment_id)
        return self.payment(payment_id)

    def _approve(
        self,
        connection: sa.Connection,
        payment: Payment,
        outcome: Approved,
        now: datetime,
        receipt_for: ReceiptFor,
    ) -> Payment:
        if payment.state in PAID:
            if payment.processor_ref != outcome.processor_ref:
                raise BugError(f"payment {payment.id} was approved twice with different charges")
            return payment
        late = payment.state in NOT_TAKEN
        approved = self._move(
            connection,
            payment,
            State.LATE if late else State.AUTHORIZED,
            now,
            decided_at=now,
            processor_ref=outcome.processor_ref,
            charged=outcome.charged,
            charged_fee=outcome.fee,
            authorization_code=outcome.authorization_code,
            brand=outcome.brand,
            last4=outcome.last4[-4:],
            entry_class=outcome.entry_class,
            reason="",
        )
        self._close_claims(connection, payment.id)
        number = self._next_receipt_number(connection)
        approved = replace(approved, receipt_number=number)
        body = json.dumps(receipt_for(approved).to_json(), sort_keys=True)
        queries.INSERT_RECEIPT.execute(connection, {"payment_id": payment.id, "number": number, "body": body})
        queries.INSERT_POSTING.execute(
            connection, {"payment_id": payment.id, "state": "waiting", "created_at": now}
        )
        return approved

    def count_copy(self, payment_id: int, kind: ReceiptKind = ReceiptKind.PAYMENT) -> int:
        """Count one more reprint of the receipt, and tell which copy it is: 1, 2, …"""
        query = queries.COUNT_VOID_COPY if kind is ReceiptKind.VOID else queries.COUNT_COPY
        with self._write() as connection:
            copies = connection.execute(query, {"wanted": payment_id}).scalar_one()
            self._event(connection, payment_id, "reprinted", self._now(connection), copy=str(copies))
            return int(copies)

    # ---- parts ------------------------------------------------------------------------------

    def _lock_invoices(self, connection: sa.Connection, draft: Draft) -> None:
        # BEGIN IMMEDIATE locked all of SQLite.
        if draft.invoice_numbers and connection.dialect.name != "sqlite":
            connection.execute(queries.LOCK_INVOICES, {"numbers": list(draft.invoice_numbers)})

    def _check_not_undecided(self, connection: sa.Connection, draft: Draft, values: rows.Values) -> None:
        """Without an invoice no claim guards it: the same sum from the same payer, or for the same, waits."""
        events.lock(connection)
        wanted = {name: values[name] for name in ("subtotal_cents", "payer_name", "reference_value")}
        holder = connection.execute(queries.SAME_UNDECIDED, wanted).mappings().first()
        if holder is not None:
            raise InvoiceTaken(
                f"The same payment of {draft.quote.subtotal} is being decided at desk {holder['desk']} "
                f"by {holder['user']}.",
                "Nothing was charged. Wait for its outcome: see Needs attention.",
            )

    def _beside(self, connection: sa.Connection, payment_id: int) -> Mapping[str, Sequence[sa.RowMapping]]:
        """What other payments have to do with the invoices of this one: most often nothing."""
        wanted = {"wanted": payment_id}
        if not queries.ANY_BESIDE.rows(connection, wanted):
            return {}
        return self._by_invoice(connection, queries.BESIDE, wanted)

    def _close_claims(self, connection: sa.Connection, payment_id: int) -> None:
        queries.CLOSE_CLAIMS.execute(connection, {"wanted": payment_id})

    def _next_receipt_number(self, connection: sa.Connection) -> str:
        return f"R-{queries.COUNT.value(connection, {}):06d}"


def _check_free(number: str, payments: Sequence[sa.RowMapping]) -> None:
    """Raise InvoiceTaken when one of the invoice's payments holds it."""
    for payment in payments:
        if payment["open"]:
            raise InvoiceTaken(
                f"Invoice {number} is being paid at desk {payment['desk']} by {payment['user']}.",
                "Nothing was charged. Wait until that payment is decided, then look the invoice up again.",
            )


def _check_owed(
    number: str, amount: Money, balance: Money, read_at: datetime, payments: Sequence[sa.RowMapping]
) -> None:
    """Raise InvoiceTaken when ``amount`` is more than ``balance`` less what ``payments`` took since."""
    paid = [payment for payment in payments if payment["state"] in queries.PAID_STATES]
    if amount <= balance - not_contained([rows.took_from(payment) for payment in paid], balance, read_at):
        return
    if not paid:
        raise InvoiceTaken(
            f"Invoice {number} now owes {balance}, less than the {amount} to be paid.",
            "Nothing was charged. Look the invoice up again and tell the customer the new amount.",
        )
    last = paid[-1]
    raise InvoiceTaken(
        f"Invoice {number} was already paid at desk {last['desk']} by {last['user']}, "
        f"receipt {last['receipt_number']}.",
        "Nothing was charged. Reprint that receipt from the Payments tab.",
    )
