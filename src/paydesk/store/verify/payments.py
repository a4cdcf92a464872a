"""Verify one payment against its own events and its receipt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from paydesk.domain.errors import PayDeskError
from paydesk.domain.money import ZERO
from paydesk.domain.payment import NEXT, OPEN, PAID, Payment, State
from paydesk.domain.stored import receipt_from
from paydesk.domain.typed.plain_texts import one_line
from paydesk.domain.vendors import PROCESSOR
from paydesk.store.tables import rows
from paydesk.store.tables.commitments import CommitmentBroken
from paydesk.store.tables.schema import keepable, payment
from paydesk.store.verify import redacted

APPROVED = PAID | {State.VOIDED, State.REFUNDED, State.RETURNED, State.CHARGED_BACK}
"""States that a payment reaches only after an approval."""

_DECIDING = {State.AUTHORIZED, State.LATE, State.DECLINED, State.RELEASED, State.NOT_CHARGED}
_MONEY = ("subtotal_cents", "fee_cents", "total_cents", "charged_cents", "charged_fee_cents",
          "named_fee_cents")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recorded:
    """All rows of one payment."""

    row: sa.RowMapping
    lines: Sequence[sa.RowMapping]
    events: Sequence[sa.RowMapping]

    @property
    def name(self) -> str:
        """The payment's name in sentences."""
        receipt = self.row["receipt_number"]
        return f"Payment {self.row['reference']}" + (f" (receipt {receipt})" if receipt else "")


def faults(found: Recorded) -> Iterator[str]:
    """Yield a sentence for each fault of the payment."""
    for fault in (*_amounts(found), *_history(found), *_papers(found)):
        yield f"{found.name} {fault}"
    try:
        whole = rows.payment_from(found.row, list(found.lines), found.row["receipt_number"] or "")
    except (PayDeskError, ValueError, TypeError, KeyError) as error:
        yield f"{found.name} cannot be read ({type(error).__name__}: {error})."
        return
    for fault in (*_draft(found, whole), *_receipt(found, whole)):
        yield f"{found.name} {fault}"


def _amounts(found: Recorded) -> Iterator[str]:
    row = found.row
    amounts = [row[name] for name in _MONEY] + [line["amount_cents"] for line in found.lines]
    if any(amount is not None and type(amount) is not int for amount in amounts):
        yield "has an amount that is not a whole number of cents."
        return
    if row["subtotal_cents"] != sum(line["amount_cents"] for line in found.lines):
        yield "has lines that do not add up to its subtotal."
    if row["total_cents"] != row["subtotal_cents"] + row["fee_cents"]:
        yield "has a total that is not its subtotal and its fee."
    if any(amount is not None and amount < 0 for amount in amounts):
        yield "has an amount below zero."


def _history(found: Recorded) -> Iterator[str]:
    """Yield faults unless the events are legal moves to the stored state and agree with the row."""
    moves = [(State(event["kind"]), event) for event in found.events if event["kind"] in set(State)]
    if not moves or moves[0][0] is not State.HELD:
        yield "does not begin with the event of its hold."
        return
    state = State.HELD
    for new, _event in moves[1:]:
        if new not in NEXT[state]:
            yield f"went from {_word(state)} to {_word(new)}, which no payment may."
        state = new
    if found.row["state"] != state.value:
        yield f"is stored as {_word(found.row['state'])}, but its events end with {_word(state)}."
    if found.row["version"] != len(moves) - 1:
        yield "was changed without an event, or an event of it is missing."
    yield from _columns(found, moves)


