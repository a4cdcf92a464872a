"""Refunds: those asked for at a desk, and those seen in the processor's list."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC_TIME = sa.DateTime(timezone=True)
STATES = "'wished', 'dropped', 'submitted', 'unknown', 'accepted', 'done', 'failed', 'refused', 'not_made'"


def upgrade() -> None:
    """Create the table and its indexes."""
    op.create_table(
        "refund",
        sa.Column("id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("desk", "user", "origin", "kind", "state")),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("processor_ref", sa.Text(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("shares", "reason", "why")
        ),
        sa.Column("asked_at", UTC_TIME, nullable=False),
        *(
            sa.Column(name, UTC_TIME, nullable=True)
            for name in ("accepted_at", "ended_at", "attention_since")
        ),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("copies", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_refund_known_state")),
        sa.CheckConstraint("amount_cents BETWEEN 1 AND 9999999999", name=op.f("ck_refund_amount_in_range")),
        sa.CheckConstraint("fee_cents BETWEEN 0 AND amount_cents", name=op.f("ck_refund_fee_in_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id_payment")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["desk_session.id"], name=op.f("fk_refund_session_id_desk_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        *(
            sa.UniqueConstraint(name, name=op.f(f"uq_refund_{name}"))
            for name in ("reference", "processor_ref", "number")
        ),
    )
    op.create_index(op.f("ix_refund_payment_id"), "refund", ["payment_id"])
    op.create_index(op.f("ix_refund_accepted_at"), "refund", ["accepted_at"])
    op.create_index(op.f("ix_refund_ended_at"), "refund", ["ended_at"])
    _partial("uq_refund_undecided", "payment_id", "state IN ('submitted', 'unknown')", unique=True)
    _partial("ix_refund_followed", "id", "state IN ('accepted', 'submitted', 'unknown')")
    _partial("ix_refund_to_look_at", "id", "attention_since IS NOT NULL OR state IN ('wished', 'unknown')")


def _partial(name: str, column: str, where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name, "refund", [column], unique=unique, sqlite_where=condition, postgresql_where=condition
    )
