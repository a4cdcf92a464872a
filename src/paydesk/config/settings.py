"""Every setting of a desk, declared once: its meaning, its limits and its default."""

from __future__ import annotations

import getpass
import ipaddress
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from paydesk import COMMAND
from paydesk.config.declare import BadSetting, Declared, setting, table
from paydesk.domain.consent import Agency
from paydesk.domain.fee_schedule import FeeRule, FeeSchedule
from paydesk.domain.invoices.freshness import CachedRule, RefreshRule
from paydesk.domain.money import Money
from paydesk.domain.payment import OfferKind
from paydesk.domain.posting import AchAt, AnytimeAs, NoteAs, PostingChannel, PostingRules
from paydesk.domain.receipt import Paper
from paydesk.domain.tender import TenderKind
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.domain.world import TRAINING, World, world_of

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
"""Host names in plain letters, IPv4 and IPv6. A letter of another script may look like one of these."""


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        here = parts.hostname == "127.0.0.1" and parts.port is not None
        usable = parts.port != 0
        if "[" in parts.netloc:
            ipaddress.IPv6Address(parts.hostname or "")
    except ValueError:
        usable = False
    if not usable:
        return "is not an address"
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        return "must begin with https:// (http only for a test server at 127.0.0.1)"
    if not parts.hostname or re.search("[@?#]", url):
        return "must be an address without a user name, a question mark or a number sign"
    if not _HOST.fullmatch(parts.hostname) or re.search("[^!-~]", url):
        return "must name a host in letters a to z, digits, dots and hyphens"
    return ""


def _without_slash(url: str) -> str:
    return url.rstrip("/")


def _filled(text: str) -> str:
    return "" if text else "must not be empty"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, or a name too long
        return f'"{name[:60]}" is unknown; use a name like America/Chicago'
    return ""


def _timeout(help_: str, default: float) -> float:
    return _number(help_, default, unit="s", least=0.1, most=600)


def _number(help_: str, default: float, **more: Any) -> float:
    """Declare a number. See ``setting``."""
    value: float = setting(help_, default, **more)
    return value


@dataclass(frozen=True, slots=True)
class AgencySettings:
    """The agency, as receipts name it."""

    name: str = setting("Name of the agency, at the head of every receipt.", "")
    address: tuple[str, ...] = setting("Its address, a text for each line.", ())
    phone: str = setting("Its telephone number.", "")
    email: str = setting("Its email address.", "")
    license: str = setting("Its license number, where the state asks for it.", "", aliases=("licence",))


@dataclass(frozen=True, slots=True)
class FeeSettings:
    """The technology fees and the ACH limit of the AndDone agreement. The desk charges once all are set."""

    ach_limit: Money | None = setting(
        "Highest amount that is taken from a bank account, before the fee.", None
    )
    credit_card: FeeRule | None = setting("Technology fee of credit cards.", None)
    debit_card: FeeRule | None = setting("Technology fee of debit cards.", None)
    ach: FeeRule | None = setting("Technology fee of bank accounts.", None)

    @property
    def schedule(self) -> FeeSchedule | None:
        """The fee schedule, or None while an entry is missing."""
        fees = {kind: rule for kind, rule in self._rules.items() if rule is not None}
        if self.ach_limit is None or len(fees) < len(self._rules):
            return None
        return FeeSchedule(fees, self.ach_limit)

    def require_whole(self) -> None:
        """Raise BadSetting if only some entries are set, or if a percentage is impossible."""
        if self == FeeSettings():
            return
        if self.ach_limit is None:
            raise BadSetting('fees.ach_limit must be set, like "15000.00"')
        for kind, rule in self._rules.items():
            if rule is None:
                raise BadSetting(f'fees.{kind.value} must be set; write percent = "0" if there is no fee')
            if not 0 <= rule.percent <= 100:
                raise BadSetting(f"fees.{kind.value}.percent must be between 0 and 100")

    @property
    def _rules(self) -> Mapping[TenderKind, FeeRule | None]:
        return {
            TenderKind.CREDIT_CARD: self.credit_card,
            TenderKind.DEBIT_CARD: self.debit_card,
            TenderKind.ACH: self.ach,
        }


