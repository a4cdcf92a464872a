"""No web page can reach the emulators: by their name, by a form, or through a name of its own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import pytest

from paydesk.sandbox import Sandbox
from paydesk.sandbox.server import keys

FAULT = json.dumps({"kind": "reset_after"})
JSON = {"content_type": "application/json"}
OFF = json.dumps({"server": "ams360", "listening": False})
CLOCK = json.dumps({"advance_seconds": 86_400})
PAYMENT = json.dumps({"invoice_number": "50123", "amount_cents": 100})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
        assert not running.crashes


@pytest.fixture(params=["anddone", "ams360", "wsapi"])
def port(request: pytest.FixtureRequest, sandbox: Sandbox) -> int:
    return sandbox._servers[request.param].port


def ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    """Send one request with exactly these headers, and a length. ``host`` is the usual one if left out."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"host": f"127.0.0.1:{port}", **names}.items():
            for each in value.split("\n"):
                connection.putheader(name, each)
        connection.putheader("content-length", str(len(body)))
        connection.endheaders(body.encode())
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:80", "127.0.0.1.evil.example", "evil.example.localhost", "",
        "localhost.evil.example", "127.0.0.1@evil.example", "evil.example:127.0.0.1", "127.0.0.1:80:80",
        ":80", "127.0.0.1:x", "[::1]",
        "0.0.0.0", "127.0.0.1, evil.example", "127.0.0.1\nevil.example", "evil.example\n127.0.0.1",
        "127.0.0.2", "localhost.", "2130706433", "127.0.0.1/",
    ],
)  # fmt: skip
def test_another_host_is_refused_everywhere(sandbox: Sandbox, port: int, host: str) -> None:
    for method, path, body in [
        ("GET", "/_sandbox/charges", ""),
        ("POST", "/_sandbox/faults", FAULT),
        ("DELETE", "/_sandbox/faults", ""),
        ("POST", "/_sandbox/listening", OFF),
        ("GET", "/anything", ""),
    ]:
        assert ask(port, method, path, body, **JSON, host=host)[0] == 421, (method, path)
    assert sandbox.faults.listed() == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.1:1", "localhost:65535", " localhost "]
)
def test_this_computer_is_welcome(port: int, host: str) -> None:
    assert ask(port, "GET", "/_sandbox/faults", host=host) == (200, "[]")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://localhost:3000", keys.ANDDONE_ORIGIN]
)
@pytest.mark.parametrize(
    ("path", "body"), [("faults", FAULT), ("clock", CLOCK), ("payments", PAYMENT), ("listening", OFF)]
)
def test_a_page_sets_no_control(sandbox: Sandbox, port: int, origin: str, path: str, body: str) -> None:
    before = (sandbox.faults.listed(), sandbox.charges(), sandbox.clock.now().date())
    assert ask(port, "POST", f"/_sandbox/{path}", body, **JSON, origin=origin)[0] == 403
    assert (sandbox.faults.listed(), sandbox.charges(), sandbox.clock.now().date()) == before
    assert ask(port, "GET", "/_sandbox/faults")[0] == 200, "it listens"


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "text/json"],
)
@pytest.mark.parametrize("path", ["faults", "clock", "payments", "listening", "habits"])
def test_a_form_sets_no_control(sandbox: Sandbox, port: int, kind: str, path: str) -> None:
    """A form without script may post text/plain with no look beforehand, and old browsers send no Origin."""
    body = {"faults": FAULT, "clock": CLOCK, "payments": PAYMENT, "listening": OFF, "habits": '{"on": []}'}[
        path
    ]
    assert ask(port, "POST", f"/_sandbox/{path}", body, content_type=kind)[0] == 415
    assert sandbox.faults.listed() == []


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "anything", ""])
@pytest.mark.parametrize("path", ["/_sandbox/charges", "/_sandbox/balances", "/anything"])
def test_a_picture_or_frame_of_a_page_reads_nothing(port: int, site: str, path: str) -> None:
    assert ask(port, "GET", path, sec_fetch_site=site)[0] == 403


def test_the_address_bar_of_a_browser_may_read(port: int) -> None:
    assert ask(port, "GET", "/_sandbox/balances", sec_fetch_site="none")[0] == 200


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_a_program_sets_controls(sandbox: Sandbox, port: int, kind: str) -> None:
    assert ask(port, "POST", "/_sandbox/faults", FAULT, content_type=kind)[0] == 200
    assert [fault.kind for fault in sandbox.faults.listed()] == ["reset_after"]
    assert ask(port, "DELETE", "/_sandbox/faults") == (200, "[]")


def test_a_look_beforehand_is_not_answered(port: int) -> None:
    """A browser asks with OPTIONS before a script may send JSON. Without a yes, it does not send it."""
    status, _ = ask(port, "OPTIONS", "/_sandbox/faults", origin="https://evil.example")
    assert status == 501


@pytest.mark.parametrize(("name", "path"), [("ams360", "/ems/token"), ("wsapi", "/v3/WSAPIService.svc")])
def test_the_services_refuse_a_page_in_their_own_words(sandbox: Sandbox, name: str, path: str) -> None:
    port = sandbox._servers[name].port
    assert ask(port, "POST", path, "{}", **JSON, origin="https://evil.example")[0] == 403


def test_anddone_judges_the_origin_itself(sandbox: Sandbox) -> None:
    port = sandbox._servers["anddone"].port
    given = {
        "x_api_key": keys.ANDDONE_API_KEY,
        "x_app_key": keys.ANDDONE_APP_KEY,
        "x_version": keys.ANDDONE_VERSION,
    }
    path = "/secure/payments/search"
    status, words = ask(port, "POST", path, "{}", **JSON, **given, origin="https://evil.example")
    assert status == 401
    assert "The origin is not registered." in words
    assert ask(port, "POST", path, "{}", **JSON, **given, origin=keys.ANDDONE_ORIGIN)[0] == 200
    assert ask(port, "POST", path, "{}", **JSON, **given, host="evil.example")[0] == 421
