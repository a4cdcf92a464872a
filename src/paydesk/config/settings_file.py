"""Read ``settings.toml``. A bad file is reported with the wrong entry, and never changed."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paydesk.config import base_folder
from paydesk.config.declare import BadSetting, read
from paydesk.config.faults import reading
from paydesk.config.files import patiently
from paydesk.config.paths import Paths
from paydesk.config.settings import NoteSettings, Settings, WsapiSettings, user_name
from paydesk.domain.errors import KnownError, NoSettings
from paydesk.domain.posting import PostingChannel


def load(path: Path) -> Settings:
    """Read the settings of a live desk.

    Raises KnownError, naming the file and the entry, if it is missing or malformed. The
    file is never changed.
    """
    with _in_words(path):
        if not path.exists():
            raise NoSettings(
                f"There are no settings yet: {path} is missing.",
                "Start with `paydesk --training`, or write the file as the README shows under Going live.",
            )
        settings = read(Settings, {"user": user_name()} | _tables(path))
        _check(settings)
        return settings


def settings_of(paths: Paths) -> Settings:
    """Read a live desk's settings. A training desk has only its world. Raises KnownError as ``load`` does."""
    return Settings(training=True) if paths.training else load(paths.settings)


@dataclass(frozen=True, slots=True)
class _TrainingChoices:
    """The overrides that a training desk's own file may contain."""

    wsapi: NoteSettings | None = None


def with_choices(settings: Settings, path: Path, wsapi_url: str, login_id: str) -> Settings:
    """Return the training desk's settings with the overrides of its own file: a note after a payment.

    Without the file the settings stay unchanged. Raises KnownError as ``load`` does.
    """
    if not path.exists():
        return settings
    with _in_words(path):
        note = read(_TrainingChoices, _tables(path)).wsapi
    if note is None:
        return settings
    found = WsapiSettings(note.employee_code, note.note_as, note.action, wsapi_url, login_id)
    return replace(settings, wsapi=found)


def _tables(path: Path) -> dict[str, Any]:
    """Read the file. Raises OSError and ValueError, and RecursionError for lists in lists in lists."""
    return tomllib.loads(patiently(lambda: base_folder.read_own(path)).decode("utf-8"))


def _check(settings: Settings) -> None:
    """Raise BadSetting if entries that are valid alone do not fit together."""
    if not settings.agency.name:
        raise BadSetting("agency.name must not be empty")
    settings.fees.require_whole()
    if settings.posting.channel is PostingChannel.EMS and not settings.posting.bank_short_name:
        raise BadSetting('posting.bank_short_name must be set where posting.channel is "ems"')


_NEXT_STEP = "Ask your administrator to correct it, then start PayDesk again."
_FOR_ADMIN = "Correct the file and save it."


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Raise KnownError for any fault of the file, and UnreadableError for one that nobody expected."""
    with reading(f"The settings file {path}", _NEXT_STEP):
        try:
            yield
        except (ValueError, OSError) as error:
            raise KnownError(
                f"The settings file {path} can't be read: {_why(error)}.",
                _NEXT_STEP,
                _FOR_ADMIN,
            ) from None
        except RecursionError:
            raise KnownError(
                f"The settings file {path} can't be read: it has lists in lists without end.",
                _NEXT_STEP,
                _FOR_ADMIN,
            ) from None
        except BadSetting as bad:
            raise KnownError(
                f"In the settings file {path}, {bad}.",
                _NEXT_STEP,
                _FOR_ADMIN,
            ) from None


def _why(error: Exception) -> str:
    """Return the reason without a value: a wrong line may hold a password."""
    if isinstance(error, OSError):
        return error.strerror or "the system does not say why"
    return str(error)[:200] if isinstance(error, tomllib.TOMLDecodeError) else "a value in it is none"
