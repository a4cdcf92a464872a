"""The main window: four tabs, the last ten payments, and the status bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QTabWidget, QWidget

from paydesk.domain.errors import KnownError, NoSettings
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.payment import Payment
from paydesk.domain.tender import TenderKind
from paydesk.domain.world import TRAINING
from paydesk.ui.kit import faults, icons, notices, theme
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.compact_mode import Fitting
from paydesk.ui.kit.preferences import Preferences
from paydesk.ui.kit.scrolling import ScrollingPage
from paydesk.ui.kit.widgets import shortcut, stack
from paydesk.ui.kit.world_banner import WorldBanner
from paydesk.ui.main import words
from paydesk.ui.main.menu import Menu
from paydesk.ui.main.recent_strip import SHOWN, RecentStrip
from paydesk.ui.main.status import Status
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.take.lookup_page import Mode
from paydesk.ui.take.page import TakePage

if TYPE_CHECKING:
    from paydesk.domain.refund import Refund
    from paydesk.domain.typed.payment_filter import PaymentFilter
    from paydesk.services.desk.desk import Desk
    from paydesk.ui.day_end.page import DayEndPage
    from paydesk.ui.main.background import Background
    from paydesk.ui.main.first_start import FirstStart
    from paydesk.ui.main.set_up import SetUp
    from paydesk.ui.offer.checkout import OfferCheckout
    from paydesk.ui.pay.checkout import Checkout
    from paydesk.ui.payments.attention_page import AttentionPage
    from paydesk.ui.payments.page import HistoryPage
    from paydesk.ui.receipt.printing import Job, Printers

PAINT_FIRST_MS = 50
"""Milliseconds in which the window is painted and takes keys, before a worker competes for the interpreter.

