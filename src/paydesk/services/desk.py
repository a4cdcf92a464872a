"""Everything the window needs, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.quote import OverLimit, Quote, quotes
from paydesk.domain.tender import TenderKind
from paydesk.services.authorize import Authorize
from paydesk.services.deposit import Deposits
from paydesk.services.forget import Forget
from paydesk.services.importing import Importing
from paydesk.services.lookup import Lookup
from paydesk.services.ports import Clock, Ledger
from paydesk.services.post import Post
from paydesk.services.receipts import Receipts
from paydesk.services.reconcile import Reconcile
from paydesk.services.refresh import Refresh
from paydesk.services.search import Search
from paydesk.services.void import Voids
from paydesk.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """One installed window's services."""

    settings: Settings
    ledger: Ledger
    lookup: Lookup
    authorize: Authorize
    reconcile: Reconcile
    voids: Voids
    receipts: Receipts
    clock: Clock
    post: Post
    deposits: Deposits
    search: Search
    refresh: Refresh
    forget: Forget
    importing: Importing

    def today(self) -> date:
        """The date in the agency's time zone."""
        return self.clock.now().astimezone(ZoneInfo(self.settings.time_zone)).date()

    def refuses_cached(self, read_at: datetime) -> str:
        """Why amounts read at that time (UTC) may not be charged while AMS360 is away, or ``""``."""
        return self.settings.ams360.cached_rule.refusal(read_at, self.clock.now())

    def offers(self, subtotal: Money) -> dict[TenderKind, Quote | OverLimit]:
        """The totals of all tenders. Raises KnownError until a live desk's fees and limit are set."""
        if self.settings.tariff is None:
            raise KnownError(
                "This desk cannot charge: its technology fees and ACH limit are not set.",
                "Ask your administrator to set [fees] in the settings file, from the AndDone agreement.",
            )
        return quotes(self.settings.tariff, subtotal)
