"""Compare our ledger with the processor's books. Each difference is a sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.domain.payment import NEXT, PAID, State
from paydesk.domain.world import TRAINING
from paydesk.store.database.head_file import HeadFile
from paydesk.store.database.opening import head_file_of
from paydesk.store.database.postgres import open_postgres
from paydesk.store.database.sqlite import READ, open_sqlite
from paydesk.store.tables import events, schema
from paydesk.store.verify.verify import verify

CANARIES = tuple(
    number.encode() for number in ("4000620000000007", "4000056655665556", "4000000000009995", "123456789")
)
"""Every card and account number that these tests pay with. No file may contain one."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All payment data of a ledger, read in one transaction."""

    payments: tuple[Row, ...]
    lines: tuple[Row, ...]
    holds: tuple[Row, ...]
    attempts: tuple[Row, ...]
    receipts: tuple[Row, ...]
    postings: tuple[Row, ...]
    events: tuple[Row, ...]
    refunds: tuple[Row, ...]
    head: str
    damage: tuple[str, ...] = ()

    @classmethod
    def read(cls, engine: sa.Engine) -> Ledger:
        """Read every table in one transaction, and check the file itself."""
        with engine.execution_options(**READ).connect() as connection, connection.begin():

            def rows(table: sa.Table) -> tuple[Row, ...]:
                found = connection.execute(sa.select(table).order_by(*table.primary_key))
                return tuple(dict(zip(found.keys(), row, strict=True)) for row in found)

            query = sa.select(schema.info.c.value).where(schema.info.c.key == "event_head")
            return cls(
                rows(schema.payment),
                rows(schema.payment_line),
                rows(schema.hold),
                rows(schema.attempt),
                rows(schema.receipt),
                rows(schema.posting),
                rows(schema.event),
                rows(schema.refund),
                str(connection.execute(query).scalar() or events.GENESIS),
                _damage(connection),
            )


def _damage(connection: sa.Connection) -> tuple[str, ...]:
    """Return the damage that SQLite itself finds. It reads every page and compares its checksum."""
    if connection.dialect.name != "sqlite":
        return ()
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
    return tuple(str(row) for row in found if row != "ok")


class Books:
    """The training ledger in a folder, or on a server. It is closed between two reads."""

    def __init__(self, base: Path, ledger_url: str = "") -> None:
        paths = Paths(base, training=True)
        self._path = paths.ledger_of(TRAINING)
        if ledger_url:
            self._engine = open_postgres(sa.make_url(ledger_url))
        else:
            self._engine = open_sqlite(self._path, KeyStore.of(paths).ledger_key(self._path))

    def read(self) -> Ledger:
        """Read the present ledger."""
        ledger = Ledger.read(self._engine)
        self.close()
        return ledger

    def verified(self) -> tuple[str, ...]:
        """Return the findings of `paydesk verify`."""
        report = verify(self._engine, str(self._path), HeadFile(head_file_of(self._path)))
        self.close()
        return report.wrong

    def close(self) -> None:
        """Close the file. The last connection to close empties the write-ahead log."""
        self._engine.dispose()


def differences(
    ledger: Ledger,
    charges: Iterable[Row],
    owed: Mapping[str, int],
    said: Iterable[Row] = (),
    *,
    decided: bool = True,
) -> list[str]:
    """Return every error as a sentence, or nothing if the books agree.

    ``charges`` are as the emulator's control endpoint lists them. ``owed`` is the cents by invoice before the
    first payment. ``said`` is what the screens showed. With ``decided``, no payment may still be open.
    """
    taken = [charge for charge in charges if charge["approved"]]
    live = [charge for charge in taken if is_live(charge)]
    return [
        *(f"the file is damaged: {problem}" for problem in ledger.damage),
        *_charges_and_payments(ledger, live),
        *_voids(ledger, taken),
        *_invoices(ledger, live, owed),
        *_papers(ledger),
        *_chain(ledger),
        *_moves(ledger),
        *(_open(ledger) if decided else ()),
        *_screens(ledger, taken, said),
    ]


def refund_differences(ledger: Ledger, made: Iterable[Row], said: Iterable[Row]) -> list[str]:
    """Return every error of the refunds as a sentence. ``made`` are those of the processor."""
    return list(_refunds(ledger, list(made), said))


