#!/usr/bin/env python3
"""PayDesk's tools: `python3 dev.py demo` opens a training desk, `python3 dev.py test` runs every check.

Needs nothing but Python itself. Everything else is installed into `.venv` beside this file, from lock files
that name each package's exact version and hash. Down to the call of `check_python` this file runs on Pythons
from 3.6 on, so that one too old for PayDesk says what to do instead of showing a traceback.
"""

import argparse
import ast
import contextlib
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 14)


def check_python(here: "tuple[int, int]") -> None:
    """Stop, in plain words, on a Python that the locked packages are not made for."""
    if OLDEST <= here <= NEWEST:
        return
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    fitting = [name for name in names if shutil.which(name)]
    advice = "Install one of these from python.org or with your system's packages, and start again with it."
    if fitting:
        advice = "This computer has one that fits:  {} dev.py {}".format(fitting[0], " ".join(sys.argv[1:]))
    wanted = "PayDesk needs Python {}.{} to {}.{}; this is Python {}.{}.\n"
    sys.exit(wanted.format(*OLDEST + NEWEST + here) + advice)


check_python(sys.version_info[:2])

ROOT = Path(__file__).resolve().parent
LOCKS = {"run": ROOT / "requirements/run.txt", "dev": ROOT / "requirements/dev.txt"}
DOWNLOAD_MB = {"run": 120, "dev": 180}
SBOM = ROOT / "requirements/paydesk.cdx.json"
LOCK_TOOL = ROOT / "requirements/lock"
VENV = ROOT / ".venv"
STAMP = VENV / "installed.txt"
QT_LOADS = VENV / "qt-loads.txt"
WINDOWS = sys.platform == "win32"
QT_PROBE = "import PySide6.QtWidgets, PySide6.QtPdf, PySide6.QtPrintSupport, PySide6.QtNetwork"

# The oldest systems that PySide6 6.12 has a ready-made build for, by the tags of its packages.
OLDEST_GLIBC = {"x86_64": (2, 34), "aarch64": (2, 39)}
OLDEST_MACOS = (14, 0)
GLIBC_WORDS = (
    "glibc 2.34 (Debian 12, Ubuntu 22.04, Fedora 35, or newer); on ARM 2.39 (Debian 13, Ubuntu 24.04)"
)

# What Qt asks of a Linux system, and the package that brings it: Debian and Ubuntu, Fedora.
LIBRARY_PACKAGES = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl"),
    "libGL.so.1": ("libgl1", "libglvnd-glx"),
    "libOpenGL.so.0": ("libopengl0", "libglvnd-opengl"),
    "libX11.so.6": ("libx11-6", "libX11"),
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig"),
    "libfreetype.so.6": ("libfreetype6", "freetype"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgthread-2.0.so.0": ("libglib2.0-0", "glib2"),
    "libgssapi_krb5.so.2": ("libgssapi-krb5-2", "krb5-libs"),
    "libwayland-client.so.0": ("libwayland-client0", "libwayland-client"),
    "libwayland-cursor.so.0": ("libwayland-cursor0", "libwayland-cursor"),
    "libwayland-egl.so.1": ("libwayland-egl1", "libwayland-egl"),
    "libxcb.so.1": ("libxcb1", "libxcb"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms"),
    "libxcb-randr.so.0": ("libxcb-randr0", "libxcb"),
    "libxcb-render.so.0": ("libxcb-render0", "libxcb"),
    "libxcb-render-util.so.0": ("libxcb-render-util0", "xcb-util-renderutil"),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb"),
    "libxcb-shm.so.0": ("libxcb-shm0", "libxcb"),
    "libxcb-sync.so.1": ("libxcb-sync1", "libxcb"),
    "libxcb-util.so.1": ("libxcb-util1", "xcb-util"),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0", "libxcb"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11"),
    "libz.so.1": ("zlib1g", "zlib-ng-compat"),
}


class SetupError(Exception):
    """A problem in one sentence, with the remedy."""


# -- what this computer brings ---------------------------------------------------------------------------


