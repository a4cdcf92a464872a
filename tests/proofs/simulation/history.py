"""One history: the clerks' actions and the faults, and then the end, when everything must be decided."""

from __future__ import annotations

import contextlib
import traceback
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from paydesk.domain.consent import Channel
from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.invoices.selection import select
from paydesk.domain.money import Money
from paydesk.domain.payment import OPEN, PAID, VOIDABLE, Draft, OfferKind, Payer, Payment, State
from paydesk.domain.quote import Quote, quotes
from paydesk.domain.refund import REFUNDABLE, RefundAsk, RefundKind, RefundReason, RefundState, ask_for
from paydesk.domain.refund import Refund as Made
from paydesk.domain.tender import Card, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.services.invoices.lookup import Found
from paydesk.services.payments.refunds import RefundNotRecorded
from tests.fakes.world import FEES
from tests.proofs.simulation.agency import CUSTOMER, Debt
from tests.proofs.simulation.database import Database
from tests.proofs.simulation.desk import QUIET_S, Desk, commit_hook, known
from tests.proofs.simulation.invariants import Invariants
from tests.proofs.simulation.network import LATEST_S
from tests.proofs.simulation.plan import (
    Action,
    Ask,
    Away,
    CancelOutside,
    FailRefund,
    Jump,
    Kill,
    Offer,
    Pay,
    PayOutside,
    Refund,
    RefundOutside,
    Void,
    draw_plan,
)
from tests.proofs.simulation.schedule import Abandoned, Crash
from tests.proofs.simulation.world import World

CARD = Card(TenderKind.CREDIT_CARD, Sealed("4000620000000007"), 3, 2030, Sealed("737"), "Dana Reyes", "02108")
PAYER = Payer("Dana Reyes", customer_number=CUSTOMER.number, customer_name=CUSTOMER.name)
UNSETTLED = frozenset({*OPEN, State.VOIDING})
"""States in which recovery has something to ask."""
SKEWS_S = (-36_000.0, -3_600.0, -600.0, 1.0, 700.0, 3_600.0, 36_000.0)
REFUNDED_WITHIN_S = 9 * 86_400.0
"""Seconds after the last fault within which every refund must be at its end."""
PATIENCE_S = 4 * 3600.0
"""Seconds after the last fault within which every payment must be decided."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a history."""

    seed: int
    payments: int
    faults: tuple[str, ...]
    violation: str
    digest: str
    points: Counter[str]
    states: Counter[str]
    told: tuple[str, ...]


