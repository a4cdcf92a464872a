"""The papers that prove a consent, on Letter paper: a form to sign, or a letter that confirms a call."""

from __future__ import annotations

from paydesk.domain.consent import Consent, ConsentPaper, Proof
from paydesk.domain.dates import long_date
from paydesk.domain.money import Money
from paydesk.receipts import consent_words as words
from paydesk.receipts.fonts import Weight
from paydesk.receipts.layout import Block, Column, Style, beside, stack
from paydesk.receipts.letter import (
    ACCENT,
    ACROSS,
    BODY,
    FAINT,
    GUTTER,
    INK,
    LABEL,
    LEFT,
    NOTE,
    RIGHT,
    STRONG,
    SUM_WIDTH,
    TITLE,
    TOTAL,
    Page,
    letterhead,
    stamp,
)
from paydesk.receipts.words import FEE, SUBTOTAL, copy_mark

WORDS = Style(11.5, 17, INK)
"""The words that are signed, or were agreed to."""
SUM = Style(10, 17, INK)
SUM_AMOUNT = Style(10, 17, INK, figures=True)
TOTAL_AMOUNT = Style(14, 26, INK, Weight.STRONG, figures=True)


def page(consent: Consent, paper: ConsentPaper, receipt_number: str, copy_number: int) -> Page:
    """Return the paper of a consent."""
    signed = consent.proof is Proof.SIGNED_FORM
    parts = _to_sign(consent) if signed else _to_read(consent, paper)
    head = _head(paper, words.FORM if signed else words.LETTER, copy_mark(copy_number))
    opening = () if signed else (_address(consent, paper),)
    foot = Column(LEFT, ACROSS).say(words.foot(paper.agency.name, receipt_number), LABEL, most=1)
    return Page((head, *opening, _facts(paper), _sums(paper), *parts), beside(foot))


def _head(paper: ConsentPaper, title: str, mark: str) -> Block:
    right = Column(LEFT + 270, ACROSS - 270, "right").say(title, TITLE, most=2)
    right.say(words.made(paper), NOTE, before=2)
    stamp(right, mark)
    return beside(letterhead(paper.agency), right, after=18)


def _address(consent: Consent, paper: ConsentPaper) -> Block:
    column = Column(LEFT, 300).say(paper.terms.holder, STRONG, most=4)
    return beside(column.say(consent.proof_detail, BODY, most=6), after=24)


def _facts(paper: ConsentPaper) -> Block:
    third = (ACROSS - 2 * GUTTER) / 3
    texts = (
        (words.HOLDER, paper.terms.holder),
        (words.ACCOUNT, words.account(paper)),
        (words.DEBIT_ON, long_date(paper.terms.debit_on)),
    )
    columns = []
    for place, (title, text) in enumerate(texts):
        column = Column(LEFT + place * (third + GUTTER), third).rule(ACCENT, 1.2).space(7)
        columns.append(column.say(title, LABEL).say(text, STRONG))
    return beside(*columns, after=18)


def _sums(paper: ConsentPaper) -> Block:
    terms = paper.terms
    what = Column(LEFT, ACROSS).say(words.PAID_FOR, LABEL).say(" · ".join(paper.paid_for), BODY)
    return stack(
        [
            beside(what, after=10),
            beside(Column(LEFT, ACROSS).rule(FAINT).space(4)),
            _sum(SUBTOTAL, terms.total - terms.fee, SUM, SUM_AMOUNT),
            _sum(FEE, terms.fee, SUM, SUM_AMOUNT),
            _sum(words.TOTAL, terms.total, TOTAL, TOTAL_AMOUNT),
            beside(Column(LEFT, ACROSS).space(4).rule(FAINT), after=22),
        ]
    )


def _sum(name: str, amount: Money, style: Style, amount_style: Style) -> Block:
    right = Column(RIGHT - SUM_WIDTH, SUM_WIDTH, "right").amount(amount.shown, amount_style)
    return beside(Column(LEFT, ACROSS - SUM_WIDTH).say(name, style), right)


def _to_sign(consent: Consent) -> tuple[Block, ...]:
    """Return the words, the lines for name, signature and date, and what the agency does with the form."""
    wide, narrow = 300.0, ACROSS - 300.0 - GUTTER
    agreed = Column(LEFT, ACROSS).say(consent.sentence, WORDS)
    signature = Column(LEFT, wide).space(46).rule(INK, 0.9).space(4).say(words.SIGNATURE, LABEL)
    day = Column(LEFT + wide + GUTTER, narrow).space(46).rule(INK, 0.9).space(4).say(words.SIGNED_ON, LABEL)
    name = Column(LEFT, wide).space(40).rule(INK, 0.9).space(4).say(words.PRINTED_NAME, LABEL)
    keep = Column(LEFT, ACROSS).space(28).say(words.KEEP, NOTE)
    return beside(agreed), beside(signature, day), beside(name), beside(keep)


def _to_read(consent: Consent, paper: ConsentPaper) -> tuple[Block, ...]:
    """Return what is confirmed, the words that were agreed to, and what the account holder can do."""
    said = Column(LEFT, ACROSS).say(words.opening(consent, paper), WORDS)
    agreed = Column(LEFT, ACROSS).say(words.AGREED, LABEL).say(consent.sentence, BODY)
    question = Column(LEFT, ACROSS).say(words.question(paper), BODY)
    return beside(said, after=16), beside(agreed, after=16), beside(question)
