"""The window is left out of captures by the calls that Windows and macOS publish, and by none elsewhere."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from paydesk.ui.qt import screen_capture

VIEW, NS_WINDOW = 70, 71


class Function:
    """A function of a library that only writes down its calls."""

    def __init__(self, name: str, calls: list[tuple[Any, ...]], answer: Callable[..., object]) -> None:
        self._name, self._calls, self._answer = name, calls, answer
        self.argtypes: tuple[Any, ...] = ()
        self.restype: Any = None

    def __call__(self, *given: Any) -> object:
        assert len(given) == len(self.argtypes), "ctypes would guess the types of the others"
        self._calls.append((self._name, *given))
        return self._answer(*given)


class User32:
    """Windows' library of windows."""

    def __init__(self, taken: int = 1) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.SetWindowDisplayAffinity = Function("affinity", self.calls, lambda *_: taken)


class Objc:
    """The Objective-C library of macOS."""

    def __init__(self, window: int | None = NS_WINDOW) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._answers: dict[str, Callable[..., object]] = {
            "sel_registerName": lambda name: name,
            "objc_msgSend": lambda *given: window if given[1] == b"window" else None,
        }

    def __getitem__(self, name: str) -> Function:
        return Function(name, self.calls, self._answers[name])

    @property
    def sent(self) -> list[tuple[Any, ...]]:
        """The messages sent."""
        return [call[1:] for call in self.calls if call[0] == "objc_msgSend"]


def test_windows_leaves_the_window_out_and_lets_it_be_captured_again() -> None:
    user32 = User32()
    screen_capture.windows(user32, 12, left_out=True)
    screen_capture.windows(user32, 12, left_out=False)
    assert user32.calls == [("affinity", 12, 0x11), ("affinity", 12, 0)]
    with pytest.raises(OSError, match="affinity"):
        screen_capture.windows(User32(taken=0), 12, left_out=True)


def test_macos_leaves_the_window_of_the_view_out_and_lets_it_be_captured_again() -> None:
    objc = Objc()
    screen_capture.macos(objc, VIEW, left_out=True)
    screen_capture.macos(objc, VIEW, left_out=False)
    of_window = [call for call in objc.sent if call[0] == NS_WINDOW]
    assert of_window == [(NS_WINDOW, b"setSharingType:", 0), (NS_WINDOW, b"setSharingType:", 1)]
    with pytest.raises(OSError, match="no window"):
        screen_capture.macos(Objc(window=None), VIEW, left_out=True)


@pytest.fixture
def widget(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def test_each_system_is_told_by_its_own_library(widget: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    user32, objc = User32(), Objc()
    monkeypatch.setattr(ctypes, "WinDLL", {"user32": user32}.__getitem__, raising=False)
    monkeypatch.setattr(ctypes, "CDLL", {"/usr/lib/libobjc.A.dylib": objc}.__getitem__)
    for system in ("win32", "darwin", "linux"):
        monkeypatch.setattr("paydesk.ui.qt.screen_capture.sys.platform", system)
        screen_capture.leave_out(widget, left_out=True)
    monkeypatch.undo()
    handle = int(widget.winId())
    assert user32.calls == [("affinity", handle, 0x11)]
    assert objc.sent == [(handle, b"window"), (NS_WINDOW, b"setSharingType:", 0)]


def test_a_system_that_refuses_stops_no_payment(
    widget: QWidget, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ctypes, "WinDLL", lambda _name: User32(taken=0), raising=False)
    monkeypatch.setattr("paydesk.ui.qt.screen_capture.sys.platform", "win32")
    with caplog.at_level(logging.WARNING, logger="paydesk"):
        screen_capture.leave_out(widget, left_out=True)
    assert "could not be left out" in caplog.text
