"""Headings of reports and their meanings: one declared table, with every synonym seen so far."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import combinations


class Field(StrEnum):
    """The meaning of a column."""

    INVOICE_NUMBER = "invoice_number"
    CUSTOMER_NUMBER = "customer_number"
    CUSTOMER_NAME = "customer_name"
    BALANCE = "balance"
    AMOUNT = "invoice_amount"
    ZIP = "zip"
    DUE_DATE = "due_date"
    INVOICE_DATE = "invoice_date"
    EFFECTIVE_DATE = "effective_date"
    DESCRIPTION = "description"
    POLICY = "policy_number"
    INSURER = "insurer"
    BILL_METHOD = "bill_method"
    STATUS = "status"
    UNAPPLIED = "unapplied"
    PAID = "paid_amount"
    CURRENCY = "currency"
    KIND = "kind"
    PHONE = "phone"
    EMAIL = "email"


class Flag(StrEnum):
    """The meaning of a column that says beside status and balance what is owed."""

    VOID = "void"
    """Yes, or a day, closes the invoice."""
    PAID = "paid"
    """Yes closes it. A day beside a balance is a contradiction, and an amount says nothing."""
    OPEN = "open"
    """No closes it."""
    CREDIT = "credit"
    """C, CR or a minus makes its balance a credit."""
    STATUS = "status"
    """A second status. It closes the invoice, too."""
    DIRECT = "direct"
    """Yes, or a bill method, says that the carrier collects."""


DATES = (Field.DUE_DATE, Field.INVOICE_DATE, Field.EFFECTIVE_DATE)
AMOUNTS = (Field.BALANCE, Field.AMOUNT, Field.UNAPPLIED, Field.PAID)

_SURE: Mapping[Field, str] = {
    Field.INVOICE_NUMBER: (
        "invoice number, invoice no, invoice num, invoice nbr, inv number, inv no, inv num, inv nbr,"
        "invoice, inv, invoice code, invoice id, inv id, bill number, bill no, document number,"
        "item number, item no, inv ref, invoice ref, invoice reference, inv nr, invoice nr"
    ),
    Field.CUSTOMER_NUMBER: (
        "customer number, customer no, customer num, customer nbr, cust number, cust no, cust num, cust nbr,"
        "client number, client no, insured number, insured no, applicant number, applicant no,"
        "customer account number, customer account, cust account number, customer acct number, customer acct,"
        "cust acct number, cust acct no, cust acct, account number, account no, acct number, acct no,"
        "account, acct, customer code, client code, account code, customer id, cust id, client id,"
        "insured id, applicant id, account id, acct id, customer key"
    ),
    Field.CUSTOMER_NAME: (
        "customer, customer name, customer full name, cust name, insured, insured name, named insured, name,"
        "client, client name, account name, acct name, applicant, applicant name, policyholder,"
        "policyholder name, firm name, bill to, bill to name, payer, payer name"
    ),
    Field.BALANCE: (
        "balance, invoice balance, inv balance, balance due, bal due, amount due, amt due, open balance,"
        "open amount, open amt, total due, total balance, current balance, outstanding, outstanding balance,"
        "outstanding amount, amount outstanding, balance outstanding, remaining, remaining balance,"
        "amount remaining, remaining amount, balance remaining, net due,"
        " net balance, amount open, balance open,"
        "inv bal, receivable, unpaid balance, unpaid amount, amount unpaid, a r balance, ar balance,"
        "amount owed, balance owed"
    ),
    Field.AMOUNT: (
        "amount, invoice amount, inv amount, inv amt,"
        " original amount, orig amount, orig amt, original balance,"
        "total amount, invoice total, inv total, gross, gross amount, premium, amount billed, billed amount"
    ),
    Field.ZIP: (
        "zip, zip code, postal, postal code, post code,"
        " customer zip, customer zip code, cust zip, billing zip,"
        "billing zip code, bill to zip, mailing zip, zip 4, zip 5"
    ),
    Field.DUE_DATE: (
        "due date, due, date due, payment due,"
        " payment due date, pay by, invoice due date, inv due date, due on"
    ),
    Field.INVOICE_DATE: (
        "invoice date, inv date, gl date, date, bill date,"
        " billing date, transaction date, trans date, txn date,"
        "date of invoice, invoiced on"
    ),
    Field.EFFECTIVE_DATE: "effective date, eff date, effective, eff",
    Field.DESCRIPTION: (
        "description, desc, invoice description, transaction,"
        " memo, details, line of business, comment, comments"
    ),
    Field.POLICY: ("policy number, policy no, policy num, policy nbr, policy, pol number, pol no, policy id"),
    Field.INSURER: (
        "company, insurance company, carrier, carrier name, insurer, writing company, ico, underwriter"
    ),
    Field.BILL_METHOD: (
        "bill method, billing method, bill type, billing type, bill, method of billing, bill mode,"
        "billing mode, bill plan, billed by, billing, db ab, ab db, agency direct, direct agency, a d,"
        "collected by, policy bill type"
    ),
    Field.STATUS: (
        "status, invoice status, inv status, payment status, bill status, paid status, status code,"
        "status description, status desc, pmt status, pay status, collection status, stat,"
        "invoice state, inv state, payment state, paid unpaid, open closed, open paid, paid open, void,"
        "voided, is void, is voided, void date, paid in full, is paid, paid date"
    ),
    Field.UNAPPLIED: (
        "unapplied, unapplied credit, unapplied credits, unapplied cash, unapplied amount, unapplied payment,"
        "unapplied payments, on account, payment on account, payments on account, credit on account,"
        "credits on account, unallocated, open credits"
    ),
    Field.PAID: (
        "amount paid, paid amount, amt paid, paid amt, payments, payments received, payment received,"
        "payments applied, payment applied, amount applied, applied amount, amount received,"
        "received amount, amount collected, total paid, total payments, paid so far, less payments,"
        "adjustments, adjustment, adj, write off, write offs, credits applied, credit applied,"
        "payment, pmts, pmt, credit, credits, credit memos, received, receipts, collected, cash received,"
        "down payment, prior payment, prior payments, payments credits, credits payments,"
        "payments and credits, total payments received, less paid, less credits"
    ),
    Field.CURRENCY: (
        "currency, currency code, curr, ccy, cur, curr code, currency type, currency name, invoice currency,"
        "inv currency"
    ),
    Field.KIND: (
        "transaction type, trans type, tran type, txn type, trx type, type, doc type, document type,"
        "invoice type, record type, entry type, transaction code, trans code, tran code, trans, tran, kind,"
        "activity, activity type, entry"
    ),
    Field.PHONE: (
        "phone, telephone, phone number, home phone, business phone, customer phone, cell phone, mobile"
    ),
    Field.EMAIL: "email, e mail, email address, customer email",
}
_WEAK: Mapping[Field, str] = {
    Field.INVOICE_NUMBER: (
        "num, number, no, doc, doc no, doc num, doc number, document, document no, document id, reference,"
        "reference number, reference no, ref, ref no, ref number, bill id, item, transaction number"
    ),
    Field.CUSTOMER_NUMBER: "cust, customer ref, lookup code, code",
    Field.CUSTOMER_NAME: "company name, business name, full name",
    Field.BALANCE: "bal, unpaid, open, owing, owed, amt open, current amount due, to pay",
    Field.AMOUNT: "amt, original, orig, billed",
}
"""Words that mean a field only if no surer heading stands beside them."""
_FLAG_WORDS: Mapping[Flag, frozenset[str]] = {
    Flag.VOID: frozenset(("void", "voided", "deleted", "reversed", "written")),
    Flag.PAID: frozenset(("paid", "pd", "closed", "settled", "cancelled", "canceled", "write")),
    Flag.OPEN: frozenset(("open", "unpaid", "outstanding")),
}
_SIGNS = frozenset(
    (
        "d c", "dc", "c d", "dr cr", "cr dr", "drcr", "crdr", "db cr", "cr db", "debit credit",
        "credit debit", "sign", "amount sign", "plus", "is credit",
    )
)  # fmt: skip
"""Headings of a column with the sign of the balance. "plus" is +/-."""
_INDICATOR = re.compile(r" (?:ind|indicator|flag|flg)$")
_DIRECT = frozenset(
    ("direct", "direct bill", "direct billed", "directbill", "is direct bill", "is direct", "db")
)
"""Headings of a column that says by yes or no if the carrier collects."""
_BESIDE_A_FLAG = frozenset(
    (
        "is", "flag", "flg", "ind", "indicator", "y", "n", "yn", "yes", "no", "invoice", "inv", "date", "dt",
        "on", "in", "full", "fully", "off",
    )
)  # fmt: skip
"""Words that may stand beside the one that decides: Is Void, Date Paid, Paid in Full, Void Flag."""

_GROSS_NAMES = frozenset(("customer", "client", "insured", "account", "acct"))
_NUMBER_WORDS = str.maketrans({"#": " number ", "№": " number ", "+": " plus ", "%": " percent "})
_JOINTS = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])"
)
_CURRENCY_WORDS = re.compile(r"( in)? (usd|us|us dollars|dollars)$")


LONGEST_HEADING = 300
"""Characters of a heading that are looked at."""


def plain(heading: object) -> str:
    """Return a heading in the form for comparisons: lower case, words only, # as "number"."""
    text = "" if heading is None else str(heading)[:LONGEST_HEADING]
    text = unicodedata.normalize("NFKC", text).casefold().translate(_NUMBER_WORDS)
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


