"""The outbox with the emulated AMS360, on any bad connection: one receipt a payment, never two."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from paydesk.domain.money import Money
from paydesk.domain.payment import Payment
from paydesk.domain.posting import Posting, PostingState
from paydesk.gateways.ams360.ems import Ams360Ems
from paydesk.gateways.ams360.posting import EmsReceipts
from paydesk.sandbox import FaultKind, Sandbox
from paydesk.sandbox.server import keys
from paydesk.services.posting.post import Post
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.ledger.transactions import Transactions
from tests.fakes.ledger import LedgerMaker
from tests.fakes.posting import EMS
from tests.fakes.world import BAKERY, Counter
from tests.gateways.conftest import ems_config

CALL = "postCustomerReceipt"
OWED = Money(1_250_00)


@dataclass
class Line:
    """A desk's outbox, the emulated AMS360, and a waiting payment of invoice 50123."""

    post: Post
    sandbox: Sandbox
    counter: Counter
    payment: Payment

    @property
    def posting(self) -> Posting:
        found = self.post.outbox.posting(self.payment.id)
        assert found is not None
        return found

    @property
    def receipts(self) -> int:
        return len(self.sandbox.ams360.posted.receipts)

    def go_on(self, rounds: int = 12) -> None:
        """Let the worker run for hours."""
        for _ in range(rounds):
            self.counter.clock.move(1_000)
            self.post.due()


@pytest.fixture
def line(counter: Counter, new_ledger: LedgerMaker, contract_checked_sandbox: Sandbox) -> Line:
    counter.source.owe("50123", OWED.cents, BAKERY)
    payment = counter.pay("50123")
    counter.clock.move(1)
    ems = Ams360Ems(ems_config(contract_checked_sandbox.ams360_url), counter.clock.now)
    sink = EmsReceipts(ems, bank=keys.AMS360_BANK, time_zone="America/New_York", now=counter.clock.now)
    outbox = SqlOutbox(
        Transactions(new_ledger.engine(), counter.clock, who=("Front-1", "Dana"), place=new_ledger.place)
    )
    post = Post(outbox, sink, ems, counter.clock, EMS, "America/New_York")
    ems.customer("1001")  # log in first
    return Line(post, contract_checked_sandbox, counter, payment)


@pytest.mark.parametrize(
    "fault",
    [
        FaultKind.RESET_AFTER,
        FaultKind.ERROR_500_AFTER,
        FaultKind.BAD_GATEWAY_AFTER,
        FaultKind.GATEWAY_TIMEOUT_AFTER,
        FaultKind.TRUNCATED_JSON,
        FaultKind.CUT_BODY,
        FaultKind.CUT_HEADER,
        FaultKind.EMPTY_BODY,
        FaultKind.GARBAGE,
        FaultKind.WRONG_TYPES,
        FaultKind.DUPLICATE_NOTICE,
        FaultKind.DUPLICATE_DELIVERY,
    ],
)
def test_a_lost_answer_is_found_in_the_balances(fault: FaultKind, line: Line) -> None:
    line.sandbox.faults.next(fault, on=CALL)
    assert [one.state for one in line.post.due()] == [PostingState.POSTED]
    assert line.counter.ledger.events(line.payment.id)[-1].detail == {
        "by": "balances",
        "invoice 50123": "1,250.00 before, 0.00 now",
    }
    line.go_on()
    assert (line.receipts, line.sandbox.balance(50_123)) == (1, Money(0))


@pytest.mark.parametrize(
    "fault",
    [
        FaultKind.RESET_BEFORE,
        FaultKind.ERROR_500_BEFORE,
        FaultKind.BAD_GATEWAY_BEFORE,
        FaultKind.GATEWAY_TIMEOUT_BEFORE,
        FaultKind.REDIRECT,
    ],
)
def test_a_request_that_may_have_arrived_waits_for_a_person(fault: FaultKind, line: Line) -> None:
    line.sandbox.faults.next(fault, on=CALL)
    assert [one.state for one in line.post.due()] == [PostingState.UNCLEAR]
    line.go_on()
    assert (line.receipts, line.posting.attempts, line.posting.state) == (0, 1, PostingState.UNCLEAR)
    assert [one.payment.id for one in line.post.attention()] == [line.payment.id]
    assert line.post.post_again(line.payment.id).state is PostingState.WAITING
    line.go_on()
    assert (line.receipts, line.posting.state) == (1, PostingState.POSTED)


@pytest.mark.parametrize("fault", [FaultKind.THROTTLED, FaultKind.UNAUTHORIZED])
def test_what_was_turned_away_goes_out_again_alone(fault: FaultKind, line: Line) -> None:
    line.sandbox.faults.next(fault, on=CALL, times=4)
    line.post.due()
    assert line.posting.state is PostingState.WAITING
    line.go_on()
    assert (line.receipts, line.posting.state) == (1, PostingState.POSTED)


def test_ams360_away_and_back(line: Line) -> None:
    line.sandbox.refuse_connections("ams360")
    line.go_on(3)
    assert (line.posting.state, line.posting.attempts) == (PostingState.WAITING, 0)
    assert line.posting.reason == "AMS360 can't be reached."
    line.sandbox.accept_connections("ams360")
    line.go_on(1)
    assert (line.receipts, line.posting.state, line.posting.reason) == (1, PostingState.POSTED, "")


def test_balances_unreadable_after_a_lost_answer(line: Line) -> None:
    line.sandbox.faults.next(FaultKind.RESET_AFTER, on=CALL)
    post, look = line.post, line.post._balances

    def then_away(receipt: object) -> dict[str, Money]:
        found = look(receipt)  # type: ignore[arg-type]  # the receipt that Post hands in
        line.sandbox.faults.always(FaultKind.FORBIDDEN, on="searchInvoices")
        return found

    post._balances = then_away  # type: ignore[method-assign]  # AMS360 forgets our rights in between
    post.due()
    assert line.posting.state is PostingState.UNCLEAR
    line.go_on(3)
    assert line.posting.state is PostingState.UNCLEAR
    line.sandbox.faults.clear()
    line.go_on(1)
    assert (line.receipts, line.posting.state) == (1, PostingState.POSTED)


def test_a_refusal_is_told_in_ams360s_words(line: Line) -> None:
    line.sandbox.faults.next(FaultKind.FORBIDDEN, on=CALL, times=2)
    (found,) = line.post.due()
    assert (found.state, found.reason) == (PostingState.REFUSED, "AMS360 says: Forbidden")
    line.go_on()
    assert line.receipts == 0
    line.sandbox.faults.clear()
    line.post.post_again(line.payment.id)
    line.go_on(1)
    assert (line.receipts, line.posting.state) == (1, PostingState.POSTED)
