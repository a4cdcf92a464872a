"""A payment without an invoice: the form with amount, purpose and payer, and its page."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import Payer, PaymentLine, ReferenceKind
from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.domain.typed.digits import digits_in
from paydesk.domain.typed.numbers import customer_number_in
from paydesk.ui.kit.form import Choice, Form, Row
from paydesk.ui.kit.format import dollars
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.kit.scrolling import scrolled
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import label, stack
from paydesk.ui.kit.words import REFERENCE_KINDS
from paydesk.ui.take.words import lookup as words

_FORM_WIDTH = 820
"""Most width in device-independent pixels, so that the eye finds the next field."""
_LEAST_PHONE_DIGITS = 7
"""Digits of a number without its area code."""


class AnytimeForm(Form):
    """The form. ``changed`` follows each edit, ``reference_entered`` a complete reference.

    ``customer_entered`` carries a complete customer number and the payer's name.
    """

    changed = Signal()
    reference_entered = Signal(str)
    customer_entered = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("lookup.anytime")
        self.amount = Entry("lookup.anytime.amount", words.AMOUNT_SPOKEN)
        self.kind = Choice("lookup.anytime.kind", words.KIND_SPOKEN, REFERENCE_KINDS.items())
        self.reference = Entry("lookup.anytime.reference", words.REFERENCE_SPOKEN)
        self.payer = Entry("lookup.anytime.payer", words.PAYER_SPOKEN)
        self.phone = Entry("lookup.anytime.phone", words.PHONE_SPOKEN)
        self.email = Entry("lookup.anytime.email", words.EMAIL_SPOKEN)
        self.customer = Entry("lookup.anytime.customer", words.ANYTIME_CUSTOMER_SPOKEN)
        self.amount.setPlaceholderText(words.AMOUNT_SAMPLE)
        self._name_reference()
        self._make_rows()
        self._checked = ""
        self._checked_customer = ("", "")
        self._unknown_customer = ""
        self.edited.connect(self.changed)
        self.kind.changed.connect(self.changed)
        self.kind.changed.connect(self._name_reference)
        self.amount.editingFinished.connect(self._amount_left)
        self.reference.editingFinished.connect(self._reference_left)
        self.payer.editingFinished.connect(self._customer_left)
        self.customer.editingFinished.connect(self._customer_left)

    def _make_rows(self) -> None:
        what, who, reach = Row(), Row(), Row()
        self.add_row(
            what,
            what.add(words.AMOUNT_LABEL, self.amount, self._check_amount, stretch=2),
            what.add(words.KIND_LABEL, self.kind, stretch=3),
            what.add(words.REFERENCE_LABEL, self.reference, self._check_reference, stretch=4),
        )
        self.add_row(
            who,
            who.add(words.PAYER_LABEL, self.payer, self._check_payer, stretch=5),
            who.add(words.PHONE_LABEL, self.phone, self._check_phone, stretch=4),
        )
        self.add_row(
            reach,
            reach.add(words.EMAIL_LABEL, self.email, self._check_email, stretch=5),
            reach.add(words.ANYTIME_CUSTOMER_LABEL, self.customer, self._check_customer, stretch=4),
        )
        self._marked = [(what, self.amount), (what, self.reference), (who, self.payer), (who, self.phone)]
        self._marked += [(reach, self.email), (reach, self.customer)]
        reach.hint(words.PAYER_HINT)

    @property
    def filled(self) -> int:
        """Number of fields with something in them."""
        return sum(bool(entry.text().strip()) for _, entry in self._marked)

    @property
    def basket(self) -> Basket | None:
        """The payment as entered, or None while something is missing or wrong."""
        problems = (self._check_amount(), self._check_reference(), self._check_payer())
        if any(problems) or self._check_phone() or self._check_email() or self._check_customer():
            return None
        reference, kind = self.reference.text().strip(), self._kind
        line = PaymentLine(
            amount=Money.parse(self.amount.text()),
            description=words.anytime_line(kind, reference),
            policy_number=reference if kind is ReferenceKind.POLICY else "",
        )
        texts = (self.payer.text().strip(), self.phone.text().strip(), self.email.text().strip())
        payer = Payer(*texts, customer_number=customer_number_in(self.customer.text()))
        return Basket((line,), payer, reference_kind=kind, reference_value=reference)

    def clear(self) -> None:
        """Clear what was entered for the last caller."""
        for entry in (self.amount, self.reference, self.payer, self.phone, self.email, self.customer):
            entry.clear()
        self.kind.choose(ReferenceKind.POLICY)
        self._checked, self._unknown_customer = "", ""
        self._checked_customer = ("", "")
        self.unmark()

    @property
    def _kind(self) -> ReferenceKind:
        return self.kind.value

    def _amount_left(self) -> None:
        """Show the amount as it is charged, so that a wrong digit is seen."""
        if not self._check_amount():
            self.amount.setText(dollars(Money.parse(self.amount.text())))

    def _name_reference(self) -> None:
        self.reference.setPlaceholderText(words.REFERENCE_SAMPLES[self._kind])

    def _reference_left(self) -> None:
        reference = self.reference.text().strip()
        if reference and reference != self._checked:
            self._checked = reference
            self.reference_entered.emit(reference)

    def _customer_left(self) -> None:
        entered = customer_number_in(self.customer.text()), self.payer.text().strip()
        if all(entered) and entered != self._checked_customer:
            self._checked_customer = entered
            self.customer_entered.emit(*entered)

    def check_now(self) -> None:
        """Ask for what is still unchecked, although the keyboard is still in its field."""
        self._reference_left()
        self._customer_left()

    def refuse_customer(self) -> None:
        """Show that there is no customer with the number that was checked last."""
        self._unknown_customer = self._checked_customer[0]
        self._marked[-1][0].mark(self.customer, self._check_customer())
        self.changed.emit()

    def _check_customer(self) -> str:
        text = self.customer.text().strip()
        if holds_card_data(text):
            return words.NO_CARD_NUMBERS
        number = customer_number_in(text)
        if text and not number:
            return words.CUSTOMER_MISSING
        unknown = bool(number) and number == self._unknown_customer
        return words.no_such_customer(number) if unknown else ""

    def _check_amount(self) -> str:
        try:
            amount = Money.parse(self.amount.text())
        except KnownError as error:
            typed = self.amount.text().strip()
            return f"{error.sentence} {error.next_step}" if typed else words.AMOUNT_MISSING
        return "" if amount > ZERO else words.AMOUNT_NOT_POSITIVE

    def _check_reference(self) -> str:
        text = self.reference.text().strip()
        if holds_card_data(text):
            return words.NO_CARD_NUMBERS
        return "" if text else words.REFERENCE_MISSING

    def _check_payer(self) -> str:
        text = self.payer.text().strip()
        if holds_card_data(text):
            return words.NO_CARD_NUMBERS
        return "" if text else words.PAYER_MISSING

    def _check_phone(self) -> str:
        text = self.phone.text().strip()
        if holds_card_data(text):
            return words.NO_CARD_NUMBERS
        return words.PHONE_WRONG if text and len(digits_in(text)) < _LEAST_PHONE_DIGITS else ""

    def _check_email(self) -> str:
        text = self.email.text().strip()
        if holds_card_data(text):
            return words.NO_CARD_NUMBERS
        name, at, host = text.partition("@")
        whole = name and at and "." in host.strip(".") and len(text.split()) == 1
        return "" if whole or not text else words.EMAIL_WRONG


class AnytimePage(QFrame):
    """The form in the place of the list, because there is none."""

    def __init__(self, form: AnytimeForm) -> None:
        super().__init__()
        self.setObjectName("take.anytime")
        self.setProperty("role", "card")
        title = label(words.WITHOUT_INVOICE[0], "title")
        self._next = label(words.WITHOUT_INVOICE[1], "muted")
        form.setMaximumWidth(_FORM_WIDTH)
        inner = QWidget()
        column = stack(inner, title, self._next, form, spacing=Space.XS, margin=Space.L)
        column.insertSpacing(2, Space.S)
        column.addStretch(1)
        stack(self, scrolled(inner, words.WITHOUT_INVOICE[0]), margin=1)
