"""Changes that a newer reading makes to the selected invoices, in words to read aloud."""

from __future__ import annotations

from paydesk.domain.invoices.selection import Selection
from paydesk.ui.take.words import selection as words


def corrections(before: Selection, after: Selection) -> list[str]:
    """Return a sentence for each selected invoice that is no longer payable, or whose amount changed.

    Invoices that are selected now and were not before get one, too.
    """
    was = {row.invoice.number: before.amount_of(row) for row in before.rows}
    now = {row.invoice.number: after.amount_of(row) for row in after.rows}
    gone = [words.no_more_to_pay(number) for number in was if number not in now]
    other = [
        words.other_amount(number, now[number], amount)
        for number, amount in was.items()
        if number in now and now[number] != amount
    ]
    new = [words.ticked_now(number, amount) for number, amount in now.items() if number not in was]
    return gone + other + (new if was else [])
