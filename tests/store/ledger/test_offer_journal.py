"""A restored ledger learns of the payment links that were made since its backup."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import OfferKind, ReferenceKind, State
from paydesk.store.ledger.offer_journal import FileJournal, take_in
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import Counter


@pytest.fixture
def journal(tmp_path: Path) -> FileJournal:
    return FileJournal(tmp_path / "paydesk.ledger.offers")


def test_an_offer_is_noted_without_the_payers_name(
    counter: Counter, journal: FileJournal, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    offered = counter.offer("50123")
    journal.add(offered)
    (file,) = (tmp_path / "paydesk.ledger.offers").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    text = file.read_text("utf-8")
    assert "Dana" not in text
    assert json.loads(text)["address"] == offered.offer_address
    (entry,) = journal.entries()
    assert (entry.reference, entry.title, entry.life_s) == (offered.reference, offered.intent_title, 86_400)


def test_noted_again_an_offer_replaces_what_a_crash_left(
    counter: Counter, journal: FileJournal, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    offered = counter.offer("50123")
    journal.add(offered)
    (file,) = (tmp_path / "paydesk.ledger.offers").iterdir()
    file.write_bytes(file.read_bytes()[:40])
    journal.add(offered)
    assert [entry.reference for entry in journal.entries()] == [offered.reference]
    assert list(file.parent.iterdir()) == [file]
    assert file.stat().st_mode & 0o077 == 0


def test_addresses_that_died_long_ago_are_forgotten(
    counter: Counter, journal: FileJournal, tmp_path: Path
) -> None:
    """The files are not encrypted: they stay no longer than a restore may need them."""
    counter.source.owe("50123", 100_00)
    offered = counter.offer("50123")
    folder = tmp_path / "paydesk.ledger.offers"
    journal.add(offered)
    for name, days in (
        ("PDOLD.json", 181),
        ("PDCRASH.json.0a1b.new", 181),
        ("PDLATE.json", 179),
        ("README", 999),
    ):
        (folder / name).write_text("{}", encoding="utf-8")
        then_s = time.time() - days * 86_400
        os.utime(folder / name, (then_s, then_s))
    journal.add(offered)
    assert {path.name for path in folder.iterdir()} == {"PDLATE.json", f"{offered.reference}.json", "README"}


def test_an_old_file_that_cannot_be_removed_stops_no_offer(
    counter: Counter, journal: FileJournal, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    offered = counter.offer("50123")
    folder = tmp_path / "paydesk.ledger.offers" / "PDFOLDER"
    folder.mkdir(parents=True)
    os.utime(folder, (0, 0))
    journal.add(offered)
    assert [entry.reference for entry in journal.entries()] == [offered.reference]


def test_a_journal_that_cannot_be_written_is_said(
    counter: Counter, journal: FileJournal, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    offered = counter.offer("50123")
    (tmp_path / "paydesk.ledger.offers").write_text("a file where the folder belongs")
    with pytest.raises(KnownError, match=r"can't be noted .* not shown to anyone"):
        journal.add(offered)


@pytest.mark.parametrize("kind", [OfferKind.LINK, OfferKind.HOSTED])
def test_a_restored_ledger_takes_it_in_and_holds_its_invoice(
    counter: Counter, journal: FileJournal, tmp_path: Path, kind: OfferKind
) -> None:
    counter.source.owe("50123", 100_00)
    offered = counter.offer("50123", kind=kind)
    journal.add(offered)
    with LedgerMaker(tmp_path / "restored.ledger") as restored:
        ledger, cache = restored("Front-1")
        assert take_in(ledger, list(journal.entries())) == (1, [])
        assert take_in(ledger, list(journal.entries())) == (0, []), "twice is once"
        known = ledger.find(offered.reference)
        assert known is not None
        assert (known.state, known.offer_address, known.draft.quote) == (
            State.OFFERED,
            offered.offer_address,
            offered.draft.quote,
        )
        again = Counter(ledger, cache, counter.source, counter.processor, restored.clock)
        counter.processor.pay_at_address(offered.intent_token)
        restored.clock.move(5)
        assert again.resolve.check(known.id).state is State.AUTHORIZED


def test_a_hold_of_the_backup_becomes_the_offer_that_it_was(counter: Counter, journal: FileJournal) -> None:
    counter.source.owe("50123", 100_00)
    offered = counter.offer("50123")
    journal.add(offered)
    (entry,) = journal.entries()
    counter.source.owe("50140", 10_00)
    held = counter.ledger.hold(counter.draft("50140"), "PD0000000000000000ZZ", title="PD0000000000000000ZZ-1")
    other = replace(
        entry, reference=held.reference, title=held.intent_title, address=replace(entry.address, token="tok2")
    )
    assert take_in(counter.ledger, [other]) == (1, [])
    assert counter.ledger.payment(held.id).state is State.OFFERED


def test_a_reference_that_may_be_a_name_is_not_noted(
    counter: Counter, journal: FileJournal, tmp_path: Path
) -> None:
    counter.source.owe("50123", 100_00)
    offered = counter.offer("50123")
    for kind, noted in ((ReferenceKind.OTHER, ""), (ReferenceKind.POLICY, "Dana Reyes")):
        draft = replace(offered.draft, reference_kind=kind, reference_value="Dana Reyes")
        journal.add(replace(offered, draft=draft))
        (file,) = (tmp_path / "paydesk.ledger.offers").iterdir()
        assert json.loads(file.read_text("utf-8"))["reference_value"] == noted
        (entry,) = journal.entries()
        assert entry.draft.reference_kind is kind


NOT_WRITTEN = [
    {"reference": 5}, {"title": "a\nb"}, {"address": None}, {"token": ["t"]}, {"customer_number": "\u202e"},
    {"reference_value": {}}, {"life_s": 59}, {"life_s": 10**12}, {"life_s": "900"}, {"kind": ""},
    {"fee_cents": 1.5}, {"fee_cents": True}, {"fee_cents": -1}, {"fee_cents": 10**30}, {"lines": []},
    {"lines": {}}, {"lines": None}, {"tender": "cash"}, {"channel": {}},
]  # fmt: skip
OF_A_LINE = [{"amount_cents": 10**9}, {"owed_cents": "1"}, {"invoice_number": 50123}, {"read_at": 5}]
DEEP = "[" * 100_000


@pytest.mark.parametrize("text", ["{", "[]", "5", "null", DEEP], ids=["{", "[]", "5", "null", "deep"])
def test_a_file_that_cannot_be_read_is_said(journal: FileJournal, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "paydesk.ledger.offers"
    folder.mkdir()
    (folder / "PDX.json").write_text(text, encoding="utf-8")
    with pytest.raises(KnownError, match="can't be read"):
        list(journal.entries())


@pytest.mark.parametrize("change", [*NOT_WRITTEN, *({"lines": one} for one in OF_A_LINE)], ids=str)
def test_a_file_that_no_desk_has_written_is_said(
    counter: Counter, journal: FileJournal, tmp_path: Path, change: dict[str, Any]
) -> None:
    counter.source.owe("50123", 100_00)
    journal.add(counter.offer("50123"))
    (file,) = (tmp_path / "paydesk.ledger.offers").iterdir()
    raw = json.loads(file.read_text("utf-8"))
    if change.get("lines") in OF_A_LINE:
        change = {"lines": [raw["lines"][0] | change["lines"]]}
    file.write_text(json.dumps(raw | change), encoding="utf-8")
    with pytest.raises(KnownError, match="can't be read"):
        list(journal.entries())


def test_what_cannot_be_taken_in_is_told(counter: Counter, journal: FileJournal) -> None:
    counter.source.owe("50123", 100_00)
    offered = counter.offer("50123")
    journal.add(offered)
    (entry,) = journal.entries()
    taken, (said,) = take_in(counter.ledger, [replace(entry, reference="PD0000000000000000YY")])
    assert taken == 0
    assert entry.title in said
