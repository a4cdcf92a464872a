"""Fixtures that run these tests on a ledger file, and in ``dev.py prove`` also on a server."""

import pytest

from tests.proving import proof


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=proof)])
def ledger_kind(request: pytest.FixtureRequest) -> str:
    """Return the engine of the ledger."""
    return str(request.param)
