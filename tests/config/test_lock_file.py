"""One program at a time sets up a folder, and one that ended, however it ended, keeps nobody waiting."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from paydesk.config import lock_file
from paydesk.config.keys import KeyStore
from paydesk.config.lock_file import SETUP, alone_in
from paydesk.domain.errors import KnownError
from paydesk.store.database.opening import open_file

HOLDER = """
import sys, time
from pathlib import Path
from paydesk.config.lock_file import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


class Holder:
    """Another program that sets up the folder."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "held\n"

    def die(self) -> None:
        """End without any farewell."""
        self._process.kill()
        self._process.communicate()


def test_another_program_is_waited_for_and_its_death_frees_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = Holder(tmp_path)
    monkeypatch.setattr(lock_file, "WAIT_S", 0.0)
    store = KeyStore(tmp_path / "keys.json")
    for act in (
        lambda: store.set("anddone-api-key", "abc", in_file=True),
        lambda: open_file(tmp_path / "live.ledger", "live", store.ledger_key),
    ):
        with pytest.raises(KnownError, match="Another PayDesk is setting up the folder") as said:
            act()
        assert said.value.next_step.endswith("try again.")
    assert os.listdir(tmp_path) == [SETUP]
    monkeypatch.setattr(lock_file, "WAIT_S", 60.0)
    threading.Timer(0.1, holder.die).start()
    store.set("anddone-api-key", "abc", in_file=True)
    assert store.get("anddone-api-key") == "abc"


def test_the_lock_may_be_nested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_file, "WAIT_S", 0.0)
    (tmp_path / "beside").mkdir()
    with alone_in(tmp_path / "new"), alone_in(tmp_path / "beside" / ".." / "new"):
        pass
    with alone_in(tmp_path / "new"):
        pass


def test_another_thread_waits_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_file, "WAIT_S", 0.0)
    refused = []

    def enter() -> None:
        try:
            with alone_in(tmp_path):
                pass
        except KnownError as error:
            refused.append(error)

    with alone_in(tmp_path):
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_a_lock_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(KnownError, match="can't save in the folder"), alone_in(tmp_path / "file"):
        pass
    (tmp_path / SETUP).symlink_to(tmp_path / "file")
    if hasattr(os, "O_NOFOLLOW"):
        with pytest.raises(KnownError, match="it is a link to another file"), alone_in(tmp_path):
            pass


def test_a_disk_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(_file: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock_file, "lock", no_locks)
    with pytest.raises(KnownError, match="No locks available"), alone_in(tmp_path):
        pass
