"""The sheet of a day, on paper: its sums by tender, then each payment in a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtGui import QFont, QTextDocument

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import PAID
from paydesk.services.day_end import Day, DaySums, TenderSum
from paydesk.ui import format as words
from paydesk.ui.payment_table import paid

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from paydesk.settings import Settings

_LOOK = "h1 { font-size: 15pt; } th { font-weight: 600; }"


def html(day: Day, settings: Settings, zone: tzinfo) -> str:
    """The sheet; every name on it is escaped."""
    count = words.count(len(day.payments), "payment")
    training = "<p><b>TRAINING: no money moved</b></p>" if settings.training else ""
    return (
        f"<html><head><style>{_LOOK}</style></head><body>"
        f"<h1>Payments of {escape(words.day(day.on))}</h1>"
        f"<p>{escape(settings.agency.name)}, {count}</p>{training}"
        + _table(("Tender", "Payments", "Amounts", "Technology fee", "Total"), 1, _rows_of(day.sums))
        + "<h2>Each payment</h2>"
        + _table(
            ("Taken", "Outcome", "Receipt", "Customer", "For", "Paid with", "Total"),
            6,
            (
                (
                    words.time_of_day(payment.claimed_at, zone),
                    words.outcome(payment),
                    payment.receipt_number,
                    words.payer(payment),
                    words.paid_for(payment),
                    words.paid_with_short(payment),
                    words.money(paid(payment)) if payment.state in PAID else "–",
                )
                for payment in day.payments
            ),
        )
        + "</body></html>"
    )


def print_sheet(sheet: str, printer: QPrinter) -> None:
    """Send the sheet to the printer. Raises KnownError when it does not take it."""
    document = QTextDocument()
    document.setDefaultFont(QFont("Inter", 9))
    document.setHtml(sheet)
    printer.setDocName("Day end")
    document.print_(printer)
    if printer.printerState() is printer.PrinterState.Error:
        raise KnownError("The printer reported an error.", "Choose another printer, or save the day as CSV.")


def _rows_of(sums: DaySums) -> Iterator[tuple[str, ...]]:
    for row in sums.tenders:
        yield _sums(row, words.tender(row.kind) if row.kind else "All tenders")
    if sums.voided.count:
        yield _sums(sums.voided, "Voided, in no total")
    if sums.returned.count:
        yield _sums(sums.returned, "Sent back, in no total")


def _sums(row: TenderSum, name: str) -> tuple[str, ...]:
    return (name, str(row.count), words.money(row.lines), words.money(row.fee), words.money(row.total))


def _table(titles: Sequence[str], first_figure: int, rows: Iterable[Sequence[str]]) -> str:
    """A table whose columns from ``first_figure`` on are figures, set to the right."""

    def line(tag: str, cells: Sequence[str]) -> str:
        sides = ["right" if place >= first_figure else "left" for place in range(len(cells))]
        made = (
            f'<{tag} align="{side}">{escape(cell)}</{tag}>' for cell, side in zip(cells, sides, strict=True)
        )
        return f"<tr>{''.join(made)}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f'<table width="100%" cellpadding="3">{line("th", titles)}{body}</table>'
