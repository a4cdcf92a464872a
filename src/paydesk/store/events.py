"""The audit trail: append-only rows, each hash covering the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from paydesk.store.prepared import Prepared
from paydesk.store.schema import event, info, keepable

GENESIS = "0" * 64
"""The hash before the first event."""

HEAD = "event_head"
"""The row of ``info`` that names the last event's hash."""

_LAST = "paydesk_last_event"
"""What a connection remembers of the head; a guess, since other desks and a rollback move it, too."""


def event_hash(
    prev_hash: str, payment_id: int | None, at: datetime, who: tuple[str, str], kind: str, body: str
) -> str:
    """SHA-256 over everything an event says and the hash of the event before it."""
    said = json.dumps(
        [prev_hash, payment_id, at.astimezone(UTC).isoformat(), *who, kind, body], ensure_ascii=True
    )
    return hashlib.sha256(said.encode()).hexdigest()


def append(
    connection: sa.Connection,
    payment_id: int | None,
    at: datetime,
    who: tuple[str, str],
    kind: str,
    detail: Mapping[str, str],
) -> str:
    """Append one event within the caller's transaction and tell its hash; ``who`` is desk and user."""
    desk, user = map(keepable, who)
    body = json.dumps(dict(detail), sort_keys=True)
    # Most likely nobody has written since this connection did: that saves a look.
    prev_hash = connection.info.get(_LAST, GENESIS)
    while not _follows(
        connection, prev_hash, new := event_hash(prev_hash, payment_id, at, (desk, user), kind, body)
    ):
        prev_hash = connection.execute(_READ_HEAD).scalar_one()
    connection.info[_LAST] = new
    _INSERT.execute(
        connection,
        {
            "payment_id": payment_id,
            "at": at,
            "desk": desk,
            "user": user,
            "kind": kind,
            "body": body,
            "prev_hash": prev_hash,
            "hash": new,
        },
    )
    return new


def _follows(connection: sa.Connection, prev_hash: str, new: str) -> bool:
    """Make ``new`` the head, if the head is still ``prev_hash``; that also locks the chain."""
    return _MOVE_HEAD.execute(connection, {"prev": prev_hash, "new": new}) == 1


def lock(connection: sa.Connection) -> None:
    """Let every other desk that writes wait until this transaction ends."""
    connection.execute(_READ_HEAD)


def faults(connection: sa.Connection) -> Iterator[str]:
    """Where the chain does not hold, in sentences; nothing when every event is as it was written."""
    prev_hash = GENESIS
    for row in connection.execute(_ALL.execution_options(yield_per=1000)).mappings():
        who = (row["desk"], row["user"])
        if row["prev_hash"] != prev_hash:
            yield f"Event {row['seq']} does not follow the one before it: one was changed, removed or added."
        elif row["hash"] != event_hash(
            prev_hash, row["payment_id"], row["at"], who, row["kind"], row["body"]
        ):
            yield f"Event {row['seq']} was changed after it was written."
        prev_hash = row["hash"]
    if connection.execute(sa.select(info.c.value).where(info.c.key == HEAD)).scalar() != prev_hash:
        yield "The last event is not the one the ledger names as its last: events were removed or added."


_ALL = sa.select(event).order_by(event.c.seq)
# The head row is also the lock of the chain: on PostgreSQL two desks append one after the other.
_READ_HEAD = sa.select(info.c.value).where(info.c.key == HEAD).with_for_update()
_INSERT = Prepared(sa.insert(event))
_MOVE_HEAD = Prepared(
    sa.update(info)
    .where(info.c.key == HEAD, info.c.value == sa.bindparam("prev"))
    .values(value=sa.bindparam("new"))
)
