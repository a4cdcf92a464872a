"""Payments that are offered at an address, and money that went back outside of PayDesk."""

import sqlalchemy as sa
from alembic import op

from paydesk.store.tables import schema

revision = "0002"
down_revision = "0001"

BEFORE = (
    "'held', 'submitted', 'authorized', 'declined', 'unknown', 'released', 'not_charged', 'late', 'voiding', "
    "'voided', 'settled', 'partly_refunded', 'refunded', 'returned'"
)
AFTER = (
    "'held', 'offered', 'closing', 'submitted', 'authorized', 'declined', 'unknown', 'released', "
    "'not_charged', 'late', 'voiding', 'voided', 'settled', 'partly_refunded', 'refunded', 'returned', "
    "'charged_back'"
)


def upgrade() -> None:
    """Add the columns of offers, and the states that came with them."""
    for column in (
        sa.Column("offer_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("offer_address", sa.Text(), server_default="", nullable=False),
        sa.Column("offer_life_s", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closing_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("payment", column)
    op.drop_index("ix_payment_pending", "payment")
    op.drop_index("ix_event_bank_return", "event")
    (_change_check_of_sqlite if op.get_bind().dialect.name == "sqlite" else _change_check)()
    for name in ("ix_payment_pending", "ix_payment_offered"):
        _index(name, schema.payment)
    _index("ix_event_went_back", schema.event)


def _change_check_of_sqlite() -> None:
    """Change the text of the CHECK, as SQLite's documentation of ALTER TABLE describes in its section 7.

    A rebuilt table would be dropped first, which the lines, holds and receipts that refer to it forbid.
    """
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    change = sa.text("UPDATE sqlite_schema SET sql = replace(sql, :old, :new) WHERE name = 'payment'")
    connection.execute(change, {"old": f"state IN ({BEFORE})", "new": f"state IN ({AFTER})"})
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def _change_check() -> None:
    name = op.f("ck_payment_known_state")
    op.drop_constraint(name, "payment", type_="check")
    op.create_check_constraint(name, "payment", f"state IN ({AFTER})")


def _index(name: str, table: sa.Table) -> None:
    (index,) = (one for one in table.indexes if one.name == name)
    index.create(op.get_bind())
