"""The command line as a person types it: real processes, plain sentences, exit codes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from paydesk import __version__
from paydesk.app import show_message
from paydesk.cli.main import MODULES, run
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.sandbox import Habit
from paydesk.ui.main.window import MainWindow
from paydesk.wiring.desk import open_desk


def paydesk(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program as its own process."""
    return subprocess.run(
        [sys.executable, "-m", "paydesk", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )


def test_version() -> None:
    assert paydesk("--version").stdout == f"PayDesk {__version__}\n"


def test_a_key_is_taken_from_standard_input_and_never_printed(tmp_path: Path) -> None:
    done = paydesk("--basedir", str(tmp_path), "set-key", "anddone-api-key", typed="secret-key\n")
    assert done.returncode == 1
    assert "This computer has no keychain" in done.stderr
    assert "secret-key" not in done.stdout + done.stderr
    chosen = ("set-key", "anddone-api-key", "--in-file")
    done = paydesk("--basedir", str(tmp_path), *chosen, typed="secret-key\n")
    assert done.returncode == 0
    assert "in clear text" in done.stdout
    assert "secret-key" not in done.stdout + done.stderr
    empty = paydesk("--basedir", str(tmp_path), "set-key", "anddone-api-key", typed="\n")
    assert (empty.returncode, empty.stderr) == (1, "No key was entered. Nothing was changed.\n")


def test_any_text_can_be_printed_into_a_pipe_with_an_old_code_page(tmp_path: Path) -> None:
    """As on Windows: a name that Windows-1252 does not have ended the command."""
    file = tmp_path / "王 Łukasz.csv"
    file.write_text("invoice,customer,name,balance\n50999,10001,王,120.00\n", encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "paydesk",
            "--training",
            "--basedir",
            str(tmp_path / "desk"),
            "import",
            str(file),
        ],
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src"), "PYTHONIOENCODING": "cp1252"},
    )
    assert "王 Łukasz.csv: headings in line 1" in done.stdout.decode("utf-8")
    assert b"PayDesk itself failed" not in done.stderr


def test_a_command_without_a_console_names_the_program_that_has_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As in the packaged program for Windows: its window has no console."""
    shown: list[str] = []
    monkeypatch.setattr("paydesk.app.show_message", shown.append)
    monkeypatch.setattr("paydesk.cli.main.COMMAND", "paydesk-cli")
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert run(["--basedir", str(tmp_path / "new"), "doctor", "--ams360", "50123"]) == 1
    (said,) = shown
    assert said.endswith(f"paydesk-cli --basedir {tmp_path / 'new'} doctor --ams360 50123")
    assert not (tmp_path / "new").exists(), "nothing ran"


def test_an_error_without_a_console_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def fail(_paths: Paths) -> int:
        raise KnownError("It rains.", "Wait.", "Bring an umbrella.")

    monkeypatch.setattr("paydesk.app.show_message", shown.append)
    monkeypatch.setattr("paydesk.app.run_window", fail)
    monkeypatch.setattr(sys, "stderr", None)
    assert run(["--training"]) == 1
    assert shown == ["It rains. Bring an umbrella."]


def test_a_message_of_its_own_is_a_window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def close(box: QDialog) -> int:
        shown.extend(text.text() for text in box.findChildren(QLabel))
        return 0

    monkeypatch.setattr(QDialog, "exec", close)
    show_message("It <b>rains</b>.")
    assert shown == ["It <b>rains</b>."]


def test_without_settings_a_command_says_what_to_do(tmp_path: Path) -> None:
    done = paydesk("--basedir", str(tmp_path), "reconcile")
    assert done.returncode == 1
    assert "There are no settings yet" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.ledger"))


@pytest.mark.parametrize(
    "odd", [MemoryError(), RecursionError(), ZeroDivisionError("4111"), AssertionError()]
)
def test_a_bug_has_a_reference_in_the_log_and_no_traceback(
    odd: Exception, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise odd

    monkeypatch.setattr("paydesk.wiring.desk.open_desk", fail)
    assert run(["--training", "--basedir", str(tmp_path), "forget", "1001"]) == 1
    out, said = capsys.readouterr()
    assert out == ""
    assert said.startswith("PayDesk itself failed. Report this to your administrator with reference ")
    reference = re.findall(r"reference ([0-9A-F]{6})", said)[0]
    log = Paths(tmp_path, training=True).log
    assert said.endswith(f"Log file: {log}.\n")
    text = log.read_text(encoding="utf-8")
    assert f"fault {reference}: {type(odd).__name__}" in text
    assert "Traceback" not in said
    assert "4111" not in said + text


def test_forget_on_a_training_desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running = open_desk(Paths(tmp_path, training=True))
    running.desk.lookup.by_invoice("50123")
    assert [hit.customer_name for hit in running.desk.search.find("sample bakry")] == ["Sample Bakery LLC"]
    running.close()
    forget = ["--training", "--basedir", str(tmp_path), "forget"]
    assert run([*forget, "1001"]) == 0
    assert capsys.readouterr().out.startswith("Forgotten, with 2 invoices.")
    assert run([*forget, "1001"]) == 0
    assert capsys.readouterr().out == "Nothing was cached of this customer.\n"
    assert run([*forget, "nobody"]) == 1


def test_reconcile_on_a_training_desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--training", "--basedir", str(tmp_path), "reconcile"]) == 0
    assert capsys.readouterr().out == "No payment is open.\n"


def test_the_sandbox_runs_alone_and_ends_with_ctrl_c() -> None:
    # A shell that runs the tests in the background makes them ignore Ctrl-C, and so would their children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "paydesk", "sandbox", "--habit", "created-201"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )
    assert process.stdout is not None
    try:
        address = next(
            word for line in process.stdout for word in line.split() if word.startswith("http://127.0.0.1")
        )
        with urllib.request.urlopen(f"{address}/_sandbox/habits", timeout=10) as answer:
            assert answer.read() == b'["created-201"]'
        habit = next(line for line in process.stdout if line.startswith("Habit: "))
        assert habit == "Habit: created-201. A new intent is answered 201 instead of 200.\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.communicate()


def test_the_habits_of_the_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sandbox", "--habit", "list"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(Habit)
    assert said[0].split("  ", 1)[0] == "fee-in-adjustment"
    assert run(["sandbox", "--habit", "fee-in-ajustment"]) == 1
    assert capsys.readouterr().err == (
        "There is no habit fee-in-ajustment. See: paydesk sandbox --habit list\n"
    )
    assert run(["sandbox", "--habit", "fee-not-told", "--habit", "fee-in-capture"]) == 1
    assert "exclude each other. See: paydesk sandbox" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (None, "There are no settings yet"),
        ("desk = ", "can't be read"),
        ("[agency]\nname = 'Elm'", "The key anddone-api-key is not set"),
    ],
)
def test_the_window_says_why_a_live_desk_cannot_work(
    qtbot: QtBot, tmp_path: Path, settings: str | None, words: str
) -> None:
    if settings is not None:
        (tmp_path / "settings.toml").write_text(settings)
    window = MainWindow(lambda: open_desk(Paths(tmp_path)).desk)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: words in window.take.notice.text, timeout=5000)
    assert not (tmp_path / "live.ledger").exists()
    window.close()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KnownError, match="can't save in the folder"):
        open_desk(Paths(tmp_path / "file" / "desk", training=True))


@pytest.mark.parametrize("name", [name.strip("_").replace("_", "-") for name in MODULES])
def test_every_command_tells_its_arguments(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: paydesk {name}" in capsys.readouterr().out
