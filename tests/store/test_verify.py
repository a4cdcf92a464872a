"""What `paydesk verify` finds: everything that was planted, and nothing in an honest ledger."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.domain.money import Money
from paydesk.domain.outcome import Approved, Unclear
from paydesk.domain.payment import State
from paydesk.store import events, schema
from paydesk.store.engine import READ
from paydesk.store.verify import Report, accept, verify
from paydesk.store.verify_text import looks_like_card
from paydesk.store.witness import Witness
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, LETTERHEAD, Counter


@pytest.fixture
def engine(counter: Counter, new_ledger: LedgerMaker) -> sa.Engine:
    """A ledger with a payment in every state this desk can bring about, and connections beside the desk's."""
    for number in range(50123, 50131):
        counter.source.owe(str(number), 100_00)
    counter.pay("50123", "50124")
    counter.processor.decline_next("Declined.")
    counter.pay("50125")
    counter.processor.lose_next_reply()
    counter.pay("50126")
    counter.reconcile.all()
    counter.processor.lose_next_request()
    unknown = counter.pay("50127")
    counter.clock.move(61)
    counter.reconcile.check(unknown.id)
    counter.processor.refuse_next_connection()
    counter.pay("50128")
    counter.ledger.claim(counter.draft("50129"), "PDCLAIMED")
    counter.pay("50130")
    for number in range(50131, 50135):
        counter.source.owe(str(number), 100_00)
    voids = counter.reconcile.voids
    voids.void(counter.pay("50131").id, "Wrong invoice")
    counter.processor.batch_is_about_to_run = True
    voids.void(counter.pay("50132").id, "Too late")
    counter.processor.batch_is_about_to_run = False
    counter.processor.void_script.append((True, Unclear("silence")))
    voids.void(counter.pay("50133").id, "No answer")
    counter.processor.carry_out_void(counter.pay("50134").processor_ref)
    counter.reconcile._late.look()
    counter.ledger.count_copy(1)
    counter.ledger.note(None, "identified", {"customer": "1001", "by": "phone"})
    return new_ledger.engine()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """A head file that is not there yet."""
    return Witness(tmp_path / "test.ledger.head")


