"""The words of the import dialog: its start, the columns, the progress, and the result."""

from __future__ import annotations

from paydesk.domain.invoices.columns import AGING, IGNORED
from paydesk.domain.invoices.headings import Field
from paydesk.domain.invoices.importing import Scope
from paydesk.domain.invoices.reading import DateOrder, DecimalSign, OwnFigure
from paydesk.domain.money import Money
from paydesk.domain.typed.plain_texts import apart
from paydesk.domain.vendors import AGENCY_SYSTEM
from paydesk.services.invoices.import_preview import Age, Preview, Question
from paydesk.services.invoices.import_words import AGE as AGE_ASKED
from paydesk.services.invoices.import_words import COLUMNS as COLUMNS_ASKED
from paydesk.services.invoices.import_words import COUNTED as COUNTED_ASKED
from paydesk.services.invoices.import_words import DATE_ORDER as DATE_ORDER_ASKED
from paydesk.services.invoices.import_words import PARTS as PARTS_ASKED
from paydesk.services.invoices.import_words import RUNNING as RUNNING_ASKED
from paydesk.ui.kit.format import count

# The dialog.
TITLE = "Import open invoices"
READING = "Reading the file…"
TAKING_BACK = "Undoing…"
THE_ROWS = "the skipped rows"
SUGGESTED_FILE = "Skipped rows.xlsx"
REPORTS = "Reports"


def saved_as(name: str) -> str:
    return f"Saved as {name}."


# The start: what a file needs, and the imports so far.
NEEDED = (
    "Use a CSV or Excel report of open receivables with at least the invoice number, customer number, "
    "customer name and balance. You check the columns before anything is imported."
)
ONLY_SEARCHED = (
    f"This desk looks up invoices in {AGENCY_SYSTEM.name} itself. Search (F5) finds what you import here, "
    f"but it can only be paid if {AGENCY_SYSTEM.name} has it, too."
)
IMPORTS = "Past imports"
NO_IMPORTS = "No imports yet."
IMPORT_COLUMNS = {
    "file": "File",
    "when": "Imported",
    "who": "By",
    "count": "Invoices",
    "open": "Open",
    "what": "",
}
IN_USE = "In use"
NOT_FINISHED = "Not finished"
TAKEN_BACK = "Undone"
UNDO_NEWEST = "Undo last import"
KEEP_IMPORT = "Keep it"
CHOOSE_FILE = "Choose a file…"


def undo_sure(file: str) -> str:
    return f"Undo the import of {apart(file)}? Its balances go back to what they were before."


def imported_at(day: str, time: str) -> str:
    return f"{day}, {time}"


def imported_by(user: str, desk: str) -> str:
    return f"{apart(user)} at {apart(desk)}"


# The columns.
SCOPE = "This file lists"
SCOPES = {
    Scope.UNKNOWN: "I'm not sure",
    Scope.WHOLE: "All open invoices",
    Scope.CUSTOMERS: "All open invoices for its customers",
}
FIELDS = {
    Field.INVOICE_NUMBER: "Invoice number",
    Field.CUSTOMER_NUMBER: "Customer number",
    Field.CUSTOMER_NAME: "Customer name",
    Field.BALANCE: "Balance",
    Field.AMOUNT: "Invoice amount",
    Field.ZIP: "ZIP",
    Field.DUE_DATE: "Due date",
    Field.INVOICE_DATE: "Invoice date",
    Field.EFFECTIVE_DATE: "Effective date",
    Field.DESCRIPTION: "Description",
    Field.POLICY: "Policy number",
    Field.INSURER: "Carrier",
    Field.BILL_METHOD: "Bill method",
    Field.STATUS: "Status",
    Field.UNAPPLIED: "Credit on account",
    Field.PAID: "Amount paid",
    Field.CURRENCY: "Currency",
    Field.KIND: "Transaction type",
    Field.PHONE: "Phone",
    Field.EMAIL: "Email",
}
COLUMNS_SPOKEN = "Columns and the first rows of the file"
LISTS = {AGING: "Aging columns", IGNORED: "Columns to skip"}
NOT_THERE = "–"
SAMPLE = "The first rows of the file"
ANOTHER_FILE = "Another file…"
CUSTOMERS_ONLY = "This file has no invoice numbers. Only customers and ZIPs are imported."
IMPORT = "Import"
CLOSING = "Closing the invoices…"

