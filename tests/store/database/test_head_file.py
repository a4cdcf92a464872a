"""A ledger that does not fit its head file takes no payment until a person accepts it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.config import files
from paydesk.domain.events import EventKind
from paydesk.domain.payment import State
from paydesk.store.cache.cache import SqlCache
from paydesk.store.database.errors import LedgerDamaged, LedgerError
from paydesk.store.database.head_file import HeadFile, Seat
from paydesk.store.database.opening import head_file_of, open_file, open_server
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.tables import events, schema
from paydesk.store.tables.events import GENESIS
from paydesk.store.verify import verify
from tests.fakes.ledger import KEY
from tests.fakes.postgres import Database, PostgresServer
from tests.fakes.world import Counter, FakeProcessor, FakeSource
from tests.store.database.site import Site

NO_RECORD = "which names the last one, is missing or damaged"
CUT_SHORT = "is missing payments that this desk recorded"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a ledger file with two payments, and their head file."""
    made = Site(tmp_path)
    made.taken("50123", "50140")
    return made


def head_of(site: Site) -> Path:
    return head_file_of(site.path)


def accept(path: Path) -> None:
    """Accept the ledger, as ``paydesk verify --accept`` does."""
    store = open_file(path, "training", lambda _: KEY)
    head_file = HeadFile(head_file_of(path))
    assert len(verify.verify(store.engine, store.place, head_file).wrong) == 1
    verify.accept(store.engine, store.place, head_file, ("Front-1", "Dana"))
    assert verify.verify(store.engine, store.place, head_file).wrong == ()
    store.maintenance.close()
    store.engine.dispose()


def note(site: Site, by: str = "phone") -> None:
    """Write an event that needs no payment, as a lookup does, and close the desk."""
    with site.opened() as desk:
        desk.ledger.note(None, EventKind.IDENTIFIED, {"customer": "1001", "by": by})


# ---- a ledger file ------------------------------------------------------------------------------


def test_the_file_is_there_before_the_first_event(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with site.opened():
        assert head_of(site).read_text() == f"{GENESIS}\n"
    if os.name == "posix":
        assert head_of(site).stat().st_mode & 0o777 == 0o600


def removed(head: Path) -> None:
    head.unlink()


def folder(head: Path) -> None:
    head.unlink()
    head.mkdir()


def link(head: Path) -> None:
    """Put a link to a copy of itself in its place."""
    copy = head.with_name("copy")
    head.rename(copy)
    head.symlink_to(copy)


def containing(data: bytes) -> Callable[[Path], None]:
    def write(head: Path) -> None:
        head.write_bytes(data)

    return write


NO_RECORDS = {
    "removed": removed,
    "a folder": folder,
    "a link": link,
    "empty": containing(b""),
    "short": containing(b"a" * 63 + b"\n"),
    "long": containing(b"a" * 65 + b"\n"),
    "capitals": containing(b"A" * 64 + b"\n"),
    "no hex": containing(b"g" * 64 + b"\n"),
    "another line end": containing(b"a" * 64 + b"\r\n"),
    "two lines": containing((b"a" * 64 + b"\n") * 2),
    "zeros of a torn disk": containing(b"\0" * 65),
    "full width": containing("０".encode() * 64 + b"\n"),
}


@pytest.mark.parametrize("change", NO_RECORDS.values(), ids=NO_RECORDS)
def test_without_its_record_nothing_is_charged_until_a_person_accepts(
    change: Callable[[Path], None], site: Site
) -> None:
    change(head_of(site))
    assert not site.refuses(NO_RECORD), "only at the first hold: what is there can be read"
    note(site)  # no event of a desk that goes on working makes the record whole
    site.refuses(NO_RECORD)
    if head_of(site).is_dir():
        head_of(site).rmdir()
    accept(site.path)
    site.taken("50200")
    with site.opened() as desk, desk.store.engine.connect() as connection:
        [row] = connection.execute(
            sa.select(schema.event).where(schema.event.c.kind == "accepted")
        ).mappings()
        assert row["user"] == "Dana"


def test_the_file_of_a_new_ledger_does_not_fit_an_old_one(site: Site) -> None:
    head_of(site).write_text(f"{GENESIS}\n")
    site.refuses(NO_RECORD)


def test_an_older_copy_without_a_record_is_no_new_beginning(site: Site) -> None:
    older = site.path.read_bytes()
    with site.opened() as desk:
        assert desk.counter.pay("50200").state is State.AUTHORIZED
    site.path.write_bytes(older)
    head_of(site).unlink()
    site.source.owe("50300", 100_00)
    site.refuses(NO_RECORD)


def test_an_older_copy_stays_found_whatever_is_written_meanwhile(site: Site) -> None:
    older = site.path.read_bytes()
    note(site)
    site.path.write_bytes(older)
    site.refuses(CUT_SHORT)
    note(site, "name")
    site.refuses(CUT_SHORT)
    accept(site.path)
    site.taken("50200")


def test_a_backup_on_another_computer_waits_for_a_person(site: Site, tmp_path: Path) -> None:
    with site.opened() as desk:
        desk.store.maintenance.close()
        desk.ledger.beat()
    [backup] = (site.path.parent / "backups").iterdir()
    there = tmp_path / "other" / site.path.name
    there.parent.mkdir()
    shutil.copy(backup, there)
    assert not site.refuses(NO_RECORD, there)
    accept(there)
    with site.opened(there) as desk:
        assert desk.counter.pay("50200").state is State.AUTHORIZED


def test_a_moved_folder_needs_nothing(site: Site, tmp_path: Path) -> None:
    site.path.parent.rename(tmp_path / "moved")
    with site.opened(tmp_path / "moved" / site.path.name) as desk:
        assert desk.counter.pay("50200").state is State.AUTHORIZED


def test_a_crash_before_the_first_record_needs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path)
    with site.opened() as desk:
        monkeypatch.setattr(HeadFile, "write", lambda *_: None)
        desk.ledger.hold(desk.counter.draft("50123"), "PDFIRST")
    monkeypatch.undo()
    assert head_of(site).read_text() == f"{GENESIS}\n"
    with site.opened() as desk:
        assert desk.counter.pay("50140").state is State.AUTHORIZED
    site.taken("50200")


