"""The sentences about a ledger that cannot be used. Those for a driver's own errors are in ``errors``."""

from __future__ import annotations

from pathlib import Path

from paydesk import COMMAND
from paydesk.config.files import reason
from paydesk.domain.errors import KnownError
from paydesk.domain.vendors import PROCESSOR
from paydesk.store.database.errors import LedgerDamaged, LedgerError

# ---- files and folders ----------------------------------------------------------------------


def folder_not_writable(folder: Path, error: OSError) -> KnownError:
    """Return the error for a base folder without room or right for the ledger's files."""
    return KnownError(
        f"PayDesk can't save in the folder {folder} ({error.strerror}).",
        "Ask your administrator for permission to save there.",
        "Give this user the right to write there, or choose another folder with --basedir.",
    )


def file_not_writable(path: Path, error: OSError) -> KnownError:
    """Return the error for a ledger file that is not this user's."""
    return KnownError(
        f"The ledger {path} can't be saved ({error.strerror}).",
        "Ask your administrator for permission to save there.",
    )


def folder_not_readable(folder: Path, error: OSError) -> LedgerError:
    """Return the error for the folder of an open ledger that has gone."""
    return LedgerError(
        f"The ledger's folder {folder} can't be read ({error.strerror}).",
        "Ask your administrator to check that it is still there.",
    )


def little_space(free_bytes: int, needed_bytes: int) -> LedgerError:
    """Return the error for a disk without room for a payment."""
    return LedgerError(
        f"The ledger's disk has only {free_bytes // 2**20} MB free. "
        f"A payment needs {needed_bytes // 2**20} MB.",
        "Ask your administrator to free up space, then try again.",
    )


def on_another_computer(folder: Path) -> KnownError:
    """Return the error for a ledger file in a network folder."""
    return KnownError(
        f"The folder {folder} is on another computer: a ledger file could be damaged there.",
        "Ask your administrator to move it.",
        "Keep it on a disk of this computer. Several desks share one through PostgreSQL (ledger_url).",
    )


def synchronized(folder: Path, service: str) -> KnownError:
    """Return the error for a ledger file in a folder of a cloud service."""
    return KnownError(
        f"{service} syncs the folder {folder}: a ledger file could be damaged there.",
        "Close PayDesk, and ask your administrator to move it.",
        "Close PayDesk, move the folder to a place that is not synced, and start with --basedir. "
        "Several desks share one ledger through PostgreSQL (ledger_url).",
    )


def no_ledger(path: Path) -> KnownError:
    """Return the error for a ledger to read that was never made."""
    return KnownError(f"There is no ledger {path} yet.", "Start PayDesk once to make it.")


# ---- backups --------------------------------------------------------------------------------


def backup_not_written(folder: Path, error: OSError) -> LedgerError:
    """Return the error for a backup that cannot be written."""
    return LedgerError(
        f"PayDesk couldn't back up the ledger to {folder} ({error.strerror}).",
        "Ask your administrator to check the folder's permissions and free space.",
    )


def no_room_for_backup(folder: Path) -> LedgerError:
    """Return the error for a disk without room for a backup."""
    return LedgerError(
        f"There is no room for a backup of the ledger in {folder}.",
        "Ask your administrator to free up space.",
    )


def backup_damaged(ledger: Path, fault: str) -> LedgerDamaged:
    """Return the error for a copy whose events do not hold together."""
    return LedgerDamaged(
        f"The ledger {ledger} couldn't be backed up: {fault}",
        "Do not take payments on this desk. Ask your administrator to check the ledger.",
        f"Run `{COMMAND} verify`.",
    )


# ---- damage ---------------------------------------------------------------------------------


def damaged(place: str) -> LedgerDamaged:
    """Return the error for a file that is not as it was written."""
    return LedgerDamaged(
        f"The ledger {place} is damaged.",
        "Do not take payments on this desk. Ask your administrator to restore the newest backup.",
        "Restore the newest backup (docs/ledger.md, Restoring).",
    )


