"""The settings file: what it may say, and the sentence for what it may not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.posting import AchAt, AnytimeAs, PostingChannel, PostingRules
from paydesk.domain.quote import FeeRule
from paydesk.domain.receipt import Paper
from paydesk.domain.tender import TenderKind
from paydesk.settings import WsapiSettings, training_settings
from paydesk.settings_file import load, with_choices

GOOD = """
desk = "Front-1"
time_zone = "America/Chicago"
paper = "roll_80mm"
refund_line = "Refunds: call us."
[agency]
name = "Elm Street Insurance"
address = ["1 Elm Street", "Avon, NY 14414"]
[fees]
ach_limit = "15000.00"
credit_card = { percent = "3.19", fixed = "0.30", minimum = "1.00", maximum = "250.00" }
debit_card = { percent = "0" }
ach = { fixed = "5.00" }
[anddone]
base_url = "https://api.uat.anddone.com/"
origin = "https://paydesk.elm.example"
read_timeout_s = 45
attention_min = 30
[ams360]
agency_no = "9999999-1"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD))
    assert (settings.desk, settings.paper, settings.training) == ("Front-1", Paper.ROLL_80MM, False)
    assert settings.agency.address_lines == ("1 Elm Street", "Avon, NY 14414")
    assert settings.tariff is not None
    assert settings.tariff.ach_limit == Money(15_000_00)
    assert settings.tariff.fees[TenderKind.CREDIT_CARD] == FeeRule(
        Decimal("3.19"), Money(30), Money(100), Money(250_00)
    )
    assert (settings.anddone.base_url, settings.anddone.read_timeout_s) == (
        "https://api.uat.anddone.com",
        45.0,
    )
    assert (settings.anddone.quiet_s, settings.anddone.attention_min) == (300.0, 30.0)


def test_an_agency_names_ams360s_fields_its_own_way(tmp_path: Path) -> None:
    text = GOOD + 'names = { "invoice.balance" = "openBalance" }\nlines_show_receipts = true\n'
    ams360 = load(written(tmp_path, text)).ams360
    assert ams360.names == {"invoice.balance": "openBalance"}
    assert ams360.lines_show_receipts
    assert not ams360.charge_from_cache, "charging from cached data has to be allowed explicitly"
    assert (ams360.charge_from_cache_h, ams360.keep_closed_days) == (24.0, 400.0)


def test_without_fees_there_is_no_tariff(tmp_path: Path) -> None:
    assert load(written(tmp_path, '[agency]\nname = "Elm"')).tariff is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("desk = ", "cannot be read"),
        ("desk = 3\n[agency]\nname='Elm'", "desk must be a text in quotes"),
        ("[agency]", "agency.name must not be empty"),
        ("colour = 'red'\n[agency]\nname='Elm'", "colour is not a setting PayDesk knows"),
        ("time_zone = 'Chicago'\n[agency]\nname='Elm'", 'time_zone "Chicago" is unknown'),
        ("[agency]\nname='Elm'\n[fees]\nach = {}", "fees.ach_limit must be set"),
        ("[agency]\nname='Elm'\n[fees]\nach_limit='1'", "fees.credit_card must be set"),
        (GOOD.replace('"3.19"', '"lots"'), "fees.credit_card.percent must be a number in quotes"),
        (GOOD.replace('"3.19"', "3.19"), "fees.credit_card.percent must be a text in quotes"),
        (GOOD.replace('"0.30"', '"-1"'), "fees.credit_card.fixed must be an amount in quotes"),
        (GOOD.replace("https://api.uat", "http://api.uat"), "anddone.base_url must begin with https://"),
        ("[agency]\nname='Elm'\naddress=[1]", "agency.address must be a list of texts"),
        (GOOD + "names = { a = 1 }", "ams360.names must be written like"),
        (GOOD + "lines_show_receipts = 'yes'", "ams360.lines_show_receipts must be true or false"),
        (GOOD + "charge_from_cache_h = -1", "ams360.charge_from_cache_h must be between 0 and"),
        (GOOD + "keep_closed_days = 3", "ams360.keep_closed_days must be between 30 and"),
        ("paper='A4'\n[agency]\nname='Elm'", "paper must be one of letter, roll_80mm"),
    ],
)
def test_a_malformed_file_is_named_and_left_as_it_is(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(KnownError) as error:
        load(path)
    assert words in error.value.sentence
    assert str(path) in error.value.sentence
    assert path.read_text(encoding="utf-8") == text


def test_a_missing_or_binary_file(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="no settings yet"):
        load(tmp_path / "settings.toml")
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KnownError, match="cannot be read"):
        load(tmp_path / "settings.toml")


def test_the_training_desk_has_the_designs_figures() -> None:
    tariff = training_settings("http://127.0.0.1:1", "http://127.0.0.1:2", "o", "a").tariff
    assert tariff is not None
    assert tariff.ach_limit == Money(15_000_00)
    assert [tariff.fees[kind].fee(Money(100_00)) for kind in TenderKind] == [
        Money(350),
        Money(150),
        Money(300),
    ]


def test_posting_and_the_way_to_ams360(tmp_path: Path) -> None:
    text = GOOD.replace("[ams360]\n", '[ams360]\nsource = "files"\n') + (
        '[posting]\nchannel = "file"\nach_at = "settlement"\nanytime = "note"\n'
        '[wsapi]\nlogin_id = "paydesk"\nnote_as = "note"\n'
    )
    settings = load(written(tmp_path, text))
    assert settings.posting.rules == PostingRules(PostingChannel.FILE, AchAt.SETTLEMENT, AnytimeAs.NOTE)
    assert (settings.needs_ems, settings.wsapi.login_id) == (False, "paydesk")
    assert load(written(tmp_path, GOOD)).needs_ems


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('[posting]\nchannel = "fax"', "posting.channel must be one of ems, file, none"),
        ('[posting]\nchannel = "ems"', "posting.bank_short_name must be set"),
        ('[posting]\nach_at = "never"', "posting.ach_at must be one of submission, settlement"),
        ('[posting]\nanytime = "lost"', "posting.anytime must be one of unapplied, note"),
        ('[wsapi]\nnote_as = "letter"', 'wsapi.note_as must be "activity" or "note"'),
    ],
)
def test_posting_that_cannot_be(entry: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(KnownError, match=words):
        load(written(tmp_path, GOOD + entry + "\n"))


def test_a_training_desk_chooses_notes_by_wsapi(tmp_path: Path) -> None:
    usual = training_settings("http://127.0.0.1:1", "http://127.0.0.1:2", "o", "a")
    path = tmp_path / "training.toml"
    url = "http://127.0.0.1:3/v3/WSAPIService.svc"
    assert with_choices(usual, path, url, "sandbox") == usual
    path.write_text('[wsapi]\nnote_as = "note"\n', encoding="utf-8")
    chosen = with_choices(usual, path, url, "sandbox")
    assert chosen.wsapi == WsapiSettings(base_url=url, login_id="sandbox", note_as="note")
    for other in ('[wsapi]\nbase_url = "https://wsapi.ams360.com"\n', "[fees]\n"):
        path.write_text(other, encoding="utf-8")
        with pytest.raises(KnownError, match="is not a setting PayDesk knows"):
            with_choices(usual, path, url, "sandbox")
