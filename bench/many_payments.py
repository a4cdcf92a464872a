"""Ledgers with a million payments, made in a minute or two.

A few *models* are taken by the real services on a small ledger. Their rows are then copied with other
names, numbers, amounts and days, and the chain of events is hashed anew. ``paydesk verify`` finds nothing
wrong with such a ledger (tests/test_bench.py).
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import ledgers
from bench.search import name_of
from paydesk.domain.consent import Channel
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.domain.outcome import AchReturned, Approved, Declined, Reason, Unclear
from paydesk.domain.payment import Draft, Payer, Payment, PaymentLine
from paydesk.domain.posting import Posted, PostingChannel, Refused
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.store.cache.cache import SqlCache
from paydesk.store.database.head_file import HeadFile
from paydesk.store.database.opening import head_file_of
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.tables import queries, rows, schema
from paydesk.store.tables.events import GENESIS, HEAD, event_hash
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import LETTERHEAD, START

PER_DAY = 400
"""Payments of a day, so that a million are those of seven years. The last day is that of the models."""
PER_CUSTOMER = 4
FIRST_INVOICE = 5_000_000
_OPEN = 40
"""Number of the newest payments that wait for something, in every ledger."""
_SUBTOTAL, _FEE = 8_765_432_11, 9_876_543_21
_NAME, _NUMBER, _LAST4, _PHONE = "Model Customer LLC", "88001001", "8642", "555-0101"
_AMOUNTS = (_SUBTOTAL, _FEE, _SUBTOTAL + _FEE)
_SAME = (
    _NUMBER, _NAME, _LAST4, _PHONE, f"{START:%Y-%m-%d}", "14:07:00", *map(str, _AMOUNTS),
    *(str(Money(amount)) for amount in _AMOUNTS),
)  # fmt: skip
"""Texts that are the same in all models, and replaced in every copy."""
_TEXT = object()
"""Stands for the next text in a model's row."""
_NEXT = "\x1f"
_SESSION = list(schema.payment.c).index(schema.payment.c.session_id)
_SALTS = {one.name: list(one.c).index(one.c.salt) for one in (schema.payment, schema.event)}
"""The salt of a row. Copies have none: their hashes cover the texts themselves."""

Steps = Callable[["_Desk", Payment], object]


@dataclass(frozen=True, slots=True)
class _Desk:
    ledger: SqlLedger
    outbox: SqlOutbox

    def submit(self, payment: Payment) -> Payment:
        return self.ledger.submit(payment, f"{payment.reference}-1", f"tok-{payment.reference}", ())

    def approve(self, payment: Payment) -> Payment:
        total = payment.draft.quote.total
        ref = f"txn-{payment.reference}"
        approved = Approved(ref, total, payment.draft.quote.fee, "123456", "Visa", _LAST4)
        return self.ledger.record(self.submit(payment), approved, LETTERHEAD.receipt_for)

    def post(self, payment: Payment) -> Payment:
        payment = self.approve(payment)
        self.outbox.take(payment.id, PostingChannel.EMS, {"balance": Money(_SUBTOTAL)})
        self.outbox.record_outcome(payment.id, Posted(f"ams-{payment.reference}"))
        return payment

    def void(self, payment: Payment) -> None:
        self.ledger.begin_void(payment.id, "wrong invoice")
        self.ledger.voided(payment.id)

    def send_back(self, payment: Payment) -> None:
        payment = self.post(payment)
        self.ledger.settled(payment.id)
        self.ledger.returned(payment.id, AchReturned())
        self.outbox.taken_back(payment.id, "reversed")

    def refuse_posting(self, payment: Payment) -> None:
        payment = self.approve(payment)
        self.outbox.take(payment.id, PostingChannel.EMS, {})
        self.outbox.record_outcome(payment.id, Refused("AMS360 refused it."))


_CARD, _ACH = TenderKind.CREDIT_CARD, TenderKind.ACH
_MODELS: Sequence[tuple[TenderKind, int, Steps]] = (
    (_CARD, 74, lambda desk, payment: desk.post(payment)),
    (_ACH, 18, lambda desk, payment: desk.ledger.settled(desk.post(payment).id)),
    (_CARD, 4, lambda desk, payment: desk.ledger.record(
        desk.submit(payment), Declined("05", "Do not honor.", "txn"), LETTERHEAD.receipt_for)),
    (_CARD, 2, lambda desk, payment: desk.void(desk.approve(payment))),
    (_CARD, 1, lambda desk, payment: desk.ledger.release(payment.id, "Gone.", Reason.DESK_GONE)),
    (_ACH, 1, lambda desk, payment: desk.send_back(payment)),
)  # fmt: skip
"""Payment method, payments in a hundred, and what happened to them."""
_OPEN_MODELS: Sequence[tuple[TenderKind, Steps]] = (
    (_CARD, lambda desk, payment: desk.ledger.record(
        desk.submit(payment), Unclear("No answer."), LETTERHEAD.receipt_for)),
    (_CARD, lambda desk, payment: desk.refuse_posting(payment)),
    (_CARD, lambda desk, payment: desk.approve(payment)),
    (_ACH, lambda desk, payment: desk.post(payment)),
)  # fmt: skip


