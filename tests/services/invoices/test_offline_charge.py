"""Charging cached balances while AMS360 is away: forbidden, allowed, and never against a live no."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.freshness import CachedRule
from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.money import Money
from paydesk.domain.payment import Draft, State
from paydesk.services.ports.ledger import InvoiceTaken
from tests.fakes.world import CARD, START, Counter


@pytest.fixture
def draft(counter: Counter) -> Draft:
    """Return a draft that the clerk agreed to, with AMS360 unreachable since."""
    counter.source.owe("50123", 100_00)
    draft = replace(counter.draft("50123"), from_cache=True)
    counter.source.away = True
    return draft


def free(counter: Counter) -> bool:
    """Return True if the invoice can still be paid and no money moved."""
    return not counter.ledger.undecided() and not counter.processor.charges_made


def test_the_yes_is_recorded_with_what_it_rests_on(counter: Counter, draft: Draft) -> None:
    payment = counter.authorize.pay(draft, CARD)
    assert payment.state is State.AUTHORIZED
    assert payment.draft.from_cache
    events = counter.ledger.events(payment.id)
    kinds = [event.kind for event in events]
    assert kinds.index(EventKind.CHARGED_FROM_CACHE) < kinds.index(EventKind.SUBMITTED)
    yes = next(event for event in events if event.kind is EventKind.CHARGED_FROM_CACHE)
    assert yes.detail == {"invoice 50123": "100.00 of 100.00 as of 2026-08-14 14:00:00 UTC"}


def test_without_a_yes_nothing_is_charged(counter: Counter, draft: Draft) -> None:
    with pytest.raises(NoAnswer):
        counter.authorize.pay(replace(draft, from_cache=False), CARD)
    assert free(counter)


def test_an_agency_can_forbid_it(counter: Counter, draft: Draft) -> None:
    counter.allow_cached(False)
    with pytest.raises(KnownError, match="doesn't charge amounts that AMS360 can't confirm"):
        counter.authorize.pay(draft, CARD)
    assert free(counter)


def test_a_reading_of_yesterday_is_too_old(counter: Counter, draft: Draft) -> None:
    counter.clock.move(timedelta(hours=24, seconds=1).total_seconds())
    with pytest.raises(KnownError, match="more than 24 hours old"):
        counter.authorize.pay(draft, CARD)
    assert free(counter)


def test_a_live_answer_counts_whatever_was_agreed(counter: Counter, draft: Draft) -> None:
    counter.source.away = False
    counter.source.invoices["50123"] = replace(counter.source.invoices["50123"], balance=Money(0))
    with pytest.raises(InvoiceTaken, match=r"now has a balance of \$0\.00"):
        counter.authorize.pay(draft, CARD)
    del counter.source.invoices["50123"]
    with pytest.raises(InvoiceTaken, match="no longer in AMS360"):
        counter.authorize.pay(draft, CARD)
    assert free(counter)


def test_what_was_answered_before_ams360_went_away_counts(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.source.owe("50123", 100_00)
    counter.source.owe("50140", 50_00)
    draft = replace(counter.draft("50123", "50140"), from_cache=True)
    answer = counter.source.invoice

    def away_at_the_second(number: str) -> Invoice | None:
        if number == "50140":
            raise NoAnswer(System.AGENCY_SYSTEM, "AMS360 can't be reached.", connected=False)
        return answer(number)

    monkeypatch.setattr(counter.source, "invoice", away_at_the_second)
    counter.source.invoices["50123"] = replace(counter.source.invoices["50123"], balance=Money(30_00))
    with pytest.raises(InvoiceTaken, match=r"50123 now has a balance of \$30\.00"):
        counter.authorize.pay(draft, CARD)
    assert free(counter)
    counter.source.invoices["50123"] = replace(counter.source.invoices["50123"], balance=Money(100_00))
    payment = counter.authorize.pay(draft, CARD)
    yes = next(
        event for event in counter.ledger.events(payment.id) if event.kind is EventKind.CHARGED_FROM_CACHE
    )
    assert list(yes.detail) == ["invoice 50140"], "only what AMS360 did not confirm"


def test_a_newer_reading_of_another_desk_counts(counter: Counter, draft: Draft) -> None:
    counter.clock.move(60)
    reading = counter.cache.invoice("50123")
    assert reading is not None
    counter.cache.keep(replace(reading, balance=Money(40_00), read_at=counter.clock.now()))
    with pytest.raises(InvoiceTaken, match=r"now has a balance of \$40\.00"):
        counter.authorize.pay(draft, CARD)
    assert free(counter)


def test_it_is_never_charged_twice(counter: Counter, draft: Draft) -> None:
    counter.authorize.pay(draft, CARD)
    with pytest.raises(InvoiceTaken, match="already paid"):
        counter.authorize.pay(draft, CARD)
    assert len(counter.processor.charges_made) == 1


@pytest.mark.parametrize(("hours", "refused"), [(-1, True), (0, False), (24, False), (25, True)])
def test_the_age_of_a_reading(hours: float, refused: bool) -> None:
    rule = CachedRule(allowed=True)
    assert bool(rule.refusal(START, START + timedelta(hours=hours))) is refused