class History:
    """The run of one plan."""

    def __init__(
        self,
        seed: int,
        database: Database,
        dropped: Set[int],
        allowed: Set[str] | None,
        *,
        telling: bool,
        skewed: bool = False,
    ) -> None:
        """With ``skewed``, every clock is wrong by its own amount."""
        database.begin_anew()
        self._seed = seed
        self.world = World(seed, database, allowed, telling=telling)
        profile = self.world.profile
        self.plan = draw_plan(
            self.world.chance,
            jumps=profile.jumps,
            voids=profile.voids,
            offers=profile.offers,
            refunds=profile.refunds,
        )
        self._dropped = dropped
        self._skewed = skewed
        self._rules = Invariants(self.world, QUIET_S)
        self._payments = 0

    def run(self) -> Result:
        """Run the history."""
        world = self.world
        world.debts = {number: Debt(number, cents) for number, cents in self.plan.debts}
        world.database.raw.on_commit = commit_hook(world, self._rules)
        world.database.away = self._ledger_away
        world.desks = [Desk(world, f"Front-{place + 1}", self._rules) for place in range(self.plan.desks)]
        if self._skewed:
            world.ledger_shift_s = world.chance.pick(SKEWS_S, "skew of the ledger")
            for desk in world.desks:
                desk.wrong_by_s = world.chance.pick(SKEWS_S, "skew of a desk")
        try:
            for desk in world.desks:
                self._open(desk)
            for place, action in enumerate(self.plan.actions):
                if place not in self._dropped:
                    self._let(action)
            self._live()
            self._end()
        except Abandoned:
            pass
        except Exception as error:  # any exception of ours that nothing caught is a violation
            world.violation = f"{type(error).__name__}: {error}"
            if world.told is not None:
                world.told += traceback.format_exception(error)
        finally:
            world.schedule.end()
        states = Counter(row.state for row in self._rules.rows.values())
        return Result(
            self._seed, self._payments, tuple(world.faults), world.violation, world.digest, world.points,
            states, tuple(world.told or ()),
        )  # fmt: skip

    def _ledger_away(self, writing: bool) -> bool:
        desk, doing = self.world.desk_doing
        return desk is not None and self.world.strikes("ledger_away", doing)

    # ---- what happens -----------------------------------------------------------------------

    def _let(self, action: Action) -> None:
        world = self.world
        desk = world.desks[getattr(action, "desk", 0) % len(world.desks)]
        match action:
            case Pay():
                desk.start("clerk", lambda: self._pay(desk, action), action.at_s)
            case Offer():
                desk.start("offering", lambda: self._offer(desk, action), action.at_s)
            case PayOutside():
                world.schedule.at(action.at_s, lambda: self._pay_outside(action))
            case Away():
                span = (action.at_s, action.at_s + action.seconds)
                places = {"AndDone": world.outages, "AMS360": world.agency_outages, "network": desk.cuts}
                places[action.what].append(span)
                if action.what == "network":
                    world.schedule.at(span[1], lambda: self._returned(desk))
            case Jump():
                world.schedule.at(action.at_s, lambda: self._jump(action))
            case Ask():
                desk.start("asking", lambda: self._changed(desk.resolve.all(), desk), action.at_s)
            case Void():
                desk.start("voiding", lambda: self._void(desk, action), action.at_s)
            case Refund():
                desk.start("refunding", lambda: self._refund(desk, action), action.at_s)
            case RefundOutside():
                world.schedule.at(
                    action.at_s, lambda: world.anddone.refund_outside(action.which, action.part)
                )
            case FailRefund():
                world.schedule.at(action.at_s, lambda: world.anddone.fail_refund(action.which))
            case CancelOutside():
                world.schedule.at(action.at_s, lambda: self._cancel_outside(action))
            case Kill():
                world.schedule.at(action.at_s, lambda: self._kill(desk))

    def _pay_outside(self, action: PayOutside) -> None:
        debt = self.world.debts[action.number]
        cents = max(1, int(debt.cents * action.part))
        charge = self.world.anddone.pay_outside(action.number, Money(cents))
        entered_s = self.world.schedule.now_s + action.entered_after_s
        debt.entered.append((entered_s, cents))
        self._rules.paid_outside(charge, action.number, cents, entered_s)

    def _cancel_outside(self, action: CancelOutside) -> None:
        charge = self.world.anddone.cancel_outside(action.which)
        if charge is not None:
            self._rules.canceled_outside(charge)

    def _jump(self, action: Jump) -> None:
        self.world.log(f"clock of {action.desk} jumps {action.seconds:.0f} s")
        if action.desk < 0:
            self.world.ledger_shift_s += action.seconds
        else:
            self.world.desks[action.desk % len(self.world.desks)].clock.shift_s += action.seconds

    def _returned(self, desk: Desk) -> None:
        if desk.alive:
            desk.resolve.network_returned()

    def _kill(self, desk: Desk) -> None:
        if desk.alive:
            self.world.log(f"{desk.name} is killed")
            desk.crash()

    # ---- a desk -------------------------------------------------------------------------------

    def _open(self, desk: Desk) -> None:
        """Start the program and its background work as soon as the ledger answers."""
        try:
            desk.open()
        except (KnownError, Crash):
            self.world.schedule.at(self.world.schedule.now_s + 5, lambda: self._open(desk))
            desk.alive = False
            return
        self.world.log(f"{desk.name} opened")
        desk.start("background", lambda: self._background(desk), self.world.schedule.now_s)

    def _background(self, desk: Desk) -> None:
        """Run the window's timer: heartbeat, and whatever is due."""
        chance = self.world.chance
        while self.world.faults_on:
            if chance.yes(0.05, "beats"):
                known(desk.beat)
            # With nothing open there is little to do, and running it each time would take most of the time.
            busy = (
                any(row.state in UNSETTLED for row in self._rules.rows.values()) or self._rules.is_refunding
            )
            if busy or chance.yes(0.1, "idles"):
                known(lambda: self._changed(desk.resolve.due(), desk))
            if any(row.state == State.OFFERED for row in self._rules.rows.values()):
                known(desk.offers.due)
            if any(row.posting_state == "waiting" for row in self._rules.rows.values()):
                known(desk.post.due)
            desk.sleep(chance.pick(self._pauses(), "background"))

    def _pauses(self) -> tuple[float, ...]:
        """Return the pauses of the background: long ones on a day with nothing but refunds to follow."""
        usual = (5.0, 5.0, 20.0, 60.0, 150.0)
        if not self.world.profile.refunds or self._rules.is_refunding:
            return usual
        return (60.0, 600.0, 3600.0)

    def _changed(self, payments: list[Payment], desk: Desk) -> None:
        """Show what changed. From the alarm about a late charge, the clerk may void it."""
        for payment in payments:
            self._rules.shown(payment)
            alarm = payment.state is State.LATE and self.world.profile.voids
            if alarm and self.world.chance.yes(0.7, "voids the late one"):
                self._try_void(desk, payment)

    # ---- a clerk ------------------------------------------------------------------------------

    def _pay(self, desk: Desk, action: Pay) -> None:
        draft = self._draft(desk, action)
        desk.sleep(action.thinks_s)
        if action.double is not None and draft is not None:
            self._click_twice(draft, *action.double)
        for attempt in range(action.again + 1):
            if attempt:
                desk.sleep(self.world.chance.between(0, 15, "tries again"))
                draft = self._draft(desk, action) if self.world.chance.yes(0.5, "afresh") else draft
            if draft is None or not self._attempt(desk, draft):
                return

    def _click_twice(self, draft: Draft, after_s: float, place: int) -> None:
        desk = self.world.desks[place]

        def click() -> None:
            self._attempt(desk, draft)

        desk.start("double", click, self.world.schedule.now_s + after_s)

    def _draft(self, desk: Desk, action: Pay) -> Draft | None:
        """Return what the clerk sees and selects, from the cache while AMS360 is unreachable."""
        cached = False
        found: Found | None
        try:
            found = desk.lookup.by_invoice(action.numbers[0])
        except KnownError:
            found, cached = desk.lookup.cached_by_invoice(action.numbers[0]), True
        if found is None:
            return None
        rows = [
            row
            for row in (*found.rows, *found.others)
            if row.invoice.number in action.numbers and row.payable
        ]
        parts = [(row.invoice.number, Money(max(1, int(row.owed.cents * action.part)))) for row in rows]
        selection = select(rows, action.numbers, parts)
        if not selection.rows:
            return None
        quote = quotes(FEES, selection.subtotal)[TenderKind.CREDIT_CARD]
        assert isinstance(quote, Quote)
        draft = Draft(selection.lines, PAYER, quote, Channel.PHONE)
        return replace(draft, from_cache=cached)

    def _attempt(self, desk: Desk, draft: Draft) -> bool:
        """Charge, and read the screen. Returns True if it says that the clerk may try again."""
        self._payments += 1
        try:
            payment = desk.authorize.pay(draft, CARD)
        except KnownError as error:
            self._rules.failed(desk.references[self.world.schedule.current], error)
            return True
        self._rules.shown(payment)
        if payment.state in OPEN:
            self._watch(desk, payment)
        return payment.state not in OPEN | PAID

    def _watch(self, desk: Desk, payment: Payment) -> None:
        """Ask a few times, as the open dialog does."""
        for pause_s in (5, 15, 30)[: self.world.chance.whole(0, 3, "watches")]:
            desk.sleep(pause_s)
            try:
                payment = desk.resolve.check(payment.id)
            except KnownError:
                continue
            if payment.state not in OPEN:
                self._rules.shown(payment)
                return

    # ---- an offer -----------------------------------------------------------------------------

    def _offer(self, desk: Desk, action: Offer) -> None:
        """Offer the invoices, let people visit the address, and take it back."""
        wanted = Pay(0.0, 0, action.numbers, action.part, 0.0, 0, None)
        draft = self._draft(desk, wanted)
        if draft is None or draft.from_cache:
            return
        self._payments += 1
        kind = OfferKind.HOSTED if action.hosted else OfferKind.LINK
        try:
            payment = desk.offers.offer(draft, kind, action.life_s)
        except KnownError as error:
            self._rules.failed(desk.references[self.world.schedule.current], error)
            return
        self._rules.address_shown(payment)
        now_s, address, title = self.world.schedule.now_s, payment.offer_address, payment.intent_title
        for visit in action.visits:
            self.world.schedule.at(
                now_s + visit.after_s,
                lambda visit=visit: self.world.anddone.visit(address, title, declined=visit.declined),  # type: ignore[misc]
            )
        if action.back_after_s:
            for place, later_s in zip(action.back_at, (0.0, 0.01), strict=True):
                if place >= 0:
                    other = self.world.desks[place]
                    self._take_back(other, payment.id, now_s + action.back_after_s + later_s)

    def _take_back(self, desk: Desk, payment_id: int, at_s: float) -> None:
        def back() -> None:
            after = desk.offers.take_back(payment_id)
            if after.state is State.CLOSING:
                after = desk.resolve.check(payment_id)
            if after.state not in OPEN:
                self._rules.shown(after)

        desk.start("taking back", back, at_s)

    def _newest(self, desk: Desk, limit: int, states: Set[State], which: int) -> Payment | None:
        """Wait for payments in these states. Returns one of the newest, or None if none comes."""
        for _ in range(10):
            payments: Sequence[Payment] = ()
            with contextlib.suppress(KnownError):
                payments = desk.ledger.payments(limit=limit, states=states)
            if payments:
                return payments[which % len(payments)]
            desk.sleep(45)
        return None

    # ---- a void -------------------------------------------------------------------------------

    def _void(self, desk: Desk, action: Void) -> None:
        """Void one of the newest payments, once there is one."""
        payment = self._newest(desk, 3, VOIDABLE, action.which)
        if payment is None:
            return

        def void_and_forget(other: Desk) -> None:
            self._try_void(other, payment)

        if action.double is not None:
            other = self.world.desks[action.double[1]]
            at_s = self.world.schedule.now_s + action.double[0]
            other.start("void twice", lambda: void_and_forget(other), at_s)
        if self._try_void(desk, payment) and action.again:
            desk.sleep(self.world.chance.between(0, 30, "pays again after"))
            again = Pay(0.0, 0, payment.draft.invoice_numbers, 1.0, 0.0, 0, None)
            draft = self._draft(desk, again)
            if draft is not None:
                self._attempt(desk, draft)

    def _try_void(self, desk: Desk, payment: Payment) -> bool:
        """Void a payment, and read the screen. Returns True if it says that the payment is voided."""
        try:
            after = desk.resolve.voids.void(payment.id, "Wrong invoice")
        except KnownError as error:
            self.world.log(f"screen: not voided, {error.sentence}")
            return False
        self._rules.shown(after)
        if after.state is State.VOIDED:
            self._reverse_in_ams360(desk, after)
        return after.state is State.VOIDED

    # ---- a refund -----------------------------------------------------------------------------

    def _refund(self, desk: Desk, action: Refund) -> None:
        """Refund one of the newest payments, once there is one."""
        payment = self._newest(desk, 2, REFUNDABLE, action.which)
        if payment is None:
            return
        if action.double is not None:
            other = self.world.desks[action.double[1]]
            at_s = self.world.schedule.now_s + action.double[0]

            def refund_too() -> None:
                self._try_refund(other, payment, action.part)

            other.start("refund twice", refund_too, at_s)
        if not self._try_refund(desk, payment, action.part) and action.again:
            desk.sleep(self.world.chance.between(1, 900, "refunds again after"))
            self._try_refund(desk, payment, action.part)

    def _try_refund(self, desk: Desk, payment: Payment, part: float) -> bool:
        """Refund, and read the screen. Returns False if it says that it may be tried again."""
        try:
            before = desk.ledger.refunds_of([payment.id]).get(payment.id, ())
            ask = self._ask(payment, before, part)
            refund = desk.resolve.refunds.refund(payment.id, ask)
        except (KnownError, BugError) as error:
            self.world.log(f"screen: not refunded, {error}")
            return isinstance(error, RefundNotRecorded)
        self.world.log(f"screen: refund {refund.state}")
        return refund.state not in (RefundState.REFUSED, RefundState.NOT_MADE)

    def _ask(self, payment: Payment, before: Sequence[Made], part: float) -> RefundAsk:
        kind = RefundKind.TOTAL if before or part == 1.0 else RefundKind.SUBTOTAL
        if part in (0.0, 1.0):
            return ask_for(payment, before, kind, RefundReason.ASKED)
        shares = [Money(int(line.amount.cents * part)) for line in payment.draft.lines]
        return RefundAsk(RefundKind.PARTIAL, tuple(shares), Money(0), RefundReason.ASKED)

    def _reverse_in_ams360(self, desk: Desk, payment: Payment) -> None:
        """Reverse the receipt of a voided payment as a person does, if it surely is in AMS360."""
        row = self._rules.rows[payment.reference]
        if row.posting_state != "posted" or not self.world.posted[payment.reference]:
            return
        if not self.world.chance.yes(0.6, "reversed"):
            return
        for line in payment.draft.lines:
            assert line.invoice_number is not None
            debt = self.world.debts[line.invoice_number]
            debt.entered.append((self.world.schedule.now_s, -line.amount.cents))
        self.world.posted[payment.reference] -= 1
        self._rules.taken_back(payment)
        known(lambda: desk.post.mark_taken_back(payment.id))

    # ---- the end ------------------------------------------------------------------------------

    def _live(self) -> None:
        """Run until the last action is done and the network has been quiet. Crashed desks may restart."""
        world = self.world
        last_s = max((action.at_s for action in self.plan.actions), default=0.0)
        for _ in range(4):
            world.schedule.run_until(
                max(world.schedule.now_s, last_s) + world.chance.between(5, 250, "phase")
            )
            for desk in world.desks:
                if not desk.alive and world.chance.yes(0.7, "comes back"):
                    self._open(desk)

    def _end(self) -> None:
        """Stop the faults. Then one desk alone must resolve everything, even if all others have crashed."""
        world = self.world
        world.faults_on = False
        survivor = world.chance.pick(world.desks, "survivor")
        for desk in world.desks:
            desk.asleep_until_s = 0.0
            if desk is survivor and not desk.alive:
                self._open(desk)
        self._let_recover(survivor)
        if any(row.state in UNSETTLED for row in self._rules.rows.values()):
            self._let_recover(
                survivor
            )  # a desk that slept through the first recovery has begun something since
        self._rules.final({charge.processor_ref for charge in survivor.resolve.strangers})

    def _let_recover(self, desk: Desk) -> None:
        schedule = self.world.schedule
        desk.start("recovery", lambda: self._recover(desk), schedule.now_s + 1)
        days_s = REFUNDED_WITHIN_S if self.world.profile.refunds else 0.0
        schedule.run_until(schedule.now_s + PATIENCE_S + 3 * LATEST_S + days_s)

    def _recover(self, desk: Desk) -> None:
        until_s = self.world.schedule.now_s + PATIENCE_S
        while self.world.schedule.now_s < until_s and desk.ledger.undecided():
            self._changed(desk.resolve.due(), desk)
            desk.sleep(self.world.chance.pick((5.0, 61.0, QUIET_S + 1), "recovery"))
        desk.sleep(LATEST_S + self.world.profile.search_lag_s)
        if self.world.profile.refunds:
            self._let_refunds_end(desk)
        self._changed(desk.resolve.all(), desk)
        desk.post.due()
        before = dict(self._rules.rows)
        self._changed(desk.resolve.all(), desk)
        if before != self._rules.rows:
            self.world.violate("recovery run a second time changed something")

    def _let_refunds_end(self, desk: Desk) -> None:
        """Wait as the people at the desk do: a day for what is unclear, and days for what is under way."""
        for _ in range(30):
            self._changed(desk.resolve.due(), desk)
            if not self._rules.is_refunding:
                break
            self._decide_refunds(desk)
            desk.sleep(3_700.0)
        desk.sleep(6 * 86_400.0)
        self._changed(desk.resolve.all(), desk)
        desk.sleep(3_700.0)
        self._changed(desk.resolve.all(), desk)

    def _decide_refunds(self, desk: Desk) -> None:
        """Decide as somebody does who looks into the portal: whose is a refund without our reference."""
        for refund_id, seen in list(desk.resolve.refunds.doubtful.items()):
            ours = self._rules.is_ours(refund_id, seen.processor_ref)
            known(lambda: self._say(desk, refund_id, ours=ours))  # noqa: B023 - called at once

    def _say(self, desk: Desk, refund_id: int, *, ours: bool) -> None:
        (desk.resolve.refunds.is_ours if ours else desk.resolve.refunds.is_not_ours)(refund_id)
