"""``python -m paydesk``, and the entry of ``build.spec``."""

import os
import sys


def main() -> int:
    """Run the window, or the command on the command line. Returns the exit code."""
    from paydesk.config import crash_dumps

    crash_dumps.forbid()
    os.umask(0o077)  # whatever PayDesk writes is this person's alone
    from paydesk.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
