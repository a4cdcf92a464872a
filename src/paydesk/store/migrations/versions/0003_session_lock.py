"""Sessions name their lock file; the event chain and the receipt counter begin with the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column, and the two rows every desk locks: nobody has to be the first to insert them."""
    op.add_column("desk_session", sa.Column("lock", sa.Text(), server_default="", nullable=False))
    for table, key, value in (("info", "event_head", "0" * 64), ("counter", "receipt", 0)):
        name = "key" if table == "info" else "name"
        row = sa.table(table, sa.column(name), sa.column("value"))
        if op.get_bind().execute(sa.select(row).where(row.c[name] == key)).first() is None:
            op.execute(sa.insert(row).values({name: key, "value": value}))
