"""A remote service, and the messages shown when a call to it fails."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, assert_never
from urllib.parse import urlsplit
from urllib.request import getproxies

from paydesk import COMMAND
from paydesk.domain.errors import KnownError, NoAnswer, System
from paydesk.gateways.http.call import CallFailed, Distrust, NeverSent, NotTrusted
from paydesk.gateways.http.fields import WrongAnswer


@dataclass(frozen=True, slots=True)
class ServiceMessages:
    """The messages about one remote service. ``keys`` are those to check.

    ``service`` is its name for the clerk, if its system has more than one. ``filters`` is True if it also
    filters by internet address.
    """

    system: System
    keys: str
    service: str = ""
    filters: bool = False

    @property
    def name(self) -> str:
        """The name of the service or else of its vendor."""
        return self.service or self.system.vendor.name

    def unreachable(self, failure: CallFailed) -> KnownError:
        """Return the error for a call that got no answer."""
        match failure:
            case NeverSent():
                return NoAnswer(
                    self.system,
                    f"{self.name} can't be reached.",
                    "Check the internet connection.",
                    self._around_proxy(),
                    connected=False,
                )
            case NotTrusted():
                return KnownError(
                    f"The server that answers for {self.name} could not prove that it is {self.name}.",
                    "Stop, and ask your administrator to check the network.",
                    self._certificate_step(failure.distrust),
                )
            case _:
                return self._nothing_said(f"{self.name} gave no clear answer ({failure.why}).")

    def refused(self, status: int, words: str = "") -> KnownError:
        """Return the error for an answer other than success."""
        match status:
            case 401 | 403:
                return self._locked_out(by_address=self.filters and status == 403)
            case 429:
                return self._nothing_said(f"{self.name} is busy.")
            case _ if 300 <= status < 400:
                return KnownError(
                    f"{self.name} sent PayDesk to another address, and PayDesk did not follow.",
                    f"Ask your administrator to check {self.name}'s address in the settings.",
                )
            case _ if status >= 500:
                return self._nothing_said(f"{self.name} is having a problem (error {status}).")
            case _:
                said = f": {words.rstrip(' .')}" if words else f" (error {status})"
                return KnownError(
                    f"{self.name} refused{said}.", "If this keeps happening, tell your administrator."
                )

    def _around_proxy(self) -> str:
        """Return the step of an administrator whose computers are set to use a proxy, or ""."""
        if "https" not in getproxies():
            return ""
        return (
            "This computer is set to use a proxy, and PayDesk connects without one. Allow direct connections "
            f"to {self._hosts}, or check the internet connection (docs/windows.md)."
        )

    def _certificate_step(self, distrust: Distrust) -> str:
        match distrust:
            case Distrust.UNKNOWN_ISSUER:
                return (
                    "Its certificate is of an unknown issuer. A firewall or virus scanner that opens TLS "
                    f"connections looks so: exempt {self._hosts} (docs/windows.md). If there is none, "
                    "somebody else may be reading along."
                )
            case Distrust.OUT_OF_DATE:
                return "Its certificate is out of date. Check this computer's date and time first."
            case Distrust.OTHER_NAME:
                return (
                    "Its certificate is another server's. A guest network that wants a sign-in looks so: "
                    "open a web page in a browser."
                )
            case Distrust.OTHER:
                return ""
            case never:
                assert_never(never)

    @property
    def _hosts(self) -> str:
        vendor = self.system.vendor
        return " and ".join((*vendor.hosts, *([vendor.test_host] if vendor.test_host else [])))

    def _locked_out(self, *, by_address: bool) -> KnownError:
        step = "Ask your administrator to set them again."
        command = f"Set them again with “{COMMAND} set-key”: {self.keys}."
        if not by_address:
            return KnownError(f"{self.name} did not accept PayDesk's keys.", step, command)
        return KnownError(
            f"{self.name} did not accept PayDesk's keys or this office's internet address.",
            "Ask your administrator to check both.",
            f"{command} If they are right, ask {self.name} to allow this office's IP address.",
        )

    @contextlib.contextmanager
    def understanding(self) -> Iterator[None]:
        """Turn an answer that breaks the contract into a KnownError."""
        try:
            yield
        except WrongAnswer as wrong:
            said = f"{self.name} sent an answer PayDesk can't read (field {wrong.field})."
            raise KnownError(said, "Try again. If it keeps happening, tell your administrator.") from None

    def _nothing_said(self, sentence: str) -> NoAnswer:
        return NoAnswer(self.system, sentence, "Try again in a minute.", connected=True)


def checked_base_url(url: str, setting: str) -> str:
    """Return the address without a trailing slash. Raises KnownError unless it is https or this computer."""
    split = urlsplit(url.strip())
    here = split.hostname in ("127.0.0.1", "localhost", "::1")
    if split.hostname and (split.scheme == "https" or (split.scheme == "http" and here)) and not split.query:
        return url.strip().rstrip("/")
    raise KnownError(
        f"The setting {setting} is not a safe address.",
        "Ask your administrator to correct it: it must begin with https://.",
    )


def checked_key(key: str, name: str) -> str:
    """Return the key without stray blanks. Raises KnownError, without the key, if it cannot be sent."""
    return _header_text(key) or _missing(
        name, "Ask your administrator to set it.", f"Set it with: {COMMAND} set-key {name}"
    )


def checked_setting(text: str, name: str) -> str:
    """Return the setting without stray blanks. Raises KnownError if it cannot be sent."""
    return _header_text(text) or _missing(name, "Ask your administrator to fill it in, in the settings.")


def _header_text(text: str) -> str:
    """Return the text if a header can hold it. Returns "" if not."""
    bare = text.strip()
    return bare if bare.isascii() and bare.isprintable() else ""


def _missing(name: str, step: str, admin: str = "") -> NoReturn:
    raise KnownError(f"The {name} is missing or can't be used.", step, admin)
