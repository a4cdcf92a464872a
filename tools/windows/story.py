"""A day at the installed desk, by keyboard, in a real window on a screen without a monitor."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from tools.windows.checks import expect
from tools.windows.desktop import DISPLAY, PROGRAM, picture, press, screen, wait_for_window

if TYPE_CHECKING:
    from tools.windows.proof import Proof

BASE = "C:\\desk"
COMMANDS = "C:\\Program Files\\PayDesk\\paydesk-cli.exe"
CARD = "4000620000000007"
"""A test card of docs/sandbox.md."""


def _story(proof: Proof) -> str:
    """Pay two invoices by card with the keyboard alone, close the window, and look into the books."""
    shutil.rmtree(proof.machine.drive / "desk", ignore_errors=True)
    with screen():
        window = proof.machine.start(PROGRAM, "--training", "--basedir", BASE, more={"DISPLAY": DISPLAY})
        began = time.monotonic()
        wait_for_window()
        seconds = time.monotonic() - began
        time.sleep(20)  # the desk opens behind the window
        for keys in (["50123"], "Return", "F6", "F9", [f"{CARD}0330123"], "Return", "Return"):
            press(keys)
        time.sleep(8)
        picture(proof, "story-approved")
        press("F12")
        press("alt+F4")
        with contextlib.suppress(subprocess.TimeoutExpired):
            window.wait(60)
        ended = window.poll() is not None
        picture(proof, "story-closed")
        if not ended:
            proof.machine.stop()
    expect(ended, "the window was closed, and a process of the desk is still there after 60 s")
    said = proof.run(COMMANDS, "--training", "--basedir", BASE, "verify")
    expect("1 payments" in said and "nothing wrong" in said, said)
    return f"window after {seconds:.1f} s, one payment in the books, no process left"


STEPS = (
    ("story", "the installed window: a payment by keyboard, closed with Alt+F4, books verified", _story),
)