def _refunds(ledger: Ledger, made: list[Row], said: Iterable[Row]) -> Iterator[str]:
    known = {row["processor_ref"]: row for row in ledger.refunds if row["processor_ref"]}
    for one in made:
        row = known.get(one["id"])
        if row is None:
            yield f"the refund {one['reference']} was made, and the ledger does not know it"
        elif row["amount_cents"] != one["cents"] or row["reference"] != one["reference"]:
            yield f"the refund {one['reference']} is another one in the ledger"
    names = Counter(one["reference"] for one in made)
    yield from (f"the refund {name} was made {count} times" for name, count in names.items() if count > 1)
    for row in ledger.refunds:
        if row["state"] in ("submitted", "unknown"):
            yield f"the refund {row['reference']} is still {row['state']}"
        if row["state"] in ("accepted", "done") and not names[row["reference"]]:
            yield f"the refund {row['reference']} is {row['state']}, and was never made"
    for line in said:
        if line["said"] in ("refund refused", "refund not_made") and names[line["refund"]]:
            yield f"the screen said {line['said']} of {line['refund']}, and it was made"


def is_live(charge: Row) -> bool:
    """Return True if the charge took money and was not voided."""
    return bool(charge["approved"]) and charge.get("status") != "Cancelled"


def _voids(ledger: Ledger, taken: list[Row]) -> Iterator[str]:
    """Yield payments voided here and not there, and charges canceled there and not voided here."""
    by_number = {payment["processor_ref"]: payment for payment in ledger.payments}
    canceled = {charge["transaction_id"] for charge in taken if not is_live(charge)}
    for number in canceled:
        state = by_number[number]["state"] if number in by_number else "unknown"
        if state not in (State.VOIDED, State.VOIDING, State.UNKNOWN, State.SUBMITTED):
            yield f"charge {number} is canceled at the processor, and {state} in the ledger"
    for payment in ledger.payments:
        if payment["state"] == State.VOIDED and payment["processor_ref"] not in canceled:
            yield f"{payment['reference']} is voided in the ledger, and not canceled at the processor"


def _paid(payment: Row) -> bool:
    return State(payment["state"]) in PAID


def _charges_and_payments(ledger: Ledger, taken: list[Row]) -> Iterator[str]:
    ours = {payment["reference"]: payment for payment in ledger.payments}
    by_reference = defaultdict(list)
    for charge in taken:
        by_reference[str(charge["title"]).rpartition("-")[0]].append(charge)
    for reference, made in by_reference.items():
        payment = ours.get(reference)
        if len(made) > 1:
            yield f"{reference} was charged {len(made)} times"
        if payment is None:
            yield f"{reference} was charged, and the ledger does not know it"
        elif not _paid(payment) and payment["state"] != State.UNKNOWN and payment["state"] != State.SUBMITTED:
            yield f"{reference} was charged, and is {payment['state']} in the ledger"
        elif _paid(payment):
            yield from _same(payment, made[0])
    for reference, payment in ours.items():
        if _paid(payment) and reference not in by_reference:
            yield f"{reference} is {payment['state']} in the ledger, and was never charged"


def _same(payment: Row, charge: Row) -> Iterator[str]:
    """Yield every part in which payment and charge differ."""
    pairs = (
        ("transaction", payment["processor_ref"], charge["transaction_id"]),
        ("charged", payment["charged_cents"], charge["total_cents"]),
        ("total", payment["total_cents"], charge["total_cents"]),
        ("subtotal", payment["subtotal_cents"], charge["amount_cents"]),
        ("fee", payment["fee_cents"], charge["fee_cents"]),
    )
    for name, here, there in pairs:
        if here != there:
            yield f"{payment['reference']}: {name} is {here} here and {there} at the processor"


def _invoices(ledger: Ledger, taken: list[Row], owed: Mapping[str, int]) -> Iterator[str]:
    states = {payment["id"]: payment for payment in ledger.payments}
    paid: Counter[str] = Counter()
    for line in ledger.lines:
        if line["invoice_number"] is not None and _paid(states[line["payment_id"]]):
            paid[line["invoice_number"]] += line["amount_cents"]
    for number, cents in paid.items():
        if cents > owed[number]:
            yield f"invoice {number} owed {owed[number]}, and {cents} is recorded as paid"
    live = sum(charge["amount_cents"] for charge in taken)
    if live > sum(owed.values()):
        yield f"all invoices owed {sum(owed.values())}, and {live} was charged"
    held = Counter(hold["invoice_number"] for hold in ledger.holds if hold["open"])
    yield from (f"invoice {number} is held {count} times" for number, count in held.items() if count > 1)


