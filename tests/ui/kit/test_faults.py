"""A fault of the program: it is logged without what was typed, and can be reported."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from paydesk.config import log
from paydesk.ui.kit.faults import FaultDialog, please_report, show_fault


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """A started log."""
    file = tmp_path / "logs" / "paydesk.log"
    log.start(file)
    yield file
    root = logging.getLogger("paydesk")
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()


def failed() -> Exception:
    typed = "4000" * 4  # made at run time: a traceback shows the line that raises
    try:
        raise ValueError(f"typed: {typed}")
    except ValueError as error:
        return error


def says(box: FaultDialog) -> str:
    return " ".join(text.text() for text in box.findChildren(QLabel))


def test_the_request_to_report_names_the_log(log_file: Path) -> None:
    assert (
        please_report("A1B2C3")
        == f"Report this to your administrator with reference A1B2C3. Log file: {log_file}."
    )


def test_without_a_log_none_is_named() -> None:
    assert please_report("A1B2C3") == "Report this to your administrator with reference A1B2C3."


def test_the_dialog_copies_the_details_and_stays(qtbot: QtBot, log_file: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    reference = show_fault(failed(), window)
    box = window.findChild(FaultDialog, "fault")
    assert isinstance(box, FaultDialog)
    assert str(log_file) in says(box)
    copy = box.findChild(QPushButton, "fault.copy")
    assert isinstance(copy, QPushButton)
    copy.click()
    copied = QApplication.clipboard().text()
    assert f"reference {reference}: ValueError" in copied
    assert "test_faults.py" in copied
    assert "4000" not in copied + log_file.read_text("utf-8")
    assert box.isVisible()
    box.accept()


def test_debug_lines_are_written_only_when_asked_for(tmp_path: Path) -> None:
    root = logging.getLogger("paydesk")
    for debug in (False, True):
        file = tmp_path / f"{debug}.log"
        log.start(file, debug=debug)
        log.start(tmp_path / "second.log")
        assert log.place() == file, "a second start changes nothing"
        logging.getLogger("paydesk.gateways").debug("one call")
        logging.getLogger("paydesk.gateways").info("a call")
        text = file.read_text("utf-8")
        assert ("one call" in text, "a call" in text) == (debug, True)
        for handler in list(root.handlers):
            root.removeHandler(handler)
            handler.close()
