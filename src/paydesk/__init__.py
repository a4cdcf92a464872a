"""PayDesk: the payment desk of an independent insurance agency."""

import sys

__version__ = "0.1.0"


def command_name(system: str, packaged: bool) -> str:
    """Return the program that runs ``paydesk doctor`` and its like.

    A Windows program has either a window or a console. The package has one of each: ``paydesk`` opens the
    window, and nobody sees what it prints.
    """
    return "paydesk-cli" if system == "win32" and packaged else "paydesk"


COMMAND = command_name(sys.platform, packaged=bool(getattr(sys, "frozen", False)))
"""The program that sentences tell people to type."""
