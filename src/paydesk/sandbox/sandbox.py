"""The emulators together: started, watched, stopped."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from paydesk.domain.money import Money
from paydesk.sandbox.agency import Agency, training_agency
from paydesk.sandbox.ams360 import BASE, Ams360
from paydesk.sandbox.anddone import AndDone
from paydesk.sandbox.books import Charge
from paydesk.sandbox.clock import SandboxClock
from paydesk.sandbox.control import Control
from paydesk.sandbox.faults import Faults
from paydesk.sandbox.merchant import Merchant
from paydesk.sandbox.processor import Processor
from paydesk.sandbox.site import Exchange, Observer, Site
from paydesk.sandbox.state import CHANGES, Kept, StateFile
from paydesk.sandbox.tokens import DEFAULT_LIFE_S, Tokens
from paydesk.sandbox.wsapi import PATH as WSAPI_PATH
from paydesk.sandbox.wsapi import Wsapi


class Sandbox:
    """AndDone and AMS360 (EMS and WSAPI) on ports of the loopback, from construction until ``stop``.

    ``seed`` makes ids repeatable (None: fresh ones each time). ``now`` starts the clock at another
    moment than the real one; ``today`` is the day the training data is relative to (default: the
    clock's day on this machine). Port 0 takes a free one. ``state`` is a file that keeps books and
    balances from one run to the next. ``on_exchange`` sees every request that was carried out with
    its honest reply, and must not raise; WSAPI looks at its messages itself (``wsapi.violations``).
    Raises OSError when a port is taken.
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
    ) -> None:
        self.faults = faults or Faults()
        self.clock = SandboxClock(now)
        self.today = today or self.clock.now().astimezone().date()
        self._watcher = on_exchange
        self._state = StateFile(state) if state else None
        kept = (self._state and self._state.read()) or Kept(agency or training_agency(self.today))
        processor = Processor(merchant or Merchant(), self.clock, seed, kept.books)
        self.anddone = AndDone(processor, self.faults)
        self.ams360 = Ams360(kept.agency, self.faults, Tokens(token_life_s), kept.posted)
        self.wsapi = Wsapi(kept.agency, self.faults)
        control = Control(self.anddone, self.ams360, self.wsapi, self.faults, self.clock)
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
    def anddone_url(self) -> str:
        """The base address for AndDone, without a trailing slash."""
        return self._servers["anddone"].url

    @property
    def ams360_url(self) -> str:
        """The base address for EMS, as ``https://www.ams360.com/ems`` is."""
        return f"{self._servers['ams360'].url}{BASE}"

    @property
    def wsapi_url(self) -> str:
        """The whole address of the SOAP service."""
        return f"{self._servers['wsapi'].url}{WSAPI_PATH}"

    def charges(self) -> list[Charge]:
        """The processor's books: every charge as it stands now, refused ones too."""
        with self.anddone.lock:
            return self.anddone.processor.charges()

    def pay_outside(
        self, invoice_number: int | str, amount: Money, payment_type: str = "PaymentLink"
    ) -> Charge:
        """A payment by link or portal that carries this invoice number."""
        with self.anddone.lock:
            return self.anddone.processor.pay_outside(str(invoice_number), amount, payment_type)

    def balance(self, invoice_number: int) -> Money:
        """What AMS360 says is still owed on an invoice."""
        return self.ams360.balance(invoice_number)

    def advance(self, duration: timedelta) -> None:
        """Move the sandbox's clock forward."""
        self.clock.advance(duration)

    def refuse_connections(self, server: str = "anddone") -> None:
        """Stop listening on this server's port and cut its connections."""
        self._servers[server].pause()

    def accept_connections(self, server: str = "anddone") -> None:
        """Listen again on the same port."""
        self._servers[server].resume()

    @property
    def crashes(self) -> list[BaseException]:
        """Faults of the emulators themselves; a test that finds one fails."""
        return [crash for server in self._servers.values() for crash in server.crashes]

    def _watch(self, exchange: Exchange) -> None:
        """What was carried out is kept before its answer leaves, as a processor does."""
        if self._state is not None and exchange.operation in CHANGES:
            with self.anddone.lock, self.ams360.lock:
                books, ams360 = self.anddone.processor.books, self.ams360
                self._state.write(Kept(ams360.agency, books, ams360.posted))
        if self._watcher is not None:
            self._watcher(exchange)

    def stop(self) -> None:
        """End the servers and all their threads."""
        for server in self._servers.values():
            server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
