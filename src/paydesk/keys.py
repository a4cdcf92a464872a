"""Keys in the system's keychain; where there is none, in a file only this user can read."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from paydesk.domain.errors import KnownError

SERVICE = "PayDesk"

NAMES = {
    "anddone-api-key": "AndDone: the API key (x-api-key), from the portal under Developer, API Keys",
    "anddone-app-key": "AndDone: the app key (x-app-key), the same as the merchant id",
    "ams360-app-key": "AMS360: the application key (appKey) issued for PayDesk",
    "ams360-access-key": "AMS360: the agency access key (appAccessToAgencyKey), from the Application Catalog",
    "wsapi-password": "AMS360: the password of the Web Service API login, set under Administration",
    "ledger-password": "The ledger's server: the password of the user in ledger_url (several desks only)",
}
"""The keys ``paydesk set-key`` takes, and where an agency finds each."""


class KeyStore:
    """The keys of one base folder."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, name: str) -> str | None:
        """The key, or None when it was never set. Raises KnownError when the store is unreadable."""
        found = _keychain_get(name)
        return found if found is not None else self._read().get(name)

    def need(self, name: str) -> str:
        """The key. Raises KnownError saying how to set it."""
        found = self.get(name)
        if not found:
            raise KnownError(f"The key {name} is not set.", f"Set it once with: paydesk set-key {name}")
        return found

    def set(self, name: str, value: str) -> bool:
        """Keep a key; True when the system's keychain has it, False when the file does."""
        if _keychain_set(name, value):
            return True
        keys = self._read() | {name: value}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(keys, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)
        return False

    def ledger_key(self, ledger: Path) -> bytes:
        """The 32 bytes that encrypt the ledger; made once, together with the ledger.

        Raises KnownError when the ledger exists and its key does not: a new key would not
        open it.
        """
        name = f"ledger-key-{_ledger_id(ledger)}"
        found = self.get(name)
        if found is None:
            if ledger.exists():
                raise KnownError(
                    f"The key of the ledger {ledger} is missing; the ledger was left as it is.",
                    "Restore the keychain entry or keys.json from a backup of this computer.",
                )
            found = secrets.token_bytes(32).hex()
            self.set(name, found)
        return bytes.fromhex(found)

    def _read(self) -> dict[str, str]:
        try:
            keys = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise KnownError(
                f"The key file {self._file} cannot be read: {type(error).__name__}.",
                "It was left as it is; restore it from a backup.",
            ) from None
        if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
            raise KnownError(f"The key file {self._file} is malformed.", "It was left as it is; restore it.")
        return keys


def _ledger_id(ledger: Path) -> str:
    """A name for the ledger that survives moving its folder."""
    file = ledger.with_suffix(".id")
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if ledger.exists():
            return "unnamed"
        ledger.parent.mkdir(parents=True, exist_ok=True)
        name = secrets.token_hex(8)
        file.write_text(name + "\n", encoding="ascii")
        return name


# keyring costs a tenth of a second to import: only these two need it.


def _keychain_get(name: str) -> str | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError:
        return None


def _keychain_set(name: str, value: str) -> bool:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, value)
        return keyring.get_password(SERVICE, name) == value
    except KeyringError:
        return False
