"""The ledger's statements, built once; SQLAlchemy compiles and keeps their text."""

from __future__ import annotations

import sqlalchemy as sa

from paydesk.domain.payment import OPEN, PAID, State
from paydesk.store import schema
from paydesk.store.prepared import Prepared

_p, _l, _c, _i = schema.payment.c, schema.payment_line.c, schema.claim.c, schema.invoice.c
PAID_STATES = [state.value for state in PAID]
OPEN_STATES = [state.value for state in OPEN]
UNSETTLED_STATES = [*OPEN_STATES, State.VOIDING.value]
"""An answer of the processor is still to come."""


def matches(word: str) -> sa.ColumnElement[bool]:
    """Payments that carry ``word`` in a name, number, reference or receipt, or pay that invoice."""
    columns = (
        _p.payer_name,
        _p.customer_name,
        _p.customer_number,
        _p.reference,
        _p.reference_value,
        _p.last4,
        schema.receipt.c.number,
    )
    on_invoice = sa.exists().where(_l.payment_id == _p.id, _l.invoice_number == word.lstrip("#"))
    return sa.or_(on_invoice, *(column.icontains(word, autoescape=True) for column in columns))


PAYMENTS = sa.select(schema.payment, schema.receipt.c.number.label("receipt_number")).outerjoin(
    schema.receipt, schema.receipt.c.payment_id == _p.id
)
PAYMENT = (
    PAYMENTS.add_columns(schema.payment_line)
    .outerjoin(schema.payment_line, _l.payment_id == _p.id)
    .where(_p.id == sa.bindparam("wanted"))
    .order_by(_l.position)
)
"""One payment, once for each of its lines: a statement less than asking for the lines, too."""
STANDING = Prepared(
    sa.select(_p.state, _p.processor_ref, _p.charged_cents, _p.charged_fee_cents, schema.receipt.c.number)
    .outerjoin(schema.receipt, schema.receipt.c.payment_id == _p.id)
    .where(_p.id == sa.bindparam("wanted"))
)
"""What is said of a payment once it is decided; see ``rows.standing``."""
LINES = (
    sa.select(schema.payment_line)
    .where(_l.payment_id.in_(sa.bindparam("wanted", expanding=True)))
    .order_by(_l.payment_id, _l.position)
)
INSERT_PAYMENT = Prepared(sa.insert(schema.payment).returning(_p.id))
INSERT_LINES = Prepared(sa.insert(schema.payment_line))
INSERT_CLAIMS = Prepared(sa.insert(schema.claim))
SWAP = Prepared(
    sa.update(schema.payment)
    .where(_p.id == sa.bindparam("payment_id"), _p.state == sa.bindparam("before"))
    .values(version=_p.version + 1)
)
"""Compare and swap of a state; what else changes comes with the parameters."""
INSERT_ATTEMPT = Prepared(sa.insert(schema.attempt))
INSERT_RECEIPT = Prepared(sa.insert(schema.receipt))
INSERT_POSTING = Prepared(sa.insert(schema.posting))
CLOSE_CLAIMS = Prepared(
    sa.update(schema.claim).where(_c.payment_id == sa.bindparam("wanted")).values(open=False)
)
RECEIPT = sa.select(schema.receipt.c.body).where(schema.receipt.c.payment_id == sa.bindparam("wanted"))
COUNT_COPY = (
    sa.update(schema.receipt)
    .where(schema.receipt.c.payment_id == sa.bindparam("wanted"))
    .values(copies=schema.receipt.c.copies + 1)
    .returning(schema.receipt.c.copies)
)
_VOID_RECEIPT = sa.and_(schema.void.c.payment_id == sa.bindparam("wanted"), schema.void.c.body.is_not(None))
VOID_RECEIPT = sa.select(schema.void.c.body).where(_VOID_RECEIPT)
COUNT_VOID_COPY = (
    sa.update(schema.void)
    .where(_VOID_RECEIPT)
    .values(copies=schema.void.c.copies + 1)
    .returning(schema.void.c.copies)
)
COUNT = Prepared(
    sa.update(schema.counter)
    .where(schema.counter.c.name == "receipt")
    .values(value=schema.counter.c.value + 1)
    .returning(schema.counter.c.value)
)
SAME_UNDECIDED = sa.select(_p.desk, _p.user).where(
    _p.state.in_(OPEN_STATES),
    _p.decided_at.is_(None),
    _p.customer_number == "",
    _p.subtotal_cents == sa.bindparam("subtotal_cents"),
    sa.or_(
        _p.payer_name == sa.bindparam("payer_name"),
        sa.and_(_p.reference_value == sa.bindparam("reference_value"), _p.reference_value != ""),
    ),
)
_ON_INVOICES = (
    sa.select(
        _l.invoice_number, _l.amount_cents, _l.owed_cents, _l.read_at,
        _p.id, _p.state, _p.desk, _p.user, _p.claimed_at, _p.decided_at,
        _p.tender, _p.brand, _p.last4, _c.open,
        schema.posting.c.posted_at, schema.posting.c.state.label("posting_state"),
        schema.receipt.c.number.label("receipt_number"),
    )
    .select_from(schema.payment_line)
    .join(schema.payment, _p.id == _l.payment_id)
    .outerjoin(schema.claim, sa.and_(_c.payment_id == _p.id, _c.invoice_number == _l.invoice_number))
    .outerjoin(schema.posting, schema.posting.c.payment_id == _p.id)
    .outerjoin(schema.receipt, schema.receipt.c.payment_id == _p.id)
    .order_by(_p.id)
)  # fmt: skip
ON_INVOICES = _ON_INVOICES.where(_l.invoice_number.in_(sa.bindparam("numbers", expanding=True)))
"""What payments have to do with these invoices."""
_INVOICES_OF = sa.select(_l.invoice_number).where(_l.payment_id == sa.bindparam("wanted"))
BESIDE = _ON_INVOICES.where(
    _l.invoice_number.in_(_INVOICES_OF.correlate(None)), _p.id != sa.bindparam("wanted")
)
"""What other payments have to do with the invoices of this one."""
_other = schema.payment_line.alias("other").c
ANY_BESIDE = Prepared(
    sa.select(_other.payment_id).where(
        _l.payment_id == sa.bindparam("wanted"),
        _other.invoice_number == _l.invoice_number,
        _other.payment_id != _l.payment_id,
    )
)
"""Whether there is one: most often there is none, and nothing to take apart.

Without a LIMIT, for each of which SQLite would prepare the statement anew.
"""
EVENTS = (
    sa.select(schema.event)
    .where(schema.event.c.payment_id == sa.bindparam("wanted"))
    .order_by(schema.event.c.seq)
)
_IN_ORDER = sa.collate(_i.number, "C")
"""The order of the code points on every server, which is Python's too: desks that lock or write several
invoices do it in the same order, and so never wait for one another in a circle."""
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
