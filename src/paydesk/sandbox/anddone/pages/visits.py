"""A payer's visits to the pages: open, submit, wait, done."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from paydesk.domain.money import Money
from paydesk.sandbox.anddone.books import Charge, Link, Offer, Refusal
from paydesk.sandbox.anddone.habits import Habit
from paydesk.sandbox.anddone.links import orders
from paydesk.sandbox.anddone.links.replies import LINK_PATH
from paydesk.sandbox.anddone.pages import html
from paydesk.sandbox.anddone.pages.forms import submitted, tabs_of
from paydesk.sandbox.anddone.pages.markup import forwarding_page, reply, unknown_page
from paydesk.sandbox.anddone.processor import Processor
from paydesk.sandbox.server.http import Reply, Request

PAGES: Final = frozenset({"openHostedPage", "payHostedPage", "openLinkPage", "payLinkPage"})
"""Operations of a browser. They are not in the contract, because no program calls them."""


def page_operation(method: str, path: str) -> str | None:
    """Return the operation of a page, or None. The hosted page is at the root, as on AndDone's host."""
    what = "HostedPage" if path == "/" else "LinkPage" if path.startswith(LINK_PATH) else ""
    verb = {"GET": "open", "POST": "pay"}.get(method)
    return f"{verb}{what}" if verb and what else None


def visit(processor: Processor, operation: str, request: Request) -> Reply:
    """Answer a browser. Callers hold the lock of the books."""
    if operation == "openLinkPage" and request.path == LINK_PATH:
        return reply(forwarding_page())
    try:
        offer = _offer(processor, operation, request)
    except Refusal:
        return reply(unknown_page(), 404)
    page = html.Page(processor, offer, _address(offer), _tab(offer, request))
    return _paid(page, request) if operation.startswith("pay") else _opened(page, request)


def amount_paid(processor: Processor, operation: str, request: Request) -> Money | None:
    """Return the amount of the order that a form pays, or None if it pays nothing."""
    if not operation.startswith("pay"):
        return None
    try:
        return _offer(processor, operation, request).amount
    except Refusal:
        return None


def _offer(processor: Processor, operation: str, request: Request) -> Offer:
    if operation.endswith("LinkPage"):
        return orders.link_at(processor, request.path.removeprefix(LINK_PATH))
    return processor.intent(request.query.get("token", ""))


def _address(offer: Offer) -> str:
    """Return the address of the page, to which the choice of a tab is added."""
    return (
        f"{LINK_PATH}{quote(offer.token)}?" if isinstance(offer, Link) else f"/?token={quote(offer.token)}&"
    )


def _tab(offer: Offer, request: Request) -> str:
    tabs = tabs_of(offer)
    return request.query["tab"] if request.query.get("tab") in tabs else tabs[0]


def _opened(page: html.Page, request: Request) -> Reply:
    """Show the form, or what became of the attempt that the address names."""
    offer, attempt = page.offer, request.query.get("attempt", "")
    if any(charge.transaction_id == attempt for charge in offer.under_way):
        return reply(page.processing())
    charge = page.processor.charge(attempt)
    if charge is not None and charge.outcome.approved and _is_of(charge, offer):
        return reply(page.success(charge))
    if closed := _closed(page):
        return closed
    failed = charge if charge is not None and _is_of(charge, offer) else None
    return reply(page.form(failed=failed))


def _paid(page: html.Page, request: Request) -> Reply:
    """Take the payment of a form.

    An accepted one leads the browser to its result, so that a reload pays nothing.
    """
    if closed := _closed(page):
        return closed
    sent = submitted(page.offer, page.tab, request.body)
    if sent.errors:
        return reply(page.form(sent))
    try:
        charge = page.processor.pay_on_page(page.offer, sent.payment(page.offer))
    except Refusal as error:
        return reply(page.form(sent, refusal=error.message))
    if charge not in page.offer.under_way and not charge.outcome.approved:
        return reply(page.form(sent, failed=charge))  # what the payer typed is still there
    to = f"{page.address}tab={page.tab}&attempt={charge.transaction_id}"
    return Reply(303, b"", "text/html; charset=utf-8", {"Location": to})


def _closed(page: html.Page) -> Reply | None:
    """Return the page of an order that cannot be paid now, or None."""
    offer, again = page.offer, Habit.PAID_AGAIN in page.processor.habits
    if offer.status == "expired":
        return reply(page.expired())
    if offer.status == "disabled":
        return reply(page.disabled())
    if offer.status != "pending" and not again:
        return reply(page.already_processed())
    return reply(page.processing()) if offer.under_way and not again else None


def _is_of(charge: Charge, offer: Offer) -> bool:
    return charge.link_id == offer.id if isinstance(offer, Link) else charge.token == offer.token
