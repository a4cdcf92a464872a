"""Recovery of payments without an answer, and the gaps that it must not have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Charge, Expiry, Finding, NoCharge, Reason, Unclear
from paydesk.domain.payment import Payment, State
from paydesk.services.payments.authorize import Authorize, NotRecorded
from paydesk.services.payments.references import reference_in
from paydesk.services.payments.resolve import Resolve, wait_s
from paydesk.services.ports.ledger import InvoiceTaken
from paydesk.services.ports.processor import ChargeRequest
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, LETTERHEAD, Counter


@pytest.fixture
def owing(counter: Counter) -> Counter:
    """Return a desk with one invoice to pay."""
    counter.source.owe("50123", 100_00)
    return counter


def second_desk(counter: Counter, new_ledger: LedgerMaker) -> Counter:
    return Counter(*new_ledger("Front-2"), counter.source, counter.processor, counter.clock)


def resolve_all(counter: Counter, *seconds: float) -> None:
    """Ask about everything now, and again after each of these pauses."""
    counter.resolve.all()
    for pause_s in seconds:
        counter.clock.move(pause_s)
        counter.resolve.all()


# ---- two desks ------------------------------------------------------------------------------


def test_a_hold_submitted_while_another_desk_gives_it_back_stays_submitted(
    owing: Counter, new_ledger: LedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other desk saw an old hold. Its own desk woke up and sent before the release came."""
    other = second_desk(owing, new_ledger)
    draft = owing.draft("50123")
    during: list[State] = []

    def release_as_seen_before() -> None:
        during.append(other.resolve.check(seen[0].id).state)

    seen: list[Payment] = []
    real_hold = owing.ledger.hold

    def hold_and_sleep(*args: object, **more: object) -> Payment:
        seen.append(real_hold(*args, **more))  # type: ignore[arg-type]  # passed on unchanged
        owing.clock.move(601)
        stale = other.ledger.undecided()
        monkeypatch.setattr(other.ledger, "undecided", lambda: stale)
        return seen[0]

    monkeypatch.setattr(owing.ledger, "hold", hold_and_sleep)
    owing.processor.before_pay = release_as_seen_before
    assert owing.authorize.pay(draft, CARD).state is State.AUTHORIZED
    assert during == [State.SUBMITTED]


