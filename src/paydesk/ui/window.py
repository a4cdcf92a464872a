"""The window: four tabs, the last ten payments, and what the desk stands on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QTabWidget, QWidget

from paydesk.domain.bill import Bill
from paydesk.domain.errors import KnownError
from paydesk.domain.payment import Payment
from paydesk.domain.tender import TenderKind
from paydesk.ui import format as words
from paydesk.ui import icons, notify, theme
from paydesk.ui.comforts import Comforts
from paydesk.ui.compact import Fitting
from paydesk.ui.lookup_page import Mode
from paydesk.ui.recent_strip import SHOWN, RecentStrip
from paydesk.ui.room import Roomy
from paydesk.ui.status import Status, TrainingBanner
from paydesk.ui.take_page import TakePage
from paydesk.ui.tasks import Lanes
from paydesk.ui.widgets import shortcut, stack

if TYPE_CHECKING:
    from paydesk.services.desk import Desk
    from paydesk.ui.attention_page import AttentionPage
    from paydesk.ui.checkout import Checkout
    from paydesk.ui.chores import Chores
    from paydesk.ui.day_end_page import DayEndPage
    from paydesk.ui.history_page import HistoryPage

PAINT_FIRST_MS = 20
"""The window is painted and takes keys before a worker competes for the interpreter, in milliseconds."""

USUAL, SMALLEST = QSize(1366, 728), QSize(800, 440)
"""How large the window opens where there is room, and how small it can be made, in device-independent
pixels; a page that has too little room scrolls."""

TAKE, PAYMENTS, ATTENTION, DAY_END = range(4)
"""The tabs."""


class Page(Protocol):
    """A tab that is made when it is first shown."""

    def start(self) -> None:
        """It was just switched to."""
        ...

    def refresh(self) -> None:
        """What it shows may have changed in the ledger."""
        ...


def _make(factory: Callable[[], Desk]) -> Desk:
    """Make the desk, and load what the first payment will need, both off the UI thread."""
    import paydesk.ui.attention_page
    import paydesk.ui.checkout  # noqa: F401 - loaded here, used by attach

    return factory()


class MainWindow(QMainWindow):
    """Shown at once and typeable; the desk comes a moment later, made by the factory on a worker.

    ``attached`` carries the Desk.
    """

    attached = Signal(object)

    def __init__(self, desk_factory: Callable[[], Desk], state: Path | None = None) -> None:
        """``state`` is the file of what the window remembers; None for nothing."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        look = theme.prepare(app)  # before the window itself: it would keep the font it is made with
        super().__init__()
        look.changed.connect(icons.tint_again)
        self.setObjectName("window")
        self.setWindowTitle("PayDesk")
        self._factory: Callable[[], Desk] | None = desk_factory
        self.desk: Desk | None = None
        self.checkout: Checkout | None = None
        self.lanes = Lanes(self)
        self.comforts = Comforts(state)
        self.take = TakePage(self.lanes)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setObjectName("tabs")
        self.recent = RecentStrip()
        self.banner = TrainingBanner()
        self.status = Status()
        self._places = {PAYMENTS: QWidget(), ATTENTION: QWidget(), DAY_END: QWidget()}
        self._pages: dict[int, Page] = {}
        self.chores: Chores | None = None
        self._lay_out()
        self._connect()
        Fitting(self, self.recent, self.status, self.take.basket, self.take.lookup)
        look.dress()
        self.setMinimumSize(SMALLEST)
        if not self.restoreGeometry(self.comforts.geometry):
            self.resize(USUAL.boundedTo(self.screen().availableGeometry().size()))
        self.take.lookup.start()

    def _lay_out(self) -> None:
        self.tabs.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        for page in (self.take, *self._places.values()):
            page.setProperty("role", "page")
            page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs.addTab(Roomy(self.take), "Take payment")
        for index, title in ((PAYMENTS, "Payments"), (ATTENTION, "Needs attention"), (DAY_END, "Day end")):
            self.tabs.insertTab(index, self._places[index], title)
        centre = QWidget()
        column = stack(centre, self.banner, self.tabs, self.recent, spacing=0)
        column.setStretch(1, 1)
        self.setCentralWidget(centre)
        self.setStatusBar(self.status)
        self._count_attention(0)

    def _connect(self) -> None:
        for key, mode in (("F2", Mode.INVOICE), ("F3", Mode.CUSTOMER), ("F4", Mode.ANYTIME)):
            shortcut(self, key, partial(self.look_up, mode))
        shortcut(self, "Ctrl+I", self.open_import)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.recent.opened.connect(self.open_payment)
        self.take.answers.age_changed.connect(self.status.show_age)
        self.take.answers.source_answered.connect(self.status.show_ams360)
        self.take.answers.no_answer.connect(self.status.show_no_answer)
        self.take.pay_requested.connect(self._pay)

    # ---- the desk -------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Once the window is painted, make the desk on a worker."""
        super().showEvent(event)
        if self._factory is not None:
            factory, self._factory = self._factory, None
            make = partial(self.lanes.read, lambda: _make(factory), self.attach, self._not_made, self)
            QTimer.singleShot(PAINT_FIRST_MS, self, make)
            QTimer.singleShot(PAINT_FIRST_MS, self, theme.load_name_fonts)

    def attach(self, desk: Desk) -> None:
        """The services are ready."""
        from paydesk.ui.checkout import Checkout  # after the window is shown: it takes time to load
        from paydesk.ui.chores import Chores

        self.desk = desk
        settings = desk.settings
        self.recent.set_zone(words.zone_of(settings.time_zone))
        self.banner.setVisible(settings.training)
        self.status.show_desk(settings.desk, settings.user, settings.agency.name)
        self.setWindowTitle(f"PayDesk – {settings.desk}" + (" (training)" if settings.training else ""))
        self.checkout = Checkout(self, self.lanes, self.comforts)
        self.checkout.answered.connect(self.payment_changed)
        self.checkout.resolved.connect(lambda payment: self._announce([payment]))
        self.checkout.closed.connect(self._checkout_closed)
        self.checkout.no_answer.connect(self.status.show_no_answer)
        self.take.attach(desk)
        self.chores = Chores(desk, self.lanes, self.checkout, self.comforts)
        self.chores.changed.connect(self.payment_changed)
        self.chores.decided.connect(self._announce)
        self.chores.quiet.connect(self._quiet)
        self.take.answers.source_answered.connect(self.chores.reached)
        self.refresh()
        self.chores.run()
        self.attached.emit(desk)

    def refuse(self, error: KnownError) -> None:
        """This desk cannot work: say why and what to do; nothing can be looked up."""
        self.status.show_refused()
        self.take.refuse(error)

    def _not_made(self, error: Exception) -> None:
        if isinstance(error, KnownError):
            self.refuse(error)
            return
        reference = notify.crash(error, self)
        self.refuse(
            KnownError(
                "PayDesk cannot open because of a fault of its own.",
                f"Please report it with the reference {reference}{notify.log_place()}.",
            )
        )

    # ---- payments -------------------------------------------------------------------------

    def _pay(self, bill: Bill, kind: TenderKind | None) -> None:
        if self.desk is None or self.checkout is None:
            return
        try:
            self.checkout.take(self.desk, bill, kind)
        except KnownError as error:
            self.take.notice.show_error(error)

    def _checkout_closed(self, done: bool) -> None:
        if done:
            self.next_caller()
            self.take.lookup.invoice.be_quiet()
            if self.checkout is not None and self.checkout.left_unclear:
                self.take.notice.say(
                    "PayDesk keeps asking what became of that payment.",
                    "Do not take it again; it stands under Needs attention until it is clear.",
                    "warning",
                )
        else:
            self.take.resume()

    def _announce(self, payments: list[Payment]) -> None:
        from paydesk.ui.checkout import announcements

        self.take.notice.say(*announcements(payments))

    def _quiet(self) -> None:
        """A round in the background changed nothing: show what another desk did, or the outbox."""
        if self.desk is not None:
            self.status.show_refresh(self.desk.refresh.state)
            self.refresh()

    def payment_changed(self, payment: Payment) -> None:
        """A payment was taken or changed its state: everything that shows payments is read again."""
        if self.chores is not None:
            self.chores.known(payment)
        self.status.show_anddone(payment)
        self.refresh()
        self.take.answers.refresh_marks()

    def refresh(self) -> None:
        """Read again the last payments, what needs attention, and the tab that is shown."""
        if self.desk is None:
            return
        from paydesk.ui.attention_page import agenda

        desk, ledger = self.desk, self.desk.ledger
        self.lanes.read(lambda: ledger.payments(limit=SHOWN), self.recent.show_payments, self._complain, self)
        self.lanes.read(lambda: len(agenda(desk)), self._count_attention, self._complain, self)
        page = self._page(self.tabs.currentIndex())
        if page is not None:
            page.refresh()

    def _complain(self, error: Exception) -> None:
        notify.report(error, self.take.notice)

    def _count_attention(self, count: int) -> None:
        self.tabs.setTabText(ATTENTION, f"Needs attention ({count})" if count else "Needs attention")
        self.tabs.setTabIcon(
            ATTENTION, icons.icon("alert", "danger") if count else icons.icon("inbox", "muted")
        )

    # ---- going places ---------------------------------------------------------------------

    def look_up(self, mode: Mode) -> None:
        """Go to a lookup, from wherever the window is."""
        self.tabs.setCurrentIndex(TAKE)
        self.take.lookup.switch(mode)

    def next_caller(self) -> None:
        """Back to an empty lookup, ready to type."""
        self.tabs.setCurrentIndex(TAKE)
        self.take.next_caller()

    def open_payment(self, payment: Payment) -> None:
        """Show a payment in the Payments tab."""
        from paydesk.ui.history_page import HistoryPage

        self.tabs.setCurrentIndex(PAYMENTS)
        page = self._page(PAYMENTS)
        if isinstance(page, HistoryPage):
            page.search_for(payment.reference)

    def open_import(self) -> None:
        """Open the window that reads invoices from a file."""
        from paydesk.ui.import_dialog import ImportDialog  # rarely needed

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
        """The page of a tab, made when it is first shown."""
        if self.desk is None or index == TAKE:
            return None
        if index not in self._pages:
            page = self._make_page(index, self.desk)
            stack(self._places[index], page)
            self._pages[index] = page
        return self._pages[index]

    def _make_page(self, index: int, desk: Desk) -> HistoryPage | AttentionPage | DayEndPage:
        # Imported here, so that the window is there sooner.
        from paydesk.ui.attention_page import AttentionPage
        from paydesk.ui.day_end_page import DayEndPage
        from paydesk.ui.history_page import HistoryPage

        if index == DAY_END:
            day_end = DayEndPage(self.lanes, desk)
            day_end.import_wanted.connect(self.open_import)
            return day_end
        page = HistoryPage(self.lanes, desk) if index == PAYMENTS else AttentionPage(self.lanes, desk)
        page.reprint.connect(self._reprint)
        page.changed.connect(self.payment_changed)
        page.settled.connect(self.refresh)
        page.voided.connect(partial(self._reprint, new=True))
        return page

    def _reprint(self, payment: Payment, *, new: bool = False) -> None:
        from paydesk.ui.receipt_page import ReceiptDialog

        if self.desk is not None:
            paper = self.comforts.word("paper", self.desk.settings.paper)
            dialog = ReceiptDialog(self.desk, self.lanes, payment, paper, self, new=new)
            dialog.view.paper_changed.connect(partial(self.comforts.keep_word, "paper"))
            dialog.finished.connect(self.refresh)
            dialog.open()

    # ---- closing --------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """A running charge is waited for: its answer must be recorded."""
        if not self.lanes.money_busy:
            if self.chores is not None:
                self.chores.stop()
            self.comforts.keep_geometry(self.saveGeometry())
            super().closeEvent(event)
            return
        event.ignore()
        self.take.notice.say(
            "A payment is being charged or voided.", "PayDesk closes when the answer is recorded.", "warning"
        )
        QTimer.singleShot(200, self, self.close)