def _squeezed(words: str) -> str:
    """Return the words without blanks, so that ``InvoiceNumber`` and ``invoice_number`` are the same."""
    return words.replace(" ", "")


def _table(words: Mapping[Field, str]) -> dict[str, Field]:
    return {_squeezed(one): field for field, text in words.items() for one in text.split(",")}


_SURE_OF, _WEAK_OF = _table(_SURE), _table(_WEAK)


def fields_of(headings: Sequence[object]) -> dict[Field, int]:
    """Return the column of each field that the headings name.

    Of several columns the one whose heading stands first in the table gets it: "Invoice #" before an
    "Invoice ID", which may be a key of the program's own database.
    """
    words = [_squeezed(_CURRENCY_WORDS.sub("", plain(heading))) for heading in headings]
    of: dict[Field, int] = {}
    for table in (_SURE_OF, _WEAK_OF):
        for word, field in table.items():
            if field not in of and word in words and words.index(word) not in of.values():
                of[field] = words.index(word)
    balance = of.get(Field.BALANCE)
    if balance is not None and words[balance].startswith("net") and any("comm" in word for word in words):
        del of[Field.BALANCE]  # net of the agency's commission: what the carrier gets
    name = of.get(Field.CUSTOMER_NAME)
    if name is not None and Field.CUSTOMER_NUMBER not in of and words[name] in _GROSS_NAMES:
        others = [
            at for at, word in enumerate(words) if at != name and _SURE_OF.get(word) is Field.CUSTOMER_NAME
        ]
        if others:  # "Customer" beside "Customer Name" is the number
            of[Field.CUSTOMER_NUMBER], of[Field.CUSTOMER_NAME] = name, others[0]
    return of


