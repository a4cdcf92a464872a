"""The receipt against its floor: the same lines drawn by hand with reportlab, in the same fonts."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from statistics import median
from time import perf_counter

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from paydesk.config.paths import resources
from paydesk.domain.receipt import Receipt
from paydesk.receipts import letter
from paydesk.receipts.fonts import Weight
from paydesk.receipts.layout import Box, Mark, Text
from paydesk.receipts.pdf import render
from tests.receipts import samples

ROUNDS = 200


def measure(rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the median seconds of one receipt of two invoices: ours, and drawn by hand.

    Each round has its own names and numbers, different on each side, so that neither side profits
    from the other's cache. Both open the fonts before the first round.
    """
    for weight in Weight:
        path = resources() / "fonts" / f"{weight.value}.ttf"
        pdfmetrics.registerFont(TTFont(weight.value, str(path)))
    ours, by_hand = [], []
    render(_receipt(0))
    for number in range(1, rounds + 1):
        receipt, marks = _receipt(number), _placed(_receipt(rounds + number))
        started = perf_counter()
        render(receipt)
        ours.append(perf_counter() - started)
        started = perf_counter()
        _draw_by_hand(marks)
        by_hand.append(perf_counter() - started)
    return median(ours), median(by_hand)


def _receipt(number: int) -> Receipt:
    lines = (
        samples.line(10_000 + number, 100_000 + 37 * number, customer_name=f"Sample Bakery {number} LLC"),
        samples.line(20_000 + number, 5_000 + 11 * number, description=f"Commercial auto, change {number}"),
    )
    receipt = samples.payment(*lines)
    return replace(receipt, number=f"R-{number:06d}", reference=f"PD-{number:08X}", payer_name=f"Jo {number}")


def _placed(receipt: Receipt) -> list[tuple[Mark, float]]:
    """Return every mark of the first page with the top of its block."""
    page, top, placed = letter.pages(receipt, 0)[0], letter.HEIGHT - letter.TOP, []
    for block in page.blocks:
        placed += [(mark, top) for mark in block.marks]
        top -= block.height
    return placed + [(mark, letter.FOOT + page.foot.height) for mark in page.foot.marks]


def _draw_by_hand(placed: list[tuple[Mark, float]]) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(letter.WIDTH, letter.HEIGHT), invariant=True, pageCompression=1)
    for mark, top in placed:
        match mark:
            case Text():
                canvas.setFillColorRGB(*mark.ink)
                canvas.setFont(mark.line.runs[0].face.name, mark.size)
                canvas.drawString(mark.x, top - mark.down, mark.line.text)
            case Box():
                canvas.setStrokeColorRGB(*mark.ink)
                canvas.setLineWidth(mark.thickness)
                canvas.line(mark.x, top - mark.down, mark.x + mark.width, top - mark.down - mark.height)
    canvas.showPage()
    canvas.save()
    return file.getvalue()
