"""Draw the application's icon in every size, from its source resources/app/paydesk.svg.

Usage: .venv/bin/python tools/app_icon.py (on Windows, .venv\\Scripts\\python), after a change of the source.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "app"
SOURCE = FOLDER / "paydesk.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
"""Widths in pixels. Windows uses those up to 256, macOS those from 16."""


def drawn(size: int) -> bytes:
    """Return the icon as a PNG of that width."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(SOURCE)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # PySide6's stubs want bytes here
    return bytes(buffer.data().data())


def main() -> None:
    """Write a PNG for each size, and the files of Windows and macOS that hold them all."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication(sys.argv[:1])
    for size in SIZES:
        (FOLDER / f"paydesk-{size}.png").write_bytes(drawn(size))
    app.quit()
    pictures = {size: Image.open(FOLDER / f"paydesk-{size}.png") for size in SIZES}
    small = [pictures[size] for size in SIZES if size <= 256]
    small[-1].save(FOLDER / "paydesk.ico", sizes=[one.size for one in small], append_images=small[:-1])
    pictures[512].save(
        FOLDER / "paydesk.icns", append_images=[pictures[size] for size in SIZES if size < 512]
    )


if __name__ == "__main__":
    main()