def history_changed(place: str, fault: str) -> LedgerDamaged:
    """Return the error for a chain of events that does not hold. ``fault`` names the event."""
    return LedgerDamaged(
        f"The history in the ledger {place} was changed: {fault}",
        "Do not take payments on this desk. Ask your administrator to check the ledger.",
        f"Run `{COMMAND} verify` (docs/ledger.md).",
    )


def cut_short(place: str) -> LedgerDamaged:
    """Return the error for a ledger without the newest events of this desk."""
    return LedgerDamaged(
        f"The ledger {place} is missing payments that this desk recorded: an older copy took its "
        "place, or part of it is gone.",
        "Do not take payments on this desk. Ask your administrator to check the ledger.",
        "See docs/ledger.md, Restoring.",
    )


def no_record(place: str, head_file: Path) -> LedgerDamaged:
    """Return the error for a ledger with events, beside which nothing says how many there should be."""
    return LedgerDamaged(
        f"The ledger {place} has payments, but {head_file.name}, which names the last one, is missing or "
        "damaged. The newest payments could be gone.",
        "Do not take payments on this desk. Ask your administrator to check the ledger.",
        "After a restore or a move to this computer: docs/ledger.md, Restoring.",
    )


def head_not_read(head_file: Path, error: OSError) -> LedgerError:
    """Return the error for a head file that is there and cannot be read."""
    return LedgerError(
        f"The file {head_file}, which names the ledger's last payment, can't be read ({reason(error)}).",
        "Close other programs, then try again.",
    )


def head_not_written(head_file: Path, error: OSError) -> LedgerError:
    """Return the error for a head file that cannot be made or replaced."""
    return LedgerError(
        f"The file {head_file}, which names the ledger's last payment, can't be saved ({reason(error)}).",
        "Ask your administrator to check the folder's permissions and free space, then try again.",
    )


PAYER_UNKNOWN = "Payer not known"
"""The payer of an offer that a restored ledger takes in: the journal keeps no names."""


def journal_not_written(folder: Path, error: OSError) -> LedgerError:
    """Return the error for an offer that could not be written down outside of the ledger."""
    return LedgerError(
        f"The payment link can't be noted in {folder} ({reason(error)}). It was not shown to anyone.",
        "Ask your administrator to check the folder's permissions and free space, then try again.",
    )


def journal_not_read(path: Path, error: Exception) -> LedgerError:
    """Return the error for an offer that a restored ledger cannot take in."""
    return LedgerError(
        f"The file {path} of a payment link can't be read ({type(error).__name__}).",
        "Look up the payment link in the processor's portal, and expire it there. Then move the file away.",
    )


def gone(path: Path, head_file: Path) -> LedgerDamaged:
    """Return the error for a ledger that had payments, and is not there any more."""
    return LedgerDamaged(
        f"The ledger {path} is gone or empty, although payments were recorded in it.",
        "Do not take payments on this desk. Ask your administrator to restore the newest backup.",
        "Restore the newest backup (docs/ledger.md, Restoring). To start a new ledger anyway, "
        f"remove {head_file.name} beside it.",
    )


def not_checked(error: Exception) -> LedgerError:
    """Return the error for a bug of ours in the check."""
    return LedgerError(
        f"The ledger couldn't be checked ({type(error).__name__}).",
        "Try again. If it keeps happening, tell your administrator.",
    )


# ---- a ledger of another kind ---------------------------------------------------------------


def outdated(place: str) -> KnownError:
    """Return the error for a ledger that only a start of PayDesk migrates."""
    return KnownError(
        f"The ledger {place} is empty or from an older PayDesk.",
        "Start PayDesk once. It updates the ledger.",
    )


def newer(place: str) -> KnownError:
    """Return the error for a ledger of a later version."""
    return KnownError(
        f"The ledger {place} is from a newer PayDesk. Nothing was changed.",
        "Ask your administrator to install the newest PayDesk here.",
    )


def foreign(place: str) -> KnownError:
    """Return the error for a database of something else."""
    return KnownError(
        f"{place} is not a PayDesk ledger. Nothing was changed.",
        "Ask your administrator to name the right one in the settings.",
    )


