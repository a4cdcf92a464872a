"""The posting outbox keeps what it did, and imported files can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the outbox's columns, the import runs, and what imports overwrote."""
    with op.batch_alter_table("posting", copy_from=_first_posting()) as posting:
        posting.drop_constraint(op.f("ck_posting_known_state"), type_="check")
        posting.create_check_constraint(
            op.f("ck_posting_known_state"),
            "state IN ('waiting', 'posted', 'unclear', 'refused', 'withdrawn')",
        )
        posting.add_column(sa.Column("channel", sa.Text(), server_default="", nullable=False))
        posting.add_column(sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
        posting.add_column(sa.Column("sent_at", UTC_TIME, nullable=True))
        posting.add_column(sa.Column("before", sa.Text(), server_default="", nullable=False))
        posting.add_column(sa.Column("sink_ref", sa.Text(), server_default="", nullable=False))
    not_done = sa.text("state <> 'posted'")
    op.create_index("ix_posting_open", "posting", ["state"], sqlite_where=not_done, postgresql_where=not_done)
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_table(
        "import_mapping",
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", UTC_TIME, nullable=False),
        sa.PrimaryKeyConstraint("shape", name=op.f("pk_import_mapping")),
    )
    for name in ("invoice", "customer"):
        op.add_column(name, sa.Column("import_id", sa.BigInteger(), nullable=True))
    _create_before("invoice", _invoice_columns())
    _create_before("customer", _customer_columns())


def _create_before(name: str, columns: list[sa.Column[object]]) -> None:
    op.create_table(
        f"{name}_before",
        sa.Column("run_id", ID, nullable=False),
        *columns,
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f(f"fk_{name}_before_run_id_import_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f(f"pk_{name}_before")),
    )


def _texts(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]


def _invoice_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_number", sa.Text(), nullable=False),
        *_texts("customer_name"),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("read_at", UTC_TIME, nullable=False),
        sa.Column("invoice_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        *_texts("description", "policy_number", "insurer", "source_id", "customer_source_id"),
    ]


def _customer_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("number", sa.Text(), nullable=False),
        *_texts("name", "zip_code", "phones", "email", "source_id"),
        sa.Column("read_at", UTC_TIME, nullable=False),
    ]


def _first_posting() -> sa.Table:
    """The table as 0001 built it: SQLite copies it, and cannot tell its CHECK itself."""
    return sa.Table(
        "posting",
        sa.MetaData(),
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
