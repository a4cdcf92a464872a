"""The wish of the Payments page, and one page of it as read from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from paydesk.domain.posting import PostingChannel
from paydesk.domain.typed.payment_filter import PaymentFilter
from paydesk.services.payments.search import ALL, Found
from paydesk.services.ports.ledger import Sums
from paydesk.ui.kit import format as fmt
from paydesk.ui.payments.payment_list import Listing

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk


@dataclass(frozen=True, slots=True)
class Wish:
    """The contents of a list: the payments of a search text and a filter, in an order."""

    typed: str = ""
    only: PaymentFilter = ALL
    by_hand: bool = False
    oldest_first: bool = False

    @property
    def narrowed(self) -> bool:
        """True if some payments are left out."""
        return bool(self.typed) or not self.only.anything or self.by_hand


@dataclass(frozen=True, slots=True)
class Page:
    """One page as read. ``by_hand`` counts all receipts that a person enters into the agency system.

    ``edge`` has the whole sums of the last day, of which the page may have only a part.
    """

    found: Found
    listing: Listing
    by_hand: int
    edge: tuple[date, Sums] | None = None


def read(desk: Desk, wish: Wish, last: int | None, limit: int) -> Page:
    """Return one page of the payments of a wish, those after the id ``last`` in its order."""
    post = desk.post
    by_hand = post.count_by_hand()
    if wish.by_hand:
        listed = {posting.payment.id: posting for posting in post.by_hand()}
        found = Found([posting.payment for posting in listed.values()])
        return Page(found, Listing(found.payments, listed), by_hand)
    place = {"after": last or 0} if wish.oldest_first else {"before": last}
    found = desk.payment_search.find(wish.typed, wish.only, limit=limit, **place)
    edge = None
    if found.more and not found.similar:
        on = found.payments[-1].held_at.astimezone(fmt.zone_of(desk.settings.time_zone)).date()
        edge = (on, desk.payment_search.sums_of(wish.typed, wish.only, on))
    if post.rules.channel is PostingChannel.NONE:
        return Page(found, Listing(found.payments), by_hand, edge)
    postings = post.outbox.of(payment.id for payment in found.payments)
    return Page(found, Listing(found.payments, postings), by_hand, edge)