class CardEntry(StrEnum):
    """A way in which the card or account of a payment is entered."""

    TYPED = "typed"
    """The clerk types it into PayDesk."""
    HOSTED = "hosted"
    """The clerk types it on the processor's own page."""
    LINK = "link"
    """The payer enters it on their own device."""


_PROCESSORS_DOMAIN = PROCESSOR.hosts[0].partition(".")[2]
_ANYTIME_LINK = re.compile(rf"https://([a-z0-9-]+\.)*{re.escape(_PROCESSORS_DOMAIN)}([/?#][!-~]*)?")


def _anytime_link(url: str) -> str:
    """Refuse an address that is not the processor's: whoever trusts the card pays there."""
    if not url or _ANYTIME_LINK.fullmatch(url):
        return ""
    return f"must be {PROCESSOR.name}'s own address, https:// and under {_PROCESSORS_DOMAIN}"


_OFFERS = {CardEntry.HOSTED: OfferKind.HOSTED, CardEntry.LINK: OfferKind.LINK}


def _entries(found: tuple[str, ...]) -> str:
    known = [entry.value for entry in CardEntry]
    if not found or len(set(found)) != len(found) or not set(found) <= set(known):
        return f"must be a list of {', '.join(known[:-1])} and {known[-1]}, each at most once"
    return ""


@dataclass(frozen=True, slots=True)
class AndDoneSettings:
    """The processor's address and timeouts. Keys are not here but in the keychain (``paydesk set-key``).

    The vendor publishes no timeout. 5 s to connect and 60 s to read are ours.
    """

    base_url: str = setting(
        f"Address of {PROCESSOR.name}'s API. Only its production host is live.",
        f"https://{PROCESSOR.hosts[0]}", clean=_without_slash, check=_address,
    )  # fmt: skip
    origin: str = setting(f"Domain or address that {PROCESSOR.name} has registered for this merchant.", "")
    connect_timeout_s: float = _timeout("Time to wait for a connection.", 5.0)
    read_timeout_s: float = _timeout("Time to wait for an answer.", 60.0)
    card_entry: tuple[str, ...] = setting(
        f"How cards and accounts are entered: typed (into PayDesk; {PROCESSOR.name} allows it only to "
        f"merchants that are PCI compliant for it), hosted (on {PROCESSOR.name}'s page), link (by the "
        "payer). Without typed, PayDesk has no field for a card or account.",
        (CardEntry.TYPED.value,),
        check=_entries,
    )
    anytime_link: str = setting(
        f"Address of the agency's anytime payment link at {PROCESSOR.name}. PayDesk shows and prints it "
        "as a QR code.",
        "", check=_anytime_link,
    )  # fmt: skip
    declined_is_final: bool = setting(
        "This tenant refuses to expire a declined intent: then a decline needs no expiry to be final.", False
    )
    fee_in_adjustment: bool = setting(
        "This tenant's answers name the fee beside captureAmount, which leaves it out "
        f"(“{COMMAND} doctor --anddone” shows it).",
        False,
    )
    send_fee: bool = setting(
        f"Send the quoted fee with each charge, so that {PROCESSOR.name} takes exactly that.", False
    )
    quiet_s: float = _number(
        "Time between an intent's expiry and the last look for a charge.",
        300.0,
        unit="s",
        least=60,
        most=3_600,
    )
    attention_min: float = _number(
        "Time without an outcome after which a payment needs attention.",
        15.0,
        unit="min",
        least=0,
        most=10_000,
    )

    @property
    def typed(self) -> bool:
        """True if cards and accounts may be typed into PayDesk."""
        return CardEntry.TYPED in self.card_entry

    @property
    def offer_kinds(self) -> tuple[OfferKind, ...]:
        """The kinds of addresses at which a payment may be offered, the payer's own device first."""
        kinds = {_OFFERS[CardEntry(entry)] for entry in self.card_entry if entry in _OFFERS}
        return tuple(kind for kind in (OfferKind.LINK, OfferKind.HOSTED) if kind in kinds)


class Source(StrEnum):
    """The source of an agency's invoices."""

    EMS = "ems"
    FILES = "files"
    """The newest files of ``paydesk import``."""


