"""Read the lock files of requirements/: each package, its version and the hashes of its files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "requirements"
PIN = re.compile(
    r"^([a-z0-9][a-z0-9-]*)==([^ ;\\]+)(?: ; ([^\\]+?))? \\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """A package of a lock file."""

    name: str
    version: str
    marker: str
    """The systems and Pythons that get it, as pip reads them. "" stands for all."""
    sha256: tuple[str, ...]
    """The hashes of its files, of which each system gets one."""

    @property
    def purl(self) -> str:
        """Return the package URL, https://github.com/package-url/purl-spec."""
        return f"pkg:pypi/{self.name}@{self.version}"


def pins(path: Path) -> list[Pin]:
    """Return the packages of a lock file. Raises ValueError for a line that is no part of one."""
    text = path.read_text("utf-8")
    if rest := PIN.sub("", text).strip():
        raise ValueError(f"{path.name} has a line that pins nothing: {rest.splitlines()[0]}")
    return [
        Pin(found[1], found[2], found[3] or "", tuple(HASH.findall(found[4]))) for found in PIN.finditer(text)
    ]
