"""The settings file: what it may contain, and the message for what it may not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from paydesk.config.settings import WsapiSettings, training_settings
from paydesk.config.settings_file import load, with_choices
from paydesk.domain.errors import KnownError, UnreadableError
from paydesk.domain.fee_schedule import FeeRule
from paydesk.domain.money import Money
from paydesk.domain.posting import AchAt, AnytimeAs, NoteAs, PostingChannel, PostingRules
from paydesk.domain.receipt import Paper
from paydesk.domain.tender import TenderKind
from paydesk.domain.world import LIVE, TEST, TRAINING, World, WorldKind

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


UAT = "https://api.uat.anddone.com/"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD))
    assert (settings.desk, settings.paper, settings.training) == ("Front-1", Paper.ROLL_80MM, False)
    assert settings.agency.address_lines == ("1 Elm Street", "Avon, NY 14414")
    assert settings.fee_schedule is not None
    assert settings.fee_schedule.ach_limit == Money(15_000_00)
    assert settings.fee_schedule.fees[TenderKind.CREDIT_CARD] == FeeRule(
        Decimal("3.19"), Money(30), Money(100), Money(250_00)
    )
    assert (settings.anddone.base_url, settings.anddone.read_timeout_s) == (
        "https://api.uat.anddone.com",
        45.0,
    )
    assert (settings.anddone.quiet_s, settings.anddone.attention_min) == (300.0, 30.0)


@pytest.mark.parametrize(
    ("address", "world"),
    [
        ("https://api.anddone.com", LIVE),
        ("https://api.uat.anddone.com/", TEST),
        ("http://127.0.0.1:8570", World(WorldKind.OTHER, "127.0.0.1:8570")),
        ("https://relay_1.elm-street.example.", World(WorldKind.OTHER, "relay_1.elm-street.example.")),
        ("https://[::1]:8443", World(WorldKind.OTHER, "[::1]:8443")),
    ],
)
def test_the_address_decides_the_world(tmp_path: Path, address: str, world: World) -> None:
    assert load(written(tmp_path, GOOD.replace(UAT, address))).world == world


@pytest.mark.parametrize(
    "link",
    [
        "https://pay.anddone.com/harbor",
        "https://anddone.com/pay?to=harbor",
        "https://links.pay.anddone.com/#/harbor",
        "https://pay.anddone.com",
        "",
    ],
)
def test_an_anytime_link_is_the_processors(tmp_path: Path, link: str) -> None:
    file = written(tmp_path, GOOD.replace("[anddone]", f'[anddone]\nanytime_link = "{link}"'))
    assert load(file).anddone.anytime_link == link


@pytest.mark.parametrize(
    "link",
    [
        "http://pay.anddone.com/harbor",
        "https://pay.anddone.com.example/harbor",
        "https://payanddone.com/harbor",
        "https://pay.anddone.com@example.com/harbor",
        "https://example.com/pay.anddone.com",
        "https://pay.anddone.com:8443/harbor",
        "https://pay.anddone.com/har bor",
        "https://pay.anddοne.com/harbor",
        "pay.anddone.com/harbor",
    ],
)
def test_an_anytime_link_that_leads_elsewhere_is_refused(tmp_path: Path, link: str) -> None:
    """The last but one has a Greek letter."""
    file = written(tmp_path, GOOD.replace("[anddone]", f'[anddone]\nanytime_link = "{link}"'))
    with pytest.raises(KnownError, match="AndDone's own address"):
        load(file)


def test_without_an_address_a_desk_is_live_and_a_training_desk_never(tmp_path: Path) -> None:
    assert load(written(tmp_path, "[agency]\nname = 'Elm'")).world == LIVE
    assert training_settings("https://api.anddone.com", "http://127.0.0.1:2", "o", "a").world == TRAINING


def test_an_agency_names_ams360s_fields_its_own_way(tmp_path: Path) -> None:
    text = GOOD + 'names = { "invoice.balance" = "openBalance" }\nlines_show_receipts = true\n'
    ams360 = load(written(tmp_path, text)).ams360
    assert ams360.names == {"invoice.balance": "openBalance"}
    assert ams360.lines_show_receipts
    assert not ams360.charge_from_cache, "charging from cached data has to be allowed explicitly"
    assert (ams360.charge_from_cache_h, ams360.keep_closed_days) == (24.0, 400.0)


@pytest.mark.parametrize("spelling", ["license", "licence"])
def test_the_license_is_read_in_both_spellings(tmp_path: Path, spelling: str) -> None:
    text = GOOD.replace("[agency]\n", f"[agency]\n{spelling} = 'PC-4711'\n")
    assert load(written(tmp_path, text)).agency.license == "PC-4711"


@pytest.mark.parametrize("text", ["desk = ", "[agency]"])
def test_who_sets_up_a_desk_is_not_told_to_ask_an_administrator(tmp_path: Path, text: str) -> None:
    with pytest.raises(KnownError) as said:
        load(written(tmp_path, text))
    assert said.value.for_admin == "Correct the file and save it."
    assert said.value.next_step.startswith("Ask your administrator")


def test_without_fees_there_is_no_tariff(tmp_path: Path) -> None:
    assert load(written(tmp_path, '[agency]\nname = "Elm"')).fee_schedule is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("desk = ", "can't be read"),
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
        *[
            (
                GOOD.replace(UAT, f"{address}"),
                "anddone.base_url must be an address",
            )
            for address in (
                "https://api.anddone.com@evil.example",
                "https://user:word@api.anddone.com",
                "https://",
                "https:///v1",
                "https://api.anddone.com/?to=evil",
                "https://api.anddone.com/#evil",
                "https://api.anddone.com?",  # was live, with every path behind a question mark
                "https://api.anddone.com#",
                "https://@api.anddone.com",
            )
        ],
        *[
            (GOOD.replace(UAT, address), "base_url is not an address")
            for address in (
                "http://127.0.0.1:99999",
                "http://127.0.0.1:0",
                "https://api.anddone.com:99999",  # was a crash at the start, as the next five were
                "https://api.anddone.com:443:443",
                "https://api.anddone.com:abc",
                "https://api.anddone.com:-1",
                "https://api.anddone.com:4_43",
                "https://1:2:3",
                "https://api.anddone.com:0",
                "https://[::1]:99999",
                "https://[::1",
                "https://[...]",
                "https://[v1.fe]",
            )
        ],
        *[
            (GOOD.replace(UAT, address), "anddone.base_url must name a host in letters a to z")
            for address in (
                "https://\u0430pi.anddone.com",  # a Cyrillic letter that looks like an a
                "https://api\u3002anddone\uff0ecom",
                "https://api%2eanddone.com",
                "https://api.anddone.com\\\\.evil.example",
                "https://api..anddone.com",
                "https://[fe80::1%25eth0]",
                f"https://{'a' * 64}.example",
                f"https://{'a.' * 130}example",
                "https://api.anddone.com;evil.example",
                "https://api.anddone\\n.com",
                "https://api.anddone.com/ /evil",
            )
        ],
        (GOOD.replace(UAT, "http://127.0.0.1"), "must begin with https://"),
        (GOOD.replace(UAT, "http://127.0.0.1:1@evil.example"), "must begin with"),
        *[
            (GOOD.replace("read_timeout_s = 45", f"quiet_s = {number}"), "anddone.quiet_s must be")
            for number in ("0", "-5", "59.9", "3600.5", "nan", "-nan", "inf", "-inf", "true")
        ],
        *[
            (GOOD.replace("= 45", f"= {number}"), "anddone.read_timeout_s must be")
            for number in ("-1", "0", "nan", "inf", "601")
        ],
        *[
            (GOOD.replace('"3.19"', f'"{number}"'), "fees.credit_card.percent must be")
            for number in (
                "NaN",
                "sNaN",
                "Infinity",
                "-Infinity",
                "100.01",
                "-0.01",
                "3_5",
                "1e1",
                "3,5",
                "3.5%",
                "+3",
            )
        ],
        (GOOD + "names = { a = 1 }", "ams360.names must be written like"),
        (GOOD + "lines_show_receipts = 'yes'", "ams360.lines_show_receipts must be true or false"),
        (GOOD + "charge_from_cache_h = -1", "ams360.charge_from_cache_h must be between 0 and"),
        (GOOD + "keep_closed_days = 3", "ams360.keep_closed_days must be between 30 and"),
        *[
            (f"[agency]\n{entry}", "holds what looks like a card number, which must not be stored")
            for entry in (
                "name='Elm 4111 1111 1111 1111'",
                "name='Elm'\nphone='4111111111111111 12/28'",
                "name='Elm'\naddress=['1 Elm St', '4111-1111-1111-1111']",
                "name='Elm'\nlicense='card4111111111111111'",
            )
        ],
        *[
            (f"time_zone = '{name}'\n[agency]\nname='Elm'", "is unknown; use a name like")
            for name in ("America", "posix", "", ".", "../../etc/passwd", "A" * 999)  # folders were a crash
        ],
        (f"[agency]\nname='{'x' * 1_001}'", "agency.name must have at most 1,000 characters"),
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


def test_a_text_is_one_line_that_cannot_steer_a_screen(tmp_path: Path) -> None:
    text = 'desk = "Front\\n1"\n[agency]\nname = "\\u202eElm\\u0007"\naddress = ["1 Elm\\tStreet"]\n'
    settings = load(written(tmp_path, text))
    assert (settings.desk, settings.agency.name) == ("Front 1", "Elm")
    assert settings.agency.address_lines == ("1 Elm Street",)


def test_a_missing_or_binary_file(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="no settings yet"):
        load(tmp_path / "settings.toml")
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KnownError, match="can't be read"):
        load(tmp_path / "settings.toml")


def test_the_training_desk_has_the_designs_figures() -> None:
    fee_schedule = training_settings("http://127.0.0.1:1", "http://127.0.0.1:2", "o", "a").fee_schedule
    assert fee_schedule is not None
    assert fee_schedule.ach_limit == Money(15_000_00)
    assert [fee_schedule.fees[kind].fee(Money(100_00)) for kind in TenderKind] == [
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
        ('[wsapi]\nnote_as = "letter"', "wsapi.note_as must be one of activity, note"),
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
    assert chosen.wsapi == WsapiSettings(base_url=url, login_id="sandbox", note_as=NoteAs.NOTE)
    for other in ('[wsapi]\nbase_url = "https://wsapi.ams360.com"\n', "[fees]\n"):
        path.write_text(other, encoding="utf-8")
        with pytest.raises(KnownError, match="is not a setting PayDesk knows"):
            with_choices(usual, path, url, "sandbox")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = " + "[" * 5_000, "lists in lists without end"),
        ("a = " + '{"a" = ' * 5_000, "can't be read"),
        ("a = " + "9" * 5_000, "a value in it is none"),
        (GOOD.replace("read_timeout_s = 45", "read_timeout_s = " + "9" * 400), "must be a number"),
        (GOOD.replace("read_timeout_s = 45", "read_timeout_s = 1e400"), "must be a number"),
        (f"# {'x' * 1_000_001}", "larger than any settings"),
        ("a = 2026-02-30", "can't be read"),
        ("a = \ud800", "can't be read"),
    ],
    ids=lambda text: text[:20],
)
def test_a_file_made_to_break_its_reader_is_refused_in_words(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(KnownError, match=words) as told:
        load(path)
    assert not isinstance(told.value, UnreadableError)
    assert len(told.value.sentence) < 400 + len(str(path))


def test_a_wrong_value_is_not_quoted(tmp_path: Path) -> None:
    """It may be a password that somebody wrote there."""
    with pytest.raises(KnownError) as told:
        load(written(tmp_path, f"password = {'7' * 5_000}"))
    assert "777" not in told.value.sentence


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(KnownError, match="it is not a file"):
        load(tmp_path)
