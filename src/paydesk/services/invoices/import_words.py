"""The sentences about imported files that screens show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from paydesk import COMMAND
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.importing import ImportRun, Reject
from paydesk.domain.invoices.reading import Accounts, DateOrder, Proof, Proofs, Running, Unproven
from paydesk.domain.vendors import AGENCY_SYSTEM

STOPPED = ("The import was stopped.", "Nothing was imported.")


def no_headings(file_name: str) -> KnownError:
    """Return the error for a file that is no table."""
    return KnownError(
        f"{file_name} has no column headings in its first 30 rows.",
        "Export a report with at least Invoice, Customer #, Customer and Balance.",
    )


def no_such_row(line: int) -> KnownError:
    """Return the error for a row of headings that a person named, and that is not there."""
    return KnownError(f"The file has no row {line}.", "Enter the row with the column headings.")


def changed(file_name: str) -> KnownError:
    """Return the error for a file that somebody changed between its preview and the end of its import."""
    return KnownError(
        f"{file_name} changed after you looked at it.",
        "Nothing was imported. Open it again and check its columns.",
    )


def nothing_imported(file_name: str, first: Reject | None) -> tuple[str, str]:
    """Return the pair for a file without a single good row. ``first`` is its first rejected row."""
    return (f"{file_name} has no row that can be imported.", f"{first_reason(first)} Nothing changed.")


def misread(most: int, first: Reject | None) -> KnownError:
    """Return the error for a file with more than ``most`` rejected rows."""
    return KnownError(
        f"More than {most:,} rows can't be read. {first_reason(first)}",
        "Nothing was imported. Check that each column is right.",
    )


def first_reason(first: Reject | None) -> str:
    """Return the first rejected row in words."""
    return f"Line {first.line}: {first.reason}." if first else "It has headings but no rows."


def repeated(number: str) -> str:
    """Return the reason to reject every row of an invoice that stands in several."""
    return f"invoice {number} is in more than one row, so its balance isn't certain"


def nothing_to_undo() -> KnownError:
    """Return the error for an undo without an import."""
    return KnownError("There is no import to undo.", "Nothing was changed.")


def nothing_to_close() -> KnownError:
    """Return the error for a confirmation without an import that waits for it."""
    return KnownError("The last import closes nothing more.", "Import a complete list first.")


def no_file_yet() -> KnownError:
    """Return the error for a lookup before the first import."""
    return KnownError(
        "No open receivables have been imported yet.",
        f"Export them from {AGENCY_SYSTEM.name}, then press Import invoices from a file on Day end.",
        f"Export them from {AGENCY_SYSTEM.name}, then: {COMMAND} import FILE.",
    )


def no_changes_in_file() -> KnownError:
    """Return the error for the question which customers changed."""
    return KnownError("An imported file does not say which customers changed.", "Import a new file instead.")


def no_customer_name(number: str) -> KnownError:
    """Return the error for a file's only customer, whose name nobody told."""
    return KnownError(
        f"PayDesk doesn't know the name of customer {number}.",
        f"Enter the name too, for example {number} Sample Bakery LLC.",
    )


# ---- questions: a key, a sentence with figures, and how to answer -----------------------------

DATE_ORDER, AGE, PARTS, COLUMNS, COUNTED, RUNNING = (
    "date_order",
    "as_of",
    "aging",
    "columns",
    "counted",
    "running",
)


def which_order(proofs: Proofs) -> tuple[str, str, str]:
    """Ask for the order of day and month in a file that has both."""
    month, day = (proofs.first[one] for one in DateOrder)
    counts = (proofs.counts[DateOrder.MONTH_FIRST], proofs.counts[DateOrder.DAY_FIRST])
    return (
        DATE_ORDER,
        f"Dates are in two orders: {counts[0]:,} with the month first (line {month.line}: {month.text}), "
        f"{counts[1]:,} with the day first (line {day.line}: {day.text}).",
        "Choose one: --date-order mdy or --date-order dmy. Dates that don't fit are left blank.",
    )


