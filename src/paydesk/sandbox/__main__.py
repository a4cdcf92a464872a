"""Run the emulators without the rest of PayDesk: ``python -m paydesk.sandbox``."""

from __future__ import annotations

import argparse
from pathlib import Path

from paydesk.sandbox.serve import CHILD_FLAG, serve, serve_child


def main(arguments: list[str] | None = None) -> None:
    """Read the ports and serve until Ctrl-C, or as a child until standard input closes."""
    parser = argparse.ArgumentParser(prog="paydesk.sandbox", description="AndDone and AMS360, emulated.")
    parser.add_argument("--anddone-port", type=int, default=0, help="port for AndDone (0: a free one)")
    parser.add_argument("--ams360-port", type=int, default=0, help="port for AMS360 (0: a free one)")
    parser.add_argument("--wsapi-port", type=int, default=0, help="port for AMS360's WSAPI (0: a free one)")
    parser.add_argument("--state", type=Path, help="a file that keeps books and balances between runs")
    parser.add_argument(CHILD_FLAG, action="store_true", help="end when standard input closes")
    options = parser.parse_args(arguments)
    run = serve_child if options.child else serve
    run(options.anddone_port, options.ams360_port, options.wsapi_port, options.state)


if __name__ == "__main__":
    main()