@dataclass(frozen=True, slots=True)
class Ams360Settings:
    """AMS360's address, and the age limits of its readings."""

    source: Source = setting(
        f"Where invoices are read: ems ({AGENCY_SYSTEM.name}'s service) or files.", Source.EMS
    )
    base_url: str = setting(
        f"Address of {AGENCY_SYSTEM.name}'s EMS.",
        f"https://{AGENCY_SYSTEM.hosts[0]}/ems", clean=_without_slash, check=_address,
    )  # fmt: skip
    agency_no: str = setting("The agency's number at Vertafore, like 9999999-1.", "")
    connect_timeout_s: float = _timeout("Time to wait for a connection.", 5.0)
    read_timeout_s: float = _timeout("Time to wait for an answer.", 30.0)
    names: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "setting": Declared(f"This agency's own names of {AGENCY_SYSTEM.name}'s fields (docs/ams360.md).")
        },
    )
    lines_show_receipts: bool = setting(
        "The lines of this agency's invoices include money received: their sum is the balance.", False
    )
    charge_from_cache: bool = setting(
        f"While {AGENCY_SYSTEM.name} is away, a desk may charge what was owed at the last reading, "
        "after an explicit yes.",
        False,
    )
    charge_from_cache_h: float = _number(
        "Age at which such a reading is too old to be charged.", 24.0, unit="h", least=0, most=10_000
    )
    refresh_min: float = _number(
        "Time between two refreshes of open invoices in the background; 0: only when asked for.",
        30.0, unit="min", least=0, most=10_000,
    )  # fmt: skip
    refresh_window_days: float = _number(
        "Which open invoices are refreshed: those due within so many days of today.",
        60.0, unit="days", least=1, most=10_000,
    )  # fmt: skip
    keep_closed_days: float = _number(
        "Time after which a closed invoice that no payment names leaves the cache.",
        400.0, unit="days", least=30, most=10_000,
    )  # fmt: skip

    @property
    def cached_rule(self) -> CachedRule:
        """The rule for charges while AMS360 is unreachable."""
        return CachedRule(self.charge_from_cache, timedelta(hours=self.charge_from_cache_h))

    @property
    def keep_closed(self) -> timedelta:
        """Time for which the cache keeps closed invoices."""
        return timedelta(days=self.keep_closed_days)

    @property
    def refresh_rule(self) -> RefreshRule:
        """The rule for refreshes of the cache."""
        minutes = self.refresh_min if self.source is Source.EMS else 0.0  # a file only changes by an import
        return RefreshRule(timedelta(minutes=minutes), timedelta(days=self.refresh_window_days))


@dataclass(frozen=True, slots=True)
class NoteSettings:
    """The settings of the note on the AMS360 customer after a payment."""

    employee_code: str = setting(f"The employee in {AGENCY_SYSTEM.name} who is named as its author.", "")
    note_as: NoteAs = setting("What is written: an activity or a note.", NoteAs.ACTIVITY)
    action: str = setting("The activity's action, as it is set up in the agency.", "Payment Received")


@dataclass(frozen=True, slots=True)
class WsapiSettings(NoteSettings):
    """AMS360's SOAP service, for a note on the customer after a payment. Off without a ``login_id``."""

    base_url: str = setting(
        f"Address of {AGENCY_SYSTEM.name}'s Web Service API.",
        f"https://{AGENCY_SYSTEM.hosts[1]}/v3/WSAPIService.svc", clean=_without_slash, check=_address,
    )  # fmt: skip
    login_id: str = setting(f"Its login; its password is a key (``{COMMAND} set-key wsapi-password``).", "")


