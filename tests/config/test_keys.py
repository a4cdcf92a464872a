"""Keys: four states of a keychain, a file only by choice, the newest key, and none new for an old ledger."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from paydesk.config import files, keychain, keys
from paydesk.config.keychain import KeychainError, KeychainState
from paydesk.config.keys import KeyStore, Place
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.world import TRAINING
from tests.fakes.keychain import FAULTS, Forgetful, MemoryKeychain, Silent, keychain_of

KEY = "anddone-api-key"

every_fault = pytest.mark.parametrize(
    ("state", "fault"), FAULTS, ids=[f"{state.name}-{fault()!r}"[:60] for state, fault in FAULTS]
)
there = pytest.mark.parametrize(
    ("state", "fault"), [one for one in FAULTS if one[0] is not KeychainState.ABSENT]
)


@pytest.fixture
def chain() -> Iterator[MemoryKeychain]:
    """Return this computer's keychain."""
    made = MemoryKeychain()
    with keychain_of(made):
        yield made


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys.json")


# ---- the usual ----------------------------------------------------------------------------------


def test_the_keychain_keeps_it(store: KeyStore, chain: MemoryKeychain) -> None:
    assert store.set(KEY, "abc").place is Place.KEYCHAIN
    assert store.get(KEY) == "abc"
    assert not store.file.exists()


def test_a_key_that_was_never_set(store: KeyStore, chain: MemoryKeychain) -> None:
    assert store.get(KEY) is None
    chain.kept["PayDesk", KEY] = ""
    assert store.get(KEY) is None


# ---- four states --------------------------------------------------------------------------------


@every_fault
def test_every_fault_is_one_of_four_states(state: KeychainState, fault: Callable[[], BaseException]) -> None:
    assert keychain.state_of(fault()) is state


@there
def test_a_keychain_that_gives_no_key_is_no_missing_key(
    state: KeychainState, fault: Callable[[], BaseException], store: KeyStore, chain: MemoryKeychain
) -> None:
    store.set(KEY, "abc")
    chain.fault = fault
    with pytest.raises(KeychainError) as said:
        store.get(KEY)
    assert said.value.state is state
    assert "try again" in said.value.next_step
    chain.fault = None
    assert store.get(KEY) == "abc", "asked again, it answers"


@there
@pytest.mark.parametrize("chosen", [False, True], ids=["no file", "a file chosen before"])
def test_no_key_goes_into_a_file_by_itself(
    chosen: bool,
    state: KeychainState,
    fault: Callable[[], BaseException],
    store: KeyStore,
    chain: MemoryKeychain,
) -> None:
    if chosen:
        store.set("ams360-app-key", "chosen", in_file=True)
    before = store.file.read_bytes() if chosen else None
    chain.fault = fault
    with pytest.raises(KeychainError) as said:
        store.set(KEY, "abc")
    assert said.value.state is state
    assert (store.file.read_bytes() if store.file.exists() else None) == before


def test_four_states_have_four_sentences(store: KeyStore, chain: MemoryKeychain) -> None:
    seen: dict[KeychainState, set[str]] = {}
    for state, fault in FAULTS:
        chain.fault = fault
        with pytest.raises(KeychainError) as said:
            store.set(KEY, "abc")
        assert said.value.sentence.endswith(f": {KEY} was not stored.")
        seen.setdefault(state, set()).add(said.value.said.partition(" (")[0])
    assert seen == {
        KeychainState.LOCKED: {"The keychain is locked"},
        KeychainState.DENIED: {"The keychain denied PayDesk access"},
        KeychainState.FAILING: {"The keychain isn't working"},
        KeychainState.ABSENT: {"This computer has no keychain"},
    }


def test_a_keychain_that_keeps_nothing(store: KeyStore) -> None:
    with keychain_of(Forgetful()), pytest.raises(KeychainError, match="did not keep the key") as said:
        store.set(KEY, "abc")
    assert said.value.state is KeychainState.FAILING


def test_a_keychain_that_never_answers(store: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keychain, "ANSWER_S", 0.05)
    with keychain_of(Silent()), pytest.raises(KeychainError, match="isn't responding") as said:
        store.get(KEY)
    assert said.value.state is KeychainState.FAILING


