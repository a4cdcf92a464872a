"""The Payments page: find a payment, see its history, reprint its receipt, or ask about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QMenu

from paydesk.domain.payment import Payment
from paydesk.domain.posting import PostingChannel
from paydesk.domain.typed.payment_filter import PaymentFilter
from paydesk.services.payments.search import PAGE, Found
from paydesk.services.ports.ledger import Sums
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, shortcut
from paydesk.ui.lists import payment_columns
from paydesk.ui.lists.empty import EmptyList
from paydesk.ui.lists.model import Band, Sorting
from paydesk.ui.payments import day_bands, filter_words, words
from paydesk.ui.payments.filter_bar import FilterBar
from paydesk.ui.payments.payment_list import PaymentList
from paydesk.ui.payments.reading import Page, Wish, read
from paydesk.ui.qt.tasks import Lanes, Task
from paydesk.ui.qt.timers import pause

if TYPE_CHECKING:
    from paydesk.services.desk.desk import Desk

MOST_AGAIN = 500
"""Maximum number of payments to read again when one of them has changed, and to sort by another column."""
_TYPING_PAUSE_MS = 150


class HistoryPage(PaymentList):
    """The Payments tab: newest first, searched while typing, read page by page as it is scrolled.

    ``save_wanted`` carries the Wish of the list to save.
    """

    save_wanted = Signal(object)

    def __init__(self, lanes: Lanes, desk: Desk) -> None:
        super().__init__("payments", lanes, desk, payment_columns.BY_STATE)
        self.search = Entry("payments.search", words.SEARCH)
        self.search.setPlaceholderText(words.SEARCH_EXAMPLE)
        self.search.setClearButtonEnabled(True)
        self._count = label("", "muted", "payments.count")
        self.by_hand = button(words.BY_HAND, "payments.by_hand", role="segment")
        self.by_hand.setProperty("end", "both")
        self.by_hand.setCheckable(True)
        self.by_hand.hide()
        self.save_button = button(words.SAVE, "payments.save", key="Ctrl+S", icon="save")
        posts = desk.post.rules.channel is not PostingChannel.NONE
        self.filters = FilterBar(lambda: desk.payment_search.today, posts=posts)
        self.empty = EmptyList("payments.empty", filter_words.SHOW_ALL, "Esc")
        self._task: Task | None = None
        self._shown = Wish()
        """The wish whose payments are listed."""
        self._edge: tuple[date, Sums] | None = None
        self._pause = pause(self, _TYPING_PAUSE_MS, self.refresh)
        self._lay_out_head()
        self._connect()

    def _lay_out_head(self) -> None:
        for part in (self.search, self.by_hand, self.save_button):
            self.head.addWidget(part)
        self.head.setStretchFactor(self.search, 1)
        # Beside the search, the count would leave it no room in a small window, and move its end.
        below = row(self.filters, self._count)
        below.setStretch(0, 1)
        below.setAlignment(self._count, Qt.AlignmentFlag.AlignTop)
        self._count.setContentsMargins(0, Space.XS, 0, 0)
        self.above.addLayout(below)
        inside = self.card.layout()
        assert inside is not None
        inside.addWidget(self.empty)
        self.empty.hide()
        above = (self.search, self.by_hand, self.save_button, *self.filters.stops)
        for one, other in pairwise((*above, self.table, *self.details.stops)):
            self.setTabOrder(one, other)

    def _connect(self) -> None:
        self.model.be_given(payment_columns.NEWEST_FIRST)
        self.model.group = self._bands
        self.table.sort_asked.connect(self._sort_asked)
        self.by_hand.toggled.connect(lambda _on: self.refresh())
        self.search.card_refused.connect(lambda said: self.notice.say(said, kind="warning"))
        self.search.textEdited.connect(self._restart_pause)
        self.search.returnPressed.connect(self._search_now)
        shortcut(self.search, "Down", self._into_list, words.INTO_LIST, focused=True)
        self.filters.changed.connect(self._filtered)
        self.empty.back.connect(self.show_all)
        self.save_button.clicked.connect(lambda: self.save_wanted.emit(self._shown))
        shortcut(self, "Esc", self._step_back, words.WHOLE_LIST)

    def start(self) -> None:
        """Show the newest payments, with the keyboard in the search field."""
        self.search.setFocus()
        self.search.selectAll()
        self.refresh()

    # ---- what is listed -------------------------------------------------------------------

    def search_for(self, text: str) -> None:
        """Search all payments for a receipt, reference or name as if it had been typed."""
        self._narrow(text, PaymentFilter())

    def show_customer(self, number: str, name: str) -> None:
        """List the payments of a customer, or of everybody with that name if there is no number."""
        self._narrow("" if number else name, PaymentFilter(customer=number), name)

    def show_only(self, only: PaymentFilter) -> None:
        """List the payments that pass a filter."""
        self._narrow("", only)

    def show_all(self) -> None:
        """List all payments again, with the keyboard in the search field."""
        self._narrow("", PaymentFilter())
        self.search.setFocus()

    def show_by_hand(self) -> None:
        """List the payments whose receipts a person enters into the agency system."""
        self._narrow("", PaymentFilter(), by_hand=True)

    def _narrow(self, text: str, only: PaymentFilter, name: str = "", *, by_hand: bool = False) -> None:
        for part in (self.by_hand, self.filters):
            part.blockSignals(True)
        self.by_hand.setChecked(by_hand)
        self.filters.choose(only, name)
        for part in (self.by_hand, self.filters):
            part.blockSignals(False)
        self.search.setText(text)
        self.search.selectAll()  # the next key begins a search of its own
        self.refresh()

    def _filtered(self) -> None:
        self.by_hand.setChecked(False)
        self.refresh()

    def _step_back(self) -> None:
        """Return from the details to the list, then from a narrowed list to all payments."""
        focus = QApplication.focusWidget()
        if focus is not None and self.details.isAncestorOf(focus):
            self.table.setFocus()
        elif self._wish.narrowed:
            self.show_all()
        else:
            self.search.setFocus()

    @property
    def _wish(self) -> Wish:
        oldest_first = self.model.sorting == payment_columns.OLDEST_FIRST
        by_hand = self.by_hand.isChecked()
        return Wish(self.search.text().strip(), self.filters.value, by_hand, oldest_first and not by_hand)

    # ---- reading --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list again from the ledger, as far as it was read before."""
        self._pause.stop()
        if self._shown.by_hand and not self.by_hand.isChecked():
            self.model.be_given(payment_columns.NEWEST_FIRST)
        wish = self._wish
        listed = len(self.model.rows) if wish == self._shown else 0
        limit = max(PAGE, min(listed, MOST_AGAIN)) if self.in_time else MOST_AGAIN
        self._read(wish, None, limit, self._show)

    @property
    def in_time(self) -> bool:
        """True if the list is in the order of time, in which the ledger is read page by page."""
        return self.model.sorting in (payment_columns.NEWEST_FIRST, payment_columns.OLDEST_FIRST)

    def _read_more(self) -> None:
        self._read(self._shown, self.model.rows[-1].id, PAGE, self._show_more)

    def _read(self, wish: Wish, last: int | None, limit: int, show: Callable[[Page], None]) -> None:
        """Read one page in the background, instead of one that is still being read."""
        if self._task is not None:
            self._task.cancel()
        desk = self._desk

        def read_it(page: Page) -> None:
            self._shown = wish
            show(page)

        self._task = self._lanes.read.run(lambda: read(desk, wish, last, limit), read_it, self._fail, self)
        people = desk.ledger.people
        if last is None:
            self._lanes.read.run(people, self.filters.know_people, self._fail, self)

    def _restart_pause(self, _text: str) -> None:
        self.by_hand.setChecked(False)
        self._pause.start()

    def _search_now(self) -> None:
        self.refresh()
        self._into_list()

    def _into_list(self) -> None:
        if self.model.rows:
            self.table.setFocus()

    def _sort_asked(self, _sorting: Sorting | None) -> None:
        self.refresh()

    # ---- showing --------------------------------------------------------------------------

    def _show(self, page: Page) -> None:
        old, self._edge = self._edge, page.edge
        oldest_first = self._shown.by_hand or self._shown.oldest_first
        if self.in_time:
            self.model.be_given(
                payment_columns.OLDEST_FIRST if oldest_first else payment_columns.NEWEST_FIRST
            )
        self.show_listing(page.listing)
        if old != page.edge:
            self.model.regroup()
        self._say(page)

    def _show_more(self, page: Page) -> None:
        self._edge = page.edge
        self.add_listing(page.listing)
        self._say(page)

    def _bands(self, payments: Sequence[Payment]) -> Mapping[int, Band]:
        zone, today = fmt.zone_of(self._desk.settings.time_zone), self._desk.today()
        return day_bands.bands(payments, zone, today, self._edge)

    def _say(self, page: Page) -> None:
        found, listed = page.found, len(self.model.rows)
        self.model.read_more = self._read_more if found.more and self.in_time else None
        self.by_hand.setText(words.by_hand(page.by_hand))
        self.by_hand.setVisible(bool(page.by_hand) or self.by_hand.isChecked())
        self._count.setText(self._counted(found, listed))
        self.save_button.setEnabled(bool(listed))
        if not listed and self.table.hasFocus():
            self.search.setFocus()  # Qt would hand the keyboard on to the recent payments
        self.table.setVisible(bool(listed))
        self.empty.setVisible(not listed)
        narrowed = self._shown.narrowed
        self.empty.say(*(filter_words.NO_MATCH if narrowed else filter_words.NO_PAYMENTS), narrowed=narrowed)

    def _counted(self, found: Found, listed: int) -> str:
        """Return the count above the list."""
        if found.incomplete:
            return words.not_searched_yet(listed)
        if not listed:
            return filter_words.NO_MATCH[0] if self._shown.narrowed else ""
        if found.similar:
            return words.similar_payments(listed)
        if not found.more:
            return words.payments_found(listed)
        if not self.in_time:
            return words.newest_sorted(listed)
        return words.oldest_payments(listed) if self._shown.oldest_first else words.newest_payments(listed)

    def _add_actions(self, menu: QMenu) -> None:
        super()._add_actions(menu)
        menu.addAction(f"{words.SAVE}\tCtrl+S", self.save_button.click)
