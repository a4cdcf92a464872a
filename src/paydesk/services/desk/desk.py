"""The services of one window, in one value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from paydesk.config.settings import Settings
from paydesk.domain.money import Money
from paydesk.domain.quote import OverLimit, Quote, quotes
from paydesk.domain.tender import TenderKind
from paydesk.services.desk import words
from paydesk.services.invoices.agency_search import AgencySearch
from paydesk.services.invoices.forget import Forget
from paydesk.services.invoices.importing import Importing
from paydesk.services.invoices.lookup import Lookup
from paydesk.services.invoices.refresh import Refresh
from paydesk.services.invoices.search import Search
from paydesk.services.payments.authorize import Authorize
from paydesk.services.payments.consent_papers import ConsentPapers
from paydesk.services.payments.offers import Offers
from paydesk.services.payments.receipts import Receipts
from paydesk.services.payments.refunds import Refunds
from paydesk.services.payments.resolve import Resolve
from paydesk.services.payments.search import PaymentSearch
from paydesk.services.payments.void import Voids
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Ledger
from paydesk.services.ports.rights import EVERYONE, Rights
from paydesk.services.posting.deposit import Deposits
from paydesk.services.posting.post import Post


@dataclass(frozen=True, slots=True)
class Desk:
    """The services of one installed window."""

    settings: Settings
    ledger: Ledger
    lookup: Lookup
    authorize: Authorize
    resolve: Resolve
    voids: Voids
    offers: Offers
    receipts: Receipts
    consent_papers: ConsentPapers
    clock: Clock
    post: Post
    deposits: Deposits
    search: Search
    agency_search: AgencySearch
    payment_search: PaymentSearch
    refresh: Refresh
    forget: Forget
    importing: Importing
    code_of: Callable[[str], Sequence[Sequence[bool]]]
    """Returns the QR code of an address, as rows of modules."""
    anytime_card: Callable[[], bytes]
    """Returns the card with the agency's anytime link, as a PDF on Letter paper."""
    rights: Rights = EVERYONE

    @property
    def refunds(self) -> Refunds:
        """The refunds, which the same service follows that resolves payments."""
        return self.resolve.refunds

    def today(self) -> date:
        """Return the date in the agency's time zone."""
        return self.clock.now().astimezone(ZoneInfo(self.settings.time_zone)).date()

    def refuses_cached(self, read_at: datetime) -> str:
        """Return why amounts read at that time (UTC) may not be charged while AMS360 is away, or ``""``."""
        return self.settings.ams360.cached_rule.refusal(read_at, self.clock.now())

    def quotes(self, subtotal: Money) -> dict[TenderKind, Quote | OverLimit]:
        """Return the quote of each tender. Raises KnownError until a live desk's fees and limit are set."""
        if self.settings.fee_schedule is None:
            raise words.cannot_charge()
        return quotes(self.settings.fee_schedule, subtotal)
