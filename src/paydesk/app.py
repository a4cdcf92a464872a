"""Run the window, and open its desk in the background."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

# Everything else is imported where it is used, because the window is shown before its desk is opened.
if TYPE_CHECKING:
    from paydesk.config.paths import Paths
    from paydesk.services.desk.desk import Desk
    from paydesk.services.desk.doctor import Finding
    from paydesk.ui.main.set_up import SetUp
    from paydesk.wiring.desk import RunningDesk

QUIT_WAIT_S = 90.0
"""Seconds for which a closing window waits for a charge. After that any desk resolves what is still open."""


def run_window(paths: Paths) -> int:
    """Show the window, open its desk on a worker thread, and close both together. Returns the exit code."""
    gc.disable()  # the start makes no garbage, and collecting took 5 % of its time
    from paydesk.ui.kit import faults
    from paydesk.ui.kit.preferences import Preferences
    from paydesk.ui.main.window import MainWindow
    from paydesk.ui.qt.application import new_application

    app = new_application(Preferences(paths.window_state).text_size)
    running: list[RunningDesk] = []
    now = [paths]

    def open_now() -> Desk:
        from paydesk.config import base_folder, log
        from paydesk.wiring.desk import open_desk

        base_folder.keep_private(now[0].base)
        log.start(now[0].log)
        running.append(open_desk(now[0]))
        return running[0].desk

    def train() -> None:
        now[0] = replace(paths, training=True)

    set_up = _set_up(paths, train)
    window = MainWindow(open_now, paths.window_state, training=paths.training, set_up=set_up)
    faults.catch_faults(window)
    window.show()
    try:
        return app.exec()
    finally:
        sys.excepthook = sys.__excepthook__
        # The window waits for it before closing. It cannot if the operating system ends the session.
        window.lanes.money.wait(QUIT_WAIT_S)
        for desk in running:
            desk.close()


def show_message(message: str) -> None:
    """Show a message in a window of its own, and wait until it is closed."""
    from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QVBoxLayout

    from paydesk.ui.kit.widgets import label
    from paydesk.ui.qt.application import new_application

    app = QApplication.instance() or new_application()
    box = QDialog()
    box.setWindowTitle(app.applicationName())
    text = label(message)
    text.setWordWrap(True)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok)
    buttons.accepted.connect(box.accept)
    column = QVBoxLayout(box)
    column.addWidget(text)
    column.addWidget(buttons)
    box.exec()


def _set_up(paths: Paths, train: Callable[[], None]) -> SetUp:
    """Return what the page of a first start offers."""
    from paydesk.ui.main.set_up import SetUp

    def write() -> None:
        from paydesk.config import base_folder
        from paydesk.config.sample_file import write_sample

        paths.base.mkdir(parents=True, exist_ok=True)
        base_folder.keep_private(paths.base)
        write_sample(paths.settings)

    def check() -> Iterator[Finding]:
        from paydesk.wiring.checkup import check_up

        return check_up(paths)

    return SetUp(paths.settings, write, check, train)
