"""A bank account whose debit came back is warned about, by its fingerprint: no number is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paydesk.domain.outcome import AchReturned
from paydesk.domain.payment import Payment, State
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.services.ports.ledger import ReturnedBefore
from tests.fakes.office import ACCOUNT, CARD, Office


def returned(office: Office, *, days_ago: float) -> Payment:
    """Take a debit of that account, which its bank returned."""
    payment = office.took("50177", kind=TenderKind.ACH, minutes_ago=days_ago * 24 * 60)
    with office.ago(days_ago * 24 * 60 - 60):
        office.ledger.returned(payment.id, AchReturned("The bank says: the account is closed (R02)."))
    return payment


def test_an_account_whose_debit_came_back_is_warned_about_once() -> None:
    office = Office()
    returned(office, days_ago=30)
    draft = office.draft("50123", kind=TenderKind.ACH)
    with pytest.raises(ReturnedBefore, match=r"came back on .*the account is closed") as error:
        office.desk.authorize.pay(draft, ACCOUNT)
    assert office.ledger.payments(limit=1)[0].state is State.RETURNED, "nothing was recorded"
    paid = office.desk.authorize.pay(draft, ACCOUNT, warned={error.value.about})
    assert paid.state is State.AUTHORIZED


def test_another_account_a_card_and_an_old_return_are_not_warned_about() -> None:
    office = Office()
    returned(office, days_ago=181)
    later = office.desk.authorize.pay(office.draft("50123", kind=TenderKind.ACH), ACCOUNT)
    assert later.state is State.AUTHORIZED
    other = Office()
    returned(other, days_ago=3)
    account = replace(ACCOUNT, account=Sealed("987654321"))
    drafts = ((other.draft("50123", kind=TenderKind.ACH), account), (other.draft("50210"), CARD))
    for draft, tender in drafts:
        assert other.desk.authorize.pay(draft, tender).state is State.AUTHORIZED
