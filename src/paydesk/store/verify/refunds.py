"""Verify refunds against their payments, their events and their documents."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import PayDeskError
from paydesk.domain.money import AmountError, Money
from paydesk.domain.payment import PAID, State
from paydesk.domain.receipt import refund_of
from paydesk.domain.refund import LIVE, NEXT_REFUND, RefundOrigin, RefundState
from paydesk.domain.stored import receipt_from
from paydesk.store.tables import schema
from paydesk.store.tables.schema import keepable
from paydesk.store.verify.payments import body_of

_r, _p, _e = schema.refund.c, schema.payment.c, schema.event.c
_REFUNDS = (
    sa.select(
        schema.refund, _p.reference.label("payment"), _p.state.label("payment_state"), _p.charged_cents,
        _p.subtotal_cents, schema.receipt.c.body.label("first"),
    )
    .join(schema.payment, _p.id == _r.payment_id)
    .outerjoin(schema.receipt, schema.receipt.c.payment_id == _p.id)
    .order_by(_r.payment_id, _r.id)
)  # fmt: skip
_TAKEN = (RefundState.ACCEPTED.value, RefundState.DONE.value, RefundState.FAILED.value)
_PREFIX = "refund_"
_MOVES = {f"{_PREFIX}{state}" for state in RefundState}
_MAY_HAVE = {*PAID, State.REFUNDED, State.RETURNED, State.CHARGED_BACK}
"""States of a payment that may have refunds."""


@dataclass(frozen=True, slots=True)
class _Move:
    """One event of a refund, and what it says."""

    state: RefundState
    event: sa.RowMapping
    said: Mapping[str, Any]


def faults(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each fault of the refunds."""
    found = connection.execute(_REFUNDS.execution_options(yield_per=1000)).mappings()
    for _, rows in itertools.groupby(found, lambda row: row["payment_id"]):
        of_payment = list(rows)
        for row in of_payment:
            for fault in (*_row(row), *_document(row), *_history(connection, row)):
                yield f"The refund {row['id']} of payment {row['payment']} {fault}"
        yield from _sums(of_payment)


def _row(row: sa.RowMapping) -> Iterator[str]:
    taken = row["state"] in _TAKEN
    desk = row["origin"] == RefundOrigin.DESK
    if State(row["payment_state"]) not in _MAY_HAVE and row["state"] in _TAKEN:
        yield f"is {row['state']}, and the payment is {row['payment_state'].replace('_', ' ')}."
    if desk and taken != (row["processor_ref"] is not None):
        yield f"is {row['state']} and has {'a' if row['processor_ref'] else 'no'} number of the processor."
    if desk != (row["reference"] is not None):
        yield "has a reference that does not fit its origin."
    if taken != (row["accepted_at"] is not None):
        yield f"is {row['state']} and has {'a' if row['accepted_at'] else 'no'} time at which it was taken."
    shares = _shares(row)
    if shares is None:
        yield "has shares that cannot be read."
    elif shares and sum(shares) + row["fee_cents"] != row["amount_cents"]:
        yield "has shares that do not add up to its amount."


def _shares(row: sa.RowMapping) -> list[int] | None:
    """Return the cents of a refund for each line, or None if they can't be read."""
    try:
        found = json.loads(row["shares"] or "[]")
    except (ValueError, RecursionError):
        return None
    whole = isinstance(found, list) and all(type(one) is int for one in found)
    return found if whole else None


def _document(row: sa.RowMapping) -> Iterator[str]:
    """Yield faults unless its document says exactly what the row says."""
    if row["body"] is None or row["accepted_at"] is None:
        wanted = row["origin"] == RefundOrigin.DESK and row["state"] == RefundState.DONE and row["shares"]
        if wanted:
            yield "is done and has no receipt."
        return
    try:
        first, made = receipt_from(row["first"] or ""), receipt_from(row["body"])
        shares = tuple(map(Money, _shares(row) or ()))
        who = (row["desk"], row["user"])
        wanted = refund_of(first, row["number"], row["accepted_at"], who, shares, Money(row["fee_cents"]))
    except (PayDeskError, ValueError, TypeError) as error:
        yield f"has a receipt that cannot be read ({error})."
        return
    if shares and made != replace(wanted, anchor=made.anchor, version=made.version):
        yield f"and its receipt {row['number']} differ."


