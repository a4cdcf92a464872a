"""What a person has to look at, gathered from charges and postings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import pytest

from paydesk.domain.payment import State
from paydesk.domain.posting import PostingState
from paydesk.services.attention import open_matters, posting_advice
from tests.fakes.agency import Office
from tests.fakes.desk import NOW


def test_charges_and_postings_are_one_list_the_charges_first() -> None:
    office = Office()
    refused = office.took("60010")
    late = office.took("60011", state=State.LATE)
    office.took("60012")
    otherwise = office.took("60013", otherwise=250)
    young = office.took("60014", state=State.UNKNOWN, minutes_ago=0)
    office.post.put(refused, PostingState.REFUSED, "The period is closed.")
    office.post.put(otherwise, PostingState.UNCLEAR)
    found = open_matters(office.ledger_port, cast(Any, office.post), NOW, timedelta(minutes=15))
    assert [matter.payment.id for matter in found] == [late.id, otherwise.id, young.id, refused.id]
    assert [len(matter.advice) for matter in found] == [1, 2, 1, 1]
    assert not found[-1].charge


@pytest.mark.parametrize("state", [PostingState.WAITING, PostingState.UNCLEAR, PostingState.REFUSED])
def test_a_stuck_receipt_says_what_to_do_and_what_never(state: PostingState) -> None:
    office = Office()
    posting = office.post.put(office.took("60010"), state, "AMS360 cannot be reached.")
    said = posting_advice(posting, may_post_again=True)
    assert ("Post again" in said.do) == (state is not PostingState.WAITING)
    assert "Post again" not in posting_advice(posting, may_post_again=False).do
    assert "R-000001" in said.known
    assert "AMS360 cannot be reached." in said.known
    assert said.do
    assert said.never.startswith("Do not")
