"""The tables of the ledger; ``migrations`` builds them, a test holds the two together."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    false,
    literal_column,
    text,
)

from paydesk.domain.money import LARGEST_CENTS
from paydesk.domain.payment import State

HEAD = "0005"
"""The newest migration; checked at start without importing Alembic."""


class Utc(TypeDecorator[datetime]):
    """An aware UTC time; SQLite has no zone, so it is taken off and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware times only, brought to UTC."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """The time as UTC."""
        if value is None:
            return None
        assert isinstance(value, datetime)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """A text as both engines can keep it: PostgreSQL takes no NUL, and neither a lone surrogate."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """What can be kept of it."""
        return None if value is None else keepable(value)


def keepable(text: str) -> str:
    """The text as the ledger keeps it: what neither engine can hold is the replacement character."""
    return text if text.isascii() and "\0" not in text else _UNKEEPABLE.sub("\ufffd", text)


_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = BigInteger().with_variant(Integer, "sqlite")
_STATES = ", ".join(f"'{state}'" for state in State)


def _text(name: str) -> Column[str]:
    return Column(name, Words, nullable=False, server_default="")


def _cents(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


info = Table(
    "info",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Words, nullable=False),
)
"""Facts of the ledger itself: its world, and the head of the event chain."""

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

desk_session = Table(
    "desk_session",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("desk", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("host", Words, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("ended_at", Utc),
    _text("lock"),
)
"""A running PayDesk; ``lock`` names the file of its computer that it holds as long as it runs."""

customer = Table(
    "customer",
    metadata,
    Column("number", Words, primary_key=True),
    _text("name"),
    _text("zip_code"),
    _text("phones"),
    _text("email"),
    _text("source_id"),
    Column("read_at", Utc, nullable=False),
    Column("import_id", BigInteger),
)

invoice = Table(
    "invoice",
    metadata,
    Column("number", Words, primary_key=True),
    Column("customer_number", Words, nullable=False),
    _text("customer_name"),
    _cents("amount_cents"),
    _cents("balance_cents"),
    Column("read_at", Utc, nullable=False),
    Column("invoice_date", Date),
    Column("due_date", Date),
    _text("description"),
    _text("policy_number"),
    _text("insurer"),
    _text("source_id"),
    _text("customer_source_id"),
    Column("import_id", BigInteger),
)
"""Every invoice seen, as last read; its row is also the lock of the invoice.

``import_id`` is the last file that wrote the row; a live reading since leaves it, and moves ``read_at``.
"""
Index("ix_invoice_owing", invoice.c.customer_number, sqlite_where=invoice.c.balance_cents != 0,
      postgresql_where=invoice.c.balance_cents != 0)  # fmt: skip

payment = Table(
    "payment",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("session_id", _ID, ForeignKey("desk_session.id"), nullable=False),
    Column("desk", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("channel", Text, nullable=False),
    Column("tender", Text, nullable=False),
    Column("currency", Text, nullable=False, server_default="USD"),
    _cents("subtotal_cents"),
    _cents("fee_cents"),
    _cents("total_cents"),
    _text("payer_name"),
    _text("payer_phone"),
    _text("payer_email"),
    _text("customer_number"),
    _text("customer_name"),
    _text("reference_kind"),
    _text("reference_value"),
    _text("consent"),
    Column("from_cache", Boolean, nullable=False, server_default=false()),
    Column("claimed_at", Utc, nullable=False),
    Column("submitted_at", Utc),
    Column("decided_at", Utc),
    Column("expired_at", Utc),
    _text("intent_title"),
    _text("intent_token"),
    Column("processor_ref", Words, unique=True),
    _cents("charged_cents", nullable=True),
    _cents("charged_fee_cents", nullable=True),
    _text("authorization_code"),
    _text("brand"),
    _text("last4"),
    _text("entry_class"),
    _text("reason"),
    CheckConstraint(f"state IN ({_STATES})", "known_state"),
    CheckConstraint(f"subtotal_cents BETWEEN 1 AND {LARGEST_CENTS}", "subtotal_in_range"),
    CheckConstraint(f"fee_cents BETWEEN 0 AND {LARGEST_CENTS}", "fee_in_range"),
    CheckConstraint("total_cents = subtotal_cents + fee_cents", "total_is_lines_plus_fee"),
    CheckConstraint("currency = 'USD'", "us_dollars"),
    CheckConstraint("length(last4) <= 4", "last_four_only"),
)
Index("ix_payment_undecided", payment.c.state, sqlite_where=payment.c.decided_at.is_(None),
      postgresql_where=payment.c.decided_at.is_(None))  # fmt: skip
given_back = payment.c.state.in_([literal_column("'voided'"), literal_column("'returned'")])
"""Written out, not bound: SQLite takes the index for it only then."""
Index("ix_payment_given_back", payment.c.state, sqlite_where=given_back,
      postgresql_where=given_back)  # fmt: skip

payment_line = Table(
    "payment_line",
    metadata,
    Column("payment_id", _ID, ForeignKey("payment.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("invoice_number", Words, ForeignKey("invoice.number"), index=True),
    _cents("amount_cents"),
    _cents("owed_cents", nullable=True),
    Column("read_at", Utc),
    _text("description"),
    _text("policy_number"),
    _text("insurer"),
    CheckConstraint("amount_cents > 0", "amount_above_zero"),
    CheckConstraint("owed_cents IS NULL OR amount_cents <= owed_cents", "not_above_owed"),
)

claim = Table(
    "claim",
    metadata,
    Column("payment_id", _ID, ForeignKey("payment.id"), primary_key=True),
    Column("invoice_number", Words, ForeignKey("invoice.number"), primary_key=True),
    Column("open", Boolean, nullable=False),
)
Index("uq_claim_open", claim.c.invoice_number, unique=True, sqlite_where=text("open"),
      postgresql_where=text("open"))  # fmt: skip

attempt = Table(
    "attempt",
    metadata,
    Column("payment_id", _ID, ForeignKey("payment.id"), primary_key=True),
    Column("started_at", Utc, nullable=False),
)
"""The one charge attempt of a payment: its row is durable before the first byte is sent."""

receipt = Table(
    "receipt",
    metadata,
    Column("payment_id", _ID, ForeignKey("payment.id"), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("body", Words, nullable=False),
    Column("copies", Integer, nullable=False, server_default="0"),
)

void = Table(
    "void",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("payment_id", _ID, ForeignKey("payment.id"), nullable=False, index=True),
    Column("session_id", _ID, ForeignKey("desk_session.id"), nullable=False),
    Column("desk", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("before", Text, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Column("number", Text, unique=True),
    Column("body", Words),
    Column("copies", Integer, nullable=False, server_default="0"),
)
"""An attempt to void a payment that was in the state ``before``: its row is durable before the first byte is
sent. ``number`` and ``body`` are the void's receipt, once it is voided."""
Index("uq_void_open", void.c.payment_id, unique=True, sqlite_where=void.c.ended_at.is_(None),
      postgresql_where=void.c.ended_at.is_(None))  # fmt: skip

