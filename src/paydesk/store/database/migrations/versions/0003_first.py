"""The first ledger: payments, refunds, the event chain, the invoice cache and its search, imported files.

Versions 0001 and 0002 were never released, and their ledgers are refused.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC_TIME = sa.DateTime(timezone=True)
STATES = (
    "'held', 'offered', 'closing', 'submitted', 'authorized', 'declined', 'unknown', 'released', "
    "'not_charged', 'late', 'voiding', 'voided', 'settled', 'partly_refunded', 'refunded', 'returned', "
    "'charged_back'"
)
REFUND_STATES = (
    "'wished', 'dropped', 'submitted', 'unknown', 'accepted', 'done', 'failed', 'refused', 'not_made'"
)

APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER event_no_{verb} BEFORE {verb} ON event "
        "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
        for verb in ("update", "delete")
    ],
    "postgresql": [
        "CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$",
        "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event "
        "FOR EACH ROW EXECUTE FUNCTION event_append_only()",
    ],
}


def _full_text(name: str, doc: str, key: str, options: str = "") -> dict[str, list[str]]:
    """Index the terms of a table: FTS5 in SQLite, kept by triggers, and GIN in PostgreSQL."""
    add = f"INSERT INTO {name}(rowid, terms) VALUES (new.{key}, new.terms);"  # noqa: S608 - our own names
    remove = f"INSERT INTO {name}({name}, rowid, terms) VALUES ('delete', old.{key}, old.terms);"  # noqa: S608 - our own names
    return {
        "sqlite": [
            f"CREATE VIRTUAL TABLE {name} USING fts5(terms, content='{doc}', content_rowid='{key}',"
            f" detail='none', columnsize=0, tokenize='unicode61 remove_diacritics 0', prefix='2 3 4')",
            f"CREATE TRIGGER {doc}_insert AFTER INSERT ON {doc} BEGIN {add} END",
            f"CREATE TRIGGER {doc}_delete AFTER DELETE ON {doc} BEGIN {remove} END",
            f"CREATE TRIGGER {doc}_update AFTER UPDATE ON {doc} BEGIN {remove} {add} END",
        ],
        "postgresql": [
            f"CREATE INDEX {name} ON {doc}"
            f" USING gin (array_to_tsvector(string_to_array(terms, ' '))){options}",
        ],
    }


SEARCH_INDEX = _full_text("search_index", "search_doc", "id")
# Without fastupdate, no search has to read through a list of entries that wait.
PAYMENT_INDEX = _full_text("payment_index", "payment_doc", "payment_id", " WITH (fastupdate = off)")


def upgrade() -> None:
    """Build every table, the triggers, the search index, and the two rows that every desk locks."""
    _desks()
    _cache()
    _payments()
    _refunds()
    _events()
    _imports()
    engine = op.get_bind().dialect.name
    for statement in (*APPEND_ONLY[engine], *SEARCH_INDEX[engine], *PAYMENT_INDEX[engine]):
        op.execute(statement)
    # Nobody has to be the first to insert these: the head of the event chain, and the receipt counter.
    for table, key, name, value in (
        ("info", "key", "event_head", "0" * 64),
        ("counter", "name", "receipt", 0),
    ):
        row = sa.table(table, sa.column(key), sa.column("value"))
        op.execute(sa.insert(row).values({key: name, "value": value}))


def _desks() -> None:
    """Who runs, and what counts up."""
    op.create_table(
        "info",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_info")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "desk_session",
        sa.Column("id", ID, nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("started_at", UTC_TIME, nullable=False),
        sa.Column("seen_at", UTC_TIME, nullable=False),
        sa.Column("ended_at", UTC_TIME, nullable=True),
        sa.Column("lock", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_session")),
    )
    _index("ix_desk_session_running", "desk_session", ["host"], "ended_at IS NULL")


def _cache() -> None:
    """Customers and invoices as last seen, and what they are found by."""
    op.create_table(
        "customer",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("zip_code", sa.Text(), server_default="", nullable=False),
        sa.Column("phones", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", UTC_TIME, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_customer")),
    )
    op.create_table(
        "invoice",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_number", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("read_at", UTC_TIME, nullable=False),
        sa.Column("invoice_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("policy_number", sa.Text(), server_default="", nullable=False),
        sa.Column("insurer", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_invoice")),
    )
    op.create_index(
        "ix_invoice_owing",
        "invoice",
        ["customer_number"],
        sqlite_where=sa.text("balance_cents != 0"),
        postgresql_where=sa.text("balance_cents != 0"),
    )
    op.create_table(
        "search_doc",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_doc")),
        sa.UniqueConstraint("key", name=op.f("uq_search_doc_key")),
    )
    op.create_table(
        "search_word",
        sa.Column("piece", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("piece", "word", name=op.f("pk_search_word")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "progress",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_progress")),
    )


def _payments() -> None:
    """Payments, their holds, documents and postings."""
    op.create_table(
        "payment",
        sa.Column("id", ID, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("tender", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), server_default="USD", nullable=False),
        sa.Column("subtotal_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("payer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("payer_phone", sa.Text(), server_default="", nullable=False),
        sa.Column("payer_email", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_number", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("reference_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("reference_value", sa.Text(), server_default="", nullable=False),
        sa.Column("consent", sa.Text(), server_default="", nullable=False),
        sa.Column("from_cache", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("held_at", UTC_TIME, nullable=False),
        sa.Column("submitted_at", UTC_TIME, nullable=True),
        sa.Column("decided_at", UTC_TIME, nullable=True),
        sa.Column("expired_at", UTC_TIME, nullable=True),
        sa.Column("intent_title", sa.Text(), server_default="", nullable=False),
        sa.Column("intent_token", sa.Text(), server_default="", nullable=False),
        sa.Column("processor_ref", sa.Text(), nullable=True),
        sa.Column("charged_cents", sa.BigInteger(), nullable=True),
        sa.Column("charged_fee_cents", sa.BigInteger(), nullable=True),
        sa.Column("named_fee_cents", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", UTC_TIME, nullable=True),
        sa.Column("authorization_code", sa.Text(), server_default="", nullable=False),
        sa.Column("brand", sa.Text(), server_default="", nullable=False),
        sa.Column("last4", sa.Text(), server_default="", nullable=False),
        sa.Column("entry_class", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("reason_code", sa.Text(), server_default="", nullable=False),
        sa.Column("salt", sa.Text(), server_default="", nullable=False),
        sa.Column("commitments", sa.Text(), server_default="", nullable=False),
        sa.Column("offer_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("offer_address", sa.Text(), server_default="", nullable=False),
        sa.Column("offer_life_s", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closing_at", UTC_TIME, nullable=True),
        sa.CheckConstraint("currency = 'USD'", name=op.f("ck_payment_us_dollars")),
        sa.CheckConstraint(
            f"state IN ({STATES})",
            name=op.f("ck_payment_known_state"),
        ),
        sa.CheckConstraint("fee_cents BETWEEN 0 AND 9999999999", name=op.f("ck_payment_fee_in_range")),
        sa.CheckConstraint("length(last4) <= 4", name=op.f("ck_payment_last_four_only")),
        sa.CheckConstraint(
            "subtotal_cents BETWEEN 1 AND 9999999999", name=op.f("ck_payment_subtotal_in_range")
        ),
        sa.CheckConstraint(
            "total_cents = subtotal_cents + fee_cents", name=op.f("ck_payment_total_is_lines_plus_fee")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["desk_session.id"], name=op.f("fk_payment_session_id_desk_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("processor_ref", name=op.f("uq_payment_processor_ref")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_reference")),
    )
    op.create_index("ix_payment_held_at", "payment", ["held_at"])
    _index("ix_payment_undecided", "payment", ["state"], "decided_at IS NULL")
    _index(
        "ix_payment_pending", "payment", ["state"],
        "state IN ('closing', 'held', 'late', 'offered', 'submitted', 'unknown', 'voiding')",
    )  # fmt: skip
    _index("ix_payment_offered", "payment", ["intent_token"], "offer_kind != ''")
    _index(
        "ix_payment_differs", "payment", ["state"],
        "(charged_cents != total_cents OR named_fee_cents != fee_cents) AND acknowledged_at IS NULL",
    )  # fmt: skip
    _index(
        "ix_payment_fee_not_told", "payment", ["acknowledged_at", "id"],
        "charged_cents IS NOT NULL AND charged_fee_cents IS NULL",
    )  # fmt: skip
    _index("ix_payment_by_bank", "payment", ["state", "decided_at"], "tender IN ('ach')")
    op.create_table(
        "payment_line",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("invoice_number", sa.Text(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("owed_cents", sa.BigInteger(), nullable=True),
        sa.Column("read_at", UTC_TIME, nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("policy_number", sa.Text(), server_default="", nullable=False),
        sa.Column("insurer", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_line_amount_above_zero")),
        sa.CheckConstraint(
            "owed_cents IS NULL OR amount_cents <= owed_cents", name=op.f("ck_payment_line_not_above_owed")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_number"], ["invoice.number"], name=op.f("fk_payment_line_invoice_number_invoice")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_line_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("payment_id", "position", name=op.f("pk_payment_line")),
    )
    op.create_index(op.f("ix_payment_line_invoice_number"), "payment_line", ["invoice_number"])
    op.create_table(
        "hold",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("invoice_number", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_number"], ["invoice.number"], name=op.f("fk_hold_invoice_number_invoice")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_hold_payment_id_payment")),
        sa.PrimaryKeyConstraint("payment_id", "invoice_number", name=op.f("pk_hold")),
    )
    op.create_index(
        "uq_hold_open",
        "hold",
        ["invoice_number"],
        unique=True,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "attempt",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("started_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_attempt_payment_id_payment")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_attempt")),
    )
    op.create_table(
        "receipt",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_receipt_payment_id_payment")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_receipt_number")),
    )
    op.create_table(
        "void",
        sa.Column("id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("asked_at", UTC_TIME, nullable=False),
        sa.Column("ended_at", UTC_TIME, nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("copies", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_void_payment_id_payment")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["desk_session.id"], name=op.f("fk_void_session_id_desk_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_void")),
        sa.UniqueConstraint("number", name=op.f("uq_void_number")),
    )
    op.create_index(op.f("ix_void_payment_id"), "void", ["payment_id"])
    op.create_index(
        "uq_void_open",
        "void",
        ["payment_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "posting",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("posted_at", UTC_TIME, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", UTC_TIME, nullable=True),
        sa.Column("before", sa.Text(), server_default="", nullable=False),
        sa.Column("sink_ref", sa.Text(), server_default="", nullable=False),
        sa.Column("to_reverse_since", UTC_TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'posted', 'unclear', 'refused', 'by_hand', 'withdrawn')",
            name=op.f("ck_posting_known_state"),
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_posting_payment_id_payment")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_posting")),
    )
    op.create_table(
        "payment_doc",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_doc_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payment_doc")),
    )
    waiting, failed = "state IN ('waiting')", "state IN ('unclear', 'refused')"
    for name, where in (
        ("by_hand", "state IN ('by_hand')"),
        ("unfinished", f"{waiting} OR {failed}"),
        ("stuck", f"{failed} OR {waiting} AND (sent_at IS NOT NULL OR reason != '')"),
        ("without_note", f"{waiting} AND attempts = 0"),
        ("to_reverse", "to_reverse_since IS NOT NULL"),
    ):
        _index(f"ix_posting_{name}", "posting", ["payment_id"], where)
    _index("ix_posting_in_file", "posting", ["sink_ref"], "channel IN ('file')")


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    """Index the rows of a condition."""
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _refunds() -> None:
    """Refunds: those asked for at a desk, and those seen in the processor's list."""
    op.create_table(
        "refund",
        sa.Column("id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("processor_ref", sa.Text(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("shares", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", UTC_TIME, nullable=False),
        sa.Column("accepted_at", UTC_TIME, nullable=True),
        sa.Column("ended_at", UTC_TIME, nullable=True),
        sa.Column("attention_since", UTC_TIME, nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("copies", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(f"state IN ({REFUND_STATES})", name=op.f("ck_refund_known_state")),
        sa.CheckConstraint("amount_cents BETWEEN 1 AND 9999999999", name=op.f("ck_refund_amount_in_range")),
        sa.CheckConstraint("fee_cents BETWEEN 0 AND amount_cents", name=op.f("ck_refund_fee_in_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id_payment")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["desk_session.id"], name=op.f("fk_refund_session_id_desk_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("reference", name=op.f("uq_refund_reference")),
        sa.UniqueConstraint("processor_ref", name=op.f("uq_refund_processor_ref")),
        sa.UniqueConstraint("number", name=op.f("uq_refund_number")),
    )
    op.create_index(op.f("ix_refund_payment_id"), "refund", ["payment_id"])
    op.create_index(op.f("ix_refund_accepted_at"), "refund", ["accepted_at"])
    op.create_index(op.f("ix_refund_ended_at"), "refund", ["ended_at"])
    _index("uq_refund_undecided", "refund", ["payment_id"], "state IN ('submitted', 'unknown')", unique=True)
    _index("ix_refund_followed", "refund", ["id"], "state IN ('accepted', 'submitted', 'unknown')")
    _index(
        "ix_refund_to_look_at", "refund", ["id"],
        "attention_since IS NOT NULL OR state IN ('wished', 'unknown')",
    )  # fmt: skip


def _events() -> None:
    """The audit trail, which nobody can change."""
    op.create_table(
        "event",
        sa.Column("seq", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=True),
        sa.Column("at", UTC_TIME, nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), server_default="", nullable=False),
        sa.Column("commitments", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_event_payment_id_payment")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_event_hash")),
    )
    op.create_index(op.f("ix_event_payment_id"), "event", ["payment_id"])
    _index(
        "ix_event_went_back", "event", ["at"],
        "kind IN ('returned', 'refunded', 'partly_refunded', 'charged_back')",
    )  # fmt: skip
    _index("ix_event_declined", "event", ["at"], "kind IN ('declined')")


def _imports() -> None:
    """Imported files, and what they overwrote."""
    op.create_table(
        "import_run",
        sa.Column("id", ID, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("as_of", UTC_TIME, nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("started_at", UTC_TIME, nullable=False),
        sa.Column("finished_at", UTC_TIME, nullable=True),
        sa.Column("undone_at", UTC_TIME, nullable=True),
        sa.Column("accepted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rejected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("closed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("open_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("missing", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("compared", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unproven", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_table(
        "import_mapping",
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("shape", name=op.f("pk_import_mapping")),
    )
    op.create_table(
        "invoice_before",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_number", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("read_at", UTC_TIME, nullable=False),
        sa.Column("invoice_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("policy_number", sa.Text(), server_default="", nullable=False),
        sa.Column("insurer", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_invoice_before_run_id_import_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_invoice_before")),
    )
    op.create_table(
        "customer_before",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("zip_code", sa.Text(), server_default="", nullable=False),
        sa.Column("phones", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", UTC_TIME, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_customer_before_run_id_import_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_customer_before")),
    )
