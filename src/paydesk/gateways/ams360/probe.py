"""Compare a real agency's AMS360 answers field by field with the mapping table, without showing its data.

Names, amounts and dates are shown by their shape alone: ``Xxxxxx 999``. Only short codes that the mapping
depends on are shown unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from paydesk.domain.errors import KnownError
from paydesk.domain.money import ZERO, total
from paydesk.gateways.ams360.answers import to_customer
from paydesk.gateways.ams360.names import NAMES, RECEIPT_CATEGORIES, with_overrides
from paydesk.gateways.ams360.session import MESSAGES, MOST_NAMES, EmsConfig, EmsSession
from paydesk.gateways.http.fields import Fields, WrongAnswer

OBSERVED = frozenset({"invoice.lines"}) | {key for key in NAMES if key.startswith("customer.")}
"""Entries of the mapping table that public code was seen to use. All others are inferred (the contract's
``x-basis``)."""

_CODES = frozenset({"invoice.bill_method", "invoice.type", "invoice.canceled", "line.category"})
_LONGEST_SHAPE = 32


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """One field of an answer. ``key`` is its entry in the mapping table, or ``""`` if it has none."""

    key: str
    name: str
    grade: str
    """One of ``observed``, ``inferred``, ``settings`` (named by the agency) and ``new`` (not in the
    table)."""
    seen: str
    """One of ``present``, ``absent or null``, ``empty``, ``not used`` (no name) and ``not asked``."""
    kind: str = ""
    """The JSON type of a field that is present."""
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of object in the answers: the number of objects, and the fields of the first.

    ``rows`` is None if nothing was asked.
    """

    title: str
    rows: int | None
    fields: tuple[FieldSeen, ...] = ()
    remarks: tuple[str, ...] = ()


def probe(
    config: EmsConfig, invoice_number: int, customer_number: int | None, now: Callable[[], datetime]
) -> list[Section]:
    """Look up one invoice and its customer, and describe the answers. Raises KnownError if there are none."""
    session = EmsSession(config, now)
    names = with_overrides(config.names)
    own = frozenset(config.names)
    invoices = session.search("/invoices/search", {names["filter.invoice_number"]: invoice_number})
    sections = [_invoices(invoices, names, own, invoice_number)]
    if invoices:
        with MESSAGES.understanding():
            lines = list(invoices[0].rows(names["invoice.lines"]))
        sections.append(_lines(invoices[0], lines, names, own))
    wanted = customer_number or _customer_of(invoices, names)
    if wanted is not None:
        customers = session.search("/customers/search", {names["filter.customer_number"]: wanted})
        sections.append(_customers(customers, names, own, wanted))
        sections += _by_customer(session, customers, names)
        sections += _by_name(session, customers, names)
    return [*sections, _receipts(names, own)]


def _receipts(names: Mapping[str, str], own: frozenset[str]) -> Section:
    """Return the names of a posted receipt. No lookup shows them, and the probe posts nothing."""
    keys = [key for key in NAMES if key.startswith("receipt.")]
    fields = tuple(FieldSeen(key, names[key], _grade(key, own), "not asked") for key in keys)
    return Section("Names that only a posted receipt can confirm", None, fields)


def _customer_of(invoices: Sequence[Fields], names: Mapping[str, str]) -> int | None:
    try:
        return invoices[0].whole(names["invoice.customer_number"]) if invoices else None
    except WrongAnswer:
        return None


def _invoices(found: Sequence[Fields], names: Mapping[str, str], own: frozenset[str], wanted: int) -> Section:
    title = f"Invoices found by {names['filter.invoice_number']}"
    if not found:
        return Section(title, 0, remarks=("None: is the number right, and may the service user see it?",))
    fitting = [row for row in found if _says(row, names["invoice.number"], wanted)]
    if len(fitting) == len(found):
        remark = "Every row has that number: the filter works."
    elif fitting:
        remark = "Other numbers came too: AMS360 does not know this filter's name."
    else:
        remark = f"No row says that number in {names['invoice.number']}: one of the two names is wrong."
    return Section(title, len(found), _seen(found[0], "invoice.", names, own), (remark,))


def _says(row: Fields, name: str, wanted: int) -> bool:
    try:
        return re.fullmatch(rf"0*{wanted}(-\d+)?", row.text(name)) is not None
    except WrongAnswer:
        return False


def _lines(
    invoice: Fields, lines: Sequence[Fields], names: Mapping[str, str], own: frozenset[str]
) -> Section:
    title = f"Lines of that invoice ({names['invoice.lines']})"
    if not lines:
        return Section(title, 0, remarks=("None: amount and balance must stand on the invoice itself.",))
    return Section(title, len(lines), _seen(lines[0], "line.", names, own), _sums(invoice, lines, names))


