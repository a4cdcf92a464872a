"""The ledger of one desk session, composed of its parts."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from paydesk.domain.attempts import ReturnedDebit
from paydesk.domain.events import EventKind
from paydesk.domain.receipt import ReceiptKind
from paydesk.services.ports.clock import Clock
from paydesk.services.ports.ledger import Undecided
from paydesk.store.database.desk_locks import DeskLocks
from paydesk.store.database.errors import LedgerError
from paydesk.store.database.maintenance import NoMaintenance
from paydesk.store.ledger.charges import Charges
from paydesk.store.ledger.declines import returned_debits
from paydesk.store.ledger.differences import Differences
from paydesk.store.ledger.lists import PaymentLists
from paydesk.store.ledger.money_back.refunds import Refunds
from paydesk.store.ledger.money_back.returns import Returns
from paydesk.store.ledger.money_back.voids import Voids
from paydesk.store.ledger.payment_indexer import PaymentIndexer
from paydesk.store.ledger.reading import PaymentReads
from paydesk.store.ledger.sessions import DeskSession, undecided
from paydesk.store.ledger.transactions import Transactions
from paydesk.store.tables import queries


class SqlLedger:
    """PayDesk's own database through SQLAlchemy. See the ports for each method."""

    def __init__(
        self,
        engine: sa.Engine,
        clock: Clock,
        *,
        desk: str,
        user: str,
        host: str,
        path: str,
        locks: Path | None = None,
        maintenance: NoMaintenance | None = None,
    ) -> None:
        """Start this desk's session. Raises KnownError if the ledger is unreachable or damaged.

        ``path`` names the ledger in sentences. ``locks`` is the folder of this computer's desk locks.
        ``maintenance`` closes together with the ledger.
        """
        on = Transactions(engine, clock, who=(desk, user), place=path, maintenance=maintenance)
        self.transactions = on
        self.session = DeskSession(DeskLocks(locks, host))
        self._start()
        reads = PaymentReads(on)
        self.payment, self.find = reads.payment, reads.find
        self.find_charged, self.find_offered = reads.find_charged, reads.find_offered
        lists = PaymentLists(on)
        self.payments, self.payments_between = lists.payments, lists.payments_between
        self.came_back, self.charged_otherwise = lists.came_back, lists.charged_otherwise
        self.letters_due = lists.letters_due
        self.sums, self.people = lists.sums, lists.people
        self.indexing, self.index_payments = lists.indexing, PaymentIndexer(engine, path).step
        self.statuses, self.receipt = reads.statuses, reads.receipt
        self.events, self.head = reads.events, reads.head
        self.charges = charges = Charges(on, self.session.id)
        self.hold, self.submit, self.record = charges.hold, charges.submit, charges.record
        self.offer, self.close_offer = charges.offer, charges.close_offer
        self.release, self.mark_expired = charges.release, charges.mark_expired
        self.not_charged = charges.not_charged
        voids = Voids(on, self.session.id)
        self.begin_void, self.voided, self.not_voided = voids.begin_void, voids.voided, voids.not_voided
        refunds = Refunds(on, self.session)
        self.refund, self.refunds_of = refunds.refund, refunds.refunds_of
        self.begin_refund, self.wish_refund = refunds.begin_refund, refunds.wish_refund
        self.record_refund, self.refunds_seen = refunds.record_refund, refunds.refunds_seen
        self.refund_of_portal = refunds.refund_of_portal
        self.attribute_refund, self.refund_entered = refunds.attribute_refund, refunds.refund_entered
        self.followed_refunds, self.refunds_to_look_at = refunds.followed_refunds, refunds.refunds_to_look_at
        self.refunded_between = refunds.refunded_between
        self.refund_receipt, self.count_refund_copy = refunds.refund_receipt, refunds.count_refund_copy
        returns = Returns(on)
        self.uncleared, self.settled, self.returned = returns.uncleared, returns.settled, returns.returned
        self.went_back, self.went_back_between = returns.went_back, returns.went_back_between
        self.acknowledge = Differences(on).acknowledge
        self.note = on.note

    def undecided(self) -> Sequence[Undecided]:
        """See Ledger.undecided."""
        with self.transactions.read() as connection:
            return undecided(connection, self.session, self.transactions.now(connection))

    def count_copy(self, payment_id: int, kind: ReceiptKind = ReceiptKind.PAYMENT) -> int:
        """See Ledger.count_copy."""
        query = queries.COUNT_VOID_COPY if kind is ReceiptKind.VOID else queries.COUNT_COPY
        on = self.transactions
        with on.write() as connection:
            copies = int(connection.execute(query, {"wanted": payment_id}).scalar_one())
            on.event(connection, payment_id, EventKind.REPRINTED, on.now(connection), copy=str(copies))
        return copies

    def returned_debits(self, since: datetime) -> Sequence[ReturnedDebit]:
        """See Ledger.returned_debits."""
        with self.transactions.read() as connection:
            return returned_debits(connection, since)

    def beat(self) -> None:
        """Write the heartbeat: this desk's holds last as long as it runs."""
        with self.transactions.write() as connection:
            self.session.beat(connection, self.transactions.now(connection))
        self.transactions.maintenance.tick()

    def close(self) -> None:
        """End the session and close the database. If that is unreachable, lock and lease end the session."""
        on = self.transactions
        with contextlib.suppress(LedgerError), on.write() as connection:
            self.session.end(connection, on.now(connection))
        self.session.let_go()
        on.maintenance.close()
        on.engine.dispose()

    def _start(self) -> None:
        on = self.transactions
        try:
            with on.write() as connection:
                self.session.start(connection, on.who, on.now(connection))
        except LedgerError:
            self.session.let_go()
            on.maintenance.before_hold()  # raises the clearer error if the ledger is damaged
            raise
