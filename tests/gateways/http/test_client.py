"""The HTTP client: what it proves, what it retries, and what it never reveals."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
import urllib3.util.connection
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.typed.sealed import Sealed
from paydesk.gateways.http import client as http
from paydesk.gateways.http import json_text, wire
from paydesk.gateways.http.call import Call, CallFailed, Distrust, Limits, NeverSent, NotTrusted
from paydesk.gateways.http.client import Client
from paydesk.gateways.http.fields import WrongAnswer
from paydesk.sandbox import FaultKind
from tests.gateways.hostile import BROKEN, Act, Hostile, reply

HERE = Path(__file__).parents[1]
QUICK = Limits(connect_s=0.5, read_s=0.3, total_s=0.6)
"""Timeouts for answers that never come."""
PATIENT = Limits(connect_s=10, read_s=20, total_s=30)
"""Timeouts for answers that come, on a busy machine."""
CARD = "4111111111111111"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_PAUSES_S", (0.0, 0.0))


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Reserve a port without a server during the test."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch) -> list[bytearray]:
    """Keep the body of each call."""
    made: list[bytearray] = []

    def to_body(value: Mapping[str, object]) -> bytearray:
        made.append(json_text.to_body(value))
        return made[-1]

    monkeypatch.setattr(http, "to_body", to_body)
    return made


def call(url: str) -> Call:
    body = {"tenderInfo": {"cardNumber": CARD, "cvv": "c0de", "cardExpiry": "m0y0"}}
    return Call("POST", f"{url}/secure/payments", {"x-api-key": "the-api-key"}, body)


def failure_of(client: Client, target: Call) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        client.once(target)
    return caught.value


def test_an_answer_arrives_whole() -> None:
    with Hostile(reply(201, {"a": 1.10})) as server:
        answer = Client(PATIENT).once(call(server.url))
        assert (answer.status, answer.fields().money("a").cents) == (201, 110)  # type: ignore[union-attr]
        assert b'"cardNumber":"4111111111111111"' in server.requests[0]


def test_chunks_are_an_answer_too() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    with Hostile(lambda line: line.send_raw(chunked)) as server:
        assert Client(PATIENT).once(call(server.url)).body == b"{}"


# Never sent


def test_a_refused_connection_was_never_sent(closed_port: int) -> None:
    assert isinstance(failure_of(Client(PATIENT), call(f"http://127.0.0.1:{closed_port}")), NeverSent)


def test_a_name_that_does_not_exist_was_never_sent() -> None:
    assert isinstance(failure_of(Client(PATIENT), call("https://nobody.invalid")), NeverSent)


def test_a_connection_that_times_out_was_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_slow(*_: object, **__: object) -> socket.socket:
        raise TimeoutError("timed out")

    monkeypatch.setattr(urllib3.util.connection, "create_connection", too_slow)
    assert isinstance(failure_of(Client(QUICK), call("http://127.0.0.1:9")), NeverSent)


def test_a_name_that_takes_for_ever_is_not_used_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """No timeout interrupts the system's resolver, so the time is checked before the first byte."""
    connect = urllib3.util.connection.create_connection

    def slow(*args: object, **kwargs: object) -> socket.socket:
        time.sleep(0.8)
        return connect(*args, **kwargs)  # type: ignore[arg-type]  # passed on unchanged

    monkeypatch.setattr(urllib3.util.connection, "create_connection", slow)
    with Hostile(reply(200)) as server:
        assert isinstance(failure_of(Client(QUICK), call(server.url)), NeverSent)
        assert server.requests == []


@pytest.mark.parametrize("kind", BROKEN)
def test_every_other_failure_may_have_been_carried_out(kind: FaultKind, bodies: list[bytearray]) -> None:
    with Hostile(kind) as server:
        started = time.monotonic()
        failure = failure_of(Client(QUICK), call(server.url))
        assert not isinstance(failure, NeverSent)
        assert time.monotonic() - started < 5.0
        assert len(server.requests) == 1
    assert [any(body) for body in bodies] == [False], "overwritten"


