"""Lines for the system's own log: nothing waits for it, and nothing fails with it."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from paydesk.config import system_log
from paydesk.config.system_log import SystemLog, windows_writer

REAL_WRITER = system_log.writer
"""Kept at the import: the tests' fixture replaces it."""


def use(monkeypatch: pytest.MonkeyPatch, write: Callable[[str], None]) -> None:
    """Let lines go to that function."""
    monkeypatch.setattr(system_log, "writer", lambda: write)


def test_lines_are_written_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    use(monkeypatch, lines.append)
    to = SystemLog()
    for number in range(100):
        to.say(str(number))
    to.close()
    assert lines == [str(number) for number in range(100)]


def test_a_log_that_hangs_delays_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, let_go, lines = threading.Event(), threading.Event(), []

    def hang(line: str) -> None:
        begun.set()
        let_go.wait(60)
        lines.append(line)

    use(monkeypatch, hang)
    monkeypatch.setattr(system_log, "_CLOSE_S", 0.01)
    to = SystemLog()
    to.say("first")
    assert begun.wait(60)
    for _ in range(1000):
        to.say("more")
    to.close()
    assert lines == [], "it still hangs, and nobody waited"
    let_go.set()


def test_a_log_that_fails_leaves_the_lines_to_our_own(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(line: str) -> None:
        raise OSError("no log here")

    use(monkeypatch, fail)
    with caplog.at_level(logging.INFO, logger="paydesk"):
        to = SystemLog()
        to.say("The ledger ends with event abc.")
        to.say("The ledger ends with event def.")
        to.close()
    assert [record.getMessage() for record in caplog.records] == [
        "The ledger ends with event abc. The system's log took no line.",
        "The ledger ends with event def. The system's log took no line.",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no syslog")
def test_a_line_goes_to_syslog(monkeypatch: pytest.MonkeyPatch) -> None:
    import syslog

    said: list[tuple[object, ...]] = []
    monkeypatch.setattr(syslog, "openlog", lambda *words: said.append(words))
    monkeypatch.setattr(syslog, "syslog", lambda *words: said.append(words))
    REAL_WRITER()("The ledger ends with 100 % of %s.")
    assert said == [
        ("PayDesk", syslog.LOG_PID, syslog.LOG_USER),
        (syslog.LOG_NOTICE, "The ledger ends with 100 % of %s."),
    ]


class Function:
    """A function of a library, as ctypes shows it. It keeps what it was called with."""

    def __init__(self, answer: int) -> None:
        self.argtypes: tuple[Any, ...] = ()
        self.restype: Any = None
        self.answer = answer
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *values: Any) -> int:
        assert len(values) == len(self.argtypes)
        for kind, value in zip(self.argtypes, values, strict=True):
            kind.from_param(value)  # raises for a value that ctypes would refuse
        self.calls.append(values)
        return self.answer


class Advapi32:
    """The part of Windows' library that writes events."""

    def __init__(self, *, source: int = 7, reported: int = 1) -> None:
        self.RegisterEventSourceW = Function(source)
        self.ReportEventW = Function(reported)


def test_windows_gets_an_event_with_the_line() -> None:
    library = Advapi32()
    write = windows_writer(library)
    write("The ledger ends with event abc.")
    assert library.RegisterEventSourceW.calls == [(None, "PayDesk")]
    (call,) = library.ReportEventW.calls
    assert (call[:7], list(call[7]), call[8]) == (
        (7, 4, 0, 1, None, 1, 0),
        ["The ledger ends with event abc."],
        None,
    )


def test_windows_without_its_log_says_so() -> None:
    with pytest.raises(OSError, match="source"):
        windows_writer(Advapi32(source=0))
    with pytest.raises(OSError, match="not reported"):
        windows_writer(Advapi32(reported=0))("line")
