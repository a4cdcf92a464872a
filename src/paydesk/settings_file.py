"""Read ``settings.toml``; a bad file is named, with the entry that is wrong, and never changed."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from paydesk.domain.errors import KnownError
from paydesk.domain.money import ZERO, AmountError, Money
from paydesk.domain.posting import AchAt, AnytimeAs, PostingChannel, PostingRules
from paydesk.domain.quote import FeeRule, Tariff
from paydesk.domain.receipt import Agency, Paper
from paydesk.domain.tender import TenderKind
from paydesk.settings import (
    LIVE,
    Ams360Settings,
    AndDoneSettings,
    PostingSettings,
    Settings,
    Source,
    WsapiSettings,
    user_name,
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def load(path: Path) -> Settings:
    """Read the settings of a live desk.

    Raises KnownError, naming the file and the entry, when it is missing or malformed; the
    file is left as it is.
    """
    with _in_words(path):
        if not path.exists():
            raise KnownError(
                f"There are no settings yet: {path} is missing.",
                "Start with `paydesk --training`, or write the file as the README shows under Going live.",
            )
        return _settings(_Table(tomllib.loads(path.read_text("utf-8")), ""))


def with_choices(settings: Settings, path: Path, wsapi_url: str, login_id: str) -> Settings:
    """The training desk's settings with what its own file chooses: ``[wsapi]``, a note after a payment.

    Without the file they stay as they are. Raises KnownError as ``load`` does.
    """
    if not path.exists():
        return settings
    with _in_words(path):
        top = _Table(tomllib.loads(path.read_text("utf-8")), "")
        if "wsapi" in top:
            table = top.table("wsapi")
            found = _note(table, WsapiSettings(base_url=wsapi_url, login_id=login_id))
            settings = replace(settings, wsapi=found)
        top.finish()
        return settings


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """What is wrong with the file, in a sentence."""
    try:
        yield
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise KnownError(
            f"The settings file {path} cannot be read: {error}.", "Correct it and start again."
        ) from None
    except _Bad as bad:
        raise KnownError(f"In the settings file {path}, {bad}.", "Correct it and start again.") from None


class _Bad(Exception):
    pass


class _Table:
    """A TOML table that knows its name and which of its entries were asked for."""

    def __init__(self, raw: Mapping[str, Any], name: str) -> None:
        self._raw = dict(raw)
        self._name = name

    def take(self, key: str, kind: type[T], default: T) -> T:
        value = self._raw.pop(key, default)
        if kind is float and type(value) is int:
            value = float(value)  # 5 is as good as 5.0
        if type(value) is not kind:
            raise _Bad(f"{self._where(key)} must be {_KINDS[kind]}")
        assert isinstance(value, kind)
        return value

    def table(self, key: str) -> _Table:
        return _Table(self.take(key, dict, {}), self._where(key))

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.take(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise _Bad(f"{self._where(key)} must be a list of texts")
        return tuple(values)

    def names(self, key: str) -> Mapping[str, str]:
        values = self.take(key, dict, {})
        if not all(isinstance(value, str) for value in values.values()):
            raise _Bad(f'{self._where(key)} must be written like {{ "invoice.balance" = "openBalance" }}')
        return values

    def at_least(self, key: str, default: float, least: float) -> float:
        value = self.take(key, float, default)
        if not least <= value <= _MOST:
            raise _Bad(f"{self._where(key)} must be between {least:g} and {_MOST:g}")
        return value

    def decimal(self, key: str, default: str) -> Decimal:
        text = self.take(key, str, default)
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise _Bad(f'{self._where(key)} must be a number in quotes, like "3.50"') from None
        if not 0 <= value <= 100:
            raise _Bad(f"{self._where(key)} must be between 0 and 100")
        return value

    def money(self, key: str) -> Money | None:
        text = self.take(key, str, "")
        try:
            return Money.parse(text) if text else None
        except AmountError:
            raise _Bad(f'{self._where(key)} must be an amount in quotes, like "15000.00"') from None

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    def present(self) -> bool:
        return bool(self._raw)

    def finish(self) -> None:
        if self._raw:
            raise _Bad(f"{self._where(next(iter(self._raw)))} is not a setting PayDesk knows")

    def _where(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key


_MOST = 10_000.0
_KINDS: Mapping[type, str] = {
    str: "a text in quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a table",
    list: "a list",
}


def _settings(top: _Table) -> Settings:
    settings = Settings(
        world=LIVE,
        desk=_filled(top.take("desk", str, "Front-1"), "desk"),
        user=top.take("user", str, "") or user_name(),
        agency=_agency(top.table("agency")),
        refund_line=top.take("refund_line", str, ""),
        time_zone=_zone(top.take("time_zone", str, "America/Chicago")),
        paper=_paper(top.take("paper", str, Paper.LETTER.value)),
        tariff=_tariff(top.table("fees")),
        anddone=_anddone(top.table("anddone")),
        ams360=_ams360(top.table("ams360")),
        posting=_posting(top.table("posting")),
        wsapi=_wsapi(top.table("wsapi")),
        ledger_url=top.take("ledger_url", str, ""),
        ledger_backups=_backups(top.take("ledger_backups", int, 14)),
    )
    top.finish()
    return settings


def _backups(count: int) -> int:
    if count < 1:
        raise _Bad("ledger_backups must be at least 1")
    return count


def _filled(text: str, key: str) -> str:
    if not text.strip():
        raise _Bad(f"{key} must not be empty")
    return text.strip()


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise _Bad(f'time_zone "{name}" is unknown; use a name like America/Chicago') from None
    return name


def _paper(name: str) -> Paper:
    try:
        return Paper(name)
    except ValueError:
        raise _Bad(f"paper must be one of {', '.join(Paper)}") from None


def _agency(table: _Table) -> Agency:
    agency = Agency(
        name=_filled(table.take("name", str, ""), "agency.name"),
        address_lines=table.texts("address"),
        phone=table.take("phone", str, ""),
        email=table.take("email", str, ""),
        licence=table.take("licence", str, ""),
    )
    table.finish()
    return agency


def _tariff(table: _Table) -> Tariff | None:
    if not table.present():
        return None
    limit = table.money("ach_limit")
    if limit is None:
        raise _Bad('fees.ach_limit must be set, like "15000.00"')
    rules = {kind: _fee_rule(table.table(kind.value), kind) for kind in TenderKind}
    table.finish()
    return Tariff(rules, limit)


def _fee_rule(table: _Table, kind: TenderKind) -> FeeRule:
    if not table.present():
        raise _Bad(f'fees.{kind.value} must be set; write percent = "0" if there is no fee')
    rule = FeeRule(
        percent=table.decimal("percent", "0"),
        fixed=table.money("fixed") or ZERO,
        minimum=table.money("minimum"),
        maximum=table.money("maximum"),
    )
    table.finish()
    return rule


def _anddone(table: _Table) -> AndDoneSettings:
    base = AndDoneSettings()
    found = AndDoneSettings(
        base_url=_url(table, base.base_url, "anddone"),
        origin=table.take("origin", str, ""),
        connect_timeout_s=table.take("connect_timeout_s", float, base.connect_timeout_s),
        read_timeout_s=table.take("read_timeout_s", float, base.read_timeout_s),
        declined_is_final=table.take("declined_is_final", bool, base.declined_is_final),
        quiet_s=table.take("quiet_s", float, base.quiet_s),
        attention_min=table.at_least("attention_min", base.attention_min, 0),
    )
    table.finish()
    return found


def _ams360(table: _Table) -> Ams360Settings:
    base = Ams360Settings()
    found = Ams360Settings(
        source=_one_of(Source, table, "ams360.source", base.source),
        base_url=_url(table, base.base_url, "ams360"),
        agency_no=table.take("agency_no", str, ""),
        connect_timeout_s=table.take("connect_timeout_s", float, base.connect_timeout_s),
        read_timeout_s=table.take("read_timeout_s", float, base.read_timeout_s),
        names=table.names("names"),
        lines_show_receipts=table.take("lines_show_receipts", bool, base.lines_show_receipts),
        charge_from_cache=table.take("charge_from_cache", bool, base.charge_from_cache),
        charge_from_cache_h=table.at_least("charge_from_cache_h", base.charge_from_cache_h, 0),
        refresh_min=table.at_least("refresh_min", base.refresh_min, 0),
        refresh_window_days=table.at_least("refresh_window_days", base.refresh_window_days, 1),
        keep_closed_days=table.at_least("keep_closed_days", base.keep_closed_days, 30),
    )
    table.finish()
    return found


def _posting(table: _Table) -> PostingSettings:
    base = PostingRules()
    found = PostingSettings(
        PostingRules(
            channel=_one_of(PostingChannel, table, "posting.channel", base.channel),
            ach_at=_one_of(AchAt, table, "posting.ach_at", base.ach_at),
            anytime=_one_of(AnytimeAs, table, "posting.anytime", base.anytime),
        ),
        bank_short_name=table.take("bank_short_name", str, "").strip(),
    )
    if found.rules.channel is PostingChannel.EMS and not found.bank_short_name:
        raise _Bad('posting.bank_short_name must be set where posting.channel is "ems"')
    table.finish()
    return found


def _wsapi(table: _Table) -> WsapiSettings:
    base = WsapiSettings()
    service = replace(
        base,
        base_url=_url(table, base.base_url, "wsapi"),
        login_id=table.take("login_id", str, "").strip(),
    )
    return _note(table, service)


def _note(table: _Table, base: WsapiSettings) -> WsapiSettings:
    """How a note is written by the service of ``base``."""
    found = replace(
        base,
        employee_code=table.take("employee_code", str, "").strip(),
        note_as=table.take("note_as", str, base.note_as),
        action=table.take("action", str, base.action).strip(),
    )
    if found.note_as not in ("activity", "note"):
        raise _Bad('wsapi.note_as must be "activity" or "note"')
    table.finish()
    return found


def _one_of(words: type[E], table: _Table, name: str, default: E) -> E:
    text = table.take(name.rpartition(".")[2], str, default.value)
    try:
        return words(text)
    except ValueError:
        raise _Bad(f"{name} must be one of {', '.join(words)}") from None


def _url(table: _Table, default: str, name: str) -> str:
    url = table.take("base_url", str, default).rstrip("/")
    if not url.startswith("https://") and not url.startswith("http://127.0.0.1:"):
        raise _Bad(f"{name}.base_url must begin with https:// (http only for a test server at 127.0.0.1)")
    return url
