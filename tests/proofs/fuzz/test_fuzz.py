"""Each reader reads or refuses: every input of the corpus, and changes of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from random import Random

import pytest

from tests.proofs.fuzz import run
from tests.proofs.fuzz.mutate import mutated
from tests.proofs.fuzz.readers import READERS, Reader
from tests.proofs.fuzz.run import CORPUS, corpus, fuzz, replay
from tests.proving import DAY, cases, tasted

pytestmark = tasted
SLOW = {"csv": 4, "xlsx": 8, "zip": 8, "receipt": 2, "http": 8, "settings": 2}
"""Readers that take several times as long, and get so many times fewer inputs."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Log nothing: a record of urllib3's keeps its connection open for as long as pytest keeps the record."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("reader", READERS)
def test_the_corpus_is_read_or_refused(reader: str) -> None:
    done = replay(reader)
    assert done.faults == []
    assert done.executions == len(corpus(reader)) > 0


@pytest.mark.parametrize("reader", READERS)
def test_any_input_is_read_or_refused(reader: str) -> None:
    count = cases(300, 3_000) // SLOW.get(reader, 1)
    done = fuzz(reader, DAY, executions=count, guided=cases(False, True))
    assert done.faults == [], [fault.error for fault in done.faults]
    assert done.executions >= count


@pytest.mark.parametrize("reader", READERS)
def test_the_corpus_has_what_is_read(reader: str) -> None:
    """Fuzzing that is refused at the door shows nothing: each reader takes some of its corpus."""
    taken = [READERS[reader].read(body) for body in corpus(reader)]
    assert any(taken)


def test_a_fault_is_found_and_the_same_seed_finds_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(body: bytes) -> bool:
        if b"12.345" in body:
            raise ZeroDivisionError
        return True

    monkeypatch.setitem(READERS, "consent", Reader(read, (b"x",)))
    first, again = (fuzz("consent", 1, executions=3_000, guided=False) for _ in range(2))
    assert [fault.error.split(" ")[0] for fault in first.faults] == ["ZeroDivisionError"]
    assert first.faults == again.faults
    assert first.faults[0].file.parent == CORPUS / "consent"


def test_guided_runs_keep_what_reaches_new_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "corpus", lambda _reader: [b"50123"])
    done = fuzz("card", 1, executions=300)
    assert len(done.pool) > 1
    assert done.faults == []
    assert len(fuzz("card", 1, executions=300, guided=False).pool) == 1


def test_changes_are_of_many_kinds() -> None:
    chance = Random(1)
    made = {mutated(chance, [b'{"a": 1}'], [b"token"]) for _ in range(500)}
    assert len(made) > 300
    assert any(b"token" in one for one in made)
