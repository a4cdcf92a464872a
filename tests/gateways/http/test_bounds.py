"""Answers made to fill the memory, or to be read for ever: a refusal in little memory, whatever their form.

Memory is what Python, OpenSSL aside, asks for at the same time (tracemalloc).
"""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from paydesk.gateways.ams360.soap import SOAP, Answer
from paydesk.gateways.anddone.rows import Row
from paydesk.gateways.http import wire
from paydesk.gateways.http import xml_stream as xml
from paydesk.gateways.http.call import Call, CallFailed, Limits, NeverSent, Reply
from paydesk.gateways.http.client import MONEY_BYTES, READ_BYTES, Client
from paydesk.gateways.http.fields import Fields, WrongAnswer
from paydesk.gateways.http.json_text import MOST_DEPTH, from_json
from paydesk.gateways.http.redact import redacted
from paydesk.sandbox.server.http import Line
from tests.gateways.hostile import Hostile, reply
from tests.gateways.memory import MB, at_most

PATIENT = Limits(connect_s=10, read_s=20, total_s=60)
"""Timeouts that no answer here waits for: each is refused by what has arrived."""
OK = b"HTTP/1.1 200 OK\r\n"
PIECE = b"x" * 65_536


# ---- what arrives -----------------------------------------------------------------------------------


def without_end(start: bytes, piece: bytes = PIECE) -> Callable[[Line], None]:
    """Send the piece again and again, until the client hangs up."""

    def act(line: Line) -> None:
        line.send_raw(start)
        while True:
            line.send_raw(piece)

    return act


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "a status line": b"HTTP/1.1 200 ",
    "a header": OK + b"X-Long: ",
    "the length of a chunk": CHUNKED + b"0000",
    "the extension of a chunk": CHUNKED + b"2;",
    "a line after the last chunk": CHUNKED + b"2\r\n{}\r\n0\r\nX-Long: ",
    "one chunk": CHUNKED + b"ffffffff\r\n",
    "a body of its announced length": OK + b"Content-Length: 99999999999999\r\n\r\n",
    "a body of 5,000 digits": OK + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
    "a body without a length": OK + b"\r\n",
}


@pytest.mark.parametrize("start", ENDLESS.values(), ids=ENDLESS)
def test_an_endless_answer_is_refused_in_little_memory(start: bytes) -> None:
    with Hostile(without_end(start)) as server, at_most(4):
        with pytest.raises(CallFailed) as failure:
            Client(PATIENT).once(Call("POST", server.url, {}, {}))
        assert not isinstance(failure.value, NeverSent)


