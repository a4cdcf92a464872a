"""The contract-checked emulators, and a plain client of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from paydesk.sandbox import Sandbox
from tests.contracts.fixtures import checked_sandbox, contract_checker
from tests.contracts.validator import ContractChecker
from tests.sandbox.clients import Ams360Client, AndDoneClient

__all__ = ["ams360", "anddone", "contract_checked_sandbox", "contract_checker"]

TUESDAY = datetime(2026, 5, 12, 15, tzinfo=UTC)
"""Ten in the morning in Chicago: no batch and no weekend is near, whenever the tests run."""


@pytest.fixture
def contract_checked_sandbox(contract_checker: ContractChecker) -> Iterator[Sandbox]:
    with checked_sandbox(contract_checker, TUESDAY) as sandbox:
        yield sandbox


@pytest.fixture
def anddone(contract_checked_sandbox: Sandbox) -> Iterator[AndDoneClient]:
    with AndDoneClient(contract_checked_sandbox.anddone_url) as client:
        yield client


@pytest.fixture
def ams360(contract_checked_sandbox: Sandbox) -> Iterator[Ams360Client]:
    with Ams360Client(contract_checked_sandbox.ams360_url) as client:
        client.log_in()
        yield client
