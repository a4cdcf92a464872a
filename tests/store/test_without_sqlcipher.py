"""The same tests of the ledger's file with the standard library's SQLite, as where SQLCipher has no wheel."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from paydesk.store import engine

TESTS = Path(__file__).parents[1]
FILES = ("engine", "durability", "ledger", "prepared", "sessions", "verify", "migrate")


@pytest.mark.skipif(engine.driver() is sqlite3, reason="SQLCipher has no wheel here: the tests run so anyway")
@pytest.mark.timeout(400)
def test_the_ledger_is_as_safe_without_sqlcipher() -> None:
    hidden = os.environ | {"PYTHONPATH": str(TESTS / "fakes" / "without_sqlcipher")}
    files = [str(TESTS / "store" / f"test_{name}.py") for name in FILES]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-k", "not postgresql", *files]
    done = subprocess.run(command, cwd=TESTS.parent, env=hidden, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "no SQLCipher wheel on this platform" in done.stdout, "it was not hidden"
