"""The office of the window's tests: every state of a payment is reached by the real services."""

from __future__ import annotations

from pathlib import Path

import pytest

from paydesk.domain.payment import State
from paydesk.domain.tender import TenderKind
from paydesk.store.verify.verify import verify
from tests.fakes.memory import PLACE
from tests.fakes.office import Office

DAY_MIN = 24 * 60


@pytest.mark.parametrize("state", sorted(State))
def test_a_payment_in_any_state_leaves_a_ledger_without_a_fault(state: State, tmp_path: Path) -> None:
    office = Office()
    if state in (State.SETTLED, State.RETURNED):
        payment = office.took("50123", state=state, kind=TenderKind.ACH, minutes_ago=2 * DAY_MIN)
    else:
        payment = office.took("50123", "50177", state=state)
    assert office.ledger.payment(payment.id).state is state
    assert verify(office.database.engine, PLACE, None).wrong == ()
