"""Refuse what a page in a browser sends to the emulators' ports, and what was meant for another host."""

from __future__ import annotations

from paydesk.sandbox.server.http import Reply, Request

OUR_HOSTS = frozenset({"127.0.0.1", "localhost"})
"""Names in the header ``Host``. A page whose name was rebound to this computer sends its own name."""


def refused(request: Request, checks_origin: bool) -> tuple[int, str] | None:
    """Return the status and the words of a refusal, or None for a program's own request.

    Browsers send ``Origin`` with every POST, and ``Sec-Fetch-Site`` with everything. ``checks_origin`` is
    True if the service judges ``Origin`` itself, as AndDone does.
    """
    if not _is_ours(request.headers.get("host", "")):
        return 421, "This is an emulator on the loopback. The header Host names another computer."
    if request.headers.get("sec-fetch-site", "none") != "none":
        return 403, "A web page may not use the emulators."
    if "origin" in request.headers and not checks_origin:
        return 403, "A request with the header Origin is refused, because a web page sends it."
    return None


def refused_visit(request: Request) -> tuple[int, str] | None:
    """Return the refusal of a visit to a payer's page, or None.

    A payer opens the page as a whole, from a mail program or from anywhere else, and its form is sent by the
    page alone. No other page may frame it, load it as a part of its own, or send its form.
    """
    headers = request.headers
    host, site = headers.get("host", ""), headers.get("sec-fetch-site", "none")
    if not _is_ours(host):
        return 421, "This is an emulator on the loopback. The header Host names another computer."
    if site in ("none", "same-origin"):
        foreign = headers.get("origin", f"http://{host}") != f"http://{host}"
    else:
        foreign = request.method != "GET" or headers.get("sec-fetch-dest") != "document"
    if foreign:
        return 403, "Another web page may not use this page."
    if request.method != "GET" and _kind(request) != "application/x-www-form-urlencoded":
        return 415, "Send the form of the page."
    return None


def refused_control(request: Request) -> Reply | None:
    """Return the refusal of a control, or None. A body must say that it is JSON, which no form can."""
    if found := refused(request, checks_origin=False):
        return Reply.of(found[0], {"error": found[1]})
    if request.body and _kind(request) != "application/json":
        return Reply.of(415, {"error": "Send JSON, with the header Content-Type: application/json."})
    return None


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_ours(host: str) -> bool:
    """Say if the header names this computer, with or without a port. The port may be a proxy's."""
    name, _, port = host.strip().lower().partition(":")
    return name in OUR_HOSTS and (not port or (port.isascii() and port.isdecimal()))
