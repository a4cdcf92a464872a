"""The markup that the pages share: a document, a field with its label, a row of amounts."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final

from paydesk.domain.money import Money
from paydesk.sandbox.anddone.links.replies import LINK_PATH
from paydesk.sandbox.anddone.pages.forms import Field
from paydesk.sandbox.anddone.pages.style import STYLE
from paydesk.sandbox.server.http import Reply

REFRESH_S: Final = 1
_FORWARD: Final = (
    f'function go(){{var token=location.hash.replace(/^#\\/?/,"");'
    f'if(token)location.replace("{LINK_PATH}"+encodeURIComponent(token));}}'
    f"go();addEventListener('hashchange',go);"
)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(_FORWARD)}; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # no-referrer would make a browser send Origin: null
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def reply(page: str, status: int = 200) -> Reply:
    """Return a page as a reply, which no other page may frame."""
    return Reply(status, page.encode(errors="replace"), "text/html; charset=utf-8", HEADERS)


def document(title: str, body: str, refresh: bool = False) -> str:
    again = f'<meta http-equiv="refresh" content="{REFRESH_S}">' if refresh else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{again}'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>'
        f'<body><p class="training">TRAINING: no money moves. Use test cards only.</p><main>{body}</main>'
        "</body></html>"
    )


def labeled(field: Field, value: str, error: str, *, again: bool, focused: bool) -> str:
    """Return a field with its label, and its error or hint tied to it for a screen reader.

    ``again`` asks for a value that the page has dropped, because it is secret.
    """
    name = field.name
    note = error or ("Enter it again." if again else "")
    kind = "wrong" if error else "hint"
    said = f'<span class="{kind}" id="{name}-note">{escape(note)}</span>' if note else ""
    state = f' aria-describedby="{name}-note"' if note else ""
    state += ' aria-invalid="true"' if error else ""
    state += " autofocus" if focused else ""
    common = f'id="{name}" name="{name}" required autocomplete="{field.autocomplete}"{state}'
    label = f'<label for="{name}">{field.label}</label>'
    return f'<div class="field">{label}{_input(field, common, value)}{said}</div>'


def _input(field: Field, common: str, value: str) -> str:
    if field.choices:
        options = "".join(
            f'<option value="{key}"{" selected" if key == value else ""}>{words}</option>'
            for key, words in field.choices
        )
        return f"<select {common}>{options}</select>"
    kind = "password" if field.name == "securityCode" else "text"
    mode = ' inputmode="numeric"' if field.digits else ""
    held = "" if field.secret else escape(value)
    return f'<input {common} type="{kind}"{mode} maxlength="200" value="{held}">'


def row(label: str, cells: list[Money]) -> str:
    return f'<tr><th scope="row">{label}</th>{"".join(f"<td>{cell.shown}</td>" for cell in cells)}</tr>'


def text_of(value: object) -> str:
    """Return a text of others, escaped, and kept from changing the direction of what follows."""
    return f'<bdi dir="auto">{escape(str(value))}</bdi>'


def forwarding_page() -> str:
    """Return the page that a link's address opens. A script reads the token, which no server gets."""
    return document(
        "Payment Link",
        "<p>One moment.</p><noscript><p>This page needs JavaScript, like AndDone’s own. Without it, open "
        f"{LINK_PATH} with the end of the address behind it.</p></noscript><script>{_FORWARD}</script>",
    )


def unknown_page() -> str:
    """Return the page of an address that leads to nothing."""
    return document("AndDone", "<h1>This payment does not exist.</h1><p>Check the address.</p>")
