"""The tour: the real window and a real training desk, driven like a clerk, a picture of each step."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from paydesk.domain.errors import KnownError
from paydesk.paths import Paths

if TYPE_CHECKING:
    from paydesk.services.desk import Desk

SCREEN = (1366, 768)
"""The smallest screen PayDesk is made for, in device-independent pixels."""

WINDOW = (1366, 728)
"""The window on it, above a taskbar."""

SEAT = ("Front-1", "jamie")
"""Desk and user in the pictures, which are shown to strangers."""


def run_tour(out: Path, *, theme: str = "light", scale: float = 1.0, chapters: int | None = None) -> int:
    """Take the tour and save its pictures and receipts in ``out``; 0 when every step showed what it should.

    ``theme`` is light or dark, ``scale`` 1.0 to 2.0 as a screen of that many percent,
    ``chapters`` how many to take, all by default. Raises KnownError when a step does not show what it should.
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
    """Describe a desk's screen in the folder; the ``QT_QPA_PLATFORM`` of a program that runs there.

    The offscreen platform reads its screen from a file; its path may hold no colon, so it
    is named relative to the working folder (qoffscreenintegration.cpp, Qt 6).
    """
    width, height = (round(side * scale) for side in SCREEN)
    screen = {"name": "tour", "x": 0, "y": 0, "width": width, "height": height, "dpr": 1}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96}
    (folder / "screen.json").write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    return "offscreen:configfile=screen.json"


@contextlib.contextmanager
def _screen(base: Path, scale: float) -> Iterator[None]:
    """Let Qt draw on a screen of its own: nobody's windows or typing come in between."""
    os.environ["QT_QPA_PLATFORM"] = make_screen(base, scale)
    os.environ["QT_SCALE_FACTOR"] = str(scale)
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # nothing of the tour outlives it
    with contextlib.chdir(base):
        yield


def _take(out: Path, base: Path, dark: bool, chapters: int | None) -> None:
    # Only now: the platform and the scale are read when Qt starts.
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    from paydesk import log as logs
    from paydesk.app import RunningDesk, open_desk
    from paydesk.tour.clerk import Clerk
    from paydesk.tour.story import CHAPTERS
    from paydesk.ui import notify, theme
    from paydesk.ui.collector import Collector
    from paydesk.ui.window import MainWindow

    qInstallMessageHandler(_say)
    app = QApplication([])
    app.setApplicationName("PayDesk")
    Collector(app)
    theme.install(app).show_dark(dark)
    paths = Paths(base, training=True)
    logs.start(paths.log)
    running: list[RunningDesk] = []

    def open_now() -> Desk:
        running.append(open_desk(paths, seat=SEAT))
        return running[0].desk

    window = MainWindow(open_now)
    window.resize(*WINDOW)
    notify.catch_bugs(window)
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
        clerk.picture("failed")
        with contextlib.suppress(OSError):
            shutil.copy(paths.log, out / "failed.log")
        raise
    finally:
        sys.excepthook = sys.__excepthook__
        window.lanes.wait_for_money(60)
        window.close()
        for desk in running:
            desk.close()
    print(f"{clerk.pictures} pictures and {clerk.receipts} receipts in {out}")


def _say(_kind: object, _context: object, message: str) -> None:
    if "propagateSizeHints" not in message:  # what the screenless platform says of every dialog
        print(f"Qt: {message}", file=sys.stderr)
