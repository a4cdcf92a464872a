"""A ledger file under every disk failure: clear messages, nothing lost, no charge on a bad disk."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from paydesk.domain.errors import Charged, KnownError
from paydesk.domain.payment import State
from paydesk.services.ports.ledger import InvoiceTaken
from paydesk.store.database import disk, migrate, sqlite
from paydesk.store.database.backup import Backups
from paydesk.store.database.errors import LedgerDamaged, LedgerError
from paydesk.store.database.head_file import HeadFile
from paydesk.store.database.opening import head_file_of, open_file
from paydesk.store.tables import events, schema
from paydesk.store.verify import verify
from tests.fakes import newer_schema, old_ledger
from tests.fakes.ledger import KEY
from tests.fakes.world import CARD
from tests.proving import cases, seeds, tasted
from tests.store.database.site import Opened, Site


class Usage(NamedTuple):
    """The result of ``shutil.disk_usage``."""

    total: int
    used: int
    free: int


sealed = pytest.mark.skipif(
    sqlite.driver() is sqlite3, reason="no SQLCipher wheel on this platform: pages carry no seal"
)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a ledger file that does not exist yet."""
    return Site(tmp_path)


@pytest.fixture
def path(site: Site) -> Path:
    """Return the path of the ledger."""
    return site.path


# ---- room -------------------------------------------------------------------------------


def test_without_room_no_payment_begins(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.opened() as desk:
        draft = desk.counter.draft("50123")
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**40, 2**40, 12 * 2**20))
        with pytest.raises(LedgerError, match=r"has only 12 MB free. A payment needs 32 MB\.") as refused:
            desk.counter.authorize.pay(draft, CARD)
        assert refused.value.charged is Charged.NO
        monkeypatch.undo()
        assert desk.counter.processor.sales == []
        assert desk.counter.authorize.pay(draft, CARD).state is State.AUTHORIZED


def test_an_approval_finds_room_on_a_full_disk(site: Site, path: Path) -> None:
    with site.opened() as desk:
        desk.store.maintenance.close()
        desk.ledger.beat()
        spare = path.with_name("live.ledger.spare")
        assert spare.stat().st_size == disk.SPARE_BYTES
        draft = desk.counter.draft("50123")
        fills_at_charge(desk, spare)
        assert desk.counter.authorize.pay(draft, CARD).state is State.AUTHORIZED
        assert not spare.exists()
        desk.ledger.beat()
        assert spare.exists(), "kept back again"


def fills_at_charge(desk: Opened, spare: Path) -> None:
    """Fill the disk at the charge, except for the spare file."""
    dialect: Any = desk.store.engine.dialect
    execute = dialect.do_execute

    def do_execute(*what: Any) -> None:
        if desk.counter.processor.sales and spare.exists():
            raise sqlite.driver().OperationalError("database or disk is full")
        execute(*what)

    dialect.do_execute = do_execute


def test_a_disk_that_stays_full_is_said_plainly_and_resolved_later(site: Site, path: Path) -> None:
    with site.opened() as desk:
        desk.store.maintenance.close()
        always = path.with_name("live.ledger")
        draft = desk.counter.draft("50123")
        fills_at_charge(desk, always)
        with pytest.raises(KnownError, match="approved, but it couldn't be saved"):
            desk.counter.authorize.pay(draft, CARD)
        processor = desk.counter.processor
        desk.counter.processor.sales = []  # there is room again
        desk.counter.clock.move(121)
        assert [payment.state for payment in desk.counter.resolve.all()] == [State.AUTHORIZED]
        assert len(processor.charges_made) == 1


# ---- folders and other programs ---------------------------------------------------------


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """Run as a user without privileges, because permissions do not bind root."""
    if os.name == "nt" or os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="Windows grants folders otherwise")
