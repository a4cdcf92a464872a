"""A receipt to PDF bytes: the same receipt always gives the same bytes, the copy mark aside."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import atan2, degrees, hypot
from typing import assert_never

from reportlab.pdfgen.canvas import Canvas

from paydesk.domain.receipt import Paper, Receipt
from paydesk.receipts import letter, roll, words
from paydesk.receipts.embedding import Fonts
from paydesk.receipts.fonts import Weight
from paydesk.receipts.layout import Block, Box, Ink, Text
from paydesk.receipts.shaping import clean, set_line

_WATERMARK: Ink = (0.92, 0.93, 0.94)


def render(receipt: Receipt, paper: Paper = Paper.LETTER, copy_number: int = 0) -> bytes:
    """The receipt as a PDF; ``copy_number`` 0 is the original, n prints ``COPY n``.

    Reads nothing but the receipt and the fonts, and prints any text: what no font can
    show becomes an empty box.
    """
    file = BytesIO()
    canvas = Canvas(file, invariant=True, pageCompression=1, lang="en-US")
    _describe(canvas, receipt)
    drawing = _Drawing(canvas)
    match paper:
        case Paper.LETTER:
            _draw_letter(drawing, receipt, copy_number)
        case Paper.ROLL_80MM:
            blocks = roll.strip(receipt, copy_number)
            canvas.setPageSize((roll.WIDTH, roll.height(blocks)))
            drawing.draw(blocks, roll.height(blocks) - roll.EDGE)
            canvas.showPage()
        case _:
            assert_never(paper)
    canvas.save()
    return file.getvalue()


def _describe(canvas: Canvas, receipt: Receipt) -> None:
    canvas.setTitle(clean(f"{words.TITLE[receipt.kind]} {receipt.number}"))
    canvas.setAuthor(clean(receipt.agency.name))
    canvas.setSubject("")
    canvas.setCreator("PayDesk")
    canvas.setViewerPreference("DisplayDocTitle", "true")


def _draw_letter(drawing: _Drawing, receipt: Receipt, copy_number: int) -> None:
    for page in letter.pages(receipt, copy_number):
        drawing.canvas.setPageSize((letter.WIDTH, letter.HEIGHT))
        if receipt.training:
            drawing.watermark(words.TRAINING, letter.WIDTH, letter.HEIGHT)
        drawing.draw(page.blocks, letter.HEIGHT - letter.TOP)
        drawing.draw([page.foot], letter.FOOT + page.foot.height)
        drawing.canvas.showPage()


class _Drawing:
    """Blocks onto a canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._fonts = Fonts(canvas)

    def draw(self, blocks: Sequence[Block], top: float) -> None:
        """Draw the blocks one under the other, the first with its top edge at ``top``."""
        for block in blocks:
            for mark in block.marks:
                self._mark(mark, top)
            top -= block.height

    def _mark(self, mark: Text | Box, top: float) -> None:
        if isinstance(mark, Text):
            self._colour(mark.ink)
            self.canvas.addLiteral(self._fonts.show(mark.line, mark.size, mark.x, top - mark.down))
            return
        self.canvas.setStrokeColorRGB(*mark.ink)
        self.canvas.setLineWidth(mark.thickness)
        if mark.width and mark.height:
            self.canvas.rect(mark.x, top - mark.down - mark.height, mark.width, mark.height)
        else:
            down = top - mark.down
            self.canvas.line(mark.x, down, mark.x + mark.width, down - mark.height)

    def watermark(self, text: str, width: float, height: float) -> None:
        """A pale text from corner to corner, under everything drawn after it."""
        line = set_line(text, Weight.STRONG)
        size = hypot(width, height) * 0.72 * 1000 / line.width
        self.canvas.saveState()
        self._colour(_WATERMARK)
        self.canvas.translate(width / 2, height / 2)
        self.canvas.rotate(degrees(atan2(height, width)))
        self.canvas.addLiteral(self._fonts.show(line, size, -line.width * size / 2000, -size * 0.35))
        self.canvas.restoreState()

    def _colour(self, ink: Ink) -> None:
        self.canvas.setFillColorRGB(*ink)