def flags_of(headings: Sequence[object]) -> dict[int, Flag]:
    """Return the columns that say beside the fields if an invoice is owed: flags, and second statuses."""
    found = {at: _flag_of(heading) or _second_of(heading) for at, heading in enumerate(headings)}
    return {at: flag for at, flag in found.items() if flag is not None}


def _second_of(heading: object) -> Flag | None:
    """Return the flag of a heading that means a field which another column may have already."""
    match _SURE_OF.get(_squeezed(plain(heading))):
        case Field.STATUS:
            return Flag.STATUS
        case Field.BILL_METHOD:
            return Flag.DIRECT
        case _:
            return None


def _flag_of(heading: object) -> Flag | None:
    told = plain(heading)
    sign = _INDICATOR.sub("", told)
    if sign in _SIGNS or (sign != told and sign in ("credit", "cr")):
        return Flag.CREDIT
    if sign in _DIRECT:
        return Flag.DIRECT
    words = set(plain(_JOINTS.sub(" ", "" if heading is None else str(heading))).split()) - _BESIDE_A_FLAG
    return next((flag for flag, known in _FLAG_WORDS.items() if words and words <= known), None)


# ---- aging columns --------------------------------------------------------------------------------

_NOISE = frozenset(
    "days day d past due pastdue overdue aged aging old balance amount amt ar a r".split()  # noqa: SIM905
)
_BUCKET = re.compile(
    r"current|future|not|not yet|advanced?|upcoming"
    r"|\d{1,3} (?:to |thru |through |and )?\d{1,3}"
    r"|(?:over|more than|greater than|older than|above|plus|under|up to|less than) \d{1,3}"
    r"|\d{1,3} (?:plus|over|up|older|and over|and up|and above|and older|or more|or older|and more)"
    r"|30 jan|jan 30"  # Excel makes a date of "1-30"
)
_BEYOND = re.compile(r"over|more|greater|older|above|plus|\bup$")
_OLDEST = 10_000
"""Days that no age reaches."""
_ALONE = re.compile(r"[1-9]?[0-9][05]|[1-9][05]")
_LATE = frozenset(
    (
        "past due",
        "pastdue",
        "overdue",
        "past due amount",
        "past due balance",
        "amount past due",
        "overdue amount",
    )
)
_TOTALS = frozenset(
    (
        "total", "totals", "row total", "total due", "total balance", "total amount due", "total ar",
        "total a r", "total outstanding", "total open", "total owed", "grand total", "total receivable",
        "total aged",
    )
)  # fmt: skip


def _bucket(heading: object) -> str:
    """Return the words of an age alone, such as "31 60", or ``""``."""
    spread = _JOINTS.sub(" ", "" if heading is None else str(heading))
    words = plain(spread).split()
    core = " ".join(word for word in words if word not in _NOISE)
    if _BUCKET.fullmatch(core) or _ALONE.fullmatch(core):
        return core
    # "Balance ($000)" is no age of 0 days
    return core if core.isdigit() and int(core) and len(core) <= 3 and len(words) > 1 else ""


