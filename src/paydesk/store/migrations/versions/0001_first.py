"""The first ledger: payments, their claims, receipts and postings, the event chain, the invoice cache."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = (
    "'claimed'",
    "'submitted'",
    "'authorized'",
    "'declined'",
    "'unknown'",
    "'released'",
    "'not_charged'",
    "'late'",
    "'voiding'",
    "'voided'",
    "'settled'",
    "'partly_refunded'",
    "'refunded'",
    "'returned'",
)
UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Build every table, and the triggers that keep events as they were written."""
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "customer",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("zip_code", sa.Text(), server_default="", nullable=False),
        sa.Column("phones", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("source_id", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_customer")),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_session")),
    )
    op.create_table(
        "info",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_info")),
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
        sa.PrimaryKeyConstraint("number", name=op.f("pk_invoice")),
    )
    op.create_index(
        "ix_invoice_owing",
        "invoice",
        ["customer_number"],
        unique=False,
        sqlite_where=sa.text("balance_cents != 0"),
        postgresql_where=sa.text("balance_cents != 0"),
    )
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
        sa.Column("claimed_at", UTC_TIME, nullable=False),
        sa.Column("submitted_at", UTC_TIME, nullable=True),
        sa.Column("decided_at", UTC_TIME, nullable=True),
        sa.Column("expired_at", UTC_TIME, nullable=True),
        sa.Column("intent_title", sa.Text(), server_default="", nullable=False),
        sa.Column("intent_token", sa.Text(), server_default="", nullable=False),
        sa.Column("processor_ref", sa.Text(), nullable=True),
        sa.Column("charged_cents", sa.BigInteger(), nullable=True),
        sa.Column("charged_fee_cents", sa.BigInteger(), nullable=True),
        sa.Column("authorization_code", sa.Text(), server_default="", nullable=False),
        sa.Column("brand", sa.Text(), server_default="", nullable=False),
        sa.Column("last4", sa.Text(), server_default="", nullable=False),
        sa.Column("entry_class", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("currency = 'USD'", name=op.f("ck_payment_us_dollars")),
        sa.CheckConstraint(
            f"state IN ({', '.join(STATES)})",
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
    op.create_index(
        "ix_payment_undecided",
        "payment",
        ["state"],
        unique=False,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "attempt",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("started_at", UTC_TIME, nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_attempt_payment_id_payment")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_attempt")),
    )
    op.create_table(
        "claim",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("invoice_number", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_number"], ["invoice.number"], name=op.f("fk_claim_invoice_number_invoice")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_claim_payment_id_payment")),
        sa.PrimaryKeyConstraint("payment_id", "invoice_number", name=op.f("pk_claim")),
    )
    op.create_index(
        "uq_claim_open",
        "claim",
        ["invoice_number"],
        unique=True,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
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
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_event_payment_id_payment")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_event_hash")),
    )
    op.create_index(op.f("ix_event_payment_id"), "event", ["payment_id"], unique=False)
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
    op.create_index(op.f("ix_payment_line_invoice_number"), "payment_line", ["invoice_number"], unique=False)
    op.create_table(
        "posting",
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", UTC_TIME, nullable=False),
        sa.Column("posted_at", UTC_TIME, nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'posted', 'unclear', 'refused')", name=op.f("ck_posting_known_state")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_posting_payment_id_payment")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_posting")),
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

    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


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
