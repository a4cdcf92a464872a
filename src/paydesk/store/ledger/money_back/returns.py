"""Settlement and returns of ACH debits in the ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from paydesk.domain.money import ZERO, Money
from paydesk.domain.outcome import AchReturned, Reason
from paydesk.domain.payment import GIVEN_BACK, Payment, State
from paydesk.services.ports.ledger import WentBack
from paydesk.store.ledger import words
from paydesk.store.ledger.money_back.withdrawals import withdraw_unposted
from paydesk.store.ledger.moves import locked, move
from paydesk.store.ledger.reading import payments_in
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import queries, schema

_p, _e = schema.payment.c, schema.event.c
AMOUNT = "amount"
"""Detail of an event: the sum that went back."""


class Returns:
    """Accepted ACH debits, and the bank's decisions on them."""

    def __init__(self, on: Transactions) -> None:
        self._on = on

    def uncleared(
        self, before: datetime, after: int, limit: int, settled_since: datetime | None
    ) -> Sequence[Payment]:
        """See Ledger.uncleared."""
        decided = sa.select(_p.id).where(schema.by_bank, _p.decided_at < before, _p.id > after)
        accepted = decided.where(_p.state == State.AUTHORIZED.value)
        paid = _p.state.in_([State.SETTLED.value, State.PARTLY_REFUNDED.value])
        settled = decided.where(paid, _p.decided_at >= (settled_since or before))
        # The ids first: with a LIMIT on the join, PostgreSQL would go through all payments.
        found = sa.union_all(accepted, settled).subquery()
        query = sa.select(found.c.id).order_by(found.c.id).limit(limit)
        with self._on.read() as connection:
            ids = list(connection.execute(query).scalars())
            return payments_in(connection, queries.PAYMENTS.where(_p.id.in_(ids)).order_by(_p.id))

    def settled(self, payment_id: int) -> Payment:
        """See Ledger.settled."""
        return self._decided_by_bank(payment_id, State.SETTLED, words.PAID_BY_BANK, Reason.PAID_BY_BANK)

    def returned(self, payment_id: int, found: AchReturned) -> Payment:
        """See Ledger.returned."""
        why = found.why or words.RETURNED_BY_BANK
        return self._decided_by_bank(payment_id, State.RETURNED, why, found.code)

    def went_back(self, payment_id: int, state: State, why: str, code: Reason, amount: Money) -> Payment:
        """See Ledger.went_back."""
        on = self._on
        with on.write() as connection:
            payment, now = locked(on, connection, payment_id), on.now(connection)
            said = {AMOUNT: str(amount)}
            moved = move(on, connection, payment, state, now, said, reason=why, reason_code=code)
            if state in GIVEN_BACK:
                withdraw_unposted(on, connection, payment_id, now, asked=False)
            return moved

    def went_back_between(self, start: datetime, end: datetime) -> Sequence[WentBack]:
        """See Ledger.went_back_between."""
        taken = [State.RETURNED.value, State.CHARGED_BACK.value, State.PARTLY_REFUNDED.value]
        query = (
            sa.select(_e.payment_id, _e.at, _e.kind, _e.body)
            .where(schema.went_back, _e.at >= start, _e.at < end, _e.kind.in_(taken))
            .order_by(_e.seq)
        )
        with self._on.read() as connection:
            events = connection.execute(query).mappings().all()
            wanted = {row["payment_id"] for row in events}
            found = payments_in(connection, queries.PAYMENTS.where(_p.id.in_(wanted)))
        payments = {payment.id: payment for payment in found}
        return [
            WentBack(payments[row["payment_id"]], amount, row["at"], State(row["kind"]))
            for row in events
            if (amount := _taken_back(row, payments[row["payment_id"]]))
        ]

    def _decided_by_bank(self, payment_id: int, state: State, why: str, code: Reason) -> Payment:
        on = self._on
        with on.write() as connection:
            payment, now = locked(on, connection, payment_id), on.now(connection)
            if state is State.RETURNED:
                connection.execute(queries.MARK_TO_REVERSE, {"wanted": payment_id, "now": now})
            return move(on, connection, payment, state, now, reason=why, reason_code=code)


def _taken_back(event: sa.RowMapping, payment: Payment) -> Money:
    """Return the sum that a bank or issuer took back with this event, or zero: a refund has a row instead."""
    said = json.loads(event["body"])
    if said.get("reason_code") in (Reason.REFUNDED.value, Reason.REFUNDED_ELSEWHERE.value):
        return ZERO
    named = said.get(AMOUNT, "")
    return Money.parse(named) if named else payment.charged or payment.draft.quote.total