@dataclass(frozen=True, slots=True)
class PostingSettings:
    """The settings for posting receipts to AMS360."""

    channel: PostingChannel = setting(
        "How: ems (by itself), file (deposit files), none (by hand).", PostingRules().channel
    )
    ach_at: AchAt = setting("When a bank account's payment is posted.", PostingRules().ach_at)
    anytime: AnytimeAs = setting("What becomes of a payment without an invoice.", PostingRules().anytime)
    bank_short_name: str = setting(f"The bank's short name in {AGENCY_SYSTEM.name}'s Bank Center.", "")

    @property
    def rules(self) -> PostingRules:
        """These settings as the outbox's rules."""
        return PostingRules(self.channel, self.ach_at, self.anytime)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a desk, its agency, AndDone and AMS360."""

    training: bool = False
    """True in the sandbox, where no money moves. Not a setting."""
    desk: str = setting("Name of this desk, on receipts and in the ledger.", "Front-1", check=_filled)
    user: str = setting("Name of the person; without it, the computer's.", "desk", check=_filled)
    refund_line: str = setting("Sentence on refunds and whom to call, at the foot of receipts.", "")
    time_zone: str = setting(
        "The agency's time zone: due dates, the day's end and dates on paper.", "America/Chicago", check=_zone
    )
    paper: Paper = setting("What receipts are printed on: letter or roll_80mm.", Paper.LETTER)
    hide_from_capture: bool = setting(
        "Leave the payment dialog out of screenshots and shared screens while it shows fields for a card or "
        "an account (Windows and macOS).",
        True,
    )
    ledger_url: str = setting(
        "The PostgreSQL server of several desks, as postgresql+psycopg://…; without it, a file.", ""
    )
    ledger_backups: int = setting("How many daily backups of a ledger file are kept.", 14, least=1, most=1000)
    own_ledger: bool = setting(
        "Begin a ledger of its own although another account of this computer has one, or this account had "
        "one. It knows none of those payments.",
        False,
    )
    letterhead: AgencySettings = table(AgencySettings, key="agency")
    fees: FeeSettings = table(FeeSettings)
    anddone: AndDoneSettings = table(AndDoneSettings)
    ams360: Ams360Settings = table(Ams360Settings)
    posting: PostingSettings = table(PostingSettings)
    wsapi: WsapiSettings = table(WsapiSettings)

    @property
    def agency(self) -> Agency:
        """The agency, as receipts name it."""
        head = self.letterhead
        return Agency(head.name, head.address, head.phone, head.email, head.license)

    @property
    def fee_schedule(self) -> FeeSchedule | None:
        """The fee schedule, or None on a live desk without fees, which then does not charge."""
        return self.fees.schedule

    @property
    def needs_ems(self) -> bool:
        """True if PayDesk uses AMS360's service at all. An agency may use only files."""
        return self.ams360.source is not Source.FILES or self.posting.channel is PostingChannel.EMS

    @property
    def world(self) -> World:
        """The world in which this desk takes payments. Its ledger is of this world alone."""
        return TRAINING if self.training else world_of(self.anddone.base_url)


def training_settings(
    anddone_url: str, ams360_url: str, origin: str, agency_no: str, bank: str = ""
) -> Settings:
    """Return the training desk's settings, with invented fees and limit."""
    return Settings(
        training=True,
        desk=platform.node().split(".")[0][:20] or "Training",
        user=user_name(),
        letterhead=AgencySettings(
            "Harbor Street Insurance",
            ("12 Harbor Street", "Boston, MA 02108"),
            phone="(617) 555-0100",
            email="desk@harborstreet.example",
        ),
        refund_line="Questions or refunds: call (617) 555-0100, weekdays 9 to 5.",
        time_zone="America/New_York",
        fees=FeeSettings(
            ach_limit=Money(1_500_000),
            credit_card=FeeRule(percent=Decimal("3.50")),
            debit_card=FeeRule(percent=Decimal("1.50")),
            ach=FeeRule(fixed=Money(300)),
        ),
        anddone=AndDoneSettings(
            base_url=anddone_url,
            origin=origin,
            read_timeout_s=20.0,
            quiet_s=20.0,
            card_entry=tuple(entry.value for entry in CardEntry),
        ),
        # The emulator's lines are known to show receipts. A real agency has to check its own first.
        ams360=Ams360Settings(
            base_url=ams360_url,
            agency_no=agency_no,
            lines_show_receipts=True,
            charge_from_cache=True,
            refresh_min=0,
        ),
        posting=PostingSettings(channel=PostingChannel.EMS, bank_short_name=bank),
    )


def user_name() -> str:
    """Return the computer's name for this person."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no login name: a container, a service
        return "desk"
