"""Due dates, as the Take payment page says them."""

from __future__ import annotations

import pytest

from paydesk.domain.invoices.invoice import Due, DueStatus
from paydesk.ui.take.words import selection as words


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (DueStatus(Due.OVERDUE, 1), "Overdue 1 day"),
        (DueStatus(Due.OVERDUE, 23), "Overdue 23 days"),
        (DueStatus(Due.TODAY), "Due today"),
        (DueStatus(Due.LATER, 1), "Due in 1 day"),
        (DueStatus(Due.NO_DATE), "No due date"),
        (DueStatus(Due.NOTHING_OWED), "Nothing owed"),
        (DueStatus(Due.CREDIT), "Credit"),
    ],
)
def test_due_statuses_are_said_in_words(status: DueStatus, said: str) -> None:
    assert words.due(status) == said
