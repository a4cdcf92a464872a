"""Differences between quote and charge in the ledger, and the persons who acknowledged them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from paydesk.domain.events import EventKind
from paydesk.domain.payment import Difference, Payment
from paydesk.store.ledger.card_data import refuse_card_data
from paydesk.store.ledger.moves import locked
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import schema

_p = schema.payment.c


class Differences:
    """Records acknowledgements. The amounts themselves never change."""

    def __init__(self, on: Transactions) -> None:
        self._on = on

    def acknowledge(self, payment_ids: Sequence[int], reason: str) -> Sequence[Payment]:
        """See Ledger.acknowledge."""
        refuse_card_data(reason)
        return [self._acknowledge(number, reason) for number in payment_ids]

    def _acknowledge(self, payment_id: int, reason: str) -> Payment:
        on = self._on
        with on.write() as connection:
            payment = locked(on, connection, payment_id)
            if payment.difference is Difference.NONE:
                return payment
            now = on.now(connection)
            connection.execute(
                sa.update(schema.payment).where(_p.id == payment_id).values(acknowledged_at=now)
            )
            quoted, charged = str(payment.draft.quote.total), str(payment.charged)
            said = {"difference": payment.difference.name.lower(), "quoted": quoted, "charged": charged}
            on.event(connection, payment_id, EventKind.ACKNOWLEDGED, now, reason=reason, **said)
        return replace(payment, acknowledged_at=now)
