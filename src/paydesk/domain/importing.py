"""Which column of a report means what: headings recognised, corrected by people, remembered by shape."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from paydesk.domain.errors import KnownError
from paydesk.domain.money import ZERO, Money

HEADER_WITHIN = 30
"""The header stands within the first rows; titles and blank lines may stand above it."""


class Field(StrEnum):
    """What a column can tell."""

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
    PHONE = "phone"
    EMAIL = "email"


_HEADINGS: Mapping[Field, str] = {
    Field.INVOICE_NUMBER: (
        "invoice, invoice number, invoice no, invoice num, invoice id, inv, inv no, inv number, inv "
        "num, bill number, bill no, item number, item no, document number, reference number"
    ),
    Field.CUSTOMER_NUMBER: (
        "customer number, customer no, customer num, customer id, cust number, cust no, cust num, "
        "cust id, customer code, account, account number, account no, acct, acct number, acct no, "
        "client number, client no, client id, client code, insured number, insured no"
    ),
    Field.CUSTOMER_NAME: (
        "customer, customer name, cust name, insured, insured name, named insured, name, client, "
        "client name, account name, bill to, bill to name, payer"
    ),
    Field.BALANCE: (
        "balance, invoice balance, inv balance, balance due, amount due, amt due, open balance, open "
        "amount, total due, total balance, outstanding, outstanding balance, remaining, remaining "
        "balance, net due, receivable"
    ),
    Field.AMOUNT: (
        "amount, invoice amount, inv amount, inv amt, original amount, orig amount, original balance, "
        "total amount, invoice total, gross, gross amount, premium"
    ),
    Field.ZIP: "zip, zip code, zipcode, postal, postal code, customer zip, billing zip, bill to zip",
    Field.DUE_DATE: "due date, due, date due, payment due, pay by",
    Field.INVOICE_DATE: "invoice date, inv date, gl date, date, bill date, billing date, transaction date",
    Field.EFFECTIVE_DATE: "effective date, eff date, effective, eff",
    Field.DESCRIPTION: "description, desc, invoice description, transaction, memo, details, line of business",
    Field.POLICY: "policy number, policy no, policy num, policy, pol number, pol no, policy id",
    Field.INSURER: "company, insurance company, carrier, insurer, writing company, ico, underwriter",
    Field.BILL_METHOD: "bill method, billing method, bill type, billing type, bill, method of billing",
    Field.PHONE: "phone, telephone, phone number, home phone, business phone, customer phone",
    Field.EMAIL: "email, e mail, email address, customer email",
}
_FIELD_OF = {heading.strip(): field for field, text in _HEADINGS.items() for heading in text.split(",")}
_BUCKET = re.compile(
    r"current|future|not due|(over )?\d{1,3}( days)?|\d{1,3} (to |thru )?\d{1,3}( days)?"
    r"|\d{1,3} (plus|over|and over|up)"
)
_NUMBER_WORDS = str.maketrans({"#": " number ", "№": " number ", "+": " plus "})


def plain(heading: object) -> str:
    """A heading as it is compared: lower case, words only, # as "number"."""
    text = unicodedata.normalize("NFKC", str(heading or "")).casefold().translate(_NUMBER_WORDS)
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


