"""The card with the agency's anytime link, on Letter paper: a code for a phone's camera, and the address."""

from __future__ import annotations

from itertools import groupby

from paydesk.domain.consent import Agency
from paydesk.receipts.fonts import Weight
from paydesk.receipts.layout import Block, Box, Column, Ink, Style, beside
from paydesk.receipts.letter import ACROSS, INK, LABEL, LEFT, TITLE, WIDTH, Page, letterhead
from paydesk.receipts.qr_code import modules

TITLE_WORDS = "Pay online"
SCAN = "Scan this code with your phone, or go to"
ENTER = "You enter the amount. Have your invoice or policy number ready."

SIDE = 252.0
"""Side of the code in points: 3.5 inches, which a phone reads from an arm's length."""
_BLACK: Ink = (0.0, 0.0, 0.0)
_LINE = Style(13, 20, INK)
_ADDRESS = Style(13, 20, INK, Weight.STRONG)


def page(agency: Agency, link: str) -> Page:
    """Return the card of an agency."""
    head = beside(letterhead(agency), Column(LEFT + 270, ACROSS - 270, "right").say(TITLE_WORDS, TITLE))
    say = Column(LEFT, ACROSS).say(SCAN, _LINE).say(link, _ADDRESS, most=6).say(ENTER, _LINE, before=8)
    foot = Column(LEFT, ACROSS).say(agency.name, LABEL, most=1)
    return Page((head, Block(48), _code(link), Block(30), beside(say)), beside(foot))


def _code(link: str) -> Block:
    """Return the code in the middle of the page. A run of dark modules is a line as thick as one."""
    rows = modules(link)
    side = SIDE / len(rows)
    left = (WIDTH - SIDE) / 2
    lines: list[Box] = []
    for down, row in enumerate(rows):
        across = 0
        for dark, run in groupby(row):
            count = len(list(run))
            if dark:
                lines.append(Box(left + across * side, (down + 0.5) * side, count * side, 0.0, _BLACK, side))
            across += count
    return Block(SIDE, tuple(lines))
