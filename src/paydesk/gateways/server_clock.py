"""What time it is at AMS360 and AndDone, by the Date header of their servers."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from paydesk.domain.errors import KnownError
from paydesk.gateways.http import Call, CallFailed, Client, Limits

_LIMITS = Limits(connect_s=5.0, read_s=10.0, total_s=15.0)


def server_time(base_url: str, name: str) -> datetime:
    """The time in UTC at the server, whole seconds. Asks for its front page; raises KnownError."""
    parts = urlsplit(base_url)
    try:
        reply = Client(_LIMITS).read(Call("GET", f"{parts.scheme}://{parts.netloc}/", {}))
        return parsedate_to_datetime(reply.date).astimezone(UTC)
    except CallFailed as failure:
        raise KnownError(f"{name} did not tell its time ({failure.why}).") from None
    except (ValueError, TypeError, OverflowError):
        raise KnownError(f"{name} did not tell its time.") from None
