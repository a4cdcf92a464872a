"""A real browser without a screen, driven over a pipe with the standard library alone.

Chromium speaks its DevTools protocol on two inherited file descriptors: JSON texts, each with a zero byte
at its end.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from types import TracebackType
from typing import Any, Self

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
    "--window-size=900,1200",
)  # fmt: skip
_AT_DESCRIPTORS = (
    "import os, sys; r, w = (os.dup(int(n)) for n in sys.argv[1:3]);"
    "r, w = (__import__('fcntl').fcntl(n, 0, 10) for n in (r, w));"
    "os.dup2(r, 3); os.dup2(w, 4); os.execvp(sys.argv[3], sys.argv[3:])"
)
"""Put the two pipes at the descriptors 3 and 4, where Chromium expects them, and become Chromium."""
_WAIT_S = 20.0


def find_browser() -> str | None:
    """Return the path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def needs_browser() -> pytest.MarkDecorator:
    """Skip a test where no browser can be driven, and say why."""
    if sys.platform == "win32":
        return pytest.mark.skip(
            reason="a browser is driven over inherited pipes, which Windows does not have"
        )
    return pytest.mark.skipif(
        find_browser() is None, reason=f"no browser on this computer (looked for {', '.join(PROGRAMS)})"
    )


class Browser:
    """One window of a headless Chromium, with a profile of its own that is deleted afterwards."""

    def __init__(self) -> None:
        program = find_browser()
        assert program is not None
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        self._process = subprocess.Popen(
            [
                sys.executable, "-c", _AT_DESCRIPTORS, str(theirs_in), str(theirs_out), program, *FLAGS,
                "--remote-debugging-pipe", f"--user-data-dir={self._profile.name}", "about:blank",
            ],
            pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._to, self._from = os.fdopen(ours_out, "wb", buffering=0), os.fdopen(ours_in, "rb")
        self._sent, self._session = 0, ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._to.close()  # the browser ends with its pipe
        try:
            self._process.wait(_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._from.close()
        self._profile.cleanup()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol and return its result."""
        answer = self._answer(method, parameters)
        assert "error" not in answer, answer
        return dict(answer["result"])

    def _answer(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a call, passing over events."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._sent:
            continue
        return answer

    def open(self, address: str) -> None:
        """Enter an address."""
        self.call("Page.navigate", url=address)

    def value(self, script: str) -> Any:
        """Return the value of a script, or None if the page was just about to change."""
        answer = self._answer("Runtime.evaluate", {"expression": script, "returnByValue": True})
        return answer.get("result", {}).get("result", {}).get("value")

    def see(self, words: str) -> None:
        """Wait until the page shows these words."""
        self.until(f"document.body && document.body.innerText.includes({json.dumps(words)})")

    def until(self, script: str) -> None:
        """Wait until the script says true."""
        end = time.monotonic() + _WAIT_S
        while self.value(script) is not True:
            assert time.monotonic() < end, self.value("document.body && document.body.innerText")
            time.sleep(0.05)

    def write(self, label: str, text: str) -> None:
        """Click the field with this label and press the keys of the text."""
        named = f"l => l.textContent === {json.dumps(label)}"
        field = f"[...document.querySelectorAll('label')].find({named}).control"
        self.click(field)
        assert self.value(f"document.activeElement === {field}"), label
        for key in text:
            self.call("Input.dispatchKeyEvent", type="char", text=key)

    def press(self, words: str) -> None:
        """Click the button or link that begins with these words."""
        self.click(
            "[...document.querySelectorAll('button, a')]"
            f".find(b => b.innerText.startsWith({json.dumps(words)}))"
        )

    def click(self, element: str) -> None:
        """Click the middle of an element with the mouse."""
        place = self.value(
            f"(e => {{ e.scrollIntoView({{block: 'center'}}); const b = e.getBoundingClientRect();"
            f" return [b.x + b.width / 2, b.y + b.height / 2]; }})({element})"
        )
        x, y = place
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def _read(self) -> dict[str, Any]:
        data = bytearray()
        while (byte := self._from.read(1)) != b"\0":
            assert byte, "the browser has ended"
            data += byte
        return dict(json.loads(data))
