"""After each outcome no card number, code or account number is in the memory of the desk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from paydesk.domain.payment import OfferKind
from paydesk.domain.tender import TenderKind, card_number_problem
from paydesk.sandbox.serve import ChildSandbox
from tests.proofs.memory.scan import ENCODINGS, found_in
from tests.proving import cases, proof, tasted
from tests.sandbox.payer import ACCOUNT as BANK
from tests.sandbox.payer import CARD, Payer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc/PID/mem is Linux's")

CORE = "58361427"
"""Eight digits within each number here: more than a screen shows at once, and quick to search for."""

CARDS = ("371449583614276", "4000583614275185", "6011583614279023", "5555583614273400")
"""Cards that no module names, because a constant stays in the desk's memory. The emulators are told."""

CODES = {15: "7393"}
"""Security codes by the length of the number. Others are 739."""
EXPIRY = f"11{datetime.now(UTC).year % 100 + 3}"
ROUTING, ACCOUNT = "011000138", f"7162{CORE}905"
CENTS = {"unclear": 7_777_03, "declined": 6_666_05}
"""Amounts for which the emulator charges and drops the connection, or declines (docs/sandbox.md)."""


EMULATORS = f"""
from paydesk.sandbox.serve import serve_child
from paydesk.sandbox.anddone import outcomes
outcomes.APPROVING_CARDS.update(dict.fromkeys({CARDS!r}, "Test card"))
serve_child()
"""


def sealed(digits: str) -> str:
    """Return the letters that stand for digits on the way to the typist."""
    return "".join(chr(ord("a") + int(digit)) for digit in digits)


class Desk:
    """The typist's process, and what was typed there."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._answer()

    def pay(self, outcome: str, number: str, kind: TenderKind) -> None:
        """Type a payment, and wait for its outcome on the screen."""
        cents = CENTS.get(outcome, 12_34)
        code = CODES.get(len(number), "739")
        order = {"number": number, "expiry": EXPIRY, "code": code, "routing": ROUTING}
        self._order(
            do="pay", outcome=outcome, kind=kind.value, cents=str(cents),
            **{name: sealed(digits) for name, digits in order.items()},
        )  # fmt: skip

    def offer(self, way: OfferKind, kind: TenderKind) -> str:
        """Offer a payment, and return the address at which it can be paid."""
        return self._order(do="offer", way=way.value, kind=kind.value)

    def paid(self) -> None:
        """Wait for the receipt of what was offered, and close it."""
        self._order(do="paid")

    def close(self) -> None:
        """Close the dialog."""
        self._order(do="close")

    def plant(self, number: str, encoding: str) -> None:
        """Let the process keep a number."""
        self._order(do="plant", number=sealed(number), encoding=encoding)

    def found(self) -> list[str]:
        """Search its memory for the numbers, in one piece and in groups, and for a code behind its expiry."""
        return found_in(self._process.pid, (CORE, f"{CORE[:4]} {CORE[4:]}", f'{EXPIRY}","cvv":"739'))

    def _order(self, **order: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None
        said, _, address = self._process.stdout.readline().rstrip("\n").partition(" ")
        assert said == "shown"
        return address


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Start the emulators and the typist, each in its own process."""
    with ChildSandbox([sys.executable, "-c", EMULATORS]) as emulators:
        command = [sys.executable, "-m", "tests.proofs.memory.typist", str(tmp_path)]
        with subprocess.Popen(
            [*command, emulators.anddone_url, emulators.ams360_url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            try:
                yield Desk(process)
            finally:
                process.kill()


CREDIT, DEBIT, ACH = TenderKind
OUTCOMES = (
    ("approved", CARDS[0], CREDIT),
    ("unclear", ACCOUNT, ACH),
    ("refused", CARDS[2], CREDIT),
    ("approved", ACCOUNT, ACH),
    ("declined", CARDS[3], DEBIT),
    ("escaped", CARDS[0], CREDIT),
    ("declined", ACCOUNT, ACH),
    ("refused", ACCOUNT, ACH),
    ("unclear", CARDS[1], DEBIT),
    ("escaped", ACCOUNT, ACH),
)


@tasted
def test_no_outcome_leaves_a_number_in_memory(desk: Desk) -> None:
    assert [card_number_problem(card) for card in CARDS] == [""] * len(CARDS)
    for outcome, number, kind in OUTCOMES[: cases(3, None)]:
        desk.pay(outcome, number, kind)
        assert (outcome, kind, desk.found()) == (outcome, kind, [])
        desk.close()
    for encoding in ENCODINGS:
        desk.plant(ACCOUNT, encoding)
    assert desk.found() == sorted(f"{CORE} {encoding}" for encoding in ENCODINGS), "the search finds them"


@tasted
@pytest.mark.parametrize("way", [OfferKind.HOSTED, OfferKind.LINK])
def test_a_number_entered_on_the_processors_page_never_comes_here(desk: Desk, way: OfferKind) -> None:
    """The answers about it hold a part of it at most: the desk that waited for it has no more."""
    for fields, kind in ((_card_fields(), CREDIT), (_account_fields(), ACH))[: cases(1, None)]:
        with Payer(desk.offer(way, kind)) as payer:
            payer.open()
            if way is OfferKind.LINK and kind is ACH:
                payer.choose("bank")
            payer.send(fields)
            assert payer.status == 200, payer.seen.words
        desk.paid()
        assert (way, kind, desk.found()) == (way, kind, [])


def _card_fields() -> dict[str, str]:
    date = f"{EXPIRY[:2]}/{EXPIRY[2:]}"
    return CARD | {"Card number": CARDS[1], "Valid through (MM/YY)": date, "Security code": "739"}


def _account_fields() -> dict[str, str]:
    return BANK | {"Account number": ACCOUNT, "Account number again": ACCOUNT}


@proof
def test_a_hundred_payments_leave_no_number(desk: Desk) -> None:
    for place in range(100):
        if place % 10 == 9:
            desk.pay("approved", ACCOUNT, ACH)
        else:
            desk.pay("approved", CARDS[place % len(CARDS)], CREDIT)
        desk.close()
    assert desk.found() == []
