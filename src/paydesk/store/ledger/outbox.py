"""The posting outbox: receipts to post to AMS360, and their progress."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

import sqlalchemy as sa

from paydesk.domain.errors import BugError
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.payment import GIVEN_BACK, State
from paydesk.domain.posting import (
    ByHand,
    MayHaveArrived,
    NotReceived,
    Posted,
    Posting,
    PostingChannel,
    PostingState,
    PostOutcome,
    Refused,
)
from paydesk.domain.typed.plain_texts import tidied
from paydesk.store.ledger import words
from paydesk.store.ledger.card_data import refuse_card_data
from paydesk.store.ledger.reading import lines_in
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import queries, rows, schema

_o, _l = schema.posting.c, schema.payment_line.c
_POSTINGS = queries.PAYMENTS.add_columns(
    *(column.label(f"posting_{column.name}") for column in schema.posting.columns)
).join(schema.posting, _o.payment_id == schema.payment.c.id)
_UNSENT = sa.and_(_o.state == PostingState.WAITING.value, _o.sent_at.is_(None))
_SENT = sa.and_(_o.state == PostingState.WAITING.value, _o.sent_at.is_not(None))
_IN_DOUBT = sa.or_(_SENT, _o.state == PostingState.UNCLEAR.value)
_NOT_DONE = _o.state.in_(
    [PostingState.WAITING, PostingState.UNCLEAR, PostingState.REFUSED, PostingState.BY_HAND]
)
_STOPS = (PostingState.REFUSED, PostingState.BY_HAND, PostingState.WITHDRAWN)
_NOT_GIVEN_BACK = _o.payment_id.in_(
    sa.select(schema.payment.c.id).where(
        schema.payment.c.id == _o.payment_id,
        schema.payment.c.state.not_in([State.VOIDING, *GIVEN_BACK]),
    )
)
"""Condition checked in the transaction that sends: a void begun meanwhile stops the posting."""
_TO_REVERSE = sa.and_(schema.to_reverse, _o.state != PostingState.WITHDRAWN.value)
_INDEXED = (
    (frozenset({PostingState.WAITING, PostingState.UNCLEAR, PostingState.REFUSED}), schema.unfinished),
    (frozenset({PostingState.BY_HAND}), schema.by_hand),
)
"""The states that can be asked for together, and the condition of their index."""
_A_MOMENT = timedelta(microseconds=1)
_n = schema.counter.c
_COUNT_DEPOSIT = (
    sa.update(schema.counter).where(_n.name == "deposit").values(value=_n.value + 1).returning(_n.value)
)
_FIRST_DEPOSIT = sa.insert(schema.counter).from_select(
    ["name", "value"],
    sa.select(sa.literal("deposit"), sa.literal(0)).where(
        ~sa.select(_n.name).where(_n.name == "deposit").correlate(None).exists()
    ),
)


class SqlOutbox:
    """The outbox in the ledger's database. See the port for each method."""

    def __init__(self, on: Transactions) -> None:
        self._on = on

    # ---- reading ----------------------------------------------------------------------------

    def postings(self, states: Iterable[PostingState], *, limit: int = 500) -> Sequence[Posting]:
        """See Outbox.postings."""
        wanted = frozenset(states)
        for indexed, condition in _INDEXED:
            if wanted <= indexed:
                return self._found(sa.and_(condition, _o.state.in_(sorted(wanted))), limit)
        raise BugError(f"no index finds postings that are {' or '.join(sorted(wanted))}")

    def stuck(self, *, limit: int = 500) -> Sequence[Posting]:
        """See Outbox.stuck."""
        return self._found(schema.stuck, limit)

    def count_by_hand(self) -> int:
        """See Outbox.count_by_hand."""
        query = sa.select(sa.func.count()).where(schema.by_hand, ~_is_given_back(schema.posting))
        with self._on.read() as connection:
            return int(connection.execute(query.select_from(schema.posting)).scalar_one())

    def posting(self, payment_id: int) -> Posting | None:
        """See Outbox.posting."""
        found = self._found(_o.payment_id == payment_id, 1)
        return found[0] if found else None

    def of(self, payment_ids: Iterable[int]) -> Mapping[int, Posting]:
        """See Outbox.of."""
        return {one.payment.id: one for one in self._found(_o.payment_id.in_(list(payment_ids)), None)}

    def to_take_back(self) -> Sequence[Posting]:
        """See Outbox.to_take_back."""
        return self._found(_TO_REVERSE, None)

    def handed_over(self, deposit: str) -> Sequence[Posting]:
        """See Outbox.handed_over."""
        return self._found(sa.and_(schema.in_file, _o.sink_ref == deposit), None)

    def _found(self, where: sa.ColumnElement[bool], limit: int | None) -> list[Posting]:
        query = _POSTINGS.where(where).order_by(_o.payment_id).limit(limit)
        with self._on.read() as connection:
            now = self._on.now(connection)
            found = connection.execute(query).mappings().all()
            lines = lines_in(connection, [row["id"] for row in found])
        return [_posting_from(row, lines.get(row["id"], []), now) for row in found]

    # ---- sending ----------------------------------------------------------------------------

    def take(self, payment_id: int, channel: PostingChannel, before: Mapping[str, Money]) -> bool:
        """Make durable that the posting is about to be sent.

        Returns False if another desk has it, or while another posting of one of its invoices is in
        doubt, because the balances could then prove neither.
        """
        said = {number: str(money) for number, money in before.items()}
        values = {
            "channel": channel.value,
            "attempts": _o.attempts + 1,
            "reason": "",
            "before": json.dumps({number: money.cents for number, money in before.items()}),
        }
        with self._locked(payment_id) as (connection, now):
            free = sa.and_(_UNSENT, _NOT_GIVEN_BACK, sa.not_(_another_in_doubt(payment_id)))
            if not _changed(connection, payment_id, free, sent_at=now, **values):
                return False
            self._on.event(connection, payment_id, EventKind.POSTING, now, channel=channel.value, **said)
            return True

    def record_outcome(self, payment_id: int, outcome: PostOutcome) -> Posting:
        """See Outbox.record_outcome."""
        with self._locked(payment_id) as (connection, now):
            match outcome:
                case Posted():
                    # AMS360 posted it at some moment up to now. A balance counts as containing it only if
                    # its reading began later, and readings carry the time of this desk's clock.
                    at = max(now, self._on.clock.now())
                    said = {"sink_ref": outcome.ref}
                    self._end(connection, payment_id, _SENT, PostingState.POSTED, now, posted_at=at, **said)
                case Refused():
                    self._end(connection, payment_id, _SENT, PostingState.REFUSED, now, reason=outcome.reason)
                case ByHand():
                    self._end(connection, payment_id, _SENT, PostingState.BY_HAND, now, reason=outcome.reason)
                case NotReceived():
                    _need(_changed(connection, payment_id, _SENT, sent_at=None, reason=outcome.why))
                    self._on.event(connection, payment_id, EventKind.NOT_POSTED_YET, now, reason=outcome.why)
                case MayHaveArrived():
                    self._end(connection, payment_id, _SENT, PostingState.UNCLEAR, now, reason=outcome.why)
                case never:
                    assert_never(never)
        return self._read_back(payment_id)

    def prove(self, payment_id: int, read_at: datetime, evidence: Mapping[str, str]) -> Posting:
        """Record the posting as proven by balances whose reading started at ``read_at`` (UTC).

        That reading contains it, and so does each one that started later. No other does for sure. A slow
        desk clock may date the reading before the sending. ``posted_at`` is then the time of the sending,
        because a reading before that did not contain it. Raises StaleMove also if the receipt of a voided
        payment moved the same balances.
        """
        with self._locked(payment_id) as (connection, now):
            sent_at = connection.execute(sa.select(_o.sent_at).where(_o.payment_id == payment_id)).scalar()
            at = max(read_at, sent_at or now) - _A_MOMENT
            where = sa.or_(_IN_DOUBT, _o.state == PostingState.REFUSED.value)
            sure = sa.and_(where, sa.not_(_given_back_beside(payment_id)))
            _need(_changed(connection, payment_id, sure, state="posted", posted_at=at, reason=""))
            self._on.event(connection, payment_id, EventKind.POSTED, now, by="balances", **evidence)
        return self._read_back(payment_id)

    # ---- decisions of a person --------------------------------------------------------------

    def entered_by_hand(self, payment_id: int, note: str) -> Posting:
        """See Outbox.entered_by_hand."""
        refuse_card_data(note)
        with self._locked(payment_id) as (connection, now):
            at = max(now, self._on.clock.now())
            _need(_changed(connection, payment_id, _NOT_DONE, state="posted", posted_at=at, reason=""))
            self._on.event(connection, payment_id, EventKind.POSTED, now, by="hand", note=note)
        return self._read_back(payment_id)

    def stop(self, payment_id: int, state: PostingState, reason: str) -> Posting:
        """See Outbox.stop."""
        if state not in _STOPS:
            raise BugError(f"a posting is not stopped as {state}")
        reason = tidied(reason)
        with self._locked(payment_id) as (connection, now):
            self._end(connection, payment_id, _UNSENT, state, now, reason=reason)
            if state is PostingState.WITHDRAWN:
                nothing_there = _o.state == PostingState.WITHDRAWN.value
                _changed(connection, payment_id, nothing_there, to_reverse_since=None)
        return self._read_back(payment_id)

    def explain(self, payment_id: int, reason: str) -> None:
        """See Outbox.explain."""
        with self._locked(payment_id) as (connection, _now):
            _changed(connection, payment_id, _UNSENT, reason=tidied(reason))

    def taken_back(self, payment_id: int, note: str) -> Posting:
        """See Outbox.taken_back."""
        refuse_card_data(note)
        with self._locked(payment_id) as (connection, now):
            values = {"state": PostingState.WITHDRAWN.value, "reason": words.TAKEN_BACK}
            _need(_changed(connection, payment_id, _TO_REVERSE, to_reverse_since=None, **values))
            self._on.event(connection, payment_id, EventKind.TAKEN_BACK, now, by="hand", note=note)
        return self._read_back(payment_id)

    def wait_again(self, payment_id: int, evidence: Mapping[str, str]) -> Posting:
        """See Outbox.wait_again."""
        refuse_card_data(evidence)
        where = _o.state.in_([PostingState.UNCLEAR, PostingState.REFUSED])
        with self._locked(payment_id) as (connection, now):
            _need(_changed(connection, payment_id, where, state="waiting", sent_at=None, reason=""))
            self._on.event(connection, payment_id, EventKind.POST_AGAIN, now, **evidence)
        return self._read_back(payment_id)

    # ---- notes of receipts not posted by PayDesk --------------------------------------------

    def without_note(self, *, limit: int = 20) -> Sequence[Posting]:
        """See Outbox.without_note."""
        return self._found(schema.without_note, limit)

    def take_note(self, payment_id: int) -> bool:
        """See Outbox.take_note."""
        with self._locked(payment_id) as (connection, now):
            free = sa.and_(_UNSENT, _NOT_GIVEN_BACK, _o.attempts == 0)
            if not _changed(connection, payment_id, free, attempts=1):
                return False
            self._on.event(connection, payment_id, EventKind.NOTING, now)
            return True

    def give_note_back(self, payment_id: int, why: str) -> None:
        """See Outbox.give_note_back."""
        with self._locked(payment_id) as (connection, now):
            if _changed(connection, payment_id, _o.attempts == 1, attempts=0):
                self._on.event(connection, payment_id, EventKind.NOT_NOTED_YET, now, reason=tidied(why))

    # ---- deposit files ----------------------------------------------------------------------

    def next_deposit(self) -> str:
        """See Outbox.next_deposit."""
        with self._on.write() as connection:
            connection.execute(_FIRST_DEPOSIT)
            return f"D-{connection.execute(_COUNT_DEPOSIT).scalar_one():04d}"

    def hand_over(self, payment_ids: Sequence[int], deposit: str) -> Sequence[Posting]:
        """See Outbox.hand_over."""
        refuse_card_data(deposit)
        for payment_id in payment_ids:
            with self._locked(payment_id) as (connection, now):
                values = {"channel": PostingChannel.FILE.value, "sink_ref": deposit, "reason": ""}
                if _changed(connection, payment_id, sa.and_(_UNSENT, _NOT_GIVEN_BACK), sent_at=now, **values):
                    self._on.event(
                        connection, payment_id, EventKind.POSTING, now, channel="file", deposit=deposit
                    )
        return self.handed_over(deposit)

    # ---- parts ------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _locked(self, payment_id: int) -> Iterator[tuple[sa.Connection, datetime]]:
        """Open a transaction that locks the payment's invoices. Yields it with the ledger's time."""
        with self._on.write() as connection:
            if connection.dialect.name != "sqlite":  # BEGIN IMMEDIATE locked all of SQLite
                connection.execute(queries.LOCK_INVOICES_OF, {"wanted": payment_id})
            yield connection, self._on.now(connection)

    def _end(
        self,
        connection: sa.Connection,
        payment_id: int,
        where: sa.ColumnElement[bool],
        state: PostingState,
        now: datetime,
        **values: Any,
    ) -> None:
        _need(_changed(connection, payment_id, where, state=state.value, **{"reason": ""} | values))
        said = {key: str(value) for key, value in values.items() if value and key != "posted_at"}
        self._on.event(connection, payment_id, _EVENTS[state], now, **said)

    def _read_back(self, payment_id: int) -> Posting:
        posting = self.posting(payment_id)
        assert posting is not None
        return posting


