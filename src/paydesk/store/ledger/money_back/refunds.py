"""Refunds in the ledger: recorded before the processor gets them, and followed to their end."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from paydesk.domain.errors import BugError
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money, total
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import Payment, State
from paydesk.domain.receipt import Receipt, refund_number, refund_of
from paydesk.domain.refund import (
    NEXT_REFUND,
    REFUNDABLE,
    UNDECIDED,
    Refund,
    RefundAsk,
    RefundKind,
    RefundOrigin,
    RefundReason,
    RefundState,
    SeenRefund,
    gave_all_back,
    left_of,
    left_of_lines,
    refund_reference,
)
from paydesk.domain.stored import receipt_from, receipt_text
from paydesk.domain.typed.plain_texts import tidied
from paydesk.services.ports.ledger import FollowedRefund
from paydesk.services.ports.payment_words import REFUND_REASONS, refunded
from paydesk.store.database.errors import LedgerError
from paydesk.store.ledger import words
from paydesk.store.ledger.card_data import refuse_card_data
from paydesk.store.ledger.money_back.withdrawals import withdraw_unposted
from paydesk.store.ledger.moves import locked, move
from paydesk.store.ledger.reading import payments_in
from paydesk.store.ledger.sessions import DeskSession
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import queries, schema

_r, _s = schema.refund.c, schema.desk_session.c
_OF = sa.select(schema.refund).where(_r.payment_id == sa.bindparam("wanted")).order_by(_r.id)
_ONE = sa.select(schema.refund).where(_r.id == sa.bindparam("wanted"))
_MOVE = sa.update(schema.refund).where(_r.id == sa.bindparam("wanted"))
_FOLLOWED = (
    sa.select(schema.refund, _s.seen_at, _s.ended_at.label("session_ended_at"), _s.host, _s.lock)
    .join(schema.desk_session, _s.id == _r.session_id)
    .where(schema.followed_refund)
    .order_by(_r.id)
)
_ENDED = frozenset({RefundState.DONE, RefundState.FAILED})


class Refunds:
    """Step R of docs/safety.md. A payment counts as paid until its refunds are done."""

    def __init__(self, on: Transactions, session: DeskSession) -> None:
        self._on = on
        self._session = session

    # ---- reading ----------------------------------------------------------------------------

    def refund(self, refund_id: int) -> Refund:
        """See Ledger.refund."""
        with self._on.read() as connection:
            return _refund(connection, refund_id)

    def refunds_of(self, payment_ids: Iterable[int]) -> Mapping[int, Sequence[Refund]]:
        """See Ledger.refunds_of."""
        query = sa.select(schema.refund).where(_r.payment_id.in_(list(payment_ids))).order_by(_r.id)
        found: dict[int, list[Refund]] = defaultdict(list)
        with self._on.read() as connection:
            for row in connection.execute(query).mappings():
                found[row["payment_id"]].append(_from(row))
        return found

    def followed_refunds(self) -> Sequence[FollowedRefund]:
        """See Ledger.followed_refunds."""
        with self._on.read() as connection:
            now = self._on.now(connection)
            rows = connection.execute(_FOLLOWED).mappings().all()
            wanted = {row["payment_id"] for row in rows}
            paid = payments_in(connection, queries.PAYMENTS.where(schema.payment.c.id.in_(wanted)))
        payments = {payment.id: payment for payment in paid}
        return [
            FollowedRefund(
                refund=_from(row),
                payment=payments[row["payment_id"]],
                mine=row["session_id"] == self._session.id,
                owner_alive=self._session.alive({**row, "ended_at": row["session_ended_at"]}, now),
                age_s=(now - row["asked_at"]).total_seconds(),
            )
            for row in rows
        ]

    def refunds_to_look_at(self) -> Sequence[Refund]:
        """See Ledger.refunds_to_look_at."""
        query = sa.select(schema.refund).where(schema.refund_to_look_at).order_by(_r.id)
        with self._on.read() as connection:
            return [_from(row) for row in connection.execute(query).mappings()]

    def refunded_between(self, start: datetime, end: datetime) -> Sequence[Refund]:
        """See Ledger.refunded_between."""
        accepted = sa.and_(_r.accepted_at >= start, _r.accepted_at < end)
        failed = sa.and_(_r.state == RefundState.FAILED.value, _r.ended_at >= start, _r.ended_at < end)
        query = sa.select(schema.refund).where(sa.or_(accepted, failed)).order_by(_r.id)
        with self._on.read() as connection:
            return [_from(row) for row in connection.execute(query).mappings()]

    def refund_receipt(self, refund_id: int) -> Receipt:
        """See Ledger.refund_receipt."""
        with self._on.read() as connection:
            body = connection.execute(sa.select(_r.body).where(_r.id == refund_id)).scalar()
        if body is None:
            raise words.no_refund_receipt()
        return receipt_from(body)

    def count_refund_copy(self, refund_id: int) -> int:
        """See Ledger.count_refund_copy."""
        on = self._on
        count = sa.update(schema.refund).where(_r.id == refund_id, _r.body.is_not(None))
        query = count.values(copies=_r.copies + 1).returning(_r.copies, _r.payment_id)
        with on.write() as connection:
            copies, payment_id = connection.execute(query).one()
            on.event(connection, payment_id, EventKind.REPRINTED, on.now(connection), copy=str(copies))
        return int(copies)

    # ---- asked for at a desk ----------------------------------------------------------------

    def begin_refund(self, payment_id: int, ask: RefundAsk) -> Refund:
        """See Ledger.begin_refund."""
        return self._ask(payment_id, ask, RefundState.SUBMITTED)

    def wish_refund(self, payment_id: int, ask: RefundAsk) -> Refund:
        """See Ledger.wish_refund."""
        return self._ask(payment_id, ask, RefundState.WISHED)

    def record_refund(
        self, refund_id: int, state: RefundState, why: str = "", processor_ref: str = ""
    ) -> Refund:
        """See Ledger.record_refund."""
        try:
            self._record(refund_id, state, why, processor_ref)
        except LedgerError:
            # The processor has answered, so try again on a new connection, with the spare space freed.
            self._on.maintenance.free_space()
            self._record(refund_id, state, why, processor_ref)
        return self.refund(refund_id)

    def refund_entered(self, refund_id: int, note: str) -> Refund:
        """See Ledger.refund_entered."""
        refuse_card_data(note)
        on = self._on
        with on.write() as connection:
            found = _refund(connection, refund_id)
            on.lock_payment(connection, found.payment_id)
            open_now = sa.update(schema.refund).where(_r.id == refund_id, _r.attention_since.is_not(None))
            if connection.execute(open_now.values(attention_since=None)).rowcount != 1:
                raise words.another_was_faster()
            said = {"refund": str(found.id), "note": note}
            on.event(connection, found.payment_id, EventKind.REFUND_ENTERED, on.now(connection), **said)
        return self.refund(refund_id)

    def _record(self, refund_id: int, state: RefundState, why: str, processor_ref: str) -> None:
        on = self._on
        with on.write() as connection:
            found = _refund(connection, refund_id)
            payment = locked(on, connection, found.payment_id)
            found = _refund(connection, refund_id)  # as it is under the lock
            if found.state is state:
                return
            if processor_ref and any(
                one.processor_ref == processor_ref for one in _refunds(connection, payment.id)
            ):
                raise words.another_was_faster()  # it was seen in the list, and counts there
            self._move(connection, found, state, on.now(connection), why, processor_ref)
            self._follow_refunds(connection, payment)

    # ---- as the processor shows them --------------------------------------------------------

    def refunds_seen(self, payment_id: int, seen: Sequence[SeenRefund]) -> Sequence[Refund]:
        """See Ledger.refunds_seen."""
        on, changed = self._on, []
        with on.write() as connection:
            payment = locked(on, connection, payment_id)
            now = on.now(connection)
            for one in seen:
                before = _refunds(connection, payment_id)
                ours = owner_of(one, before)
                if ours is None:
                    if not belongs_to_nobody(one, before):
                        continue  # a person decides, or the next answer
                    changed.append(self._insert_seen(connection, payment, one, now))
                elif ours.state is not one.state and one.state in NEXT_REFUND[ours.state]:
                    self._move(connection, ours, one.state, now, "", one.processor_ref, one.amount)
                    changed.append(_refund(connection, ours.id))
            if changed:
                self._follow_refunds(connection, payment)
        return changed

    def attribute_refund(self, refund_id: int, seen: SeenRefund) -> Refund:
        """See Ledger.attribute_refund."""
        self.record_refund(refund_id, seen.state, "", seen.processor_ref)
        return self.refund(refund_id)

    def refund_of_portal(self, payment_id: int, seen: SeenRefund) -> Refund:
        """See Ledger.refund_of_portal."""
        on = self._on
        with on.write() as connection:
            payment = locked(on, connection, payment_id)
            now = on.now(connection)
            made = self._insert_seen(connection, payment, seen, now)
            self._follow_refunds(connection, payment)
        return self.refund(made.id)

    def _insert_seen(
        self, connection: sa.Connection, payment: Payment, seen: SeenRefund, now: datetime
    ) -> Refund:
        whole = seen.amount == (payment.charged or payment.draft.quote.total)
        kind = RefundKind.TOTAL if whole else RefundKind.PARTIAL
        if seen.without_fee and seen.amount == payment.draft.quote.subtotal:
            kind = RefundKind.SUBTOTAL
        values = {
            "origin": RefundOrigin.PORTAL.value,
            "kind": kind.value,
            "state": seen.state.value,
            "processor_ref": seen.processor_ref or None,
            "amount_cents": seen.amount.cents,
            "fee_cents": 0,
            "accepted_at": now,
            "ended_at": now if seen.state in _ENDED else None,
        }
        made = self._write(connection, payment, values, now)
        self._tell(connection, made, now, "")
        return made

    # ---- parts ------------------------------------------------------------------------------

    def _ask(self, payment_id: int, ask: RefundAsk, state: RefundState) -> Refund:
        """Insert a refund that a person asks for. It replaces an earlier wish."""
        refuse_card_data(ask.note)
        on = self._on
        with on.write() as connection:
            payment = locked(on, connection, payment_id)
            before = _refunds(connection, payment_id)
            _check(payment, before, ask)
            now = on.now(connection)
            for wish in (one for one in before if one.state is RefundState.WISHED):
                self._move(connection, wish, RefundState.DROPPED, now)
            return self._insert(connection, payment, before, ask, state, now)

    def _insert(
        self,
        connection: sa.Connection,
        payment: Payment,
        before: Sequence[Refund],
        ask: RefundAsk,
        state: RefundState,
        now: datetime,
    ) -> Refund:
        named = [one for one in before if one.reference]
        values = {
            "origin": RefundOrigin.DESK.value,
            "kind": ask.kind.value,
            "state": state.value,
            "reference": refund_reference(payment, len(named)),
            "amount_cents": ask.amount.cents,
            "fee_cents": ask.fee.cents,
            "shares": _shares_text(ask.shares),
            "reason": schema.keepable(_reason(ask)),
        }
        made = self._write(connection, payment, values, now)
        self._tell(connection, made, now, made.reason)
        return made

    def _write(
        self, connection: sa.Connection, payment: Payment, values: Mapping[str, object], now: datetime
    ) -> Refund:
        desk, user = self._on.who
        whose = {"payment_id": payment.id, "session_id": self._session.id, "desk": desk, "user": user}
        made = connection.execute(sa.insert(schema.refund).values(**whose, **values, asked_at=now))
        key = made.inserted_primary_key
        assert key is not None
        return _refund(connection, int(key[0]))

    def _move(
        self,
        connection: sa.Connection,
        refund: Refund,
        state: RefundState,
        now: datetime,
        why: str = "",
        processor_ref: str = "",
        amount: Money | None = None,
    ) -> None:
        """Move a refund by the table of moves, with one event."""
        if state not in NEXT_REFUND[refund.state]:
            raise words.refund_already(refund.state)
        values: dict[str, object] = {"state": state.value, "why": schema.keepable(tidied(why))}
        if processor_ref:
            values["processor_ref"] = processor_ref
        if refund.accepted_at is None and state in (RefundState.ACCEPTED, *_ENDED):
            values["accepted_at"] = now
        if state in _ENDED:
            values["ended_at"] = now
        if state is RefundState.FAILED:
            values["attention_since"] = now
        if amount is not None and amount != refund.amount:  # the processor says what really went back
            values |= {"amount_cents": amount.cents, "fee_cents": 0, "shares": "", "attention_since": now}
        connection.execute(_MOVE.values(**values), {"wanted": refund.id})  # the payment is locked
        moved = _refund(connection, refund.id)
        self._tell(connection, moved, now, why)
        if state in (RefundState.ACCEPTED, RefundState.DONE):
            self._write_document(connection, moved, now)

    def _tell(self, connection: sa.Connection, refund: Refund, now: datetime, why: str) -> None:
        said = {
            "refund": str(refund.id),
            "origin": refund.origin.value,
            "refund_kind": refund.kind.value,
            "amount": str(refund.amount),
            "fee": str(refund.fee),
            "shares": _shares_text(refund.shares),
        }
        if refund.reference:
            said["reference"] = refund.reference
        if refund.processor_ref:
            said["charge"] = refund.processor_ref
        if why:
            said["reason"] = tidied(why)
        kind = EventKind.of_refund(refund.state)
        self._on.event(connection, refund.payment_id, kind, now, **said)

    def _write_document(self, connection: sa.Connection, refund: Refund, now: datetime) -> None:
        """Write the document of a refund that a desk asked for, once the processor has it."""
        if refund.number or refund.origin is not RefundOrigin.DESK or not refund.shares:
            return
        first = receipt_from(connection.execute(queries.RECEIPT, {"wanted": refund.payment_id}).scalar_one())
        earlier = sum(bool(one.number) for one in _refunds(connection, refund.payment_id))
        number = refund_number(first.number, earlier)
        who = (refund.desk, refund.user)
        made = refund_of(first, number, now, who, refund.shares, refund.fee)
        anchored = receipt_text(replace(made, anchor=self._on.anchor(connection)))
        write = sa.update(schema.refund).where(_r.id == refund.id)
        connection.execute(write.values(number=number, body=anchored))

    def _follow_refunds(self, connection: sa.Connection, payment: Payment) -> None:
        """Move the payment to the state that follows from its refunds that are done."""
        refunds = _refunds(connection, payment.id)
        done = [one for one in refunds if one.state is RefundState.DONE]
        if not done or payment.state not in REFUNDABLE:
            return
        on, now = self._on, self._on.now(connection)
        whole = gave_all_back(payment, refunds)
        new = State.REFUNDED if whole else State.PARTLY_REFUNDED
        if new is not payment.state:
            elsewhere = all(one.origin is RefundOrigin.PORTAL for one in done)
            why = refunded(total(one.amount for one in done), elsewhere=elsewhere)
            code = Reason.REFUNDED_ELSEWHERE if elsewhere else Reason.REFUNDED
            move(on, connection, payment, new, now, reason=why, reason_code=code)
        of_payment = sa.update(schema.refund).where(
            _r.payment_id == payment.id, _r.state == RefundState.DONE.value
        )
        if whole:
            withdraw_unposted(on, connection, payment.id, now, asked=False)
            connection.execute(of_payment.values(attention_since=None))  # the whole receipt is reversed
        else:
            fresh = of_payment.where(_r.ended_at == now)
            connection.execute(fresh.values(attention_since=now))


def owner_of(seen: SeenRefund, refunds: Sequence[Refund]) -> Refund | None:
    """Return the refund of the ledger that a listed one is, or None.

    Our reference tells. A listed refund without any reference is our undecided one only if that one was to
    give back all that was left, because no other refund was possible beside it.
    """
    for one in refunds:
        if seen.processor_ref and one.processor_ref == seen.processor_ref:
            return one
    unnamed = [one for one in refunds if not one.processor_ref and one.reference]
    for one in unnamed:
        if seen.carries(one.reference):
            return one
    if seen.is_labeled:
        return None
    for one in unnamed:
        if one.state in UNDECIDED and one.kind is RefundKind.TOTAL and one.amount == seen.amount:
            return one
    return None


def belongs_to_nobody(seen: SeenRefund, refunds: Sequence[Refund]) -> bool:
    """Return True if a listed refund is surely none of those that are undecided here."""
    return seen.is_labeled or all(one.state not in UNDECIDED for one in refunds)


def _check(payment: Payment, before: Sequence[Refund], ask: RefundAsk) -> None:
    """Raise KnownError unless the ledger allows this refund."""
    if payment.state not in REFUNDABLE:
        raise words.not_refundable(payment.state)
    if any(one.state in UNDECIDED for one in before):
        raise words.refund_undecided()
    left = left_of(payment, before)
    lines = zip(ask.shares, left_of_lines(payment, before), strict=True)
    if ask.amount > left or any(share > line for share, line in lines):
        raise words.refund_above(left)


def _reason(ask: RefundAsk) -> str:
    said = REFUND_REASONS[ask.reason]
    if ask.reason is RefundReason.OTHER:
        return ask.note or said
    return f"{said}: {ask.note}" if ask.note else said


def _shares_text(shares: Sequence[Money]) -> str:
    return json.dumps([share.cents for share in shares]) if shares else ""


def _refunds(connection: sa.Connection, payment_id: int) -> list[Refund]:
    return [_from(row) for row in connection.execute(_OF, {"wanted": payment_id}).mappings()]


def _refund(connection: sa.Connection, refund_id: int) -> Refund:
    row = connection.execute(_ONE, {"wanted": refund_id}).mappings().first()
    if row is None:
        raise BugError(f"there is no refund {refund_id}")
    return _from(row)


def _from(row: sa.RowMapping) -> Refund:
    return Refund(
        id=row["id"],
        payment_id=row["payment_id"],
        origin=RefundOrigin(row["origin"]),
        kind=RefundKind(row["kind"]),
        state=RefundState(row["state"]),
        reference=row["reference"] or "",
        amount=Money(row["amount_cents"]),
        fee=Money(row["fee_cents"]),
        shares=tuple(map(Money, json.loads(row["shares"] or "[]"))),
        reason=row["reason"],
        why=row["why"],
        desk=row["desk"],
        user=row["user"],
        asked_at=row["asked_at"],
        processor_ref=row["processor_ref"] or "",
        accepted_at=row["accepted_at"],
        ended_at=row["ended_at"],
        attention_since=row["attention_since"],
        number=row["number"] or "",
    )
