"""The ledger's statements, built once. SQLAlchemy compiles and caches their text."""

from __future__ import annotations

import sqlalchemy as sa

from paydesk.domain.payment import GIVEN_BACK, OFFERED, OPEN, PAID, State
from paydesk.domain.posting import PostingState
from paydesk.store.tables import schema

_p, _l, _c, _i = schema.payment.c, schema.payment_line.c, schema.hold.c, schema.invoice.c
PAID_STATES = [state.value for state in PAID]
GIVEN_BACK_STATES = [state.value for state in GIVEN_BACK]
OPEN_STATES = [state.value for state in OPEN]
OFFERED_STATES = [state.value for state in OFFERED]
UNSETTLED_STATES = [*OPEN_STATES, State.VOIDING.value]
"""States in which an answer of the processor is still missing."""


PAYMENTS = sa.select(schema.payment, schema.receipt.c.number.label("receipt_number")).outerjoin(
    schema.receipt, schema.receipt.c.payment_id == _p.id
)
PAYMENT = (
    PAYMENTS.add_columns(schema.payment_line)
    .outerjoin(schema.payment_line, _l.payment_id == _p.id)
    .where(_p.id == sa.bindparam("wanted"))
    .order_by(_l.position)
)
"""One payment, repeated for each of its lines: one statement less than reading the lines apart."""
STATE = sa.select(_p.state).where(_p.id == sa.bindparam("wanted"))
LINES = (
    sa.select(schema.payment_line)
    .where(_l.payment_id.in_(sa.bindparam("wanted", expanding=True)))
    .order_by(_l.payment_id, _l.position)
)
INSERT_PAYMENT = sa.insert(schema.payment).returning(_p.id)
INSERT_LINES = sa.insert(schema.payment_line)
INSERT_HOLDS = sa.insert(schema.hold)
SWAP = (
    sa.update(schema.payment)
    .where(_p.id == sa.bindparam("payment_id"), _p.state == sa.bindparam("before"))
    .values(version=_p.version + 1)
)
"""Compare-and-swap of a payment's state. The parameters add further columns to change."""
INSERT_ATTEMPT = sa.insert(schema.attempt)
INSERT_RECEIPT = sa.insert(schema.receipt)
INSERT_POSTING = sa.insert(schema.posting)
CLOSE_HOLDS = sa.update(schema.hold).where(_c.payment_id == sa.bindparam("wanted")).values(open=False)
RECEIPT = sa.select(schema.receipt.c.body).where(schema.receipt.c.payment_id == sa.bindparam("wanted"))
COUNT_COPY = (
    sa.update(schema.receipt)
    .where(schema.receipt.c.payment_id == sa.bindparam("wanted"))
    .values(copies=schema.receipt.c.copies + 1)
    .returning(schema.receipt.c.copies)
)
MARK_TO_REVERSE = (
    sa.update(schema.posting)
    .where(
        schema.posting.c.payment_id == sa.bindparam("wanted"),
        schema.posting.c.state != PostingState.WITHDRAWN.value,
    )
    .values(to_reverse_since=sa.bindparam("now"))
)
"""Remember that the money of a receipt went back, while the agency system has, or may get, the receipt."""
_VOID_RECEIPT = sa.and_(schema.void.c.payment_id == sa.bindparam("wanted"), schema.void.c.body.is_not(None))
VOID_RECEIPT = sa.select(schema.void.c.body).where(_VOID_RECEIPT)
COUNT_VOID_COPY = (
    sa.update(schema.void)
    .where(_VOID_RECEIPT)
    .values(copies=schema.void.c.copies + 1)
    .returning(schema.void.c.copies)
)
COUNT_RECEIPT = (
    sa.update(schema.counter)
    .where(schema.counter.c.name == "receipt")
    .values(value=schema.counter.c.value + 1)
    .returning(schema.counter.c.value)
)
SAME_UNDECIDED = sa.select(_p.desk, _p.user).where(
    _p.state.in_(OPEN_STATES),
    _p.decided_at.is_(None),
    _p.reference_kind != "",  # a payment without an invoice
    _p.subtotal_cents == sa.bindparam("subtotal_cents"),
    sa.or_(
        _p.payer_name == sa.bindparam("payer_name"),
        sa.and_(_p.reference_value == sa.bindparam("reference_value"), _p.reference_value != ""),
    ),
)
_ON_INVOICES = (
    sa.select(
        _l.invoice_number, _l.amount_cents, _l.owed_cents, _l.read_at,
        _p.id, _p.reference, _p.state, _p.desk, _p.user, _p.held_at, _p.decided_at,
        _p.submitted_at, _p.offer_life_s,
        _p.tender, _p.brand, _p.last4, _c.open,
        schema.posting.c.posted_at, schema.posting.c.state.label("posting_state"),
        schema.receipt.c.number.label("receipt_number"),
    )
    .select_from(schema.payment_line)
    .join(schema.payment, _p.id == _l.payment_id)
    .outerjoin(schema.hold, sa.and_(_c.payment_id == _p.id, _c.invoice_number == _l.invoice_number))
    .outerjoin(schema.posting, schema.posting.c.payment_id == _p.id)
    .outerjoin(schema.receipt, schema.receipt.c.payment_id == _p.id)
    .order_by(_p.id)
)  # fmt: skip
ON_INVOICES = _ON_INVOICES.where(_l.invoice_number.in_(sa.bindparam("numbers", expanding=True)))
"""Payments on these invoices: one row per line, with its hold, posting and receipt."""
_INVOICES_OF = sa.select(_l.invoice_number).where(_l.payment_id == sa.bindparam("wanted"))
BESIDE = _ON_INVOICES.where(
    _l.invoice_number.in_(_INVOICES_OF.correlate(None)), _p.id != sa.bindparam("wanted")
)
"""Rows like those of ON_INVOICES: other payments on the invoices of this one."""
EVENTS = (
    sa.select(schema.event)
    .where(schema.event.c.payment_id == sa.bindparam("wanted"))
    .order_by(schema.event.c.seq)
)
_IN_ORDER = sa.collate(_i.number, "C")
"""The order of code points on every server, which is also Python's. Desks that lock or write several
invoices all use this order, so they cannot deadlock.
"""
LOCK_INVOICES = (
    sa.select(_i.number)
    .where(_i.number.in_(sa.bindparam("numbers", expanding=True)))
    .order_by(_IN_ORDER)
    .with_for_update()
)
LOCK_INVOICES_OF = (
    sa.select(_i.number).where(_i.number.in_(_INVOICES_OF)).order_by(_IN_ORDER).with_for_update()
)
LOCK_INVOICES_READ = (
    sa.select(_i.number)
    .where(
        sa.or_(
            _i.number.in_(sa.bindparam("numbers", expanding=True)),
            sa.and_(_i.customer_number == sa.bindparam("customer"), _i.balance_cents != 0),
        )
    )
    .order_by(_IN_ORDER)
    .with_for_update()
)
_s = schema.desk_session.c
BEAT = (
    sa.update(schema.desk_session)
    .where(_s.id == sa.bindparam("wanted"))
    .values(seen_at=sa.bindparam("now"), ended_at=None)
)
END_SESSIONS = (
    sa.update(schema.desk_session)
    .where(_s.id.in_(sa.bindparam("wanted", expanding=True)), _s.ended_at.is_(None))
    .values(ended_at=sa.bindparam("now"))
)
RUNNING_HERE = (
    sa.select(_s.id, _s.lock)
    .where(_s.host == sa.bindparam("host"), _s.lock != "", _s.ended_at.is_(None))
    .order_by(_s.id)
    .with_for_update(skip_locked=True)
)
LOCK_PAYMENT = sa.select(_p.id).where(_p.id == sa.bindparam("wanted")).with_for_update()
