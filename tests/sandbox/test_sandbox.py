"""The emulators as a whole: start, stop, run alone, end with their parent."""

from __future__ import annotations

import gc
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import requests

from paydesk.sandbox import ChildSandbox, FaultKind, Sandbox
from paydesk.sandbox.__main__ import main
from paydesk.sandbox.anddone.outcomes import APPROVING_CARDS, DECLINING_CARDS, FAULTS_BY_CENTS, RETURN_CODES
from paydesk.sandbox.server import keys
from tests.sandbox.clients import AndDoneClient, card

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}


def test_it_stops_with_open_connections_and_hanging_requests() -> None:
    threads = threading.active_count()
    with Sandbox() as sandbox:
        idle = socket.create_connection(("127.0.0.1", int(sandbox.anddone_url.rpartition(":")[2])))
        sandbox.faults.always(FaultKind.HANG_AFTER, on="createPaymentIntent")
        with AndDoneClient(sandbox.anddone_url) as client:
            with pytest.raises(requests.ReadTimeout):
                client.session.post(f"{client.url}/secure/paymentintents", data=b"{}", timeout=0.1)
            began = time.monotonic()
            sandbox.stop()
            assert time.monotonic() - began < 2
        idle.close()
    gc.collect()  # an unclosed socket would warn here, and a warning fails the test
    assert threading.active_count() == threads


def test_a_taken_port_is_an_error_that_leaves_nothing_open() -> None:
    with Sandbox() as sandbox:
        taken = int(sandbox.ams360_url.removesuffix("/ems").rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            Sandbox(ams360_port=taken)


def test_connections_stay_open_between_requests() -> None:
    with Sandbox() as sandbox:
        host = sandbox.anddone_url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=5)
        ports = set()
        for _ in range(3):
            connection.request("GET", "/_sandbox/faults")
            assert connection.getresponse().read() == b"[]"
            ports.add(connection.sock.getsockname()[1])
        connection.close()
    assert len(ports) == 1


def test_today_can_be_any_day() -> None:
    with Sandbox(today=date(2031, 1, 2)) as sandbox:
        assert sandbox.ams360.agency.invoices[50_123].due_on == date(2030, 12, 10)
        assert sandbox.clock.now() - datetime.now(UTC) < timedelta(seconds=1)


def test_the_clock_can_start_at_any_moment() -> None:
    start = datetime(2031, 1, 2, 12, tzinfo=UTC)
    with Sandbox(now=start) as sandbox:
        assert sandbox.today == date(2031, 1, 2)
        assert sandbox.clock.now() - start < timedelta(seconds=5)


@pytest.mark.parametrize(("length", "status"), [("999999999", 413), ("many", 400)])
def test_requests_of_no_sensible_length_are_refused(length: str, status: int) -> None:
    with Sandbox() as sandbox:
        host = sandbox.anddone_url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=5)
        connection.putrequest("POST", "/secure/payments")
        connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()


def test_alone_it_says_how_to_use_it_and_ends_on_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    main(["--anddone-port", "0", "--ams360-port", "0"])
    text = capsys.readouterr().out
    for word in (keys.ANDDONE_API_KEY, keys.AMS360_APP_KEY, *APPROVING_CARDS, *DECLINING_CARDS):
        assert word in text
    assert text.endswith("The emulators have ended.\n")


def test_as_a_child_it_serves_and_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    with ChildSandbox() as child:
        with AndDoneClient(child.anddone_url) as client:
            assert client.pay(client.intent(10.0), card(10.0)).status_code == 201
        assert requests.get(f"{child.anddone_url}/_sandbox/charges", timeout=5).json()[0]["approved"]
        assert requests.post(child.wsapi_url, timeout=5).status_code == 500, "no SOAP"
        notes = child.wsapi_url.replace("/v3/WSAPIService.svc", "/_sandbox/notes")
        assert requests.get(notes, timeout=5).json() == []
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{child.anddone_url}/_sandbox/charges", timeout=5)


def test_the_child_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from paydesk.sandbox import ChildSandbox; import time;"
            "print(ChildSandbox().anddone_url, flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        cwd=ROOT,
    )
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    assert requests.get(f"{url}/_sandbox/faults", timeout=5).json() == []
    parent.kill()
    parent.communicate()
    with pytest.raises(requests.ConnectionError):
        _ask_until_it_ends(url)


def _ask_until_it_ends(url: str) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        requests.get(f"{url}/_sandbox/faults", timeout=5)
        time.sleep(0.05)


def test_a_child_that_does_not_start_is_said() -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        ChildSandbox([sys.executable, "-c", "print('no address')"])


def test_the_manual_lists_every_card_amount_and_fault() -> None:
    manual = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    for word in (*APPROVING_CARDS, *DECLINING_CARDS, *RETURN_CODES, *(kind.value for kind in FaultKind)):
        assert f"`{word}`" in manual or f"| {word} |" in manual, word
    for cents, fault in FAULTS_BY_CENTS.items():
        assert f"| 7,777.{cents:02d} | `{fault.kind}`" in manual
