"""The controls of AndDone: read the books, and let payers, banks and the portal act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from paydesk.domain.money import Money
from paydesk.sandbox.anddone import outside, reversals
from paydesk.sandbox.anddone.books import Charge, Intent, Link, Refund
from paydesk.sandbox.anddone.habits import habit_named
from paydesk.sandbox.anddone.links import orders
from paydesk.sandbox.anddone.processor import Processor
from paydesk.sandbox.anddone.reshape import STATUSES

Fields = Mapping[str, Any]
Control = Callable[[Processor, Fields], object]
"""Reads or changes the books. Callers hold their lock. Raises Refusal, ValueError or KeyError."""


def _set_habits(processor: Processor, fields: Fields) -> object:
    """Switch the named habits on, and all others off."""
    processor.habits.set(habit_named(str(name)) for name in fields["on"])
    return list(processor.habits)


def _intents(processor: Processor, _: Fields) -> object:
    return [intent_entry(processor.intent(token)) for token in processor.books.intents]


def _links(processor: Processor, _: Fields) -> object:
    found = [orders.link_of(processor, link_id) for link_id in processor.books.links]
    return [link_entry(link, orders.status_of(processor, link)) for link in found]


def _notices(processor: Processor, _: Fields) -> object:
    return [asdict(one) | {"sent_at": one.sent_at.isoformat()} for one in processor.books.notices]


def _refunds(processor: Processor, _: Fields) -> object:
    return [refund_entry(refund) for charge in processor.charges() for refund in charge.refunds]


def _pay_outside(processor: Processor, fields: Fields) -> object:
    """Make a payment of somebody else. ``title`` and ``link_id`` are those of an order nobody here made."""
    number, amount = str(fields["invoice_number"]), Money(int(fields["amount_cents"]))
    kind, title = str(fields.get("payment_type", "PaymentLink")), str(fields.get("title", ""))
    charge = processor.pay_outside(number, amount, kind, title)
    charge.link_id = str(fields["link_id"]) if "link_id" in fields else None
    return charge_entry(charge)


def _pay_page(processor: Processor, fields: Fields) -> object:
    return charge_entry(outside.pay_page(processor, str(fields["page"]), fields))


def _disable(processor: Processor, fields: Fields) -> object:
    link = orders.disable(processor, str(fields["link_id"]))
    return link_entry(link, orders.status_of(processor, link))


def _set_processing(processor: Processor, fields: Fields) -> object:
    """Set how long a payment on a page takes from now on."""
    seconds = float(Decimal(fields["seconds"]))
    processor.processing = timedelta(seconds=seconds)
    return {"seconds": seconds}


def _charge_back(processor: Processor, fields: Fields) -> object:
    amount = Money(int(fields["amount_cents"])) if "amount_cents" in fields else None
    code = str(fields.get("code", "10.4"))
    return charge_entry(outside.charge_back(processor, str(fields["transaction_id"]), amount, code))


def _return(processor: Processor, fields: Fields) -> object:
    code = str(fields.get("code", "R01"))
    return charge_entry(outside.return_entry(processor, str(fields["transaction_id"]), code))


def _refund(processor: Processor, fields: Fields) -> object:
    amount = Money(int(fields["amount_cents"]))
    return refund_entry(outside.refund_in_portal(processor, str(fields["transaction_id"]), amount))


def _set_status(processor: Processor, fields: Fields) -> object:
    """Give a charge one of AndDone's statuses. Time moves only those of an ordinary life."""
    status = str(fields["status"])
    if status not in STATUSES:
        raise ValueError(f"status is one of {', '.join(STATUSES)}")
    charge = outside.charge_of(processor, str(fields["transaction_id"]))
    charge.move(status)
    return charge_entry(charge)


def _fail_refund(processor: Processor, fields: Fields) -> object:
    return refund_entry(reversals.fail_refund(processor, str(fields["refund_id"])))


def _of_charge(change: Callable[[Processor, str], Charge]) -> Control:
    """Return the control that does one thing to a charge."""
    return lambda processor, fields: charge_entry(change(processor, str(fields["transaction_id"])))


CONTROLS: Mapping[tuple[str, str], Control] = {
    ("GET", "habits"): lambda processor, _: list(processor.habits),
    ("POST", "habits"): _set_habits,
    ("GET", "charges"): lambda processor, _: [charge_entry(charge) for charge in processor.charges()],
    ("GET", "intents"): _intents,
    ("GET", "links"): _links,
    ("GET", "notices"): _notices,
    ("GET", "refunds"): _refunds,
    ("POST", "payments"): _pay_outside,
    ("POST", "page-payments"): _pay_page,
    ("POST", "link-disablements"): _disable,
    ("POST", "processing"): _set_processing,
    ("POST", "chargebacks"): _charge_back,
    ("POST", "chargeback-reversals"): _of_charge(outside.reverse_chargeback),
    ("POST", "returns"): _return,
    ("POST", "re-presentments"): _of_charge(outside.represent),
    ("POST", "voids"): _of_charge(reversals.void),
    ("POST", "statuses"): _set_status,
    ("POST", "refunds"): _refund,
    ("POST", "refund-failures"): _fail_refund,
}
"""Controls by method and name."""


def charge_entry(charge: Charge) -> dict[str, Any]:
    """Return a charge of the processor's books, amounts in cents."""
    return {
        "transaction_id": charge.transaction_id,
        "title": charge.reference,
        "token": charge.token,
        "link_id": charge.link_id,
        "payment_type": charge.payment_type,
        "tender": charge.tender,
        "amount_cents": charge.amount.cents,
        "fee_cents": charge.fee.cents,
        "total_cents": charge.total.cents,
        "taken_cents": charge.taken.cents,
        "approved": charge.outcome.approved,
        "status": charge.status,
        "refunded_cents": charge.refunded.cents,
        "charged_back_cents": charge.charged_back.cents,
        "back_code": charge.back_code,
        "invoice_numbers": list(charge.invoice_numbers),
        "made_at": charge.made_at.isoformat(),
    }


def intent_entry(intent: Intent) -> dict[str, Any]:
    """Return an intent of the processor's books, its amount in cents."""
    return {
        "token": intent.token,
        "title": intent.title,
        "amount_cents": intent.amount.cents,
        "status": intent.status,
    }


def refund_entry(refund: Refund) -> dict[str, Any]:
    """Return a refund of the processor's books, its amount in cents."""
    return {
        "refund_id": refund.transaction_id,
        "transaction_id": refund.charge_id,
        "amount_cents": refund.amount.cents,
        "kind": refund.kind,
        "status": refund.status,
        "in_portal": refund.in_portal,
        "reason": refund.reason,
        "detail": refund.detail,
        "made_at": refund.made_at.isoformat(),
    }


def link_entry(link: Link, status: str) -> dict[str, Any]:
    """Return a payment link of the processor's books, its amount in cents."""
    return {
        "id": link.id,
        "token": link.token,
        "title": link.title,
        "amount_cents": link.amount.cents,
        "status": status,
        "expires_at": link.expires_at.isoformat(),
    }
