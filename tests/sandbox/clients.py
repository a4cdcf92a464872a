"""Plain clients of the emulators. They send what the contracts say and hide nothing."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import requests

from paydesk.sandbox.server import keys

VISA = "4000620000000007"
_titles = itertools.count(1)


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds. Fail after 5 seconds."""
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def new_title() -> str:
    """Return a title that no test used before."""
    return f"T-{next(_titles)}"


def card(amount: float, number: str = VISA, code: str = "737", expiry: str = "0330") -> dict[str, Any]:
    """Return a card's tenderInfo."""
    return {
        "amount": amount,
        "cardHolderName": "Dana Example",
        "cardNumber": number,
        "cardExpiry": expiry,
        "cvv": code,
    }


def account(amount: float, number: str = "123456789", routing: str = "011000138") -> dict[str, Any]:
    """Return a bank account's tenderInfo."""
    return {
        "amount": amount,
        "accountHolderName": "Dana Example",
        "routingNumber": routing,
        "accountNumber": number,
        "accountType": "checking",
        "accountCategory": "Personal",
    }


class _Client:
    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()

    def post(self, path: str, body: object | None = None, **query: object) -> requests.Response:
        params = {name: str(value) for name, value in query.items()}
        return self.session.post(self.url + path, json=body, params=params, timeout=5, allow_redirects=False)


