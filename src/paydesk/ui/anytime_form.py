"""A payment without an invoice: amount, what it is for, who pays."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal

from paydesk.domain.bill import Bill
from paydesk.domain.errors import KnownError
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import Payer, PaymentLine, ReferenceKind
from paydesk.domain.tender import holds_card_number
from paydesk.ui.card_guard import keep_cards_out
from paydesk.ui.entry import Entry
from paydesk.ui.form import Choice, Form, Row

_KINDS = {ReferenceKind.POLICY: "Policy", ReferenceKind.INVOICE: "Invoice", ReferenceKind.OTHER: "Other"}
_NO_CARDS = "That looks like a card number. Card numbers belong only into the payment dialog."


class AnytimeForm(Form):
    """``changed`` while it is typed; ``reference_entered`` when the reference is complete."""

    changed = Signal()
    reference_entered = Signal(str)

    def __init__(self) -> None:
        super().__init__("lookup.anytime")
        self.amount = Entry("lookup.anytime.amount", "Amount")
        self.kind = Choice("lookup.anytime.kind", "What the payment is for", _KINDS.items())
        self.reference = Entry("lookup.anytime.reference", "Reference")
        self.payer = Entry("lookup.anytime.payer", "Payer's name")
        self.phone = Entry("lookup.anytime.phone", "Phone")
        self.email = Entry("lookup.anytime.email", "E-mail")
        self.amount.setPlaceholderText("0.00")
        self.reference.setPlaceholderText("HO-204417")
        self._make_rows()
        self._checked = ""
        for row, entry in self._marked:
            keep_cards_out(entry, partial(row.mark, entry))
        self.edited.connect(self.changed)
        self.kind.changed.connect(self.changed)
        self.reference.editingFinished.connect(self._reference_left)

    def _make_rows(self) -> None:
        first, second = Row(), Row()
        self.add_row(
            first,
            first.add("&Amount", self.amount, self._check_amount, stretch=2),
            first.add("Payment f&or", self.kind, stretch=3),
            first.add("&Reference", self.reference, self._check_reference, stretch=4),
        )
        self.add_row(
            second,
            second.add("Payer's n&ame", self.payer, self._check_payer, stretch=3),
            second.add("&Phone", self.phone, self._check_phone, stretch=2),
            second.add("&E-mail", self.email, self._check_email, stretch=3),
        )
        self._marked = [(first, self.amount), (first, self.reference)]
        self._marked += [(second, entry) for entry in (self.payer, self.phone, self.email)]
        second.hint("Enter moves on; phone and e-mail are for the receipt and for questions.")

    @property
    def bill(self) -> Bill | None:
        """What is to be paid, or None while something is missing or wrong."""
        problems = (self._check_amount(), self._check_reference(), self._check_payer())
        if any(problems) or self._check_phone() or self._check_email():
            return None
        reference, kind = self.reference.text().strip(), self._kind
        line = PaymentLine(
            amount=Money.parse(self.amount.text()),
            description=f"{_KINDS[kind]} {reference}" if kind is not ReferenceKind.OTHER else reference,
            policy_number=reference if kind is ReferenceKind.POLICY else "",
        )
        payer = Payer(self.payer.text().strip(), self.phone.text().strip(), self.email.text().strip())
        return Bill((line,), payer, reference_kind=kind, reference_value=reference)

    def clear(self) -> None:
        """Forget the last caller."""
        for entry in (self.amount, self.reference, self.payer, self.phone, self.email):
            entry.clear()
        self.kind.choose(ReferenceKind.POLICY)
        self._checked = ""
        for row, entry in self._marked:
            row.mark(entry, "")

    @property
    def _kind(self) -> ReferenceKind:
        return self.kind.value

    def _reference_left(self) -> None:
        reference = self.reference.text().strip()
        if reference and reference != self._checked:
            self._checked = reference
            self.reference_entered.emit(reference)

    def _check_amount(self) -> str:
        try:
            amount = Money.parse(self.amount.text())
        except KnownError as error:
            return f"{error.sentence} {error.next_step}" if self.amount.text().strip() else "Type the amount."
        return "" if amount > ZERO else "Type an amount above zero."

    def _check_reference(self) -> str:
        text = self.reference.text().strip()
        if holds_card_number(text):
            return _NO_CARDS
        return "" if text else "Type what the payment is for: a policy or invoice number, or a few words."

    def _check_payer(self) -> str:
        text = self.payer.text().strip()
        if holds_card_number(text):
            return _NO_CARDS
        return "" if text else "Type the payer's name."

    def _check_phone(self) -> str:
        return _NO_CARDS if holds_card_number(self.phone.text()) else ""

    def _check_email(self) -> str:
        text = self.email.text().strip()
        if holds_card_number(text):
            return _NO_CARDS
        name, at, host = text.partition("@")
        whole = name and at and "." in host.strip(".") and len(text.split()) == 1
        return (
            "" if whole or not text else "That is not an e-mail address. Ask for it again, or leave it empty."
        )
