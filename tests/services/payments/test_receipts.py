"""The receipt of an approved payment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paydesk.config.settings import AndDoneSettings
from paydesk.domain.errors import BugError
from paydesk.domain.money import Money
from paydesk.domain.payment import Payer, State
from paydesk.domain.receipt import ReceiptKind
from paydesk.domain.world import LIVE, TEST, World, WorldKind
from tests.fakes.office import Office
from tests.fakes.sample import SETTINGS
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


def test_what_is_not_approved_has_no_receipt(counter: Counter) -> None:
    counter.source.owe("50123", 1_250_00)
    counter.processor.decline_next("insufficient funds")
    with pytest.raises(BugError, match="is not approved"):
        LETTERHEAD.receipt_for(counter.pay("50123"))


@pytest.mark.parametrize(
    ("url", "world"),
    [
        ("https://api.anddone.com", LIVE),
        ("https://api.uat.anddone.com", TEST),
        ("http://127.0.0.1:8570", World(WorldKind.OTHER, "127.0.0.1:8570")),
    ],
)
def test_a_receipt_and_its_void_keep_the_world_they_were_taken_in(url: str, world: World) -> None:
    office = Office(replace(SETTINGS, training=False, anddone=AndDoneSettings(base_url=url)))
    payment = office.took("50123", state=State.VOIDED)
    for kind in (ReceiptKind.PAYMENT, ReceiptKind.VOID):
        assert office.ledger.receipt(payment.id, kind).world == world
