"""A restored ledger learns of the payment links that were made since its backup."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.payment import OfferKind, State
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


def test_a_file_that_cannot_be_read_is_said(journal: FileJournal, tmp_path: Path) -> None:
    folder = tmp_path / "paydesk.ledger.offers"
    folder.mkdir()
    (folder / "PDX.json").write_text("{", encoding="utf-8")
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