@pytest.mark.parametrize("name", ["fail", "null"])
def test_a_keychain_that_was_switched_off_is_absent(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{name}.Keyring")
    with pytest.raises(KeychainError) as said:
        store.set(KEY, "abc")
    assert said.value.state is KeychainState.ABSENT


# ---- the file, by choice ------------------------------------------------------------------------


def test_without_a_keychain_a_person_has_to_choose_the_file(store: KeyStore) -> None:
    with pytest.raises(KeychainError, match="Ask your administrator where to keep keys") as said:
        store.set(KEY, "abc")
    assert said.value.admin.endswith(f"paydesk set-key {KEY} --in-file")
    assert said.value.state is KeychainState.ABSENT
    assert not store.file.exists()


def test_the_chosen_file_is_private(store: KeyStore) -> None:
    assert store.set(KEY, "abc", in_file=True).place is Place.FILE
    assert KeyStore(store.file).get(KEY) == "abc"
    if os.name == "posix":
        assert store.file.stat().st_mode & 0o777 == 0o600
    assert list(store.file.parent.glob("*.new")) == []


def test_once_chosen_the_file_takes_the_other_keys_too(store: KeyStore) -> None:
    store.set(KEY, "abc", in_file=True)
    assert store.set("anddone-app-key", "def").place is Place.FILE
    assert json.loads(store.file.read_text()) == {KEY: "abc", "anddone-app-key": "def"}


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', "null", "\x00"])
def test_a_malformed_key_file_is_left_as_it_is(store: KeyStore, content: str) -> None:
    store.file.write_text(content)
    for act in (lambda: store.get(KEY), lambda: store.set(KEY, "abc", in_file=True)):
        with pytest.raises(KnownError, match="key file"):
            act()
    assert store.file.read_text() == content


# ---- never an older key -------------------------------------------------------------------------


def test_a_key_in_the_file_counts_after_the_keychain_opens(store: KeyStore, chain: MemoryKeychain) -> None:
    store.set(KEY, "old")
    chain.fault = FAULTS[0][1]
    assert store.set(KEY, "new", in_file=True).older_left
    chain.fault = None
    assert store.get(KEY) == "new"


def test_the_file_takes_the_older_out_of_the_keychain(store: KeyStore, chain: MemoryKeychain) -> None:
    store.set(KEY, "old")
    assert not store.set(KEY, "new", in_file=True).older_left
    assert chain.kept == {}


def test_the_keychain_takes_the_older_out_of_the_file(store: KeyStore, chain: MemoryKeychain) -> None:
    store.set(KEY, "old", in_file=True)
    store.set("ams360-app-key", "other", in_file=True)
    assert store.set(KEY, "new").place is Place.KEYCHAIN
    assert store.get(KEY) == "new"
    assert json.loads(store.file.read_text()) == {"ams360-app-key": "other"}
    store.set("ams360-app-key", "new")
    assert not store.file.exists(), "nothing is left in clear text"


def test_an_older_key_that_cannot_be_taken_out_is_told(
    store: KeyStore, chain: MemoryKeychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.set(KEY, "old", in_file=True)

    def held(_path: Path) -> None:
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr(files, "PATIENCE_S", 0.0)
    monkeypatch.setattr(Path, "unlink", held)
    with pytest.raises(KnownError, match=r"older one in .* still counts"):
        store.set(KEY, "new")
    monkeypatch.undo()
    store.set(KEY, "new")
    assert store.get(KEY) == "new"


# ---- ledger keys --------------------------------------------------------------------------------


def test_a_ledger_keeps_its_key_when_its_folder_moves(
    tmp_path: Path, store: KeyStore, chain: MemoryKeychain
) -> None:
    old = tmp_path / "old" / "live.ledger"
    key = store.ledger_key(old)
    assert len(key) == 32
    old.write_bytes(b"ledger")
    old.parent.rename(tmp_path / "new")
    assert store.ledger_key(tmp_path / "new" / "live.ledger") == key


def test_an_old_ledger_never_gets_a_new_key(tmp_path: Path, store: KeyStore, chain: MemoryKeychain) -> None:
    ledger = tmp_path / "live.ledger"
    store.ledger_key(ledger)
    ledger.write_bytes(b"ledger")
    chain.kept.clear()
    with pytest.raises(KnownError, match=r"key of the ledger .* is missing"):
        store.ledger_key(ledger)
    (tmp_path / "live.id").unlink()
    with pytest.raises(KnownError, match=r"key of the ledger .* is missing"):
        store.ledger_key(ledger)


@every_fault
def test_a_locked_ledger_key_is_not_a_missing_one(
    state: KeychainState,
    fault: Callable[[], BaseException],
    tmp_path: Path,
    store: KeyStore,
    chain: MemoryKeychain,
) -> None:
    ledger = tmp_path / "live.ledger"
    key = store.ledger_key(ledger)
    ledger.write_bytes(b"ledger")
    chain.fault = fault
    with pytest.raises(KeychainError, match="stays closed, and nothing in it changed") as said:
        store.ledger_key(ledger)
    assert said.value.state is state
    assert not store.file.exists()
    chain.fault = None
    assert store.ledger_key(ledger) == key


@every_fault
def test_a_new_ledger_waits_for_its_keychain(
    state: KeychainState,
    fault: Callable[[], BaseException],
    tmp_path: Path,
    store: KeyStore,
    chain: MemoryKeychain,
) -> None:
    chain.fault = fault
    with pytest.raises(KeychainError) as said:
        store.ledger_key(tmp_path / "live.ledger")
    assert said.value.state is state
    assert not store.file.exists()


@pytest.mark.parametrize("damaged", ["", "zz", "00", "0" * 63])
def test_a_damaged_ledger_key_is_said(
    damaged: str, tmp_path: Path, store: KeyStore, chain: MemoryKeychain
) -> None:
    ledger = tmp_path / "live.ledger"
    store.ledger_key(ledger)
    ledger.write_bytes(b"ledger")
    chain.kept = dict.fromkeys(chain.kept, damaged)
    with pytest.raises(KnownError, match=r"is damaged|is missing"):
        store.ledger_key(ledger)


@pytest.mark.parametrize("left", [b"", b"\0\0\0\0", b"\xff", b"../../x", b"two words"])
def test_an_id_that_was_cut_short_is_written_anew_before_the_ledger_and_never_after(
    left: bytes, tmp_path: Path, store: KeyStore, chain: MemoryKeychain
) -> None:
    ledger, file = tmp_path / "live.ledger", tmp_path / "live.id"
    file.write_bytes(left)
    key = store.ledger_key(ledger)
    assert chain.kept == {("PayDesk", f"ledger-key-{file.read_text().strip()}"): key.hex()}
    ledger.write_bytes(b"ledger")
    file.write_bytes(left)
    with pytest.raises(KnownError, match=r"live\.id can't be read: it is damaged"):
        store.ledger_key(ledger)
    assert file.read_bytes() == left


def test_a_start_that_ended_before_the_ledger_leaves_its_key_to_the_next(
    tmp_path: Path, store: KeyStore, chain: MemoryKeychain
) -> None:
    assert store.ledger_key(tmp_path / "live.ledger") == store.ledger_key(tmp_path / "live.ledger")
    assert len(chain.kept) == 1


def test_a_new_key_counts_only_as_it_is_read_back(
    tmp_path: Path, store: KeyStore, chain: MemoryKeychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program, which takes no lock, stores its key at the same moment."""
    real = keychain.write

    def overtaken(name: str, value: str) -> None:
        real(name, value)
        chain.kept["PayDesk", name] = "ab" * 32

    monkeypatch.setattr(keychain, "write", overtaken)
    with pytest.raises(KnownError, match="no ledger was made") as said:
        store.ledger_key(tmp_path / "live.ledger")
    assert said.value.next_step.endswith("Start PayDesk again.")
    assert store.ledger_key(tmp_path / "live.ledger") == bytes.fromhex("ab" * 32)


def test_an_id_that_another_program_writes_at_the_same_moment_counts(
    tmp_path: Path, store: KeyStore, chain: MemoryKeychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(path: Path, _data: bytes) -> None:
        path.write_text("0123456789abcdef\n")
        raise FileExistsError

    monkeypatch.setattr(keys, "write_new", late)
    store.ledger_key(tmp_path / "live.ledger")
    assert list(chain.kept) == [("PayDesk", "ledger-key-0123456789abcdef")]


def test_an_id_that_cannot_be_written_is_said(
    tmp_path: Path, store: KeyStore, chain: MemoryKeychain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keys, "write_new", full)
    with pytest.raises(KnownError, match=r"live\.id could not be saved: the disk is full"):
        store.ledger_key(tmp_path / "live.ledger")
    assert chain.kept == {}


def test_a_training_ledger_needs_no_keychain(tmp_path: Path, chain: MemoryKeychain) -> None:
    chain.fault = FAULTS[0][1]
    paths = Paths(tmp_path, training=True)
    ledger = paths.ledger_of(TRAINING)
    key = KeyStore.of(paths).ledger_key(ledger)
    ledger.write_bytes(b"ledger")
    assert KeyStore.of(paths).ledger_key(ledger) == key
    assert chain.asked == 0
    assert not Paths(tmp_path).keys.exists(), "a live desk's people have chosen nothing by that"