class AndDoneClient(_Client):
    """AndDone's operations with valid keys."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.session.headers.update(
            {
                "x-api-key": keys.ANDDONE_API_KEY,
                "x-app-key": keys.ANDDONE_APP_KEY,
                "x-version": keys.ANDDONE_VERSION,
                "origin": keys.ANDDONE_ORIGIN,
            }
        )

    def create_intent(self, amount: float, title: str | None = None, **more: Any) -> requests.Response:
        body: dict[str, Any] = {
            "title": title or new_title(),
            "amount": amount,
            "intent": {"paymentTypes": ["CreditCard", "DebitCard", "ACH"]},
            "additionalDetailsPreference": "NoAdditionalDetails",
        }
        return self.post("/secure/paymentintents", body | more)

    def intent(self, amount: float, title: str | None = None, **more: Any) -> str:
        """Return the token of a new intent."""
        reply = self.create_intent(amount, title, **more)
        assert reply.status_code == 200, reply.text
        return str(reply.json()["paymentToken"])

    def pay(
        self, token: str, tender: dict[str, Any], channel: str = "CreditCard", **more: Any
    ) -> requests.Response:
        body: dict[str, Any] = {
            "type": "PaymentIntent",
            "token": token,
            "transactionCode": "Web",
            "channelType": channel,
            "tenderInfo": tender,
        }
        return self.post("/secure/payments", body | more)

    def pay_open(
        self, reference: str, tender: dict[str, Any], channel: str = "CreditCard", **more: Any
    ) -> requests.Response:
        body: dict[str, Any] = {
            "type": "OpenPayment",
            "paymentReference": reference,
            "transactionCode": "Web",
            "channelType": channel,
            "tenderInfo": tender,
        }
        return self.post("/secure/payments", body | more)

    def paid(self, amount: float, title: str | None = None, **more: Any) -> dict[str, Any]:
        """Return the reply to an intent created and paid by card."""
        reply = self.pay(self.intent(amount, title, **more), card(amount))
        assert reply.status_code == 201, reply.text
        return dict(reply.json())

    def paid_token(self, amount: float) -> str:
        """Return the token of an intent paid by card."""
        token = self.intent(amount)
        assert self.pay(token, card(amount)).status_code == 201
        return token

    def details(self, token: str) -> requests.Response:
        return self.post("/secure/paymentsdetails", {"paymentToken": token, "type": "PaymentIntent"})

    def search(self, **criteria: object) -> list[dict[str, Any]]:
        reply = self.post("/secure/payments/search", None, **criteria)
        assert reply.status_code == 200, reply.text
        return list(reply.json()["data"])

    def expire(self, token: str) -> requests.Response:
        return self.post("/secure/paymentintents/expirations", None, id=token)

    def void(self, transaction_id: str) -> requests.Response:
        body = {"transactionId": transaction_id, "voidReason": "Wrong invoice"}
        return self.post("/secure/cancellations", body)

    def refund(self, transaction_id: str, amount: float, kind: str) -> requests.Response:
        body = {
            "transactionId": transaction_id,
            "refundAmount": amount,
            "refundType": kind,
            "refundReason": "Duplicate transaction",
            "refundDetail": "Paid twice.",
        }
        return self.post("/secure/refunds", body)

    def eligibility(self, transaction_id: str) -> dict[str, Any]:
        reply = self.post("/secure/refunds/eligibility", {"transactionId": transaction_id})
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def create_link(self, amount: float = 178.0, title: str | None = None, **more: Any) -> requests.Response:
        return self.post("/secure/paymentlinks", link_order(amount, title) | more)

    def link(self, amount: float = 178.0, title: str | None = None, **more: Any) -> dict[str, Any]:
        """Return a new payment link."""
        reply = self.create_link(amount, title, **more)
        assert reply.status_code == 201, reply.text
        return dict(reply.json())

    def link_details(self, link_id: str) -> requests.Response:
        return self.post("/secure/paymentlinks/details", {"paymentLinkId": link_id})

    def expire_link(self, link_id: str) -> requests.Response:
        return self.post("/secure/paymentlinks/expirations", {"paymentLinkId": link_id})


def link_order(amount: float, title: str | None = None) -> dict[str, Any]:
    """Return the body that creates a link with everything on the side switched off."""
    return {
        "merchantId": keys.ANDDONE_APP_KEY,
        "title": title or new_title(),
        "amount": amount,
        "paymentDescription": "Homeowners premium, invoice 50123",
        "invoiceNumber": "50123",
        "expireIn": 7,
        "expireInUnit": "Days",
        "referenceType": "InvoiceNumber",
        "referenceNumber": "50123",
        "referenceDataList": [{"referenceType": "InvoiceNumber", "referenceNumber": "50123"}],
        "settings": {
            "intent": {"paymentTypes": ["CreditCard", "DebitCard", "ACH"]},
            "additionalDetailsPreference": "NoAdditionalDetails",
        },
        "enablePremiumFinance": False,
        "saveForFuture": False,
    }


class Ams360Client(_Client):
    """EMS's operations."""

    def log_in(self) -> None:
        key = self.post("/auth", {"appKey": keys.AMS360_APP_KEY}).json()["loginKey"]
        login = {
            "loginKey": key,
            "agencyNo": keys.AMS360_AGENCY_NO,
            "appAccessToAgencyKey": keys.AMS360_ACCESS_KEY,
        }
        reply = self.post("/auth/app/login", login)
        assert reply.status_code == 200, reply.text
        self.session.headers["Authorization"] = f"Bearer {reply.json()['accessJwt']}"

    def search(self, what: str, skip: int = 0, top: int = 100, **model: object) -> dict[str, Any]:
        reply = self.post(f"/{what}/search", {"model": model, "skip": skip, "top": top})
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def invoice(self, number: int) -> dict[str, Any]:
        (found,) = self.search("invoices", invoiceNumber=number)["response"]
        return dict(found)

    def customer(self, number: int) -> dict[str, Any]:
        (found,) = self.search("customers", customerNumber=number)["response"]
        return dict(found)

    def receipt(self, customer: int, *items: tuple[int | None, float], **more: Any) -> requests.Response:
        body: dict[str, Any] = {
            "customerNumber": customer,
            "invoiceInformations": [
                {"amount": amount} if number is None else {"invoiceNumber": number, "amount": amount}
                for number, amount in items
            ],
            "receiptAmount": sum(amount for _, amount in items),
            "receiptDate": "2026-05-20",
            "receiptDateTimeZone": "Central Standard Time",
            "bankShortName": keys.AMS360_BANK,
            "receiptDescription": "PayDesk R-1",
            "paymentCheckType": "CreditCard",
        }
        return self.post("/receipt/customer", body | more)
