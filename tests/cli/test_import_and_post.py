"""The commands about AMS360: a desk that uses files, from the import to the deposit file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from paydesk.cli.main import run
from paydesk.config.keys import KeyStore
from paydesk.config.paths import Paths
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.selection import select
from paydesk.domain.money import Money
from paydesk.domain.payment import Draft, Payer
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.sandbox import Sandbox
from paydesk.sandbox.server import keys
from paydesk.services.ports.agency import CannotSearch
from paydesk.wiring.desk import open_desk
from tests.fakes.world import CARD

REPORT = (
    "Invoice #,Customer #,Customer,Zip,Balance,Notes\n"
    '60001,1001,Sample Bakery LLC,02108,"1,234.50",x\n'
    "60002,1001,Sample Bakery LLC,02108,oops,x\n"
)
SETTINGS = """
desk = "Front-1"
time_zone = "America/New_York"
[agency]
name = "Elm Street Insurance"
[fees]
ach_limit = "15000.00"
credit_card = {{ percent = "3.5" }}
debit_card = {{ percent = "0" }}
ach = {{ fixed = "5.00" }}
[anddone]
base_url = "{url}"
origin = "{origin}"
[ams360]
source = "files"
[posting]
channel = "file"
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


def lines(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_import_shows_asks_tells_and_takes_back(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, rejected = tmp_path / "open.csv", tmp_path / "rejected.csv"
    file.write_text(REPORT, encoding="utf-8")
    desk = ["--training", "--basedir", str(base), "import"]
    assert run([*desk, str(file)]) == 1
    out, err = capsys.readouterr()
    assert "invoice_number   Invoice #" in out
    assert "not used:        Notes" in out
    assert err == "A file of this shape is new. Check the columns above, then say --yes.\n"
    assert run([*desk, str(file), "--yes", "--rejected", str(rejected)]) == 0
    out = lines(capsys)
    assert "1 invoices, $1,234.50 open, 0 closed, 1 rejected" in out
    assert "line 3: “oops” is not an amount" in out
    assert "60002" in rejected.read_text(encoding="utf-8-sig")
    assert run([*desk, str(file), "--rejected", str(rejected)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert run([*desk, str(file)]) == 0
    assert "Nothing changed" in lines(capsys)
    assert run([*desk, "--undo"]) == 0
    assert run([*desk, "--list"]) == 0
    assert lines(capsys).endswith("undone\n")
    assert run([*desk, str(file), "--column", "nonsense=Notes"]) == 1
    assert run([*desk, str(file), "--column", "description=Notes", "--yes"]) == 0


def test_a_missing_page_and_a_second_column_of_status_are_told(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.csv"
    rows = "60001,1001,Sample,5.00,Open,Y\n60002,1001,Sample,6.00,Open,\nPage 1 of 3,,,,,\n"
    file.write_text("Invoice,Customer #,Customer,Balance,Status,Void?\n" + rows, encoding="utf-8")
    assert run(["--training", "--basedir", str(base), "import", str(file), "--yes"]) == 0
    shown = lines(capsys)
    assert "also read:       Void?" in shown
    assert "line 4: the last page is 1 of 3" in shown
    assert "2 invoices, $6.00 open" in shown


def test_words_of_a_file_do_not_steer_the_terminal(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "open\u202evsc.csv"
    file.write_text(REPORT.replace("Notes", "No\x1b[31mtes\u2066"), encoding="utf-8")
    run(["--training", "--basedir", str(base), "import", str(file)])
    shown = lines(capsys)
    assert "openvsc.csv: headings in line" in shown
    assert "not used: No[31mtes" in shown
    assert all(line.isprintable() for line in shown.splitlines())


def test_import_closes_only_what_was_confirmed(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, rows = "Invoice,Customer #,Customer,Balance\n", [f"6000{at},1001,Sample,5.00\n" for at in range(6)]
    first, second, bad = (tmp_path / name for name in ("first.csv", "second.csv", "bad.csv"))
    first.write_text("As of 11/1/2025\n" + head + "".join(rows), encoding="utf-8")
    second.write_text("As of 11/2/2025\n" + head + "".join(rows[2:]) + "Total,,,20.00\n", encoding="utf-8")
    bad.write_text(head + "60001,1001,Sample,€5.00\n", encoding="utf-8")
    desk = ["--training", "--basedir", str(base), "import"]
    assert run([*desk, str(first), "--yes", "--scope", "complete"]) == 0
    assert "balances as of 2025-11-01 00:00 (title)" in lines(capsys)
    assert run([*desk, str(second), "--yes"]) == 0
    out = lines(capsys)
    assert "line 7: its own total 20.00 is that of its rows" in out
    said = "2 of 6 open invoices from earlier files are missing or zero here. They stay open, because"
    assert f"{said} that is more" in out
    assert "paydesk import --close 2" in out
    assert run([*desk, "--close", "3"]) == 1
    assert "would close 2, not 3" in capsys.readouterr().err
    assert run([*desk, "--close", "2"]) == 0
    assert "2 closed" in lines(capsys)
    assert run([*desk, str(bad), "--yes", "--rejected", str(tmp_path / "r.csv")]) == 1
    out, err = capsys.readouterr()
    assert "line 2: “€5.00” is not an amount" in out
    assert "Nothing changed." in err
    assert "60001" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--sheet", "Open"], "Only a workbook has sheets"),
        (["--heading-row", "9"], "The file has no row 9"),
        (["--heading-row", "2", "--yes"], "no column PayDesk recognizes as invoice number"),
        (["--customer", "Sample"], "has no customer number"),
        (["--column", "zip=Nope"], "no heading “Nope”"),
    ],
)
def test_an_answer_that_does_not_fit_the_file_is_said(
    options: list[str], words: str, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "open.csv"
    file.write_text(REPORT, encoding="utf-8")
    assert run(["--training", "--basedir", str(base), "import", str(file), *options]) == 1
    assert words in capsys.readouterr().err


def test_a_desk_that_lives_on_files(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No key of AMS360 is needed: lookups use the import, receipts go into a deposit file."""
    with Sandbox(seed=1) as sandbox:
        text = SETTINGS.format(url=sandbox.anddone_url, origin=keys.ANDDONE_ORIGIN)
        (base / "settings.toml").write_text(text, encoding="utf-8")
        paths = Paths(base)
        store = KeyStore(paths.keys)
        store.set("anddone-api-key", keys.ANDDONE_API_KEY, in_file=True)
        store.set("anddone-app-key", keys.ANDDONE_APP_KEY)
        file = tmp_path / "open.csv"
        file.write_text(REPORT, encoding="utf-8")
        assert run(["--basedir", str(base), "import", str(file), "--yes"]) == 0
        running = open_desk(paths)
        try:
            desk = running.desk
            with pytest.raises(CannotSearch, match="can't be searched by name here"):
                desk.agency_search.find("nobody")
            with pytest.raises(KnownError, match="Invoice 99999 isn't in the imported list"):
                desk.lookup.by_invoice("99999")  # AMS360 may well have it: its row may have been refused
            found = desk.lookup.by_customer("1001", "02108")
            selection = select(found.rows, ["60001"])
            quote = desk.quotes(selection.subtotal)[TenderKind.CREDIT_CARD]
            assert isinstance(quote, Quote)
            payer = Payer("Dana Reyes", customer_number="1001", customer_name="Sample Bakery LLC")
            payment = desk.authorize.pay(Draft(selection.lines, payer, quote, Channel.PHONE), CARD)
            assert desk.lookup.by_invoice("60001").rows[0].owed == Money(0)
        finally:
            running.close()
        capsys.readouterr()
        assert run(["--basedir", str(base), "deposit", "--out", str(tmp_path)]) == 0
        written = (tmp_path / "paydesk-deposit-D-0001.csv").read_text(encoding="utf-8-sig")
        assert f"Sample Bakery LLC,60001,{payment.receipt_number},1234.50," in written
        assert "D-0001: 1 receipts, not confirmed yet" in lines(capsys)
        assert run(["--basedir", str(base), "deposit", "--imported", "D-0001"]) == 0
        assert run(["--basedir", str(base), "deposit"]) == 1


def test_a_file_no_reader_expected_has_a_sentence_and_a_reference_in_the_log(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "open.csv"
    file.write_text(REPORT, encoding="utf-8")

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("paydesk.gateways.files.rows.Converter.convert", fail)
    assert run(["--training", "--basedir", str(base), "import", str(file), "--yes"]) == 1
    said = capsys.readouterr().err
    assert f"{file} can't be read: it needs more memory than this computer has." in said
    reference = re.findall(r"The log has it as ([0-9A-F]{6})\.", said)[0]
    log = Paths(base, training=True).log.read_text(encoding="utf-8")
    assert f"fault {reference}: MemoryError" in log
    assert "Traceback" not in said
