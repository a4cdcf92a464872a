"""Many desks on one ledger: payments per second, and PayDesk's own time in each.

``bench`` calls ``measure``. The network is an in-memory processor that answers at once, so the measured time
is that of the ledger and PayDesk itself.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paydesk.domain.payment import State
from tests.proofs.races.racer import CARD, Race, desk, draft, prepare, processes

READY_S = 300.0
"""Seconds for the slowest desk to open."""


@dataclass(frozen=True, slots=True)
class Speed:
    """The results of all desks. Times are PayDesk's own, for one payment."""

    desks: int
    payments: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def payments_per_s(self) -> float:
        """Payments per second of all desks together."""
        return self.payments / self.seconds


def measure(
    address: str, *, desks: int = 50, payments: int = 10, every_s: float = 0.0, hosts: int = 2
) -> Speed:
    """Let ``desks`` take ``payments`` each, one every ``every_s`` seconds (0: without a pause).

    ``address`` is an empty ledger: a file, or a server's URL. The desks are threads of ``hosts`` processes.
    Raises AssertionError if a payment is not authorized.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Each desk has its own invoices, so a round is one payment of every desk.
        race = Race(address, Path(folder), processes=desks, invoices=desks, rounds=1 + payments)
        prepare(race)
        context = processes()
        start, answers = context.Barrier(desks), context.Queue()
        shares = [range(host, desks, hosts) for host in range(hosts)]
        running = [
            context.Process(target=_host, args=(race, list(share), every_s, start, answers))
            for share in shares
        ]
        for one in running:
            one.start()
        results = [answers.get(timeout=3600) for _ in running]
        for one in running:
            one.join()
    took = sorted(seconds for _, _, times in results for seconds in times)
    assert len(took) == desks * payments, f"only {len(took)} of {desks * payments} payments were authorized"
    seconds = max(ended for _, ended, _ in results) - min(began for began, _, _ in results)
    return Speed(desks, len(took), seconds, 1000 * _quantile(took, 0.5), 1000 * _quantile(took, 0.99))


def _quantile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _host(race: Race, places: Sequence[int], every_s: float, start: threading.Barrier, answers: Any) -> None:
    """Run some of the desks, one thread each. Answers with first start, last end, and every time."""
    spans: list[tuple[float, float]] = []
    times: list[float] = []
    threads = [
        threading.Thread(target=_desk, args=(race, place, every_s, start, spans, times)) for place in places
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    answers.put((min(span[0] for span in spans), max(span[1] for span in spans), times))


def _desk(
    race: Race,
    place: int,
    every_s: float,
    start: threading.Barrier,
    spans: list[tuple[float, float]],
    times: list[float],
) -> None:
    """Run one desk: a payment of its own invoice in each round, without counting the first."""
    ledger, authorize = desk(race, f"Desk-{place}")
    first, *numbers = race.numbers[place :: race.invoices]
    authorize.pay(draft(first), CARD)  # builds its statements, once a day at a desk
    start.wait(READY_S)
    began = time.time()  # the only clock that the processes share
    for turn, number in enumerate(numbers):
        # Spread over the interval: fifty clerks do not press the key in the same millisecond.
        time.sleep(max(0.0, began + every_s * (turn + place / race.invoices) - time.time()))
        clock = time.perf_counter()
        payment = authorize.pay(draft(number), CARD)
        if payment.state is State.AUTHORIZED:
            times.append(time.perf_counter() - clock)
    spans.append((began, time.time()))
    ledger.close()
