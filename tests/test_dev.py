"""The developer tools: their messages if something is missing, and what they install."""

import ast
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

import dev
import paydesk
from tests import proving

LOCK_FILES = sorted(Path(dev.ROOT, "requirements").glob("*.txt"))
PROJECT = tomllib.loads(Path(dev.ROOT, "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout without its virtual environment."""
    folder = tmp_path / "venv"
    folder.mkdir()
    monkeypatch.setattr(dev, "VENV", folder)
    monkeypatch.setattr(dev, "STAMP", folder / "installed.txt")
    monkeypatch.setattr(dev, "QT_LOADS", folder / "qt-loads.txt")
    return folder


# -- the computer


@pytest.mark.parametrize("version", [(3, 6), (3, 10), (3, 15), (4, 0)])
def test_another_python_is_refused_with_what_to_do(version: tuple[int, int]) -> None:
    with pytest.raises(
        SystemExit, match=rf"needs Python 3\.11 to 3\.14; this is Python {version[0]}\."
    ) as stopped:
        dev.check_python(version)
    assert "dev.py" in str(stopped.value) or "Install" in str(stopped.value)


def test_a_python_that_fits_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / ("python3.12.exe" if os.name == "nt" else "python3.12")
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["dev.py", "demo"])
    with pytest.raises(SystemExit, match=r"python3\.12 dev\.py demo"):
        dev.check_python((3, 9))


@pytest.mark.parametrize("version", [(3, 11), (3, 14)])
def test_a_python_that_fits_is_taken(version: tuple[int, int]) -> None:
    dev.check_python(version)


def test_an_old_python_can_read_the_file() -> None:
    ast.parse(Path(dev.__file__).read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("machine", "library", "version", "fits"),
    [
        ("x86_64", "glibc", "2.34", True),
        ("x86_64", "glibc", "2.4", False),
        ("x86_64", "glibc", "2.31", False),
        ("aarch64", "glibc", "2.36", False),
        ("aarch64", "glibc", "2.41", True),
        ("x86_64", "", "", False),
        ("riscv64", "glibc", "2.41", False),
    ],
)
def test_linux_must_be_new_enough_for_qt(machine: str, library: str, version: str, fits: bool) -> None:
    assert dev.glibc_fits(machine, library, version) is fits


def test_missing_libraries_are_found_in_what_python_and_the_linker_say() -> None:
    said = (
        "ImportError: libEGL.so.1: cannot open shared object file: No such file or directory\n"
        "\tlibxcb-cursor.so.0 => not found\n"
        "\tlibxcb-cursor.so.0 => not found\n"
        "\tlibQt6Gui.so.6 => not found\n"
        "\tlibz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x00007f)\n"
    )
    assert dev.missing_libraries(said) == ["libEGL.so.1", "libxcb-cursor.so.0"]


def test_missing_libraries_are_named_with_their_packages() -> None:
    advice = dev.libraries_advice(["libEGL.so.1", "libglib-2.0.so.0", "libgthread-2.0.so.0", "libodd.so.7"])
    assert "sudo apt install libegl1 libglib2.0-0\n" in advice
    assert "sudo dnf install libglvnd-egl glib2\n" in advice
    assert "libodd.so.7" in advice


@pytest.mark.usefixtures("fresh")
def test_a_library_that_qt_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "python", lambda: sys.executable)
    monkeypatch.setattr(
        dev, "QT_PROBE", "raise ImportError('libGL.so.1: cannot open shared object file: No such')"
    )
    with pytest.raises(dev.SetupError, match="sudo apt install libgl1"):
        dev.check_qt()


def test_no_screen_is_said_before_anything_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "has_display", lambda: False)
    monkeypatch.setattr(dev, "prepare", lambda level: pytest.fail(f"installs {level}"))
    monkeypatch.setattr(sys, "argv", ["dev.py", "demo"])
    assert dev.main() == 1
    assert "dev.py tour --out" in capsys.readouterr().err


