"""How PayDesk looks: colours light and dark, spacing, type scale; follows the system while running."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from enum import IntEnum
from functools import lru_cache
from string import Template
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from paydesk.paths import resources

# Before there is an application, the environment can ask for the style, which spares the start
# the loading of all of QStyle that a call of setStyle brings.
_STYLE_ASKED_FOR = QCoreApplication.instance() is None
if _STYLE_ASKED_FOR:
    os.environ["QT_STYLE_OVERRIDE"] = "Fusion"


class Space(IntEnum):
    """The distances between things, in device-independent pixels."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32


ROW_HEIGHT = 36
"""Height of a table row, in device-independent pixels."""

ICON = QSize(18, 18)
"""The size of an icon beside text."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme by what they are for; each pair holds WCAG AA (tests/ui/test_theme.py)."""

    ground: str
    """Behind everything."""
    surface: str
    """Cards, tables and fields."""
    raised: str
    """Table headers, hovered rows, secondary buttons."""
    line: str
    """Hairlines between areas."""
    edge: str
    """The border of a field: 3:1 against the surface."""
    ink: str
    muted: str
    faint: str
    """Text of what cannot be used."""
    accent: str
    """Filled buttons and the focus ring."""
    accent_hover: str
    on_accent: str
    link: str
    """The accent as text."""
    selected: str
    """Behind the current row."""
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str
    good: str
    good_soft: str
    training: str
    on_training: str


LIGHT = Tokens(
    ground="#f3f4f7",
    surface="#ffffff",
    raised="#eceef3",
    line="#dde1e8",
    edge="#7f8899",
    ink="#151a24",
    muted="#566072",
    faint="#7b8494",
    accent="#2856bd",
    accent_hover="#1f469e",
    on_accent="#ffffff",
    link="#2856bd",
    selected="#e3ebfb",
    danger="#b0201a",
    danger_soft="#fdeceb",
    warning="#7d4e00",
    warning_soft="#fff3da",
    good="#17693a",
    good_soft="#e4f4ea",
    training="#f0b429",
    on_training="#241900",
)

DARK = Tokens(
    ground="#12151b",
    surface="#1b1f27",
    raised="#272c37",
    line="#323946",
    edge="#727d90",
    ink="#eceff4",
    muted="#a6b0bf",
    faint="#858f9f",
    accent="#6d9bf5",
    accent_hover="#8bb0fa",
    on_accent="#0a1224",
    link="#93b5ff",
    selected="#25334f",
    danger="#ff9088",
    danger_soft="#3b2123",
    warning="#f3bd62",
    warning_soft="#372b17",
    good="#74d39a",
    good_soft="#18311f",
    training="#e2a621",
    on_training="#1c1300",
)

FONT_FILES = ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf", "Inter-Bold.ttf")
NAME_FONTS = (
    "NotoSans-Regular.ttf",
    "DroidSansFallbackFull.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
)
"""For names of customers where the system has no font for their script."""

FAMILIES = ["Inter", "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Droid Sans Fallback"]

SIZES = {"small": 12, "body": 14, "title": 18, "amount": 22, "total": 34}
"""The type scale, in device-independent pixels."""


class Theme(QObject):
    """The scheme in use; ``changed`` when the system, or the person, switches it."""

    changed = Signal()
    current: ClassVar[Theme | None] = None

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self.dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        self._forced = False
        self._dressed = False
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def tokens(self) -> Tokens:
        """The colours now."""
        return DARK if self.dark else LIGHT

    def show_dark(self, dark: bool) -> None:
        """Use this scheme whatever the system says."""
        self._forced = True
        self._switch(dark)

    def _system_changed(self, scheme: Qt.ColorScheme) -> None:
        if not self._forced:
            self._switch(scheme == Qt.ColorScheme.Dark)

    def _switch(self, dark: bool) -> None:
        if dark != self.dark:
            self.dark = dark
            self._paint()
            self.changed.emit()

    def dress(self) -> None:
        """Give the application the palette and style sheet of the scheme, if it has none yet."""
        if not self._dressed:
            self._paint()

    def _paint(self) -> None:
        self._dressed = True
        self._app.setPalette(_palette(self.tokens))
        self._app.setStyleSheet(style_sheet(self.tokens))


def prepare(app: QApplication) -> Theme:
    """The style and fonts, but no style sheet yet.

    A window is made twice as fast without one: every widget put into another is polished
    again. ``dress`` follows when all of them stand.
    """
    if Theme.current is None:
        if not _STYLE_ASKED_FOR:
            app.setStyle("Fusion")
        for name in FONT_FILES:
            QFontDatabase.addApplicationFont(str(resources() / "fonts" / name))
        app.setFont(font("body"))
        Theme.current = Theme(app)
    return Theme.current


def install(app: QApplication) -> Theme:
    """Dress the application; for windows that are not made by ``prepare`` and ``dress``."""
    made = prepare(app)
    made.dress()
    return made


def load_name_fonts() -> None:
    """Add the fonts for names in other scripts; after the window is shown, they are large."""
    for name in NAME_FONTS:
        QFontDatabase.addApplicationFont(str(resources() / "fonts" / name))


def tokens() -> Tokens:
    """The colours now in use."""
    return Theme.current.tokens if Theme.current else LIGHT


def color(name: str) -> QColor:
    """The colour of one token, such as ``"danger"``."""
    return _color(getattr(tokens(), name))


@lru_cache
def _color(value: str) -> QColor:
    return QColor(value)


@lru_cache
def font(size: str, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """A font of the type scale with figures of equal width, so that columns of amounts line up."""
    made = QFont(FAMILIES)
    made.setPixelSize(SIZES[size])
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def style_sheet(scheme: Tokens) -> str:
    """The shipped style sheet with the scheme's colours filled in."""
    text = (resources() / "style" / "paydesk.qss").read_text(encoding="utf-8")
    return Template(text).substitute(asdict(scheme), icons=(resources() / "icons").as_posix())


def _palette(scheme: Tokens) -> QPalette:
    role = QPalette.ColorRole
    roles = {
        role.Window: scheme.ground,
        role.WindowText: scheme.ink,
        role.Base: scheme.surface,
        role.AlternateBase: scheme.raised,
        role.Text: scheme.ink,
        role.PlaceholderText: scheme.faint,
        role.Button: scheme.surface,
        role.ButtonText: scheme.ink,
        role.BrightText: scheme.danger,
        role.Highlight: scheme.accent,
        role.HighlightedText: scheme.on_accent,
        role.Accent: scheme.accent,
        role.Link: scheme.link,
        role.ToolTipBase: scheme.ink,
        role.ToolTipText: scheme.surface,
        role.Mid: scheme.line,
        role.Light: scheme.raised,
        role.Midlight: scheme.line,
        role.Dark: scheme.edge,
    }
    palette = QPalette(QColor(scheme.surface), QColor(scheme.ground))
    for which, value in roles.items():
        palette.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(scheme.faint))
    return palette
