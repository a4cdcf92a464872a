"""The posting outbox: what AMS360 has to be told, and how far that is."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import BugError
from paydesk.domain.money import Money
from paydesk.domain.payment import GIVEN_BACK, State
from paydesk.domain.posting import (
    MayHaveArrived,
    NotReceived,
    Posted,
    Posting,
    PostingChannel,
    PostingState,
    PostOutcome,
    Refused,
)
from paydesk.services.ports import Clock, StaleMove
from paydesk.store import events, queries, rows, schema
from paydesk.store.clock import ledger_now
from paydesk.store.engine import READ
from paydesk.store.trouble import trouble_in_words

_o, _l = schema.posting.c, schema.payment_line.c
_POSTINGS = queries.PAYMENTS.add_columns(
    *(column.label(f"posting_{column.name}") for column in schema.posting.columns)
).join(schema.posting, _o.payment_id == schema.payment.c.id)
_UNSENT = sa.and_(_o.state == PostingState.WAITING.value, _o.sent_at.is_(None))
_SENT = sa.and_(_o.state == PostingState.WAITING.value, _o.sent_at.is_not(None))
_IN_DOUBT = sa.or_(_SENT, _o.state == PostingState.UNCLEAR.value)
_NOT_DONE = _o.state.in_([PostingState.WAITING, PostingState.UNCLEAR, PostingState.REFUSED])
_NOT_GIVEN_BACK = _o.payment_id.in_(
    sa.select(schema.payment.c.id).where(
        schema.payment.c.id == _o.payment_id,
        schema.payment.c.state.not_in([State.VOIDING, *GIVEN_BACK]),
    )
)
"""Asked in the transaction that sends: a void that was begun meanwhile keeps the receipt back."""
_GIVEN_BACK = sa.select(schema.payment.c.id).where(schema.given_back)
_TO_TAKE_BACK = sa.and_(
    _o.payment_id.in_(_GIVEN_BACK),
    _o.state != PostingState.WITHDRAWN.value,
)
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
    """The outbox on the ledger's database; ``who`` is desk and user, for the events."""

    def __init__(self, engine: sa.Engine, clock: Clock, *, who: tuple[str, str], path: str) -> None:
        self._engine = engine
        self._read = engine.execution_options(**READ)
        self._clock = clock
        self._who = who
        self._path = path

    # ---- reading ----------------------------------------------------------------------------

    def postings(self, states: Iterable[PostingState], *, limit: int = 500) -> Sequence[Posting]:
        """The postings in these states, oldest payment first."""
        return self._found(_o.state.in_([state.value for state in states]), limit)

    def posting(self, payment_id: int) -> Posting | None:
        """The posting of a payment; None when it has none."""
        found = self._found(_o.payment_id == payment_id, 1)
        return found[0] if found else None

    def of(self, payment_ids: Iterable[int]) -> Mapping[int, Posting]:
        """The postings of these payments, by payment."""
        return {one.payment.id: one for one in self._found(_o.payment_id.in_(list(payment_ids)), None)}

    def to_take_back(self) -> Sequence[Posting]:
        """Postings that are, or may be, in the agency system though their money was given back."""
        return self._found(_TO_TAKE_BACK, None)

    def handed_over(self, deposit: str) -> Sequence[Posting]:
        """What a deposit file holds, oldest first."""
        return self._found(sa.and_(_o.sink_ref == deposit, _o.channel == PostingChannel.FILE.value), None)

    def _found(self, where: sa.ColumnElement[bool], limit: int | None) -> list[Posting]:
        query = _POSTINGS.where(where).order_by(_o.payment_id).limit(limit)
        lines: dict[int, list[sa.RowMapping]] = {}
        with trouble_in_words(self._path), self._read.begin() as connection:
            now = ledger_now(connection, self._clock)
            found = connection.execute(query).mappings().all()
            wanted = {"wanted": [row["id"] for row in found]}
            for line in connection.execute(queries.LINES, wanted).mappings():
                lines.setdefault(line["payment_id"], []).append(line)
        return [_posting_from(row, lines.get(row["id"], []), now) for row in found]

    # ---- sending ----------------------------------------------------------------------------

    def take(self, payment_id: int, channel: PostingChannel, before: Mapping[str, Money]) -> bool:
        """Make durable that the posting is about to be sent.

        False when another desk has it, or while another posting of one of its invoices is in
        doubt: the balances could then prove neither.
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
            self._event(connection, payment_id, "posting", now, channel=channel.value, **said)
            return True

    def settle(self, payment_id: int, outcome: PostOutcome) -> Posting:
        """Record what became of a posting that was sent."""
        with self._locked(payment_id) as (connection, now):
            match outcome:
                case Posted():
                    # It took effect at some moment up to this one: a balance counts as containing it only
                    # when its reading began later, and readings carry the time of this desk's clock.
                    at = max(now, self._clock.now())
                    said = {"sink_ref": outcome.ref}
                    self._end(connection, payment_id, _SENT, PostingState.POSTED, now, posted_at=at, **said)
                case Refused():
                    self._end(connection, payment_id, _SENT, PostingState.REFUSED, now, reason=outcome.reason)
                case NotReceived():
                    _need(_changed(connection, payment_id, _SENT, sent_at=None, reason=outcome.why))
                    self._event(connection, payment_id, "not posted yet", now, reason=outcome.why)
                case MayHaveArrived():
                    self._end(connection, payment_id, _SENT, PostingState.UNCLEAR, now, reason=outcome.why)
        return self._read_back(payment_id)

    def prove(self, payment_id: int, read_at: datetime, evidence: Mapping[str, str]) -> Posting:
        """Posted, proven by balances whose reading started at ``read_at`` (UTC).

        That reading contains it, and so does each one that started later: no other does for sure. A
        desk whose clock is behind may put its reading before the sending; what was read then did not.
        Raises StaleMove, too, where the receipt of a voided payment moved the same balances.
        """
        with self._locked(payment_id) as (connection, now):
            sent_at = connection.execute(sa.select(_o.sent_at).where(_o.payment_id == payment_id)).scalar()
            at = max(read_at, sent_at or now) - _A_MOMENT
            where = sa.or_(_IN_DOUBT, _o.state == PostingState.REFUSED.value)
            sure = sa.and_(where, sa.not_(_given_back_beside(payment_id)))
            _need(_changed(connection, payment_id, sure, state="posted", posted_at=at, reason=""))
            self._event(connection, payment_id, "posted", now, by="balances", **evidence)
        return self._read_back(payment_id)

    # ---- by a person ------------------------------------------------------------------------

    def entered_by_hand(self, payment_id: int, note: str) -> Posting:
        """A person says that the receipt is in the agency system."""
        with self._locked(payment_id) as (connection, now):
            at = max(now, self._clock.now())
            _need(_changed(connection, payment_id, _NOT_DONE, state="posted", posted_at=at, reason=""))
            self._event(connection, payment_id, "posted", now, by="hand", note=note)
        return self._read_back(payment_id)

    def stop(self, payment_id: int, state: PostingState, reason: str) -> Posting:
        """Refused or withdrawn without having been sent."""
        if state not in (PostingState.REFUSED, PostingState.WITHDRAWN):
            raise BugError(f"a posting is not stopped as {state}")
        with self._locked(payment_id) as (connection, now):
            self._end(connection, payment_id, _UNSENT, state, now, reason=reason)
        return self._read_back(payment_id)

    def explain(self, payment_id: int, reason: str) -> None:
        """Say why a posting still waits."""
        with self._locked(payment_id) as (connection, _now):
            _changed(connection, payment_id, _UNSENT, reason=reason)

    def taken_back(self, payment_id: int, note: str) -> Posting:
        """A person says that the agency system does not have the receipt of money that was given back."""
        with self._locked(payment_id) as (connection, now):
            values = {"state": PostingState.WITHDRAWN.value, "reason": "Taken back in AMS360 by hand."}
            _need(_changed(connection, payment_id, _TO_TAKE_BACK, **values))
            self._event(connection, payment_id, "taken back", now, by="hand", note=note)
        return self._read_back(payment_id)

    def wait_again(self, payment_id: int, evidence: Mapping[str, str]) -> Posting:
        """Back to waiting, after a person asked for it and it was found safe."""
        where = _o.state.in_([PostingState.UNCLEAR, PostingState.REFUSED])
        with self._locked(payment_id) as (connection, now):
            _need(_changed(connection, payment_id, where, state="waiting", sent_at=None, reason=""))
            self._event(connection, payment_id, "post again", now, **evidence)
        return self._read_back(payment_id)

    # ---- notes of what goes another way -----------------------------------------------------

    def without_note(self, *, limit: int = 20) -> Sequence[Posting]:
        """Waiting postings that were neither sent nor noted yet, oldest payment first."""
        return self._found(sa.and_(_o.state == PostingState.WAITING.value, _o.attempts == 0), limit)

    def take_note(self, payment_id: int) -> bool:
        """Make durable that its note is about to be written; False when another desk has it."""
        with self._locked(payment_id) as (connection, now):
            free = sa.and_(_UNSENT, _NOT_GIVEN_BACK, _o.attempts == 0)
            if not _changed(connection, payment_id, free, attempts=1):
                return False
            self._event(connection, payment_id, "noting", now)
            return True

    def give_note_back(self, payment_id: int, why: str) -> None:
        """The note surely did not arrive: it may be written later."""
        with self._locked(payment_id) as (connection, now):
            if _changed(connection, payment_id, _o.attempts == 1, attempts=0):
                self._event(connection, payment_id, "not noted yet", now, reason=why)

    # ---- deposit files ----------------------------------------------------------------------

    def next_deposit(self) -> str:
        """The number of the next deposit file, used once: D-0001."""
        with self._write() as connection:
            connection.execute(_FIRST_DEPOSIT)
            return f"D-{connection.execute(_COUNT_DEPOSIT).scalar_one():04d}"

    def hand_over(self, payment_ids: Sequence[int], deposit: str) -> Sequence[Posting]:
        """Give waiting postings to a deposit file; those another desk has are left out."""
        for payment_id in payment_ids:
            with self._locked(payment_id) as (connection, now):
                values = {"channel": PostingChannel.FILE.value, "sink_ref": deposit, "reason": ""}
                if _changed(connection, payment_id, sa.and_(_UNSENT, _NOT_GIVEN_BACK), sent_at=now, **values):
                    self._event(connection, payment_id, "posting", now, channel="file", deposit=deposit)
        return self.handed_over(deposit)

    # ---- parts ------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        with trouble_in_words(self._path), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _locked(self, payment_id: int) -> Iterator[tuple[sa.Connection, datetime]]:
        """A transaction that holds the payment's invoices, and the ledger's time in it."""
        with self._write() as connection:
            if connection.dialect.name != "sqlite":  # BEGIN IMMEDIATE locked all of SQLite
                connection.execute(queries.LOCK_INVOICES_OF, {"wanted": payment_id})
            yield connection, ledger_now(connection, self._clock)

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
        self._event(connection, payment_id, _EVENTS[state], now, **said)

    def _event(
        self, connection: sa.Connection, payment_id: int, kind: str, at: datetime, **detail: str
    ) -> None:
        events.append(connection, payment_id, at, self._who, kind, detail)

    def _read_back(self, payment_id: int) -> Posting:
        posting = self.posting(payment_id)
        if posting is None:
            raise BugError(f"payment {payment_id} has no posting")
        return posting


_EVENTS = {
    PostingState.POSTED: "posted",
    PostingState.UNCLEAR: "posting unclear",
    PostingState.REFUSED: "posting refused",
    PostingState.WITHDRAWN: "posting withdrawn",
}


def _changed(
    connection: sa.Connection, payment_id: int, where: sa.ColumnElement[bool], **values: Any
) -> bool:
    """Compare and swap: whether the row was as ``where`` says, and now has ``values``."""
    swap = sa.update(schema.posting).where(_o.payment_id == payment_id, where).values(**values)
    return connection.execute(swap).rowcount == 1


def _need(changed: bool) -> None:
    if not changed:
        raise StaleMove("This posting has changed meanwhile.", "Look it up again in the Payments tab.")


def _another_in_doubt(payment_id: int) -> sa.ColumnElement[bool]:
    """Whether another posting that may or may not have arrived pays one of the same invoices."""
    other, line = schema.posting.alias("other"), schema.payment_line.alias("line")
    mine = sa.select(_l.invoice_number).where(_l.payment_id == payment_id, _l.invoice_number.is_not(None))
    in_doubt = sa.or_(
        other.c.state == PostingState.UNCLEAR.value,
        sa.and_(other.c.state == PostingState.WAITING.value, other.c.sent_at.is_not(None)),
        # A receipt that a person still has to take back: the balances contain it for now.
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
    """Whether a receipt of money that was given back may have come and gone on one of the same invoices."""
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
    return posting.c.payment_id.in_(_GIVEN_BACK)


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
