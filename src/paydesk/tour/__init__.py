"""The tour: drives the real window on a real training desk as a clerk does, and pictures each step."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk

SCREEN = (1366, 768)
"""The smallest screen PayDesk supports, in device-independent pixels."""

WINDOW = (1366, 728)
"""The size of the window on it, above a taskbar."""

SEAT = ("Front-1", "jamie")
"""Desk and user in the pictures, which are shown to strangers."""


def run_tour(out: Path, *, theme: str = "light", scale: float = 1.0, chapters: int | None = None) -> int:
    """Take the tour and save its pictures and receipts in ``out``. Returns 0.

    ``theme`` is light or dark. ``scale`` is 1.0 to 2.0, for a screen at 100 to 200 percent. ``chapters`` is
    the number of chapters to take, all by default. Raises KnownError if a step does not show what it should.
    """
    if not 1.0 <= scale <= 2.0:
        raise KnownError(f"A scale of {scale} cannot be drawn.", "Choose one from 1.0 to 2.0.")
    where = out.absolute()
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            f"The folder {where} cannot be made ({error.strerror}).", "Choose another."
        ) from None
    with (
        tempfile.TemporaryDirectory(prefix="paydesk-tour-", ignore_cleanup_errors=True) as base,
        _screen(Path(base), scale),
    ):
        _take(where, Path(base), theme == "dark", chapters)
    return 0


def make_screen(folder: Path, scale: float = 1.0) -> str:
    """Describe a desk's screen in the folder. Returns the ``QT_QPA_PLATFORM`` of a program that runs there.

    The offscreen platform reads its screen from a file. The file's path may hold no colon, so it is named
    relative to the working folder (qoffscreenintegration.cpp, Qt 6).
    """
    width, height = (round(side * scale) for side in SCREEN)
    screen = {"name": "tour", "x": 0, "y": 0, "width": width, "height": height, "dpr": 1}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96}
    (folder / "screen.json").write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    return "offscreen:configfile=screen.json"


@contextlib.contextmanager
def _screen(base: Path, scale: float) -> Iterator[None]:
    """Let Qt draw on a screen of its own, so that no other windows or typing interfere."""
    os.environ["QT_QPA_PLATFORM"] = make_screen(base, scale)
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # the tour must not leave a key
    with contextlib.chdir(base):
        yield


def _take(out: Path, base: Path, dark: bool, chapters: int | None) -> None:
    # Imported only now, because Qt reads the platform and the scale when it starts.
    from PySide6.QtCore import qInstallMessageHandler

    from paydesk.config import log as logs
    from paydesk.tour.clerk import AheadClock, Clerk, TourFailed
    from paydesk.tour.story import CHAPTERS
    from paydesk.ui.kit import faults, theme
    from paydesk.ui.main.window import MainWindow
    from paydesk.ui.qt.application import new_application
    from paydesk.wiring.desk import RunningDesk, open_desk

    qInstallMessageHandler(_say)
    theme.install(new_application()).show_dark(dark)
    paths = Paths(base, training=True)
    logs.start(paths.log)
    running: list[RunningDesk] = []

    def open_now() -> Desk:
        running.append(open_desk(paths, seat=SEAT))
        clerk.clock = AheadClock(running[0].desk.clock)
        return replace(running[0].desk, clock=clerk.clock)

    window = MainWindow(open_now)
    window.resize(*WINDOW)
    faults.catch_faults(window)
    clerk = Clerk(window, out)
    try:
        window.show()
        notice = window.take.notice
        clerk.until(lambda: window.desk is not None or bool(notice.text), "The desk never opened.")
        if not running:
            raise KnownError("The training desk did not open.", notice.text)
        clerk.desk, clerk.sandbox = running[0].desk, running[0].sandbox
        for chapter in CHAPTERS[:chapters]:
            chapter(clerk)
    except Exception:
        with contextlib.suppress(OSError, TourFailed):  # the first failure is the one to report
            clerk.picture("failed")
            shutil.copy(paths.log, out / "failed.log")
        raise
    finally:
        sys.excepthook = sys.__excepthook__
        window.lanes.money.wait(60)
        window.close()
        for desk in running:
            desk.close()
    print(f"{clerk.pictures} pictures and {clerk.receipts} receipts in {out}")


def _say(_kind: object, _context: object, message: str) -> None:
    if "propagateSizeHints" not in message:  # the offscreen platform logs this for every dialog
        print(f"Qt: {message}", file=sys.stderr)
