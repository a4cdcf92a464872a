"""The tables of the ledger. The migrations create them, and a test compares the two."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
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
    and_,
    false,
    literal_column,
    or_,
    text,
)

from paydesk.domain.money import LARGEST_CENTS
from paydesk.domain.payment import OPEN, State
from paydesk.domain.refund import FOLLOWED, UNDECIDED, RefundState

HEAD = "0003"
"""Newest migration. The start compares it without importing Alembic."""


class Utc(TypeDecorator[datetime]):
    """An aware UTC time. SQLite stores no zone, so it is removed and added back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC, naive for SQLite."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Return the time in UTC."""
        if value is None:
            return None
        assert isinstance(value, datetime)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """A text that both engines can store: PostgreSQL accepts neither NUL nor a lone surrogate."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return the text in the form of ``keepable``."""
        return None if value is None else keepable(value)


def keepable(text: str) -> str:
    """Return the text as the ledger keeps it: U+FFFD replaces each character an engine cannot store."""
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


def _among(column: Column[str], *words: str) -> ColumnElement[bool]:
    """Return a condition of literals. With bound parameters, SQLite would not use a partial index."""
    return column.in_([literal_column(f"'{word}'") for word in words])


def _partial(name: str, where: ColumnElement[bool], *columns: Column[Any]) -> ColumnElement[bool]:
    """Index the rows of a condition, and return it: a query that names it uses the index."""
    Index(name, *columns, sqlite_where=where, postgresql_where=where)
    return where


