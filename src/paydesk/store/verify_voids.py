"""Voids against their payments: every difference, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from paydesk.domain.errors import PayDeskError
from paydesk.domain.payment import State
from paydesk.domain.posting import PostingState
from paydesk.domain.receipt import Receipt, void_of
from paydesk.store import schema

_p, _v, _o = schema.payment.c, schema.void.c, schema.posting.c
_VOIDS = (
    sa.select(
        _p.reference, _p.state, _v.id, _v.ended_at, _v.desk, _v.user, _v.body, _v.number,
        schema.receipt.c.body.label("first"),
    )
    .select_from(schema.void)
    .join(schema.payment, _p.id == _v.payment_id)
    .outerjoin(schema.receipt, schema.receipt.c.payment_id == _p.id)
    .order_by(_v.id)
)  # fmt: skip


def faults(connection: sa.Connection) -> Iterator[str]:
    """What is wrong with the voids, in sentences."""
    for row in connection.execute(_VOIDS.execution_options(yield_per=1000)).mappings():
        name = f"The void of payment {row['reference']}"
        if (row["ended_at"] is None) != (row["state"] == State.VOIDING):
            yield f"{name} and the payment differ: it is {row['state'].replace('_', ' ')}."
        if row["body"] is not None:
            if row["state"] != State.VOIDED:
                yield f"{name} has a receipt, and the payment is {row['state'].replace('_', ' ')}."
            yield from (f"{name} {fault}" for fault in _receipt(row))
    yield from _without(connection)


def _receipt(row: sa.RowMapping) -> Iterator[str]:
    """Whether the void's receipt takes back just what the first one says."""
    try:
        first, made = (Receipt.from_json(json.loads(row[name] or "")) for name in ("first", "body"))
    except (PayDeskError, ValueError, TypeError) as error:
        yield f"has a receipt that cannot be read ({error})."
        return
    wanted = void_of(first, row["ended_at"] or first.taken_at, row["user"], row["desk"])
    if made != wanted or made.number != row["number"]:
        yield f"and receipt {first.number} differ."


def _without(connection: sa.Connection) -> Iterator[str]:
    """Payments that were, or are being, voided without a void, and receipts of theirs still to be sent."""
    for state, there in ((State.VOIDING, _v.ended_at.is_(None)), (State.VOIDED, _v.body.is_not(None))):
        void = sa.exists().where(_v.payment_id == _p.id, there)
        query = sa.select(_p.reference).where(_p.state == state.value, ~void).order_by(_p.id)
        for reference in connection.execute(query).scalars():
            yield f"Payment {reference} is {state.value}, and no void of it is recorded."
    unsent = (
        sa.select(_p.reference)
        .join(schema.posting, _o.payment_id == _p.id)
        .where(
            _p.state == State.VOIDED.value, _o.state == PostingState.WAITING.value, _o.attempts == 0,
            _o.sent_at.is_(None),
        )
    )  # fmt: skip
    for reference in connection.execute(unsent).scalars():
        yield f"Payment {reference} is voided, and its receipt still waits to be posted."
