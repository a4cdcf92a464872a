"""Words of a report that decide if a row is an open invoice of the agency, in dollars."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import TypeVar

from paydesk.domain.invoices.headings import Flag, plain
from paydesk.gateways.files.dates import day_of
from paydesk.gateways.files.values import Unreadable, cents_of

T = TypeVar("T")

AGENCY_BILL = frozenset(
    {"", "A", "AB", "AGY", "AGCY", "AGENCY", "AGENCY BILL", "AGENCY BILLED", "AGENCY-BILL", "ON ACCOUNT"}
)
_DIRECT_BILL = frozenset(
    (
        "p", "d", "db", "direct", "direct bill", "direct billed", "directbill",
        "company", "company bill", "company billed", "carrier", "carrier bill", "carrier billed", "insurer",
    )
)  # fmt: skip
_CLOSED = frozenset(
    (
        "void", "voided", "paid", "paid in full", "fully paid", "paid off", "closed", "cancelled", "canceled",
        "deleted", "reversed", "written off", "write off", "settled",
    )
)  # fmt: skip
OPEN = frozenset(
    (
        "", "open", "unpaid", "un paid", "not paid", "not void", "not voided", "non void", "not closed",
        "partial", "partially paid", "partly paid", "part paid", "partial payment",
        "overdue", "past due", "late", "current", "outstanding", "due", "not due", "sent", "posted", "billed",
        "invoiced", "issued", "new", "pending", "active", "inactive",
        "delinquent", "viewed", "nsf", "bounced", "returned",
        "in collection", "collections", "disputed", "approved",
        "final", "finalized", "printed", "mailed", "emailed",
        "balance due",
    )
)  # fmt: skip
_PLANS = frozenset(
    (
        "monthly", "annual", "annually", "yearly", "quarterly", "semi annual", "semi annually", "installment",
        "installments", "full pay", "pay in full",
    )
)  # fmt: skip
"""Plans of payment under Bill Type. They say nothing of who collects."""
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY = rf"\d{{1,2}} (?:\d{{1,2}}|{_MONTH}) (?:\d{{4}}|\d\d)|\d{{4}} \d\d \d\d|{_MONTH} \d{{1,2}} \d{{4}}"
_HOW = "in|full|on|by|via|paid|check|chk|card|credit|cash|ach|eft|online"
_PAID_AND_HOW = re.compile(rf"(?:paid|closed|cancell?ed)(?: (?:{_HOW}|{_DAY}))*")
_VOID_AND_WHY = re.compile(r"void(?:ed)?\b(?!.*\b(?:pending|requested|request|not|no|unpaid|open)\b).*")
_YES = frozenset({"yes", "y", "true", "t", "x"})
_NO = frozenset({"no", "n", "false", "f", "0", "none", "never", "n a"})
_PAYMENT = re.compile(
    r"(?:payment|payments|pmt|pymt|pay|rcpt|rct|receipt|receipts|deposit|check|refund)\b(?! plan| fee).*"
    r"|(?!down |part |partial ).*\b(?:payments?|pmt|pymt|receipts?)(?: received)?"
    r"|.*\bdirect bill.*"
)
_CREDIT = re.compile(r"credit(?! card).*|cm|cr|cr memo|cn|return premium.*|return prem|rp|refund.*")
_NO_INVOICES = frozenset(
    (
        "payment", "payments", "pmt", "receipt", "cash receipt", "deposit", "check", "journal",
        "journal entry", "general journal", "refund", "transfer", "adjustment payment", "ach payment",
        "credit card payment", "estimate", "quote", "sales order", "purchase order",
    )
)  # fmt: skip
_DOLLARS = frozenset(
    {"", "USD", "US$", "$", "US", "US DOLLAR", "US DOLLARS", "DOLLAR", "DOLLARS", "U.S. DOLLAR"}
)


def is_direct_bill(method: str) -> bool:
    """Return True for a bill that the carrier collects. Raises Unreadable for an unknown method."""
    if method.upper() in AGENCY_BILL or plain(method) in _PLANS:
        return False
    if plain(method) in _DIRECT_BILL:
        return True
    raise Unreadable(f"“{method[:40]}” isn't a bill method PayDesk knows")


def is_closed(status: str) -> bool:
    """Return True for an invoice that is not owed any more. Raises Unreadable for an unknown status."""
    words = plain(status)
    if words in _CLOSED:
        return True
    if words in OPEN or " part" in f" {words}" or words.startswith(("overdue", "past due", "due in ")):
        return False
    if _VOID_AND_WHY.fullmatch(words) or _PAID_AND_HOW.fullmatch(words):
        return True
    raise Unreadable(f"“{status[:40]}” isn't a status PayDesk knows")


def is_flagged_closed(flag: Flag, heading: str, text: str, *, owed: bool) -> bool:
    """Return True if a column such as Void or Is Open says that an invoice is closed.

    Raises Unreadable for a word that says neither, and for a day of payment beside a balance.
    """
    words = plain(text)
    if flag is Flag.OPEN and words == "0" and owed:
        raise Unreadable(f"“0” is under {heading}, but the row has a balance")
    if flag is Flag.OPEN:
        return words in _NO
    if not words or words in _NO:
        return False
    if words in _YES or (words == "1" and flag is Flag.VOID):
        return True
    amount = _read(cents_of, text) if words != "1" else None
    if amount is not None and (flag is Flag.PAID or not amount):
        return False
    if _read(day_of, text) is not None:
        if owed and flag is Flag.PAID:
            raise Unreadable(f"“{text[:40]}” is under {heading}, but the row has a balance")
        return True
    try:
        return is_closed(text)
    except Unreadable:
        raise Unreadable(f"“{text[:40]}” is under {heading}, which doesn't say if it is closed") from None


def _read(meaning: Callable[[str], T | None], text: str) -> T | None:
    with contextlib.suppress(Unreadable):
        return meaning(text)
    return None


def says_credit(heading: str, text: str) -> bool:
    """Return True for C, CR or a minus in a column of signs. Raises Unreadable for another word."""
    words = text.strip() if text.strip() in ("-", "+") else plain(text)
    if words in ("c", "cr", "credit", "-"):
        return True
    if words in ("", "d", "dr", "db", "debit", "+"):
        return False
    raise Unreadable(f"“{text[:40]}” is under {heading}, which is neither debit nor credit")


def is_word_for_credit(text: str) -> bool:
    """Return True for a cell that says nothing but CR."""
    return text.strip(" .").upper() in ("CR", "CREDIT")


def check_kind(kind: str, cents: int) -> None:
    """Raise Unreadable for a transaction that is no invoice, and for a credit that would be owed."""
    words = plain(kind)
    if words in _NO_INVOICES or _PAYMENT.fullmatch(words):
        raise Unreadable(f"“{kind[:40]}” isn't an invoice")
    if cents > 0 and _CREDIT.fullmatch(words):
        raise Unreadable(f"“{kind[:40]}” is a credit, but its balance is above zero")


def check_currency(currency: str) -> None:
    """Raise Unreadable for another currency than US dollars."""
    if currency.upper() not in _DOLLARS:
        raise Unreadable(f"“{currency[:40]}” is not US dollars")
