"""The findings of `paydesk verify`: every planted fault, and none in an honest ledger."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Unclear
from paydesk.domain.payment import State
from paydesk.store.database.head_file import HeadFile
from paydesk.store.database.sqlite import READ
from paydesk.store.tables import events, schema
from paydesk.store.verify.card_shapes import looks_like_card
from paydesk.store.verify.verify import Report, accept, verify
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, LETTERHEAD, START, Counter
from tests.proving import cases, tasted


@pytest.fixture
def engine(counter: Counter, new_ledger: LedgerMaker) -> sa.Engine:
    """Return a ledger with payments in every state that this desk can reach, on separate connections."""
    for number in range(50123, 50131):
        counter.source.owe(str(number), 100_00)
    counter.pay("50123", "50124")
    counter.processor.decline_next("Declined.")
    counter.pay("50125")
    counter.processor.lose_next_reply()
    counter.pay("50126")
    counter.resolve.all()
    counter.processor.lose_next_request()
    unknown = counter.pay("50127")
    counter.clock.move(61)
    counter.resolve.check(unknown.id)
    counter.processor.refuse_next_connection()
    counter.pay("50128")
    counter.ledger.hold(counter.draft("50129"), "PDHELD")
    counter.pay("50130")
    for number in range(50131, 50135):
        counter.source.owe(str(number), 100_00)
    voids = counter.resolve.voids
    voids.void(counter.pay("50131").id, "Wrong invoice")
    counter.processor.batch_is_about_to_run = True
    voids.void(counter.pay("50132").id, "Too late")
    counter.processor.batch_is_about_to_run = False
    counter.processor.void_script.append((True, Unclear("silence")))
    voids.void(counter.pay("50133").id, "No answer")
    counter.processor.carry_out_void(counter.pay("50134").processor_ref)
    counter.resolve._reconcile.look()
    counter.ledger.count_copy(1)
    counter.ledger.note(None, EventKind.IDENTIFIED, {"customer": "1001", "by": "phone"})
    return new_ledger.admin_engine()


@pytest.fixture
def head_file(tmp_path: Path) -> HeadFile:
    """Return a head file that does not exist yet."""
    return HeadFile(tmp_path / "test.ledger.head")


@contextlib.contextmanager
def tampering(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Return a connection that can do anything, and leaves no trace except the change."""
    with engine.begin() as connection:
        if engine.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
            return
        found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = [tuple(row) for row in found if row[0].startswith("event_")]
        for name, _sql in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = 1")
        yield connection
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = 0")
        for _name, sql in guards:
            connection.exec_driver_sql(sql)


def found(engine: sa.Engine, head_file: HeadFile) -> Report:
    """Return the report of verify. These desks write no head file: only a test does."""
    return verify(engine, "test.ledger", head_file if head_file.read() else None)


def test_an_honest_ledger_has_nothing_wrong(engine: sa.Engine, head_file: HeadFile) -> None:
    report = found(engine, head_file)
    assert report.wrong == ()
    assert report.payments == 11
    assert report.summary == f"11 payments, {report.events} events: nothing wrong"
    assert [sentence.split(" is ")[1].split(" ")[0] for sentence in report.still_open] == [
        "unknown",
        "held",
        "voiding",
    ]


@tasted
def test_a_hundred_flips_in_the_events_are_found(engine: sa.Engine, head_file: HeadFile) -> None:
    chance = random.Random(100)
    event = schema.event
    names = ("body", "hash", "prev_hash", "kind", "desk", "user", "payment_id", "at", "salt", "commitments")
    with engine.begin() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(event)).mappings()]
    for _ in range(cases(20, 100)):
        row, name = chance.choice(rows), chance.choice(names)
        change = flipped(chance, row[name])
        with tampering(engine) as connection:
            connection.execute(sa.update(event).where(event.c.seq == row["seq"]).values({name: change}))
        assert found(engine, head_file).wrong, f"{name} of event {row['seq']}: {row[name]!r} to {change!r}"
        with tampering(engine) as connection:
            connection.execute(sa.update(event).where(event.c.seq == row["seq"]).values({name: row[name]}))
    assert found(engine, head_file).wrong == ()


