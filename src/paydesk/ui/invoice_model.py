"""The invoices of a lookup as a table: ticks, parts, and corrections that move nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from paydesk.domain.errors import KnownError
from paydesk.domain.invoice import Due, due_status
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import GIVEN_BACK, State
from paydesk.domain.selection import Row, Selection, select
from paydesk.ui import format as words
from paydesk.ui import theme
from paydesk.ui.models import Column, Index, TableModel

_DUE_ICONS = {
    Due.OVERDUE: ("alert", "danger"),
    Due.TODAY: ("clock", "warning"),
    Due.LATER: ("calendar", "muted"),
    Due.NO_DATE: ("calendar", "muted"),
    Due.NOTHING_OWED: ("check-circle", "muted"),
    Due.CREDIT: ("undo", "muted"),
}


class InvoiceTableModel(TableModel[Row]):
    """Invoices to tick. ``changed`` when what is ticked, or its sum, changed."""

    changed = Signal()
    refused = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(self._make_columns(), parent)
        self._ticked: set[str] = set()
        self._parts: dict[str, Money] = {}
        self._today: date = datetime.now(UTC).date()
        self._zone: tzinfo = UTC

    def _make_columns(self) -> list[Column[Row]]:
        return [
            Column("tick", "", lambda _row: "", lambda row: row.payable),
            Column(
                "invoice", "Invoice", lambda row: row.invoice.number, lambda row: _number(row.invoice.number)
            ),
            Column(
                "status", "Due status", self._status, lambda row: row.invoice.due_date, icon=self._status_icon
            ),
            Column(
                "due",
                "Due date",
                lambda row: words.day(row.invoice.due_date),
                lambda row: row.invoice.due_date,
            ),
            Column("description", "Description", lambda row: row.invoice.description),
            Column("policy", "Policy", lambda row: row.invoice.policy_number),
            Column(
                "amount", "Amount", lambda row: words.money(row.invoice.amount), _cents("amount"), right=True
            ),
            Column(
                "balance",
                "Balance",
                lambda row: words.money(row.owed),
                lambda row: row.owed.cents,
                right=True,
            ),
            Column("pay", "Pay", self._pay, lambda row: self.amount_of(row).cents, right=True),
        ]

    # ---- what is shown --------------------------------------------------------------------

    def set_day(self, today: date, zone: tzinfo) -> None:
        """The agency's date and zone that due statuses and times are said in."""
        self._today, self._zone = today, zone

    def show_fresh(self, rows: Sequence[Row], ticked: Sequence[str] = ()) -> None:
        """A new answer: oldest due first, these invoices ticked where they can be."""
        self._parts.clear()
        self._ticked = {row.invoice.number for row in rows if row.payable and row.invoice.number in ticked}
        self.show(sorted(rows, key=_urgency))
        self.changed.emit()

    def correct(self, rows: Sequence[Row], asked_for: Sequence[str] = ()) -> None:
        """A newer reading of what is shown: no row moves, ticks stay where they still can.

        What was ``asked_for`` and could not be paid by the older reading is ticked when it can now.
        """
        fresh = {row.invoice.number: row for row in rows}
        old_payable = {row.invoice.number for row in self.payable}
        for place in reversed(range(len(self.rows))):
            if self.rows[place].invoice.number not in fresh:
                self.beginRemoveRows(self.index(-1, -1), place, place)
                del self.rows[place]
                self.endRemoveRows()
        self.rows = [fresh.pop(row.invoice.number) for row in self.rows]
        self._append(sorted(fresh.values(), key=_urgency))
        self._ticked |= set(asked_for) - old_payable
        self._drop_unpayable()
        self._repaint()

    def add(self, rows: Sequence[Row]) -> None:
        """More invoices of the same customer below the others, ticked."""
        self._append(sorted(rows, key=_urgency))
        self._ticked |= {row.invoice.number for row in rows if row.payable}
        self._repaint()

    def _append(self, rows: Sequence[Row]) -> None:
        if rows:
            self.beginInsertRows(self.index(-1, -1), len(self.rows), len(self.rows) + len(rows) - 1)
            self.rows.extend(rows)
            self.endInsertRows()

    def _drop_unpayable(self) -> None:
        payable = {row.invoice.number: row for row in self.rows if row.payable}
        self._ticked &= payable.keys()
        self._parts = {
            number: part
            for number, part in self._parts.items()
            if number in payable and part < payable[number].owed
        }

    def _repaint(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))
        self.changed.emit()

    # ---- what is ticked -------------------------------------------------------------------

    def is_ticked(self, row: Row) -> bool:
        """The invoice is in the basket."""
        return row.invoice.number in self._ticked

    def amount_of(self, row: Row) -> Money:
        """What would be paid on the row now."""
        if not self.is_ticked(row):
            return ZERO
        return self._parts.get(row.invoice.number, row.owed)

    def toggle(self, row: Row) -> bool:
        """Tick or untick; False when the row cannot be ticked."""
        if not row.payable:
            return False
        self._ticked ^= {row.invoice.number}
        self._parts.pop(row.invoice.number, None)
        self._repaint()
        return True

    def tick(self, rows: Sequence[Row]) -> None:
        """Tick exactly these rows, where they can be."""
        self._ticked = {row.invoice.number for row in rows if row.payable}
        self._drop_unpayable()
        self._repaint()

    @property
    def has_parts(self) -> bool:
        """Some ticked invoice is paid only in part."""
        return bool(self._parts)

    @property
    def payable(self) -> list[Row]:
        """The rows that can be ticked."""
        return [row for row in self.rows if row.payable]

    @property
    def overdue(self) -> list[Row]:
        """The rows that can be ticked and are overdue."""
        return [row for row in self.payable if words.is_overdue(row.invoice, self._today)]

    @property
    def selection(self) -> Selection:
        """The ticked rows, in the order shown."""
        return select(self.rows, self._ticked, self._parts.items())

    # ---- cells ----------------------------------------------------------------------------

    def cell(self, row: Row, column: Column[Row], role: int) -> Any:
        """As any table, with red for overdue, dimmed for what cannot be ticked, and the tick."""
        match role:
            case Qt.ItemDataRole.CheckStateRole:
                return self._check_state(row) if column.name == "tick" else None
            case Qt.ItemDataRole.ForegroundRole:
                return self._ink(row, column)
            case Qt.ItemDataRole.BackgroundRole:
                return theme.color("danger_soft") if self._is_red(row) else None
            case Qt.ItemDataRole.EditRole if column.name == "pay":
                return words.money(self.amount_of(row))
            case Qt.ItemDataRole.AccessibleTextRole if column.name == "tick":
                return (
                    "ticked" if self.is_ticked(row) else ("not ticked" if row.payable else "cannot be ticked")
                )
            case _:
                return super().cell(row, column, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All rows can be walked to; only ticked ones have an amount to edit."""
        flags = super().flags(index)
        if index.isValid() and self.columns[index.column()].name == "pay":
            row = self.value(index)
            if row is not None and self.is_ticked(row):
                flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Pay only a part of an invoice; ``refused`` says why an amount cannot be taken."""
        row = self.value(index)
        if row is None or role != Qt.ItemDataRole.EditRole or not self.is_ticked(row):
            return False
        try:
            part = part_in(str(value), row)
        except KnownError as error:
            # The whole must not be charged where a part was meant.
            self._ticked.discard(row.invoice.number)
            self._repaint()
            self.refused.emit(KnownError(error.sentence, f"{error.next_step} It is not ticked any more."))
            return False
        if part == row.owed:
            self._parts.pop(row.invoice.number, None)
        else:
            self._parts[row.invoice.number] = part
        self._repaint()
        return True

    def _check_state(self, row: Row) -> Qt.CheckState | None:
        if not row.payable:
            return None
        return Qt.CheckState.Checked if self.is_ticked(row) else Qt.CheckState.Unchecked

    def _is_red(self, row: Row) -> bool:
        return row.payable and words.is_overdue(row.invoice, self._today)

    def _ink(self, row: Row, column: Column[Row]) -> Any:
        if not row.payable:
            return theme.color("muted")
        if column.name == "status" and self._is_red(row):
            return theme.color("danger")
        return None

    def _pay(self, row: Row) -> str:
        return words.money(self.amount_of(row)) if self.is_ticked(row) else ""

    def _status(self, row: Row) -> str:
        return words.row_status(row, self._zone, self._today)

    def _status_icon(self, row: Row) -> tuple[str, str]:
        mark = row.mark
        if row.payable or mark is None:
            return _DUE_ICONS[due_status(row.invoice, self._today).due]
        if mark.being_paid:
            return ("question", "warning") if mark.state is State.UNKNOWN else ("lock", "warning")
        return ("undo", "warning") if mark.state in GIVEN_BACK else ("check-circle", "good")


def part_in(text: str, row: Row) -> Money:
    """The part of an invoice that was typed. Raises KnownError when it cannot be paid on the row."""
    part = Money.parse(text)
    if not ZERO < part <= row.owed:
        raise KnownError(
            f"{part} cannot be paid on invoice {row.invoice.number}.", f"Type an amount up to {row.owed}."
        )
    return part


def _urgency(row: Row) -> tuple[bool, date, int]:
    """What can be paid first, the oldest due date first."""
    return (not row.payable, row.invoice.due_date or date.max, _number(row.invoice.number))


def _number(invoice_number: str) -> int:
    digits = "".join(sign for sign in invoice_number if sign.isdigit())
    return int(digits or 0)


def _cents(name: str) -> Any:
    return lambda row: getattr(row.invoice, name).cents
