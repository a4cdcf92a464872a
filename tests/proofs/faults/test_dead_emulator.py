"""The processor's process dies in the middle of a payment, and restarts with its books."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from paydesk.domain.errors import KnownError
from paydesk.gateways.http import client
from paydesk.services.payments.authorize import Step
from tests.proofs.crash.books import Books, differences
from tests.proofs.crash.headless import (
    Order,
    Place,
    SkippingClock,
    draft_of,
    open_headless,
    resolve_all,
    take,
)
from tests.proofs.crash.points import KILL
from tests.proving import seeds, tasted

INVOICES = {"50123": 1_250_00, "50140": 150_00, "50300": 912_40, "50301": 288_00, "50400": 750_00}


class Emulators:
    """Both emulators in another process, always on the same ports and with the same books."""

    def __init__(self, state: Path) -> None:
        self._state = state
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
            self._ports = (one.getsockname()[1], other.getsockname()[1])
        self.anddone_url, self.ams360_url = (f"http://127.0.0.1:{port}" for port in self._ports)
        self.ams360_url += "/ems"
        self.start()

    def start(self) -> None:
        """Start them, and return once both answer."""
        ports = ["--anddone-port", str(self._ports[0]), "--ams360-port", str(self._ports[1])]
        command = [sys.executable, "-m", "paydesk.sandbox", "--child", "--state", str(self._state), *ports]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert b"anddone_url" in self._process.stdout.readline()

    def kill(self) -> None:
        """Kill them as the system would."""
        os.kill(self._process.pid, KILL)
        self._process.communicate()

    def charges(self) -> list[dict[str, Any]]:
        """Return the processor's books."""
        with urllib.request.urlopen(f"{self.anddone_url}/_sandbox/charges", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


@tasted
@pytest.mark.parametrize("seed", seeds(1, 6))
def test_the_processor_is_killed_while_it_charges(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_PAUSES_S", (0.0, 0.01))
    emulators = Emulators(tmp_path / "books")
    clock = SkippingClock(0.0)
    running = open_headless(Place(tmp_path / "desk", emulators.anddone_url, emulators.ams360_url), clock)
    order = Order((tuple(INVOICES)[seed % len(INVOICES)],))
    draft = draft_of(running.desk, order)
    killer = threading.Timer(random.Random(seed).uniform(0.0, 0.03), emulators.kill)

    def charging(step: Step) -> None:
        if step is Step.CHARGING:
            killer.start()

    running.desk.authorize.pay(draft, order.tender, charging)
    killer.join()
    emulators.start()
    resolve_all(running.desk, clock)
    with contextlib.suppress(KnownError):  # it may have been paid the first time
        take(running.desk, order.again())
    running.close()
    charges = emulators.charges()
    emulators.kill()
    assert differences(Books(tmp_path / "desk").read(), charges, INVOICES) == []
    assert sum(charge["approved"] for charge in charges) == 1
