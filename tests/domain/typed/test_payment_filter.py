"""Filters of payments: every state has a status, and no term of one kind is found by another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import PostingState
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.payment_filter import NOT_POSTED, PaymentFilter, Status, facets, status_of
from paydesk.domain.typed.payment_search import payment_terms
from tests.fakes.office import Office


@pytest.fixture(scope="module")
def payment() -> Payment:
    return Office().took("60010")


def _in(payment: Payment, state: State, kind: TenderKind = TenderKind.CREDIT_CARD) -> Payment:
    quote = replace(payment.draft.quote, kind=kind)
    return replace(payment, state=state, draft=replace(payment.draft, quote=quote))


def test_each_state_has_a_status_and_each_status_a_state(payment: Payment) -> None:
    kinds = (TenderKind.CREDIT_CARD, TenderKind.ACH)
    found = {status_of(_in(payment, state, kind)) for state in State for kind in kinds}
    assert found == set(Status)
    assert status_of(_in(payment, State.AUTHORIZED)) is Status.APPROVED
    assert status_of(_in(payment, State.AUTHORIZED, TenderKind.ACH)) is Status.SUBMITTED
    assert status_of(_in(payment, State.SUBMITTED)) is Status.UNCLEAR, "of a charge, not of a bank debit"


def test_a_payment_passes_the_filters_of_what_it_is_and_no_others(payment: Payment) -> None:
    own = PaymentFilter(
        status=Status.APPROVED,
        method=TenderKind.CREDIT_CARD,
        person=payment.user,
        posted=False,
        customer=payment.draft.payer.customer_number,
    )
    terms = set(facets(payment, PostingState.REFUSED))
    assert all(terms & set(group) for group in own.groups)
    assert len(own.groups) == 5
    others = [
        *(PaymentFilter(status=status) for status in Status if status is not Status.APPROVED),
        *(PaymentFilter(method=kind) for kind in TenderKind if kind is not TenderKind.CREDIT_CARD),
        PaymentFilter(person=payment.user[:-1]),
        PaymentFilter(person=payment.user + " "),
        PaymentFilter(person=payment.user.upper()),
        PaymentFilter(posted=True),
        PaymentFilter(customer=payment.user),
    ]
    for other in others:
        [group] = other.groups
        assert not terms & set(group), other


@pytest.mark.parametrize("state", list(PostingState))
def test_posted_or_not_leaves_out_what_is_neither(payment: Payment, state: PostingState) -> None:
    terms = set(facets(payment, state))
    [posted], [*not_posted] = PaymentFilter(posted=True).groups[0], PaymentFilter(posted=False).groups[0]
    assert (posted in terms) == (state is PostingState.POSTED)
    assert bool(terms & set(not_posted)) == (state in NOT_POSTED)


def test_nothing_narrows_without_a_choice(payment: Payment) -> None:
    assert PaymentFilter().anything
    assert PaymentFilter().groups == ()
    assert not PaymentFilter(posted=False).anything
    nobody = replace(
        payment, draft=replace(payment.draft, payer=replace(payment.draft.payer, customer_number=""))
    )
    assert not [term for term in facets(nobody, None) if term.startswith(("xc", "xp"))]


@pytest.mark.parametrize(
    "person", ["Dana", "O'Brien-Smith", "Renée", "李雷", "a" * 300, "\ud800", "1001 4111111111111111"]
)
def test_terms_are_letters_and_digits_and_never_a_card_number(payment: Payment, person: str) -> None:
    terms = payment_terms(replace(payment, user=person), posting=PostingState.BY_HAND).split()
    assert all(term.isalnum() for term in terms)
    [found] = [term for term in terms if term.startswith("xu")]
    assert found in PaymentFilter(person=person).groups[0]
    assert not any(letter.isdigit() for letter in found)
