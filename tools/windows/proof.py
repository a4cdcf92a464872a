"""The steps of `dev.py windows`, in order, and the table of docs/windows.md that they fill in.

Usage: python -m tools.windows [STEP ...] --folder DIR. Without a step it runs all of them.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tools.windows import installers, story
from tools.windows.checks import FailedError, checked, last_words
from tools.windows.machine import ROOT, Machine, MissingError, windows_path

PAGE = ROOT / "docs/windows.md"
IMPORT_ALL = """
import importlib, pkgutil, paydesk
skipped = ("__main__", "migrations.")
names = [found.name for found in pkgutil.walk_packages(paydesk.__path__, "paydesk.")]
names = [name for name in names if not any(part in name for part in skipped)]
for name in names:
    importlib.import_module(name)
print(len(names), "modules")
"""
"""Alembic runs the modules of the migrations, which cannot be imported by themselves."""
TOURS = (("light", "1.0"), ("dark", "1.0"), ("light", "1.25"), ("light", "1.5"))
TESTED = (
    *("domain", "config", "receipts", "store", "services", "gateways", "sandbox", "wiring", "cli"),
    *("ui", "e2e", "proofs/faults", "proofs/races"),
)
"""The folders of tests, each a row of the table."""
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", "dist", "__pycache__", ".*_cache", ".hypothesis")


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the table. ``run`` returns what it found, and raises FailedError."""

    name: str
    about: str
    run: Callable[[Proof], str]


@dataclass(frozen=True, slots=True)
class Proof:
    """A copy of the checkout, on a machine."""

    machine: Machine

    @property
    def source(self) -> Path:
        """The copy. A checkout's own `.venv` is not for Windows."""
        return self.machine.folder / "source"

    @property
    def built(self) -> Path:
        """The folder of the packaged program."""
        return self.source / "dist/paydesk"

    def copy(self) -> None:
        """Copy the checkout anew, and keep what was built."""
        kept = self.machine.folder / "dist"
        if (self.source / "dist").exists():
            (self.source / "dist").rename(kept)
        shutil.rmtree(self.source, ignore_errors=True)
        shutil.copytree(ROOT, self.source, ignore=NOT_COPIED)
        if kept.exists():
            kept.rename(self.source / "dist")

    def python(self, *words: str, timeout_s: float, more: Mapping[str, str] | None = None) -> str:
        """Run Python in the copy. Returns what it printed. Raises FailedError."""
        paths = [windows_path(self.source / "src"), windows_path(self.source)]
        variables = {"PYTHONPATH": ";".join(paths), **(more or {})}
        python = str(self.machine.python_home / "python.exe")
        return self.run(python, *words, timeout_s=timeout_s, more=variables)

    def run(self, *words: str, timeout_s: float = 900, more: Mapping[str, str] | None = None) -> str:
        """Run a Windows program in the copy. Returns what it printed. Raises FailedError."""
        variables = {"WINEQT_QPA_PLATFORM": "offscreen", **(more or {})}
        try:
            done = self.machine.run(*words, timeout_s=timeout_s, cwd=self.source, more=variables)
        except subprocess.TimeoutExpired as late:
            self.machine.stop()
            raise FailedError(f"no end after {late.timeout:.0f} s") from None
        return checked(done)


# -- the steps


def _imports(proof: Proof) -> str:
    return last_words(proof.python("-c", IMPORT_ALL, timeout_s=300))


def _tour(theme: str, scale: str) -> Callable[[Proof], str]:
    def run(proof: Proof) -> str:
        out = f"C:\\tour-{theme}-{scale}"
        said = proof.python(
            "-m", "paydesk", "tour", "--out", out, "--theme", theme, "--scale", scale, timeout_s=600
        )
        return last_words(said)

    return run


def _tests(folder: str) -> Callable[[Proof], str]:
    def run(proof: Proof) -> str:
        words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=600", f"tests/{folder}")
        return last_words(proof.python(*words, timeout_s=3_600))

    return run


