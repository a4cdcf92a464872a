"""Read the newest declines and returned debits, with the fingerprints that their holds recorded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from paydesk.domain.attempts import DAY_S, Decline, ReturnedDebit
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.store.tables import schema

FINGERPRINT = "fingerprint"
"""Key of the fingerprint in the body of a hold's event."""

_p, _e = schema.payment.c, schema.event.c
_held = schema.event.alias("held")
_DECLINES = (
    sa.select(_p.held_at, _p.desk, _p.customer_number, _held.c.body)
    .select_from(schema.event)
    .join(schema.payment, _p.id == _e.payment_id)
    .join(_held, sa.and_(_held.c.payment_id == _p.id, _held.c.kind == State.HELD.value))
    # A declined payment that turned out to be charged was no decline.
    .where(schema.declined, _e.at > sa.bindparam("since"), _p.state == State.DECLINED.value)
)


_RETURNED = (
    sa.select(_e.at, _p.charged_cents, _p.total_cents, _p.reason, _held.c.body)
    .select_from(schema.event)
    .join(schema.payment, _p.id == _e.payment_id)
    .join(_held, sa.and_(_held.c.payment_id == _p.id, _held.c.kind == State.HELD.value))
    .where(
        schema.went_back, _e.at > sa.bindparam("since"), _e.kind == State.RETURNED.value,
        _p.state == State.RETURNED.value,
    )
    .order_by(_e.at)
)  # fmt: skip


def returned_debits(connection: sa.Connection, since: datetime) -> Sequence[ReturnedDebit]:
    """Return the bank debits that came back since then, oldest first."""
    found = connection.execute(_RETURNED, {"since": since}).mappings()
    return [
        ReturnedDebit(
            fingerprint=json.loads(row["body"]).get(FINGERPRINT, ""),
            at=row["at"],
            amount=Money(row["charged_cents"] or row["total_cents"]),
            reason=row["reason"],
        )
        for row in found
    ]


def declines_before(connection: sa.Connection, now: datetime) -> Sequence[Decline]:
    """Return the declines of all desks in the day before ``now``, the ledger's time in UTC."""
    found = connection.execute(_DECLINES, {"since": now - timedelta(seconds=DAY_S)}).mappings()
    return [
        Decline(
            age_s=(now - row["held_at"]).total_seconds(),
            desk=row["desk"],
            fingerprint=json.loads(row["body"]).get(FINGERPRINT, ""),
            customer_number=row["customer_number"],
        )
        for row in found
    ]