posting = Table(
    "posting",
    metadata,
    Column("payment_id", _ID, ForeignKey("payment.id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("posted_at", Utc),
    _text("reason"),
    _text("channel"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", Utc),
    _text("before"),
    _text("sink_ref"),
    CheckConstraint("state IN ('waiting', 'posted', 'unclear', 'refused', 'withdrawn')", "known_state"),
)
"""What AMS360 has to be told of a payment. ``sent_at`` is durable before the first byte leaves, and
taken back only when surely none arrived; ``before`` holds the balances read just before it."""
Index("ix_posting_open", posting.c.state, sqlite_where=posting.c.state != "posted",
      postgresql_where=posting.c.state != "posted")  # fmt: skip

event = Table(
    "event",
    metadata,
    Column("seq", _ID, primary_key=True),
    Column("payment_id", _ID, ForeignKey("payment.id"), index=True),
    Column("at", Utc, nullable=False),
    Column("desk", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Words, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
)
"""Append-only and hash-chained: each row's hash covers the one before."""

import_run = Table(
    "import_run",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("file_name", Words, nullable=False),
    Column("digest", Text, nullable=False),
    Column("shape", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("as_of", Utc, nullable=False),
    Column("desk", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("finished_at", Utc),
    Column("undone_at", Utc),
    Column("accepted", BigInteger, nullable=False, server_default="0"),
    Column("rejected", BigInteger, nullable=False, server_default="0"),
    Column("closed", BigInteger, nullable=False, server_default="0"),
    Column("open_cents", BigInteger, nullable=False, server_default="0"),
)

import_mapping = Table(
    "import_mapping",
    metadata,
    Column("shape", Text, primary_key=True),
    Column("body", Words, nullable=False),
    Column("kept_at", Utc, nullable=False),
)
"""Which column means what, for every shape of file that a person confirmed once."""


def _before(table: Table) -> Table:
    """What the rows of ``table`` were before an import overwrote them."""
    copies = [
        Column(
            column.name,
            column.type,
            primary_key=column.primary_key,
            nullable=column.nullable,
            server_default=None if column.server_default is None else "",
        )
        for column in table.columns
    ]
    run = Column("run_id", _ID, ForeignKey("import_run.id"), primary_key=True)
    return Table(f"{table.name}_before", metadata, run, *copies)


invoice_before = _before(invoice)
customer_before = _before(customer)

search_doc = Table(
    "search_doc",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("terms", Words, nullable=False),
)
"""What every customer (key c and its number) and open invoice (i) is found by; see ``domain.searching``.

The full-text index over ``terms``, ``search_index``, is made by migration 0004 alone: each engine has its
own kind.
"""

search_word = Table(
    "search_word",
    metadata,
    Column("piece", Words, primary_key=True),
    Column("word", Words, primary_key=True),
    sqlite_with_rowid=False,
)
"""The words of names by parts of themselves, to find the one that was meant by a misspelled one."""

progress = Table(
    "progress",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Words, nullable=False),
)
"""How far work in the background has come, so that it goes on there after a restart."""
