"""A workaround for PySide6 6.12 on Python 3.11, which count references to None differently.

PySide6 6.12 is built for the stable ABI of Python 3.12. There ``None``, ``True`` and ``False`` are immortal
(https://peps.python.org/pep-0683/), and PySide6 returns them without counting. Python 3.11 counts them, so
every ``processEvents()``, and every ``data()`` that returns None, takes one reference away. After some
thousand the interpreter aborts with "deallocating None". Seen with 6.12.0 on 3.11.7, neither with 6.11.3 on
3.11 nor with 6.12 on 3.13. The workaround raises each count once, far beyond reach, with the effect that 3.12
has.

Upstream's tracker is https://bugreports.qt.io/projects/PYSIDE. No report of this was found there by
2026-11-28. ``tests/ui/qt/test_singletons.py`` fails as soon as this module is no longer needed.
"""

from __future__ import annotations

import sys

_OUT_OF_REACH = 1 << 60


def keep() -> None:
    """Make the singletons immortal on a Python that does not. Does nothing from 3.12 on."""
    if sys.version_info >= (3, 12):
        return
    import ctypes  # not needed on a later Python

    for thing in (None, True, False, NotImplemented, ...):
        count = ctypes.c_ssize_t.from_address(id(thing))
        # Only if the count is the first field, as in every ordinary build of CPython.
        if count.value < _OUT_OF_REACH and abs(count.value - sys.getrefcount(thing)) < 16:
            count.value += _OUT_OF_REACH