# ---- models --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Model:
    """The rows of one payment, with ``_TEXT`` for each text.

    The texts follow in one, cut into pieces, so that each piece stays or is replaced as a whole.
    """

    tables: Sequence[tuple[str, Sequence[Sequence[Any]]]]
    pieces: Sequence[str]
    reference: str
    invoice: str
    receipt: str
    digest: str


def models() -> tuple[list[Model], list[Model]]:
    """Return a hundred models as they come in practice, and some of payments that wait for something."""
    with tempfile.TemporaryDirectory() as folder, LedgerMaker(Path(folder, "models.ledger")) as ledgers_:
        ledger, cache = ledgers_("Front-1")
        ledgers_.clock.move(7 * 60)
        desk = _Desk(ledger, SqlOutbox(ledger.transactions))
        with ledger.transactions.engine.begin() as connection:
            connection.execute(sa.update(schema.counter).values(value=900_000))
        kinds = [(kind, steps) for kind, _, steps in _MODELS] + list(_OPEN_MODELS)
        made = [_model(desk, cache, kind, steps, place) for place, (kind, steps) in enumerate(kinds)]
    usual = [
        model for model, (_, share, _) in zip(made, _MODELS, strict=False) for _ in range(share)
    ]  # fmt: skip
    return usual, made[len(_MODELS) :]


def _model(desk: _Desk, cache: SqlCache, kind: TenderKind, steps: Steps, place: int) -> Model:
    number, reference = f"{9_700_000 + place}", f"PDMODEL{place:013d}"
    customer = Customer(_NUMBER, _NAME, "c-88001001", "02108", ("(617) 555-0101",))
    owed, now = Money(_SUBTOTAL), desk.ledger.transactions.clock.now()
    invoice = Invoice(number, _NUMBER, _NAME, owed, owed, now, description="Renewal premium")
    cache.keep_all(customer, [invoice], now)
    line = PaymentLine(owed, "Renewal premium", number, owed, now, f"BOP-{number}")
    payer = Payer(_NAME, "(617) 555-0101", "office@example.example", _NUMBER, _NAME)
    draft = Draft((line,), payer, Quote(kind, owed, Money(_FEE)), Channel.PHONE)
    payment = desk.ledger.hold(draft, reference)
    steps(desk, payment)
    with desk.ledger.transactions.read() as connection:
        return _copied(connection, desk.ledger.payment(payment.id), number)


_KEYS = {"invoice": "number", "payment": "id"} | dict.fromkeys(
    ("payment_line", "hold", "attempt", "receipt", "void", "posting", "event"), "payment_id"
)
"""The tables with rows of a payment, each with the column that finds them."""


def _copied(connection: sa.Connection, payment: Payment, number: str) -> Model:
    tables: list[tuple[str, list[list[Any]]]] = []
    texts: list[str] = []
    for table, key in _KEYS.items():
        wanted = (number if key == "number" else payment.id,)
        query = f"SELECT * FROM {table} WHERE {key} = ? ORDER BY 1"
        found = [list(row) for row in connection.exec_driver_sql(query, wanted)]
        for row in found:
            if table in _SALTS:
                row[_SALTS[table]] = ""
            for at, cell in enumerate(row):
                if isinstance(cell, str):
                    texts.append(cell)
                    row[at] = _TEXT
        tables.append((table, found))
    held = connection.execute(queries.PAYMENT, {"wanted": payment.id}).mappings().one()
    lines = connection.execute(queries.LINES, {"wanted": [payment.id]}).mappings().all()
    texts.append(rows.draft_text(dict(held) | {"salt": ""}, lines))
    receipt = payment.receipt_number[2:] or "no receipt"
    digest = rows.draft_digest(held, lines)
    # The digest comes first, as a piece of its own: its digits may happen to be those of the card.
    tokens = (digest, *_SAME, payment.reference, number, receipt)
    pieces = re.split(f"({'|'.join(map(re.escape, tokens))})", _NEXT.join(texts))
    return Model(tables, pieces, payment.reference, number, receipt, digest)


# ---- copies --------------------------------------------------------------------------------

_LETTERS = str.maketrans("0123456789", "ABCDEFGHJK")


