"""The invariants of docs/safety.md, checked after every commit, charge and message on a screen."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from paydesk.domain.errors import KnownError
from paydesk.domain.outcome import (
    Approved,
    ChargeStatus,
    Finding,
    NotSent,
    Outcome,
    Unclear,
    Voided,
    VoidOutcome,
)
from paydesk.domain.payment import Payment, State
from paydesk.domain.refund import RefundOrder, RefundOutcome
from paydesk.sandbox.anddone.books import Charge
from paydesk.services.payments.authorize import NotRecorded
from paydesk.services.payments.references import charge_request
from paydesk.services.ports.processor import ChargeRequest
from paydesk.store.tables.events import GENESIS
from tests.proofs.simulation.refund_invariants import RefundInvariants
from tests.proofs.simulation.world import World

FENCE_S = 5.0
OPEN = frozenset({"held", "submitted", "unknown", "offered", "closing"})
PAID = frozenset({"authorized", "late", "voiding", "partly_refunded"})
TAKEN = PAID | {"voided", "refunded"}
"""States after a recorded approval. Receipt and posting then exist for good."""
FREE = frozenset({"released", "declined", "not_charged"})
MOVES: Mapping[str, frozenset[str]] = {
    "": frozenset({"held"}),
    "held": frozenset({"submitted", "offered", "released"}),
    "offered": frozenset({"closing", "authorized"}),
    "closing": frozenset({"not_charged", "authorized"}),
    "submitted": frozenset({"authorized", "declined", "unknown", "released"}),
    "unknown": frozenset({"authorized", "declined", "not_charged"}),
    "released": frozenset({"late"}),
    "declined": frozenset({"late"}),
    "not_charged": frozenset({"late"}),
    "authorized": frozenset({"voiding", "partly_refunded", "refunded"}),
    "late": frozenset({"voiding", "partly_refunded", "refunded"}),
    "partly_refunded": frozenset({"refunded"}),
    "refunded": frozenset(),
    "voiding": frozenset({"voided", "authorized", "late"}),
    "voided": frozenset(),
}
"""The table of legal moves, written a second time, so that an error in the ledger's own is found."""

_PAYMENTS = """
    SELECT p.id, p.reference, p.state, p.intent_title, p.intent_token, p.processor_ref, p.charged_cents,
           p.subtotal_cents, p.fee_cents, p.total_cents, a.payment_id, r.number, s.payment_id,
           p.expired_at IS NOT NULL, s.state, s.sent_at IS NOT NULL,
           (SELECT number FROM void v WHERE v.payment_id = p.id AND v.body IS NOT NULL),
           (SELECT count(*) FROM void v WHERE v.payment_id = p.id AND v.ended_at IS NULL),
           p.charged_fee_cents, p.offer_kind, p.offer_address
    FROM payment p LEFT JOIN attempt a ON a.payment_id = p.id LEFT JOIN receipt r ON r.payment_id = p.id
    LEFT JOIN posting s ON s.payment_id = p.id ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A payment as it is on the disk."""

    id: int
    reference: str
    state: str
    title: str
    token: str
    processor_ref: str | None
    charged_cents: int | None
    subtotal_cents: int
    fee_cents: int
    total_cents: int
    attempt: int | None
    receipt: str | None
    posting: int | None
    expired: bool
    posting_state: str | None
    posting_sent: bool
    void_receipt: str | None
    open_voids: int
    fee_told: int | None
    """The recorded fee, None if the processor did not tell it: the quote is then recorded."""
    offer_kind: str
    address: str


