"""The contract-checked emulators, and a plain client of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from paydesk.sandbox import Sandbox
from tests.contracts.fixtures import contract_checked_sandbox, contract_checker
from tests.sandbox.clients import Ams360Client, AndDoneClient

__all__ = ["ams360", "anddone", "contract_checked_sandbox", "contract_checker"]


@pytest.fixture
def anddone(contract_checked_sandbox: Sandbox) -> Iterator[AndDoneClient]:
    with AndDoneClient(contract_checked_sandbox.anddone_url) as client:
        yield client


@pytest.fixture
def ams360(contract_checked_sandbox: Sandbox) -> Iterator[Ams360Client]:
    with Ams360Client(contract_checked_sandbox.ams360_url) as client:
        client.log_in()
        yield client
