"""The audit of the pinned packages, on made-up advisory databases that know, don't know, lie, or are away."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import dev
from tools import audit
from tools.audit import Advisory, Ignored, NotAuditedError

TODAY = date(2026, 11, 29)
PACKAGES = [("requests", "2.34.2"), ("urllib3", "2.8.0")]
GHSA, PYSEC, CVE = "GHSA-aaaa-bbbb-cccc", "PYSEC-2026-7", "CVE-2026-1234"
BAD = {"vulns": [{"id": "GHSA-jinja-old"}]}
TOLD = {
    "id": GHSA,
    "summary": "Cookies leak.\n",
    "aliases": [CVE, PYSEC],
    "affected": [{"ranges": [{"events": [{"introduced": "0"}, {"fixed": "2.8.1"}, {"fixed": "a" * 40}]}]}],
}
Answer = Callable[[str, Any], "tuple[int, bytes]"]


class Database:
    """An OSV database on this computer, with the questions it was asked."""

    def __init__(self, results: object = None, told: dict[str, object] | None = None) -> None:
        self.results, self.told = results, told or {}
        self.asked: list[Any] = []
        self.answer: Answer = self.usual

    def usual(self, path: str, question: Any) -> tuple[int, bytes]:
        """Answer as OSV does."""
        if path == "/v1/querybatch":
            self.asked.append(question["queries"])
            return 200, json.dumps({"results": self.results}).encode()
        self.asked.append(path)
        name = path.rpartition("/")[2]
        return (200, json.dumps(self.told[name]).encode()) if name in self.told else (404, b"{}")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def serve() -> Iterator[Callable[[Database], str]]:
    """Return a function that serves a database and returns its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(database: Database) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.say(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def do_GET(self) -> None:
                self.say(None)

            def say(self, question: Any) -> None:
                status, body = database.answer(self.path, question)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "https://advisories.example/v1/querybatch")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


Serve = Callable[[Database], str]


def run(address: str, *ignored: Ignored, today: date = TODAY) -> audit.Report:
    return audit.audit(address, PACKAGES, ignored, today)


# -- a database that knows


