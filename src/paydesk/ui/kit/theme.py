"""Theme: light and dark colors, spacing and type scale. It follows the system while running."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from enum import IntEnum, StrEnum
from functools import cache, lru_cache
from string import Template
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from paydesk.config.paths import resources

# Before there is an application, the environment can select the style. That spares the start the loading of
# all of QStyle, which a call of setStyle causes.
_STYLE_ASKED_FOR = QCoreApplication.instance() is None
if _STYLE_ASKED_FOR:
    os.environ["QT_STYLE_OVERRIDE"] = "Fusion"


class Space(IntEnum):
    """Distances in device-independent pixels."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32


ROW_HEIGHT = 36
"""Height of a table row, in device-independent pixels."""

ICON = QSize(18, 18)
"""Size of an icon beside text."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colors of one scheme by use. Each pair meets WCAG AA, as tests/ui/kit/test_theme.py proves."""

    ground: str
    """Background of the window."""
    surface: str
    """Background of cards, tables and fields."""
    raised: str
    """Background of table headers, hovered rows and secondary buttons."""
    hair: str
    """Hairlines between areas. They decorate, and carry no meaning."""
    line: str
    """Border of a part that can be used, or of a key cap, with a contrast of 3:1."""
    edge: str
    """Border of a field, with a contrast of 3:1."""
    ink: str
    muted: str
    faint: str
    """Text of disabled parts and examples in empty fields."""
    accent: str
    """Filled buttons and the focus ring."""
    accent_hover: str
    on_accent: str
    link: str
    """The accent as text."""
    selected: str
    """Background of the current row."""
    danger: str
    danger_soft: str
    overdue: str
    """Background of an overdue row, so quiet that many of them can be read."""
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
    hair="#dde1e8",
    line="#848d9d",
    edge="#7f8899",
    ink="#151a24",
    muted="#566072",
    faint="#5f6878",
    accent="#2856bd",
    accent_hover="#1f469e",
    on_accent="#ffffff",
    link="#2856bd",
    selected="#e3ebfb",
    danger="#b0201a",
    danger_soft="#fdeceb",
    overdue="#fff5f4",
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
    hair="#323946",
    line="#667084",
    edge="#727d90",
    ink="#eceff4",
    muted="#a6b0bf",
    faint="#959fae",
    accent="#6d9bf5",
    accent_hover="#8bb0fa",
    on_accent="#0a1224",
    link="#93b5ff",
    selected="#25334f",
    danger="#ff9088",
    danger_soft="#3b2123",
    overdue="#271f25",
    warning="#f3bd62",
    warning_soft="#372b17",
    good="#74d39a",
    good_soft="#18311f",
    training="#e2a621",
    on_training="#1c1300",
)

FONT_FILES = ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf", "Inter-Bold.ttf")
FAMILIES = ["Inter", "Noto Sans", "Noto Sans Arabic", "Noto Sans Hebrew", "Droid Sans Fallback"]

SIZES = {"small": 12, "body": 14, "title": 18, "amount": 22, "total": 34}
"""Type scale in device-independent pixels."""


class Appearance(StrEnum):
    """The person's choice of a scheme."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """The scheme in use. ``changed`` follows a switch by the system or by a person."""

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
        """The colors in use now."""
        return DARK if self.dark else LIGHT

    def choose(self, appearance: Appearance) -> None:
        """Follow the person's choice, or with SYSTEM the computer's."""
        if appearance is Appearance.SYSTEM:
            self._forced = False
            self._system_changed(self._app.styleHints().colorScheme())
        else:
            self.show_dark(appearance is Appearance.DARK)

    def show_dark(self, dark: bool) -> None:
        """Use this scheme, whatever the system's is."""
        self._forced = True
        self._switch(dark)

    def _system_changed(self, scheme: Qt.ColorScheme) -> None:
        if not self._forced:
            self._switch(scheme == Qt.ColorScheme.Dark)

    def _switch(self, dark: bool) -> None:
        if dark != self.dark:
            self.dark = dark
            if self._dressed:
                self._paint()
            self.changed.emit()

    def dress(self) -> None:
        """Apply the scheme's palette and style sheet to the application, unless done already."""
        if not self._dressed:
            self._paint()

    def undress(self) -> None:
        """Take the style sheet off: a test creates its window as the first of a program, and so faster."""
        self._dressed = False
        self._app.setStyleSheet("")

    def _paint(self) -> None:
        self._dressed = True
        self._app.setPalette(_palette(self.tokens))
        self._app.setStyleSheet(style_sheet(self.tokens))


def prepare(app: QApplication) -> Theme:
    """Set the style and fonts, but no style sheet yet.

    A window is created twice as fast without a style sheet, because Qt polishes every widget again when it
    gets a parent. Call ``dress`` once all widgets exist.
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
    """Apply the whole theme, for windows that do not use ``prepare`` and ``dress``."""
    made = prepare(app)
    made.dress()
    return made


@cache
def load_name_fonts() -> None:
    """Add the fonts of a receipt for names in other scripts. Call it after the window is shown.

    Qt takes them for the characters that Inter does not have. A font's name is its file's, so none can be
    forgotten here: a wrong one, which Qt ignores, once showed Chinese names as boxes.
    """
    for file in sorted((resources() / "fonts").glob("*.ttf")):
        if file.name not in FONT_FILES:
            QFontDatabase.addApplicationFont(str(file))


def tokens() -> Tokens:
    """Return the colors in use now."""
    return Theme.current.tokens if Theme.current else LIGHT


def color(name: str) -> QColor:
    """Return the color of one token, such as ``"danger"``."""
    return _color(getattr(tokens(), name))


@lru_cache
def _color(value: str) -> QColor:
    return QColor(value)


@lru_cache
def font(size: str, weight: QFont.Weight = QFont.Weight.Normal, *, figures: bool = False) -> QFont:
    """Return a font of the type scale.

    With ``figures``, digits have equal width, so that columns of amounts line up. Hyphens are then as wide,
    which spoils every other text. Hinting is off: Windows would round each letter's width, and texts would
    be wider than in the pictures that were looked at.
    """
    made = QFont(FAMILIES)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setPixelSize(SIZES[size])
    made.setWeight(weight)
    if figures:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def style_sheet(scheme: Tokens) -> str:
    """Return the shipped style sheet with the scheme's colors."""
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
        role.Mid: scheme.hair,
        role.Light: scheme.raised,
        role.Midlight: scheme.hair,
        role.Dark: scheme.edge,
    }
    palette = QPalette(QColor(scheme.surface), QColor(scheme.ground))
    for which, value in roles.items():
        palette.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(scheme.faint))
    return palette
