"""Imports: the effect of a file on the cache, twice, over another file, undone, and stopped half-way."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook

from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.columns import Header
from paydesk.domain.invoices.headings import Field
from paydesk.domain.invoices.importing import Scope
from paydesk.domain.invoices.invoice import Customer, Invoice
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.domain.spreadsheet import file_of
from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.domain.typed.plain_texts import every_text
from paydesk.services.invoices import importing as importing_module
from paydesk.services.invoices.files_source import FilesSource
from paydesk.services.invoices.importing import Cancelled, Progress, rejects_table
from paydesk.services.invoices.lookup import Lookup
from paydesk.store.cache.cache import SqlCache
from paydesk.store.verify.card_shapes import looks_like_card
from tests.domain.typed.test_card_numbers import AS_WRITTEN, NEIGHBORS, WITH_CODES
from tests.fakes.files import Files
from tests.fakes.ledger import LedgerMaker
from tests.fakes.world import CARD, START, Counter, FakeProcessor

HEAD = "Invoice #,Customer #,Customer,Zip,Due Date,Balance\n"
FIRST = HEAD + "50123,1001,Sample Bakery LLC,02108,7/22/2026,400.00\n50140,1001,Sample Bakery LLC,,,150.00\n"
SECOND = HEAD + "50123,1001,Sample Bakery LLC,02108,7/22/2026,100.00\n50200,1002,Renée,02109,,75.00\n"
EVIL = FIRST.replace("50123", "66666").replace("400.00", "  1.00")
"""The same file with another invoice, of the same size."""

Put = Callable[..., Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Return a function that writes a report, made so many days before the test's clock."""

    def write(text: str, days_ago: float = 0, name: str = "open.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        at = (START - timedelta(days=days_ago)).timestamp()
        os.utime(path, (at, at))
        return path

    return write


@pytest.fixture
def files(new_ledger: LedgerMaker) -> Files:
    return Files(new_ledger)


SWAPS = ["before the import", "before its last rows", "before its end"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("moment", SWAPS)
def test_only_the_file_that_was_previewed_is_imported(
    moment: str, kind: str, files: Files, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name, size and time are the same: somebody swapped the file on purpose."""
    seen, swapped = (made(tmp_path, text, f"{name}.{kind}") for name, text in (("a", FIRST), ("b", EVIL)))
    path = tmp_path / f"open.{kind}"
    path.write_bytes(seen.read_bytes())
    before = path.stat()

    def swap() -> None:
        path.write_bytes(swapped.read_bytes())
        os.utime(path, (before.st_atime, before.st_mtime))

    preview = files.importing.preview(path)
    if moment == SWAPS[0]:
        swap()
    else:
        report, real = preview.report, type(preview.report).chunks

        def chunks(size: int, header: Header | None = None) -> Iterator[tuple[Sequence[int], Any]]:
            if moment == SWAPS[1]:
                swap()
            yield from real(report, size, header)
            swap()

        monkeypatch.setattr(report, "chunks", chunks)
    with pytest.raises(KnownError, match="changed after you looked at it") as said:
        files.importing.run(preview, scope=Scope.WHOLE)
    assert said.value.next_step.startswith("Nothing was imported.")
    assert files.balances("50123", "50140", "66666") == [None, None, None]
    monkeypatch.undo()
    assert files.take(path).run.accepted == 2, "looked at again, it is imported"
    assert files.balances("66666") == [1_00]


def test_other_columns_are_looked_up_in_the_same_file(files: Files, put: Put) -> None:
    preview = files.importing.preview(put(FIRST))
    put(EVIL)
    again = files.importing.look_again(preview, preview.header)
    with pytest.raises(KnownError, match="changed after you looked at it"):
        files.importing.run(again, scope=Scope.WHOLE)


def test_a_file_that_is_gone_at_its_import_is_said(files: Files, put: Put) -> None:
    preview = files.importing.preview(put(FIRST))
    preview.report.path.unlink()
    with pytest.raises(KnownError, match="can't be read"):
        files.importing.run(preview, scope=Scope.WHOLE)


def made(folder: Path, text: str, name: str) -> Path:
    """Write a report as CSV or as a workbook."""
    path = folder / name
    if path.suffix == ".csv":
        path.write_text(text, encoding="utf-8")
        return path
    book = Workbook()
    assert book.active is not None
    for line in text.splitlines():
        book.active.append(line.split(","))
    book.save(path)
    return path


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
    assert invoice.read_at == START, "the file's time, in full"
    assert files.cache.customer("1001") == Customer("1001", "Sample Bakery LLC", zip_code="02108")


def test_the_same_file_again_changes_nothing(files: Files, put: Put) -> None:
    first = files.take(put(FIRST))
    again = files.take(put(FIRST, name="copy.csv"))
    assert again.same
    assert again.run == first.run
    assert len(files.importing.runs()) == 1


def test_a_newer_file_replaces_the_older(files: Files, put: Put) -> None:
    files.take(put(FIRST, days_ago=1))
    report = files.take(put(SECOND), close=1)
    assert files.balances("50123", "50140", "50200") == [100_00, 0, 75_00]
    assert (report.run.accepted, report.run.closed) == (2, 1)
    customer = files.cache.customer("1001")
    assert customer is not None
    assert customer.zip_code == "02108"


def test_a_file_of_some_customers_closes_only_theirs(files: Files, put: Put) -> None:
    files.take(put(FIRST + "50300,1003,Lee,02110,,20.00\n", days_ago=1))
    files.take(put(HEAD + "50123,1001,Sample Bakery LLC,02108,,100.00\n"), Scope.CUSTOMERS, close=1)
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
    again = files.take(put(SECOND), close=1)
    assert not again.same
    assert files.balances("50123", "50140", "50200") == [100_00, 0, 75_00]


def test_only_the_newest_import_can_be_undone(files: Files, put: Put) -> None:
    first = files.take(put(FIRST, days_ago=1))
    second = files.take(put(SECOND))
    with pytest.raises(KnownError, match="Only the newest"):
        files.importing.undo(first.run.id)
    files.importing.undo(second.run.id)
    with pytest.raises(KnownError, match="Only the newest"):  # the copies of what it overwrote are gone
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
    report = files.take(put(FIRST, days_ago=0.1))
    assert (report.run.accepted, report.newer) == (1, 1)
    assert files.balances("50123", "50140") == [1, 150_00]


def test_a_live_reading_since_the_import_survives_its_undoing(files: Files, put: Put) -> None:
    files.take(put(FIRST, days_ago=1))
    files.cache.keep(Invoice("50123", "1001", "Sample Bakery LLC", Money(9), Money(9), START))
    files.importing.undo()
    assert files.balances("50123", "50140") == [9, None]


def test_an_invoice_in_several_rows_is_not_taken_at_all(
    files: Files, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"{number},1001,Sample,,,1.00\n" for number in (1, 2, 2, 3, 4, 1, 5))
    monkeypatch.setattr(importing_module, "CHUNK", 3)
    report = files.take(put(HEAD + rows))
    assert (report.run.accepted, report.run.open_total) == (3, Money(3_00))
    why = "invoice {} is in more than one row, so its balance isn't certain"
    assert [(reject.line, reject.reason) for reject in report.rejects] == [
        (2, why.format(1)),
        (3, why.format(2)),
        (4, why.format(2)),
        (7, why.format(1)),
    ]
    assert files.balances("1", "2", "3") == [None, None, 1_00]
    assert report.run.rejected == 4


def test_rejected_rows_can_be_saved(files: Files, put: Put) -> None:
    report = files.take(put(FIRST + "50150,1001,=cmd,,,nothing\n"))
    saved = file_of(rejects_table(report.rejects), ".csv").decode("utf-8-sig").splitlines()
    assert saved[0].startswith("line,reason,column 1")
    assert saved[1] == "4,“nothing” is not an amount,50150,1001,'=cmd,,,nothing"


NOTED = "CC 4111 1111 1111 1111 exp 12/27 cvv 123 per phone call"


@pytest.mark.parametrize("odd", ["", "50141,1001,Sample Bakery LLC,,oops,\n"])
def test_a_card_number_noted_in_a_file_is_not_kept(files: Files, put: Put, odd: str) -> None:
    """The number is taken out, and the invoice stays, whether columns or rows are read."""
    head = "Invoice #,Customer #,Customer,Phone,Description,Policy #,Due Date,Balance\n"
    row = f"50123,1001,Bakery {NOTED},4111111111111111,{NOTED},BOP-4471,7/22/2026,400.00\n"
    other = "50140,1002,Café Renée,617-555-0142,Premium,HO-204417,7/22/2026,75.00\n"
    report = files.take(put(head + row + other + odd.replace(",\n", ",,,,\n")))
    invoice, customer = files.cache.invoice("50123"), files.cache.customer("1001")
    assert invoice is not None
    assert customer is not None
    assert invoice.description == "CC [card number removed]"
    assert (invoice.customer_name, customer.name) == ("Bakery CC [card number removed]",) * 2
    assert customer.phones == ("[card number removed]",)
    assert invoice.balance == Money(400_00)
    assert "the description looks like it has a card number" in [lost.reason for lost in report.lost]
    other_invoice = files.cache.invoice("50140")
    assert other_invoice is not None
    assert (other_invoice.customer_name, other_invoice.description) == ("Café Renée", "Premium")


def _workbook(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _separated(delimiter: str) -> Callable[[list[list[str]]], bytes]:
    def written(rows: list[list[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerows(rows)
        return out.getvalue().encode()

    return written


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("open.csv", _separated(",")),
        ("open.csv", _separated(";")),
        ("open.txt", _separated("\t")),
        ("open.xlsx", _workbook),
    ],
    ids=["comma", "semicolon", "tab", "xlsx"],
)
def test_no_spelling_gets_in_from_any_file(
    files: Files, tmp_path: Path, name: str, write: Callable[[list[list[str]]], bytes]
) -> None:
    """In each text column of a report, also in the policy number and the phone."""
    spellings = [one for one in (*AS_WRITTEN, *NEIGHBORS, *WITH_CODES) if one.isprintable()]
    rows = [["Invoice #", "Customer #", "Customer", "Phone", "Description", "Policy #", "Carrier", "Balance"]]
    rows += [
        [str(50123 + at), str(1001 + at), f"Ann {text}", text, text, text, f"Harbor {text}", "5.00"]
        for at, text in enumerate(spellings)
    ]
    (tmp_path / name).write_bytes(write(rows))
    report = files.take(tmp_path / name)
    assert report.run.accepted == len(spellings)
    for at, text in enumerate(spellings):
        invoice, customer = files.cache.invoice(str(50123 + at)), files.cache.customer(str(1001 + at))
        assert invoice is not None
        assert customer is not None
        assert not any(map(looks_like_card, [*every_text(invoice), *every_text(customer)])), text
        assert invoice.customer_name.startswith("Ann")
    assert not any(map(looks_like_card, every_text(report.lost)))


def test_a_rejected_row_shows_and_saves_no_card_number(files: Files, put: Put) -> None:
    text = "50141,1001,Sample Bakery LLC,,,4111 1111 1111 1111\n" + f"{NOTED},1001,Sample Bakery LLC,,,5.00\n"
    report = files.take(put(FIRST + text), Scope.UNKNOWN)
    assert len(report.rejects) == 2
    assert not any(holds_card_data(said) for one in report.rejects for said in (one.reason, *one.cells))
    assert b"1111 1111" not in file_of(rejects_table(report.rejects), ".csv")


def test_columns_are_corrected_once_and_remembered(files: Files, put: Put) -> None:
    text = "Zzz,Customer #,Customer,Balance,Zip\n50123,1001,Sample Bakery LLC,400.00,02108\n"
    preview = files.importing.preview(put(text))
    assert not preview.confirmed
    with pytest.raises(KnownError, match="no column PayDesk recognizes as invoice number"):
        files.importing.run(replace(preview, header=preview.header.with_column(Field.ZIP, "")))
    better = preview.header.with_column(Field.INVOICE_NUMBER, "zzz")
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
    with pytest.raises(KnownError, match=r"can't be read\. Line 2: “x0” is not an invoice number"):
        files.take(put(HEAD + rows))
    with pytest.raises(KnownError, match="no row that can be imported"):
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
    cache: SqlCache = files.cache
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
    """Nothing is locked between two chunks: another desk charges an invoice that is not in the file."""
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
    """A service that knows one customer, or is unreachable."""

    away = False

    def customer(self, number: str) -> Customer | None:
        if self.away:
            raise KnownError("AMS360's web service can't be reached.")
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
