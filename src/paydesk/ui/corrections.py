"""What a newer reading changes about the invoices that are ticked, in words to read aloud."""

from __future__ import annotations

from paydesk.domain.selection import Selection


def corrections(before: Selection, after: Selection) -> list[str]:
    """A sentence for each ticked invoice that is no longer to be paid, or costs otherwise than shown."""
    was = {row.invoice.number: before.amount_of(row) for row in before.rows}
    now = {row.invoice.number: after.amount_of(row) for row in after.rows}
    gone = [f"Invoice {number} is not to be paid any more." for number in was if number not in now]
    other = [
        f"Invoice {number}: {now[number]}, not {amount}."
        for number, amount in was.items()
        if number in now and now[number] != amount
    ]
    new = [
        f"Invoice {number}, {amount}, is ticked now." for number, amount in now.items() if number not in was
    ]
    return gone + other + (new if was else [])
