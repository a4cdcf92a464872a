"""Bank debits: settled once the bank has paid them, and owed again if it returns them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from paydesk.domain.money import Money
from paydesk.domain.outcome import AchReturned, AchStatus, Reason
from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import AchAt, PostingChannel, PostingRules, PostingState
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.services.desk.advice import advice
from paydesk.services.desk.attention import CAME_BACK_FOR, OpenItem, open_items
from paydesk.services.desk.day_end import add_up, backs_between
from paydesk.services.payments.ach_returns import EVERY_S, AchReturns
from paydesk.services.ports.ledger import Voiding
from paydesk.services.ports.processor import ChargeRequest
from paydesk.services.posting.post import Post
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.verify.verify import verify
from tests.fakes.ledger import LedgerMaker
from tests.fakes.posting import FakeSink, poster
from tests.fakes.world import Counter, FakeProcessor

ACCOUNT = BankAccount(
    "011000138", Sealed("123456789"), AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes"
)
DAY_S = 24 * 3600.0
AT_SETTLEMENT = PostingRules(PostingChannel.EMS, ach_at=AchAt.SETTLEMENT)


class FakeBank(FakeProcessor):
    """A processor that gives scripted answers about debits, and records its questions."""

    def __init__(self) -> None:
        super().__init__()
        self.says: AchStatus | AchReturned = AchStatus.UNDER_WAY
        self.asked: list[str] = []
        self.before_answer: Callable[[], object] = lambda: None

    def ach_status(self, processor_ref: str, request: ChargeRequest) -> AchStatus | AchReturned:
        self.asked.append(processor_ref)
        self.before_answer()
        return self.says


@pytest.fixture
def bank() -> FakeBank:
    return FakeBank()


def debit(counter: Counter, number: str = "50123") -> Payment:
    counter.source.owe(number, 100_00)
    return counter.authorize.pay(counter.draft(number, kind=TenderKind.ACH), ACCOUNT)


def debits(counter: Counter, bank: FakeBank) -> AchReturns:
    return AchReturns(counter.ledger, bank, counter.clock)


def matters(counter: Counter, post: Post) -> list[OpenItem]:
    return open_items(counter.ledger, post, counter.clock.now(), timedelta(minutes=15))


def test_a_receipt_that_posts_at_settlement_waits_for_the_bank(
    counter: Counter, bank: FakeBank, new_ledger: LedgerMaker, tmp_path: Path
) -> None:
    payment, watch = debit(counter), debits(counter, bank)
    outbox = SqlOutbox(
        Transactions(new_ledger.engine(), counter.clock, who=("Front-1", "Dana"), place=new_ledger.place)
    )
    sink = FakeSink(counter.source)
    post = poster(outbox, sink, counter.source, counter.clock, AT_SETTLEMENT)
    watch.tick()
    assert bank.asked == [], "no bank decides on the day itself"
    counter.clock.move(2 * DAY_S)
    watch.tick()
    assert counter.ledger.payment(payment.id).state is State.AUTHORIZED
    assert post.now() == []
    bank.says = AchStatus.CLEARED
    watch.tick()
    assert len(bank.asked) == 1, "an hour lies between two rounds"
    counter.clock.move(EVERY_S)
    watch.tick()
    settled = counter.ledger.payment(payment.id)
    assert (settled.state, settled.charged) == (State.SETTLED, payment.charged)
    assert [posting.state for posting in post.now()] == [PostingState.POSTED]
    assert sink.receipts[0].amount == Money(100_00)
    counter.clock.move(EVERY_S)
    watch.tick()
    assert len(bank.asked) == 2, "what is settled is asked about once a day"
    assert verify(new_ledger.engine(), new_ledger.place, None).wrong == ()


def test_a_void_that_begins_while_the_bank_is_asked_ends_by_itself(
    counter: Counter, bank: FakeBank, new_ledger: LedgerMaker, tmp_path: Path
) -> None:
    payment, watch = debit(counter), debits(counter, bank)
    counter.clock.move(2 * DAY_S)
    bank.says = AchStatus.CLEARED
    begun: list[Voiding] = []
    bank.before_answer = lambda: begun.append(counter.ledger.begin_void(payment.id, "Wrong invoice"))
    watch.tick()
    assert counter.ledger.payment(payment.id).state is State.VOIDING, "the void is under way"
    assert (
        counter.ledger.not_voided(begun[0].attempt, "too late", Reason.VOID_TOO_LATE).state
        is State.AUTHORIZED
    )
    bank.before_answer = lambda: None
    counter.clock.move(EVERY_S)
    watch.tick()
    assert counter.ledger.payment(payment.id).state is State.SETTLED
    assert counter.ledger.undecided() == []
    assert verify(new_ledger.engine(), new_ledger.place, None).wrong == ()


def test_a_debit_the_bank_sent_back_is_owed_again_and_told(
    counter: Counter, bank: FakeBank, new_ledger: LedgerMaker
) -> None:
    payment, watch = debit(counter), debits(counter, bank)
    outbox = SqlOutbox(
        Transactions(new_ledger.engine(), counter.clock, who=("Front-1", "Dana"), place=new_ledger.place)
    )
    post = poster(outbox, FakeSink(counter.source), counter.source, counter.clock, AT_SETTLEMENT)
    counter.clock.move(2 * DAY_S)
    bank.says = AchReturned()
    watch.tick()
    returned = counter.ledger.payment(payment.id)
    assert returned.state is State.RETURNED
    now = counter.clock.now()
    backs = backs_between(counter.ledger, now - timedelta(days=1), now + timedelta(days=1))
    sums = add_up(counter.ledger.payments(limit=9), backs)
    assert sums.tenders[-1].count == 1, "what was taken on a day stays in its sums"
    assert (sums.went_back.count, sums.went_back.total) == (1, returned.charged)
    assert backs_between(counter.ledger, now + timedelta(days=1), now + timedelta(days=2)) == []
    assert [posting.state for posting in post.now()] == [PostingState.WITHDRAWN]
    (row,) = counter.lookup.by_invoice("50123").rows
    assert (row.owed, row.payable) == (Money(100_00), True)
    assert [one.id for one in counter.ledger.came_back(counter.clock.now())] == [payment.id]
    assert [matter.payment.id for matter in matters(counter, post)] == [payment.id]
    counter.clock.move(CAME_BACK_FOR.total_seconds() + 1)
    assert matters(counter, post) == []
    assert "was returned by the bank" in advice(returned).known


def test_a_settled_debit_can_still_come_back_and_its_receipt_has_to_be_reversed(
    counter: Counter, bank: FakeBank, new_ledger: LedgerMaker, tmp_path: Path
) -> None:
    payment, watch = debit(counter), debits(counter, bank)
    outbox = SqlOutbox(
        Transactions(new_ledger.engine(), counter.clock, who=("Front-1", "Dana"), place=new_ledger.place)
    )
    post = poster(outbox, FakeSink(counter.source), counter.source, counter.clock, AT_SETTLEMENT)
    counter.clock.move(2 * DAY_S)
    bank.says = AchStatus.CLEARED
    watch.tick()
    assert [posting.state for posting in post.now()] == [PostingState.POSTED]
    counter.clock.move(30 * DAY_S)
    bank.says = AchReturned()
    watch.tick()
    assert counter.ledger.payment(payment.id).state is State.RETURNED
    counter.clock.move(CAME_BACK_FOR.total_seconds() + 1)
    (matter,) = matters(counter, post)
    assert "the bank returned the payment" in matter.advice.known
    post.mark_taken_back(payment.id)
    assert matters(counter, post) == []
    assert verify(new_ledger.engine(), new_ledger.place, None).wrong == ()


def test_after_75_days_a_settled_debit_is_left_alone(counter: Counter, bank: FakeBank) -> None:
    debit(counter)
    watch = debits(counter, bank)
    counter.clock.move(2 * DAY_S)
    bank.says = AchStatus.CLEARED
    watch.tick()
    counter.clock.move(DAY_S)
    watch.tick()
    assert len(bank.asked) == 2
    counter.clock.move(74 * DAY_S)
    watch.tick()
    assert len(bank.asked) == 2


@pytest.mark.parametrize("says", [AchStatus.UNDER_WAY, AchStatus.UNCLEAR])
def test_nothing_is_decided_without_the_bank(says: AchStatus, counter: Counter, bank: FakeBank) -> None:
    payment, watch = debit(counter), debits(counter, bank)
    counter.source.owe("50140", 100_00)
    counter.pay("50140")
    counter.clock.move(2 * DAY_S)
    bank.says = says
    watch.tick()
    assert bank.asked == [payment.processor_ref], "cards settle by themselves"
    assert counter.ledger.payment(payment.id).state is State.AUTHORIZED


def test_a_round_goes_on_at_the_next_tick(counter: Counter, bank: FakeBank) -> None:
    taken = [debit(counter, str(number)) for number in range(50_001, 50_008)]
    watch = debits(counter, bank)
    counter.clock.move(2 * DAY_S)
    for _ in range(3):
        watch.tick()
    assert bank.asked == [payment.processor_ref for payment in taken]
