"""AndDone's Secure API over HTTP: keys, addresses and refusals around the processor."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from paydesk.sandbox.anddone import outcomes, reversals, wire
from paydesk.sandbox.anddone.books import Charge, Link, Refusal
from paydesk.sandbox.anddone.export import exported
from paydesk.sandbox.anddone.habits import Habit
from paydesk.sandbox.anddone.links import orders
from paydesk.sandbox.anddone.links.replies import link_reply
from paydesk.sandbox.anddone.pages.visits import PAGES, amount_paid, page_operation, visit
from paydesk.sandbox.anddone.processor import Processor
from paydesk.sandbox.anddone.reading import money_of
from paydesk.sandbox.anddone.reshape import EXPIRED, LINK_EXPIRED, reshaped
from paydesk.sandbox.anddone.search import LARGEST_PAGE, asks_for_days_only, entries_of, page_of, search
from paydesk.sandbox.anddone.strange_rows import strange_rows
from paydesk.sandbox.server import keys
from paydesk.sandbox.server.faults import Fault, FaultKind, Faults
from paydesk.sandbox.server.http import MalformedRequest, Reply, Request

_OPERATIONS = {
    ("POST", "/secure/payments"): "createPayment",
    ("POST", "/secure/payments/search"): "searchPayments",
    ("POST", "/secure/payments/export"): "exportPayments",
    ("POST", "/secure/paymentsdetails"): "getPaymentDetails",
    ("POST", "/secure/paymentintents"): "createPaymentIntent",
    ("POST", "/secure/paymentintents/expirations"): "expirePaymentIntent",
    ("POST", "/secure/refunds"): "createRefund",
    ("POST", "/secure/refunds/eligibility"): "checkRefundEligibility",
    ("POST", "/secure/cancellations"): "voidPayment",
    ("POST", "/secure/paymentlinks"): "createPaymentLink",
    ("POST", "/secure/paymentlinks/details"): "getPaymentLink",
    ("POST", "/secure/paymentlinks/expirations"): "expirePaymentLink",
    ("POST", "/utilityapi/secure/verifybankaccounts"): "verifyBankAccount",
}
_ONE_LINK = "/secure/paymentlinks/"
_GATE_STATUSES = {
    "createPayment": (401, 403),
    "expirePaymentIntent": (400, 400),
    "expirePaymentLink": (400, 400),
}
_OF_EXPORT = frozenset({"exporttocsv", "exporttopdf"})
"""Criteria that choose the form of an export, and no rows."""
_PAYMENT_TYPES = frozenset({"OpenPayment", "PaymentIntent"})
_DETAIL_TYPES = frozenset({"AnytimePayment", "PaymentIntent", "PaymentLink", "OpenPayment"})


class AndDone:
    """One merchant at AndDone."""

    name = "anddone"
    checks_origin = True
    pages = PAGES

    def __init__(self, processor: Processor, faults: Faults) -> None:
        self.processor = processor
        self.lock = threading.Lock()
        self._faults = faults
        self._verbs = {
            "createPayment": self._pay,
            "searchPayments": self._search,
            "exportPayments": self._export,
            "getPaymentDetails": self._details,
            "createPaymentIntent": self._create_intent,
            "expirePaymentIntent": self._expire_intent,
            "createRefund": self._refund,
            "checkRefundEligibility": self._refund_eligibility,
            "voidPayment": self._void,
            "verifyBankAccount": self._verify_bank_account,
            "createPaymentLink": self._create_link,
            "updatePaymentLink": self._change_link,
            "getPaymentLink": self._link_details,
            "expirePaymentLink": self._expire_link,
        }

    def operation(self, method: str, path: str) -> str | None:
        if method == "PUT" and path.startswith(_ONE_LINK):
            return "updatePaymentLink"
        return _OPERATIONS.get((method, path)) or page_operation(method, path)

    def answer(self, operation: str, request: Request) -> Reply:
        if operation in PAGES:
            with self.lock:
                return visit(self.processor, operation, request)
        refusal = _gate(operation, request)
        return refusal or reshaped(self.processor.habits, operation, self._carried_out(operation, request))

    def _carried_out(self, operation: str, request: Request) -> Reply:
        try:
            with self.lock:
                return self._verbs[operation](request)
        except Refusal as error:
            return _refusal(error)

    def scripted(self, operation: str, request: Request) -> Fault | None:
        """Return the fault that a payment of a documented amount asks for."""
        if operation in PAGES:
            with self.lock:
                amount = amount_paid(self.processor, operation, request)
            return outcomes.scripted_fault(amount) if amount else None
        if operation != "createPayment":
            return None
        try:
            return outcomes.scripted_fault(money_of(request.fields()["tenderInfo"]["amount"]))
        except (MalformedRequest, Refusal, KeyError, TypeError):
            return None

    def refuse(self, status: int, message: str) -> Reply:
        return _refusal(Refusal("Key_InvalidRequest", message, status))

    # The operations

    def _create_intent(self, request: Request) -> Reply:
        return Reply.of(200, wire.intent_reply(self.processor.create_intent(request.fields())))

    def _expire_intent(self, request: Request) -> Reply:
        self.processor.expire_intent(request.query.get("id", ""))
        return Reply.of(200, {"message": EXPIRED})

    def _pay(self, request: Request) -> Reply:
        fields = request.fields()
        if str(fields.get("type")) not in _PAYMENT_TYPES or not fields.get("transactionCode"):
            raise Refusal("Key_InvalidRequest", "type and transactionCode are needed.")
        by_intent = fields["type"] == "PaymentIntent"
        charge = self.processor.pay_intent(fields) if by_intent else self.processor.pay_open(fields)
        return Reply.of(201, wire.payment_reply(charge))

    def _details(self, request: Request) -> Reply:
        fields = request.fields()
        if str(fields.get("type")) not in _DETAIL_TYPES:
            raise Refusal("Key_InvalidRequest", "The type is missing or unknown.")
        under_way = self._under_way(str(fields.get("paymentToken") or ""))
        if under_way is not None:
            return Reply.of(200, wire.under_way_reply(under_way))
        charge = self._charge_asked_for(fields)
        lag = timedelta(seconds=self._faults.lag_s(FaultKind.DETAILS_LAG))
        if charge is None or charge.made_at > self.processor.clock.now() - lag:
            raise Refusal("Key_TransactionNotFound", "There is no transaction.", 404)
        return Reply.of(200, wire.details_reply(charge, bool(fields.get("includeRefundTransactions"))))

    def _under_way(self, token: str) -> Charge | None:
        """Return the payment that is under way for this intent, if AndDone tells it."""
        intent = self.processor.books.intents.get(token)
        if intent is None or Habit.UNDER_WAY_TOLD not in self.processor.habits:
            return None
        return next(iter(self.processor.intent(token).under_way), None)

    def _charge_asked_for(self, fields: dict[str, Any]) -> Charge | None:
        if fields.get("paymentToken"):
            return self.processor.charge_of_intent(str(fields["paymentToken"]))
        if fields.get("id"):
            return self.processor.charge(str(fields["id"]))
        raise Refusal("Key_TransactionIdCannotBeEmptyOrNULL", "Send id or paymentToken.")

    def _search(self, request: Request) -> Reply:
        habits, asked = self.processor.habits, dict(request.query)
        if Habit.LIST_NEWEST_FIRST in habits:
            asked.pop("asc", None)
        rows, largest = self._rows(asked), 10 if Habit.LIST_PAGES_OF_10 in habits else LARGEST_PAGE
        count_only = request.query.get("transactionsCount", "").lower() == "true"
        return Reply.of(
            200, {"totalRowCount": len(rows), "data": [] if count_only else page_of(rows, asked, largest)}
        )

    def _rows(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        with_refunds = Habit.REFUNDS_NOT_LISTED not in self.processor.habits
        entries = search(entries_of(self.processor.charges(), with_refunds), asked, self._seen_until())
        rows = [
            wire.refund_row(entry.charge, entry.refund) if entry.refund else wire.row(entry.charge)
            for entry in entries
        ]
        if Habit.STRANGE_ROWS not in self.processor.habits or not asks_for_days_only(asked):
            return rows
        strange = strange_rows(self.processor.clock.now())
        return strange + rows if asked.get("asc") == "true" else rows + strange[::-1]

    def _export(self, request: Request) -> Reply:
        asked = {name: value for name, value in request.query.items() if name.lower() not in _OF_EXPORT}
        seen_until = self._seen_until()
        entries = search(entries_of(self.processor.charges(), with_refunds=False), asked, seen_until)
        lines = exported(entry.charge for entry in entries)
        return Reply(200, lines.encode(errors="replace"), "text/csv")

    def _seen_until(self) -> datetime:
        """Return the time from which on a list does not see anything yet."""
        return self.processor.clock.now() - timedelta(seconds=self._faults.lag_s(FaultKind.SEARCH_LAG))

    def _void(self, request: Request) -> Reply:
        fields = request.fields()
        charge = reversals.void(self.processor, str(fields.get("transactionId") or ""))
        return Reply.of(
            200,
            {
                "transactionId": charge.transaction_id,
                "transactionStatus": charge.status,
                "isCancelled": True,
                "message": "Transaction voided successfully",
            },
        )

    def _refund(self, request: Request) -> Reply:
        charge, refund = reversals.refund(self.processor, request.fields())
        return Reply.of(201, wire.refund_reply(charge, refund))

    def _refund_eligibility(self, request: Request) -> Reply:
        transaction_id = str(request.fields().get("transactionId") or "")
        try:
            reversals.refundable(self.processor, transaction_id)
        except Refusal as error:
            if error.status == 404:
                raise
            return Reply.of(200, {"refundEligible": False, "message": error.key})
        return Reply.of(200, {"refundEligible": True, "message": None})

    def _create_link(self, request: Request) -> Reply:
        return self._link_reply(201, orders.create(self.processor, request.fields()), request)

    def _change_link(self, request: Request) -> Reply:
        link_id = request.path.removeprefix(_ONE_LINK)
        return self._link_reply(200, orders.change(self.processor, link_id, request.fields()), request)

    def _link_details(self, request: Request) -> Reply:
        link = orders.link_of(self.processor, str(request.fields().get("paymentLinkId") or ""))
        return self._link_reply(200, link, request)

    def _expire_link(self, request: Request) -> Reply:
        orders.expire(self.processor, str(request.fields().get("paymentLinkId") or ""))
        return Reply.of(200, {"message": LINK_EXPIRED})

    def _link_reply(self, status: int, link: Link, request: Request) -> Reply:
        """Return the link. Its address has the host by which the caller reaches the emulator."""
        lag = timedelta(seconds=self._faults.lag_s(FaultKind.DETAILS_LAG))
        seen_until = self.processor.clock.now() - lag
        charges = self.processor.charges_of_link(link)
        seen = [charge for charge in charges if not lag or charge.made_at <= seen_until]
        lags = len(seen) < len(charges)
        if Habit.UNDER_WAY_TOLD in self.processor.habits:
            seen += [replace(charge, status="Created", auth_code=None) for charge in link.under_way]
        told = "Created" if lags else orders.status_of(self.processor, link)
        with_fee = Habit.LINK_SUMS_WITH_FEE in self.processor.habits
        host = request.headers["host"]
        return Reply.of(status, link_reply(link, told, seen, host, with_fee=with_fee))

    def _verify_bank_account(self, request: Request) -> Reply:
        fields = request.fields()
        account, routing = str(fields.get("accountNumber") or ""), str(fields.get("routingNumber") or "")
        if not account or len(routing) != 9:
            raise Refusal("Key_InvalidRequest", "Account and routing number are needed.")
        status = outcomes.account_status(account, routing)
        return Reply.of(
            200,
            {
                "id": self.processor.new_id(),
                "verificationEntityId": self.processor.new_id(),
                "verifyingEntity": "Other",
                "verificationStatus": status,
                "message": None,
            },
        )


def _gate(operation: str, request: Request) -> Reply | None:
    """Return the refusal for wrong keys (401) or an unknown origin (403), by the contract.

    The contract declares 403 for payments only, and neither code for expirations. There a
    missing right is 401, or 400, with the same body.
    """
    headers = request.headers
    no_keys, no_origin = _GATE_STATUSES.get(operation, (401, 401))
    if headers.get("x-api-key") != keys.ANDDONE_API_KEY or headers.get("x-app-key") != keys.ANDDONE_APP_KEY:
        return _refusal(Refusal("Key_Unauthorized", "The keys are wrong.", no_keys))
    if headers.get("origin") != keys.ANDDONE_ORIGIN:
        return _refusal(Refusal("Key_Forbidden", "The origin is not registered.", no_origin))
    if headers.get("x-version") != keys.ANDDONE_VERSION:
        return _refusal(Refusal("Key_InvalidRequest", "The sandbox speaks version 2.3 only."))
    return None


def _refusal(error: Refusal) -> Reply:
    return Reply.of(
        error.status,
        {
            "errorCode": error.key,
            "message": error.message,
            "statusCode": error.status,
            "isSuccessStatusCode": False,
        },
    )
