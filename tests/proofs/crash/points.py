"""The named points at which a desk can be killed, and how a child process dies there.

The program contains none of this. The child replaces methods of the ledger, the gateways, SQLAlchemy and the
sockets by ones that first check for the point. The names follow the steps of ``docs/safety.md``, and the
numbers F… are those of its table.
"""

from __future__ import annotations

import functools
import http.client
import os
import random
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from paydesk.gateways.ams360.ems import Ams360Ems
from paydesk.gateways.ams360.posting import EmsReceipts
from paydesk.gateways.anddone.processor import AndDone
from paydesk.gateways.http import wire
from paydesk.store.database.sqlite import driver
from paydesk.store.ledger.charges import Charges
from paydesk.store.ledger.money_back.refunds import Refunds
from paydesk.store.ledger.money_back.voids import Voids
from paydesk.store.ledger.offer_journal import FileJournal
from paydesk.store.ledger.outbox import SqlOutbox

KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL
"""The signal to kill with. On Windows SIGTERM is TerminateProcess, which no handler sees either."""

KILLED = (1, int(KILL)) if sys.platform == "win32" else (-KILL,)
"""Exit codes of a process that was killed, by itself or by another."""

TRANSACTIONS = {
    "start": "the desk's session (F56)",
    "A": "hold (F01-F05)",
    "B": "submit (F10-F13)",
    "C": "record the outcome (F24-F27)",
    "release": "give the invoices back (F09, F58)",
    "U": "submitted to unknown, at recovery (F57)",
    "CJ": "record what a search found (F41-F45)",
    "E": "mark the intent expired (F59)",
    "N": "not charged (F60)",
    "take": "a posting is about to be sent (F30-F33)",
    "posted": "what became of the posting (F35-F37)",
    "V": "a void is begun (F46, F47)",
    "VC": "record that the charge is canceled (F53-F55)",
    "O": "an address is recorded (O)",
    "R": "a refund is begun (RB)",
    "RC": "what became of the refund (RC)",
}
MOMENTS = ("begin", "inside", "commit", "committed")
"""Moments of a transaction: before BEGIN, between two statements, before COMMIT, after COMMIT."""

CALLS = {
    "owed": "AMS360 is asked what is owed (F06-F08)",
    "elsewhere": "AndDone is asked for payments from elsewhere (F06-F08)",
    "intent": "the intent is created",
    "charge": "the one charge (F16-F23)",
    "details": "what became of the intent (J)",
    "expire": "the intent is expired (X)",
    "post": "the receipt goes to AMS360 (F34)",
    "void": "the charge is to be canceled (F48-F52)",
    "link": "the payment link is made (I)",
    "journal": "the address is written down outside of the ledger (O)",
    "refund": "the charge is to be refunded (RB)",
}
EDGES = ("before", "connected", "half", "sent", "arrived", "half_answer", "read", "after")
"""Moments of a call: before it, connected, half of the request sent, all sent, answer unread, half of the
answer read, all read but not parsed, parsed but not recorded."""

BAD_COMMITS = ("commit_fails", "commit_unclear")
"""Not kills: COMMIT raises, without effect and with it (F03 and F04, F12, F26)."""

PAYING = (
    *(f"{name}.{moment}" for name in ("A", "B", "C") for moment in MOMENTS),
    *(f"{name}.{end}" for name in ("A", "B", "C") for end in BAD_COMMITS),
    *(f"owed.{edge}" for edge in ("before", "sent", "after")),
    *(f"elsewhere.{edge}" for edge in ("before", "sent", "after")),
    *(f"intent.{edge}" for edge in ("before", "half", "sent", "arrived", "after")),
    *(f"charge.{edge}" for edge in EDGES),
    "shown.before",
    "shown.after",
)
"""Points of a payment."""

RECOVERING = (
    *(f"start.{moment}" for moment in MOMENTS),
    *(f"{name}.{moment}" for name in ("U", "CJ", "E", "N", "release") for moment in MOMENTS),
    *(f"{name}.{end}" for name in ("U", "CJ", "E", "N", "release") for end in BAD_COMMITS),
    *(f"{name}.{edge}" for name in ("details", "expire") for edge in EDGES if edge != "connected"),
)
"""Points of the recovery after a first kill."""

POSTING = (
    *(f"{name}.{moment}" for name in ("take", "posted") for moment in MOMENTS),
    *(f"{name}.{end}" for name in ("take", "posted") for end in BAD_COMMITS),
    *(f"post.{edge}" for edge in EDGES if edge != "connected"),
)
"""Points of the outbox, after a payment."""