def test_a_hash_that_is_none_any_more_is_said(engine: sa.Engine, head_file: HeadFile) -> None:
    event = schema.event
    with engine.begin() as connection:
        kept = connection.execute(sa.select(event.c.seq, event.c.hash)).all()
    for seq, good in kept:  # the one before a void is also in the void's receipt
        for value in (good.replace(good[0], "g", 1), good):
            with tampering(engine) as connection:
                connection.execute(sa.update(event).where(event.c.seq == seq).values(hash=value))
            assert bool(found(engine, head_file).wrong) == (value != good), seq


def flipped(chance: random.Random, value: object) -> object:
    """Return the value with one bit of one character changed, or with a number or a time changed slightly."""
    if value is None:
        return 1
    if isinstance(value, int):
        return value % 7 + 1
    if value == "":
        return "0"
    if isinstance(value, str):
        place = chance.randrange(len(value))
        return value[:place] + chr(ord(value[place]) ^ 1 << chance.randrange(3)) + value[place + 1 :]
    assert hasattr(value, "replace")
    return value.replace(microsecond=1)


_p, _l = schema.payment, schema.payment_line
FIRST = _p.c.id == 1


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (sa.update(_p).where(FIRST).values(charged_cents=1), "and its events differ: charged cents"),
        (sa.update(_p).where(FIRST).values(charged_fee_cents=1), "events differ: charged fee cents"),
        (sa.update(_p).where(FIRST).values(named_fee_cents=1), "events differ: named fee cents"),
        (sa.update(_p).where(FIRST).values(acknowledged_at=START), "events differ: acknowledged at"),
        (
            sa.update(_p).where(FIRST).values(subtotal_cents=20_001, total_cents=20_701),
            "lines that do not add up",
        ),
        (
            sa.update(_p).where(FIRST).values(fee_cents=8_00, total_cents=208_00),
            "is not what was held: an amount, a line",
        ),
        (sa.update(_p).where(FIRST).values(payer_name="Somebody"), "is not what was held"),
        (sa.update(_p).where(FIRST).values(last4="1234"), "events differ: last4"),
        (sa.update(_p).where(FIRST).values(processor_ref="other"), "events differ: processor ref"),
        (sa.update(_p).where(FIRST).values(desk="Front-9"), "names another desk"),
        (sa.update(_p).where(FIRST).values(version=7), "changed without an event"),
        (sa.update(_p).where(FIRST).values(state="settled"), "is stored as settled, but its events end with"),
        (sa.update(_p).where(_p.c.id == 2).values(state="held"), "its events end with declined"),
        (sa.update(_l).where(_l.c.payment_id == 1).values(owed_cents=500_00), "is not what was held"),
        (sa.delete(_l).where(_l.c.payment_id == 1, _l.c.position == 1), "lines that do not add up"),
        (sa.text("DELETE FROM receipt WHERE payment_id = 1"), "is authorized and has no receipt"),
        (sa.text("DELETE FROM posting WHERE payment_id = 1"), "is authorized and has no posting"),
        (sa.text("DELETE FROM attempt WHERE payment_id = 1"), "has no charge attempt"),
        (
            sa.text("UPDATE posting SET to_reverse_since = created_at WHERE payment_id = 1"),
            "the list of receipts to reverse differ",
        ),
        (
            sa.text("UPDATE posting SET state = 'unclear' WHERE state = 'withdrawn'"),
            "the list of receipts to reverse differ",
        ),
        (sa.text("UPDATE receipt SET body = replace(body, '20000', '20001')"), "receipt that cannot be read"),
        (
            sa.text("UPDATE receipt SET body = replace(body, 'Dana Reyes', 'Dan Reyes')"),
            "and its receipt differ: payer",
        ),
        (
            sa.text("UPDATE receipt SET body = replace(body, 'Front-1', 'Front-2')"),
            "and its receipt differ: desk",
        ),
        (
            sa.text('UPDATE receipt SET body = replace(body, \'"anchor": "\', \'"anchor": "", "old": "\')'),
            "and its receipt differ: anchor",
        ),
        (
            sa.text(
                "UPDATE void SET body = replace(body, (SELECT hash FROM event WHERE kind = 'voided'"
                " AND payment_id = void.payment_id), (SELECT hash FROM event WHERE kind = 'voiding'"
                " AND payment_id = void.payment_id)) WHERE body IS NOT NULL"
            ),
            "differ.",
        ),
        (sa.text("UPDATE receipt SET body = '{'"), "receipt that cannot be read"),
        (sa.text("UPDATE receipt SET number = 'R-000077' WHERE payment_id = 1"), "above the counter"),
        (sa.text("UPDATE hold SET open = true WHERE payment_id = 1"), "still holds invoice 50123"),
        (sa.text("UPDATE hold SET open = false"), "is open but does not hold invoice 50127"),
        (sa.text("DELETE FROM hold WHERE payment_id = 1"), "never held invoice 50123"),
        (sa.text("DELETE FROM void WHERE body IS NOT NULL"), "is voided, and no void of it is recorded"),
        (sa.text("DELETE FROM void WHERE ended_at IS NULL"), "is voiding, and no void of it is recorded"),
        (
            sa.text("UPDATE void SET ended_at = asked_at WHERE ended_at IS NULL"),
            "and the payment differ: it is voiding",
        ),
        (sa.text("UPDATE void SET reason = 'Another' WHERE id = 1"), "The voids of payment PD"),
        (
            sa.text(
                "UPDATE void SET \"user\" = 'Eve', body = replace(body, '\"Dana\"', '\"Eve\"') WHERE id = 1"
            ),
            "The voids of payment PD",
        ),
        (sa.text("UPDATE void SET desk = 'Back-9' WHERE id = 2"), "The voids of payment PD"),
        (sa.text("UPDATE void SET \"before\" = 'late' WHERE id = 1"), "The voids of payment PD"),
        (
            sa.text("UPDATE void SET body = replace(body, 'V-0', 'V-1')"),
            "The void of payment PD",
        ),
        (sa.text("UPDATE void SET body = '{' WHERE body IS NOT NULL"), "has a receipt that cannot be read"),
        (
            sa.text(
                "UPDATE posting SET state = 'waiting' WHERE payment_id IN"
                " (SELECT id FROM payment WHERE state = 'voided')"
            ),
            "is voided, and its receipt still waits to be posted",
        ),
        (sa.text("DELETE FROM event WHERE seq = 3"), "Event 4 does not follow the one before it"),
        (sa.text("DELETE FROM event WHERE kind = 'identified'"), "The last event is not the one"),
        (sa.text("UPDATE info SET value = 'x' WHERE key = 'event_head'"), "The last event is not the one"),
    ],
)
def test_each_contradiction_is_said(
    engine: sa.Engine, head_file: HeadFile, statement: sa.Executable, words: str
) -> None:
    with tampering(engine) as connection:
        connection.execute(statement)
    assert words in "\n".join(found(engine, head_file).wrong)


