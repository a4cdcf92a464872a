"""The invariants of refunds, checked after every commit and before every request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paydesk.domain.refund import RefundOrder
from paydesk.sandbox.anddone.books import Refund
from paydesk.sandbox.anddone.habits import Habit
from tests.proofs.simulation.world import World

if TYPE_CHECKING:
    from tests.proofs.simulation.invariants import Row

FENCE_S = 5.0
UNDECIDED = frozenset({"submitted", "unknown"})
TAKEN = frozenset({"accepted", "done", "failed"})
MOVES: Mapping[str, frozenset[str]] = {
    "": frozenset({"submitted", *TAKEN}),
    "submitted": frozenset({"unknown", "refused", "not_made", *TAKEN}),
    "unknown": frozenset({"refused", "not_made", *TAKEN}),
    "accepted": frozenset({"done", "failed"}),
    "done": frozenset({"failed"}),
    "failed": frozenset({"done"}),
    "refused": TAKEN,
    "not_made": TAKEN,
}
"""The table of legal moves, written a second time."""

_REFUNDS = """
    SELECT r.id, r.payment_id, r.origin, r.kind, r.state, r.reference, r.processor_ref, r.amount_cents,
           r.fee_cents, r.shares, r.number, p.processor_ref, p.charged_cents, p.subtotal_cents
    FROM refund r JOIN payment p ON p.id = r.payment_id ORDER BY r.id
"""


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund as it is on the disk."""

    id: int
    payment_id: int
    origin: str
    kind: str
    state: str
    reference: str | None
    processor_ref: str | None
    cents: int
    fee_cents: int
    shares: str
    number: str | None
    charge: str
    charged_cents: int
    subtotal_cents: int


