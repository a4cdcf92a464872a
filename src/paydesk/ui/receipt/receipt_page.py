"""The page after an approved payment, and the dialog that reprints a receipt from the Payments tab."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from paydesk.domain.consent import Proof
from paydesk.domain.payment import Payment, State
from paydesk.domain.receipt import ReceiptKind
from paydesk.domain.refund import Refund
from paydesk.services.desk.desk import Desk
from paydesk.services.payments.consent_papers import paper_of
from paydesk.services.ports.payment_words import only_submitted
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import icons
from paydesk.ui.kit import words as kit_words
from paydesk.ui.kit.banner import Banner
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, stack
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.lists import payment_columns
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt import words
from paydesk.ui.receipt.papers import Papers, number_of
from paydesk.ui.receipt.printing import Printers


class ReceiptPage(QWidget):
    """The page after an approved payment. ``done`` follows when the clerk goes to the next customer.

    The button for that is far from the one that charged, and dead until ``be_ready``.
    """

    done = Signal()

    def __init__(self, desk: Desk, printers: Printers, lanes: Lanes, payment: Payment) -> None:
        super().__init__()
        self.setObjectName("receipt.page")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # until the Next customer button gets the focus
        sign = label()
        icons.put(sign, *payment_columns.sign(payment), 40)
        headline = label(_headline(payment), "amount", "receipt.headline")
        facts = label(_facts(payment, words.receipt(payment.receipt_number)), "muted", "receipt.facts")
        facts.setWordWrap(True)
        facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        texts = QWidget()
        stack(texts, headline, facts, spacing=Space.XS)
        self.next_button = button(words.NEXT_CUSTOMER, "receipt.next", key="F12", role="primary")
        self.next_button.setEnabled(False)
        self.next_button.clicked.connect(self.leave)
        head = row(sign, texts, self.next_button, spacing=Space.M)
        head.setStretch(1, 1)
        head.setAlignment(self.next_button, Qt.AlignmentFlag.AlignTop)
        self.papers = Papers(
            desk, printers, lanes, payment, ReceiptKind.PAYMENT, new=True, after_approval=True
        )
        self.view = self.papers.receipt
        body = stack(self, spacing=Space.M, margin=Space.XL)
        body.addLayout(head)
        if payment.charged_otherwise and payment.charged is not None:
            other = Banner("receipt.otherwise")
            charged, quoted = fmt.dollars(payment.charged), fmt.dollars(payment.draft.quote.total)
            body.addWidget(other)  # before it shows itself: a window of its own would take the keyboard
            other.say(words.charged_otherwise(charged, quoted), words.TELL_CUSTOMER, "warning")
        self.letter = Banner("receipt.letter")
        self._letter_due, self._asked_for_letter = paper_of(payment) is Proof.WRITTEN_NOTICE, False
        body.addWidget(self.letter)
        body.addWidget(self.papers, 1)
        self._ask_for_letter(payment)
        self.setAccessibleName(f"{headline.text()}. {facts.text()}")

    def be_ready(self) -> None:
        """Let the clerk go on with Enter. A click that came too soon may have moved the focus."""
        self.next_button.setEnabled(True)
        self.next_button.setFocus()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it held the keyboard only meanwhile

    def leave(self) -> None:
        """End, unless the letter is still to be printed: then show it first, once."""
        if not self._letter_due or self._asked_for_letter:
            self.done.emit()
            return
        self._asked_for_letter = True
        self.papers.show_consent()
        self.letter.say(words.LETTER_FIRST, words.LETTER_THEN, "warning")

    def _ask_for_letter(self, payment: Payment) -> None:
        """Ask for the letter, if it is the proof of this payment."""
        consent, view = payment.draft.consent, self.papers.consent
        if self._letter_due and consent is not None and view is not None:
            self.letter.say(words.letter_due(consent.proof_detail), words.LETTER_NEXT, "warning")
            view.handed_out.connect(self._letter_printed)

    def _letter_printed(self) -> None:
        self._letter_due = False
        self.letter.say(words.LETTER_DONE, "", "good")


class ReceiptDialog(QDialog):
    """The dialog for a receipt from the Payments tab. Everything printed or saved from here is a copy.

    For a voided payment it shows the void receipt, and for a ``refund`` its receipt. They are ``new`` right
    after the void or refund.
    """

    def __init__(
        self,
        desk: Desk,
        printers: Printers,
        lanes: Lanes,
        payment: Payment,
        parent: QWidget,
        *,
        new: bool = False,
        refund: Refund | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("receipt.dialog")
        kind = ReceiptKind.VOID if payment.state is State.VOIDED else ReceiptKind.PAYMENT
        kind = ReceiptKind.REFUND if refund else kind
        number = refund.number if refund else number_of(payment, kind)
        named = words.NAMED[kind](number)
        self.setWindowTitle(named)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 680)
        self.papers = Papers(desk, printers, lanes, payment, kind, new=new, refund=refund)
        self.view = self.papers.receipt
        close = button(words.CLOSE, "receipt.close", key="Esc", role="quiet")
        close.clicked.connect(self.reject)
        amount = refund.amount if refund else payment.charged or payment.draft.quote.total
        said = f"{fmt.dollars(amount)} · {_facts(payment, named)}"
        about = label(said, "strong")
        about.setWordWrap(True)
        head = row(about, close)
        head.setStretch(0, 1)
        body = stack(self, spacing=Space.M, margin=Space.XL)
        body.addLayout(head)
        body.addWidget(self.papers, 1)
        mark_world(self)


def _headline(payment: Payment) -> str:
    amount = fmt.dollars(payment.charged or payment.draft.quote.total)
    return words.headline(kit_words.outcome(payment), amount)


def _facts(payment: Payment, receipt: str) -> str:
    parts = [receipt, kit_words.paid_with(payment)]
    if payment.authorization_code:
        parts.append(words.authorization(payment.authorization_code))
    if only_submitted(payment):
        parts.append(words.SUBMITTED_TO_BANK)
    return " · ".join(parts)