def check_platform() -> None:
    """Raise where the locked packages have no ready-made build: an old system, the wrong kind of Python."""
    if sys.maxsize < 2**32:
        raise SetupError("This is a 32-bit Python, and Qt needs 64 bits. Install the 64-bit Python.")
    if sysconfig.get_platform() == "win-arm64":
        raise SetupError("On an ARM PC, PayDesk needs the 64-bit Intel Python (x86-64), which runs here too.")
    if sys.platform == "linux" and not glibc_fits(platform.machine(), *platform.libc_ver()):
        raise SetupError(f"Qt's ready-made build does not run on this Linux. It needs {GLIBC_WORDS}.")
    if sys.platform == "darwin" and as_numbers(platform.mac_ver()[0]) < OLDEST_MACOS:
        raise SetupError("This macOS is too old for Qt. Version 14 or newer is needed.")


def glibc_fits(machine: str, library: str, version: str) -> bool:
    """Say whether Qt's build for this kind of processor runs with this C library."""
    oldest = OLDEST_GLIBC.get(machine)
    return library == "glibc" and oldest is not None and as_numbers(version) >= oldest


def as_numbers(version: str) -> tuple[int, ...]:
    """Return "2.36" as (2, 36)."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def has_display() -> bool:
    """Say whether a window can be shown here."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def missing_libraries(text: str) -> list[str]:
    """Return the shared libraries that the words of the dynamic linker, or of `ldd`, say are missing."""
    found = re.findall(r"(\S+\.so[.\d]*)(?: => not found|: cannot open shared object file)", text)
    return sorted({name for name in found if not name.startswith("libQt6")})


def libraries_advice(missing: Sequence[str]) -> str:
    """Return the sentence and the commands that bring the missing libraries."""
    known = [LIBRARY_PACKAGES[name] for name in missing if name in LIBRARY_PACKAGES]
    lines = [f"Qt needs system libraries that are not installed here: {', '.join(missing)}."]
    if known:
        debian, fedora = (" ".join(dict.fromkeys(names)) for names in zip(*known, strict=True))
        lines.append(f"  Debian, Ubuntu:  sudo apt install {debian}")
        lines.append(f"  Fedora:          sudo dnf install {fedora}")
    if len(known) < len(missing):
        lines.append("For those not named in a command, search your system's packages for the file.")
    return "\n".join([*lines, "Then start the same command again."])


def check_qt() -> None:
    """Raise, naming what to install, when Qt does not load; once it has, that is remembered."""
    if QT_LOADS.exists():
        return
    loaded = subprocess.run([python(), "-c", QT_PROBE], capture_output=True, text=True, check=False)
    if loaded.returncode:
        missing = missing_libraries(loaded.stderr + linker_words("QtWidgets.abi3.so", "QtPdf.abi3.so"))
        raise SetupError(libraries_advice(missing) if missing else f"Qt does not load:\n{loaded.stderr}")
    QT_LOADS.touch()


def check_window() -> None:
    """Raise, naming what to install, when Qt could not open a window on an X11 screen."""
    x11 = os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY")
    if sys.platform == "linux" and x11 and "QT_QPA_PLATFORM" not in os.environ:
        missing = missing_libraries(linker_words("Qt/plugins/platforms/libqxcb.so"))
        if missing:
            raise SetupError(libraries_advice(missing))


def linker_words(*parts: str) -> str:
    """Return what `ldd` says of these parts of PySide6; nothing where there is no `ldd`."""
    if not shutil.which("ldd"):
        return ""
    found = [str(path) for part in parts for path in VENV.glob(f"lib/python*/site-packages/PySide6/{part}")]
    return subprocess.run(["ldd", *found], capture_output=True, text=True, check=False).stdout


# -- the virtual environment -----------------------------------------------------------------------------


def python() -> str:
    """Return the path of the virtual environment's Python."""
    return script("python")


def script(name: str) -> str:
    """Return the path of a program inside the virtual environment."""
    return str(VENV / "Scripts" / f"{name}.exe" if WINDOWS else VENV / "bin" / name)


def stamp(level: str) -> str:
    """Return what stands in the stamp file when everything for `level` is installed, and nothing older."""
    locks = ["run"] if level == "run" else ["run", "dev"]
    digests = [f"{name} {hashlib.sha256(LOCKS[name].read_bytes()).hexdigest()}" for name in locks]
    return "\n".join([f"{sys.version} in {ROOT}", *digests])


