"""A real desk without a window: wired as ``app`` wires it, in front of emulators that run elsewhere."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
import sqlalchemy as sa

from paydesk import app, settings
from paydesk.clock import SystemClock
from paydesk.domain.consent import Channel, Consent, Proof
from paydesk.domain.errors import KnownError
from paydesk.domain.payment import Draft, Payer, Payment
from paydesk.domain.quote import Quote
from paydesk.domain.selection import select
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, Card, Tender, TenderKind
from paydesk.paths import Paths
from paydesk.sandbox import sandbox
from paydesk.services.desk import Desk

ROUND_S = 130.0
"""Between two rounds of questions the clock skips this far: past every pause that a decision waits for."""
ROUNDS = 8
"""More rounds than any lease and quiet time together need; what is open then stays open for ever."""

POST_ROUND_S, POST_ROUNDS = 750.0, 3
"""The same for postings: a round is longer than a request to AMS360 may be on its way."""

NUMBERS = {TenderKind.CREDIT_CARD: "4000620000000007", TenderKind.DEBIT_CARD: "4000056655665556"}
REFUSED_CARD = "4000000000009995"


class SkippingClock(SystemClock):
    """The computer's clocks, ahead by seconds that a test can add to."""

    def __init__(self, ahead_s: float) -> None:
        self.ahead_s = ahead_s

    def now(self) -> datetime:
        """The wall clock."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)

    def elapsed_s(self) -> float:
        """The clock that only moves forward."""
        return super().elapsed_s() + self.ahead_s

    def skip(self, seconds: float) -> None:
        """Let time pass at once."""
        self.ahead_s += seconds


SERVER_CLOCK = """
CREATE SCHEMA testing;
CREATE TABLE testing.ahead (seconds float8 NOT NULL);
INSERT INTO testing.ahead VALUES (0);
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
AS 'SELECT pg_catalog.clock_timestamp() + make_interval(secs => seconds) FROM testing.ahead';
"""
"""Lets a ledger's server be ahead as well; found first where ``public`` is searched first."""


class ServerSkippingClock(SkippingClock):
    """A clock that the ledger's server goes along with."""

    def __init__(self, ahead_s: float, ledger_url: str) -> None:
        super().__init__(ahead_s)
        url = sa.make_url(ledger_url)
        self._server = psycopg.connect(
            host=url.host, port=url.port, user=url.username, dbname=url.database, autocommit=True
        )
        self.skip(0.0)

    def skip(self, seconds: float) -> None:
        """Let time pass, on the server too."""
        super().skip(seconds)
        self._server.execute("UPDATE testing.ahead SET seconds = greatest(seconds, %s)", (self.ahead_s,))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a desk's files are, and where its emulators answer."""

    base: Path
    anddone_url: str
    ams360_url: str
    read_timeout_s: float = 20.0
    connect_timeout_s: float = 5.0
    ledger_url: str = ""
    """Where the ledger is, if it is not in a file here."""

    @property
    def paths(self) -> Paths:
        """The files of a training desk."""
        return Paths(self.base, training=True)

    def limited(self, plain: settings.Settings) -> settings.Settings:
        """These settings with this place's time-outs, and its ledger."""
        limits: dict[str, Any] = {
            "read_timeout_s": self.read_timeout_s,
            "connect_timeout_s": self.connect_timeout_s,
        }
        return replace(
            plain,
            anddone=replace(plain.anddone, **limits),
            ams360=replace(plain.ams360, **limits),
            ledger_url=self.ledger_url,
        )


class _Elsewhere(AbstractContextManager[None]):
    """Stands where the desk would start its own emulators: they are running already."""

    def __init__(self, place: Place) -> None:
        self.anddone_url, self.ams360_url = place.anddone_url, place.ams360_url
        self.wsapi_url = ""

    def __exit__(self, *_: object) -> None:
        """They go on."""


