"""A day at the installed desk, by keyboard, in a real window on a screen without a monitor."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.windows.checks import expect

if TYPE_CHECKING:
    from tools.windows.proof import Proof

DISPLAY = ":93"
WINDOW = "PayDesk"
BASE = "C:\\desk"
PROGRAM = "C:\\Program Files\\PayDesk\\paydesk.exe"
COMMANDS = "C:\\Program Files\\PayDesk\\paydesk-cli.exe"
CARD = "4000620000000007"
"""A test card of docs/sandbox.md."""


def _story(proof: Proof) -> str:
    """Pay two invoices by card with the keyboard alone, close the window, and look into the books."""
    shutil.rmtree(proof.machine.drive / "desk", ignore_errors=True)
    with _screen():
        window = proof.machine.start(PROGRAM, "--training", "--basedir", BASE, more={"DISPLAY": DISPLAY})
        began = time.monotonic()
        _xdotool("search", "--sync", "--onlyvisible", "--name", WINDOW)
        seconds = time.monotonic() - began
        time.sleep(20)  # the desk opens behind the window
        for keys in (["50123"], "Return", "F6", "F9", [f"{CARD}0330123"], "Return", "Return"):
            _press(keys)
        time.sleep(8)
        _picture(proof, "story-approved")
        _press("F12")
        _press("alt+F4")
        with contextlib.suppress(subprocess.TimeoutExpired):
            window.wait(60)
        ended = window.poll() is not None
        _picture(proof, "story-closed")
        if not ended:
            proof.machine.stop()
    expect(ended, "the window was closed, and a process of the desk is still there after 60 s")
    said = proof.run(COMMANDS, "--training", "--basedir", BASE, "verify")
    expect("1 payments" in said and "nothing wrong" in said, said)
    return f"window after {seconds:.1f} s, one payment in the books, no process left"


@contextlib.contextmanager
def _screen() -> Iterator[None]:
    """Run an X server without a monitor, with a window manager, without which no window gets the keyboard."""
    server = subprocess.Popen(
        ["Xvfb", DISPLAY, "-screen", "0", "1366x768x24", "-ac"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(2)
    manager = subprocess.Popen(["openbox"], env=_on_screen(), stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        for program in (manager, server):
            program.terminate()
            program.wait(10)


def _on_screen() -> dict[str, str]:
    return {**os.environ, "DISPLAY": DISPLAY}


def _xdotool(*words: str) -> None:
    subprocess.run(["xdotool", *words], env=_on_screen(), stdout=subprocess.DEVNULL, timeout=120, check=True)


def _press(keys: str | list[str]) -> None:
    """Press a key, or type a text. The pause is a slow clerk's."""
    if isinstance(keys, str):
        _xdotool("key", keys)
    else:
        _xdotool("type", "--delay", "60", *keys)
    time.sleep(3)


def _picture(proof: Proof, name: str) -> None:
    file = proof.machine.folder / "pictures" / f"{name}.png"
    file.parent.mkdir(exist_ok=True)
    subprocess.run(["import", "-window", "root", str(file)], env=_on_screen(), timeout=60, check=True)


STEPS = (
    ("story", "the installed window: a payment by keyboard, closed with Alt+F4, books verified", _story),
)
