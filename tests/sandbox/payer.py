"""A payer without a browser: opens a page, fills its form by the labels, and sends it as a browser does."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import requests

CARD = {
    "Name on card": "Dana Example",
    "Card number": "4000 6200 0000 0007",
    "Valid through (MM/YY)": "03/30",
    "Security code": "737",
    "Street number": "12",
    "Street name": "Elm St",
    "City": "Avon",
    "State": "NY",
    "ZIP code": "14414",
    "Country": "1",
}
ACCOUNT = {
    "Account holder": "Dana Example",
    "Routing number": "011000138",
    "Bank name": "Sample Bank",
    "Account number": "123456789",
    "Account number again": "123456789",
    "Account type": "checking",
}


class Seen(HTMLParser):
    """A page as a payer sees it: its words, its form by label, and its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.action = ""
        self.names: dict[str, str] = {}
        """Names of the fields by their labels."""
        self.values: dict[str, str] = {}
        self.tags: list[str] = []
        self.links: list[str] = []
        self._label = self._text = ""
        self.feed(html)

    @property
    def words(self) -> str:
        return " ".join(self._text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "form":
            self.action = held["action"]
        elif tag == "label":
            self._label = held["for"]
        elif tag == "input":
            self.values[held["name"]] = held["value"]
        elif tag == "a":
            self.links.append(held["href"])

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] not in ("style", "script"):
            self._text += f" {data}"
        if self._label:
            self.names[data] = self._label
            self._label = ""


class Payer:
    """One payer's visit, from a link's or a page's address on."""

    def __init__(self, address: str) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.url = address.replace("#/", "")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()

    def open(self) -> Seen:
        """Open the address, as a click in a mail program does."""
        return self._see(self.session.get(self.url, headers={"Sec-Fetch-Site": "none"}, timeout=5))

    def choose(self, tab: str) -> Seen:
        """Choose a tab by its name."""
        (address,) = [link for link in self.seen.links if link.endswith(f"tab={tab}")]
        return self._see(self.session.get(urljoin(self.url, address), timeout=5))

    def send(self, form: dict[str, str], **other: str) -> Seen:
        """Send the form, its fields named by their labels. ``other`` are headers."""
        assert set(form) == set(self.seen.names), "the form has other fields"
        origin = f"http://{urlsplit(self.url).netloc}"
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"} | other
        data = {self.seen.names[label]: value for label, value in form.items()}
        return self._see(
            self.session.post(urljoin(self.url, self.seen.action), data, headers=headers, timeout=5)
        )

    def _see(self, reply: requests.Response) -> Seen:
        self.status, self.url, self.html, self.headers = (
            reply.status_code, reply.url, reply.text, reply.headers,
        )  # fmt: skip
        self.seen = Seen(reply.text)
        return self.seen


def hosted(url: str, token: str) -> str:
    """Return the address of the hosted page of an intent."""
    return f"{url}/?token={token}"


def attempt(address: str) -> str:
    """Return the transaction that an address names."""
    (found,) = re.findall("attempt=([0-9a-f-]{36})", address)
    return str(found)
