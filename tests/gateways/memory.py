"""A limit on the memory that a reader takes."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections.abc import Iterator

MB = 1_000_000


@contextlib.contextmanager
def at_most(megabytes: float) -> Iterator[None]:
    """Fail if more memory is used at any moment inside."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < megabytes * MB, f"{peak / MB:.1f} MB"
