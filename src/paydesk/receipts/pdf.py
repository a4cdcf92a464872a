"""Receipts as PDF bytes. The same receipt always gives the same bytes, except for the copy mark."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import atan2, degrees, hypot
from typing import assert_never

from reportlab.pdfgen.canvas import Canvas

from paydesk.domain.consent import Agency, Consent, Proof
from paydesk.domain.errors import BugError
from paydesk.domain.receipt import Paper, Receipt
from paydesk.domain.world import World
from paydesk.receipts import anytime_card, consent_paper, consent_words, letter, roll, words
from paydesk.receipts.embedding import Fonts
from paydesk.receipts.fonts import Weight
from paydesk.receipts.layout import Block, Box, Ink, Text
from paydesk.receipts.letter import Page
from paydesk.receipts.shaping import clean, set_line

_WATERMARK: Ink = (0.92, 0.93, 0.94)


def render(receipt: Receipt, paper: Paper = Paper.LETTER, copy_number: int = 0) -> bytes:
    """Return the receipt as a PDF. ``copy_number`` 0 is the original, n prints ``COPY n``.

    It reads nothing but the receipt and the fonts, and prints any text. A character that no font
    has becomes an empty box.
    """
    file, canvas = _opened(f"{words.TITLE[receipt.kind]} {receipt.number}", receipt.agency)
    if receipt.anchor:
        canvas.setKeywords(f"{words.ANCHOR} {receipt.anchor}")
    drawing = _Drawing(canvas)
    match paper:
        case Paper.LETTER:
            _draw_pages(drawing, letter.pages(receipt, copy_number), receipt.world)
        case Paper.ROLL_80MM:
            blocks = roll.strip(receipt, copy_number)
            canvas.setPageSize((roll.WIDTH, roll.height(blocks)))
            drawing.draw(blocks, roll.height(blocks) - roll.EDGE)
            canvas.showPage()
        case never:
            assert_never(never)
    canvas.save()
    return file.getvalue()


def render_consent(consent: Consent, receipt_number: str, copy_number: int) -> bytes:
    """Return the paper that proves a consent: the form to sign, or the letter with its receipt's number.

    Raises BugError if the consent has none.
    """
    paper = consent.paper
    if paper is None:
        raise BugError("this consent has no paper")
    page = consent_paper.page(consent, paper, receipt_number, copy_number)
    signed = consent.proof is Proof.SIGNED_FORM
    file, canvas = _opened(consent_words.FORM if signed else consent_words.LETTER, paper.agency)
    _draw_pages(_Drawing(canvas), [page], paper.world)
    canvas.save()
    return file.getvalue()


def render_anytime_card(agency: Agency, link: str, world: World) -> bytes:
    """Return the card with the agency's anytime link, on Letter paper."""
    file, canvas = _opened(anytime_card.TITLE_WORDS, agency)
    _draw_pages(_Drawing(canvas), [anytime_card.page(agency, link)], world)
    canvas.save()
    return file.getvalue()


def _opened(title: str, agency: Agency) -> tuple[BytesIO, Canvas]:
    """Return a new document, and the file in memory that it is written into."""
    file = BytesIO()
    canvas = Canvas(file, invariant=True, pageCompression=1, lang="en-US")
    canvas.setTitle(clean(title))
    canvas.setAuthor(clean(agency.name))
    canvas.setSubject("")
    canvas.setCreator("PayDesk")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    return file, canvas


def _draw_pages(drawing: _Drawing, pages: Sequence[Page], world: World) -> None:
    for page in pages:
        drawing.canvas.setPageSize((letter.WIDTH, letter.HEIGHT))
        if mark := words.world_mark(world):
            drawing.watermark(mark, letter.WIDTH, letter.HEIGHT)
        drawing.draw(page.blocks, letter.HEIGHT - letter.TOP)
        drawing.draw([page.foot], letter.FOOT + page.foot.height)
        drawing.canvas.showPage()


class _Drawing:
    """A canvas on which blocks are drawn."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._fonts = Fonts(canvas)

    def draw(self, blocks: Sequence[Block], top: float) -> None:
        """Draw the blocks one below the other, the first with its top edge at ``top``."""
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
        """Draw a pale text from corner to corner, under everything drawn after it."""
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