def stamped(beginning: str) -> bool:
    """Say whether `.venv` still has its Python, and a stamp that begins like this."""
    return Path(python()).exists() and STAMP.exists() and STAMP.read_text("utf-8").startswith(beginning)


def installed(level: str) -> bool:
    """Say whether `.venv` holds what the lock files name; the packages for `dev` include those for `run`."""
    return stamped(stamp(level))


def prepare(level: str) -> None:
    """Make `.venv` hold the locked packages and see that Qt loads: seconds at first, nothing after that."""
    if not installed(level):
        check_platform()
        with one_at_a_time():
            if not installed(level):
                install(level)
    check_qt()


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock that every other `dev.py` of this checkout waits for, and that ends with this process."""
    try:
        lock = sqlite3.connect(ROOT / ".venv.lock", timeout=900, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as problem:
        raise SetupError(f"PayDesk cannot be set up in {ROOT}: may you write there? ({problem})") from None
    with contextlib.closing(lock):
        yield


def install(level: str) -> None:
    """Bring `.venv` up to date; one left half made, or made by another Python, is made anew."""
    reusable = stamped(f"{sys.version} in {ROOT}\n")
    say(f"Setting up PayDesk in .venv (once; a download of about {DOWNLOAD_MB[level]} MB) ...")
    STAMP.unlink(missing_ok=True)
    QT_LOADS.unlink(missing_ok=True)
    make_venv(VENV, clear=not reusable)
    pip_install(VENV, LOCKS[level])
    put_on_path(ROOT / "src")
    STAMP.write_text(stamp(level), encoding="utf-8")


def put_on_path(source: Path) -> None:
    """Let the virtual environment import from `source`, by a relative path, which is plain ASCII."""
    ask = [python(), "-c", "import sysconfig; print(ascii(sysconfig.get_path('purelib')))"]
    packages = Path(ast.literal_eval(subprocess.check_output(ask, text=True)))
    (packages / "paydesk.pth").write_text(os.path.relpath(source, packages.resolve()), encoding="ascii")


def make_venv(where: Path, clear: bool = False) -> None:
    """Make a virtual environment with pip in it."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise SetupError(
            "This Python cannot make a virtual environment. On Debian and Ubuntu:  "
            f"sudo apt install python3.{sys.version_info.minor}-venv"
        )
    flags = ["--clear"] if clear else []
    made = subprocess.run(
        [sys.executable, "-m", "venv", *flags, str(where)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SetupError(
            f"The virtual environment {where} could not be made. If PayDesk is open, close it; else remove "
            f"that folder and start again. Python says:\n{(made.stdout + made.stderr).strip()}"
        )


def pip_install(where: Path, lock: Path) -> None:
    """Install exactly what a lock file names, from ready-made packages whose hashes match."""
    pip = [str(where / ("Scripts/python.exe" if WINDOWS else "bin/python")), "-m", "pip"]
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    exact = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "install", *quiet, *exact, "-r", str(lock)], stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SetupError(pip_advice(done.stderr))


def pip_advice(said: str) -> str:
    """Return what to do about pip's failure, with its last words."""
    if re.search(
        r"connection broken|ConnectionError|ConnectTimeout|name resolution|ProxyError|SSLError", said
    ):
        advice = (
            "The Python package index cannot be reached. Connect to the internet (behind a proxy, set "
            "HTTPS_PROXY), then start the same command again."
        )
    elif "HASHES" in said:
        advice = "A downloaded package is not the one that was locked. Do not go on, and report it."
    elif "No space left" in said:
        advice = "The disk is full. About 1 GB is needed beside this file."
    else:
        advice = "PayDesk's packages could not be installed."
    lines = said.strip().splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-5:]
    return "\n".join([advice, "pip says:", *errors])


# -- commands --------------------------------------------------------------------------------------------


def demo(_: argparse.Namespace) -> int:
    """Set everything up and open a training desk."""
    if not has_display():
        raise SetupError(
            "There is no screen to open a window on. Start this in a desktop session, or let PayDesk draw "
            "its windows into pictures:  python3 dev.py tour --out tour"
        )
    prepare("run")
    check_window()
    return run(python(), "-m", "paydesk", "--training")


