"""The ledger's part of a bank debit's later life: settled, or sent back by the bank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from paydesk.domain.payment import Payment, State
from paydesk.domain.tender import TenderKind
from paydesk.store import queries, rows, schema
from paydesk.store.writing import LedgerWriter

_p = schema.payment.c
_UNCLEARED = (
    queries.PAYMENTS.where(
        sa.or_(
            _p.state == State.AUTHORIZED.value,
            sa.and_(_p.state == State.SETTLED.value, _p.decided_at >= sa.bindparam("settled_since")),
        ),
        _p.tender == TenderKind.ACH.value,
        _p.decided_at < sa.bindparam("before"),
        _p.id > sa.bindparam("after"),
    )
    .order_by(_p.id)
    .limit(sa.bindparam("limit"))
)


class ClearingLedger(LedgerWriter):
    """Bank debits that were accepted, and what the bank made of them."""

    def uncleared(
        self, before: datetime, after: int, limit: int, settled_since: datetime | None
    ) -> Sequence[Payment]:
        """Bank debits approved before then that the bank may still decide on, as ``Debits`` says."""
        wanted = {
            "before": before,
            "after": after,
            "limit": limit,
            "settled_since": settled_since or before,  # approved before that: none
        }
        with self._reading() as connection:
            found = connection.execute(_UNCLEARED, wanted).mappings().all()
            lines = self._lines(connection, [row["id"] for row in found])
            return [
                rows.payment_from(row, lines.get(row["id"], []), row["receipt_number"] or "") for row in found
            ]

    def settled(self, payment_id: int) -> Payment:
        """The bank has paid it. Raises StaleMove when the payment is not merely authorized any more."""
        return self._decided_by_bank(payment_id, State.SETTLED, "The bank has paid it.")

    def returned(self, payment_id: int) -> Payment:
        """The bank sent it back: its invoices are owed again. Raises StaleMove likewise."""
        return self._decided_by_bank(payment_id, State.RETURNED, "The bank sent the debit back.")

    def _decided_by_bank(self, payment_id: int, state: State, why: str) -> Payment:
        with self._write() as connection:
            payment = self._locked(connection, payment_id)
            self._move(connection, payment, state, self._now(connection), reason=why)
        return self.payment(payment_id)
