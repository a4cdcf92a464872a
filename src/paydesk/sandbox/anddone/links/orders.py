"""Unique payment links: create, change and expire, by AndDone's published fields.

Sources: the 2.3 client libraries and the developer documentation on payment links. Keys that are published
for intents alone are formed after those.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from paydesk.sandbox.anddone.books import Link, Notice, Refusal
from paydesk.sandbox.anddone.habits import Habit
from paydesk.sandbox.anddone.offers import up_to_date
from paydesk.sandbox.anddone.processor import LINK_KEYS, Processor
from paydesk.sandbox.anddone.reading import (
    Wire,
    later,
    money_of,
    object_in,
    objects_in,
    refuse_wrong_fee,
    tenders_of,
)
from paydesk.sandbox.server.keys import ANDDONE_APP_KEY

LONGEST_DESCRIPTION: Final = 500
"""Characters of a description. AndDone refuses a longer one, but does not publish the length."""
UNITS: Final = ("Seconds", "Minutes", "Hours", "Days", "Weeks")
_TOKEN_LENGTH: Final = 16
_CONTACT: Final = {
    "firstName": "Key_CustomersFirstNameRequired",
    "lastName": "Key_CustomersLastNameRequired",
    "email": "Key_CustomersEmailRequired",
    "phone": "Key_CustomersPhoneRequired",
}


def create(processor: Processor, wire: Wire) -> Link:
    """Create a link, which can be paid once. Its title must never have been used for a link."""
    _refuse_wrong_order(processor, wire)
    title, now = str(wire["title"]).strip(), processor.clock.now()
    if title in processor.books.link_titles:
        raise Refusal("Key_TitleAlreadyExists", "The title must be unique.")
    link = Link(
        id=processor.short_id(),
        token=processor.short_id(_TOKEN_LENGTH),
        title=title,
        amount=money_of(wire.get("amount")),
        tenders=_tenders_in(wire),
        made_at=now,
        expires_at=end_of_life(wire, now),
        wire=dict(wire),
    )
    processor.books.add_link(link)
    _notify(processor, link)
    return link


def link_of(processor: Processor, link_id: str) -> Link:
    """Return the link of this id as it is now. Raises Refusal 404."""
    return _now(processor, processor.books.links.get(link_id))


def link_at(processor: Processor, token: str) -> Link:
    """Return the link with this token in its address. Raises Refusal 404."""
    return _now(processor, processor.books.by_address.get(token))


def change(processor: Processor, link_id: str, wire: Wire) -> Link:
    """Change an unpaid link: only the fields that are sent."""
    link = link_of(processor, link_id)
    revived = link.status == "expired" and Habit.LINK_CHANGE_REVIVES in processor.habits
    if (link.status != "pending" and not revived) or link.under_way:
        raise Refusal("Key_CanNotEditPaymentLinkInCurrentStatus", "The payment link cannot be changed now.")
    changed = {**link.wire, **wire}
    _refuse_wrong_order(processor, changed)
    title = str(changed["title"]).strip()
    if title != link.title and title in processor.books.link_titles:
        raise Refusal("Key_TitleAlreadyExists", "The title must be unique.")
    processor.books.link_titles.add(title)
    link.title, link.amount, link.tenders = title, money_of(changed["amount"]), _tenders_in(changed)
    link.wire, link.changed_at = changed, processor.clock.now()
    link.status = "pending"
    if revived or {"expireIn", "expireInUnit"} & set(wire):
        link.expires_at = end_of_life(changed, link.changed_at)
    return link


def expire(processor: Processor, link_id: str) -> Link:
    """Expire an unpaid link for good."""
    link = link_of(processor, link_id)
    if link.status != "disabled":
        processor.refuse_unless_expirable(link, LINK_KEYS, tried=link.id in processor.books.by_link)
    link.status = "expired"
    return link


def disable(processor: Processor, link_id: str) -> Link:
    """Switch an unpaid link off, as a person does in the portal. It can still be expired."""
    link = link_of(processor, link_id)
    processor.refuse_unless_open(link, LINK_KEYS)
    link.status = "disabled"
    return link


def status_of(processor: Processor, link: Link) -> str:
    """Return the link's status in AndDone's words."""
    if link.status != "pending":
        return {"paid": "Paid", "expired": "Expired", "disabled": "Disabled"}[link.status]
    if link.under_way:
        return "PaymentInitiated"
    if Habit.FAILED_TRY_INITIATED in processor.habits and processor.books.by_link.get(link.id):
        return "PaymentInitiated"
    return "Enabled" if Habit.LINK_ENABLED in processor.habits else "Created"


def end_of_life(wire: Wire, now: datetime) -> datetime:
    """Return when a link expires. Its unit is a name or its number in the published order."""
    count, unit = wire.get("expireIn"), wire.get("expireInUnit")
    if isinstance(unit, int) and not isinstance(unit, bool) and 0 <= unit < len(UNITS):
        unit = UNITS[unit]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1 or unit not in UNITS:
        raise Refusal("Key_InvalidRequest", "expireIn and expireInUnit are needed.")
    return later(now, str(unit).lower(), count)


def _now(processor: Processor, link: Link | None) -> Link:
    if link is None:
        raise Refusal("Key_PaymentLinkNotFound", "There is no such payment link.", 404)
    processor.charges_of_link(link)  # a return may have opened it again
    return up_to_date(processor.books, link, processor.clock.now())


def _refuse_wrong_order(processor: Processor, wire: Wire) -> None:
    if not processor.merchant.links:
        raise Refusal("Key_InvalidRequest", "The merchant does not have payment links.")
    if wire.get("merchantId") != ANDDONE_APP_KEY:
        raise Refusal("Key_InvalidMerchant", "merchantId is another than the app key.")
    if not str(wire.get("title") or "").strip():
        raise Refusal("Key_TitleCanNotbeNullOrEmpty", "The title is missing.")
    _refuse_wrong_amount(processor, wire)
    _refuse_wrong_text(wire)
    end_of_life(wire, processor.clock.now())
    _refuse_missing_contact(wire)
    refuse_wrong_fee(wire)
    object_in(wire.get("callbackParameters"))


def _refuse_wrong_amount(processor: Processor, wire: Wire) -> None:
    asked = wire.get("amount")
    if isinstance(asked, int | float) and asked <= 0:
        raise Refusal("Key_AmountMustBeGreaterThanZero", "The amount must be greater than zero.")
    amount = money_of(asked)
    if not any(processor.merchant.accepts(tender, amount) for tender in _tenders_in(wire)):
        raise Refusal("Key_InvalidAmount", "The amount is outside of the allowed range.")


def _refuse_wrong_text(wire: Wire) -> None:
    description = str(wire.get("paymentDescription") or "")
    if not description.strip():
        raise Refusal("Key_DescriptionIsEmpty", "The description is missing.")
    if len(description) > LONGEST_DESCRIPTION:
        raise Refusal("Key_DescriptionIsTooLarge", "The description is too long.")
    references = objects_in(wire.get("referenceDataList"))
    if not references or not all(
        one.get("referenceType") and one.get("referenceNumber") for one in references
    ):
        raise Refusal("Key_InvalidRequest", "A reference with its type and number is needed.")


def _refuse_missing_contact(wire: Wire) -> None:
    """Refuse a link whose payer's contact nobody supplies."""
    settings, customers = object_in(wire.get("settings")), objects_in(wire.get("customers"))
    preference = settings.get("additionalDetailsPreference")
    if preference == "AskShopper" and not settings.get("selectedCustomerFields"):
        raise Refusal("Key_InvalidRequest", "AskShopper needs selectedCustomerFields.")
    if preference not in ("ManualEnter", "ManualEnterEditNotAllowed"):
        return
    if not customers:
        raise Refusal("Key_CustomerRequired", "The customer is missing.")
    for customer in customers:
        for name, key in _CONTACT.items():
            if not customer.get(name):
                raise Refusal(key, f"The customer's {name} is missing.")


def _tenders_in(wire: Wire) -> tuple[str, ...]:
    return tenders_of(object_in(wire.get("settings")).get("intent"))


def _notify(processor: Processor, link: Link) -> None:
    """Note the messages to the customers. One that is not switched off is sent."""
    if not processor.merchant.extras:
        return
    for customer in link.wire.get("customers") or ():
        for flag, how in (("notifyViaEmail", "email"), ("notifyViaSMS", "phone")):
            if customer.get(how) and customer.get(flag) is not False:
                processor.books.notices.append(Notice(link.id, how, str(customer[how]), link.made_at))