def tour(options: argparse.Namespace) -> int:
    """Drive the real window through a payment and save a picture of each step; needs no screen."""
    prepare("run")
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    out = ["--out", str(Path(options.out).resolve()), "--theme", options.theme, "--scale", str(options.scale)]
    return run(python(), "-m", "paydesk", "tour", *out)


def test(options: argparse.Namespace) -> int:
    """Run every check and a taste of each proof. What follows `test` goes to pytest.

    A build server measures coverage at the same time, so that it runs the tests once.
    """
    prepare("dev")
    measured = on_build_server() and not options.pytest
    code = run_steps(
        {
            "ruff check": lambda: run(python(), "-m", "ruff", "check", "."),
            "ruff format": lambda: run(python(), "-m", "ruff", "format", "--check", "."),
            "mypy": lambda: run(python(), "-m", "mypy"),
            "import-linter": lambda: run(script("lint-imports"), "--no-logo", "--no-cache"),
            "pytest": lambda: coverage() if measured else pytest(options.pytest),
        }
    )
    if money_path_changed():
        say("\nThe money path was changed: before it lands, run  python3 dev.py prove")
    return code


def prove(options: argparse.Namespace) -> int:
    """Run the long proofs with the seeds of today, then measure coverage. `prove ARGS` goes to pytest.

    A build server has measured it in `test`. A slow one leaves out what BUILD_SERVER_MINUTES do not reach.
    """
    prepare("dev")
    os.environ["PAYDESK_PROVE"] = str(options.day)
    minutes = options.minutes or (BUILD_SERVER_MINUTES if on_build_server() else None)
    if minutes:
        os.environ["PAYDESK_PROVE_UNTIL"] = str(time.time() + 60 * minutes)
    say(f"Seeds of day {options.day}. The same again:  python3 dev.py prove --day {options.day}")
    long = [f"--hypothesis-seed={options.day}", "--timeout=3600"]
    steps = {"proofs": lambda: pytest([*long, *options.pytest])}
    if not options.pytest and not on_build_server():
        steps["coverage"] = lambda: coverage("-q", "-m", "not tasted")
    if on_build_server():
        steps["build"] = lambda: build(options)
    if not options.pytest:
        steps["audit"] = lambda: audit(options)
    return run_steps(steps)


BUILD_SERVER_MINUTES = 35
"""Time for the proofs there. With the tests before and the package after them, a build has 90 minutes."""


def audit(options: argparse.Namespace) -> int:
    """Ask an advisory database about every pinned package. Without one, say NOT AUDITED and go on."""
    prepare("dev")
    return run(python(), "-m", "tools.audit", *(["--strict"] if options.strict else []))


FULLY_COVERED = (
    "src/paydesk/domain/", "src/paydesk/services/payments/", "src/paydesk/store/ledger/",
    "src/paydesk/gateways/anddone/",
)  # fmt: skip
"""The core of the money path: a test takes each of its lines and branches."""
FLOOR_OF_CORE = 100
"""Percent."""
MONEY_PATH = (
    *FULLY_COVERED,
    "src/paydesk/services/ports/",
    "src/paydesk/store/",
    "src/paydesk/gateways/http/",
)
"""The folders that a payment passes through. A change there needs the proofs."""


def coverage(*chosen: str) -> int:
    """Run the tests. Fail below the floor of pyproject.toml, or below FLOOR_OF_CORE in FULLY_COVERED.

    The proofs do not count: they reach lines by chance. Nor do the tests that are a taste of one. Measuring
    keeps the processors busy, so fewer tests run at a time than otherwise.
    """
    os.environ.pop("PAYDESK_PROVE", None)
    whole = ",".join(f"{folder}*" for folder in FULLY_COVERED)
    return (
        pytest([*chosen, "-n", str(1 + (os.cpu_count() or 1)), "--cov", "--cov-report="])
        or run(python(), "-m", "coverage", "report")
        or run(python(), "-m", "coverage", "report", f"--include={whole}", f"--fail-under={FLOOR_OF_CORE}")
    )


