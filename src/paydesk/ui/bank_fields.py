"""The fields of a bank account for an ACH debit."""

from __future__ import annotations

from paydesk.domain.tender import (
    AccountHolder,
    AccountType,
    BankAccount,
    account_problem,
    digits_in,
    holder_problem,
    routing_problem,
)
from paydesk.ui.as_typed import digits_as_typed
from paydesk.ui.entry import LONGEST_NAME, Entry, SecretEntry
from paydesk.ui.form import Choice, Form, Row

MOST_ACCOUNT_DIGITS = 20
"""More than any account has: a digit too many is refused in words, never dropped in silence."""


class BankFields(Form):
    """Routing number, account number twice, kind of account, whose it is, and the holder's name."""

    def __init__(self) -> None:
        super().__init__("tender.bank")
        self.routing = SecretEntry(
            "tender.bank.routing",
            "Routing number",
            lambda text, caret, _grew: digits_as_typed(text, caret, 10),
            lambda: not routing_problem(self.routing.text()),
        )
        self.account = SecretEntry("tender.bank.account", "Account number", _account_shape)
        # Read to the caller and typed again: a paste would only repeat the first mistake.
        self.again = SecretEntry("tender.bank.again", "Account number again", _account_shape, paste=False)
        self.account_type = Choice(
            "tender.bank.type",
            "Kind of account",
            [(AccountType.CHECKING, "Checking"), (AccountType.SAVINGS, "Savings")],
        )
        self.holder_kind = Choice(
            "tender.bank.whose",
            "Whose account",
            [(AccountHolder.PERSONAL, "Personal"), (AccountHolder.BUSINESS, "Business")],
        )
        self.holder = Entry("tender.bank.holder", "Name on the account")
        self._lay_out()
        self.routing.filled.connect(lambda: self.step_on(self.routing))
        self.routing.textEdited.connect(self._judge_routing)
        for entry in (self.account, self.again):
            entry.textEdited.connect(self._judge_again)
        self._offered: dict[AccountHolder, str] = {}
        self.holder_kind.changed.connect(self._offer_holder)
        for choice in (self.account_type, self.holder_kind):
            choice.changed.connect(self.edited)

    def prefill(self, person: str, business: str) -> None:
        """Offer the payer's name, or for a business account the customer's; both can be typed over."""
        self._offered = {AccountHolder.PERSONAL: person, AccountHolder.BUSINESS: business or person}
        self._offer_holder()

    def account_of(self) -> BankAccount:
        """The account as typed; only when ``complete()`` said so."""
        return BankAccount(
            routing=self.routing.text(),
            account=self.account.text(),
            account_type=self.account_type.value,
            holder_kind=self.holder_kind.value,
            holder=self.holder.text().strip(),
        )

    @property
    def agreed_facts(self) -> tuple[str, str]:
        """What the consent names: holder and last four digits; empty until they are right."""
        right = not (self._account_problem() or holder_problem(self.holder.text()))
        return (self.holder.text().strip(), self.account.text()[-4:]) if right else ("", "")

    def wipe(self) -> None:
        """Forget everything."""
        for entry in (self.routing, self.account, self.again):
            entry.wipe()
        self.holder.clear()

    def _lay_out(self) -> None:
        self._numbers, names = Row(), Row()
        routing = self._numbers.add("Routing number", self.routing, self._routing_problem, stretch=4)
        account = self._numbers.add("Account number", self.account, self._first_problem, stretch=5)
        again = self._numbers.add("Account number again", self.again, self._account_problem, stretch=5)
        kind = names.add("Account", self.account_type, stretch=4)
        whose = names.add("Whose", self.holder_kind, stretch=4)
        holder = names.add(
            "Name on the account", self.holder, lambda: holder_problem(self.holder.text()), stretch=6
        )
        self.holder.setMaxLength(LONGEST_NAME)
        self.add_row(self._numbers, routing, account, again)
        self.add_row(names, kind, whose, holder)

    def _offer_holder(self) -> None:
        """What a person typed is left alone."""
        if self.holder.text() in ("", *self._offered.values()):
            self.holder.put(self._offered.get(self.holder_kind.value, ""))

    def _judge_routing(self, text: str) -> None:
        full = len(digits_in(text)) >= 9
        self._numbers.mark(self.routing, self._routing_problem() if full else "")

    def _judge_again(self) -> None:
        """A digit that already differs is said at once; one still missing is not."""
        differs = not self.account.text().startswith(self.again.text())
        self._numbers.mark(self.again, self._account_problem() if differs else "")
        self._numbers.hint("Both account numbers agree." if not self._account_problem() else "", "small-good")

    def _routing_problem(self) -> str:
        return routing_problem(self.routing.text()) if self.routing.text() else "Type the routing number."

    def _first_problem(self) -> str:
        return account_problem(self.account.text(), self.account.text())

    def _account_problem(self) -> str:
        return account_problem(self.account.text(), self.again.text())


def _account_shape(text: str, caret: int, _grew: bool) -> tuple[str, int]:
    return digits_as_typed(text, caret, MOST_ACCOUNT_DIGITS)