_EVENTS = {
    PostingState.POSTED: EventKind.POSTED,
    PostingState.UNCLEAR: EventKind.POSTING_UNCLEAR,
    PostingState.REFUSED: EventKind.POSTING_REFUSED,
    PostingState.BY_HAND: EventKind.POSTING_BY_HAND,
    PostingState.WITHDRAWN: EventKind.POSTING_WITHDRAWN,
}


def _changed(
    connection: sa.Connection, payment_id: int, where: sa.ColumnElement[bool], **values: Any
) -> bool:
    """Compare and swap: set ``values`` if the row meets ``where``. Returns True if it did."""
    swap = sa.update(schema.posting).where(_o.payment_id == payment_id, where).values(**values)
    return connection.execute(swap).rowcount == 1


def _need(changed: bool) -> None:
    if not changed:
        raise words.posting_changed()


def _another_in_doubt(payment_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that another posting in doubt pays one of the same invoices."""
    other, line = schema.posting.alias("other"), schema.payment_line.alias("line")
    mine = sa.select(_l.invoice_number).where(_l.payment_id == payment_id, _l.invoice_number.is_not(None))
    in_doubt = sa.or_(
        other.c.state == PostingState.UNCLEAR.value,
        sa.and_(other.c.state == PostingState.WAITING.value, other.c.sent_at.is_not(None)),
        # A receipt that a person still has to reverse, because the balances contain it until then.
        sa.and_(other.c.state != PostingState.WITHDRAWN.value, _is_given_back(other)),
    )
    return (
        sa.select(sa.literal(1))
        .select_from(other.join(line, line.c.payment_id == other.c.payment_id))
        .where(other.c.payment_id != payment_id, in_doubt, line.c.invoice_number.in_(mine))
        .correlate(None)
        .exists()
    )


def _given_back_beside(payment_id: int) -> sa.ColumnElement[bool]:
    """Return the condition that a receipt of returned money was posted, or maybe, on the same invoices."""
    other, line = schema.posting.alias("other"), schema.payment_line.alias("line")
    mine = sa.select(_l.invoice_number).where(_l.payment_id == payment_id, _l.invoice_number.is_not(None))
    sent = sa.or_(other.c.sent_at.is_not(None), other.c.posted_at.is_not(None))
    return (
        sa.select(sa.literal(1))
        .select_from(other.join(line, line.c.payment_id == other.c.payment_id))
        .where(other.c.payment_id != payment_id, sent, _is_given_back(other), line.c.invoice_number.in_(mine))
        .correlate(None)
        .exists()
    )


def _is_given_back(posting: sa.FromClause) -> sa.ColumnElement[bool]:
    paid = schema.payment.alias("paid")
    # A scalar, because PostgreSQL would read every payment into a hash for an EXISTS or IN.
    state = sa.select(paid.c.state).where(paid.c.id == posting.c.payment_id).scalar_subquery()
    return state.in_(queries.GIVEN_BACK_STATES)


def _posting_from(row: sa.RowMapping, lines: list[sa.RowMapping], now: datetime) -> Posting:
    sent_at = row["posting_sent_at"]
    before = json.loads(row["posting_before"] or "{}")
    return Posting(
        payment=rows.payment_from(row, lines, row["receipt_number"] or ""),
        state=PostingState(row["posting_state"]),
        created_at=row["posting_created_at"],
        posted_at=row["posting_posted_at"],
        reason=row["posting_reason"],
        channel=row["posting_channel"],
        attempts=row["posting_attempts"],
        sent_at=sent_at,
        sent_age_s=(now - sent_at).total_seconds() if sent_at else 0.0,
        before={number: Money(cents) for number, cents in before.items()},
        sink_ref=row["posting_sink_ref"],
    )
