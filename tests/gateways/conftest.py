"""The adapters on the contract-checked emulators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from paydesk.gateways import http
from paydesk.gateways.ams360_ems import Ams360Ems, EmsConfig
from paydesk.gateways.anddone import AndDone, AndDoneConfig
from paydesk.sandbox import Sandbox, keys
from tests.contracts.fixtures import contract_checked_sandbox, contract_checker

__all__ = ["ams360", "anddone", "contract_checked_sandbox", "contract_checker"]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads are tried again at once."""
    monkeypatch.setattr(http, "_PAUSES_S", (0.0, 0.0))


def anddone_config(url: str, **changes: Any) -> AndDoneConfig:
    """The sandbox's keys."""
    config = AndDoneConfig(
        base_url=url,
        api_key=keys.ANDDONE_API_KEY,
        app_key=keys.ANDDONE_APP_KEY,
        origin=keys.ANDDONE_ORIGIN,
        read_timeout_s=20.0,
    )
    return replace(config, **changes)


def ems_config(url: str, **changes: Any) -> EmsConfig:
    """The sandbox's keys, and its way to show receipts."""
    config = EmsConfig(
        base_url=url,
        app_key=keys.AMS360_APP_KEY,
        agency_no=keys.AMS360_AGENCY_NO,
        access_key=keys.AMS360_ACCESS_KEY,
        read_timeout_s=20.0,
        lines_show_receipts=True,
    )
    return replace(config, **changes)


@pytest.fixture
def anddone(contract_checked_sandbox: Sandbox) -> AndDone:
    return AndDone(anddone_config(contract_checked_sandbox.anddone_url))


@pytest.fixture
def ams360(contract_checked_sandbox: Sandbox) -> Ams360Ems:
    return Ams360Ems(ems_config(contract_checked_sandbox.ams360_url))