def other_order(proof: Proof) -> KnownError:
    """Return the error for a date deep in the file that contradicts the order of the ones before."""
    return KnownError(
        f"Line {proof.line} has a date in another order of day and month: {proof.text}.",
        "Nothing was imported. Choose the order under Dates, then import again.",
        "Nothing was imported. Choose the order: --date-order mdy or --date-order dmy.",
    )


def how_old() -> tuple[str, str, str]:
    """Ask for the time of the balances."""
    return (
        AGE,
        "The file doesn't say what day its balances are from.",
        "Enter the day: --as-of 2026-10-31.",
    )


def which_parts(headings: Sequence[str]) -> tuple[str, str, str]:
    """Ask for the meaning of amounts beside aging columns."""
    named = ", ".join(f"“{heading}”" for heading in headings)
    return (
        PARTS,
        f"The balance is the sum of the aging columns, and {named} may be one of them.",
        "Say so with --column aging=HEADING, or --column ignore=HEADING.",
    )


def which_columns(told: Sequence[tuple[str, str]]) -> tuple[str, str, str]:
    """Ask for the meaning of columns that may say what is owed, each with a value of it."""
    named = ", ".join(f"“{heading}” ({value})" for heading, value in told)
    unused = "isn't used" if len(told) == 1 else "aren't used"
    return (
        COLUMNS,
        f"{named} {unused}, and may say what is owed.",
        "Say what it is with --column FIELD=HEADING, or skip it with --column ignore=HEADING.",
    )


def counted_rows(heading: str) -> tuple[str, str, str]:
    """Ask for another column of invoice numbers than one that counts the rows."""
    return (
        COUNTED,
        f"“{heading}” counts the rows: 1, 2, 3. It isn't the invoice number.",
        "Choose another one: --column invoice_number=HEADING.",
    )


def running_balance(heading: str, balances: Running) -> tuple[str, str, str]:
    """Ask for another balance than that of an account after each row."""
    first, steps = balances.first, balances.explained
    assert first is not None
    return (
        RUNNING,
        f"“{heading}” is the account's balance after each row, not what each invoice owes: {steps:,} of "
        f"{steps + balances.others:,} rows add an amount to the row above (line {first.line}: {first.text}).",
        "Choose another balance: --column balance=HEADING. If it is right, skip the column that it adds: "
        "--column ignore=HEADING.",
    )


def account_balance(heading: str, amount: str, accounts: Accounts) -> tuple[str, str, str]:
    """Ask for another balance than that of each customer's whole account."""
    whose = "1 customer" if accounts.repeated == 1 else f"{accounts.repeated:,} customers"
    return (
        RUNNING,
        f"“{heading}” is what each customer owes in all, not what each invoice owes: for {whose} with "
        f"several invoices, it is the sum of “{amount}”.",
        "Choose another balance: --column balance=HEADING. If it is right, skip the amounts: "
        "--column ignore=HEADING.",
    )


# ---- why nothing was closed -----------------------------------------------------------------

_WHY: Mapping[Unproven, str] = {
    Unproven.SCOPE: "no one said that this is the complete list",
    Unproven.REFUSED: "some rows were skipped",
    Unproven.FIGURES: "the file's own total or count differs from its rows",
    Unproven.OLDER: "an earlier import is as new or newer",
    Unproven.SHEETS: "another sheet of the workbook was not read",
    Unproven.FILTERED: "the file says that it is only a part of the list",
    Unproven.UNUSUAL: "that is more than usual",
}


def not_closed(run: ImportRun) -> str:
    """Return why the invoices that a file lacks stay open, "" if none do."""
    if not run.missing or not run.unproven:
        return ""
    one = run.missing == 1
    missing = "is missing or zero here. It stays" if one else "are missing or zero here. They stay"
    reasons = ", and ".join(_WHY[one] for one in run.unproven)
    return (
        f"{run.missing:,} of {run.compared:,} open invoices from earlier files {missing} open, "
        f"because {reasons}."
    )
