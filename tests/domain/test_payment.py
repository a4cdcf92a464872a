"""The table of legal moves, and what a draft and a selection refuse."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.consent import Channel
from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.invoices.selection import InvoiceStatus, Row, Selection, select
from paydesk.domain.money import Money
from paydesk.domain.payment import NEXT, NOT_TAKEN, OPEN, PAID, Draft, Payer, PaymentLine, State
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from tests.domain.invoices.test_invoice import an_invoice
from tests.fakes.world import START

END = {State.VOIDED, State.RETURNED, State.CHARGED_BACK}


def test_every_state_has_its_moves_and_only_final_ones_have_none() -> None:
    assert set(NEXT) == set(State)
    assert {state for state, following in NEXT.items() if not following} == END


def test_from_everywhere_an_end_is_reached_and_unknown_is_never_released() -> None:
    def reachable(state: State, seen: frozenset[State] = frozenset()) -> set[State]:
        following = NEXT[state] - seen
        return set(following).union(*(reachable(one, seen | following) for one in following))

    for state in set(State) - END:
        assert reachable(state) & (END | NOT_TAKEN | {State.SETTLED})
    assert State.RELEASED not in reachable(State.UNKNOWN)
    assert not OPEN & PAID
    assert not OPEN & NOT_TAKEN
    assert not PAID & NOT_TAKEN
    assert all(NEXT[state] == {State.LATE} for state in NOT_TAKEN), "a later charge is never dropped"


def line(cents: int, number: str | None = "1") -> PaymentLine:
    return PaymentLine(Money(cents), "premium", number)


@given(st.lists(st.integers(1, 10_000), min_size=1), st.integers(-3, 3))
def test_a_draft_is_quoted_for_exactly_its_lines(cents: list[int], off: int) -> None:
    quote = Quote(TenderKind.DEBIT_CARD, Money(sum(cents) + off), Money(7))
    lines = tuple(map(line, cents))
    if off:
        with pytest.raises(BugError):
            Draft(lines, Payer("Ann"), quote, Channel.PHONE)
    else:
        assert Draft(lines, Payer("Ann"), quote, Channel.PHONE).quote.total == Money(sum(cents) + 7)


@pytest.mark.parametrize(("owed", "refused"), [(99, True), (100, False), (None, False)])
def test_no_line_of_a_draft_is_above_what_is_owed(owed: int | None, refused: bool) -> None:
    known = replace(line(100), owed=None if owed is None else Money(owed))
    quote = Quote(TenderKind.DEBIT_CARD, Money(100), Money(7))
    with pytest.raises(BugError, match="above what is owed") if refused else nullcontext():
        Draft((known,), Payer("Ann"), quote, Channel.PHONE)


def row(number: str = "1", cents: int = 100, mark: InvoiceStatus | None = None, customer: str = "2") -> Row:
    return Row(replace(an_invoice(cents), number=number, customer_number=customer), mark)


def paid(cents: int, *, being_paid: bool = False) -> InvoiceStatus:
    return InvoiceStatus(State.AUTHORIZED, "Front-1", "Dana", START, Money(cents), "R-000001", being_paid)


@pytest.mark.parametrize(
    ("shown", "payable", "owed"),
    [
        (row(), True, 100),
        (row(cents=0), False, 0),
        (row(cents=-5), False, -5),
        (row(mark=paid(100)), False, 0),
        (row(mark=paid(40)), True, 60),
        (row(mark=paid(0, being_paid=True)), False, 100),
    ],
)
def test_what_can_be_ticked(shown: Row, payable: bool, owed: int) -> None:
    assert (shown.payable, shown.owed) == (payable, Money(owed))
    assert bool(select([shown], ["1"]).rows) is payable


def test_a_selection_adds_up_and_keeps_to_one_customer() -> None:
    rows = [row("1", 100), row("2", 250)]
    assert select(rows, ["1", "2"]).subtotal == Money(350)
    part = select(rows, ["1", "2"], [("2", Money(50))])
    assert [one.amount for one in part.lines] == [Money(100), Money(50)]
    with pytest.raises(KnownError, match="different customers"):
        select([row("1"), row("2", customer="3")], ["1", "2"])
    with pytest.raises(BugError):
        Selection((row("1", 100),), (("1", Money(101)),))


def test_a_line_of_nothing_is_no_line() -> None:
    quote = Quote(TenderKind.DEBIT_CARD, Money(100), Money(7))
    with pytest.raises(BugError, match="above zero"):
        Draft((line(100), line(0, "2")), Payer("Ann"), quote, Channel.PHONE)