def test_a_record_that_another_program_holds_is_asked_for_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = files.open_private

    def held(path: Path, flags: int) -> int:
        if path == head_of(site) and flags == os.O_RDONLY:
            raise PermissionError(13, "used by another process")
        return real(path, flags)

    with site.opened() as desk:
        desk.store.maintenance._check.join()
        monkeypatch.setattr(files, "PATIENCE_S", 0.0)
        monkeypatch.setattr(files, "open_private", held)
        desk.store.maintenance._check._begin()
        with pytest.raises(LedgerError, match="another program is using it") as said:
            desk.counter.pay("50200")
        assert not isinstance(said.value, LedgerDamaged)
        monkeypatch.setattr(files, "open_private", real)
        assert desk.counter.pay("50200").state is State.AUTHORIZED


def test_a_record_that_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _data: bytes, **_: object) -> None:
        raise OSError(28, "No space left on device")

    site = Site(tmp_path)
    monkeypatch.setattr("paydesk.store.database.head_file.write_new", full)
    with pytest.raises(LedgerError, match="can't be saved"):
        site.taken("50123")
    monkeypatch.undo()
    site.taken("50123")
    monkeypatch.setattr("paydesk.store.database.head_file.write_whole", full)
    with pytest.raises(LedgerError, match="can't be saved"):
        HeadFile(head_of(site)).accept("a" * 64)


def test_a_link_in_place_of_the_record_is_never_written_through(site: Site, tmp_path: Path) -> None:
    if not hasattr(os, "O_NOFOLLOW"):
        pytest.skip("links cannot be told when a file is opened here")
    victim = tmp_path / "victim"
    victim.write_text("do not touch")
    head_of(site).unlink()
    head_of(site).symlink_to(victim)
    note(site)
    HeadFile(head_of(site)).write("a" * 64)
    assert victim.read_text() == "do not touch"


# ---- a server -----------------------------------------------------------------------------------


