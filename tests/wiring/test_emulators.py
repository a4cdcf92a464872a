"""All training windows of a folder use one set of emulators, also after its first window has ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.sandbox.addresses import Addresses, process_at, read
from paydesk.sandbox.sandbox import Sandbox
from paydesk.sandbox.server.http import LoopbackServer
from paydesk.wiring import emulators
from paydesk.wiring.emulators import SharedEmulators

TODAY = date(2026, 8, 14)

WINDOW = """
import sys, time
from pathlib import Path
from paydesk.config.paths import Paths
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.selection import select
from paydesk.domain.payment import Draft, Payer
from paydesk.domain.tender import TenderKind
from paydesk.wiring import emulators
from paydesk.wiring.desk import open_desk
from tests.fakes.world import CARD

emulators.TAKE_OVER_S = 0.02
name = sys.argv[2]
running = open_desk(Paths(Path(sys.argv[1]), training=True), seat=(name, name))
desk = running.desk

def pay(number):
    selection = select(desk.lookup.by_invoice(number).rows, [number])
    quote = desk.quotes(selection.subtotal)[TenderKind.CREDIT_CARD]
    payer = Payer("Dana Reyes", customer_number="1001", customer_name="Sample Bakery LLC")
    return desk.authorize.pay(Draft(selection.lines, payer, quote, Channel.PHONE), CARD).state

def void(number):
    [payment] = [one for one in desk.ledger.payments(limit=9) if number in str(one.draft.lines)]
    return desk.voids.void(payment.id, "Wrong invoice").state

def reach(number):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            desk.lookup.by_invoice(number)
            return "reached"
        except KnownError:
            time.sleep(0.02)
    return "not reached"

print(running.sandbox is not None, flush=True)
for line in sys.stdin:
    act, number = line.split()
    print({"pay": pay, "void": void, "reach": reach}[act](number), flush=True)
running.close()
"""


class Window:
    """A training desk in a process of its own, told by lines what to do."""

    def __init__(self, base: Path, name: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WINDOW, str(base), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self.runs_them = self._line() == "True"

    def does(self, what: str) -> str:
        """Let it do something. Returns what came of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self._line()

    def close(self) -> None:
        """Close it as a person does."""
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self.process.kill()
        self.process.communicate(timeout=60)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def window(opened: ExitStack, base: Path, name: str) -> Window:
    made = Window(base, name)
    opened.callback(made.kill)
    return made


@pytest.mark.parametrize("crash", [False, True], ids=["closed", "killed"])
def test_two_windows_share_the_emulators_until_the_last_one_ends(
    tmp_path: Path, opened: ExitStack, crash: bool
) -> None:
    base = tmp_path / "desk"
    first, second = window(opened, base, "Front-1"), window(opened, base, "Front-2")
    assert (first.runs_them, second.runs_them) == (True, False)
    assert first.does("pay 50123") == "authorized"
    assert second.does("void 50123") == "voided", "the other window's charge is there"
    (first.kill if crash else first.close)()
    assert second.does("reach 50140") == "reached"
    assert second.does("pay 50140") == "authorized"
    third = window(opened, base, "Front-3")
    assert not third.runs_them, "the second window has taken them over"
    assert third.does("void 50140") == "voided"
    charges = json.loads((base / "sandbox.state").read_text("utf-8"))["charges"]
    assert len(charges) == 2, "one set of books knows both"


def _shared(opened: ExitStack, base: Path) -> SharedEmulators:
    return opened.enter_context(SharedEmulators(Paths(base, training=True), TODAY))


def test_the_file_of_an_ended_process_is_not_believed(tmp_path: Path, opened: ExitStack) -> None:
    (tmp_path / "sandbox.json").write_text(
        '{"anddone_port": 1, "ams360_port": 2, "wsapi_port": 3, "process": 4}', encoding="utf-8"
    )
    found = _shared(opened, tmp_path)
    assert found.sandbox is not None
    assert process_at(found.addresses) == os.getpid()
    assert read(tmp_path / "sandbox.json") == (found.addresses, os.getpid())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"anddone_port": "x"}', "null"])
def test_an_unreadable_file_is_no_address(tmp_path: Path, opened: ExitStack, text: str) -> None:
    (tmp_path / "sandbox.json").write_text(text, encoding="utf-8")
    assert read(tmp_path / "sandbox.json") is None
    assert _shared(opened, tmp_path).sandbox is not None


def test_the_next_start_has_the_last_ports_and_others_if_they_are_taken(
    tmp_path: Path, opened: ExitStack
) -> None:
    with SharedEmulators(Paths(tmp_path, training=True), TODAY) as first:
        ports = first.addresses
    with SharedEmulators(Paths(tmp_path, training=True), TODAY) as again:
        assert again.addresses == ports
    other = LoopbackServer(ports.ams360_port, lambda _request, line: line.close())
    opened.callback(other.stop)
    assert _shared(opened, tmp_path).addresses.ams360_port != ports.ams360_port


def test_another_program_at_the_last_ports_is_left_alone(tmp_path: Path, opened: ExitStack) -> None:
    stranger = opened.enter_context(Sandbox(today=TODAY))
    stranger.addresses.write(tmp_path / "sandbox.json")
    assert _shared(opened, tmp_path).addresses != stranger.addresses


def test_a_window_that_holds_the_lock_and_does_not_answer_is_said(
    tmp_path: Path, opened: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _shared(opened, tmp_path)
    assert first.sandbox is not None
    first.sandbox.refuse_connections()
    monkeypatch.setattr(emulators, "START_WAIT_S", 0.0)
    with pytest.raises(KnownError, match="don't answer"):
        _shared(opened, tmp_path)
    first.sandbox.accept_connections()
    assert _shared(opened, tmp_path).addresses == first.addresses


def test_a_folder_that_cannot_be_locked_is_not_shared(tmp_path: Path, opened: ExitStack) -> None:
    (tmp_path / "file").write_text("in the way")
    found = _shared(opened, tmp_path / "file")
    assert found.sandbox is not None
    found.take_over()
    assert process_at(found.addresses) == os.getpid()


def test_nobody_answers_where_nothing_listens(tmp_path: Path) -> None:
    with Sandbox(today=TODAY) as ended:
        ports = ended.addresses
    assert process_at(ports) is None
    assert process_at(Addresses(1, 1, 1)) is None
