"""Talking to EMS: the two-step login, its token, and searches read to their end."""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from paydesk.domain.errors import KnownError, System
from paydesk.gateways.fields import Fields, WrongAnswer
from paydesk.gateways.http import Call, CallFailed, Client, Limits, Reply
from paydesk.gateways.party import Party, checked_base_url, checked_key, checked_setting
from paydesk.gateways.redact import masked

PARTY = Party(
    System.AMS360, "AMS360", "ams360-app-key, ams360-access-key (and check the agency number in the settings)"
)
_MOST_ROWS = 10_000
_PAGING_S = 120.0
_EARLY = timedelta(seconds=60)
"""A token this close to its end is renewed before it is used."""
_LOG_IN_AGAIN = re.compile(r"authori[sz]|token|log ?in|session|expired", re.IGNORECASE)
_NOT_FOUND = re.compile(r"no customer found", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EmsConfig:
    """How to reach EMS. Times are seconds; ``names`` overrides entries of ``ams360_names.NAMES``.

    ``lines_show_receipts``: this agency's invoice lines include money received, so that a
    balance can be added up where the header has none.
    """

    base_url: str
    app_key: str = field(repr=False)
    agency_no: str
    access_key: str = field(repr=False)
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 20.0
    total_timeout_s: float = 30.0
    page_size: int = 100
    names: Mapping[str, str] = field(default_factory=dict)
    lines_show_receipts: bool = False


class EmsSession:
    """One agency's login, shared by all threads; the token stays in memory."""

    def __init__(self, config: EmsConfig, now: Callable[[], datetime]) -> None:
        self._base_url = checked_base_url(config.base_url, "AMS360 address")
        self._app_key = checked_key(config.app_key, "ams360-app-key")
        self._access_key = checked_key(config.access_key, "ams360-access-key")
        self._agency_no = checked_setting(config.agency_no, "AMS360 agency number")
        self._page_size = config.page_size
        self._now = now
        self._client = Client(Limits(config.connect_timeout_s, config.read_timeout_s, config.total_timeout_s))
        self._lock = threading.Lock()
        self._token = ""
        self._ends: datetime | None = None

    def search(self, path: str, model: Mapping[str, object]) -> list[Fields]:
        """Every row of a search once; its pages are read to the end or not at all. Raises KnownError."""
        seen: dict[str, Fields] = {}
        until = time.monotonic() + _PAGING_S
        while True:
            page = self._page(path, model, len(seen))
            fresh = {row.fingerprint(): row for row in page.rows if row.fingerprint() not in seen}
            seen |= fresh
            if len(seen) >= page.total and not (page.more and fresh):
                return list(seen.values())
            if not fresh or len(seen) > _MOST_ROWS or time.monotonic() > until:
                raise KnownError("AMS360's answer does not end.", "Try again; call support if it stays so.")

    def _page(self, path: str, model: Mapping[str, object], skip: int) -> _Page:
        reply = self._asked(path, {"model": model, "skip": skip, "top": self._page_size})
        if reply.status == 403 and _NOT_FOUND.search(message_of(reply)):
            return _Page([], 0, more=False)
        if reply.status != 200:
            raise PARTY.refused(reply.status, message_of(reply))
        with PARTY.understanding():
            fields = reply.fields()
            more = "nextPageLink" in fields or "nextPageRequestBody" in fields
            return _Page(list(fields.rows("response")), fields.whole("totalCount") or 0, more=more)

    def _asked(self, path: str, body: Mapping[str, object]) -> Reply:
        """A read with a good token; a token that was refused is renewed once."""
        token = self._good_token()
        reply = self._sent(path, body, token)
        if reply.status == 401 or (reply.status == 403 and _is_about_login(message_of(reply))):
            reply = self._sent(path, body, self._good_token(refused=token))
        return reply

    def send_once(self, path: str, body: Mapping[str, object]) -> Reply:
        """Send what changes something, on a fresh connection and never twice.

        A token that was refused is renewed once: what came with it was turned away at the door.
        Raises KnownError when the login fails, and CallFailed, NeverSent when surely not sent.
        """
        token = self._good_token()
        reply = self._once(path, body, token)
        if reply.status == 401 or (reply.status == 403 and _is_about_login(message_of(reply))):
            reply = self._once(path, body, self._good_token(refused=token))
        return reply

    def _once(self, path: str, body: Mapping[str, object], token: str) -> Reply:
        headers = {"Authorization": f"Bearer {token}"}
        return self._client.once(Call("POST", self._base_url + path, headers, body))

    def _good_token(self, refused: str = "") -> str:
        """The token, fetched anew when there is none, its end is near, or it is the refused one."""
        with self._lock:
            ending = self._ends is not None and self._now() >= self._ends - _EARLY
            if not self._token or ending or self._token == refused:
                self._token = self._log_in()
                self._ends = end_of(self._token)
            return self._token

    def _log_in(self) -> str:
        key = self._login_step("/auth", {"appKey": self._app_key}, "loginKey")
        access = {
            "loginKey": key,
            "agencyNo": self._agency_no,
            "appAccessToAgencyKey": self._access_key,
        }
        return self._login_step("/auth/app/login", access, "accessJwt")

    def _login_step(self, path: str, body: Mapping[str, object], answer: str) -> str:
        reply = self._sent(path, body)
        if reply.status in (400, 401, 403, 404):
            raise PARTY.refused(401)
        if reply.status != 200:
            raise PARTY.refused(reply.status)
        with PARTY.understanding():
            fields = reply.fields()
            text = fields.text(answer)
            if not text or not text.isascii() or not text.isprintable():
                raise fields.wrong(answer)
            return text

    def _sent(self, path: str, body: Mapping[str, object], token: str = "") -> Reply:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self._client.read(Call("POST", self._base_url + path, headers, body))
        except CallFailed as failure:
            raise PARTY.unreachable(failure) from None


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[Fields]
    total: int
    more: bool


def message_of(reply: Reply) -> str:
    """EMS's own words for a refusal, fit to be shown, or ""."""
    try:
        return masked(reply.fields().text("error"))[:200]
    except WrongAnswer:
        return ""


def _is_about_login(message: str) -> bool:
    return bool(_LOG_IN_AGAIN.search(message)) and not _NOT_FOUND.search(message)


def end_of(token: str) -> datetime | None:
    """When a JWT ends by its own ``exp``; None when it does not say."""
    payload = token.partition(".")[2].partition(".")[0]
    try:
        held = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(held["exp"], UTC)
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        return None
