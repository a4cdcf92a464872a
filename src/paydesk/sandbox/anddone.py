"""AndDone's Secure API over HTTP: keys, addresses and refusals around the processor."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from paydesk.sandbox import anddone_wire as wire
from paydesk.sandbox import keys, outcomes, reversals
from paydesk.sandbox.books import Charge, Refusal
from paydesk.sandbox.faults import Fault, FaultKind, Faults
from paydesk.sandbox.http import MalformedRequest, Reply, Request
from paydesk.sandbox.processor import Processor, money_of
from paydesk.sandbox.search import page_of, search

_OPERATIONS = {
    ("POST", "/secure/payments"): "createPayment",
    ("POST", "/secure/payments/search"): "searchPayments",
    ("POST", "/secure/paymentsdetails"): "getPaymentDetails",
    ("POST", "/secure/paymentintents"): "createPaymentIntent",
    ("POST", "/secure/paymentintents/expirations"): "expirePaymentIntent",
    ("POST", "/secure/refunds"): "createRefund",
    ("POST", "/secure/refunds/eligibility"): "checkRefundEligibility",
    ("POST", "/secure/cancellations"): "voidPayment",
    ("POST", "/utilityapi/secure/verifybankaccounts"): "verifyBankAccount",
}
_GATE_STATUSES = {"createPayment": (401, 403), "expirePaymentIntent": (400, 400)}
_PAYMENT_TYPES = frozenset({"OpenPayment", "PaymentIntent"})
_DETAIL_TYPES = frozenset({"AnytimePayment", "PaymentIntent", "PaymentLink", "OpenPayment"})


class AndDone:
    """One merchant at AndDone."""

    name = "anddone"

    def __init__(self, processor: Processor, faults: Faults) -> None:
        self.processor = processor
        self.lock = threading.Lock()
        self._faults = faults
        self._verbs = {
            "createPayment": self._pay,
            "searchPayments": self._search,
            "getPaymentDetails": self._details,
            "createPaymentIntent": self._create_intent,
            "expirePaymentIntent": self._expire_intent,
            "createRefund": self._refund,
            "checkRefundEligibility": self._refund_eligibility,
            "voidPayment": self._void,
            "verifyBankAccount": self._verify_bank_account,
        }

    def operation(self, method: str, path: str) -> str | None:
        return _OPERATIONS.get((method, path))

    def answer(self, operation: str, request: Request) -> Reply:
        refusal = _gate(operation, request)
        if refusal is not None:
            return refusal
        try:
            with self.lock:
                return self._verbs[operation](request)
        except Refusal as error:
            return _refusal(error)

    def scripted(self, operation: str, request: Request) -> Fault | None:
        """The fault that a payment of a documented amount asks for."""
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
        return Reply.of(200, {"message": "PaymentIntent is expired successfully"})

    def _pay(self, request: Request) -> Reply:
        fields = request.fields()
        if fields.get("type") not in _PAYMENT_TYPES or not fields.get("transactionCode"):
            raise Refusal("Key_InvalidRequest", "type and transactionCode are needed.")
        by_intent = fields["type"] == "PaymentIntent"
        charge = self.processor.pay_intent(fields) if by_intent else self.processor.pay_open(fields)
        return Reply.of(201, wire.payment_reply(charge))

    def _details(self, request: Request) -> Reply:
        fields = request.fields()
        if fields.get("type") not in _DETAIL_TYPES:
            raise Refusal("Key_InvalidRequest", "The type is missing or unknown.")
        charge = self._charge_asked_for(fields)
        lag = timedelta(seconds=self._faults.lag_s(FaultKind.DETAILS_LAG))
        if charge is None or charge.made_at > self.processor.clock.now() - lag:
            raise Refusal("Key_TransactionNotFound", "There is no transaction.", 404)
        return Reply.of(200, wire.details_reply(charge, bool(fields.get("includeRefundTransactions"))))

    def _charge_asked_for(self, fields: dict[str, Any]) -> Charge | None:
        if fields.get("paymentToken"):
            return self.processor.charge_of_intent(str(fields["paymentToken"]))
        if fields.get("id"):
            return self.processor.charge(str(fields["id"]))
        raise Refusal("Key_TransactionIdCannotBeEmptyOrNULL", "Send id or paymentToken.")

    def _search(self, request: Request) -> Reply:
        lag = timedelta(seconds=self._faults.lag_s(FaultKind.SEARCH_LAG))
        found = search(self.processor.charges(), request.query, self.processor.clock.now() - lag)
        count_only = request.query.get("transactionsCount", "").lower() == "true"
        rows = [] if count_only else [wire.row(charge) for charge in page_of(found, request.query)]
        return Reply.of(200, {"totalRowCount": len(found), "data": rows})

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
    """The refusal for wrong keys (401) or an unknown origin (403), where the contract has them.

    The contract declares 403 for payments only, and for expirations neither code: there a
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
