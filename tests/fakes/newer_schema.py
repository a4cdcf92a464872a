"""A schema one version newer than the program's, so that upgrades are tested while there is only one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from paydesk.store.database import migrate
from paydesk.store.tables import schema

VERSION = "0004"
RIGHTS = {"color": ("SELECT",)}
"""Rights of a desk on its new table."""
SCRIPT = '''
"""Change a table in every way that a migration may: new columns, another CHECK, an index, a new table."""

import sqlalchemy as sa
from alembic import op

from paydesk.store.tables import schema

revision = "0004"
down_revision = "0003"


def upgrade():
    with op.batch_alter_table("posting", copy_from=schema.posting) as posting:
        posting.drop_constraint(op.f("ck_posting_known_state"), type_="check")
        posting.create_check_constraint(op.f("ck_posting_known_state"), "state <> 'lost'")
        posting.add_column(sa.Column("color", sa.Text(), server_default="red", nullable=False))
    op.add_column("payment", sa.Column("color", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_payment_color", "payment", ["color"])
    op.create_table("color", sa.Column("name", sa.Text(), primary_key=True))
    op.execute("INSERT INTO color (name) VALUES ('red')")
    op.execute("UPDATE payment SET color = 'red'")
'''


def install(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Add that version to the program: its scripts, copied into the folder, and one more."""
    scripts = shutil.copytree(Path(migrate.__file__).parent / "migrations", folder / "migrations")
    (scripts / "versions" / "0004_colors.py").write_text(SCRIPT.lstrip(), encoding="utf-8")
    patch.setattr(migrate, "_SCRIPTS", scripts)
    patch.setattr(schema, "HEAD", VERSION)