def test_a_clean_audit_says_how_many_packages_it_asked_about(serve: Serve) -> None:
    database = Database([BAD, {}, {}])
    report = run(serve(database))
    assert list(report.lines())[-1] == "audited 2 packages, 0 advisories"
    assert database.asked == [
        [
            {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
            for name, version in [audit.KNOWN_BAD, *PACKAGES]
        ]
    ]


def test_a_hit_is_told_with_its_names_and_its_remedy(serve: Serve) -> None:
    report = run(serve(Database([BAD, {}, {"vulns": [{"id": GHSA}]}], {GHSA: TOLD})))
    assert [str(advisory) for advisory in report.found] == [
        f"urllib3 2.8.0: {GHSA}, {CVE}, {PYSEC}: Cookies leak. Fixed in 2.8.1."
    ]
    assert list(report.lines())[-1] == "audited 2 packages, 1 advisories"


def test_one_advisory_under_two_names_counts_once(serve: Serve) -> None:
    listed = {"vulns": [{"id": GHSA}, {"id": PYSEC}]}
    report = run(serve(Database([BAD, listed, {}], {GHSA: TOLD, PYSEC: {"id": PYSEC, "aliases": [GHSA]}})))
    assert [advisory.id for advisory in report.found] == [GHSA]


def test_a_withdrawn_advisory_does_not_count(serve: Serve) -> None:
    told = {**TOLD, "withdrawn": "2026-11-01T00:00:00Z"}
    assert run(serve(Database([BAD, {"vulns": [{"id": GHSA}]}, {}], {GHSA: told}))).found == []


@pytest.mark.parametrize(
    "told", [None, [], {}, {"summary": None}, {"summary": 7, "aliases": "CVE", "affected": {"fixed": [1]}}]
)
def test_an_advisory_whose_text_cannot_be_read_counts_all_the_same(serve: Serve, told: object) -> None:
    texts = {} if told is None else {GHSA: told}
    (found,) = run(serve(Database([BAD, {"vulns": [{"id": GHSA}]}, {}], texts))).found
    assert (found.package, found.id) == ("requests", GHSA)
    assert str(found)


def test_the_second_page_of_an_answer_is_read(serve: Serve) -> None:
    database = Database()

    def paged(path: str, question: Any) -> tuple[int, bytes]:
        if path != "/v1/querybatch":
            return 404, b"{}"
        first = len(question["queries"]) == 3
        results = [BAD, {"next_page_token": "p2"}, {}] if first else [{"vulns": [{"id": GHSA}]}]
        assert first or question["queries"][0]["page_token"] == "p2"
        return 200, json.dumps({"results": results}).encode()

    database.answer = paged
    assert [(found.package, found.id) for found in run(serve(database)).found] == [("requests", GHSA)]


def test_a_text_cannot_paint_the_terminal(serve: Serve) -> None:
    told = {"summary": "\x1b[2Jaudited 9 packages,\r\n0 advisories \u202e" + "x" * 5_000}
    (found,) = run(serve(Database([BAD, {"vulns": [{"id": GHSA}]}, {}], {GHSA: told}))).found
    assert str(found).isprintable()
    assert len(str(found)) < 300


# -- a database that cannot be relied on


def refused(answer: Answer, serve: Serve) -> str:
    """Return why an answer is no audit."""
    database = Database()
    database.answer = answer
    with pytest.raises(NotAuditedError) as caught:
        run(serve(database))
    return str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>Sign in here</html>", b"[]", b"null", b"7", b'{"results": []}', b'{"results": {}}',
        b"{}", b'{"results": [{}, {}]}', b'{"results": [[], {}, {}]}', b'{"results": [null, {}, {}]}',
        b'{"results": [{"vulns": "no"}, {}, {}]}', b'{"results": [{"vulns": [7]}, {}, {}]}',
        b'{"results": [{"vulns": [{"id": "../../x"}]}, {}, {}]}', b'{"results": [{"vulns": [{}]}, {}, {}]}',
        b'{"results": [{"vulns": [{"id": ""}]}, {}, {}]}',
        b'{"results": [{"vulns": [{"id": "a\\u001b[2J"}]}, {}, {}]}',
        b'{"results": [{}, {}, {}]}',  # it knows nothing at all
        b'{"results": [{"next_page_token": "p"}, {"next_page_token": "p"}, {"next_page_token": "p"}]}',
        b'\xff\xfe{"results": [',
    ],
)  # fmt: skip
def test_nonsense_is_no_audit(serve: Serve, body: bytes) -> None:
    assert refused(lambda path, question: (200, body), serve)


@pytest.mark.parametrize("status", [204, 302, 400, 403, 404, 429, 500, 503])
def test_another_status_is_no_audit(serve: Serve, status: int) -> None:
    sound = json.dumps({"results": [BAD, {}, {}]}).encode()
    assert str(status) in refused(lambda path, question: (status, b"" if status == 204 else sound), serve)


def test_nobody_there_is_no_audit() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        with pytest.raises(NotAuditedError, match="no advisory database can be reached"):
            run(f"http://127.0.0.1:{taken.getsockname()[1]}")


# -- the list of what is let pass


@pytest.mark.parametrize("name", [GHSA, CVE, PYSEC])
def test_an_ignored_advisory_passes_until_its_last_day(serve: Serve, name: str) -> None:
    address = serve(Database([BAD, {}, {"vulns": [{"id": GHSA}]}], {GHSA: TOLD}))
    entry = Ignored(name, "urllib3", "Never called.", TODAY)
    report = run(address, entry)
    assert report.found == []
    assert any("ignored until 2026-11-29" in line and "Never called." in line for line in report.lines())
    assert len(run(address, entry, today=date(2026, 11, 30)).found) == 1


