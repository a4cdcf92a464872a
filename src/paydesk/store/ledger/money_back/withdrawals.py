"""Withdraw the posting of a payment whose money went back, unless its receipt may be in AMS360."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from paydesk.domain.events import EventKind
from paydesk.domain.posting import PostingState
from paydesk.store.ledger import words
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import queries, schema

_o = schema.posting.c
_STATE = PostingState.WITHDRAWN.value
_NOT_THERE = sa.or_(
    sa.and_(_o.state == PostingState.WAITING.value, _o.sent_at.is_(None)),
    # AMS360 itself said no. One that PayDesk did not send may have been entered by hand.
    sa.and_(_o.state == PostingState.REFUSED.value, _o.sent_at.is_not(None)),
)
_BY_HAND = _o.state == PostingState.BY_HAND.value


def withdraw_unposted(
    on: Transactions, connection: sa.Connection, payment_id: int, now: datetime, *, asked: bool
) -> None:
    """Withdraw a posting that surely did not reach AMS360. A person has to reverse any other.

    ``asked`` is True if the person who voided was asked about a receipt to enter by hand. Nobody was asked
    about a void of the processor's portal, so somebody may have entered that receipt.
    """
    why = words.VOIDED_BEFORE_POSTING
    gone = sa.or_(_NOT_THERE, _BY_HAND) if asked else _NOT_THERE
    withdraw = sa.update(schema.posting).where(_o.payment_id == sa.bindparam("wanted"), gone)
    withdrawn = withdraw.values(state=_STATE, reason=why)
    if connection.execute(withdrawn, {"wanted": payment_id}).rowcount == 1:
        on.event(connection, payment_id, EventKind.POSTING_WITHDRAWN, now, reason=why)
    else:
        connection.execute(queries.MARK_TO_REVERSE, {"wanted": payment_id, "now": now})
