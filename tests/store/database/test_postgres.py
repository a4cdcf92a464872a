"""The ledger on a server: which servers are refused, and payments while it is unreachable."""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.invoice import Invoice
from paydesk.domain.money import ZERO, total
from paydesk.domain.outcome import Declined, Reason
from paydesk.domain.payment import Draft, Payer, PaymentLine, State
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.services.payments.authorize import NotRecorded
from paydesk.services.ports.ledger import InvoiceTaken
from paydesk.store.cache.cache import SqlCache
from paydesk.store.database import postgres
from paydesk.store.database.errors import LedgerDamaged, LedgerError, known_errors
from paydesk.store.database.head_file import Seat
from paydesk.store.database.migrate import prepare
from paydesk.store.database.opening import Store, open_server
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.verify.verify import verify
from tests.fakes.ledger import ServerLedgerMaker
from tests.fakes.postgres import PostgresServer
from tests.fakes.world import BAKERY, CARD, LETTERHEAD, Counter, FakeProcessor, FakeSource
from tests.proving import cases, tasted

SEAT = Seat("Front-1", "Dana", "test")

SAFE: Mapping[str, object] = {
    "in_recovery": False,
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "standbys": "",
    "encoding": "UTF8",
}


@pytest.fixture
def ledger_kind() -> str:
    """Use PostgreSQL, because these tests are about the server."""
    return "postgresql"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"synchronous_commit": "remote_apply", "standbys": "*"}, ""),
        ({"synchronous_commit": "local"}, ""),
        ({"synchronous_commit": "local", "standbys": "*"}, "synchronous_commit is local"),
        ({"synchronous_commit": "off"}, "synchronous_commit is off"),
        ({"fsync": "off"}, "fsync is off"),
        ({"full_page_writes": "off"}, "full_page_writes is off"),
        ({"in_recovery": True}, "standby"),
        ({"encoding": "SQL_ASCII"}, "SQL_ASCII, not UTF8"),
    ],
)
def test_a_server_that_could_lose_a_commit_is_unsafe(change: Mapping[str, object], reason: str) -> None:
    found = postgres.unsafe({**SAFE, **change})
    assert reason in found
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ledger.example.com", "not an address"),
        ("mysql://u@localhost/d", r"must begin with postgresql\+psycopg"),
        ("postgresql+psycopg://u:secret@localhost/d", "a password does not belong there"),
        ("postgresql+psycopg://localhost/d", "must name a user"),
        ("postgresql+psycopg://u@localhost", "must name a user, a server and a database"),
        ("postgresql+psycopg://u@localhost/d?hostaddr=10.0.0.1", "hostaddr is not an option"),
        ("postgresql+psycopg://u@ledger.example.com/d", "sslmode=verify-full"),
        ("postgresql+psycopg://u@ledger.example.com/d?sslmode=require", "sslmode=verify-full"),
        ("postgresql+psycopg://u@ledger.example.com/d?sslmode=verify-full", "sslrootcert"),
    ],
)
def test_an_address_that_is_wrong_or_unsafe_is_refused(text: str, reason: str) -> None:
    with pytest.raises(KnownError, match=reason) as refused:
        postgres.ledger_url(text, None)
    assert "secret" not in str(refused.value)


def test_a_password_is_in_no_sentence() -> None:
    safe = "postgresql+psycopg://u@ledger.example.com:5433/d?sslmode=verify-full&sslrootcert=ca.pem"
    url = postgres.ledger_url(safe, "secret")
    assert (url.password, postgres.place_of(url)) == ("secret", "ledger.example.com:5433/d")


def test_a_database_that_does_not_wait_for_the_disk_is_refused(new_ledger: ServerLedgerMaker) -> None:
    name = new_ledger.database.url.database
    new_ledger.database.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(KnownError, match="can't be used safely: synchronous_commit is off"):
        new_ledger("Front-1")


