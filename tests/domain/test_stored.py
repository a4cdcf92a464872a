"""Texts of the ledger that are damaged: a bug is reported, and nothing is guessed."""

from __future__ import annotations

import json

import pytest

from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.receipt import VERSION
from paydesk.domain.stored import consent_from, receipt_from, remembered_from


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '"{}"', "{}", '{"version": 3, "number": null}'])
def test_a_damaged_text_is_a_bug_and_no_receipt(text: str) -> None:
    with pytest.raises(BugError):
        receipt_from(text)


@pytest.mark.parametrize("text", ["{", "[]", '{"sentence": null}'])
def test_a_damaged_consent_or_choice_of_columns_is_a_bug(text: str) -> None:
    with pytest.raises(BugError):
        consent_from(text)
    with pytest.raises(BugError):
        remembered_from(text)


def test_a_receipt_of_a_newer_version_asks_for_the_update() -> None:
    with pytest.raises(KnownError, match="newer"):
        receipt_from(json.dumps({"version": VERSION + 1}))


@pytest.mark.parametrize("value", ["Infinity", "1e999", "NaN", '{"a":' * 5_000, "[" * 100_000, "9" * 5_000])
@pytest.mark.parametrize("name", ["balance", "twins"])
def test_remembered_columns_of_any_value_are_damaged(value: str, name: str) -> None:
    columns = {"balance": f'"of": {{"balance": {value}}}', "twins": f'"of": {{}}, "twins": [{value}]'}[name]
    with pytest.raises(BugError):
        remembered_from(f'{{"columns": {{{columns}}}, "scope": "unknown"}}')
