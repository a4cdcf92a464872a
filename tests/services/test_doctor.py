"""The findings of ``paydesk doctor``: what is well, what has to be done, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from paydesk.domain.errors import KnownError
from paydesk.services.doctor import (
    Finding,
    Level,
    backup_finding,
    clock_finding,
    examine,
    fees_finding,
    printer_finding,
    well,
)
from tests.fakes.world import START, TARIFF


@pytest.mark.parametrize(
    ("skew_s", "level", "words"),
    [
        (0, Level.WELL, "agrees"),
        (120, Level.WELL, "agrees"),
        (-119, Level.WELL, "agrees"),
        (121, Level.DO, "2 minutes ahead of AMS360's"),
        (-3600, Level.DO, "60 minutes behind AMS360's"),
    ],
)
def test_the_clock(skew_s: float, level: Level, words: str) -> None:
    finding = clock_finding("AMS360", START, START + timedelta(seconds=skew_s))
    assert finding.level is level
    assert words in finding.sentence


def test_fees_backups_and_printers() -> None:
    assert fees_finding(None).level is Level.DO
    assert fees_finding(TARIFF) == well("Fees", "set for 3 tenders; ACH up to 15,000.00.")
    now = datetime(2026, 8, 14, 14, 0, tzinfo=UTC)
    assert backup_finding(None, now, "b", 0).level is Level.NOTE
    assert backup_finding(now - timedelta(hours=20), now, "b", 3).level is Level.WELL
    assert "5 days old" in backup_finding(now - timedelta(days=5), now, "b", 3).sentence
    assert printer_finding([]).level is Level.NOTE
    assert printer_finding(["Front", "Back"]) == well("Printer", "Front and 1 more.")


def test_one_failing_check_does_not_hide_the_others() -> None:
    def known() -> Iterable[Finding]:
        raise KnownError("The ledger is on another computer.", "Move it.")

    def ours() -> Iterable[Finding]:
        raise ZeroDivisionError

    found = list(examine([("Ledger", known), ("Clock", ours), ("Fees", lambda: [well("Fees", "set.")])]))
    assert [finding.level for finding in found] == [Level.DO, Level.DO, Level.WELL]
    assert found[0] == Finding("Ledger", Level.DO, "The ledger is on another computer.", "Move it.")
    assert "ZeroDivisionError" in found[1].sentence
