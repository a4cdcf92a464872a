"""The one keychain of each system. No other plug-in of keyring is looked for, loaded or tried.

keyring tries every plug-in it finds, also a plain text file's, and puts a folder that its own settings name
on Python's path. One of its plug-ins for macOS runs `ldconfig`, `gcc` and `ld` from PATH on Linux.
"""

from __future__ import annotations

import configparser
import importlib
import os
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

BACKENDS = {
    "darwin": ("keyring.backends.macOS", "Keyring"),
    "win32": ("keyring.backends.Windows", "WinVaultKeyring"),
}
SECRET_SERVICE = ("keyring.backends.SecretService", "Keyring")
"""On Linux: GNOME's keyring, KDE's wallet and KeePassXC all answer to it."""
SWITCHED_OFF = {"keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"}
"""The names by which a person, or a test, tells keyring to use none."""


def system_keychain() -> KeyringBackend:
    """Return the keychain of this system. Raises NoKeyringError where there is none, or none may be used."""
    from keyring.errors import NoKeyringError  # takes a tenth of a second

    if _is_switched_off():
        raise NoKeyringError
    return _backend(*BACKENDS.get(sys.platform, SECRET_SERVICE))


@cache
def _backend(module: str, name: str) -> KeyringBackend:
    """Return an instance of a plug-in. Raises NoKeyringError if its system does not run here."""
    from keyring.errors import NoKeyringError

    found: type[KeyringBackend] = getattr(importlib.import_module(module), name)
    if not found.viable:
        raise NoKeyringError
    return found()


def _is_switched_off() -> bool:
    """Say if a person switched it off, by keyring's variable or by `keyring --disable`."""
    from keyring.util.platform_ import config_root

    config = configparser.RawConfigParser()
    try:
        config.read(config_root() / "keyringrc.cfg", encoding="utf-8")
        chosen = config.get("backend", "default-keyring", fallback="")
    except (configparser.Error, OSError, UnicodeDecodeError):
        chosen = ""
    return bool({os.environ.get("PYTHON_KEYRING_BACKEND", "").strip(), chosen.strip()} & SWITCHED_OFF)