class Invariants:
    """The checks of one history. The first broken rule ends it."""

    def __init__(self, world: World, quiet_s: float) -> None:
        """``quiet_s`` is the minimum time in seconds between an intent's expiry and the last look."""
        self._world, self._quiet_s = world, quiet_s
        self.rows: dict[str, Row] = {}
        """Committed payments by reference."""
        self._submitted_s: dict[str, float] = {}
        self._expired_s: dict[str, float] = {}
        self._never_left: set[str] = set()
        self._sent: Counter[str] = Counter()
        self._lines: dict[str, list[tuple[str, int]]] = {}
        """The invoices and cents that a charge pays, by title."""
        self._held_s: dict[str, float] = {}
        self._outside: list[tuple[float, float, str, int]] = []
        """Payments from outside: the times when AndDone's list and AMS360 show them, invoice, cents."""
        self._asked: set[str] = set()
        """References of payments with a committed void."""
        self._before_void: dict[str, str] = {}
        """The state before the void, by reference."""
        self._taken_back: set[str] = set()
        """References of voided payments whose receipts were reversed in AMS360."""
        self._canceled_outside: set[str] = set()
        """Titles of charges that were canceled in the processor's portal."""
        self._promised: dict[str, str] = {}
        """Titles that a screen reported as not charged, with its message."""
        self.refunds = RefundInvariants(world)
        self._journal: set[str] = set()
        """References of the offers that were written down outside of the ledger."""
        world.anddone.on_charge = self.charged
        world.anddone.on_page = self.charged_at_page

    # ---- the disk -------------------------------------------------------------------------

    def committed(self, what: str) -> None:
        """Check the rows after a commit."""
        before, self.rows = self.rows, self._read()
        self._check_holds()
        self._check_given_away()
        for reference, row in self.rows.items():
            old = before.get(reference)
            if old != row:
                self._world.log(f"{what}: {row.state} {row.id} {row.posting_state or ''}".strip())
                self._check_move(old, row)
                self._check_row(row)
        self._require(before.keys() <= self.rows.keys(), "a payment row vanished")
        if self._world.profile.refunds:
            self.refunds.committed(what, {row.id: row.state for row in self.rows.values()})

    def _read(self) -> dict[str, Row]:
        return {row[1]: Row(*row) for row in self._world.database.rows(_PAYMENTS)}

    def _check_holds(self) -> None:
        holds = self._world.database.rows(
            "SELECT c.invoice_number, c.open, p.state FROM hold c JOIN payment p ON p.id = c.payment_id"
        )
        held = Counter(number for number, is_open, _ in holds if is_open)
        self._require(all(count == 1 for count in held.values()), "two open payments of one invoice")
        for number, is_open, state in holds:
            self._require(
                bool(is_open) == (state in OPEN), f"hold on {number} open={is_open} of a {state} payment"
            )

    def _check_given_away(self) -> None:
        """Check that a payment being voided still counts as paid, so that no other takes its invoices."""
        if not self._world.profile.keeps_word or all(row.state != "voiding" for row in self.rows.values()):
            return
        counted = ", ".join(f"'{state}'" for state in ("submitted", "unknown", "authorized", "voiding"))
        taken = self._world.database.rows(
            "SELECT l.invoice_number, sum(l.amount_cents) FROM payment_line l JOIN payment p"
            f" ON p.id = l.payment_id WHERE p.state IN ({counted}) GROUP BY l.invoice_number"
        )
        for number, cents in taken:
            enough = cents <= self._world.debts[number].cents
            self._require(enough, f"invoice {number} was given away while a payment of it is being voided")

    def _check_move(self, old: Row | None, row: Row) -> None:
        now_s = self._world.schedule.now_s
        before = old.state if old else ""
        if before != row.state:
            self._check_void_move(before, row)
        if old is None:
            self._held_s[row.reference] = now_s
        elif row.posting_sent and not old.posting_sent and row.state in ("voiding", "voided"):
            self._require(False, f"a receipt is about to be posted though its payment is {row.state}")
        elif old.processor_ref is not None:
            kept = (old.processor_ref, old.charged_cents, old.receipt)
            self._require(kept == (row.processor_ref, row.charged_cents, row.receipt), "an approval changed")
        if row.state == "submitted" and before == "held":
            self._submitted_s[row.title] = now_s
        if row.state == "released" and self._sent[row.title]:
            self._require(row.title in self._never_left, "released, and the charge was sent")
        if row.expired and not (old and old.expired):
            self._check_expired(row)
        over_by_itself = row.expired and row.token not in self._world.anddone.expired_by_call
        ruled_out = row.state == "not_charged" or (row.state == "declined" and over_by_itself)
        if before in ("unknown", "closing") and ruled_out:
            quiet_s = now_s - self._expired_s.get(row.title, now_s)
            self._require(quiet_s >= self._quiet_s, f"ruled out {quiet_s:.0f} s after the expiry")

    def _check_void_move(self, before: str, row: Row) -> None:
        """Check that moves follow the table. A charge canceled without us makes two in one transaction."""
        at_once = before in ("authorized", "late") and row.state == "voided"
        self._require(at_once or row.state in MOVES[before], f"moved from {before} to {row.state}")
        if row.state == "voiding":
            self._asked.add(row.reference)
            self._before_void[row.reference] = before
        elif before == "voiding" and row.state != "voided":
            self._require(row.state == self._before_void[row.reference], f"{row.state} after a void")
            self._require(not self._is_canceled(row.processor_ref), "not voided, and it is canceled")

    def _check_expired(self, row: Row) -> None:
        self._expired_s[row.title] = self._world.schedule.now_s
        over = row.title in self._world.anddone.lied_about or self._world.anddone.is_over(row.token)
        self._require(over, "marked as expired, and it is not")

    def _check_row(self, row: Row) -> None:
        taken = row.state in TAKEN
        self._require(row.total_cents == row.subtotal_cents + row.fee_cents, "total is not lines plus fee")
        self._require(taken == (row.receipt is not None), f"{row.state} with receipt {row.receipt}")
        self._require(taken == (row.posting is not None), f"{row.state} with posting {row.posting}")
        voided = row.state == "voided"
        self._require(voided == (row.void_receipt is not None), f"{row.state} with void {row.void_receipt}")
        self._require(
            (row.state == "voiding") == bool(row.open_voids), f"{row.state}: {row.open_voids} voids"
        )
        if row.state in {"offered", "closing"}:
            self._require(bool(row.address and row.token), f"{row.state} without an address")
        if row.state in {"submitted", "unknown", "authorized"} and not row.offer_kind:
            self._require(row.attempt is not None and bool(row.token), f"{row.state} without an attempt")
        if taken:
            charge = self._world.anddone.books.charge(row.processor_ref or "")
            assert charge is not None, f"{row.state} without a charge"
            gone = row.state in ("voiding", "voided") or charge.reference in self._canceled_outside
            gone = gone or bool(charge.refunds)
            self._require(charge.taken.cents > 0 or gone, f"{row.state} without a charge")
            self._require(not voided or charge.status == "Cancelled", "voided, and not canceled")
            self._require(charge.reference == row.title, "approved by the charge of another intent")
            on_page = charge.payment_type == "PaymentLink" if row.offer_kind == "link" else True
            self._require(on_page, "approved by a charge that is not of its link")
            told = row.total_cents if row.fee_told is None else charge.total.cents
            self._require(told == row.charged_cents, "recorded cents are not the charged ones")
            self._check_receipt(row, charge)
        if row.state in FREE and self._world.profile.keeps_word:
            self._require(not self._live(row.title), f"{row.state}, and a charge exists")
            can_still = self._world.anddone.can_still_charge(row.title)
            self._require(not can_still, f"{row.state}, and a charge can still arrive")

    def _check_receipt(self, row: Row, charge: Charge) -> None:
        found = self._world.database.rows(f"SELECT body FROM receipt WHERE payment_id = {row.id}")
        receipt = json.loads(found[0][0])
        lines = sum(line["amount_cents"] for line in receipt["lines"])
        told = row.total_cents if row.fee_told is None else charge.total.cents
        self._require(receipt["total_cents"] == told, "the receipt shows another total")
        self._require(lines == receipt["subtotal_cents"] == row.subtotal_cents, "the fee is in the lines")

    # ---- refunds --------------------------------------------------------------------------

    @property
    def is_refunding(self) -> bool:
        """True if a refund has no clear answer yet."""
        return self.refunds.is_refunding

    def refunding(self, order: RefundOrder) -> None:
        """Check a refund that is about to be sent."""
        self.refunds.sending(order)

    def refund_understood(self, order: RefundOrder, outcome: RefundOutcome, *, spoiled: bool) -> None:
        """Check how an answer was read: one that was garbled on its way proves nothing."""
        if isinstance(outcome, NotSent):
            self.refunds.never_left.add(order.reference)
        if spoiled:
            self._require(isinstance(outcome, Unclear), f"a spoiled answer was taken for {outcome}")

    def is_ours(self, refund_id: int, processor_ref: str) -> bool:
        """Return True if somebody who looks into the portal would say that this refund is ours."""
        return self.refunds.is_ours(refund_id, processor_ref)

    # ---- the processor --------------------------------------------------------------------

    def sending(self, token: str, request: ChargeRequest) -> None:
        """Check a charge that is about to be sent."""
        self._world.log(f"sending {request.title}")
        self._sent[request.title] += 1
        self._lines[request.title] = [
            (line.invoice_number, line.amount.cents) for line in request.draft.lines if line.invoice_number
        ]
        row = self.rows.get(request.reference)
        self._require(row is not None, "sent without a durable row")
        assert row is not None
        self._require(self._sent[request.title] == 1, "sent twice")
        self._require(row.attempt is not None and row.token == token, "sent without a durable attempt")
        self._require(row.state not in FREE, f"sent although {row.state}")
        waited_s = self._world.schedule.now_s - self._submitted_s[request.title]
        self._require(waited_s <= FENCE_S, f"sent {waited_s:.0f} s after the commit")
        self._check_outside(request)

    def add(self, payment: Payment) -> None:
        """Be the journal of offers: write down what must be on the disk already."""
        row = self._read().get(payment.reference)
        self._require(row is not None and bool(row.address), "noted before it is on the disk")
        self._journal.add(payment.reference)

    def address_shown(self, payment: Payment) -> None:
        """Check an address that a screen is about to show."""
        self._world.log(f"address of {payment.intent_title}")
        row = self._read().get(payment.reference)
        self._require(row is not None, "an address is shown without a durable row")
        assert row is not None
        # A computer that sleeps just then shows one that was taken back meanwhile, and is dead.
        known = row.state in OPEN | TAKEN or self._world.anddone.is_over(row.token)
        self._require(known, f"an address is shown of a {row.state} payment")
        self._require(bool(row.address) and row.address == payment.offer_address, "another address is shown")
        self._require(payment.reference in self._journal, "an address is shown that no journal keeps")
        self._world.anddone.shown.add(payment.intent_title)
        self._lines[payment.intent_title] = [
            (line.invoice_number, line.amount.cents) for line in payment.draft.lines if line.invoice_number
        ]
        self._check_outside(charge_request(payment))

    def charged_at_page(self, title: str, charge: Charge) -> None:
        """Check money that moved at an address."""
        self._world.log(f"charged at a page {title}: {charge.total}")
        if title in self._world.anddone.lied_about:
            return
        row = self.rows.get(title.partition("-")[0])
        self._require(row is not None, "charged at an address without a durable row")
        assert row is not None
        self._require(len(self._live(title)) == 1, "one address was paid twice")
        self._require(row.state not in FREE, f"paid at an address though {row.state}")
        for number, _ in self._lines[title]:
            if self._world.profile.keeps_word:
                self._require(self._ours(number) <= self._world.debts[number].cents, f"{number} is overpaid")

    def understood(self, title: str, outcome: Outcome | Finding, *, spoiled: bool) -> None:
        """Check how an answer was read: one that was garbled on its way proves nothing."""
        if isinstance(outcome, NotSent):
            self._never_left.add(title)
        if spoiled:
            self._require(isinstance(outcome, Unclear), f"a spoiled answer was taken for {outcome}")

    def _check_outside(self, request: ChargeRequest) -> None:
        """Check that everything visible before the hold was subtracted."""
        held_s, cached = self._held_s[request.reference], request.draft.from_cache
        for number, cents in self._lines[request.title]:
            outside = sum(
                amount
                for list_s, agency_s, invoice, amount in self._outside
                if invoice == number and (list_s < held_s or (agency_s < held_s and not cached))
            )
            left = self._world.debts[number].cents - outside - self._ours(number)
            self._require(cents <= left, f"invoice {number}: {cents} sent, {left} seen to be owed")

    def paid_outside(self, charge: Charge, number: str, cents: int, entered_s: float) -> None:
        """Note a payment by link, with the times when AndDone's list and AMS360 show it."""
        now_s, profile = self._world.schedule.now_s, self._world.profile
        seen = (now_s + profile.search_lag_s, entered_s + profile.agency_lag_s)
        self._outside.append((*seen, number, cents))
        self._world.log(f"{number} paid outside: {charge.amount}")

    def charged(self, charge: Charge) -> None:
        """Check a charge of ours that moved money."""
        title = charge.reference
        self._world.log(f"charged {title}: {charge.total}")
        if title in self._world.anddone.lied_about:
            return
        row = self.rows.get(title.partition("-")[0])
        self._require(row is not None and row.attempt is not None, "charged without a durable attempt")
        assert row is not None
        self._require(len(self._live(title)) == 1, "one intent was charged twice")
        self._require(row.state not in FREE, f"charged although {row.state}")
        self._require(
            title not in self._promised, f"charged after the screen said: {self._promised.get(title)}"
        )
        for number, _ in self._lines[title]:
            if self._world.profile.keeps_word:
                self._require(self._ours(number) <= self._world.debts[number].cents, f"{number} is overpaid")

    def _live(self, title: str) -> list[Charge]:
        return [charge for charge in self._world.anddone.live() if charge.reference == title]

    def _ours(self, number: str) -> int:
        """Return the cents our live charges took for an invoice, except charges against AndDone's word."""
        kept_word = set(self._lines) - self._world.anddone.lied_about
        live = [charge.reference for charge in self._world.anddone.live() if charge.reference in kept_word]
        return sum(cents for title in live for n, cents in self._lines[title] if n == number)

    # ---- voids ----------------------------------------------------------------------------

    def voiding(self, processor_ref: str) -> None:
        """Check a void that is about to be requested."""
        self._world.log(f"voiding {processor_ref}")
        row = next((row for row in self.rows.values() if row.processor_ref == processor_ref), None)
        self._require(
            row is not None and row.reference in self._asked, "a void is asked for before the commit"
        )

    def void_understood(
        self, processor_ref: str, outcome: VoidOutcome | ChargeStatus, *, spoiled: bool
    ) -> None:
        """Check how an answer about a void was read: "canceled" needs a canceled charge."""
        if spoiled:
            unclear = isinstance(outcome, Unclear) or outcome is ChargeStatus.UNCLEAR
            self._require(unclear, f"a spoiled answer was taken for {outcome}")
        if isinstance(outcome, Voided) or outcome is ChargeStatus.CANCELED:
            self._require(self._is_canceled(processor_ref), "taken for canceled, and it is not")

    def canceled_outside(self, charge: Charge) -> None:
        """Note that somebody canceled a charge in the processor's portal."""
        self._world.log(f"canceled outside {charge.reference}")
        self._canceled_outside.add(charge.reference)

    def taken_back(self, payment: Payment) -> None:
        """Note that a person reversed the receipt of a voided payment in AMS360."""
        self._world.log(f"taken back {payment.receipt_number}")
        self._taken_back.add(payment.reference)

    def _is_canceled(self, processor_ref: str | None) -> bool:
        charge = self._world.anddone.books.charge(processor_ref or "")
        return charge is not None and charge.status == "Cancelled"

    # ---- the screen -----------------------------------------------------------------------

    def shown(self, payment: Payment) -> None:
        """Check an outcome that a screen shows."""
        row = self._read()[payment.reference]
        self._world.log(f"screen: {payment.state} {payment.id}")
        if payment.state.value in PAID:
            self._require(row.state in TAKEN, f"shown as {payment.state}, on disk {row.state}")
            self._require(payment.processor_ref == row.processor_ref, "shown with another charge")
        elif payment.state.value == "voided":
            self._require(row.state == "voided", f"shown as voided, on disk {row.state}")
        elif payment.state.value in FREE:
            # A charge that AndDone makes against its word may be late by the time the screen shows it.
            late = row.state in ("late", "voiding", "voided")
            self._require(row.state in FREE or late, f"shown as {payment.state}, is {row.state}")
            self._promise(payment.reference, payment.state.value)

    def failed(self, reference: str, error: KnownError) -> None:
        """Check an error that a screen shows instead."""
        self._world.log(f"screen: {type(error).__name__} {error.sentence}")
        row = self._read().get(reference)
        if isinstance(error, NotRecorded):
            self._require(row is not None, "not recorded at all")
            assert row is not None
            approved = isinstance(error.outcome, Approved) and self._world.profile.keeps_word
            self._require(not (approved and row.state in FREE), f"approved, but {row.state}")
        else:
            self._promise(reference, error.sentence)

    def _promise(self, reference: str, said: str) -> None:
        """Check a message that nothing was charged: no charge exists, and none can still arrive."""
        title = f"{reference}-1"
        if not self._world.profile.keeps_word or not self._sent[title]:
            return
        self._require(not self._live(title), f"screen says {said!r}, and a charge exists")
        can_still = self._world.anddone.can_still_charge(title)
        self._require(not can_still, f"screen says {said!r}, and a charge can still arrive")
        self._promised[title] = said

    # ---- the end --------------------------------------------------------------------------

    def final(self, strangers: set[str]) -> None:
        """Check that the books agree, after the faults are over and recovery has finished."""
        for row in self.rows.values():
            self._require(row.state not in OPEN | {"voiding"}, f"payment {row.id} stays {row.state}")
        by_title = {row.title: row for row in self.rows.values() if row.title}
        if self._world.profile.refunds:
            self.refunds.final({row.id: row for row in self.rows.values()})
        for charge in self._world.anddone.live():
            if charge.payment_type == "PaymentIntent" or charge.reference in by_title:
                row = by_title[charge.reference]
                self._require(row.state in PAID, f"the charge {charge.reference} is of a {row.state} payment")
                known = charge.transaction_id == row.processor_ref or charge.transaction_id in strangers
                self._require(known, f"the charge {charge.reference} is in no payment, and nobody was told")
        for charge in self._world.anddone.books.charges():
            here = by_title.get(charge.reference)
            if charge.status == "Cancelled" and here is not None and self._world.profile.keeps_word:
                self._require(here.state == "voided", f"canceled at AndDone, and {here.state} here")
        for row in self.rows.values():
            posted = self._world.posted[row.reference]
            if row.posting_state in ("waiting", "withdrawn") and not row.posting_sent:
                self._require(not posted, f"its posting is {row.posting_state}, and it is posted")
            elif row.posting_state == "posted":
                # A payment from outside can change the balances as if ours had arrived.
                back = row.reference in self._taken_back
                self._require(posted or self._outside or back, "it counts as posted, and is not")
        self._check_events()

    def _check_events(self) -> None:
        previous = GENESIS
        for prev_hash, digest in self._world.database.rows("SELECT prev_hash, hash FROM event ORDER BY seq"):
            self._require(prev_hash == previous, "the event chain is broken")
            previous = digest
        kinds = "SELECT payment_id, kind FROM event WHERE payment_id IS NOT NULL ORDER BY seq"
        last: dict[int, str] = {}
        for payment_id, kind in self._world.database.rows(kinds):
            if kind in {state.value for state in State}:
                self._require(
                    kind in MOVES[last.get(payment_id, "")], f"event {kind} after {last.get(payment_id)}"
                )
                last[payment_id] = kind
        for row in self.rows.values():
            self._require(last.get(row.id) == row.state, f"the events of payment {row.id} end elsewhere")

    def _require(self, holds: object, rule: str) -> None:
        if not holds:
            self._world.violate(rule)
