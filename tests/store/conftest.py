"""These tests run on both engines of the ledger."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_kind(request: pytest.FixtureRequest) -> str:
    """The engine of the ledger."""
    return str(request.param)
