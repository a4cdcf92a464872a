"""Run the emulators alone: in a terminal, or as a child of the training desk."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from paydesk.sandbox.anddone.habits import Habit
from paydesk.sandbox.anddone.outcomes import APPROVING_CARDS, DECLINING_CARDS, ISSUER_CODES
from paydesk.sandbox.sandbox import Sandbox
from paydesk.sandbox.server import keys

CHILD_FLAG = "--child"
_START_WAIT_S = 30.0
_STOP_WAIT_S = 10.0
_NO_CONSOLE: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Windows flag: without it a child with a console would open a black window beside the desk."""


def serve(
    anddone_port: int,
    ams360_port: int,
    wsapi_port: int = 0,
    state: Path | None = None,
    habits: Iterable[Habit] = (),
) -> None:
    """Run the emulators in the foreground until Ctrl-C. Port 0 takes a free one."""
    with Sandbox(
        anddone_port=anddone_port, ams360_port=ams360_port, wsapi_port=wsapi_port, state=state, habits=habits
    ) as sandbox:
        try:
            print(_introduction(sandbox), flush=True)
            _until_interrupted()
        except KeyboardInterrupt:
            print("\nThe emulators have ended.")


def _until_interrupted() -> None:
    # Short sleeps, because on Windows an endless wait does not notice Ctrl-C.
    while True:
        time.sleep(0.5)


def serve_child(
    anddone_port: int = 0, ams360_port: int = 0, wsapi_port: int = 0, state: Path | None = None
) -> None:
    """Run the emulators until the parent closes our standard input, or exits.

    The first line of the output is a JSON object with ``anddone_url``, ``ams360_url`` and ``wsapi_url``.
    """
    with Sandbox(
        anddone_port=anddone_port, ams360_port=ams360_port, wsapi_port=wsapi_port, state=state
    ) as sandbox:
        addresses = {
            "anddone_url": sandbox.anddone_url,
            "ams360_url": sandbox.ams360_url,
            "wsapi_url": sandbox.wsapi_url,
        }
        print(json.dumps(addresses), flush=True)
        try:
            sys.stdin.read()
        except KeyboardInterrupt:
            return


class ChildSandbox:
    """The emulators in a child process, which ends when this process does.

    ``command`` starts them, by default with this interpreter. A frozen program passes its own, with
    the arguments that lead to ``serve_child``. Raises RuntimeError if they do not start.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        command = command or (sys.executable, "-m", "paydesk.sandbox", CHILD_FLAG)
        self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, creationflags=_NO_CONSOLE
        )
        addresses = self._first_line()
        self.anddone_url = str(addresses["anddone_url"])
        self.ams360_url = str(addresses["ams360_url"])
        self.wsapi_url = str(addresses["wsapi_url"])

    def stop(self) -> None:
        """Stop the child. It exits on its own when its input closes."""
        try:
            self._process.communicate(timeout=_STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _first_line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        giving_up = threading.Timer(_START_WAIT_S, self._process.kill)
        giving_up.start()
        line = self._process.stdout.readline()
        giving_up.cancel()
        try:
            addresses = json.loads(line)
        except ValueError:
            self.stop()
            raise RuntimeError("The training emulators did not start.") from None
        assert isinstance(addresses, dict)
        return addresses


def _introduction(sandbox: Sandbox) -> str:
    """Return the addresses, keys and cards that a person needs to use the emulators."""
    return "\n".join(
        [
            "AndDone and AMS360, emulated. No money moves. Ctrl-C ends them.",
            "",
            f"AndDone   {sandbox.anddone_url}",
            f"          x-api-key {keys.ANDDONE_API_KEY}   x-app-key {keys.ANDDONE_APP_KEY}",
            f"          x-version {keys.ANDDONE_VERSION}   origin {keys.ANDDONE_ORIGIN}",
            f"          hosted page {sandbox.anddone_url}/?token=TOKEN",
            f"AMS360    {sandbox.ams360_url}",
            f"          appKey {keys.AMS360_APP_KEY}",
            f"          agencyNo {keys.AMS360_AGENCY_NO}   appAccessToAgencyKey {keys.AMS360_ACCESS_KEY}",
            f"WSAPI     {sandbox.wsapi_url}",
            f"          AgencyNo {keys.AMS360_AGENCY_NO}   LoginId {keys.WSAPI_LOGIN_ID}"
            f"   Password {keys.WSAPI_PASSWORD}",
            "",
            "Cards that approve (any code but 999, expiry from this month on):",
            *(f"  {number:<16}  {kind}" for number, kind in APPROVING_CARDS.items()),
            "Cards that are declined:",
            *(f"  {number:<16}  {code} {ISSUER_CODES[code]}" for number, code in DECLINING_CARDS.items()),
            "Bank account: routing 011000138, account 123456789 is accepted; 9000000NN is refused with RNN.",
            "",
            *(f"Habit: {habit}. {habit.sentence}" for habit in sandbox.habits),
            "Faults, habits, amounts and training customers: docs/sandbox.md",
        ]
    )
