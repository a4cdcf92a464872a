"""The system's one keychain is used, and no plug-in, settings file or program of somebody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError

from paydesk.config import system_keychain

PROBE = """
import sys
from paydesk.config import keychain
try:
    print("found", keychain.read("anddone-api-key"))
except keychain.KeychainError as error:
    print(error.state.name)
print(sorted(name for name in sys.modules if name.startswith("keyring.backends.") or "planted" in name))
"""
PLANTED = """
from keyring.backend import KeyringBackend
open({mark!r}, "w").close()
class Keyring(KeyringBackend):
    priority = 99
    def get_password(self, service, username):
        return "in plain text"
    def set_password(self, service, username, password): ...
    def delete_password(self, service, username): ...
"""


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no keychain be known from before, and none be switched off by the tests' own variable."""
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    system_keychain._backend.cache_clear()


@pytest.fixture
def rc(tmp_path: Path) -> Path:
    """Return keyring's own settings file."""
    from keyring.util.platform_ import config_root

    file = Path(config_root(), "keyringrc.cfg")
    assert file.is_relative_to(tmp_path) or sys.platform == "darwin"
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


class Viable(KeyringBackend):
    """A plug-in whose system runs here."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        return None

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class NotViable(Viable):
    """A plug-in whose system does not run here."""

    @property
    def priority(self) -> float:  # type: ignore[override]
        raise RuntimeError("no such system")

    viable = False


@pytest.mark.parametrize(
    ("system", "module"),
    [
        ("win32", "keyring.backends.Windows"),
        ("darwin", "keyring.backends.macOS"),
        ("linux", "keyring.backends.SecretService"),
        ("freebsd14", "keyring.backends.SecretService"),
    ],
)
def test_each_system_has_one(monkeypatch: pytest.MonkeyPatch, system: str, module: str) -> None:
    asked: list[str] = []

    def import_module(name: str) -> type:
        asked.append(name)
        return type("Module", (), {"Keyring": Viable, "WinVaultKeyring": Viable})

    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("importlib.import_module", import_module)
    assert isinstance(system_keychain.system_keychain(), Viable)
    assert asked == [module]


def test_a_system_that_does_not_run_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = type("Module", (), {"Keyring": NotViable, "WinVaultKeyring": NotViable})
    monkeypatch.setattr("importlib.import_module", lambda name: found)
    with pytest.raises(NoKeyringError):
        system_keychain.system_keychain()


@pytest.mark.parametrize("name", ["fail", "null"])
@pytest.mark.parametrize("by_file", [True, False])
def test_a_person_may_switch_it_off(
    monkeypatch: pytest.MonkeyPatch, rc: Path, name: str, by_file: bool
) -> None:
    monkeypatch.setattr(system_keychain, "_backend", lambda module, name: pytest.fail("it was asked"))
    if by_file:
        rc.write_text(f"[backend]\ndefault-keyring=keyring.backends.{name}.Keyring\n", encoding="utf-8")
    else:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{name}.Keyring")
    with pytest.raises(NoKeyringError):
        system_keychain.system_keychain()
    rc.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "words", ["", "default-keyring", "[backend\n", "[other]\nx=1\n", "[backend]\n", "\x00\xff"]
)
def test_settings_that_make_no_sense_are_let_be(
    monkeypatch: pytest.MonkeyPatch, rc: Path, words: str
) -> None:
    monkeypatch.setattr(system_keychain, "_backend", lambda module, name: Viable)
    rc.write_text(words, encoding="latin-1")
    assert system_keychain.system_keychain() is Viable  # type: ignore[comparison-overlap]
    rc.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="the programs that were run are Linux's")
@pytest.mark.parametrize("way", ["file", "variable", "entry point", "none"])
def test_nothing_planted_is_loaded_or_run(tmp_path: Path, rc: Path, way: str) -> None:
    """Plant a keychain that keeps keys in plain text, and programs named like a compiler."""
    planted, mark, programs = tmp_path / "planted", tmp_path / "loaded", tmp_path / "bin"
    for folder in (planted, programs):
        folder.mkdir()
    (planted / "planted_chain.py").write_text(PLANTED.format(mark=str(mark)), encoding="utf-8")
    for name in ("ldconfig", "gcc", "cc", "ld", "objdump", "which"):
        (programs / name).write_text(f"#!/bin/sh\n: > {mark}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    env = {**os.environ, "PATH": f"{programs}:/usr/bin:/bin"}
    if way == "file":
        rc.write_text(
            f"[backend]\ndefault-keyring=planted_chain.Keyring\nkeyring-path={planted}\n", encoding="utf-8"
        )
    else:
        env["PYTHONPATH"] = f"{planted}:{env.get('PYTHONPATH', '')}"
    if way == "variable":
        env["PYTHON_KEYRING_BACKEND"] = "planted_chain.Keyring"
    if way == "entry point":
        info = planted / "planted-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n", encoding="utf-8"
        )
        (info / "entry_points.txt").write_text(
            "[keyring.backends]\nplanted = planted_chain\n", encoding="utf-8"
        )
    done = subprocess.run([sys.executable, "-c", PROBE], env=env, capture_output=True, text=True, check=False)
    state, loaded = done.stdout.splitlines()
    assert state == "ABSENT", done.stderr
    assert (
        loaded == "['keyring.backends.SecretService', 'keyring.backends.fail']"
    )  # keyring's core has the other
    assert not mark.exists()
