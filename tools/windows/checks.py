"""The checks of the steps of `dev.py windows`."""

from __future__ import annotations

import subprocess


class FailedError(Exception):
    """A step failed. Its text is the end of what the programs printed."""


def expect(true: bool, otherwise: str) -> None:
    """Raise FailedError unless something is true."""
    if not true:
        raise FailedError(otherwise)


def checked(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a program printed. Raises FailedError with its last lines."""
    said = "\n".join(done.stdout.strip().splitlines()[-25:])
    expect(done.returncode == 0, f"{said}\n(exit code {done.returncode})")
    return done.stdout


def last_words(said: str) -> str:
    """Return the last line of what a program printed, without the folder it names."""
    lines = said.strip().splitlines()
    expect(bool(lines), "it printed nothing")
    return lines[-1].partition(" in ")[0]
