"""The name of an account and that of a payer: alike, or not."""

from __future__ import annotations

import pytest

from paydesk.domain.invoices.customer_check import CustomerCheck, compare
from paydesk.domain.invoices.invoice import Customer


@pytest.mark.parametrize(
    ("payer", "account", "said"),
    [
        ("Dana Example", "Dana Example", CustomerCheck.KNOWN),
        ("Mrs. EXAMPLE", "Dana Example", CustomerCheck.KNOWN),
        ("Jose Munoz", "José Ángel Muñoz Peña", CustomerCheck.KNOWN),
        ("Pat Walker", "Sample Bakery LLC", CustomerCheck.OTHER_NAME),
        ("J Walker", "J Example", CustomerCheck.OTHER_NAME),
        ("", "Sample Bakery LLC", CustomerCheck.OTHER_NAME),
    ],
)
def test_one_common_word_is_enough(payer: str, account: str, said: CustomerCheck) -> None:
    assert compare(Customer("1001", account), payer) is said


def test_no_account_is_said() -> None:
    assert compare(None, "Dana Example") is CustomerCheck.UNKNOWN