def test_a_read_only_folder_is_said_in_words(site: Site) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        site.path = folder / "live.ledger"
        site.taken("50123")
        before = (folder / "live.ledger").read_bytes()
        folder.chmod(0o555)
        (folder / "live.ledger").chmod(0o444)
        with unprivileged():
            site.refuses("can't save in the folder")
        assert (folder / "live.ledger").read_bytes() == before
        with unprivileged(), pytest.raises(KnownError, match=r"PayDesk can't save in the folder"):
            open_file(folder / "new" / "live.ledger", "training", lambda _: KEY)
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_locked_ledger_is_said_in_words(site: Site, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_TIMEOUT_MS", 100)
    with site.opened() as desk:
        desk.store.maintenance.close()
        draft = desk.counter.draft("50123")
        other = sqlite.open_sqlite(path, KEY)
        with other.begin(), pytest.raises(LedgerError, match="busy: another program is using them"):
            desk.counter.authorize.pay(draft, CARD)
        other.dispose()
        assert desk.counter.processor.sales == []
        assert desk.counter.authorize.pay(draft, CARD).state is State.AUTHORIZED


def test_network_folders_are_told() -> None:
    linux = list(
        disk.linux_mounts(
            "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
            "90 22 0:50 / /mnt/agency\\040share rw shared:9 - cifs //server/share rw,vers=3\n"
            "91 22 0:51 / /home/kim rw - nfs4 server:/home rw\n"
        )
    )
    assert disk.type_of_mount("/mnt/agency share/desk", linux) == "cifs"
    assert disk.type_of_mount("/home/kim", linux) == "nfs4"
    assert disk.type_of_mount("/home/kimberly", linux) == "ext4"
    mac = list(
        disk.mac_mounts(
            "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n"
            "//kim@server/share on /Volumes/share (smbfs, nodev, nosuid, mounted by kim)\n"
        )
    )
    assert disk.type_of_mount("/Volumes/share/desk", mac) == "smbfs"
    assert disk.type_of_mount("/Users/kim", mac) == "apfs"


def test_a_network_folder_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "type_of_mount", lambda _folder, _mounts: "nfs4")
    with pytest.raises(KnownError, match="is on another computer"):
        open_file(path, "training", lambda _: KEY)
    assert list(path.parent.iterdir()) == []


# ---- damage -----------------------------------------------------------------------------


@sealed
@tasted
def test_every_flipped_bit_and_every_cut_is_found_before_a_charge(
    site: Site, path: Path, tmp_path: Path
) -> None:
    site.taken("50123", "50140")
    whole, head = path.read_bytes(), path.with_name("live.ledger.head").read_bytes()
    chance = random.Random(15)
    for number in range(cases(90, 450)):
        hurt = bytearray(whole)
        if number % 9 == 0:
            del hurt[chance.randrange(1, len(hurt)) :]
        else:
            hurt[chance.randrange(len(hurt))] ^= 1 << chance.randrange(8)
        bad = tmp_path / f"{number}" / "live.ledger"
        bad.parent.mkdir()
        bad.write_bytes(hurt)
        bad.with_name("live.ledger.head").write_bytes(head)
        # Seen once in many runs: SQLite treats a damaged file as one that it must not write.
        if site.refuses("damaged|missing payments|can't be saved", bad):
            assert bad.read_bytes() == hurt, "it was left as it is"


def test_an_empty_or_missing_ledger_is_not_begun_anew(site: Site, path: Path) -> None:
    site.taken("50123")
    path.write_bytes(b"")
    site.refuses("is gone or empty, although payments were recorded")
    path.unlink()
    site.refuses("is gone or empty, although payments were recorded")
    assert not path.exists()
    path.with_name("live.ledger.head").unlink()
    site.taken("50140")


def test_a_missing_wal_file_is_found(site: Site, path: Path) -> None:
    site.taken("50123")
    left = site.crashed("50140")
    wal = left.with_name("live.ledger-wal")
    if not wal.exists():
        pytest.skip("this SQLite keeps no -wal file")
    wal.unlink()
    site.refuses(path=left, match="is missing payments that this desk recorded")


def test_a_wal_file_left_by_a_crash_is_used(site: Site) -> None:
    site.taken("50123")
    left = site.crashed("50140")
    with site.opened(left) as desk:
        assert [payment.receipt_number for payment in desk.ledger.payments(limit=9)] == [
            "R-000002",
            "R-000001",
        ]
        assert desk.counter.pay("50200").receipt_number == "R-000003"


