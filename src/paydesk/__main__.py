"""``python -m paydesk``, and the entry of ``build.spec``."""

import sys


def main() -> int:
    """Run the window, or the command named on the command line; returns the exit code."""
    from paydesk.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
