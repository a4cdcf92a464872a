"""From an approved payment to what its receipt says."""

from __future__ import annotations

from dataclasses import replace

from paydesk.domain.money import Money
from paydesk.domain.payment import Payer
from tests.fakes.world import CARD, LETTERHEAD, Counter


def test_a_receipt_of_the_whole_says_nothing_of_parts(counter: Counter) -> None:
    counter.source.owe("50123", 1_250_00)
    whole = LETTERHEAD.receipt_for(counter.pay("50123"))
    assert [line.owed for line in whole.lines] == [None]


def test_the_receipt_of_a_part_keeps_what_was_owed_and_a_phone_number_is_grouped(counter: Counter) -> None:
    counter.source.owe("50123", 1_250_00)
    draft = counter.draft("50123")
    part = replace(draft.lines[0], amount=Money(500_00))
    quote = replace(draft.quote, subtotal=Money(500_00), fee=Money(17_50))
    payer = Payer("Dana Reyes", "6175550142", "dana@example.com")
    payment = counter.authorize.pay(replace(draft, lines=(part,), quote=quote, payer=payer), CARD)
    receipt = LETTERHEAD.receipt_for(payment)
    assert (receipt.lines[0].amount, receipt.lines[0].owed) == (Money(500_00), Money(1_250_00))
    assert receipt.payer_contact == "(617) 555-0142 · dana@example.com"