def _sums(invoice: Fields, lines: Sequence[Fields], names: Mapping[str, str]) -> tuple[str, ...]:
    """Compare the sum of the lines with the invoice, in words. It tells if the lines show receipts."""
    try:
        amounts = [line.money(names["line.amount"], text_too=True) or ZERO for line in lines]
        receipts = [line.text(names["line.category"]).upper() in RECEIPT_CATEGORIES for line in lines]
        amount = invoice.money(names["invoice.amount"], text_too=True)
        balance = invoice.money(names["invoice.balance"], text_too=True)
    except WrongAnswer as wrong:
        return (f"PayDesk cannot read {wrong.field}: its kind is not an amount.",)
    said = [f"Lines that are receipts (category {'/'.join(sorted(RECEIPT_CATEGORIES))}): {sum(receipts)}."]
    for what, money in (("amount", amount), ("balance", balance)):
        if money is None:
            said.append(f"The invoice has no {what} to compare the lines with.")
        else:
            says = "add up to" if total(amounts) == money else "do not add up to"
            said.append(f"All lines {says} the invoice's {what}.")
    if balance is not None and total(amounts) == balance and any(receipts):
        said.append("So the lines show receipts: lines_show_receipts = true fits this agency.")
    return tuple(said)


def _customers(
    found: Sequence[Fields], names: Mapping[str, str], own: frozenset[str], wanted: int
) -> Section:
    title = f"Customers found by {names['filter.customer_number']}"
    if not found:
        return Section(title, 0, remarks=("None: is the number right, and may the service user see it?",))
    fits = all(_says(row, names["customer.number"], wanted) for row in found)
    remark = "Every row has that number: the filter works." if fits else "Other numbers came too."
    return Section(title, len(found), _seen(found[0], "customer.", names, own), (remark,))


def _by_customer(
    session: EmsSession, customers: Sequence[Fields], names: Mapping[str, str]
) -> Iterator[Section]:
    try:
        source_id = customers[0].text(names["customer.id"]) if customers else ""
    except WrongAnswer:
        source_id = ""
    if not source_id:
        return
    title = f"Invoices found by {names['filter.customer_id']}"
    try:
        rows = session.search("/invoices/search", {names["filter.customer_id"]: source_id})
    except KnownError as error:
        yield Section(title, 0, remarks=(error.sentence,))
        return
    owners = [row for row in rows if names["invoice.customer_id"] in row]
    other = sum(1 for row in owners if _text(row, names["invoice.customer_id"]) != source_id)
    remark = f"{other} of another customer: the filter's name is wrong." if other else "None of another's."
    yield Section(title, len(rows), remarks=(remark,))


def _by_name(session: EmsSession, customers: Sequence[Fields], names: Mapping[str, str]) -> Iterator[Section]:
    """Yield how the search by name answers for the customer that was found."""
    wanted = _name_of(customers[0], names) if customers else ""
    if not wanted:
        return
    title = f"Customers found by {names['filter.customer_name']}"
    try:
        model = {names["filter.customer_name"]: wanted, "includeCustomers": True}
        rows, _ = session.first_page("/customers/search", model, MOST_NAMES)
    except KnownError as error:
        yield Section(title, 0, remarks=(f"{error.sentence} The search by name says so, too.",))
        return
    fitting = sum(_name_of(row, names).casefold() == wanted.casefold() for row in rows)
    if not fitting:
        remark = "Not even that customer came: the filter's name is wrong."
    elif fitting < len(rows):
        remark = "Other names came too: AMS360 searches more widely, or does not know this filter's name."
    else:
        remark = "Every row has that name: the filter works."
    yield Section(title, len(rows), remarks=(remark,))


def _name_of(row: Fields, names: Mapping[str, str]) -> str:
    try:
        return to_customer(row, names).name
    except WrongAnswer:
        return ""


def _text(row: Fields, name: str) -> str:
    try:
        return row.text(name)
    except WrongAnswer:
        return ""


def _seen(row: Fields, group: str, names: Mapping[str, str], own: frozenset[str]) -> tuple[FieldSeen, ...]:
    """Return every entry of the table, and then the fields that are in no entry."""
    held = row.held()
    expected = {key: names[key] for key in NAMES if key.startswith(group)}
    known = [_entry(key, name, held, own) for key, name in expected.items()]
    taken = {name.lower() for name in expected.values()}
    new = [
        FieldSeen("", name, "new", "present", _kind(value), shape_of(value))
        for name, value in held.items()
        if name not in taken
    ]
    return (*known, *new)


def _grade(key: str, own: frozenset[str]) -> str:
    return "settings" if key in own else "observed" if key in OBSERVED else "inferred"


def _entry(key: str, name: str, held: Mapping[str, object], own: frozenset[str]) -> FieldSeen:
    grade = _grade(key, own)
    if not name:
        return FieldSeen(key, name, grade, "not used")
    if name.lower() not in held:
        return FieldSeen(key, name, grade, "absent or null")
    value = held[name.lower()]
    shape = str(value) if key in _CODES and re.fullmatch(r"\w{1,3}", str(value)) else shape_of(value)
    return FieldSeen(key, name, grade, "empty" if value == "" else "present", _kind(value), shape)


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true/false"
        case int():
            return "whole number"
        case Decimal():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"


def shape_of(value: object) -> str:
    """Return a value with every letter as x and every digit as 9. Lists and objects become their size."""
    match value:
        case bool():
            return "true or false"
        case list() | dict():
            return f"{len(value)} entries"
        case _:
            text = re.sub(r"[0-9]", "9", str(value)[: _LONGEST_SHAPE + 1])
            masked = "".join(_masked(letter) for letter in text)
            return masked if len(masked) <= _LONGEST_SHAPE else masked[:_LONGEST_SHAPE] + "…"


def _masked(letter: str) -> str:
    if letter.isnumeric():
        return "9"
    if letter.isalpha():
        return "X" if letter.isupper() else "x"
    return letter if letter.isprintable() else "?"
