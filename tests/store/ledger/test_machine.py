"""The ledger against a model: any calls in any order, with payment values as old as a caller may have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money, total
from paydesk.domain.outcome import AchReturned, Approved, Declined, Reason, Unclear
from paydesk.domain.payment import NEXT, NOT_TAKEN, OPEN, PAID, Draft, Payer, Payment, PaymentLine, State
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.services.ports.ledger import Voiding
from paydesk.store.cache.invoice_cache import store_invoices
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.tables import events, schema
from tests.fakes.world import LETTERHEAD, StillClock
from tests.proofs.races.racer import invoice
from tests.proofs.simulation.database import PLACE, Database
from tests.proving import cases, tasted

NUMBERS = ("50123", "50140", "50200")
OWED, FEE = Money(100_00), Money(3_50)
READ_AT = datetime(2026, 1, 5, tzinfo=UTC)
parts = st.dictionaries(st.sampled_from(NUMBERS), st.sampled_from((30_00, 60_00, 100_00)), min_size=1)
_databases: list[Database] = []


@dataclass
class Model:
    """The expected state of one payment."""

    parts: dict[str, int]
    state: State
    before_void: State = State.AUTHORIZED
    seen: list[Payment] = field(default_factory=list)
    """The payment's values that a caller may still have."""

    def may(self, new: State) -> bool:
        """Return True if it may be moved to that state."""
        return new in NEXT[self.state]


