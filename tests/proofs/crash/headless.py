"""A real desk without a window, wired as in the program, with emulators in another process."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from paydesk.config.clock import SystemClock
from paydesk.config.paths import Paths
from paydesk.config.settings import Settings, training_settings
from paydesk.domain.consent import Channel, Consent, Proof
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.selection import select
from paydesk.domain.payment import Draft, Payer, Payment
from paydesk.domain.quote import Quote
from paydesk.domain.refund import UNDECIDED
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, Card, Tender, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.sandbox.server import keys
from paydesk.services.desk.desk import Desk
from paydesk.wiring.desk import RunningDesk, open_in
from paydesk.wiring.environment import Environment, Keys

ROUND_S = 130.0
"""Seconds that the clock skips between two rounds of questions, longer than every pause before a decision."""
ROUNDS = 8
"""Number of rounds, more than any lease and quiet time need together. What is open then stays open."""

POST_ROUND_S, POST_ROUNDS = 750.0, 3
"""Seconds and number of posting rounds. A round is longer than a request to AMS360 may be under way."""

NUMBERS = {TenderKind.CREDIT_CARD: "4000620000000007", TenderKind.DEBIT_CARD: "4000056655665556"}
REFUSED_CARD = "4000000000009995"


class SkippingClock(SystemClock):
    """The computer's clocks, ahead by seconds that a test can increase."""

    def __init__(self, ahead_s: float) -> None:
        self.ahead_s = ahead_s

    def now(self) -> datetime:
        """Return the wall clock."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)

    def elapsed_s(self) -> float:
        """Return the monotonic clock."""
        return super().elapsed_s() + self.ahead_s

    def skip(self, seconds: float) -> None:
        """Let time pass at once."""
        self.ahead_s += seconds


SERVER_CLOCK = """
CREATE SCHEMA testing;
GRANT USAGE ON SCHEMA testing TO PUBLIC;
CREATE TABLE testing.ahead (seconds float8 NOT NULL);
GRANT SELECT, UPDATE ON testing.ahead TO PUBLIC;
INSERT INTO testing.ahead VALUES (0);
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
AS 'SELECT pg_catalog.clock_timestamp() + make_interval(secs => seconds) FROM testing.ahead';
"""
"""SQL that moves a ledger server's clock ahead. The search path finds it first."""


class ServerSkippingClock(SkippingClock):
    """A clock that takes the ledger's server along."""

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
    """The folder of a desk's files, and the addresses of its emulators."""

    base: Path
    anddone_url: str
    ams360_url: str
    read_timeout_s: float = 20.0
    connect_timeout_s: float = 5.0
    ledger_url: str = ""
    """Address of the ledger, if it is not a file here."""

    @property
    def paths(self) -> Paths:
        """The files of a training desk."""
        return Paths(self.base, training=True)

    def limited(self, plain: Settings) -> Settings:
        """Return these settings with this place's timeouts and ledger."""
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


def open_headless(place: Place, clock: SkippingClock, desk: str = "Front-1") -> RunningDesk:
    """Open the desk as the program does, with the emulators elsewhere and the test's clock."""
    usual = training_settings(
        place.anddone_url, place.ams360_url, keys.ANDDONE_ORIGIN, keys.AMS360_AGENCY_NO, keys.AMS360_BANK
    )
    settings = replace(place.limited(usual), desk=desk, user="Dana")
    known = {
        "anddone-api-key": keys.ANDDONE_API_KEY,
        "anddone-app-key": keys.ANDDONE_APP_KEY,
        "ams360-app-key": keys.AMS360_APP_KEY,
        "ams360-access-key": keys.AMS360_ACCESS_KEY,
    }
    with ExitStack() as opened:
        return open_in(opened, Environment(place.paths, settings, Keys(known.get)), clock)


@dataclass(frozen=True, slots=True)
class Order:
    """The invoices a customer wants to pay, and how."""

    numbers: tuple[str, ...]
    kind: TenderKind = TenderKind.CREDIT_CARD
    refused: bool = False
    """True for a card that the bank declines."""
    seen_before: bool = False
    """True if the invoices are on the screen already."""

    @classmethod
    def any(cls, numbers: Sequence[str], chance: random.Random) -> Order:
        """Return one to three of the invoices, by any tender. Now and then the card is declined."""
        kind = chance.choice(tuple(TenderKind))
        refused = kind is not TenderKind.ACH and chance.random() < 0.1
        seen_before = chance.random() < 0.8
        return cls(tuple(numbers[: chance.choice((1, 1, 2, 3))]), kind, refused, seen_before)

    def again(self) -> Order:
        """Return the same order from the same screen, with a good card."""
        return replace(self, refused=False, seen_before=True)

    @property
    def tender(self) -> Tender:
        """The card or account as it is read out."""
        if self.kind is TenderKind.ACH:
            return BankAccount(
                "011000138", Sealed("123456789"), AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes"
            )
        number = REFUSED_CARD if self.refused else NUMBERS[self.kind]
        year = datetime.now(UTC).year + 2
        return Card(self.kind, Sealed(number), 12, year, Sealed("737"), "Dana Reyes", "02108")


def draft_of(desk: Desk, order: Order) -> Draft:
    """Return the draft on the clerk's screen, looked up now or seen before, with all invoices selected.

    Seen before, the ledger's statuses are ignored, as on a screen that was not refreshed: the ledger itself
    must refuse. Raises KnownError if an invoice cannot be paid.
    """
    found = desk.lookup.cached_by_invoice(order.numbers[0]) if order.seen_before else None
    if found is None:
        found = desk.lookup.by_invoice(order.numbers[0])
        rows = (*found.rows, *found.others)
    else:
        rows = tuple(replace(row, status=None) for row in (*found.rows, *found.others))
    selection = select(rows, order.numbers)
    if len(selection.rows) < len(order.numbers):
        raise KnownError("An invoice of these cannot be ticked.")
    quote = desk.quotes(selection.subtotal)[order.kind]
    assert isinstance(quote, Quote)
    consent = Consent(
        "I agree.", desk.clock.now(), Channel.PHONE, AccountHolder.PERSONAL, Proof.RECORDING, "rec-1"
    )
    agreed = consent if order.kind is TenderKind.ACH else None
    assert found.customer is not None
    payer = Payer("Dana Reyes", customer_number=found.customer.number, customer_name=found.customer.name)
    return Draft(selection.lines, payer, quote, Channel.PHONE, consent=agreed)


def take(desk: Desk, order: Order) -> Payment:
    """Take a payment, from the number to the answer. Raises KnownError."""
    return desk.authorize.pay(draft_of(desk, order), order.tender)


def resolve_all(desk: Desk, clock: SkippingClock) -> list[Payment]:
    """Ask about open payments until none is left, or for longer than any may stay open."""
    changed = []
    for _ in range(ROUNDS):
        changed += desk.resolve.all()
        unclear = any(one.refund.state in UNDECIDED for one in desk.ledger.followed_refunds())
        if not desk.ledger.undecided() and not unclear:
            break
        clock.skip(ROUND_S)
    return changed


def post(desk: Desk, clock: SkippingClock) -> None:
    """Post what waits to AMS360, and check what is in doubt once no request can be under way."""
    for _ in range(POST_ROUNDS):
        desk.post.now()
        clock.skip(POST_ROUND_S)
