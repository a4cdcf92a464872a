"""An agency's office in memory: real desks on one ledger, beside fakes of the two systems outside."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Self
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from paydesk.config.settings import Settings
from paydesk.domain.consent import Channel, Consent
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.basket import Basket
from paydesk.domain.invoices.selection import Row, Selection
from paydesk.domain.money import Money
from paydesk.domain.outcome import AchReturned, AchStatus
from paydesk.domain.payment import OFFERED, Draft, OfferKind, Payer, Payment, State
from paydesk.domain.posting import Posted, Posting, PostOutcome
from paydesk.domain.quote import Quote
from paydesk.domain.receipt import Paper, Receipt
from paydesk.domain.refund import MoneyBack
from paydesk.domain.tender import AccountHolder, AccountType, BankAccount, Card, Tender, TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.gateways.files.deposit import deposit_csv
from paydesk.gateways.files.reports import ReportFile
from paydesk.receipts.qr_code import modules
from paydesk.services.desk.desk import Desk
from paydesk.services.invoices.agency_search import AgencySearch
from paydesk.services.invoices.forget import Forget
from paydesk.services.invoices.importing import Importing
from paydesk.services.invoices.lookup import Lookup
from paydesk.services.invoices.offline_charge import CachedCharges
from paydesk.services.invoices.refresh import Refresh
from paydesk.services.invoices.search import Search
from paydesk.services.payments.ach_returns import YOUNGEST, AchReturns
from paydesk.services.payments.attempts import Attempts
from paydesk.services.payments.authorize import Authorize
from paydesk.services.payments.consent_papers import ConsentPapers
from paydesk.services.payments.offers import Offers
from paydesk.services.payments.receipts import Letterhead, Receipts
from paydesk.services.payments.resolve import EXPIRE_AFTER_S, Resolve
from paydesk.services.payments.search import PaymentSearch
from paydesk.services.ports.rights import EVERYONE, Rights
from paydesk.services.posting.deposit import Deposits
from paydesk.services.posting.post import Post
from paydesk.store.cache.cache import SqlCache
from paydesk.store.cache.imports import SqlImports
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.ledger.outbox import SqlOutbox
from paydesk.store.tables import schema
from tests.fakes import sample
from tests.fakes.consents import a_letter
from tests.fakes.memory import PLACE, MemoryLedger
from tests.fakes.posting import FakeSink
from tests.fakes.world import (
    FINGERPRINT_KEY,
    SILENCE,
    Died,
    FakeProcessor,
    FakeSource,
    MemoryJournal,
    StillClock,
)

WHY = "Wrong invoice"
DAY_S, HOUR_S = 86_400, 3_600
_WENT_BACK = {
    State.REFUNDED: MoneyBack(all_refunded=True),
    State.PARTLY_REFUNDED: MoneyBack(Money(1_00)),
    State.CHARGED_BACK: MoneyBack(disputed=True),
}
"""The reason of every void here."""

CARD = Card(TenderKind.CREDIT_CARD, Sealed("4111111111111111"), 3, 2030, Sealed("123"), "Dana Reyes", "02139")
ACCOUNT = BankAccount(
    "021000021", Sealed("123456789"), AccountType.CHECKING, AccountHolder.PERSONAL, "Dana Reyes"
)
TENDERS: dict[TenderKind, Tender] = {
    TenderKind.CREDIT_CARD: CARD,
    TenderKind.DEBIT_CARD: replace(CARD, kind=TenderKind.DEBIT_CARD),
    TenderKind.ACH: ACCOUNT,
}


def _render(receipt: Receipt, paper: Paper, copy_number: int) -> bytes:
    from paydesk.receipts.pdf import render  # reportlab: most tests draw no receipt

    return render(receipt, paper, copy_number)


def _render_consent(consent: Consent, receipt_number: str, copy_number: int) -> bytes:
    from paydesk.receipts.pdf import render_consent  # as above

    return render_consent(consent, receipt_number, copy_number)


def _render_anytime_card(settings: Settings) -> bytes:
    from paydesk.receipts.pdf import render_anytime_card  # as above

    return render_anytime_card(settings.agency, settings.anddone.anytime_link, settings.world)


class Office:
    """One agency at 4:51 PM. A test opens the window of ``desk``. Other desks share its ledger."""

    def __init__(self, settings: Settings = sample.SETTINGS) -> None:
        self.settings = settings
        self.clock = StillClock(sample.NOW)
        self.source = FakeSource(self.clock, sample.CUSTOMERS, sample.invoices())
        self.sink = FakeSink(self.source)
        self.processor = FakeProcessor()
        self.journal = MemoryJournal()
        self.database = MemoryLedger()
        self.cache = SqlCache(self.database.engine, PLACE)
        self.ledger = self.session(settings.desk, settings.user)
        self.outbox = SqlOutbox(self.ledger.transactions)
        self.desk = self.services(self.ledger)

    # ---- desks ------------------------------------------------------------------------------

    def session(self, desk: str, user: str = "Dana") -> SqlLedger:
        """Start a desk's session on the ledger."""
        return SqlLedger(self.database.engine, self.clock, desk=desk, user=user, host="test", path=PLACE)

    def services(self, ledger: SqlLedger, rights: Rights = EVERYONE) -> Desk:
        """Compose the services of a desk as ``wiring.desk`` does, without its background threads."""
        settings, cache, clock = self.settings, self.cache, self.clock
        outbox = SqlOutbox(ledger.transactions)
        imports = SqlImports(self.database.engine, clock, who=ledger.transactions.who, path=PLACE)
        letterhead = Letterhead(
            settings.agency, settings.time_zone, settings.refund_line, settings.world
        ).receipt_for
        final = settings.anddone.declined_is_final
        resolve = Resolve(
            ledger,
            self.processor,
            clock,
            letterhead,
            quiet_s=settings.anddone.quiet_s,
            declined_is_final=final,
            rights=rights,
        )
        authorize = Authorize(
            ledger,
            self.source,
            self.processor,
            clock,
            letterhead,
            cached=CachedCharges(settings.ams360.cached_rule, cache, clock),
            attempts=Attempts(
                clock, ledger.transactions.who[0], FINGERPRINT_KEY, ZoneInfo(settings.time_zone)
            ),
            declined_is_final=final,
            rights=rights,
        )
        search = Search(cache.search, ledger)
        post = Post(
            outbox,
            self.sink,
            self.source,
            clock,
            settings.posting.rules,
            settings.time_zone,
            rights=rights,
        )
        return Desk(
            settings=settings,
            ledger=ledger,
            lookup=Lookup(self.source, cache, ledger, clock),
            authorize=authorize,
            resolve=resolve,
            voids=resolve.voids,
            offers=Offers(ledger, self.source, self.processor, clock, self.journal, rights=rights),
            receipts=Receipts(ledger, _render),
            consent_papers=ConsentPapers(ledger, _render_consent),
            clock=clock,
            post=post,
            deposits=Deposits(post, deposit_csv, rights),
            agency_search=AgencySearch(self.source),
            search=search,
            payment_search=PaymentSearch(
                ledger, partial(search.spellings, typing=True), clock, ZoneInfo(settings.time_zone)
            ),
            refresh=Refresh(
                self.source, self.source, cache, cache.refresh_queue, clock, settings.ams360.refresh_rule
            ),
            forget=Forget(cache, ledger, rights),
            importing=Importing(
                imports,
                ReportFile,
                clock,
                settings.time_zone,
                rights,
            ),
            code_of=modules,
            anytime_card=partial(_render_anytime_card, settings),
            rights=rights,
        )

    # ---- what was before --------------------------------------------------------------------

    @contextlib.contextmanager
    def ago(self, minutes: float) -> Iterator[None]:
        """Put the wall clock back meanwhile."""
        now = self.clock.at
        self.clock.at = now - timedelta(minutes=minutes)
        try:
            yield
        finally:
            self.clock.at = now

    def seen(self, minutes_ago: float = 70) -> Self:
        """Fill the cache with everything AMS360 has, as read some time ago."""
        with self.ago(minutes_ago):
            read_at = self.clock.now()
            for customer in self.source.customers.values():
                theirs = [
                    replace(one, read_at=read_at)
                    for one in self.source.invoices.values()
                    if one.customer_number == customer.number
                ]
                self.cache.keep_all(customer, theirs, read_at)
        return self

    def took(
        self,
        *numbers: str,
        state: State = State.AUTHORIZED,
        minutes_ago: float = 12,
        kind: TenderKind = TenderKind.CREDIT_CARD,
        otherwise: int = 0,
        ledger: SqlLedger | None = None,
    ) -> Payment:
        """Take a payment of these invoices, and bring it into this state by services of its own.

        ``otherwise`` cents more are charged than quoted. ``ledger`` is the session of another desk. What is
        not decided yet stays so, because the processor gives no clear answer about it. The session of a
        SUBMITTED payment has ended.
        """
        dies = state is State.SUBMITTED
        session = ledger or (self.session(self.settings.desk, self.settings.user) if dies else self.ledger)
        desk = self.services(session)
        self._prepare(state, otherwise)
        with self.ago(minutes_ago):
            payment = self._pay(desk, self.draft(*numbers, kind=kind), state)
            self._go_on(desk, payment, state)
        if dies:
            session.close()
        if state in (State.SETTLED, State.RETURNED):
            assert self.clock.now() - payment.held_at > YOUNGEST, "no bank decides on the day itself"
            self.hear_of_the_bank(AchStatus.CLEARED if state is State.SETTLED else AchReturned())
        payment = self.ledger.payment(payment.id)
        assert payment.state is state, f"the payment is {payment.state}: {payment.reason}"
        return payment

    def took_by_letter(self, number: str, *, minutes_ago: float) -> Payment:
        """Take a bank debit of an invoice by phone, which a letter is to confirm."""
        with self.ago(minutes_ago):
            draft = replace(self.draft(number, kind=TenderKind.ACH), consent=a_letter())
            return self.desk.authorize.pay(draft, TENDERS[TenderKind.ACH])

    def draft(self, *numbers: str, kind: TenderKind = TenderKind.CREDIT_CARD) -> Draft:
        """Return the draft of these invoices, read and kept now."""
        read_at = self.clock.now()
        rows = tuple(Row(replace(self.source.invoices[number], read_at=read_at)) for number in numbers)
        for row in rows:
            self.cache.keep(row.invoice)  # the ledger takes no payment of an invoice it never saw
        customer = self.source.customers[rows[0].invoice.customer_number]
        payer = Payer(customer.name, "(617) 555-0101", "ap@customer.example", customer.number, customer.name)
        basket = Basket(Selection(rows).lines, payer, customer.zip_code)
        quote = self.desk.quotes(basket.subtotal)[kind]
        assert isinstance(quote, Quote)
        return basket.draft(quote, Channel.PHONE)

    def sent(self, payment: Payment, outcome: PostOutcome, *, minutes_ago: float = 0) -> Posting:
        """Send the receipt of a payment to AMS360, which answers with this outcome."""
        with self.ago(minutes_ago):
            receipt = self.desk.post.receipt_of(payment)
            before = {number: self.source.invoices[number].balance for number in receipt.by_invoice}
            assert self.outbox.take(payment.id, self.settings.posting.channel, before)
            if isinstance(outcome, Posted):
                for number, amount in receipt.by_invoice.items():
                    self.sink.fall(number, amount)
            return self.outbox.record_outcome(payment.id, outcome)

    def hear_of_the_bank(self, decision: AchStatus | AchReturned) -> None:
        """Let the bank decide so about every debit that is old enough."""
        self.processor.bank_says = decision
        AchReturns(self.ledger, self.processor, self.clock).tick()
        self.processor.bank_says = AchStatus.UNDER_WAY

    def happened(self, kind: EventKind) -> list[int | None]:
        """Return the payments of all events of a kind, oldest first. One without a payment has None."""
        event = schema.event.c
        query = sa.select(event.payment_id).where(event.kind == kind.value).order_by(event.seq)
        with self.ledger.transactions.read() as connection:
            return list(connection.execute(query).scalars())

    # ---- how a payment comes into its state -------------------------------------------------

    def _prepare(self, state: State, otherwise: int) -> None:
        """Tell AndDone how to answer the charge."""
        processor = self.processor
        processor.surcharge = Money(otherwise)
        match state:
            case State.HELD:
                processor.refusals.append(Died())
            case State.SUBMITTED:
                processor.die_next()
            case State.DECLINED:
                processor.decline_next("Not enough money on the card.")
            case State.UNKNOWN:
                processor.lose_next_reply()
            case State.NOT_CHARGED:
                processor.lose_next_request()
            case State.RELEASED | State.LATE:
                processor.refuse_next_connection()
            case _:
                pass

    def _pay(self, desk: Desk, draft: Draft, state: State) -> Payment:
        if state in OFFERED:
            return desk.offers.offer(draft, OfferKind.LINK, DAY_S)
        with contextlib.suppress(Died):
            return desk.authorize.pay(draft, TENDERS[draft.kind])
        return desk.ledger.payments(limit=1)[0]

    def _go_on(self, desk: Desk, payment: Payment, state: State) -> None:
        """Do what leads from the charge to the state."""
        processor, token = self.processor, payment.intent_token
        if state in (State.SUBMITTED, State.UNKNOWN, State.VOIDING):
            processor.pending.add(token)
        match state:
            case State.NOT_CHARGED:
                for wait_s in (EXPIRE_AFTER_S, self.settings.anddone.quiet_s):
                    self.clock.move(wait_s)
                    desk.resolve.check(payment.id)
            case State.LATE:
                processor.arrive_late(token)
                desk.resolve.all()
            case State.VOIDING:
                processor.void_script.append((False, SILENCE))
                desk.voids.void(payment.id, WHY)
            case State.VOIDED:
                desk.voids.void(payment.id, WHY)
            case State.CLOSING:
                desk.offers.take_back(payment.id)
            case State.REFUNDED | State.PARTLY_REFUNDED | State.CHARGED_BACK:
                processor.backs[payment.processor_ref] = _WENT_BACK[state]
                self.clock.move(HOUR_S)
                desk.resolve.all()
            case _:
                pass
