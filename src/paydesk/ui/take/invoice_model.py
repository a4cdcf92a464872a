"""Table model of a lookup's invoices: check boxes, partial amounts, and corrections that move no row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.invoice import Due, due_status
from paydesk.domain.invoices.selection import Group, Row, Selection, group_of, select
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import GIVEN_BACK, State
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import theme
from paydesk.ui.lists.model import Band, Column, Index, Role, TableModel
from paydesk.ui.take.invoice_groups import bands
from paydesk.ui.take.words import selection as words

_DUE_ICONS = {
    Due.OVERDUE: ("alert", "danger"),
    Due.TODAY: ("clock", "warning"),
    Due.LATER: ("calendar", "muted"),
    Due.NO_DATE: ("calendar", "muted"),
    Due.NOTHING_OWED: ("check-circle", "muted"),
    Due.CREDIT: ("undo", "muted"),
}


class InvoiceTableModel(TableModel[Row]):
    """Invoices with check boxes. ``changed`` follows a change of the selection or of its sum."""

    changed = Signal()
    refused = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(self._make_columns(), parent)
        self._ticked: set[str] = set()
        self._parts: dict[str, Money] = {}
        self._groups: dict[str, Group] = {}
        """The group of each invoice. It keeps that of its first reading, so that no row moves."""
        self._today: date = datetime.now(UTC).date()
        self._zone: tzinfo = UTC

    def _make_columns(self) -> list[Column[Row]]:
        title = words.INVOICE_COLUMNS
        return [
            Column("tick", title["tick"], lambda _row: "", lambda row: row.payable),
            Column(
                "invoice",
                title["invoice"],
                lambda row: row.invoice.number,
                lambda row: _number(row.invoice.number),
            ),
            Column(
                "invoiced",
                title["invoiced"],
                lambda row: fmt.day(row.invoice.invoice_date),
                lambda row: row.invoice.invoice_date,
            ),
            Column(
                "due",
                title["due"],
                lambda row: fmt.day(row.invoice.due_date),
                lambda row: row.invoice.due_date,
            ),
            Column(
                "status",
                title["status"],
                self._status,
                lambda row: row.invoice.due_date,
                icon=self._status_icon,
            ),
            Column("description", title["description"], lambda row: row.invoice.description),
            Column("policy", title["policy"], lambda row: row.invoice.policy_number),
            Column(
                "amount",
                title["amount"],
                lambda row: fmt.money(row.invoice.amount),
                _cents("amount"),
                right=True,
            ),
            Column(
                "balance",
                title["balance"],
                lambda row: fmt.money(row.owed),
                lambda row: row.owed.cents,
                right=True,
            ),
            Column("pay", title["pay"], self._pay, lambda row: self.amount_of(row).cents, right=True),
        ]

    # ---- rows -----------------------------------------------------------------------------

    def set_day(self, today: date, zone: tzinfo) -> None:
        """Set the agency's date and time zone, for due statuses and times."""
        self._today, self._zone = today, zone

    def show_fresh(self, rows: Sequence[Row], ticked: Sequence[str] = ()) -> None:
        """Show a new answer in groups, oldest due date first.

        Invoices in ``ticked`` are selected if they can be.
        """
        self._parts.clear()
        self.sorting = None
        self._groups.clear()
        self._put_in_groups(rows)
        self._ticked = {row.invoice.number for row in rows if row.payable and row.invoice.number in ticked}
        self.show(rows)
        self.changed.emit()

    def _as_given(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows in groups, with the oldest due date first."""
        return sorted(rows, key=self._urgency)

    def _urgency(self, row: Row) -> tuple[int, date, int]:
        group = self._groups[row.invoice.number]
        return (group, row.invoice.due_date or date.max, _number(row.invoice.number))

    def _put_in_groups(self, rows: Sequence[Row]) -> None:
        """Group the rows. A list of one kind has no groups."""
        for row in rows:
            self._groups.setdefault(row.invoice.number, group_of(row, self._today))
        self._group()

    def _group(self) -> None:
        self.group = self._bands if len(set(self._groups.values())) > 1 else None

    def _bands(self, rows: Sequence[Row]) -> Mapping[int, Band]:
        return bands(rows, [self._groups[row.invoice.number] for row in rows])

    def correct(self, rows: Sequence[Row], asked_for: Sequence[str] = ()) -> None:
        """Apply a newer reading of the same answer. No row moves, and the selection stays where it still can.

        An invoice in ``asked_for`` that was not payable before is selected if it is payable now.
        """
        fresh = {row.invoice.number: row for row in rows}
        old_payable = {row.invoice.number for row in self.payable}
        for place in reversed(range(len(self.rows))):
            if self.rows[place].invoice.number not in fresh:
                self.beginRemoveRows(self.index(-1, -1), place, place)
                del self.rows[place]
                self.endRemoveRows()
        self.rows = [fresh.pop(row.invoice.number) for row in self.rows]
        for row in fresh.values():
            self._groups[row.invoice.number] = group_of(row, self._today)
        self._groups = {row.invoice.number: self._groups[row.invoice.number] for row in rows}
        self._group()
        self._append(sorted(fresh.values(), key=self._urgency))
        self._ticked |= set(asked_for) - old_payable
        self._drop_unpayable()
        self.regroup()
        self._repaint()

    def add(self, rows: Sequence[Row]) -> None:
        """Add more invoices of the same customer to their groups, selected."""
        self._put_in_groups(rows)
        self._append(rows)
        self._ticked |= {row.invoice.number for row in rows if row.payable}
        self._reorder(self._in_order(self.rows))
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

    # ---- selection ------------------------------------------------------------------------

    def is_ticked(self, row: Row) -> bool:
        """Return True if the invoice is in the basket."""
        return row.invoice.number in self._ticked

    def amount_of(self, row: Row) -> Money:
        """Return the amount to pay on the row now."""
        if not self.is_ticked(row):
            return ZERO
        return self._parts.get(row.invoice.number, row.owed)

    def toggle(self, row: Row) -> bool:
        """Select or clear the row. Returns False if it cannot be selected."""
        if not row.payable:
            return False
        self._ticked ^= {row.invoice.number}
        self._parts.pop(row.invoice.number, None)
        self._repaint()
        return True

    def tick(self, rows: Sequence[Row]) -> None:
        """Select exactly these rows, except those that cannot be selected."""
        self._ticked = {row.invoice.number for row in rows if row.payable}
        self._drop_unpayable()
        self._repaint()

    def pay_parts(self, parts: Sequence[tuple[str, Money]]) -> None:
        """Pay selected invoices in part, as far as that much is still owed."""
        if not parts:
            return  # nothing to show anew, and most answers have none
        self._parts.update((number, part) for number, part in parts if number in self._ticked)
        self._drop_unpayable()
        self._repaint()

    @property
    def has_parts(self) -> bool:
        """True if a selected invoice is paid only in part."""
        return bool(self._parts)

    @property
    def payable(self) -> list[Row]:
        """The rows that can be selected."""
        return [row for row in self.rows if row.payable]

    @property
    def overdue(self) -> list[Row]:
        """The overdue rows that can be selected."""
        return [row for row in self.payable if self._is_overdue(row)]

    @property
    def selection(self) -> Selection:
        """The selected rows, in the order shown."""
        return select(self.rows, self._ticked, self._parts.items())

    # ---- cells ----------------------------------------------------------------------------

    def cell(self, row: Row, column: Column[Row], role: int) -> Any:
        """Return a cell as in any table.

        Overdue rows are red, unpayable ones dimmed, and one column has check boxes.
        """
        match role:
            case Qt.ItemDataRole.CheckStateRole:
                return self._check_state(row) if column.name == "tick" else None
            case Qt.ItemDataRole.ForegroundRole:
                return self._ink(row, column)
            case Qt.ItemDataRole.BackgroundRole:
                return theme.color("overdue") if self._is_red(row) else None
            case Role.CURRENT:
                return theme.color("danger_soft") if self._is_red(row) else None
            case Role.BAR:
                return theme.color("danger") if self._is_red(row) else None
            case Qt.ItemDataRole.EditRole if column.name == "pay":
                return fmt.money(self.amount_of(row))
            case Qt.ItemDataRole.AccessibleTextRole if column.name == "tick":
                return self._tick_spoken(row)
            case _:
                return super().cell(row, column, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let the keyboard reach every row. Only selected rows have an amount to edit."""
        flags = super().flags(index)
        if index.isValid() and self.columns[index.column()].name == "pay":
            row = self.value(index)
            if row is not None and self.is_ticked(row):
                flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Set a partial amount of an invoice.

        ``refused`` carries the reason if the amount is not possible.
        """
        row = self.value(index)
        if row is None or role != Qt.ItemDataRole.EditRole or not self.is_ticked(row):
            return False
        try:
            part = part_in(str(value), row)
        except KnownError as error:
            # The whole amount must not be charged if the clerk meant a part.
            self._ticked.discard(row.invoice.number)
            self._repaint()
            self.refused.emit(KnownError(error.sentence, f"{error.next_step} {words.NOT_TICKED_ANY_MORE}"))
            return False
        if part == row.owed:
            self._parts.pop(row.invoice.number, None)
        else:
            self._parts[row.invoice.number] = part
        self._repaint()
        return True

    def _tick_spoken(self, row: Row) -> str:
        if not row.payable:
            return words.CANNOT_BE_TICKED_SPOKEN
        return words.TICKED_SPOKEN if self.is_ticked(row) else words.NOT_TICKED_SPOKEN

    def _check_state(self, row: Row) -> Qt.CheckState | None:
        if not row.payable:
            return None
        return Qt.CheckState.Checked if self.is_ticked(row) else Qt.CheckState.Unchecked

    def _is_red(self, row: Row) -> bool:
        return row.payable and self._is_overdue(row)

    def _is_overdue(self, row: Row) -> bool:
        return due_status(row.invoice, self._today).due is Due.OVERDUE

    def _ink(self, row: Row, column: Column[Row]) -> Any:
        if not row.payable:
            return theme.color("muted")
        if column.name == "status" and self._is_red(row):
            return theme.color("danger")
        return None

    def _pay(self, row: Row) -> str:
        return fmt.money(self.amount_of(row)) if self.is_ticked(row) else ""

    def _status(self, row: Row) -> str:
        return words.row_status(row, self._zone, self._today)

    def _status_icon(self, row: Row) -> tuple[str, str]:
        status = row.status
        if row.payable or status is None:
            return _DUE_ICONS[due_status(row.invoice, self._today).due]
        if status.being_paid:
            return ("question", "warning") if status.state is State.UNKNOWN else ("lock", "warning")
        return ("undo", "warning") if status.state in GIVEN_BACK else ("check-circle", "good")


def part_in(text: str, row: Row) -> Money:
    """Return the partial amount that was typed. Raises KnownError if it cannot be paid on the row."""
    part = Money.parse(text)
    if not ZERO < part <= row.owed:
        raise KnownError(*words.part_refused(part, row))
    return part


def _number(invoice_number: str) -> int:
    digits = "".join(sign for sign in invoice_number if sign.isdigit())
    return int(digits or 0)


def _cents(name: str) -> Any:
    return lambda row: getattr(row.invoice, name).cents