def test_a_database_of_another_encoding_is_refused(postgres_server: PostgresServer) -> None:
    with postgres_server.admin("postgres") as admin:
        admin.execute("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    engine = postgres.open_postgres(postgres_server.url("ascii"))
    with pytest.raises(KnownError, match="SQL_ASCII, not UTF8"):
        prepare(engine, "training", "ascii")
    engine.dispose()


def test_no_database_and_no_server_are_said_in_words(postgres_server: PostgresServer) -> None:
    engine = postgres.open_postgres(postgres_server.url("nowhere"))
    with pytest.raises(LedgerError, match="There is no database"):
        prepare(engine, "training", postgres.place_of(engine.url))
    engine.dispose()
    engine = postgres.open_postgres(postgres_server.url("postgres").set(port=1))
    with pytest.raises(LedgerError, match="can't be reached"):
        prepare(engine, "training", postgres.place_of(engine.url))
    engine.dispose()


def test_the_program_opens_a_ledger_that_its_owner_has_prepared(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with postgres_server.database("template0") as database:
        with pytest.raises(KnownError, match="is empty or from an older PayDesk") as refused:
            open_server(database.url.render_as_string(), None, "live", SEAT, tmp_path / "head")
        assert refused.value.admin.endswith(
            "run this once, on any computer with these settings: paydesk prepare-ledger"
        )
        postgres_server.prepare(str(database.url.database), "live")
        head = tmp_path / "live.ledger.head"

        def begin() -> tuple[Store, SqlLedger]:
            store = open_server(database.url.render_as_string(), None, "live", SEAT, head)
            ledger = SqlLedger(
                store.engine,
                database.clock,
                desk="Front-1",
                user="Dana",
                host="test",
                path=store.place,
                maintenance=store.maintenance,
            )
            return store, ledger

        store, ledger = begin()
        ledger.note(None, EventKind.IDENTIFIED, {"customer": "1001", "by": "phone"})
        store.maintenance.before_hold()
        ledger.close()
        database.run("ALTER TABLE event DISABLE TRIGGER ALL")
        database.run("DELETE FROM event")
        store, ledger = begin()
        with pytest.raises(LedgerDamaged, match="is missing payments that this desk recorded"):
            store.maintenance.before_hold()
        ledger.close()


def test_a_connection_that_is_cut_at_the_start_is_said_in_words(
    postgres_server: PostgresServer, new_ledger: ServerLedgerMaker, tmp_path: Path
) -> None:
    engine = new_ledger.engine()

    def cut(connection: sa.Connection) -> None:
        new_ledger.database.cut_connections()

    sa.event.listen(engine, "begin", cut)
    with pytest.raises(LedgerError, match="can't be reached"):
        postgres.advice(engine)


def test_a_server_without_checksums_is_pointed_out(new_ledger: ServerLedgerMaker) -> None:
    assert postgres.advice(new_ledger.engine()) == []


def test_two_desks_see_each_other(counter: Counter, new_ledger: ServerLedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    other = Counter(*new_ledger("Front-2", "Kim"), counter.source, counter.processor, counter.clock)
    draft = counter.draft("50123")
    held = other.ledger.hold(other.draft("50123"), "PDOTHER")
    row = counter.lookup.by_invoice("50123").rows[0]
    assert row.status is not None
    assert (row.status.being_paid, row.status.desk, row.status.user, row.payable) == (
        True,
        "Front-2",
        "Kim",
        False,
    )
    with pytest.raises(InvoiceTaken, match="Invoice 50123 is being paid by Kim at Front-2"):
        counter.authorize.pay(draft, CARD)
    other.ledger.release(held.id, "changed their mind", Reason.GIVEN_UP)
    assert counter.pay("50123").state is State.AUTHORIZED
    again = other.lookup.by_invoice("50123").rows[0]
    assert again.status is not None
    assert (again.status.desk, again.status.receipt_number, again.payable) == ("Front-1", "R-000001", False)


def test_connections_that_died_at_rest_are_replaced(counter: Counter, new_ledger: ServerLedgerMaker) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    new_ledger.database.cut_connections()
    assert counter.authorize.pay(draft, CARD).state is State.AUTHORIZED


@pytest.mark.parametrize("commit", [1, 2, 3])
@pytest.mark.parametrize("happened", [False, True], ids=["cut before", "cut after"])
def test_a_connection_cut_at_a_commit_charges_at_most_once(
    counter: Counter, new_ledger: ServerLedgerMaker, commit: int, happened: bool
) -> None:
    """Commits 1 to 3 are those of hold, submission and outcome."""
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    with cut_at_commit(counter, new_ledger, commit, happened):
        if commit == 3:
            assert counter.authorize.pay(draft, CARD).state is State.AUTHORIZED
        else:
            with pytest.raises(LedgerError, match="can't be reached"):
                counter.authorize.pay(draft, CARD)
    if commit != 3:
        assert counter.processor.sales == []
        assert counter.ledger.undecided() == [], "given back at once"
        assert counter.authorize.pay(draft, CARD).state is State.AUTHORIZED
    assert counter.processor.charges_made == [draft.quote.total]


@contextlib.contextmanager
def cut_at_commit(counter: Counter, maker: ServerLedgerMaker, number: int, happened: bool) -> Iterator[None]:
    """Cut all connections at this desk's ``number``-th commit, before or after it happened."""
    commits = itertools.count(1)

    def cut(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("paydesk_read") or next(commits) != number:
            return
        if happened:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("COMMIT")
        maker.database.cut_connections()
        if happened:  # the driver would not notice, because nothing is left to commit
            connection.exec_driver_sql("SELECT 1")

    sa.event.listen(counter.ledger.transactions.engine, "commit", cut)
    yield
    sa.event.remove(counter.ledger.transactions.engine, "commit", cut)


def test_a_server_that_is_away_starts_no_payment_and_loses_none(
    counter: Counter, new_ledger: ServerLedgerMaker, postgres_server: PostgresServer
) -> None:
    counter.source.owe("50123", 100_00)
    counter.source.owe("50140", 20_00)
    first, second = counter.draft("50123"), counter.draft("50140")
    taken = counter.authorize.pay(first, CARD)
    postgres_server.stop("immediate")
    try:
        with pytest.raises(LedgerError, match="can't be reached"):
            counter.authorize.pay(second, CARD)
    finally:
        postgres_server.start()
        new_ledger.database.reconnect()
    assert len(counter.processor.sales) == 1
    assert counter.ledger.payment(taken.id) == taken
    assert counter.authorize.pay(second, CARD).receipt_number == "R-000002"


def test_a_server_that_crashes_during_the_charge_is_found_out_later(
    counter: Counter, new_ledger: ServerLedgerMaker, postgres_server: PostgresServer
) -> None:
    counter.source.owe("50123", 100_00)
    counter.processor.before_pay = lambda: postgres_server.stop("immediate")
    try:
        with pytest.raises(KnownError, match="approved, but it couldn't be saved"):
            counter.pay("50123")
    finally:
        postgres_server.start()
        new_ledger.database.reconnect()
    new_ledger.clock.move(601)
    assert [payment.state for payment in counter.resolve.all()] == [State.AUTHORIZED]
    assert len(counter.processor.charges_made) == 1


@tasted
def test_cuts_at_any_commit_of_many_payments_lose_and_repeat_nothing(
    counter: Counter, new_ledger: ServerLedgerMaker
) -> None:
    chance = random.Random(17)
    for number in range(cases(40, 500)):
        invoice = str(60_000 + number)
        counter.source.owe(invoice, 100_00)
        draft = counter.draft(invoice)
        commit, happened = chance.randrange(1, 4), chance.random() < 0.5
        with (
            cut_at_commit(counter, new_ledger, commit, happened),
            contextlib.suppress(LedgerError, NotRecorded),
        ):
            counter.authorize.pay(draft, CARD)
    new_ledger.clock.move(601)
    counter.resolve.all()
    assert counter.ledger.undecided() == []
    paid = counter.ledger.payments(limit=1000, states=[State.AUTHORIZED])
    sent = {f"txn-{token}" for token in counter.processor.sales}
    assert {payment.processor_ref for payment in paid} == sent
    assert len(counter.processor.sales) == len(counter.processor.charges_made)
    assert verify(new_ledger.engine(), new_ledger.place, None).wrong == ()


@tasted
def test_what_a_crashing_server_confirmed_is_there_again(
    counter: Counter, new_ledger: ServerLedgerMaker, postgres_server: PostgresServer
) -> None:
    for number in range(cases(3, 50)):
        invoice = str(60_000 + number)
        counter.source.owe(invoice, 100_00)
        taken = counter.pay(invoice)
        postgres_server.stop("immediate")
        postgres_server.start()
        new_ledger.database.reconnect()
        assert counter.ledger.payment(taken.id) == taken


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (psycopg.errors.DiskFull("no space"), "is full"),
        (psycopg.errors.TooManyConnections("no"), "no free connection for this desk"),
        (psycopg.errors.ReadOnlySqlTransaction("no"), "can't be saved"),
        (psycopg.errors.InsufficientPrivilege("no"), "denies this desk a permission that it needs"),
        (psycopg.errors.LockNotAvailable("no"), "busy: another desk is using them"),
        (psycopg.errors.QueryCanceled("no"), "busy: another desk is using them"),
        (psycopg.errors.DeadlockDetected("no"), "busy: another desk is using them"),
        (psycopg.errors.DataCorrupted("no"), "is damaged"),
        (psycopg.errors.AdminShutdown("no"), "can't be reached"),
        (psycopg.OperationalError("server closed the connection unexpectedly"), "can't be reached"),
        (psycopg.OperationalError('FATAL: password authentication failed for user "u"'), "name or password"),
        (psycopg.OperationalError('FATAL: database "d" does not exist'), "There is no database"),
        (psycopg.OperationalError("SSL error: certificate verify failed"), "could not prove that it is"),
        (psycopg.OperationalError("FATAL: sorry, too many clients already"), "no free connection"),
        (psycopg.DataError("odd"), "can't use its payment records now (odd)"),
    ],
)
def test_every_trouble_has_its_sentence(error: psycopg.Error, words: str) -> None:
    lost = isinstance(error, psycopg.OperationalError)
    wrapped = (sa.exc.OperationalError if lost else sa.exc.DBAPIError)("SELECT 1", {}, error)
    with pytest.raises(LedgerError) as trouble, known_errors("server/ledger"):
        raise wrapped
    assert words in trouble.value.sentence
    assert trouble.value.next_step


def test_a_desk_left_behind_by_an_upgrade_takes_no_payment(
    counter: Counter, new_ledger: ServerLedgerMaker
) -> None:
    counter.source.owe("50123", 100_00)
    draft = counter.draft("50123")
    new_ledger.database.run("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(KnownError, match="from a newer PayDesk"):
        counter.authorize.pay(draft, CARD)
    assert counter.processor.sales == []


def draft_of(invoices: Sequence[Invoice]) -> Draft:
    """Return a payment of these invoices in full, in this order."""
    lines = [
        PaymentLine(invoice.balance, invoice.description, invoice.number, invoice.balance, invoice.read_at)
        for invoice in invoices
    ]
    quote = Quote(TenderKind.CREDIT_CARD, total(line.amount for line in lines), ZERO)
    return Draft(tuple(lines), Payer("Dana Reyes"), quote, Channel.PHONE)


def test_desks_in_each_others_way_never_wait_in_a_circle(new_ledger: ServerLedgerMaker) -> None:
    """Four desks look up and pay overlapping invoices in any order, without a deadlock."""
    clock = new_ledger.clock
    source, processor = FakeSource(clock), FakeProcessor()
    numbers = ["9", "10", "A-1", "a-1", "É-1", "_1"]  # sorted differently by most languages
    failures: list[Exception] = []

    def work(desk: Counter, cache: SqlCache, seed: int) -> None:
        chance = random.Random(seed)
        for turn in range(40):
            found = list(source.open_invoices(BAKERY))
            chance.shuffle(found)
            title = f"PD{seed}-{turn}"
            try:
                cache.keep_all(BAKERY, found, clock.now())
                payment = desk.ledger.hold(draft_of(found[:3]), title)
                if chance.random() < 0.5:
                    desk.ledger.release(payment.id, "no", Reason.GIVEN_UP)
                    continue
                desk.ledger.submit(payment, title, title, found[:3])
                desk.ledger.record(payment, Declined("D", "no"), LETTERHEAD.receipt_for)
            except InvoiceTaken:
                continue
            except Exception as error:
                failures.append(error)
                return

    for number in numbers:
        source.owe(number, 100_00)
    ledgers = [new_ledger(f"Front-{seed}") for seed in range(4)]
    threads = [
        threading.Thread(target=work, args=(Counter(ledger, cache, source, processor, clock), cache, seed))
        for seed, (ledger, cache) in enumerate(ledgers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    name = new_ledger.database.url.database
    assert new_ledger.database.run(f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{name}'") == [
        (0,)
    ]
