"""Customers, invoices and banks as EMS replies."""

from __future__ import annotations

from datetime import date
from typing import Any

from paydesk.domain.money import Money
from paydesk.sandbox.ams360.agency import Customer, Invoice
from paydesk.sandbox.ams360.receipts import Bank, EmsRefusal


def customer(found: Customer) -> dict[str, Any]:
    """Return a CustomerBasicInfoResponse."""
    person = found.person
    return {
        "customerId": found.customer_id,
        "customerNumber": found.number,
        "customerType": "Customer",
        "fullName": person.full_name,
        "firmName": person.firm,
        "firstName": person.first,
        "middleName": None,
        "lastName": person.last,
        "addressLine1": f"{found.number - 1000} Example Street",
        "addressLine2": None,
        "city": person.city,
        "state": person.state,
        "zipCode": person.zip_code,
        "country": "US",
        "primaryEmail": f"customer{found.number}@people.example",
        "secondaryEmail": None,
        "residencePhone": None if person.firm else _phone(found),
        "businessPhone": _phone(found) if person.firm else None,
        "mobilePhone": None,
    }


def invoice(found: Invoice, owner: Customer) -> dict[str, Any]:
    """Return an InvoiceResponse. A bare invoice shows its money in the lines alone."""
    amounts = {"invoiceAmount": _dollars(found.amount), "balance": _dollars(found.balance)}
    return ({} if found.bare else amounts) | {
        "invoiceId": found.invoice_id,
        "invoiceNumber": found.number,
        "customerId": owner.customer_id,
        "customerNumber": owner.number,
        "customerName": owner.person.full_name,
        "policyId": found.policy_id,
        "policyNumber": found.policy_number,
        "invoiceDate": _day(found.invoiced_on),
        "invoiceEffectiveDate": _day(found.invoiced_on),
        "dueDate": _day(found.due_on),
        "billMethod": found.bill_method,
        "invoiceType": found.kind,
        "isInstallment": "Y" if found.installment else "N",
        "isCancelled": "Y" if found.canceled else "N",
        "description": found.lines[0].description,
        "divisionShortName": found.division,
        "invoiceTransactions": [
            {
                "description": line.description,
                "grossAmount": _dollars(line.amount),
                "chargeCategory": line.category,
            }
            for line in found.shown_lines
        ],
    }


def bank(found: Bank) -> dict[str, Any]:
    """Return a BankAccountResponse."""
    return {"bankCode": found.code, "bankName": found.name, "shortName": found.short_name}


def next_body(fields: dict[str, Any], skip: int, top: int) -> dict[str, Any]:
    """Return the request for the page after this one."""
    return {"model": fields["model"], "skip": skip, "top": top}


def whole(value: object, name: str) -> int:
    """Return a non-negative whole number of a request. Raises EmsRefusal 400."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise EmsRefusal(400, f"{name} is not a whole number.")
    return value


def _phone(found: Customer) -> str:
    return f"617555{found.number:04d}"


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00"


def _dollars(money: Money) -> float:
    return money.cents / 100