@pytest.mark.parametrize(
    "entry", [Ignored(GHSA, "requests", "x", TODAY), Ignored(f"{GHSA}x", "urllib3", "x", TODAY)]
)
def test_an_entry_for_another_lets_nothing_pass_and_is_told(serve: Serve, entry: Ignored) -> None:
    report = run(serve(Database([BAD, {}, {"vulns": [{"id": GHSA}]}], {GHSA: TOLD})), entry)
    assert len(report.found) == 1
    assert any("is not found any more" in line for line in report.lines())


ENTRY = 'id = "GHSA-1"\npackage = "odd"\nreason = "Never called."\nuntil = 2026-12-31\n'


def test_the_list_is_read(tmp_path: Path) -> None:
    path = tmp_path / "advisories.toml"
    path.write_text(f"[[ignored]]\n{ENTRY}", encoding="utf-8")
    assert audit.ignored(path) == [Ignored("GHSA-1", "odd", "Never called.", date(2026, 12, 31))]


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY.replace('reason = "Never called."\n', ""),
        ENTRY.replace("Never called.", " "),
        ENTRY.replace("until = 2026-12-31\n", ""),
        ENTRY.replace("2026-12-31", '"2026-12-31"'),
        ENTRY.replace("2026-12-31", "2026-12-31T00:00:00"),
        ENTRY.replace("GHSA-1", ""),
        f"{ENTRY}forever = true\n",
    ],
)
def test_an_entry_without_a_reason_or_an_end_is_refused(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "advisories.toml"
    path.write_text(f"[[ignored]]\n{entry}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"advisories\.toml"):
        audit.ignored(path)


def test_the_project_s_own_list_is_sound() -> None:
    names = {name for name, _ in audit.pinned()}
    for entry in audit.ignored():
        assert entry.package in names
        assert (entry.until - TODAY).days < 365


# -- the command


def test_every_lock_file_and_the_build_of_the_wheel_are_asked_about() -> None:
    names = {name for name, _ in audit.pinned()}
    assert {"requests", "pytest", "uv", "hatchling", "pyside6-essentials"} <= names
    assert all(version[:1].isdigit() for _, version in audit.pinned())


@pytest.mark.parametrize(
    ("results", "strict", "code", "last"),
    [
        ([BAD, {}, {}], False, 0, "audited 2 packages, 0 advisories"),
        ([BAD, {}, {"vulns": [{"id": GHSA}]}], False, 1, "audited 2 packages, 1 advisories"),
        ([BAD, {}, {"vulns": [{"id": GHSA}]}], True, 1, "audited 2 packages, 1 advisories"),
        (None, False, 0, "NOT AUDITED: its answer does not fit the question."),
        (None, True, 2, "NOT AUDITED: its answer does not fit the question."),
    ],
)
def test_the_exit_code_says_what_came_out(
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    results: object,
    strict: bool,
    code: int,
    last: str,
) -> None:
    monkeypatch.setattr(audit, "pinned", lambda: PACKAGES)
    words = ["--database", f"{serve(Database(results))}/"]
    assert audit.main([*words, "--strict"] if strict else words) == code
    assert capsys.readouterr().out.splitlines()[-1].startswith(last)


def test_the_words_have_no_gap() -> None:
    assert str(Advisory("odd", "1", "GHSA-1")) == "odd 1: GHSA-1: no summary."


def test_prove_ends_with_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, ...]] = []

    def run(*command: str) -> int:
        ran.append(command)
        return 0

    monkeypatch.setattr(dev, "prepare", lambda level: None)
    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(dev, "coverage", lambda *_: 0)
    monkeypatch.delenv("CI", raising=False)
    set_by_prove = ("PAYDESK_PROVE", "PAYDESK_PROVE_UNTIL", "QT_QPA_PLATFORM")
    for name in set_by_prove:  # the fixture puts them back
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(sys, "argv", ["dev.py", "prove", "--day", "1"])
    assert dev.main() == 0
    assert ran[-1] == (dev.python(), "-m", "tools.audit")