SHEET = "Sheet"
HEADING_LINE = "Headings are in"
AS_OF = "Balances as of"
AS_OF_LIKE = "10/31/2026"
DATE_ORDER = "Dates"
DATE_ORDERS = {
    None: "Automatic",
    DateOrder.MONTH_FIRST: "Month first (9/30/2026)",
    DateOrder.DAY_FIRST: "Day first (30/9/2026)",
}
DECIMAL = "Amounts"
DECIMALS = {None: "Automatic", DecimalSign.POINT: "1,250.00", DecimalSign.COMMA: "1.250,00"}
ONLY_CUSTOMER = "Customer number and name"
CUSTOMER_LIKE = "1001 Sample Bakery LLC"
AGES = {
    Age.SAID: "as entered",
    Age.TITLE: "from the file's title",
    Age.FILE_TIME: "from the file's date",
    Age.UNKNOWN: "not certain",
}
ANSWERS = {
    DATE_ORDER_ASKED: "Choose the order under Dates.",
    AGE_ASKED: "Enter the day under Balances as of.",
    PARTS_ASKED: "Select them under Aging columns or Columns to skip.",
    COLUMNS_ASKED: "Choose what each one is, or select it under Columns to skip.",
    COUNTED_ASKED: "Choose another column for the invoice number.",
    RUNNING_ASKED: "Choose another column for the balance. If it is right, skip the column that it adds.",
}


def line_number(line: int) -> str:
    return f"Line {line}"


def about_file(heading_line: int, day: str, age: Age, *, confirmed: bool) -> str:
    columns = "Using the saved columns." if confirmed else "Check that each column is right."
    return f"Headings in line {heading_line}. Balances as of {day}, {AGES[age]}. {columns}"


def evidence(preview: Preview) -> str:
    """Say what an import would take, as far as the file was read."""
    survey = preview.survey
    first = "" if survey.whole else "In the first rows: "
    customers = count(survey.customers, "customer")
    said = [f"{first}{count(survey.accepted, 'invoice')} for {customers}, {survey.open_total.shown} open."]
    if survey.rejects:
        one = survey.rejects[0]
        said.append(f"{count(len(survey.rejects), 'row')} can't be read. Line {one.line}: {one.reason}.")
    said += [f"Sheet {name} also has invoices and won't be read." for name in preview.other_sheets]
    said += [own_figure(figure) for figure in survey.figures if not figure.proven]
    return " ".join(said)


def question(asked: Question) -> str:
    return f"{asked.sentence} {ANSWERS[asked.asks]}"


def columns_missing(fields: str) -> str:
    return f"Choose the column for: {fields}."


def own_figure(figure: OwnFigure) -> str:
    if figure.is_page:
        return f"The last page is {figure.found:,} of {figure.said:,} (line {figure.line})."
    if figure.is_count:
        said, found = f"{figure.said:,}", f"{figure.found:,}"
    else:
        said, found = Money(figure.said).shown, Money(figure.found).shown
    kind = "count" if figure.is_count else "total"
    if figure.proven:
        return f"The file's own {kind} in line {figure.line} matches: {said}."
    return f"Line {figure.line} says {said}, but the rows give {found}."


# The progress.
IMPORTING = "Importing…"
PROGRESS = "How much of the file has been read"
STOPPING = "Stopping. Nothing will be imported."
STOP = "Stop and undo"


def read_so_far(invoices: int, rejected: int) -> str:
    not_taken = f", {count(rejected, 'row')} skipped" if rejected else ""
    return f"{count(invoices, 'invoice')} so far{not_taken}."


# The result.
IMPORTED = "Imported"
IMPORTED_BEFORE = "Already imported: nothing changed"
CLOSED_NOW = "Closed"
KNOWN_AGAIN = "Everything is as it was before this import."
REJECTS = "Skipped rows"
REJECT_COLUMNS = {"line": "Line", "reason": "Reason", "cells": "Row"}
UNDO = "Undo this import"
SAVE_REJECTS = "Save these rows…"
CLOSE = "Close"


def invoices_taken(number: int, open_total: str) -> str:
    return f"{count(number, 'invoice')} imported, {open_total} open in all."


def customers_taken(number: int) -> str:
    return f"{count(number, 'customer')} imported."


def invoices_closed(number: int) -> str:
    return f"{count(number, 'invoice')} from an earlier file closed."


def rows_older(number: int) -> str:
    return f"{count(number, 'row')} skipped: PayDesk has newer figures."


def rows_passed_over(number: int) -> str:
    return f"{count(number, 'title, total, blank or direct-bill row')} ignored."


def cells_lost(number: int, line: int, reason: str) -> str:
    return f"{count(number, 'cell')} left blank. Line {line}: {reason}."


def close_them(number: int) -> str:
    return f"Close {count(number, 'invoice')}"


def rows_rejected(number: int) -> str:
    return f"{count(number, 'row')} skipped. Each one says why."


def taken_back(file: str) -> str:
    return f"Import of {file} undone"
