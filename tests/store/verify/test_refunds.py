"""Faults of refunds that `paydesk verify` finds, each planted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from paydesk.domain.money import Money
from paydesk.domain.outcome import ChargeStatus
from paydesk.domain.refund import RefundAsk, RefundKind, RefundReason, RefundState
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import schema
from paydesk.store.verify.verify import verify
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import START, Counter
from tests.store.verify.test_verify import tampering

_r, _p = schema.refund.c, schema.payment.c


@pytest.fixture
def engine(counter: Counter, new_ledger: LedgerMaker) -> sa.Engine:
    """Return a ledger with a refund that is done."""
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    counter.processor.statuses[payment.processor_ref] = ChargeStatus.SETTLED
    counter.processor.refund_state = RefundState.DONE
    ask = RefundAsk(RefundKind.PARTIAL, (Money(40_00),), Money(0), RefundReason.ASKED)
    counter.resolve.refunds.refund(payment.id, ask)
    return new_ledger.admin_engine()


def test_a_refund_of_an_earlier_version_is_no_fault(
    counter: Counter, new_ledger: LedgerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events said neither kind, fee nor shares."""
    event = Transactions.event

    def earlier(self: Transactions, *what: Any, **said: Any) -> Any:
        for name in ("refund_kind", "fee", "shares"):
            said.pop(name, None)
        return event(self, *what, **said)

    monkeypatch.setattr(Transactions, "event", earlier)
    counter.source.owe("50123", 100_00)
    payment = counter.pay("50123")
    counter.processor.statuses[payment.processor_ref] = ChargeStatus.SETTLED
    counter.processor.refund_state = RefundState.DONE
    ask = RefundAsk(RefundKind.PARTIAL, (Money(40_00),), Money(0), RefundReason.ASKED)
    counter.resolve.refunds.refund(payment.id, ask)
    assert wrong(new_ledger.admin_engine()) == ""


def wrong(engine: sa.Engine) -> str:
    return " ".join(verify(engine, "test.ledger", None).wrong)


def body(**changes: Any) -> Any:
    def changed(connection: sa.Connection) -> None:
        held = json.loads(connection.execute(sa.select(_r.body)).scalar_one()) | changes
        connection.execute(sa.update(schema.refund).values(body=json.dumps(held, sort_keys=True)))

    return changed


def row(**values: Any) -> Any:
    return lambda connection: connection.execute(sa.update(schema.refund).values(**values))


def consistent(values: Any, **changes: Any) -> Any:
    """Forge a row together with its document, as somebody would who knows what verify compares."""

    def changed(connection: sa.Connection) -> None:
        row(**values)(connection)
        body(**changes)(connection)

    return changed


def smaller(connection: sa.Connection) -> None:
    held = json.loads(connection.execute(sa.select(_r.body)).scalar_one())
    text = json.dumps(held, sort_keys=True).replace("4000", "3000").replace("40.00", "30.00")
    row(amount_cents=30_00, shares="[3000]", body=text)(connection)


def paid(**values: Any) -> Any:
    return lambda connection: connection.execute(sa.update(schema.payment).values(**values))


def event(like: str, kind: str) -> Any:
    change = sa.update(schema.event).where(schema.event.c.kind.like(like)).values(kind=kind)
    return lambda connection: connection.execute(change)


def said_by(kind: str, text: str) -> Any:
    change = sa.update(schema.event).where(schema.event.c.kind == kind).values(body=text)
    return lambda connection: connection.execute(change)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (row(state="refused"), "its events end with done"),
        (row(processor_ref=None), "no number of the processor"),
        (row(reference=None), "does not fit its origin"),
        (row(accepted_at=None), "no time at which it was taken"),
        (row(amount_cents=41_00), "do not add up"),
        (row(amount_cents=999_00, shares="[99900]"), "was refunded 999.00 of 103.50"),
        (row(body=None), "is done and has no receipt"),
        (row(body="{"), "cannot be read"),
        (row(user="Eve"), "differ"),
        (body(payer_name="Eve"), "differ"),
        (paid(state="authorized"), "a refund of it is done"),
        (paid(state="declined"), "and the payment is declined"),
        (event("refund_done", "refund_wished"), "which no refund may"),
        (event("refund_%", "reprinted"), "has no event"),
        (smaller, "its events differ: amount cents"),
        (consistent({"user": "Eve"}, taken_by="Eve"), "its events differ: user"),
        (consistent({"desk": "Back-9"}, desk="Back-9"), "its events differ: desk"),
        (row(reason="Somebody else asked"), "its events differ: reason"),
        (row(why="Nobody knows"), "its events differ: why"),
        (row(kind="subtotal"), "its events differ: kind"),
        (row(fee_cents=10_00, shares="[3000]"), "its events differ: fee cents"),
        (row(processor_ref="another"), "its events differ: processor ref"),
        (row(reference="PDOTHER-R1"), "its events differ: reference"),
        (row(origin="portal", reference=None), "its events differ: origin"),
        (row(asked_at=START - timedelta(days=1)), "its events differ: asked at"),
        (row(ended_at=START - timedelta(days=1)), "its events differ: ended at"),
        (row(accepted_at=START - timedelta(days=1)), "its events differ: accepted at"),
        (body(anchor="a" * 64), "its events differ: anchor"),
        (row(shares="["), "has shares that cannot be read"),
        (row(shares='["x"]'), "has shares that cannot be read"),
        (said_by("refund_done", "{"), "its events end with submitted"),
    ],
)
def test_a_planted_fault_is_found(engine: sa.Engine, tamper: Any, said: str) -> None:
    assert wrong(engine) == ""
    with tampering(engine) as connection:
        tamper(connection)
    assert said in wrong(engine)
