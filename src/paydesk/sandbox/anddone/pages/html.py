"""The pages of one order as HTML, one for each of its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from paydesk.sandbox.anddone.books import Charge, Link, Offer
from paydesk.sandbox.anddone.merchant import ACH, CREDIT, DEBIT
from paydesk.sandbox.anddone.pages.forms import BANK, CARD, Submitted, fields_of, known_values, tabs_of
from paydesk.sandbox.anddone.pages.markup import document, labeled, row, text_of
from paydesk.sandbox.anddone.processor import Processor

_TENDERS: Final = {CREDIT: "Credit card", DEBIT: "Debit card", ACH: "Bank account"}
_TABS: Final = {CARD: ("CARD", {CREDIT, DEBIT}), BANK: ("ACH", {ACH})}
_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one order, on the chosen tab."""

    processor: Processor
    offer: Offer
    address: str
    tab: str

    def form(self, sent: Submitted | None = None, refusal: str = "", failed: Charge | None = None) -> str:
        """Return the form. ``refusal`` or ``failed`` say why the try before did not work."""
        problem = refusal or (_reason(failed) if failed else "")
        if problem:
            problem += " You were not charged. Try again, or use another card or account."
        errors = sent.errors if sent else _NOTHING
        if errors:
            problem = "Check the marked fields. You were not charged."
        alert = f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""
        return self._shell(
            f"{self._order()}{self._tab_list()}{alert}{self._prices()}{self._fields(sent)}{self._extras()}"
        )

    def success(self, charge: Charge) -> str:
        """Return the page after an accepted payment."""
        code = f"<p>Authorization code {escape(charge.auth_code or '')}</p>"
        method = f"{_TENDERS[charge.tender].lower()} {charge.instrument.mask}"
        return self._shell(
            '<div class="done" role="status"><h1>Thank you for your payment!</h1>'
            f"<p>{charge.total.shown} paid by {escape(method)}.</p>"
            f"{code}</div>{self._order()}{self._way_back()}"
        )

    def _way_back(self) -> str:
        """Return the link to the merchant's own page, if the order names one."""
        back = self.offer.wire.get("callbackParameters") or {}
        address = str(back.get("callbackSuccessUrl") or "")
        if self.offer.wire.get("responseType") != "CallBack" or not address.startswith(
            ("https://", "http://")
        ):
            return ""
        words = text_of(back.get("callbackMessage") or "Continue")
        return f'<p><a id="continue" href="{escape(address)}">{words}</a></p>'

    def processing(self) -> str:
        """Return the page while a payment is under way. It asks again by itself."""
        return self._shell(
            '<div role="status"><h1>Your payment is being processed.</h1>'
            "<p>Please wait. Do not pay again.</p></div>",
            refresh=True,
        )

    def already_processed(self) -> str:
        """Return the page of an order that was paid before."""
        name = "Payment link" if isinstance(self.offer, Link) else "Payment intent"
        return self._shell(f"<h1>{name} is already processed.</h1><p>You do not need to pay again.</p>")

    def disabled(self) -> str:
        """Return the page of a link that was switched off in the portal."""
        return self._shell("<h1>This payment link is not available.</h1><p>You were not charged.</p>")

    def expired(self) -> str:
        """Return the page of an order whose life is over."""
        name = "payment link" if isinstance(self.offer, Link) else "payment intent"
        return self._shell(
            f"<h1>This {name} is expired.</h1><p>You were not charged. To pay, ask for a new one.</p>"
        )

    def _shell(self, body: str, refresh: bool = False) -> str:
        merchant = f'<p class="merchant">{text_of(self.processor.merchant.name)}</p>'
        return document(self._title(), merchant + body, refresh)

    def _title(self) -> str:
        return "Payment Link" if isinstance(self.offer, Link) else "AndDone JS"

    def _order(self) -> str:
        """Return what is paid for."""
        offer = self.offer
        purpose = offer.wire.get("paymentDescription") or offer.wire.get("shortDescription") or offer.title
        number = offer.invoice_no
        number = f"<p>Invoice {text_of(number)}</p>" if number and number not in str(purpose) else ""
        return f'<section class="order" aria-label="Payment"><p>{text_of(purpose)}</p>{number}</section>'

    def _tab_list(self) -> str:
        tabs = "".join(self._tab_link(tab) for tab in tabs_of(self.offer))
        return f'<nav class="tabs" aria-label="Payment method">{tabs}</nav>'

    def _tab_link(self, tab: str) -> str:
        current = ' aria-current="page"' if tab == self.tab else ""
        address = escape(f"{self.address}tab={tab}")
        return f'<a class="paySelect" id="tab-{tab}" href="{address}"{current}>{_TABS[tab][0]}</a>'

    def _tenders(self) -> list[str]:
        return [tender for tender in self.offer.tenders if tender in _TABS[self.tab][1]]

    def _prices(self) -> str:
        """Return amount, fee and total of each payment method of the tab."""
        amount, tenders = self.offer.amount, self._tenders()
        fees = [self.processor.fee(tender, self.offer) for tender in tenders]
        rows = (
            ("Amount", [amount] * len(fees)),
            ("Technology fee", fees),
            ("Total", [amount + fee for fee in fees]),
        )
        head = "".join(f'<th scope="col">{_TENDERS[tender]}</th>' for tender in tenders)
        body = "".join(row(label, cells) for label, cells in rows)
        return f'<table class="prices"><tr><td></td>{head}</tr>{body}</table>'

    def _fields(self, sent: Submitted | None) -> str:
        values, errors = (sent.values, sent.errors) if sent else (_NOTHING, _NOTHING)
        fields = fields_of(self.offer, self.tab)
        if sent is None:
            values = known_values(self.offer, self.tab)
        empty = (field.name for field in fields if field.secret or not values.get(field.name))
        first = next(iter(errors), next(empty))
        inputs = "".join(
            labeled(
                field,
                values.get(field.name, ""),
                errors.get(field.name, ""),
                again=bool(sent) and field.secret,
                focused=field.name == first,
            )
            for field in fields
        )
        totals = {self.offer.amount + self.processor.fee(tender, self.offer) for tender in self._tenders()}
        shown = f" {totals.pop().shown}" if len(totals) == 1 else ""
        action = escape(f"{self.address}tab={self.tab}")
        return (
            f'<form method="post" action="{action}" autocomplete="off">{inputs}'
            f'<button id="payButtonAmount" type="submit">Submit Payment{shown}</button></form>'
        )

    def _extras(self) -> str:
        """Return the side offers that neither the merchant nor the order has switched off."""
        if not self.processor.merchant.extras:
            return ""
        offers = (
            ("enablePremiumFinance", "Pay this premium in monthly installments"),
            ("saveForFuture", "Save this card or account for next time"),
        )
        kept = "".join(
            f'<li class="extra">{words}</li>'
            for flag, words in offers
            if self.offer.wire.get(flag) is not False
        )
        return f'<ul class="extras" aria-label="More offers">{kept}</ul>' if kept else ""


def _reason(charge: Charge) -> str:
    return f"The payment failed: {charge.outcome.words}."
