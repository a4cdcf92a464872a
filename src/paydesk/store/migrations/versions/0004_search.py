"""Customers and invoices are found by name, phone, policy and amount; chores remember where they are."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# SQLite's full-text index over the rows of search_doc; PostgreSQL has one of its own kind.
_SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(terms, content='search_doc', content_rowid='id',"
    " detail='none', columnsize=0, tokenize='unicode61 remove_diacritics 0', prefix='2 3 4')",
    "CREATE TRIGGER search_doc_insert AFTER INSERT ON search_doc BEGIN"
    " INSERT INTO search_index(rowid, terms) VALUES (new.id, new.terms); END",
    "CREATE TRIGGER search_doc_delete AFTER DELETE ON search_doc BEGIN"
    " INSERT INTO search_index(search_index, rowid, terms) VALUES ('delete', old.id, old.terms); END",
    "CREATE TRIGGER search_doc_update AFTER UPDATE ON search_doc BEGIN"
    " INSERT INTO search_index(search_index, rowid, terms) VALUES ('delete', old.id, old.terms);"
    " INSERT INTO search_index(rowid, terms) VALUES (new.id, new.terms); END",
)
_POSTGRESQL = (
    "CREATE INDEX search_index ON search_doc USING gin (array_to_tsvector(string_to_array(terms, ' ')))",
)


def upgrade() -> None:
    """Add the tables; they fill in the background."""
    op.create_table(
        "search_doc",
        sa.Column("id", _ID, nullable=False),
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
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