def test_a_missing_guard_is_said(engine: sa.Engine, head_file: HeadFile) -> None:
    with engine.begin() as connection:
        for row in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'"
            if engine.name == "sqlite"
            else "SELECT tgname || ' ON event' FROM pg_trigger WHERE tgname = 'event_append_only'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {row[0]}")
    assert any("guard" in sentence for sentence in found(engine, head_file).wrong)


def test_two_charges_on_one_invoice_are_said(
    counter: Counter, new_ledger: LedgerMaker, head_file: HeadFile
) -> None:
    """A payment is ruled out, the invoice is paid again, and then the first charge appears anyway."""
    counter.source.owe("50123", 100_00)
    counter.processor.decline_next("Declined.")
    first = counter.pay("50123")
    assert counter.pay("50123").state is State.AUTHORIZED
    approved = Approved("txn-late", Money(103_50), Money(3_50), "123456", "Visa", "0007")
    assert counter.ledger.record(first, approved, LETTERHEAD.receipt_for).state is State.LATE
    [only] = found(new_ledger.engine(), head_file).wrong
    assert "Invoice 50123: 200.00 was taken, more than the 100.00 owed at the hold" in only


def test_a_part_payment_and_its_rest_are_nothing_wrong(
    engine: sa.Engine, counter: Counter, head_file: HeadFile
) -> None:
    counter.source.owe("50140", 100_00)
    counter.pay("50140")
    with engine.begin() as connection:
        when, waiting = counter.clock.now(), schema.posting.c.state == "waiting"
        connection.execute(sa.update(schema.posting).where(waiting).values(state="posted", posted_at=when))
    counter.clock.move(2 * 86_400)
    counter.source.owe("50140", 30_00)
    assert counter.pay("50140").state is State.AUTHORIZED
    assert found(engine, head_file).wrong == ()