# The body is overwritten


SEALED = {"tenderInfo": {"cardNumber": Sealed(CARD), "cardExpiry": "0330", "cvv": Sealed("737")}}
PLAIN = {"tenderInfo": {"cardNumber": CARD, "cardExpiry": "0330", "cvv": "737"}}


def test_sealed_digits_are_sent_like_a_text_of_them(bodies: list[bytearray]) -> None:
    with Hostile(reply(200)) as server:
        for body in (SEALED, PLAIN):
            Client(PATIENT).once(Call("POST", f"{server.url}/secure/payments", {"x-a": "b"}, body))
        sealed, plain = server.requests
    assert sealed == plain
    whole = json_text.to_json(PLAIN).encode()
    assert sealed.endswith(b"\r\n\r\n" + whole)
    assert f"\r\nContent-Length: {len(whole)}\r\n".encode() in sealed
    assert b"chunked" not in sealed
    assert bodies == [bytes(len(whole))] * 2, "both are overwritten"


def test_what_was_never_sent_leaves_no_body(closed_port: int, bodies: list[bytearray]) -> None:
    failure_of(Client(PATIENT), Call("POST", f"http://127.0.0.1:{closed_port}", {}, SEALED))
    assert not any(bodies[0])


def test_each_try_of_a_read_has_its_own_body(bodies: list[bytearray]) -> None:
    with Hostile(reply(503), reply(200)) as server:
        Client(PATIENT).read(Call("POST", server.url, {}, SEALED))
        assert [request.partition(b"\r\n\r\n")[2] for request in server.requests] == [
            json_text.to_json(PLAIN).encode()
        ] * 2
    assert [any(body) for body in bodies] == [False, False]


def test_a_call_without_a_body_sends_none() -> None:
    with Hostile(reply(200)) as server:
        Client(PATIENT).once(Call("POST", server.url, {}))
        assert server.requests[0].endswith(b"Content-Length: 0\r\n\r\n")
        assert b"Content-Type" not in server.requests[0]


# Retries


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503, 504])
def test_once_is_once(status: int) -> None:
    with Hostile(reply(status, b"<html>", "Retry-After: 0\r\n")) as server:
        assert Client(PATIENT).once(call(server.url)).status == status
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_outlives_a_short_fault(status: int) -> None:
    with Hostile(reply(status, b"<html>"), FaultKind.RESET_AFTER, reply(200)) as server:
        assert Client(PATIENT).read(call(server.url)).status == 200
        assert len(server.requests) == 3


def test_a_read_is_tried_three_times_at_most() -> None:
    with Hostile(reply(503)) as server:
        assert Client(PATIENT).read(call(server.url)).status == 503
        assert len(server.requests) == 3


def test_a_slow_fault_is_not_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_TRY_AGAIN_WITHIN_S", -1.0)
    with Hostile(reply(504)) as server:
        assert Client(PATIENT).read(call(server.url)).status == 504
        assert len(server.requests) == 1


@pytest.mark.parametrize("act", [reply(500), reply(404), reply(429)])
def test_a_read_that_was_answered_is_not_repeated(act: Act) -> None:
    with Hostile(act) as server:
        Client(PATIENT).read(call(server.url))
        assert len(server.requests) == 1


def test_a_read_is_not_repeated_after_silence() -> None:
    with Hostile(FaultKind.HANG_AFTER) as server:
        with pytest.raises(CallFailed, match="no data for"):
            Client(QUICK).read(call(server.url))
        assert len(server.requests) == 1


def test_no_redirect_is_followed() -> None:
    with (
        Hostile(reply(200)) as elsewhere,
        Hostile(reply(307, None, f"Location: {elsewhere.url}/\r\n")) as server,
    ):
        assert Client(PATIENT).once(call(server.url)).status == 307
        assert Client(PATIENT).read(call(server.url)).status == 307
        assert elsewhere.connections == 0


