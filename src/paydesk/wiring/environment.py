"""Everything needed to open a desk: settings, keys and, in training, the emulators."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from paydesk import COMMAND
from paydesk.config.keychain import KeychainError
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.config.settings import Settings, training_settings
from paydesk.config.settings_file import load, with_choices
from paydesk.domain.errors import KnownError

if TYPE_CHECKING:
    from paydesk.sandbox.sandbox import Sandbox

PROCESSOR_KEYS = ("anddone-api-key", "anddone-app-key")
AGENCY_SYSTEM_KEYS = ("ams360-app-key", "ams360-access-key")


class Keys:
    """The keys of a desk, each read when it is first needed.

    A keychain that did not answer is asked once only: every question may open a window of the system.
    """

    def __init__(self, read: Callable[[str], str | None]) -> None:
        self._read = read
        self._known: dict[str, str | None] = {}
        self.error: KeychainError | None = None

    def get(self, name: str) -> str | None:
        """Return the key, or None if it is not set. Raises KeychainError, and KnownError for a bad file."""
        if name not in self._known:
            if self.error is not None:
                raise self.error
            try:
                self._known[name] = self._read(name)
            except KeychainError as error:
                self.error = error
                raise
        return self._known[name]


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings and keys of one desk. Nothing is opened yet.

    ``sandbox`` is a training desk's emulators, or None if another window of its folder runs them.
    """

    paths: Paths
    settings: Settings
    keys: Keys = field(repr=False)
    sandbox: Sandbox | None = None

    @property
    def needed_keys(self) -> tuple[str, ...]:
        """The keys that this desk cannot open without."""
        return (
            *PROCESSOR_KEYS,
            *(AGENCY_SYSTEM_KEYS if self.settings.needs_ems else ()),
            *(("wsapi-password",) if self.settings.wsapi.login_id else ()),
        )

    def key(self, name: str) -> str:
        """Return a key. Raises KnownError, with the command that sets it, if it is not set.

        Raises KeychainError if the keychain does not give it.
        """
        found = self.keys.get(name)
        if not found:
            raise KnownError(
                f"The key {name} is not set.",
                "Ask your administrator to set it.",
                f"Set it once with: {COMMAND} set-key {name}",
            )
        return found


@contextlib.contextmanager
def environment(paths: Paths, *, keep_books: bool = False) -> Iterator[Environment]:
    """Read the environment of the desk under ``paths``, and run a training desk's emulators meanwhile.

    With ``keep_books``, all windows of the folder share them, and their books outlast a start. Raises
    KnownError if the settings cannot be read.
    """
    if paths.training:
        with _training(paths, keep_books=keep_books) as found:
            yield found
    else:
        yield _live(paths)


def _live(paths: Paths) -> Environment:
    return Environment(paths, load(paths.settings), Keys(KeyStore.of(paths).get))


@contextlib.contextmanager
def _training(paths: Paths, *, keep_books: bool) -> Iterator[Environment]:
    """Start or find the emulators on ports of this computer, with settings for them."""
    from paydesk.sandbox.sandbox import Sandbox
    from paydesk.sandbox.server import keys
    from paydesk.wiring.emulators import SharedEmulators

    zone = ZoneInfo(training_settings("", "", "", "").time_zone)
    today = datetime.now(zone).date()
    with contextlib.ExitStack() as opened:
        sandbox: Sandbox | None
        if keep_books:
            shared = opened.enter_context(SharedEmulators(paths, today))
            sandbox, at = shared.sandbox, shared.addresses
        else:
            sandbox = opened.enter_context(Sandbox(today=today))
            at = sandbox.addresses
        usual = training_settings(
            at.anddone_url,
            at.ams360_url,
            keys.ANDDONE_ORIGIN,
            keys.AMS360_AGENCY_NO,
            keys.AMS360_BANK,
        )
        settings = with_choices(usual, paths.training_choices, at.wsapi_url, keys.WSAPI_LOGIN_ID)
        known = {
            "anddone-api-key": keys.ANDDONE_API_KEY,
            "anddone-app-key": keys.ANDDONE_APP_KEY,
            "ams360-app-key": keys.AMS360_APP_KEY,
            "ams360-access-key": keys.AMS360_ACCESS_KEY,
            "wsapi-password": keys.WSAPI_PASSWORD,
        }
        yield Environment(paths, settings, Keys(known.get), sandbox)
