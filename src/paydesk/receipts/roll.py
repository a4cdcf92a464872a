"""The receipt on an 80 mm roll: one strip, 72 mm of it printable, as long as needed."""

from __future__ import annotations

from paydesk.domain.money import Money
from paydesk.domain.receipt import Receipt, ReceiptLine
from paydesk.receipts import words
from paydesk.receipts.fonts import Weight
from paydesk.receipts.layout import Block, Box, Column, Ink, Style, beside, stack

MM = 72 / 25.4
WIDTH = 80 * MM
LEFT, ACROSS = 4 * MM, 72 * MM
RIGHT = LEFT + ACROSS
EDGE = 5 * MM
"""Blank space above and below, in points. The cutter needs it."""

BLACK: Ink = (0.0, 0.0, 0.0)
"""The only ink: thermal paper cannot print gray."""

AGENCY = Style(11, 14, BLACK, Weight.STRONG)
TITLE = Style(12, 16, BLACK, Weight.STRONG)
BODY = Style(8.5, 11.5, BLACK)
STRONG = Style(8.5, 11.5, BLACK, Weight.STRONG)
STRONG_AMOUNT = Style(8.5, 11.5, BLACK, Weight.STRONG, figures=True)
NOTE = Style(7.5, 10.5, BLACK)
SUM_AMOUNT = Style(8.5, 11.5, BLACK, figures=True)
TOTAL = Style(11, 22, BLACK, Weight.STRONG)
TOTAL_AMOUNT = Style(18, 22, BLACK, Weight.STRONG)

AMOUNT_WIDTH, SUM_WIDTH = 78.0, 118.0


def strip(receipt: Receipt, copy_number: int) -> list[Block]:
    """Return the whole receipt, from the top down."""
    mark = words.world_mark(receipt.world)
    world = [_framed(mark)] if mark else []
    return [
        *world,
        _head(receipt, words.copy_mark(copy_number)),
        _rule(),
        _facts(receipt),
        _rule(),
        *(_line(receipt, line) for line in receipt.lines),
        _rule(),
        _sums(receipt),
        _rule(),
        _tender(receipt),
        *_notes(receipt),
        *world,
    ]


def height(blocks: list[Block]) -> float:
    """Return the length of the paper in points."""
    return stack(blocks).height + 2 * EDGE


def _rule() -> Block:
    return Block(9, (Box(LEFT, 4.5, ACROSS, 0, BLACK, 0.7),))


def _framed(text: str) -> Block:
    column = Column(LEFT, ACROSS, "centre").space(5).say(text, STRONG).space(4)
    return Block(column.height + 6, (*column.marks, Box(LEFT, 0, ACROSS, column.height, BLACK, 1.2)))


def _head(receipt: Receipt, mark: str) -> Block:
    head = Column(LEFT, ACROSS, "centre").say(receipt.agency.name, AGENCY, most=4)
    for line in words.agency_lines(receipt.agency):
        head.say(line, NOTE, most=3)
    head.say(words.TITLE[receipt.kind], TITLE, before=6).say(f"No. {receipt.number}", STRONG, most=2)
    head.say(words.when(receipt.taken_at, receipt.time_zone), BODY).say(words.undoes(receipt), BODY, most=2)
    top = head.height
    head.say(mark, STRONG, before=1)
    head.height = top + 14  # also on the original, so that nothing else moves on a copy
    return beside(head)


def _facts(receipt: Receipt) -> Block:
    facts = Column(LEFT, ACROSS).say(words.payer(receipt), NOTE).say(receipt.payer_name, STRONG)
    for line in words.contact_lines(receipt):
        facts.say(line, BODY, most=3)
    name, number = words.shared_customer(receipt)
    if name or number:
        facts.say("For customer", NOTE, before=3).say(name, STRONG).say(words.customer_number(number), BODY)
    facts.say(f"Reference {receipt.reference}", NOTE, before=3, most=3)
    return beside(facts)


def _line(receipt: Receipt, line: ReceiptLine) -> Block:
    name = Column(LEFT, ACROSS - AMOUNT_WIDTH)
    label = words.line_name(receipt, line)
    name.say(f"Invoice {label}" if line.invoice_number is not None else label or "Payment", STRONG)
    amount = Column(RIGHT - AMOUNT_WIDTH, AMOUNT_WIDTH, "right")
    amount.amount(words.dollars(line.amount), STRONG_AMOUNT)
    details = Column(LEFT, ACROSS)
    for detail in words.line_details(receipt, line):
        details.say(detail, NOTE)
    return stack([beside(name, amount), beside(details, after=4)])


def _sums(receipt: Receipt) -> Block:
    return stack(
        [
            _sum(words.SUBTOTAL, receipt.subtotal, BODY, SUM_AMOUNT),
            _sum(words.FEE, receipt.fee, BODY, SUM_AMOUNT),
            Block(2),
            _sum(words.TOTAL[receipt.kind], receipt.total, TOTAL, TOTAL_AMOUNT),
        ]
    )


def _sum(label: str, amount: Money, style: Style, amount_style: Style) -> Block:
    right = Column(RIGHT - SUM_WIDTH, SUM_WIDTH, "right").amount(words.dollars(amount), amount_style)
    return beside(Column(LEFT, ACROSS - SUM_WIDTH).say(label, style), right)


def _tender(receipt: Receipt) -> Block:
    tender = Column(LEFT, ACROSS).say(words.tender(receipt), NOTE).say(words.TENDERS[receipt.tender], STRONG)
    tender.say(words.instrument(receipt), BODY, most=3).say(words.taken(receipt), BODY, before=3, most=4)
    return beside(tender, after=6)


def _notes(receipt: Receipt) -> list[Block]:
    title, sentence = words.notice(receipt)
    given, said = words.consent(receipt)
    notes = Column(LEFT, ACROSS).say(sentence, BODY).say(given, NOTE, before=3).say(said, NOTE)
    refund = Column(LEFT, ACROSS).say(receipt.refund_line, NOTE)
    return [*([_framed(title)] if title else []), beside(notes, after=6), beside(refund, after=6)]
