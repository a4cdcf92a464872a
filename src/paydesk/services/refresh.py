"""Read what customers owe again in the background, so that the cache is fresh when AMS360 is away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.domain.invoice import Customer
from paydesk.domain.money import ZERO
from paydesk.domain.refreshing import RefreshRule, RefreshState
from paydesk.services.ports import Cache, Changes, Clock, InvoiceSource, RefreshList

FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 1800.0
"""Between two tries while AMS360 gives no answer: each twice as long as the one before."""

MOST_SENSELESS = 3
"""Senseless or refusing answers in a row that are no customer's fault: keys, rights, another's server."""

_ROUND = "refresh round"
_MOST_CHANGED = 2_000

log = logging.getLogger(__name__)


class Refresh:
    """One customer at each ``tick``: the caller's beat limits the rate, and what a stop waits for.

    The position of the round is in the ledger database: a restart goes on there, and several
    desks on one ledger share the round.
    """

    def __init__(
        self,
        source: InvoiceSource,
        changes: Changes,
        cache: Cache,
        todo: RefreshList,
        clock: Clock,
        rule: RefreshRule,
    ) -> None:
        self._source = source
        self._changes = changes
        self._cache = cache
        self._todo = todo
        self._clock = clock
        self._rule = rule
        self._state = RefreshState()
        self._lock = threading.Lock()
        self._asked = self._cancelled = self._stopped = False
        self._pause_s, self._paused_until_s, self._senseless = 0.0, 0.0, 0

    @property
    def state(self) -> RefreshState:
        """How far it has come; from any thread."""
        return self._state

    def now(self) -> None:
        """Begin a round at the next tick, whether one is due or not; from any thread."""
        self._asked, self._cancelled, self._paused_until_s = True, False, 0.0

    def cancel(self) -> None:
        """End the round that runs; the next one begins when it is due. From any thread."""
        self._cancelled = True

    def stop(self) -> None:
        """For good: the desk closes, and an answer still on its way is dropped. From any thread."""
        self._stopped = True

    def tick(self) -> None:
        """Refresh the next customer, if it is time to. Raises KnownError when the ledger is away."""
        with self._lock:
            if self._stopped or self._clock.elapsed_s() < self._paused_until_s:
                return
            try:
                held = self._round()
                if held is not None:
                    self._one(held)
            except NoAnswer as error:
                self._wait(error.sentence)

    # ---- rounds ---------------------------------------------------------------------------

    def _round(self) -> Mapping[str, str] | None:
        """The round that runs, a new one if it is time for one; None when there is nothing to do."""
        now, held = self._clock.now(), self._todo.get(_ROUND)
        began = _moment(held.get("began"))
        if began is not None and not held.get("ended"):
            if self._cancelled:
                self._end(held, now, whole=False)
                return None
            if not self._state.running:  # begun before a restart, or by another desk
                left = self._todo.count(began, *self._due(began))
                self._state = replace(self._state, running=True, done=0, left=left)
            return held
        self._cancelled = False
        due = began is None or not timedelta(0) <= now - began < self._rule.every
        if not self._asked and not (self._rule.on and due):
            return None
        began_with = self._begin(now, held)
        self._asked = False
        return began_with

    def _begin(self, now: datetime, last: Mapping[str, str]) -> Mapping[str, str]:
        """A new round: first the customers AMS360 says have changed, those never seen included."""
        since, new = last.get("since", ""), []
        try:
            changed = self._changes.customers_changed(_moment(since) or now - self._rule.window)
        except NoAnswer:
            raise
        except KnownError as error:
            log.info("no list of changed customers: %s", error.sentence)
        else:
            since = now.isoformat()
            new = list(dict.fromkeys(customer.number for customer in changed))[:_MOST_CHANGED]
        held = {"began": now.isoformat(), "since": since, "after": "", "new": " ".join(new), "ended": ""}
        self._todo.save(_ROUND, held)
        left = len(new) + self._todo.count(now, *self._due(now))
        self._state = RefreshState(running=True, left=left, finished_at=self._state.finished_at)
        return held

    def _end(self, held: Mapping[str, str], now: datetime, *, whole: bool) -> None:
        self._todo.save(_ROUND, {**held, "ended": now.isoformat()})
        self._cancelled = False
        finished = now if whole else self._state.finished_at
        self._state = replace(self._state, running=False, left=0, finished_at=finished, trouble="")

    def _due(self, began: datetime) -> tuple[date, date]:
        return (began - self._rule.window).date(), (began + self._rule.window).date()

    # ---- one customer ---------------------------------------------------------------------

    def _one(self, held: Mapping[str, str]) -> None:
        began = _moment(held["began"])
        assert began is not None
        new = held.get("new", "").split()
        number = new.pop(0) if new else None
        if number is None:
            number = self._todo.next(held.get("after", ""), began, *self._due(began))
            held = {**held, "after": number or ""}
        if number is None:
            self._end(held, self._clock.now(), whole=True)
            return
        good = self._good(number)
        self._todo.save(_ROUND, {**held, "new": " ".join(new)})
        self._state = replace(
            self._state,
            running=True,
            done=self._state.done + 1,
            left=max(self._state.left - 1, 0),
            skipped=self._state.skipped + (not good),
            trouble="",
        )

    def _good(self, number: str) -> bool:
        """Read one customer; False when its answer made no sense. Raises NoAnswer for one after the other."""
        try:
            self._read(number)
        except NoAnswer:
            raise
        except KnownError as error:
            # About this customer alone, it seems: what was good stays, and it is the next one's turn.
            log.warning("a customer was not refreshed: %s", error.sentence)
            self._senseless += 1
            if self._senseless >= MOST_SENSELESS:
                raise _no_answer(error.sentence, error.next_step) from None
            return False
        self._pause_s, self._senseless = 0.0, 0
        return True

    def _read(self, number: str) -> None:
        read_at = self._clock.now()
        customer = self._source.customer(number)
        if customer is None:
            raise KnownError("AMS360 does not show this customer any more.")
        invoices = self._source.open_invoices(customer)
        if not invoices:
            self._doubt_nothing(customer)
        if self._stopped:
            raise _no_answer("PayDesk is closing.")
        self._cache.keep_all(customer, invoices, read_at)

    def _doubt_nothing(self, customer: Customer) -> None:
        """Nothing owed all at once may be a right that was taken away: ask for one of the invoices itself."""
        before = self._cache.open_invoices(customer.number)
        again = self._source.invoice(before[0].number) if before else None
        if again is not None and again.balance != ZERO:
            raise KnownError("AMS360 shows an invoice as open, and its customer as owing nothing.")

    def _wait(self, why: str) -> None:
        self._pause_s = min(max(self._pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        self._paused_until_s = self._clock.elapsed_s() + self._pause_s
        self._state = replace(self._state, running=True, trouble=why)


def _no_answer(sentence: str, next_step: str = "") -> NoAnswer:
    return NoAnswer(System.AMS360, sentence, next_step, connected=True)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None