# The connection


def test_reads_share_a_connection_and_a_charge_gets_its_own() -> None:
    with Hostile(reply(200, None, "Set-Cookie: stick=1\r\n")) as server:
        client = Client(PATIENT)
        client.read(call(server.url))
        client.read(call(server.url))
        assert server.connections == 1
        client.once(call(server.url))
        assert server.connections == 2
        assert b"Connection: close" in server.requests[2]
        assert not any(b"cookie" in request.lower() for request in server.requests)


def test_an_idle_connection_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_IDLE_S", -1.0)
    with Hostile(reply(200)) as server:
        client = Client(PATIENT)
        client.read(call(server.url))
        client.read(call(server.url))
        assert server.connections == 2


def test_threads_do_not_share_connections() -> None:
    with Hostile(reply(200)) as server:
        client = Client(PATIENT)
        client.read(call(server.url))
        thread = threading.Thread(target=lambda: client.read(call(server.url)))
        thread.start()
        thread.join()
        assert server.connections == 2


def test_the_surroundings_do_not_matter(
    monkeypatch: pytest.MonkeyPatch, closed_port: int, basedir: Path
) -> None:
    """The client uses no proxy, no certificate bundle and no .netrc of the user."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    (basedir / ".netrc").write_text("default login someone password something\n")
    with Hostile(reply(200)) as server:
        assert Client(PATIENT).once(call(server.url)).status == 200
        assert b"uthorization" not in server.requests[0]


# TLS. The keys in the .pem files were made for these tests and open nothing.


def trust(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))


def test_a_trusted_server_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    trust(monkeypatch, HERE / "loopback.pem")
    with Hostile(reply(200), certificate=HERE / "loopback.pem") as server:
        assert Client(PATIENT).once(call(f"https://localhost:{server.port}")).status == 200


def test_the_keys_of_a_connection_are_not_logged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    trust(monkeypatch, HERE / "loopback.pem")
    with Hostile(reply(200), certificate=HERE / "loopback.pem") as server:
        assert Client(PATIENT).once(call(f"https://localhost:{server.port}")).status == 200
    assert not (tmp_path / "keys.log").exists()


def test_tls_is_new_and_checks_certificate_and_name() -> None:
    tls = wire._tls()
    assert tls.minimum_version is ssl.TLSVersion.TLSv1_2
    assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("held", "trusted", "host", "distrust"),
    [
        ("loopback.pem", None, "localhost", Distrust.UNKNOWN_ISSUER),
        ("loopback.pem", "loopback.pem", "127.0.0.1", Distrust.OTHER_NAME),
        ("expired.pem", "expired.pem", "localhost", Distrust.OUT_OF_DATE),
    ],
    ids=["self-signed", "another host's", "expired"],
)
def test_a_server_that_cannot_prove_itself_gets_no_byte(
    held: str, trusted: str | None, host: str, distrust: Distrust, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trusted:
        trust(monkeypatch, HERE / trusted)
    with Hostile(reply(200), certificate=HERE / held) as server:
        failure = failure_of(Client(PATIENT), call(f"https://{host}:{server.port}"))
        assert isinstance(failure, NotTrusted)
        assert failure.distrust is distrust
        assert server.requests == []


def test_a_handshake_that_stalls_is_not_surely_unsent() -> None:
    """It looks like a read that times out after the request."""
    with Hostile(FaultKind.HANG_AFTER) as server:
        failure = failure_of(Client(QUICK), call(f"https://localhost:{server.port}"))
        assert not isinstance(failure, NeverSent)


def test_a_server_without_tls_is_not_answered() -> None:
    with Hostile(reply(200)) as server:
        failure = failure_of(Client(QUICK), call(f"https://localhost:{server.port}"))
        assert not isinstance(failure, NeverSent | NotTrusted)
        assert server.requests == []


def test_a_number_of_openssl_that_names_no_cause_is_other() -> None:
    assert wire.distrust_of(79) is Distrust.OTHER


# Secrets


@pytest.mark.parametrize("name", [*BROKEN, "ok", "refused"])
def test_nothing_secret_gets_out(name: str, closed_port: int, caplog: pytest.LogCaptureFixture) -> None:
    answer = {"tenderInfo": {"fullAccountNumber": "998877665544", "cvv": "c0de"}, "message": f"card {CARD}"}
    act = name if isinstance(name, FaultKind) else reply(200, answer)
    with Hostile(act) as server, caplog.at_level(logging.DEBUG):
        target = call(f"http://127.0.0.1:{closed_port}" if name == "refused" else server.url)
        told = f"{target!r}" + _told_by(target)
    for secret in (CARD, "c0de", "m0y0", "998877665544", "the-api-key"):
        assert secret not in told
        assert secret not in caplog.text


def _told_by(target: Call) -> str:
    """Return everything that the reply or the failure prints. A chained exception would show the request."""
    try:
        return repr(Client(QUICK).once(target))
    except CallFailed as failure:
        return "".join(traceback.format_exception(failure)) + repr(vars(failure)) + repr(failure.__context__)


def test_an_answer_that_is_no_json_does_not_travel_in_the_exception() -> None:
    with pytest.raises(WrongAnswer) as caught:
        json_text.from_json(b'{"cardNumber": "4111111111111111"')
    assert caught.value.__context__ is None


# JSON


@given(st.decimals(min_value=0, max_value=99_999_999, places=2))
def test_amounts_travel_exactly(amount: Decimal) -> None:
    assert json_text.from_json(json_text.to_json({"a": [amount]}).encode()) in (
        {"a": [amount]},
        {"a": [int(amount)]},
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_comes_back_as_it_went(value: object) -> None:
    assert json_text.from_json(json_text.to_json(value).encode()) == value
    assert json_text.to_body({"a": value}) == json_text.to_json({"a": value}).encode()


def test_a_body_has_the_bytes_of_the_json() -> None:
    whole = {"a": Decimal("1250.00"), "ä": {"amount": [Decimal(3), None]}, "": {}, "b": []}
    assert json_text.to_body(whole) == json_text.to_json(whole).encode()


@given(st.text(alphabet="0123456789", max_size=32))
def test_sealed_digits_are_bytes_only_and_no_text(digits: str) -> None:
    sealed = {"a": {"b": Sealed(digits)}, "c": Sealed(digits)}
    plain = json_text.to_json({"a": {"b": digits}, "c": digits})
    assert json_text.to_body(sealed) == plain.encode()
    with pytest.raises(TypeError):
        json_text.to_json(sealed)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"<html>", b"NaN", b"[Infinity]", b"1e999999999", b"\xff\xfe", b"[" * 100_000, b"9" * 5_000],
)
def test_what_is_no_sane_json_is_refused(body: bytes) -> None:
    with pytest.raises(WrongAnswer):
        json_text.from_json(body)


def test_the_program_starts_without_requests() -> None:
    code = (
        "import sys, paydesk.gateways.anddone.processor, paydesk.gateways.ams360.ems;"
        "print([name for name in ('requests', 'urllib3') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "body",
    [b'{"a": ["\\ud800x"]}', b'{"a": ["\xed\xa0\x80x"]}', '{"a": ["\\udc00x"]}', '{"a": ["\\uD83Dx"]}'],
)
def test_half_a_surrogate_pair_in_an_answer_can_be_stored(body: bytes | str) -> None:
    """Such a text was a crash when the ledger wrote it, after the charge."""
    assert json_text.from_json(body) == {"a": ["?x"]}
    assert json_text.from_json('{"\\ud83d\\ude00": 1, "b": ["\\ud83d\\ude00"]}') == {
        "\U0001f600": 1,
        "b": ["\U0001f600"],
    }
    assert json_text.from_json('{"\\ud83d": 1.50}') == {"?": Decimal("1.50")}
