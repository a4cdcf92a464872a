"""An old ledger is cleaned of card data, and everything beside it stays proven."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from paydesk.domain.consent import Channel, Consent, Proof
from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.money import Money
from paydesk.domain.payment import OfferKind, Payment, ReferenceKind, State
from paydesk.domain.posting import Refused
from paydesk.domain.receipt import Paper, ReceiptKind
from paydesk.domain.refund import RefundAsk, RefundKind, RefundReason, RefundState
from paydesk.domain.tender import AccountHolder
from paydesk.domain.typed import plain_texts
from paydesk.receipts.pdf import render
from paydesk.store.database.desk_locks import DeskLocks
from paydesk.store.database.head_file import HeadFile
from paydesk.store.database.migrate import prepare
from paydesk.store.database.sqlite import open_sqlite
from paydesk.store.ledger import card_data, charges, differences, outbox, transactions
from paydesk.store.ledger.money_back import refunds, voids
from paydesk.store.tables import events, rows, schema
from paydesk.store.verify import redact, texts, verify
from tests.domain.typed.test_card_numbers import AS_WRITTEN
from tests.fakes.ledger import LedgerMaker
from tests.fakes.memory import PLACE
from tests.fakes.office import CARD, Office
from tests.fakes.world import START, Counter
from tests.store.verify.test_verify import tampering

PAN = "4111 1111 1111 1111"
NOTED = f"CC {PAN} exp 12/27 cvv 123"
WHO = ("Front-1", "Kim")
_GUARDED = (charges, differences, outbox, refunds, transactions, voids)


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take all guards away, as in a version before them."""

    def let(*_values: object) -> None:
        return None

    for module in (card_data, *_GUARDED):
        monkeypatch.setattr(module, "refuse_card_data", let)
    for name in ("without_card_data", "any_holds_card_data"):
        made: Any = (lambda text: text) if name.startswith("without") else (lambda _texts: False)
        monkeypatch.setattr(plain_texts, name, made)
    monkeypatch.setattr("paydesk.services.payments.holding.any_holds_card_data", lambda _texts: False)
    monkeypatch.setattr("paydesk.services.payments.reasons.holds_card_data", lambda _text: False)


@pytest.fixture
def office(before: None) -> Office:
    """Return an office that noted card data everywhere, before PayDesk refused it."""
    office = Office()
    for number, invoice in office.source.invoices.items():
        noted = replace(invoice, description=f"Renewal {NOTED}", insurer=f"Harbor {PAN}")
        office.source.invoices[number] = noted
    for number, customer in office.source.customers.items():
        office.source.customers[number] = replace(customer, name=f"{customer.name} {PAN}", phones=(PAN,))
    office.seen()
    _pay(office, "50123")
    voided = _pay(office, "60010")
    office.desk.voids.void(voided.id, f"Wrong invoice, {NOTED}")
    office.processor.decline_next(f"Not {PAN}")
    _pay(office, "60012")
    office.processor.surcharge = Money(5)
    other = _pay(office, "60011")
    office.ledger.acknowledge([other.id], f"Called about {PAN}")
    office.outbox.entered_by_hand(other.id, f"By Kim {PAN}")
    office.sent(_pay(office, "60013"), Refused(f"No invoice {PAN}"))
    _refund(office, _pay(office, "50177"))
    office.desk.offers.take_back(_offer(office, "50181").id)
    office.ledger.close()
    return office


def _pay(office: Office, number: str) -> Payment:
    consent = Consent(f"I agree, {PAN}.", START, Channel.PHONE, AccountHolder.PERSONAL, Proof.RECORDING, PAN)
    draft = office.draft(number)
    payer = replace(draft.payer, name=f"Dana {PAN}", email=f"{PAN}@example.com")
    return office.desk.authorize.pay(replace(draft, payer=payer, consent=consent), CARD)


def _refund(office: Office, paid: Payment) -> None:
    """Refund a part of it, and hear of another refund that failed."""
    ledger = office.ledger
    for cents, state in ((1_00, RefundState.DONE), (2_00, RefundState.REFUSED)):
        ask = RefundAsk(RefundKind.PARTIAL, (Money(cents),), Money(0), RefundReason.OTHER, f"Twice, {NOTED}")
        begun = ledger.begin_refund(paid.id, ask)
        number = (
            "4000620000000007" if state is RefundState.DONE else ""
        )  # AndDone's own may look like a card's
        ledger.record_refund(begun.id, state, f"AndDone said {PAN}", number)
    ledger.wish_refund(paid.id, ask)
    ledger.refund_entered(begun.id - 1, f"By hand, {PAN}")


def _offer(office: Office, number: str) -> Payment:
    draft = replace(office.draft(number), reference_kind=ReferenceKind.OTHER, reference_value=f"Call {PAN}")
    return office.desk.offers.offer(draft, OfferKind.LINK, 3600)


