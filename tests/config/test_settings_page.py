"""The settings page matches the declarations."""

from __future__ import annotations

import re
from pathlib import Path

import dev
from paydesk.config.declare import declared
from paydesk.config.settings import Settings
from paydesk.config.settings_file import load
from tools import settings_page

PAGE = Path(dev.ROOT, "docs/settings.md")


def test_the_page_is_the_one_the_tool_prints() -> None:
    remedy = "Run:  .venv/bin/python tools/settings_page.py > docs/settings.md"
    assert PAGE.read_text("utf-8") == settings_page.page(), remedy


def test_every_setting_has_a_row_with_its_meaning() -> None:
    rows = {line.split("`")[1]: line for line in settings_page.page().splitlines() if line.startswith("| `")}
    keys = [key for key, _, _ in declared(Settings)]
    assert list(rows) == keys
    for key, _, known in declared(Settings):
        assert known.help.replace("``", "`").replace("|", r"\|") in rows[key]


def test_a_row_tells_kind_default_unit_and_range() -> None:
    page = settings_page.page()
    assert "| `anddone.read_timeout_s` | number | `60` | s | 0.1 to 600 |" in page
    assert '| `paper` | text | `"letter"` |  | `"letter"`, `"roll_80mm"` |' in page
    assert "| `fees.ach_limit` | amount | not set |  |  |" in page
    assert "Also read as `licence`." in page


def test_a_desk_reads_the_example(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.+?)```", settings_page.page(), re.DOTALL)
    file = tmp_path / "settings.toml"
    file.write_text(example, encoding="utf-8")
    assert load(file).ams360.read_timeout_s == 45
