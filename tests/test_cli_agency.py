"""The commands about AMS360: a desk that lives on files, from the import to the deposit file."""

from __future__ import annotations

from pathlib import Path

import pytest

from paydesk import app
from paydesk.cli import run
from paydesk.domain.consent import Channel
from paydesk.domain.money import Money
from paydesk.domain.payment import Draft, Payer
from paydesk.domain.quote import Quote
from paydesk.domain.selection import select
from paydesk.domain.tender import TenderKind
from paydesk.keys import KeyStore
from paydesk.paths import Paths
from paydesk.sandbox import Sandbox, keys
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
    assert "1 invoices, 1,234.50 open, 0 closed, 1 rejected" in out
    assert "line 3: “oops” is not an amount" in out
    assert "60002" in rejected.read_text(encoding="utf-8-sig")
    assert run([*desk, str(file)]) == 0
    assert "Nothing changed" in lines(capsys)
    assert run([*desk, "--undo"]) == 0
    assert run([*desk, "--list"]) == 0
    assert lines(capsys).endswith("undone\n")
    assert run([*desk, str(file), "--column", "nonsense=Notes"]) == 1
    assert run([*desk, str(file), "--column", "description=Notes", "--yes"]) == 0


def test_a_desk_that_lives_on_files(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No key of AMS360 is needed: lookup from the import, receipts into a deposit file."""
    with Sandbox(seed=1) as sandbox:
        text = SETTINGS.format(url=sandbox.anddone_url, origin=keys.ANDDONE_ORIGIN)
        (base / "settings.toml").write_text(text, encoding="utf-8")
        paths = Paths(base)
        store = KeyStore(paths.keys)
        store.set("anddone-api-key", keys.ANDDONE_API_KEY)
        store.set("anddone-app-key", keys.ANDDONE_APP_KEY)
        file = tmp_path / "open.csv"
        file.write_text(REPORT, encoding="utf-8")
        assert run(["--basedir", str(base), "import", str(file), "--yes"]) == 0
        running = app.open_desk(paths)
        try:
            desk = running.desk
            found = desk.lookup.by_customer("1001", "02108")
            selection = select(found.rows, ["60001"])
            quote = desk.offers(selection.subtotal)[TenderKind.CREDIT_CARD]
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
