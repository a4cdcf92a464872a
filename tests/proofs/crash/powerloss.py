"""``python -m tests.proofs.crash.powerloss``: the state of a ledger after a power loss at any write.

A crash state is built from a recording. Of each file it has the synced content, and of the unsynced writes
none, all, some, or some 512-byte sectors of some. Of the folder it has the synced state and a first part of
the operations since. The state is then opened as after a restart.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from paydesk.store.database.sqlite import driver
from tests.fakes.ledger import KEY
from tests.proofs.crash.recorder import LEDGER, SUPPORTED, UNSAFE, Op, Recording, record
from tests.proofs.crash.syscalls import missing

SECTOR = 512
PAYMENTS = 30


@dataclass(slots=True)
class File:
    """One file: its synced content, and the operations since."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[Op] = field(default_factory=list)

    def sync(self) -> None:
        """Apply all operations: they are on the disk now."""
        self.synced = _applied(self.synced, self.pending)
        self.pending = []

    def after_power_loss(self, chance: random.Random) -> bytes:
        """Return one of the contents that the disk may have."""
        how = chance.choice(("none", "all", "some", "torn"))
        if how == "none":
            return bytes(self.synced)
        kept = self.pending if how == "all" else [op for op in self.pending if chance.random() < 0.5]
        if how == "torn":
            kept = [part for op in kept for part in _sectors(op, chance)]
        return bytes(_applied(self.synced, kept))


def _sectors(op: Op, chance: random.Random) -> Iterator[Op]:
    """Yield some sectors of a write. A change of length happens whole or not at all."""
    if op.kind != "write":
        yield op
        return
    for at in range(0, len(op.data), SECTOR):
        if chance.random() < 0.7:
            yield Op("write", op.file, offset=op.offset + at, data=op.data[at : at + SECTOR])


def _applied(content: bytearray, ops: list[Op]) -> bytearray:
    made = bytearray(content)
    for op in ops:
        if op.kind == "truncate":
            made = made[: op.offset] + bytes(max(0, op.offset - len(made)))
        else:
            made += bytes(max(0, op.offset - len(made)))
            made[op.offset : op.offset + len(op.data)] = op.data
    return made


class Disk:
    """The folder during the replay of a recording."""

    def __init__(self, before: dict[str, bytes]) -> None:
        self._files = {at: File(bytearray(data)) for at, data in enumerate(before.values())}
        self._synced_names = {name: at for at, name in enumerate(before)}
        self._pending: list[Op] = []
        self.acknowledged: list[str] = []

    def do(self, op: Op) -> None:
        """Replay one operation."""
        match op.kind:
            case "write" | "truncate":
                self._files[op.file].pending.append(op)
            case "sync":
                self._files[op.file].sync()
            case "dirsync":
                self._synced_names, self._pending = self._names(len(self._pending)), []
            case "ack":
                self.acknowledged.append(op.name)
            case _:
                if op.kind == "create":
                    self._files[op.file] = File()
                self._pending.append(op)

    def after_power_loss(self, folder: Path, chance: random.Random) -> None:
        """Write one of the states that the disk may be in."""
        for old in folder.iterdir():
            old.unlink()
        for name, file in self._names(chance.randint(0, len(self._pending))).items():
            (folder / name).write_bytes(self._files[file].after_power_loss(chance))

    def _names(self, done: int) -> dict[str, int]:
        """Return the folder after the first ``done`` unsynced operations."""
        names = dict(self._synced_names)
        for op in self._pending[:done]:
            if op.kind == "create":
                names[op.name] = op.file
            else:
                names.pop(op.name, None)
                if op.kind == "rename":
                    names[op.to] = op.file
        return names


@dataclass(slots=True)
class Losses:
    """Findings in the states of one mode. The unit is commits."""

    states: int = 0
    corrupt: int = 0
    torn: int = 0
    lost: int = 0
    worst: int = 0
    kept_more: int = 0
    """States with a commit that was not confirmed yet, which is legal."""


def search(recording: Recording, states: int, folder: Path, seed: int = 1) -> Losses:
    """Build that many states, at positions all over the recording, and open each."""
    chance, losses = random.Random(seed), Losses()
    positions = sorted(chance.randint(1, len(recording.ops)) for _ in range(states))
    heads = [op.name for op in recording.ops if op.kind == "ack"]
    disk, played = Disk(recording.before), 0
    for position in positions:
        for op in recording.ops[played:position]:
            disk.do(op)
        played = position
        disk.after_power_loss(folder, chance)
        _look(folder, recording, heads, len(disk.acknowledged), losses)
    return losses


def _look(folder: Path, recording: Recording, heads: list[str], confirmed: int, losses: Losses) -> None:
    """Open the ledger as after a restart, and compare its event chain with the confirmed one."""
    losses.states += 1
    connection = driver().connect(str(folder / LEDGER))
    try:
        if recording.encrypted:
            connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
            connection.execute("PRAGMA cipher_log_level = NONE")
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        events = [row[0] for row in connection.execute("SELECT hash FROM event ORDER BY seq")]
        head = connection.execute("SELECT value FROM info WHERE key = 'event_head'").fetchone()[0]
    except (driver().DatabaseError, MemoryError):
        losses.corrupt += 1
        return
    finally:
        connection.close()
    losses.corrupt += not whole
    if (events[-1] if events else head) != head or (head in heads and events != _chain(heads, events)):
        losses.torn += 1
    kept = heads.index(head) + 1 if head in heads else 0
    losses.lost += kept < confirmed
    losses.worst = max(losses.worst, confirmed - kept)
    losses.kept_more += kept > confirmed


def _chain(heads: list[str], events: list[str]) -> list[str]:
    """Return the required events: one of each commit in order, after those of the start."""
    started = len(events) - (heads.index(events[-1]) + 1)
    return events[:started] + heads[: len(events) - started]


def main() -> int:
    """Test every mode. Returns 1 if a supported mode loses anything, or an unsafe one nothing."""
    parser = argparse.ArgumentParser(prog="dev.py powerloss")
    parser.add_argument("--states", type=int, default=8000)
    parser.add_argument("--save", type=Path, help="keep short recordings of an unencrypted ledger there")
    options = parser.parse_args()
    why = missing()
    if why:
        print(why, file=sys.stderr)
        return 2
    failed = False
    for mode in SUPPORTED | UNSAFE:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as place:
            ledger, crashed = Path(place, "ledger"), Path(place, "crashed")
            ledger.mkdir()
            crashed.mkdir()
            if options.save:
                record(ledger, mode, 4, encrypted=False).save(options.save / f"{mode}.recording.gz")
                continue
            recording = record(ledger, mode, PAYMENTS, encrypted=True)
            losses = search(recording, options.states, crashed)
        commits = sum(op.kind == "ack" for op in recording.ops)
        name = f"{mode} (control)" if mode in UNSAFE else mode
        print(
            f"{name}: {commits} commits in {len(recording.ops)} operations, {losses.states} states: "
            f"{losses.corrupt} corrupt, {losses.torn} torn, {losses.lost} that lost confirmed commits "
            f"(at most {losses.worst}), {losses.kept_more} with one more than was confirmed, "
            f"{time.monotonic() - began:.0f} s",
            flush=True,
        )
        harmed = losses.corrupt + losses.torn + losses.lost
        failed |= harmed > 0 if mode in SUPPORTED else losses.lost == 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
