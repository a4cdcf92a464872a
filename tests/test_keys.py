"""Keys: the keychain where there is one, a private file where not; never a new key for an old ledger."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from paydesk.domain.errors import KnownError
from paydesk.keys import KeyStore


class MemoryKeychain(KeyringBackend):
    """A keychain that forgets when the test ends."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def keychain() -> Iterator[MemoryKeychain]:
    before, chain = keyring.get_keyring(), MemoryKeychain()
    keyring.set_keyring(chain)
    yield chain
    keyring.set_keyring(before)


def test_the_keychain_keeps_it(tmp_path: Path, keychain: MemoryKeychain) -> None:
    store = KeyStore(tmp_path / "keys.json")
    assert store.set("anddone-api-key", "abc")
    assert store.need("anddone-api-key") == "abc"
    assert not (tmp_path / "keys.json").exists()


def test_without_a_keychain_a_private_file_does(tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "keys.json")
    assert not store.set("anddone-api-key", "abc")
    assert KeyStore(tmp_path / "keys.json").need("anddone-api-key") == "abc"
    if os.name == "posix":
        assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_missing_key_says_how_to_set_it(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="paydesk set-key anddone-api-key"):
        KeyStore(tmp_path / "keys.json").need("anddone-api-key")


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}'])
def test_a_malformed_key_file_is_left_as_it_is(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)
    with pytest.raises(KnownError, match="key file"):
        KeyStore(file).set("anddone-api-key", "abc")
    assert file.read_text() == content


def test_a_ledger_keeps_its_key_when_its_folder_moves(tmp_path: Path, keychain: MemoryKeychain) -> None:
    old = tmp_path / "old" / "live.ledger"
    key = KeyStore(tmp_path / "keys.json").ledger_key(old)
    assert len(key) == 32
    old.write_bytes(b"ledger")
    old.parent.rename(tmp_path / "new")
    assert KeyStore(tmp_path / "keys.json").ledger_key(tmp_path / "new" / "live.ledger") == key


def test_an_old_ledger_never_gets_a_new_key(tmp_path: Path) -> None:
    ledger = tmp_path / "live.ledger"
    store = KeyStore(tmp_path / "keys.json")
    store.ledger_key(ledger)
    ledger.write_bytes(b"ledger")
    (tmp_path / "keys.json").unlink()
    with pytest.raises(KnownError, match=r"key of the ledger .* is missing"):
        store.ledger_key(ledger)
    (tmp_path / "live.id").unlink()
    with pytest.raises(KnownError, match=r"key of the ledger .* is missing"):
        store.ledger_key(ledger)
