"""One frozen Settings: what a desk was told about itself, its agency and its two partners."""

from __future__ import annotations

import getpass
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from paydesk.domain.cached import CachedRule
from paydesk.domain.money import Money
from paydesk.domain.posting import PostingChannel, PostingRules
from paydesk.domain.quote import FeeRule, Tariff
from paydesk.domain.receipt import Agency, Paper
from paydesk.domain.refreshing import RefreshRule
from paydesk.domain.tender import TenderKind

TRAINING, LIVE = "training", "live"


@dataclass(frozen=True, slots=True)
class AndDoneSettings:
    """Where the processor is. Keys are not here: they live in the keychain (``paydesk set-key``).

    ``origin`` is the domain or address AndDone has registered for this merchant. Time-outs
    in seconds; 5 to connect and 60 to read (reference on AndDone, 2.5: no figure is published).
    """

    base_url: str = "https://api.anddone.com"
    origin: str = ""
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0
    declined_is_final: bool = False
    """This tenant refuses to expire a declined intent: then a decline needs no expiry to be final."""
    quiet_s: float = 300.0
    """Seconds between an intent's expiry and the last look for a charge."""
    attention_min: float = 15.0
    """After so many minutes without an outcome a payment stands in Needs attention."""


class Source(StrEnum):
    """Where an agency's invoices are read."""

    EMS = "ems"
    FILES = "files"
    """What ``paydesk import`` brought in last."""


@dataclass(frozen=True, slots=True)
class Ams360Settings:
    """Where AMS360 is; ``agency_no`` looks like 9999999-1. Time-outs in seconds."""

    source: Source = Source.EMS
    base_url: str = "https://www.ams360.com/ems"
    agency_no: str = ""
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 30.0
    names: Mapping[str, str] = field(default_factory=dict)
    """This agency's own names of AMS360's fields, over those of ``ams360_names.NAMES``."""
    lines_show_receipts: bool = False
    """The lines of this agency's invoices include money received: their sum is the balance."""
    charge_from_cache: bool = False
    """While AMS360 is away, a desk may charge what was owed at the last reading, after an explicit yes."""
    charge_from_cache_h: float = 24.0
    """Hours after which such a reading is too old to be charged."""
    refresh_min: float = 30.0
    """Minutes between two refreshes of the open invoices in the background; 0: only when asked for."""
    refresh_window_days: float = 60.0
    """Which open invoices are refreshed: those due within so many days, before or after today."""
    keep_closed_days: float = 400.0
    """Days after which a closed invoice that no payment names leaves the cache."""

    @property
    def cached_rule(self) -> CachedRule:
        """What may be charged while AMS360 is away."""
        return CachedRule(self.charge_from_cache, timedelta(hours=self.charge_from_cache_h))

    @property
    def keep_closed(self) -> timedelta:
        """How long closed invoices are kept."""
        return timedelta(days=self.keep_closed_days)

    @property
    def refresh_rule(self) -> RefreshRule:
        """When the cache is refreshed, and what of it."""
        minutes = self.refresh_min if self.source is Source.EMS else 0.0  # a file does not change by itself
        return RefreshRule(timedelta(minutes=minutes), timedelta(days=self.refresh_window_days))


@dataclass(frozen=True, slots=True)
class WsapiSettings:
    """AMS360's SOAP service, for a note on the customer after a payment; off without a ``login_id``.

    ``note_as`` is "activity" or "note"; ``action`` an activity action that is set up in the agency.
    """

    base_url: str = "https://wsapi.ams360.com/v3/WSAPIService.svc"
    login_id: str = ""
    employee_code: str = ""
    note_as: str = "activity"
    action: str = "Payment Received"


@dataclass(frozen=True, slots=True)
class PostingSettings:
    """How receipts go back into AMS360; ``bank_short_name`` is the bank's in Bank Center."""

    rules: PostingRules = field(default_factory=PostingRules)
    bank_short_name: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that an agency decides. ``tariff`` stays None on a live desk until its fees are set."""

    world: str = LIVE
    desk: str = "Front-1"
    user: str = "desk"
    agency: Agency = field(default_factory=lambda: Agency("Your agency"))
    refund_line: str = ""
    time_zone: str = "America/Chicago"
    """IANA name; decides due dates, the day's end and the dates on paper."""
    paper: Paper = Paper.LETTER
    tariff: Tariff | None = None
    anddone: AndDoneSettings = field(default_factory=AndDoneSettings)
    ams360: Ams360Settings = field(default_factory=Ams360Settings)
    posting: PostingSettings = field(default_factory=PostingSettings)
    wsapi: WsapiSettings = field(default_factory=WsapiSettings)

    @property
    def needs_ems(self) -> bool:
        """Whether AMS360's service is asked at all; an agency may live on files."""
        by_file = self.ams360.source is Source.FILES
        return not by_file or self.posting.rules.channel is PostingChannel.EMS

    ledger_url: str = ""
    """The PostgreSQL server of several desks, as postgresql+psycopg://…; empty: a file of this computer."""
    ledger_backups: int = 14
    """How many backups of a ledger file are kept."""

    @property
    def training(self) -> bool:
        """Whether this is the sandbox, where no money moves."""
        return self.world == TRAINING


def training_settings(
    anddone_url: str, ams360_url: str, origin: str, agency_no: str, bank: str = ""
) -> Settings:
    """The training desk's settings; its fees and limit are DESIGN section 4's."""
    return Settings(
        world=TRAINING,
        desk=platform.node().split(".")[0][:20] or "Training",
        user=user_name(),
        agency=Agency(
            "Harbor Street Insurance",
            ("12 Harbor Street", "Boston, MA 02108"),
            phone="(617) 555-0100",
            email="desk@harborstreet.example",
        ),
        refund_line="Questions or refunds: call (617) 555-0100, weekdays 9 to 5.",
        time_zone="America/New_York",
        tariff=Tariff(
            {
                TenderKind.CREDIT_CARD: FeeRule(percent=Decimal("3.50")),
                TenderKind.DEBIT_CARD: FeeRule(percent=Decimal("1.50")),
                TenderKind.ACH: FeeRule(fixed=Money(300)),
            },
            ach_limit=Money(1_500_000),
        ),
        anddone=AndDoneSettings(base_url=anddone_url, origin=origin, read_timeout_s=20.0, quiet_s=20.0),
        # The emulator's lines are known to show receipts; a real agency's have to be seen first.
        ams360=Ams360Settings(
            base_url=ams360_url,
            agency_no=agency_no,
            lines_show_receipts=True,
            charge_from_cache=True,
            refresh_min=0,
        ),
        posting=PostingSettings(PostingRules(PostingChannel.EMS), bank),
    )


def user_name() -> str:
    """The name the computer knows this person by."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no login name: a container, a service
        return "desk"
