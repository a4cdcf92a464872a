"""Login keys and access tokens of the emulated EMS."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
import time
from typing import Final

DEFAULT_LIFE_S: Final = 3600
_SIGNING_KEY: Final = secrets.token_bytes(32)


class Tokens:
    """Issues tokens that look like JWTs and expire after ``life_s`` seconds of real time.

    Real time, not the sandbox's, because the client compares ``exp`` with its own clock.
    """

    def __init__(self, life_s: int = DEFAULT_LIFE_S) -> None:
        self.life_s = life_s
        self._lock = threading.Lock()
        self._login_keys: set[str] = set()
        self._ends: dict[str, float] = {}

    def new_login_key(self) -> str:
        key = secrets.token_hex(16)
        with self._lock:
            self._login_keys.add(key)
        return key

    def redeem(self, login_key: str) -> bool:
        """Return True if this login key was issued and not used yet. Each is good once."""
        with self._lock:
            known = login_key in self._login_keys
            self._login_keys.discard(login_key)
            return known

    def issue(self) -> str:
        ends = time.time() + self.life_s
        header = _part({"alg": "HS256", "typ": "JWT"})
        payload = _part({"exp": int(ends), "sub": "paydesk", "jti": secrets.token_hex(8)})
        signature = hmac.digest(_SIGNING_KEY, f"{header}.{payload}".encode(), "sha256")
        token = f"{header}.{payload}.{_base64(signature)}"
        with self._lock:
            self._ends[token] = ends
        return token

    def admits(self, authorization: str) -> bool:
        """Return True if the Authorization header carries a token that has not expired."""
        with self._lock:
            return self._ends.get(authorization.removeprefix("Bearer "), 0.0) > time.time()

    def revoke_all(self) -> None:
        """Expire every token now, as when an agency withdraws the grant."""
        with self._lock:
            self._ends.clear()


def _part(value: dict[str, object]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