def test_a_cut_tail_is_found_by_the_head_kept_elsewhere(engine: sa.Engine, head_file: HeadFile) -> None:
    event, info = schema.event, schema.info
    with engine.begin() as connection:
        rows = connection.execute(sa.select(event).order_by(event.c.seq.desc()).limit(2)).mappings().all()
    head_file.write(rows[0]["hash"])
    assert found(engine, head_file).wrong == ()
    with tampering(engine) as connection:
        connection.execute(sa.delete(event).where(event.c.seq == rows[0]["seq"]))
        head = sa.update(info).where(info.c.key == events.HEAD)
        connection.execute(head.values(value=rows[1]["hash"]))
    report = found(engine, head_file)
    assert report.short
    assert [sentence for sentence in report.wrong if "cut short or replaced" in sentence]
    accept(engine, "test.ledger", head_file, ("Front-1", "Kim"))
    assert found(engine, head_file).wrong == ()
    with engine.execution_options(**READ).connect() as connection:
        last = connection.execute(sa.select(event).order_by(event.c.seq.desc()).limit(1)).mappings().one()
    assert (last["kind"], last["user"], rows[0]["hash"] in last["body"]) == ("accepted", "Kim", True)


@pytest.mark.parametrize(
    "text",
    [
        "4000620000000007",
        "call 4000 6200 0000 0007 back",
        "4000-6200-0000-0007",
        "3714 496353 98431",
        "x: 6011111111111117.",
        "4000 6200 0000 0007 03/30 737",
        "4000.6200.0000.0007",
        '{"note": ["card 4000620000000007exp"]}',
        '{"amount": 4000620000000007}',
    ],
)
def test_card_numbers_are_found_in_every_column(engine: sa.Engine, head_file: HeadFile, text: str) -> None:
    for table, column in (
        (_p, "payer_name"),
        (_p, "reason"),
        (schema.invoice, "description"),
        (schema.customer, "phones"),
    ):
        with engine.begin() as connection:
            before = connection.execute(sa.select(table.c[column]).limit(1)).scalar()
            connection.execute(sa.update(table).values({column: text}))
        wrong = [sentence for sentence in found(engine, head_file).wrong if "card number" in sentence]
        assert wrong
        assert f"the column {column} holds digits" in wrong[0]
        assert not any(looks_like_card(sentence) for sentence in wrong), "and not repeated"
        with engine.begin() as connection:
            connection.execute(sa.update(table).values({column: before}))


def test_a_card_number_in_an_event_is_found(engine: sa.Engine, counter: Counter, head_file: HeadFile) -> None:
    on = counter.ledger.transactions
    with on.write() as connection:  # as before the ledger refused it
        on.event(connection, None, EventKind.FORGOTTEN, on.now(connection), words="it is 4000 6200 0000 0007")
    assert [sentence for sentence in found(engine, head_file).wrong if "the column body holds" in sentence]


@pytest.mark.parametrize(
    "text",
    [
        "4000620000000008",
        "2026-08-14 2027-08-14",
        "617-555-0199 5550 1234",
        "1234567890123452",
        "PD40006200000000071",
        "40006200000000070000",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert not looks_like_card(text)


def test_a_balance_that_did_not_show_the_posting_yet_counts_as_paid_twice(
    counter: Counter, new_ledger: LedgerMaker, head_file: HeadFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the rule of the hold (``balance_due``), a reading after the posting may still be an old one."""
    counter.source.owe("50123", 100_00)
    seen = counter.draft("50123")
    counter.authorize.pay(seen, CARD)
    with new_ledger.engine().begin() as connection:
        connection.execute(sa.update(schema.posting).values(state="posted", posted_at=counter.clock.now()))
    counter.clock.move(60)
    monkeypatch.setattr("paydesk.store.ledger.charges._check_owed", lambda *_: None)
    again = replace(seen, lines=(replace(seen.lines[0], read_at=counter.clock.now()),))
    assert counter.authorize.pay(again, CARD).state is State.AUTHORIZED
    wrong = "\n".join(found(new_ledger.engine(), head_file).wrong)
    assert "Invoice 50123: 200.00 was taken, more than the 100.00 owed at the hold" in wrong
