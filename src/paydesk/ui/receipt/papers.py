"""The documents of a payment: its receipt, and the form or letter that proves the consent to a bank debit."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtWidgets import QStackedWidget, QWidget

from paydesk.domain.consent import Proof
from paydesk.domain.payment import Payment
from paydesk.domain.receipt import Paper, ReceiptKind, void_number
from paydesk.domain.refund import Refund
from paydesk.services.desk.desk import Desk
from paydesk.services.payments.consent_papers import paper_of
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.form import Choice
from paydesk.ui.kit.preferences import Switch
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import row, shortcut, stack, with_key
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt import print_and_save, words
from paydesk.ui.receipt.document_view import Document, DocumentView
from paydesk.ui.receipt.printing import Printers


class Which(StrEnum):
    """The document in view."""

    RECEIPT = "receipt"
    CONSENT = "consent"


class Papers(QWidget):
    """The receipt, and beside it the consent's paper if the payment keeps one. F7 changes between them.

    Right ``after_approval``, a letter prints by itself on a desk that prints without asking.
    """

    def __init__(
        self,
        desk: Desk,
        printers: Printers,
        lanes: Lanes,
        payment: Payment,
        kind: ReceiptKind,
        *,
        new: bool,
        after_approval: bool = False,
        refund: Refund | None = None,
    ) -> None:
        super().__init__()
        is_on, paper = printers.preferences.is_on, desk.settings.paper
        receipt = (
            refund_receipt_of(desk, payment, refund, new=new)
            if refund
            else receipt_of(desk, payment, kind, new=new)
        )
        by_itself = after_approval and is_on(Switch.PRINT_AFTER_APPROVAL)
        self.receipt = DocumentView(printers, lanes, receipt, paper, by_itself=by_itself)
        self.consent: DocumentView | None = None
        self._views = QStackedWidget()
        self._views.addWidget(self.receipt)
        self.choice: Choice[Which] | None = None
        proof = None if refund else paper_of(payment)
        if proof is None:
            stack(self, self._views)
            return
        letter = proof is Proof.WRITTEN_NOTICE
        alone = letter and after_approval and (by_itself or is_on(Switch.PRINT_WITHOUT_ASKING))
        alone = alone and bool(printers.remembered(Paper.LETTER))
        document = consent_of(desk, payment, letter=letter)
        self.consent = DocumentView(printers, lanes, document, Paper.LETTER, by_itself=alone)
        self._views.addWidget(self.consent)
        title = with_key(words.LETTER_TAB if letter else words.FORM_TAB, "F7")
        titles = [(Which.RECEIPT, words.RECEIPT_TAB), (Which.CONSENT, title)]
        self.choice = Choice("receipt.document", words.DOCUMENT, titles)
        self.choice.changed.connect(self._chosen)
        head = row(self.choice)
        head.addStretch()
        body = stack(self, spacing=Space.S)
        body.addLayout(head)
        body.addWidget(self._views, 1)
        shortcut(self, "F7", self._change, words.OTHER_DOCUMENT)

    def show_consent(self) -> None:
        """Show the form or letter."""
        if self.choice is not None:
            self.choice.choose(Which.CONSENT)

    def _change(self) -> None:
        assert self.choice is not None
        self.choice.choose(Which.RECEIPT if self.choice.value is Which.CONSENT else Which.CONSENT)

    def _chosen(self) -> None:
        assert self.choice is not None
        self._views.setCurrentIndex(list(Which).index(self.choice.value))


def receipt_of(desk: Desk, payment: Payment, kind: ReceiptKind, *, new: bool) -> Document:
    """Return the receipt of a payment, or of its void. It is ``new`` if it was never printed."""

    def read(paper: Paper, reprint: bool) -> bytes:
        return desk.receipts.pdf(payment.id, paper, reprint=reprint, kind=kind)

    name = print_and_save.file_name(number_of(payment, kind), fmt.payer(payment))
    return Document(read, name, lambda: not new)


def refund_receipt_of(desk: Desk, payment: Payment, refund: Refund, *, new: bool) -> Document:
    """Return the receipt of a refund. It is ``new`` if it was never printed."""

    def read(paper: Paper, reprint: bool) -> bytes:
        return desk.receipts.refund_pdf(refund.id, paper, reprint=reprint)

    name = print_and_save.file_name(refund.number, fmt.payer(payment))
    return Document(read, name, lambda: not new)


def consent_of(desk: Desk, payment: Payment, *, letter: bool) -> Document:
    """Return the form or the letter that a payment keeps."""
    papers = desk.consent_papers

    def read(_paper: Paper, reprint: bool) -> bytes:
        return papers.pdf(payment, reprint=reprint)

    named = words.letter_file if letter else words.form_file
    return Document(
        read,
        print_and_save.safe_name(named(payment.receipt_number, fmt.payer(payment))),
        was_printed=lambda: papers.was_printed(payment),
        note=lambda: papers.note_printed(payment),
        what=words.THE_LETTER if letter else words.THE_FORM,
        name="consent",
        papers=(Paper.LETTER,),
    )


def number_of(payment: Payment, kind: ReceiptKind) -> str:
    """Return the number of a payment's receipt, or of its void receipt."""
    return void_number(payment.receipt_number) if kind is ReceiptKind.VOID else payment.receipt_number
