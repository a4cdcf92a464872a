"""What a search found: customers and invoices, the best first, each with what fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from paydesk.domain.money import Money
from paydesk.ui import format as words
from paydesk.ui.models import Column, TableModel
from paydesk.ui.selection_page import EmptyState
from paydesk.ui.tables import Table
from paydesk.ui.widgets import stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paydesk.services.search import Hit


class HitsPage(QWidget):
    """``opened`` carries the hit that was entered or double-clicked, ``left`` follows Esc."""

    opened = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("hits")
        self.model: TableModel[Hit] = TableModel(_columns(), self)
        self.table = Table("hits.table", "What was found", self.model)
        self.table.set_widths(
            {"number": 96, "invoice": 96, "fits": 170, "open": 88, "owed": 112},
            stretch="name",
            spare=("fits", "invoice"),
        )
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.table.keys[key] = self.open_current
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
        stack(self, self._pages)
        self.show_hits("", ())

    def show_hits(self, text: str, hits: Sequence[Hit]) -> None:
        """Show what was found for a text; the first is current."""
        self.model.show(hits)
        if hits:
            self.table.setCurrentIndex(self.model.index(0, 0))
            self._pages.setCurrentWidget(self._card)
            return
        self._pages.setCurrentWidget(self._empty)
        if text.strip():
            self._empty.say(
                f"Nothing seen so far fits “{text.strip()[:60]}”",
                "AMS360 itself is asked by invoice number (F2), or by customer number and ZIP (F3).",
            )
        else:
            self._empty.say("Search what PayDesk has seen of AMS360", "Results appear while you type.")

    def open_current(self) -> None:
        """Open the current hit."""
        self._open(self.table.currentIndex())

    def _open(self, index: QModelIndex) -> None:
        hit = self.model.value(index)
        if hit is not None:
            self.opened.emit(hit)


def _columns() -> list[Column[Hit]]:
    return [
        Column("name", "Customer", lambda hit: hit.customer_name, icon=_sign),
        Column("number", "Number", lambda hit: hit.customer_number),
        Column("invoice", "Invoice", lambda hit: hit.invoice.number if hit.invoice else ""),
        Column("fits", "What fits", _fits, tint=lambda _hit: "muted"),
        Column("open", "Open", lambda hit: words.count(hit.open_count, "invoice"), right=True),
        Column("owed", "Owed", lambda hit: words.money(_owed(hit)), right=True),
    ]


def _sign(hit: Hit) -> tuple[str, str]:
    return ("invoice", "muted") if hit.invoice else ("customer", "muted")


def _fits(hit: Hit) -> str:
    policy = f" {hit.invoice.policy_number}" if hit.invoice and hit.why.value == "policy number" else ""
    return f"{hit.why.value.capitalize()}{policy}"


def _owed(hit: Hit) -> Money:
    return hit.invoice.balance if hit.invoice else hit.owed