class Desks:
    """Desks that share a ledger on a server. Each computer has a folder."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self._folder = database, folder
        self.processor = FakeProcessor()
        self.source = FakeSource(database.clock)
        self._numbers = iter(range(50_000, 60_000))

    def head(self, computer: str) -> Path:
        return self._folder / computer / "live.ledger.head"

    def work(self, desk: str, user: str, computer: str, payments: int = 1) -> None:
        """Open a desk, take payments, and close it."""
        self.head(computer).parent.mkdir(exist_ok=True)
        seat = Seat(desk, user, computer)
        address = self.database.url.render_as_string()
        store = open_server(address, None, "training", seat, self.head(computer))
        ledger = SqlLedger(
            store.engine,
            self.database.clock,
            desk=desk,
            user=user,
            host=computer,
            path=store.place,
            maintenance=store.maintenance,
        )
        cache = SqlCache(store.engine, store.place)
        counter = Counter(ledger, cache, self.source, self.processor, self.database.clock)
        try:
            for number in [str(next(self._numbers)) for _ in range(payments)]:
                self.source.owe(number, 100_00)
                assert counter.pay(number).state is State.AUTHORIZED
        finally:
            ledger.close()

    def joined(self) -> list[str]:
        """Return the desks that joined, in order."""
        engine = sa.create_engine(self.database.url)
        with engine.connect() as connection:
            query = sa.select(schema.event.c.desk).where(schema.event.c.kind == "joined")
            found = [str(desk) for desk in connection.execute(query.order_by(schema.event.c.seq)).scalars()]
            assert list(events.faults(connection)) == []
        engine.dispose()
        return found


@pytest.fixture
def desks(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Desks]:
    """Return an empty ledger on a server."""
    with postgres_server.database() as database:
        yield Desks(database, tmp_path)


def test_a_new_desk_joins_and_the_ledger_records_it(desks: Desks) -> None:
    desks.work("Front-1", "Dana", "pc-1")
    assert desks.joined() == [], "it began the ledger"
    desks.work("Front-2", "Kim", "pc-2")
    desks.work("Front-2", "Kim", "pc-2")
    assert desks.joined() == ["Front-2"]
    desks.work("Front-1", "Dana", "pc-3")  # a new computer for the same desk and person
    desks.work("Front-2", "Lee", "pc-4")  # another person, with a folder of their own
    assert desks.joined() == ["Front-2", "Front-1", "Front-2"]


def test_a_desk_that_returns_without_its_record_waits_for_a_person(desks: Desks) -> None:
    desks.work("Front-1", "Dana", "pc-1")
    desks.work("Front-2", "Kim", "pc-2")
    desks.head("pc-2").unlink()
    for _ in range(2):
        with pytest.raises(LedgerDamaged, match=NO_RECORD):
            desks.work("Front-2", "Kim", "pc-2")
    assert not desks.head("pc-2").exists()
    desks.work("Front-1", "Dana", "pc-1")
    engine = sa.create_engine(desks.database.url)
    head_file = HeadFile(desks.head("pc-2"), Seat("Front-2", "Kim", "pc-2"))
    assert verify.verify(engine, "the server", head_file).short
    stranger = HeadFile(desks.head("pc-2"), Seat("Front-9", "Kim", "pc-2"))
    assert not verify.verify(engine, "the server", stranger).short, "it has not joined yet"
    verify.accept(engine, "the server", head_file, ("Front-2", "Kim"))
    engine.dispose()
    desks.work("Front-2", "Kim", "pc-2")


def test_a_desk_that_only_looked_on_joined_nothing_and_needs_nothing(desks: Desks) -> None:
    desks.work("Front-1", "Dana", "pc-1", payments=0)
    desks.work("Front-2", "Kim", "pc-2", payments=5)
    desks.work("Front-1", "Dana", "pc-1")
    desks.head("pc-1").write_text(f"{GENESIS}\n")
    desks.work("Front-1", "Dana", "pc-1", payments=4)


def test_a_crash_while_a_desk_joins_needs_nothing(desks: Desks, monkeypatch: pytest.MonkeyPatch) -> None:
    desks.work("Front-1", "Dana", "pc-1")

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    for point in ("_join", "write"):
        monkeypatch.setattr(HeadFile, point, dies)
        with pytest.raises(KeyboardInterrupt):
            desks.work("Front-2", point, "pc-2")
        monkeypatch.undo()
        desks.work("Front-2", point, "pc-2")
        desks.head("pc-2").unlink()
