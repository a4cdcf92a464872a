"""The card of the anytime link: its words, and a code with every module where a phone looks for it."""

from __future__ import annotations

import io

import pypdf
import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage
from PySide6.QtPdf import QPdfDocument
from pytestqt.qtbot import QtBot

from paydesk.domain.world import TRAINING, World, WorldKind
from paydesk.receipts.anytime_card import SIDE
from paydesk.receipts.letter import HEIGHT, WIDTH
from paydesk.receipts.pdf import render_anytime_card
from paydesk.receipts.qr_code import modules
from tests.fakes.sample import SETTINGS

LIVE = World(WorldKind.LIVE)
LINK = "https://pay.anddone.com/harbor"
LONG = "https://pay.anddone.com/" + "0123456789abcdef" * 20


def said(link: str, world: World = LIVE) -> str:
    """Return the text of the card, on one line. It is one page."""
    (page,) = pypdf.PdfReader(io.BytesIO(render_anytime_card(SETTINGS.agency, link, world))).pages
    return " ".join(page.extract_text().split())


def test_the_card_says_who_is_paid_and_how() -> None:
    text = said(LINK)
    for wanted in (SETTINGS.agency.name, "Pay online", LINK, "You enter the amount"):
        assert wanted in text
    assert "TRAINING" not in text
    assert "TRAINING" in said(LINK, TRAINING)


def test_the_same_link_prints_the_same_bytes() -> None:
    assert render_anytime_card(SETTINGS.agency, LINK, LIVE) == render_anytime_card(
        SETTINGS.agency, LINK, LIVE
    )


@pytest.mark.parametrize("link", [LINK, LONG])
def test_every_module_of_the_code_is_printed(qtbot: QtBot, link: str) -> None:
    picture = drawn(render_anytime_card(SETTINGS.agency, link, LIVE))
    scale = picture.width() / WIDTH
    rows = modules(link)
    module = SIDE / len(rows) * scale
    below = round(130 * scale)  # the letterhead
    left = (picture.width() - SIDE * scale) / 2
    first = min(y for y in range(below, picture.height()) if is_dark(picture, left + module / 2, y))
    found = [
        [is_dark(picture, left + (x + 0.5) * module, first + (y + 0.5) * module) for x in range(len(rows))]
        for y in range(len(rows))
    ]
    assert found == [list(row) for row in rows]


def drawn(pdf: bytes) -> QImage:
    """Return the page at three pixels a point."""
    buffer = QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    return document.render(0, QSize(int(WIDTH * 3), int(HEIGHT * 3)))


def is_dark(picture: QImage, x: float, y: float) -> bool:
    """Return True where ink is. The page itself is transparent."""
    color = picture.pixelColor(round(x), round(y))
    return color.alpha() > 128 and color.lightness() < 128
