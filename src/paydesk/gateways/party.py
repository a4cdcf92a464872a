"""Whom we talk to, and what the desk reads when that does not work."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.gateways.fields import WrongAnswer
from paydesk.gateways.http import CallFailed, NeverSent, NotTrusted


@dataclass(frozen=True, slots=True)
class Party:
    """Whom we talk to, and as what the desk knows it; ``keys`` is what to check when it refuses us."""

    system: System
    name: str
    keys: str
    reassurance: str = ""

    def unreachable(self, failure: CallFailed) -> KnownError:
        """The sentence for a call that got no answer."""
        match failure:
            case NeverSent():
                step = self._next("Check the internet connection")
                return NoAnswer(self.system, f"{self.name} cannot be reached.", step, connected=False)
            case NotTrusted():
                return KnownError(
                    f"The server that answers for {self.name} could not prove that it is {self.name}.",
                    self._next("Do not go on; ask whoever looks after the network"),
                )
            case _:
                return self._nothing_said(f"{self.name} gave no clear answer ({failure.why}).")

    def refused(self, status: int, words: str = "") -> KnownError:
        """The sentence for an answer other than success."""
        match status:
            case 401 | 403:
                step = self._next(f"Set them again with “paydesk set-key”: {self.keys}")
                return KnownError(f"{self.name} did not accept PayDesk's keys.", step)
            case 429:
                return self._nothing_said(f"{self.name} is busy.")
            case _ if 300 <= status < 400:
                return KnownError(
                    f"{self.name} sent PayDesk on to another address, where it does not go.",
                    self._next(f"Check the address of {self.name} in the settings"),
                )
            case _ if status >= 500:
                return self._nothing_said(f"{self.name} has a problem of its own (error {status}).")
            case _:
                said = f": {words}" if words else f" (error {status})"
                return KnownError(f"{self.name} refused{said}.", self._next("Call support if it stays so"))

    @contextlib.contextmanager
    def understanding(self) -> Iterator[None]:
        """Turns an answer that is not as the contract says into a sentence."""
        try:
            yield
        except WrongAnswer as wrong:
            said = f"{self.name} sent an answer PayDesk does not understand (field {wrong.field})."
            raise KnownError(said, self._next("Try again; call support if it stays so")) from None

    def _nothing_said(self, sentence: str) -> NoAnswer:
        return NoAnswer(self.system, sentence, self._next("Try again in a minute"), connected=True)

    def _next(self, step: str) -> str:
        return f"{step}; {self.reassurance}." if self.reassurance else f"{step}."


def checked_base_url(url: str, setting: str) -> str:
    """The address without a trailing slash. Raises KnownError unless it is https, or this computer."""
    split = urlsplit(url.strip())
    here = split.hostname in ("127.0.0.1", "localhost", "::1")
    if split.hostname and (split.scheme == "https" or (split.scheme == "http" and here)) and not split.query:
        return url.strip().rstrip("/")
    raise KnownError(f"The setting {setting} is not a safe address.", "It must begin with https://.")


def checked_key(key: str, name: str) -> str:
    """The key without stray blanks. Raises KnownError when it cannot be sent, never showing it."""
    return _header_text(key) or _missing(name, f"Set it with: paydesk set-key {name}")


def checked_setting(text: str, name: str) -> str:
    """The setting without stray blanks. Raises KnownError when it cannot be sent."""
    return _header_text(text) or _missing(name, "Fill it in in the settings.")


def _header_text(text: str) -> str:
    """What can stand in a header, or ""."""
    bare = text.strip()
    return bare if bare.isascii() and bare.isprintable() else ""


def _missing(name: str, step: str) -> NoReturn:
    raise KnownError(f"There is no usable {name}.", step)
