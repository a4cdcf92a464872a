"""The state of intents and links over time: the end of their life, and payments under way."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from paydesk.sandbox.anddone.books import Books, Charge, Offer

Kind = TypeVar("Kind", bound=Offer)


def up_to_date(books: Books, offer: Kind, now: datetime) -> Kind:
    """Make its payments whose time has come, then expire it if its life is over and nobody is paying it."""
    finish_due(books, now)
    if offer.status in ("pending", "disabled") and now >= offer.expires_at and not offer.under_way:
        offer.status = "expired"
    return offer


def finish_due(books: Books, now: datetime) -> None:
    """Make the payments under way whose time has come, in every offer."""
    for offer in list(books.under_way.values()):
        for charge in [one for one in offer.under_way if one.made_at <= now]:
            offer.under_way.remove(charge)
            finish(books, offer, charge)
        if not offer.under_way:
            del books.under_way[offer.token]


def finish(books: Books, offer: Offer, charge: Charge) -> None:
    """Enter a charge. An accepted one closes the offer, a refused one leaves it open for another try."""
    books.add_charge(charge)
    if charge.outcome.approved and offer.status == "pending":
        offer.status = "paid"
