"""The receipt: seen as it will print, printed, saved, and marked as a copy from the second time on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import Payment, State
from paydesk.domain.receipt import Paper, ReceiptKind, void_number
from paydesk.services.desk import Desk
from paydesk.ui import format as fmt
from paydesk.ui import handing_out, icons, payment_table, theme
from paydesk.ui.banner import Banner
from paydesk.ui.form import Choice
from paydesk.ui.notify import log_bug
from paydesk.ui.tasks import Lanes
from paydesk.ui.theme import Space
from paydesk.ui.widgets import button, label, row, stack

if TYPE_CHECKING:
    from PySide6.QtPdf import QPdfDocument
    from PySide6.QtPdfWidgets import QPdfView
    from PySide6.QtPrintSupport import QPrinter

NEXT_AFTER_MS = 600
"""A second Enter of the charge must not send the receipt away unseen, in milliseconds."""


NARROW_PT, ROLL_ZOOM = 300, 1.25
"""Paper narrower than this, in points, is shown at this zoom rather than as wide as the view."""


class ReceiptView(QWidget):
    """Preview and ways out. ``original`` says that this receipt was never handed out before.

    The choosers can be replaced; they ask the person for a printer and for a file.
    """

    paper_changed = Signal(object)
    folder: ClassVar[str] = ""
    """Where the last receipt was saved; the next is offered the same place."""

    def __init__(
        self,
        desk: Desk,
        lanes: Lanes,
        payment: Payment,
        paper: Paper,
        *,
        original: bool,
        kind: ReceiptKind = ReceiptKind.PAYMENT,
    ) -> None:
        super().__init__()
        self._desk, self._lanes, self._payment, self._kind = desk, lanes, payment, kind
        self._original = original
        self._pdf = b""
        self._document: QPdfDocument | None = None
        self._preview: QPdfView | None = None
        self.choose_printer: Callable[[QWidget, QSizeF], QPrinter | None] = handing_out.ask_for_printer
        self.choose_file: Callable[[QWidget, str], str] = handing_out.ask_for_file
        self.banner = Banner("receipt.banner")
        self.paper = Choice(
            "receipt.paper", "Paper", [(Paper.LETTER, "Letter"), (Paper.ROLL_80MM, "80 mm roll")]
        )
        self.paper.choose(paper)
        self.print_button = button("Print", "receipt.print", key="F8", icon="print")
        self.save_button = button("Save as PDF…", "receipt.save", key="Ctrl+S", icon="save")
        self._lay_out()
        self.paper.changed.connect(self._paper_chosen)
        self.print_button.clicked.connect(self._print)
        self.save_button.clicked.connect(self._save)
        self._load()

    @property
    def pages(self) -> int:
        """Pages in the preview; 0 until it is there."""
        return self._document.pageCount() if self._document is not None else 0

    def _lay_out(self) -> None:
        self._waiting = label("Preparing the receipt…", "muted")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._space = QVBoxLayout()
        self._space.addWidget(self._waiting, 1)
        self.ways = row(self.paper)
        self.ways.addStretch()
        self.ways.addWidget(self.save_button)
        self.ways.addWidget(self.print_button)
        body = stack(self, self.banner, spacing=Space.M)
        body.addLayout(self._space, 1)
        body.addLayout(self.ways)
        self._enable(False)

    def _load(self) -> None:
        """Make the preview; looking at a receipt is not handing it out, so it counts no copy."""
        receipts, payment_id, kind = self._desk.receipts, self._payment.id, self._kind
        paper = self.paper.value
        self._lanes.read(
            lambda: receipts.pdf(payment_id, paper, reprint=False, kind=kind), self._show, self._failed, self
        )

    def _show(self, pdf: bytes) -> None:
        from PySide6.QtPdfWidgets import QPdfView  # only now: a window that never shows one never loads it

        try:
            document = handing_out.open_pdf(pdf, self)
        except KnownError as error:
            self._failed(error)
            return
        if self._preview is None:
            self._preview = QPdfView(self)
            self._preview.setObjectName("receipt.preview")
            self._preview.setAccessibleName("The receipt as it prints")
            self._preview.setPageMode(QPdfView.PageMode.MultiPage)
            self._preview.setPalette(_ground(self._preview.palette()))
            self._waiting.hide()
            self._space.addWidget(self._preview, 1)
        narrow = document.pagePointSize(0).width() < NARROW_PT
        self._preview.setZoomFactor(ROLL_ZOOM)
        self._preview.setZoomMode(QPdfView.ZoomMode.Custom if narrow else QPdfView.ZoomMode.FitToWidth)
        self._preview.setDocument(document)
        if self._document is not None:
            self._document.deleteLater()
        self._document, self._pdf = document, pdf
        self._enable(True)

    def _paper_chosen(self) -> None:
        self._enable(False)
        self.paper_changed.emit(self.paper.value)
        self._load()

    def _print(self) -> None:
        if self._document is None:
            return
        printer = self.choose_printer(self, self._document.pagePointSize(0))
        if printer is not None:
            self._hand_out(
                lambda pdf: handing_out.print_pdf(pdf, printer),
                "Printing…",
                handing_out.printed_words(printer),
            )

    def _save(self) -> None:
        if self._document is None:
            return
        name = handing_out.file_name(number_of(self._payment, self._kind), fmt.payer(self._payment))
        path = self.choose_file(self, str(Path(ReceiptView.folder or handing_out.documents()) / name))
        if path:
            ReceiptView.folder = str(Path(path).parent)
            self._hand_out(lambda pdf: handing_out.save(pdf, path), "Saving…", "Saved.")

    def _hand_out(self, use: Callable[[bytes], None], saying: str, said: str) -> None:
        """Give the original away once; every later time is a counted copy."""
        receipts, payment_id, kind = self._desk.receipts, self._payment.id, self._kind
        paper = self.paper.value
        original = self._pdf if self._original else b""

        def work() -> None:
            use(original or receipts.pdf(payment_id, paper, reprint=True, kind=kind))

        self._enable(False)
        self.banner.say(saying)
        self._lanes.lookup(work, lambda _none: self._handed_out(said), self._failed, self)

    def _handed_out(self, said: str) -> None:
        self._enable(True)
        self.banner.say(said if self._original else f"{said} It is marked as a copy.", "", "good")
        self._original = False

    def _failed(self, error: Exception) -> None:
        self._enable(self._document is not None)
        self._waiting.setText("Later it can be printed from the Payments tab.")
        if isinstance(error, KnownError):
            self.banner.say(error.sentence, error.next_step, "danger")
        else:
            self.banner.say(
                "The receipt could not be made.",
                f"The payment stands. Please report this with the reference {log_bug(error)}.",
                "danger",
            )

    def _enable(self, on: bool) -> None:
        for part in (self.print_button, self.save_button):
            part.setEnabled(on)


class ReceiptPage(QWidget):
    """What an approved payment ends with; ``done`` when the desk is ready for the next caller."""

    done = Signal()

    def __init__(self, desk: Desk, lanes: Lanes, payment: Payment, paper: Paper) -> None:
        super().__init__()
        self.setObjectName("receipt.page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # until the button for the next customer takes it
        sign = label()
        icons.put(sign, *payment_table.sign(payment), 40)
        headline = label(_headline(payment), "amount", "receipt.headline")
        facts = label(_facts(payment), "muted", "receipt.facts")
        facts.setWordWrap(True)
        facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QWidget()
        stack(words, headline, facts, spacing=Space.XS)
        head = row(sign, words, spacing=Space.M)
        head.setStretch(1, 1)
        self.view = ReceiptView(desk, lanes, payment, paper, original=True)
        self.next_button = button("Next customer", "receipt.next", key="F12", role="primary")
        self.next_button.clicked.connect(self.done)
        self.view.ways.addWidget(self.next_button)
        body = stack(self, spacing=Space.M, margin=Space.XL)
        body.addLayout(head)
        if payment.charged_otherwise and payment.charged is not None:
            other = Banner("receipt.otherwise")
            other.say(
                f"AndDone charged {fmt.dollars(payment.charged)}, "
                f"not the {fmt.dollars(payment.draft.quote.total)} that was quoted.",
                "Tell the customer what was charged. It is listed under Needs attention.",
                "warning",
            )
            body.addWidget(other)
        body.addWidget(self.view, 1)
        self.setAccessibleName(f"{headline.text()}. {facts.text()}")
        QTimer.singleShot(NEXT_AFTER_MS, self, self._ready)

    def _ready(self) -> None:
        """From now on Enter goes on, unless the person is at something else by now."""
        if self.hasFocus():
            self.next_button.setFocus()


class ReceiptDialog(QDialog):
    """A receipt of before, from the Payments tab: everything handed out from here is a copy.

    Of a voided payment it is the void receipt, which is ``new`` right after the void.
    """

    def __init__(
        self, desk: Desk, lanes: Lanes, payment: Payment, paper: Paper, parent: QWidget, *, new: bool = False
    ) -> None:
        super().__init__(parent)
        self.setObjectName("receipt.dialog")
        kind = ReceiptKind.VOID if payment.state is State.VOIDED else ReceiptKind.PAYMENT
        self.setWindowTitle(f"Receipt {number_of(payment, kind)}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 680)
        self.view = ReceiptView(desk, lanes, payment, paper, original=new, kind=kind)
        close = button("Close", "receipt.close", key="Esc", role="quiet")
        close.clicked.connect(self.reject)
        self.view.ways.addWidget(close)
        head = label(
            f"{fmt.dollars(payment.charged or payment.draft.quote.total)} · {_facts(payment)}", "strong"
        )
        stack(self, head, self.view, spacing=Space.M, margin=Space.XL)


def number_of(payment: Payment, kind: ReceiptKind) -> str:
    """The number of a payment's receipt, or of that of its void."""
    return void_number(payment.receipt_number) if kind is ReceiptKind.VOID else payment.receipt_number


def _ground(palette: QPalette) -> QPalette:
    """What lies around the paper: quieter than the view's own dark grey."""
    palette.setColor(QPalette.ColorRole.Dark, theme.color("raised"))
    return palette


def _headline(payment: Payment) -> str:
    amount = fmt.dollars(payment.charged or payment.draft.quote.total)
    return f"{fmt.outcome(payment)}  {amount}"


def _facts(payment: Payment) -> str:
    parts = [f"Receipt {payment.receipt_number}", fmt.paid_with(payment)]
    if payment.authorization_code:
        parts.append(f"Authorization {payment.authorization_code}")
    if fmt.only_submitted(payment):
        parts.append("Submitted to the bank, not yet cleared")
    return " · ".join(parts)
