"""Fixtures that run these tests on both engines of the ledger."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_kind(request: pytest.FixtureRequest) -> str:
    """Return the engine of the ledger."""
    return str(request.param)
