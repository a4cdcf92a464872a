"""Feeds a reader with changed inputs, and keeps those that reach a line of PayDesk that none has reached."""

from __future__ import annotations

import contextlib
import hashlib
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import CodeType, FrameType
from typing import Any

from tests.proofs.fuzz.mutate import mutated
from tests.proofs.fuzz.readers import READERS, Reader

CORPUS = Path(__file__).parent / "corpus"
OURS = str(Path(__file__).parents[3] / "src" / "paydesk")
PATIENCE_S = 60
"""Seconds for one input in a long run. An honest one takes some milliseconds."""
LARGEST_KEPT = 4_000
"""Most bytes of an input that is kept: long ones take the time of many."""
_GUIDED = 0.25
"""Part of the inputs that are traced. Tracing takes five times the time of reading."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An input that a reader neither read nor refused."""

    reader: str
    body: bytes
    error: str

    @property
    def file(self) -> Path:
        """The place of the input in the corpus."""
        return CORPUS / self.reader / f"fault-{hashlib.sha256(self.body).hexdigest()[:10]}"


@dataclass(slots=True)
class Done:
    """The end of a run. ``pool`` are the inputs that reached new lines, the corpus first."""

    reader: str
    executions: int = 0
    faults: list[Fault] = field(default_factory=list)
    pool: list[bytes] = field(default_factory=list)
    lines: set[tuple[CodeType, int]] = field(default_factory=set)


def corpus(reader: str) -> list[bytes]:
    """Return the kept inputs of a reader, in the order of their names."""
    return [path.read_bytes() for path in sorted((CORPUS / reader).iterdir())]


def replay(reader: str) -> Done:
    """Read every kept input once."""
    done = Done(reader)
    for body in corpus(reader):
        _try(READERS[reader], body, done)
    return done


def fuzz(
    reader: str,
    seed: int,
    *,
    executions: int = sys.maxsize,
    until_s: float = float("inf"),
    guided: bool = True,
) -> Done:
    """Read so many changed inputs, or until that time (monotonic). The same seed gives the same inputs.

    ``guided`` keeps those that reach new lines, and changes them further.
    """
    chance, target, done = Random(f"{reader} {seed}"), READERS[reader], Done(reader)
    done.pool += corpus(reader)
    if guided:
        for body in done.pool:
            _new_lines(target, body, done)
    while done.executions < executions and time.monotonic() < until_s:
        body = mutated(chance, done.pool, target.tokens)
        if guided and chance.random() < _GUIDED:
            if _new_lines(target, body, done) and len(body) <= LARGEST_KEPT:
                done.pool.append(body)
        else:
            _try(target, body, done)
    return done


def _try(target: Reader, body: bytes, done: Done) -> None:
    done.executions += 1
    try:
        with _time_limit():
            target.read(body)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        said = f"{type(error).__name__} in {Path(where.filename).name}:{where.lineno}"
        if said not in (fault.error for fault in done.faults):  # one input of a kind is enough
            done.faults.append(Fault(done.reader, body, said))


def _new_lines(target: Reader, body: bytes, done: Done) -> bool:
    """Read an input, and return True if it reached a line of PayDesk that no other has reached."""
    before = len(done.lines)
    with _traced(done.lines):
        _try(target, body, done)
    return len(done.lines) > before


@contextlib.contextmanager
def _traced(lines: set[tuple[CodeType, int]]) -> Iterator[None]:
    def in_our_code(frame: FrameType, event: str, _arg: Any) -> Any:
        if event == "line":
            lines.add((frame.f_code, frame.f_lineno))
        return in_our_code

    def of_call(frame: FrameType, _event: str, _arg: Any) -> Any:
        return in_our_code if frame.f_code.co_filename.startswith(OURS) else None

    before = sys.gettrace()
    sys.settrace(of_call)
    try:
        yield
    finally:
        sys.settrace(before)


class TooSlow(Exception):
    """An input took longer than any honest one."""


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    """Raise TooSlow in the reader after PATIENCE_S, where the system has an alarm and we are alone."""
    if not _ALARM:
        yield
        return
    signal.alarm(PATIENCE_S)
    try:
        yield
    finally:
        signal.alarm(0)


_ALARM: list[bool] = []


def allow_alarm() -> None:
    """Limit the time of each input from now on. For a process of its own: a test's alarm is pytest's."""
    if hasattr(signal, "SIGALRM"):

        def over(*_: object) -> None:
            raise TooSlow(f"more than {PATIENCE_S} seconds")

        signal.signal(signal.SIGALRM, over)
        _ALARM.append(True)
