"""Record a ledger's writes: ``strace`` of a process that takes payments, as a list of operations.

With a folder, a mode and a number of payments as arguments it is that process. ``record`` runs it.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from paydesk.store.database import sqlite as store
from paydesk.store.database.migrate import prepare
from paydesk.store.ledger.ledger import SqlLedger
from tests.fakes.ledger import KEY
from tests.proofs.crash.points import replace
from tests.proofs.races.racer import Race, attempt, desk
from tests.proofs.races.racer import prepare as know_invoices

SUPPORTED = {"wal-full": ("wal", "FULL"), "delete-extra": ("delete", "EXTRA")}
UNSAFE = {"wal-normal": ("wal", "NORMAL"), "delete-normal": ("delete", "NORMAL")}
MODES = SUPPORTED | UNSAFE
"""Journal mode and ``synchronous``: the two pairs PayDesk uses, and two that must lose commits."""

CHECKPOINT_PAGES = 50
"""Pages between two checkpoints, few enough that the recording contains some."""
CALLS = "openat,close,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename"
LEDGER = "power.ledger"


@dataclass(frozen=True, slots=True)
class Op:
    """One operation. ``file`` numbers a file for its whole life, whatever its name.

    ``create``, ``unlink``, ``rename`` and ``dirsync`` concern the folder. ``write``, ``truncate`` and
    ``sync`` concern a file. ``ack`` means that a commit was confirmed, and ``name`` is then the head of the
    event chain.
    """

    kind: str
    file: int = 0
    name: str = ""
    to: str = ""
    offset: int = 0
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Recording:
    """The initial files, and all operations on them."""

    mode: str
    encrypted: bool
    before: dict[str, bytes]
    ops: tuple[Op, ...]

    def save(self, path: Path) -> None:
        """Save as one packed file, for a machine without strace."""
        lines = [{"mode": self.mode, "encrypted": self.encrypted, "before": _texts(self.before)}]
        lines += [asdict(op) | {"data": _text(op.data)} for op in self.ops]
        packed = gzip.compress("\n".join(map(json.dumps, lines)).encode(), mtime=0)
        path.write_bytes(packed)

    @classmethod
    def load(cls, path: Path) -> Recording:
        """Load a saved recording."""
        head, *ops = map(json.loads, gzip.decompress(path.read_bytes()).decode().splitlines())
        before = {name: base64.b64decode(data) for name, data in head["before"].items()}
        made = tuple(Op(**(op | {"data": base64.b64decode(op["data"])})) for op in ops)
        return cls(head["mode"], head["encrypted"], before, made)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _texts(files: dict[str, bytes]) -> dict[str, str]:
    return {name: _text(data) for name, data in files.items()}


# -- the process that is recorded ------------------------------------------------------------------------


def open_in_mode(path: Path, mode: str, key: bytes | None) -> sa.Engine:
    """Open the ledger as PayDesk does, but in this journal mode."""
    journal, synchronous = MODES[mode]
    replace(store, "wal_is_safe", lambda _: journal == "wal")
    engine = store.open_sqlite(path, key)

    def loosen(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")

    sa.event.listen(engine, "connect", loosen)
    return engine


def take_payments(folder: Path, mode: str, payments: int, key: bytes | None) -> None:
    """Pay invoice after invoice. Print the head of the event chain on stdout after every commit."""
    race = Race(str(folder / LEDGER), folder, invoices=payments)
    replace(Race, "engine", lambda _: open_in_mode(folder / LEDGER, mode, key))
    ledger, authorize = desk(race, "Front-1")
    heads = store.open_sqlite(folder / LEDGER, key)
    for name in ("hold", "submit", "record"):
        _acknowledge(ledger, name, heads)
    os.write(1, b"READY\n")
    for number in race.numbers:
        said = attempt(authorize, number)
        assert said == "authorized", said
    os._exit(0)  # not closed, because a power loss is no orderly end


def _acknowledge(ledger: SqlLedger, name: str, heads: sa.Engine) -> None:
    work = getattr(SqlLedger, name)

    def acknowledged(*args: Any) -> Any:
        done = work(ledger, *args)
        with heads.execution_options(**store.READ).connect() as connection:
            query = "SELECT value FROM info WHERE key = 'event_head'"
            head = connection.exec_driver_sql(query).scalar_one()
        os.write(1, f"ACK {head}\n".encode())
        return done

    replace(ledger, name, acknowledged)


# -- reading the trace -----------------------------------------------------------------------------------


def record(folder: Path, mode: str, payments: int, *, encrypted: bool) -> Recording:
    """Take payments under strace. Raises CalledProcessError with strace's message if that fails."""
    key = KEY if encrypted else None
    engine = open_in_mode(folder / LEDGER, mode, key)
    prepare(engine, "training", LEDGER)
    replace(Race, "engine", lambda _: engine)
    know_invoices(Race(str(folder / LEDGER), folder, invoices=payments))
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    out = folder.with_suffix(".strace")
    command = [
        "strace", "-f", "-xx", "-s", "10000000", "-e", f"trace={CALLS}", "-o", str(out), sys.executable, "-m",
        "tests.proofs.crash.recorder", str(folder), mode, str(payments),
        "encrypted" if encrypted else "plain",
    ]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return Recording(mode, encrypted, before, tuple(parse(out.read_text().splitlines(), str(folder), before)))


_LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")


def parse(lines: Iterable[str], folder: str, before: Iterable[str]) -> Iterator[Op]:
    """Yield the operations in a trace on files directly under ``folder``."""
    names = {name: at for at, name in enumerate(before)}
    fresh, open_files = len(names), dict[int, int | str]()
    for line in lines:
        found = _LINE.match(line)
        if found is None or int(found[3]) < 0:
            continue
        call, result = found[1], int(found[3])
        words = [_plain(part) for part in found[2].split(", ")]
        if call == "openat":
            path = words[1]
            if path == folder:
                open_files[result] = "folder"
            elif os.path.dirname(path) == folder and not path.endswith("-shm"):
                name = os.path.basename(path)
                if name not in names:
                    names[name], fresh = fresh, fresh + 1
                    yield Op("create", names[name], name)
                open_files[result] = names[name]
            else:
                open_files.pop(result, None)
        elif call == "close":
            open_files.pop(int(words[0]), None)
        elif call in ("unlink", "rename") and os.path.dirname(words[0]) == folder:
            name = os.path.basename(words[0])
            if name in names:
                file = names.pop(name)
                if call == "rename":
                    names[os.path.basename(words[1])] = file
                yield Op(call, file, name, os.path.basename(words[-1]) if call == "rename" else "")
        elif call == "write" and words[0] == "1":
            said = words[1].split()
            if said[:1] == ["ACK"]:
                yield Op("ack", name=said[1])
        else:
            yield from _file_op(call, found[2], open_files)


def _file_op(call: str, text: str, open_files: dict[int, int | str]) -> Iterator[Op]:
    fd, _, rest = text.partition(", ")
    file = open_files.get(int(fd)) if fd.isdecimal() else None
    if file == "folder" and call in ("fsync", "fdatasync"):
        yield Op("dirsync")
    if not isinstance(file, int):
        return
    if call in ("fsync", "fdatasync"):
        yield Op("sync", file)
    elif call == "ftruncate":
        yield Op("truncate", file, offset=int(rest))
    elif call == "pwrite64":
        quoted, _, offset = rest.rsplit(", ", 2)
        yield Op("write", file, offset=int(offset), data=bytes.fromhex(quoted.strip('"').replace("\\x", "")))


def _plain(word: str) -> str:
    """Return a word of the trace. Quoted words are in hex."""
    if word.startswith('"') and len(word) < 2000:
        return bytes.fromhex(word.strip('".').replace("\\x", "")).decode(errors="replace")
    return word


if __name__ == "__main__":
    _, where, how, count, secret = sys.argv
    take_payments(Path(where), how, int(count), KEY if secret == "encrypted" else None)
