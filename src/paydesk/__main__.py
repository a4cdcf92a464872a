"""``python -m paydesk``, and the entry of ``build.spec``."""

import io
import os
import sys


def main() -> int:
    """Run the window, or the command on the command line. Returns the exit code."""
    from paydesk.config import crash_dumps

    crash_dumps.forbid()
    _print_anything()
    os.umask(0o077)  # whatever PayDesk writes is this person's alone
    from paydesk.cli.main import run

    return run(sys.argv[1:])


def _print_anything() -> None:
    """Let every text be printed, into a file or a pipe as UTF-8. On Windows these have an old code page."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
