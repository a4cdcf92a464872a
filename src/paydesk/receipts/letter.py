"""The receipt on Letter paper: head, facts, a table that breaks over pages between rows, totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paydesk.domain.consent import Agency
from paydesk.domain.money import Money
from paydesk.domain.receipt import Receipt, ReceiptLine
from paydesk.receipts import words
from paydesk.receipts.fonts import Weight
from paydesk.receipts.layout import MOST_LINES, Block, Box, Column, Ink, Style, Text, beside, stack
from paydesk.receipts.shaping import set_line

WIDTH, HEIGHT = 612.0, 792.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 558.0, 50.0, 66.0
FOOT = 40.0
ACROSS = RIGHT - LEFT

INK: Ink = (0.10, 0.12, 0.16)
SOFT: Ink = (0.37, 0.41, 0.47)
FAINT: Ink = (0.80, 0.83, 0.87)
ACCENT: Ink = (0.07, 0.36, 0.45)

AGENCY = Style(13, 18, INK, Weight.STRONG)
TITLE = Style(21, 26, INK, Weight.STRONG)
NUMBER = Style(10, 15, INK, Weight.STRONG)
BODY = Style(9.5, 13.5, INK)
STRONG = Style(9.5, 13.5, INK, Weight.STRONG)
NOTE = Style(8.5, 12.5, SOFT)
LABEL = Style(7.5, 12, SOFT, Weight.STRONG)
AMOUNT = Style(9.5, 13.5, INK, figures=True)
SUM = Style(10, 17, INK)
SUM_AMOUNT = Style(10, 17, INK, figures=True)
TOTAL = Style(12, 26, INK, Weight.STRONG)
TOTAL_AMOUNT = Style(20, 26, INK, Weight.STRONG)
MARK = Style(10, 14, ACCENT, Weight.STRONG)

NAME_WIDTH, AMOUNT_WIDTH, GUTTER = 104.0, 96.0, 14.0
DETAILS_LEFT = LEFT + NAME_WIDTH + GUTTER
DETAILS_WIDTH = ACROSS - NAME_WIDTH - AMOUNT_WIDTH - 2 * GUTTER
TOTALS_LEFT, SUM_WIDTH = 312.0, 152.0


@dataclass(frozen=True, slots=True)
class Page:
    """The blocks of one page, from the top down, and its footer."""

    blocks: tuple[Block, ...]
    foot: Block


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, and the header above them on every page."""

    head: Block
    rows: Sequence[Block]


def pages(receipt: Receipt, copy_number: int) -> list[Page]:
    """Return the whole receipt, broken into pages."""
    mark = words.copy_mark(copy_number)
    opening = stack([_head(receipt, mark), _facts(receipt)])
    table = Table(_table_head(receipt), [_row(receipt, line) for line in receipt.lines])
    bodies = _break(opening, _running_head(receipt, mark), table, [_closing(receipt), *_notes(receipt)])
    return [
        Page(tuple(body), _foot(receipt, number, len(bodies))) for number, body in enumerate(bodies, start=1)
    ]


def _break(opening: Block, running_head: Block, table: Table, ending: Sequence[Block]) -> list[list[Block]]:
    """Fill pages. No row is split, and the totals never get a page without a row above them."""
    filled = [[opening]]
    for row in table.rows:
        needed = [row] if table.head in filled[-1] else [table.head, row]
        if not _fits(filled[-1], *needed):
            needed = [table.head, row]
            filled.append([running_head])
        filled[-1] += needed
    totals, *notes = ending
    if not _fits(filled[-1], totals):
        last = [table.head, filled[-1].pop()] if filled[-1][-2] != table.head else []
        filled.append([running_head, *last])
    filled[-1].append(totals)
    for note in notes:
        if not _fits(filled[-1], note):
            filled.append([running_head])
        filled[-1].append(note)
    return filled


def _fits(page: Sequence[Block], *blocks: Block) -> bool:
    return sum(block.height for block in (*page, *blocks)) <= HEIGHT - TOP - BOTTOM


def _head(receipt: Receipt, mark: str) -> Block:
    agency = letterhead(receipt.agency)
    title = Column(LEFT + 290, ACROSS - 290, "right").say(words.TITLE[receipt.kind], TITLE)
    title.say(f"No. {receipt.number}", NUMBER, before=2, most=2)
    title.say(words.when(receipt.taken_at, receipt.time_zone), NOTE)
    title.say(words.undoes(receipt), STRONG, most=2)
    stamp(title, mark)
    return beside(agency, title, after=18)


def letterhead(agency: Agency) -> Column:
    """Return the agency's name, with its address and how to reach it below."""
    column = Column(LEFT, 270).say(agency.name, AGENCY, most=4).space(2)
    for line in words.agency_lines(agency):
        column.say(line, NOTE, most=3)
    return column


def stamp(column: Column, mark: str) -> None:
    """Frame the copy mark. The original leaves its space empty, so that nothing else ever moves."""
    top = column.height + 6
    if mark:
        text = set_line(mark, MARK.weight)
        width = text.width * MARK.size / 1000 + 14
        column.marks.append(Box(RIGHT - width, top, width, 19, ACCENT, 1.0))
        column.marks.append(Text(text, MARK.size, MARK.ink, RIGHT - width + 7, top + 13.2))
    column.height = top + 20


