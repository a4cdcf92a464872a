"""``paydesk tour``: drive a training desk and save a picture of each step."""

from __future__ import annotations

import argparse
from pathlib import Path

from paydesk.cli.command import Commands, add_command
from paydesk.config.paths import Paths


def register(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "tour", _tour, "drive a training desk and save a picture of each step")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 to 2.0")


def _tour(options: argparse.Namespace, _paths: Paths) -> int:
    from paydesk.tour import run_tour

    return run_tour(options.out, theme=options.theme, scale=options.scale)
