"""Post receipts into AMS360 over EMS (``POST /receipt/customer``), or a note if no money is posted.

The contract is tests/contracts/ams360-ems.openapi.yaml (release note of AMS360 2024 R1). It leaves open the
members of an invoice item and of the answer. Those names are in ``names``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from paydesk.domain.errors import KnownError
from paydesk.domain.posting import (
    AgencyReceipt,
    ByHand,
    Item,
    MayHaveArrived,
    NotReceived,
    Posted,
    PostOutcome,
    Refused,
)
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.plain_texts import one_line
from paydesk.gateways.ams360.ems import Ams360Ems
from paydesk.gateways.ams360.names import WINDOWS_ZONES
from paydesk.gateways.ams360.session import EmsSession, message_of
from paydesk.gateways.http.call import CallFailed, NeverSent, NotTrusted, Reply
from paydesk.gateways.http.fields import WrongAnswer

CHECK_TYPES: Final[Mapping[TenderKind, str]] = {
    TenderKind.CREDIT_CARD: "CreditCard",
    TenderKind.DEBIT_CARD: "DebitCard",
    TenderKind.ACH: "EFT",
}
"""``paymentCheckType`` by tender (release note 2024 R1)."""

NOTE_ACTION = "Payment Received"
"""Action of the activity. AMS360 ships it, and an agency may rename it."""

_DUPLICATE = re.compile(r"duplicat|already", re.IGNORECASE)
_NO_CUSTOMER = re.compile(r"no customer found", re.IGNORECASE)


class EmsReceipts:
    """Receipt sink of one agency. ``bank`` is the short name of the bank that takes the receipts."""

    def __init__(self, ems: Ams360Ems, *, bank: str, time_zone: str, now: Callable[[], datetime]) -> None:
        self._ems = ems
        self._session: EmsSession = ems.session
        self._names = ems.names
        self._bank = bank.strip()
        # AMS360 does not publish if it takes Windows or IANA names. Its one public example is a Windows name.
        self._zone = WINDOWS_ZONES.get(time_zone, time_zone)
        self._now = now

    def post(self, receipt: AgencyReceipt) -> PostOutcome:
        """See ReceiptSink.post."""
        if not self._bank:
            return Refused("No bank account is set for receipts ([posting] bank_short_name in the settings).")
        body = self.to_request(receipt)
        if body is None:
            return ByHand(f"{receipt.customer_number} can't be an AMS360 customer number.")
        return self._sent("/receipt/customer", body, self._names["receipt.id"])

    def note(self, receipt: AgencyReceipt) -> PostOutcome:
        """Write an activity onto the customer. Posts no money."""
        try:
            customer = self._ems.customer(receipt.customer_number)
        except KnownError as error:
            return NotReceived(error.sentence)
        if customer is None:
            return Refused(f"AMS360 shows no customer {receipt.customer_number}.")
        body = {
            "customerId": customer.source_id,
            "action": NOTE_ACTION,
            "comment": f"{receipt.description}: USD {receipt.amount}",
            "timeStamp": self._now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return self._sent("/activity/customer", body, "activityId")

    def to_request(self, receipt: AgencyReceipt) -> dict[str, object] | None:
        """Return the message, or None if AMS360 cannot have such a customer or invoice number."""
        items = [self._item(item) for item in receipt.items]
        if not receipt.customer_number.isdecimal() or None in items:
            return None
        return {
            "customerNumber": int(receipt.customer_number),
            "invoiceInformations": items,
            "receiptAmount": receipt.amount.dollars,
            "receiptDate": receipt.received_on.isoformat(),
            "receiptDateTimeZone": self._zone,
            "bankShortName": self._bank,
            "receiptDescription": receipt.description,
            "paymentCheckType": CHECK_TYPES[receipt.tender],
        }

    def _item(self, item: Item) -> dict[str, object] | None:
        amount: dict[str, object] = {self._names["receipt.item_amount"]: item.amount.dollars}
        if item.invoice_number is None:
            return amount
        leading = item.invoice_number.partition("-")[0]
        return {self._names["receipt.item_number"]: int(leading), **amount} if leading.isdecimal() else None

    def _sent(self, path: str, body: Mapping[str, object], key: str) -> PostOutcome:
        try:
            reply = self._session.send_once(path, body)
        except NeverSent:
            return NotReceived("AMS360 can't be reached.")
        except NotTrusted:
            return NotReceived("The server that answers for AMS360 could not prove that it is AMS360.")
        except CallFailed as failure:
            return MayHaveArrived(f"AMS360 gave no clear answer ({failure.why}).")
        except KnownError as error:  # the login failed, so the receipt itself was not sent
            return NotReceived(error.sentence)
        return to_outcome(reply, key)


def to_outcome(reply: Reply, key: str) -> PostOutcome:
    """Return what an answer proves. ``key`` names the id that only a completed request has."""
    if reply.status in (200, 201):
        try:
            ref = one_line(reply.fields().text(key))
        except WrongAnswer:
            ref = ""
        return Posted(ref) if ref else MayHaveArrived("AMS360's answer names no receipt.")
    words = message_of(reply)
    if reply.status in (401, 429):
        return NotReceived("AMS360 rejected the sign-in. PayDesk will retry.")
    if reply.status in (400, 403, 404, 409, 422) and words and not _DUPLICATE.search(words):
        return Refused(f"AMS360 says: {words}")
    if reply.status in (400, 404, 422) and not words and not reply.body.strip():
        return Refused(
            f"AMS360 rejected it without a reason (error {reply.status}). Check bank and customer."
        )
    return MayHaveArrived(f"AMS360 gave no clear answer (error {reply.status}).")
