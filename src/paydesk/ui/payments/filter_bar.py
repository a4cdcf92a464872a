"""The filters of the Payments page: a row of buttons, each with what it narrows the list to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.days import Days
from paydesk.domain.typed.payment_filter import PaymentFilter
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, set_role
from paydesk.ui.lists.flow import Flow
from paydesk.ui.payments import filter_words as words
from paydesk.ui.payments.days_dialog import DaysDialog

Choose = Callable[[PaymentFilter], None]


def this_week(today: date) -> Days:
    """Return the days from Sunday to today."""
    return Days(today - timedelta(days=(today.weekday() + 1) % 7), today)


class FilterBar(QWidget):
    """The buttons. ``changed`` follows a choice. ``value`` is what they narrow the list to."""

    changed = Signal()

    def __init__(self, today: Callable[[], date], *, posts: bool) -> None:
        """``posts`` is True if receipts go into the agency system, so that they are posted or not."""
        super().__init__()
        self.setObjectName("payments.filters")
        self.setAccessibleName(words.FILTERS)
        self._today = today
        self._value = PaymentFilter()
        self._customer_name = ""
        self._people: Sequence[str] = ()
        self._day = self._chip("today", self._toggle_today)
        self._week = self._chip("week", self._toggle_week)
        self._dates = self._chip("dates", self._ask_dates)
        self._status = self._menu_chip("status", self._statuses)
        self._method = self._menu_chip("method", self._methods)
        self._person = self._menu_chip("person", self._persons)
        self._posted = self._menu_chip("posted", self._postings)
        self._customer = self._chip("customer", self._drop_customer)
        self.clear_button = button(words.CLEAR, "payments.filters.clear", role="chip-quiet")
        self.clear_button.clicked.connect(self.clear)
        line = Flow(self, Space.XS)
        for chip in self.stops:
            line.addWidget(chip)
        self._posted.setVisible(posts)  # it has a parent now, and would be a window of its own before
        self._show()

    def _chip(self, name: str, act: Callable[[], None]) -> QPushButton:
        made = button("", f"payments.filters.{name}", role="chip")
        made.clicked.connect(act)
        return made

    def _menu_chip(self, name: str, fill: Callable[[QMenu], None]) -> QPushButton:
        made = button("", f"payments.filters.{name}", role="chip")
        menu = QMenu(made)
        menu.aboutToShow.connect(partial(self._refill, menu, fill))
        made.setMenu(menu)
        made.setProperty("opens", "menu")
        return made

    def _refill(self, menu: QMenu, fill: Callable[[QMenu], None]) -> None:
        menu.clear()
        fill(menu)

    # ---- the choice -----------------------------------------------------------------------

    @property
    def value(self) -> PaymentFilter:
        """The filter that narrows the list."""
        return self._value

    def choose(self, value: PaymentFilter, customer_name: str = "") -> None:
        """Narrow the list to this. ``customer_name`` tells whose payments the customer filter shows."""
        if value.customer != self._value.customer:
            self._customer_name = customer_name
        if value != self._value:
            self._value = value
            self._show()
            self.changed.emit()

    def clear(self) -> None:
        """Let all payments pass."""
        self.choose(PaymentFilter())

    @property
    def stops(self) -> list[QPushButton]:
        """The buttons in the order of the Tab key."""
        return [
            self._customer, self._day, self._week, self._dates, self._status, self._method, self._person,
            self._posted, self.clear_button,
        ]  # fmt: skip

    def know_people(self, people: Sequence[str]) -> None:
        """Offer these people."""
        self._people = people

    def _toggle_today(self) -> None:
        self._toggle_days(Days(self._today(), self._today()))

    def _toggle_week(self) -> None:
        self._toggle_days(this_week(self._today()))

    def _toggle_days(self, days: Days) -> None:
        self.choose(replace(self._value, days=None if self._value.days == days else days))

    def _ask_dates(self) -> None:
        dialog = DaysDialog(self._value.days or this_week(self._today()), self)
        dialog.chosen.connect(lambda days: self.choose(replace(self._value, days=days)))
        dialog.open()

    def _drop_customer(self) -> None:
        self.choose(replace(self._value, customer=""))

    # ---- the menus ------------------------------------------------------------------------

    def _statuses(self, menu: QMenu) -> None:
        now = self._value
        items = [(text, replace(now, status=status)) for status, text in words.STATUSES.items()]
        self._fill(menu, words.ANY_STATUS, replace(now, status=None), items)

    def _methods(self, menu: QMenu) -> None:
        now = self._value
        items = [(kit_words.tender(kind), replace(now, method=kind)) for kind in TenderKind]
        self._fill(menu, words.ANY_METHOD, replace(now, method=None), items)

    def _persons(self, menu: QMenu) -> None:
        now = self._value
        items = [(name.replace("&", "&&"), replace(now, person=name)) for name in self._people]
        self._fill(menu, words.ANYBODY, replace(now, person=""), items)

    def _postings(self, menu: QMenu) -> None:
        now = self._value
        items = [(text, replace(now, posted=posted)) for posted, text in words.POSTED.items()]
        self._fill(menu, words.POSTED_OR_NOT, replace(now, posted=None), items)

    def _fill(
        self, menu: QMenu, every: str, none: PaymentFilter, items: Iterable[tuple[str, PaymentFilter]]
    ) -> None:
        group = QActionGroup(menu)
        for text, wanted in [(every, none), *items]:
            action = menu.addAction(text, partial(self.choose, wanted))
            action.setCheckable(True)
            action.setChecked(wanted == self._value)
            group.addAction(action)

    # ---- showing --------------------------------------------------------------------------

    def _show(self) -> None:
        now, today = self._value, self._today()
        just_today, week = Days(today, today), this_week(today)
        other = now.days is not None and now.days not in (just_today, week)
        _say(self._day, words.TODAY, on=now.days == just_today)
        _say(self._week, words.THIS_WEEK, on=now.days == week and week != just_today)
        _say(self._dates, words.between(now.days) if other and now.days else words.DATES, on=other)
        _say(self._status, words.STATUSES[now.status] if now.status else words.STATUS, on=bool(now.status))
        method = kit_words.short_tender(now.method) if now.method else words.METHOD
        _say(self._method, method, on=now.method is not None)
        _say(self._person, now.person or words.PERSON, on=bool(now.person))
        posted = words.POSTING if now.posted is None else words.POSTED[now.posted]
        _say(self._posted, posted, on=now.posted is not None)
        whose = words.only_customer(self._customer_name or now.customer)
        _say(self._customer, whose, on=True)
        self._customer.setVisible(bool(now.customer))
        self.clear_button.setVisible(not now.anything)


def _say(chip: QPushButton, text: str, *, on: bool) -> None:
    """Show a chip's text. One that narrows the list is filled, and says so to a screen reader."""
    chip.setText(text.replace("&", "&&"))
    chip.setAccessibleName(words.spoken(text, on=on))
    set_role(chip, "chip-on" if on else "chip")