class Copies:
    """Copies of models, with the chain of their events. ``head`` is the hash of the last one."""

    def __init__(self, payments: int) -> None:
        self._usual, self._open = models()
        self._count = payments
        self.head = GENESIS
        self._seq = self._void = 0

    def __iter__(self) -> Iterator[dict[str, list[list[Any]]]]:
        """Yield the rows of each payment by table, oldest first."""
        for place in range(self._count):
            left = self._count - place
            kinds = self._open if left <= _OPEN else self._usual
            yield self._rows(kinds[place % len(kinds)], place)

    def _rows(self, model: Model, place: int) -> dict[str, list[list[Any]]]:
        at = moment_of(place, self._count)
        texts = iter(_said(model, place, at).split(_NEXT))
        amounts = dict(zip(_AMOUNTS, amounts_of(place), strict=True))
        made: dict[str, list[list[Any]]] = {}
        for table, found in model.tables:
            made[table] = [
                [next(texts) if cell is _TEXT else amounts.get(cell, cell) for cell in row] for row in found
            ]
        digest = hashlib.sha256(next(texts).encode()).hexdigest()
        self._number(made, place + 1)
        anchors = self._chain(made["event"], at, model.digest, digest)
        for table in ("receipt", "void"):
            made[table] = [[_anchored(cell, anchors) for cell in row] for row in made[table]]
        return made

    def _number(self, made: Mapping[str, list[list[Any]]], payment_id: int) -> None:
        for table, found in made.items():
            for row in found:
                if table == "void":
                    self._void += 1
                    row[:2] = self._void, payment_id
                elif table == "event":
                    row[1] = payment_id
                elif table != "invoice":
                    row[0] = payment_id
        made["payment"][0][_SESSION] = 1

    def _chain(self, events: Sequence[list[Any]], at: datetime, old: str, new: str) -> dict[str, str]:
        """Hash the events anew. Returns each model's hash with that of its copy."""
        anchors = {}
        for row in events:
            self._seq += 1
            desk, user, kind, body = row[3:7]
            body = body.replace(old, new)
            head = event_hash(self.head, row[1], at, (desk, user), kind, body)
            anchors[row[8]] = head
            row[0], row[6:9] = self._seq, (body, self.head, head)
            self.head = head
        return anchors


def _anchored(cell: Any, anchors: Mapping[str, str]) -> Any:
    """Return a cell with the hash of its payment's own event, if it is a receipt."""
    if not isinstance(cell, str) or "anchor" not in cell:
        return cell
    return re.sub(r"[0-9a-f]{64}", lambda found: anchors.get(found[0], found[0]), cell)


def moment_of(place: int, count: int) -> datetime:
    """Return the time of a payment. The newest are those of the day of the models."""
    days, turn = divmod(count - 1 - place, PER_DAY)
    opening = START.replace(hour=13) - timedelta(days=days)
    return opening + timedelta(seconds=72 * (PER_DAY - 1 - turn))


def amounts_of(place: int) -> tuple[int, int, int]:
    """Return the cents of a payment: lines, fee, and both."""
    lines = 1_000 + place * 104_729 % 500_000
    return lines, lines * 35 // 1000 + 1, lines + lines * 35 // 1000 + 1


def _said(model: Model, place: int, at: datetime) -> str:
    customer = place // PER_CUSTOMER
    amounts = amounts_of(place)
    new: dict[str, str] = dict(
        zip(
            _SAME,
            (
                str(10_000 + customer), name_of(customer), f"{place * 7919 % 10_000:04d}",
                f"{200 + customer % 700}-{customer * 37 % 10_000:04d}", f"{at:%Y-%m-%d}",
                f"{at:%H:%M:%S}", *map(str, amounts), *(str(Money(amount)) for amount in amounts),
            ),
            strict=True,
        )
    )  # fmt: skip
    new[model.reference] = f"PD{place:018d}".translate(_LETTERS)
    new[model.invoice] = str(FIRST_INVOICE + place)
    new[model.receipt] = f"{place + 1:06d}"
    return "".join([new.get(piece, piece) for piece in model.pieces])


# ---- a ledger of them ----------------------------------------------------------------------

_CHUNK = 5_000


def make(path: Path, payments: int) -> None:
    """Create a training ledger with that many payments of the last years, and some that are still open."""
    ledgers.make(path, 0)
    with ledgers.filling(path) as connection:
        connection.execute(
            "INSERT INTO desk_session (id, desk, user, host, started_at, seen_at, ended_at)"
            " VALUES (1, 'Front-1', 'Dana', 'test', :at, :at, :at)", {"at": f"{START:%Y-%m-%d %H:%M:%S.%f}"},
        )  # fmt: skip
        copies = Copies(payments)
        waiting: dict[str, list[list[Any]]] = {table: [] for table in _KEYS}
        for place, made in enumerate(copies, start=1):
            for table, found in made.items():
                waiting[table] += found
            if place % _CHUNK == 0 or place == payments:
                _write(connection, waiting)
        connection.execute("UPDATE counter SET value = ? WHERE name = 'receipt'", (payments,))
        connection.execute("UPDATE info SET value = ? WHERE key = ?", (copies.head, HEAD))
    HeadFile(head_file_of(path)).accept(copies.head)


def _write(connection: Any, waiting: Mapping[str, list[list[Any]]]) -> None:
    for table, found in waiting.items():
        if found:
            marks = ", ".join("?" * len(found[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", found)
            found.clear()
