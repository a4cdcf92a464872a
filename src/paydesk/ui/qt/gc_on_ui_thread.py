"""Collect garbage on the UI thread only. A widget freed on a worker thread would crash Qt."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject

from paydesk.ui.qt.timers import repeating

LOOK_MS = 1_000
"""Milliseconds between two checks of the thresholds."""


class Collector(QObject):
    """Replaces Python's cyclic garbage collector while it exists."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self.destroyed.connect(gc.enable)
        repeating(self, LOOK_MS, self.look).start()

    def look(self) -> None:
        """Collect the oldest generation above its threshold, as Python would."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation] > 0:
                gc.collect(generation)
                return
