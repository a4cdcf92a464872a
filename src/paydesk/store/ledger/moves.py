"""The only function that changes a payment's state: by the table of moves, compare-and-swap, one event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from paydesk.domain.events import EventKind
from paydesk.domain.payment import NEXT, Payment, State
from paydesk.domain.typed.plain_texts import tidied
from paydesk.store.ledger import words
from paydesk.store.ledger.reading import payment_in
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import queries, rows


def locked(on: Transactions, connection: sa.Connection, payment_id: int) -> Payment:
    """Lock a payment and its invoices, and return its current state."""
    on.lock_payment(connection, payment_id)
    return payment_in(connection, payment_id)


def move(
    on: Transactions,
    connection: sa.Connection,
    payment: Payment,
    new: State,
    now: datetime,
    detail: Mapping[str, str] = MappingProxyType({}),
    **changes: Any,
) -> Payment:
    """Move a payment into its ``new`` state, and return it in that state.

    ``changes`` are fields of the payment, ``detail`` is what else its event says. Raises StaleMove for an
    illegal move, or if another desk was faster.
    """
    if new not in NEXT[payment.state]:
        raise words.already(payment.state)
    if "reason" in changes:
        changes["reason"] = tidied(changes["reason"])  # an error's sentence may quote another system
    moved = rows.moved(payment, new, changes)
    values = rows.change_values(moved, changes)
    swapped = connection.execute(
        queries.SWAP, {"payment_id": payment.id, "before": payment.state.value, "state": new.value, **values}
    )
    if swapped.rowcount != 1:
        raise words.another_was_faster()
    said = {key: str(value) for key, value in values.items() if value is not None and key != "decided_at"}
    on.event(connection, payment.id, EventKind.of(new), now, **said, **detail)
    return moved


def close_holds(connection: sa.Connection, payment_id: int) -> None:
    """Release the payment's invoices."""
    connection.execute(queries.CLOSE_HOLDS, {"wanted": payment_id})