def shape(header: Sequence[object]) -> str:
    """A short text that only a header of the same headings in the same order has."""
    joined = "\x1f".join(plain(cell) for cell in header)
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands (0 is the first column); ``aging`` are columns whose sum is the balance."""

    of: Mapping[Field, int]
    aging: tuple[int, ...] = ()

    @property
    def customers_only(self) -> bool:
        """The file tells of customers alone, as a list of their ZIPs does."""
        return Field.INVOICE_NUMBER not in self.of

    def missing(self) -> tuple[Field, ...]:
        """The fields without which nothing can be imported."""
        if self.customers_only and Field.BALANCE not in self.of and Field.ZIP in self.of:
            needed: tuple[Field, ...] = (Field.CUSTOMER_NUMBER,)
        else:
            needed = (Field.INVOICE_NUMBER, Field.CUSTOMER_NUMBER, Field.CUSTOMER_NAME)
            needed += () if self.aging else (Field.BALANCE,)
        return tuple(field for field in needed if field not in self.of)

    def check(self) -> None:
        """Raise KnownError, naming them, while columns are missing."""
        missing = self.missing()
        if missing:
            words = ", ".join(field.value.replace("_", " ") for field in missing)
            raise KnownError(
                f"The file has no column PayDesk recognises as {words}.",
                "Say which one it is: paydesk import FILE --column FIELD=HEADING.",
            )

    def to_json(self) -> dict[str, object]:
        """As kept for the next file of this shape."""
        return {"of": {field.value: at for field, at in self.of.items()}, "aging": list(self.aging)}

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> Columns:
        """As kept."""
        of, aging = raw["of"], raw["aging"]
        assert isinstance(of, dict)
        assert isinstance(aging, list)
        return cls({Field(name): int(at) for name, at in of.items()}, tuple(int(at) for at in aging))


@dataclass(frozen=True, slots=True)
class Header:
    """A header row found in a file: its ``line`` (1 is the first) and its headings as they stand."""

    line: int
    headings: tuple[str, ...]
    columns: Columns

    @property
    def shape(self) -> str:
        """What a file with the same headings shares."""
        return shape(self.headings)

    def with_column(self, field: Field, heading: str) -> Header:
        """The same with a field at the column of that heading; "" takes the field away.

        Raises KnownError when there is no such heading.
        """
        of = {other: at for other, at in self.columns.of.items() if other is not field}
        if heading:
            at = self._at(heading)
            of = {other: place for other, place in of.items() if place != at} | {field: at}
        return Header(self.line, self.headings, Columns(of, self.columns.aging))

    def _at(self, heading: str) -> int:
        for at, held in enumerate(self.headings):
            if plain(held) == plain(heading) and plain(heading):
                return at
        said = ", ".join(f"“{held}”" for held in self.headings if held)
        raise KnownError(f"The file has no heading “{heading}”.", f"It has: {said}.")


def recognise(headings: Sequence[object]) -> Columns:
    """What the headings mean; the first column that fits a field has it."""
    of: dict[Field, int] = {}
    aging = []
    for at, heading in enumerate(headings):
        words = plain(heading)
        field = _FIELD_OF.get(words)
        if field is not None:
            of.setdefault(field, at)
        elif _BUCKET.fullmatch(words):
            aging.append(at)
    return Columns(of, tuple(aging) if Field.BALANCE not in of else ())


def find_header(rows: Iterable[tuple[int, Sequence[object]]]) -> Header | None:
    """The row among the first HEADER_WITHIN that looks most like a header; None when none does."""
    best: Header | None = None
    for line, cells in rows:
        if line > HEADER_WITHIN:
            break
        found = recognise(cells)
        known = len(found.of) + min(len(found.aging), 1)
        useful = Field.INVOICE_NUMBER in found.of or Field.CUSTOMER_NUMBER in found.of
        if known >= 2 and useful and (best is None or known > len(best.columns.of)):
            best = Header(line, tuple(str(cell or "").strip() for cell in cells), found)
    return best


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken, and why; ``line`` is that of the file, ``cells`` as they stand."""

    line: int
    reason: str
    cells: tuple[str, ...]


InvoiceRow = tuple[str, str, str, int, int, str | None, str | None, str, str, str]
"""Number, customer number and name, amount and balance in cents, invoice and due date (ISO), description,
policy, insurer: a plain tuple, for there may be a million of them."""

CustomerRow = tuple[str, str, str, str, str]
"""Number, name, ZIP, phone, email; "" where the file tells nothing."""


@dataclass(slots=True)
class Converted:
    """What a chunk of rows became; ``lines`` are those of ``invoices``, for a refusal later on."""

    invoices: list[InvoiceRow] = field(default_factory=list)
    lines: Sequence[int] = ()
    customers: dict[str, CustomerRow] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    skipped: int = 0
    """Titles, page headers, subtotals, totals, blank rows, and direct-bill items."""


class Scope(StrEnum):
    """What a file leaves out."""

    WHOLE = "whole"
    """It names all that is open: an invoice of an earlier file that it lacks is closed."""
    CUSTOMERS = "customers"
    """It is complete for the customers in it, as the export of one customer is."""


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import, as the ledger remembers it. Times are UTC; ``as_of`` is when the file's balances held."""

    id: int
    file_name: str
    digest: str
    scope: Scope
    as_of: datetime
    desk: str
    user: str
    started_at: datetime
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    accepted: int = 0
    rejected: int = 0
    closed: int = 0
    open_total: Money = ZERO


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. ``open_total`` is to be compared with the report's own total.

    ``skipped`` are titles, totals, blank rows and direct-bill items; ``newer`` rows that PayDesk had
    read later than the file; ``same`` says that this very file was imported before: nothing changed.
    """

    run: ImportRun
    rejects: tuple[Reject, ...] = ()
    skipped: int = 0
    newer: int = 0
    customers: int = 0
    same: bool = False