def _redact(office: Office, head_file: HeadFile | None = None) -> redact.Redaction:
    return redact.redact(office.database.engine, PLACE, head_file, WHO, DeskLocks(None, "test"))


def _verify(office: Office) -> verify.Report:
    return verify.verify(office.database.engine, PLACE, None)


def _amounts(office: Office) -> list[Any]:
    """Return what must not change: states, amounts, charges, and the hashes that anchors name."""
    paid, line, event = schema.payment.c, schema.payment_line.c, schema.event.c
    with office.database.engine.begin() as connection:
        return [
            *connection.execute(sa.select(paid.id, paid.state, paid.total_cents, paid.charged_cents)),
            *connection.execute(sa.select(line.payment_id, line.invoice_number, line.amount_cents)),
            *connection.execute(sa.select(event.seq, event.hash).order_by(event.seq)),
        ]


def test_an_old_ledger_is_clean_and_proven_after_it(office: Office) -> None:
    found = _verify(office).wrong
    assert len(found) > 30
    assert all("holds digits like those of a card number" in one for one in found)
    amounts = _amounts(office)
    done = _redact(office)
    assert done.left == ()
    assert {name.split()[0] for name in done.cleaned} >= {
        "payment", "event", "receipt", "void", "refund", "customer", "invoice", "posting",
    }  # fmt: skip
    assert _verify(office).wrong == ()
    assert _amounts(office)[: len(amounts)] == amounts


def test_each_cleaned_row_has_an_event_with_person_and_place(office: Office) -> None:
    done = _redact(office)
    event = schema.event.c
    with office.database.engine.begin() as connection:
        told = connection.execute(
            sa.select(schema.event).where(event.kind == EventKind.REDACTED.value).order_by(event.seq)
        ).mappings().all()  # fmt: skip
        assert list(texts.card_numbers(connection)) == []
    assert len(told) == len(done.cleaned)
    assert {(row["desk"], row["user"]) for row in told} == {WHO}
    said = [json.loads(row["body"]) for row in told]
    assert {one["table"] for one in said} >= {"payment", "event", "receipt"}
    assert all(one["row"] and one["columns"] for one in said)


def test_receipts_and_histories_are_read_after_it(office: Office) -> None:
    _redact(office)
    ledger = office.session("Front-1")
    for payment in ledger.payments(limit=9):
        assert [event.kind for event in ledger.events(payment.id)].count(EventKind.REDACTED) >= 1
        kinds = [ReceiptKind.VOID] if payment.state is State.VOIDED else []
        for kind in [ReceiptKind.PAYMENT, *kinds] if payment.receipt_number else []:
            receipt = ledger.receipt(payment.id, kind)
            assert receipt.payer_name == "Dana [card number removed]"
            assert render(receipt, Paper.LETTER, 0).startswith(b"%PDF")


def test_an_event_that_was_changed_is_left_as_evidence(office: Office) -> None:
    with tampering(office.database.engine) as connection:
        _edit_body(connection, "voiding", reason=f"Forged, {PAN}")
    with office.database.engine.begin() as connection:
        before = connection.execute(sa.select(_e).where(_e.c.kind == "voiding")).mappings().one()
    done = _redact(office)
    assert [name for name in done.left if "it was changed after it was written" in name]
    with office.database.engine.begin() as connection:
        assert connection.execute(sa.select(_e).where(_e.c.kind == "voiding")).mappings().one() == before


def test_a_second_time_finds_nothing(office: Office) -> None:
    _redact(office)
    before = _amounts(office)
    assert _redact(office) == redact.Redaction((), ())
    assert _amounts(office) == before


def test_the_head_file_follows(office: Office, tmp_path: Path) -> None:
    head_file = HeadFile(tmp_path / "head")
    with office.database.engine.begin() as connection:
        head_file.accept(events.head(connection) or "")
    _redact(office, head_file)
    with office.database.engine.begin() as connection:
        assert head_file.fault_in(connection) is None
        assert head_file.read() == events.head(connection)


def test_another_ledger_than_this_desk_knows_is_not_changed(office: Office, tmp_path: Path) -> None:
    head_file = HeadFile(tmp_path / "head")
    head_file.accept("a" * 64)
    before = _amounts(office)
    with pytest.raises(KnownError):
        _redact(office, head_file)
    assert _amounts(office) == before


def test_no_desk_may_be_open(office: Office) -> None:
    office.session("Front-2")
    seen = sa.update(schema.desk_session).values(seen_at=datetime.now(UTC))
    with office.database.engine.begin() as connection:
        connection.execute(seen)
    before = _amounts(office)
    with pytest.raises(KnownError, match="Desk Front-2 is open"):
        _redact(office)
    assert _amounts(office) == before