def _kills(proof: Proof) -> str:
    return last_words(proof.python("-m", "tests.proofs.crash", "--runs", "30", timeout_s=1_800))


def _histories(proof: Proof) -> str:
    return last_words(proof.python("-m", "tests.proofs.simulation", "--seeds", "300", timeout_s=1_800))


def _build(proof: Proof) -> str:
    """Package the program in Wine. PyInstaller's own work is the same as on Windows."""
    shutil.rmtree(proof.source / "dist", ignore_errors=True)
    fixed = {"PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "315532800"}
    words = ("-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR", "build.spec")
    proof.python(*words, timeout_s=1_800, more=fixed)
    proof.python("-m", "tools.package_files", windows_path(proof.built), timeout_s=120)
    files = [path for path in proof.built.rglob("*") if path.is_file()]
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    return f"{len(files)} files, {megabytes:.0f} MB"


STEPS = (
    Step("imports", "every module of PayDesk is imported", _imports),
    *(
        Step(f"tour-{theme}-{scale}", f"the tour, {theme}, at {float(scale):.0%}", _tour(theme, scale))
        for theme, scale in TOURS
    ),
    *(Step(f"tests/{folder}", f"`tests/{folder}`", _tests(folder)) for folder in TESTED),
    Step("kills", "the desk is killed at 30 points and instants, its books compared", _kills),
    Step("histories", "300 random histories of faults", _histories),
    Step("build", "PyInstaller makes `paydesk.exe` and `paydesk-cli.exe`", _build),
    *(
        Step(name, about, run)
        for name, about, run in (*installers.STEPS[:2], *story.STEPS, *installers.STEPS[2:])
    ),
)


# -- the table


def prove(machine: Machine, names: Sequence[str]) -> int:
    """Run the steps of these names, or that begin so, or all. Writes each row. Returns 1 if one failed."""
    proof, failed = Proof(machine), 0
    proof.copy()
    for step in chosen(names):
        began = time.monotonic()
        print(f"\n== {step.name}: {step.about}", flush=True)
        try:
            found, result = step.run(proof), "ok"
        except (FailedError, MissingError, OSError, subprocess.SubprocessError) as problem:
            print(problem, flush=True)
            found, result = "see its output", "**failed**"
            failed += 1
        seconds = time.monotonic() - began
        print(f"{result}: {found} ({seconds:.0f} s)", flush=True)
        row = f"| {step.about} | {result} | {found} | {seconds:.0f} s | {datetime.now(UTC).date()} |"
        PAGE.write_text(with_row(PAGE.read_text("utf-8"), row), encoding="utf-8")
    machine.stop()
    print(f"\n{failed} failures")
    return int(failed > 0)


def chosen(names: Sequence[str]) -> Iterator[Step]:
    """Yield the steps of these names, in their order: a beginning names all that no step has as its name."""
    known = {step.name for step in STEPS}
    for step in STEPS:
        if not names or any(step.name == name or _begins(step.name, name, known) for name in names):
            yield step


def _begins(name: str, beginning: str, known: Collection[str]) -> bool:
    return beginning not in known and name.startswith(beginning)


def with_row(page: str, row: str) -> str:
    """Return the page with a row of its table of results put in, in the order of the steps."""
    begin, end = "<!-- results -->\n", "<!-- end of results -->"
    before, _, rest = page.partition(begin)
    table, _, after = rest.partition(end)
    rows = {about_of(line): line for line in table.splitlines()[2:]} | {about_of(row): row}
    order = [step.about for step in STEPS if step.about in rows]
    lines = [*table.splitlines()[:2], *(rows[about] for about in order)]
    return "".join([before, begin, "\n".join(lines), "\n", end, after])


def about_of(row: str) -> str:
    """Return the first cell of a row."""
    return row.split("|")[1].strip()
