"""Keychains that work, or that fail in every way seen of a real one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import (
    InitError,
    KeyringError,
    KeyringLocked,
    NoKeyringError,
    PasswordDeleteError,
    PasswordSetError,
)

from paydesk.config import keychain
from paydesk.config.keychain import KeychainState


class MemoryKeychain(KeyringBackend):
    """A keychain that forgets when the test ends. ``fault`` is raised instead of any answer."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.fault: Callable[[], BaseException] | None = None
        self.asked = 0

    def _answer(self) -> None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault()

    def get_password(self, service: str, username: str) -> str | None:
        self._answer()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._answer()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


class Forgetful(MemoryKeychain):
    """A keychain that takes keys and keeps none."""

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()


class Silent(MemoryKeychain):
    """A keychain that answers after the desk has lost patience."""

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(1)
        return None


@contextlib.contextmanager
def keychain_of(chain: KeyringBackend) -> Iterator[KeyringBackend]:
    """Let ``chain`` be this computer's keychain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keychain, "system_keychain", lambda: chain)
        yield chain


# ---- what backends raise ------------------------------------------------------------------------


class Pywin32Error(Exception):
    """``pywintypes.error`` as pywin32 raises it: no OSError, with ``winerror``."""

    def __init__(self, winerror: int, funcname: str, strerror: str) -> None:
        super().__init__(winerror, funcname, strerror)
        self.winerror, self.funcname, self.strerror = winerror, funcname, strerror


class KeychainDenied(Exception):
    """As in keyring's ``macOS/api.py``."""


class MacError(Exception):
    """As in keyring's ``macOS/api.py``."""


class LockedException(Exception):
    """As in ``secretstorage.exceptions``."""


class PromptDismissedException(Exception):
    """As in ``secretstorage.exceptions``."""


class DBusErrorResponse(Exception):
    """As in ``jeepney``: the name of the error is an attribute."""

    def __init__(self, name: str) -> None:
        super().__init__(f"[{name}] ()")
        self.name = name


class DBusException(Exception):
    """As in ``dbus``: the name of the error is a method's."""

    def get_dbus_name(self) -> str:
        return str(self.args[0])


class PanicException(BaseException):
    """As in ``pyo3_runtime``: no Exception."""


def caused(error: Exception, cause: BaseException) -> Exception:
    """Return an error as ``raise error from cause`` makes it."""
    error.__cause__ = cause
    return error


LOCKED, DENIED, FAILING, ABSENT = KeychainState

FAULTS: list[tuple[KeychainState, Callable[[], BaseException]]] = [
    (LOCKED, lambda: KeyringLocked("Failed to unlock the collection!")),
    (LOCKED, lambda: LockedException("Collection is locked")),
    (LOCKED, lambda: caused(KeyringError("Can't get password"), MacError(-25308, "Unknown Error"))),
    (LOCKED, lambda: caused(InitError("no collection"), LockedException())),
    (LOCKED, lambda: DBusErrorResponse("org.freedesktop.Secret.Error.IsLocked")),
    (LOCKED, lambda: DBusException("org.freedesktop.Secret.Error.IsLocked")),
    (DENIED, lambda: caused(KeyringLocked("Can't get password"), KeychainDenied(-128, "Access Denied"))),
    (DENIED, lambda: caused(PasswordSetError("Can't store"), MacError(-25293, "Security Auth Failure"))),
    (DENIED, lambda: caused(InitError("no collection"), PromptDismissedException())),
    (DENIED, lambda: DBusErrorResponse("org.freedesktop.DBus.Error.AccessDenied")),
    (DENIED, lambda: PermissionError(13, "Permission denied")),
    (DENIED, lambda: Pywin32Error(5, "CredRead", "Access is denied.")),
    (DENIED, lambda: Pywin32Error(1223, "CredWrite", "The operation was canceled by the user.")),
    (FAILING, lambda: Pywin32Error(1312, "CredRead", "A specified logon session does not exist.")),
    (FAILING, lambda: Pywin32Error(1783, "CredWrite", "The stub received bad data.")),
    (FAILING, lambda: OSError(1312, "CredRead", "A specified logon session does not exist.")),
    (FAILING, lambda: OSError(5, "Input/output error")),
    (FAILING, lambda: RuntimeError("dbus: timeout")),
    (FAILING, lambda: DBusErrorResponse("org.freedesktop.DBus.Error.NoReply")),
    (FAILING, lambda: InitError("Failed to open keyring")),
    (FAILING, lambda: PasswordSetError("no")),
    (FAILING, KeyringError),
    (FAILING, lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")),
    (FAILING, TimeoutError),
    (FAILING, lambda: ConnectionRefusedError(111, "Connection refused")),
    (FAILING, lambda: AttributeError("'NoneType' object has no attribute 'CredRead'")),
    (FAILING, lambda: ModuleNotFoundError("No module named 'secretstorage'")),
    (FAILING, lambda: SystemExit(3)),
    (FAILING, lambda: PanicException("called `Option::unwrap()` on a `None` value")),
    (ABSENT, lambda: NoKeyringError("No recommended backend was available.")),
    (ABSENT, lambda: caused(RuntimeError("no keyring"), NoKeyringError())),
]
"""Each state, and what a backend raises in it."""
