"""The banner of a desk that is not live. It is in the window, and in every dialog of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from paydesk.domain.world import World, WorldKind
from paydesk.ui.kit import words
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import Elided

NAME = "training"


class WorldBanner(QFrame):
    """The banner. It is hidden until the world is known, and on a live desk."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName(NAME)
        self.setProperty("role", "training")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._text = Elided("", "training", f"{NAME}.text")  # a host may be longer than the window is wide
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.L, Space.XS, Space.L, Space.XS)
        line.addWidget(self._text)
        self.hide()

    @property
    def text(self) -> str:
        """Meaning of payments here, or ``""`` if they are real."""
        return self._text.full_text

    def show_world(self, world: World) -> None:
        """Show what payments mean here. A live desk has no banner."""
        self.say("" if world.kind is WorldKind.LIVE else words.banner(world))

    def say(self, text: str) -> None:
        """Show a text, or hide the banner with ``""``."""
        self._text.set_text(text)
        self.setVisible(bool(text))


def mark_world(dialog: QWidget) -> None:
    """Put the banner of the window at the head of its dialog or other screen, above the margins.

    Call it once the dialog has its layout. A live desk's dialogs have no banner.
    """
    above = _banner_above(dialog)
    layout = dialog.layout()
    if above is None or not above.text or layout is None:
        return
    banner = WorldBanner()
    banner.say(above.text)
    layout.setMenuBar(banner)


def _banner_above(dialog: QWidget) -> WorldBanner | None:
    """Return the banner of the window that the dialog belongs to."""
    parent = dialog.parentWidget()
    while parent is not None:
        found = parent.window().findChild(WorldBanner, NAME)
        if isinstance(found, WorldBanner):
            return found
        parent = parent.window().parentWidget()
    return None
