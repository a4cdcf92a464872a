"""A remedy for PySide6 6.12 on Python 3.11, where the two count references to None differently.

PySide6 6.12 is built for the stable ABI of Python 3.12, in which ``None``, ``True`` and ``False`` are
immortal (PEP 683) and are returned without being counted. Python 3.11 does count them: every
``processEvents()`` and every ``data()`` that returns None takes one reference away, and after some
thousand the interpreter aborts with "deallocating None". Seen with 6.12.0 on 3.11.7; neither 6.11 on
3.11 nor 6.12 on 3.13 does it. Counting each of them up once, out of reach, does what 3.12 does.
"""

from __future__ import annotations

import sys

_OUT_OF_REACH = 1 << 60


def keep() -> None:
    """Make the singletons immortal on a Python that does not; nothing from 3.12 on."""
    if sys.version_info >= (3, 12):
        return
    import ctypes  # not needed, and not loaded, on a later Python

    for thing in (None, True, False, NotImplemented, ...):
        count = ctypes.c_ssize_t.from_address(id(thing))
        # Only where the count is the first field, as in every ordinary build of CPython.
        if count.value < _OUT_OF_REACH and abs(count.value - sys.getrefcount(thing)) < 16:
            count.value += _OUT_OF_REACH
