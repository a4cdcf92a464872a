"""The emulators together: start, observation and stop."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from paydesk.domain.money import Money
from paydesk.sandbox.addresses import Addresses
from paydesk.sandbox.ams360.agency import Agency, training_agency
from paydesk.sandbox.ams360.ems import Ams360
from paydesk.sandbox.ams360.tokens import DEFAULT_LIFE_S, Tokens
from paydesk.sandbox.ams360.wsapi import Wsapi
from paydesk.sandbox.anddone import outside
from paydesk.sandbox.anddone.api import AndDone
from paydesk.sandbox.anddone.books import Charge
from paydesk.sandbox.anddone.controls import CONTROLS
from paydesk.sandbox.anddone.habits import Habit, Habits
from paydesk.sandbox.anddone.merchant import Merchant
from paydesk.sandbox.anddone.processor import Processor
from paydesk.sandbox.bookkeeper import reverse_receipts
from paydesk.sandbox.control import Control
from paydesk.sandbox.server.clock import SandboxClock
from paydesk.sandbox.server.faults import Faults
from paydesk.sandbox.server.site import Exchange, Observer, Site
from paydesk.sandbox.state import CHANGES, Kept, StateFile


class Sandbox:
    """AndDone and AMS360 (EMS and WSAPI) on loopback ports, from construction until ``stop``.

    ``seed`` makes ids repeatable (None: new ones each time). ``now`` starts the clock at another
    time than the real one. ``today`` is the day the training data is relative to (default: the
    clock's day on this machine). Port 0 takes a free one. ``state`` is a file that keeps books and
    balances from one run to the next. ``on_exchange`` gets every request that was carried out, with
    its reply before any fault, and must not raise. A browser's visits are left out.
    WSAPI checks its own messages (``wsapi.violations``). ``habits`` of AndDone's answers can be
    changed while it runs. With ``bookkeeper``, the receipt of a charge that went back is reversed in
    AMS360 at once. Raises OSError if a port is taken.
    """

    def __init__(
        self,
        *,
        seed: int | None = None,
        faults: Faults | None = None,
        today: date | None = None,
        now: datetime | None = None,
        state: Path | None = None,
        merchant: Merchant | None = None,
        agency: Agency | None = None,
        on_exchange: Observer | None = None,
        anddone_port: int = 0,
        ams360_port: int = 0,
        wsapi_port: int = 0,
        token_life_s: int = DEFAULT_LIFE_S,
        habits: Iterable[Habit] = (),
        bookkeeper: bool = False,
    ) -> None:
        self.faults = faults or Faults()
        self.habits = Habits(habits)
        self.clock = SandboxClock(now)
        self.today = today or self.clock.now().astimezone().date()
        self._watcher = on_exchange
        self._bookkeeper = bookkeeper
        self._state = StateFile(state) if state else None
        kept = (self._state and self._state.read()) or Kept(agency or training_agency(self.today))
        if now is None:
            self.clock.advance(kept.clock_shift)
        processor = Processor(merchant or Merchant(), self.clock, seed, kept.books, self.habits)
        self.anddone = AndDone(processor, self.faults)
        self.ams360 = Ams360(kept.agency, self.faults, Tokens(token_life_s), kept.posted)
        self.wsapi = Wsapi(kept.agency, self.faults)
        control = Control(self.anddone, self.ams360, self.wsapi, self.faults, self.clock)
        control.on_change = self._save
        self._servers = control.servers
        try:
            for service, port in ((self.anddone, anddone_port), (self.ams360, ams360_port)):
                site = Site(service, port, self.faults, control.handle, self._watch)
                self._servers[service.name] = site.server
            site = Site(self.wsapi, wsapi_port, self.faults, control.handle, None)
            self._servers[self.wsapi.name] = site.server
        except OSError:
            self.stop()
            raise

    @property
    def addresses(self) -> Addresses:
        """The ports in use."""
        return Addresses(*(self._servers[name].port for name in ("anddone", "ams360", "wsapi")))

    @property
    def anddone_url(self) -> str:
        """See ``Addresses``."""
        return self.addresses.anddone_url

    @property
    def ams360_url(self) -> str:
        """See ``Addresses``."""
        return self.addresses.ams360_url

    @property
    def wsapi_url(self) -> str:
        """See ``Addresses``."""
        return self.addresses.wsapi_url

    def charges(self) -> list[Charge]:
        """Return the processor's books: every charge in its present state, refused ones too."""
        with self.anddone.lock:
            return self.anddone.processor.charges()

    def pay_outside(
        self, invoice_number: int | str, amount: Money, payment_type: str = "PaymentLink"
    ) -> Charge:
        """Make a payment by link or portal that carries this invoice number."""
        with self.anddone.lock:
            charge = self.anddone.processor.pay_outside(str(invoice_number), amount, payment_type)
        self._save()
        return charge

    def pay_page(self, where: str, **paid_with: str) -> Charge:
        """Pay a link or an intent as its payer does, with ``card`` or ``account`` (``outside.pay_page``)."""
        with self.anddone.lock:
            charge = outside.pay_page(self.anddone.processor, where, paid_with)
        self._save()
        return charge

    def act(self, control: str, **fields: Any) -> Any:
        """Use a control of AndDone from this process, such as ``act("returns", transaction_id=…)``."""
        with self.anddone.lock:
            answer = CONTROLS["POST", control](self.anddone.processor, fields)
        self._save()
        return answer

    def take_time(self, processing: timedelta) -> None:
        """Let payments on a page be under way for so long, by the sandbox's clock."""
        self.anddone.processor.processing = processing

    def balance(self, invoice_number: int) -> Money:
        """Return the balance of an invoice in AMS360."""
        return self.ams360.balance(invoice_number)

    def advance(self, duration: timedelta) -> None:
        """Move the sandbox's clock forward."""
        self.clock.advance(duration)
        self._save()

    def refuse_connections(self, server: str = "anddone") -> None:
        """Stop listening on this server's port and cut its connections."""
        self._servers[server].pause()

    def accept_connections(self, server: str = "anddone") -> None:
        """Listen again on the same port."""
        self._servers[server].resume()

    @property
    def crashes(self) -> list[BaseException]:
        """Exceptions of the emulators themselves. A test that finds one fails."""
        return [crash for server in self._servers.values() for crash in server.crashes]

    def _watch(self, exchange: Exchange) -> None:
        """Save the state of a request that was carried out before its answer is sent, as a processor does."""
        if exchange.operation in CHANGES:
            if self._bookkeeper:
                self._reverse_receipts()
            self._save()
        if self._watcher is not None and exchange.operation not in self.anddone.pages:
            self._watcher(exchange)

    def _reverse_receipts(self) -> None:
        with self.anddone.lock, self.ams360.lock:
            reverse_receipts(self.ams360.agency, self.ams360.posted, self.anddone.processor.charges())

    def _save(self) -> None:
        if self._state is not None:
            with self.anddone.lock, self.ams360.lock:
                books, ams360 = self.anddone.processor.books, self.ams360
                self._state.write(Kept(ams360.agency, books, ams360.posted, self.clock.shift))

    def stop(self) -> None:
        """Stop the servers and all their threads."""
        for server in self._servers.values():
            server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