def _days_of(heading: object) -> range:
    """Return the days of an age, empty for one that is not said in days: Current, Past Due."""
    core = _bucket(heading)
    days = [int(word) for word in core.split() if word.isdigit()]
    if len(days) == 2:
        return range(days[0], days[1] + 1)
    return range(days[0] + 1, _OLDEST) if days and _BEYOND.search(core) else range(0)


def overlaps_in(headings: Sequence[object], aging: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of aging columns that share more than a day: Over 90 and Over 120."""
    days = {at: _days_of(headings[at]) for at in aging}
    return tuple(
        (first, second)
        for first, second in combinations(aging, 2)
        if min(days[first].stop, days[second].stop) - max(days[first].start, days[second].start) > 1
    )


def aging_of(headings: Sequence[object]) -> tuple[int, ...]:
    """Return the columns whose headings are ages: Current, 1-30, 31-60 Days Overdue, +90, Not Yet Due."""
    buckets = [at for at, heading in enumerate(headings) if _bucket(heading)]
    late = [at for at, heading in enumerate(headings) if plain(_JOINTS.sub(" ", str(heading or ""))) in _LATE]
    aged = any(char.isdigit() for at in buckets for char in str(headings[at]))
    return tuple(buckets if aged else sorted({*buckets, *late}))


def twins_of(headings: Sequence[object]) -> tuple[int, ...]:
    """Return every column whose heading surely means the balance."""
    words = [_squeezed(_CURRENCY_WORDS.sub("", plain(heading))) for heading in headings]
    return tuple(at for at, word in enumerate(words) if _SURE_OF.get(word) is Field.BALANCE)


_CARRIED = re.compile(
    r"(?:previous|prev|prior|beginning|begin|opening|starting|last) (?:balance|bal)"
    r"|(?:balance|bal|amount) (?:brought |carried )?(?:forward|fwd)|(?:brought|carried) forward"
)


def carries_forward(headings: Sequence[object]) -> bool:
    """Return True if a heading says that a balance is carried from row to row."""
    words = (plain(_JOINTS.sub(" ", "" if heading is None else str(heading))) for heading in headings)
    return any(map(_CARRIED.fullmatch, words))


def taken_off_in(headings: Sequence[object]) -> tuple[int, ...]:
    """Return every column whose heading means what is paid, credited or written off already."""
    words = [_squeezed(_CURRENCY_WORDS.sub("", plain(heading))) for heading in headings]
    return tuple(at for at, word in enumerate(words) if _SURE_OF.get(word) is Field.PAID)


_HARMLESS = frozenset(
    (
        "premium", "prem", "commission", "commissions", "comm", "fee", "fees", "tax", "taxes", "surcharge",
        "stamp", "stamping", "limit", "deductible", "rate", "percent", "pct", "cost", "payroll", "exposure",
        "original", "orig", "gross", "ytd", "sales", "revenue", "days", "day", "age", "count", "qty",
        "quantity", "units", "terms", "line", "seq", "phone", "fax", "code", "policy", "producer", "year",
        "month", "date", "no", "number", "id", "term", "late", "interest", "finance",
    )
)  # fmt: skip
"""Words of columns whose amounts are parts of a premium, or no money at all."""
_SAYS_PAID = frozenset(("paid", "pd", "payment", "payments", "pmt", "pmts", "credit", "credits"))


def is_harmless(heading: object) -> bool:
    """Return True if a heading names an amount or number that never changes what is owed."""
    words = plain(_JOINTS.sub(" ", "" if heading is None else str(heading))).split()
    field = _SURE_OF.get("".join(words))
    if field not in (None, Field.BALANCE, Field.PAID, Field.UNAPPLIED) or _CARRIED.fullmatch(" ".join(words)):
        return True
    return _SAYS_PAID.isdisjoint(words) and not _HARMLESS.isdisjoint(words)


def may_be_balance(heading: object) -> bool:
    """Return True if a heading has a word for what is owed: New Balance, Still Due."""
    words = plain(_JOINTS.sub(" ", "" if heading is None else str(heading))).split()
    return not is_harmless(heading) and not (_WHAT_IS_LEFT | {"due", "owed", "owing", "pay"}).isdisjoint(
        words
    )


_WHAT_IS_LEFT = frozenset(("balance", "bal", "remaining", "outstanding", "open", "unpaid"))


def is_what_is_left(heading: object) -> bool:
    """Return True if a heading says that payments are taken off: Open Balance. Amount Due does not."""
    words = plain(_JOINTS.sub(" ", "" if heading is None else str(heading))).split()
    return not _WHAT_IS_LEFT.isdisjoint(words)


def total_of(headings: Sequence[object]) -> int | None:
    """Return the column of each row's own total, beside aging columns."""
    return next((at for at, heading in enumerate(headings) if plain(heading) in _TOTALS), None)
