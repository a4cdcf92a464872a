"""The work that F12 clears: how much it is, and how it comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paydesk.domain.payment import ReferenceKind
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.take.lookup_page import LookupPage, Mode

if TYPE_CHECKING:
    from paydesk.ui.take.lookup_flow import LookupFlow, Memory

MANY_INVOICES, MANY_FIELDS = 3, 1
"""More selected invoices or filled fields than these are cleared only after a question."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """Texts and selected invoices of a customer. It is kept in memory alone, until the next lookup."""

    mode: Mode
    texts: tuple[tuple[Entry, str], ...]
    kind: ReferenceKind
    filled: int
    """Number of filled fields of the payment without an invoice."""
    answer: Memory | None

    @property
    def selected(self) -> int:
        """Number of selected invoices."""
        return len(self.answer.ticked) if self.answer else 0

    @property
    def much(self) -> bool:
        """True if it is too much to be cleared by one key."""
        return self.selected > MANY_INVOICES or self.filled > MANY_FIELDS

    @property
    def worth_undoing(self) -> bool:
        """True if a person would have to do something again."""
        return self.answer is not None or bool(self.texts)

    def put_back(self, lookup: LookupPage, flow: LookupFlow) -> None:
        """Fill the fields again, and look up again: what was on the screen may not be true any more."""
        lookup.switch(self.mode)
        lookup.anytime.kind.choose(self.kind)
        for entry, text in self.texts:
            entry.setText(text)
        if self.answer is not None and self.mode in (Mode.INVOICE, Mode.CUSTOMER):
            flow.again(self.answer)
        lookup.anytime.changed.emit()


def work_in(lookup: LookupPage, flow: LookupFlow) -> Cleared:
    """Return what F12 would clear now."""
    texts = tuple((entry, entry.text()) for entry in lookup.entries if entry.text().strip())
    anytime = lookup.anytime
    return Cleared(lookup.mode.value, texts, anytime.kind.value, anytime.filled, flow.remember())