def _running_head(receipt: Receipt, mark: str) -> Block:
    agency = Column(LEFT, 270).say(receipt.agency.name, STRONG, most=1)
    agency.say(f"{words.TITLE[receipt.kind]} {receipt.number}, continued", NOTE, most=2)
    title = Column(LEFT + 290, ACROSS - 290, "right")
    stamp(title, mark)
    return beside(agency, title, after=18)


def _facts(receipt: Receipt) -> Block:
    second, third = (200.0, 400.0) if receipt.version == 1 else (188.0, 376.0)
    name, number = words.shared_customer(receipt)
    customer = []
    if name or number:
        shared = Column(LEFT + second, third - second - GUTTER).rule(ACCENT, 1.2).space(7)
        customer.append(
            shared.say("For customer", LABEL).say(name, STRONG).say(words.customer_number(number), NOTE)
        )
    payer = Column(LEFT, (second if customer else third) - GUTTER).rule(ACCENT, 1.2).space(7)
    payer.say(words.payer(receipt), LABEL).say(receipt.payer_name, STRONG)
    for line in words.contact_lines(receipt):
        payer.say(line, NOTE, most=3)
    reference = (
        Column(LEFT + third, ACROSS - third).rule(ACCENT, 1.2).space(7).say("Payment reference", LABEL)
    )
    if receipt.version == 1:
        reference.say(receipt.reference, BODY, most=3)
    else:
        reference.whole(receipt.reference, BODY)  # whole: people read it aloud and search for it
    return beside(payer, *customer, reference, after=20)


def _table_head(receipt: Receipt) -> Block:
    name = Column(LEFT, NAME_WIDTH).say(words.line_title(receipt), LABEL)
    details = Column(DETAILS_LEFT, DETAILS_WIDTH).say("Description", LABEL)
    amount = Column(RIGHT - AMOUNT_WIDTH, AMOUNT_WIDTH, "right").say("Amount", LABEL)
    below = Column(LEFT, ACROSS).space(15).rule(INK, 0.9)
    return beside(name, details, amount, below)


def _row(receipt: Receipt, line: ReceiptLine) -> Block:
    name = Column(LEFT, NAME_WIDTH).space(6).say(words.line_name(receipt, line), STRONG)
    details = Column(DETAILS_LEFT, DETAILS_WIDTH).space(6)
    for index, detail in enumerate(words.line_details(receipt, line)):
        details.say(detail, NOTE if index else BODY, most=12 if index else MOST_LINES)
    amount = Column(RIGHT - AMOUNT_WIDTH, AMOUNT_WIDTH, "right").space(6)
    amount.amount(words.dollars(line.amount), AMOUNT)
    body = beside(name, details, amount, after=6)
    return Block(body.height, (*body.marks, Box(LEFT, body.height, ACROSS, 0, FAINT)))


def _closing(receipt: Receipt) -> Block:
    """Return the tender on the left, and subtotal, fee and total on the right."""
    tender = Column(LEFT, TOTALS_LEFT - LEFT - 24).space(14).say(words.tender(receipt), LABEL)
    tender.say(words.TENDERS[receipt.tender], STRONG).say(words.instrument(receipt), BODY, most=3)
    tender.say(words.taken(receipt), NOTE, before=3, most=4)
    sums = stack(
        [
            Block(10),
            _sum(words.SUBTOTAL, receipt.subtotal, SUM, SUM_AMOUNT),
            _sum(words.FEE, receipt.fee, SUM, SUM_AMOUNT),
            Block(9, (Box(TOTALS_LEFT, 5, RIGHT - TOTALS_LEFT, 0, INK, 0.9),)),
            _sum(words.TOTAL[receipt.kind], receipt.total, TOTAL, TOTAL_AMOUNT),
        ]
    )
    return beside(tender, sums, after=16)


def _sum(label: str, amount: Money, style: Style, amount_style: Style) -> Block:
    right = Column(RIGHT - SUM_WIDTH, SUM_WIDTH, "right").amount(words.dollars(amount), amount_style)
    return beside(Column(TOTALS_LEFT, RIGHT - SUM_WIDTH - TOTALS_LEFT).say(label, style), right)


def _notes(receipt: Receipt) -> list[Block]:
    """Return the notes for the customer: not cleared yet, the consent, refunds and whom to call."""
    title, sentence = words.notice(receipt)
    given, said = words.consent(receipt)
    notes = []
    if title:
        framed = Column(LEFT + 12, ACROSS - 24).space(8).say(title, STRONG).say(sentence, BODY)
        framed.say(given, LABEL, before=4).say(said, NOTE).space(9)
        body = beside(framed)
        frame = Box(LEFT, 0, ACROSS, body.height, FAINT, 0.9)
        bar = Box(LEFT, 0, 0, body.height, ACCENT, 2.4)
        notes.append(Block(body.height + 14, (*body.marks, frame, bar)))
    elif said:
        notes.append(beside(Column(LEFT, ACROSS).say(given, LABEL).say(said, NOTE), after=14))
    notes.append(beside(Column(LEFT, ACROSS).say(receipt.refund_line, NOTE, most=6), after=0))
    return notes


def _foot(receipt: Receipt, number: int, count: int) -> Block:
    left = Column(LEFT, 300).say(f"{receipt.agency.name} · receipt {receipt.number}", LABEL, most=1)
    right = Column(RIGHT - 120, 120, "right").say(f"Page {number} of {count}" if count > 1 else "", LABEL)
    return beside(left, right)
