"""Texts from elsewhere are one line, steer no screen, and hold no card data, in whatever record they come."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.domain.consent import Channel, Consent, Proof
from paydesk.domain.invoices.importing import Reject
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import ZERO, Money
from paydesk.domain.outcome import Approved, Charge, Declined, NotSent, Unclear, VoidRefused
from paydesk.domain.payment import Draft, Payer, PaymentLine, ReferenceKind
from paydesk.domain.posting import ByHand, MayHaveArrived, NotReceived, Refused
from paydesk.domain.quote import Quote
from paydesk.domain.tender import AccountHolder, TenderKind
from paydesk.domain.typed.card_numbers import REMOVED, holds_card_data
from paydesk.domain.typed.plain_texts import apart, every_text, is_key, one_line, tidied
from tests.domain.typed.test_card_numbers import AS_WRITTEN, NEIGHBORS, WITH_CODES
from tests.fakes.world import START

PAN = "4111 1111 1111 1111"
_LINE = PaymentLine(Money(5_00), "Premium")
_CHARGE = Charge("t", "r", ZERO, ZERO, live=True, taken=True, at=None, status="s", origin="o",
                 invoice_numbers=frozenset())  # fmt: skip
FROM_ELSEWHERE: dict[Any, set[str]] = {
    Customer("1", "n"): {"number", "source_id"},
    Invoice("1", "1", "n", ZERO, ZERO, START): {
        "number", "customer_number", "source_id", "customer_source_id",
    },
    Approved("t", ZERO): {"processor_ref", "last4"},
    Declined("c", "r"): {"processor_ref"},
    Unclear("w"): set(),
    NotSent("w"): set(),
    VoidRefused("r"): set(),
    _CHARGE: {"processor_ref", "reference", "texts"},
    Refused("r"): set(),
    ByHand("r"): set(),
    NotReceived("w"): set(),
    MayHaveArrived("w"): set(),
    Reject(1, "r", ("c",)): set(),
}  # fmt: skip
"""A record of each kind that carries texts of vendors or files, and the fields that are keys of theirs."""

TYPED: tuple[Any, ...] = (
    _LINE,
    Payer("n"),
    Draft((_LINE,), Payer("n"), Quote(TenderKind.ACH, Money(5_00), ZERO), Channel.PHONE),
    Consent("s", START, Channel.PHONE, AccountHolder.PERSONAL, Proof.RECORDING),
)
"""Records of what a person typed. The ledger refuses card data in them: see tests/store/ledger."""


def _with(record: Any, name: str, text: str) -> Any:
    held = getattr(record, name)
    return getattr(replace(record, **{name: (text,) if isinstance(held, tuple) else text}), name)


def _text_fields(record: Any) -> list[str]:
    """Return the fields that are, or may be, texts. Another spelling of the type is no way out."""
    named = [one.name for one in fields(record) if "str" in str(one.type)]
    return [name for name in named if isinstance(getattr(record, name), str | tuple | None)]


def _cases(records: Any, left: Callable[[Any], set[str]]) -> list[Any]:
    return [
        pytest.param(record, name, id=f"{type(record).__name__}.{name}")
        for record in records
        for name in _text_fields(record)
        if name not in left(record)
    ]


@pytest.mark.parametrize(("record", "name"), _cases(FROM_ELSEWHERE, FROM_ELSEWHERE.__getitem__))
def test_every_text_of_a_vendor_is_tidied(record: Any, name: str) -> None:
    """A field that is added to one of these records is tidied, or named here as a key."""
    for spelling in (*AS_WRITTEN, *NEIGHBORS, *WITH_CODES):
        made = _with(record, name, f"Renewal, {spelling} by phone")
        assert not any(map(holds_card_data, every_text(made)))
    assert list(every_text(_with(record, name, "Acme \u202eLLC\n\x1b[2J"))) == ["Acme LLC [2J"]


@pytest.mark.parametrize(("record", "name"), _cases(TYPED, lambda _record: {"invoice_number"}))
def test_every_typed_text_is_one_line(record: Any, name: str) -> None:
    assert _with(record, name, "Acme \u202eLLC\u2066\r\nDept\x00") == "Acme LLC Dept"
    assert _with(record, name, f"Acme {PAN}") == f"Acme {PAN}", (
        "refused by the ledger, not changed in silence"
    )


def test_keys_are_left_as_they_are() -> None:
    for record, keys in FROM_ELSEWHERE.items():
        for key in keys - {"texts"}:
            assert _with(record, key, "4111111111111111") == "4111111111111111"


BREAKS = ["\n", "\r\n", "\t", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", " \n "]
DROPPED = [
    "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e",
    "\u200f", "\u061c", "\u200b", "\u2060", "\ufeff", "\u00ad", "\x00", "\x07", "\x1b", "\x7f", "\x9b",
    "\u206a", "\ufff9", "\U000e0041",
]  # fmt: skip
KEPT = [
    "Zoë’s Café",
    "صيدلية النور",
    "می\u200cخواهم",
    "क्\u200dष",
    "👨\u200d👩\u200d👧",
    "金龍\u3000茶莊",
    "A\u00a0B",
    "e\u0301",
]


@pytest.mark.parametrize("sign", BREAKS)
def test_a_break_is_a_blank(sign: str) -> None:
    assert one_line(f"Acme{sign}LLC") == "Acme LLC"
    assert one_line(f"{sign}Acme{sign}") == "Acme"


@pytest.mark.parametrize("sign", DROPPED, ids=ascii)
def test_what_steers_a_screen_is_dropped(sign: str) -> None:
    assert one_line(f"Ac{sign}me") == "Acme"


@pytest.mark.parametrize("name", KEPT)
def test_names_of_every_script_stay(name: str) -> None:
    assert one_line(name) == name
    assert tidied(name) is name or tidied(name) == name


@pytest.mark.parametrize("name", ["Sample Bakery, Inc. #2", "Zoë’s Café", "金龍茶莊", "24/7 Towing"])
def test_a_name_that_turns_nothing_stays_bare(name: str) -> None:
    assert apart(name) == name


@pytest.mark.parametrize("name", ["שלום", "صيدلية", "٤٥٦", "Acme ٤"])
def test_a_name_that_may_turn_others_is_isolated(name: str) -> None:
    assert apart(name) == f"\u2068{name}\u2069"
    assert apart(f"{name}\u2069\u202e") == f"\u2068{name}\u2069", "and cannot end that itself"


@given(st.text())
def test_one_line_is_final_and_has_no_controls(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line
    assert not {unicodedata.category(sign) for sign in line if sign not in "\u200c\u200d"} & {
        "Cc", "Cf", "Zl", "Zp",
    }  # fmt: skip


@given(st.text(st.sampled_from("41 -\u200b\u202ecvexp/27\n")))
def test_a_tidied_text_is_tidy(text: str) -> None:
    assert not holds_card_data(tidied(text))
    assert tidied(tidied(text)) == tidied(text)


def test_every_text_of_a_value_is_found() -> None:
    @dataclass
    class Inner:
        text: str
        amount: Money
        kind: ReferenceKind = ReferenceKind.POLICY

    value = {"key": [Inner("a", ZERO)], "b": ("c", None, {"d"}, 4)}
    assert sorted(every_text(value)) == ["a", "b", "c", "d", "key"]


@pytest.mark.parametrize("text", ["", PAN, "50123\u202e", "50123\n", "cvv 737"])
def test_no_key_has_card_data_or_controls(text: str) -> None:
    assert not is_key(text)
    assert is_key("50123-1")


def test_the_removed_number_says_so() -> None:
    assert Customer("1", f"Ann {PAN}").name == f"Ann {REMOVED}"


def test_half_a_surrogate_pair_is_dropped() -> None:
    """Such a name could not be stored: a refresh ended in a crash."""
    for half in map(chr, (0xD83D, 0xDE00, 0xDCFF)):
        assert one_line(f"Acme{half} LLC") == "Acme LLC"
        assert tidied(f"Acme {half}") == "Acme"
