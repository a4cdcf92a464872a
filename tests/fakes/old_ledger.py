"""A ledger as the first version left it: one paid invoice, before any later migration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from paydesk.store.database import migrate
from paydesk.store.tables import events
from tests.fakes.world import START

WHO = ("Front-1", "Dana")


def build(engine: sa.Engine) -> None:
    """Build version 0003 in an empty database, and take one payment in it."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        tables = sa.MetaData()
        tables.reflect(connection)
        for name, row in _rows(engine.name).items():
            connection.execute(sa.insert(tables.tables[name]).values(**row))
        info, counter = tables.tables["info"], tables.tables["counter"]
        connection.execute(sa.insert(info).values(key="world", value="training"))
        connection.execute(sa.update(info).where(info.c.key == events.HEAD).values(value=_event()["hash"]))
        connection.execute(sa.update(counter).values(value=1))


def _event() -> dict[str, Any]:
    body = json.dumps({"total": "103.50"})
    return {
        "seq": 1,
        "payment_id": 1,
        "kind": "held",
        "body": body,
        "prev_hash": events.GENESIS,
        "hash": events.event_hash(events.GENESIS, 1, START, WHO, "held", body),
    }


def _rows(dialect: str) -> dict[str, dict[str, Any]]:
    at = START.replace(tzinfo=None) if dialect == "sqlite" else START
    who = {"desk": WHO[0], "user": WHO[1]}
    return {
        "desk_session": {**who, "host": "test", "started_at": at, "seen_at": at, "ended_at": at},
        "invoice": {
            "number": "50123",
            "customer_number": "1001",
            "amount_cents": 100_00,
            "balance_cents": 100_00,
            "read_at": at,
        },
        "payment": {
            **who,
            "reference": "PD0000000000000000OLD",
            "state": "authorized",
            "session_id": 1,
            "channel": "phone",
            "tender": "credit_card",
            "subtotal_cents": 100_00,
            "fee_cents": 3_50,
            "total_cents": 103_50,
            "held_at": at,
            "decided_at": at,
            "processor_ref": "txn-old",
            "charged_cents": 103_50,
        },
        "payment_line": {
            "payment_id": 1,
            "position": 0,
            "invoice_number": "50123",
            "amount_cents": 100_00,
            "owed_cents": 100_00,
            "read_at": at,
        },
        "hold": {"payment_id": 1, "invoice_number": "50123", "open": False},
        "receipt": {"payment_id": 1, "number": "R-000001", "body": "{}"},
        "posting": {"payment_id": 1, "state": "waiting", "created_at": at},
        "event": {**who, **_event(), "at": at},
    }
