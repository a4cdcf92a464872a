"""Search results: customers and invoices, best first, each with the part that matches."""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from paydesk.domain.invoices.search_terms import MatchedBy
from paydesk.domain.money import ZERO
from paydesk.domain.payment import GIVEN_BACK, State
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import label, set_role, stack
from paydesk.ui.lists.model import Column, TableModel
from paydesk.ui.lists.table import Table
from paydesk.ui.take.selection_page import EmptyState
from paydesk.ui.take.words import search as words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paydesk.services.invoices.search import Hit


_MOST_STATUS = 300
"""Most width of a hit's status, in device-independent pixels. The tip shows all."""
_QUOTED = 60
"""Most characters of the searched text that the empty state quotes."""


class SearchResults(QWidget):
    """The list of hits. ``opened`` carries the hit that was entered or double-clicked. Esc emits ``left``."""

    opened = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("hits")
        self._today: date = date.min
        self._zone: tzinfo = UTC
        self.model: TableModel[Hit] = TableModel(_columns(self._status), self)
        self.table = Table("hits.table", words.HITS_SPOKEN, self.model)
        self.table.fit_columns(stretch="name", spare=("fits", "invoice"))
        self.table.opens = self.open_current
        self.table.keys[Qt.Key.Key_Escape] = self.left.emit
        self.table.doubleClicked.connect(self._open)
        self._empty = EmptyState("hits.empty")
        card = QFrame()
        card.setProperty("role", "card")
        stack(card, self.table, margin=1)
        self._card = card
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(card)
        self._said = label("", "small", "hits.agency_system")
        self._said.setWordWrap(True)
        self._said.hide()
        column = stack(self, self._pages, self._said, spacing=Space.S)
        column.setStretch(0, 1)
        self.show_hits("", ())

    def set_day(self, today: date, zone: tzinfo) -> None:
        """Set the agency's date and time zone, for statuses and times."""
        self._today, self._zone = today, zone

    def _status(self, hit: Hit) -> str:
        if hit.row is not None:
            return words.invoice_hit(hit.row, self._zone, self._today)
        if hit.from_agency_system:
            return words.FROM_AGENCY_SYSTEM
        return words.customer_sums(hit.sums, hit.being_paid)

    def show_hits(self, text: str, hits: Sequence[Hit]) -> None:
        """Show the hits for a text. Enter in the field opens the first one, so that one is current.

        While the keyboard is in the list, the current one stays current.
        """
        before = self.model.value(self.table.currentIndex()) if self.table.hasFocus() else None
        if list(hits) != self.model.rows:
            self.model.show(hits)
            places = [place for place, hit in enumerate(hits) if before is not None and _same(hit, before)]
            self.table.setCurrentIndex(self.model.index(places[0] if places else 0, 0))
        if hits:
            self._pages.setCurrentWidget(self._card)
            return
        self._pages.setCurrentWidget(self._empty)
        if text.strip():
            self._empty.say(*words.nothing_fits(text.strip()[:_QUOTED]))
        else:
            self._empty.say(*words.NOT_SEARCHED)

    def say(self, said: str, *, warning: bool = False) -> None:
        """Show how the agency system answered, below the hits."""
        self._said.setText(said)
        self._said.setVisible(bool(said))
        set_role(self._said, "small-warning" if warning else "small")

    @property
    def customer(self) -> tuple[str, str]:
        """The number and name of the current hit's customer, or ``""``."""
        hit = self.model.value(self.table.currentIndex())
        return (hit.customer_number, hit.customer_name) if hit else ("", "")

    def open_first(self) -> None:
        """Open the best hit."""
        self._open(self.model.index(0, 0))

    def open_current(self) -> None:
        """Open the current hit."""
        self._open(self.table.currentIndex())

    def _open(self, index: QModelIndex) -> None:
        hit = self.model.value(index)
        if hit is not None:
            self.opened.emit(hit)


def _columns(said: Callable[[Hit], str]) -> list[Column[Hit]]:
    title = words.HIT_COLUMNS
    return [
        Column("name", title["name"], lambda hit: hit.customer_name, icon=_sign),
        Column("number", title["number"], lambda hit: hit.customer_number),
        Column("invoice", title["invoice"], lambda hit: hit.row.invoice.number if hit.row else ""),
        Column("status", title["status"], said, tint=_tint, most=_MOST_STATUS),
        Column("balance", title["balance"], _balance, _cents, right=True, down=True),
        Column("fits", title["fits"], _fits, tint=lambda _hit: "muted"),
    ]


def _same(hit: Hit, other: Hit) -> bool:
    one, two = hit.row, other.row
    same_invoice = (one and one.invoice.number) == (two and two.invoice.number)
    return hit.customer_number == other.customer_number and same_invoice


def _balance(hit: Hit) -> str:
    return "" if hit.from_agency_system else words.balance(hit.balance)


def _cents(hit: Hit) -> int | None:
    return None if hit.from_agency_system else hit.balance.cents


def _sign(hit: Hit) -> tuple[str, str]:
    if hit.row is None:
        return ("customer", "link" if hit.from_agency_system else "muted")
    status = hit.row.status
    if not hit.payment or status is None:
        return ("invoice", "muted")
    if status.being_paid:
        return ("question" if status.state is State.UNKNOWN else "lock", "warning")
    return ("undo", "warning") if status.state in GIVEN_BACK else ("check-circle", "good")


def _tint(hit: Hit) -> str:
    if hit.from_agency_system:
        return "link"
    if hit.payment:
        return _sign(hit)[1]
    return "good" if hit.balance < ZERO else "ink"


def _fits(hit: Hit) -> str:
    policy = f" {hit.row.invoice.policy_number}" if hit.row and hit.why is MatchedBy.POLICY else ""
    return f"{words.MATCHED_BY[hit.why]}{policy}"