def open_headless(place: Place, clock: SkippingClock, desk: str = "Front-1") -> app.RunningDesk:
    """The desk as ``app.open_desk`` makes it; only the emulators and the clock are the test's."""
    plain = settings.training_settings
    with (
        mock.patch.object(sandbox, "Sandbox", return_value=_Elsewhere(place)),
        mock.patch.object(settings, "training_settings", lambda *given: place.limited(plain(*given))),
        mock.patch("paydesk.clock.SystemClock", return_value=clock),
        mock.patch.object(app, "training_settings", lambda *given: place.limited(plain(*given)), create=True),
        mock.patch.object(app, "SystemClock", return_value=clock, create=True),
    ):
        return app.open_desk(place.paths, seat=(desk, "Dana"))


@dataclass(frozen=True, slots=True)
class Order:
    """What a customer wants to pay, and how."""

    numbers: tuple[str, ...]
    kind: TenderKind = TenderKind.CREDIT_CARD
    refused: bool = False
    """The card is one that the bank says no to."""
    seen_before: bool = False
    """The invoices are on the screen already."""

    @classmethod
    def any(cls, numbers: Sequence[str], chance: random.Random) -> Order:
        """One to three of the invoices, by any tender; now and then the card is refused."""
        kind = chance.choice(tuple(TenderKind))
        refused = kind is not TenderKind.ACH and chance.random() < 0.1
        seen_before = chance.random() < 0.8
        return cls(tuple(numbers[: chance.choice((1, 1, 2, 3))]), kind, refused, seen_before)

    def again(self) -> Order:
        """The same from the same screen, with a card that the bank takes."""
        return replace(self, refused=False, seen_before=True)

    @property
    def tender(self) -> Tender:
        """The card or the account as it is read out."""
        if self.kind is TenderKind.ACH:
            return BankAccount(
                "011000138", "123456789", AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes"
            )
        number = REFUSED_CARD if self.refused else NUMBERS[self.kind]
        return Card(self.kind, number, 12, datetime.now(UTC).year + 2, "737", "Dana Reyes", "02108")


def draft_of(desk: Desk, order: Order) -> Draft:
    """What the clerk has on the screen: looked up now, or as it was seen before, all of it ticked.

    Seen before, the ledger's marks are passed over, as on a screen that nobody has refreshed: it
    is the ledger that has to refuse. Raises KnownError when an invoice cannot be paid.
    """
    found = desk.lookup.cached_by_invoice(order.numbers[0]) if order.seen_before else None
    if found is None:
        found = desk.lookup.by_invoice(order.numbers[0])
        rows = (*found.rows, *found.others)
    else:
        rows = tuple(replace(row, mark=None) for row in (*found.rows, *found.others))
    selection = select(rows, order.numbers)
    if len(selection.rows) < len(order.numbers):
        raise KnownError("An invoice of these cannot be ticked.")
    quote = desk.offers(selection.subtotal)[order.kind]
    assert isinstance(quote, Quote)
    consent = Consent(
        "I agree.", desk.clock.now(), Channel.PHONE, AccountHolder.PERSONAL, Proof.RECORDING, "rec-1"
    )
    agreed = consent if order.kind is TenderKind.ACH else None
    assert found.customer is not None
    payer = Payer("Dana Reyes", customer_number=found.customer.number, customer_name=found.customer.name)
    return Draft(selection.lines, payer, quote, Channel.PHONE, consent=agreed)


def take(desk: Desk, order: Order) -> Payment:
    """The whole way of a payment, from the number to the answer. Raises KnownError."""
    return desk.authorize.pay(draft_of(desk, order), order.tender)


def settle(desk: Desk, clock: SkippingClock) -> list[Payment]:
    """Ask about open payments until none is left, or for longer than any may stay open."""
    changed = []
    for _ in range(ROUNDS):
        changed += desk.reconcile.all()
        if not desk.ledger.undecided():
            break
        clock.skip(ROUND_S)
    return changed


def post(desk: Desk, clock: SkippingClock) -> None:
    """Send what waits to AMS360, and look again at what is in doubt once nothing can be on its way."""
    for _ in range(POST_ROUNDS):
        desk.post.now()
        clock.skip(POST_ROUND_S)
