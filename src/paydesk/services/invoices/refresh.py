"""Refresh the cached balances in the background, so that they are recent when AMS360 is unreachable."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.domain.invoices.freshness import RefreshRule, RefreshState
from paydesk.domain.invoices.invoice import Customer
from paydesk.domain.money import ZERO
from paydesk.services.invoices import words
from paydesk.services.ports.agency import Changes, InvoiceSource
from paydesk.services.ports.cache import Cache, RefreshQueue
from paydesk.services.ports.clock import Clock

FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 1800.0
"""Seconds between two tries while AMS360 gives no answer. Each pause is twice as long as the one before."""

MOST_SENSELESS = 3
"""Invalid or refusing answers in a row that no single customer explains. The cause is then the keys, the
access rights, or a foreign server."""

_ROUND = "refresh round"
_MOST_CHANGED = 2_000

log = logging.getLogger(__name__)


class Refresh:
    """Refresh of the cache, one customer a ``tick``. The caller's interval limits the rate.

    A stop waits for one customer at most. The ledger database holds the position: after a restart the refresh
    resumes there, and several desks on one ledger share it.
    """

    def __init__(
        self,
        source: InvoiceSource,
        changes: Changes,
        cache: Cache,
        todo: RefreshQueue,
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
        self._asked = self._canceled = self._stopped = False
        self._pause_s, self._paused_until_s, self._senseless = 0.0, 0.0, 0

    @property
    def state(self) -> RefreshState:
        """The progress so far. Safe to read on any thread."""
        return self._state

    def now(self) -> None:
        """Begin a refresh at the next tick, due or not. Safe to call on any thread."""
        self._asked, self._canceled, self._paused_until_s = True, False, 0.0

    def cancel(self) -> None:
        """End the running refresh. The next one begins when it is due. Safe to call on any thread."""
        self._canceled = True

    def stop(self) -> None:
        """Stop for good, because the desk closes.

        An answer still under way is dropped. Safe on any thread.
        """
        self._stopped = True

    def tick(self) -> None:
        """Refresh the next customer if it is time. Raises KnownError if the ledger is unreachable."""
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
        """Return the running refresh, or a new one if one is due, or None if there is nothing to do."""
        now, held = self._clock.now(), self._todo.get(_ROUND)
        began = _moment(held.get("began"))
        if began is not None and not held.get("ended"):
            if self._canceled:
                self._end(held, now, whole=False)
                return None
            if not self._state.running:  # begun before a restart, or by another desk
                left = self._todo.count(began, *self._due(began))
                self._state = replace(self._state, running=True, done=0, left=left)
            return held
        self._canceled = False
        due = began is None or not timedelta(0) <= now - began < self._rule.every
        if not self._asked and not (self._rule.on and due):
            return None
        began_with = self._begin(now, held)
        self._asked = False
        return began_with

    def _begin(self, now: datetime, last: Mapping[str, str]) -> Mapping[str, str]:
        """Begin a refresh with the customers that AMS360 reports as changed, including ones never seen."""
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
        self._canceled = False
        finished = now if whole else self._state.finished_at
        self._state = replace(self._state, running=False, left=0, finished_at=finished, why_paused="")

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
            why_paused="",
        )

    def _good(self, number: str) -> bool:
        """Read one customer.

        Returns False if its answer was invalid. Raises NoAnswer after several of these.
        """
        try:
            self._read(number)
        except NoAnswer:
            raise
        except KnownError as error:
            # It seems to concern this customer only: keep what was good, and go on with the next one.
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
            raise words.customer_gone()
        invoices = self._source.open_invoices(customer)
        if not invoices:
            self._doubt_nothing(customer)
        if self._stopped:
            raise _no_answer(words.CLOSING)
        self._cache.keep_all(customer, invoices, read_at)

    def _doubt_nothing(self, customer: Customer) -> None:
        """Read one invoice itself: if a customer suddenly owes nothing, a right may have been revoked."""
        before = self._cache.open_invoices(customer.number)
        again = self._source.invoice(before[0].number) if before else None
        if again is not None and again.balance != ZERO:
            raise words.contradiction()

    def _wait(self, why: str) -> None:
        self._pause_s = min(max(self._pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        self._paused_until_s = self._clock.elapsed_s() + self._pause_s
        self._state = replace(self._state, running=True, why_paused=why)


def _no_answer(sentence: str, next_step: str = "") -> NoAnswer:
    return NoAnswer(System.AGENCY_SYSTEM, sentence, next_step, connected=True)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None