def test_an_alien_wal_file_is_found(site: Site, path: Path, tmp_path: Path) -> None:
    site.taken("50123")
    left = site.crashed("50140")
    stranger = Site(tmp_path / "stranger").crashed("50123", "50140", "50200")
    wal = stranger.with_name("live.ledger-wal")
    if not wal.exists():
        pytest.skip("this SQLite keeps no -wal file")
    shutil.copy(wal, left.with_name("live.ledger-wal"))
    site.refuses(path=left)


def test_an_older_copy_of_the_ledger_is_found(site: Site, path: Path) -> None:
    site.taken("50123")
    older = path.read_bytes()
    site.taken("50140")
    path.write_bytes(older)
    site.refuses("is missing payments that this desk recorded")


def test_a_clock_that_is_set_back_loses_nothing(site: Site) -> None:
    with site.opened() as desk:
        counter = desk.counter
        first = counter.pay("50123")
        counter.processor.lose_next_reply()
        unknown = counter.pay("50140")
        counter.clock.at = counter.clock.at.replace(year=2016)
        assert counter.resolve.check(unknown.id).state is State.AUTHORIZED
        assert counter.pay("50200").receipt_number == "R-000003"
        assert not counter.lookup.by_invoice("50123").rows[0].payable
        assert [payment.id for payment in counter.ledger.payments(limit=9)][-1] == first.id
        with desk.store.engine.connect() as connection:
            assert list(events.faults(connection)) == []


def test_a_reading_dated_ahead_by_a_wrong_clock_gives_way(site: Site) -> None:
    with site.opened() as desk:
        counter = desk.counter
        counter.clock.at = counter.clock.at.replace(year=2036)
        counter.lookup.by_invoice("50123")
        counter.clock.at = counter.clock.at.replace(year=2026)
        counter.source.owe("50123", 70_00)
        counter.lookup.by_invoice("50123")
        found = counter.lookup.cached_by_invoice("50123")
        assert found is not None
        assert found.rows[0].owed.cents == 70_00


# ---- backups ----------------------------------------------------------------------------


def backups(path: Path) -> list[Path]:
    """Return the backups, oldest first."""
    return sorted((path.parent / "backups").iterdir())


def test_one_backup_a_day_that_opens_with_the_ledgers_key(site: Site, path: Path) -> None:
    site.taken("50123")
    with site.opened() as desk:
        desk.store.maintenance.close()
        desk.ledger.beat()
        desk.ledger.beat()
    [only] = backups(path)
    if os.name == "posix":
        assert only.stat().st_mode & 0o077 == 0
    if sqlite.driver() is not sqlite3:
        assert b"SQLite format 3" not in only.read_bytes()
    os.utime(only.replace(only.with_name("live-2026-08-13-120000.ledger")), (0, 0))
    with site.opened() as desk:
        desk.store.maintenance.close()
        desk.counter.pay("50140")
        desk.ledger.beat()
    assert len(backups(path)) == 2
    with site.opened(restored(path)) as desk:
        assert [payment.receipt_number for payment in desk.ledger.payments(limit=9)] == [
            "R-000002",
            "R-000001",
        ]


def restored(path: Path) -> Path:
    """Restore the newest backup on another computer."""
    target = path.parent.with_name("restored") / path.name
    target.parent.mkdir()
    shutil.copy(backups(path)[-1], target)
    return target


