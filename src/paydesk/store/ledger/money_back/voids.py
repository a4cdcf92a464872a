"""Voids in the ledger: begun before the processor gets the request, and ended by its proven result."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from paydesk.domain.errors import BugError
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import VOIDABLE, Payment, State
from paydesk.domain.receipt import void_of
from paydesk.domain.stored import receipt_from, receipt_text
from paydesk.services.ports.ledger import Voiding
from paydesk.store.database.errors import LedgerError
from paydesk.store.ledger import words
from paydesk.store.ledger.card_data import refuse_card_data
from paydesk.store.ledger.money_back.withdrawals import withdraw_unposted
from paydesk.store.ledger.moves import locked, move
from paydesk.store.ledger.reading import payment_in
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import queries, schema

_v = schema.void.c
_INSERT = sa.insert(schema.void)
_OPEN_OF = sa.select(schema.void).where(_v.payment_id == sa.bindparam("wanted"), _v.ended_at.is_(None))
_ATTEMPT = sa.select(_v.payment_id, _v.before, _v.ended_at).where(_v.id == sa.bindparam("wanted"))
_END = sa.update(schema.void).where(_v.id == sa.bindparam("wanted"), _v.ended_at.is_(None))


class Voids:
    """Step V of docs/safety.md. ``voiding`` counts as paid. Only ``voided`` frees the invoices."""

    def __init__(self, on: Transactions, session_id: int) -> None:
        self._on = on
        self._session_id = session_id

    def begin_void(self, payment_id: int, why: str) -> Voiding:
        """See Ledger.begin_void."""
        refuse_card_data(why)
        with self._on.write() as connection:
            payment = locked(self._on, connection, payment_id)
            return self._begin(connection, payment, why, self._on.now(connection))

    def voided(self, payment_id: int) -> Payment:
        """See Ledger.voided."""
        try:
            self._record(payment_id)
        except LedgerError:
            # The charge is canceled, so try again on a new connection, with the spare space freed.
            self._on.maintenance.free_space()
            self._record(payment_id)
        with self._on.read() as connection:
            return payment_in(connection, payment_id)

    def not_voided(self, attempt: int, why: str, code: Reason) -> Payment:
        """See Ledger.not_voided."""
        on = self._on
        with on.write() as connection:
            void = connection.execute(_ATTEMPT, {"wanted": attempt}).mappings().one()
            payment = locked(on, connection, void["payment_id"])
            now = on.now(connection)
            if connection.execute(_END.values(ended_at=now), {"wanted": attempt}).rowcount != 1:
                return payment
            return move(on, connection, payment, State(void["before"]), now, reason=why, reason_code=code)

    def _begin(self, connection: sa.Connection, payment: Payment, why: str, now: datetime) -> Voiding:
        on = self._on
        under_way = sa.select(schema.refund.c.id).where(
            schema.refund.c.payment_id == payment.id, schema.followed_refund
        )
        if connection.execute(under_way).first() is not None:
            raise words.refund_under_way()
        moved = move(on, connection, payment, State.VOIDING, now, reason=why, reason_code=Reason.VOID_ASKED)
        values = {
            "payment_id": payment.id,
            "session_id": self._session_id,
            "desk": on.who[0],
            "user": on.who[1],
            "reason": moved.reason,
            "before": payment.state.value,
            "asked_at": now,
        }
        key = connection.execute(_INSERT, values).inserted_primary_key
        assert key is not None
        return Voiding(int(key[0]), moved)

    def _record(self, payment_id: int) -> None:
        on = self._on
        with on.write() as connection:
            payment = locked(on, connection, payment_id)
            now = on.now(connection)
            if payment.state is State.VOIDED:
                return
            asked = payment.state not in VOIDABLE
            if not asked:
                payment = self._begin(connection, payment, words.VOIDED_ELSEWHERE, now).payment
            move(on, connection, payment, State.VOIDED, now)
            self._write_receipt(connection, payment, now)
            withdraw_unposted(on, connection, payment.id, now, asked=asked)

    def _write_receipt(self, connection: sa.Connection, payment: Payment, now: datetime) -> None:
        void = connection.execute(_OPEN_OF, {"wanted": payment.id}).mappings().first()
        body = connection.execute(queries.RECEIPT, {"wanted": payment.id}).scalar()
        if void is None or body is None:
            raise BugError(f"payment {payment.id} is being voided without a void, or without a receipt")
        document = void_of(receipt_from(body), now, void["user"], void["desk"])
        body = receipt_text(replace(document, anchor=self._on.anchor(connection)))
        written = {"number": document.number, "body": body}
        connection.execute(_END.values(ended_at=now, **written), {"wanted": void["id"]})
