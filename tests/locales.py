"""Other languages for the tests: the C library's own, compiled into a folder of the test."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

NAMES = ("tr_TR", "az_AZ", "de_DE", "ar_EG", "fa_IR", "ja_JP")
"""Turkish and Azerbaijani (dotless i), a decimal comma, other digits from right to left,
another calendar, other letters."""
EVERY_DAY = ("tr_TR",)
"""Those that ``dev.py test`` tries. ``dev.py prove`` tries the others."""


def computer_of(name: str, folder: Path) -> dict[str, str]:
    """Return the environment of a computer in that language. Skips, with the reason, if it cannot be made."""
    if shutil.which("localedef") is None:
        pytest.skip("no localedef here")
    made = folder / f"{name}.UTF-8"
    done = subprocess.run(
        ["localedef", "-i", name, "-f", "UTF-8", str(made)], capture_output=True, text=True, check=False
    )
    if not made.is_dir():
        pytest.skip(f"localedef cannot make {name}: {done.stderr.strip()[:200]}")
    said = {"LOCPATH": str(folder), "LANG": made.name, "LC_ALL": made.name, "LANGUAGE": name}
    return dict(os.environ) | said
