"""``paydesk set-key``: store a key of AndDone or AMS360 in the keychain."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from paydesk.cli.command import Commands, add_command, asked_secret
from paydesk.config.keys import IN_FILE, NAMES, KeyStore, Place, Stored
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR


def register(commands: Commands) -> None:
    """Add the command."""
    systems = f"{PROCESSOR.name} or {AGENCY_SYSTEM.name}"
    parser = add_command(commands, "set-key", _set_key, f"put a key of {systems} into the keychain")
    parser.add_argument("name", choices=list(NAMES))
    parser.add_argument(
        IN_FILE,
        action="store_true",
        help="keep it in a file in clear text, which only you can read, instead of the keychain",
    )


def _set_key(options: argparse.Namespace, paths: Paths) -> int:
    print(NAMES[options.name])
    key = asked_secret("Key: ")
    if not key:
        raise KnownError("No key was entered.", "Nothing was changed.")
    store = KeyStore.of(paths)
    stored = store.set(options.name, key, in_file=options.in_file)
    for line in _said(stored, store.file):
        print(line)
    return 0


def _said(stored: Stored, file: Path) -> Iterator[str]:
    match stored.place:
        case Place.KEYCHAIN:
            yield "Stored in the keychain."
        case Place.FILE:
            yield f"Stored in {file}, in clear text. Keep the disk of this computer encrypted."
    if stored.older_left:
        yield "The keychain may still have an older one. PayDesk doesn't use it."