class Desks(RuleBasedStateMachine):
    """Two desks on one ledger, and a model that contains only the table of moves."""

    @initialize()
    def open(self) -> None:
        """Make an empty ledger that knows three invoices."""
        if not _databases:
            _databases.append(Database())
        self.database = _databases[0]
        self.database.begin_anew()
        engine, clock = self.database.engine, StillClock()
        self.ledgers = [
            SqlLedger(engine, clock, desk=name, user="Dana", host=name, path=PLACE)
            for name in ("Front-1", "Front-2")
        ]
        with engine.begin() as connection:
            store_invoices(connection, [invoice(number, READ_AT) for number in NUMBERS])
        self.payments: dict[int, Model] = {}
        self.voids: list[tuple[int, Voiding]] = []
        self.receipts = 0

    # ---- the model ----------------------------------------------------------------------

    def free(self, number: str) -> int:
        """Return the balance of the invoice in cents, or nothing while a payment holds it."""
        on_it = [one for one in self.payments.values() if number in one.parts]
        return OWED.cents - sum(one.parts[number] for one in on_it if one.state in PAID)

    def held(self, number: str) -> bool:
        """Return True if a payment of the invoice is open."""
        return any(number in one.parts and one.state in OPEN for one in self.payments.values())

    def expect(self, allowed: bool, what: Callable[[], Payment | None]) -> Payment | None:
        """Check that the call succeeds, or fails with KnownError and changes nothing."""
        try:
            done = what()
        except KnownError:
            assert not allowed
            return None
        assert allowed
        return done

    def moved(self, number: int, after: Payment | None, state: State) -> None:
        """Record the payment's move, if there was one."""
        if after is not None:
            self.payments[number].state = state
            self.keep(after)

    def keep(self, payment: Payment) -> None:
        """Check that the returned value equals the ledger's."""
        assert payment == self.ledgers[0].payment(payment.id)
        self.payments[payment.id].seen.append(payment)

    # ---- what desks do ------------------------------------------------------------------

    @rule(desk=st.integers(0, 1), parts=parts)
    def hold(self, desk: int, parts: dict[str, int]) -> None:
        lines = tuple(PaymentLine(Money(cents), "", number, OWED, READ_AT) for number, cents in parts.items())
        subtotal = total(line.amount for line in lines)
        quote = Quote(TenderKind.CREDIT_CARD, subtotal, FEE)
        draft = Draft(lines, Payer("Dana"), quote, Channel.PHONE)
        title = f"PD{len(self.payments) + 1:018d}"
        allowed = all(not self.held(number) and cents <= self.free(number) for number, cents in parts.items())
        held = self.expect(allowed, lambda: self.ledgers[desk].hold(draft, title))
        if held is not None:
            self.payments[held.id] = Model(dict(parts), State.HELD)
            self.keep(held)

    def one(self, data: st.DataObject) -> tuple[int, Model, SqlLedger, Payment]:
        """Return a payment, and a desk with a value of it from any time."""
        number = data.draw(st.sampled_from(sorted(self.payments)))
        model = self.payments[number]
        return number, model, data.draw(st.sampled_from(self.ledgers)), data.draw(st.sampled_from(model.seen))

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        number, model, ledger, seen = self.one(data)
        owed = all(cents <= self.free(paid) for paid, cents in model.parts.items())
        allowed = seen.state is State.HELD and model.state is State.HELD and owed
        after = self.expect(allowed, lambda: ledger.submit(seen, f"{seen.reference}-1", "token", []))
        self.moved(number, after, State.SUBMITTED)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def approve(self, data: st.DataObject) -> None:
        number, model, ledger, seen = self.one(data)
        late = model.state in NOT_TAKEN
        state = model.state if model.state in PAID else State.LATE if late else State.AUTHORIZED
        self.receipts += model.state not in PAID and model.may(state)
        charged = seen.draft.quote.total
        approved = Approved(f"txn-{number}", charged, FEE, "123456", "Visa", "0007")
        allowed = model.state in PAID or model.may(state)
        after = self.expect(allowed, lambda: ledger.record(seen, approved, LETTERHEAD.receipt_for))
        self.moved(number, after, state)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def decline(self, data: st.DataObject) -> None:
        number, model, ledger, seen = self.one(data)
        allowed = model.state is State.DECLINED or model.may(State.DECLINED)
        outcome = Declined("D", "no")
        after = self.expect(allowed, lambda: ledger.record(seen, outcome, LETTERHEAD.receipt_for))
        self.moved(number, after, State.DECLINED)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def hear_nothing(self, data: st.DataObject) -> None:
        number, model, ledger, seen = self.one(data)
        state = State.UNKNOWN if model.state is State.SUBMITTED else model.state
        after = self.expect(True, lambda: ledger.record(seen, Unclear("?"), LETTERHEAD.receipt_for))
        self.moved(number, after, state)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        number, model, ledger, _ = self.one(data)
        allowed = model.state is State.RELEASED or model.may(State.RELEASED)
        self.moved(
            number,
            self.expect(allowed, lambda: ledger.release(number, "no", Reason.GIVEN_UP)),
            State.RELEASED,
        )

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        number, model, ledger, _ = self.one(data)
        self.moved(number, self.expect(True, lambda: ledger.mark_expired(number)), model.state)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def rule_out(self, data: st.DataObject) -> None:
        number, model, ledger, _ = self.one(data)
        allowed = model.state is State.NOT_CHARGED or model.may(State.NOT_CHARGED)
        self.moved(number, self.expect(allowed, lambda: ledger.not_charged(number, "no")), State.NOT_CHARGED)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def begin_void(self, data: st.DataObject) -> None:
        number, model, ledger, _ = self.one(data)
        before = model.state

        def begin() -> Payment:
            voiding = ledger.begin_void(number, "wrong")
            self.voids.append((number, voiding))
            return voiding.payment

        after = self.expect(model.may(State.VOIDING), begin)
        if after is not None:
            model.before_void = before
        self.moved(number, after, State.VOIDING)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def void_is_done(self, data: st.DataObject) -> None:
        number, model, ledger, _ = self.one(data)
        allowed = model.state in (State.VOIDING, State.VOIDED, State.AUTHORIZED, State.LATE)
        self.moved(number, self.expect(allowed, lambda: ledger.voided(number)), State.VOIDED)

    @precondition(lambda self: self.voids)
    @rule(data=st.data())
    def void_is_refused(self, data: st.DataObject) -> None:
        number, voiding = data.draw(st.sampled_from(self.voids))
        model, newest = self.payments[number], [one for one in self.voids if one[0] == number][-1]
        open_still = model.state is State.VOIDING and newest == (number, voiding)
        after = self.expect(
            True, lambda: self.ledgers[0].not_voided(voiding.attempt, "too late", Reason.VOID_TOO_LATE)
        )
        self.moved(number, after, model.before_void if open_still else model.state)

    @precondition(lambda self: self.payments)
    @rule(data=st.data(), state=st.sampled_from((State.SETTLED, State.RETURNED)))
    def bank_decides(self, data: st.DataObject, state: State) -> None:
        number, model, ledger, _ = self.one(data)

        # A void in progress ends by the processor's answer about the void, not about the debit.
        def decide() -> Payment:
            return (
                ledger.settled(number) if state is State.SETTLED else ledger.returned(number, AchReturned())
            )

        self.moved(number, self.expect(model.may(state), decide), state)

    @rule(desk=st.integers(0, 1))
    def beat(self, desk: int) -> None:
        self.ledgers[desk].beat()

    # ---- what must hold -----------------------------------------------------------------

    @invariant()
    def the_ledger_is_the_model(self) -> None:
        rows = self.database.rows("SELECT id, state FROM payment")
        assert rows == [(number, one.state.value) for number, one in sorted(self.payments.items())]
        holds = self.database.rows("SELECT payment_id, invoice_number FROM hold WHERE open ORDER BY 1, 2")
        held = [(number, paid) for number, one in self.payments.items() if one.state in OPEN
                for paid in one.parts]  # fmt: skip
        assert holds == sorted(held)
        numbers = self.database.rows("SELECT number FROM receipt ORDER BY number")
        assert [number for (number,) in numbers] == [f"R-{turn + 1:06d}" for turn in range(self.receipts)]
        assert self.database.rows("SELECT count(*) FROM posting") == [(self.receipts,)]

    def teardown(self) -> None:
        """Check the chain of events."""
        if hasattr(self, "database"):
            with self.database.engine.connect() as connection:
                assert list(events.faults(connection)) == []
                moves = sa.select(sa.func.count()).where(schema.event.c.kind == "held")
                assert connection.execute(moves).scalar_one() == len(self.payments)


TestDesks = tasted(Desks.TestCase)
TestDesks.settings = settings(
    max_examples=cases(20, 500),
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
