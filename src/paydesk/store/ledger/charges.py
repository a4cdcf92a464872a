"""The payment protocol: hold, submit, record and release. Each step locks the invoices first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import BugError
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.balance_due import not_contained
from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Declined, Reason, Unclear
from paydesk.domain.payment import NOT_TAKEN, PAID, Draft, Payment, State
from paydesk.domain.posting import PostingState
from paydesk.domain.stored import receipt_text
from paydesk.services.ports.ledger import Attempt, ReceiptFor
from paydesk.services.ports.processor import Address
from paydesk.store.database.errors import LedgerError
from paydesk.store.database.migrate import check_version
from paydesk.store.ledger import words
from paydesk.store.ledger.card_data import refuse_card_data
from paydesk.store.ledger.declines import FINGERPRINT, declines_before
from paydesk.store.ledger.moves import close_holds, locked, move
from paydesk.store.ledger.reading import by_invoice, payment_in
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import commitments, events, queries, rows, schema

_p = schema.payment.c


class Charges:
    """Records payments and their outcomes in the ledger."""

    def __init__(self, on: Transactions, session_id: int) -> None:
        self._on = on
        self._session_id = session_id

    def hold(
        self, draft: Draft, reference: str, attempt: Attempt | None = None, *, title: str = ""
    ) -> Payment:
        """See Ledger.hold."""
        on = self._on
        refuse_card_data(draft, reference)
        on.maintenance.before_hold()
        values, lines = rows.payment_values(draft) | {"salt": commitments.new_salt()}, rows.line_values(draft)
        draft = rows.draft_from(values, lines)  # as the ledger will return it
        with on.write() as connection:
            check_version(connection, on.place)
            self._lock_invoices(connection, draft)
            if not draft.invoice_numbers:
                self._check_not_undecided(connection, draft)
            now, (desk, user) = on.now(connection), on.who
            if attempt is not None:
                attempt.check(declines_before(connection, now))
            taken = {
                "reference": reference,
                "state": State.HELD.value,
                "session_id": self._session_id,
                "desk": desk,
                "user": user,
                "held_at": now,
                "intent_title": title,
            }
            payment_id = connection.execute(queries.INSERT_PAYMENT, values | taken).scalar_one()
            connection.execute(queries.INSERT_LINES, [{"payment_id": payment_id} | line for line in lines])
            payment = Payment(payment_id, reference, State.HELD, draft, desk, user, now, title)
            if draft.invoice_numbers:
                self._hold_invoices(connection, payment)
            said = {"total": str(draft.quote.total), "draft": rows.draft_digest(values, lines)}
            if attempt is not None:
                said[FINGERPRINT] = attempt.fingerprint
            if title:
                said["intent_title"] = title
            on.event(connection, payment_id, EventKind.HELD, now, **said)
        return payment

    def submit(self, payment: Payment, title: str, token: str, fresh: Sequence[Invoice]) -> Payment:
        """See Ledger.submit."""
        on = self._on
        with on.write() as connection:
            on.lock_payment(connection, payment.id)
            beside = self._beside(connection, payment.id)
            _check_lines(payment.draft, beside, fresh)
            now = on.now(connection)
            intent: dict[str, Any] = {"intent_title": title, "intent_token": token}
            submitted = move(on, connection, payment, State.SUBMITTED, now, submitted_at=now, **intent)
            connection.execute(queries.INSERT_ATTEMPT, {"payment_id": payment.id, "started_at": now})
        return submitted

    def offer(self, payment: Payment, address: Address, life_s: int, fresh: Sequence[Invoice]) -> Payment:
        """See Ledger.offer."""
        on = self._on
        with on.write() as connection:
            on.lock_payment(connection, payment.id)
            _check_lines(payment.draft, self._beside(connection, payment.id), fresh)
            now = on.now(connection)
            return move(
                on,
                connection,
                payment,
                State.OFFERED,
                now,
                submitted_at=now,
                intent_token=address.token,
                offer_kind=address.kind,
                offer_address=address.url,
                offer_life_s=life_s,
            )

    def close_offer(self, payment_id: int, why: str, code: Reason) -> Payment:
        """See Ledger.close_offer."""
        on = self._on
        with on.write() as connection:
            payment = locked(on, connection, payment_id)
            if payment.state is not State.OFFERED:
                return payment
            now = on.now(connection)
            return move(
                on, connection, payment, State.CLOSING, now, closing_at=now, reason=why, reason_code=code
            )

    def record(
        self, payment: Payment, outcome: Approved | Declined | Unclear, receipt_for: ReceiptFor
    ) -> Payment:
        """See Ledger.record."""
        try:
            self._record(payment, outcome, receipt_for)
        except LedgerError:
            # The charge is made, so try again on a new connection, with the spare space freed.
            # Steps that already happened are not repeated.
            self._on.maintenance.free_space()
            self._record(payment, outcome, receipt_for)
        with self._on.read() as connection:  # the screen must not show what is not on the disk
            return payment_in(connection, payment.id)

    def release(self, payment_id: int, why: str, code: Reason, *, unless_submitted: bool = False) -> Payment:
        """See Ledger.release."""
        with self._on.write() as connection:
            payment = locked(self._on, connection, payment_id)
            if unless_submitted and payment.state is State.SUBMITTED:
                raise words.submitted_meanwhile()
            return self._end(connection, payment, State.RELEASED, why, code)

    def mark_expired(self, payment_id: int) -> Payment:
        """See Ledger.mark_expired."""
        on = self._on
        with on.write() as connection:
            payment = locked(on, connection, payment_id)
            may_be_paid = payment.state in (State.UNKNOWN, State.CLOSING)
            if not may_be_paid or payment.expired_at is not None:
                return payment
            now = on.now(connection)
            connection.execute(sa.update(schema.payment).where(_p.id == payment_id).values(expired_at=now))
            on.event(connection, payment_id, EventKind.EXPIRED, now)
        return replace(payment, expired_at=now)

    def not_charged(self, payment_id: int, why: str) -> Payment:
        """See Ledger.not_charged."""
        with self._on.write() as connection:
            payment = locked(self._on, connection, payment_id)
            return self._end(connection, payment, State.NOT_CHARGED, why, Reason.NEVER_CHARGED)

    # ---- checks before a payment ------------------------------------------------------------

    def _lock_invoices(self, connection: sa.Connection, draft: Draft) -> None:
        if draft.invoice_numbers and connection.dialect.name != "sqlite":  # BEGIN IMMEDIATE locked it all
            connection.execute(queries.LOCK_INVOICES, {"numbers": list(draft.invoice_numbers)})

    def _check_not_undecided(self, connection: sa.Connection, draft: Draft) -> None:
        """Raise InvoiceTaken while the same sum from the same payer, or for the same reference, is undecided.

        A payment without an invoice has no hold that guards it.
        """
        events.lock(connection)
        values = rows.payment_values(draft)
        wanted = {name: values[name] for name in ("subtotal_cents", "payer_name", "reference_value")}
        holder = connection.execute(queries.SAME_UNDECIDED, wanted).mappings().first()
        if holder is not None:
            raise words.being_decided(draft.quote.subtotal, holder["desk"], holder["user"])

    def _beside(self, connection: sa.Connection, payment_id: int) -> Mapping[str, Sequence[sa.RowMapping]]:
        """Return the rows of other payments on the invoices of this one, by invoice."""
        return by_invoice(connection, queries.BESIDE, {"wanted": payment_id})

    def _hold_invoices(self, connection: sa.Connection, payment: Payment) -> None:
        beside = self._beside(connection, payment.id)
        for payments in beside.values():
            _check_free(payments)
        _check_lines(payment.draft, beside, ())
        connection.execute(
            queries.INSERT_HOLDS,
            [
                {"payment_id": payment.id, "invoice_number": number, "open": True}
                for number in payment.draft.invoice_numbers
            ],
        )

    # ---- outcomes ---------------------------------------------------------------------------

    def _record(
        self, payment: Payment, outcome: Approved | Declined | Unclear, receipt_for: ReceiptFor
    ) -> None:
        """Record the outcome. A payment that has it already, or a further state, stays unchanged."""
        on = self._on
        with on.write() as connection:
            on.lock_payment(connection, payment.id)
            if connection.execute(queries.STATE, {"wanted": payment.id}).scalar() != payment.state:
                payment = payment_in(connection, payment.id)  # its state changed since the caller read it
            match outcome:
                case Approved() if payment.state in PAID:
                    if payment.processor_ref != outcome.processor_ref:
                        raise BugError(f"payment {payment.id} was approved twice with different charges")
                case Approved():
                    self._approve(connection, payment, outcome, receipt_for)
                case Declined():
                    self._end(connection, payment, State.DECLINED, outcome.reason, Reason.DECLINED)
                case Unclear() if payment.state is State.SUBMITTED:
                    now = on.now(connection)
                    reason: dict[str, Any] = {"reason": outcome.why, "reason_code": outcome.code}
                    move(on, connection, payment, State.UNKNOWN, now, **reason)

    def _approve(
        self, connection: sa.Connection, payment: Payment, outcome: Approved, receipt_for: ReceiptFor
    ) -> None:
        on = self._on
        now = on.now(connection)
        approved = move(
            on,
            connection,
            payment,
            State.LATE if payment.state in NOT_TAKEN else State.AUTHORIZED,
            now,
            decided_at=now,
            processor_ref=outcome.processor_ref,
            charged=outcome.charged,
            charged_fee=outcome.fee,
            named_fee=outcome.named_fee,
            authorization_code=outcome.authorization_code,
            brand=outcome.brand,
            last4=outcome.last4[-4:],
            entry_class=outcome.entry_class,
            reason="",
            reason_code=Reason.NONE,
        )
        close_holds(connection, payment.id)
        if outcome.rounded:
            on.event(connection, payment.id, EventKind.ROUNDED, now, sent=outcome.rounded)
        number = f"R-{connection.execute(queries.COUNT_RECEIPT).scalar_one():06d}"
        receipt = receipt_for(replace(approved, receipt_number=number))
        body = receipt_text(replace(receipt, anchor=on.anchor(connection)))
        connection.execute(queries.INSERT_RECEIPT, {"payment_id": payment.id, "number": number, "body": body})
        posting = {"payment_id": payment.id, "state": PostingState.WAITING.value, "created_at": now}
        connection.execute(queries.INSERT_POSTING, posting)

    def _end(
        self, connection: sa.Connection, payment: Payment, state: State, why: str, code: Reason
    ) -> Payment:
        """End a payment without money, and release its invoices. A repeat changes nothing."""
        if payment.state is state:
            return payment
        now = self._on.now(connection)
        ended = move(self._on, connection, payment, state, now, decided_at=now, reason=why, reason_code=code)
        close_holds(connection, payment.id)
        return ended


def _check_free(payments: Sequence[sa.RowMapping]) -> None:
    """Raise InvoiceTaken if one of an invoice's payments holds it."""
    for payment in payments:
        if payment["open"]:
            if payment["state"] in queries.OFFERED_STATES:
                raise words.offered(payment["invoice_number"], payment["desk"], payment["user"])
            raise words.being_paid(payment["invoice_number"], payment["desk"], payment["user"])