_p, _l, _e = schema.payment, schema.payment_line, schema.event
Change = Callable[[sa.Connection], object]


def _of_payment(**values: Any) -> Change:
    return lambda on: on.execute(sa.update(_p).where(_p.c.id == 1).values(**values))


def _of_line(**values: Any) -> Change:
    return lambda on: on.execute(sa.update(_l).where(_l.c.payment_id == 1).values(**values))


def _of_redacted(table: sa.Table, **values: Any) -> Change:
    return lambda on: on.execute(sa.update(table).where(table.c.commitments != "").values(**values))


def _edit_body(connection: sa.Connection, kind: str, **changes: str) -> None:
    row = connection.execute(sa.select(_e).where(_e.c.kind == kind).limit(1)).mappings().one()
    body = json.dumps(json.loads(row["body"]) | changes, sort_keys=True)
    connection.execute(sa.update(_e).where(_e.c.seq == row["seq"]).values(body=body))


def _commit_everything(connection: sa.Connection, kind: str) -> None:
    """Replace every detail of an event, amounts too, as a forger would who can write anything."""
    row = connection.execute(sa.select(_e).where(_e.c.kind == kind).limit(1)).mappings().one()
    detail = json.loads(row["body"])
    committed = json.dumps(dict.fromkeys(detail, "0" * 64), sort_keys=True)
    connection.execute(sa.update(_e).where(_e.c.seq == row["seq"]).values(commitments=committed, salt=""))


FORGERIES: dict[str, Change] = {
    "a line's amount": _of_line(amount_cents=1),
    "a line's owed amount": _of_line(owed_cents=10**9),
    "the total": _of_payment(subtotal_cents=100, fee_cents=0, total_cents=100),
    "the customer": _of_payment(customer_number="666"),
    "the payer, after the redaction": _of_payment(payer_name="Mallory [card number removed]"),
    "a description, after the redaction": _of_line(description="[card number removed]!"),
    "the charged amount of an event": lambda on: _edit_body(on, "authorized", charged_cents="1"),
    "the total of a hold": lambda on: _edit_body(on, "held", total="0.01"),
    "the quoted amount beside a redacted reason": lambda on: _edit_body(on, "acknowledged", quoted="0.01"),
    "a reason, after the redaction": lambda on: _edit_body(on, "voiding", reason="[card number removed] x"),
    "a void's reason, after the redaction": lambda on: on.execute(
        sa.update(schema.void).values(reason="[card number removed] x")
    ),
    "a refund's reason, after the redaction": lambda on: on.execute(
        sa.update(schema.refund).values(reason="[card number removed] x")
    ),
    "the kind of an event": lambda on: on.execute(
        sa.update(_e).where(_e.c.kind == "voiding").values(kind="voided")
    ),
    "an event redacted whole": lambda on: _commit_everything(on, "authorized"),
    "a hold redacted whole": lambda on: _commit_everything(on, "held"),
    "commitments that are none": _of_redacted(_e, commitments="[1]"),
    "commitments that are no JSON": _of_redacted(_p, commitments="{"),
    "commitments of other names": _of_redacted(_p, commitments='{"total_cents": "0"}'),
    "commitments taken away": _of_redacted(_p, commitments=""),
    "a salt brought back": _of_redacted(_e, salt="0" * 32),
    "a body in another form": _of_redacted(_e, body=_e.c.body + " "),
    "a body that is no JSON": lambda on: on.execute(sa.update(_e).where(_e.c.salt != "").values(body="{")),
}
"""Changes that somebody with the ledger's key could make beside, or in the name of, a redaction."""


@pytest.mark.parametrize("forged", FORGERIES)
def test_a_redaction_hides_no_forgery(office: Office, forged: str) -> None:
    _redact(office)
    assert _verify(office).wrong == ()
    with tampering(office.database.engine) as connection:
        FORGERIES[forged](connection)
    assert _verify(office).wrong


def test_a_forger_cannot_redact_an_amount_with_an_event_of_his_own(office: Office) -> None:
    """He writes the event of a redaction as PayDesk would. The commitments cover no amount."""
    _redact(office)
    engine = office.database.engine
    with tampering(engine) as connection:
        _of_line(amount_cents=1, owed_cents=1)(connection)
        connection.execute(
            sa.update(_p).where(_p.c.id == 1).values(subtotal_cents=1, fee_cents=0, total_cents=1)
        )
        payment = connection.execute(sa.select(_p).where(_p.c.id == 1)).mappings().one()
        lines = connection.execute(sa.select(_l).where(_l.c.payment_id == 1)).mappings().all()
        now = rows.draft_digest(dict(payment) | {"salt": "", "commitments": ""}, lines)
        detail = {"table": "payment", "row": "1", "columns": "payer_name", "now": now}
        events.append(connection, 1, START, WHO, EventKind.REDACTED, detail)
    wrong = [one for one in _verify(office).wrong if "is not what was held" in one]
    assert wrong