VOIDING = (
    *(f"{name}.{moment}" for name in ("V", "VC") for moment in MOMENTS),
    *(f"{name}.{end}" for name in ("V", "VC") for end in BAD_COMMITS),
    *(f"void.{edge}" for edge in EDGES),
)
"""Points of a void, after a payment."""

REFUNDING = (
    *(f"{name}.{moment}" for name in ("R", "RC") for moment in MOMENTS),
    *(f"{name}.{end}" for name in ("R", "RC") for end in BAD_COMMITS),
    *(f"refund.{edge}" for edge in EDGES),
)
"""Points of a refund, days after a payment."""

OFFERING = (
    *(f"O.{moment}" for moment in MOMENTS),
    *(f"O.{end}" for end in BAD_COMMITS),
    *(f"link.{edge}" for edge in EDGES),
    "journal.before",
    "journal.after",
    "address.before",
    "address.after",
)
"""Points of a payment link, from its order to the moment when its address is shown."""

FIRST_KILL = {"CJ": "charge.arrived", "release": "A.committed", "start": "charge.arrived"}
"""Point of the first kill that makes a recovery reach its point. The default leaves the charge unsent."""
UNSENT = "charge.before"


def is_kill(point: str) -> bool:
    """Return True if the desk dies at that point. At other points its COMMIT raises, and it continues."""
    return not point.endswith(BAD_COMMITS)


def die() -> None:
    """Kill this process from outside Python, as the system would: none of our code runs after it."""
    os.kill(os.getpid(), KILL)
    time.sleep(60)  # the signal is under way to this process


@dataclass(slots=True)
class Trap:
    """Springs once, at the ``nth`` pass of ``point``. ``seed`` decides the rest.

    ``strike`` is its effect. If that returns, the desk continues.
    """

    point: str
    nth: int = 1
    seed: int = 0
    strike: Callable[[], None] = die
    sprung: bool = False

    @property
    def name(self) -> str:
        """The transaction or call."""
        return self.point.partition(".")[0]

    @property
    def moment(self) -> str:
        """The moment within it."""
        return self.point.partition(".")[2]

    def reach(self, point: str) -> None:
        """Spring if this is the point."""
        if point == self.point and not self.sprung:
            self.nth -= 1
            if self.nth <= 0:
                self.spring()

    def spring(self) -> None:
        """Strike once."""
        self.sprung = True
        self.strike()

    def at(self, name: str, moment: str) -> bool:
        """Return True if the trap waits for this moment, which then counts as sprung."""
        if self.sprung or (name, moment) != (self.name, self.moment):
            return False
        self.sprung = True
        return True


_now = threading.local()
"""The transaction and the call that this thread is in."""


def _within(kind: str, name: str, work: Callable[..., Any], trap: Trap) -> Callable[..., Any]:
    @functools.wraps(work)
    def named(*args: Any, **kwargs: Any) -> Any:
        before = getattr(_now, kind, "")
        setattr(_now, kind, name)
        try:
            trap.reach(f"{name}.before")
            done = work(*args, **kwargs)
            trap.reach(f"{name}.after")
        finally:
            setattr(_now, kind, before)
        return done

    return named


def opened() -> None:
    """Note that the desk is open: later writes no longer belong to its start."""
    _now.transaction = ""


def replace(owner: object, name: str, new: object) -> None:
    """Replace a method or function, in this process only."""
    setattr(owner, name, new)


def install(trap: Trap, recovering: bool) -> None:
    """Install the trap in this process for good."""
    _install_transactions(trap, recovering)
    for owner, method, name in (
        (Ams360Ems, "invoice", "owed"),
        (AndDone, "charges_about", "elsewhere"),
        (AndDone, "create_intent", "intent"),
        (AndDone, "pay", "charge"),
        (AndDone, "look_up", "details"),
        (AndDone, "expire", "expire"),
        (EmsReceipts, "post", "post"),
        (AndDone, "void", "void"),
        (AndDone, "refund", "refund"),
        (AndDone, "create_offer", "link"),
        (FileJournal, "add", "journal"),
    ):
        replace(owner, method, _within("call", name, getattr(owner, method), trap))
    _install_wire(trap)


