"""Items that need a person, gathered from charges and postings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from paydesk.domain.payment import State
from paydesk.domain.posting import MayHaveArrived, NotReceived, PostingState, PostOutcome, Refused
from paydesk.domain.tender import TenderKind
from paydesk.services.desk.advice import Case, advice
from paydesk.services.desk.attention import open_items
from tests.fakes.office import WHY, Office
from tests.fakes.sample import NOW


def test_charges_and_postings_are_one_list_the_charges_first() -> None:
    office = Office()
    refused = office.took("60010")
    late = office.took("60011", state=State.LATE)
    office.took("60012")
    otherwise = office.took("60013", otherwise=250)
    young = office.took("60014", state=State.UNKNOWN, minutes_ago=0)
    office.sent(refused, Refused("The period is closed."))
    office.sent(otherwise, MayHaveArrived("AMS360 did not answer."))
    found = open_items(office.ledger, office.desk.post, NOW, timedelta(minutes=15))
    assert [matter.payment.id for matter in found] == [late.id, otherwise.id, young.id, refused.id]
    assert [matter.advice.case for matter in found] == [
        Case.LATE, Case.CHARGED_OTHERWISE, Case.UNKNOWN, Case.POSTING_REFUSED,
    ]  # fmt: skip
    assert not found[-1].charge


def test_a_letter_that_was_not_printed_is_an_item_until_it_is() -> None:
    office = Office()
    office.took("60010", kind=TenderKind.ACH, minutes_ago=60)
    payment = office.took_by_letter("60011", minutes_ago=20)
    office.took_by_letter("60012", minutes_ago=5)  # its receipt may still be on a screen
    voided = office.took_by_letter("60013", minutes_ago=60)
    office.desk.voids.void(voided.id, WHY)

    def found() -> list[tuple[int, Case, bool]]:
        listed = open_items(office.ledger, office.desk.post, NOW, timedelta(minutes=15))
        return [(matter.payment.id, matter.advice.case, matter.charge) for matter in listed]

    assert found() == [(payment.id, Case.LETTER_DUE, False)]
    assert "ending 6789 has no proof of authorization yet" in advice(payment, letter_due=True).known
    office.desk.consent_papers.note_printed(payment)
    assert found() == []


def test_a_letter_of_long_ago_is_an_item_no_more() -> None:
    office = Office()
    office.took_by_letter("60011", minutes_ago=60 * 24 * 15)
    assert open_items(office.ledger, office.desk.post, NOW, timedelta(minutes=15)) == []


def test_a_refused_receipt_comes_before_its_letter() -> None:
    office = Office()
    payment = office.took_by_letter("60011", minutes_ago=60)
    office.sent(payment, Refused("The period is closed."))
    [matter] = open_items(office.ledger, office.desk.post, NOW, timedelta(minutes=15))
    assert (matter.letter_due, matter.advice.case) == (True, Case.POSTING_REFUSED)


@pytest.mark.parametrize("outcome", [NotReceived, MayHaveArrived, Refused])
def test_a_stuck_receipt_says_what_to_do_and_what_never(outcome: Callable[[str], PostOutcome]) -> None:
    office = Office()
    posting = office.sent(office.took("60010"), outcome("AMS360 can't be reached."))
    said = advice(posting.payment, posting, may_post_again=True)
    assert ("Retry posting" in said.do) == (posting.state is not PostingState.WAITING)
    assert "Retry posting" not in advice(posting.payment, posting).do
    assert "R-000001" in said.known
    assert "AMS360 can't be reached." in said.known
    assert said.do
    assert said.never.startswith("Do not")
