"""Payments are given back: each attempt, why, and the receipt of the one that succeeded."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table of voids, and find what was given back."""
    op.create_table(
        "void",
        sa.Column("id", _ID, nullable=False),
        sa.Column("payment_id", _ID, nullable=False),
        sa.Column("session_id", _ID, nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
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
    given_back = sa.text("state IN ('voided', 'returned')")
    op.create_index(
        "ix_payment_given_back", "payment", ["state"], sqlite_where=given_back, postgresql_where=given_back
    )
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_void_open",
        "void",
        ["payment_id"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
