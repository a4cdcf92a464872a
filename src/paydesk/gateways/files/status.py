"""Words of a report that decide if a row is an open invoice of the agency, in dollars."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeVar

from paydesk.domain.invoices.headings import Flag, aging_of, plain
from paydesk.gateways.files.dates import day_of
from paydesk.gateways.files.values import Unreadable, cents_of, quoted

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
_VOID_AND_WHY = re.compile(
    r"void(?:ed)?\b(?!.*\b(?:pending|requested|request|not|no|unpaid|open|owed|due"
    r"|payments?|pmt|pymt|receipts?|checks?|chk|deposits?)\b).*"
)
"""A void invoice. A void payment is the opposite: the invoice is owed again."""
_PART_PAID = re.compile(
    r"(?:open |sent |posted |billed |unpaid )?part(?:ial(?:ly)?|ly)?"
    r"(?: (?:paid|pay|payments?|pmts?|applied|collected|received|open|due|unpaid|balance))*"
    r"|paid (?:in )?part(?:ial(?:ly)?|ly)?"
)
_LATE = ("overdue", "past due", "due in ")
_DONE = frozenset(
    ("paid", "void", "voided", "written", "off", "closed", "cancelled", "canceled", "settled", "reversed")
)
"""Words that contradict one of _LATE in the same status."""
_YES = frozenset({"yes", "y", "true", "t", "x"})
_NO = frozenset({"no", "n", "false", "f", "0", "none", "never", "n a"})
_PAYMENT = re.compile(
    r"(?:payment|payments|pmt|pymt|pay|rcpt|rct|receipt|receipts|deposit|check|refund)\b(?! plan| fee).*"
    r"|(?!down |part |partial ).*\b(?:payments?|pmt|pymt|receipts?)(?: received)?"
    r"|.*\bdirect bill.*"
)
_CREDIT = re.compile(
    r"credit(?! card).*|cm|cr|cr (?:memo|adj).*|cn|returns?|return premium.*|return prem|rp|refund.*"
    r"|(?:.* )?reversals?|unapplied.*"
)
_NO_INVOICES = frozenset(
    (
        "payment", "payments", "pmt", "receipt", "cash receipt", "deposit", "check", "journal",
        "journal entry", "general journal", "refund", "transfer", "adjustment payment", "ach payment",
        "credit card payment", "estimate", "quote", "sales order", "purchase order", "draft", "proforma",
        "pro forma", "voided invoice", "void invoice", "writeoff", "eft", "ach", "wire", "cash",
        "wo", "w o", "on account", "statement",
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
    raise Unreadable(f"{quoted(method)} isn't a bill method PayDesk knows")


def is_flagged_direct(text: str) -> bool:
    """Return True if a column such as Direct Bill? says yes. Raises Unreadable for an unknown word."""
    words = plain(text)
    return words in _YES or (words not in _NO and is_direct_bill(text))


def is_closed(status: str) -> bool:
    """Return True for an invoice that is not owed any more. Raises Unreadable for an unknown status."""
    words = plain(status)
    if words in _CLOSED:
        return True
    late = words.startswith(_LATE) and _DONE.isdisjoint(words.split())
    if late or words in OPEN or _PART_PAID.fullmatch(words):
        return False
    if _VOID_AND_WHY.fullmatch(words) or _PAID_AND_HOW.fullmatch(words):
        return True
    raise Unreadable(f"{quoted(status)} isn't a status PayDesk knows")


_SAYS_NOTHING = frozenset(
    ("p", "d", "company", "carrier", "insurer", "check", "ach", "eft", "wire", "returned")
)
"""Words that are also a letter of a list, a kind of payer, or a way to pay."""
_FOREIGN = frozenset(("CAD", "EUR", "GBP", "MXN", "AUD", "CHF", "JPY", "CNY", "NZD", "C$", "€", "£"))


def is_telling(text: str) -> bool:
    """Return True for a word by which a row is no invoice that is owed in dollars, whatever its heading."""
    words = plain(text)
    if not words or words in _SAYS_NOTHING:
        return text.upper() in _FOREIGN
    known = words in _CLOSED or words in _NO_INVOICES or words in _DIRECT_BILL
    patterns = (_VOID_AND_WHY, _PAID_AND_HOW, _PAYMENT, _CREDIT)
    return known or text.upper() in _FOREIGN or any(one.fullmatch(words) for one in patterns)


_OWED_THINGS = frozenset(("invoice", "item", "transaction", "bill", "open", "agency"))
_NOT_OWED = _CLOSED | _NO_INVOICES | {"credit", "unapplied", "unapplied credit", "unapplied payment"}
_DIRECT_TITLES = frozenset(word for word in _DIRECT_BILL if "bill" in word or word == "direct")


class Section(Enum):
    """Kinds of rows that a title may stand above. OTHER is any other title: a page, a customer's name."""

    OTHER = auto()
    OWED = auto()
    NOT_OWED = auto()
    DIRECT_BILL = auto()


