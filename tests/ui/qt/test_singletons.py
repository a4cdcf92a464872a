"""The remedy for PySide6's lost references to None: it works, and it goes when it is no longer needed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

TURNS = 300

LOST = f"""
import sys
from PySide6.QtCore import QCoreApplication
from paydesk.ui.qt import singletons
if sys.argv[1] == "remedied":
    singletons.keep()
app = QCoreApplication([])
before = sys.getrefcount(None)
for _ in range({TURNS}):
    app.processEvents()
print(before - sys.getrefcount(None), before > 1 << 59)
"""

counting = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="this Python does not count references to None"
)


def lost(how: str) -> tuple[int, bool]:
    """References to None lost in so many turns, and whether None was out of reach, in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", LOST, how], capture_output=True, text=True, timeout=60, check=True
    )
    count, out_of_reach = done.stdout.split()
    return int(count), out_of_reach == "True"


@counting
def test_without_the_remedy_references_to_none_are_lost() -> None:
    count, _ = lost("bare")
    assert count >= TURNS // 2, "PySide6 counts None again: remove ui/qt/singletons.py"


@counting
def test_with_the_remedy_none_is_out_of_reach() -> None:
    _, out_of_reach = lost("remedied")
    assert out_of_reach


def test_the_remedy_goes_with_python_3_11() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"].startswith(">=3.11"), (
        "No supported Python counts None: remove ui/qt/singletons.py"
    )
