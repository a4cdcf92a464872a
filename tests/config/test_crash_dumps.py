"""A crash of PayDesk leaves no memory on the disk."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

CRASH = """
import ctypes, os, resource, signal, sys
from paydesk.config import crash_dumps
resource.setrlimit(resource.RLIMIT_CORE, 2 * (resource.getrlimit(resource.RLIMIT_CORE)[1],))
if sys.argv[1] == "forbid":
    crash_dumps.forbid()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE), flush=True)
card = "5555555555554444"
os.kill(os.getpid(), signal.SIGSEGV)
"""


def _crash(folder: Path, mode: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CRASH, mode], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGSEGV
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="PR_GET_DUMPABLE is Linux's")
def test_a_crash_leaves_no_core(tmp_path: Path) -> None:
    assert _crash(tmp_path, "forbid") == "0 (0, 0)"
    assert list(tmp_path.glob("core*")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="core(5) is Linux's")
def test_without_it_there_would_be_a_core(tmp_path: Path) -> None:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text("ascii")
    said = _crash(tmp_path, "allow")
    if pattern.startswith(("|", "/")) or said.endswith("(0, 0)"):
        pytest.skip(f"this system puts no core into the folder: {pattern.strip()}, {said}")
    assert list(tmp_path.glob("core*")) != []


def test_the_program_forbids_dumps_before_anything_else() -> None:
    source = "import sys; sys.argv = ['paydesk', '--version']\nfrom paydesk.__main__ import main\n"
    watch = "import paydesk.config.crash_dumps as dumps; dumps.forbid = lambda: print('forbidden')\n"
    said = subprocess.run(
        [sys.executable, "-c", watch + source + "main()"], capture_output=True, text=True, check=False
    )
    assert said.stdout.startswith("forbidden\nPayDesk")
