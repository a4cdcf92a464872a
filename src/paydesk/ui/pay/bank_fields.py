"""The fields of a bank account for an ACH debit."""

from __future__ import annotations

from paydesk.domain.tender import (
    AccountHolder,
    BankAccount,
    account_problem,
    holder_problem,
    routing_problem,
)
from paydesk.domain.typed.business_names import is_business_name
from paydesk.domain.typed.digits import digits_in
from paydesk.ui.kit.form import Choice, Form, Row
from paydesk.ui.kit.line_edits import LONGEST_NAME, Entry, SecretEntry
from paydesk.ui.pay import words
from paydesk.ui.pay.input_masks import digits_as_typed
from paydesk.ui.pay.sealed_entry import Numeral, SealedEntry

MOST_ACCOUNT_DIGITS = 20
"""Maximum digits in an account field. No account has so many, so a digit too many gets an error instead of
being dropped silently."""

_FOURS = (4, 4, 4, 4)
"""Sizes of the groups that an account number is shown in, the rest in one more."""


class BankFields(Form):
    """Routing number, account number twice, kind of account, kind of holder, and holder's name.

    The bank's name is not shown: no package that we use brings a maintained list of routing numbers.
    """

    def __init__(self) -> None:
        super().__init__("tender.bank", skips_right=True)
        self.routing = SecretEntry(
            "tender.bank.routing",
            words.ROUTING_NUMBER,
            lambda text, caret, _grew: digits_as_typed(text, caret, 10),
            lambda: not routing_problem(self.routing.text()),
        )
        numeral = Numeral(
            lambda: MOST_ACCOUNT_DIGITS,
            lambda _digits: _FOURS,
            whole=lambda digits: not account_problem(digits, digits),
        )
        self.account = SealedEntry("tender.bank.account", words.ACCOUNT_NUMBER, numeral)
        # Read to the caller and typed again. A paste would only repeat the first mistake.
        self.again = SealedEntry("tender.bank.again", words.ACCOUNT_NUMBER_AGAIN, numeral, paste=False)
        self.account_type = Choice("tender.bank.type", words.ACCOUNT_TYPE_SPOKEN, words.ACCOUNT_TYPES.items())
        self.holder_kind = Choice("tender.bank.whose", words.HOLDER_KIND_SPOKEN, words.HOLDER_KINDS.items())
        self.holder = Entry("tender.bank.holder", words.NAME_ON_ACCOUNT)
        self._lay_out()
        self.routing.filled.connect(lambda: self.step_on(self.routing))
        self.routing.textEdited.connect(self._judge_routing)
        for entry in (self.account, self.again):
            entry.textEdited.connect(self._judge_again)
        self.account.copy_forgotten.connect(
            lambda: self._numbers.hint(words.ACCOUNT_COPY_FORGOTTEN, "small-good")
        )
        self._offered: dict[AccountHolder, str] = {}
        self._proposed = True
        """True until the clerk chooses whose account it is."""
        self.holder_kind.changed.connect(self._kind_chosen)
        self.holder.editingFinished.connect(self._propose_kind)
        for choice in (self.account_type, self.holder_kind):
            choice.changed.connect(self.edited)

    def prefill(self, person: str, business: str) -> None:
        """Suggest the payer's name, or the customer's for a business account, and the kind by the name.

        The clerk may change both.
        """
        company = person if is_business_name(person) else business or person
        self._offered = {AccountHolder.PERSONAL: person, AccountHolder.BUSINESS: company}
        self._proposed = True
        self._offer_holder()
        self._propose_kind()

    def account_of(self) -> BankAccount:
        """Return the account as typed. Call it only after ``complete()`` returned True."""
        return BankAccount(
            routing=self.routing.text(),
            account=self.account.digits.copy(),
            account_type=self.account_type.value,
            holder_kind=self.holder_kind.value,
            holder=self.holder.text().strip(),
        )

    @property
    def typed(self) -> bool:
        """True if a number was begun."""
        return any(entry.text() for entry in (self.routing, self.account, self.again))

    @property
    def agreed_facts(self) -> tuple[str, str]:
        """Holder and last four digits for the consent. Empty until they are valid."""
        right = not (self._account_problem() or holder_problem(self.holder.text()))
        last4 = "".join(self.account.digits[-4:])
        return (self.holder.text().strip(), last4) if right else ("", "")

    def forget_numbers(self) -> None:
        """Clear the routing and account numbers. The name and the kind of account stay."""
        for entry in (self.routing, self.account, self.again):
            entry.wipe()
            self._numbers.mark(entry, "")
        self._numbers.hint("")

    def wipe(self) -> None:
        """Clear all fields."""
        self.forget_numbers()
        self.holder.clear()
        for marked in (self.routing, self.account):
            self._numbers.mark(marked, "")
        self._judge_again()

    def _lay_out(self) -> None:
        self._numbers, self._names = Row(), Row()
        routing = self._numbers.add(words.ROUTING_NUMBER, self.routing, self._routing_problem, stretch=4)
        account = self._numbers.add(words.ACCOUNT_NUMBER, self.account, self._first_problem, stretch=5)
        again = self._numbers.add(words.ACCOUNT_NUMBER_AGAIN, self.again, self._account_problem, stretch=5)
        kind = self._names.add(words.ACCOUNT_TYPE, self.account_type, stretch=4)
        whose = self._names.add(words.HOLDER_KIND, self.holder_kind, stretch=4)
        holder = self._names.add(
            words.NAME_ON_ACCOUNT, self.holder, lambda: holder_problem(self.holder.text()), stretch=6
        )
        self.holder.setMaxLength(LONGEST_NAME)
        self.add_row(self._numbers, routing, account, again)
        self.add_row(self._names, kind, whose, holder)

    def _propose_kind(self) -> None:
        """Choose the kind that the holder's name speaks for, and say so. The clerk's own choice stays."""
        if self._proposed and self.holder.text():
            business = is_business_name(self.holder.text())
            kind = AccountHolder.BUSINESS if business else AccountHolder.PERSONAL
            self.holder_kind.choose(kind)
            self._proposed = True
            self._names.hint(words.PROPOSED[kind], under=self.holder_kind)

    def _kind_chosen(self) -> None:
        self._proposed = False
        self._names.hint("")
        self._offer_holder()

    def _offer_holder(self) -> None:
        """Suggest the holder's name, unless the clerk typed one."""
        if self.holder.text() in ("", *self._offered.values()):
            self.holder.put(self._offered.get(self.holder_kind.value, ""))

    def _judge_routing(self, text: str) -> None:
        full = len(digits_in(text)) >= 9
        self._numbers.mark(self.routing, self._routing_problem() if full else "")

    def _judge_again(self) -> None:
        """Show at once a digit that differs, but not one that is still missing."""
        again = self.again.digits
        if again and not self.account.digits:
            self._numbers.mark(self.account, self._first_problem())
            return
        differs = self.account.digits[: len(again)] != again[:]
        self._numbers.mark(self.again, self._account_problem() if differs else "")
        agree = "" if self._account_problem() else words.ACCOUNT_NUMBERS_AGREE
        self._numbers.hint(agree, "small-good", self.again)

    def _routing_problem(self) -> str:
        return routing_problem(self.routing.text()) if self.routing.text() else words.ROUTING_MISSING

    def _first_problem(self) -> str:
        return account_problem(self.account.digits, self.account.digits)

    def _account_problem(self) -> str:
        return account_problem(self.account.digits, self.again.digits)
