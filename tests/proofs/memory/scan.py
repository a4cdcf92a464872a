"""Search the memory of another process for texts of any width (Linux)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

ENCODINGS = ("ascii", "utf-16-le", "utf-32-le")
_CHUNK, _OVERLAP = 1 << 20, 512
_UNTOUCHED = bytes(_CHUNK)


def found_in(process: int, texts: Sequence[str]) -> list[str]:
    """Return each text that is in any memory that the process can write, with the encoding.

    The first four characters are searched first, so texts that share them take little longer than one.
    """
    beginnings = sorted({text[:4] for text in texts})
    found = set()
    for chunk in _memory(process):
        for encoding in ENCODINGS:
            for beginning in beginnings:
                if beginning.encode(encoding) in chunk:
                    alike = (text for text in texts if text.startswith(beginning))
                    found |= {f"{text} {encoding}" for text in alike if text.encode(encoding) in chunk}
    return sorted(found)


def _memory(process: int) -> Iterator[bytes]:
    """Yield all writable memory, in chunks that overlap."""
    maps = Path(f"/proc/{process}/maps").read_text("ascii", "replace")
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for begin, end in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) rw", maps, re.MULTILINE):
            for place in range(int(begin, 16), int(end, 16), _CHUNK - _OVERLAP):
                memory.seek(place)
                try:
                    chunk = memory.read(min(_CHUNK, int(end, 16) - place))
                except OSError:  # a mapping of a device, or one that is gone by now
                    break
                if chunk != _UNTOUCHED[: len(chunk)]:
                    yield chunk
