"""The live ledgers that this computer knows of, and a live ledger of this account that is gone.

Every account of a computer has a folder and a keychain of its own. A second account's first start would begin
a second ledger, which knows nothing of the first one's payments, and an invoice could be charged in both. So
every account leaves a note of its ledger where the others can read it, and its first start looks for theirs.

Some Windows servers throw an account's folder away when it signs out, and keep its Credential Manager. So a
key without a ledger is looked for, too.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from paydesk.config import keychain
from paydesk.config.files import write_whole
from paydesk.config.keychain import KeychainError
from paydesk.config.settings import user_name
from paydesk.domain.errors import KnownError
from paydesk.domain.typed.plain_texts import one_line

LEDGER_MADE = "live-ledger-made"
"""The name of the keychain's entry of an account that has made a live ledger."""

_LONGEST = 200
"""Characters of a text that another account wrote."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownLedger:
    """A live ledger. ``since`` is the day of its first note, or "" if it was found without one."""

    account: str
    path: str
    since: str = ""

    def __str__(self) -> str:
        since = f" since {self.since}" if self.since else ""
        return f"{self.account}{since}, in {self.path}"


def require_only(ledger: Path) -> None:
    """Raise KnownError if a first start would begin a second truth. Changes nothing."""
    if ledger.exists():
        return
    found = list(others(ledger))
    if found:
        raise KnownError(
            f"This computer already has a ledger of PayDesk, in the account {found[0].account}.",
            "Don't take payments here. Ask your administrator.",
            f"Known: {'; '.join(map(str, found))}. A second ledger would know none of those payments. Use "
            f"that account, or one ledger on a server (docs/windows.md). {_MEANT}",
        )
    if _was_made():
        raise KnownError(
            f"This account had a ledger of PayDesk, and {ledger} is gone.",
            "Don't take payments. Ask your administrator.",
            "Restore PayDesk's folder from a backup. If this computer drops profiles (Citrix, VDI), use "
            f"a ledger on a server (docs/windows.md). {_MEANT}",
        )


_MEANT = "If a new ledger is meant, set own_ledger = true in settings.toml."


def tell(ledger: Path) -> None:
    """Leave the note of this account's ledger, if it is not there. A failure is only logged."""
    folder = notes_folder()
    if folder is not None:
        note = folder / f"{hashlib.sha256(str(ledger).encode()).hexdigest()[:24]}.json"
        mine = KnownLedger(user_name(), str(ledger), datetime.now(UTC).date().isoformat())
        try:
            if not note.exists():
                _make_for_all(folder)
                write_whole(note, json.dumps(asdict(mine)).encode())
                note.chmod(0o644)
        except OSError as error:
            log.warning("other accounts are not told of the ledger: %s", type(error).__name__)
    if keys_travel() and not _was_made():
        try:
            keychain.write(LEDGER_MADE, str(ledger))
        except KeychainError as error:
            log.warning("the keychain does not remember the ledger: %s", error.state.name)


def _make_for_all(folder: Path) -> None:
    """Make the folder and its parent, where every account may write, and remove only what is its own.

    PayDesk's umask would keep the other accounts out. Windows inherits the rights of ProgramData.
    """
    for one in (folder.parent, folder):
        if not one.exists():
            one.mkdir(exist_ok=True)
            one.chmod(0o1777)


def others(ledger: Path) -> Iterator[KnownLedger]:
    """Yield the live ledgers of other accounts, by their notes and by what this account may see."""
    seen = {str(ledger)}
    for found in (*_noted(), *_visible(ledger)):
        if found.path not in seen:
            seen.add(found.path)
            yield found


def notes_folder() -> Path | None:
    """Return the folder that all accounts may write to, or None if this system has none."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData"), "PayDesk", "ledgers")
    if sys.platform == "darwin":
        return Path("/Users/Shared/PayDesk/ledgers")
    shared = Path("/var/lib/paydesk/ledgers")  # made by an administrator, who decides who may write there
    return shared if shared.is_dir() else None


def keys_travel() -> bool:
    """Return True where an account's keychain may outlive its folder: Credential Manager roams."""
    return sys.platform == "win32"


def _was_made() -> bool:
    """Return True if the keychain remembers a ledger. One without an answer stops nobody."""
    try:
        return keys_travel() and keychain.read(LEDGER_MADE) is not None
    except KeychainError:
        return False


def _noted() -> Iterator[KnownLedger]:
    folder = notes_folder()
    try:
        notes = sorted(folder.glob("*.json")) if folder else []
    except OSError:
        return
    for note in notes:
        try:
            told = json.loads(note.read_bytes()[:10_000])
            texts = [one_line(str(told[name]))[:_LONGEST] for name in ("account", "path", "since")]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            log.warning("a note of a ledger can't be read: %s", note.name)
        else:
            yield KnownLedger(*texts)


def _visible(ledger: Path) -> Iterator[KnownLedger]:
    """Yield the ledgers at the same place in other accounts' folders, as far as this one may look."""
    home = Path.home()
    try:
        place = ledger.relative_to(home)
        homes = sorted(home.parent.iterdir())
    except (ValueError, OSError):  # a folder of its own, by --basedir
        return
    for other in homes:
        try:
            if other != home and (other / place).is_file():
                yield KnownLedger(other.name, str(other / place))
        except OSError:
            continue
