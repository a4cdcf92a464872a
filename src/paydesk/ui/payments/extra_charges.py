"""Charges of ours that no payment accounts for, each with the button that voids it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from paydesk.domain.outcome import Charge, ChargeStatus
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import notices
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, row, stack, tip
from paydesk.ui.payments import attention_words as words

MOST_BUTTONS = 3
"""Buttons in view. Further charges get theirs once these are voided."""


class ExtraCharges(QWidget):
    """The notice and its buttons. ``void`` carries the charge to void."""

    void = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.notice = notices.NoticeBar(name)
        self._row = row(spacing=Space.S)
        self._buttons: list[QPushButton] = []
        self._offered: list[Charge] = []
        column = stack(self, self.notice, spacing=Space.S)
        column.addLayout(self._row)
        self._row.addStretch(1)

    @property
    def text(self) -> str:
        """The visible text of the notice."""
        return self.notice.text

    @property
    def stops(self) -> list[QWidget]:
        """Its stops of the Tab key, in order."""
        return [*self.notice.stops, *self._buttons]

    def show_charges(self, charges: Sequence[Charge], voidable: Collection[str]) -> None:
        """Show the charges, with a button for each that may be voided. Without charges, hide all.

        What is shown already stays, so that a refresh takes no keyboard away and announces nothing twice.
        """
        offered = [charge for charge in charges if charge.processor_ref in voidable][:MOST_BUTTONS]
        if offered != self._offered:
            self._offer(offered)
        if not charges:
            self.notice.clear()
            return
        named = [words.stranger(amount(one), one.processor_ref) for one in charges]
        invoices = sorted({number for one in charges for number in one.invoice_numbers})
        step = words.ask_about_strangers(named, invoices, may_void=bool(offered))
        sentence = words.strangers(len(charges))
        if self.notice.text != f"{sentence} {step}":
            self.notice.say(sentence, step, "danger")

    def _offer(self, charges: list[Charge]) -> None:
        for made in self._buttons:
            self._row.removeWidget(made)
            made.deleteLater()
        self._offered = charges
        self._buttons = [self._button(place, charge) for place, charge in enumerate(charges)]

    def _button(self, place: int, charge: Charge) -> QPushButton:
        made = button(words.void_stranger(amount(charge)), f"{self._name}.void{place}", icon="undo")
        made.setToolTip(tip(charge.processor_ref))
        made.clicked.connect(lambda: self.void.emit(charge))
        self._row.insertWidget(place, made)
        return made


def amount(charge: Charge) -> str:
    """Return the amount of a charge in words."""
    return words.UNKNOWN_AMOUNT if charge.charged is None else fmt.dollars(charge.charged)


def void_answer(charge: Charge, status: ChargeStatus) -> tuple[str, str, str]:
    """Return sentence, next step and notice kind for a charge whose void was requested."""
    what = words.stranger(amount(charge), charge.processor_ref)
    match status:
        case ChargeStatus.CANCELED:
            return words.stranger_voided(what), "", "good"
        case ChargeStatus.SETTLED:
            return words.stranger_not_voided(what), words.REFUND_STRANGER, "danger"
        case ChargeStatus.VOIDABLE:
            return words.stranger_not_voided(what), words.VOID_STRANGER_AGAIN, "danger"
        case ChargeStatus.UNCLEAR:
            return words.stranger_unclear(what), words.VOID_STRANGER_AGAIN, "warning"
