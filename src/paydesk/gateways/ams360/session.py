"""The session with EMS: the two-step login, its token, and paged searches."""

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
from paydesk.gateways.http.call import Call, CallFailed, Limits, Reply
from paydesk.gateways.http.client import Client
from paydesk.gateways.http.fields import Fields, WrongAnswer
from paydesk.gateways.http.messages import ServiceMessages, checked_base_url, checked_key, checked_setting
from paydesk.gateways.http.redact import masked

MESSAGES = ServiceMessages(
    System.AGENCY_SYSTEM, "ams360-app-key, ams360-access-key (and check the agency number in the settings)"
)
MOST_NAMES = 25
"""Customers that a search by name reads. Whoever looks for one among more types more of the name."""
_MOST_ROWS = 10_000
_PAGING_S = 120.0
_EARLY = timedelta(seconds=60)
"""Time before a token's end in which it is renewed before use."""
_LOG_IN_AGAIN = re.compile(r"authori[sz]|token|log ?in|session|expired", re.IGNORECASE)
_NOT_FOUND = re.compile(r"no customer found", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EmsConfig:
    """Connection settings of EMS. Times are seconds. ``names`` overrides entries of ``names.NAMES``.

    ``lines_show_receipts`` is True if this agency's invoice lines include money received. Then the balance
    can be added up if the header has none.
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
    """One agency's login, shared by all threads. The token stays in memory."""

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
        """Return every row of a search once. Reads all pages, or raises KnownError."""
        seen: dict[str, Fields] = {}
        until = time.monotonic() + _PAGING_S
        while True:
            page = self._page(path, model, len(seen))
            fresh = {row.fingerprint(): row for row in page.rows if row.fingerprint() not in seen}
            seen |= fresh
            if len(seen) >= page.total and not (page.more and fresh):
                return list(seen.values())
            if not fresh or len(seen) > _MOST_ROWS or time.monotonic() > until:
                raise KnownError(
                    "AMS360's answer does not end.",
                    "Try again. If it keeps happening, tell your administrator.",
                )

    def first_page(self, path: str, model: Mapping[str, object], top: int) -> tuple[list[Fields], int]:
        """Return at most ``top`` rows of a search, and how many it found. Raises KnownError."""
        page = self._page(path, model, 0, top)
        rows = page.rows[:top]
        return rows, max(page.total, len(page.rows) + page.more)

    def _page(self, path: str, model: Mapping[str, object], skip: int, top: int = 0) -> _Page:
        reply = self._asked(path, {"model": model, "skip": skip, "top": top or self._page_size})
        if reply.status == 403 and _NOT_FOUND.search(message_of(reply)):
            return _Page([], 0, more=False)
        if reply.status != 200:
            raise MESSAGES.refused(reply.status, message_of(reply))
        with MESSAGES.understanding():
            fields = reply.fields()
            more = "nextPageLink" in fields or "nextPageRequestBody" in fields
            return _Page(list(fields.rows("response")), fields.whole("totalCount") or 0, more=more)

    def _asked(self, path: str, body: Mapping[str, object]) -> Reply:
        """Read with a valid token. Renews a refused token once."""
        token = self._good_token()
        reply = self._sent(path, body, token)
        if reply.status == 401 or (reply.status == 403 and _is_about_login(message_of(reply))):
            reply = self._sent(path, body, self._good_token(refused=token))
        return reply

    def send_once(self, path: str, body: Mapping[str, object]) -> Reply:
        """Send a change on a fresh connection, and never twice.

        A refused token is renewed once, because the server rejected the request that carried it. Raises
        KnownError if the login fails, and CallFailed if there is no complete answer (NeverSent if surely not
        sent).
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
        """Return the token.

        Fetches a new one if there is none, if it ends soon, or if it is the refused one.
        """
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
            raise MESSAGES.refused(401)
        if reply.status != 200:
            raise MESSAGES.refused(reply.status)
        with MESSAGES.understanding():
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
            raise MESSAGES.unreachable(failure) from None


@dataclass(frozen=True, slots=True)
class _Page:
    rows: list[Fields]
    total: int
    more: bool


def message_of(reply: Reply) -> str:
    """Return EMS's own words for a refusal, masked and shortened for the screen, or ""."""
    try:
        return masked(reply.fields().text("error"))[:200]
    except WrongAnswer:
        return ""


def _is_about_login(message: str) -> bool:
    return bool(_LOG_IN_AGAIN.search(message)) and not _NOT_FOUND.search(message)


def end_of(token: str) -> datetime | None:
    """Return the end of a JWT by its own ``exp``, or None if it has none."""
    payload = token.partition(".")[2].partition(".")[0]
    try:
        held = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(held["exp"], UTC)
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        return None