def _check_lines(
    draft: Draft, beside: Mapping[str, Sequence[sa.RowMapping]], fresh: Sequence[Invoice]
) -> None:
    """Raise InvoiceTaken if a line exceeds the newest balance, less what we took since that reading."""
    readings = {invoice.number: invoice for invoice in fresh}
    for line in draft.lines:
        if line.invoice_number is None or line.owed is None or line.read_at is None:
            continue
        reading = readings.get(line.invoice_number)
        owed, read_at = (reading.balance, reading.read_at) if reading else (line.owed, line.read_at)
        _check_owed(line.invoice_number, line.amount, owed, read_at, beside.get(line.invoice_number, ()))


def _check_owed(
    number: str, amount: Money, balance: Money, read_at: datetime, payments: Sequence[sa.RowMapping]
) -> None:
    """Raise InvoiceTaken if ``amount`` exceeds ``balance`` less what ``payments`` took since its reading."""
    paid = [payment for payment in payments if payment["state"] in queries.PAID_STATES]
    taken = [rows.prior_payment_from(payment) for payment in paid]
    if amount <= balance - not_contained(taken, balance, read_at):
        return
    if not paid:
        raise words.owes_less(number, balance, amount)
    last = paid[-1]
    raise words.paid_already(number, last["desk"], last["user"], last["receipt_number"])
