"""Verify texts that card data was taken out of: a recorded redaction must name them as they are now.

The commitments prove everything beside these texts. The event of the redaction proves the texts from then on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from paydesk.domain.events import EventKind
from paydesk.domain.typed.card_numbers import CODE_REMOVED, REMOVED
from paydesk.store.tables import rows, schema
from paydesk.store.tables.rows import Row

NOW = "now"
"""Detail of the event: a digest of the texts after the redaction."""

_e = schema.event.c
_WORDS = (REMOVED, CODE_REMOVED)


def event_digest(body: str) -> str:
    """Return the digest of an event's body after its redaction."""
    return hashlib.sha256(body.encode()).hexdigest()


def draft_digest(payment: Row, lines: Sequence[Row]) -> str:
    """Return the digest of a draft after its redaction: of its texts themselves."""
    return rows.draft_digest(dict(payment) | {"salt": "", "commitments": ""}, lines)


def draft_faults(payment: Row, lines: Sequence[Row], events: Sequence[sa.RowMapping]) -> Iterator[str]:
    """Yield a fault if a payment's texts were replaced, and are not as the last redaction left them."""
    if not payment["commitments"]:
        return
    free = rows.draft_free_texts(payment, lines).values()
    told = [_said(event) for event in events if event["kind"] == EventKind.REDACTED]
    left = [said[NOW] for said in told if said.get("table") == schema.payment.name]
    marked = any(word in text for word in _WORDS for text in free)
    if not marked or not left or left[-1] != draft_digest(payment, lines):
        yield "has texts that were replaced, and no redaction left them as they are."


def event_faults(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each event with replaced texts that are not as the last redaction left them."""
    query = sa.select(schema.event).where(_e.kind == EventKind.REDACTED.value).order_by(_e.seq)
    told = [_said(row) for row in connection.execute(query).mappings()]
    left = {said["row"]: said[NOW] for said in told if said.get("table") == schema.event.name}
    replaced = sa.select(_e.seq, _e.body).where(_e.commitments != "").order_by(_e.seq)
    for row in connection.execute(replaced).mappings():
        known = left.get(str(row["seq"])) == event_digest(row["body"])
        if not known or not any(word in row["body"] for word in _WORDS):
            yield f"Event {row['seq']} has texts that were replaced, and no redaction left them as they are."


def _said(event: sa.RowMapping) -> Mapping[str, str]:
    try:
        said = json.loads(event["body"])
    except ValueError:
        return {}
    whole = isinstance(said, dict) and {"table", "row", NOW} <= said.keys()
    return said if whole else {}
