"""Whatever a broken or hostile AMS360 answers to a refresh or a lookup, the cache keeps good data."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.freshness import RefreshRule
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.gateways.ams360.ems import Ams360Ems
from paydesk.sandbox import FaultKind, Sandbox
from paydesk.sandbox.server.http import Line
from paydesk.services.invoices.lookup import Lookup
from paydesk.services.invoices.refresh import Refresh
from paydesk.store.cache.refresh_list import RefreshQueue
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import START, Counter
from tests.gateways.ams360.test_ems import LOGIN, ROW, rows
from tests.gateways.conftest import ems_config
from tests.gateways.hostile import BROKEN, Act, Hostile, reply
from tests.proving import cases, tasted

RULE = RefreshRule(timedelta(minutes=30), timedelta(days=60))
OWNER = Customer("1234", "Sample Bakery LLC", "c-1", "02108")
PERSON = {"customerId": "c-1", "customerNumber": 1234, "fullName": "Sample Bakery LLC", "zipCode": "02108"}
SEEN = Invoice("50123", "1234", OWNER.name, Money(125_00), Money(125_00), START)


def endless(line: Line) -> None:
    """Send a page with the invoice that promises a hundred million more, on every request."""
    others = [ROW | {"invoiceNumber": number, "invoiceId": uuid4().hex} for number in range(1, 100)]
    rows(ROW | {"balance": 1.0}, *others, totalCount=10**8)(line)


ANSWERS: dict[str, tuple[Act | FaultKind, ...]] = {
    **{kind: (kind,) for kind in BROKEN},
    "another host": (reply(302, b"", "Location: http://127.0.0.1:9/\r\n"),),
    "endless pages": (endless,),
    "an amount in words": (rows(ROW | {"balance": "lots"}),),
    "a number that is none": (rows(ROW | {"invoiceNumber": "; DROP TABLE invoice"}),),
    "far too much money": (rows(ROW | {"balance": 1e15}),),
    "a list instead of an invoice": (reply(200, {"response": [[]], "totalCount": 1}),),
    "nothing, though the invoice is open": (rows(), rows(ROW)),
}


@tasted
@pytest.mark.parametrize("name", [*ANSWERS][:: cases(3, 1)])
def test_the_cache_keeps_its_last_good_reading(name: str, new_ledger: LedgerMaker) -> None:
    _ledger, cache = new_ledger("Front-1")
    cache.keep_all(OWNER, [SEEN], START)
    new_ledger.clock.move(3600)
    clock = new_ledger.clock
    with Hostile(*LOGIN, rows(), rows(PERSON), *ANSWERS[name]) as server:
        source = Ams360Ems(ems_config(server.url, read_timeout_s=0.3, total_timeout_s=0.5), clock.now)
        refresh = Refresh(source, source, cache, RefreshQueue(new_ledger.engine(), "test"), clock, RULE)
        refresh.tick()
    assert cache.invoice("50123") == SEEN
    assert refresh.state.skipped or refresh.state.why_paused


@tasted
@pytest.mark.parametrize(
    "name", [name for name in ANSWERS if name != "nothing, though the invoice is open"][:: cases(3, 1)]
)
def test_a_look_up_says_so_and_still_knows_what_was_owed(name: str, counter: Counter) -> None:
    counter.cache.keep_all(OWNER, [SEEN], START)
    with Hostile(*LOGIN, *ANSWERS[name]) as server:
        source = Ams360Ems(ems_config(server.url, read_timeout_s=0.3, total_timeout_s=0.5), counter.clock.now)
        lookup = Lookup(source, counter.cache, counter.ledger, counter.clock)
        with pytest.raises(KnownError) as said:
            lookup.by_invoice("50123")
    assert said.value.next_step
    found = lookup.cached_by_invoice("50123")
    assert found is not None
    assert [row.invoice for row in found.rows] == [SEEN]


def test_an_expired_certificate_is_refused_before_a_byte_is_sent(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.cache.keep_all(OWNER, [SEEN], START)
    certificate = Path(__file__).parents[1] / "expired.pem"
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
    with Hostile(*LOGIN, rows(ROW), certificate=certificate) as server:
        source = Ams360Ems(ems_config(f"https://localhost:{server.port}"), counter.clock.now)
        lookup = Lookup(source, counter.cache, counter.ledger, counter.clock)
        with pytest.raises(KnownError, match="could not prove that it is AMS360"):
            lookup.by_invoice("50123")
        assert server.requests == []
    assert counter.cache.invoice("50123") == SEEN


def test_the_training_agency_is_read_as_a_whole(
    contract_checked_sandbox: Sandbox, new_ledger: LedgerMaker
) -> None:
    """Its emulator reports no changes, so the refresh reads every customer, and none of them twice."""
    _ledger, cache = new_ledger("Front-1")
    clock = new_ledger.clock
    source = Ams360Ems(ems_config(contract_checked_sandbox.ams360_url), clock.now)
    refresh = Refresh(source, source, cache, RefreshQueue(new_ledger.engine(), "test"), clock, RULE)
    refresh.tick()
    while refresh.state.running:
        refresh.tick()
    agency = contract_checked_sandbox.ams360.agency
    visible = [one for one in agency.customers.values() if not one.person.hidden]
    assert refresh.state.done == len(visible)
    assert all(cache.customer(str(one.number)) for one in visible)
    assert [invoice.number for invoice in cache.open_invoices("1001")] == ["50123", "50140"]