def _columns(found: Recorded, moves: Sequence[tuple[State, sa.RowMapping]]) -> Iterator[str]:
    said: dict[str, str | None] = {}
    before = State.HELD
    for new, event in moves:
        decides = new in _DECIDING and before is not State.VOIDING  # that returns to a state decided before
        if decides and new in (State.AUTHORIZED, State.LATE):
            said |= {"charged_fee_cents": None, "named_fee_cents": None, "reason": ""}
        said |= {name: text for name, text in body_of(event).items() if name in payment.c}
        if decides:
            said["decided_at"] = str(event["at"])
        before = new
    for kind in ("expired", "acknowledged"):
        times = [event["at"] for event in found.events if event["kind"] == kind]
        said[f"{kind}_at"] = str(times[-1]) if times else None
    for name in ("submitted_at", "decided_at", "processor_ref", "charged_cents"):
        said.setdefault(name, None)
    for name, text in said.items():
        stored = found.row[name]
        if (None if stored is None else str(stored)) != (None if text is None else keepable(text)):
            yield f"and its events differ: {name.replace('_', ' ')}."
    first = moves[0][1]
    if (found.row["desk"], found.row["user"]) != (first["desk"], first["user"]):
        yield "names another desk or user than its hold."


def _papers(found: Recorded) -> Iterator[str]:
    """Yield faults unless receipt, posting, attempt and reference exist exactly when they must."""
    row = found.row
    approved = row["state"] in {state.value for state in APPROVED}
    sent = any(event["kind"] == State.SUBMITTED for event in found.events)
    for name, there, wanted in (
        ("receipt", row["receipt_body"] is not None, approved),
        ("posting", row["posting_state"] is not None, approved),
        ("charge", row["charged_cents"] is not None, approved),
        (f"{PROCESSOR.name} number", row["processor_ref"] is not None, approved),
        ("charge attempt", row["attempted_at"] is not None, sent),
        ("time of decision", row["decided_at"] is not None, row["state"] not in {one.value for one in OPEN}),
    ):
        if there != wanted:
            yield f"is {_word(row['state'])} and has {'a' if there else 'no'} {name}."


def _draft(found: Recorded, whole: Payment) -> Iterator[str]:
    said = body_of(found.events[0]) if found.events else {}
    try:
        digest = rows.draft_digest(found.row, found.lines)
    except CommitmentBroken:
        digest = ""
    if said.get("draft", digest) != digest:
        yield "is not what was held: an amount, a line, the payer or the consent was changed."
    yield from redacted.draft_faults(found.row, found.lines, found.events)
    if said.get("total", str(whole.draft.quote.total)) != str(whole.draft.quote.total):
        yield f"was held with a total of {said['total']}."


def _receipt(found: Recorded, whole: Payment) -> Iterator[str]:
    if found.row["receipt_body"] is None or whole.charged is None:
        return
    try:
        receipt = receipt_from(found.row["receipt_body"])
    except (PayDeskError, ValueError, TypeError) as error:
        yield f"has a receipt that cannot be read ({error})."
        return
    quote = whole.draft.quote
    fee = max(whole.charged - quote.subtotal, ZERO)
    approvals = [event["at"] for event in found.events if event["kind"] in (State.AUTHORIZED, State.LATE)]
    same = {
        "number": (receipt.number, whole.receipt_number),
        "reference": (receipt.reference, whole.reference),
        "time": (receipt.taken_at, approvals[0] if approvals else None),
        "payer": (one_line(keepable(receipt.payer_name)), whole.draft.payer.name),
        "amounts": ((receipt.subtotal, receipt.fee), (quote.subtotal, fee)),
        "lines": (
            [(line.invoice_number, line.amount) for line in receipt.lines],
            [(line.invoice_number, line.amount) for line in whole.draft.lines],
        ),
        "tender": (receipt.tender, quote.kind),
        "card": (
            tuple(map(keepable, (receipt.brand, receipt.last4, receipt.authorization_code))),
            (whole.brand, whole.last4, whole.authorization_code),
        ),
        "desk": ((receipt.desk, receipt.taken_by), (whole.desk, whole.user)),
        "channel": (receipt.channel, whole.draft.channel),
        "anchor": (receipt.version < 4 or receipt.anchor in {event["hash"] for event in found.events}, True),
    }
    for what, (printed, stored) in same.items():
        if printed != stored:
            yield f"and its receipt differ: {what}."


def body_of(event: sa.RowMapping) -> Mapping[str, Any]:
    """Return what an event says. An event that can't be read says nothing: the chain's check tells."""
    try:
        body = json.loads(event["body"])
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _word(state: str) -> str:
    return str(state).replace("_", " ")
