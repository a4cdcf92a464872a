"""API keys and passwords: in the system's keychain, or in a file that a person chose instead.

The file is read first. It has a key only if that is the newest one: storing a key in the keychain takes it
out of the file. So an older key never counts.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from paydesk import COMMAND
from paydesk.config import base_folder, keychain
from paydesk.config.files import patiently, reason, write_new, write_whole
from paydesk.config.keychain import KeychainError, KeychainState
from paydesk.config.lock_file import alone_in
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR

NAMES = {
    "anddone-api-key": f"{PROCESSOR.name}: the API key (x-api-key), "
    "from the portal under Developer, API Keys",
    "anddone-app-key": f"{PROCESSOR.name}: the app key (x-app-key), the same as the merchant id",
    "ams360-app-key": f"{AGENCY_SYSTEM.name}: the application key (appKey) issued for PayDesk",
    "ams360-access-key": f"{AGENCY_SYSTEM.name}: the agency access key (appAccessToAgencyKey), "
    "from the Application Catalog",
    "wsapi-password": f"{AGENCY_SYSTEM.name}: the password of the Web Service API login, "
    "set under Administration",
    "ledger-password": "The ledger's server: the password of the user in ledger_url (several desks only)",
}
"""The keys ``paydesk set-key`` accepts, and where an agency finds each."""

IN_FILE = "--in-file"
"""The option of ``paydesk set-key`` by which a person chooses the file."""


class Place(Enum):
    """The place that has a key."""

    KEYCHAIN = auto()
    FILE = auto()


@dataclass(frozen=True, slots=True)
class Stored:
    """A key that was stored. ``older_left`` is True if the keychain may still hold an older one, unused."""

    place: Place
    older_left: bool = False


class KeyStore:
    """The keys of one base folder."""

    def __init__(self, file: Path, *, training: bool = False) -> None:
        """``training`` keeps the key of a training ledger in the file: it protects nobody's data."""
        self.file = file
        self._training = training

    @classmethod
    def of(cls, paths: Paths) -> KeyStore:
        """Return the keys of the desk under ``paths``."""
        return cls(paths.keys, training=paths.training)

    def get(self, name: str) -> str | None:
        """Return the key, or None if it was never set, or was set where this sign-in has no keychain.

        Raises KeychainError if the keychain is locked, refuses or fails, and KnownError if the file cannot be
        read.
        """
        try:
            return self._find(name)
        except KeychainError as error:
            if error.state is KeychainState.ABSENT:
                return None
            raise

    def set(self, name: str, value: str, *, in_file: bool = False) -> Stored:
        """Store a key in the keychain, or with ``in_file`` in the file, in clear text.

        A computer without a keychain needs a person's choice: ``in_file`` once, then the file is used. Raises
        KeychainError, and leaves the older key, if the keychain does not take it. Raises KnownError while
        another program stores keys in this folder.
        """
        with alone_in(self.file.parent):
            return self._set(name, value, in_file=in_file)

    def _set(self, name: str, value: str, *, in_file: bool = False) -> Stored:
        if in_file or self._training:
            return self._into_file(name, value)
        try:
            self._into_keychain(name, value)
        except KeychainError as error:
            if error.state is not KeychainState.ABSENT:
                raise
            if not self.file.exists():
                raise _choose_a_file(error, name, self.file) from None
            return self._into_file(name, value)
        return Stored(Place.KEYCHAIN)

    def in_file(self) -> list[str]:
        """Return the names of the keys in the file. Raises KnownError if it cannot be read."""
        return list(self._read())

    def ledger_key(self, ledger: Path) -> bytes:
        """Return the 32 bytes that encrypt the ledger. Makes them once, and before the ledger.

        A new key is read back from its place, and only then it counts. Raises KnownError if the ledger exists
        and its key is not found: a new key would not open it.
        """
        if ledger.exists():
            return self._key_of(ledger)
        with alone_in(self.file.parent):
            return self._key_of(ledger) if ledger.exists() else self._new_key(ledger)

    def _key_of(self, ledger: Path) -> bytes:
        try:
            found = self._find(_ledger_key_name(_ledger_id(ledger)))
        except KeychainError as error:
            raise error.about(f"the ledger {ledger} stays closed, and nothing in it changed") from None
        if found is None:
            raise _ledger_key_missing(ledger, self.file)
        return _key_bytes(found, ledger)

    def _new_key(self, ledger: Path) -> bytes:
        """Return the key of a ledger that is not made yet: a start that was cut short may have left one."""
        name = _ledger_key_name(_new_ledger_id(ledger))
        try:
            found = self._find(name, in_keychain=not self._training)
        except KeychainError as error:
            if error.state is not KeychainState.ABSENT:
                raise error.about(f"the ledger {ledger} was not made") from None
            found = None
        if found is None:
            made = secrets.token_bytes(32).hex()
            self._set(name, made)
            found = self._find(name, in_keychain=not self._training)
            if found != made:
                raise _ledger_key_not_kept(ledger)
        return _key_bytes(found, ledger)

    def _find(self, name: str, *, in_keychain: bool = True) -> str | None:
        """Return the newest key of that name. Raises KeychainError, ABSENT included."""
        return self._read().get(name) or (keychain.read(name) if in_keychain else None)

    def _into_keychain(self, name: str, value: str) -> None:
        """Store the key, and take an older one out of the file, where it would count."""
        kept = self._read()
        keychain.write(name, value)
        if kept.pop(name, None) is not None:
            try:
                self._write(kept)
            except KnownError as error:
                raise _older_counts(name, self.file, error) from None

    def _into_file(self, name: str, value: str) -> Stored:
        self._write(self._read() | {name: value})
        return Stored(Place.FILE, older_left=not self._training and not keychain.remove(name))

    def _read(self) -> dict[str, str]:
        try:
            keys = json.loads(patiently(lambda: base_folder.read_own(self.file)).decode("utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise KnownError(
                f"The key file {self.file} can't be read: {reason(error)}.",
                "Close other programs, then try again.",
            ) from None
        except (ValueError, RecursionError):
            raise _malformed(self.file) from None
        if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
            raise _malformed(self.file)
        return keys

    def _write(self, keys: dict[str, str]) -> None:
        """Replace the file. Without a key there is none, and the choice of a file ends."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if keys:
                write_whole(self.file, json.dumps(keys, indent=1).encode(), private=True)
            else:
                patiently(self.file.unlink)
        except OSError as error:
            raise KnownError(
                f"The key file {self.file} could not be saved: {reason(error)}.",
                "It was not changed. Close other programs, then try again.",
            ) from None


# ---- ledger keys ----------------------------------------------------------------------------


_ID = re.compile(r"[A-Za-z0-9_-]+")


def _ledger_key_name(ledger_id: str) -> str:
    return f"ledger-key-{ledger_id}"


def _ledger_id(ledger: Path) -> str:
    """Return an id of the ledger that stays valid when its folder is moved. Raises KnownError."""
    file = ledger.with_suffix(".id")
    found = _read_id(file)
    if found == "":
        raise _id_unreadable(file, "it is damaged")
    return found or "unnamed"


def _new_ledger_id(ledger: Path) -> str:
    """Return the id of a ledger that is not made yet. Raises KnownError."""
    file = ledger.with_suffix(".id")
    found = _read_id(file)
    if found:
        return found
    name = f"{secrets.token_hex(8)}\n".encode("ascii")
    try:
        ledger.parent.mkdir(parents=True, exist_ok=True)
        if found is None:
            write_new(file, name)
        else:  # the first start was cut short while it wrote: nothing has that id yet
            write_whole(file, name, private=True)
    except FileExistsError:
        pass  # an older PayDesk, which takes no lock, was faster
    except OSError as error:
        raise KnownError(f"The file {file} could not be saved: {reason(error)}.", "Try again.") from None
    return _ledger_id(ledger)


def _read_id(file: Path) -> str | None:
    """Return the id, None if there is no such file, or "" if it is damaged. Raises KnownError."""
    try:
        found = patiently(lambda: file.read_text(encoding="ascii")).strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _id_unreadable(file, reason(error)) from None
    except UnicodeDecodeError:
        return ""
    return found if _ID.fullmatch(found) else ""


def _key_bytes(text: str, ledger: Path) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise KnownError(
            f"The key of the ledger {ledger} is damaged. The ledger was not changed.",
            "Do not take payments on this desk. Ask your administrator to restore the key.",
            "Restore the keychain entry or the key file from a backup of this computer.",
        )
    return key


# ---- sentences ------------------------------------------------------------------------------


def _choose_a_file(error: KeychainError, name: str, file: Path) -> KnownError:
    """Return the error for a key without a place, with the choice that a person has."""
    known = name if name in NAMES else next(iter(NAMES))
    return error.about(
        f"{name} was not stored",
        "Ask your administrator where to keep keys.",
        f"To keep keys in clear text in {file}, which only you can read, run: "
        f"{COMMAND} set-key {known} {IN_FILE}",
    )


def _older_counts(name: str, file: Path, error: KnownError) -> KnownError:
    return KnownError(
        f"The keychain has the new {name}, but the older one in {file} still counts. {error.sentence}",
        "Ask your administrator to set it again.",
        f"Close other programs, then run once more: {COMMAND} set-key {name}",
    )


def _ledger_key_missing(ledger: Path, file: Path) -> KnownError:
    return KnownError(
        f"The key of the ledger {ledger} is missing. The ledger was not changed.",
        "Do not take payments on this desk. Ask your administrator to restore the key.",
        f"Restore the keychain entry or {file.name} from a backup of this computer.",
    )


def _ledger_key_not_kept(ledger: Path) -> KnownError:
    return KnownError(
        f"The key of the new ledger {ledger} is not the one that was stored; no ledger was made.",
        "Another program stored one at the same moment. Start PayDesk again.",
    )


def _id_unreadable(file: Path, why: str) -> KnownError:
    return KnownError(
        f"The file {file} can't be read: {why}.", "Try again, or ask your administrator to restore it."
    )


def _malformed(file: Path) -> KnownError:
    return KnownError(
        f"The key file {file} is damaged. It was not changed.",
        "Ask your administrator to restore it from a backup.",
    )
