"""The fields of a credit or debit card, read over the phone or at the counter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLineEdit

from paydesk.domain.tender import (
    Card,
    TenderKind,
    billing_zip_problem,
    brand_rule,
    card_number_problem,
    code_problem,
    digits_in,
    expiry_in,
    expiry_problem,
    holder_problem,
)
from paydesk.ui.as_typed import card_as_typed, digits_as_typed, expiry_as_typed
from paydesk.ui.entry import LONGEST_NAME, Entry, SecretEntry
from paydesk.ui.form import Form, Row
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label


class CardNumber(SecretEntry):
    """The card number in its groups, with the brand in words at the right end."""

    def __init__(self) -> None:
        super().__init__(
            "tender.card.number",
            "Card number",
            lambda text, caret, _grew: card_as_typed(text, caret),
            self._just_complete,
        )
        self.setProperty("scale", "big")
        self._brand = label("", "strong", "tender.card.brand")
        self._brand.setParent(self)
        self._brand.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.textChanged.connect(self._name_brand)

    @property
    def digits(self) -> str:
        """The number, without its spaces."""
        return digits_in(self.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the brand at the right end."""
        super().resizeEvent(event)
        self._place_brand()

    def _just_complete(self) -> bool:
        rule = brand_rule(self.digits)
        return (
            rule is not None
            and len(self.digits) == rule.usual_length
            and not card_number_problem(self.digits)
        )

    def _name_brand(self) -> None:
        rule = brand_rule(self.digits)
        self._brand.setText(rule.brand.value if rule else "")
        self._place_brand()

    def _place_brand(self) -> None:
        size = self._brand.sizeHint()
        self._brand.setGeometry(self.width() - size.width() - Space.M, 0, size.width(), self.height())
        self.setTextMargins(0, 0, size.width() + Space.M if self._brand.text() else 0, 0)


class CardFields(Form):
    """Number, expiry, code, billing ZIP and name; each moves on when it is full."""

    def __init__(self, today: Callable[[], date]) -> None:
        super().__init__("tender.card")
        self._today = today
        self.number = CardNumber()
        self.expiry = SecretEntry(
            "tender.card.expiry",
            "Expiry, month and year",
            lambda text, caret, grew: expiry_as_typed(text, caret, growing=grew),
            lambda: len(self.expiry.text()) == len("MM/YY") and not self._expiry_problem(),
        )
        self.code = SecretEntry(
            "tender.card.code",
            "Security code",
            lambda text, caret, _grew: digits_as_typed(text, caret, self._code_length()),
            lambda: not self._code_problem(),
        )
        self.code.setEchoMode(QLineEdit.EchoMode.Password)
        self.zip = Entry("tender.card.zip", "Billing ZIP")
        self.holder = Entry("tender.card.holder", "Name on the card")
        self._lay_out()
        self._listen()

    def prefill(self, holder: str, zip_code: str) -> None:
        """Offer the payer's name and ZIP; both can be typed over."""
        self.holder.put(holder)
        self.zip.put(zip_code[:5])

    def card(self, kind: TenderKind) -> Card:
        """The card as typed; only when ``complete()`` said so."""
        month, year = expiry_in(self.expiry.text()) or (0, 0)
        return Card(
            kind=kind,
            number=self.number.digits,
            expiry_month=month,
            expiry_year=year,
            code=self.code.text(),
            holder=self.holder.text().strip(),
            zip_code=self.zip.text().strip(),
        )

    def forget_code(self) -> None:
        """After a decline all stays but the code, which must be asked for again (PCI DSS 3.3.1)."""
        self.code.wipe()
        self._code_row.mark(self.code, "")

    def wipe(self) -> None:
        """Forget everything."""
        for entry in (self.number, self.expiry, self.code):
            entry.wipe()
        self.zip.clear()
        self.holder.clear()

    def _lay_out(self) -> None:
        self._number_row, self._code_row, name_row = Row(), Row(), Row()
        number = self._number_row.add(
            "Card number", self.number, lambda: card_number_problem(self.number.digits)
        )
        expiry = self._code_row.add("Expiry", self.expiry, self._expiry_problem)
        code = self._code_row.add("Security code", self.code, self._code_problem)
        zip_code = self._code_row.add("Billing ZIP", self.zip, lambda: billing_zip_problem(self.zip.text()))
        holder = name_row.add("Name on the card", self.holder, lambda: holder_problem(self.holder.text()))
        self.expiry.setPlaceholderText("MM/YY")
        self.zip.setMaxLength(10)
        self.holder.setMaxLength(LONGEST_NAME)
        self.add_row(self._number_row, number)
        self.add_row(self._code_row, expiry, code, zip_code)
        self.add_row(name_row, holder)
        self._hint_code()

    def _listen(self) -> None:
        for entry in (self.number, self.expiry, self.code):
            entry.filled.connect(lambda entry=entry: self.step_on(entry))
        self.number.textEdited.connect(self._judge_number)
        self.expiry.textEdited.connect(self._judge_expiry)
        self.zip.textEdited.connect(self._zip_typed)

    def _judge_number(self) -> None:
        """Say at once whether a complete number can be right; a number still growing is left alone."""
        digits = self.number.digits
        rule = brand_rule(digits)
        problem = card_number_problem(digits)
        complete = rule is not None and len(digits) >= rule.usual_length
        self._number_row.mark(self.number, problem if complete or (len(digits) >= 4 and rule is None) else "")
        self._number_row.hint("The number checks out." if complete and not problem else "", "small-good")
        self._hint_code()

    def _judge_expiry(self) -> None:
        full = len(self.expiry.text()) >= len("MM/YY")
        problem = self._expiry_problem() if full else self._month_problem()
        self._code_row.mark(self.expiry, problem)

    def _zip_typed(self, text: str) -> None:
        if len(text) == 5 and self.zip.cursorPosition() == 5 and not billing_zip_problem(text):
            self.step_on(self.zip)

    def _hint_code(self) -> None:
        rule = brand_rule(self.number.digits)
        if rule is None:
            self._code_row.hint("Security code: 3 digits on the back; American Express 4 on the front.")
        else:
            where = "front" if rule.code_length == 4 else "back"
            self._code_row.hint(f"Security code: {rule.code_length} digits on the {where}.")

    def _code_length(self) -> int:
        rule = brand_rule(self.number.digits)
        return rule.code_length if rule else 4

    def _code_problem(self) -> str:
        return code_problem(self.code.text(), self.number.digits)

    def _expiry_problem(self) -> str:
        read = expiry_in(self.expiry.text())
        if read is not None:
            return expiry_problem(*read, self._today())
        wrong = "The expiry is a month and a year, like 03/30." if self.expiry.text() else "Type the expiry."
        return self._month_problem() or wrong

    def _month_problem(self) -> str:
        month = self.expiry.text()[:2]
        next_year = self._today().year + 1
        return expiry_problem(int(month), next_year, self._today()) if len(month) == 2 else ""
