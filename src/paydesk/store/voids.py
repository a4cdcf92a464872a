"""The ledger's part of a void: begun before the processor is asked, and ended by what is proven."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from paydesk.domain.errors import BugError
from paydesk.domain.payment import VOIDABLE, Payment, State
from paydesk.domain.posting import PostingState
from paydesk.domain.receipt import Receipt, void_of
from paydesk.services.ports import Voiding
from paydesk.store import queries, schema
from paydesk.store.trouble import LedgerTrouble
from paydesk.store.writing import LedgerWriter

ELSEWHERE = "Cancelled at AndDone, not by PayDesk."

_v, _o = schema.void.c, schema.posting.c
_INSERT = sa.insert(schema.void)
_OPEN_OF = sa.select(schema.void).where(_v.payment_id == sa.bindparam("wanted"), _v.ended_at.is_(None))
_ATTEMPT = sa.select(_v.payment_id, _v.before, _v.ended_at).where(_v.id == sa.bindparam("wanted"))
_END = sa.update(schema.void).where(_v.id == sa.bindparam("wanted"), _v.ended_at.is_(None))
_WITHDRAW = sa.update(schema.posting).where(
    _o.payment_id == sa.bindparam("wanted"),
    _o.state == PostingState.WAITING.value,
    _o.sent_at.is_(None),
)


class VoidLedger(LedgerWriter):
    """Step V. ``voiding`` counts as paid; the invoices are free again in ``voided`` alone."""

    def begin_void(self, payment_id: int, why: str) -> Voiding:
        """An approved or late payment is VOIDING, before the processor is asked to."""
        with self._write() as connection:
            payment = self._locked(connection, payment_id)
            return self._begin_void(connection, payment, why, self._now(connection))

    def voided(self, payment_id: int) -> Payment:
        """The processor has cancelled the charge: one transaction, then read back."""
        try:
            self._record_void(payment_id)
        except LedgerTrouble:
            # The charge is cancelled: once more, on a new connection, with the room that was kept back.
            self._care.make_room()
            self._record_void(payment_id)
        return self.payment(payment_id)

    def not_voided(self, attempt: int, why: str) -> Payment:
        """The processor refused that void: the payment is what it was before."""
        with self._write() as connection:
            void = connection.execute(_ATTEMPT, {"wanted": attempt}).mappings().one()
            payment = self._locked(connection, void["payment_id"])
            now = self._now(connection)
            if connection.execute(_END.values(ended_at=now), {"wanted": attempt}).rowcount == 1:
                self._move(connection, payment, State(void["before"]), now, reason=why)
        return self.payment(payment.id)

    def _begin_void(self, connection: sa.Connection, payment: Payment, why: str, now: datetime) -> Voiding:
        moved = self._move(connection, payment, State.VOIDING, now, reason=why)
        values = {
            "payment_id": payment.id,
            "session_id": self._session.id,
            "desk": self._who[0],
            "user": self._who[1],
            "reason": why,
            "before": payment.state.value,
            "asked_at": now,
        }
        key = connection.execute(_INSERT, values).inserted_primary_key
        assert key is not None
        return Voiding(int(key[0]), moved)

    def _record_void(self, payment_id: int) -> None:
        with self._write() as connection:
            payment = self._locked(connection, payment_id)
            now = self._now(connection)
            if payment.state is State.VOIDED:
                return
            if payment.state in VOIDABLE:
                payment = self._begin_void(connection, payment, ELSEWHERE, now).payment
            self._move(connection, payment, State.VOIDED, now)
            self._write_void_receipt(connection, payment, now)
            self._withdraw_posting(connection, payment, now)

    def _write_void_receipt(self, connection: sa.Connection, payment: Payment, now: datetime) -> None:
        void = connection.execute(_OPEN_OF, {"wanted": payment.id}).mappings().first()
        body = connection.execute(queries.RECEIPT, {"wanted": payment.id}).scalar()
        if void is None or body is None:
            raise BugError(f"payment {payment.id} is being voided without a void, or without a receipt")
        document = void_of(Receipt.from_json(json.loads(body)), now, void["user"], void["desk"])
        written = {"number": document.number, "body": json.dumps(document.to_json(), sort_keys=True)}
        connection.execute(_END.values(ended_at=now, **written), {"wanted": void["id"]})

    def _withdraw_posting(self, connection: sa.Connection, payment: Payment, now: datetime) -> None:
        """What was not sent to the agency system never is; what was stands until a person took it back."""
        withdrawn = {
            "state": PostingState.WITHDRAWN.value,
            "reason": "The payment was voided: there is nothing to post.",
        }
        if connection.execute(_WITHDRAW.values(**withdrawn), {"wanted": payment.id}).rowcount == 1:
            self._event(connection, payment.id, "posting withdrawn", now, reason=withdrawn["reason"])
