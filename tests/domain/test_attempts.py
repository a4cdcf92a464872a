"""Limits on declined attempts, and the fingerprints they count by."""

from dataclasses import replace

import pytest

from paydesk.domain.attempts import (
    CARD_LIMIT,
    DAY_S,
    DESK_LIMITS,
    Decline,
    Limited,
    LimitReached,
    fingerprint,
    reached,
)
from paydesk.domain.consent import Channel
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import Draft, Payer, PaymentLine, ReferenceKind
from paydesk.domain.quote import Quote
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, TenderKind
from paydesk.domain.typed.sealed import Sealed
from tests.fakes.world import CARD, FINGERPRINT_KEY, START

ACCOUNT = BankAccount(
    "021000021", Sealed("123456789"), AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes"
)
QUOTE = Quote(TenderKind.CREDIT_CARD, Money(100), ZERO)
INVOICE = Draft(
    (PaymentLine(Money(100), "Premium", "50123", Money(100), START),),
    Payer("Dana Reyes", customer_number="1001"),
    QUOTE,
    Channel.PHONE,
)
ANYTIME = Draft(
    (PaymentLine(Money(100), "Deposit"),), Payer("Anybody"), QUOTE, Channel.PHONE, ReferenceKind.OTHER, "x"
)


def declines(
    *ages_s: float, desk: str = "Front-1", mark: str = "other", customer: str = "9"
) -> list[Decline]:
    """Return declines of these ages."""
    return [Decline(age_s, desk, mark, customer) for age_s in ages_s]


def test_a_fingerprint_is_of_the_number_alone() -> None:
    same = replace(CARD, expiry_month=12, expiry_year=2031, code=Sealed("000"), holder="X", zip_code="99999")
    mark = fingerprint(CARD, FINGERPRINT_KEY)
    assert fingerprint(same, FINGERPRINT_KEY) == mark
    assert fingerprint(replace(CARD, kind=TenderKind.DEBIT_CARD), FINGERPRINT_KEY) == mark
    assert len(mark) == 32
    assert set(mark) <= set("0123456789abcdef")
    others = [
        fingerprint(CARD, bytes(32)),
        fingerprint(replace(CARD, number=Sealed("4000620000000015")), FINGERPRINT_KEY),
        fingerprint(ACCOUNT, FINGERPRINT_KEY),
        fingerprint(replace(ACCOUNT, routing="011401533"), FINGERPRINT_KEY),
        fingerprint(replace(ACCOUNT, account=Sealed("1234567890")), FINGERPRINT_KEY),
        fingerprint(replace(ACCOUNT, routing="0210000211", account=Sealed("23456789")), FINGERPRINT_KEY),
    ]
    assert len({mark, *others}) == 7


def test_ten_thousand_cards_have_ten_thousand_fingerprints() -> None:
    numbers = (f"400062{number:010d}" for number in range(10_000))
    assert len({fingerprint(replace(CARD, number=Sealed(one)), FINGERPRINT_KEY) for one in numbers}) == 10_000


@pytest.mark.parametrize(
    ("ages_s", "wait_s"),
    [
        ((), None),
        ((70, 70, 70, 70), None),
        ((70, 70, 70, 70, 70), DAY_S - 70),
        ((100, 200, 300, 400, 500), DAY_S - 500),
        ((500, 400, 300, 200, 100, 600, 700), DAY_S - 500),
        ((70, 70, 70, 70, DAY_S), None),
        ((70, 70, 70, 70, DAY_S - 1), 1),
        ((-9_000_000, 70, 70, 70, 70), DAY_S - 70),
        ((-9_000_000,) * 5, DAY_S),
    ],
)
def test_a_card_is_stopped_at_every_desk(ages_s: tuple[float, ...], wait_s: float | None) -> None:
    before = declines(*ages_s, desk="Front-2", mark="mine")
    expected = None if wait_s is None else LimitReached(Limited.TENDER, CARD_LIMIT, wait_s)
    for draft in (INVOICE, ANYTIME):
        assert reached(before, "mine", "Front-1", draft) == expected
    assert reached(before, "another", "Front-1", INVOICE) is None


@pytest.mark.parametrize(
    ("ages_s", "stop"),
    [
        ((1, 2), None),
        ((1, 2, 3), LimitReached(Limited.DESK, DESK_LIMITS[1], 57)),
        ((1, 2, 60), None),
        (tuple(range(100, 1300, 100)), LimitReached(Limited.DESK, DESK_LIMITS[0], 2400)),
        (tuple(range(100, 1200, 100)), None),
        ((1, 2, 3, *range(100, 1000, 100)), LimitReached(Limited.DESK, DESK_LIMITS[0], 2700)),
    ],
)
def test_a_desk_is_stopped_with_any_cards(ages_s: tuple[float, ...], stop: LimitReached | None) -> None:
    assert reached(declines(*ages_s), "mine", "Front-1", ANYTIME) == stop
    assert reached(declines(*ages_s, desk="Front-2"), "mine", "Front-1", ANYTIME) is None


def test_the_first_try_of_another_customer_is_never_stopped_by_the_desk() -> None:
    before = declines(*range(40))
    assert reached(before, "mine", "Front-1", INVOICE) is None
    again = [*before, *declines(3000, customer="1001")]
    assert reached(again, "mine", "Front-1", INVOICE) is not None
    elsewhere = [*before, *declines(3000, customer="1001", desk="Front-2")]
    assert reached(elsewhere, "mine", "Front-1", INVOICE) is None