def section_of(title: str) -> Section:
    """Return what a title such as Paid Invoices, Credits or Direct Bill says of the rows below it."""
    singular = [word.removesuffix("s") for word in plain(title).split()]
    told = " ".join(word for word in singular if word not in _OWED_THINGS)
    if told in _DIRECT_TITLES or " ".join(singular) in _DIRECT_TITLES:
        return Section.DIRECT_BILL
    if told in _NOT_OWED:
        return Section.NOT_OWED
    return Section.OWED if told in OPEN or plain(title) in OPEN or aging_of([title]) else Section.OTHER


def is_flagged_closed(flag: Flag, heading: str, text: str, *, owed: bool) -> bool:
    """Return True if a column such as Void or Is Open says that an invoice is closed.

    Raises Unreadable for a word that says neither, and for a day of payment beside a balance.
    """
    words = plain(text)
    if flag is Flag.STATUS:
        return is_closed(text)
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
            raise Unreadable(f"{quoted(text)} is under {heading}, but the row has a balance")
        return True
    try:
        return is_closed(text)
    except Unreadable:
        raise Unreadable(f"{quoted(text)} is under {heading}, which doesn't say if it is closed") from None


def _read(meaning: Callable[[str], T | None], text: str) -> T | None:
    with contextlib.suppress(Unreadable):
        return meaning(text)
    return None


def says_credit(heading: str, text: str) -> bool:
    """Return True for C, CR or a minus in a column of signs. Raises Unreadable for another word."""
    words = text.strip() if text.strip() in ("-", "+") else plain(text)
    if words in ("c", "cr", "credit", "-") or words in _YES:
        return True
    if words in ("", "d", "dr", "db", "debit", "+") or words in _NO:
        return False
    raise Unreadable(f"{quoted(text)} is under {heading}, which is neither debit nor credit")


def says_no(text: str) -> bool:
    """Return True for a word such as No or None."""
    return plain(text) in _NO


def is_word_for_credit(text: str) -> bool:
    """Return True for a cell that says nothing but CR."""
    return text.strip(" .").upper() in ("CR", "CREDIT")


def check_kind(kind: str, cents: int) -> None:
    """Raise Unreadable for a transaction that is no invoice, and for a credit that would be owed."""
    words = plain(kind)
    if words in _NO_INVOICES or words in _CLOSED or _PAYMENT.fullmatch(words):
        raise Unreadable(f"{quoted(kind)} isn't an invoice")
    if cents > 0 and _CREDIT.fullmatch(words):
        raise Unreadable(f"{quoted(kind)} is a credit, but its balance is above zero")


def check_description(text: str) -> None:
    """Raise Unreadable if a row is described by nothing but a word for a payment, or for being paid."""
    if len(text) <= _LONGEST_DESCRIPTION and plain(text) in _DESCRIBES_NO_INVOICE:
        raise Unreadable(f"{quoted(text)} isn't an invoice")


_LONGEST_DESCRIPTION = 20
"""Characters of the longest of these words, and some signs around it: a quick look before the slow one."""
_DESCRIBES_NO_INVOICE = frozenset(
    (
        "payment", "payments", "pmt", "payment received", "receipt", "cash receipt", "void", "voided", "paid",
        "paid in full", "written off", "write off", "refund", "subtotal", "sub total", "total", "grand total",
    )
)  # fmt: skip


def check_currency(currency: str) -> None:
    """Raise Unreadable for another currency than US dollars."""
    if currency.upper() not in _DOLLARS:
        raise Unreadable(f"{quoted(currency)} is not US dollars")