@tasted
@pytest.mark.parametrize("seed", seeds(12, 50))
def test_drill_after_a_restore_no_charge_is_lost_and_none_repeated(site: Site, path: Path, seed: int) -> None:
    chance = random.Random(seed)
    numbers = [str(60_000 + turn) for turn in range(chance.randint(2, 6))]
    for number in numbers:
        site.source.owe(number, 100_00)
    kept = chance.randint(0, len(numbers) - 1)
    with site.opened() as desk:
        for number in numbers[:kept]:
            desk.counter.pay(number)
        desk.store.maintenance.close()
        desk.ledger.beat()
        for number in numbers[kept:]:
            if chance.random() < 0.3:
                desk.counter.processor.lose_next_reply()
            desk.counter.pay(number)
    (path.with_name("live.ledger-wal")).unlink(missing_ok=True)
    shutil.copy(backups(path)[-1], path)
    assert not site.refuses("is missing payments that this desk recorded"), "only at the first hold"
    store = open_file(path, "training", lambda _: KEY)
    verify.accept(store.engine, store.place, HeadFile(head_file_of(path)), ("Front-1", "Dana"))
    store.maintenance.close()
    store.engine.dispose()
    with site.opened() as desk:
        desk.counter.resolve.all()
        lost = {charge.reference for charge in desk.counter.resolve.strangers}
        known = {payment.reference for payment in desk.ledger.payments(limit=99, states=[State.AUTHORIZED])}
        assert (len(lost), len(known)) == (len(numbers) - kept, kept)
        assert not any(desk.counter.lookup.by_invoice(number).rows[0].payable for number in numbers[:kept])
        for number in numbers[kept:]:
            with pytest.raises(InvoiceTaken, match="already paid by PayDesk"):
                desk.counter.pay(number)
        assert len(site.processor.sales) == len(numbers)


def test_the_oldest_backups_go_and_a_bad_ledger_replaces_none(site: Site, path: Path) -> None:
    with site.opened() as desk:
        desk.store.maintenance.close()
        kept = Backups(path, KEY, keep=3)
        for day in range(5):
            made = kept.make(desk.store.engine)
            made.replace(made.with_name(f"live-2026-08-1{day}-120000.ledger"))
        kept.make(desk.store.engine)
        assert len(kept.made()) == 3
        before = kept.made()
        with desk.store.engine.begin() as connection:
            connection.execute(
                sa.update(schema.info).where(schema.info.c.key == "event_head").values(value="0")
            )
        with pytest.raises(LedgerDamaged, match="couldn't be backed up"):
            kept.make(desk.store.engine)
        assert kept.made() == before


def test_backups_of_one_world_never_displace_those_of_another(site: Site, path: Path) -> None:
    """The name of one host may begin like that of another, as host-a and host-a-8443 do."""
    with site.opened() as desk:
        desk.store.maintenance.close()
        folder = Backups(path, KEY, keep=1).folder
        others = [folder / f"live-8443-2026-08-1{day}-120000.ledger" for day in range(3)]
        folder.mkdir(exist_ok=True)
        for other in others:
            other.write_bytes(b"another ledger")
        kept = Backups(path, KEY, keep=1)
        kept.make(desk.store.engine)
        assert len(kept.made()) == 1
        assert all(other.exists() for other in others)


def test_a_backup_is_made_before_the_schema_changes(
    site: Site, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    old = sqlite.open_sqlite(path, KEY)
    old_ledger.build(old)
    with old.begin() as connection:
        HeadFile(head_file_of(path)).accept(str(events.head(connection)))
    old.dispose()
    newer_schema.install(tmp_path, monkeypatch)
    with site.opened() as desk:
        assert desk.ledger.payments(limit=1)[0].receipt_number == "R-000001"
        assert desk.counter.pay("50200").receipt_number == "R-000002"
    before = sqlite.open_sqlite(backups(path)[0], KEY)
    with before.begin() as connection:
        assert migrate.version_of(connection) == "0003"
    before.dispose()


def test_the_newest_event_is_remembered_in_whatever_file_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "test.ledger.head"
    head_file = HeadFile(path)
    for head in ("a" * 64, "b" * 64):
        head_file.write(head)
        assert HeadFile(path).read() == head
    path.write_text("c" * 64 + "\n", encoding="ascii")
    head_file.write("d" * 64)
    assert HeadFile(path).read() == "d" * 64
    head_file.close()


def test_another_file_that_was_put_beside_the_ledger_is_written_to_after_the_next_heartbeat(
    site: Site,
) -> None:
    head = site.path.with_name("live.ledger.head")
    with site.opened() as desk:
        desk.counter.pay("50123")
        desk.ledger.beat()
        head.unlink()
        desk.counter.pay("50200")
        with desk.store.engine.begin() as connection:
            newest = connection.execute(
                sa.select(schema.event.c.hash).order_by(schema.event.c.seq.desc())
            ).scalar()
        assert HeadFile(head).read() == newest
