"""Payments: find any payment, see what happened to it, print its receipt again, ask about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from paydesk.domain.posting import PostingChannel
from paydesk.ui import format as words
from paydesk.ui import payment_table
from paydesk.ui.card_guard import keep_cards_out
from paydesk.ui.entry import Entry
from paydesk.ui.payment_list import Listing, PaymentList
from paydesk.ui.tasks import Lanes, Task
from paydesk.ui.widgets import label

if TYPE_CHECKING:
    from paydesk.services.desk import Desk

MOST_ROWS = 500
"""How many payments a search shows."""
_TYPING_PAUSE_MS = 150


class HistoryPage(PaymentList):
    """The Payments tab: newest first, searched while typing."""

    def __init__(self, lanes: Lanes, desk: Desk) -> None:
        super().__init__("payments", lanes, desk, payment_table.BY_STATE)
        self.search = Entry("payments.search", "Search payments")
        self.search.setPlaceholderText("Name, invoice, receipt, customer number or last four digits")
        self.search.setClearButtonEnabled(True)
        self._count = label("", "muted", "payments.count")
        self.head.addWidget(self.search, 1)
        self.head.addWidget(self._count)
        self._task: Task | None = None
        self._pause = QTimer(self, interval=_TYPING_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.refresh)
        keep_cards_out(self.search, lambda said: self.notice.say(said, kind="warning"))
        self.search.textEdited.connect(self._restart_pause)
        self.search.returnPressed.connect(self._search_now)

    def start(self) -> None:
        """Show the newest payments and put the keyboard into the search."""
        self.search.setFocus()
        self.search.selectAll()
        self.refresh()

    def search_for(self, text: str) -> None:
        """Search for a receipt, reference or name as if it had been typed."""
        self.search.setText(text)
        self.refresh()

    def refresh(self) -> None:
        """Read the list again from the ledger."""
        self._pause.stop()
        if self._task is not None:
            self._task.cancel()
        payments, post = self._desk.ledger.payments, self._desk.post
        wanted = self.search.text().strip()

        def read() -> Listing:
            found = payments(limit=MOST_ROWS, matching=wanted)
            if post.rules.channel is PostingChannel.NONE:
                return Listing(found)
            return Listing(found, post.outbox.of(payment.id for payment in found))

        self._task = self._lanes.read(read, self._show, self._fail, self)

    def _restart_pause(self, _text: str) -> None:
        self._pause.start()

    def _search_now(self) -> None:
        self.refresh()
        self.table.setFocus()

    def _show(self, listing: Listing) -> None:
        self.show_listing(listing)
        count = len(listing.payments)
        more = "newest " if count == MOST_ROWS else ""
        self._count.setText(f"{more}{words.count(count, 'payment')}")
