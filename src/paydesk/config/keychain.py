"""The system's keychain. Every failure of a backend is one of four states.

A backend may raise anything: keyring's own errors, D-Bus errors, OSError, pywin32's, RuntimeError. Only a
keychain that does not exist is absent: one that is locked, refuses or fails still holds its keys.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

from paydesk.config.system_keychain import system_keychain
from paydesk.domain.errors import KnownError

SERVICE = "PayDesk"

ANSWER_S = 45.0
"""Seconds to wait for the keychain, which may be asking a person for the password."""

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class KeychainState(Enum):
    """The ways in which a keychain does not give or take a key."""

    LOCKED = auto()
    DENIED = auto()
    """It refuses PayDesk, or a person refused."""
    FAILING = auto()
    """It is there and does not work, or did not answer."""
    ABSENT = auto()


class KeychainError(KnownError):
    """The keychain did not give or take a key. ``state`` decides, the sentence only says it."""

    def __init__(self, state: KeychainState, said: str, what: str, next_step: str, admin: str = "") -> None:
        """``said`` is the state in words, ``what`` what follows, such as "anddone-api-key was not read"."""
        super().__init__(f"{said}: {what}.", next_step, admin)
        self.state = state
        self.said = said

    def about(self, what: str, next_step: str = "", admin: str = "") -> KeychainError:
        """Return the same error in other words."""
        return KeychainError(self.state, self.said, what, next_step or self.next_step, admin)


# ---- reading and writing --------------------------------------------------------------------


def read(name: str) -> str | None:
    """Return the key, or None if the keychain has none. Raises KeychainError."""
    return _ask(lambda: system_keychain().get_password(SERVICE, name), f"{name} was not read") or None


def write(name: str, value: str) -> None:
    """Store the key. Raises KeychainError unless the keychain gives it back."""

    def store() -> None:
        backend = system_keychain()
        backend.set_password(SERVICE, name, value)
        if backend.get_password(SERVICE, name) != value:
            raise NotKeptError

    _ask(store, f"{name} was not stored")


def remove(name: str) -> bool:
    """Remove the key. Returns False if the keychain may still have one."""

    def forget() -> bool:
        backend = system_keychain()
        if backend.get_password(SERVICE, name) is None:
            return True
        backend.delete_password(SERVICE, name)
        return backend.get_password(SERVICE, name) is None

    try:
        return _ask(forget, f"{name} was not removed")
    except KeychainError as error:
        return error.state is KeychainState.ABSENT


class NotKeptError(Exception):
    """The keychain took a key and does not give it back."""


class NoAnswerError(Exception):
    """The keychain did not answer in time."""


@dataclass(frozen=True, slots=True)
class _Raised:
    """The answer of a keychain that raised."""

    error: BaseException


def _ask(question: Callable[[], Result], what: str) -> Result:
    """Ask on a thread of its own, because a keychain may never answer. Raises KeychainError."""
    answers: queue.SimpleQueue[Result | _Raised] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(question())
        except BaseException as error:  # a backend in C or Rust may raise what is no Exception
            answers.put(_Raised(error))

    threading.Thread(target=run, name="keychain", daemon=True).start()
    try:
        answer = answers.get(timeout=ANSWER_S)
    except queue.Empty:
        answer = _Raised(NoAnswerError())
    if not isinstance(answer, _Raised):
        return answer
    state = state_of(answer.error)
    log.info("keychain %s: %s", state.name, " < ".join(type(one).__name__ for one in _chain(answer.error)))
    said, next_step = _sentence(state, answer.error)
    raise KeychainError(state, said, what, next_step)


# ---- states ---------------------------------------------------------------------------------

_ABSENT_TYPES = {"NoKeyringError"}
_DENIED_TYPES = {"KeychainDenied", "SecAuthFailure", "PromptDismissedException", "PermissionError"}
_LOCKED_TYPES = {"KeyringLocked", "LockedException"}
_DENIED_CODES = {
    -128,  # macOS: errSecUserCanceled
    -25293,  # macOS: errSecAuthFailed
    5,  # Windows: ERROR_ACCESS_DENIED
    1223,  # Windows: ERROR_CANCELLED
}
_LOCKED_CODES = {
    -25308,  # macOS: errSecInteractionNotAllowed, as over SSH
    -25315,  # macOS: errSecInteractionRequired
}
_DENIED_NAMES = {
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.freedesktop.DBus.Error.AuthFailed",
}
_LOCKED_NAMES = {"org.freedesktop.Secret.Error.IsLocked"}


def state_of(error: BaseException) -> KeychainState:
    """Return the state of a keychain that raised this. The causes of the error count, too.

    keyring reports a denial on a Mac, and a prompt that a person closed, as locked: only the cause tells.
    """
    chain = list(_chain(error))
    if any(_is(one, _ABSENT_TYPES, set(), set()) for one in chain):
        return KeychainState.ABSENT
    if any(_is(one, _DENIED_TYPES, _DENIED_CODES, _DENIED_NAMES) for one in chain):
        return KeychainState.DENIED
    if any(_is(one, _LOCKED_TYPES, _LOCKED_CODES, _LOCKED_NAMES) for one in chain):
        return KeychainState.LOCKED
    return KeychainState.FAILING


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and those that caused it."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def _is(error: BaseException, types: set[str], codes: set[int], names: set[str]) -> bool:
    """Compare by name and code: the classes of other systems cannot be imported on this one."""
    kinds = {one.__name__ for one in type(error).__mro__}
    return bool(kinds & types) or _code(error) in codes or _dbus_name(error) in names


def _code(error: BaseException) -> object:
    """Return the system's number of an error. An ``errno`` is none: 5 is EIO there."""
    if isinstance(error, OSError):
        return getattr(error, "winerror", None)
    first = error.args[0] if error.args else None
    return getattr(error, "winerror", first if isinstance(first, int) else None)


def _dbus_name(error: BaseException) -> object:
    """Return the name of an error of jeepney (``name``) or of dbus-python (``get_dbus_name``)."""
    ask = getattr(error, "get_dbus_name", None)
    name = ask() if callable(ask) else getattr(error, "name", None)
    return name if isinstance(name, str) else None


# ---- sentences ------------------------------------------------------------------------------


def _sentence(state: KeychainState, cause: BaseException) -> tuple[str, str]:
    """Return what happened, without a period, and the next step."""
    match state:
        case KeychainState.LOCKED:
            return "The keychain is locked", f"Unlock it in {_program()}, then try again."
        case KeychainState.DENIED:
            return (
                "The keychain denied PayDesk access",
                f"Allow PayDesk when the computer asks, or in {_program()}, then try again.",
            )
        case KeychainState.FAILING:
            return _failing(cause)
        case KeychainState.ABSENT:
            return (
                "This computer has no keychain",
                "Sign in to the computer's desktop as usual and try again.",
            )


def _failing(cause: BaseException) -> tuple[str, str]:
    if isinstance(cause, NoAnswerError):
        return "The keychain isn't responding", "If it asks something, answer it. Then try again."
    why = "it did not keep the key" if isinstance(cause, NotKeptError) else type(cause).__name__
    return (
        f"The keychain isn't working ({why})",
        "Restart this computer, then try again. If it happens again, tell your administrator.",
    )


def _program() -> str:
    """Return the name of the program that shows this system's keychain."""
    return {"darwin": "Keychain Access", "win32": "Credential Manager"}.get(
        sys.platform, "Passwords and Keys"
    )
