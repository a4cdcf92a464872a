"""The tests of the ledger's file with the standard library's SQLite, as on systems without SQLCipher."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from paydesk.store.database import sqlite
from tests.proving import proof

TESTS = Path(__file__).parents[2]
FILES = (
    "database/test_sqlite.py", "database/test_durability.py", "database/test_migrate.py",
    "ledger/test_ledger.py", "ledger/test_sessions.py", "verify/test_verify.py",
)  # fmt: skip


@pytest.mark.skipif(sqlite.driver() is sqlite3, reason="SQLCipher has no wheel here: the tests run so anyway")
@proof
def test_the_ledger_is_as_safe_without_sqlcipher() -> None:
    hidden = os.environ | {"PYTHONPATH": str(TESTS / "fakes" / "without_sqlcipher")}
    files = [str(TESTS / "store" / name) for name in FILES]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-k", "not postgresql", *files]
    done = subprocess.run(command, cwd=TESTS.parent, env=hidden, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "no SQLCipher wheel on this platform" in done.stdout, "it was not hidden"
