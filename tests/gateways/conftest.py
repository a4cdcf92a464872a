"""Fixtures with the adapters on the contract-checked emulators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from paydesk.gateways.ams360.ems import Ams360Ems, EmsConfig
from paydesk.gateways.anddone.processor import AndDone, AndDoneConfig
from paydesk.gateways.http import client
from paydesk.sandbox import FaultKind, Sandbox
from paydesk.sandbox.server import keys
from paydesk.sandbox.server.faults import OF_ONE_REPLY
from tests.contracts.fixtures import contract_checked_sandbox, contract_checker
from tests.gateways.hostile import DRIPPED

__all__ = ["ams360", "anddone", "contract_checked_sandbox", "contract_checker"]

LINE_FAULTS = sorted(OF_ONE_REPLY - {*DRIPPED})
"""The emulator's faults. ``Hostile`` plays the dripped ones, each of which costs a total timeout."""
_TRUE_ANSWERS = {FaultKind.SLOW, FaultKind.SLOW_DRIP, FaultKind.LATE, FaultKind.DUPLICATE_LATER}
FALSE_ANSWERS = sorted({*LINE_FAULTS} - _TRUE_ANSWERS)
"""The line faults whose answer is not the true one."""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry reads at once."""
    monkeypatch.setattr(client, "_PAUSES_S", (0.0, 0.0))


def anddone_config(url: str, **changes: Any) -> AndDoneConfig:
    """Return a configuration with the sandbox's keys."""
    config = AndDoneConfig(
        base_url=url,
        api_key=keys.ANDDONE_API_KEY,
        app_key=keys.ANDDONE_APP_KEY,
        origin=keys.ANDDONE_ORIGIN,
        read_timeout_s=20.0,
    )
    return replace(config, **changes)


def ems_config(url: str, **changes: Any) -> EmsConfig:
    """Return a configuration with the sandbox's keys, for lines that show receipts."""
    config = EmsConfig(
        base_url=url,
        app_key=keys.AMS360_APP_KEY,
        agency_no=keys.AMS360_AGENCY_NO,
        access_key=keys.AMS360_ACCESS_KEY,
        read_timeout_s=20.0,
        lines_show_receipts=True,
    )
    return replace(config, **changes)


def anddone_under(kind: FaultKind, url: str) -> AndDone:
    """Return a client that does not wait long for an answer that never comes.

    Under every other fault it has 20 seconds, for busy machines.
    """
    hangs = kind in (FaultKind.HANG_BEFORE, FaultKind.HANG_AFTER)
    return AndDone(anddone_config(url, **({"read_timeout_s": 0.3} if hangs else {})))


@pytest.fixture
def anddone(contract_checked_sandbox: Sandbox) -> AndDone:
    return AndDone(anddone_config(contract_checked_sandbox.anddone_url))


@pytest.fixture
def ams360(contract_checked_sandbox: Sandbox) -> Ams360Ems:
    return Ams360Ems(ems_config(contract_checked_sandbox.ams360_url))
