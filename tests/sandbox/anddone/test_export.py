"""The CSV export: its columns, the named fee, its criteria, and texts of others."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from paydesk.sandbox import FaultKind, Sandbox
from tests.sandbox.clients import AndDoneClient, account, card

HEADING = (
    "ShopperName,PaymentMethod,AccountNumber,MerchantReference,RefID,RefValue,TransactionId,Date,Status,"
    "ShopperCompanyName,SubTotal,TechnologyFee,TotalAmount"
)


def _exported(client: AndDoneClient, **criteria: str) -> list[dict[str, Any]]:
    reply = client.post("/secure/payments/export", None, exportToCsv="true", asc="true", **criteria)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/csv")
    text = reply.content.decode()
    assert text.splitlines()[0] == HEADING
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_it_names_the_technology_fee(anddone: AndDoneClient) -> None:
    paid = anddone.paid(50.29, "T-1", invoiceNumber="50123")
    anddone.pay(anddone.intent(50.29, "T-2"), account(50.29), "ACH")
    by_card, by_bank = _exported(anddone)
    sums = ("SubTotal", "TechnologyFee", "TotalAmount")
    assert [[line[name] for name in sums] for line in (by_card, by_bank)] == [
        ["50.29", "1.76", "52.05"], ["50.29", "3", "53.29"],
    ]  # fmt: skip
    names = ("TransactionId", "MerchantReference", "RefID", "RefValue")
    assert [by_card[name] for name in names] == [paid["transactionId"], "T-1", "InvoiceNumber", "50123"]
    assert (by_card["PaymentMethod"], by_card["AccountNumber"]) == ("VISA", "****0007")
    assert (by_bank["PaymentMethod"], by_bank["AccountNumber"], by_bank["RefID"]) == ("PPD", "****6789", "")


@pytest.mark.parametrize(
    ("category", "entry_class"), [("Business", "CCD"), ("Personal", "PPD"), ("Unknown", "WEB")]
)
def test_the_entry_class_of_a_bank_account(anddone: AndDoneClient, category: str, entry_class: str) -> None:
    tender = account(10.0) | {"accountCategory": category}
    contact = {"companyName": "Sample, Inc."}
    anddone.pay(anddone.intent(10.0), tender, "ACH", billingContact=contact)
    (line,) = _exported(anddone)
    assert (line["PaymentMethod"], line["ShopperCompanyName"]) == (entry_class, "Sample, Inc.")


def test_dates_are_as_in_the_sample() -> None:
    for hour, written in (
        (16, "8/4/2026 4:10:02 PM"),
        (0, "8/4/2026 12:10:02 AM"),
        (12, "8/4/2026 12:10:02 PM"),
    ):
        now = datetime(2026, 8, 4, hour, 10, 2, tzinfo=UTC)
        with Sandbox(now=now) as sandbox, AndDoneClient(sandbox.anddone_url) as client:
            client.paid(10.0)
            assert _exported(client)[0]["Date"] == written


def test_it_has_every_payment_and_no_refund(
    anddone: AndDoneClient, contract_checked_sandbox: Sandbox
) -> None:
    for at in range(210):
        anddone.pay_open(f"R-{at}", card(1.0 + at))
    assert len(_exported(anddone)) == 210, "no pages"
    contract_checked_sandbox.advance(timedelta(days=8))
    (first,) = anddone.search(referenceNo="R-0")
    anddone.refund(first["transactionId"], 1.0, "Subtotal")
    lines = _exported(anddone, referenceNo="R-0")
    assert [line["Status"] for line in lines] == ["Refunded"]


def test_criteria_hold_or_are_refused(anddone: AndDoneClient) -> None:
    anddone.paid(10.0)
    assert _exported(anddone, startDate="01-01-2020", endDate="01-02-2020") == []
    assert len(_exported(anddone, channelTypes="CreditCard", exportToPDF="false")) == 1
    assert anddone.post("/secure/payments/export", None, isPaid="true").status_code == 400


@pytest.mark.parametrize("name", ['Dana "D" Reyes', "Reyes, Dana", "=1+1", "a\nb", "名前"])
def test_names_of_any_kind_stay_in_their_field(anddone: AndDoneClient, name: str) -> None:
    anddone.pay_open("R-1", card(10.0) | {"cardHolderName": name})
    (line,) = _exported(anddone)
    assert line["ShopperName"] == name


def test_faults_apply(anddone: AndDoneClient, contract_checked_sandbox: Sandbox) -> None:
    anddone.paid(10.0)
    for kind in (FaultKind.WRONG_TYPES, FaultKind.UNKNOWN_STATUS):
        contract_checked_sandbox.faults.next(kind, on="exportPayments")
        assert len(_exported(anddone)) == 1
    contract_checked_sandbox.faults.next(FaultKind.ERROR_500_BEFORE, on="exportPayments")
    assert anddone.post("/secure/payments/export").status_code == 500
    contract_checked_sandbox.faults.always(FaultKind.SEARCH_LAG, seconds=60)
    assert _exported(anddone) == []
