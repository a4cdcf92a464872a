"""A screen without a monitor, its keyboard, and pictures of it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.windows.checks import expect

if TYPE_CHECKING:
    from tools.windows.proof import Proof

DISPLAY = ":93"
WINDOW = "PayDesk"
PATIENCE_S = 90
PROGRAM = "C:\\Program Files\\PayDesk\\paydesk.exe"


def wait_for_window() -> None:
    """Wait until a window of PayDesk is on the screen. Raises FailedError.

    xdotool's own waiting fails if any window closes meanwhile.
    """
    until = time.monotonic() + PATIENCE_S
    search = ["xdotool", "search", "--onlyvisible", "--name", WINDOW]
    while subprocess.run(search, env=on_screen(), capture_output=True, timeout=60, check=False).returncode:
        expect(time.monotonic() < until, f"no window of PayDesk after {PATIENCE_S} s")
        time.sleep(0.1)


@contextlib.contextmanager
def screen() -> Iterator[None]:
    """Run an X server without a monitor, with a window manager, without which no window gets the keyboard."""
    server = subprocess.Popen(
        ["Xvfb", DISPLAY, "-screen", "0", "1366x768x24", "-ac"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(2)
    manager = subprocess.Popen(["openbox"], env=on_screen(), stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        for program in (manager, server):
            program.terminate()
            program.wait(10)


def on_screen() -> dict[str, str]:
    return {**os.environ, "DISPLAY": DISPLAY}


def xdotool(*words: str) -> None:
    subprocess.run(["xdotool", *words], env=on_screen(), stdout=subprocess.DEVNULL, timeout=120, check=True)


def press(keys: str | list[str]) -> None:
    """Press a key, or type a text. The pause is a slow clerk's."""
    if isinstance(keys, str):
        xdotool("key", keys)
    else:
        xdotool("type", "--delay", "60", *keys)
    time.sleep(3)


def picture(proof: Proof, name: str) -> None:
    file = proof.machine.folder / "pictures" / f"{name}.png"
    file.parent.mkdir(exist_ok=True)
    subprocess.run(["import", "-window", "root", str(file)], env=on_screen(), timeout=60, check=True)