def _install_transactions(trap: Trap, recovering: bool) -> None:
    names = {"hold": "A", "submit": "B", "release": "release", "mark_expired": "E", "not_charged": "N"}
    names |= {"begin_void": "V", "voided": "VC", "offer": "O"}
    for method, name in names.items():
        part = Voids if method in ("begin_void", "voided") else Charges
        replace(part, method, _within("transaction", name, getattr(part, method), trap))
    for method, name in (("begin_refund", "R"), ("record_refund", "RC")):
        replace(Refunds, method, _within("transaction", name, getattr(Refunds, method), trap))
    for method, name in (("take", "take"), ("record_outcome", "posted")):
        replace(SqlOutbox, method, _within("transaction", name, getattr(SqlOutbox, method), trap))
    record = Charges.record

    def record_named(ledger: Charges, payment: Any, outcome: Any, receipt_for: Any) -> Any:
        unclear = type(outcome).__name__ == "Unclear"
        name = ("U" if unclear else "CJ") if recovering else "C"
        return _within("transaction", name, record, trap)(ledger, payment, outcome, receipt_for)

    replace(Charges, "record", record_named)
    if trap.name == "start":
        _now.transaction = "start"
    sa.event.listen(sa.Engine, "begin", functools.partial(_begun, trap))
    for name in ("do_execute", "do_executemany"):
        execute = functools.partialmethod(_execute, trap, getattr(DefaultDialect, name))
        replace(DefaultDialect, name, execute)
    commit = DefaultDialect.do_commit
    replace(DefaultDialect, "do_commit", functools.partialmethod(_commit, trap, commit))


def _begun(trap: Trap, connection: sa.Connection) -> None:
    if not connection.get_execution_options().get("paydesk_read"):
        trap.reach(f"{getattr(_now, 'transaction', '')}.begin")


def _execute(
    dialect: Any,
    trap: Trap,
    execute: Callable[..., None],
    cursor: Any,
    text: str,
    values: Any,
    context: Any = None,
) -> None:
    execute(dialect, cursor, text, values, context)
    if context is None or not context.execution_options.get("paydesk_read"):
        trap.reach(f"{getattr(_now, 'transaction', '')}.inside")


def _commit(dialect: Any, trap: Trap, commit: Callable[..., None], connection: Any) -> None:
    name = getattr(_now, "transaction", "")
    if not _in_transaction(connection):  # a read that has ended
        commit(dialect, connection)
        return
    if trap.point == f"{name}.inside" and not trap.sprung:
        trap.spring()  # fewer statements than expected: this is the last moment inside
    trap.reach(f"{name}.commit")
    if trap.at(name, "commit_fails"):
        raise _trouble(connection)
    commit(dialect, connection)
    if trap.at(name, "commit_unclear"):
        raise _trouble(connection)
    trap.reach(f"{name}.committed")


def _in_transaction(connection: Any) -> bool:
    raw = connection.driver_connection
    if isinstance(raw, psycopg.Connection):
        return raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
    return bool(raw.in_transaction)


def _trouble(connection: Any) -> Exception:
    """Return the exception a driver raises if a COMMIT fails."""
    if isinstance(connection.driver_connection, psycopg.Connection):
        return psycopg.OperationalError("the connection is lost")
    trouble: Exception = driver().OperationalError("disk I/O error")
    return trouble


def _install_wire(trap: Trap) -> None:
    chance = random.Random(trap.seed)
    send, receive, exchange = http.client.HTTPConnection.send, socket.socket.recv_into, wire.exchange
    heard = threading.local()

    def sends(connection: http.client.HTTPConnection, data: Any) -> None:
        name = getattr(_now, "call", "")
        if connection.sock is None:
            connection.connect()
        trap.reach(f"{name}.connected")
        if trap.point == f"{name}.half" and not trap.sprung:
            trap.nth -= 1
            if trap.nth <= 0:
                cut = chance.randrange(1, len(data))
                send(connection, bytes(data)[:cut])
                trap.spring()
                data = bytes(data)[cut:]
        heard.parts = 0
        send(connection, data)

    def receives(sock: socket.socket, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        name = getattr(_now, "call", "")
        if name and trap.name == name:
            heard.parts = getattr(heard, "parts", 0) + 1
            if trap.moment == "half" and not trap.sprung:
                trap.spring()  # a request without a body is sent with its head
            trap.reach(f"{name}.sent")
            if trap.moment == "arrived":
                select.select([sock], [], [], 20.0)
                trap.reach(f"{name}.arrived")
            if trap.moment == "half_answer" and heard.parts == 1:
                return receive(sock, buffer, chance.randrange(1, 120), flags)
            if trap.moment == "half_answer":
                trap.reach(f"{name}.half_answer")
        return receive(sock, buffer, nbytes, flags)

    def exchanges(*args: Any, **kwargs: Any) -> Any:
        reply = exchange(*args, **kwargs)
        trap.reach(f"{getattr(_now, 'call', '')}.read")
        return reply

    replace(http.client.HTTPConnection, "send", sends)
    replace(socket.socket, "recv_into", receives)
    replace(wire, "exchange", exchanges)
