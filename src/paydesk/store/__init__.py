"""The ledger database: rows to domain values and back, through SQLAlchemy."""
