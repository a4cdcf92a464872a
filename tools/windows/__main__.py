"""Run the steps of `dev.py windows`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.windows.machine import Machine, MissingError
from tools.windows.proof import STEPS, prove


def main() -> int:
    """Make the environment, and run the steps."""
    parser = argparse.ArgumentParser(prog="dev.py windows")
    parser.add_argument("steps", nargs="*", metavar="STEP")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{step.name:16} {step.about}" for step in STEPS))
        return 0
    machine = Machine(options.folder.resolve())
    try:
        machine.make()
    except MissingError as problem:
        print(problem, file=sys.stderr)
        return 1
    return prove(machine, options.steps)


if __name__ == "__main__":
    sys.exit(main())
