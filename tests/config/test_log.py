"""The log: one line a record whatever stands in it, and while another program holds its file."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from paydesk.config import log


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """Return PayDesk's logger without a file, and take the test's file away afterwards."""
    found = logging.getLogger("paydesk")
    before, found.handlers = found.handlers, []
    yield found
    for handler in found.handlers:
        handler.close()
    found.handlers = before


def test_a_log_that_cannot_be_renamed_grows(
    root: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two PayDesks of one Windows computer write into one file, so neither may rename it."""
    monkeypatch.setattr(log, "_MEGABYTE", 200)
    file = tmp_path / "paydesk.log"
    log.start(file)

    def held(_source: str, _target: str) -> None:
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr(os, "rename", held)
    for number in range(20):
        root.warning("line %d", number)
    assert file.read_text().count("\n") == 20
    assert capsys.readouterr().err == "", "logging prints its own errors there"
    monkeypatch.undo()
    root.warning("the next one begins a new file")
    assert file.read_text().count("\n") == 1


def test_a_log_that_cannot_be_written_says_nothing(
    root: logging.Logger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    log.start(tmp_path / "file" / "logs" / "paydesk.log")
    root.warning("nowhere to write")
    assert capsys.readouterr() == ("", "")


def test_a_log_makes_its_folder_for_the_first_record(root: logging.Logger, tmp_path: Path) -> None:
    file = tmp_path / "logs" / "paydesk.log"
    log.start(file)
    assert not file.parent.exists()
    assert log.place() == file
    root.warning("something")
    assert "something" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "a\n2026-01-01 00:00:00 INFO paydesk payment 7 approved", "a\r\nb", "a\rb", "a\x0bb\x0cc",
        "a\u2028b\u2029c", "a\x85b", "\x1b[2J\x1b]0;title\x07", "\u202e00.052,1", "\u2066x", "\x00",
        "\ud800 alone", "\ufeff", "\u200b", "%s %d", "e\u0301" * 5_000, "\U000e0041", "\x7f\x9b31m",
    ],
    ids=lambda text: ascii(text)[:30],
)  # fmt: skip
@pytest.mark.parametrize("by_argument", [True, False])
def test_no_text_begins_a_line_or_paints_the_terminal(
    root: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, by_argument: bool
) -> None:
    monkeypatch.setattr(root, "propagate", False)  # pytest-xdist cannot send a lone surrogate in a report
    file = tmp_path / "paydesk.log"
    log.start(file)
    if by_argument:
        root.warning("customer %s was looked up", text)
    else:
        root.warning(text)
    root.warning("the next")
    written = file.read_text("utf-8")  # on Windows, a line ends with two characters
    assert written.count("\n") == 2
    assert written.replace("\n", "").isprintable()
    assert [line.split()[2] for line in written.splitlines()] == ["WARNING", "WARNING"]


def test_an_exception_is_one_line_without_its_text(root: logging.Logger, tmp_path: Path) -> None:
    """The text of an error may quote what was typed. So the log leaves it out, whoever logs."""
    file = tmp_path / "paydesk.log"
    log.start(file)
    typed = "Dana Reyes\x1b[2J"
    try:
        try:
            raise KeyError(typed)
        except KeyError as error:
            raise ValueError(f"not read: {typed}") from error
    except ValueError:
        root.exception("payment %s could not be resolved", "PD1")
    (line,) = file.read_text("utf-8").splitlines()
    assert line.isprintable()
    assert "payment PD1 could not be resolved\\nValueError\\n" in line
    assert "test_log.py" in line
    assert "Dana" not in line


def test_nothing_is_written_of_an_exception_that_is_none(root: logging.Logger, tmp_path: Path) -> None:
    file = tmp_path / "paydesk.log"
    log.start(file)
    root.error("no error at all", exc_info=True)
    assert file.read_text("utf-8").rstrip().endswith("no error at all")


@pytest.mark.parametrize(
    "text", ["4111 1111 1111 1111 exp 12/27 cvv 123", "4111\u200b1111.1111.1111", "CVV 737"]
)
def test_no_record_has_card_data(root: logging.Logger, tmp_path: Path, text: str) -> None:
    file = tmp_path / "paydesk.log"
    log.start(file)
    root.warning("no receipts: AMS360 says: %s", text)
    root.warning("the next")
    first, second = file.read_text("utf-8").splitlines()
    said = first.partition("no receipts: ")[2]  # its time may have the digits, too
    assert said.startswith("AMS360 says: [card")
    assert not any(digits in said for digits in ("4111", "123", "737"))
    assert second.endswith("the next")
