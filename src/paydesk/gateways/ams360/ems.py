"""AMS360 over its EMS REST service: customers and invoices.

The contract is tests/contracts/ams360-ems.openapi.yaml. Unconfirmed names are in ``names``.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from paydesk.domain.errors import CannotBePaid
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import ZERO
from paydesk.domain.typed.plain_texts import is_key
from paydesk.gateways.ams360.answers import is_canceled, is_owed_to_agency, to_customer, to_invoice
from paydesk.gateways.ams360.names import with_overrides
from paydesk.gateways.ams360.session import MESSAGES, MOST_NAMES, EmsConfig, EmsSession
from paydesk.gateways.http.fields import Fields, WrongAnswer
from paydesk.services.ports.agency import NamesFound

__all__ = ["Ams360Ems", "EmsConfig"]

_INVOICES, _CUSTOMERS = "/invoices/search", "/customers/search"
_LARGEST_NUMBER = 2**31 - 1


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Ams360Ems:
    """The invoice source over EMS. Every method raises KnownError if AMS360 cannot answer."""

    def __init__(self, config: EmsConfig, now: Callable[[], datetime] = _utc_now) -> None:
        self.session = EmsSession(config, now)
        self.names = with_overrides(config.names)
        self._lines_show_receipts = config.lines_show_receipts
        self._now = now

    def invoice(self, number: str) -> Invoice | None:
        """See InvoiceSource.invoice."""
        digits = _leading_number(number)
        if digits is None:
            return None
        read_at = self._now()
        rows = self.session.search(_INVOICES, {self.names["filter.invoice_number"]: digits})
        with MESSAGES.understanding():
            found = self._chosen([(self._number(row), row) for row in rows], number, digits)
            if found is None:
                return None
            named, row = found
            self._refuse_unpayable(named, row)
            return self._invoice(row, named, self._owner(row), read_at)

    def customer(self, number: str) -> Customer | None:
        """See CustomerSource.customer. Returns None also for a customer that PayDesk may not see."""
        digits = _leading_number(number)
        return None if digits is None else self._customer_by("filter.customer_number", digits)

    def open_invoices(self, customer: Customer) -> Sequence[Invoice]:
        """See InvoiceSource.open_invoices."""
        known = customer if customer.source_id else self.customer(customer.number)
        if known is None:
            return ()
        read_at = self._now()
        rows = self.session.search(_INVOICES, {self.names["filter.customer_id"]: known.source_id})
        with MESSAGES.understanding():
            owed = [
                self._invoice(row, self._number(row), known, read_at)
                for row in rows
                if not is_canceled(row, self.names) and is_owed_to_agency(row, self.names)
            ]
        return tuple(invoice for invoice in owed if invoice.balance != ZERO)

    def customers_changed(self, since: datetime) -> Sequence[Customer]:
        """See Changes.customers_changed. Leaves out rows that cannot be read."""
        model = {
            self.names["filter.changed_since"]: since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "includeCustomers": True,
        }
        rows = self.session.search(_CUSTOMERS, model)
        return list(self._readable(rows))

    def customers_named(self, name: str) -> NamesFound:
        """See NameSearch.customers_named. Rows that cannot be read count as more."""
        model = {self.names["filter.customer_name"]: name, "includeCustomers": True}
        rows, total = self.session.first_page(_CUSTOMERS, model, MOST_NAMES)
        found = list(self._readable(rows))
        return NamesFound(tuple(found), more=total > len(found) or len(rows) > len(found))

    def _readable(self, rows: Iterable[Fields]) -> Iterator[Customer]:
        for row in rows:
            with contextlib.suppress(WrongAnswer):
                yield to_customer(row, self.names)

    # Choosing and completing rows

    def _number(self, row: Fields) -> str:
        """Return the invoice number as text, with the suffix if AMS360 gives one."""
        name = self.names["invoice.number"]
        found = re.fullmatch(r"0*(\d{1,10}(?:-\d{1,2})?)", row.text(name))
        if found is None:
            raise row.wrong(name)
        return found[1]

    def _chosen(
        self, rows: Sequence[tuple[str, Fields]], typed: str, digits: int
    ) -> tuple[str, Fields] | None:
        """Return the row with this very number, or the one with its leading digits.

        Raises KnownError if several fit.
        """
        same = [row for row in rows if _leading_number(row[0]) == digits]
        meant = [row for row in same if row[0] == typed] or same
        valid = [row for row in meant if not is_canceled(row[1], self.names)] or meant
        if len(valid) > 1:
            numbers = ", ".join(dict.fromkeys(number for number, _ in valid))
            raise CannotBePaid(
                f"AMS360 has several invoices for number {digits}: {numbers}.",
                "Enter the number with its ending, or look up the customer (F3).",
            )
        return valid[0] if valid else None

    def _refuse_unpayable(self, number: str, row: Fields) -> None:
        if is_canceled(row, self.names):
            raise CannotBePaid(
                f"Invoice {number} was canceled or replaced in AMS360.",
                "Look up the customer to see what is owed now.",
            )
        if not is_owed_to_agency(row, self.names):
            raise CannotBePaid(
                f"Invoice {number} is direct bill.",
                "The customer pays the carrier.",
            )

    def _owner(self, row: Fields) -> Customer:
        """Return the invoice's customer. Looks it up if the row does not name it."""
        names = self.names
        number, name = row.text(names["invoice.customer_number"]), row.text(names["invoice.customer_name"])
        source_id = row.text(names["invoice.customer_id"])
        if number and name:
            if not is_key(number):
                raise row.wrong(names["invoice.customer_number"])
            return Customer(number, name, source_id)
        if number:
            owner = self._customer_by("filter.customer_number", row.whole(names["invoice.customer_number"]))
        elif source_id:
            owner = self._customer_by("filter.customer_id", source_id)
        else:
            raise row.wrong(names["invoice.customer_number"])
        if owner is None:
            raise CannotBePaid(
                "AMS360 doesn't show whose invoice this is.", "Look up the customer instead (F3)."
            )
        return owner

    def _invoice(self, row: Fields, number: str, customer: Customer, read_at: datetime) -> Invoice:
        shown = self._lines_show_receipts
        return to_invoice(row, number, customer, self.names, read_at, lines_show_receipts=shown)

    def _customer_by(self, filter_name: str, value: object) -> Customer | None:
        """Return the one customer whose number or id is ``value``."""
        rows = self.session.search(_CUSTOMERS, {self.names[filter_name]: value})
        with MESSAGES.understanding():
            found = [to_customer(row, self.names) for row in rows]
        return next((one for one in found if str(value) in (one.number, one.source_id)), None)


def _leading_number(text: str) -> int | None:
    """Return the number before a multi-entity suffix, or None if AMS360 cannot have such a number."""
    found = re.fullmatch(r"(\d{1,10})(?:-\d{1,2})?", text)
    return int(found[1]) if found and 0 < int(found[1]) <= _LARGEST_NUMBER else None