@contextlib.contextmanager
def tampering(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection of somebody who can do anything, and leaves no trace but what was changed."""
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


def found(engine: sa.Engine, witness: Witness) -> Report:
    """What verify says."""
    return verify(engine, "test.ledger", witness)


def test_an_honest_ledger_has_nothing_wrong(engine: sa.Engine, witness: Witness) -> None:
    report = found(engine, witness)
    assert report.wrong == ()
    assert report.payments == 11
    assert report.summary == f"11 payments, {report.events} events: nothing wrong"
    assert [sentence.split(" is ")[1].split(" ")[0] for sentence in report.still_open] == [
        "unknown",
        "claimed",
        "voiding",
    ]


def test_a_hundred_flips_in_the_events_are_found(engine: sa.Engine, witness: Witness) -> None:
    chance = random.Random(100)
    event = schema.event
    names = ("body", "hash", "prev_hash", "kind", "desk", "user", "body", "hash", "payment_id", "at")
    with engine.begin() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(event)).mappings()]
    for _ in range(100):
        row, name = chance.choice(rows), chance.choice(names)
        change = flipped(chance, row[name])
        with tampering(engine) as connection:
            connection.execute(sa.update(event).where(event.c.seq == row["seq"]).values({name: change}))
        assert found(engine, witness).wrong, f"{name} of event {row['seq']}: {row[name]!r} to {change!r}"
        with tampering(engine) as connection:
            connection.execute(sa.update(event).where(event.c.seq == row["seq"]).values({name: row[name]}))
    assert found(engine, witness).wrong == ()


def flipped(chance: random.Random, value: object) -> object:
    """The value with one bit of one character changed, a number or a time with one unit."""
    if value is None:
        return 1
    if isinstance(value, int):
        return value % 7 + 1
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
        (
            sa.update(_p).where(FIRST).values(subtotal_cents=20_001, total_cents=20_701),
            "lines that do not add up",
        ),
        (
            sa.update(_p).where(FIRST).values(fee_cents=8_00, total_cents=208_00),
            "is not what was claimed: an amount, a line",
        ),
        (sa.update(_p).where(FIRST).values(payer_name="Somebody"), "is not what was claimed"),
        (sa.update(_p).where(FIRST).values(last4="1234"), "events differ: last4"),
        (sa.update(_p).where(FIRST).values(processor_ref="other"), "events differ: processor ref"),
        (sa.update(_p).where(FIRST).values(desk="Front-9"), "names another desk"),
        (sa.update(_p).where(FIRST).values(version=7), "changed without an event"),
        (sa.update(_p).where(FIRST).values(state="settled"), "is stored as settled, but its events end with"),
        (sa.update(_p).where(_p.c.id == 2).values(state="claimed"), "its events end with declined"),
        (sa.update(_l).where(_l.c.payment_id == 1).values(owed_cents=500_00), "is not what was claimed"),
        (sa.delete(_l).where(_l.c.payment_id == 1, _l.c.position == 1), "lines that do not add up"),
        (sa.text("DELETE FROM receipt WHERE payment_id = 1"), "is authorized and has no receipt"),
        (sa.text("DELETE FROM posting WHERE payment_id = 1"), "is authorized and has no posting"),
        (sa.text("DELETE FROM attempt WHERE payment_id = 1"), "has no charge attempt"),
        (sa.text("UPDATE receipt SET body = replace(body, '20000', '20001')"), "receipt that cannot be read"),
        (
            sa.text("UPDATE receipt SET body = replace(body, 'Dana Reyes', 'Dan Reyes')"),
            "and its receipt differ: payer",
        ),
        (
            sa.text("UPDATE receipt SET body = replace(body, 'Front-1', 'Front-2')"),
            "and its receipt differ: desk",
        ),
        (sa.text("UPDATE receipt SET body = '{'"), "receipt that cannot be read"),
        (sa.text("UPDATE receipt SET number = 'R-000077' WHERE payment_id = 1"), "above the counter"),
        (sa.text("UPDATE claim SET open = true WHERE payment_id = 1"), "still holds invoice 50123"),
        (sa.text("UPDATE claim SET open = false"), "is open but does not hold invoice 50127"),
        (sa.text("DELETE FROM claim WHERE payment_id = 1"), "never claimed invoice 50123"),
        (sa.text("DELETE FROM void WHERE body IS NOT NULL"), "is voided, and no void of it is recorded"),
        (sa.text("DELETE FROM void WHERE ended_at IS NULL"), "is voiding, and no void of it is recorded"),
        (
            sa.text("UPDATE void SET ended_at = asked_at WHERE ended_at IS NULL"),
            "and the payment differ: it is voiding",
        ),
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
    engine: sa.Engine, witness: Witness, statement: sa.Executable, words: str
) -> None:
    with tampering(engine) as connection:
        connection.execute(statement)
    assert words in "\n".join(found(engine, witness).wrong)


def test_a_missing_guard_is_said(engine: sa.Engine, witness: Witness) -> None:
    with engine.begin() as connection:
        for row in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event'"
            if engine.name == "sqlite"
            else "SELECT tgname || ' ON event' FROM pg_trigger WHERE tgname = 'event_append_only'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {row[0]}")
    assert any("guard" in sentence for sentence in found(engine, witness).wrong)


def test_two_charges_on_one_invoice_are_said(
    counter: Counter, new_ledger: LedgerMaker, witness: Witness
) -> None:
    """Ruled out, paid again, and then the first charge appears all the same."""
    counter.source.owe("50123", 100_00)
    counter.processor.decline_next("Declined.")
    first = counter.pay("50123")
    assert counter.pay("50123").state is State.AUTHORIZED
    approved = Approved("txn-late", Money(103_50), Money(3_50), "123456", "Visa", "0007")
    assert counter.ledger.record(first, approved, LETTERHEAD.receipt_for).state is State.LATE
    [only] = found(new_ledger.engine(), witness).wrong
    assert "Invoice 50123: 200.00 was taken, more than the 100.00 owed at the claim" in only


def test_a_part_payment_and_its_rest_are_nothing_wrong(
    engine: sa.Engine, counter: Counter, witness: Witness
) -> None:
    counter.source.owe("50140", 100_00)
    counter.pay("50140")
    with engine.begin() as connection:
        when = counter.clock.now()
        connection.execute(sa.update(schema.posting).values(state="posted", posted_at=when))
    counter.clock.move(2 * 86_400)
    counter.source.owe("50140", 30_00)
    assert counter.pay("50140").state is State.AUTHORIZED
    assert found(engine, witness).wrong == ()


def test_a_cut_tail_is_found_by_the_head_kept_elsewhere(engine: sa.Engine, witness: Witness) -> None:
    event, info = schema.event, schema.info
    with engine.begin() as connection:
        rows = connection.execute(sa.select(event).order_by(event.c.seq.desc()).limit(2)).mappings().all()
    witness.write(rows[0]["hash"])
    assert found(engine, witness).wrong == ()
    with tampering(engine) as connection:
        connection.execute(sa.delete(event).where(event.c.seq == rows[0]["seq"]))
        head = sa.update(info).where(info.c.key == events.HEAD)
        connection.execute(head.values(value=rows[1]["hash"]))
    report = found(engine, witness)
    assert report.short
    assert [sentence for sentence in report.wrong if "cut short or replaced" in sentence]
    accept(engine, "test.ledger", witness, ("Front-1", "Kim"))
    assert found(engine, witness).wrong == ()
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
    ],
)
def test_card_numbers_are_found_in_every_column(engine: sa.Engine, witness: Witness, text: str) -> None:
    for table, column in (
        (_p, "payer_name"),
        (_p, "reason"),
        (schema.invoice, "description"),
        (schema.customer, "phones"),
    ):
        with engine.begin() as connection:
            before = connection.execute(sa.select(table.c[column]).limit(1)).scalar()
            connection.execute(sa.update(table).values({column: text}))
        wrong = [sentence for sentence in found(engine, witness).wrong if "card number" in sentence]
        assert wrong
        assert f"the column {column} holds digits" in wrong[0]
        assert not any(looks_like_card(sentence) for sentence in wrong), "and not repeated"
        with engine.begin() as connection:
            connection.execute(sa.update(table).values({column: before}))


def test_a_card_number_in_an_event_is_found(engine: sa.Engine, counter: Counter, witness: Witness) -> None:
    counter.ledger.note(None, "typed", {"words": "it is 4000 6200 0000 0007"})
    assert [sentence for sentence in found(engine, witness).wrong if "the column body holds" in sentence]


@pytest.mark.parametrize(
    "text",
    [
        "4000620000000008",
        "2026-08-14 2027-08-14",
        "617-555-0199 5550 1234",
        "1234567890123452",
        "PD40006200000000071",
        "a4000620000000007",
        "40006200000000070000",
    ],
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert not looks_like_card(text)


def test_a_balance_that_did_not_show_the_posting_yet_counts_as_paid_twice(
    counter: Counter, new_ledger: LedgerMaker, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule of the claim itself (domain/owed.py): a reading after the posting may still be an old one."""
    counter.source.owe("50123", 100_00)
    seen = counter.draft("50123")
    counter.authorize.pay(seen, CARD)
    with new_ledger.engine().begin() as connection:
        connection.execute(sa.update(schema.posting).values(state="posted", posted_at=counter.clock.now()))
    counter.clock.move(60)
    monkeypatch.setattr("paydesk.store.ledger._check_owed", lambda *_: None)
    again = replace(seen, lines=(replace(seen.lines[0], read_at=counter.clock.now()),))
    assert counter.authorize.pay(again, CARD).state is State.AUTHORIZED
    wrong = "\n".join(found(new_ledger.engine(), witness).wrong)
    assert "Invoice 50123: 200.00 was taken, more than the 100.00 owed at the claim" in wrong
