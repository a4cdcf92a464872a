"""The printed sheet of a day: its sums by tender, then one line for each payment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtGui import QFont, QTextDocument

from paydesk.domain.errors import KnownError
from paydesk.domain.typed.anchors import short_form
from paydesk.services.desk.day_end import TAKEN, Day, DaySums, TenderSum
from paydesk.ui.day_end import words
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import words as kit_words
from paydesk.ui.lists.payment_columns import paid

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from paydesk.config.settings import Settings

_LOOK = "h1 { font-size: 15pt; } th { font-weight: 600; }"


def html(day: Day, settings: Settings, zone: tzinfo) -> str:
    """Return the sheet as HTML, with every name escaped."""
    mark = words.world_mark(settings.world)
    world = f"<p><b>{escape(mark)}</b></p>" if mark else ""
    return (
        f"<html><head><style>{_LOOK}</style></head><body>"
        f"<h1>{escape(words.payments_of(fmt.day(day.on)))}</h1>"
        f"<p>{escape(words.agency_and_count(settings.agency.name, len(day.payments)))}</p>{world}"
        + _table(tuple(words.COLUMNS.values()), 1, _rows_of(day.sums))
        + f"<h2>{escape(words.EACH_PAYMENT)}</h2>"
        + _table(
            words.PAYMENT_COLUMNS,
            6,
            (
                (
                    fmt.time_of_day(payment.held_at, zone),
                    kit_words.outcome(payment),
                    payment.receipt_number,
                    fmt.payer(payment),
                    kit_words.paid_for(payment),
                    kit_words.paid_with_short(payment),
                    fmt.money(paid(payment)) if payment.state in TAKEN else words.NO_AMOUNT,
                )
                for payment in day.payments
            ),
        )
        + _backs(day, zone)
        + _anchor(day.anchor)
        + "</body></html>"
    )


def _backs(day: Day, zone: tzinfo) -> str:
    """Return the table of the money that went back on the day, or ``""`` if none did."""
    if not day.backs:
        return ""
    rows = (
        (
            fmt.time_of_day(back.at, zone),
            back.what,
            back.number or back.payment.receipt_number,
            fmt.payer(back.payment),
            kit_words.paid_for(back.payment),
            fmt.money(back.amount),
        )
        for back in day.backs
    )
    return f"<h2>{escape(words.EACH_BACK)}</h2>{_table(words.BACK_COLUMNS, 5, rows)}"


def _anchor(head: str) -> str:
    """Return the short form of the ledger's newest hash, which a person can enter, or ``""`` without one."""
    if not head.strip("0"):  # a ledger without events
        return ""
    return f"<p><b>{escape(words.anchor(short_form(head)))}</b><br>{escape(words.KEEP_THIS_SHEET)}</p>"


def print_sheet(sheet: str, printer: QPrinter) -> None:
    """Send the sheet to the printer. Raises KnownError if the printer fails."""
    document = QTextDocument()
    document.setDefaultFont(QFont("Inter", 9))
    document.setHtml(sheet)
    document.print_(printer)
    if printer.printerState() is printer.PrinterState.Error:
        raise KnownError(words.PRINTER_FAILED, words.PRINT_ELSEWHERE)


def _rows_of(sums: DaySums) -> Iterator[tuple[str, ...]]:
    for row in sums.tenders:
        yield _sums(row, kit_words.tender(row.kind) if row.kind else words.ALL_TENDERS)
    if sums.voided.count:
        yield _sums(sums.voided, words.VOIDED)
    if sums.went_back.count:
        yield _sums(sums.went_back, words.WENT_BACK)


def _sums(row: TenderSum, name: str) -> tuple[str, ...]:
    return (name, str(row.count), fmt.money(row.lines), fmt.money(row.fee), fmt.money(row.total))


def _table(titles: Sequence[str], first_figure: int, rows: Iterable[Sequence[str]]) -> str:
    """Return a table. Columns from ``first_figure`` on hold figures, aligned to the right."""

    def line(tag: str, cells: Sequence[str]) -> str:
        sides = ["right" if place >= first_figure else "left" for place in range(len(cells))]
        made = (
            f'<{tag} align="{side}">{escape(cell)}</{tag}>' for cell, side in zip(cells, sides, strict=True)
        )
        return f"<tr>{''.join(made)}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f'<table width="100%" cellpadding="3">{line("th", titles)}{body}</table>'