PIECES = {
    "headers": (OK, b"X-Some: thing\r\n"),
    "chunks": (CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n"),
    "long headers": (OK, b"X-Some: " + b"x" * 60_000 + b"\r\n"),
}


@pytest.mark.parametrize(("start", "piece"), PIECES.values(), ids=PIECES)
def test_an_answer_of_endless_parts_is_refused_in_little_memory(start: bytes, piece: bytes) -> None:
    with Hostile(without_end(start, piece)) as server, at_most(14), pytest.raises(CallFailed):
        Client(PATIENT).once(Call("POST", server.url, {}, {}))


@pytest.mark.parametrize("named", ["gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip", "x-gzip"])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_compressed_answer_is_never_unpacked(named: str, framing: str) -> None:
    bomb = gzip.compress(b"0" * 20 * MB)
    head = OK + f"Content-Encoding: {named}\r\n".encode()
    if framing == "length":
        whole = head + f"Content-Length: {len(bomb)}\r\n\r\n".encode() + bomb
    else:
        whole = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(bomb) + bomb + b"\r\n0\r\n\r\n"
    with Hostile(lambda line: line.send_raw(whole)) as server, at_most(4), pytest.raises(CallFailed) as no:
        Client(PATIENT).once(Call("POST", server.url, {}, {}))
    assert "compressed" in no.value.why


@pytest.mark.parametrize("coding", ["gzip, chunked", "chunked, gzip", "gzip"])
def test_a_packed_transfer_is_never_unpacked(coding: str) -> None:
    bomb = gzip.compress(b"0" * 20 * MB)
    head = OK + f"Transfer-Encoding: {coding}\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    chunk = b"%x\r\n" % len(bomb) + bomb + b"\r\n0\r\n\r\n"
    answers = []
    with Hostile(lambda line: line.send_raw(head + chunk)) as server, at_most(4):
        with contextlib.suppress(CallFailed):
            answers.append(Client(PATIENT).once(Call("POST", server.url, {}, {})))
        for answer in answers:
            with pytest.raises(WrongAnswer):
                answer.fields()


def test_the_largest_answers_are_taken_and_one_byte_more_is_not() -> None:
    for size in (MONEY_BYTES, READ_BYTES):
        client = Client(PATIENT)
        for more in (0, 1):
            body = b'"' + b"x" * (size - 2 + more) + b'"'
            with Hostile(reply(200, body)) as server:
                call = Call("GET", server.url, {})
                act = client.once if size == MONEY_BYTES else client.read
                if more:
                    with pytest.raises(CallFailed, match="far too long"):
                        act(call)
                else:
                    assert len(act(call).body) == size


@pytest.mark.parametrize("odd", [MemoryError(), RecursionError(), IndexError("4111")])
def test_a_surprise_while_reading_is_an_answer_that_may_have_been_carried_out(
    odd: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise odd

    monkeypatch.setattr(wire, "_whole_body", fail)
    with Hostile(reply(200)) as server, pytest.raises(CallFailed, match="could not be read") as failure:
        Client(PATIENT).once(Call("POST", server.url, {}, {}))
    assert not isinstance(failure.value, NeverSent)
    assert not failure.value.retry
    assert failure.value.why[-6:] in caplog.text
    assert "4111" not in caplog.text + failure.value.why


# ---- JSON -------------------------------------------------------------------------------------------


def nested(depth: int, opening: str = "[", closing: str = "]", inside: str = "1") -> bytes:
    return (opening * depth + inside + closing * depth).encode()


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":', '[1,[],{"b":1},'])
def test_a_deep_answer_is_refused(opening: str) -> None:
    closing = "".join({"[": "]", "{": "}"}[sign] for sign in reversed(opening) if sign in "[{")
    closing = closing[-1] * 1 if opening == '[1,[],{"b":1},' else closing
    for depth in (MOST_DEPTH + 1, 500, 990, 5_000, 100_000):
        with pytest.raises(WrongAnswer):
            from_json(nested(depth, opening, closing))
    assert redacted(from_json(nested(20, opening, closing))) == from_json(nested(20, opening, closing))


def test_depth_is_counted_to_the_level() -> None:
    for more, taken in ((0, True), (1, False)):
        body = nested(MOST_DEPTH - 1 + more)
        if taken:
            assert from_json(body)
        else:
            with pytest.raises(WrongAnswer):
                from_json(body)


@pytest.mark.parametrize("number", ["9" * 61, "-" + "9" * 61, "9" * 10_000, "1e10000", "0." + "9" * 10_000])
def test_a_number_of_any_length_is_refused(number: str) -> None:
    with pytest.raises(WrongAnswer):
        from_json(f'{{"amount": {number}}}'.encode())


def test_a_whole_number_that_nothing_counts_is_wrong() -> None:
    fields = Reply(200, b'{"count": 9999999999999999999, "small": 7}').fields()
    assert fields.whole("small") == 7
    with pytest.raises(WrongAnswer, match="count"):
        fields.whole("count")


def test_a_deep_text_inside_an_answer_costs_nothing() -> None:
    """The custom fields of a payment may come back as JSON inside a text."""
    for depth in (65, 900, 5_000, 100_000):
        deep = nested(depth, '{"a":', "}").decode()
        for name in ("customFields", "invoiceId", "merchantReference"):
            held = json.loads(json.dumps({name: deep, "amount": 1}), parse_float=Decimal)
            with contextlib.suppress(WrongAnswer):
                Row.of(Fields(held))


# ---- SOAP -------------------------------------------------------------------------------------------


def soap(inside: str, before: str = "") -> bytes:
    return f'{before}<s:Envelope xmlns:s="{SOAP}"><s:Body>{inside}</s:Body></s:Envelope>'.encode()


SHAPES = {
    "deep": "<a>" * 100_000 + "</a>" * 100_000,
    "just too deep": "<a>" * xml.MOST_DEPTH + "</a>" * xml.MOST_DEPTH,
    "many elements": "<a/>" * 21_000,
    "many names": "".join(f"<a{at}/>" for at in range(3_000)),
    "many attributes": "".join(f'<a b{at}=""/>' for at in range(3_000)),
    "many namespaces": "".join(f'<a xmlns="u{at}"/>' for at in range(3_000)),
    "a tag without end": f'<a b="{"x" * 400_000}"/>',
    "a comment without end": f"<!--{'x' * 400_000}-->",
}


@pytest.mark.parametrize("inside", SHAPES.values(), ids=SHAPES)
def test_soap_of_no_honest_shape_is_refused(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MOST_ELEMENTS", 20_000)
    body = soap(inside)
    with at_most(6), pytest.raises(WrongAnswer):
        Answer(body)


DTDS = {
    "laughs": '<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
    "a file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "another DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "nothing": "<!DOCTYPE x>",
}


@pytest.mark.parametrize("dtd", DTDS.values(), ids=DTDS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(dtd: str, encoding: str) -> None:
    with pytest.raises(WrongAnswer):
        Answer(soap("<a>&a;</a>", dtd).decode().encode(encoding))


@pytest.mark.parametrize("name", ["cp037", "utf-7", "utf-32", "unicode_escape", "rot13", "nonsense", "idna"])
def test_an_encoding_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(WrongAnswer):
        Answer(soap("<a/>", f'<?xml version="1.0" encoding="{name}"?>'))


def test_a_long_text_is_cut_and_a_large_honest_answer_is_read() -> None:
    rows = "".join(f"<Customer><Name>Sample {at}</Name><Zip>02108</Zip></Customer>" for at in range(20_000))
    assert Answer(soap(rows)).fault is None
