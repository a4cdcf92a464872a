"""Imports: what a file does to the cache, twice, over another file, undone, and stopped half-way."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.importing import Field, Header, ImportReport, Scope
from paydesk.domain.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.gateways.ams_files import ReportFile
from paydesk.gateways.ams_rows import Converter
from paydesk.services import importing as importing_module
from paydesk.services.files_source import FilesSource
from paydesk.services.importing import Cancelled, Importing, Progress, rejects_csv
from paydesk.services.lookup import Lookup
from paydesk.store.cache import InvoiceCache
from paydesk.store.imports import SqlImports
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, START, Counter, FakeProcessor

HEAD = "Invoice #,Customer #,Customer,Zip,Due Date,Balance\n"
FIRST = HEAD + "50123,1001,Sample Bakery LLC,02108,7/22/2026,400.00\n50140,1001,Sample Bakery LLC,,,150.00\n"
SECOND = HEAD + "50123,1001,Sample Bakery LLC,02108,7/22/2026,100.00\n50200,1002,Renée,02109,,75.00\n"

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes a report, made so many days before the test's clock."""

    def write(text: str, days_ago: float = 0, name: str = "open.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        at = (START - timedelta(days=days_ago)).timestamp()
        os.utime(path, (at, at))
        return path

    return write


class Files:
    """The services of an agency that lives on files."""

    def __init__(self, new_ledger: LedgerMaker, desk: str = "Front-1") -> None:
        self.ledger, self.cache = new_ledger(desk)
        self.clock = new_ledger.clock
        who = (desk, "Dana")
        self.imports = SqlImports(new_ledger.engine(), self.clock, who=who, path=new_ledger.place)
        self.importing = Importing(
            self.imports,
            ReportFile,
            lambda header, text: Converter(header, text_only=text),
            self.clock,
            "America/New_York",
        )
        self.source = FilesSource(self.cache, self.imports)

    def take(self, path: Path, scope: Scope = Scope.WHOLE) -> ImportReport:
        return self.importing.run(self.importing.preview(path), scope=scope)

    def balances(self, *numbers: str) -> list[int | None]:
        found = [self.cache.invoice(number) for number in numbers]
        return [invoice.balance.cents if invoice else None for invoice in found]


@pytest.fixture
def files(new_ledger: LedgerMaker) -> Files:
    return Files(new_ledger)


def test_an_import_fills_the_cache(files: Files, put: Put) -> None:
    report = files.take(put(FIRST))
    assert (report.run.accepted, report.run.open_total, report.rejects) == (2, Money(550_00), ())
    invoice = files.cache.invoice("50123")
    assert invoice is not None
    assert (invoice.customer_name, invoice.balance, invoice.amount) == (
        "Sample Bakery LLC",
        Money(400_00),
        Money(400_00),
    )
    assert str(invoice.due_date) == "2026-07-22"
    # The beginning of the file's day in the agency's zone: what was posted since is not in it.
    assert invoice.read_at == datetime(2026, 8, 14, 4, 0, tzinfo=UTC)
    assert files.cache.customer("1001") == Customer("1001", "Sample Bakery LLC", zip_code="02108")


def test_the_same_file_again_changes_nothing(files: Files, put: Put) -> None:
    first = files.take(put(FIRST))
    again = files.take(put(FIRST, name="copy.csv"))
    assert again.same
    assert again.run == first.run
    assert len(files.importing.runs()) == 1


def test_a_newer_file_replaces_the_older(files: Files, put: Put) -> None:
    files.take(put(FIRST, days_ago=1))
    report = files.take(put(SECOND))
    assert files.balances("50123", "50140", "50200") == [100_00, 0, 75_00]
    assert (report.run.accepted, report.run.closed) == (2, 1)
    customer = files.cache.customer("1001")
    assert customer is not None
    assert customer.zip_code == "02108"


def test_a_file_of_some_customers_closes_only_theirs(files: Files, put: Put) -> None:
    files.take(put(FIRST + "50300,1003,Lee,02110,,20.00\n", days_ago=1))
    files.take(put(HEAD + "50123,1001,Sample Bakery LLC,02108,,100.00\n"), Scope.CUSTOMERS)
    assert files.balances("50123", "50140", "50300") == [100_00, 0, 20_00]


def test_an_import_can_be_undone(files: Files, put: Put) -> None:
    files.take(put(FIRST, days_ago=1))
    before = [files.cache.invoice(number) for number in ("50123", "50140")]
    files.take(put(SECOND))
    undone = files.importing.undo()
    assert undone.undone_at is not None
    assert [files.cache.invoice(number) for number in ("50123", "50140")] == before
    assert files.balances("50200") == [None]
    assert files.cache.customer("1002") is None
    again = files.take(put(SECOND))
    assert not again.same
    assert files.balances("50123", "50140", "50200") == [100_00, 0, 75_00]


def test_only_the_newest_import_can_be_undone(files: Files, put: Put) -> None:
    first = files.take(put(FIRST, days_ago=1))
    second = files.take(put(SECOND))
    with pytest.raises(KnownError, match="Only the newest"):
        files.importing.undo(first.run.id)
    files.importing.undo(second.run.id)
    with pytest.raises(KnownError, match="Only the newest"):  # what it overwrote is no longer kept
        files.importing.undo(first.run.id)
    with pytest.raises(KnownError, match="Only the newest"):
        files.importing.undo(second.run.id)


def test_an_import_can_still_be_undone_after_a_later_one_was_stopped(files: Files, put: Put) -> None:
    files.take(put(FIRST, days_ago=2))
    before = files.cache.invoice("50123")
    files.take(put(SECOND, days_ago=1))
    with pytest.raises(Cancelled):
        files.importing.run(files.importing.preview(put(FIRST)), cancelled=lambda: True)
    files.importing.undo()
    assert files.cache.invoice("50123") == before
    assert files.balances("50140", "50200") == [150_00, None]


def test_without_an_import_there_is_nothing_to_undo(files: Files) -> None:
    with pytest.raises(KnownError, match="no import to undo"):
        files.importing.undo()


def test_a_live_reading_is_newer_than_a_file(files: Files, put: Put) -> None:
    live = Invoice("50123", "1001", "Sample Bakery LLC", Money(1), Money(1), START)
    files.cache.keep(live)
    report = files.take(put(FIRST))
    assert (report.run.accepted, report.newer) == (1, 1)
    assert files.balances("50123", "50140") == [1, 150_00]


def test_a_live_reading_since_the_import_survives_its_undoing(files: Files, put: Put) -> None:
    files.take(put(FIRST, days_ago=1))
    files.cache.keep(Invoice("50123", "1001", "Sample Bakery LLC", Money(9), Money(9), START))
    files.importing.undo()
    assert files.balances("50123", "50140") == [9, None]


def test_a_number_twice_in_a_file_is_taken_once(
    files: Files, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"{number},1001,Sample,,,1.00\n" for number in (1, 2, 2, 3, 4, 1, 5))
    monkeypatch.setattr(importing_module, "CHUNK", 3)
    report = files.take(put(HEAD + rows))
    assert (report.run.accepted, report.run.open_total) == (5, Money(5_00))
    assert [(reject.line, reject.reason) for reject in report.rejects] == [
        (4, "invoice 2 stands in the file before"),
        (7, "invoice 1 stands in the file before"),
    ]


def test_rejected_rows_can_be_saved(files: Files, put: Put) -> None:
    report = files.take(put(FIRST + "50150,1001,=cmd,,,nothing\n"))
    saved = rejects_csv(report.rejects).decode("utf-8-sig").splitlines()
    assert saved[0].startswith("line,reason,column 1")
    assert saved[1] == "4,“nothing” is not an amount,50150,1001,'=cmd,,,nothing"


def test_columns_are_corrected_once_and_remembered(files: Files, put: Put) -> None:
    text = "Ref,Customer #,Customer,Balance,Zip\n50123,1001,Sample Bakery LLC,400.00,02108\n"
    preview = files.importing.preview(put(text))
    assert not preview.confirmed
    with pytest.raises(KnownError, match="no column PayDesk recognises as invoice number"):
        files.importing.run(replace(preview, header=preview.header.with_column(Field.ZIP, "")))
    better = preview.header.with_column(Field.INVOICE_NUMBER, "ref")
    files.importing.run(replace(preview, header=better))
    next_day = files.importing.preview(put(text.replace("400", "300"), name="next.csv"))
    assert next_day.confirmed
    assert isinstance(next_day.header, Header)
    assert next_day.header.columns == better.columns


def test_a_stopped_import_leaves_nothing(files: Files, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing_module, "CHUNK", 1)
    files.take(put(FIRST, days_ago=1))
    seen: list[Progress] = []
    with pytest.raises(Cancelled):
        files.importing.run(
            files.importing.preview(put(SECOND)), on_progress=seen.append, cancelled=lambda: len(seen) >= 2
        )
    assert files.balances("50123", "50140", "50200") == [400_00, 150_00, None]
    assert seen[-1].accepted == 1
    assert 0.0 < seen[-1].done <= 1.0


def test_a_broken_import_of_another_desk_has_to_be_undone_first(
    files: Files, put: Put, new_ledger: LedgerMaker
) -> None:
    files.imports.begin("lost.csv", "d", "s", Scope.WHOLE, START)
    other = Files(new_ledger, "Front-2")
    with pytest.raises(KnownError, match=r"An import of lost.csv at desk Front-1 is not finished"):
        other.take(put(FIRST))
    other.importing.undo()
    assert other.take(put(FIRST)).run.accepted == 2


def test_a_file_that_is_read_wrongly_stops_itself(
    files: Files, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing_module, "MOST_REJECTS", 3)
    rows = "".join(f"x{at},1001,Sample,,,1.00\n" for at in range(9))
    with pytest.raises(KnownError, match="cannot be read: line 2: “x0” is not an invoice number"):
        files.take(put(HEAD + rows))
    with pytest.raises(KnownError, match="no row that could be imported"):
        files.take(put(HEAD))
    assert files.importing.runs()[0].undone_at is not None


def test_a_list_of_zips_fills_what_is_missing(files: Files, put: Put) -> None:
    files.take(put(HEAD + "50123,1001,Sample Bakery LLC,,,400.00\n", days_ago=1))
    report = files.take(put("Customer #,Zip\n1001,2108\n1002,02109\n"), Scope.CUSTOMERS)
    assert (report.customers, report.run.accepted) == (2, 0)
    customer = files.cache.customer("1001")
    assert customer is not None
    assert (customer.name, customer.zip_code) == ("Sample Bakery LLC", "02108")
    assert files.balances("50123") == [400_00]


def test_a_paid_invoice_stays_when_its_import_is_undone(
    files: Files, put: Put, processor: FakeProcessor
) -> None:
    files.take(put(FIRST))
    counter = files_counter(files, processor)
    payment = counter.authorize.pay(counter.draft("50123"), CARD)
    files.importing.undo()
    assert files.balances("50123", "50140") == [0, None]
    assert files.ledger.payment(payment.id).draft.invoice_numbers == ("50123",)


def files_counter(files: Files, processor: FakeProcessor) -> Counter:
    return Counter(files.ledger, files.cache, files.source, processor, files.clock)  # type: ignore[arg-type]  # a source by shape


def test_a_payment_from_a_file_is_taken_off_until_a_later_file_shows_it(
    files: Files, put: Put, processor: FakeProcessor
) -> None:
    files.take(put(FIRST))
    counter = files_counter(files, processor)
    counter.authorize.pay(counter.draft("50123"), CARD)
    lookup: Lookup = counter.lookup
    assert lookup.by_invoice("50123").rows[0].owed == Money(0)
    rows = {row.invoice.number: row.owed for row in lookup.by_customer("1001", "02108").rows}
    assert rows == {"50123": Money(0), "50140": Money(150_00)}


def test_files_answer_only_after_an_import(files: Files, put: Put, new_ledger: LedgerMaker) -> None:
    cache: InvoiceCache = files.cache
    assert cache.invoice("50123") is None
    with pytest.raises(KnownError, match="No open receivables have been imported yet"):
        files.source.invoice("50123")
    files.take(put(FIRST))
    assert files.source.invoice("99999") is None
    bakery = files.source.customer("1001")
    assert bakery is not None
    assert {invoice.number for invoice in files.source.open_invoices(bakery)} == {"50123", "50140"}


def test_a_payment_is_taken_while_a_file_streams_in(
    counter: Counter, new_ledger: LedgerMaker, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two chunks nothing is locked: another desk charges an invoice that is not in the file."""
    monkeypatch.setattr(importing_module, "CHUNK", 1)
    counter.source.owe("70001", 10_00)
    files = Files(new_ledger, "Front-2")
    paid: list[State] = []

    def charge(_progress: Progress) -> None:
        if not paid:
            paid.append(counter.pay("70001").state)

    report = files.importing.run(files.importing.preview(put(FIRST)), on_progress=charge)
    assert paid == [State.AUTHORIZED]
    assert report.run.accepted == 2


class Service:
    """Knows one customer, or is away."""

    away = False

    def customer(self, number: str) -> Customer | None:
        if self.away:
            raise KnownError("AMS360's web service cannot be reached.")
        return Customer(number, "Sample Bakery, Inc.", "c-1", "02110") if number == "1001" else None


def test_a_service_tells_who_the_customers_are_and_the_file_does_while_it_is_away(
    files: Files, put: Put
) -> None:
    files.take(put(FIRST + "50200,1002,Renée,02109,,75.00\n"))
    service = Service()
    source = FilesSource(files.cache, files.imports, service)

    def zips() -> list[str]:
        found = [source.customer(number) for number in ("1001", "1002")]
        return [customer.zip_code if customer else "" for customer in found]

    assert zips() == ["02110", "02109"]
    service.away = True
    assert zips() == ["02108", "02109"]