def _papers(ledger: Ledger) -> Iterator[str]:
    """Yield paid payments without one receipt and one posting, other payments with one, and number gaps."""
    receipts = Counter(row["payment_id"] for row in ledger.receipts)
    postings = Counter(row["payment_id"] for row in ledger.postings)
    attempts = Counter(row["payment_id"] for row in ledger.attempts)
    for payment in ledger.payments:
        wanted = int(_paid(payment) or payment["state"] == State.VOIDED)
        for name, found in (("receipts", receipts), ("postings", postings)):
            if found[payment["id"]] != wanted:
                yield f"{payment['reference']} is {payment['state']} and has {found[payment['id']]} {name}"
        by_desk = payment["submitted_at"] is not None and not payment["offer_kind"]
        if attempts[payment["id"]] != int(by_desk):
            yield f"{payment['reference']} has {attempts[payment['id']]} attempts"
    numbers = sorted(int(row["number"].partition("-")[2]) for row in ledger.receipts)
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"receipt numbers have a gap or a repeat: {numbers}"


def _chain(ledger: Ledger) -> Iterator[str]:
    last = events.GENESIS
    for row in ledger.events:
        if row["prev_hash"] != last or row["hash"] != events.hash_of(row):
            yield f"event {row['seq']} does not follow the one before"
        last = row["hash"]
    if last != ledger.head:
        yield "the head of the event chain is not its last event"


def _moves(ledger: Ledger) -> Iterator[str]:
    """Yield payments whose events are not legal moves, or do not end in its state."""
    states = {state.value for state in State}
    told: dict[int, list[State]] = defaultdict(list)
    for row in ledger.events:
        if row["payment_id"] is not None and row["kind"] in states:
            told[row["payment_id"]].append(State(row["kind"]))
    for payment in ledger.payments:
        path = told[payment["id"]]
        legal = path[:1] == [State.HELD] and all(after in NEXT[before] for before, after in pairwise(path))
        if not legal or path[-1].value != payment["state"] or payment["version"] != len(path) - 1:
            yield f"{payment['reference']} is {payment['state']}, and its events say {' '.join(path)}"


def _open(ledger: Ledger) -> Iterator[str]:
    for payment in ledger.payments:
        if payment["decided_at"] is None or payment["state"] == State.VOIDING:
            yield f"{payment['reference']} is still {payment['state']}"
    for hold in ledger.holds:
        if hold["open"]:
            yield f"invoice {hold['invoice_number']} is still held by payment {hold['payment_id']}"


def _screens(ledger: Ledger, taken: list[Row], said: Iterable[Row]) -> Iterator[str]:
    """Yield screens that said "approved" or "not charged" and were wrong, or became wrong."""
    states = {payment["reference"]: State(payment["state"]) for payment in ledger.payments}
    charged = {str(charge["title"]).rpartition("-")[0] for charge in taken}
    for line in said:
        reference = line.get("reference", "")
        match line["said"]:
            case "authorized" if states.get(reference) not in PAID | {State.VOIDED}:
                yield f"the screen said that {reference} is authorized; it is {states.get(reference)}"
            case "voided" if states.get(reference) is not State.VOIDED:
                yield f"the screen said that {reference} is voided; it is {states.get(reference)}"
            case "declined" | "released" | "not_charged" if reference in charged:
                yield f"the screen said that {reference} is {line['said']}, and it was charged"
            case "crashed":
                yield f"the desk crashed: {line['why'].strip().splitlines()[-1]}"


def card_numbers_in(base: Path) -> list[str]:
    """Return the files under ``base`` that contain a card or account number of these tests in plaintext."""
    files = [file for file in base.rglob("*") if file.is_file()]
    return [str(file) for file in files if any(number in file.read_bytes() for number in CANARIES)]


def card_numbers_in_rows(ledger: Ledger) -> list[str]:
    """Return the columns of a decrypted ledger that contain a card or account number of these tests."""
    rows = (*ledger.payments, *ledger.lines, *ledger.receipts, *ledger.events)
    return [
        f"{name}={value}"
        for row in rows
        for name, value in row.items()
        if isinstance(value, str) and any(number.decode() in value for number in CANARIES)
    ]
