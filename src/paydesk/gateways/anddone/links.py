"""Payment links and hosted pages: their addresses, and what was paid at a link.

A link is never changed, and AndDone is never asked to write to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.payment import OfferKind
from paydesk.gateways.anddone import enums, names
from paydesk.gateways.anddone.transaction import NOISE, required
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import Fields
from paydesk.services.ports.processor import Address, ChargeRequest

_LONGEST_ADDRESS: Final = 300


class LinkDiffers(KnownError):
    """AndDone made a link that is not the one that was ordered. It may not be shown."""

    def __init__(self, link_id: str, what: str) -> None:
        super().__init__(
            f"AndDone made a payment link with another {what}. It was not shown to anyone.",
            "Take the payment another way, and call AndDone.",
        )
        self.link_id = link_id


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link as its details tell it. ``live`` are the ids of payments that took money, or may take it."""

    status: str
    live: tuple[str, ...]
    paid: bool
    """True if its sums say that something was paid."""


def made_link(reply: Reply, request: ChargeRequest, life_s: int, base_url: str, fee: Money | None) -> Address:
    """Return the address of a new link. ``fee`` is the one that was ordered, if any.

    Raises WrongAnswer without an address, LinkDiffers if the link differs from its order in what is told.
    """
    fields = reply.fields()
    link_id = required(fields, "id")
    _check_echo(fields, link_id, request, life_s, fee)
    address = fields.text("shortLink") or required(fields, "paymentLink")
    if not is_of_vendor(address, base_url):
        raise LinkDiffers(link_id, "address than AndDone's own")
    return Address(OfferKind.LINK, link_id, address)


def hosted_address(token: str, base_url: str) -> Address:
    """Return the address of the hosted page of an intent."""
    parts = urlsplit(base_url)
    host = _beside(parts.netloc, names.PAGE_HOST)
    return Address(OfferKind.HOSTED, token, f"{parts.scheme}://{host}/?token={quote(token, safe='')}")


def is_of_vendor(address: str, base_url: str) -> bool:
    """Return True for an address on AndDone's own hosts beside ``base_url``, over the same scheme."""
    if len(address) > _LONGEST_ADDRESS or not address.isascii() or not address.isprintable():
        return False
    try:
        parts, ours = urlsplit(address), urlsplit(base_url)
    except ValueError:
        return False
    known = {ours.netloc, _beside(ours.netloc, names.LINK_HOST), _beside(ours.netloc, names.PAGE_HOST)}
    return parts.scheme == ours.scheme and parts.netloc in known


def link_state(fields: Fields, link_id: str, title: str = "") -> LinkState:
    """Return the state of a link from its details. Raises WrongAnswer if they are another link's."""
    if required(fields, "id") != link_id:
        raise fields.wrong("id")
    if title and fields.text("title") not in ("", title):
        raise fields.wrong("title")
    return LinkState(
        status=fields.text("linkStatus"),
        live=tuple(_live(fields.rows("payments"))),
        paid=bool(fields.whole("noOfPaymentMade")) or bool(fields.money("totalPaidAmount", within=NOISE)),
    )


def _live(tries: Iterable[Fields]) -> Iterable[str]:
    """Yield the ids of the tries that are not plainly gone."""
    for one in tries:
        if enums.named(one.text("transactionStatus"), enums.STATUSES) not in names.GONE:
            yield required(one, "transactionId")


def _check_echo(fields: Fields, link_id: str, request: ChargeRequest, life_s: int, fee: Money | None) -> None:
    """Compare what the answer tells with the order."""
    if fields.text("title") not in ("", request.title):
        raise LinkDiffers(link_id, "title")
    if fields.money("amount", within=NOISE) not in (None, request.draft.quote.subtotal):
        raise LinkDiffers(link_id, "amount")
    if fee is not None and fields.money("overrideTechnologyFee", within=NOISE) not in (None, fee):
        raise LinkDiffers(link_id, "fee")
    told = fields.inner("displaySettings").inner("intent").held().get("paymenttypes")
    if told not in (None, [names.CHANNELS[request.draft.kind]]):
        raise LinkDiffers(link_id, "payment method")
    unit, life = fields.text("expireInUnit").lower(), fields.whole("expireIn")
    if life is not None and unit in ("", "minutes") and life != life_s // 60:
        raise LinkDiffers(link_id, "life")


def _beside(netloc: str, first: str) -> str:
    """Return AndDone's other host beside that of its API. Any other host stands for itself."""
    head, _, rest = netloc.partition(".")
    return f"{first}.{rest}" if head == names.API_HOST and rest else netloc
