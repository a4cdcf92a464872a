"""Telephone numbers as they are read aloud."""

from __future__ import annotations

import pytest

from paydesk.domain.invoices.phone import in_groups


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("6175550142", "(617) 555-0142"),
        ("16175550142", "(617) 555-0142"),
        ("+16175550142", "(617) 555-0142"),
        ("617-555-0142 ext. 3", "617-555-0142 ext. 3"),
        ("+442079460000", "+442079460000"),
        ("5550142", "5550142"),
        ("", ""),
    ],
)
def test_ten_bare_digits_are_grouped_and_nothing_else(written: str, said: str) -> None:
    assert in_groups(written) == said
