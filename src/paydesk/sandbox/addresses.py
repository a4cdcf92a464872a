"""Addresses of running emulators, in a file by which another window of the same folder finds them."""

from __future__ import annotations

import http.client
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from paydesk.sandbox.ams360.ems import BASE
from paydesk.sandbox.ams360.wsapi import PATH
from paydesk.sandbox.server.http import HOST
from paydesk.sandbox.server.site import CONTROL
from paydesk.sandbox.state import replace

PROCESS = "process"
"""Name of the control that answers with the emulators' process."""

_ANSWER_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """The ports of one set of emulators, all on this computer."""

    anddone_port: int
    ams360_port: int
    wsapi_port: int

    @property
    def anddone_url(self) -> str:
        """The base address of AndDone, without a trailing slash."""
        return f"http://{HOST}:{self.anddone_port}"

    @property
    def ams360_url(self) -> str:
        """The base address of EMS, in place of ``https://www.ams360.com/ems``."""
        return f"http://{HOST}:{self.ams360_port}{BASE}"

    @property
    def wsapi_url(self) -> str:
        """The full address of the SOAP service."""
        return f"http://{HOST}:{self.wsapi_port}{PATH}"

    def write(self, path: Path) -> None:
        """Write them and this process into a file. A reader finds the old one or the new one."""
        replace(path, json.dumps(asdict(self) | {PROCESS: os.getpid()}))


def read(path: Path) -> tuple[Addresses, int] | None:
    """Return the addresses in a file and the process that wrote it, or None if there are none."""
    try:
        found = json.loads(path.read_text("utf-8"))
        ports = (int(found[name]) for name in ("anddone_port", "ams360_port", "wsapi_port"))
        return Addresses(*ports), int(found[PROCESS])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def process_at(addresses: Addresses) -> int | None:
    """Ask the emulators at these addresses for their process. Returns None if none answer."""
    line = http.client.HTTPConnection(HOST, addresses.anddone_port, timeout=_ANSWER_WAIT_S)
    try:
        line.request("GET", f"{CONTROL}{PROCESS}")
        return int(json.loads(line.getresponse().read())[PROCESS])
    except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError):
        return None
    finally:
        line.close()
