"""Icons: the SVG files in resources/icons, tinted with a theme color, sharp at any scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from paydesk.config.paths import resources
from paydesk.ui.kit import theme

_PROPERTY = "paydesk_icon"

APPLICATION_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
"""Widths in pixels of the program's own icon. ``tools/app_icon.py`` draws them."""


def icon(name: str, tint: str = "ink", size: int = theme.ICON.width()) -> QIcon:
    """Return the icon ``name`` in the color of the token ``tint``. Disabled, it is in the faint color."""
    made = QIcon(pixmap(name, tint, size))
    made.addPixmap(pixmap(name, "faint", size), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, tint: str = "ink", size: int = theme.ICON.width()) -> QPixmap:
    """Return the icon as a picture ``size`` device-independent pixels wide, for the sharpest screen."""
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    return _drawn(name, getattr(theme.tokens(), tint), size, ratio)


def application_icon() -> QIcon:
    """Return the program's own icon, for windows, task bar and dock. Its files are read when it is shown."""
    made = QIcon()
    for size in APPLICATION_SIZES:
        made.addFile(str(resources() / "app" / f"paydesk-{size}.png"), QSize(size, size))
    return made


def put(
    widget: QAbstractButton | QLabel, name: str, tint: str = "ink", size: int = theme.ICON.width()
) -> None:
    """Show the icon on a button or label, and update its color when the theme changes."""
    widget.setProperty(_PROPERTY, [name, tint, size])
    if isinstance(widget, QLabel):
        widget.setPixmap(pixmap(name, tint, size))
    else:
        widget.setIcon(icon(name, tint, size))
        widget.setIconSize(QSize(size, size))


def tint_again() -> None:
    """Redraw every icon on a widget in the theme's present colors."""
    for widget in QApplication.allWidgets():
        spec = widget.property(_PROPERTY)
        if spec and isinstance(widget, QAbstractButton | QLabel):
            put(widget, *spec)


@lru_cache(maxsize=256)
def _drawn(name: str, color: str, size: int, ratio: float) -> QPixmap:
    svg = _source(name).replace("currentColor", color)
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(svg.encode()).render(painter, QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@lru_cache
def _source(name: str) -> str:
    return (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
