"""Verify voids against their payments."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa

from paydesk.domain.errors import PayDeskError
from paydesk.domain.events import EventKind
from paydesk.domain.payment import State
from paydesk.domain.posting import PostingState
from paydesk.domain.receipt import void_of
from paydesk.domain.stored import receipt_from
from paydesk.store.tables import queries, schema
from paydesk.store.tables.schema import keepable
from paydesk.store.verify.payments import body_of

_p, _v, _o, _e = schema.payment.c, schema.void.c, schema.posting.c, schema.event.c
_VOIDS = (
    sa.select(
        _p.reference, _p.state, _v.id, _v.ended_at, _v.desk, _v.user, _v.body, _v.number,
        schema.receipt.c.body.label("first"), schema.event.c.hash,
    )
    .select_from(schema.void)
    .join(schema.payment, _p.id == _v.payment_id)
    .outerjoin(schema.receipt, schema.receipt.c.payment_id == _p.id)
    .outerjoin(
        schema.event,
        sa.and_(schema.event.c.payment_id == _p.id, schema.event.c.kind == EventKind.VOIDED.value),
    )
    .order_by(_v.id)
)  # fmt: skip

_TOLD = ("desk", "user", "reason", "before", "asked_at", "ended_at")
_ASKED = (
    sa.select(_v.payment_id, _p.reference, *(_v[name] for name in _TOLD))
    .join(schema.payment, _p.id == _v.payment_id)
    .order_by(_v.payment_id, _v.id)
)


def faults(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each fault of the voids."""
    for row in connection.execute(_VOIDS.execution_options(yield_per=1000)).mappings():
        name = f"The void of payment {row['reference']}"
        if (row["ended_at"] is None) != (row["state"] == State.VOIDING):
            yield f"{name} and the payment differ: it is {row['state'].replace('_', ' ')}."
        if row["body"] is not None:
            if row["state"] != State.VOIDED:
                yield f"{name} has a receipt, and the payment is {row['state'].replace('_', ' ')}."
            yield from (f"{name} {fault}" for fault in _receipt(row))
    yield from _histories(connection)
    yield from _without(connection)
    yield from _to_reverse(connection)


def _histories(connection: sa.Connection) -> Iterator[str]:
    """Yield faults unless the voids of each payment are as its events tell: who asked, when, and why."""
    voids = connection.execute(_ASKED.execution_options(yield_per=1000)).mappings()
    for (payment_id, reference), group in itertools.groupby(voids, _payment_of):
        query = sa.select(_e.kind, _e.body, _e.at, _e.desk, _e.user).where(_e.payment_id == payment_id)
        moves = [
            event
            for event in connection.execute(query.order_by(_e.seq)).mappings()
            if event["kind"] in set(State)
        ]
        told = [_told(moves, place) for place in range(len(moves)) if moves[place]["kind"] == State.VOIDING]
        kept = [{name: void[name] for name in _TOLD} for void in group]
        if kept != told:
            yield f"The voids of payment {reference} and its events differ."


def _payment_of(void: sa.RowMapping) -> tuple[int, str]:
    return void["payment_id"], void["reference"]


def _told(moves: Sequence[sa.RowMapping], place: int) -> dict[str, object]:
    """Return what the event at that place, and those around it, say that a void's row is."""
    event = moves[place]
    return {
        "desk": event["desk"],
        "user": event["user"],
        "reason": keepable(body_of(event).get("reason", "")),
        "before": moves[place - 1]["kind"] if place else "",
        "asked_at": event["at"],
        "ended_at": moves[place + 1]["at"] if place + 1 < len(moves) else None,
    }


def _receipt(row: sa.RowMapping) -> Iterator[str]:
    """Yield faults unless the void's receipt reverses exactly the first one."""
    try:
        first, made = (receipt_from(row[name] or "") for name in ("first", "body"))
    except (PayDeskError, ValueError, TypeError) as error:
        yield f"has a receipt that cannot be read ({error})."
        return
    wanted = void_of(first, row["ended_at"] or first.taken_at, row["user"], row["desk"])
    anchor = "" if made.version < 4 else row["hash"] or ""
    same = made.anchor == anchor and made == replace(wanted, anchor=made.anchor)
    if not same or made.number != row["number"]:
        yield f"and receipt {first.number} differ."


def _without(connection: sa.Connection) -> Iterator[str]:
    """Yield faults for voids without a record, and for voided payments whose receipts still wait."""
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


def _to_reverse(connection: sa.Connection) -> Iterator[str]:
    """Yield faults unless exactly the receipts of money that went back are marked to be reversed."""
    wanted = sa.and_(_p.state.in_(queries.GIVEN_BACK_STATES), _o.state != PostingState.WITHDRAWN.value)
    differ = sa.or_(sa.and_(wanted, ~schema.to_reverse), sa.and_(~wanted, schema.to_reverse))
    query = sa.select(_p.reference).join(schema.posting, _o.payment_id == _p.id).where(differ)
    for reference in connection.execute(query.order_by(_p.id)).scalars():
        yield f"Payment {reference} and the list of receipts to reverse differ."
