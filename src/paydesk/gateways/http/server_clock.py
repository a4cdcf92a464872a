"""The time at AMS360 and AndDone, by the Date header of their servers."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from paydesk.domain.errors import KnownError
from paydesk.gateways.http.call import Call, CallFailed, Limits
from paydesk.gateways.http.client import Client

_LIMITS = Limits(connect_s=5.0, read_s=10.0, total_s=15.0)


def server_time(base_url: str, name: str) -> datetime:
    """Return the server's time in UTC, in whole seconds. Requests its front page. Raises KnownError."""
    parts = urlsplit(base_url)
    try:
        reply = Client(_LIMITS).read(Call("GET", f"{parts.scheme}://{parts.netloc}/", {}))
        return parsedate_to_datetime(reply.date).astimezone(UTC)
    except CallFailed as failure:
        raise KnownError(f"{name} didn't send its time ({failure.why}).", "Try again later.") from None
    except (ValueError, TypeError, OverflowError):
        raise KnownError(f"{name} didn't send its time.", "Try again later.") from None