def other_world(place: str, theirs: str | None, ours: str) -> KnownError:
    """Return the error for a ledger of another world, such as the test host's on a live desk."""
    return KnownError(
        f"The ledger {place} belongs to the {theirs} desk; this is the {ours} desk.",
        "Ask your administrator to correct the settings.",
        f"Set {PROCESSOR.name}'s address in the settings back, or give this desk a ledger of its own: "
        "name an empty database in ledger_url, or move that file away.",
    )


def moved(place: str, target: str) -> KnownError:
    """Return the error for a file whose ledger is on a server now."""
    return KnownError(
        f"The ledger {place} was moved to {target}.",
        "Ask your administrator to set ledger_url in the settings.",
    )


# ---- a driver or server that could lose a commit --------------------------------------------


def unsafe_driver(pragma: str, value: object) -> KnownError:
    """Return the error for an SQLite that did not accept a pragma."""
    return KnownError(
        f"The ledger database can't be used safely ({pragma} is {value}).",
        "Ask your administrator to keep it on a local disk, not in a network or cloud folder.",
    )


def unsafe_server(place: str, reason: str) -> KnownError:
    """Return the error for a server that could lose a confirmed commit."""
    return KnownError(
        f"The ledger {place} can't be used safely: {reason}.",
        "Tell your administrator. Payments can't start without a safe ledger.",
    )


# ---- the two roles on a server -------------------------------------------------------------

_PREPARE = f"{COMMAND} prepare-ledger"
OWNER_PREPARES = f"Let the ledger's owner run this once, on any computer with these settings: {_PREPARE}"
"""The next step for a ledger on a server whose tables or rights are not those of this version."""


def not_prepared(place: str) -> KnownError:
    """Return the error for a ledger on a server without the tables of this version."""
    return KnownError(
        f"The ledger {place} is empty or from an older PayDesk.",
        "Ask your administrator to prepare it.",
        OWNER_PREPARES,
    )


def role_too_wide(place: str, role: str, reason: str) -> KnownError:
    """Return the error for a role that could change the ledger's history."""
    return KnownError(
        f"A desk must not use the ledger {place} as {role}: {reason}.",
        "Ask your administrator to change the role.",
        "Make a role for desks that owns nothing, and name it in ledger_url (docs/ledger.md, Two roles).",
    )


def no_role(place: str, role: str) -> KnownError:
    """Return the error for a desk's role that nobody has made."""
    return KnownError(
        f"The server of the ledger {place} has no role {role}.",
        "Ask your administrator to make it.",
        "Make it as docs/ledger.md says (Two roles), or correct the name in ledger_url.",
    )


def one_role(role: str) -> KnownError:
    """Return the error for an owner that is the desks' role, too."""
    return KnownError(
        f"{role} is the desks' role in ledger_url, and cannot be the owner as well.",
        "Ask your administrator for two roles.",
        "Name the owner with --owner, and another role in ledger_url (docs/ledger.md, Two roles).",
    )


# ---- the move to a server -------------------------------------------------------------------


def undecided(reference: str) -> KnownError:
    """Return the error for a move during an open payment."""
    return KnownError(
        f"Payment {reference} is not decided yet; the ledger was not moved.",
        "Wait until nothing is open, then start the move again.",
        f"Run `{COMMAND} reconcile`, wait until nothing is open, and start the move again.",
    )


def desk_open(desk: str) -> KnownError:
    """Return the error for a move while a desk runs."""
    return KnownError(
        f"PayDesk is open at desk {desk}; the ledger was not moved.", "Close it everywhere first."
    )


def in_use(name: str, table: str) -> KnownError:
    """Return the error for a move into a ledger with rows."""
    return KnownError(
        f"The ledger {name} is in use already: its table {table} is not empty.",
        "Name an empty database in ledger_url. No row was copied.",
    )


def copy_incomplete(table: str) -> KnownError:
    """Return the error for a table with other row counts on the two sides."""
    return KnownError(f"The copy of {table} is not complete; nothing was moved.", "Try again.")


def copy_damaged(fault: str | None) -> KnownError:
    """Return the error for a copied event chain with a fault, or with another head."""
    return KnownError(
        f"The copied events do not hold together; nothing was moved. {fault or ''}".strip(),
        "Ask your administrator to check this ledger first.",
        f"Run `{COMMAND} verify` on this ledger first.",
    )