def _history(connection: sa.Connection, row: sa.RowMapping) -> Iterator[str]:
    """Yield faults unless its events are legal moves to its state, and tell exactly what the row says."""
    query = sa.select(_e.kind, _e.body, _e.at, _e.desk, _e.user, _e.hash)
    of_payment = connection.execute(query.where(_e.payment_id == row["payment_id"]).order_by(_e.seq))
    events = of_payment.mappings().all()
    moves = [
        _Move(RefundState(event["kind"].removeprefix(_PREFIX)), event, said)
        for event in events
        if event["kind"] in _MOVES and (said := body_of(event)).get("refund") == str(row["id"])
    ]
    if not moves:
        yield "has no event."
        return
    for before, after in itertools.pairwise(move.state for move in moves):
        if after not in NEXT_REFUND[before]:
            yield f"went from {before} to {after}, which no refund may."
    if moves[-1].state != row["state"]:
        yield f"is stored as {row['state']}, but its events end with {moves[-1].state}."
    for name, told in _told(moves).items():
        if row[name] != told:
            yield f"and its events differ: {name.replace('_', ' ')}."
    if row["body"] is not None and _anchor(row["body"]) not in {event["hash"] for event in events}:
        yield "and its events differ: anchor."


def _told(moves: Sequence[_Move]) -> Mapping[str, object]:
    """Return what the events of a refund say its row is.

    The events of an earlier version say neither kind, fee nor shares. Nobody can take that out of an event,
    because the chain covers it.
    """
    first, last = moves[0], moves[-1]
    taken = [move.event["at"] for move in moves if move.state.value in _TAKEN]
    ended = [move.event["at"] for move in moves if move.state in (RefundState.DONE, RefundState.FAILED)]
    numbers = [move.said["charge"] for move in moves if "charge" in move.said]
    told = {
        "desk": first.event["desk"],
        "user": first.event["user"],
        "asked_at": first.event["at"],
        "accepted_at": taken[0] if taken else None,
        "ended_at": ended[-1] if ended else None,
        "reason": keepable(first.said.get("reason", "")),
        "why": keepable(last.said.get("reason", "")) if len(moves) > 1 else "",
        "processor_ref": keepable(numbers[-1]) if numbers else None,
        "reference": last.said.get("reference"),
        "origin": last.said.get("origin"),
        "amount_cents": _cents(last.said.get("amount")),
    }
    if "refund_kind" in last.said:
        told["kind"] = last.said["refund_kind"]
        told["fee_cents"] = _cents(last.said.get("fee"))
        told["shares"] = last.said.get("shares")
    return told


def _cents(amount: object) -> int | None:
    try:
        return Money.parse(str(amount)).cents
    except AmountError:
        return None


def _anchor(body: str) -> str:
    """Return the anchor of a document, or ``""`` if it can't be read. ``_document`` says so."""
    try:
        return receipt_from(body).anchor
    except (PayDeskError, ValueError, TypeError):
        return ""


def _sums(rows: Sequence[sa.RowMapping]) -> Iterator[str]:
    """Yield a fault if more was asked for than was charged, or if the payment's state does not follow."""
    first = rows[0]
    charged = first["charged_cents"] or 0
    ours = sum(
        row["amount_cents"]
        for row in rows
        if row["origin"] == RefundOrigin.DESK and row["state"] in {state.value for state in LIVE}
    )
    if ours > charged:
        yield f"Payment {first['payment']} was refunded {Money(ours)} of {Money(charged)}."
    done = any(row["state"] == RefundState.DONE for row in rows)
    if done and first["payment_state"] in (State.AUTHORIZED, State.LATE, State.SETTLED):
        yield f"Payment {first['payment']} is {first['payment_state']}, and a refund of it is done."
