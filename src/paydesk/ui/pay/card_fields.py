"""The fields of a credit or debit card, by phone or at the counter."""

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
    card_groups,
    card_number_problem,
    code_problem,
    expiry_problem,
    holder_problem,
)
from paydesk.domain.typed.business_names import is_business_name
from paydesk.domain.typed.expiry import expiry_in
from paydesk.domain.typed.post_codes import is_us_zip
from paydesk.ui.kit.form import Form, Row
from paydesk.ui.kit.line_edits import LONGEST_NAME, Entry, SecretEntry
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import label
from paydesk.ui.pay import words
from paydesk.ui.pay.input_masks import card_digits_in, expiry_as_typed
from paydesk.ui.pay.sealed_entry import Numeral, SealedEntry

_EXPIRY_LENGTH = len("MM/YY")
"""Characters of a complete expiry, as the mask of the field writes it."""


LONGEST_POST_CODE = len("BR 01310-100")

MOST_CARD_DIGITS = 24
"""Maximum digits in a card field. No card has so many, so a digit too many is shown with an error instead of
being dropped silently."""

_LONGEST_CODE = 4


class CardNumber(SealedEntry):
    """The card number in groups, with the brand's name at the right end."""

    def __init__(self) -> None:
        super().__init__(
            "tender.card.number",
            words.CARD_NUMBER,
            Numeral(
                lambda: MOST_CARD_DIGITS,
                card_groups,
                read=card_digits_in,
                whole=lambda digits: not card_number_problem(digits),
            ),
            self._just_complete,
        )
        self.setProperty("scale", "big")
        self._brand = label("", "strong", "tender.card.brand")
        self._brand.setParent(self)
        self._brand.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.textChanged.connect(self._name_brand)

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
    """Number, expiry, code, billing ZIP and name. Each field moves on when it is full."""

    def __init__(self, today: Callable[[], date]) -> None:
        super().__init__("tender.card")
        self._today = today
        self.number = CardNumber()
        self.expiry = SecretEntry(
            "tender.card.expiry",
            words.EXPIRY_SPOKEN,
            lambda text, caret, grew: expiry_as_typed(text, caret, growing=grew),
            lambda: len(self.expiry.text()) == _EXPIRY_LENGTH and not self._expiry_problem(),
        )
        self.code = SealedEntry(
            "tender.card.code",
            words.SECURITY_CODE,
            Numeral(self._code_length, readable=False),
            lambda: not self._code_problem(),
        )
        self.code.setEchoMode(QLineEdit.EchoMode.Password)
        self.zip = Entry("tender.card.zip", words.BILLING_ZIP)
        self.holder = Entry("tender.card.holder", words.NAME_ON_CARD)
        self._lay_out()
        self._listen()

    def prefill(self, holder: str, zip_code: str) -> None:
        """Suggest the payer's name and ZIP, which the clerk may type over. A business is pointed out."""
        self.holder.put(holder)
        self._name_row.hint(words.NAME_OF_BUSINESS if is_business_name(holder) else "")
        self.zip.put(zip_code[:5] if is_us_zip(zip_code) else zip_code)

    def card(self, kind: TenderKind) -> Card:
        """Return the card as typed. Call it only after ``complete()`` returned True."""
        month, year = expiry_in(self.expiry.text()) or (0, 0)
        return Card(
            kind=kind,
            number=self.number.digits.copy(),
            expiry_month=month,
            expiry_year=year,
            code=self.code.digits.copy(),
            holder=self.holder.text().strip(),
            zip_code=self.zip.text().strip(),
        )

    @property
    def typed(self) -> bool:
        """True if a number, an expiry or a code was begun."""
        return any(entry.text() for entry in (self.number, self.expiry, self.code))

    def forget_numbers(self) -> None:
        """Clear number, expiry and code. Name and ZIP stay."""
        for entry in (self.number, self.expiry, self.code):
            entry.wipe()
        self._judge_number()
        for entry in (self.expiry, self.code):
            self._code_row.mark(entry, "")

    def wipe(self) -> None:
        """Clear all fields."""
        self.forget_numbers()
        self.zip.clear()
        self.holder.clear()
        self._judge_number()
        for marked in (self.expiry, self.code, self.zip):
            self._code_row.mark(marked, "")

    def _lay_out(self) -> None:
        self._number_row, self._code_row, self._name_row = Row(), Row(), Row()
        number = self._number_row.add(
            words.CARD_NUMBER, self.number, lambda: card_number_problem(self.number.digits)
        )
        expiry = self._code_row.add(words.EXPIRY, self.expiry, self._expiry_problem)
        code = self._code_row.add(words.SECURITY_CODE, self.code, self._code_problem)
        zip_code = self._code_row.add(
            words.BILLING_ZIP, self.zip, lambda: billing_zip_problem(self.zip.text())
        )
        holder = self._name_row.add(
            words.NAME_ON_CARD, self.holder, lambda: holder_problem(self.holder.text())
        )
        self.expiry.setPlaceholderText(words.EXPIRY_EXAMPLE)
        self.zip.setMaxLength(LONGEST_POST_CODE)
        self.holder.setMaxLength(LONGEST_NAME)
        self.add_row(self._number_row, number)
        self.add_row(self._code_row, expiry, code, zip_code)
        self.add_row(self._name_row, holder)
        self._hint_code()

    def _listen(self) -> None:
        for entry in (self.number, self.expiry, self.code):
            entry.filled.connect(lambda entry=entry: self.step_on(entry))
            entry.card_refused.connect(self._forget_swipe)
        self.number.textEdited.connect(self._judge_number)
        self.number.copy_forgotten.connect(lambda: self._number_row.hint(words.COPY_FORGOTTEN, "small-good"))
        self.expiry.textEdited.connect(self._judge_expiry)
        self.zip.textEdited.connect(self._zip_typed)
        self.holder.textEdited.connect(lambda: self._name_row.hint(""))

    def _forget_swipe(self) -> None:
        """Clear what a card reader typed before the sign that gave it away, in the fields before this one."""
        for entry in (self.number, self.expiry, self.code):
            entry.wipe()
        self.number.setFocus()

    def _judge_number(self) -> None:
        """Show at once if a complete number is invalid. An incomplete number gets no error."""
        digits = self.number.digits
        rule = brand_rule(digits)
        problem = card_number_problem(digits)
        complete = rule is not None and len(digits) >= rule.usual_length
        self._number_row.mark(self.number, problem if complete or (len(digits) >= 4 and rule is None) else "")
        self._number_row.hint(words.NUMBER_CHECKS_OUT if complete and not problem else "", "small-good")
        self._hint_code()

    def _judge_expiry(self) -> None:
        full = len(self.expiry.text()) >= _EXPIRY_LENGTH
        problem = self._expiry_problem() if full else self._month_problem()
        self._code_row.mark(self.expiry, problem)

    def _zip_typed(self, text: str) -> None:
        if len(text) == 5 and self.zip.cursorPosition() == 5 and not billing_zip_problem(text):
            self.step_on(self.zip)

    def _hint_code(self) -> None:
        rule = brand_rule(self.number.digits)
        if rule is None:
            self._code_row.hint(words.CODE_OF_ANY_BRAND, under=self.code)
        else:
            said = words.code_of_brand(rule.code_length, on_front=rule.code_length == 4)
            self._code_row.hint(said, under=self.code)

    def _code_length(self) -> int:
        rule = brand_rule(self.number.digits)
        return rule.code_length if rule else _LONGEST_CODE

    def _code_problem(self) -> str:
        return code_problem(self.code.digits, self.number.digits)

    def _expiry_problem(self) -> str:
        read = expiry_in(self.expiry.text())
        if read is not None:
            return expiry_problem(*read, self._today())
        wrong = words.EXPIRY_WRONG if self.expiry.text() else words.EXPIRY_MISSING
        return self._month_problem() or wrong

    def _month_problem(self) -> str:
        month = self.expiry.text()[:2]
        next_year = self._today().year + 1
        return expiry_problem(int(month), next_year, self._today()) if len(month) == 2 else ""
