"""The findings of ``paydesk doctor``: what is well and what has to be done, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.posting import PostingChannel
from paydesk.domain.world import LIVE, TEST, TRAINING, WorldKind, world_of
from paydesk.services.desk.doctor import (
    Finding,
    Level,
    backup_finding,
    clock_finding,
    examine,
    fees_finding,
    host_finding,
    posting_finding,
    printer_finding,
    well,
    world_finding,
)
from tests.fakes.world import FEES, START


@pytest.mark.parametrize(
    ("skew_s", "level", "words"),
    [
        (0, Level.WELL, "within"),
        (120, Level.WELL, "within"),
        (-119, Level.WELL, "within"),
        (121, Level.DO, "2 minutes ahead of AMS360's"),
        (-3600, Level.DO, "60 minutes behind AMS360's"),
    ],
)
def test_the_clock(skew_s: float, level: Level, words: str) -> None:
    finding = clock_finding("AMS360", START, START + timedelta(seconds=skew_s))
    assert finding.level is level
    assert words in finding.sentence


def test_every_world_is_said_and_only_the_live_one_is_well() -> None:
    assert world_finding(LIVE).level is Level.WELL
    assert "api.anddone.com" in world_finding(LIVE).sentence
    other = world_of("http://127.0.0.1:8570")
    for world, words in ((TRAINING, "TRAINING"), (TEST, "api.uat.anddone.com"), (other, "127.0.0.1:8570")):
        found = world_finding(world)
        assert (found.level, words in found.sentence) == (Level.NOTE, True)
        assert ("https://api.anddone.com" in found.next_step) == (world != TRAINING)


def test_receipts_of_unreal_payments_in_ams360_are_warned_of() -> None:
    for world in (LIVE, TRAINING, TEST, world_of("https://api2.anddone.com")):
        for channel in PostingChannel:
            wanted = world.kind not in (WorldKind.LIVE, WorldKind.TRAINING) and channel == "ems"
            assert len(list(posting_finding(world, channel))) == wanted


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.ams360.com/ems", ""),
        ("https://wsapi.ams360.com/v3/WSAPIService.svc", ""),
        ("https://WWW.ams360.com:443/ems", ""),
        ("https://www.ams360.com.evil.example/ems", "www.ams360.com.evil.example"),
        ("https://www.ams360.com:8443/ems", "www.ams360.com:8443"),
        ("https://www.ams360.com./ems", "www.ams360.com."),
        ("http://127.0.0.1:8571", "127.0.0.1:8571"),
    ],
)
def test_another_host_of_ams360_is_named(url: str, host: str) -> None:
    found = list(host_finding(url, "ams360.base_url"))
    assert [finding.level for finding in found] == ([Level.NOTE] if host else [])
    assert all(finding.sentence.startswith(f"{host} is not a host of AMS360") for finding in found)


def test_fees_backups_and_printers() -> None:
    assert fees_finding(None).level is Level.DO
    assert fees_finding(FEES) == well("Fees", "set for 3 payment methods; ACH up to $15,000.00.")
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