def on_build_server() -> bool:
    """Say whether this is a build server, as they all do by the variable CI."""
    return bool(os.environ.get("CI"))


def pytest(arguments: Sequence[str]) -> int:
    """Run the tests, two at a time on each processor because many wait. A part runs in one process."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    part = any(Path(word.partition("::")[0]).exists() for word in arguments)
    workers = [] if part else ["-n", str(2 * (os.cpu_count() or 1))]
    return run(python(), "-m", "pytest", *workers, *arguments)


def today() -> int:
    """Return the number of today since 2026 began, by this computer's date. It decides nothing but seeds."""
    return int(time.time() // 86_400) - 20_454


def money_path_changed() -> bool:
    """Say whether a file of the money path is not what it is upstream, or without one in the last commit."""
    for base in ("@{upstream}", "HEAD"):
        asked = subprocess.run(
            ["git", "diff", "--name-only", base], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if asked.returncode == 0:
            return any(name.startswith(MONEY_PATH) for name in asked.stdout.splitlines())
    return False  # no git, no checkout


def run_steps(steps: "dict[str, Callable[[], int]]") -> int:
    """Run every step, also after one has failed, and print how each ended and how long it took."""
    rows = []
    for name, step in steps.items():
        say(f"\n== {name}")
        began = time.monotonic()
        code = step()
        rows.append((code, f"{'FAILED' if code else 'ok':8}{name:16}{time.monotonic() - began:6.1f} s"))
    say("\n" + "\n".join(row for _, row in rows))
    return int(any(code for code, _ in rows))


def bench(options: argparse.Namespace) -> int:
    """Measure the figures PayDesk is held to, a row for each."""
    prepare("dev")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    saved = ["--json", options.json] if options.json else []
    return run(python(), "-m", "bench", *options.groups, *saved)


def simulate(options: argparse.Namespace) -> int:
    """Let the payment protocol live through random histories of faults; a violation is told with its seed."""
    prepare("dev")
    seeds = ["--seeds", str(options.seeds), "--first", str(options.first)]
    return run(python(), "-m", "tests.proofs.simulation", *seeds)


def kills(options: argparse.Namespace) -> int:
    """Kill the real desk, at every named point and at random instants, and compare the books each time."""
    prepare("dev")
    return run(
        python(), "-m", "tests.proofs.crash", "--runs", str(options.runs), "--first", str(options.first)
    )


def races(options: argparse.Namespace) -> int:
    """Let eight processes race for the same invoices, on SQLite and on PostgreSQL."""
    prepare("dev")
    return run(python(), "-m", "tests.proofs.races", "--attempts", str(options.attempts))


def fuzz(options: argparse.Namespace) -> int:
    """Feed each reader of files, answers and saved states with changed inputs. Keep those that break one."""
    prepare("dev")
    more = ["--grow"] if options.grow else []
    minutes = ["--minutes", str(options.minutes)]
    return run(python(), "-m", "tests.proofs.fuzz", *minutes, *more, *options.readers)


def syscalls(_: argparse.Namespace) -> int:
    """Kill and fail each system call of a payment, and compare the books each time; needs strace."""
    prepare("dev")
    return run(python(), "-m", "tests.proofs.crash.syscalls")


def powerloss(options: argparse.Namespace) -> int:
    """Cut the power at any write of a ledger, in every journal mode, and look for what was lost."""
    prepare("dev")
    return run(python(), "-m", "tests.proofs.crash.powerloss", "--states", str(options.states))


def tidy(_: argparse.Namespace) -> int:
    """Format the code, and mend what ruff can mend by itself."""
    prepare("dev")
    run(python(), "-m", "ruff", "check", "--fix-only", "--quiet", ".")
    return run(python(), "-m", "ruff", "format", ".")


def windows(options: argparse.Namespace) -> int:
    """Build, install and test the Windows program under Wine on Debian. Writes a table of docs/windows.md."""
    if WINDOWS:
        raise SetupError("This is Windows. Run  py dev.py test  and  py dev.py build.")
    where = ["--folder", str(Path(options.folder).resolve())]
    return run(
        sys.executable, "-m", "tools.windows", *options.steps, *where, *(["--list"] if options.list else [])
    )


def lock(_: argparse.Namespace) -> int:
    """Make the lock files anew from pyproject.toml, for every system and Python that PayDesk runs on."""
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder, "venv")
        make_venv(tools)
        pip_install(tools, LOCK_TOOL.with_suffix(".txt"))
        uv = str(tools / ("Scripts/uv.exe" if WINDOWS else "bin/uv"))
        compile_ = [
            uv,
            "--no-config",
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--generate-hashes",
            "--upgrade",
        ]
        plain = ["--python-version", "3.11", "--no-header", "--no-annotate"]
        jobs = {
            LOCK_TOOL.with_suffix(".txt"): [str(LOCK_TOOL.with_suffix(".in"))],
            LOCKS["dev"]: ["--group", "dev", "pyproject.toml"],
            LOCKS["run"]: ["--constraint", str(LOCKS["dev"]), "pyproject.toml"],
        }
        codes = [run(*compile_, *plain, *source, "--output-file", str(made)) for made, source in jobs.items()]
    return max(codes) or list_parts()


def list_parts() -> int:
    """Write the bill of materials of what the lock files pin now."""
    prepare("dev")
    made = subprocess.run([python(), "-m", "tools.sbom"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if not made.returncode:
        SBOM.write_bytes(made.stdout)
    return made.returncode


def build(options: argparse.Namespace) -> int:
    """Make the program that runs without Python, in dist/paydesk, and start it once."""
    check_build_tools()
    prepare("dev")
    made = ROOT / "dist"
    code = package(made)
    if code:
        return code
    missing = missing_libraries(linker_words("Qt/plugins/platforms/libqxcb.so"))
    if missing:
        say(f"The package lacks what this computer could not give it.\n{libraries_advice(missing)}")
    program = made / "paydesk" / ("paydesk-cli.exe" if WINDOWS else "paydesk")
    code = run(python(), "-m", "tools.package_files", str(made / "paydesk")) or try_program(program)
    return code or (build_again(made) if options.twice else 0)


def package(out: Path) -> int:
    """Let PyInstaller make the folder `out/paydesk`, the same files each time.

    PyInstaller writes base_library.zip in the order of a set, which the hash seed decides. A Windows program
    has the time of its making in it, here 1980.
    """
    fixed = {**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "315532800"}
    with tempfile.TemporaryDirectory() as work:
        flags = ["--noconfirm", "--clean", "--log-level", "ERROR", "--distpath", str(out), "--workpath", work]
        command = [python(), "-m", "PyInstaller", *flags, "build.spec"]
        return subprocess.run(command, cwd=ROOT, env=fixed, check=False).returncode


def build_again(first: Path) -> int:
    """Make the program once more, elsewhere, and print each file that differs."""
    with tempfile.TemporaryDirectory() as second:
        code = package(Path(second))
        if code:
            return code
        differ = differences(first / "paydesk", Path(second, "paydesk"))
    for name in differ:
        say(f"differs: {name}")
    count = sum(path.is_file() for path in (first / "paydesk").rglob("*"))
    say(f"Built twice: {len(differ)} of {count} files differ.")
    return int(bool(differ))


def differences(first: Path, second: Path) -> list[str]:
    """Return the files that only one of two folders has, or that differ in a byte or where they link to."""
    ours, theirs = file_digests(first), file_digests(second)
    return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))


def file_digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file of a folder, or the target of a link."""
    return {
        path.relative_to(folder).as_posix(): os.readlink(path)
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def try_program(program: Path) -> int:
    """Start the packaged program as on a computer without Python, and let it take a payment in pictures."""
    with tempfile.TemporaryDirectory() as folder:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        bare |= {"PATH": folder, "QT_QPA_PLATFORM": "offscreen"}
        for words in (["--version"], ["tour", "--out", folder]):
            done = subprocess.run([str(program), *words], env=bare, cwd=folder, check=False)
            if done.returncode:
                say(f"The packaged program fails:  {program.stem} {' '.join(words)}")
                return done.returncode
    return 0


def check_build_tools() -> None:
    """Raise when PyInstaller lacks what it needs: Python as a shared library and, on Linux, objdump."""
    if WINDOWS:
        return
    if not (sysconfig.get_config_var("Py_ENABLE_SHARED") or sysconfig.get_config_var("PYTHONFRAMEWORK")):
        raise SetupError(
            "This Python was made without its shared library, which a packaged program carries along. Start "
            "this with the Python of python.org or of your system; for pyenv, install one with "
            "PYTHON_CONFIGURE_OPTS=--enable-shared."
        )
    if sys.platform == "linux" and not shutil.which("objdump"):
        raise SetupError(
            "Packaging needs `objdump`. On Debian, Ubuntu and Fedora it is in the package binutils."
        )


def say(words: str) -> None:
    """Print at once, so that our lines and those of the programs we start keep their order."""
    print(words, flush=True)


def run(*command: str) -> int:
    """Run a program from the checkout's root and return its exit code."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def print_help(parser: argparse.ArgumentParser) -> int:
    """Say what there is."""
    parser.print_help()
    return 0


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="dev.py", description="PayDesk's tools.")
    commands = parser.add_subparsers(metavar="COMMAND")
    parser.set_defaults(does=lambda _: print_help(parser))

    def command(name: str, does: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=does.__doc__, description=does.__doc__)
        added.set_defaults(does=does)
        return added

    command("demo", demo)
    command("test", test).set_defaults(pytest=[])
    proofs = command("prove", prove)
    proofs.set_defaults(twice=False, strict=False)
    proofs.add_argument("--day", type=int, default=today(), help="which seeds (default: today's)")
    proofs.add_argument(
        "--minutes", type=float, help="begin no more cases after that time (default: none is left out)"
    )
    pictures = command("tour", tour)
    pictures.add_argument("--out", metavar="DIR", required=True, help="the folder the pictures go to")
    pictures.add_argument("--theme", choices=["light", "dark"], default="light")
    pictures.add_argument("--scale", type=float, default=1.0, help="1.5 draws as a screen set to 150 %% does")
    figures = command("bench", bench)
    figures.add_argument("groups", nargs="*", metavar="GROUP", help="only these, such as search or payment")
    figures.add_argument("--json", metavar="FILE", help="write the same rows as JSON")
    histories = command("simulate", simulate)
    histories.add_argument("--seeds", type=int, default=1000, help="how many histories")
    histories.add_argument("--first", type=int, default=1, help="the first seed; the same history every time")
    deaths = command("kills", kills)
    deaths.add_argument("--runs", type=int, default=2000, help="how many desks to kill (default: 2000)")
    deaths.add_argument("--first", type=int, default=1000, help="the first seed (default: 1000)")
    command("races", races).add_argument(
        "--attempts", type=int, default=10_000, help="how often somebody tries to pay (default: 10000)"
    )
    readers = command("fuzz", fuzz)
    readers.add_argument("readers", nargs="*", metavar="READER", help="which ones (default: all)")
    readers.add_argument("--minutes", type=float, default=10, help="of each reader (default: 10)")
    readers.add_argument("--grow", action="store_true", help="keep inputs that reach new lines in the corpus")
    command("syscalls", syscalls)
    command("powerloss", powerloss).add_argument(
        "--states", type=int, default=8000, help="crash states of each journal mode (default: 8000)"
    )
    command("format", tidy)
    builds = command("build", build)
    builds.add_argument("--twice", action="store_true", help="make it again elsewhere, and compare each file")
    on_windows = command("windows", windows)
    on_windows.add_argument(
        "steps", nargs="*", metavar="STEP", help="only these, such as imports or tests/ui"
    )
    folder = Path(tempfile.gettempdir(), "paydesk-windows")
    on_windows.add_argument("--folder", default=folder, help="where Wine and Python are made (%(default)s)")
    on_windows.add_argument("--list", action="store_true", help="list the steps")
    command("lock", lock)
    strict = "fail when no advisory database can be reached, too"
    command("audit", audit).add_argument("--strict", action="store_true", help=strict)
    return parser


def main() -> int:
    """Do what the command line asks for; a failure is one sentence and what to do about it."""
    options, rest = arguments().parse_known_args()
    if rest and options.does not in (test, prove):
        arguments().error(f"unknown: {' '.join(rest)}")
    options.pytest = rest
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a test run starts hundreds of processes
    try:
        return int(options.does(options))
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