def test_a_slow_look_that_began_before_the_quiet_time_ended_is_not_the_last(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are two questions at once: the first, still under way, must not count as the last look."""
    owing.processor.lose_next_request()
    payment = owing.pay("50123")
    resolve_all(owing, 61)
    assert owing.ledger.payment(payment.id).expired_at is not None
    real: Callable[[str, ChargeRequest], Finding] = owing.processor.look_up

    def slow(token: str, request: ChargeRequest) -> Finding:
        finding = real(token, request)
        monkeypatch.setattr(owing.processor, "look_up", lambda *_: Unclear("busy"))
        owing.clock.move(301)
        owing.resolve.check(payment.id)
        return finding

    monkeypatch.setattr(owing.processor, "look_up", slow)
    assert owing.resolve.check(payment.id).state is State.UNKNOWN


def test_the_quiet_time_does_not_begin_before_a_desk_fell_asleep(
    owing: Counter, new_ledger: LedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sleeps between reading the clock and the record. Another desk expires the intent meanwhile."""
    other = second_desk(owing, new_ledger)

    class Killed(BaseException):
        """The process ended."""

    def die() -> None:
        raise Killed

    owing.processor.before_pay = die
    with pytest.raises(Killed):
        owing.pay("50123")
    owing.clock.move(121)
    [found] = other.ledger.undecided()
    real = other.ledger.record

    def slow(*args: object) -> Payment:
        monkeypatch.undo()
        owing.clock.move(900)
        owing.resolve.all()
        assert owing.ledger.payment(found.payment.id).expired_at is not None
        return real(*args)  # type: ignore[arg-type]  # passed on unchanged

    monkeypatch.setattr(other.ledger, "record", slow)
    resolve_all(other, 200)
    assert other.ledger.payment(found.payment.id).state is State.UNKNOWN
    resolve_all(other, 101)
    assert other.ledger.payment(found.payment.id).state is State.NOT_CHARGED


def test_a_dead_desks_charge_is_taken_over_by_another(owing: Counter, new_ledger: LedgerMaker) -> None:
    other = second_desk(owing, new_ledger)
    draft = owing.draft("50123")

    class Killed(BaseException):
        """The process is gone."""

    def die() -> None:
        raise Killed

    owing.processor.before_pay = die
    with pytest.raises(Killed):
        owing.authorize.pay(draft, CARD)
    owing.processor.before_pay = lambda: None
    assert other.resolve.all() == [], "its desk may still be at it"
    with pytest.raises(InvoiceTaken):
        other.authorize.pay(draft, CARD)
    resolve_all(other, 121, 61, 301)
    assert other.authorize.pay(draft, CARD).state is State.AUTHORIZED
    assert len(owing.processor.charges_made) == 1


# ---- declined is final before it is shown -----------------------------------------------------


def test_a_copy_of_a_declined_request_can_no_longer_charge(owing: Counter) -> None:
    owing.processor.decline_next("Insufficient funds.")
    payment = owing.pay("50123")
    assert payment.state is State.DECLINED
    owing.processor.arrive_late(payment.intent_token)
    assert owing.charged() == Money(0)


def test_a_decline_that_may_not_be_final_is_unknown_until_it_is(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(token: str) -> None:
        raise KnownError("AndDone can't be reached.")

    owing.processor.decline_next("Insufficient funds.")
    monkeypatch.setattr(owing.processor, "expire", away)
    payment = owing.pay("50123")
    assert (payment.state, payment.reason[:19]) == (State.UNKNOWN, "Insufficient funds.")
    monkeypatch.undo()
    assert [found.state for found in owing.resolve.all()] == [State.DECLINED]


def test_a_lost_decline_whose_intent_expired_by_itself_waits_for_quiet(owing: Counter) -> None:
    """A copy of the request may have begun before the intent expired."""
    owing.processor.decline_next("Insufficient funds.")
    owing.processor.lose_next_reply()
    payment = owing.pay("50123")
    owing.processor.intents[payment.intent_token].expired = True
    resolve_all(owing, 299)
    assert owing.ledger.payment(payment.id).state is State.UNKNOWN
    resolve_all(owing, 2)
    assert owing.ledger.payment(payment.id).state is State.DECLINED


# ---- the ledger fails -----------------------------------------------------------------------


def test_an_approval_is_never_shown_as_not_charged(owing: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fails at the record, and another desk had ruled the payment out: still no `try again`."""

    draft = owing.draft("50123")

    def fail(payment_id: int, *_: object) -> None:
        ruled_out = replace(owing.ledger.payment(payment_id), state=State.NOT_CHARGED)
        monkeypatch.setattr(owing.ledger, "payment", lambda _id: ruled_out)
        raise KnownError("The disk is full.")

    monkeypatch.setattr(owing.ledger, "record", fail)
    with pytest.raises(NotRecorded, match="was approved"):
        owing.authorize.pay(draft, CARD)


def test_a_hold_that_was_committed_with_an_error_does_not_lock_the_invoice(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = owing.ledger.hold

    def hold(*args: object, **more: object) -> None:
        real(*args, **more)  # type: ignore[arg-type]  # passed on unchanged
        raise KnownError("The disk does not answer.")

    monkeypatch.setattr(owing.ledger, "hold", hold)
    draft = owing.draft("50123")
    with pytest.raises(KnownError, match="does not answer"):
        owing.authorize.pay(draft, CARD)
    monkeypatch.undo()
    assert owing.authorize.pay(draft, CARD).state is State.AUTHORIZED


def test_a_screen_that_fails_does_not_stop_the_money(owing: Counter) -> None:
    def broken(step: object) -> None:
        if owing.processor.intents:
            raise RuntimeError("the window is gone")

    assert owing.authorize.pay(owing.draft("50123"), CARD, broken).state is State.AUTHORIZED


def test_a_fault_of_ours_with_one_payment_does_not_keep_the_others_open(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing.source.owe("50140", 50_00)
    owing.processor.lose_next_reply()
    owing.processor.lose_next_reply()
    first, second = owing.pay("50123"), owing.pay("50140")
    real = LETTERHEAD.receipt_for

    def receipt_for(payment: Payment) -> object:
        if payment.id == first.id:
            raise BugError("this receipt cannot be made")
        return real(payment)

    monkeypatch.setattr(owing.resolve, "_receipt_for", receipt_for)
    assert [payment.id for payment in owing.resolve.all()] == [second.id]
    assert owing.ledger.payment(first.id).state is State.UNKNOWN


def test_a_clock_set_back_keeps_nothing_open(owing: Counter, new_ledger: LedgerMaker) -> None:
    other = second_desk(owing, new_ledger)
    owing.processor.lose_next_request()
    payment = owing.pay("50123")
    owing.clock.at = owing.clock.at.replace(year=2020)
    resolve_all(other, 61, 301)
    assert other.ledger.payment(payment.id).state is State.NOT_CHARGED


# ---- search, late charges -------------------------------------------------------------------


def test_a_charge_the_details_do_not_show_is_found_in_the_list(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing.processor.lose_next_reply()
    payment = owing.pay("50123")
    monkeypatch.setattr(owing.processor, "look_up", lambda *_: NoCharge())
    assert owing.resolve.check(payment.id).state is State.UNKNOWN
    owing.clock.move(61)
    found = owing.resolve.check(payment.id)
    assert (found.state, found.charged) == (State.AUTHORIZED, payment.draft.quote.total)


def test_nothing_is_ruled_out_while_the_list_cannot_be_read(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing.processor.lose_next_request()
    payment = owing.pay("50123")

    def away(*_: object) -> None:
        raise KnownError("AndDone's list of payments does not end.")

    monkeypatch.setattr(owing.processor, "charges", away)
    resolve_all(owing, 61, 301, 301)
    assert owing.ledger.payment(payment.id).state is State.UNKNOWN


@pytest.mark.parametrize("state", [State.NOT_CHARGED, State.DECLINED, State.RELEASED])
def test_a_charge_that_was_ruled_out_and_appears_is_late_and_counted(owing: Counter, state: State) -> None:
    match state:
        case State.NOT_CHARGED:
            owing.processor.lose_next_request()
        case State.DECLINED:
            owing.processor.decline_next("No.")
        case _:
            owing.processor.refuse_next_connection()
    payment = owing.pay("50123")
    resolve_all(owing, 61, 301)
    assert owing.ledger.payment(payment.id).state is state
    intent = owing.processor.intents[payment.intent_token]
    intent.expired, intent.outcome = False, None  # AndDone breaks its word
    owing.processor.arrive_late(payment.intent_token)
    assert owing.resolve.due() == [], "looked at a moment ago"
    with pytest.raises(InvoiceTaken, match="already paid by PayDesk"):
        owing.pay("50123")
    owing.clock.move(3601)
    late = owing.resolve.due()
    assert [(found.id, found.state, found.charged) for found in late] == [
        (payment.id, State.LATE, payment.draft.quote.total)
    ]
    assert owing.ledger.receipt(payment.id).total == payment.draft.quote.total
    assert owing.lookup.by_invoice("50123").rows[0].payable is False


def test_a_second_charge_and_one_of_another_ledger_are_told(owing: Counter) -> None:
    payment = owing.pay("50123")
    again = replace(owing.processor.charges(*2 * (owing.clock.now().date(),))[0], processor_ref="txn-2")
    foreign = replace(again, processor_ref="txn-3", reference="PD0123456789ABCDEFGH-1")
    link = replace(again, processor_ref="txn-4", reference="link-2")
    owing.processor.outside += [again, foreign, link]
    assert owing.resolve.all() == []
    assert owing.resolve.strangers == (again, foreign)
    assert owing.ledger.payment(payment.id).processor_ref != "txn-2"
    owing.source.owe("50123", 300_00)
    with pytest.raises(InvoiceTaken, match="txn-2"):
        owing.pay("50123")


def test_a_row_of_the_list_with_an_unknown_status_proves_nothing(owing: Counter) -> None:
    owing.processor.decline_next("No.")
    payment = owing.pay("50123")
    owing.processor.pay_outside("50123", 100_00)
    row = replace(owing.processor.outside.pop(), reference=payment.intent_title, taken=False)
    owing.processor.outside.append(row)
    assert owing.resolve.all() == []
    assert owing.resolve.strangers == (row,)
    assert owing.ledger.payment(payment.id).state is State.DECLINED


def test_sixty_days_are_asked_for_in_pieces_without_a_gap(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[date, date]] = []

    def charges(first: date, last: date) -> list[Charge]:
        asked.append((first, last))
        return []

    monkeypatch.setattr(owing.processor, "charges", charges)
    owing.resolve.all()
    today = owing.clock.now().date()
    assert (asked[0][0], asked[-1][1]) == (today - timedelta(days=60), today + timedelta(days=3))
    assert all(after[0] - before[1] == timedelta(days=1) for before, after in pairwise(asked))
    asked.clear()
    owing.resolve.all()
    assert asked == [(today - timedelta(days=3), today + timedelta(days=3))]


def test_only_whole_titles_of_ours_are_taken_for_ours() -> None:
    assert reference_in("PD0123456789ABCDEFGH-1") == "PD0123456789ABCDEFGH"
    for other in ("PD0123456789ABCDEFGH", "xPD0123456789ABCDEFGH-1", "PD0123456789ABCDEFGH-1x", "PD1-1", ""):
        assert reference_in(other) == ""


# ---- the schedule ---------------------------------------------------------------------------


def test_the_schedule_with_its_jitter(owing: Counter) -> None:
    owing.processor.lose_next_reply()
    payment = owing.pay("50123")
    asked: list[float] = []
    owing.processor.away = True
    real = owing.processor.look_up

    def look_up(token: str, request: ChargeRequest) -> Finding:
        asked.append(owing.clock.elapsed_s())
        return real(token, request)

    owing.processor.look_up = look_up  # type: ignore[method-assign]  # a listener
    for draw, factor in ((0.0, 0.8), (1.0, 1.2)):
        asked.clear()
        owing.resolve._jitter = lambda now=draw: now  # type: ignore[misc]  # the next numbers drawn
        owing.resolve.network_returned()
        for _ in range(400):
            owing.resolve.due()
            owing.clock.move(1)
        gaps = [after - before for before, after in pairwise(asked)]
        ages = [at - asked[0] for at in asked]
        for gap, age in zip(gaps, ages, strict=False):
            began = age + (0 if draw == 0.0 else 400)
            assert wait_s(began) * factor <= gap <= wait_s(began) * factor + 1
    assert owing.ledger.payment(payment.id).state is State.UNKNOWN


def test_all_open_payments_are_asked_about_when_the_processor_answers_again(owing: Counter) -> None:
    owing.source.owe("50140", 50_00)
    for _ in range(2):
        owing.processor.lose_next_reply()
    first, second = owing.pay("50123"), owing.pay("50140")
    owing.processor.away = True
    resolve_all(owing, 3600)
    owing.processor.away = False
    assert owing.resolve.due() == [], "the next question is an hour away"
    owing.resolve.network_returned()
    assert {payment.id for payment in owing.resolve.due()} == {first.id, second.id}


def test_an_answer_to_one_question_makes_the_others_due(owing: Counter) -> None:
    owing.source.owe("50140", 50_00)
    for _ in range(2):
        owing.processor.lose_next_reply()
    first, second = owing.pay("50123"), owing.pay("50140")
    owing.processor.away = True
    resolve_all(owing, 3600)
    owing.processor.away = False
    assert owing.resolve.check(first.id).state is State.AUTHORIZED
    assert [payment.id for payment in owing.resolve.due()] == [second.id]


def test_recovery_may_run_twice(owing: Counter) -> None:
    owing.processor.lose_next_reply()
    payment = owing.pay("50123")
    assert isinstance(owing.processor.intents[payment.intent_token].outcome, Approved)
    resolve_all(owing, 10)
    events = owing.ledger.events(payment.id)
    resolve_all(owing, 10, 10)
    assert owing.ledger.events(payment.id) == events


def test_where_a_declined_intent_cannot_be_expired_a_decline_can_be_set_to_be_final(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Expiry:
        return Expiry.REFUSED

    monkeypatch.setattr(counter.processor, "expire", refuse)
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    counter.processor.decline_next("Insufficient funds.")
    payment = counter.authorize.pay(draft, CARD)
    assert payment.state is State.UNKNOWN
    counter.clock.move(3600)
    assert counter.resolve.check(payment.id).state is State.UNKNOWN
    final = Resolve(
        counter.ledger,
        counter.processor,
        counter.clock,
        LETTERHEAD.receipt_for,
        quiet_s=300.0,
        declined_is_final=True,
    )
    assert final.check(payment.id).state is State.DECLINED
    pay = Authorize(
        counter.ledger,
        counter.source,
        counter.processor,
        counter.clock,
        LETTERHEAD.receipt_for,
        declined_is_final=True,
    ).pay
    counter.processor.decline_next("Insufficient funds.")
    assert pay(draft, CARD).state is State.DECLINED


def test_a_final_decline_waits_too_if_another_check_has_marked_the_expiry_meanwhile(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The computer slept during a check, and a second one ran before the first went on."""
    counter.source.owe("50123", 100_00)
    final = Resolve(
        counter.ledger,
        counter.processor,
        counter.clock,
        LETTERHEAD.receipt_for,
        quiet_s=300.0,
        declined_is_final=True,
    )
    counter.processor.lose_next_reply()
    counter.processor.decline_next("Insufficient funds.")
    payment = counter.pay("50123")

    def refuse(*_: object) -> Expiry:
        counter.ledger.mark_expired(payment.id)
        return Expiry.REFUSED

    monkeypatch.setattr(counter.processor, "expire", refuse)
    counter.clock.move(61)
    assert final.check(payment.id).state is State.UNKNOWN
    counter.clock.move(61)
    assert final.check(payment.id).state is State.UNKNOWN
    counter.clock.move(301)
    assert final.check(payment.id).state is State.DECLINED


# ---- look-ups that name no charge, in a form that nobody published ------------------------------

SILENT = Unclear("AndDone's answer names no charge.", Reason.NAMES_NO_CHARGE)


@pytest.fixture
def silent(owing: Counter, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Return a desk whose look-ups name no charge, in an unpublished form, whatever happened."""
    monkeypatch.setattr(owing.processor, "look_up", lambda *_: SILENT)
    return owing


def test_an_unpaid_intent_ends_by_expiry_quiet_time_and_list(silent: Counter) -> None:
    silent.processor.lose_next_request()
    payment = silent.pay("50123")
    silent.resolve.all()
    assert silent.ledger.payment(payment.id).expired_at is None, "it is too early"
    resolve_all(silent, 61)
    assert silent.ledger.payment(payment.id).expired_at is not None
    resolve_all(silent, 299)
    assert silent.ledger.payment(payment.id).state is State.UNKNOWN
    resolve_all(silent, 2)
    assert silent.ledger.payment(payment.id).state is State.NOT_CHARGED


def test_a_paid_intent_is_never_ruled_out_by_silence(silent: Counter) -> None:
    """The list shows it, and AndDone refuses to expire it."""
    silent.processor.lose_next_reply()
    payment = silent.pay("50123")
    resolve_all(silent, 61)
    assert silent.ledger.payment(payment.id).state is State.AUTHORIZED


def test_silence_without_a_confirmed_expiry_rules_nothing_out(
    silent: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent.processor.lose_next_reply()
    payment = silent.pay("50123")
    monkeypatch.setattr(silent.processor, "charges", lambda *_: [])
    resolve_all(silent, 61, 400, 4000, 90_000)
    assert silent.ledger.payment(payment.id).state is State.UNKNOWN, "the expiry was refused: it is paid"


@pytest.mark.parametrize("restart", [False, True])
def test_an_intent_that_expired_before_waits_longer_for_the_list(
    silent: Counter, new_ledger: LedgerMaker, restart: bool
) -> None:
    """A charge may have begun before its end, and the list may lag. A restart forgets whose call it was."""
    silent.processor.lose_next_request()
    payment = silent.pay("50123")
    silent.processor.intents[payment.intent_token].expired = not restart
    resolve_all(silent, 61)
    desk = second_desk(silent, new_ledger) if restart else silent
    resolve_all(desk, 1, 3800)
    assert desk.ledger.payment(payment.id).state is State.UNKNOWN
    resolve_all(desk, 101)
    assert desk.ledger.payment(payment.id).state is State.NOT_CHARGED


def test_silence_and_an_unreadable_row_with_our_title_rule_nothing_out(silent: Counter) -> None:
    silent.processor.lose_next_request()
    payment = silent.pay("50123")
    silent.processor.pay_outside("60000", 1)
    row = replace(
        silent.processor.outside.pop(), subtotal=None, charged=None, taken=False,
        texts=("x", f"for {payment.intent_title}"),
    )  # fmt: skip
    silent.processor.outside.append(row)
    resolve_all(silent, 61, 400, 4000)
    assert silent.ledger.payment(payment.id).state is State.UNKNOWN
    silent.processor.outside.clear()
    resolve_all(silent, 61, 400, 4000)
    assert silent.ledger.payment(payment.id).state is State.NOT_CHARGED


def test_the_list_is_read_since_the_payment_was_sent(
    silent: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk was off for a month. Its charge is old, and stands at the beginning of the list."""
    silent.processor.lose_next_reply()
    payment = silent.pay("50123")
    real, asked = silent.processor.charges, []

    def charges(first: date, last: date) -> list[Charge]:
        asked.append((first, last))
        sent = payment.held_at.date()
        return list(real(first, last)) if first <= sent <= last else []

    monkeypatch.setattr(silent.processor, "charges", charges)
    silent.clock.move(30 * 86_400)
    assert silent.resolve.check(payment.id).state is State.AUTHORIZED
    assert min(first for first, _ in asked) < payment.held_at.date()
    assert all((last - first).days <= 21 for first, last in asked)


def test_silence_is_not_the_network(silent: Counter) -> None:
    """Only a desk that could not ask at all asks about everything at once when it can again."""
    silent.processor.lose_next_request()
    silent.pay("50123")
    resolve_all(silent, 61)
    silent.clock.move(1)
    assert silent.resolve.due() == []
    assert len(silent.processor.looked_up) == 0


def test_a_payment_of_an_unreadable_row_is_stopped_and_no_other(owing: Counter) -> None:
    owing.source.owe("50140", 50_00)
    owing.processor.pay_outside("50123", 1)
    row = replace(owing.processor.outside.pop(), subtotal=None, charged=None, taken=False, processor_ref="")
    owing.processor.outside.append(replace(row, texts=("50123",)))
    assert owing.pay("50140").state is State.AUTHORIZED
    with pytest.raises(InvoiceTaken, match="PayDesk can't read"):
        owing.pay("50123")


# ---- what is decided, or cannot be ------------------------------------------------------------


def test_a_decided_payment_is_asked_about_no_more(owing: Counter) -> None:
    paid = owing.pay("50123")
    assert owing.resolve.check(paid.id).state is State.AUTHORIZED
    assert owing.processor.looked_up == []


def test_a_ledger_that_is_away_ends_the_look_and_decides_nothing(
    owing: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing.processor.lose_next_reply()
    payment = owing.pay("50123")

    def away(*_: object) -> None:
        raise KnownError("The ledger can't be reached.")

    monkeypatch.setattr(owing.ledger, "record", away)
    with pytest.raises(KnownError, match="can't be reached"):
        owing.resolve.all()
    monkeypatch.undo()
    assert owing.ledger.payment(payment.id).state is State.UNKNOWN
    assert [found.state for found in owing.resolve.all()] == [State.AUTHORIZED]


def test_what_another_desk_recorded_at_the_same_moment_counts(
    owing: Counter, new_ledger: LedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two desks find a charge without a sender, and one writes the answer before the other writes "none"."""
    other = second_desk(owing, new_ledger)
    owing.processor.lose_next_reply()
    draft = owing.draft("50123")

    def stopped(*_: object) -> None:
        raise KnownError("The disk does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(owing.ledger, "record", stopped)
        with pytest.raises(NotRecorded):
            owing.authorize.pay(draft, CARD)
    owing.clock.move(121)
    real, asked = other.ledger.record, len(owing.processor.looked_up)

    def record(*args: object) -> Payment:
        owing.resolve.all()
        return real(*args)  # type: ignore[arg-type]  # passed on unchanged

    monkeypatch.setattr(other.ledger, "record", record)
    assert [found.state for found in other.resolve.all()] == [State.AUTHORIZED]
    assert len(owing.processor.looked_up) == asked + 1, "by the first desk alone"