The first frame was painted 22 to 30 ms after the window was asked to show."""

USUAL, SMALLEST = QSize(1366, 728), QSize(800, 440)
"""Default and minimum size of the window, in device-independent pixels. A page with too little room
scrolls."""

TAKE, PAYMENTS, ATTENTION, DAY_END = range(4)
"""Indexes of the tabs."""


FRAME = QSize(16, 40)
"""Most that a window system adds around a window: the borders, and the title bar."""


def first_size(available: QSize) -> QSize:
    """Return the size of a first window, which fits on the screen together with its frame."""
    return USUAL.boundedTo(available - FRAME).expandedTo(SMALLEST)


class Page(Protocol):
    """A tab that is made when it is first shown."""

    def start(self) -> None:
        """Get ready, after a switch to this tab."""
        ...

    def refresh(self) -> None:
        """Read the ledger again, because what it shows may have changed."""
        ...

    @property
    def customer(self) -> tuple[str, str]:
        """The number and name of the customer in view, either of them ``""`` if it is not known."""
        ...

    @property
    def notice(self) -> notices.NoticeBar:
        """The notice above the page."""
        ...


def _make(factory: Callable[[], Desk]) -> Desk:
    """Make the desk on a worker thread."""

    return factory()


class MainWindow(QMainWindow):
    """The main window. It takes keys at once, while a worker thread makes the desk.

    ``attached`` carries the Desk.
    """

    attached = Signal(object)

    def __init__(
        self,
        desk_factory: Callable[[], Desk],
        state: Path | None = None,
        *,
        training: bool = False,
        set_up: SetUp | None = None,
    ) -> None:
        """``state`` is the file of the window's preferences, or None to keep none.

        ``training`` is True if this can only be a training desk, so that its first frame says so.
        """
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        look = theme.prepare(app)  # before the window, which would keep the font it is created with
        super().__init__()
        look.changed.connect(icons.tint_again)
        self.setObjectName("window")
        self.setWindowTitle(words.TITLE)
        app.setWindowIcon(icons.application_icon())  # of its dialogs too, and of the dock
        self._factory, self._set_up = desk_factory, set_up
        self.first: FirstStart | None = None
        """The page of a first start, while there are no settings."""
        self._welcoming: ScrollingPage
        self._opened = False
        self.desk: Desk | None = None
        self.checkout: Checkout | None = None
        self.offers: OfferCheckout | None = None
        self.printers: Printers
        self.lanes = Lanes(self)
        self.preferences = Preferences(state)
        chosen = self.preferences.word("appearance", theme.Appearance.SYSTEM)
        if chosen is not theme.Appearance.SYSTEM:
            look.choose(chosen)
        self.take = TakePage(self.lanes)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)  # Fusion draws it as a line above the menu
        self.tabs.setObjectName("tabs")
        self.tabs.setAccessibleName(words.TABS_SPOKEN)
        self.recent = RecentStrip()
        self.banner = WorldBanner()
        self.status = Status()
        self._places = {PAYMENTS: QWidget(), ATTENTION: QWidget(), DAY_END: QWidget()}
        self._pages: dict[int, Page] = {}
        self.background: Background | None = None
        self._attention = 0
        if training:
            self.banner.show_world(TRAINING)
        self._lay_out(look)
        look.changed.connect(self._tint_tab)
        self._connect()
        take = self.take
        Fitting(self, self.recent, self.status, take, take.basket_panel, take.lookup, take.selection)
        look.dress()
        self.setMinimumSize(SMALLEST)
        if not self.restoreGeometry(self.preferences.geometry):
            self.resize(first_size(self.screen().availableGeometry().size()))
        self.take.lookup.start()

    def _lay_out(self, look: theme.Theme) -> None:
        self.tabs.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        for page in (self.take, *self._places.values()):
            page.setProperty("role", "page")
            page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs.addTab(ScrollingPage(self.take), words.TAKE_PAYMENT)
        for index, title in (
            (PAYMENTS, words.PAYMENTS),
            (ATTENTION, words.NEEDS_ATTENTION),
            (DAY_END, words.DAY_END),
        ):
            self.tabs.insertTab(index, self._places[index], title)
        centre = QWidget()
        self._work = QWidget()
        stack(self._work, self.tabs, self.recent, spacing=0).setStretch(0, 1)
        self._column = column = stack(centre, self.banner, self._work, spacing=0)
        column.setStretch(1, 1)
        self.menu = Menu(self, look, self.preferences, self._make_pages)
        self.tabs.setCornerWidget(self.menu.corner)
        self.setCentralWidget(centre)
        self.setStatusBar(self.status)
        self._count_attention(0)
        self._order_tab_stops()

    def _order_tab_stops(self) -> None:
        """Let Tab leave a page for the recent payments, the tabs and the menu, also a page made later."""
        for part in (self.recent, self.tabs.tabBar(), self.menu.button):
            last = self.previousInFocusChain()
            if last is not None and last is not part:
                self.setTabOrder(last, part)

    def _connect(self) -> None:
        for mode, (key, what) in words.LOOKUP_KEYS.items():
            shortcut(self, key, partial(self.look_up, Mode(mode)), what)
        # From everywhere: Qt's tabs hear it only from inside a page, and not from every field there.
        control = "Meta" if sys.platform == "darwin" else "Ctrl"
        shortcut(self, f"{control}+Tab", partial(self._turn, 1), words.NEXT_TAB)
        shortcut(self, f"{control}+Shift+Tab", partial(self._turn, -1), words.PREVIOUS_TAB)
        shortcut(self, "Ctrl+I", self.open_import, words.IMPORT)
        shortcut(self, "Ctrl+L", self.open_history, words.HISTORY)  # Ctrl+H would hide the window on macOS
        self.take.history_wanted.connect(self.open_history)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.recent.opened.connect(self.open_payment)
        self.take.answers.age_changed.connect(self.status.show_age)
        self.take.answers.source_answered.connect(self.status.show_agency_system)
        self.take.answers.no_answer.connect(self.status.show_no_answer)
        self.take.pay_requested.connect(self._pay)
        self.take.payment_wanted.connect(self.open_reference)
        self.take.open_again.connect(self._open_again)
        self.take.selection.last.reprint.connect(self._reprint)

    # ---- the desk -------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Make the desk on a worker thread once the window is painted."""
        super().showEvent(event)
        if not self._opened:
            self._opened = True
            QTimer.singleShot(PAINT_FIRST_MS, self, self._open)
            QTimer.singleShot(PAINT_FIRST_MS, self, theme.load_name_fonts)

    def _open(self) -> None:
        factory = self._factory
        self.lanes.read.run(lambda: _make(factory), self.attach, self._not_made, self)

    def _open_again(self) -> None:
        """Try once more, after a person unlocked the keychain or corrected what stood in the way."""
        self.status.show_opening()
        self._open()

    def _welcome(self, set_up: SetUp) -> None:
        """Show the page of a first start instead of everything else."""
        from paydesk.ui.main.first_start import FirstStart

        if self.first is None:
            self.first = FirstStart(set_up, self.lanes)
            self.first.setProperty("role", "page")
            self.first.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            self.first.open_wanted.connect(self._open_again)
            self._welcoming = ScrollingPage(self.first)
            self._column.insertWidget(1, self._welcoming, 1)
        self._work.hide()
        self._welcoming.show()
        self.status.show_refused()
        self.first.start()

    def attach(self, desk: Desk) -> None:
        """Connect the window to its desk."""
        from paydesk.ui.main.background import Background
        from paydesk.ui.offer.checkout import OfferCheckout
        from paydesk.ui.pay.checkout import Checkout  # slow to load, so only after the window is shown
        from paydesk.ui.receipt.printing import Printers

        self.desk = desk
        if self.first is not None:
            self._welcoming.hide()
            self._work.show()
            self.take.lookup.start()
        settings = desk.settings
        self.recent.set_zone(fmt.zone_of(settings.time_zone))
        self.banner.show_world(settings.world)
        self.status.show_desk(settings.desk, settings.user, settings.agency.name, settings.world)
        self.setWindowTitle(words.title(settings.desk, settings.world))
        self.printers = Printers(self.lanes, self.preferences, self)
        self.printers.missed.connect(self._not_printed)
        self.checkout = Checkout(self, self.lanes, self.printers)
        self.checkout.opened.connect(self.menu.offer_keys)
        self.checkout.answered.connect(self.payment_changed)
        self.checkout.resolved.connect(lambda payment: self._announce([payment]))
        self.checkout.closed.connect(self._checkout_closed)
        self.checkout.no_answer.connect(self.status.show_no_answer)
        self.offers = OfferCheckout(self, self.lanes, self.printers)
        self.offers.opened.connect(self.menu.offer_keys)
        self.offers.answered.connect(self.payment_changed)
        self.offers.closed.connect(self._checkout_closed)
        self.offers.went_back.connect(self._pay_by_fields)
        self.checkout.link_wanted.connect(self._pay_by_link)
        if settings.anddone.anytime_link:
            self.menu.offer_anytime_link(self.show_anytime_link)
        self.take.attach(desk)
        self.background = Background(desk, self.lanes, self.checkout, self.offers, self.preferences)
        self.background.changed.connect(self.payment_changed)
        self.background.decided.connect(self._announce)
        self.background.quiet.connect(self._quiet)
        self.take.answers.source_answered.connect(self.background.reached)
        self.refresh()
        self.background.run()
        self.attached.emit(desk)

    def refuse(self, error: KnownError) -> None:
        """Show why this desk cannot work and what to do. Lookups are disabled."""
        self.status.show_refused()
        self.take.refuse(error)

    def _not_made(self, error: Exception) -> None:
        if isinstance(error, NoSettings) and self._set_up is not None:
            self._welcome(self._set_up)
            return
        if isinstance(error, KnownError):
            if self.first is not None and self.first.isVisible():
                self.status.show_refused()
                self.first.notice.show_error(error)
                return
            self.refuse(error)
            return
        reference = faults.show_fault(error, self)
        self.refuse(KnownError(words.CANNOT_OPEN, faults.please_report(reference)))

    # ---- payments -------------------------------------------------------------------------

    def _turn(self, tabs: int) -> None:
        """Go so many tabs to the right, around the end."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + tabs) % self.tabs.count())

    def _pay(self, basket: Basket, kind: TenderKind | None) -> None:
        if self.desk is None or self.checkout is None:
            return
        try:
            self.checkout.take(self.desk, basket, kind)
        except KnownError as error:
            self.take.notice.show_error(error)

    def _pay_by_link(self, basket: Basket, kind: TenderKind | None) -> None:
        if self.desk is not None and self.offers is not None:
            self.offers.take(self.desk, basket, kind)

    def _pay_by_fields(self, basket: Basket, kind: TenderKind) -> None:
        """Go back from the payment link to the fields, if this agency types cards and accounts."""
        if self.desk is not None and self.desk.settings.anddone.typed:
            self._pay(basket, kind)

    def _checkout_closed(self, done: bool) -> None:
        if done:
            self.next_caller()
            self.take.lookup.invoice.be_quiet()
            if self.checkout is not None and self.checkout.left_unclear:
                self.take.notice.say(*words.STILL_ASKING, "warning", notices.Ends.NEXT_CUSTOMER)
        else:
            self.take.resume()

    def _show_link(self, payment: Payment) -> None:
        if self.desk is not None and self.offers is not None:
            self.offers.show(self.desk, payment)

    def _announce(self, payments: list[Payment]) -> None:
        from paydesk.ui.pay.checkout import announcements

        self.take.notice.say(*announcements(payments), notices.Ends.NEXT_CUSTOMER)

    def _not_printed(self, job: Job, error: Exception) -> None:
        """Say what was not printed, after its page was closed."""
        if isinstance(error, KnownError):
            said = words.not_printed(Path(job.name).stem, error.sentence)
            self.take.notice.say(said, error.next_step, "warning")
        else:
            self._complain(error)

    def _quiet(self) -> None:
        """Show changes by another desk or the outbox, after a round that changed nothing itself."""
        if self.desk is not None:
            self.status.show_refresh(self.desk.refresh.state)
            self.refresh()

    def payment_changed(self, payment: Payment) -> None:
        """Refresh everything that shows payments, after one was taken or changed its state."""
        if self.background is not None:
            self.background.known(payment)
        self.status.show_processor(payment)
        self.refresh()
        self.take.answers.refresh_marks()
        self.take.finder.refresh()

    def refresh(self) -> None:
        """Read again the last payments, the items that need attention, and the visible tab."""
        if self.desk is None:
            return
        from paydesk.ui.payments.attention_page import agenda

        desk, ledger = self.desk, self.desk.ledger
        self.lanes.read.run(lambda: ledger.payments(limit=SHOWN), self._show_recent, self._complain, self)
        self.lanes.read.run(lambda: len(agenda(desk)), self._count_attention, self._complain, self)
        page = self._page(self.tabs.currentIndex())
        if page is not None:
            page.refresh()

    def _show_recent(self, payments: Sequence[Payment]) -> None:
        """Show the last payments of all desks, and today's last receipt of this one."""
        assert self.desk is not None
        settings, today, zone = (
            self.desk.settings,
            self.desk.today(),
            fmt.zone_of(self.desk.settings.time_zone),
        )
        self.recent.show_payments(payments)
        ours = [
            payment
            for payment in payments
            if payment.desk == settings.desk
            and payment.receipt_number
            and payment.held_at.astimezone(zone).date() == today
        ]
        self.take.selection.last.show_payment(ours[0] if ours else None)

    def _complain(self, error: Exception) -> None:
        notices.report(error, self.take.notice)

    def _count_attention(self, count: int) -> None:
        self._attention = count
        self.tabs.setTabText(ATTENTION, words.needs_attention(count))
        self._tint_tab()

    def _tint_tab(self) -> None:
        """Draw the icon of Needs attention in the colors in use now. It is on no widget of its own."""
        drawn = ("alert", "danger") if self._attention else ("inbox", "muted")
        self.tabs.setTabIcon(ATTENTION, icons.icon(*drawn))

    # ---- navigation -----------------------------------------------------------------------

    def look_up(self, mode: Mode) -> None:
        """Switch to a lookup from any tab."""
        self.tabs.setCurrentIndex(TAKE)
        self.take.lookup.switch(mode)

    def next_caller(self) -> None:
        """Go back to an empty lookup, ready for typing."""
        self.tabs.setCurrentIndex(TAKE)
        self.take.next_caller()

    def open_payment(self, payment: Payment) -> None:
        """Show a payment in the Payments tab."""
        self.open_reference(payment.reference)

    def open_reference(self, reference: str) -> None:
        """Show the payment with that reference of ours in the Payments tab."""
        page = self._open_payments()
        if page is not None:
            page.search_for(reference)

    def open_by_hand(self) -> None:
        """List the receipts to enter by hand, in the Payments tab."""
        page = self._open_payments()
        if page is not None:
            page.show_by_hand()

    def open_only(self, only: PaymentFilter) -> None:
        """List the payments that pass a filter, in the Payments tab."""
        page = self._open_payments()
        if page is not None:
            page.show_only(only)

    def open_history(self) -> None:
        """List all payments of the current customer, in the Payments tab."""
        current = self._page(self.tabs.currentIndex()) or self.take
        number, name = current.customer
        if not (number or name):
            current.notice.refuse(*words.NO_CUSTOMER)
            return
        page = self._open_payments()
        if page is not None:
            page.show_customer(number, name)

    def _open_payments(self) -> HistoryPage | None:
        from paydesk.ui.payments.page import HistoryPage

        self.tabs.setCurrentIndex(PAYMENTS)
        page = self._page(PAYMENTS)
        return page if isinstance(page, HistoryPage) else None

    def show_anytime_link(self) -> None:
        """Show the agency's anytime link."""
        from paydesk.ui.offer.anytime_link import AnytimeLinkDialog  # rarely needed

        if self.desk is not None:
            AnytimeLinkDialog(self.desk, self.printers, self.lanes, self).open()

    def open_import(self) -> None:
        """Open the import dialog."""
        from paydesk.ui.imports.dialog import ImportDialog  # rarely needed

        if self.desk is not None:
            dialog = ImportDialog(self.desk, self.lanes, self)
            dialog.imported.connect(self.refresh)
            dialog.open()

    def _tab_changed(self, index: int) -> None:
        page = self._page(index)
        if page is not None:
            page.start()
        elif index == TAKE:
            self.take.lookup.start()

    def _page(self, index: int) -> Page | None:
        """Return the page of a tab. It is made when it is first shown."""
        if self.desk is None or index == TAKE:
            return None
        if index not in self._pages:
            page = self._make_page(index, self.desk)
            stack(self._places[index], ScrollingPage(page))
            self._pages[index] = page
            self._order_tab_stops()
        return self._pages[index]

    def _make_pages(self) -> None:
        for index in (PAYMENTS, ATTENTION, DAY_END):
            self._page(index)

    def _make_page(self, index: int, desk: Desk) -> HistoryPage | AttentionPage | DayEndPage:
        # Imported here, so that the window appears sooner.
        from paydesk.ui.day_end.page import DayEndPage
        from paydesk.ui.main.save_list import SaveList
        from paydesk.ui.payments.attention_page import AttentionPage
        from paydesk.ui.payments.page import HistoryPage

        if index == DAY_END:
            day_end = DayEndPage(self.lanes, desk, self.printers)
            day_end.import_wanted.connect(self.open_import)
            day_end.by_hand_wanted.connect(self.open_by_hand)
            day_end.payments_wanted.connect(self.open_only)
            return day_end
        page: HistoryPage | AttentionPage
        if index == ATTENTION:
            page = AttentionPage(self.lanes, desk)
            page.counted.connect(self._count_attention)
        else:
            page = HistoryPage(self.lanes, desk)
            self.save_list = SaveList(page, self.lanes, desk)
        page.history_wanted.connect(self.open_history)
        page.link_wanted.connect(self._show_link)
        page.reprint.connect(self._reprint)
        page.letter.connect(partial(self._reprint, letter=True))
        page.changed.connect(self.payment_changed)
        page.settled.connect(self.refresh)
        page.voided.connect(partial(self._reprint, new=True))
        page.refund_paper.connect(self._print_refund)
        page.refunded.connect(partial(self._print_refund, new=True))
        return page

    def _reprint(self, payment: Payment, *, new: bool = False, letter: bool = False) -> None:
        from paydesk.ui.receipt.receipt_page import ReceiptDialog

        if self.desk is not None:
            dialog = ReceiptDialog(self.desk, self.printers, self.lanes, payment, self, new=new)
            if letter:
                dialog.papers.show_consent()
            dialog.finished.connect(self.refresh)
            dialog.open()

    def _print_refund(self, payment: Payment, refund: Refund, *, new: bool = False) -> None:
        from paydesk.ui.receipt.receipt_page import ReceiptDialog

        if self.desk is not None:
            dialog = ReceiptDialog(
                self.desk, self.printers, self.lanes, payment, self, new=new, refund=refund
            )
            dialog.finished.connect(self.refresh)
            dialog.open()

    # ---- closing --------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Wait for a running charge before closing, because its answer must be recorded."""
        if not self.lanes.money.busy:
            if self.background is not None:
                self.background.stop()
            self.preferences.keep_geometry(self.saveGeometry())
            super().closeEvent(event)
            return
        event.ignore()
        self.take.notice.say(*words.CLOSES_LATER, "warning")
        QTimer.singleShot(200, self, self.close)