class RefundInvariants:
    """The checks of the refunds of one history."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.rows: dict[int, RefundRow] = {}
        self.never_left: set[str] = set()
        """References of refunds for which there was never a connection."""
        self._sent: Counter[str] = Counter()
        self._submitted_s: dict[str, float] = {}

    @property
    def is_refunding(self) -> bool:
        """True if a refund has no clear answer yet."""
        return any(row.state in UNDECIDED for row in self.rows.values())

    def committed(self, what: str, states: Mapping[int, str]) -> None:
        """Check the rows after a commit. ``states`` are those of the payments."""
        found = self._world.database.rows(_REFUNDS)
        before, self.rows = self.rows, {row[0]: RefundRow(*row) for row in found}
        self._require(before.keys() <= self.rows.keys(), "a refund vanished")
        for number, row in self.rows.items():
            old = before.get(number)
            if old == row:
                continue
            self._world.log(f"{what}: refund {number} {row.state}")
            self._check_move(old, row)
            self._check_row(row)
        by_payment = Counter(row.payment_id for row in self.rows.values() if row.state in UNDECIDED)
        self._require(all(count == 1 for count in by_payment.values()), "two undecided refunds of a payment")
        for payment_id in {row.payment_id for row in self.rows.values()}:
            self._check_sums(payment_id, states[payment_id])

    def _check_move(self, old: RefundRow | None, row: RefundRow) -> None:
        before = old.state if old else ""
        if before != row.state:
            self._require(row.state in MOVES[before], f"a refund moved from {before} to {row.state}")
        if row.state == "submitted":
            assert row.reference is not None
            self._submitted_s[row.reference] = self._world.schedule.now_s
        if row.state in ("refused", "not_made") and before != row.state and row.reference:
            there = [
                one for one in self._world.anddone.refunds() if row.reference in f"{one.detail} {one.remarks}"
            ]
            self._require(not there, f"a refund is {row.state}, and AndDone made it")
        sent = row.reference is not None and self._sent[row.reference]
        if row.state == "not_made" and sent and before == "submitted":
            self._require(row.reference in self.never_left, "not made at once, and it was sent")

    def _check_row(self, row: RefundRow) -> None:
        taken = row.state in TAKEN
        if taken:
            made = self._made(row.processor_ref)
            self._require(made is not None, f"a refund is {row.state}, and AndDone has none")
            assert made is not None
            self._require(made.charge_id == row.charge, "a refund of another charge")
            self._require(made.amount.cents == row.cents, "another sum went back")
            done = {"done": "Success", "failed": "Failed"}.get(row.state)
            self._require(done in (None, made.status), f"a refund is {row.state}, and {made.status} there")
            named = row.reference or ""
            ours = named and named in f"{made.detail} {made.remarks}"
            # Of all that was left, one in the portal counts as ours: ours can't be made any more.
            whole = row.kind == "total" and not made.detail.count("PD")
            self._require(bool(ours) == (row.origin == "desk") or whole, "a refund was taken for another")
        document = row.origin == "desk" and row.state in ("accepted", "done")
        self._require(not document or row.number is not None, f"a refund is {row.state} without a receipt")

    def _check_sums(self, payment_id: int, state: str) -> None:
        rows = [row for row in self.rows.values() if row.payment_id == payment_id]
        ours = sum(
            row.cents
            for row in rows
            if row.origin == "desk" and row.state in (*UNDECIDED, "accepted", "done")
        )
        self._require(ours <= rows[0].charged_cents, "more is refunded than was charged")
        done = [row for row in rows if row.state == "done"]
        if not done:
            return
        whole = sum(row.cents for row in done) >= rows[0].charged_cents
        without_fee = sum(row.cents - row.fee_cents for row in done if row.shares) >= rows[0].subtotal_cents
        wanted = "refunded" if whole or without_fee else "partly_refunded"
        if state in ("authorized", "late", "partly_refunded", "refunded") and any(row.shares for row in done):
            self._require(state == wanted, f"{state}, and its refunds say {wanted}")

    def sending(self, order: RefundOrder) -> None:
        """Check a refund that is about to be sent."""
        self._world.log(f"refunding {order.reference}")
        self._sent[order.reference] += 1
        found = self._world.database.rows(_REFUNDS)
        rows = [row for row in (RefundRow(*one) for one in found) if row.reference == order.reference]
        self._require(bool(rows), "a refund is sent without a durable row")
        self._require(rows[0].cents == order.amount.cents, "another sum is refunded")
        self._require(self._sent[order.reference] == 1, "a refund was sent twice")
        self._require(rows[0].state != "not_made", "a refund is sent although it was ruled out")
        waited_s = self._world.schedule.now_s - self._submitted_s[order.reference]
        self._require(waited_s <= FENCE_S, f"a refund was sent {waited_s:.0f} s after its commit")

    def is_ours(self, refund_id: int, processor_ref: str) -> bool:
        """Return True if this refund of AndDone's is the one of that row."""
        made, reference = self._made(processor_ref), self.rows[refund_id].reference or ""
        return made is not None and reference in f"{made.detail} {made.remarks}"

    def final(self, payments: Mapping[int, Row]) -> None:
        """Check that the books agree once everything has ended."""
        known = {row.processor_ref: row for row in self.rows.values() if row.processor_ref}
        for row in self.rows.values():
            self._require(row.state not in (*UNDECIDED, "accepted"), f"refund {row.id} stays {row.state}")
        charges = {payment.processor_ref for payment in payments.values()}
        made = [one for one in self._world.anddone.refunds() if one.charge_id in charges]
        for one in made:
            listed = Habit.REFUNDS_NOT_LISTED not in self._world.profile.habits
            here = one.transaction_id in known or (one.in_portal and not listed)
            self._require(here, f"AndDone made a refund of {one.amount} that no row knows")
        for reference in (row.reference for row in self.rows.values() if row.reference):
            count = sum(reference in f"{one.detail} {one.remarks}" for one in made)
            self._require(count <= 1, "one refund was made twice")
        for payment in payments.values():
            if payment.state in ("refunded", "partly_refunded"):
                done = [
                    row for row in self.rows.values() if row.payment_id == payment.id and row.state == "done"
                ]
                self._require(bool(done), f"{payment.state} without a refund that is done")

    def _made(self, processor_ref: str | None) -> Refund | None:
        return self._world.anddone.books.books.refunds.get(processor_ref or "")

    def _require(self, holds: object, rule: str) -> None:
        if not holds:
            self._world.violate(rule)