def test_a_python_without_venv_says_what_brings_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(dev.SetupError, match=rf"sudo apt install python3\.{sys.version_info.minor}-venv"):
        dev.make_venv(tmp_path)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        (
            "NewConnectionError: failed to establish: [Errno -3] Temporary failure in name resolution",
            "internet",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "not the one that was locked",
        ),
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: something else", "something else"),
    ],
)
def test_what_pip_says_becomes_what_to_do(said: str, advice: str) -> None:
    assert advice in dev.pip_advice(said)


def test_no_network_is_said_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip really runs here, against a port without a server."""
    for name in [name for name in os.environ if name.startswith("PIP_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    settings = {"INDEX_URL": "http://127.0.0.1:9/", "RETRIES": "1", "CONFIG_FILE": os.devnull, "TIMEOUT": "2"}
    for name, value in settings.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    lock = tmp_path / "lock.txt"
    lock.write_text(f"paydesk-no-such-package==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    with pytest.raises(dev.SetupError, match="Connect to the internet"):
        dev.pip_install(dev.VENV, lock)


def test_only_ready_made_packages_with_a_locked_hash_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(dev, "subprocess", SimpleNamespace(run=run, PIPE=subprocess.PIPE))
    dev.pip_install(tmp_path, dev.LOCKS["run"])
    (command,) = asked
    assert "--require-hashes" in command
    assert "--no-deps" in command
    assert command[command.index("--only-binary") + 1] == ":all:"


def test_a_package_with_another_hash_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip really runs here, on a wheel in a folder."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    wheel = tmp_path / "odd-1.0-py3-none-any.whl"
    wheel.write_bytes(b"not what was locked")
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(tmp_path), "CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    lock = tmp_path / "lock.txt"
    lock.write_text(f"odd==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    with pytest.raises(dev.SetupError, match="not the one that was locked"):
        dev.pip_install(dev.VENV, lock)


@pytest.mark.parametrize("name", ["hatchling"])
def test_the_wheel_is_made_by_one_version(name: str) -> None:
    (required,) = PROJECT["build-system"]["requires"]
    assert re.fullmatch(rf"{name}==\d+(\.\d+)+", required)


# -- the virtual environment


@pytest.mark.usefixtures("fresh")
def test_a_half_made_environment_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(dev, "make_venv", lambda where, clear=False: asked.append(clear))
    monkeypatch.setattr(dev, "pip_install", _fail)
    Path(dev.python()).parent.mkdir()
    Path(dev.python()).touch()
    for stamp, clear in [(None, True), (dev.stamp("run"), False), ("Python 3.10", True)]:
        dev.STAMP.unlink(missing_ok=True)
        if stamp:
            dev.STAMP.write_text(stamp, encoding="utf-8")
        with pytest.raises(dev.SetupError):
            dev.install("run")
        assert asked.pop() is clear
        assert not dev.installed("run")


@pytest.mark.usefixtures("fresh")
def test_the_second_start_installs_nothing() -> None:
    dev.STAMP.write_text(dev.stamp("dev"), encoding="utf-8")
    assert not dev.installed("dev"), "its Python is gone"
    Path(dev.python()).parent.mkdir()
    Path(dev.python()).touch()
    assert dev.installed("dev")
    assert dev.installed("run")
    dev.STAMP.write_text(dev.stamp("run"), encoding="utf-8")
    assert dev.installed("run")
    assert not dev.installed("dev")


def _fail(where: Path, lock: Path) -> None:
    raise dev.SetupError(f"no network for {lock} into {where}")


# -- what is installed


@pytest.mark.parametrize("lock", LOCK_FILES, ids=lambda path: path.name)
def test_every_locked_package_has_its_version_and_hashes_and_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    assert entries
    for entry in entries:
        first, *hashes = (line.strip().removesuffix("\\").strip() for line in entry.splitlines())
        assert re.match(r"[a-z0-9-]+==[\w.]+( ;|$)", first), first
        assert hashes
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes), first
    assert "://" not in text
    assert "index" not in text


def test_the_locks_agree_and_hold_what_the_project_asks_for() -> None:
    run, everything = _pins("run.txt"), _pins("dev.txt")
    assert run.items() <= everything.items()
    assert _names(PROJECT["project"]["dependencies"]) <= run.keys()
    assert _names(PROJECT["dependency-groups"]["dev"]) <= everything.keys()


def test_each_chosen_dependency_is_justified() -> None:
    page = Path(dev.ROOT, "docs/dependencies.md").read_text(encoding="utf-8").lower()
    chosen = _names(PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"])
    assert not [name for name in sorted(chosen | {"uv"}) if f"| {name} |" not in page]


def _pins(name: str) -> dict[str, str]:
    text = Path(dev.ROOT, "requirements", name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=;]", wanted)[0].strip().lower() for wanted in requirements}


# -- the commands


def test_the_build_server_runs_the_same_commands() -> None:
    script = Path(dev.ROOT, ".ci/run").read_text(encoding="utf-8")
    assert script.splitlines()[-2:] == ["python3 dev.py test", "python3 dev.py prove"]


def test_the_version_stands_in_one_place() -> None:
    assert "version" in PROJECT["project"]["dynamic"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "src/paydesk/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", paydesk.__version__)


def test_checks_go_on_after_a_failure_and_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[tuple[str, ...]] = []

    def run(*command: str) -> int:
        ran.append(command)
        return int("mypy" in command)

    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(dev, "prepare", lambda level: None)
    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(sys, "argv", ["dev.py", "test", "-k", "money"])
    assert dev.main() == 1
    assert ran[-1][-2:] == ("-k", "money")
    assert re.findall(r"^(FAILED|ok) +(\S+)", capsys.readouterr().out, re.MULTILINE) == [
        ("ok", "ruff"), ("ok", "ruff"), ("FAILED", "mypy"), ("ok", "import-linter"), ("ok", "pytest"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "server", "measured"),
    [("test", True, True), ("test", False, False), ("prove", True, False), ("prove", False, True)],
)
def test_a_build_server_runs_the_tests_once_and_measures_coverage_then(
    monkeypatch: pytest.MonkeyPatch, command: str, server: bool, measured: bool
) -> None:
    ran: list[tuple[str, ...]] = []

    def run(*words: str) -> int:
        ran.append(words)
        return 0

    monkeypatch.setenv("CI", "true" if server else "")
    for name in ("PAYDESK_PROVE", "PAYDESK_PROVE_UNTIL"):
        monkeypatch.setenv(name, "set before, so that it is as before at the end of this test")
    monkeypatch.setattr(dev, "prepare", lambda level: None)
    monkeypatch.setattr(dev, "build", lambda options: 0)
    monkeypatch.setattr(dev, "run", run)
    monkeypatch.setattr(sys, "argv", ["dev.py", command])
    assert dev.main() == 0
    assert any("--cov" in words for words in ran) is measured
    assert any(f"--fail-under={dev.FLOOR_OF_CORE}" in words for words in ran) is measured


@pytest.mark.parametrize(
    ("words", "server", "minutes"),
    [([], "", None), ([], "true", dev.BUILD_SERVER_MINUTES), (["--minutes", "5"], "true", 5)],
)
def test_the_proofs_of_a_slow_build_server_end_in_time(
    monkeypatch: pytest.MonkeyPatch, words: list[str], server: str, minutes: float | None
) -> None:
    monkeypatch.setenv("CI", server)
    for name in ("PAYDESK_PROVE", "PAYDESK_PROVE_UNTIL"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(dev, "prepare", lambda level: None)
    monkeypatch.setattr(dev, "build", lambda options: 0)
    monkeypatch.setattr(dev, "run", lambda *words: 0)
    monkeypatch.setattr(time, "time", lambda: 1_000.0)
    monkeypatch.setattr(sys, "argv", ["dev.py", "prove", *words])
    assert dev.main() == 0
    assert os.environ["PAYDESK_PROVE_UNTIL"] == ("" if minutes is None else str(1_000 + minutes * 60.0))


def test_the_time_ends_only_what_was_tasted_and_each_day_begins_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marks = {"one": "tasted", "two": "proof", "three": "tasted", "four": "tasted"}
    items = [
        cast(pytest.Item, SimpleNamespace(name=name, get_closest_marker=mark.__eq__))
        for name, mark in marks.items()
    ]
    orders = set()
    for day in range(3):
        monkeypatch.setattr(proving, "DAY", day)
        first, *rest = (item.name for item in proving.in_order_of_today(items))
        assert first == "two"
        assert sorted(rest) == ["four", "one", "three"]
        orders.add(rest[0])
    assert len(orders) == 3
    for item in items:
        proving.skip_when_time_is_over(item)
    monkeypatch.setattr(proving, "_UNTIL", 1.0)
    proving.skip_when_time_is_over(items[1])
    with pytest.raises(pytest.skip.Exception, match="the minutes are over"):
        proving.skip_when_time_is_over(items[0])


# -- the packaged program


def test_a_file_that_differs_is_named(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name / "lib").mkdir(parents=True)
        (tmp_path / name / "same").write_text("same", encoding="utf-8")
        (tmp_path / name / "lib/odd").write_text(name, encoding="utf-8")
    (tmp_path / "second/new").touch()
    (tmp_path / "first/gone").touch()
    first, second = tmp_path / "first", tmp_path / "second"
    assert dev.differences(first, second) == ["gone", "lib/odd", "new"]
    assert dev.differences(first, first) == []


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_that_leads_elsewhere_differs(tmp_path: Path) -> None:
    for name, target in (("first", "a"), ("second", "b")):
        (tmp_path / name).mkdir()
        for file in ("a", "b"):
            (tmp_path / name / file).touch()
        (tmp_path / name / "link").symlink_to(target)
    assert dev.differences(tmp_path / "first", tmp_path / "second") == ["link"]


@pytest.mark.parametrize(("second", "code"), [("the same", 0), ("another", 1)])
def test_building_twice_compares_the_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    second: str,
    code: int,
) -> None:
    def package(out: Path) -> int:
        (out / "paydesk").mkdir(parents=True)
        (out / "paydesk/program").write_text(second if out != tmp_path else "the same", encoding="utf-8")
        return 0

    monkeypatch.setattr(dev, "package", package)
    package(tmp_path)
    assert dev.build_again(tmp_path) == code
    said = capsys.readouterr().out
    assert ("differs: program" in said) is bool(code)
    assert f"Built twice: {code} of 1 files differ." in said


def test_nothing_of_this_start_gets_into_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import os; print(os.environ['PYTHONHASHSEED'], os.environ['SOURCE_DATE_EPOCH'])"
    asked: list[str] = []

    def packs(
        command: list[str], cwd: Path, env: dict[str, str], check: bool
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
        )
        asked.append(done.stdout.strip())
        return done

    for seed in ("5", "random"):
        with monkeypatch.context() as patch:
            patch.setenv("PYTHONHASHSEED", seed)
            patch.setattr(dev, "subprocess", SimpleNamespace(run=packs))
            assert dev.package(tmp_path) == 0
    assert asked == ["1 315532800"] * 2


def test_an_unknown_word_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, dev.__file__, "demo", "--fullscreen"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "unknown: --fullscreen" in done.stderr


def test_the_money_path_is_told_as_it_is_checked() -> None:
    page = " ".join(Path(dev.ROOT, "CONTRIBUTING.md").read_text(encoding="utf-8").split())
    (covered,) = re.findall(rf"It is {dev.FLOOR_OF_CORE} % for (.*?)\.", page)
    (path,) = re.findall(r"a change of the money path\*\*: (.*?) in `src/paydesk`", page)
    said = [
        [f"src/paydesk/{name}/" for name in re.findall(r"`([\w/]+)`", sentence)]
        for sentence in (covered, path)
    ]
    assert said[0] == list(dev.FULLY_COVERED)
    assert {*said[1]} <= {*dev.MONEY_PATH}
    assert all(folder.startswith(tuple(said[1])) for folder in dev.MONEY_PATH)
    assert all(list(Path(dev.ROOT, folder).glob("*.py")) for folder in dev.MONEY_PATH)
