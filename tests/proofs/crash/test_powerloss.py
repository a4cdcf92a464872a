"""Power loss at any write: recorded writes are replayed, here without strace."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.proofs.crash.powerloss import Disk, search
from tests.proofs.crash.recorder import SUPPORTED, UNSAFE, Op, Recording, parse
from tests.proving import cases, tasted

RECORDINGS = Path(__file__).parent / "recordings"
STATES, OF_A_CONTROL = cases(400, 8_000), 400


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """Make the folder for a state."""
    folder = tmp_path / "crashed"
    folder.mkdir()
    return folder


@tasted
@pytest.mark.parametrize("mode", SUPPORTED)
def test_no_confirmed_commit_is_lost(mode: str, crashed: Path) -> None:
    losses = search(Recording.load(RECORDINGS / f"{mode}.recording.gz"), STATES, crashed)
    assert (losses.corrupt, losses.torn, losses.lost) == (0, 0, 0)
    assert losses.kept_more > 0, "no state lay between a commit and its confirmation"


@pytest.mark.parametrize("mode", UNSAFE)
def test_control_an_unsafe_mode_loses_commits(mode: str, crashed: Path) -> None:
    losses = search(Recording.load(RECORDINGS / f"{mode}.recording.gz"), OF_A_CONTROL, crashed)
    assert losses.lost > OF_A_CONTROL // 20


def test_a_trace_is_read_as_operations_on_files() -> None:
    def text(plain: str) -> str:
        return '"' + "".join(f"\\x{byte:02x}" for byte in plain.encode()) + '"'

    lines = [
        f"7 openat(AT_FDCWD, {text('/d/ledger')}, O_RDWR|O_CREAT, 0644) = 3",
        f"7 openat(AT_FDCWD, {text('/d/ledger-journal')}, O_RDWR|O_CREAT, 0644) = 4",
        f"7 pwrite64(4, {text('ab')}, 2, 512) = 2",
        f"7 pwrite64(5, {text('elsewhere')}, 9, 0) = 9",
        "7 fdatasync(4) = 0",
        f"7 openat(AT_FDCWD, {text('/d')}, O_RDONLY) = 5",
        "7 fdatasync(5) = 0",
        "7 close(5) = 0",
        f"7 unlink({text('/d/ledger-journal')}) = 0",
        f"7 unlink({text('/d/none')}) = -1 ENOENT (No such file or directory)",
        f"7 write(1, {text('ACK 00ff')}, 8) = 8",
    ]
    assert list(parse(lines, "/d", ["ledger"])) == [
        Op("create", 1, "ledger-journal"),
        Op("write", 1, offset=512, data=b"ab"),
        Op("sync", 1),
        Op("dirsync"),
        Op("unlink", 1, "ledger-journal"),
        Op("ack", name="00ff"),
    ]


def test_what_was_synced_is_in_every_state(crashed: Path) -> None:
    disk = Disk({"ledger": b"old"})
    for op in (
        Op("write", 0, offset=0, data=b"new"),
        Op("sync", 0),
        Op("create", 1, "journal"),
        Op("write", 1, offset=2, data=b"x"),
        Op("dirsync"),
        Op("sync", 1),
        Op("unlink", 1, "journal"),
    ):
        disk.do(op)
    seen = set()
    for seed in range(40):
        disk.after_power_loss(crashed, random.Random(seed))
        seen.add(tuple(sorted((file.name, file.read_bytes()) for file in crashed.iterdir())))
    assert seen == {(("ledger", b"new"),), (("journal", b"\0\0x"), ("ledger", b"new"))}
