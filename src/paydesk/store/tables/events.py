"""The audit trail: append-only rows, each with a hash that covers the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from paydesk.store.tables import commitments
from paydesk.store.tables.schema import event, info, keepable

GENESIS = "0" * 64
"""Hash before the first event."""

HEAD = "event_head"
"""Key of the ``info`` row with the last event's hash."""


FREE_TEXTS = frozenset({"reason", "note"})
"""Details that a person or another system wrote. Of these, the hash covers commitments."""


def event_hash(
    prev_hash: str,
    payment_id: int | None,
    at: datetime,
    who: tuple[str, str],
    kind: str,
    body: str,
    salt: str = "",
    committed: str = "",
) -> str:
    """Return the SHA-256 of an event's content and the hash of the event before it.

    Raises CommitmentBroken.
    """
    said = json.dumps(
        [prev_hash, payment_id, at.astimezone(UTC).isoformat(), *who, kind, _covered(body, salt, committed)],
        ensure_ascii=True,
    )
    return hashlib.sha256(said.encode()).hexdigest()


def _covered(body: str, salt: str, committed: str) -> str:
    """Return the body as the hash covers it: with commitments to its free texts, if it has a salt."""
    if not salt and not committed:
        return body
    detail = details(body)
    return json.dumps(detail | commitments.covered(free_texts(detail), salt, committed), sort_keys=True)


def details(body: str) -> dict[str, str]:
    """Return the details of an event. Raises CommitmentBroken unless ``append`` could have written them."""
    try:
        detail = json.loads(body)
    except ValueError as error:
        raise commitments.CommitmentBroken from error
    if not isinstance(detail, dict) or json.dumps(detail, sort_keys=True) != body:
        raise commitments.CommitmentBroken
    return detail


def free_texts(detail: Mapping[str, str]) -> dict[str, str]:
    """Return those details that a person or another system wrote."""
    return {name: text for name, text in detail.items() if name in FREE_TEXTS}


def append(
    connection: sa.Connection,
    payment_id: int | None,
    at: datetime,
    who: tuple[str, str],
    kind: str,
    detail: Mapping[str, str],
) -> str:
    """Append one event in the caller's transaction and return its hash. ``who`` is desk and user."""
    desk, user = map(keepable, who)
    body = json.dumps(dict(detail), sort_keys=True)
    salt = commitments.new_salt() if free_texts(detail) else ""
    prev_hash = connection.execute(_READ_HEAD).scalar_one()
    new = event_hash(prev_hash, payment_id, at, (desk, user), kind, body, salt)
    connection.execute(
        _INSERT,
        {
            "payment_id": payment_id,
            "at": at,
            "desk": desk,
            "user": user,
            "kind": kind,
            "body": body,
            "prev_hash": prev_hash,
            "hash": new,
            "salt": salt,
        },
    )
    connection.execute(_MOVE_HEAD, {"new": new})
    return new


def lock(connection: sa.Connection) -> None:
    """Block every other desk that writes until this transaction ends."""
    connection.execute(_READ_HEAD)


def faults(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each break of the chain, and nothing if every event is as it was written."""
    prev_hash = GENESIS
    for row in connection.execute(_ALL.execution_options(yield_per=1000)).mappings():
        fault = fault_of(row, prev_hash)
        if fault:
            yield fault
        prev_hash = row["hash"]
    if head(connection) != prev_hash:
        yield LAST_DIFFERS


LAST_DIFFERS = "The last event is not the one the ledger names as its last: events were removed or added."


def fault_of(row: sa.RowMapping, prev_hash: str) -> str:
    """Return a sentence if an event does not follow the one with that hash, or was changed. Else ``""``."""
    if row["prev_hash"] != prev_hash:
        return f"Event {row['seq']} does not follow the one before it: one was changed, removed or added."
    if row["hash"] != hash_of(row):
        return f"Event {row['seq']} was changed after it was written."
    return ""


def hash_of(row: Mapping[str, Any] | sa.RowMapping) -> str:
    """Return the hash that an event's row must have, or ``""`` if its commitments are broken."""
    who, texts = (row["desk"], row["user"]), (row["kind"], row["body"], row["salt"], row["commitments"])
    try:
        return event_hash(row["prev_hash"], row["payment_id"], row["at"], who, *texts)
    except commitments.CommitmentBroken:
        return ""


def head(connection: sa.Connection) -> str | None:
    """Return the hash that the ledger names as that of its last event, or None if it names none."""
    return connection.execute(sa.select(info.c.value).where(info.c.key == HEAD)).scalar()


_ALL = sa.select(event).order_by(event.c.seq)
# The head row is also the lock of the chain: on PostgreSQL desks append one after the other.
_READ_HEAD = sa.select(info.c.value).where(info.c.key == HEAD).with_for_update()
_INSERT = sa.insert(event)
_MOVE_HEAD = sa.update(info).where(info.c.key == HEAD).values(value=sa.bindparam("new"))