info = Table(
    "info",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Words, nullable=False),
)
"""Facts about the ledger itself: its world, and the head of the event chain."""

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
"""A running PayDesk. ``lock`` names the lock file that it holds on its computer while it runs."""
_partial("ix_desk_session_running", desk_session.c.ended_at.is_(None), desk_session.c.host)

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
"""Every invoice seen, as last read. Its row is also the lock of the invoice.

``import_id`` is the last file that wrote the row. A later live reading keeps it, and changes ``read_at``.
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
    Column("held_at", Utc, nullable=False),
    Column("submitted_at", Utc),
    Column("decided_at", Utc),
    Column("expired_at", Utc),
    _text("intent_title"),
    _text("intent_token"),
    Column("processor_ref", Words, unique=True),
    _cents("charged_cents", nullable=True),
    _cents("charged_fee_cents", nullable=True),
    _cents("named_fee_cents", nullable=True),
    Column("acknowledged_at", Utc),
    _text("authorization_code"),
    _text("brand"),
    _text("last4"),
    _text("entry_class"),
    _text("reason"),
    _text("reason_code"),
    _text("salt"),
    _text("commitments"),
    _text("offer_kind"),
    _text("offer_address"),
    Column("offer_life_s", Integer, nullable=False, server_default="0"),
    Column("closing_at", Utc),
    CheckConstraint(f"state IN ({_STATES})", "known_state"),
    CheckConstraint(f"subtotal_cents BETWEEN 1 AND {LARGEST_CENTS}", "subtotal_in_range"),
    CheckConstraint(f"fee_cents BETWEEN 0 AND {LARGEST_CENTS}", "fee_in_range"),
    CheckConstraint("total_cents = subtotal_cents + fee_cents", "total_is_lines_plus_fee"),
    CheckConstraint("currency = 'USD'", "us_dollars"),
    CheckConstraint("length(last4) <= 4", "last_four_only"),
)
Index("ix_payment_held_at", payment.c.held_at)
_partial("ix_payment_undecided", payment.c.decided_at.is_(None), payment.c.state)
offered = _partial("ix_payment_offered", payment.c.offer_kind != literal_column("''"), payment.c.intent_token)
"""Condition for payments that were ever offered at an address."""
PENDING = frozenset({*OPEN, State.LATE, State.VOIDING})
"""States that the processor or a person still has to end. Few payments are in one of them."""
pending = _partial("ix_payment_pending", _among(payment.c.state, *sorted(PENDING)), payment.c.state)
differs = _partial(
    "ix_payment_differs",
    and_(
        or_(
            payment.c.charged_cents != payment.c.total_cents, payment.c.named_fee_cents != payment.c.fee_cents
        ),
        payment.c.acknowledged_at.is_(None),
    ),
    payment.c.state,
)
"""Condition for payments that differ from their quote in the amount or in the named fee, not acknowledged."""
fee_not_told = _partial(
    "ix_payment_fee_not_told",
    and_(payment.c.charged_cents.is_not(None), payment.c.charged_fee_cents.is_(None)),
    payment.c.acknowledged_at,
    payment.c.id,
)
by_bank = _partial(
    "ix_payment_by_bank", _among(payment.c.tender, "ach"), payment.c.state, payment.c.decided_at
)

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

hold = Table(
    "hold",
    metadata,
    Column("payment_id", _ID, ForeignKey("payment.id"), primary_key=True),
    Column("invoice_number", Words, ForeignKey("invoice.number"), primary_key=True),
    Column("open", Boolean, nullable=False),
)
Index("uq_hold_open", hold.c.invoice_number, unique=True, sqlite_where=text("open"),
      postgresql_where=text("open"))  # fmt: skip

attempt = Table(
    "attempt",
    metadata,
    Column("payment_id", _ID, ForeignKey("payment.id"), primary_key=True),
    Column("started_at", Utc, nullable=False),
)
"""The one charge attempt of a payment. Its row is durable before the first byte is sent."""

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
"""An attempt to void a payment that was in the state ``before``. Its row is durable before the first byte is
sent. ``number`` and ``body`` are the void's receipt, once the payment is voided.
"""
Index("uq_void_open", void.c.payment_id, unique=True, sqlite_where=void.c.ended_at.is_(None),
      postgresql_where=void.c.ended_at.is_(None))  # fmt: skip

refund = Table(
    "refund",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("payment_id", _ID, ForeignKey("payment.id"), nullable=False, index=True),
    Column("session_id", _ID, ForeignKey("desk_session.id"), nullable=False),
    Column("desk", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("origin", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reference", Text, unique=True),
    Column("processor_ref", Words, unique=True),
    _cents("amount_cents"),
    _cents("fee_cents"),
    _text("shares"),
    _text("reason"),
    _text("why"),
    Column("asked_at", Utc, nullable=False),
    Column("accepted_at", Utc),
    Column("ended_at", Utc),
    Column("attention_since", Utc),
    Column("number", Text, unique=True),
    Column("body", Words),
    Column("copies", Integer, nullable=False, server_default="0"),
    CheckConstraint(f"state IN ({', '.join(repr(state.value) for state in RefundState)})", "known_state"),
    CheckConstraint(f"amount_cents BETWEEN 1 AND {LARGEST_CENTS}", "amount_in_range"),
    CheckConstraint("fee_cents BETWEEN 0 AND amount_cents", "fee_in_amount"),
)
"""A refund of a payment, asked for at a desk or seen in the processor's list. Its row is durable before the
first byte is sent. ``shares`` are cents for each line of the payment, as JSON, or ``""`` if they are not
known. ``number`` and ``body`` are its document, once the processor has it.
"""
undecided_refund = _among(refund.c.state, *sorted(UNDECIDED))
Index("uq_refund_undecided", refund.c.payment_id, unique=True, sqlite_where=undecided_refund,
      postgresql_where=undecided_refund)  # fmt: skip
followed_refund = _partial("ix_refund_followed", _among(refund.c.state, *sorted(FOLLOWED)), refund.c.id)
refund_to_look_at = _partial(
    "ix_refund_to_look_at",
    or_(
        refund.c.attention_since.is_not(None),
        _among(refund.c.state, RefundState.WISHED.value, RefundState.UNKNOWN.value),
    ),
    refund.c.id,
)
"""A person has something to do about it, or may have."""
Index("ix_refund_accepted_at", refund.c.accepted_at)
Index("ix_refund_ended_at", refund.c.ended_at)

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
    Column("to_reverse_since", Utc),
    CheckConstraint(
        "state IN ('waiting', 'posted', 'unclear', 'refused', 'by_hand', 'withdrawn')", "known_state"
    ),
)
"""The posting of a payment to AMS360. ``sent_at`` is durable before the first byte is sent, and cleared
only if surely none arrived. ``before`` holds the balances read just before the sending.
``to_reverse_since`` is the time when its money went back, and None once the receipt is surely not in AMS360.
"""
_waiting = _among(posting.c.state, "waiting")
_failed = _among(posting.c.state, "unclear", "refused")
_tried = or_(posting.c.sent_at.is_not(None), posting.c.reason != literal_column("''"))
by_hand = _partial("ix_posting_by_hand", _among(posting.c.state, "by_hand"), posting.c.payment_id)
unfinished = _partial("ix_posting_unfinished", or_(_waiting, _failed), posting.c.payment_id)
stuck = _partial("ix_posting_stuck", or_(_failed, and_(_waiting, _tried)), posting.c.payment_id)
"""Condition for postings that a person has to look at, at once or when they have waited for long."""
without_note = _partial(
    "ix_posting_without_note", and_(_waiting, posting.c.attempts == literal_column("0")), posting.c.payment_id
)
in_file = _partial("ix_posting_in_file", _among(posting.c.channel, "file"), posting.c.sink_ref)
to_reverse = _partial("ix_posting_to_reverse", posting.c.to_reverse_since.is_not(None), posting.c.payment_id)

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
    _text("salt"),
    _text("commitments"),
)
"""Append-only and hash-chained: each row's hash covers the one before. See ``commitments`` for salts."""
went_back = _partial(
    "ix_event_went_back",
    _among(event.c.kind, "returned", "refunded", "partly_refunded", "charged_back"),
    event.c.at,
)
declined = _partial("ix_event_declined", _among(event.c.kind, "declined"), event.c.at)

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
    Column("missing", BigInteger, nullable=False, server_default="0"),
    Column("compared", BigInteger, nullable=False, server_default="0"),
    Column("unproven", Text, nullable=False, server_default=""),
)
"""``missing`` counts the open invoices of earlier files that it lacks, and ``unproven`` says why they
stay open.
"""

import_mapping = Table(
    "import_mapping",
    metadata,
    Column("shape", Text, primary_key=True),
    Column("body", Words, nullable=False),
    Column("kept_at", Utc, nullable=False),
)
"""Column mappings, one for each shape of file that a person has confirmed."""


def _before(table: Table) -> Table:
    """Return the table that keeps rows of ``table`` as they were before an import overwrote them."""
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
"""Search terms of every customer (key c and its number) and open invoice (i). See ``search_terms``.

Only the migration creates the full-text index over ``terms``, ``search_index``, because each engine
has its own kind.
"""

search_word = Table(
    "search_word",
    metadata,
    Column("piece", Words, primary_key=True),
    Column("word", Words, primary_key=True),
    sqlite_with_rowid=False,
)
"""Words of names by their pieces, to find the word that a misspelling means."""

payment_doc = Table(
    "payment_doc",
    metadata,
    Column("payment_id", _ID, ForeignKey("payment.id"), primary_key=True),
    Column("terms", Words, nullable=False),
)
"""Search terms of the payments indexed so far. See ``domain.typed.payment_search``.

Made from the payments alone, and made anew when the terms change. As for ``search_doc``, only the migration
creates the index over ``terms``, ``payment_index``.
"""

progress = Table(
    "progress",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Words, nullable=False),
)
"""Positions of background jobs, so that they resume after a restart."""
