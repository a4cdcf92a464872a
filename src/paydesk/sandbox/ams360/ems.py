"""AMS360's EMS service over HTTP: two-step login, look-ups, receipts, activities."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any, Final

from paydesk.domain.money import Money
from paydesk.sandbox.ams360 import wire
from paydesk.sandbox.ams360.agency import Agency, Customer, Invoice
from paydesk.sandbox.ams360.receipts import Activity, Bank, EmsRefusal, Posted, apply_receipt, deposit
from paydesk.sandbox.ams360.tokens import Tokens
from paydesk.sandbox.server import keys
from paydesk.sandbox.server.faults import Fault, FaultKind, Faults
from paydesk.sandbox.server.http import Reply, Request

BASE: Final = "/ems"
LARGEST_PAGE: Final = 100
BANKS: Final = (
    Bank("TR1", "Example Trust Account", keys.AMS360_BANK, "MAIN"),
    Bank("OP1", "Example Operating Account", "OPER1", "MAIN"),
    Bank("TR2", "Example West Trust Account", "TRUST2", "WEST"),
)
HIDDEN_BANK: Final = Bank("OLD", "Example Closed Account", "OLD1", "MAIN")
_OPERATIONS = {
    ("POST", "/auth"): "authenticateApplication",
    ("POST", "/auth/app/login"): "loginApplication",
    ("POST", "/customers/search"): "searchCustomers",
    ("POST", "/invoices/search"): "searchInvoices",
    ("POST", "/invoice/customer/search"): "searchInvoiceSubCustomers",
    ("POST", "/receipt/customer"): "postCustomerReceipt",
    ("POST", "/import-deposit/create"): "createImportDeposit",
    ("GET", "/bank-accounts"): "listBankAccounts",
    ("POST", "/activity/customer"): "postCustomerActivity",
}
_CUSTOMER_FILTERS = frozenset(
    {"includecustomers", "includeprospects", "includesuspects", "anystatus", "changedsince"}
)
"""Filters of a search of customers that choose by no number, id or name."""
_OPEN = frozenset({"authenticateApplication", "loginApplication"})
_NO_CUSTOMER = "No customer found, or no access to the customer."


class Ams360:
    """One agency's AMS360."""

    name = "ams360"
    checks_origin = False
    pages: frozenset[str] = frozenset()

    def __init__(self, agency: Agency, faults: Faults, tokens: Tokens, posted: Posted | None = None) -> None:
        self.agency = agency
        self.posted = posted or Posted()
        self.tokens = tokens
        self.lock = threading.Lock()
        self._faults = faults
        self._verbs: dict[str, Callable[[Request], Reply]] = {
            "authenticateApplication": self._authenticate,
            "loginApplication": self._login,
            "searchCustomers": self._search_customers,
            "searchInvoices": self._search_invoices,
            "searchInvoiceSubCustomers": self._sub_customers,
            "postCustomerReceipt": self._post_receipt,
            "createImportDeposit": self._create_deposit,
            "listBankAccounts": self._banks,
            "postCustomerActivity": self._post_activity,
        }

    def operation(self, method: str, path: str) -> str | None:
        return _OPERATIONS.get((method, path.removeprefix(BASE))) if path.startswith(f"{BASE}/") else None

    def answer(self, operation: str, request: Request) -> Reply:
        if operation not in _OPEN and not self.tokens.admits(request.headers.get("authorization", "")):
            return self.refuse(401, "Unauthorized: log in again.")
        try:
            with self.lock:
                return self._verbs[operation](request)
        except EmsRefusal as error:
            return self.refuse(error.status, error.message)

    def scripted(self, operation: str, request: Request) -> Fault | None:
        """Return None: AMS360 has no test amounts."""
        return None

    def refuse(self, status: int, message: str) -> Reply:
        return Reply.of(status, {"error": message})

    # Login

    def _authenticate(self, request: Request) -> Reply:
        if request.fields().get("appKey") != keys.AMS360_APP_KEY:
            raise EmsRefusal(401, "Unknown application key.")
        return Reply.of(200, {"loginKey": self.tokens.new_login_key()})

    def _login(self, request: Request) -> Reply:
        fields = request.fields()
        if not self.tokens.redeem(str(fields.get("loginKey"))):
            raise EmsRefusal(401, "Unknown login key.")
        right = (keys.AMS360_AGENCY_NO, keys.AMS360_ACCESS_KEY)
        if (fields.get("agencyNo"), fields.get("appAccessToAgencyKey")) != right:
            raise EmsRefusal(403, "The application has no access to this agency.")
        return Reply.of(200, {"accessJwt": self.tokens.issue()})

    # Look-ups

    def _search_customers(self, request: Request) -> Reply:
        fields = request.fields()
        model = _model(fields)
        found = [customer for customer in self.agency.customers.values() if _customer_fits(customer, model)]
        if len(found) == 1 and found[0].person.hidden:
            raise EmsRefusal(403, _NO_CUSTOMER)
        visible = [wire.customer(customer) for customer in found if not customer.person.hidden]
        return self._page(fields, visible)

    def _search_invoices(self, request: Request) -> Reply:
        fields = request.fields()
        found = self._invoices_asked_for(_model(fields))
        found.sort(key=lambda invoice: invoice.number)
        customers = self.agency.customers
        return self._page(
            fields, [wire.invoice(invoice, customers[invoice.customer_number]) for invoice in found]
        )

    def _invoices_asked_for(self, model: dict[str, Any]) -> list[Invoice]:
        if model.get("invoicenumber") is not None:
            invoice = self.agency.invoices.get(int(model["invoicenumber"]))
            found = [] if invoice is None else [invoice]
        elif model.get("invoiceid") is not None:
            found = [one for one in self.agency.invoices.values() if one.invoice_id == model["invoiceid"]]
        elif model.get("customerid") is not None:
            found = self.agency.invoices_of(self._visible(model["customerid"]).number)
        else:
            raise EmsRefusal(400, "A filter is needed.")
        return [one for one in found if not self.agency.customers[one.customer_number].person.hidden]

    def _sub_customers(self, request: Request) -> Reply:
        invoice_id = request.fields().get("invoiceId")
        for invoice in self.agency.invoices.values():
            if invoice.invoice_id == invoice_id:
                numbers = (invoice.customer_number, *invoice.shared_with)
                return Reply.of(200, [wire.customer(self.agency.customers[number]) for number in numbers])
        raise EmsRefusal(404, "No such invoice.")

    def _page(self, fields: dict[str, Any], rows: list[dict[str, Any]]) -> Reply:
        skip = wire.whole(fields.get("skip", 0), "skip")
        top = min(wire.whole(fields.get("top", LARGEST_PAGE), "top"), LARGEST_PAGE)
        endless = self._faults.standing(FaultKind.ENDLESS_PAGING)
        page = rows[:top] if endless else rows[skip : skip + top]
        more = endless or skip + top < len(rows)
        return Reply.of(
            200,
            {
                "response": page or None,
                "totalCount": len(rows),
                "nextPageLink": None,
                "nextPageRequestBody": wire.next_body(fields, skip + top, top) if more else None,
            },
        )

    def _visible(self, customer_id: object) -> Customer:
        for customer in self.agency.customers.values():
            if customer.customer_id == customer_id and not customer.person.hidden:
                return customer
        raise EmsRefusal(403, _NO_CUSTOMER)

    def _banks(self, request: Request) -> Reply:
        hidden = (HIDDEN_BANK,) if request.query.get("showHidden", "").lower() == "true" else ()
        return Reply.of(200, [wire.bank(bank) for bank in (*BANKS, *hidden)])

    # Posting

    def _post_receipt(self, request: Request) -> Reply:
        receipt = apply_receipt(self.agency, BANKS, request.fields())
        self.posted.receipts.append(receipt)
        return Reply.of(200, {"receiptId": receipt.receipt_id})

    def _create_deposit(self, request: Request) -> Reply:
        made = deposit(self.agency, BANKS, request.fields())
        self.posted.deposits.append(made)
        return Reply.of(200, made)

    def _post_activity(self, request: Request) -> Reply:
        fields = request.fields()
        customer = self._visible(fields.get("customerId"))
        if not fields.get("action") or not fields.get("comment"):
            raise EmsRefusal(400, "action and comment are needed.")
        activity = Activity(str(uuid.uuid4()), customer.number, str(fields["action"]), str(fields["comment"]))
        self.posted.activities.append(activity)
        return Reply.of(200, {"activityId": activity.activity_id})

    # For tests and the training desk

    def balance(self, invoice_number: int) -> Money:
        """Return the balance of an invoice."""
        with self.lock:
            return self.agency.invoices[invoice_number].balance


def _model(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the filter of a search, with names in lower case. Refuses null values, as EMS does."""
    model = fields.get("model")
    if not isinstance(model, dict) or any(value is None for value in model.values()):
        raise EmsRefusal(400, "")
    return {name.lower(): value for name, value in model.items()}


def _customer_fits(customer: Customer, model: dict[str, Any]) -> bool:
    if "customernumber" in model:
        return bool(customer.number == model["customernumber"])
    if "customerid" in model:
        return bool(customer.customer_id == model["customerid"])
    if "customername" in model:
        return str(model["customername"]).casefold() in customer.person.full_name.casefold()
    if model.keys() <= _CUSTOMER_FILTERS:
        return True
    raise EmsRefusal(400, "Unknown filter.")
