"""The ZIP file around a workbook, and its parts. Only what a report can hold is unpacked."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from paydesk.domain.errors import KnownError

MOST_UNPACKED: Final = 500_000_000
"""Most bytes of all parts. A million rows of ten columns are about 400 MB."""
MOST_PACKED: Final = 200_000_000
"""Most bytes of the file itself."""
MOST_PARTS: Final = 10_000
_DENSE: Final = 50_000_000
_MOST_PACKED_RATIO: Final = 200
"""Most times a file of more than ``_DENSE`` bytes grows when it is unpacked."""
_BLOCK: Final = 1 << 16
_ENTRY: Final = b"PK\x01\x02"
"""Mark of each entry in the directory, of which zipfile makes an object of half a kilobyte."""
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The only methods of workbooks. LZMA takes memory by the file's own word, up to 4 GB."""


class NotSound(Exception):
    """A workbook that no spreadsheet program writes. The text is the reason."""


class Package:
    """An open XLSX file. Close it after use. Raises KnownError for what is no workbook of an honest size."""

    def __init__(self, path: Path) -> None:
        check_size(path, MOST_PACKED)
        if _entries(path) > MOST_PARTS:
            raise too_large(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise not_sound(path) from None
        try:
            self._parts = {part.filename.lower(): part for part in self._zip.infolist()}
            self._check(path)
        except BaseException:
            self._zip.close()
            raise

    def _check(self, path: Path) -> None:
        parts = self._parts
        if "xl/workbook.bin" in parts or "mimetype" in parts:
            binary = "xl/workbook.bin" in parts
            kind = "a binary workbook (.xlsb)" if binary else "an OpenDocument file (.ods)"
            raise KnownError(f"{path.name} is {kind}.", "Open it in Excel and save it as .xlsx or .csv.")
        unpacked, size = sum(part.file_size for part in self._zip.infolist()), max(path.stat().st_size, 1)
        if unpacked > MOST_UNPACKED or (unpacked > _DENSE and unpacked / size > _MOST_PACKED_RATIO):
            raise too_large(path)
        if not all(part.compress_type in _METHODS for part in parts.values()):
            raise not_sound(path)

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def size(self, name: str) -> int:
        """Return the unpacked size of a part in bytes."""
        return self._parts[name.lower()].file_size

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield a part piece by piece. zipfile stops at the size that the directory says."""
        with self._zip.open(self._parts[name.lower()]) as part:
            while block := part.read(_BLOCK):
                yield block


def place_of(target: str, source: str) -> str:
    """Return the name of the part that a relationship of ``source`` names."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target)).lstrip("/")


def check_size(path: Path, most: int) -> None:
    """Raise KnownError for a file that is too large to be a report."""
    if path.stat().st_size > most:
        raise too_large(path)


def too_large(path: Path) -> KnownError:
    """Return the error for a file that would fill the memory, or take hours."""
    return KnownError(
        f"{path.name} is too large to open safely. Nothing was imported.",
        "Export the report again as CSV, with fewer invoices or columns.",
    )


def not_sound(path: Path, why: str = "") -> KnownError:
    """Return the error for a file that no spreadsheet program writes."""
    reason = f" ({why})" if why else ""
    return KnownError(
        f"{path.name} is a damaged Excel file{reason}.",
        "Open it in Excel and save it again, or export the report as CSV.",
    )


def _entries(path: Path) -> int:
    """Return the number of entries in the directory, without making an object of each."""
    found, kept = 0, b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            found += (kept + block).count(_ENTRY)
            kept = block[-(len(_ENTRY) - 1) :]
    return found