def test_what_the_hash_covers_itself_is_left_and_named(before: None) -> None:
    """Events and holds without commitments, and keys: changing them would break the chain."""
    office = Office().seen()
    paid = office.took("50123")
    on = office.ledger.transactions
    with on.write() as connection:
        on.event(connection, paid.id, EventKind.IDENTIFIED, on.now(connection), by=PAN)
    office.ledger.close()
    with tampering(office.database.engine) as connection:
        connection.execute(sa.update(_p).values(salt="", payer_name=PAN, customer_number="4111111111111111"))
        connection.execute(
            sa.insert(schema.customer).values(number="4111111111111111", name=PAN, read_at=START)
        )
    done = _redact(office)
    assert any(name.startswith("event") and "its hash covers the text itself" in name for name in done.left)
    assert any(name.startswith("payment 1: its hash covers") for name in done.left)
    assert "customer : number is a key" in done.left
    assert "customer : name" in done.cleaned
    assert not any("4111" in name for name in (*done.left, *done.cleaned))
    assert any("card number" in one for one in _verify(office).wrong)


@pytest.mark.parametrize("spelling", AS_WRITTEN)
def test_every_spelling_is_taken_out_of_texts_and_documents(spelling: str) -> None:
    assert not texts.is_found("reason", redact.masked(spelling))
    for ascii_only in (True, False):
        document = json.dumps(
            {"a": [spelling, 1, None], "b": {"c": "x"}}, sort_keys=True, ensure_ascii=ascii_only
        )
        cleaned = json.loads(redact.masked(document))
        assert not texts.is_found("body", json.dumps(cleaned))
        assert (cleaned["a"][1:], cleaned["b"]) == ([1, None], {"c": "x"})


def test_what_only_the_second_eye_sees_goes_whole() -> None:
    assert redact.masked("call 12284111111111111111") == "[card number removed]"
    assert redact.masked("Premium") == "Premium"


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_no_byte_of_the_file_keeps_an_old_text(tmp_path: Path) -> None:
    """Neither a freed page, nor the write-ahead log, nor a search index."""
    folder = tmp_path / "ledger"
    folder.mkdir()
    engine = open_sqlite(folder / "old.ledger", None)
    prepare(engine, "training", PLACE)
    with engine.begin() as connection:
        customers = [{"number": str(at), "name": f"Ann {at} {PAN}", "read_at": START} for at in range(100)]
        connection.execute(sa.insert(schema.customer), customers)
        docs = [{"key": f"c{at}", "terms": f"ann 4111111111111111 {at}"} for at in range(100)]
        connection.execute(sa.insert(schema.search_doc), docs)
        connection.execute(sa.delete(schema.customer).where(schema.customer.c.number < "2"))
    assert PAN.encode() in _bytes_of(folder)
    assert b"4111111111111111" in _bytes_of(folder)
    done = redact.redact(engine, PLACE, None, WHO, DeskLocks(None, "test"))
    redact.scrub(engine, PLACE)
    assert len(done.cleaned) > 100
    for secret in (PAN.encode(), b"4111111111111111", b"41111111"):
        assert secret not in _bytes_of(folder)
    with engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM search_index WHERE search_index MATCH 'ann'")
        assert found.scalar_one() == 100
    engine.dispose()


def test_a_ledger_of_several_desks_is_cleaned_on_both_engines(
    before: None, counter: Counter, new_ledger: LedgerMaker
) -> None:
    counter.source.owe("50123", 100_00)
    noted = replace(counter.source.invoices["50123"], description=NOTED)
    counter.source.invoices["50123"] = noted
    paid = counter.pay("50123")
    counter.ledger.begin_void(paid.id, f"Wrong, {PAN}")
    counter.ledger.close()
    engine = new_ledger.owner_engine()
    redact.redact(engine, PLACE, None, WHO, DeskLocks(None, "test"))
    redact.scrub(engine, PLACE)
    report = verify.verify(engine, PLACE, None)
    assert report.wrong == ()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql("UPDATE event SET kind = 'nothing'")


def test_ids_of_the_vendors_stay(before: None) -> None:
    """One of ten numbers has a right check digit, and PayDesk has to ask for it by that very id."""
    office = Office().seen()
    paid = office.took("50123")
    office.ledger.note(paid.id, EventKind.EXTRA_VOIDING, {"charge": "4111111111111111", "reason": "Twice"})
    office.ledger.close()
    with office.database.engine.begin() as connection:
        connection.execute(sa.update(schema.customer).values(source_id="4111111111111111"))
    assert _verify(office).wrong == ()
    assert _redact(office) == redact.Redaction((), ())
