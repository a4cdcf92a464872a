"""Fixtures that put every exchange with the emulators under the contracts' eye.

Use them by importing them in a folder's conftest.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from paydesk.sandbox import Sandbox
from tests.contracts.validator import ContractChecker


@pytest.fixture
def contract_checker() -> Iterator[ContractChecker]:
    """Collects violations; the test fails at its end when there are any."""
    checker = ContractChecker()
    yield checker
    checker.verify()


@pytest.fixture
def contract_checked_sandbox(contract_checker: ContractChecker) -> Iterator[Sandbox]:
    """Both emulators on today's date, as PayDesk looks for the payments of these days."""
    with checked_sandbox(contract_checker) as sandbox:
        yield sandbox


@contextmanager
def checked_sandbox(contract_checker: ContractChecker, now: datetime | None = None) -> Iterator[Sandbox]:
    """Both emulators, every request and reply validated; their own crashes fail the test."""
    with Sandbox(seed=1, on_exchange=contract_checker, now=now) as sandbox:
        yield sandbox
    assert not sandbox.crashes, sandbox.crashes
    assert not sandbox.wsapi.violations, sandbox.wsapi.violations
